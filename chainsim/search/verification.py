"""Listed portfolios held against fresh luck: seeds that no surface was fitted to.

Half of the pairs are reported, and all portfolios share them. The other half chooses the best compromise, which is the
portfolio with the smallest mean of its aims, each counted in units of its spread over the portfolios: every portfolio
begins with half of these, and the rest goes where it helps to find the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chainsim.economy.types import Array, Flags, Index
from chainsim.search.last_comparison import more_pairs
from chainsim.search.portfolios import Search
from chainsim.search.training import SearchRuns

FEWEST = 2


@dataclass(frozen=True)
class Verified:
    """Portfolios by row, (p, d), and the paired effects of each on the outcomes, (pairs, k); pairs are shared."""

    positions: Array
    effects: tuple[Array, ...]

    @property
    def pairs(self) -> Index:
        """Number of pairs of every portfolio, (p,)."""
        return np.array([len(each) for each in self.effects])


def reported(search: Search) -> int:
    """How many pairs of a portfolio are reported."""
    return max(FEWEST, search.verify - search.verify // 2)


def verified(search: Search, runs: SearchRuns, positions: Array) -> Verified:
    """Run portfolios with the fresh seeds that are reported. *Raises* RunFailed where a run fails."""
    number = np.full(len(positions), reported(search))
    return Verified(positions, tuple(fresh(search, runs, positions, number, search.surfaces)))


def compared(search: Search, runs: SearchRuns, positions: Array) -> Verified:
    """Run portfolios with other fresh seeds, by which the best is chosen. *Raises* RunFailed where a run fails."""
    start, chosen = search.surfaces + reported(search), len(positions)
    whole = max(FEWEST, search.verify // 2)
    first = max(FEWEST, whole // 2)
    number = np.full(chosen, first)
    effects = fresh(search, runs, positions, number, start)
    left = (whole - first) * chosen
    if chosen > 1 and left > 0:
        scores = [score(search, each, effects) for each in effects]
        mean, variance = (np.array([function(each) for each in scores]) for function in (np.nanmean, spread_of))
        number += more_pairs(mean, variance, number, left)
        effects = fresh(search, runs, positions, number, start)
    return Verified(positions, tuple(effects))


def fresh(search: Search, runs: SearchRuns, positions: Array, number: Index, start: int) -> list[Array]:
    """Paired effects of portfolios in the luck of so many pairs each from `start` on, (pairs, k) each."""
    pairs, title = [range(start, start + int(count)) for count in number], f"fresh seeds of {search.name}"
    rows = [tuple(row) for row in positions.tolist()]
    runs.make([(pair, row) for row, own in zip(rows, pairs, strict=True) for pair in own], title)
    return [runs.effects(positions[[place]], own, title)[:, 0] for place, own in enumerate(pairs)]


def score(search: Search, effects: Array, everybody: Sequence[Array]) -> Array:
    """The compromise of a portfolio by pair, (pairs,), the lower the better."""
    means = np.array([np.nanmean(each, axis=0) for each in everybody])
    aims = aims_of(search, effects)
    span = np.ptp(aims_of(search, means), axis=0)
    return np.asarray((aims / np.where(span > 0, span, 1.0)).mean(axis=-1))


def aims_of(search: Search, effects: Array) -> Array:
    """The aims of effects (..., k), (..., m), each the better the lower."""
    columns = [search.outcomes.index(name) for name in search.aims]
    signs = np.array([-1.0 if way == "max" else 1.0 for way in search.aims.values()])
    return np.asarray(effects[..., columns] * signs)


def within(search: Search, effects: Array) -> Flags:
    """Whether effects (m, k) are within the budget, (m,)."""
    allowed = np.ones(len(effects), dtype=bool)
    for name, most in search.budget.items():
        allowed &= effects[:, search.outcomes.index(name)] <= most
    return allowed


def spread_of(values: Array) -> float:
    """Variance over pairs that have an economy."""
    return float(np.nanvar(values, ddof=1))
