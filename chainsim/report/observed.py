"""What was observed beside what is simulated, as rows of a page: misses first, held-out apart, the unread last."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from chainsim.report.terminal_tables import USES, agreeing, plain
from chainsim.runs.results import Result
from chainsim.validation.targets import targets


@dataclass(frozen=True)
class TargetRow:
    """A target as text: what it is, what was observed and agrees, the simulated mean and 90 % of runs, the verdict."""

    what: str
    about: str
    unit: str
    observed: str
    agrees: str
    simulated: str
    luck: str
    missed: bool
    why: str


@dataclass(frozen=True)
class TargetTables:
    """Targets that may be fitted or are shown, those held out, and those that cannot be read; misses stand first."""

    shown: list[TargetRow]
    held_out: list[TargetRow]
    unread: list[TargetRow]

    def told(self, rows: list[TargetRow]) -> str:
        """How many of some rows lie outside."""
        missed = sum(row.missed for row in rows)
        return f"{missed} of {len(rows)} outside"


def target_tables(result: Result) -> TargetTables | None:
    """The targets of a result's scenario beside its runs; None where it has none."""
    if not result.scenario.targets:
        return None
    table = targets(result)
    known, held = table["inside"].notna(), table["use"] == "held_out"
    return TargetTables(*(rows_of(table[chosen]) for chosen in (known & ~held, known & held, ~known)))


def rows_of(table: pd.DataFrame) -> list[TargetRow]:
    """Rows of a table of targets as text."""
    return [row_of(row) for row in table.to_dict("records")]


def row_of(row: Mapping[Hashable, Any]) -> TargetRow:
    """One target as text."""
    use = USES[row["use"]] + (", not independent of the base year" if row["shared"] else "")
    about = ", ".join(str(part) for part in (row["region"], row["period"], use, row["source"]) if part)
    return TargetRow(
        what=str(row["target"]),
        about=about,
        unit="" if row["unit"] in ("1", "ratio") else str(row["unit"]),
        observed=plain(row["value"]),
        agrees=agreeing(row["low"], row["high"]),
        simulated=plain(row["simulated"]),
        luck=agreeing(row["luck_low90"], row["luck_high90"]),
        missed=not pd.isna(row["inside"]) and not row["inside"],
        why=str(row["unmeasured"]),
    )
