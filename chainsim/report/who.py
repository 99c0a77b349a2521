"""Who got what, and what becomes of whom: support of every lever by segment, named enterprises in both worlds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from chainsim.effects.effect import Effect
from chainsim.effects.effect_tables import has_certain_sign, spread
from chainsim.figures.display import NOTHING, band, number, show_effect
from chainsim.report.effect_text import Cells, name_of
from chainsim.report.language import Both
from chainsim.report.summary import segment_title

MOST = 3
"""Segments that are named of a lever."""
NAMED = ("output", "employment")
"""What is told of a named enterprise, by column of the table."""


class Got(NamedTuple):
    """What enterprises got of a lever over all years: its name in words, the sum, and the segments with the most."""

    lever: str
    paid: str
    segments: tuple[tuple[Both, str], ...]
    more: int


def who_got_what(effect: Effect) -> list[Got]:
    """Support for enterprises by lever, CNY million, means of pairs, with the segments that got most of it."""
    support, chain = effect.seen["support"], effect.base.scenario.chain
    rows = support[support["by"] == "segment"]
    found = []
    for lever, of_lever in rows.groupby("lever", sort=False):
        paid = of_lever.groupby("group")["paid"].sum().sort_values(ascending=False, kind="stable") / effect.replications
        most = [(segment_title(chain, str(name)), number(float(paid[name]), 0)) for name in paid.index[:MOST]]
        total = number(float(paid.sum()), 0)
        found.append(Got(name_of(str(lever)), total, tuple(most), max(len(paid) - MOST, 0)))
    return found


def named_effects(effect: Effect) -> list[tuple[Both, Cells]]:
    """Named enterprises in the last year: output and staff of the baseline, the effect, bounds; the most moved first.

    An enterprise that is not in business in one of the worlds counts there with 0.
    """
    if "named" not in effect.base.tables or "named" not in effect.policy.tables:
        return []
    sides = (effect.policy.scenario.enterprises, effect.base.scenario.enterprises)
    called = {each.id: Both(each.name, each.name_zh or each.name) for side in sides for each in side}
    tables = [last_year(result.table("named"), effect.base.years[1]) for result in (effect.base, effect.policy)]
    names = dict.fromkeys(str(name) for table in tables for name in table.index.get_level_values("name"))
    moved = []
    for name in names:
        ours, theirs = (runs(table, name, effect) for table in tables)
        gain = {column: theirs[column] - ours[column] for column in NAMED}
        cells = [cell for column in NAMED for cell in cells_of(column, ours[column], gain[column])]
        sure = has_certain_sign(gain["output"][:, None], effect.worlds)
        said = called.get(name, Both(name_of(name), name_of(name)))
        moved.append((abs(float(gain["output"].mean())), said, Cells(name, "", tuple(cells), not sure[0])))
    return [(said, cells) for _, said, cells in sorted(moved, key=lambda each: -each[0])]


def last_year(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """The columns that are told of a year by name and replication, in the order of the table."""
    return table[table["year"] == year].groupby(["name", "replication"], sort=False, observed=True)[list(NAMED)].sum()


def runs(table: pd.DataFrame, name: str, effect: Effect) -> dict[str, np.ndarray]:
    """What is told of a named enterprise by pair, (R,) each; 0 where it is not in business."""
    found = np.zeros((len(NAMED), effect.replications))
    if name in table.index.get_level_values("name"):
        of = table.xs(name, level="name")
        found[:, of.index.to_numpy()] = of.to_numpy(dtype=float).T
    return dict(zip(NAMED, found, strict=True))


def cells_of(column: str, ours: np.ndarray, gain: np.ndarray) -> tuple[str, str, str]:
    """The baseline's mean, the mean effect and the bounds of nine pairs in ten, as text."""
    bounds = {name: float(value[0]) for name, value in spread(gain[:, None]).items()}
    told = band(column, bounds["low90"], bounds["high90"]) if gain.size > 1 else NOTHING
    return number(float(ours.mean()), 0), show_effect(column, float(gain.mean())), told
