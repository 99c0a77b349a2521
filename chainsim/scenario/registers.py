"""Named enterprises from a register as it was exported: any headings, units, encoding, .csv, .xlsx or .dta.

    enterprises:
      file: register.xlsx
      columns:                                  # or the name of a YAML file that states them, or all of this
        id: 统一社会信用代码
        name: 企业名称
        segment: {column: 行业代码, values: {C39: electronics, C36: vehicles}}   # codes by how they begin
        revenue: {column: 营业收入, unit: 万元}
        employees: {column: 从业人员, unit: 人}
      drop: {column: 登记状态, values: [注销, 吊销]}
      largest: 50                               # of each segment; the others stay unnamed
      duplicates: first                         # or sum; an error where not stated

Rows without revenue, and of codes that no segment has, are left out; `check` tells how many.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from chainsim.scenario.errors import Finding, Mark, shown, suggestion
from chainsim.scenario.files import PERSONS, Files, Grid, GridError, money_factor, number, read_grid
from chainsim.scenario.nodes import Node, Path, to_python
from chainsim.scenario.schema import NamedEnterprise
from chainsim.scenario.yaml_reader import read

AT: Path = ("enterprises",)
KEYS = ("file", "columns", "drop", "keep", "largest", "duplicates")
NEEDED = ("name", "segment", "revenue")
MONEY = ("revenue", "rd")
NUMBERS = (*MONEY, "employees", "founded")
WORDS = ("segment", "owner", "park")
SAYS = {"unit": (*MONEY, "employees"), "values": WORDS}
"""What may be said of a column beside its heading, and of which fields."""
UNTRANSLATED = {"owner": "are private", "park": "are in no park"}
"""What enterprises are whose word `values` does not translate."""
CLOSED = ("注销", "吊销", "停业", "歇业", "closed", "dissolved", "liquidated", "in liquidation", "deregistered")
BRANCH = re.compile("分公司|分厂|分店|分部|\\bbranch\\b", re.IGNORECASE)
YEAR = re.compile(r"(?<![0-9])(1[89][0-9]{2}|20[0-9]{2})(?![0-9])|^(1[89][0-9]{2}|20[0-9]{2})[01][0-9][0-3][0-9]$")
ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


@dataclass
class ColumnOf:
    """Where a field stands in the register: its column, the factor to the model's unit, and words it translates."""

    name: str
    position: int
    factor: float = 1.0
    values: dict[str, str] = field(default_factory=dict)

    def word(self, cell: str) -> str | None:
        """The word that a cell stands for, by the longest beginning that is known; None where none is."""
        if not self.values:
            return cell or None
        known = [begin for begin in self.values if cell.startswith(begin)]
        return self.values[max(known, key=len)] if cell and known else None

    def unnamed(self, cells: Iterable[str]) -> Counter[str]:
        """Words in these cells that `values` does not name, and how often each stands there."""
        return Counter(cell for cell in cells if cell and self.word(cell) is None)


@dataclass
class Entry:
    """An enterprise of the register: the line it stands in, what its id is made of, and the values of its fields."""

    line: int
    told: str
    values: dict[str, Any]


