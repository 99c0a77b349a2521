"""Kinds of designs: which points of the axes are run.

Sources: Latin hypercubes, McKay, Beckman and Conover (1979); Sobol sequences as scrambled by Owen (1998); pairs of
samples for Sobol indices, Saltelli and others (2010); trajectories, Morris (1991).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from chainsim.economy.parameters import Count, Frozen
from chainsim.experiments.axes import Axis, Positions, column

Columns = dict[str, NDArray[Any]]
"""Values of every axis by path, one entry a point."""

Points = Annotated[int, Field(ge=1, le=10_000_000)]
Levels = Annotated[int, Field(ge=2, le=1000)]


class Grid(Frozen):
    """Every combination; a range takes evenly spaced levels, low and high included."""

    kind: Literal["grid"] = "grid"
    levels: Levels = Field(3, description="Values that a range takes.")

    def columns(self, axes: Sequence[Axis]) -> Columns:
        """All combinations; the last axis moves first."""
        return combinations({axis.path: axis.levels(self.levels) for axis in axes})


class OneAtATime(Frozen):
    """The scenario itself, then every axis alone over its values while the others keep the scenario's."""

    kind: Literal["oat"]
    levels: Levels = Field(5, description="Values that a range takes.")

    def columns(self, axes: Sequence[Axis]) -> Columns:
        """The scenario first, then axis by axis; the scenario's own values are not run twice."""
        rows = [{axis.path: axis.own for axis in axes}]
        for axis in axes:
            rows += [{**rows[0], axis.path: value} for value in axis.levels(self.levels) if value != axis.own]
        return {axis.path: column([row[axis.path] for row in rows]) for axis in axes}


class Sampled(Frozen):
    """Points spread over the ranges; every combination of listed values meets the same points."""

    points: Points = Field(description="Points in the space of the ranges.")
    seed: Count = Field(0, description="Seed of the sample; the runs have seeds of their own.")

    def columns(self, axes: Sequence[Axis]) -> Columns:
        """The sample for the first combination of listed values, then for the second, and so on."""
        ranges = [axis for axis in axes if not axis.listed]
        sample = self.sample(len(ranges))
        lists = combinations({axis.path: list(axis.values) for axis in axes if axis.listed})
        repeats = len(next(iter(lists.values()), [None]))
        drawn = {axis.path: np.tile(axis.at(sample[:, number]), repeats) for number, axis in enumerate(ranges)}
        crossed = {path: np.repeat(values, len(sample)) for path, values in lists.items()}
        return {axis.path: (drawn | crossed)[axis.path] for axis in axes}

    def sample(self, dimensions: int) -> Positions:
        """Positions from 0 to 1, (points, dimensions)."""
        raise TypeError(f"{type(self).__name__} draws no sample")


class Latin(Sampled):
    """A Latin hypercube: each range is cut into as many slices as there are points, and every slice is met once."""

    kind: Literal["latin"]

    def sample(self, dimensions: int) -> Positions:
        """Positions from 0 to 1, (points, dimensions)."""
        from scipy.stats import qmc

        return qmc.LatinHypercube(dimensions, rng=self.seed).random(self.points)


class Sobol(Sampled):
    """A scrambled Sobol sequence: even in every direction; more points continue the same sequence."""

    kind: Literal["sobol"]

    def sample(self, dimensions: int) -> Positions:
        """Positions from 0 to 1, (points, dimensions)."""
        return sobol(self.points, dimensions, self.seed)


class Saltelli(Frozen):
    """Pairs of samples for Sobol indices of first and total order: points x (axes + 2) points are run.

    Listed values are factors like the others: each value owns an equal part of its axis.
    """

    kind: Literal["saltelli"]
    points: Points = Field(description="Size N of the base sample, a power of 2.")
    seed: Count = Field(0, description="Seed of the sample; the runs have seeds of their own.")

    def columns(self, axes: Sequence[Axis]) -> Columns:
        """For each base point: A, then A with one axis after the other from B, then B."""
        size = len(axes)
        base = sobol(self.points, 2 * size, self.seed)
        first, second = base[:, :size], base[:, size:]
        mixed = [np.where(np.arange(size) == number, second, first) for number in range(size)]
        positions = np.stack([first, *mixed, second], axis=1).reshape(-1, size)
        return {axis.path: axis.at(positions[:, number]) for number, axis in enumerate(axes)}


class Morris(Frozen):
    """Trajectories that move one axis at a time: trajectories x (axes + 1) points are run.

    Listed values are factors like the others: each value owns an equal part of its axis.
    """

    kind: Literal["morris"]
    trajectories: Annotated[int, Field(ge=2, le=100_000)] = Field(16, description="Trajectories through the space.")
    levels: Annotated[int, Field(ge=4, le=100, multiple_of=2)] = Field(
        4, description="Levels of an axis, an even number; a step is about half the axis."
    )
    seed: Count = Field(0, description="Seed of the trajectories; the runs have seeds of their own.")

    def columns(self, axes: Sequence[Axis]) -> Columns:
        """Trajectory after trajectory, each a start and one step along every axis."""
        positions = self.positions(len(axes)).reshape(-1, len(axes))
        return {axis.path: axis.at(positions[:, number]) for number, axis in enumerate(axes)}

    @property
    def step(self) -> float:
        """Length of a step, in parts of an axis."""
        return self.levels / (2 * (self.levels - 1))

    def positions(self, size: int) -> Positions:
        """Positions from 0 to 1, (trajectories, axes + 1, axes); starts and orders of a Latin hypercube."""
        from scipy.stats import qmc

        drawn = qmc.LatinHypercube(2 * size, rng=self.seed).random(self.trajectories)
        level = np.floor(drawn[:, :size] * self.levels) / (self.levels - 1)
        direction = np.where(level < 0.5, self.step, -self.step)
        turn = np.argsort(np.argsort(drawn[:, size:], axis=1), axis=1)
        moved = np.arange(size + 1)[None, :, None] > turn[:, None, :]
        return np.clip(level[:, None, :] + moved * direction[:, None, :], 0.0, 1.0)


class Listed(Frozen):
    """The points of a CSV file: columns are dotted paths, rows are points; empty cells keep the scenario's value."""

    kind: Literal["list"]
    file: str = Field(description="CSV file, relative to the design.", min_length=1)


Kind = Grid | OneAtATime | Latin | Sobol | Saltelli | Morris | Listed

POWERS_OF_TWO = (Sobol, Saltelli)
"""Kinds whose sequence is even only over a power of 2 of points."""


def combinations(levels: dict[str, list[Any]]) -> Columns:
    """Every combination of the levels; the last axis moves first."""
    rows = list(product(*levels.values()))
    return {path: column([row[number] for row in rows]) for number, path in enumerate(levels)}


def sobol(points: int, dimensions: int, seed: int) -> Positions:
    """The first points of a scrambled Sobol sequence, (points, dimensions)."""
    from scipy.stats import qmc

    return qmc.Sobol(dimensions, rng=seed).random_base2(int(np.log2(points)))
