"""How recorded numbers are shown to people: where a column is found, its title, unit, scale and decimals."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Sequence
from html import escape
from typing import NamedTuple

from chainsim.economy.parameters import in_money
from chainsim.indicators.table import INDICATORS

NOTHING = "–"
"""Stands where there is no number."""
BY = {
    None: "region",
    "scope": "region",
    "tier": "tiers",
    "industry": "industries",
    "segment": "segments",
    "park": "parks",
}
"""Table of a result that holds an indicator by what it is shown by; None is the chain."""
INDEXES = frozenset({"strength", "strength_raw", "price", "output_multiplier", "hhi"})
"""Columns of unit 1 that are read as plain numbers; every other column of unit 1 is a share, shown in per cent."""
SMALL_SHARES = frozenset({"national_share"})
"""Shares of a few hundredths of a per cent, shown with more decimals."""

TITLES = {
    "employment_skilled": "Skilled employment",
    "employment_ordinary": "Ordinary employment",
    "localization_rate_fixed": "Localization rate at base-year weights",
    "completeness_fixed": "Completeness at base-year weights",
    "supporting_rate": "Local supporting rate",
    "national_share": "Share of outside markets",
    "market_share": "Share of final markets",
    "rd": "R&D spending",
    "rd_intensity": "R&D intensity",
    "hhi": "Concentration (HHI)",
    "enterprises": "Enterprises",
    "viable": "Viable local supply",
}


class Display(NamedTuple):
    """Numbers of a column are multiplied by `factor`, shown with `decimals` in `unit`, changes in `change_unit`."""

    factor: float
    unit: str
    decimals: int
    change_unit: str


def table_by(by: str | None) -> str:
    """Name of the table that holds indicators by what they are shown by. *Raises* ValueError with what there is."""
    if by not in BY:
        raise ValueError(f"by is '{by}'; it can be {', '.join(repr(name) for name in BY)}")
    return BY[by]


def check_indicator(indicator: str, by: str | None, columns: Container[str]) -> None:
    """*Raises* ValueError with what there is unless it is an indicator among the columns of the table."""
    if indicator not in columns or indicator not in INDICATORS:
        there = ", ".join(name for name in INDICATORS if name in columns)
        raise ValueError(f"no indicator '{indicator}' in the table {table_by(by)}; there are {there}")


def title(column: str) -> str:
    """Name of a column for people."""
    return TITLES.get(column, column.replace("_", " ").capitalize())


def is_share(column: str) -> bool:
    """Whether the column is a share, shown in per cent, its changes in percentage points."""
    return column in INDICATORS and INDICATORS[column].declared_unit == "1" and column not in INDEXES


def display(column: str) -> Display:
    """How the column is shown in tables."""
    if is_share(column):
        return Display(100.0, "%", 2 if column in SMALL_SHARES else 1, "points")
    unit = INDICATORS[column].declared_unit if column in INDICATORS else ""
    if unit in ("1", "log"):
        return Display(1.0, {"1": "index", "log": "log"}[unit], 2, "")
    if unit == "CNY million/person":
        return Display(1000.0, in_money("thousand CNY/person"), 0, "%")
    decimals = 1 if unit in ("segments", "products", "products/enterprise", "stages", "thousand CNY/y") else 0
    return Display(1.0, in_money(unit), decimals, "%")


LARGE = {
    "CNY million": ((1e9, 1e-6, "CNY trillion"), (1e6, 1e-3, "CNY billion")),
    "persons": ((1e7, 1e-6, "million persons"),),
    "products": ((1e4, 1e-3, "thousand products"),),
}
"""Larger units, by declared unit: from which value on they are used, their factor, their name."""


def display_at(column: str, largest: float) -> Display:
    """How the column is shown where its largest value is `largest`: in a unit that keeps the numbers short."""
    shown = display(column)
    larger = LARGE.get(INDICATORS[column].declared_unit, ()) if column in INDICATORS else ()
    for least, factor, unit in larger:
        if abs(largest) >= least:
            return Display(shown.factor * factor, in_money(unit), 1, shown.change_unit)
    return shown


def show(column: str, value: float, largest: float = 0.0) -> str:
    """A value of the column as text without its unit, in that of the `largest` beside it; an en dash where none is."""
    shown = display_at(column, largest)
    return number(value * shown.factor, shown.decimals)


def number(value: float, decimals: int) -> str:
    """A number with separators of thousands and a true minus sign; an en dash where it is not finite."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:,.{decimals}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", "−")


def show_change(column: str, change: float) -> str:
    """A change as text: per cent of the first value for amounts, a difference for shares and indices."""
    unit = display(column).change_unit
    decimals = 2 if unit == "" else 1
    text = number(change * (1.0 if unit == "" else 100.0), decimals)
    sign = "+" if change > 0 and text.strip("0.,") else ""
    return f"{sign}{text} {unit}".rstrip() if text != "–" else text


def signed(value: float, decimals: int) -> str:
    """A number with its sign; 0 without one; an en dash where there is none."""
    text = number(value, decimals)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def show_effect(indicator: str, value: float, largest: float = 0.0) -> str:
    """An effect as text without unit, in that of the `largest` value beside it: percentage points for shares."""
    shown = display_at(indicator, largest)
    if is_share(indicator):
        return signed(100.0 * value, 2)
    decimals = 3 if shown.change_unit == "" else max(shown.decimals, 0 if abs(value * shown.factor) >= 10 else 1)
    if shown.unit == "segments":
        decimals = 2
    return signed(value * shown.factor, decimals)


def unit_of(indicator: str, largest: float = 0.0) -> str:
    """Unit of an effect beside a value that is `largest`."""
    return "points" if is_share(indicator) else display_at(indicator, largest).unit


def band(indicator: str, low: float, high: float, joined: str = " to ", largest: float = 0.0) -> str:
    """The bounds of nine in ten pairs as text; a dash for a single pair."""
    if math.isnan(low):
        return NOTHING
    return f"{show_effect(indicator, low, largest)}{joined}{show_effect(indicator, high, largest)}"


def html_table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table for notebooks: the first two columns to the left, numbers to the right."""
    lines = [f"<tr>{''.join(html_cell('td', number, cell) for number, cell in enumerate(row))}</tr>" for row in rows]
    head = "".join(html_cell("th", number, cell) for number, cell in enumerate(heads))
    return "\n".join(
        (
            f'<table><caption style="text-align: left">{escape(caption)}</caption>',
            f"<thead><tr>{head}</tr></thead>",
            *("<tbody>", *lines, "</tbody></table>"),
        )
    )


def html_cell(tag: str, column: int, text: str) -> str:
    """One cell of such a table."""
    return f'<{tag} style="text-align: {"left" if column < LEFT else "right"}">{escape(text)}</{tag}>'


LEFT = 2
"""Columns of a table for notebooks that hold words."""