def register(listed: Node, holder: FilePath, files: Files) -> Node:
    """The enterprises that a block `enterprises: {file: ..., columns: ...}` names, as nodes; mistakes are problems."""
    spec = listed.value
    for key in spec:
        if key not in KEYS:
            files.refuse(spec[key].place, (*AT, key), f"unknown key '{key}'{suggestion(key, KEYS, most=9)}")
    if "file" not in spec or "columns" not in spec:
        files.refuse(listed.mark, AT, "expected file and columns of a register, or a list of enterprises")
        return Node([], listed.mark, listed.key)
    path = files.inside(holder, spec["file"].value, spec["file"].mark, (*AT, "file"))
    columns = _columns_block(spec, holder, files)
    if path is None or columns is None:
        return Node([], listed.mark, listed.key)
    files.read.append(path)
    if not path.is_file():
        files.refuse(spec["file"].mark, (*AT, "file"), f"{files.name(path)}: expected a file, found a folder or device")
        return Node([], listed.mark, listed.key)
    try:
        grid = read_grid(path)
    except (GridError, OSError) as error:
        files.refuse(spec["file"].mark, (*AT, "file"), f"{files.name(path)}: {error}")
        return Node([], listed.mark, listed.key)
    found = _positions(columns, grid, files)
    filters = {key: _filter(spec[key], key, grid, files) for key in ("drop", "keep") if key in spec}
    if found is None or None in filters.values():
        return Node([], listed.mark, listed.key)
    reader = _Reader(files.name(path), found, files)
    kept = [row for row in enumerate(grid[1:], 2) if any(row[1]) and _is_wanted(row[1], filters)]
    entries = [entry for entry in (reader.entry(line, row) for line, row in kept) if entry is not None]
    entries = reader.without_duplicates(entries, spec.get("duplicates"))
    entries = _largest(entries, spec.get("largest"), files)
    reader.tell(kept, entries, len(grid) - 1)
    return Node([reader.node(entry) for entry in entries], listed.mark, listed.key)


def _columns_block(spec: dict[str, Node], holder: FilePath, files: Files) -> Node | None:
    """The map of columns: stated in place, or in a YAML file, which may state all else of the block as well."""
    stated = spec["columns"]
    if isinstance(stated.value, str):
        path = files.inside(holder, stated.value, stated.mark, (*AT, "columns"))
        text = files.text(path, stated.mark, (*AT, "columns")) if path is not None else None
        inner = read(text, files.name(path), files.problems) if text is not None and path else None
        if inner is None:
            files.complete = False
            return None
        stated = inner
    if stated.is_mapping and "columns" in stated.value:  # a file that says what to drop as well
        spec.update({key: node for key, node in stated.value.items() if key not in spec and key in KEYS})
        stated = stated.value["columns"]
    if not stated.is_mapping:
        files.refuse(stated.mark, (*AT, "columns"), "expected the column of each field, such as revenue: 营业收入")
        return None
    return stated


def _positions(columns: Node, grid: Grid, files: Files) -> dict[str, ColumnOf] | None:
    """Where every field stands; None where the map cannot be used."""
    head = grid[0] if grid else []
    fields, found, before = tuple(NamedEnterprise.model_fields), {}, len(files.problems.found)
    for name, node in columns.value.items():
        at = (*AT, "columns", name)
        if name not in fields:
            files.refuse(node.place, at, f"unknown field '{name}'{suggestion(name, fields, most=12)}")
            continue
        spec = to_python(node)
        spec = spec if isinstance(spec, dict) else {"column": spec}
        keys = ("column", *(key for key, fields_of in SAYS.items() if name in fields_of))
        for key in node.value if node.is_mapping else ():
            if key not in keys:
                files.refuse(node.value[key].place, (*at, key), f"unknown key '{key}'{suggestion(key, keys, most=3)}")
        heading = str(spec.get("column", ""))
        if heading not in head:
            files.refuse(node.mark, at, f"the register has no column '{heading}'{suggestion(heading, head, most=12)}")
            continue
        factor = _factor(name, str(spec.get("unit", "")))
        if factor is None:
            known = "persons, 千人" if name == "employees" else "EUR million, 万元, 千元"
            files.refuse(node.mark, at, f"unknown unit '{spec['unit']}', expected one such as {known}")
            continue
        if name in MONEY and (named := money_factor(str(spec.get("unit", "")))) and named[0]:
            files.currencies.append((node.mark, at, named[0]))
        words = spec.get("values") or {}
        if not isinstance(words, dict):
            message = "expected values with what each stands for, such as values: {C39: electronics, C36: vehicles}"
            files.refuse(node.mark, at, message)
            continue
        values = {str(key): str(word) for key, word in words.items()}
        found[name] = ColumnOf(heading, head.index(heading), factor, values)
    missing = [name for name in NEEDED if name not in columns.value]
    if missing:
        files.refuse(columns.mark, (*AT, "columns"), f"state the column of {', '.join(missing)}")
    return found if len(files.problems.found) == before else None


