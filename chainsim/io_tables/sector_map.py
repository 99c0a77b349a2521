"""Which sectors of a table belong to which segment and tier of the chain: a table with one sector a row.

    code,segment,tier,title,title_zh
    C26,electronics,midstream,Electronics,电子设备
    HH,*households

A segment that begins with `*` says what a row or column is that is no sector. Lines that begin with `#` are comments; a
sector with an empty segment, or that is not listed, is left out of the chain: what it buys is a final sale.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from chainsim.io_tables import Accounts, refused
from chainsim.io_tables.labels import COLUMN_ROLES, FINAL, ROW_ROLES
from chainsim.scenario.errors import Problem, ScenarioError, suggestion
from chainsim.scenario.files import GridError, read_grid

COLUMNS = ("code", "segment", "tier", "title", "title_zh", "comment")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
ROLES = tuple(dict.fromkeys([*FINAL, *COLUMN_ROLES.values(), *ROW_ROLES.values()]))


@dataclass
class SectorMap:
    """Segments in their order with their tiers and titles, the segment of each sector, and roles by label."""

    file: str
    segment_of: dict[str, str] = field(default_factory=dict)
    tiers: dict[str, str] = field(default_factory=dict)
    titles: dict[str, dict[str, str]] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def members(self, accounts: Accounts) -> dict[str, list[int]]:
        """Positions of the sectors of each segment in a table.

        Raises
            ScenarioError: for sectors that the table does not know, and segments without any.
        """
        known = {word.lower(): i for words in (accounts.names, accounts.sectors) for i, word in enumerate(words)}
        found: dict[str, list[int]] = {name: [] for name in self.tiers}
        problems, before = [], dict[int, str]()
        for code, segment in self.segment_of.items():
            if code.lower() not in known:
                message = f"the table has no sector '{code}'{suggestion(code, accounts.sectors)}"
                problems.append(Problem(self.file, self.lines[code], "code", "", message))
            elif (first := before.setdefault(known[code.lower()], code)) != code:
                message = f"'{code}' is the sector '{first}' of line {self.lines[first]}, which would count twice"
                problems.append(Problem(self.file, self.lines[code], "code", "", message))
            elif segment:
                found[segment].append(known[code.lower()])
        if problems:
            raise ScenarioError(problems)
        return {name: sorted(set(positions)) for name, positions in found.items()}


def read_map(path: Path) -> SectorMap:
    """The map of a file.

    Raises
        ScenarioError: with every line that cannot be used.
    """
    if not path.is_file():
        raise refused(str(path), "there is no such file; it says which sectors belong to which segment")
    try:
        grid = read_grid(path)
    except GridError as error:
        raise refused(str(path), str(error)) from None
    rows = [(line, row) for line, row in enumerate(grid, 1) if any(row) and not row[0].startswith("#")]
    head = [cell.lower() for cell in rows[0][1]] if rows else []
    if "code" not in head or "segment" not in head:
        line = rows[0][0] if rows else 1
        raise ScenarioError([Problem(path.name, line, 1, "", "expected the columns code, segment and tier")])
    result, problems = SectorMap(path.name), []
    for line, row in rows[1:]:
        cells = dict(zip(head, row, strict=False))
        message = _enter(result, cells, line)
        if message:
            problems.append(Problem(path.name, line, message[0], "", message[1]))
    if not problems and not result.tiers:
        problems.append(Problem(path.name, 1, "segment", "", "no sector is in a segment"))
    if problems:
        raise ScenarioError(problems)
    return result


def _enter(result: SectorMap, cells: dict[str, str], line: int) -> tuple[str, str] | None:
    """Enter a row; the column and the message where that cannot be."""
    code, segment, tier = (cells.get(name, "") for name in COLUMNS[:3])
    if not code:
        return "code", "the column code is empty"
    if segment.startswith("*"):
        role = segment[1:].strip().lower().replace("_", " ")
        named = next((known for known in ROLES if known.replace("_", " ") == role), None)
        if named is None:
            return "segment", f"unknown kind of row or column '{segment}'{suggestion(segment[1:], ROLES, most=20)}"
        result.roles[code] = named
        return None
    if code in result.segment_of:
        return "code", f"'{code}' is mapped twice"
    if segment in ("", "-"):
        result.segment_of[code], result.lines[code] = "", line
        return None
    for column, word in (("segment", segment), ("tier", tier or "chain")):
        if not NAME.fullmatch(word):
            return column, f"expected a name of letters, digits and _, found '{word}'"
    known_tier = result.tiers.setdefault(segment, tier or "chain")
    if tier and tier != known_tier:
        return "tier", f"{segment} stands at the tier {known_tier} above; a segment has one tier"
    result.segment_of[code], result.lines[code] = segment, line
    title = {"en": cells.get("title", ""), "zh": cells.get("title_zh", "")}
    if title["en"]:
        result.titles.setdefault(segment, {key: text for key, text in title.items() if text})
    return None
