"""What the scenario states of levers against their table: types, the budget of every year, requests without a limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from chainsim.validation.audit_checks import Checks, Stated, Tables


def check_levers(checks: Checks, tables: Tables, stated: Stated) -> None:
    """All that is stated of levers."""
    levers = tables["levers"]
    if not len(levers):
        return
    levers = levers.set_index(["point", "replication", "lever", "year"]).sort_index()
    free = levers[levers["budget"].isna()]
    if len(free):
        checks.equal("levers: granted = requested without a budget", free["granted"], free["requested"])
    if stated.levers is None:
        checks.lacking("levers: type and budget as stated", "what the scenario states of levers is not known")
        return
    known = stated.levers
    types = levers.index.get_level_values("lever").map(lambda name: known.get(str(name), {}).get("type"))
    wrong = pd.Series((levers["type"] != types).to_numpy(dtype=float), index=levers.index)
    checks.gap("levers: type as stated", wrong, wrong * 0.0 + 1.0)
    fixed = [str(name) for name in known if f"levers.{name}.budget" not in stated.drawn]
    parts = [budgets(rows, known[str(name)]) for name, rows in levers.groupby(level="lever") if str(name) in fixed]
    due = pd.concat(parts) if parts else levers["budget"].iloc[:0]
    due = due[due != UNKNOWN]
    told = levers["budget"].reindex(due.index)
    spent = levers["outlay"].groupby(level=["point", "replication", "lever"]).cumsum().reindex(due.index)
    checks.equal("levers: budget of the year as stated", told, due, told.abs() + due.abs() + spent)  # total less spent


UNKNOWN = -1.0
"""Stands for a budget that the scenario does not tell: after a lever's years guarantees are paid from the last one."""


def budgets(rows: pd.DataFrame, lever: Mapping[str, Any]) -> pd.Series:
    """Budget of one lever by year, not a number without a limit; what earlier years spent counts against a total."""
    before = rows["outlay"].groupby(level=["point", "replication", "lever"]).cumsum() - rows["outlay"]
    years = rows.index.get_level_values("year")
    due = [limit(lever, int(year), float(spent)) for year, spent in zip(years, before, strict=True)]
    return pd.Series(due, index=rows.index)


def limit(lever: Mapping[str, Any], year: int, spent: float) -> float:
    """Most that a lever may spend in a year after `spent` in earlier years."""
    budget = lever.get("budget")
    if budget is None:
        return np.nan
    stated = budget if isinstance(budget, Mapping) else {"yearly": budget, "total": None}
    yearly, total = stated.get("yearly"), stated.get("total")
    left = np.inf if total is None else max(total - spent, 0.0)
    if yearly is not None:
        share = phase(lever, year)
        if share == UNKNOWN:
            return UNKNOWN
        left = min(left, share * reached(yearly, year))
    return left


def phase(lever: Mapping[str, Any], year: int) -> float:
    """Share of its full size that a lever has in a year, rising over its ramp."""
    years, ramp = lever.get("years"), lever.get("ramp")
    if not years:
        return UNKNOWN
    first, dash, last = str(years).partition("-")
    if year > int(last if dash else first):
        return UNKNOWN
    if year < int(first):
        return 0.0
    return min(1.0, (year - int(first) + 1) / ramp) if ramp else 1.0


def reached(path: float | Mapping[int, float], year: int) -> float:
    """Value in a year of a number, or of a path by the first year that each value holds for; 0 before it."""
    if not isinstance(path, Mapping):
        return float(path)
    begun = [int(first) for first in path if int(first) <= year]
    return float({int(first): value for first, value in path.items()}[max(begun)]) if begun else 0.0
