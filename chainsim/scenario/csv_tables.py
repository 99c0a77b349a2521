"""Tables of a scenario: segments, inputs, markets and enterprises in CSV files -> the same nodes as in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path as FilePath

from chainsim.scenario.errors import Problems, suggestion
from chainsim.scenario.files import Files
from chainsim.scenario.nodes import Node, Path, overlaid, states_provenance
from chainsim.scenario.rows import TELLS, Layout, Row, rows_of

GROWTH = re.compile(r"growth_([0-9]+)")
"""Columns of a path of growth rates, by the first year each holds for."""

SEGMENTS = Layout(
    ("segment", "field"), ("segment", "field", "value"), ("segment", "field", "value"), common=tuple(TELLS)
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
    """Put the tables that a file names under `chain.tables` and `enterprises` in place of their names."""
    chain = tree.value.get("chain")
    if chain is not None and chain.is_mapping and "tables" in chain.value:
        segments = _segments(chain.value.pop("tables"), holder, files)
        stated = chain.value.get("segments")
        is_stated = stated is not None and stated.is_mapping
        chain.value["segments"] = overlaid(segments, stated) if is_stated else segments
    listed = tree.value.get("enterprises")
    if listed is not None and isinstance(listed.value, str):
        tree.value["enterprises"] = _enterprises(listed, holder, files)


def enterprise_layout() -> Layout:
    """One enterprise a row, with the fields of the schema as columns."""
    from chainsim.scenario.schema import NamedEnterprise

    return Layout(("id",), ("id", "name", "segment", "revenue"), tuple(NamedEnterprise.model_fields))


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


def _enterprises(listed: Node, holder: FilePath, files: Files) -> Node:
    layout = enterprise_layout()
    rows = _rows(listed, layout, holder, ("enterprises",), files)
    items = [
        Node({column: row.value(column) for column in row.cells if layout.holds(column)}, row.mark, row.mark)
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
