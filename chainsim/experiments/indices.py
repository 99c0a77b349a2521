"""Estimators of influence, on arrays alone: elementary effects, Sobol indices, shares of variance of given data.

Elementary effects: Morris (1991), mu* of Campolongo, Cariboni and Saltelli (2007). Sobol indices: first order of Saltelli
and others (2010), total order of Jansen (1999). Given data: epsilon squared of Kelley (1935). Intervals hold 95 % of
bootstrap resamples of trajectories, base points or points.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainsim.draws import draw_key, uniform_for

Array = NDArray[np.float64]
RESAMPLES = 1000
COVER = (0.025, 0.975)
MOST_LEVELS = 12
"""Different values up to which each is a group of its own; more are cut into as many groups of equal size."""


class Measure(NamedTuple):
    """A measure of every axis with the ends of its interval, each (axes,)."""

    value: Array
    low: Array
    high: Array


def resampled(size: int, count: int = RESAMPLES) -> NDArray[np.int64]:
    """Numbers from 0 to size - 1, drawn with replacement, the same in every call, (count, size)."""
    identity = np.arange(count * size, dtype=np.uint64)
    drawn = uniform_for(draw_key(0, "experiments.bootstrap", size), identity)
    return np.minimum((drawn * size).astype(np.int64), size - 1).reshape(count, size)


def measured(estimate: Callable[[NDArray[np.int64]], Array], size: int) -> Measure:
    """An estimate from all rows, and the interval of its bootstrap; `estimate` takes row numbers."""
    again = np.stack([estimate(rows) for rows in resampled(size)])
    low, high = np.quantile(again, COVER, axis=0)
    return Measure(estimate(np.arange(size)), low, high)


class Sobol(NamedTuple):
    """First order: share of the variance that an axis explains alone; total: alone and together with others."""

    first: Measure
    total: Measure


def sobol(a: Array, ab: Array, b: Array) -> Sobol:
    """Sobol indices from outputs at A and B, (n,), and at A with one axis from B, (n, axes). Zero without variance."""
    centre = np.concatenate([a, b]).mean()
    a, ab, b = a - centre, ab - centre, b - centre

    def variance(rows: NDArray[np.int64]) -> float:
        both = np.concatenate([a[rows], b[rows]])
        return float(both.var())

    def first(rows: NDArray[np.int64]) -> Array:
        return over((b[rows, None] * (ab[rows] - a[rows, None])).mean(axis=0), variance(rows))

    def total(rows: NDArray[np.int64]) -> Array:
        return over(0.5 * ((a[rows, None] - ab[rows]) ** 2).mean(axis=0), variance(rows))

    return Sobol(measured(first, len(a)), measured(total, len(a)))


def over(part: Array, whole: float) -> Array:
    """Shares of a whole; zero where the whole is."""
    return part / whole if whole > 0 else np.zeros_like(part)


class Effects(NamedTuple):
    """Mean absolute effect of crossing a whole axis, its mean with sign, and its spread over the space."""

    mu_star: Measure
    mu: Array
    sigma: Array


def elementary_effects(outputs: Array, positions: Array) -> Array:
    """Change of the output over a step along every axis, per whole axis, (trajectories, axes).

    `outputs` are (trajectories, axes + 1), `positions` (trajectories, axes + 1, axes).
    """
    steps, changes = np.diff(positions, axis=1), np.diff(outputs, axis=1)
    axis = np.abs(steps).argmax(axis=2)
    length = np.take_along_axis(steps, axis[:, :, None], axis=2)[:, :, 0]
    effects = np.empty_like(changes)
    np.put_along_axis(effects, axis, changes / length, axis=1)
    return effects


def morris(effects: Array) -> Effects:
    """Measures of elementary effects, (trajectories, axes)."""
    mu_star = measured(lambda rows: np.abs(effects[rows]).mean(axis=0), len(effects))
    return Effects(mu_star, effects.mean(axis=0), effects.std(axis=0, ddof=1))


def given_data(columns: list[NDArray[np.int64]], outputs: Array) -> Measure:
    """Share of the variance of outputs, (n,), between groups of points; `columns` has the group of every point by axis.

    Corrected for what groups of this size explain by chance, so it is about zero for an axis that does nothing; it can
    be slightly negative.
    """

    def shares(rows: NDArray[np.int64]) -> Array:
        return np.array([epsilon_squared(column[rows], outputs[rows]) for column in columns])

    return measured(shares, len(outputs))


def groups_of(values: Array) -> NDArray[np.int64]:
    """The group of every value: equal values, or about equal numbers of neighbouring ones."""
    distinct, group = np.unique(values, return_inverse=True)
    if len(distinct) <= MOST_LEVELS:
        return group.astype(np.int64)
    count = max(2, min(MOST_LEVELS, len(values) // 8))
    return (np.argsort(np.argsort(values, kind="stable")) * count // len(values)).astype(np.int64)


def epsilon_squared(group: NDArray[np.int64], outputs: Array) -> float:
    """Share of variance between groups, less what chance puts there; zero without variance."""
    sizes = np.bincount(group)
    used = sizes > 0
    centred = outputs - outputs.mean()
    total = float((centred**2).sum())
    within_freedom = len(outputs) - int(used.sum())
    if total <= 0 or within_freedom <= 0:
        return 0.0
    between = float((np.bincount(group, weights=centred)[used] ** 2 / sizes[used]).sum())
    chance = (total - between) / within_freedom * (int(used.sum()) - 1)
    return (between - chance) / total
