"""The last comparison: where more pairs go, and which portfolios cannot be told apart.

Pairs go where they help to find the best of a few: many to those that are close to the best or vary much, few to the
others, by the rule of optimal computing budget allocation for the score s, the lower the better (best b):

    n_i / n_j = (sd_i / d_i)^2 / (sd_j / d_j)^2,   d_i = s_i - s_b;   n_b = sd_b sqrt(sum (n_i / sd_i)^2)

Portfolios share the luck of their fresh pairs, so that two are held against each other pair by pair.

Source: Chen and Lee (2010), Stochastic Simulation Optimization.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chainsim.economy.types import Array, Index
from chainsim.search.surface import CHANCE, student

FLOOR = 1e-9
"""Distance between scores, and variance of a score, that count at least, where all scores span 1."""


def more_pairs(mean: Array, variance: Array, number: Index, added: int) -> Index:
    """How `added` pairs are dealt out to portfolios with so many pairs (p,), by their scores, the lower the better.

    None loses pairs that it has: what some have beyond their share is taken from all others alike.
    """
    shares = shares_of(mean, variance)
    total, open_to = int(number.sum()) + added, np.ones(len(mean), dtype=bool)
    while True:
        wanted = np.where(open_to, shares, 0.0) / shares[open_to].sum() * (total - number[~open_to].sum())
        over = open_to & (wanted < number)
        if not over.any():
            break
        open_to &= ~over
    dealt = np.floor(np.where(open_to, wanted - number, 0.0)).astype(np.int64)
    dealt[int(np.argmin(mean))] += added - int(dealt.sum())  # what rounding leaves goes to the best
    return dealt


def shares_of(mean: Array, variance: Array) -> Array:
    """Shares of all pairs in the proportions of the rule, (p,); equal ones where all scores are equal."""
    best, span = int(np.argmin(mean)), float(np.ptp(mean))
    if span == 0.0:
        return np.full(len(mean), 1.0 / len(mean))
    others = np.arange(len(mean)) != best
    relative = variance / span**2 + FLOOR
    apart = np.maximum((mean - mean[best]) / span, FLOOR)
    shares = np.where(others, relative / apart**2, 0.0)
    shares[best] = np.sqrt(relative[best] * (shares[others] ** 2 / relative[others]).sum())
    return np.asarray(shares / shares.sum())


def difference(one: Array, other: Array, chance: float = CHANCE) -> tuple[float, float, float]:
    """Mean and bounds (90 %) of the paired difference of effects (n,) and (m,), as far as both have pairs.

    Bounds are not numbers with a single pair.
    """
    number = min(len(one), len(other))
    apart = one[:number] - other[:number]
    mean = float(np.nanmean(apart))
    known = int(np.isfinite(apart).sum())
    if known < 2:
        return mean, np.nan, np.nan
    reach = student(known, chance) * float(np.nanstd(apart, ddof=1)) / np.sqrt(known)
    return mean, mean - reach, mean + reach


def interval(effects: Sequence[float] | Array) -> tuple[float, float, float]:
    """Mean of pairs and its 90 % bounds (Student's t); those that have no economy are left out."""
    values = np.asarray(effects, dtype=np.float64)
    return difference(values, np.zeros_like(values))
