"""A design file: what it may state, how it is read into a Design, and how a Design is written back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from chainsim.economy.arrays import leading_industries
from chainsim.economy.parameters import Frozen, Number
from chainsim.experiments.axes import Axis
from chainsim.experiments.design import Design, check_points
from chainsim.experiments.design_axes import AT, axes_of, listed, listed_axes
from chainsim.experiments.sampling import POWERS_OF_TWO, Grid, Kind, Listed, Sampled
from chainsim.runs.certified import is_safe_name
from chainsim.runs.frames import SAME_ROWS
from chainsim.runs.sweep_job import MOST_REPLICATIONS, Luck
from chainsim.scenario import nodes
from chainsim.scenario.conform import conformed
from chainsim.scenario.csv_tables import escaped
from chainsim.scenario.errors import Mark, Problems, ScenarioError, printable, shown
from chainsim.scenario.field_types import root_type
from chainsim.scenario.files import Files
from chainsim.scenario.load import is_scenario, load
from chainsim.scenario.messages import note_all
from chainsim.scenario.nodes import Node
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.yaml_reader import read
from chainsim.scenario.yaml_writer import yaml_lines
from chainsim.store.manifest import StoredDesign

HERE = Mark("design")
"""Where a design handed over in Python is stated."""

MOST_POINTS = 10_000_000

DESIGN_YAML, POINTS_CSV = "design.yaml", "points.csv"
"""Files of a store that state its design."""

TableName = Literal[
    "region", "tiers", "industries", "segments", "parks", "levers", "ledger", "trade", "named", "enterprises", "links"
]
Quantile = Annotated[Number, Field(ge=0, le=1)]


class Range(Frozen):
    """A range; `{}` stands for the scenario's own range of the number, or else the declared one of its parameter."""

    low: Number | None = Field(None, description="Lowest value.")
    high: Number | None = Field(None, description="Highest value.")
    scale: Literal["linear", "log"] = Field("linear", description="Even steps, or equal factors.")


class Plan(Frozen):
    """A design file as stated, before the scenario is known."""

    name: str | None = Field(None, description="Name of the sweep; that of the file where not stated.", min_length=1)
    scenario: str = Field(description="Scenario file, relative to the design.", min_length=1)
    vary: dict[str, Annotated[tuple[Any, ...], Field(min_length=1)] | Range] = Field(
        {}, description="Values by dotted path: a list, or a range such as {low: 1.5, high: 5}."
    )
    design: Annotated[Kind, Field(discriminator="kind")] = Field(Grid(), description="Which points are run.")
    replications: Annotated[int, Field(ge=1, le=MOST_REPLICATIONS)] | None = Field(
        None, description="Runs of every point; the scenario's where not stated."
    )
    luck: Luck = Field(
        "common", description="Whether all points share the seeds of replications, or every point has its own."
    )
    record: Annotated[tuple[TableName, ...], Field(min_length=1)] = Field(
        ("region", "segments", "levers"), description="Tables that are kept."
    )
    summary: tuple[Quantile, ...] = Field(
        (), description="Quantiles over the runs of a point that are kept in place of the runs; all runs where empty."
    )


@dataclass
class Draft:
    """A design while it is read: nodes as stated, problems so far."""

    tree: Node
    files: Files
    path: FilePath
    problems: Problems = field(default_factory=Problems)


def design_of(source: Design | Mapping[str, Any] | str | FilePath) -> Design:
    """The design of a YAML file, or of a mapping with the same keys whose `scenario` may be a Scenario.

    *Raises* ScenarioError with every mistake of the design, its scenario and its points; nothing is run.
    """
    if isinstance(source, Design):
        return source
    problems = Problems()
    if isinstance(source, Mapping):
        return from_mapping(source, problems)
    path = FilePath(source)
    files = Files(path, problems)
    text = files.text(path, Mark(printable(path.name)), ())
    tree = read(text, printable(path.name), problems) if text is not None else None
    if text is not None and (tree is None or not tree.is_mapping) and not problems.found:
        problems.add(Mark(printable(path.name), 1, 1), (), "expected keys and values, such as 'scenario: mine.yaml'")
    if tree is not None and tree.is_mapping and is_scenario(tree):
        told = f"this is a scenario, no design: chainsim run {path}, or name it in a design (scenario: {path.name})"
        problems.add(Mark(printable(path.name), 1, 1), (), told)
    problems.stop()
    if tree is None or not tree.is_mapping:
        raise ScenarioError(problems.found)
    return finished(Draft(tree, files, path, problems), None)


