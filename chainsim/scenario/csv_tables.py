"""Tables of a scenario: segments, inputs, markets and enterprises in CSV files -> the same nodes as in YAML."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath

from chainsim.scenario.errors import Mark, Problems, suggestion
from chainsim.scenario.files import Files
from chainsim.scenario.nodes import Node, Path, overlaid, states_provenance
from chainsim.scenario.region import Observation, Target
from chainsim.scenario.registers import register
from chainsim.scenario.schema import NamedEnterprise

COMPANIONS = {
    "low": "low",
    "high": "high",
    "status": "status",
    "source": "source",
    "note": "note",
    "reasoning": "note",
    "unit": "unit",
}
"""Words of companion columns, and what of a number they state."""

NEVER = re.compile("(?!)")

Companions = Mapping[str, list[tuple[str, str]]]
"""What of the numbers in a column other columns state: pairs of part and column, by the number's column."""


FORMULA, ESCAPED = re.compile(r"'*[=+\-@\t\r]"), re.compile(r"'+[=+\-@\t\r]")


def escaped(text: str) -> str:
    """A text as it stands in a table: one that a spreadsheet would run, and one that looks escaped, after a quote."""
    return f"'{text}" if FORMULA.match(text) else text


def unescaped(text: str) -> str:
    """The text that stands escaped in a table."""
    return text[1:] if ESCAPED.match(text) else text


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
        """The column whose numbers a companion column describes; None if it is no companion."""
        main, _, word = column.rpartition("_")
        return main if word in COMPANIONS and self.holds(main) else None

    def companions(self, columns: Iterable[str]) -> Companions:
        """The columns that say something about the numbers of each column, those of its own before common ones."""
        stated = set(columns)
        return {
            column: [
                (part, name)
                for word, part in COMPANIONS.items()
                for name in (f"{column}_{word}", *([word] if word in self.common else []))
                if name in stated
            ]
            for column in stated
        }


class Paths(Layout):
    """Columns are paths: none tells about another, whatever its name ends with."""

    def main(self, column: str) -> str | None:
        """No column."""
        return None


PATHS = Paths((), (), (), re.compile(".+"), common=())
"""One point a row: values by dotted path."""
CITATIONS = Paths(("id",), ("id", "source"), (), re.compile(".+"), common=())
"""One source a row, by the key that stands for it; of the columns, `id`, `source` and `url` are read."""
POINT = "point"
"""A column of this name numbers the rows of a table of points for people; it is not read."""
POSTERIOR = "posterior.csv"
CALIBRATION = "calibration.json"
"""File in the folder of a calibration with draws of the numbers that were fitted, by path."""


@dataclass
class Row:
    """The filled cells of a line of a table, by column."""

    cells: dict[str, Node]
    mark: Mark
    companions: Companions

    def text(self, column: str) -> str:
        """The text of a cell, empty where nothing stands."""
        return str(self.cells[column].value) if column in self.cells else ""

    def value(self, column: str, key: Mark | None = None) -> Node | None:
        """The value of a column with range and source where they are stated; None where the cell is empty."""
        if column not in self.cells:
            return None
        entries = {"value": self.cells[column]}
        for part, companion in self.companions[column]:
            if companion in self.cells:
                entries.setdefault(part, self.cells[companion])
        return Node(entries, self.cells[column].mark, key or self.cells[column].mark)

    def cell(self, column: str) -> Node | None:
        """The value of a column, which is the cell itself where nothing stands beside it."""
        return self.value(column) if self.companions[column] else self.cells.get(column)


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
    ] + [(column, "value") for column in ("low", "high") if column in header.cells and column in layout.common]
    companions = layout.companions(header.cells)
    rows = [_row(line, header.cells, ranges, layout, companions, at, files) for line in body]
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
            yield _Line([unescaped(cell.strip()) for cell in cells], Mark(file, start, 1))
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
    line: _Line,
    header: list[str],
    ranges: list[tuple[str, str]],
    layout: Layout,
    companions: Companions,
    at: Path,
    files: Files,
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
    return None if empty else Row(nodes, mark, companions)


