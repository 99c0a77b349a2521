"""A store for other programs: CSV, Stata and Excel, in canonical order, with the values of the points beside the keys.

The same runs give the same bytes, however they were made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from chainsim.economy.parameters import in_money_of
from chainsim.indicators.table import Indicator
from chainsim.runs.certified import EXPORTED, exported, sha256_of
from chainsim.runs.exported import EXPORTS, FORMATS, SHEET_ROWS, check_format, stata_file, workbook
from chainsim.runs.frames import meanings
from chainsim.runs.output_folder import NOTHING_CHANGED, OutputError, disk_errors, whole_file
from chainsim.runs.provenance import SEAL, seal
from chainsim.runs.table_files import harmless
from chainsim.store.store import Store


@in_money_of(lambda store: store.scenario.money)
def export(store: Store, to: str, path: str | Path | None = None, table: str | None = None) -> list[Path]:
    """Write tables of a store and return the files.

    Excel takes all tables into one workbook. CSV and Stata take one file a table into the folder `path`, or the one
    `table` (region, where not said) into the file `path` if that ends in .csv or .dta. Without a path the files are in
    `export` in the store, where a record certifies them.

    *Raises* ValueError for an unknown format, OutputError where a table is too long for it or the disk refuses, Damaged
    where a record of the store is not what was written.
    """
    check_format(to)
    for damage in store.record_damages():
        raise damage
    names = [table] if table else list(store.tables)
    place = Path(path) if path is not None else store.folder / EXPORTS
    is_file = place.suffix.lower() == FORMATS[to]
    if is_file and to != "excel" and table is None:
        names = ["region" if "region" in names else names[0]]
    with disk_errors(place, NOTHING_CHANGED):
        if to == "excel":
            file = place if is_file else place / f"{store.manifest.name}.xlsx"
            file.parent.mkdir(parents=True, exist_ok=True)
            check_lengths(store, names)
            with whole_file(file) as partial:
                points = pa.Table.from_pandas(store.design, preserve_index=False)
                workbook([*((name, batches(store, name)) for name in names), ("design", [points])], partial)
            return certified([file], place, path is None)
        files = [place] if is_file else [place / f"{name}{FORMATS[to]}" for name in names]
        for name, file in zip(names, files, strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(file) as partial:
                if to == "csv":
                    csv_file(store, name, partial)
                else:
                    frame = whole(store, name)
                    stata_file(frame, labels(store, name, list(frame.columns)), partial)
        return certified(files, place, path is None)


def certified(files: list[Path], folder: Path, asked: bool) -> list[Path]:
    """The files; where it is asked, the record of their folder names them with their hashes, beside those of before."""
    if asked:
        record = folder / EXPORTED
        known = {name: hashed for name, hashed in exported(record).items() if (folder / name).exists()}
        state = {"files": known | {file.name: (file.stat().st_size, sha256_of(file)) for file in files}}
        with whole_file(record) as partial:
            partial.write_text(json.dumps({**state, SEAL: seal(state)}, indent=1), encoding="utf-8")
    return files


def batches(store: Store, name: str) -> Iterator[pa.Table]:
    """A table with the values of the points as last columns, a stretch of runs at a time."""
    design = pa.Table.from_pandas(store.design, preserve_index=False)
    stored, empty = store.table(name), True
    for batch in stored.iter_batches():
        empty = False
        yield with_point_values(pa.Table.from_batches([batch]), design)
    if empty:
        yield with_point_values(stored.shown.empty_table(), design)


def with_point_values(table: pa.Table, design: pa.Table) -> pa.Table:
    """The table with the values of its points as last columns."""
    rows = table["point"].combine_chunks()
    for number, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            table = table.set_column(number, field, missing_as_null(table[field.name]))
    for path in design.column_names[1:]:
        table = table.append_column(path, design[path].take(rows))
    return table


def missing_as_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers of which those that are not there are empty cells in every format, neither `nan` nor an error."""
    return pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)


def csv_file(store: Store, name: str, path: Path) -> None:
    """A table as CSV that Excel opens: UTF-8 with a mark, no text that would run as a formula."""
    with path.open("wb") as stream:
        stream.write(b"\xef\xbb\xbf")
        writer = None
        for batch in batches(store, name):
            plain = batch.replace_schema_metadata(None)
            for number, field in enumerate(plain.schema):
                if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
                    plain = plain.set_column(number, field.name, unformulated(plain[field.name]))
            if writer is None:
                options = pacsv.WriteOptions(quoting_style="needed", quoting_header="needed")
                writer = pacsv.CSVWriter(stream, plain.schema, write_options=options)
            writer.write_table(plain)
        if writer is not None:
            writer.close()


def unformulated(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text without formulas."""
    words = column.combine_chunks().dictionary_encode()
    safe = pa.array([harmless(word) for word in words.dictionary.to_pylist()], type=words.dictionary.type)
    return pa.chunked_array([pa.DictionaryArray.from_arrays(words.indices, safe).cast(safe.type)])


def whole(store: Store, name: str) -> pd.DataFrame:
    """A table with the values of the points, in memory."""
    return pa.concat_tables(list(batches(store, name))).to_pandas()


def labels(store: Store, name: str, columns: list[str]) -> dict[str, Indicator]:
    """Unit and meaning of the columns of a table; the values of points are named by their paths."""
    return meanings(name, columns) | {path: Indicator("", path) for path in store.design.columns if path != "point"}


def check_lengths(store: Store, names: list[str]) -> None:
    """*Raises* OutputError where a table is too long for a sheet."""
    for name in names:
        if store.table(name).count() >= SHEET_ROWS:
            raise OutputError(f"{name} has more rows than the {SHEET_ROWS - 1:,} of a sheet; export it to csv")
