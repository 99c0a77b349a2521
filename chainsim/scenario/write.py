"""A resolved scenario as files that can be run again and need nothing else: everything stated, with its provenance."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from chainsim.scenario.csv_tables import (
    INPUT_FIELDS,
    MARKET_FIELDS,
    enterprise_layout,
    escaped,
    observed_layout,
    target_layout,
)
from chainsim.scenario.explain import explained
from chainsim.scenario.nodes import Citation, Sourced, cited
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.yaml_writer import number, yaml_lines

HEADER = (
    "# Resolved scenario: every value is stated, defaults included. Run it again with `chainsim run` and this file."
)

DATA = "data"
"""Folder of the tables beside a resolved scenario."""


def dump(scenario: Scenario) -> str:
    """The scenario as one YAML text without tables; loading it gives an equal scenario."""
    return _document(scenario, stated(scenario, scenario.sources))


def write_resolved(scenario: Scenario, folder: str | Path) -> Path:
    """Write `scenario.yaml` and its tables in `data/` into a folder, and return the path of the YAML file.

    Segments, inputs, markets and enterprises go into tables, because YAML with all their sources is slow to read.
    """
    folder = Path(folder)
    data = stated(scenario, scenario.sources)
    (folder / DATA).mkdir(parents=True, exist_ok=True)
    if table := cited_by(scenario):
        data["citations"] = f"{DATA}/citations.csv"
        rows = [
            {"id": key, **{name: escaped(text) for name, text in item._asdict().items() if text}}
            for key, item in table.items()
        ]
        _write(folder / data["citations"], rows, ("id", *Citation._fields))
    path = folder / "scenario.yaml"
    path.write_text(_document(scenario, write_tables(data, folder, DATA)), encoding="utf-8")
    return path


def cited_by(scenario: Scenario) -> dict[str, Citation]:
    """What the keys stand for that sources and notes of a scenario and of its parameters name, as in their table."""
    if not scenario.citations:
        return {}
    named = {key for value in explained(scenario.with_origins({}, dict(scenario.sources))) for key, _ in value.cited}
    texts = [*(target.source for target in scenario.targets), *(point.source for point in scenario.observed)]
    named |= {key for text in texts for key in cited(text, scenario.citations)}
    return {key: citation for key, citation in scenario.citations.items() if key in named}


def stated(block: BaseModel, sources: Mapping[str, Sourced], path: str = "") -> dict[str, Any]:
    """The fields of a block as plain data, defaults included and absent values left out; numbers with what is known."""
    kind = _declared_class(type(block))
    fields = {name: getattr(block, name) for name in kind.model_fields}
    return {name: _plain(value, sources, f"{path}{name}") for name, value in fields.items() if value is not None}


def _plain(value: Any, sources: Mapping[str, Sourced], path: str) -> Any:
    if isinstance(value, BaseModel):
        return stated(value, sources, f"{path}.")
    if isinstance(value, Mapping):
        return {str(key): _plain(item, sources, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item, sources, f"{path}.{number}") for number, item in enumerate(value)]
    known = sources.get(path)
    return known if known is not None and known.value == value else value


def _document(scenario: Scenario, data: Mapping[str, Any]) -> str:
    notes = [
        f"# {path} ran as {kind.__module__}.{kind.__qualname__}, which a file cannot hold."
        for path, kind in _foreign(scenario, "")
    ]
    return "\n".join([HEADER, *notes, *yaml_lines(data)]) + "\n"


def _foreign(value: Any, path: str) -> Iterator[tuple[str, type]]:
    """Blocks of classes from outside the package, such as a user's stages."""
    if isinstance(value, BaseModel):
        if _declared_class(type(value)) is not type(value):
            yield path, type(value)
        entries: Any = ((name, getattr(value, name)) for name in type(value).model_fields)
    else:
        entries = value.items() if isinstance(value, Mapping) else ()
    for name, item in entries:
        yield from _foreign(item, f"{path}.{name}" if path else name)


def _declared_class(kind: type[BaseModel]) -> type[BaseModel]:
    """The class itself, or for a user's class the one of the package that it refines: a file knows only its fields."""
    return next(base for base in kind.__mro__ if base.__module__.partition(".")[0] == "chainsim" or base is BaseModel)


COMPANIONS = ("low", "high", "status", "source", "note", "unit")
ELSEWHERE = frozenset({*INPUT_FIELDS.values(), "markets"})
"""Fields of a segment that have tables of their own."""

Cells = dict[str, str]


