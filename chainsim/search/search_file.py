"""A search file: which levers of a policy are moved how far, what is aimed at under which budget, and how it is read.

A portfolio has the levers of the file alone, at strengths from 0; a lever of strength 0 is left out. Whatever else the
policy has of levers is in no portfolio, and shocks and stages are those of the baseline.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from chainsim.economy.parameters import Frozen, Number
from chainsim.effects.pairing import paired
from chainsim.effects.shapley_split import alike
from chainsim.effects.worlds import FEWEST_FITTED, Draw, Vary, asked_worlds, drawn
from chainsim.experiments.design_file import HERE, Draft, check_name, named_after, named_file, refuse_nothing
from chainsim.runs.output_folder import OutputError
from chainsim.scenario import nodes
from chainsim.scenario.change import type_at
from chainsim.scenario.conform import conformed
from chainsim.scenario.errors import Mark, Problems, ScenarioError, printable
from chainsim.scenario.explain import found, sourced
from chainsim.scenario.field_types import NUMBERS, root_type
from chainsim.scenario.files import Files
from chainsim.scenario.load import load
from chainsim.scenario.messages import note_all
from chainsim.scenario.nodes import Node
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.yaml_reader import read
from chainsim.search.outcomes import outcome
from chainsim.search.portfolios import Search
from chainsim.search.surface import Role, Setting, terms_of

POINTS_PER_TERM = 1.5
"""Runs of a seed for every term of the surface, where their number is not stated."""
MOST_POINTS = 100_000
END = "expected two ends that rise, such as [0, 300]"


class Years(Frozen):
    """When a lever starts and stops, as ranges of years; what is left out stays as the policy states it."""

    start: tuple[int, int] | None = Field(None, description="Range of the first year in force.")
    stop: tuple[int, int] | None = Field(None, description="Range of the last year in force.")


class Drawn(Frozen):
    """Worlds of uncertain numbers, as `chainsim compare` draws them."""

    points: Annotated[int, Field(ge=2, le=10_000)] = Field(FEWEST_FITTED, description="Number of worlds.")
    from_: str | None = Field(None, alias="from", description="Folder of a calibration, relative to this file.")
    vary: Vary = Field("all", description="Numbers that are drawn.")
    runs: Literal["all", "listed"] = Field(
        "all", description="What is run in worlds: surfaces and fresh pairs, or listed portfolios alone."
    )


class SearchPlan(Frozen):
    """A search file as stated, before the scenarios are known."""

    name: str | None = Field(None, description="Name; that of the file where not stated.", min_length=1)
    base: str = Field(description="Baseline scenario, relative to this file.", min_length=1)
    policy: str = Field(description="Scenario that has the levers, relative to this file.", min_length=1)
    levers: dict[str, tuple[Number, Number] | Years] = Field(
        description="Ranges [low, high] by dotted path; of `levers.NAME.years` start and stop.", min_length=1
    )
    aims: dict[str, Literal["max", "min"]] = Field(description="Outcomes to raise or to lower.", min_length=1)
    budget: dict[str, Number | Literal["policy"]] = Field(
        {}, description="Most that a portfolio may have of an outcome; `policy` is what the policy has of it."
    )
    thresholds: dict[str, Number] = Field({}, description="What is good enough: least of an aim that is raised, most "
                                          "of one that is lowered.")  # fmt: skip
    worlds: Drawn | None = Field(None, description="Uncertain numbers; those of the scenarios where not stated.")
    seeds: Annotated[int, Field(ge=2, le=10_000)] = Field(16, description="Surfaces, each of a seed of its own.")
    points: Annotated[int, Field(ge=2, le=MOST_POINTS)] | None = Field(
        None, description="Portfolios that are run with every seed; 1.5 for every term where not stated."
    )
    verify: Annotated[int, Field(ge=4, le=10_000)] = Field(
        30, description="Pairs with fresh seeds for every portfolio that is listed: half are reported, half choose."
    )
    portfolios: Annotated[int, Field(ge=2, le=200)] = Field(8, description="Portfolios that are listed.")


def search_of(source: Search | Mapping[str, Any] | str | FilePath) -> Search:
    """The search of a file, or of a mapping with the same keys whose `base` and `policy` may be scenarios.

    *Raises* ScenarioError with every mistake of the file and its scenarios; nothing is run.
    """
    if isinstance(source, Search):
        return source
    problems = Problems()
    if isinstance(source, Mapping):
        given = {key: source[key] for key in ("base", "policy") if isinstance(source.get(key), Scenario)}
        plain = {**source, **{key: scenario.name for key, scenario in given.items()}}
        path = FilePath("search")
        return finished(
            Draft(nodes.from_python(plain, HERE), Files(path, problems, anywhere=True), path, problems), given
        )
    path = FilePath(source)
    files, start = Files(path, problems), Mark(printable(path.name), 1, 1)
    text = files.text(path, Mark(printable(path.name)), ())
    tree = read(text, printable(path.name), problems) if text is not None else None
    if tree is None or not tree.is_mapping:
        if text is not None and not problems.found:
            problems.add(start, (), "expected keys and values, such as 'base: mine.yaml'")
        raise ScenarioError(problems.found)
    return finished(Draft(tree, files, path, problems), {})


def finished(draft: Draft, given: Mapping[str, Scenario]) -> Search:
    """The search that the nodes state. *Raises* ScenarioError with everything that is wrong."""
    plan, problems = planned(draft), draft.problems
    scenarios = {key: given.get(key) or scenario_at(draft, key) for key in ("base", "policy")}
    base, policy = scenarios["base"], scenarios["policy"]
    if plan is None or base is None or policy is None or problems.found:
        raise ScenarioError(problems.found)
    policy = comparable(draft, base, policy)
    settings = settings_of(draft, plan, base, policy)
    outcomes = tuple(dict.fromkeys([*plan.aims, *plan.budget, *plan.thresholds]))
    for key, names in (("aims", plan.aims), ("budget", plan.budget), ("thresholds", plan.thresholds)):
        for name in names:
            try:
                outcome(base, name)
            except ValueError as error:
                problems.add(draft.tree.value[key].value[name].place, (key, name), str(error))
    if isinstance(limit := plan.budget.get("outlay"), float) and limit < 0:
        place = draft.tree.value["budget"].value["outlay"].mark
        problems.add(place, ("budget", "outlay"), f"expected 0 or more, since no outlay is below it, found {limit:g}")
    for name in plan.thresholds:
        if name not in plan.aims:
            place = draft.tree.value["thresholds"].value[name].place
            problems.add(place, ("thresholds", name), f"only an aim has a threshold; there are {', '.join(plan.aims)}")
    least = len(terms_of(settings)) + 2
    points = plan.points or int(np.ceil(POINTS_PER_TERM * (least - 2))) + 2
    if points < least:
        place = draft.tree.value["points"].mark
        problems.add(place, ("points",), f"{len(settings)} settings need {least} points or more, found {points}")
    problems.stop()
    searched = [name for name in policy.levers if name in {setting.lever for setting in settings}]
    levers = {name: policy.levers[name] for name in searched}
    alone = policy.model_copy(update={"levers": base.levers | levers, "groups": {}})
    made = Search(
        name=plan.name or (named_after(draft.path) if not given else policy.name),
        base=base,
        policy=alone,
        settings=settings,
        aims=plan.aims,
        budget={name: most for name, most in plan.budget.items() if most != "policy"},
        budget_of_policy=tuple(name for name, most in plan.budget.items() if most == "policy"),
        left_out=tuple(name for name in policy.levers if name not in base.levers | levers),
        thresholds=plan.thresholds,
        worlds=worlds_of(draft, plan, base, alone),
        worlds_listed=plan.worlds is not None and plan.worlds.runs == "listed",
        seeds=plan.seeds,
        points=points,
        verify=plan.verify,
        portfolios=plan.portfolios,
        outcomes=outcomes,
    )
    if made.budget_of_policy and made.stated is None:
        told = "the policy lies outside the ranges, so that it has no effect to be known; state a number"
        name = made.budget_of_policy[0]
        problems.add(draft.tree.value["budget"].value[name].place, ("budget", name), told)
        problems.stop()
    return made


def planned(draft: Draft) -> SearchPlan | None:
    """The stated keys and values; None where something is wrong with them, with the reasons noted."""
    check_name(draft)
    refuse_nothing(draft, "levers", END)
    place = root_type(SearchPlan)
    tree = conformed(draft.tree, place, (), draft.problems)
    try:
        return SearchPlan.model_validate_json(nodes.to_json(tree), strict=True)
    except ValidationError as error:
        note_all(error, tree, place, draft.problems)
        return None


def scenario_at(draft: Draft, key: str) -> Scenario | None:
    """The scenario that a key names; None where it cannot be used, with the reasons noted."""
    file = named_file(draft, key)
    if file is None:
        return None
    try:
        return load(file)
    except ScenarioError as error:
        draft.problems.found += error.problems
        return None


def comparable(draft: Draft, base: Scenario, policy: Scenario) -> Scenario:
    """The policy, ready to be run beside the baseline. *Raises* ScenarioError where it differs in more than levers."""
    ready = paired(base, policy)
    if not alike(policy, base):
        mark = draft.tree.value["policy"].mark
        draft.problems.add(
            mark, ("policy",), "differs from the baseline in shocks or stages; put them into the baseline"
        )
    draft.problems.stop()
    return ready


def settings_of(draft: Draft, plan: SearchPlan, base: Scenario, policy: Scenario) -> tuple[Setting, ...]:
    """The settings that the file states, in its order; what is wrong with one is noted at its place."""
    made: list[Setting] = []
    for path, stated in plan.levers.items():
        node = draft.tree.value["levers"].value[path]
        lever = lever_of(path, base, policy)
        if lever.startswith("!"):
            draft.problems.add(node.place, ("levers", path), lever[1:])
        elif isinstance(stated, Years):
            made += years_of(draft, node, path, stated, policy)
        else:
            made += number_of(draft, node, path, stated, policy, [each for each in made if each.lever == lever])
    for lever in dict.fromkeys(each.lever for each in made):
        own = [each for each in made if each.lever == lever]
        if not any(each.role == "strength" for each in own):
            field = policy.levers[lever].strength_field
            told = f"{lever} is never off; give a range from 0, such as levers.{lever}.{field}: [0, ...]"
            draft.problems.add(draft.tree.value["levers"].value[own[0].path].place, ("levers", own[0].path), told)
    return tuple(made)


def lever_of(path: str, base: Scenario, policy: Scenario) -> str:
    """The lever of a path; what is wrong with it after an exclamation mark."""
    parts = path.split(".")
    if len(parts) < 3 or parts[0] != "levers":
        return "!expected the path of a lever's number, such as levers.own_rd.rate"
    if parts[1] not in policy.levers:
        return f"!the policy has no lever '{parts[1]}'; it has {', '.join(policy.levers)}"
    if parts[1] in base.levers:
        return f"!the baseline has the lever {parts[1]} already, so that there is no portfolio without it"
    try:
        found(policy, path)
    except ScenarioError as error:
        return f"!{error.problems[0].message}"
    return parts[1]


def number_of(
    draft: Draft, node: Node, path: str, stated: tuple[float, float], policy: Scenario, before: list[Setting]
) -> list[Setting]:
    """The setting of a number: the strength of its lever where it is the first of it that begins at 0."""
    (low, high), (_, lever, *field) = stated, path.split(".")
    kinds = type_at(policy, tuple(path.split("."))).kinds
    value = found(policy, path)
    if not kinds & NUMBERS or isinstance(value, bool) or not isinstance(value, int | float):
        draft.problems.add(node.place, ("levers", path), "this is no single number, so it has no range")
        return []
    if not low < high:
        draft.problems.add(node.place, ("levers", path), END)
        return []
    whole = "number" not in kinds
    is_strength = field[0] in (policy.levers[lever].strength_field, "budget")
    first = low == 0.0 and is_strength and not any(each.role == "strength" for each in before)
    role: Role = "strength" if first else "extent"
    for end in (low, high):
        try:
            policy.replace({path: int(end) if whole else end})
        except ScenarioError as error:
            draft.problems.add(node.place, ("levers", path), f"{error.problems[0].message} (at {end:g})", lost=False)
    try:
        unit = sourced(policy, path).unit or ""
    except ScenarioError:
        unit = ""
    return [Setting(path, lever, role, low, high, whole, unit)]


def years_of(draft: Draft, node: Node, path: str, stated: Years, policy: Scenario) -> list[Setting]:
    """The settings of a lever's years."""
    lever, first, last = path.split(".")[1], policy.years.start + 1, policy.years.end
    if path.split(".")[2:] != ["years"]:
        draft.problems.add(node.place, ("levers", path), "start and stop belong to levers.NAME.years")
        return []
    made: list[Setting] = []
    if stated.start is None and stated.stop is None:
        draft.problems.add(
            node.place, ("levers", path), f"expected ranges of years, such as start: [{first}, {first + 4}]"
        )
    for role in ("start", "stop"):
        span = getattr(stated, role)
        if span is None:
            continue
        if not first <= span[0] < span[1] <= last:
            draft.problems.add(node.place, ("levers", path), f"expected two years that rise, from {first} to {last}")
            return []
        made.append(Setting(path, lever, role, float(span[0]), float(span[1]), whole=True, unit="y"))
    own = policy.levers[lever].span
    latest = stated.start[1] if stated.start else own[0]
    earliest = stated.stop[0] if stated.stop else own[1]
    if latest > earliest:
        told = f"it may start in {latest} and stop in {earliest}; let all starts come before all stops"
        draft.problems.add(node.place, ("levers", path), told)
    return made


def worlds_of(draft: Draft, plan: SearchPlan, base: Scenario, policy: Scenario) -> Draw | None:
    """The worlds that the file states, or else the scenarios. *Raises* ScenarioError where there can be none."""
    if plan.worlds is None and base.worlds is None:
        return None
    if plan.worlds is None:
        stated = base.worlds
        assert stated is not None
        number, vary, fitted = stated.points, stated.vary, None
        if stated.draws:
            import pandas as pd

            fitted = pd.DataFrame(stated.draws)
        return drawn(base, [policy], number, base.seed, vary, fitted)
    mark = draft.tree.value["worlds"].place
    asked: dict[str, Any] = {"points": plan.worlds.points}
    if plan.worlds.from_ is not None:
        folder = draft.files.inside(draft.path, plan.worlds.from_, mark, ("worlds", "from"), above=2)
        draft.problems.stop()
        asked["from"] = folder
    try:
        taken = asked_worlds(asked)
        assert taken is not None
        return drawn(base, [policy], taken.number, base.seed, plan.worlds.vary, taken.fitted)
    except (ValueError, OutputError) as error:
        draft.problems.add(mark, ("worlds",), str(error))
    raise ScenarioError(draft.problems.found)
