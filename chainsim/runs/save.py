"""Write a result into a folder that needs nothing beside it: tables, resolved scenario, provenance, report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from chainsim.runs.frames import meanings
from chainsim.runs.output_folder import RECORD, files_in, whole_folder

if TYPE_CHECKING:
    from chainsim.indicators import Indicator
    from chainsim.runs.results import Result

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def save(result: Result, folder: Path, csv: bool = False, overwrite: bool = False) -> Path:
    """Write the result; the folder is whole or absent. *Raises* OutputError where it is taken or the disk refuses."""
    from chainsim.report.pages import report

    page = report(result)
    with whole_folder(folder, overwrite) as partial:
        write_files(result, partial, csv)
        (partial / "report.html").write_text(page, encoding="utf-8")
        write_record(result, partial)
    return folder


def write_result(result: Result, folder: Path, csv: bool = False) -> None:
    """Fill a new folder, part of a larger output, with a result that can be read back; without a page of its own."""
    folder.mkdir()
    write_files(result, folder, csv)
    write_record(result, folder)


def write_files(result: Result, folder: Path, csv: bool) -> None:
    """Tables and resolved scenario."""
    from chainsim.scenario.write import write_resolved

    for name in result.tables:
        table = result.table(name)
        write_parquet(table, name, folder / f"{name}.parquet")
        if csv:
            write_csv(table, folder / f"{name}.csv")
    write_resolved(result.scenario, folder)


def write_record(result: Result, folder: Path) -> None:
    """The provenance, naming all files of the folder."""
    record = result.provenance.with_files([*files_in(folder), RECORD])
    (folder / RECORD).write_text(record.to_json(), encoding="utf-8")


def write_parquet(table: pd.DataFrame, name: str, path: Path, known: Mapping[str, Indicator] | None = None) -> None:
    """One table as Parquet; units and meanings stand in the metadata of the schema and of its fields.

    `known` are units and meanings of its columns; those of the tables of runs where not given.
    """
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(with_meanings(arrow, name, known), path, compression="zstd")


def with_meanings(arrow: pa.Table, name: str, known: Mapping[str, Indicator] | None = None) -> pa.Table:
    """The table with units and meanings of its columns in the metadata of the schema and of its fields."""
    known = meanings(name, arrow.column_names) if known is None else known
    fields = [
        field.with_metadata({"unit": known[field.name].unit, "meaning": known[field.name].meaning})
        if field.name in known
        else field
        for field in arrow.schema
    ]
    metadata = dict(arrow.schema.metadata or {}) | {
        b"table": name.encode(),
        b"units": json.dumps({column: item.unit for column, item in known.items()}).encode(),
        b"meanings": json.dumps({column: item.meaning for column, item in known.items()}).encode(),
    }
    return arrow.cast(pa.schema(fields, metadata=metadata))


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """One table as CSV that Excel opens: UTF-8 with a mark, no text that would run as a formula."""
    text = {column: table[column].map(harmless) for column in table.columns if table[column].dtype.kind not in "biuf"}
    table.assign(**text).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def harmless(value: object) -> object:
    """Text that a spreadsheet would read as a formula, quoted; anything else as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
