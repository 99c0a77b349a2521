"""The axes of a design, held against its scenario: stated under `vary`, or columns of a CSV file of points."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, NamedTuple

from chainsim.experiments.axes import Axis, column, distinct
from chainsim.experiments.sampling import Columns
from chainsim.scenario import nodes
from chainsim.scenario.change import type_at
from chainsim.scenario.conform import cell
from chainsim.scenario.csv_tables import PATHS, POINT, Row, rows_of
from chainsim.scenario.errors import Mark, Problems, ScenarioError
from chainsim.scenario.explain import found, sourced
from chainsim.scenario.field_types import NUMBERS
from chainsim.scenario.files import Files
from chainsim.scenario.nodes import Node

if TYPE_CHECKING:
    from chainsim.scenario.nodes import Sourced
    from chainsim.scenario.scenario import Scenario

FIXED = ("name", "title", "description", "extends", "seed", "replications", "record")
"""Parts of a scenario that a design cannot vary: seeds belong to replications, the rest changes no result."""

AT = ("design", "file")
"""Where a design names its file of points."""


def axes_of(tree: Node, scenario: Scenario, problems: Problems, key: str = "vary") -> list[Axis]:
    """The axes that a file states under a key, in its order; what is wrong with one is noted at its place."""
    stated = tree.value.get(key)
    if stated is None or not stated.is_mapping:
        return []
    given = {path: node for path, node in stated.value.items() if node.value is not None}
    made = [axis_of(path, node, scenario, problems, key) for path, node in given.items()]
    axes = [axis for axis in made if axis is not None]
    for axis in axes:
        holder = next((other for other in axes if axis.path.startswith(f"{other.path}.")), None)
        if holder is not None:
            problems.add(axis.mark, (key, axis.path), f"{holder.path} is varied as a whole already")
    return axes


def axis_of(path: str, node: Node, scenario: Scenario, problems: Problems, key: str) -> Axis | None:
    """One axis; None where it cannot be used."""
    at = (key, path)
    if path.partition(".")[0] in FIXED:
        problems.add(node.place, at, f"{path} cannot be varied: replications have the seeds seed, seed + 1, ...")
        return None
    try:
        own = found(scenario, path)
    except ScenarioError as error:
        problems.add(node.place, at, error.problems[0].message)
        return None
    if node.is_list:
        values = tuple(nodes.to_python(item) for item in node.value)
        repeated = [value for number, value in enumerate(values) if value in values[:number]]
        if repeated:
            problems.add(node.place, at, f"{repeated[0]} is listed twice")
        return Axis(path, node.place, own, values=values) if values and not repeated else None
    return range_of(at, node, scenario, own, problems) if node.is_mapping else None


def range_of(at: tuple[str, str], node: Node, scenario: Scenario, own: Any, problems: Problems) -> Axis | None:
    """A range: the stated ends, or those of the scenario and of the parameter. `at` are a key and the path."""
    path, kinds = at[1], type_at(scenario, tuple(at[1].split("."))).kinds
    if not kinds & NUMBERS or isinstance(own, bool):
        problems.add(node.place, at, "this is no number, so it has no range; list its values: [...]")
        return None
    known = known_range(scenario, path)
    ends = [
        stated_end(node, "low", known.low if known else None),
        stated_end(node, "high", known.high if known else None),
    ]
    if None in ends:
        missing = " and ".join(name for name, end in zip(("low", "high"), ends, strict=True) if end is None)
        problems.add(node.place, at, f"neither the scenario nor the parameter knows a range; state {missing}")
        return None
    low, high = ends
    whole, log = "number" not in kinds, "scale" in node.value and node.value["scale"].value == "log"
    refusal = refused(low, high, whole, log)
    if refusal:
        problems.add(node.place, at, refusal)
        return None
    return Axis(path, node.place, own, known.unit or "" if known else "", low=low, high=high, whole=whole, log=log)


def known_range(scenario: Scenario, path: str) -> Sourced | None:
    """What is known about the number; None where it is not stated."""
    try:
        return sourced(scenario, path)
    except ScenarioError:
        return None


def stated_end(node: Node, name: str, known: float | None) -> Any:
    """An end of the range as stated in the design, else as known."""
    value = node.value[name].value if name in node.value else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else known


def refused(low: float, high: float, whole: bool, log: bool) -> str:
    """What is wrong with the ends of a range."""
    if low >= high:
        return f"low {low:g} must be below high {high:g}"
    if whole and not (float(low).is_integer() and float(high).is_integer()):
        return f"this is a whole number; expected whole numbers as low and high, found {low:g} and {high:g}"
    return f"equal factors need a low above 0, found {low:g}" if log and low <= 0 else ""


class Listing(NamedTuple):
    """The values of every path, one entry a row, and the places of the rows."""

    columns: Columns
    rows: list[Mark]


def listed(named: Node, scenario: Scenario, design: FilePath, files: Files) -> Listing:
    """The points of a file in the folder of the design or below; mistakes are noted with their cells."""
    path = files.inside(design, named.value, named.mark, AT)
    rows = rows_of(path, PATHS, named.mark, AT, files) if path is not None else []
    if path is not None and not rows and not files.problems.found:
        files.problems.add(Mark(files.name(path), 1, 1), AT, "the file holds no point")
    if files.problems.found:
        return Listing({}, [])
    paths = list(dict.fromkeys(key for row in rows for key in row.cells if key != POINT))
    own = {key: known(key, scenario, rows, files) for key in paths}
    if files.problems.found:
        return Listing({}, [])
    values = {key: column([value_of(row, key, scenario, own[key]) for row in rows]) for key in paths}
    return Listing(values, [row.mark for row in rows])


def known(path: str, scenario: Scenario, rows: list[Row], files: Files) -> Any:
    """The scenario's value at a path; noted where the path leads nowhere."""
    mark = next(row.cells[path].mark for row in rows if path in row.cells)._replace(line=1)
    if path.partition(".")[0] in FIXED:
        files.problems.add(mark, (*AT, path), f"{path} cannot be varied")
        return None
    try:
        return found(scenario, path)
    except ScenarioError as error:
        files.problems.add(mark, (*AT, path), error.problems[0].message)
        return None


def value_of(row: Row, path: str, scenario: Scenario, own: Any) -> Any:
    """The value in a cell, read as its place asks for; the scenario's where the cell is empty."""
    return cell(row.text(path), type_at(scenario, tuple(path.split(".")))) if path in row.cells else own


def listed_axes(columns: Columns, scenario: Scenario, mark: Mark) -> list[Axis]:
    """The axes of listed points: the values that occur."""
    return [Axis(path, mark, found(scenario, path), values=distinct(values)) for path, values in columns.items()]