GROWTH = re.compile(r"growth_([0-9]+)")
"""Columns of a path of growth rates, by the first year each holds for."""

SEGMENTS = Layout(
    ("segment", "field"), ("segment", "field", "value"), ("segment", "field", "value"), common=tuple(COMPANIONS)
)
"""One value a row: `field` is a dotted path below the segment, such as `output` or `owners.state`."""

INPUT_FIELDS = {
    "coefficient": "inputs",
    "localization": "localization",
    "abroad": "abroad",
    "criticality": "criticality",
}
INPUTS = Layout(("from", "to"), ("from", "to", "coefficient"), ("from", "to", *INPUT_FIELDS))
"""One input of a segment a row; each column is a mapping of the segment in `to`, by the segment in `from`."""

MARKET_FIELDS = ("sales", "volume", "local_share", "growth")
MARKETS = Layout(("segment", "market"), ("segment", "market"), ("segment", "market", *MARKET_FIELDS), GROWTH)
"""One market of a segment a row."""

Entry = tuple[Path, Node]


def expand(tree: Node, holder: FilePath, files: Files) -> None:
    """Put tables in place of names: `chain.tables`, `enterprises`, `targets`, `observed` and `worlds.from`."""
    chain = tree.value.get("chain")
    if chain is not None and chain.is_mapping and "tables" in chain.value:
        segments = _segments(chain.value.pop("tables"), holder, files)
        stated = chain.value.get("segments")
        is_stated = stated is not None and stated.is_mapping
        chain.value["segments"] = overlaid(segments, stated) if is_stated else segments
    listed = tree.value.get("enterprises")
    if listed is not None and isinstance(listed.value, str):
        tree.value["enterprises"] = _items(listed, enterprise_layout(), holder, ("enterprises",), files)
    elif listed is not None and listed.is_mapping:
        tree.value["enterprises"] = register(listed, holder, files)
    for key, layout in (("targets", target_layout()), ("observed", observed_layout())):
        named = tree.value.get(key)
        if named is not None and isinstance(named.value, str):
            tree.value[key] = _items(named, layout, holder, (key,), files)
    worlds = tree.value.get("worlds")
    if worlds is not None and worlds.is_mapping and "from" in worlds.value:
        _draw(worlds, holder, files)


def enterprise_layout() -> Layout:
    """One enterprise a row, with the fields of the schema as columns."""

    return Layout(("id",), ("id", "name", "segment", "revenue"), tuple(NamedEnterprise.model_fields))


def observed_layout() -> Layout:
    """One observation a row, with the fields of the schema as columns."""
    needed = ("indicator", "year", "value")
    return Layout(("indicator", "year"), needed, tuple(Observation.model_fields), common=())


def target_layout() -> Layout:
    """One target a row, with the fields of the schema as columns."""
    return Layout(("id",), ("id", "target", "value"), tuple(Target.model_fields), common=())


