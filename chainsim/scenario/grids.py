"""Tables as other programs write them: CSV in any usual encoding and with any usual separator, .xlsx, Stata .dta.

A table is read as rows of text, as it stands; `number` reads a cell as people write numbers.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import struct
import zipfile
from pathlib import Path
from xml.etree import ElementTree

Grid = list[list[str]]
"""Cells of a table by row, stripped, in the order of the file; rows may differ in length."""

ENCODINGS = ("utf-8-sig", "gb18030")
"""Encodings in the order in which they are tried; GB 18030 holds GBK and GB 2312."""

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
CELL = re.compile(r"([A-Z]+)[0-9]+")
GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
LARGEST_SHEET = 300_000_000
"""Most bytes of an unpacked part of a workbook."""


class GridError(ValueError):
    """A table that cannot be read, with what to do."""


def read_grid(path: Path) -> Grid:
    """The cells of a table by the ending of its name: .xlsx, .dta, .csv, .tsv, .txt, the last three also with .gz.

    Raises
        GridError: for files that are damaged, in an unknown encoding, or of another kind.
    """
    kind = path.suffix.lower()
    if kind == ".dta":
        return _stata(path)
    content = path.read_bytes()
    if kind in (".xlsx", ".xlsm"):
        return _workbook(content)
    if kind == ".xls":
        raise GridError("an old Excel file; save it as .xlsx or CSV")
    return separated(text_of(gzip.decompress(content) if kind == ".gz" else content))


def text_of(content: bytes) -> str:
    """The text of a file in UTF-8, else in GB 18030."""
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise GridError("the file is neither UTF-8 nor GBK; save it as UTF-8 (in Excel: 'CSV UTF-8')")


def separated(text: str) -> Grid:
    """The cells of a text whose separator is the one of comma, semicolon and tab that its first lines hold most."""
    head = "\n".join(text.splitlines()[:5])
    separator = max(",;\t", key=head.count)
    try:
        return [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        ]
    except csv.Error as error:
        raise GridError(f"this is no table: {error}") from None


def number(cell: str) -> float | None:
    """The number in a cell: 1200, 1,200, 1 200, 0,5, 12 %; None where there is none."""
    text = cell.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("，", ",").replace("−", "-")
    percent = text.endswith(("%", "％"))
    text = text.rstrip("%％")
    if GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    elif text.count(".") > 1 or re.fullmatch(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+,[0-9]*", text):
        text = text.replace(".", "").replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return None
    return (value / 100 if percent else value) if abs(value) < float("inf") else None


def _workbook(content: bytes) -> Grid:
    """The first sheet of an Excel workbook, formulas as the values that were saved with them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            names = book.namelist()
            shared = [_text(item) for item in _part(book, "xl/sharedStrings.xml")] if _has_shared(names) else []
            sheets = sorted((n for n in names if re.fullmatch(r"xl/worksheets/sheet[0-9]+\.xml", n)), key=_sheet_number)
            rows = _part(book, sheets[0]).iter(f"{MAIN}row")
            return [_row(row, shared) for row in rows]
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, IndexError, ValueError) as error:
        raise GridError(f"this is no Excel workbook (.xlsx): {error}") from None


def _has_shared(names: list[str]) -> bool:
    return "xl/sharedStrings.xml" in names


def _sheet_number(name: str) -> int:
    return int(re.sub("[^0-9]", "", name.rpartition("/")[2]))


def _part(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if book.getinfo(name).file_size > LARGEST_SHEET:
        raise ValueError(f"{name} is larger than {LARGEST_SHEET // 1_000_000} MB")
    content = book.read(name)
    if b"<!DOCTYPE" in content[:1000]:
        raise ValueError("a document type stands where Excel writes none")
    return ElementTree.fromstring(content)


def _row(row: ElementTree.Element, shared: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{MAIN}c"):
        place = CELL.fullmatch(cell.get("r", ""))
        column = _column(place[1]) if place else len(cells)
        cells += [""] * (column - len(cells))
        cells.append(_value(cell, shared).strip())
    return cells


def _value(cell: ElementTree.Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return _text(cell)
    value = cell.findtext(f"{MAIN}v") or ""
    return shared[int(value)] if cell.get("t") == "s" else value


def _column(letters: str) -> int:
    """Position of a column from 0: A, B, ..., Z, AA."""
    position = 0
    for letter in letters:
        position = 26 * position + ord(letter) - ord("A") + 1
    return position - 1


def _text(element: ElementTree.Element) -> str:
    """Text of a shared or inline string, without readings of Chinese and Japanese letters."""
    return "".join(part.text or "" for part in element.iter(f"{MAIN}t"))


def _stata(path: Path) -> Grid:
    """A Stata file, its names of variables as first row."""
    import pandas as pd

    try:
        frame = pd.read_stata(path)
    except (ValueError, KeyError, struct.error) as error:
        raise GridError(f"this is no Stata file (.dta): {error}") from None
    body = [["" if pd.isna(value) else _plain(value) for value in row] for row in frame.itertuples(index=False)]
    return [list(map(str, frame.columns)), *body]


def _plain(value: object) -> str:
    """A value of Stata as text, whole numbers without a decimal point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