def _factor(name: str, unit: str) -> float | None:
    """Factor from a unit to that of the field; 1 where none is stated."""
    if not unit:
        return 1.0
    if name == "employees":
        return PERSONS.get(unit.lower())
    money = money_factor(unit) if name in MONEY else None
    return money[1] if money else None


def _filter(stated: Node, key: str, grid: Grid, files: Files) -> tuple[int, set[str]] | None:
    """Column and words of `drop` or `keep`."""
    spec = to_python(stated)
    heading = str(spec.get("column", "")) if isinstance(spec, dict) else ""
    if not grid or heading not in grid[0] or not isinstance(spec.get("values"), list):
        message = f"expected column and values, such as {key}: {{column: 登记状态, values: [注销]}}"
        files.refuse(stated.mark, (*AT, key), f"{message}{suggestion(heading, grid[0] if grid else [], most=0)}")
        return None
    position, words = grid[0].index(heading), set(map(str, spec["values"]))
    if not words.intersection(row[position] for row in grid[1:] if position < len(row)):
        message = f"no row of the register has {' or '.join(sorted(words))} in {heading}"
        files.notes.append(("warning", Finding((*AT, key), message)))
    return position, words


def _is_wanted(row: list[str], filters: dict[str, Any]) -> bool:
    for key, (position, words) in filters.items():
        cell = row[position] if position < len(row) else ""
        if (cell in words) is (key == "drop"):
            return False
    return True


def _largest(entries: list[Entry], stated: Node | None, files: Files) -> list[Entry]:
    """The largest of each segment, in the order of the register."""
    if stated is None:
        return entries
    if not isinstance(stated.value, int) or isinstance(stated.value, bool) or stated.value < 1:
        files.refuse(stated.mark, (*AT, "largest"), f"expected a whole number from 1, found {shown(stated.value)}")
        return entries
    ordered = sorted(entries, key=lambda entry: -entry.values["revenue"])
    rank: Counter[str] = Counter()
    kept: set[int] = set()
    for entry in ordered:
        rank[entry.values["segment"]] += 1
        if rank[entry.values["segment"]] <= stated.value:
            kept.add(entry.line)
    return [entry for entry in entries if entry.line in kept]