def _draw(worlds: Node, holder: FilePath, files: Files) -> None:
    """Put evenly spaced rows of the table, or of the calibration, that `from` names in place of its name: `draws`."""
    named, at = worlds.value.pop("from"), ("worlds", "from")
    path = files.inside(holder, named.value, named.mark, at, above=1)
    if path is None:
        return
    if path.is_dir() and not as_calibrated(path):
        files.refuse(named.mark, at, f"{POSTERIOR} in there is not what the calibration wrote")
        return
    rows = rows_of(path / POSTERIOR if path.is_dir() else path, PATHS, named.mark, at, files)
    stated = worlds.value.setdefault("points", Node(len(rows), named.mark, named.key)).value
    if not rows or not isinstance(stated, int) or isinstance(stated, bool) or stated < 1:
        return
    if stated > len(rows):
        files.refuse(worlds.value["points"].mark, ("worlds", "points"), f"the table has {len(rows)} rows, not {stated}")
        return
    chosen = [rows[(2 * number + 1) * len(rows) // (2 * stated)] for number in range(stated)]
    paths = dict.fromkeys(column for row in chosen for column in row.cells if column != POINT)
    empty = next((row for row in chosen if not paths.keys() <= row.cells.keys()), None)
    if empty is not None:
        files.refuse(empty.mark, at, "expected a value in every cell")
        return
    draws = {path: Node([row.cells[path] for row in chosen], named.mark, named.key) for path in paths}
    worlds.value["draws"] = Node(draws, named.mark, named.key)


def as_calibrated(folder: FilePath) -> bool:
    """Whether the draws in a folder are those of its calibration, as far as it has a record that says so."""
    if not (folder / CALIBRATION).is_file():
        return True
    try:
        written = json.loads((folder / CALIBRATION).read_bytes())["files"][POSTERIOR]
        return hashlib.sha256((folder / POSTERIOR).read_bytes()).hexdigest() == written
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _segments(tables: Node, holder: FilePath, files: Files) -> Node:
    """The segments with what the tables state of them."""
    segments: dict[str, Node] = {}
    if not tables.is_mapping:
        files.refuse(tables.mark, ("chain", "tables"), "expected the CSV files of segments, inputs and markets")
        return Node(segments, tables.mark, tables.key)
    for name, named in tables.value.items():
        if name not in READERS:
            files.problems.add(
                named.place, ("chain", "tables", name), f"unknown table '{name}'{suggestion(name, READERS)}"
            )
            continue
        layout, reader = READERS[name]
        for row in _rows(named, layout, holder, ("chain", "tables", name), files):
            for path, value in reader(row):
                _enter(segments, path, value, files.problems)
    return Node(segments, tables.mark, tables.key)


def _rows(named: Node, layout: Layout, holder: FilePath, at: Path, files: Files) -> list[Row]:
    path = files.inside(holder, named.value, named.mark, at)
    return [] if path is None else rows_of(path, layout, named.mark, at, files)


def _segment_values(row: Row) -> Iterator[Entry]:
    value = row.value("value", row.cells["field"].mark)
    if value is not None:
        yield (row.text("segment"), *row.text("field").split(".")), value


def _input_values(row: Row) -> Iterator[Entry]:
    for column, field in INPUT_FIELDS.items():
        value = row.value(column, row.cells["from"].mark)
        if value is not None:
            yield (row.text("to"), field, row.text("from")), value


def _market_values(row: Row) -> Iterator[Entry]:
    market = (row.text("segment"), "markets", row.text("market"))
    for column in row.cells:
        year = GROWTH.fullmatch(column)
        value = row.value(column) if year or column in MARKET_FIELDS else None
        if value is not None:
            yield (*market, *(("growth", year[1]) if year else (column,))), value


READERS = {
    "segments": (SEGMENTS, _segment_values),
    "inputs": (INPUTS, _input_values),
    "markets": (MARKETS, _market_values),
}


def _items(listed: Node, layout: Layout, holder: FilePath, at: Path, files: Files) -> Node:
    """The rows of a table as a list of items."""
    rows = _rows(listed, layout, holder, at, files)
    items = [
        Node({column: row.cell(column) for column in row.cells if layout.holds(column)}, row.mark, row.mark)
        for row in rows
    ]
    return Node(items, listed.mark, listed.key)


def _enter(segments: dict[str, Node], path: Path, value: Node, problems: Problems) -> None:
    """Enter a value at its path below the segments; a second value of the same place is a problem."""
    entries, is_free = segments, True
    for part in path[:-1]:
        holder = entries.setdefault(part, Node({}, value.place, value.place))
        is_free = is_free and not states_provenance(holder)
        entries = holder.value
    if not is_free or path[-1] in entries:
        problems.add(value.place, ("chain", "segments", *path), "this is stated twice in the tables", lost=False)
    else:
        entries[path[-1]] = value
