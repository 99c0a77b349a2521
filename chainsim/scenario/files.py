"""The files of a scenario, read safely, never from outside the folder of the file that names them; and tables as other
programs write them: CSV in any usual encoding and with any usual separator, .xlsx, Stata .dta.

A table of another program is read as rows of text, as it stands; `number` reads a cell as people write numbers.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import struct
import zipfile
import zlib
from datetime import date, timedelta
from pathlib import Path
from stat import S_ISREG
from xml.etree import ElementTree

from chainsim.scenario import nodes
from chainsim.scenario.errors import Finding, Mark, Problems, printable, shown, suggestion

PROJECT = (".git", "pyproject.toml", "chainsim.toml")
"""What marks the folder of a project."""
LARGEST = 10_000_000
"""Most bytes of a file."""


class Files:
    """Reads files and remembers which; `name` is how a file is called in messages.

    `anywhere` is for names that come from Python code of the user and from no file.
    """

    def __init__(self, scenario: Path, problems: Problems, anywhere: bool = False) -> None:
        self.folder = scenario.absolute().parent.resolve()
        self.anywhere = anywhere
        self.problems = problems
        self.read: list[Path] = []
        self.complete = True
        self.notes: list[tuple[str, Finding]] = []
        """What was read otherwise than it stands, with its voice: warning or note."""
        self.citations: dict[str, nodes.Citation] = {}
        """What keys in sources stand for."""
        self.currencies: list[tuple[Mark, nodes.Path, str]] = []
        """Currencies that units of registers name, with their places."""

    def name(self, path: Path) -> str:
        """The path of a file relative to the folder of the scenario, in letters that can be told and written."""
        return printable(os.path.relpath(path, self.folder).replace(os.sep, "/"))

    def text(self, path: Path, mark: Mark, at: nodes.Path) -> str | None:
        """The text of a file; None if it cannot be read, with the reason among the problems."""
        refusal = _refusal(path)
        content = b""
        if refusal is None:
            try:
                content = path.read_bytes()
            except OSError as error:
                refusal = f"the file cannot be read: {error.strerror}"
        if refusal is not None:
            self.refuse(mark, at, f"{self.name(path)}: {refusal}" if mark.line else refusal)
            return None
        self.read.append(path)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = content[: error.start]
            place = Mark(self.name(path), before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
            self.refuse(place, (), "the file is not UTF-8: save it as UTF-8 (in Excel: 'CSV UTF-8')")
            return None

    def inside(self, holder: Path, name: object, mark: Mark, at: nodes.Path, above: int = 0) -> Path | None:
        """The path of a file named in `holder`, which must lie in the folder of `holder` or below.

        `above` is how many folders further up it may lie.
        """
        if not isinstance(name, str) or not name or "\0" in name:
            self.refuse(mark, at, "expected the name of a file, relative to this one")
            return None
        folder = holder.parent.resolve()
        try:
            path = (folder / name).resolve()
            exists = path.exists()
        except (OSError, RuntimeError):  # a name that is too long, or links in a circle
            self.refuse(mark, at, f"{shown(name)} cannot be the name of a file")
            return None
        root = (folder, *folder.parents)[min(above, len(folder.parents))]
        if not self.anywhere and not path.is_relative_to(root):
            self.refuse(mark, at, f"'{name}' leads out of the folder of {holder.name}; copy the file into it")
            return None
        if not exists:
            near = suggestion(path.name, sorted(os.listdir(path.parent)) if path.parent.is_dir() else [], most=0)
            self.refuse(mark, at, f"there is no file '{name}'{near}")
            return None
        return path

    def agree_on(self, money: str) -> None:
        """Refuse what was read in another currency than that of the scenario."""
        for mark, at, currency in self.currencies:
            if currency != money[:3]:
                self.refuse(mark, at, f"the register is in {currency}, the scenario in {money}; convert one of them")

    def above(self, holder: Path) -> int:
        """How many folders above that of `holder` the project begins: the nearest one that says so; 0 without any."""
        folders = [holder.parent.resolve(), *holder.parent.resolve().parents]
        marked = (number for number, folder in enumerate(folders) if any((folder / name).exists() for name in PROJECT))
        return next(marked, 0)

    def refuse(self, mark: Mark, at: nodes.Path, message: str) -> None:
        """Note a file that is not read, so that nothing is said about values it might have held."""
        self.complete = False
        self.problems.add(mark, at, message)


def _refusal(path: Path) -> str | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return "there is no such file"
    except OSError as error:
        return f"the file cannot be read: {error.strerror}"
    except ValueError:
        return "this is not the name of a file"
    if not S_ISREG(status.st_mode):
        return "expected a file, found a folder or device"
    if status.st_size > LARGEST:
        return f"the file is larger than {LARGEST // 1_000_000} MB; put tables into CSV files"
    return None


Grid = list[list[str]]
"""Cells of a table by row, stripped, in the order of the file; rows may differ in length."""

ENCODINGS = ("utf-8-sig", "gb18030")
"""Encodings in the order in which they are tried; GB 18030 holds GBK and GB 2312."""

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CELL = re.compile(r"([A-Z]+)[0-9]+")
DAY_ZERO = date(1899, 12, 30)
DATE_FORMATS = frozenset(map(str, (*range(14, 18), 22, *range(27, 37), *range(50, 59))))
"""Numbers that Excel gives to its own formats of dates."""
QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]')
DAY_OR_YEAR = re.compile("[dyDY]|年")
GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
LARGEST_SHEET = 300_000_000
"""Most bytes of an unpacked part of a workbook."""

LARGEST_BOMB, MOST_PACKED = 50_000_000, 150
"""Unpacked bytes from which on a file may not unpack to more than 150 times its size: numbers pack to a tenth."""


MILLIONS = {
    **{"": 1.0, "million": 1.0, "millions": 1.0, "mill": 1.0, "mio": 1.0, "百万元": 1.0, "亿元": 1e2, "万元": 1e-2},
    **{"千元": 1e-3, "元": 1e-6, "yuan": 1e-6, "thousand": 1e-3, "thousands": 1e-3, "billion": 1e3, "bn": 1e3},
}
"""Millions in a unit of money, by its word; without one, the unit is a million."""

PERSONS = {
    "persons": 1.0,
    "person": 1.0,
    "人": 1.0,
    "thousand persons": 1e3,
    "thousands": 1e3,
    "千人": 1e3,
    "万人": 1e4,
}
"""Persons in a unit of staff."""

CURRENCY = re.compile(r"[A-Z]{3}")


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
    return separated(text_of(_unpacked(content) if kind == ".gz" else content))


def _unpacked(content: bytes) -> bytes:
    """What a gzip file holds, as long as it can be a table."""
    most = max(LARGEST_BOMB, MOST_PACKED * len(content))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise GridError(f"this is no gzip file: {error}") from None
    if len(unpacked) > most:
        raise GridError(f"{len(content):,} bytes unpack to more than {most:,}, which is no table")
    return unpacked


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


def money_factor(unit: str) -> tuple[str, float] | None:
    """Currency, empty where none is named, and millions: `CAD million` is (CAD, 1), 万元 (CNY, .01); None if unknown."""
    words = unit.replace("（", " ").replace("）", " ").split()
    scale = " ".join(word for word in words if not CURRENCY.fullmatch(word)).lower()
    usual = "CNY" if "元" in scale or scale == "yuan" else ""
    currency = next((word for word in words if CURRENCY.fullmatch(word)), usual)
    return (currency, MILLIONS[scale]) if scale in MILLIONS else None


def _workbook(content: bytes) -> Grid:
    """The first sheet of an Excel workbook, formulas as the values that were saved with them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            names = book.namelist()
            shared = [_text(item) for item in _part(book, "xl/sharedStrings.xml")] if _has_shared(names) else []
            dates = _date_styles(book) if "xl/styles.xml" in names else frozenset()
            rows = _part(book, _first_sheet(book, names)).iter(f"{MAIN}row")
            return [_row(row, shared, dates) for row in rows]
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, IndexError, ValueError) as error:
        raise GridError(f"this is no Excel workbook (.xlsx): {error}") from None


