"""Base-year sizes: small enterprises up to the reporting scale, those above with a Pareto tail, totals exact.

    small:  x = low + (20 - low) (1 - (1 - q)^(1/b)),  b + 1 = (20 - low) / (mean - low)
    large:  x = f + c ((1 - q)^(-1/tail) - 1),  f = 20, or `LARGE_FLOOR` of their mean where that is less

No large one is above `largest` or, where that is more, `LARGEST` of their mean; what is cut off goes to the others.
Small ones are scaled down to `MOST_OF_SMALL` of the total.

The small ones thin out towards the scale and the large ones start at it: a heap just below it, or a gap just above,
would cross it in the first year as in no other. The form of the small ones is judgement.
"""

from __future__ import annotations

import numpy as np

from chainsim.economy.types import Array

SCALE_OUTPUT = 20.0
"""Sales that make an enterprise 'above scale' in Chinese statistics, CNY million."""
SMALLEST = 1.0
"""Output of the smallest enterprise, CNY million."""
LARGE_FLOOR = 0.3
"""Highest floor of the large ones over their mean output, where their total is too small for a floor at the scale."""
LARGEST = 1.2
"""Least bound on the largest enterprise over the mean output of the large ones."""
MOST_OF_SMALL = 0.6
"""Largest part of a segment's total that small enterprises take beside large ones."""
ENDS = 1e-3
"""Distance that the mean of small ones keeps from the smallest and from the scale, over what lies between them."""


def products(relative: Array, elasticity: float) -> Array:
    """Products by size `relative` to a small enterprise of the segment, (n,): one at least, more by its power."""
    return np.maximum(relative, 1.0) ** elasticity


def ranked(uniform: Array) -> Array:
    """Stratified quantiles in (0, 1), one for each draw by its rank, (n,)."""
    rank = np.empty(uniform.size)
    rank[np.argsort(uniform, kind="stable")] = np.arange(uniform.size)
    return (rank + 0.5) / max(uniform.size, 1)


def small_sizes(quantile: Array, mean: float, scale: float) -> Array:
    """Output of small enterprises, (n,), CNY million: between the smallest and the scale, with the given mean."""
    low, width = SMALLEST / scale, (SCALE_OUTPUT - SMALLEST) / scale
    place = np.clip((mean - low) / width, ENDS, 1.0 - ENDS)
    return low + width * (1.0 - (1.0 - quantile) ** (place / (1.0 - place)))


def large_sizes(quantile: Array, tail: float, total: float, largest: float, scale: float) -> Array:
    """Output of enterprises above scale, (n,), CNY million: Pareto above a floor, sum `total`, none above `largest`."""
    n = quantile.size
    if n == 0:
        return np.zeros(0)
    floor = min(SCALE_OUTPUT / scale, LARGE_FLOOR * total / n)
    excess = (1.0 - quantile) ** (-1.0 / tail) - 1.0
    size = floor + (total - n * floor) * excess / excess.sum()
    cap = max(largest, LARGEST * total / n)
    for _ in range(100):
        over = size > cap * (1.0 + 1e-12)
        if not over.any():
            break
        size[over] = cap
        free = size < cap
        size[free] *= (total - cap * (~free).sum()) / size[free].sum()
    return size * (total / size.sum())


def sizes(
    large: Array, small: Array, mean_small: float, tail: float, total: float, largest: float, scale: float
) -> Array:
    """Output of all synthetic enterprises of a segment, large ones first, (n,), summing to `total`.

    `large`, `small` are uniform draws, one per enterprise. Small enterprises take at most `MOST_OF_SMALL` of the total.
    """
    minor = small_sizes(ranked(small), mean_small / scale, scale)
    if large.size == 0:
        return minor * (total / minor.sum())
    minor = minor * min(1.0, MOST_OF_SMALL * total / minor.sum()) if minor.size else minor
    return np.concatenate([large_sizes(ranked(large), tail, total - minor.sum(), largest, scale), minor])
