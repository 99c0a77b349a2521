"""Where it fails: a box in uncertain numbers that holds most failures and little else, by patient peeling.

Some hundred numbers are more than so many worlds tell apart, so a box limits a few of them: those whose ranks go best
with the ranks of how much is missing. From all draws a thin slice at one end of one of them is taken off, the slice
that leaves the largest share of failures, until few are left. Of the boxes on the way the one is told that is best at
coverage (share of all failures that it holds) and density (share of its draws that fail) together; limits that do not
help are taken off again. A box is told from chance where what is missing, dealt out at random, yields a worse one in
95 % of shuffles, the choice of its numbers included.

Source: Friedman and Fisher (1999); Bryant and Lempert (2010) for coverage and density.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chainsim.economy.types import Array, Flags, Index
from chainsim.effects.world_shares import shuffles

PEEL = 0.1
"""Share of the draws in the box that a slice takes."""
FEWEST = 3
"""Draws that a box holds at least."""
MOST = 4
"""Numbers that a box limits at most."""
CHANCE, SHUFFLED = 0.95, 100


class Box(NamedTuple):
    """Limits (m, 2) of every number, infinite where it has none; coverage, density, and share of the draws held."""

    limits: Array
    coverage: float
    density: float
    mass: float

    @property
    def quality(self) -> float:
        """Harmonic mean of coverage and density."""
        both = self.coverage + self.density
        return 2.0 * self.coverage * self.density / both if both > 0 else 0.0

    @property
    def limited(self) -> list[int]:
        """Numbers that have a limit."""
        return np.flatnonzero(np.isfinite(self.limits).any(axis=1)).tolist()


def inside(limits: Array, positions: Array) -> Flags:
    """Whether draws (n, m) lie in the limits, (n,)."""
    return np.asarray(((positions >= limits[:, 0]) & (positions <= limits[:, 1])).all(axis=1))


def box_of(limits: Array, positions: Array, failed: Flags) -> Box:
    """The box of some limits."""
    held = inside(limits, positions)
    hits = int((held & failed).sum())
    return Box(limits, hits / max(int(failed.sum()), 1), hits / max(int(held.sum()), 1), float(held.mean()))


def failing_box(positions: Array, failed: Flags, peel: float = PEEL) -> Box:
    """The box that holds most of the draws (n, m) that failed (n,), and little else."""
    limits = np.tile([-np.inf, np.inf], (positions.shape[1], 1))
    best = box_of(limits, positions, failed)
    held = np.ones(len(failed), dtype=bool)
    while (sliced := thinner(limits, positions, failed, held, peel)) is not None:
        limits = sliced
        held = inside(limits, positions)
        found = box_of(limits, positions, failed)
        if found.quality > best.quality:
            best = found
    return without_idle_limits(best, positions, failed)


def thinner(limits: Array, positions: Array, failed: Flags, held: Flags, peel: float) -> Array | None:
    """The limits after the best slice is taken off; None where too few draws would be left, or all in them fail."""
    number, hits = int(held.sum()), int((held & failed).sum())
    take = max(int(peel * number), 1)
    if number - take < FEWEST or hits in (0, number):
        return None
    values, bad = positions[held], failed[held]
    order = np.argsort(values, axis=0, kind="stable")
    sorted_bad = bad[order]
    left = np.stack([hits - sorted_bad[:take].sum(axis=0), hits - sorted_bad[number - take :].sum(axis=0)])
    side, column = np.unravel_index(int(np.argmax(left)), left.shape)
    sliced = limits.copy()
    row = order[take, column] if side == 0 else order[number - take - 1, column]
    sliced[column, side] = values[row, column]
    return sliced


def without_idle_limits(box: Box, positions: Array, failed: Flags) -> Box:
    """The box without limits that make it no better, the least useful first."""
    while True:
        fewer = []
        for number in box.limited:
            for side, free in ((0, -np.inf), (1, np.inf)):
                if np.isfinite(box.limits[number, side]):
                    limits = box.limits.copy()
                    limits[number, side] = free
                    fewer.append(box_of(limits, positions, failed))
        better = max(fewer, key=lambda found: found.quality, default=box)
        if better is box or better.quality < box.quality:
            return box
        box = better


def box_of_few(positions: Array, missing: Array) -> Box:
    """The failing box of draws (n, m) that fail where something is missing, (n,) > 0; `MOST` numbers are limited."""
    few = going_with(positions, missing)
    found = failing_box(positions[:, few], missing > 0.0)
    limits = np.tile([-np.inf, np.inf], (positions.shape[1], 1))
    limits[few] = found.limits
    return found._replace(limits=limits)


def going_with(positions: Array, missing: Array) -> Index:
    """The columns of draws (n, m) whose ranks go best with those of what is missing (n,)."""
    ranks = ranked(np.column_stack([positions, missing]))
    return np.sort(np.argsort(-np.abs(ranks[:, :-1].T @ ranks[:, -1]), kind="stable")[:MOST])


def ranked(values: Array) -> Array:
    """Ranks by column, of equal values their mean, about their mean."""
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=0)
    return np.asarray(ranks - ranks.mean(axis=0))


def told_from_chance(box: Box, positions: Array, missing: Array) -> bool:
    """Whether what is missing, dealt out at random, yields a box as good in fewer than 5 % of shuffles."""
    orders = shuffles(len(missing))[:SHUFFLED]
    by_chance = [box_of_few(positions, missing[order]).quality for order in orders]
    return bool(box.quality > np.quantile(by_chance, CHANCE))
