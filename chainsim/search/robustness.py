"""How portfolios do in other worlds: regret, what is good enough, and where they fail.

Effects in a world are those of its surface, or of a pair of runs there; regret is what a portfolio misses of the best
listed one. A portfolio is good enough in a world where all thresholds are met (satisficing; Lempert and others 2003),
and fails in the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from chainsim.economy.types import Array, Flags, Index
from chainsim.runs.progress import shown_progress
from chainsim.search.boxes import box_of_few, told_from_chance
from chainsim.search.portfolios import Search
from chainsim.search.training import SearchRuns
from chainsim.search.verification import aims_of

COMPROMISE = "compromise"
"""Mean of the aims, each in units of its spread over the portfolios of a world."""
REGRET = ["world", "portfolio", "outcome", "effect", "best", "regret"]
BOXES = ["portfolio", "path", "from", "to", "coverage", "density", "mass", "fails", "told"]


class InWorlds(NamedTuple):
    """Effects (W, p, k) of portfolios at positions (p, d) in worlds, whose numbers are (W,)."""

    worlds: Index
    positions: Array
    effects: Array


def run_in_worlds(search: Search, runs: SearchRuns, positions: Array) -> InWorlds:
    """Portfolios run in all worlds, a pair each, whose luck they share; worlds without an economy are left out.

    *Raises* ValueError where no world has an economy.
    """
    pairs = search.pairs_in_worlds
    effects = runs.effects(positions, pairs, f"worlds of {search.name}")
    kept = np.flatnonzero(~np.isnan(effects).any(axis=(1, 2)))
    if not kept.size:
        raise ValueError(f"none of {len(pairs)} worlds has an economy")
    return InWorlds(kept, positions, effects[kept])


def regret_of(search: Search, found: InWorlds, names: Sequence[str]) -> pd.DataFrame:
    """What listed portfolios miss of the best of them, by world and aim; none where numbers are as stated.

    Columns: world, portfolio, outcome (an aim, or `compromise`), effect, best, regret (0 or more).
    """
    if search.worlds is None or not len(names):
        return pd.DataFrame(columns=REGRET)
    aims = aims_of(search, found.effects)
    span = np.ptp(aims, axis=1, keepdims=True)
    both = np.concatenate([aims, (aims / np.where(span > 0, span, 1.0)).mean(axis=2, keepdims=True)], axis=2)
    signs = [-1.0 if way == "max" else 1.0 for way in search.aims.values()] + [1.0]
    rows = []
    for place, world in enumerate(found.worlds):
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


def missing_most(search: Search, effects: Array) -> Array:
    """What effects (W, p, k) miss of the threshold they miss most, in its spread over worlds, (W, p); > 0 fails."""
    found = []
    for name, threshold in search.thresholds.items():
        sign = 1.0 if search.aims[name] == "max" else -1.0
        short = sign * (threshold - effects[..., search.outcomes.index(name)])
        spread = short.std(axis=0)
        found.append(short / np.where(spread > 0, spread, 1.0))
    return np.asarray(np.max(found, axis=0))


def boxes_of(search: Search, found: InWorlds, names: Sequence[str], progress: bool = False) -> pd.DataFrame:
    """Where each portfolio fails: limits on uncertain numbers, as positions in their ranges from 0 to 1.

    A row a limited number. `coverage` is the share of all failing worlds in the box, `density` the share of its worlds
    that fail, `fails` the share of all worlds; `told` whether chance yields such a box in at most 5 % of shuffles.
    Numbers of levers that a portfolio lacks, and those that it sets itself, limit nothing. No row where no thresholds
    are stated, or numbers are as stated.
    """
    if search.worlds is None or not search.thresholds or not len(names):
        return pd.DataFrame(columns=BOXES)
    drawn = search.worlds.positions.iloc[found.worlds].fillna(0.5)
    failed, missing = ~good_enough(search, found.effects), missing_most(search, found.effects)
    rows: list[tuple[Any, ...]] = []
    title = f"boxes of {search.name}"
    with shown_progress(title, len(names), progress, unit="portfolios", lines=True) as bar:
        for number, name in enumerate(names):
            worlds = drawn[[path for path in drawn.columns if at_work(search, found.positions[number], path)]]
            box = box_of_few(worlds.to_numpy(), missing[:, number])
            told = bool(box.limited) and told_from_chance(worlds.to_numpy(), missing[:, number])
            for column in box.limited:
                low, high = np.clip(box.limits[column], 0.0, 1.0)
                share = float(failed[:, number].mean())
                rows.append((name, worlds.columns[column], low, high, box.coverage, box.density, box.mass, share, told))
            bar.advance(1)
    return pd.DataFrame(rows, columns=BOXES)


def at_work(search: Search, position: Array, path: str) -> bool:
    """Whether a drawn number can do anything to a portfolio at a position (d,)."""
    lever = path.split(".")[1] if path.startswith("levers.") else None
    if lever is None:
        return True
    own = [(setting, place) for setting, place in zip(search.settings, position, strict=True) if setting.lever == lever]
    off = any(setting.role == "strength" and place <= 0.0 for setting, place in own)
    return not off and all(setting.path != path for setting, _ in own)