def write_tables(data: dict[str, Any], folder: Path, name: str) -> dict[str, Any]:
    """Write the tables into `folder/name` and return the data with their names in place of them.

    What a cell cannot hold (text with blanks around it, empty text) stays in the data.
    """
    segments = data["chain"]["segments"]
    tables = {
        "segments": list(_segment_rows(segments)),
        "inputs": list(_input_rows(segments)),
        "markets": list(_market_rows(segments)),
    }
    files = {}
    for table, rows in tables.items():
        if rows:
            files[table] = f"{name}/{table}.csv"
            _write(folder / files[table], rows)
    chain = {key: part for key, part in data["chain"].items() if key != "segments"} | {"tables": files}
    rest = {segment: left for segment, fields in segments.items() if (left := _left_over(fields))}
    result = data | {"chain": chain | ({"segments": rest} if rest else {})}
    layouts = {"enterprises": enterprise_layout(), "targets": target_layout(), "observed": observed_layout()}
    for key, layout in layouts.items():
        rows = [{field: item for field, item in row.items() if item != ""} for row in data[key]]
        if rows and all(_fits(item) for row in rows for item in row.values()):
            result[key] = f"{name}/{key}.csv"
            _write(folder / result[key], [_wide(row) for row in rows], layout.columns)
    draws = data.get("worlds", {}).get("draws")
    if draws:
        rows = [dict(zip(draws, row, strict=True)) for row in zip(*draws.values(), strict=True)]
        _write(folder / name / "worlds.csv", [_wide(row) for row in rows])
        kept = {key: item for key, item in data["worlds"].items() if key != "draws"}
        result["worlds"] = kept | {"from": f"{name}/worlds.csv"}
    return result


def _segment_rows(segments: Mapping[str, Any]) -> Iterator[Cells]:
    for segment, fields in segments.items():
        for field, value in _leaves(fields):
            if _fits(value):
                yield {"segment": segment, "field": field, **_wide({"value": value}, prefix="")}


def _leaves(fields: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted paths and values below a segment, without those that have tables of their own."""
    for name, value in fields.items():
        if not path and name in ELSEWHERE:
            continue
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _left_over(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What of a segment no cell can hold."""
    left: dict[str, Any] = {}
    for field, value in _leaves(fields):
        if not _fits(value):
            *blocks, last = field.split(".")
            holder = left
            for block in blocks:
                holder = holder.setdefault(block, {})
            holder[last] = value
    return left


def _input_rows(segments: Mapping[str, Any]) -> Iterator[Cells]:
    for buyer, fields in segments.items():
        for supplier in fields["inputs"]:
            values = {
                column: fields[field][supplier] for column, field in INPUT_FIELDS.items() if supplier in fields[field]
            }
            yield {"from": supplier, "to": buyer, **_wide(values)}


def _market_rows(segments: Mapping[str, Any]) -> Iterator[Cells]:
    for segment, fields in segments.items():
        for market, stated in fields["markets"].items():
            values = {column: stated[column] for column in MARKET_FIELDS if column in stated}
            growth = values.pop("growth")
            years = (
                {f"growth_{year}": rate for year, rate in growth.items()}
                if isinstance(growth, Mapping)
                else {"growth": growth}
            )
            yield {"segment": segment, "market": market, **_wide(values | years)}


def _wide(values: Mapping[str, Any], prefix: str | None = None) -> Cells:
    """Cells of values by column, with companion columns for range and source."""
    cells: Cells = {}
    for column, value in values.items():
        start = f"{column}_" if prefix is None else prefix
        if isinstance(value, Sourced):
            companions = {
                f"{start}{word}": getattr(value, word) for word in COMPANIONS if getattr(value, word) is not None
            }
            cells |= {column: number(value.value)} | {key: _cell(part) for key, part in companions.items()}
        else:
            cells[column] = _cell(value)
    return cells


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return number(value) if isinstance(value, int | float) else escaped(str(value))


def _fits(value: Any) -> bool:
    """Whether a cell can hold a value so that it is read back as it is."""
    texts = [value.source, value.note, value.unit] if isinstance(value, Sourced) else [value]
    return all(not isinstance(item, str) or (item != "" and item == item.strip()) for item in texts)


def _write(path: Path, rows: list[Cells], order: Iterable[str] = ()) -> None:
    columns = list(dict.fromkeys([column for column in order if any(column in row for row in rows)]))
    columns += sorted({column for row in rows for column in row} - set(columns), key=_first_seen(rows))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _first_seen(rows: list[Cells]) -> Any:
    order: dict[str, int] = {}
    for row in rows:
        for column in row:
            order.setdefault(column, len(order))
    return order.__getitem__