def from_mapping(source: Mapping[str, Any], problems: Problems) -> Design:
    """The design of plain data; files it names are relative to the current folder, and may lie anywhere."""
    given = source.get("scenario")
    scenario = given if isinstance(given, Scenario) else None
    plain = {**source, "scenario": scenario.name} if scenario is not None else dict(source)
    tree = nodes.from_python(plain, HERE)
    path = FilePath("design")
    return finished(Draft(tree, Files(path, problems, anywhere=True), path, problems), scenario)


def finished(draft: Draft, scenario: Scenario | None) -> Design:
    """The design that the nodes state. *Raises* ScenarioError with everything that is wrong."""
    problems = draft.problems
    plan = planned(draft)
    base = scenario if scenario is not None else base_scenario(draft)
    if base is None:
        raise ScenarioError(problems.found)
    axes = axes_of(draft.tree, base, problems)
    if plan is None or problems.found:
        raise ScenarioError(problems.found)
    check_plan(plan, axes, draft)
    check_record(plan, base, draft)
    rows: list[Mark] = []
    if isinstance(plan.design, Listed):
        columns, rows = listed(nodes.found(draft.tree, AT), base, draft.path, draft.files)
        axes = listed_axes(columns, base, draft.tree.mark)
    problems.stop()
    if not isinstance(plan.design, Listed):
        columns = plan.design.columns(axes)
    made = Design(
        name=plan.name or (named_after(draft.path) if scenario is None else base.name),
        scenario=recording(base, plan.record),
        axes=tuple(axes),
        kind=plan.design,
        columns=columns,
        replications=plan.replications or base.replications,
        record=tuple(dict.fromkeys(plan.record)),
        summary=tuple(sorted(set(plan.summary))),
        luck=plan.luck,
    )
    check_points(made, problems, rows)
    problems.stop()
    return made


def named_after(path: FilePath) -> str:
    """The name of a file without its ending, as a name that files of any system can have."""
    return printable(path.stem).replace("\\", "_")


def check_name(draft: Draft) -> None:
    """Note a name that no file can have, since exports are called by it."""
    name = draft.tree.value.get("name")
    if name is not None and isinstance(name.value, str) and not is_safe_name(name.value.replace("/", "\\")):
        message = "expected a name that can name a file: no /, \\ or .. in it, since exports are called by it"
        draft.problems.add(name.mark, ("name",), message)


def planned(draft: Draft) -> Plan | None:
    """The stated keys and values; None where something is wrong with them, with the reasons noted."""
    check_name(draft)
    refuse_nothing(
        draft, "vary", "expected a list of values, a range such as {low: 1, high: 2}, or {} for the number's own range"
    )
    place = root_type(Plan)
    tree = conformed(draft.tree, place, (), draft.problems)
    try:
        return Plan.model_validate_json(nodes.to_json(tree), strict=True)
    except ValidationError as error:
        note_all(error, tree, place, draft.problems)
        return None


def refuse_nothing(draft: Draft, key: str, message: str) -> None:
    """Note paths without a range below a key: what is left empty is not what is left out."""
    stated = draft.tree.value.get(key)
    for path, item in stated.value.items() if stated is not None and stated.is_mapping else ():
        if item.value is None:
            draft.problems.add(item.place, (key, path), message)


def named_file(draft: Draft, key: str) -> FilePath | None:
    """The file that a key names; None where there is none, with the reason noted."""
    named = draft.tree.value.get(key)
    if named is None or not isinstance(named.value, str):
        return None
    file = draft.files.inside(draft.path, named.value, named.mark, (key,), above=1)
    if file is not None and not file.is_file():
        draft.problems.add(named.mark, (key,), f"expected a file, found a folder or device, {shown(named.value)}")
        return None
    return file


def base_scenario(draft: Draft) -> Scenario | None:
    """The scenario that the design names; None where it cannot be used, with the reasons noted."""
    file = named_file(draft, "scenario")
    if file is None:
        return None
    try:
        return load(file)
    except ScenarioError as error:
        draft.problems.found += error.problems
        return None


