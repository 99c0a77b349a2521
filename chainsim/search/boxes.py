"""Where it fails: a box in uncertain numbers that holds most failures and little else, by patient peeling.

Some hundred numbers are more than so many worlds tell apart, so a box limits a few of them. The first is the one whose
ranks go best with the ranks of how much is missing; the next is the one that goes best with what the first leaves, or,
where a failure wants both, with what is missing in the half of the draws at the bad end of the first. From all draws a
thin slice at one end of one of them is taken off, the slice that raises the share of failures most for each draw it
takes, until few are left. Of the boxes on the way the one is told that is best at coverage (share of all failures that
it holds) and density (share of its draws that fail) together; limits that do not help are taken off again.

A box is told from chance by what is missing, dealt out at random: by how good the box is, and by how well its first
number goes with what is missing, whichever chance yields more rarely. It is told where chance yields the like in at
most 5 % of shuffles, the choice of its numbers included.

Source: Friedman and Fisher (1999); Bryant and Lempert (2010) for coverage and density; Westfall and Young (1993) for
the rarer of two signs, held against the same shuffles.
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
MOST = 3
"""Numbers that a box limits at most."""
HALF = 12
"""Draws in which a number is looked for at least."""
CHANCE, SHUFFLED = 0.95, 199
TINY = 1e-12


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


class Boxes(NamedTuple):
    """Boxes of s samples: lowest values (s, 2 m) of every number and of its negative, and quality (s,)."""

    lowest: Array
    quality: Array


def both_ends(values: Array) -> Array:
    """Numbers (s, n, m) and their negatives, (s, n, 2 m): a limit at either end of a number is a lowest value."""
    return np.concatenate([values, -values], axis=2)


def qualities(held: Flags, failed: Flags) -> Array:
    """Harmonic mean of coverage and density of the draws held (s, n), (s,)."""
    both = held.sum(axis=1) + failed.sum(axis=1)
    return np.asarray(2.0 * (held & failed).sum(axis=1) / np.maximum(both, 1))


def failing_box(positions: Array, failed: Flags, peel: float = PEEL) -> Box:
    """The box that holds most of the draws (n, m) that failed (n,), and little else."""
    number = positions.shape[1]
    lowest = peeled(positions[None], failed[None], peel).lowest[0]
    limits = np.column_stack([lowest[:number], -lowest[number:]])
    held = ((positions >= limits[:, 0]) & (positions <= limits[:, 1])).all(axis=1)
    hits = int((held & failed).sum())
    return Box(limits, hits / max(int(failed.sum()), 1), hits / max(int(held.sum()), 1), float(held.mean()))


def peeled(positions: Array, failed: Flags, peel: float = PEEL) -> Boxes:
    """The box of each of s samples of draws (s, n, m) that failed, (s, n), limits that do not help taken off."""
    values = both_ends(positions)
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    held, lowest = np.ones(failed.shape, dtype=bool), np.full(values[:, 0].shape, -np.inf)
    best = Boxes(lowest.copy(), qualities(held, failed))
    going = np.arange(len(values))
    while going.size:
        cut, gain = slices(ordered[going], order[going], held[going], failed[going], peel)
        column = gain.argmax(axis=1)
        every = np.arange(len(going))
        thinner = np.isfinite(gain[every, column])
        going, column, cut = going[thinner], column[thinner], cut[every, column][thinner]
        lowest[going, column] = cut
        held[going] &= values[going, :, column] >= cut[:, None]
        found = qualities(held[going], failed[going])
        better = going[found > best.quality[going]]
        best.quality[better] = found[found > best.quality[going]]
        best.lowest[better] = lowest[better]
    return without_idle_limits(best, values, failed)


def slices(ordered: Array, order: Index, held: Flags, failed: Flags, peel: float) -> tuple[Array, Array]:
    """Lowest values (s, c) that a slice off every column leaves, and the rise of the share of failures for each draw.

    Equal values are cut together: a slice ends before those that it would divide, or takes all where it has no others.
    The gain is minus infinity where too few draws would be left, where none of those held fails, or all do.
    """
    wide = (*held.shape, order.shape[2])
    still = np.take_along_axis(np.broadcast_to(held[..., None], wide), order, axis=1)
    bad = still & np.take_along_axis(np.broadcast_to(failed[..., None], wide), order, axis=1)
    number, hits = held.sum(axis=1)[:, None], (held & failed).sum(axis=1)[:, None]
    take = np.maximum((peel * number).astype(np.int64), 1)
    place = (np.cumsum(still, axis=1) <= take[:, None]).sum(axis=1, keepdims=True)
    cut = np.take_along_axis(ordered, np.minimum(place, held.shape[1] - 1), axis=1)
    off = still & (ordered < cut)
    if not off.any(axis=1).all():
        above = np.where(still & (ordered > cut), ordered, np.inf).min(axis=1, keepdims=True)
        cut = np.where(off.any(axis=1, keepdims=True), cut, above)
        off = still & (ordered < cut)
    taken = off.sum(axis=1)
    left = number - taken
    share = (hits - (off & bad).sum(axis=1)) / np.maximum(left, 1)
    allowed = (left >= FEWEST) & (hits > 0) & (hits < number)
    return cut[:, 0], np.where(allowed, (share - hits / number) / np.maximum(taken, 1), -np.inf)


def without_idle_limits(boxes: Boxes, values: Array, failed: Flags) -> Boxes:
    """The boxes without limits that make them no better, the least useful first; both ends of a number in turn."""
    lowest, quality = boxes.lowest.copy(), boxes.quality.copy()
    turns = np.arange(lowest.shape[1]).reshape(2, -1).T.ravel()
    going = np.arange(len(lowest))
    while going.size:
        beyond = values[going] < lowest[going, None]
        misses = beyond.sum(axis=2)
        found = np.stack([qualities(misses == beyond[..., column], failed[going]) for column in turns], axis=1)
        found[np.isinf(lowest[going][:, turns])] = -1.0
        least = found.argmax(axis=1)
        fewer = np.take_along_axis(found, least[:, None], axis=1)[:, 0]
        idle = fewer >= quality[going]
        going = going[idle]
        lowest[going, turns[least[idle]]] = -np.inf
        quality[going] = fewer[idle]
    return Boxes(lowest, quality)


def box_of_few(positions: Array, missing: Array) -> Box:
    """The failing box of draws (n, m) that fail where something is missing, (n,) > 0; `MOST` numbers are limited."""
    few = np.sort(going_with(ranked(positions), ranked(missing[:, None]).T).numbers[0])
    found = failing_box(positions[:, few], missing > 0.0)
    limits = np.tile([-np.inf, np.inf], (positions.shape[1], 1))
    limits[few] = found.limits
    return found._replace(limits=limits)


class Chosen(NamedTuple):
    """Numbers of columns that are chosen in s samples, (s, few), and how well the first goes with them (s,)."""

    numbers: Index
    first: Array


def going_with(ranks: Array, missing: Array) -> Chosen:
    """The columns of ranks (n, m) that go best with ranks of what is missing (s, n), one after the other.

    One is chosen for all draws, for what those before it leave, or for the draws at the bad end of all before it,
    whichever it goes with better.
    """
    samples, left, strength = np.arange(len(missing)), missing, np.zeros(len(missing))
    bad_end = np.ones(missing.shape, dtype=bool)
    chosen: list[Index] = []
    apart: list[Array] = []
    for _ in range(min(MOST, ranks.shape[1])):
        score = agreement(ranks, left, np.ones_like(bad_end))
        if chosen:
            there = agreement(ranks, missing, bad_end)
            score = np.where(np.abs(there) > np.abs(score), there, score)
        free = np.abs(score)
        for before in chosen:
            free[samples, before] = -1.0
        strength = strength if chosen else free.max(axis=1)
        column = free.argmax(axis=1)
        chosen.append(column)
        worse = bad_end & (ranks[:, column].T * np.sign(score[samples, column])[:, None] > 0.0)
        bad_end = np.where(worse.sum(axis=1, keepdims=True) >= HALF, worse, bad_end)
        own = ranks[:, column].T
        for other in apart:
            own = own - along(own, other)
        apart.append(own)
        left = left - along(left, own)
    return Chosen(np.stack(chosen, axis=1), strength)


def along(values: Array, other: Array) -> Array:
    """The part of values (s, n) that goes along with others, by least squares."""
    scale = np.maximum((other**2).sum(axis=1, keepdims=True), TINY)
    return np.asarray(other * ((values * other).sum(axis=1, keepdims=True) / scale))


def agreement(ranks: Array, values: Array, held: Flags) -> Array:
    """Correlations of columns (n, m) with values (s, n) over the draws held (s, n), in standard errors, (s, m).

    Source: Fisher (1915).
    """
    weight, own = held.astype(np.float64), np.where(held, values, 0.0)
    number = weight.sum(axis=1, keepdims=True)
    total, sums = own.sum(axis=1, keepdims=True), weight @ ranks
    scale = (weight @ ranks**2 - sums**2 / number) * ((own**2).sum(axis=1, keepdims=True) - total**2 / number)
    both = own @ ranks - total * sums / number
    correlation = np.divide(both, np.sqrt(np.maximum(scale, TINY)), out=np.zeros_like(both), where=scale > TINY)
    return np.asarray(np.arctanh(np.clip(correlation, TINY - 1.0, 1.0 - TINY)) * np.sqrt(np.maximum(number - 3.0, 1.0)))


def ranked(values: Array) -> Array:
    """Ranks by column, of equal values their mean, about their mean."""
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=0)
    return np.asarray(ranks - ranks.mean(axis=0))


def told_from_chance(positions: Array, missing: Array) -> bool:
    """Whether what is missing, dealt out at random, yields such a box in at most 5 % of shuffles, itself among them."""
    orders = np.vstack([np.arange(len(missing)), shuffles(len(missing))[:SHUFFLED]])
    chosen = going_with(ranked(positions), ranked(missing[:, None])[:, 0][orders])
    boxes = peeled(positions[:, np.sort(chosen.numbers, axis=1)].transpose(1, 0, 2), missing[orders] > 0.0)
    signs = np.minimum(rarity(boxes.quality), rarity(chosen.first))
    return bool((signs <= signs[0]).mean() <= 1.0 - CHANCE)


def rarity(sign: Array) -> Array:
    """Share of samples in which a sign is as strong, (s,)."""
    return np.asarray((sign[None, :] >= sign[:, None]).mean(axis=1))
