"""A store for other programs: CSV, Stata and Excel, in canonical order, with the values of the points beside the keys.

The same runs give the same bytes, however they were made.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from chainsim.runs.frames import meanings
from chainsim.runs.output_folder import NOTHING_CHANGED, OutputError, disk_errors, whole_file
from chainsim.runs.table_files import harmless
from chainsim.store.store import Store

FORMATS = {"csv": ".csv", "stata": ".dta", "excel": ".xlsx"}
SHEET_ROWS = 1_048_576
STATA_NAME = 32
STATA_LABEL = 80
FIRST_DAY = datetime(1980, 1, 1)
"""The time that files carry, so that equal tables are equal bytes."""


def export(store: Store, to: str, path: str | Path | None = None, table: str | None = None) -> list[Path]:
    """Write tables of a store and return the files.

    Excel takes all tables into one workbook. CSV and Stata take one file a table into the folder `path`, or the one
    `table` (region, where not said) into the file `path` if that ends in .csv or .dta. Without a path the files are in
    `export` in the store.

    *Raises* ValueError for an unknown format, OutputError where a table is too long for it or the disk refuses.
    """
    if to not in FORMATS:
        raise ValueError(f"unknown format '{to}'; there are {', '.join(FORMATS)}")
    names = [table] if table else list(store.tables)
    place = Path(path) if path is not None else store.folder / "export"
    is_file = place.suffix.lower() == FORMATS[to]
    if is_file and to != "excel" and table is None:
        names = ["region" if "region" in names else names[0]]
    with disk_errors(place, NOTHING_CHANGED):
        if to == "excel":
            file = place if is_file else place / f"{store.manifest.name}.xlsx"
            file.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(file) as partial:
                workbook(store, names, partial)
            return [file]
        files = [place] if is_file else [place / f"{name}{FORMATS[to]}" for name in names]
        for name, file in zip(names, files, strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(file) as partial:
                (csv_file if to == "csv" else stata_file)(store, name, partial)
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


def stata_file(store: Store, name: str, path: Path) -> None:
    """A table for Stata 14 and later, which reads Chinese; labels say unit and meaning, paths are cut to names."""
    frame = whole(store, name)
    known = meanings(name, list(frame.columns))
    labels = {column: f"{known[column].meaning} ({known[column].unit})" for column in known}
    labels |= {path: path for path in store.design.columns if path != "point"}
    names = [str(column) for column in frame.columns]
    short = stata_names(names)
    bools = {column: frame[column].astype(np.int8) for column in names if frame[column].dtype == bool}
    texts = {column: frame[column].astype(object) for column in names if frame[column].dtype.kind not in "biuf"}
    frame.assign(**bools, **texts).rename(columns=short).to_stata(
        path,
        write_index=False,
        version=118,
        time_stamp=FIRST_DAY,
        variable_labels={short[column]: label[:STATA_LABEL] for column, label in labels.items() if column in short},
    )


def stata_names(columns: list[str]) -> dict[str, str]:
    """Names that Stata accepts: letters, digits and _, at most 32, each once; the end of a path is kept."""
    names: dict[str, str] = {}
    for column in columns:
        name = re.sub(r"\W", "_", column)[-STATA_NAME:].lstrip("_0123456789") or "v"
        number = 2
        while name in names.values():
            end = f"_{number}"
            name, number = name[: STATA_NAME - len(end)] + end, number + 1
        names[column] = name
    return names


def workbook(store: Store, names: list[str], path: Path) -> None:
    """All tables as sheets, and the points.

    *Raises* OutputError where a table is too long for a sheet, OSError where the disk refuses.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    for name in names:
        if store.table(name).count() >= SHEET_ROWS:
            raise OutputError(f"{name} has more rows than the {SHEET_ROWS - 1:,} of a sheet; export it to csv")
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    with tempfile.TemporaryDirectory() as rows:
        book = xlsxwriter.Workbook(path, {**options, "tmpdir": rows})
        try:
            book.set_properties({"created": FIRST_DAY})
            for name in names:
                fill(book.add_worksheet(name), batches(store, name))
            fill(book.add_worksheet("design"), [pa.Table.from_pandas(store.design, preserve_index=False)])
            book.close()
        except XlsxWriterException as error:
            raise error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error)) from error
        finally:
            forget(book)


def forget(book: Any) -> None:
    """Let go of a workbook that may be unfinished: the library would try again, and complain, once it is collected."""
    book.fileclosed = 1
    for sheet in book.worksheets():
        if getattr(sheet, "row_data_fh", None) is not None:
            with suppress(OSError):
                sheet.row_data_fh.close()


def fill(sheet: Any, tables: Any) -> None:
    """Rows of tables on a sheet, under their names."""
    row = 0
    for table in tables:
        if row == 0:
            sheet.write_row(0, 0, table.column_names)
            sheet.freeze_panes(1, 0)
        for values in zip(*(column.to_pylist() for column in table.columns), strict=True):
            row += 1
            sheet.write_row(row, 0, values)