def check_plan(plan: Plan, axes: list[Axis], draft: Draft) -> None:
    """Note what the kind of the design cannot do with its axes, and quantiles that cannot be taken."""
    kind, tree = plan.design, draft.tree
    at = tree.value["design"].place if "design" in tree.value else tree.mark
    if isinstance(kind, Listed):
        if axes:
            draft.problems.add(tree.value["vary"].place, ("vary",), "a list has its values in its file; leave vary out")
    elif not axes and not isinstance(kind, Grid):
        message = f"nothing is varied, and {kind.kind} needs a path with a list or a range; leave the design out to "
        draft.problems.add(tree.mark, ("vary",), f"{message}run the scenario itself")
    elif isinstance(kind, Sampled) and all(axis.listed for axis in axes):
        draft.problems.add(at, ("design",), f"{kind.kind} samples ranges, but every axis is a list; use kind: grid")
    elif isinstance(kind, Grid) and math.prod(len(axis.levels(kind.levels)) for axis in axes) > MOST_POINTS:
        draft.problems.add(
            at, ("design",), f"the grid has more than {MOST_POINTS:,} points; sample it with kind: sobol"
        )
    if isinstance(kind, POWERS_OF_TWO) and kind.points & (kind.points - 1):
        below = 1 << (kind.points.bit_length() - 1)
        message = f"expected a power of 2, such as {below} or {2 * below}, found {kind.points}"
        draft.problems.add(nodes.found(tree, ("design", "points")).mark, ("design", "points"), message)
    for number, name in enumerate(plan.record if plan.summary else ()):
        if name not in SAME_ROWS:
            message = f"the rows of {name} differ between runs, so it has no summary; record {', '.join(SAME_ROWS)}"
            draft.problems.add(nodes.found(tree, ("record", str(number))).mark, ("record", str(number)), message)


def check_record(plan: Plan, base: Scenario, draft: Draft) -> None:
    """Note a table of leading industries of a chain that states none."""
    chain = base.chain
    stated = ((segment.industry, name in chain.own_segments) for name, segment in chain.segments.items())
    if "industries" in plan.record and not leading_industries(stated):
        place = ("record", str(plan.record.index("industries")))
        message = "no segment of the chain states a leading industry, so there is no such table; leave it out"
        draft.problems.add(nodes.found(draft.tree, place).mark, place, message)


def recording(scenario: Scenario, record: tuple[str, ...]) -> Scenario:
    """The scenario keeping the state of enterprises and links where these tables are recorded, and only there."""
    wanted = {f"record.{name}": name in record for name in ("enterprises", "links")}
    own = {f"record.{name}": getattr(scenario.record, name) for name in ("enterprises", "links")}
    return scenario.replace({path: keep for path, keep in wanted.items() if keep != own[path]})


def stored_design(design: Design) -> StoredDesign:
    """The design as a store keeps it."""
    points = design.table()
    texts = {DESIGN_YAML: design_yaml(design)}
    if isinstance(design.kind, Listed):
        plain = points.map(lambda value: escaped(value) if isinstance(value, str) else value)
        texts[POINTS_CSV] = plain.to_csv(index=False, lineterminator="\n")
    return StoredDesign(
        name=design.name,
        scenario=design.scenario,
        points=points,
        replications=design.replications,
        luck=design.luck,
        record=design.record,
        summary=design.summary,
        kind=design.kind.model_dump(),
        axes={axis.path: {"values": axis.described, "unit": axis.unit} for axis in design.axes},
        texts=texts,
    )


def design_yaml(design: Design) -> str:
    """The design file of a store: the same points over the resolved scenario beside it, ranges written out."""
    kind = design.kind.model_dump()
    stated: dict[str, Any] = {"name": design.name, "scenario": "scenario.yaml"}
    if isinstance(design.kind, Listed):
        kind["file"] = POINTS_CSV
    elif design.axes:
        stated["vary"] = {axis.path: values_of(axis) for axis in design.axes}
    stated |= {"design": kind, "replications": design.replications, "luck": design.luck, "record": list(design.record)}
    if design.summary:
        stated["summary"] = list(design.summary)
    return "\n".join(["# Repeats this sweep: chainsim sweep design.yaml -o FOLDER", *yaml_lines(stated)]) + "\n"


def values_of(axis: Axis) -> list[Any] | Mapping[str, Any]:
    """The list or the range of an axis as a design file states it."""
    if axis.listed:
        return list(axis.values)
    return {"low": axis.low, "high": axis.high} | ({"scale": "log"} if axis.log else {})
