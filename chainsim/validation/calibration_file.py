"""A calibration file: which numbers are fitted to which targets with how many runs, and how it is read.

Runs are points of a Sobol sequence over the ranges, each with a seed of its own: runs that share their luck make
residuals too small and every interval far too narrow.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from chainsim.economy.parameters import Frozen
from chainsim.economy.types import Array
from chainsim.experiments.axes import Axis
from chainsim.experiments.design import Design, message, refused_ends
from chainsim.experiments.design_axes import axes_of
from chainsim.experiments.design_file import HERE, Draft, Range, check_name, named_after, named_file, refuse_nothing
from chainsim.experiments.sampling import Latin
from chainsim.scenario import nodes
from chainsim.scenario.conform import conformed
from chainsim.scenario.errors import Mark, Problems, ScenarioError, printable
from chainsim.scenario.field_types import root_type
from chainsim.scenario.files import Files
from chainsim.scenario.load import load
from chainsim.scenario.messages import note_all
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.yaml_reader import read
from chainsim.validation.paired_runs import alone
from chainsim.validation.response import terms

SAMPLE = 20201
"""Seed of the Sobol sequence of the points."""
OWN_LUCK = "runs that share their seeds make every interval far too narrow; expected luck: own"
FIT = "fit"
OF_LINKS = {"customer tail", "link survival"}
"""Patterns that are measured on links."""


class CalibrationPlan(Frozen):
    """A calibration file as stated, before the scenario is known."""

    name: str | None = Field(None, description="Name; that of the file where not stated.", min_length=1)
    scenario: str = Field(description="Scenario file, relative to this file.", min_length=1)
    fit: dict[str, Range] = Field(description="Ranges by dotted path; {} is the range that the number has itself.")
    targets: str | None = Field(None, description="Table of targets; those of the scenario where not stated.")
    luck: Literal["own", "common"] = Field("own", description="Every run has a seed of its own.")
    runs: Annotated[int, Field(ge=10, le=1_000_000)] = Field(2000, description="Runs over the ranges.")


def calibration_of(source: Design | Mapping[str, Any] | str | FilePath) -> Design:
    """The runs of a calibration file, or of a mapping with the same keys whose `scenario` may be a Scenario.

    *Raises* ScenarioError with every mistake of the file and its scenario; nothing is run.
    """
    if isinstance(source, Design):
        return source
    problems = Problems()
    if isinstance(source, Mapping):
        given = source.get("scenario")
        scenario = given if isinstance(given, Scenario) else None
        plain = {**source, "scenario": scenario.name} if scenario is not None else dict(source)
        path = FilePath("calibration")
        draft = Draft(nodes.from_python(plain, HERE), Files(path, problems, anywhere=True), path, problems)
        return finished(draft, scenario)
    path = FilePath(source)
    files = Files(path, problems)
    text = files.text(path, HERE._replace(file=printable(path.name)), ())
    tree = read(text, printable(path.name), problems) if text is not None else None
    if text is not None and (tree is None or not tree.is_mapping) and not problems.found:
        problems.add(Mark(printable(path.name), 1, 1), (), "expected keys and values, such as 'scenario: mine.yaml'")
    if tree is None or not tree.is_mapping:
        raise ScenarioError(problems.found)
    return finished(Draft(tree, files, path, problems), None)


def finished(draft: Draft, scenario: Scenario | None) -> Design:
    """The runs that the nodes state. *Raises* ScenarioError with everything that is wrong."""
    problems, tree = draft.problems, draft.tree
    plan = planned(draft)
    base = scenario if scenario is not None else scenario_with_targets(draft)
    if base is None:
        raise ScenarioError(problems.found)
    axes = axes_of(tree, base, problems, FIT)
    if plan is None or problems.found:
        raise ScenarioError(problems.found)
    if plan.luck == "common":
        problems.add(tree.value["luck"].mark, ("luck",), OWN_LUCK)
    if not axes:
        problems.add(tree.value[FIT].place, (FIT,), "nothing is fitted; state paths of numbers with their ranges")
    if not any(target.use == "fit" for target in base.targets):
        problems.add(tree.mark, ("targets",), "no target has the use fit, so there is nothing to fit to")
    least = 2 * terms(len(axes))
    if plan.runs < least:
        place = tree.value["runs"].mark if "runs" in tree.value else tree.mark
        problems.add(place, ("runs",), f"{len(axes)} numbers need {least} runs or more, found {plan.runs}")
    name = plan.name or (named_after(draft.path) if scenario is None else base.name)
    made = runs_over(name, alone(base), axes, plan.runs)
    for axis in axes:
        for refused, value, problem in refused_ends(axis, made):
            problems.add(axis.mark, (FIT, refused.path), message(problem, {axis.path: value}), lost=False)
    problems.stop()
    return made


def planned(draft: Draft) -> CalibrationPlan | None:
    """The stated keys and values; None where something is wrong with them, with the reasons noted."""
    check_name(draft)
    refuse_nothing(draft, FIT, "expected a range such as {low: 1, high: 2}, or {} for the number's own range")
    place = root_type(CalibrationPlan)
    tree = conformed(draft.tree, place, (), draft.problems)
    try:
        return CalibrationPlan.model_validate_json(nodes.to_json(tree), strict=True)
    except ValidationError as error:
        note_all(error, tree, place, draft.problems)
        return None


def scenario_with_targets(draft: Draft) -> Scenario | None:
    """The scenario that the file names, with the targets it names; None where either cannot be used, as noted."""
    found: dict[str, FilePath | None] = {}
    for key in ("scenario", "targets"):
        named = draft.tree.value.get(key)
        if named is not None and isinstance(named.value, str):
            found[key] = named_file(draft, key)
    file = found.get("scenario")
    if file is None or None in found.values():
        return None
    table = found.get("targets")
    changes = {} if table is None else {"targets": os.path.relpath(table, file.parent)}
    try:
        return load(file, changes)
    except ScenarioError as error:
        draft.problems.found += error.problems
        return None


def runs_over(name: str, base: Scenario, axes: list[Axis], runs: int) -> Design:
    """A run at each of the first points of a Sobol sequence over the axes; more runs continue the same sequence."""
    patterns = {target.of for target in base.targets if target.how == "pattern"}
    wanted = {"record.enterprises": bool(patterns), "record.links": bool(patterns & OF_LINKS)}
    positions = sequence(runs, len(axes))
    columns = {axis.path: axis.at(positions[:, number]) for number, axis in enumerate(axes)}
    kind = Latin(kind="latin", points=runs, seed=SAMPLE)
    return Design(name, base.replace(wanted), tuple(axes), kind, columns, 1, (), luck="own")


def sequence(runs: int, dimensions: int) -> Array:
    """The first points of a scrambled Sobol sequence, (runs, dimensions)."""
    from scipy.stats import qmc

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # any number of points may be taken here
        return np.asarray(qmc.Sobol(max(dimensions, 1), rng=SAMPLE).random(runs))


def positions_of(design: Design) -> Array:
    """Positions of the values of every run in the ranges, (runs, axes)."""
    found = []
    for axis in design.axes:
        values = np.asarray(design.columns[axis.path], dtype=np.float64)
        low, high = float(axis.low), float(axis.high)
        if axis.log:
            values, low, high = np.log(values), np.log(low), np.log(high)
        found.append((values - low) / (high - low))
    return np.column_stack(found)
