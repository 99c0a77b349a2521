"""How portfolios do in other worlds: regret, what is good enough, and where they fail.

Every world has a surface; regret is what a portfolio misses of the best listed one there. A portfolio is good enough
in a world where all thresholds are met (satisficing; Lempert and others 2003), and fails in the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from chainsim.economy.types import Array, Flags
from chainsim.search.boxes import failing_box, told_from_chance
from chainsim.search.portfolios import Search
from chainsim.search.surface import Surface
from chainsim.search.verification import aims_of

COMPROMISE = "compromise"
"""Mean of the aims, each in units of its spread over the portfolios of a world."""
REGRET = ["world", "portfolio", "outcome", "effect", "best", "regret"]
BOXES = ["portfolio", "path", "from", "to", "coverage", "density", "mass", "fails", "told"]


def regret_of(search: Search, surface: Surface, names: Sequence[str], positions: Array) -> pd.DataFrame:
    """What listed portfolios miss of the best of them, by world and aim; none where numbers are as stated.

    Columns: world, portfolio, outcome (an aim, or `compromise`), effect, best, regret (0 or more).
    """
    if search.worlds is None or not len(positions):
        return pd.DataFrame(columns=REGRET)
    effects = surface.by_world(positions)
    aims = aims_of(search, effects)
    span = np.ptp(aims, axis=1, keepdims=True)
    both = np.concatenate([aims, (aims / np.where(span > 0, span, 1.0)).mean(axis=2, keepdims=True)], axis=2)
    signs = [-1.0 if way == "max" else 1.0 for way in search.aims.values()] + [1.0]
    rows = []
    for place, world in enumerate(np.unique(surface.worlds)):
        best = both[place].min(axis=0)
        for number, name in enumerate(names):
            for column, outcome in enumerate([*search.aims, COMPROMISE]):
                value, sign = both[place, number, column], signs[column]
                rows.append((int(world), name, outcome, sign * value, sign * best[column], value - best[column]))
    return pd.DataFrame(rows, columns=REGRET)


def good_enough(search: Search, effects: Array) -> Flags:
    """Whether effects (..., k) meet all thresholds, (...)."""
    met = np.ones(effects.shape[:-1], dtype=bool)
    for name, threshold in search.thresholds.items():
        value = effects[..., search.outcomes.index(name)]
        met &= value >= threshold if search.aims[name] == "max" else value <= threshold
    return met


def boxes_of(search: Search, surface: Surface, names: Sequence[str], positions: Array) -> pd.DataFrame:
    """Where each portfolio fails: limits on uncertain numbers, as positions in their ranges from 0 to 1.

    A row a limited number. `coverage` is the share of all failing worlds in the box, `density` the share of its worlds
    that fail, `fails` the share of all worlds; `told` whether chance yields such a box in fewer than 5 % of shuffles.
    Nothing where no thresholds are stated, or numbers are as stated.
    """
    if search.worlds is None or not search.thresholds or not len(positions):
        return pd.DataFrame(columns=BOXES)
    worlds = search.worlds.positions.iloc[np.unique(surface.worlds)].fillna(0.5)
    failed = ~good_enough(search, surface.by_world(positions))
    rows: list[tuple[Any, ...]] = []
    for number, name in enumerate(names):
        box = failing_box(worlds.to_numpy(), failed[:, number])
        told = bool(box.limited) and told_from_chance(box, worlds.to_numpy(), failed[:, number])
        for column in box.limited:
            low, high = np.clip(box.limits[column], 0.0, 1.0)
            share = float(failed[:, number].mean())
            rows.append((name, worlds.columns[column], low, high, box.coverage, box.density, box.mass, share, told))
    return pd.DataFrame(rows, columns=BOXES)
