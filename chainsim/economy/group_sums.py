"""Sums, means and medians by segment, in one fixed order of addition: that of the rows.

A sum over active enterprises, over those that operated, or over a cohort differs in who is counted, in nothing else.
"""

from __future__ import annotations

import numpy as np

from chainsim.economy import kernels
from chainsim.economy.types import Array, Flags, Index

Segment = Index


def sums(values: Array, segment: Segment, counted: Flags, segments: int) -> Array:
    """Sums of `values` (n,) over the enterprises `counted` (n,) of each segment, (S,)."""
    return row_sums(values[None], segment, counted, segments)[0]


def row_sums(values: Array, segment: Segment, counted: Flags, segments: int) -> Array:
    """Sums of each row of `values` (m, n) over the enterprises `counted` (n,) of each segment, (m, S)."""
    out = np.zeros((values.shape[0], segments))
    kernels.segment_totals(np.ascontiguousarray(values, dtype=float), segment, counted, out)
    return out


def totals(values: Array, segment: Segment, segments: int) -> Array:
    """Sums of `values` (n,) over all enterprises of each segment, (S,)."""
    return sums(values, segment, np.ones(segment.size, dtype=np.bool_), segments)


def column_sums(values: Array, segment: Segment, segments: int, counted: Flags | None = None) -> Array:
    """Sums of the columns of `values` (n, m) by segment over the enterprises `counted` (n,), or all of them, (S, m)."""
    out = np.zeros((segments, values.shape[1]))
    everybody = np.ones(segment.size, dtype=np.bool_) if counted is None else counted
    kernels.column_totals(np.ascontiguousarray(values), segment, everybody, out)
    return out


def across(values: Array) -> Array:
    """Sums over the columns of `values` (n, m), (n,), added one after the other: faster than NumPy's on short rows."""
    total = values[:, 0].copy()
    for column in values.T[1:]:
        total += column
    return total


def weighted_means(values: Array, weights: Array, segment: Segment, segments: int) -> Array:
    """Means of `values` (n,) by segment, weighted by `weights` (n,), (S,); 0 where there is no weight."""
    total = totals(weights, segment, segments)
    return np.divide(totals(values * weights, segment, segments), total, out=np.zeros(segments), where=total > 0)


def numbers(segment: Segment, counted: Flags, segments: int) -> Index:
    """How many enterprises of each segment are `counted` (n,), (S,)."""
    return np.bincount(segment[counted], minlength=segments)


def means(values: Array, segment: Segment, counted: Flags, segments: int) -> Array:
    """Means of `values` (n,) over the enterprises `counted` (n,) of each segment, (S,); 0 where there is none."""
    return sums(values, segment, counted, segments) / np.maximum(numbers(segment, counted, segments), 1)


def medians(values: Array, segment: Segment, counted: Flags, segments: int) -> Array:
    """Medians of `values` (n,) over the enterprises `counted` (n,) of each segment, (S,); 0 where there is none."""
    found = np.zeros(segments)
    kernels.segment_medians(np.ascontiguousarray(values, dtype=float), segment, counted, found)
    return found


def largest(values: Array, segment: Segment, counted: Flags, segments: int) -> Array:
    """Largest of `values` (n,) over the enterprises `counted` (n,) of each segment, (S,); 0 where none is above."""
    found = np.zeros(segments)
    kernels.segment_largest(values, segment, counted, found)
    return found


def falling_order(values: Array) -> Index:
    """Places of `values` (m,) from the largest to the smallest, equal ones in their order, (m,)."""
    order = np.argsort(-values)
    if (values[order[1:]] == values[order[:-1]]).any():  # rare: the sort that keeps their order takes twice as long
        return np.argsort(-values, kind="stable")
    return order


def mean_excess(values: Array, segment: Segment, rows: Index, segments: int) -> Array:
    """Mean over the `rows` (m,) of a segment of what each has beyond one's own value, (n,); 0 for others."""
    falling = rows[falling_order(values[rows])]
    order = falling[np.argsort(segment[falling].astype(np.uint16), kind="stable")]  # short keys are sorted at once
    own = segment[order]
    number = np.bincount(own, minlength=segments)
    first = np.concatenate(([0], np.cumsum(number)))[own]
    before = np.concatenate(([0.0], np.cumsum(values[order])))
    place = np.arange(order.size)
    above = (before[place] - before[first]) - (place - first) * values[order]
    out = np.zeros(segment.size)
    out[order] = above / number[own]
    return out
