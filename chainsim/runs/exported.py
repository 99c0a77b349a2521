"""Tables for other programs: CSV, Stata and Excel, with units and meanings beside the numbers; missing stays missing.

The same tables give the same bytes.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from chainsim.indicators.table import Indicator
from chainsim.runs.output_folder import NOTHING_CHANGED, OutputError, disk_errors, whole_file
from chainsim.runs.table_files import write_csv

Format = Literal["csv", "stata", "excel"]
FORMATS = {"csv": ".csv", "stata": ".dta", "excel": ".xlsx"}
SHEET_ROWS = 1_048_576
STATA_NAME = 32
STATA_LABEL = 80
FIRST_DAY = datetime(1980, 1, 1)
"""The time that files carry, so that equal tables are equal bytes."""
EXPORTS = "export"
"""Folder of an output that holds its tables for other programs."""

Meanings = Mapping[str, Indicator]
"""Unit and meaning by column."""
Labelled = tuple[pd.DataFrame, Meanings]
"""A table, with unit and meaning of its columns."""


def check_format(to: str) -> None:
    """*Raises* ValueError with what there is."""
    if to not in FORMATS:
        raise ValueError(f"unknown format '{to}'; there are {', '.join(FORMATS)}")


def export_tables(tables: Mapping[str, Labelled], to: str, path: str | Path, name: str) -> list[Path]:
    """Write tables to a path and return the files.

    Excel takes all of them into one workbook, `path` or `name` in the folder `path`; CSV and Stata take a file each
    into that folder, or the first table into `path` where that ends in .csv or .dta. Identities of enterprises, whole
    numbers of 64 bits, are text in Stata and Excel, which have none.

    *Raises* ValueError for an unknown format, OutputError where a table is too long for it or the disk refuses.
    """
    check_format(to)
    place, end = Path(path), FORMATS[to]
    is_file = place.suffix.lower() == end
    with disk_errors(place, NOTHING_CHANGED):
        if to == "excel":
            file = place if is_file else place / f"{name}{end}"
            file.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(file) as partial:
                sheets = [(key, [sheet_of(table)]) for key, (table, _) in tables.items()]
                workbook([*sheets, ("columns", [columns_of(tables)])], partial)
            return [file]
        chosen = list(tables)[:1] if is_file else list(tables)
        files = [place if is_file else place / f"{key}{end}" for key in chosen]
        for key, file in zip(chosen, files, strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(file) as partial:
                if to == "csv":
                    write_csv(tables[key][0], partial)
                else:
                    stata_file(*tables[key], partial)
        return files


def stata_file(frame: pd.DataFrame, known: Meanings, path: Path) -> None:
    """A table for Stata 14 and later, which reads Chinese; labels say unit and meaning, long names are cut."""
    labels = {column: f"{item.meaning} ({item.unit})" if item.unit else item.meaning for column, item in known.items()}
    names = [str(column) for column in frame.columns]
    short = stata_names(names)
    plain = {column: stata_column(frame[column]) for column in names}
    frame.assign(**plain).rename(columns=short).to_stata(
        path,
        write_index=False,
        version=118,
        time_stamp=FIRST_DAY,
        variable_labels={short[column]: label[:STATA_LABEL] for column, label in labels.items() if column in short},
    )


def stata_column(column: pd.Series) -> pd.Series:
    """A column as Stata has them: numbers that are finite or missing, 0 and 1, text without gaps."""
    column = typed(column)
    kind = column.dtype.kind
    if kind == "b":
        return column.astype(np.int8)
    if kind in "iu" and pd.api.types.is_extension_array_dtype(column.dtype):
        return column.astype(float)
    if column.dtype == np.uint64:
        return column.astype(str).astype(object)
    if kind == "f":
        return column.where(np.isfinite(column))
    return column if kind in "iu" else column.astype(object).where(column.notna(), "")


def typed(column: pd.Series) -> pd.Series:
    """A column of numbers among which some are missing, as numbers; others, and those without any, as they are.

    Tables of policies one below the other have such columns, where a table is empty.
    """
    if column.dtype != object:
        return column
    there = [value for value in column if not pd.isna(value)]
    if not there or any(isinstance(value, str | bool | np.bool_) for value in there):
        return column
    return column.astype("Float64").astype(float)


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


def sheet_of(table: pd.DataFrame) -> pa.Table:
    """A table as rows of a sheet: what is not a finite number is an empty cell."""
    plain = table.copy(deep=False)
    for column in plain.columns:
        plain[column] = typed(plain[column])
        if plain[column].dtype == np.uint64:
            plain[column] = plain[column].astype(str)
        elif plain[column].dtype.kind == "f":
            plain[column] = plain[column].where(np.isfinite(plain[column]))
    return pa.Table.from_pandas(plain, preserve_index=False)


def columns_of(tables: Mapping[str, Labelled]) -> pa.Table:
    """Unit and meaning of every column of the tables."""
    rows = [
        {"table": key, "column": str(column), "unit": known[column].unit, "meaning": known[column].meaning}
        for key, (table, known) in tables.items()
        for column in table.columns
        if column in known
    ]
    return pa.Table.from_pandas(pd.DataFrame(rows, columns=["table", "column", "unit", "meaning"]))


def workbook(sheets: Iterable[tuple[str, Iterable[pa.Table]]], path: Path) -> None:
    """Sheets by name, each of tables one below the other.

    *Raises* OutputError where one is too long for a sheet, OSError where the disk refuses.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

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
            for name, tables in sheets:
                fill(book.add_worksheet(name), tables)
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


def fill(sheet: Any, tables: Iterable[pa.Table]) -> None:
    """Rows of tables on a sheet, under their names. *Raises* OutputError where there are too many."""
    row = 0
    for table in tables:
        if row == 0:
            sheet.write_row(0, 0, table.column_names)
            sheet.freeze_panes(1, 0)
        if row + table.num_rows >= SHEET_ROWS:
            raise OutputError(f"{sheet.name} has more rows than the {SHEET_ROWS - 1:,} of a sheet; export it to csv")
        for values in zip(*(column.to_pylist() for column in table.columns), strict=True):
            row += 1
            sheet.write_row(row, 0, values)
