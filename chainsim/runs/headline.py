"""The headline of a result: the chain's main indicators in the first and the last year, with bands over the runs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from chainsim.figures.display import NOTHING, display, display_at, html_table, is_share, show, show_change, title
from chainsim.indicators.table import INDICATORS, Indicator

HEADLINE = (
    "output",
    "value_added",
    "employment",
    "employment_skilled",
    "localization_rate_fixed",
    "localization_rate",
    "supporting_rate",
    "completeness_fixed",
    "completeness",
    "extension",
    "strength",
    "rd",
    "productivity",
    "enterprises",
    "tax_revenue",
)
BAND = (0.05, 0.95)
UNDEFINED = {"strength": "undefined: no R&D in the base year"}
"""Indices that are 1 in the base year, and why one is 0 there instead."""


class Line(NamedTuple):
    """An indicator of the chain: means of the runs in first and last year, change, bounds of 90 % of the runs."""

    indicator: str
    unit: str
    first: float
    last: float
    change: float
    low90: float
    high90: float


def headline(region: pd.DataFrame, years: tuple[int, int]) -> pd.DataFrame:
    """Indicators of the chain: unit, means over the runs in the first and the last year, change, 90 % band.

    `region` is the table of that name, `years` are the first and the last year.

    `change` is relative to the first year for amounts and a difference for shares and indices, the mean of the runs'
    own changes. `low90` and `high90` hold 90 % of the runs' values in the last year; they are missing for a single run.
    An index that is not defined, such as strength without research, is missing in all of them.
    """
    return pd.DataFrame(lines(region, years), columns=list(Line._fields))


def lines(region: pd.DataFrame, years: tuple[int, int]) -> list[Line]:
    """The rows of the headline."""
    chain = region[region["scope"] == "chain"]
    start, end = years
    first = chain[chain["year"] == start].set_index("replication")
    last = chain[chain["year"] == end].set_index("replication")
    return [line(name, first[name], last[name]) for name in HEADLINE if name in chain]


def line(indicator: str, first: pd.Series, last: pd.Series) -> Line:
    """One row of the headline from the values of all runs in both years."""
    if is_undefined(indicator, first):
        first, last = first * np.nan, last * np.nan
    changes = change(indicator, first, last)
    unit = INDICATORS[indicator].unit
    low, high = band(last.to_numpy())
    return Line(
        indicator=indicator,
        unit=unit,
        first=float(first.mean()),
        last=float(last.mean()),
        change=float(changes.mean()),
        low90=low,
        high90=high,
    )


def is_undefined(indicator: str, first: pd.Series) -> bool:
    """Whether an index cannot be measured, from its values in the base year."""
    return indicator in UNDEFINED and not bool(first.any())


def change(indicator: str, first: pd.Series, last: pd.Series) -> pd.Series:
    """Change of each run: a difference for shares and indices, else relative to the first year; missing from zero."""
    if is_share(indicator) or display(indicator).change_unit == "":
        return last - first
    return (last - first) / first.where(first != 0)


def band(values: np.ndarray) -> tuple[float, float]:
    """Bounds that hold 90 % of the values; not a number for fewer than two."""
    if len(values) < 2:
        return float("nan"), float("nan")
    low, high = np.quantile(values, BAND)
    return float(low), float(high)


def headline_html(table: list[Line], caption: str, years: tuple[int, int]) -> str:
    """The headline for notebooks, in the units that people read."""
    rows = []
    for line in table:
        name, numbers = line.indicator, (line.first, line.last, line.low90, line.high90)
        largest = max((abs(value) for value in numbers if np.isfinite(value)), default=0.0)
        first, last, low, high = (show(name, value, largest) for value in numbers)
        band = NOTHING if low == NOTHING else f"{low} to {high}"
        rows.append((title(name), display_at(name, largest).unit, first, last, show_change(name, line.change), band))
    return html_table(caption, ("of the chain", "unit", *map(str, years), "change", "90 % of luck"), rows)


STATISTICS: dict[str, Indicator] = {
    "year": Indicator("", "calendar year"),
    "above_scale": Indicator("enterprises", "enterprises with sales above CNY 20 million, those of yearbooks"),
    "output_nominal": Indicator("CNY million", "output at current prices: output times the price level"),
    "value_added_nominal": Indicator("CNY million", "value added at current prices"),
    "price_level": Indicator("1", "outside price level, 1 in the base year, growing by the scenario's inflation"),
    "output_growth": Indicator("1/y", "growth of output over the year before, at constant outside prices"),
    "output_growth_nominal": Indicator("1/y", "the same at current prices"),
    "value_added_growth": Indicator("1/y", "growth of value added over the year before, at constant outside prices"),
    "employment_growth": Indicator("1/y", "growth of staff over the year before"),
}
"""The chain as yearbooks count it; unit and meaning of the columns."""


def statistics(region: pd.DataFrame, inflation: float) -> pd.DataFrame:
    """The chain as yearbooks count it, a row a year: means over the runs, growth rates of each run's own."""
    chain = region[region["scope"] == "chain"].sort_values(["replication", "year"])
    level = (1.0 + inflation) ** (chain["year"] - chain["year"].min())
    growth = chain.groupby("replication")[["output", "value_added", "employment"]].pct_change()
    table = pd.DataFrame(
        {
            "year": chain["year"],
            "above_scale": chain["above_scale"],
            "output_nominal": chain["output"] * level,
            "value_added_nominal": chain["value_added"] * level,
            "price_level": level,
            "output_growth": growth["output"],
            "output_growth_nominal": (1.0 + growth["output"]) * (1.0 + inflation) - 1.0,
            "value_added_growth": growth["value_added"],
            "employment_growth": growth["employment"],
        }
    )
    return table.groupby("year", as_index=False).mean()
