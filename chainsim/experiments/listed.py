"""Points from a CSV file: a column for every path, a row for every point."""

from __future__ import annotations

import re
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, NamedTuple

from chainsim.experiments.axes import column
from chainsim.experiments.plan import FIXED
from chainsim.experiments.sampling import Columns
from chainsim.scenario.change import type_at
from chainsim.scenario.conform import cell
from chainsim.scenario.csv_tables import Layout, Row, rows_of
from chainsim.scenario.errors import Mark, ScenarioError
from chainsim.scenario.explain import found
from chainsim.scenario.files import Files

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

POINT = "point"
"""A column of this name numbers the rows for people; it is not read."""

AT = ("design", "file")


class Paths(Layout):
    """Columns are paths: none tells about another, whatever its name ends with."""

    def main(self, column: str) -> str | None:
        """No column."""
        return None


class Listing(NamedTuple):
    """The values of every path, one entry a row, and the places of the rows."""

    columns: Columns
    rows: list[Mark]


def listed(name: str, scenario: Scenario, design: FilePath, files: Files) -> Listing:
    """The points of a file; mistakes are noted with their cells."""
    path = design.parent / name
    layout = Paths((), (), (), re.compile(".+"), common=())
    rows = rows_of(path, layout, Mark(files.name(path.absolute())), AT, files) if exists(path, name, files) else []
    if not rows or files.problems.found:
        if not files.problems.found:
            files.problems.add(Mark(files.name(path.absolute()), 1, 1), AT, "the file holds no point")
        return Listing({}, [])
    paths = list(dict.fromkeys(key for row in rows for key in row.cells if key != POINT))
    own = {key: known(key, scenario, rows, files) for key in paths}
    if files.problems.found:
        return Listing({}, [])
    values = {key: column([value_of(row, key, scenario, own[key]) for row in rows]) for key in paths}
    return Listing(values, [row.mark for row in rows])


def exists(path: FilePath, name: str, files: Files) -> bool:
    """Whether the file is there; noted where it is not."""
    if not path.is_file():
        files.problems.add(Mark("design"), AT, f"there is no file '{name}'")
    return path.is_file()


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