def _has_shared(names: list[str]) -> bool:
    return "xl/sharedStrings.xml" in names


def _first_sheet(book: zipfile.ZipFile, names: list[str]) -> str:
    """The part with the first sheet in the order of the tabs; without a list of them, that of the lowest number."""
    if "xl/workbook.xml" in names and "xl/_rels/workbook.xml.rels" in names:
        target = {part.get("Id"): part.get("Target", "") for part in _part(book, "xl/_rels/workbook.xml.rels")}
        for sheet in _part(book, "xl/workbook.xml").iter(f"{MAIN}sheet"):
            path = target.get(sheet.get(RELATION), "")
            if (name := path.lstrip("/") if path.startswith("/") else f"xl/{path}") in names:
                return name
    sheets = [name for name in names if re.fullmatch(r"xl/worksheets/sheet[0-9]+\.xml", name)]
    return min(sheets, key=lambda name: (len(name), name))


def _date_styles(book: zipfile.ZipFile) -> frozenset[str]:
    """Styles of cells whose numbers are days since the end of 1899."""
    styles = _part(book, "xl/styles.xml")
    coded = {each.get("numFmtId"): each.get("formatCode", "") for each in styles.iter(f"{MAIN}numFmt")}
    own = {key for key, code in coded.items() if DAY_OR_YEAR.search(QUOTED.sub("", code))}
    cells = styles.find(f"{MAIN}cellXfs")
    used = [] if cells is None else [each.get("numFmtId", "") for each in cells]
    return frozenset(str(style) for style, key in enumerate(used) if key in own or key in DATE_FORMATS)


def _part(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    about = book.getinfo(name)
    if about.file_size > LARGEST_SHEET:
        raise ValueError(f"{name} is larger than {LARGEST_SHEET // 1_000_000} MB")
    if about.file_size > LARGEST_BOMB and about.file_size > MOST_PACKED * about.compress_size:
        raise ValueError(f"{name} unpacks to {about.file_size // about.compress_size} times its size, as no table does")
    content = book.read(name)
    if b"<!DOCTYPE" in content[:1000]:
        raise ValueError("a document type stands where Excel writes none")
    return ElementTree.fromstring(content)


def _row(row: ElementTree.Element, shared: list[str], dates: frozenset[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{MAIN}c"):
        place = CELL.fullmatch(cell.get("r", ""))
        column = _column(place[1]) if place else len(cells)
        cells += [""] * (column - len(cells))
        cells.append(_value(cell, shared, dates).strip())
    return cells


def _value(cell: ElementTree.Element, shared: list[str], dates: frozenset[str]) -> str:
    if cell.get("t") == "inlineStr":
        return _text(cell)
    value = cell.findtext(f"{MAIN}v") or ""
    if value and cell.get("s", "") in dates and cell.get("t", "n") == "n":
        return str(DAY_ZERO + timedelta(days=int(float(value))))
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
