"""Outcomes that a search looks at: what is read of a run, by name.

`employment` is that of the chain in the last year, `employment@2030` in that year, `midstream.employment` of a tier,
`auto_chips.output@2030` of a segment. Sums over all years and all tiers have names of their own (`TOTALS`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chainsim.effects.costs import TAX_MEASURES
from chainsim.effects.effect_tables import JOBS, MEASURES, M
from chainsim.indicators.table import INDICATORS, Indicator, Recording
from chainsim.scenario.errors import suggestion

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

TOTALS: dict[str, Indicator] = {
    **{name: MEASURES[name] for name in ("outlay", "net_cost", "job_years", "job_years_chain")},
    "jobs": JOBS,
    "tax_return": Indicator(M, "taxes and contributions over all years, of all levels of government"),
    "net_cost_region": Indicator(M, "net cost where the region bears and keeps its own share of taxes alone"),
}
"""What is not a column of a table."""


class Outcome(NamedTuple):
    """What is read: a total, or the column of a table where `key` has a value, in a year."""

    name: str
    column: str
    table: str
    key: str
    value: str
    year: int

    @property
    def unit(self) -> str:
        """Unit."""
        return (TOTALS | INDICATORS)[self.column].unit


def outcome(scenario: Scenario, name: str) -> Outcome:
    """The outcome of a name. *Raises* ValueError for one that no run shows."""
    if name in TOTALS:
        return Outcome(name, name, "", "", "", scenario.years.end)
    path, at, year = name.partition("@")
    place, _, column = path.rpartition(".")
    first, last = scenario.years.start, scenario.years.end
    if at and not (year.isdecimal() and first <= int(year) <= last):
        raise ValueError(f"expected a year from {first} to {last} after @, found '{year}'")
    if column not in INDICATORS:
        raise ValueError(f"no outcome '{column}'{suggestion(column, [*TOTALS, *INDICATORS])}")
    table, key = located(scenario, place)
    return Outcome(name, column, table, key, place or "chain", int(year) if at else last)


def located(scenario: Scenario, place: str) -> tuple[str, str]:
    """Table and key of a tier or a segment, of the chain where the place is empty. *Raises* ValueError."""
    if not place:
        return "region", "scope"
    if place in scenario.chain.tiers:
        return "tiers", "tier"
    if place in scenario.chain.segments:
        return "segments", "segment"
    names = [*scenario.chain.tiers, *scenario.chain.segments]
    raise ValueError(f"'{place}' is no tier or segment{suggestion(place, names)}")


def read(recording: Recording, outcomes: Sequence[Outcome], local_tax_share: float) -> list[float]:
    """The values of outcomes in a run. *Raises* ValueError where a table has no such column."""
    sums = totals(recording, local_tax_share)
    return [sums[each.name] if each.name in TOTALS else cell(recording, each) for each in outcomes]


def cell(recording: Recording, each: Outcome) -> float:
    """The value of a column of a table."""
    table: dict[str, Any] = recording.tables[each.table]
    if each.column not in table:
        raise ValueError(f"no column '{each.column}' in the table {each.table}")
    rows = (table[each.key] == each.value) & (table["year"] == each.year)
    return float(table[each.column][rows][0])


def totals(recording: Recording, local_tax_share: float) -> dict[str, float]:
    """Sums over all years, and jobs of the chain in the last one."""
    region: dict[str, Any] = recording.tables["region"]
    chain, everything = region["scope"] == "chain", region["scope"] == "all"
    outlay, tax = (float(region[name][everything].sum()) for name in ("fiscal_outlay", "tax_revenue"))
    levers: dict[str, Any] = recording.tables["levers"]
    taxes = np.isin(levers["type"], TAX_MEASURES)
    forgone = float(np.sum(levers["outlay"][taxes] - levers["recovered"][taxes]))
    spent = outlay - float(np.sum(recording.tables["levers"]["recovered"]))
    return {
        "outlay": outlay,
        "tax_return": tax,
        "net_cost": spent - tax,
        "net_cost_region": spent - (1.0 - local_tax_share) * forgone - local_tax_share * tax,
        "jobs": float(region["employment"][chain][-1]),
        "job_years": float(region["employment"][everything].sum()),
        "job_years_chain": float(region["employment"][chain].sum()),
    }
