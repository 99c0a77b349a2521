"""What is not known of an effect: the economy, the policy's own numbers or luck, and which numbers drive it."""

from __future__ import annotations

import warnings

import pandas as pd
from rich.table import Table

from chainsim.effects.effect import Effect
from chainsim.effects.world_shares import FEWEST_WORLDS
from chainsim.effects.worlds import is_crossed
from chainsim.figures.display import NOTHING, title
from chainsim.report.effect_text import Cells, base_year, means
from chainsim.runs.headline import is_undefined

DRIVEN = ("output", "employment", "localization_rate_fixed", "completeness_fixed", "extension", "strength", "rd")
"""Indicators whose effects are asked for what drives them."""
GROUPS = ("economy", "policy", "luck")
MOST_NAMED = 5
NO_NUMBER = "none beyond chance"
LUCK_TOLD = {
    1: "; one pair a world: luck's part is not told",
    2: "; two pairs a world: bounds of luck do not show which way it leans",
}
"""What is said of luck by the pairs a world."""
ADVICE = "; --vary crossed tells economy from policy"


def doubt_rows(effect: Effect, untold: bool = False) -> list[Cells]:
    """A row an indicator: worlds with the sign, shares of economy, policy and luck, numbers that drive it.

    With those `untold`, numbers that may be chance are named too, with a question mark. None where numbers are as
    stated. Too few worlds to tell drivers from chance are said by whoever shows the rows.
    """
    if not effect.worlds:
        return []
    names = [name for name in DRIVEN if name in effect.base.region and not is_undefined(name, base_year(effect, name))]
    table = means(effect, [effect.base.years[1]], names).set_index("indicator")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # said once beside the rows
        return [Cells(title(name), "", cells_of(effect, name, pd.Series(table.loc[name]), untold)) for name in names]


def crossed(effect: Effect) -> bool:
    """Whether economy and policy were drawn apart, so that their shares are those of squares of worlds."""
    return bool(effect.worlds) and is_crossed(effect.seen["worlds"])


def cells_of(effect: Effect, indicator: str, row: pd.Series, untold: bool) -> tuple[str, ...]:
    """What is told of one indicator; dashes where no pair has an effect, which nothing drives."""
    if row["low90"] == row["high90"] == row["effect"] == 0.0:
        return (NOTHING,) * (len(GROUPS) + 2)
    sign = agreeing(effect, float(row["same_sign"])) if row["effect"] else NOTHING
    return (sign, *group_cells(effect, indicator), named(effect, indicator, untold))


def agreeing(effect: Effect, part: float) -> str:
    """In how many worlds the effect has the sign that is told."""
    return f"{round(part * effect.worlds)} of {effect.worlds}"


def group_cells(effect: Effect, indicator: str) -> tuple[str, ...]:
    """Shares of economy, policy and luck with their bounds; a dash for a group that was not varied."""
    found = effect.driver_groups(indicator).set_index("group")
    return tuple(
        share(*found.loc[group, ["share", "low", "high"]]) if group in found.index else NOTHING for group in GROUPS
    )


def share(value: float, low: float = float("nan"), high: float = float("nan")) -> str:
    """A share in per cent, with its bounds where there are any; the bounds alone where they leave everything open."""
    if low <= 0.0 and high >= 1.0:
        return "0 to 100 %"
    if pd.isna(value):
        return NOTHING
    return f"{100 * value:.0f} %" + ("" if pd.isna(low) else f" ({100 * low:.0f} to {100 * high:.0f})")


def named(effect: Effect, indicator: str, untold: bool) -> str:
    """The strongest numbers with their shares: those that are more than chance, or all that
    explain anything, with a question mark."""
    found = effect.drivers(indicator)
    found = found[(found["group"] != "luck") & (found["told"] | untold & (found["share"] > 0.0))].head(MOST_NAMED)
    words = [
        f"{short(row['path'])} {share(row['share'], row['low'], row['high'])}{'' if row['told'] else ' ?'}"
        for row in found.to_dict("records")
    ]
    return ", ".join(words) or NO_NUMBER


def short(path: str) -> str:
    """A path without the block that all of its kind stand in."""
    return path.removeprefix("stages.").removeprefix("chain.segments.*.")


def doubt_sheet(effect: Effect) -> Table:
    """The same as a table for a terminal."""
    few = effect.worlds < FEWEST_WORLDS
    note = f"; {FEWEST_WORLDS} or more tell drivers from chance" if few else ""
    note += LUCK_TOLD.get(effect.replications // effect.worlds, "")
    note += "; what economy and policy make only together counts for both alike" if crossed(effect) else ADVICE
    sheet = Table(
        box=None, padding=(0, 1, 0, 0), pad_edge=False, title_justify="left",
        title=f"What is not known: shares of economy, policy and luck in {effect.worlds} worlds, bounds at 90 %{note}",
    )  # fmt: skip
    sheet.add_column(f"effect {effect.base.years[1]}", overflow="fold")
    for heading in ("same sign", *GROUPS):
        sheet.add_column(heading, justify="right", overflow="fold")
    sheet.add_column("numbers that drive it", overflow="fold")
    for row in doubt_rows(effect):
        sheet.add_row(row.title, *row.cells)
    return sheet
