"""The frontier of portfolios: those that no other beats in every aim, found by dense points and small steps from them.

A first look takes the points of a Sobol sequence, a part of them with most levers off; then children of the frontier so
far, each of them moved in a few settings, are held against it, round after round with smaller steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from chainsim.economy import draws
from chainsim.economy.types import Array, Flags, Index

POWER = 13
"""Power of two of the points of the first look."""
ROUNDS, CHILDREN = 40, 2048
"""Rounds of small steps, and children in each."""
STEP, SMALLEST = 0.3, 0.01
"""Standard deviation of a step in the first round and in the last."""
MOVED = 2.0
"""Settings that a child moves on average."""
MOST_KEPT = 300
"""Portfolios that a round starts from."""
PUT_OFF = 0.1
"""Share of the moved strengths that go to 0."""
DRAWS = "search.children"
SEED = 20193
"""Seed of the points; runs have seeds of their own."""


class Frontier(NamedTuple):
    """Portfolios by row: positions (n, d), aims (n, m), every one the better the lower."""

    positions: Array
    aims: Array


def non_dominated(aims: Array) -> Flags:
    """Rows of aims (n, m), the lower the better, that no other row is at least as good as everywhere and better once.

    Of equal rows the first is kept.
    """
    kept = np.zeros(len(aims), dtype=bool)
    if aims.shape[1] == 2:
        order = np.lexsort(aims.T[::-1])
        least = np.minimum.accumulate(aims[order, 1])
        kept[order] = np.concatenate([[True], aims[order[1:], 1] < least[:-1]])[: len(order)]
        return kept
    span = np.ptp(aims, axis=0) if len(aims) else np.ones(aims.shape[1])
    scaled = aims / np.where(span > 0, span, 1.0)
    left = np.lexsort([*aims.T[::-1], scaled.sum(axis=1)])  # a row is beaten by none that follows
    while left.size:
        best = aims[left[0]]
        kept[left[0]] = True
        left = left[(aims[left] < best).any(axis=1)]
    return kept


def searched(evaluate: Callable[[Array], tuple[Array, Flags]], strengths: Flags, seed: int = SEED) -> Frontier:
    """The frontier of what `evaluate` says of positions (n, d): aims (n, m), and whether a row may be listed, (n,).

    `strengths` (d,) says which settings are 0 where a lever is off. *Raises* ValueError where nothing may be listed.
    """
    from scipy.stats import qmc

    points = qmc.Sobol(len(strengths), rng=seed).random_base2(POWER)
    found = Frontier(np.empty((0, len(strengths))), np.empty((0, 0)))
    for off in (0.0, 0.3, 0.6):
        found = better(found, with_some_off(points, strengths, off), evaluate)
    for turn, step in enumerate(np.geomspace(STEP, SMALLEST, ROUNDS)):
        found = better(found, children(found, strengths, float(step), draws.draw_key(seed, DRAWS, turn)), evaluate)
    return found


def with_some_off(points: Array, strengths: Flags, off: float) -> Array:
    """Points with strengths stretched so that a share `off` of each is 0."""
    return np.where(strengths, np.maximum(points - off, 0.0) / (1.0 - off), points)


def better(known: Frontier, positions: Array, evaluate: Callable[[Array], tuple[Array, Flags]]) -> Frontier:
    """The frontier of known portfolios and of others. *Raises* ValueError where none may be listed."""
    aims, allowed = evaluate(positions)
    if not allowed.any() and not len(known.positions):
        raise ValueError("no portfolio is within the budget, not even one without levers")
    if not len(known.positions):
        known = Frontier(positions[:0], aims[:0])
    everybody = np.concatenate([known.positions, positions[allowed]])
    shown = np.concatenate([known.aims, aims[allowed]])
    kept = np.flatnonzero(non_dominated(shown))
    if kept.size > MOST_KEPT:
        kept = kept[spaced(shown[kept], MOST_KEPT)]
    return Frontier(everybody[kept], shown[kept])


def children(parents: Frontier, strengths: Flags, step: float, key: np.uint64) -> Array:
    """Portfolios near those of a frontier, (CHILDREN, d): a few settings moved, one lever in ten of these put off."""
    from scipy.special import ndtri

    count, size = CHILDREN, len(strengths)
    drawn = draws.uniform_for(key, np.arange(count * (1 + 3 * size), dtype=np.uint64))
    which = np.minimum((drawn[:count] * len(parents.positions)).astype(np.int64), len(parents.positions) - 1)
    chosen, moves, off = drawn[count:].reshape(3, count, size)
    moved = chosen < min(1.0, MOVED / size)
    normal = ndtri(np.clip(moves, 1e-12, 1.0 - 1e-12))
    stepped = np.clip(parents.positions[which] + np.where(moved, step * normal, 0.0), 0.0, 1.0)
    return np.where(moved & strengths & (off < PUT_OFF), 0.0, stepped)


def spaced(aims: Array, number: int) -> Index:
    """Rows of aims (n, m) that are spread over them: the best of every aim, then the one furthest from those taken."""
    if len(aims) <= number:
        return np.arange(len(aims))
    span = np.ptp(aims, axis=0)
    scaled = (aims - aims.min(axis=0)) / np.where(span > 0, span, 1.0)
    taken = list(dict.fromkeys(np.argmin(scaled, axis=0).tolist()))[:number]
    apart = np.min([((scaled - scaled[row]) ** 2).sum(axis=1) for row in taken], axis=0)
    while len(taken) < number:
        row = int(np.argmax(apart))
        taken.append(row)
        apart = np.minimum(apart, ((scaled - scaled[row]) ** 2).sum(axis=1))
    return np.array(sorted(taken))
