"""CSV files as rows whose cells know their place and what other columns tell about them.

A column `x` may have companions `x_low`, `x_high`, `x_status`, `x_source`, `x_note` (or `x_reasoning`) and `x_unit`; the
words of `Layout.common` standing alone speak for every number of the row.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath

from chainsim.scenario.errors import Mark, suggestion
from chainsim.scenario.files import Files
from chainsim.scenario.nodes import Node, Path

TELLS = {
    "low": "low",
    "high": "high",
    "status": "status",
    "source": "source",
    "note": "note",
    "reasoning": "note",
    "unit": "unit",
}
"""Words of companion columns, and what they tell about a number."""

NEVER = re.compile("(?!)")


@dataclass(frozen=True)
class Layout:
    """The columns of a table: `keys` say what a row is about and are never empty, `needed` must be there."""

    keys: tuple[str, ...]
    needed: tuple[str, ...]
    columns: tuple[str, ...]
    pattern: re.Pattern[str] = NEVER
    common: tuple[str, ...] = ("status", "source", "note", "reasoning")

    def holds(self, column: str) -> bool:
        """Whether a column holds values of its own."""
        return column in self.columns or self.pattern.fullmatch(column) is not None

    def main(self, column: str) -> str | None:
        """The column that a companion tells about; None if it is no companion."""
        main, _, word = column.rpartition("_")
        return main if word in TELLS and self.holds(main) else None


@dataclass
class Row:
    """The filled cells of a line of a table, by column."""

    cells: dict[str, Node]
    mark: Mark
    layout: Layout

    def text(self, column: str) -> str:
        """The text of a cell, empty where nothing stands."""
        return str(self.cells[column].value) if column in self.cells else ""

    def value(self, column: str, key: Mark | None = None) -> Node | None:
        """The value of a column with what is told about it; None where the cell is empty."""
        if column not in self.cells:
            return None
        entries = {"value": self.cells[column]}
        for word, told in TELLS.items():
            teller = self.cells.get(f"{column}_{word}") or (
                self.cells.get(word) if word in self.layout.common else None
            )
            if teller is not None:
                entries.setdefault(told, teller)
        return Node(entries, self.cells[column].mark, key or self.cells[column].mark)


def rows_of(path: FilePath, layout: Layout, named: Mark, at: Path, files: Files) -> list[Row]:
    """The rows of a table; mistakes in its layout are problems of the path `at`, whose value named the file."""
    text = files.text(path, named, at)
    if text is None:
        return []
    file = files.name(path)
    try:
        lines = list(_lines(text, file))
    except csv.Error as error:
        files.refuse(Mark(file, 1, 1), at, f"this is not a CSV table: {error}")
        return []
    if not lines:
        files.refuse(Mark(file, 1, 1), at, "the table is empty")
        return []
    header, body = lines[0], lines[1:]
    if not _check_header(header, layout, at, files):
        return []
    ranges = [
        (column, main)
        for column in header.cells
        if column.endswith(("_low", "_high")) and (main := layout.main(column))
    ]
    rows = [_row(line, header.cells, ranges, layout, at, files) for line in body]
    return [row for row in rows if row is not None]


@dataclass
class _Line:
    cells: list[str]
    mark: Mark


def _lines(text: str, file: str) -> Iterator[_Line]:
    """The lines that hold anything, with the number of the line on which each starts."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield _Line([cell.strip() for cell in cells], Mark(file, start, 1))
        start = reader.line_num + 1


def _check_header(header: _Line, layout: Layout, at: Path, files: Files) -> bool:
    """Whether the columns that are needed are there; unknown and repeated ones are problems too."""
    missing = [column for column in layout.needed if column not in header.cells]
    if len(header.cells) == 1 and ";" in header.cells[0]:
        files.refuse(header.mark, at, "the cells are separated by semicolons; separate them by commas")
        return False
    for number, column in enumerate(header.cells):
        mark = header.mark._replace(column=column)
        if column and header.cells.index(column) < number:
            files.problems.add(mark, (*at, column), "this column is there twice")
        elif column and not (layout.holds(column) or layout.main(column) or column in layout.common):
            files.problems.add(mark, (*at, column), f"unknown column '{column}'{suggestion(column, layout.columns)}")
    if missing:
        message = f"the table lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}"
        files.refuse(header.mark, at, message)
    return not missing


def _row(
    line: _Line, header: list[str], ranges: list[tuple[str, str]], layout: Layout, at: Path, files: Files
) -> Row | None:
    """A row; None if it cannot be used. `ranges` are the columns of ends of ranges with the columns they belong to."""
    mark, cells, at = line.mark, line.cells, (*at, f"line {line.mark.line}")
    if len(cells) > len(header) and any(cells[len(header) :]):
        files.refuse(
            mark, at, f"the row has {len(cells)} cells, the header {len(header)}; put text with commas into quotes"
        )
        return None
    filled = {column: cell for column, cell in zip(header, cells, strict=False) if column and cell}
    empty = [column for column in layout.keys if column not in filled]
    for column in empty:
        files.refuse(mark._replace(column=column), at, f"the column {column} is empty")
    for column, main in ranges:
        if column in filled and main not in filled:
            files.problems.add(mark._replace(column=column), (*at, main), f"{column} is stated, but {main} is empty")
    nodes = {column: Node(cell, Mark(mark.file, mark.line, column), cell=True) for column, cell in filled.items()}
    return None if empty else Row(nodes, mark, layout)
