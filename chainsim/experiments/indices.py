"""Estimators of influence, on arrays alone: elementary effects, Sobol indices, shares of variance, luck kept apart.

Elementary effects: Morris (1991), mu* of Campolongo, Cariboni and Saltelli (2007). Sobol indices: first order of
Saltelli and others (2010), total order of Jansen (1999). Given data: epsilon squared of Kelley (1935). Intervals hold
95 % of bootstrap resamples of trajectories, base points or points; for Sobol indices over halves of the seeds as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from chainsim.economy.draws import draw_key, uniform_for
from chainsim.economy.types import Array, Index

RESAMPLES = 1000
COVER = (0.025, 0.975)
FEWEST_HALVED = 4
"""Runs of a point whose halves still have products of different seeds, so that intervals allow for seeds."""
MOST_LEVELS = 12
"""Different values up to which each is a group of its own; more are cut into as many groups of equal size."""

SAME = 1e-12
"""Relative difference up to which results count as the same."""
LEFT = 0.05
"""Luck that may be left in the mean of a point, as a share of the variance between points."""
MOST = 10_000
"""Replications from which on no number is enough: parameters move the result too little to be told from luck."""


class Measure(NamedTuple):
    """A measure of every axis with the ends of its interval, each (axes,)."""

    value: Array
    low: Array
    high: Array


def resampled(size: int, count: int = RESAMPLES) -> Index:
    """Numbers from 0 to size - 1, drawn with replacement, the same in every call, (count, size)."""
    drawn = drawn_for("experiments.bootstrap", count, size)
    return np.minimum((drawn * size).astype(np.int64), size - 1)


def halves(size: int, count: int = RESAMPLES) -> Index:
    """Half of the numbers from 0 to size - 1, the same in every call, (count, size // 2); all of them below four.

    An estimate varies between halves as it would between samples of the whole size (Shao and Wu 1989).
    """
    if size < FEWEST_HALVED:
        return np.tile(np.arange(size), (count, 1))
    return np.sort(np.argsort(drawn_for("experiments.halves", count, size), axis=1)[:, : size // 2], axis=1)


def drawn_for(purpose: str, count: int, size: int) -> Array:
    """Uniform numbers that are the same in every call, (count, size)."""
    identity = np.arange(count * size, dtype=np.uint64)
    return uniform_for(draw_key(0, purpose, size), identity).reshape(count, size)


def measured(estimate: Callable[[Index, Index], Array], size: int, runs: int = 1) -> Measure:
    """An estimate from all rows and runs, and its interval; `estimate` takes row numbers and run numbers.

    The interval is that of resampled rows and, where every row has four runs or more, halves of the runs.
    """
    again = np.stack([estimate(rows, some) for rows, some in zip(resampled(size), halves(runs), strict=True)])
    low, high = np.quantile(again, COVER, axis=0)
    return Measure(estimate(np.arange(size), np.arange(runs)), low, high)


class Sobol(NamedTuple):
    """First order: share of the variance that an axis explains alone; total: alone and together with others."""

    first: Measure
    total: Measure


def sobol(a: Array, ab: Array, b: Array) -> Sobol:
    """Sobol indices of the mean over luck, from runs at A and B, (n, R), and at A with one axis from B, (n, axes, R).

    Entries of R are runs with the same seeds at every point. Products are taken between runs with different seeds, so
    luck adds nothing to any index, which may therefore be slightly negative; with R = 1 luck counts as part of the
    result. Zero without variance.
    """
    centre = np.concatenate([a, b]).mean(axis=0)
    a, ab, b = a - centre, ab - centre, b - centre

    def shares(rows: Index, runs: Index) -> Array:
        at_a, at_ab, at_b = a[rows][:, runs], ab[rows][:, :, runs], b[rows][:, runs]
        mean, change = (at_a + at_b).mean(axis=0) / 2, at_ab - at_a[:, None]
        variance = float((product(at_a, at_a) + product(at_b, at_b)).mean() / 2 - product(mean, mean))
        alone, together = product(at_b[:, None], change), product(change, change) / 2
        return over(np.stack([alone.mean(axis=0), together.mean(axis=0)]), variance)

    both = measured(shares, *a.shape)
    first, total = (Measure(*(part[order] for part in both)) for order in (0, 1))
    return Sobol(first, total)


def product(x: Array, y: Array) -> Array:
    """Mean product of runs with different seeds along the last axis: expected, the product of the means over luck."""
    runs = max(x.shape[-1], y.shape[-1])
    same = (x * y).sum(axis=-1)
    return same if runs == 1 else (x.sum(axis=-1) * y.sum(axis=-1) - same) / (runs * (runs - 1))


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
    mu_star = measured(lambda rows, _: np.abs(effects[rows]).mean(axis=0), len(effects))
    return Effects(mu_star, effects.mean(axis=0), effects.std(axis=0, ddof=1))


def given_data(columns: list[Index], outputs: Array) -> Measure:
    """Share of the variance of outputs, (n,), between groups of points; `columns` has the group of every point by axis.

    Corrected for what groups of this size explain by chance, so it is about zero for an axis that does nothing; it can
    be slightly negative.
    """

    def shares(rows: Index, _: Index) -> Array:
        return np.array([epsilon_squared(column[rows], outputs[rows]) for column in columns])

    return measured(shares, len(outputs))


def groups_of(values: Array) -> Index:
    """The group of every value: equal values, or about equal numbers of neighbouring ones."""
    distinct, group = np.unique(values, return_inverse=True)
    if len(distinct) <= MOST_LEVELS:
        return group.astype(np.int64)
    count = max(2, min(MOST_LEVELS, len(values) // 8))
    return (np.argsort(np.argsort(values, kind="stable")) * count // len(values)).astype(np.int64)


def epsilon_squared(group: Index, outputs: Array) -> float:
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


class SeedNoise(NamedTuple):
    """Standard deviations within and between points, share of luck in all variance, replications that are enough.

    `within` counts all differences between runs of a point; `moving` only those that differ from point to point, which
    are what is left when points are compared by the same seeds.
    """

    within: float
    between: float
    moving: float
    share: float
    enough: int


def unmoved(outputs: Array) -> bool:
    """Whether no parameter moves the outputs, (points, replications): with the same seed they are alike at all points.

    Beyond the last digits, that is: sums of the same numbers may differ there.
    """
    spread, largest = np.ptp(outputs, axis=0).max(initial=0.0), np.abs(outputs).max(initial=0.0)
    return bool(spread <= SAME * largest)


def seed_noise(outputs: Array) -> SeedNoise:
    """Luck in outputs, (points, replications); nothing is known from one replication, so its share is not a number.

    An analysis of variance of points by seeds: what the means of points and of seeds leave is the luck that moves.
    """
    points, replications = outputs.shape
    if replications < 2 or points < 2:
        return SeedNoise(math.nan, float(outputs.mean(axis=1).std()), math.nan, math.nan, 2)
    means = outputs.mean(axis=1)
    within = float(outputs.var(axis=1, ddof=1).mean())
    rest = outputs - means[:, None] - outputs.mean(axis=0)[None, :] + outputs.mean()
    moving = float((rest**2).sum() / ((points - 1) * (replications - 1)))
    between = max(float(means.var(ddof=1)) - moving / replications, 0.0)
    share = within / (within + between) if within + between > 0 else 0.0
    enough = math.ceil(moving / (LEFT * between)) if moving < MOST * LEFT * between else MOST if moving > 0 else 2
    return SeedNoise(within**0.5, between**0.5, moving**0.5, share, max(2, min(enough, MOST)))