class _Reader:
    """Reads the rows of one register."""

    def __init__(self, file: str, columns: dict[str, ColumnOf], files: Files) -> None:
        self.file, self.columns, self.files = file, columns, files
        self.unmapped: Counter[str] = Counter()
        self.empty = self.again = 0

    def mark(self, line: int, name: str) -> Mark:
        """Place of a field in a line."""
        return Mark(self.file, line, self.columns[name].name if name in self.columns else 1)

    def entry(self, line: int, row: list[str]) -> Entry | None:
        """A row; None if it is left out or cannot be used."""
        cells = {name: row[c.position] if c.position < len(row) else "" for name, c in self.columns.items()}
        values: dict[str, Any] = {}
        if self.columns["segment"].word(cells["segment"]) is None:
            self.unmapped[cells["segment"] or "no code"] += 1
            return None
        for name, cell in cells.items():
            if name in NUMBERS and cell:
                value = self.number(line, name, cell)
                if value is None:
                    return None
                values[name] = value
            elif cell:
                values[name] = self.columns[name].word(cell) if name in WORDS else cell
        if not values.get("revenue"):
            self.empty += 1
            return None
        told = str(values.get("id") or values.get("name") or f"line {line}")
        return Entry(line, told, {name: value for name, value in values.items() if value is not None})

    def number(self, line: int, name: str, cell: str) -> float | int | None:
        """A number in the model's unit, or a year; a problem where there is none."""
        if name == "founded":
            match = YEAR.search(cell)
            value: float | int | None = int(match[1] or match[2]) if match else None
        else:
            parsed = number(cell)
            value = None if parsed is None else parsed * self.columns[name].factor
        if value is None:
            what = "a year" if name == "founded" else "a number"
            self.files.refuse(
                self.mark(line, name), (*AT, f"line {line}", name), f"expected {what}, found '{cell[:40]}'"
            )
        return value

    def without_duplicates(self, entries: list[Entry], stated: Node | None) -> list[Entry]:
        """Every enterprise once: the first of its rows, or their sum, as the block says."""
        how = stated.value if stated is not None else None
        if how not in (None, "first", "sum"):
            assert stated is not None
            self.files.refuse(stated.mark, (*AT, "duplicates"), f"expected first or sum, found '{how}'")
        once: dict[str, Entry] = {}
        for entry in entries:
            first = once.setdefault(entry.told, entry)
            if first is entry:
                continue
            self.again += 1
            if how is None:
                place = self.mark(entry.line, "id" if "id" in self.columns else "name")
                message = f"'{entry.told}' stands in line {first.line} already; state duplicates: first, or sum"
                self.files.refuse(place, (*AT, f"line {entry.line}"), message)
            elif how == "sum":
                for name in ("revenue", "employees", "rd"):
                    if name in entry.values:
                        first.values[name] = first.values.get(name, 0.0) + entry.values[name]
        alike = Counter(map(identifier, once))
        for told, entry in once.items():
            name = identifier(told)
            entry.values["id"] = name if alike[name] == 1 else f"{name[:55]}_{zlib.crc32(told.encode()):08x}"
        return list(once.values())

    def tell(self, rows: Iterable[tuple[int, list[str]]], entries: list[Entry], total: int) -> None:
        """What of the register was left out, and what in it may be no enterprise of its own."""
        if len(entries) < total:
            codes = ", ".join(f"{code} ({count})" for code, count in self.unmapped.most_common(5))
            parts = [f"{self.empty} without revenue"] * bool(self.empty) + [f"no segment: {codes}"] * bool(codes)
            parts += [f"{self.again} of enterprises that stand above"] * bool(self.again)
            message = f"{len(entries)} of {total} rows of {self.file} are named enterprises" + "; ".join(["", *parts])
            self.files.notes.append(("note" if entries else "warning", Finding((*AT, "file"), message)))
        named = {entry.line for entry in entries}
        for name in [name for name in UNTRANSLATED if name in self.columns]:
            column = self.columns[name]
            left = column.unnamed(
                row[column.position] for line, row in rows if line in named and column.position < len(row)
            )
            if left:
                words = ", ".join(f"{word} ({count})" for word, count in left.most_common(5))
                message = (
                    f"values do not name {words}, so that these enterprises {UNTRANSLATED[name]}; state what each is"
                )
                self.files.notes.append(("warning", Finding((*AT, "columns", name), message)))
        closed = [line for line, row in rows if any(cell.lower() in CLOSED for cell in row)]
        branches = [entry.line for entry in entries if BRANCH.search(entry.values.get("name", ""))]
        for lines, what in (
            (closed, "told to be closed; leave them out with drop: {column: ..., values: [...]}"),
            (branches, "by name a branch; the head may count it too"),
        ):
            if lines:
                shown = ", ".join(map(str, lines[:5])) + (", ..." if len(lines) > 5 else "")
                place = f"{self.file}, line{'s' if len(lines) > 1 else ''} {shown}"
                self.files.notes.append(("warning", Finding((*AT, "file"), f"{place}: {what}")))

    def node(self, entry: Entry) -> Node:
        """An enterprise as a node whose values know their cells."""
        values = {name: Node(value, self.mark(entry.line, name)) for name, value in entry.values.items()}
        return Node(values, Mark(self.file, entry.line, 1), Mark(self.file, entry.line, 1))


def identifier(text: str) -> str:
    """A name for files: letters, digits and _ as they are, after an `e_` where it must be; Chinese by a fingerprint."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")
    if ID.fullmatch(text):
        return text
    if text.isascii() and plain:
        return plain if ID.fullmatch(plain) else f"e_{plain}"[:64]
    return f"e_{zlib.crc32(text.encode()):08x}"
