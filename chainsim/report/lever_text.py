"""What each lever of a policy does as text: alone, and what the policy loses without it."""

from __future__ import annotations

from typing import Any

from chainsim.economy.parameters import currency
from chainsim.effects.effect import Effect
from chainsim.effects.effect_tables import RATIO
from chainsim.effects.ranking import ALONE, LEFT_OUT
from chainsim.figures.display import NOTHING, number, signed
from chainsim.report.effect_text import OUTCOMES, Cells, name_of

SHOWN = {"output": (1.0, 0), "job_years": (1.0, 0), "localization_rate_fixed": (100.0, 2)}
"""Measures of the table of levers, with factor and decimals."""
HOW = {"alone": "alone", "left_out": "the policy without it"}


def ranking_rows(effect: Effect) -> list[Cells]:
    """Two rows a lever: outlay, effects with the bounds that hold their mean, net cost per job-year."""
    rows = []
    for row in effect.ranking.table().to_dict("records"):
        effects = [with_bounds(row, name, *SHOWN[name]) for name in SHOWN]
        price = row[RATIO]
        cells = (number(row["outlay"], 0), *effects, number(1000.0 * price, 0) if price == price else NOTHING)
        rows.append(Cells(name_of(str(row["lever"])), HOW[str(row["how"])], cells, row["how"] != ALONE))
    return rows


def carrying(effect: Effect, measure: str = "output") -> list[tuple[str, float]]:
    """Levers without which the policy would do surely more or less, with what it would lose, the largest first."""
    table, sure = effect.ranking.table(), effect.ranking.surely(LEFT_OUT, measure)
    chosen = table[(table["how"] == LEFT_OUT) & table["lever"].isin(sure)]
    chosen = chosen.reindex(chosen[measure].abs().sort_values(ascending=False).index)
    return [(str(row["lever"]), float(row[measure])) for row in chosen.to_dict("records")]


def additionality_rows(effect: Effect) -> list[Cells]:
    """What recipients of each lever added in its own pairs and others lost, with windfall shares where defined."""
    rows = []
    for row in effect.additionality().to_dict("records"):
        cells = (
            OUTCOMES[str(row["outcome"])],
            str(row["unit"]),
            with_bounds(row, "added", 1.0, 0),
            with_bounds(row, "untreated", 1.0, 0),
            with_bounds(row, "windfall", 100.0, 0, " %", plain=True),
        )
        about = f"{number(row['recipients'], 0)} recipients, {currency()} {number(row['support'], 0)} million"
        rows.append(Cells(name_of(str(row["lever"])), f"{HOW[str(row['how'])]}; {about}", cells))
    return rows


def with_bounds(row: dict[Any, Any], name: str, factor: float, places: int, unit: str = "", plain: bool = False) -> str:
    """A mean with the bounds that hold it in brackets; a dash where there is none."""
    show = number if plain else signed
    value, low, high = (factor * float(row[f"{name}{bound}"]) for bound in ("", "_low", "_high"))
    if value != value:
        return NOTHING
    return f"{show(value, places)}{unit}" + (f" ({show(low, places)} to {show(high, places)})" if low == low else "")
