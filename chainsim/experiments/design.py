"""A design: a scenario, the points at which it is run, how often, and what is kept; and whether it can be run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chainsim.experiments.axes import Axis, codes, label
from chainsim.experiments.sampling import Columns, Kind
from chainsim.runs.sweep_job import Luck, seed_of
from chainsim.runs.worker import Run
from chainsim.scenario.errors import Mark, Problem, Problems, ScenarioError

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

MOST_TRIED = 400
"""Points that are tried: two seconds for a scenario of the flagship's size."""

BALANCE = "numbers that balance each other cannot move alone; list points that move them together (kind: list)"


@dataclass(frozen=True)
class Design:
    """Points of a scenario: `columns` has the values of every axis by path, one entry a point, (points,).

    `luck` says whether a replication has the same seed at every point (common) or every point seeds of its own.
    """

    name: str
    scenario: Scenario
    axes: tuple[Axis, ...]
    kind: Kind
    columns: Columns
    replications: int
    record: tuple[str, ...]
    summary: tuple[float, ...] = ()
    luck: Luck = "common"

    @property
    def points(self) -> int:
        """Number of points."""
        return len(next(iter(self.columns.values()), [None]))

    @property
    def runs(self) -> int:
        """Number of runs: every replication of every point."""
        return self.points * self.replications

    def changes(self, point: int) -> dict[str, Any]:
        """The values of a point by path, as plain numbers, words and blocks."""
        values = ((path, column[point]) for path, column in self.columns.items())
        return {path: value.item() if isinstance(value, np.generic) else value for path, value in values}

    def seed(self, run: Run) -> int:
        """Seed of a point and replication."""
        return seed_of(self.scenario.seed, self.luck, run)

    def at(self, point: int) -> Scenario:
        """The scenario of a point. *Raises* ScenarioError where its values contradict each other."""
        return self.scenario.replace(self.changes(point))

    def table(self) -> pd.DataFrame:
        """The points: their number and the value of every axis; blocks and lists as JSON."""
        return points_frame(self.columns, self.points)

    def alone(self, path: str) -> NDArray[np.int64]:
        """Points of a one-at-a-time design at which only one axis moves, and the point of the scenario itself."""
        moved = np.stack([codes(column) != codes(column)[0] for column in self.columns.values()])
        number = list(self.columns).index(path)
        others = np.delete(moved, number, axis=0).any(axis=0)
        return np.flatnonzero(~others)


def points_frame(columns: Columns, points: int) -> pd.DataFrame:
    """Number and values of every point, (points, 1 + axes); blocks and lists as JSON text."""
    shown = {path: plain(values) for path, values in columns.items()}
    return pd.DataFrame({"point": np.arange(points, dtype=np.int64), **shown})


def plain(values: np.ndarray) -> Any:
    """Numbers and switches as they are, words as text, everything else as JSON text."""
    if values.dtype != object or all(isinstance(value, bool) for value in values):
        return values if values.dtype != object else values.astype(bool)
    return [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]


def check_points(design: Design, problems: Problems, rows: Sequence[Mark] = ()) -> None:
    """Note what the scenario refuses before anything is run: values refused alone at their axis, else whole points.

    Every point is tried while there are few, an even part of them otherwise; a point that slips through becomes a
    failed run that says why. `rows` are the places of the points where they are listed in a file.
    """
    tried = np.unique(np.linspace(0, design.points - 1, min(design.points, MOST_TRIED)).astype(int))
    refused = {int(point): refusal(design, design.changes(int(point))) for point in tried}
    found = {point: problem for point, problem in refused.items() if problem is not None}
    if not found:
        return
    if rows:
        for point, problem in found.items():
            problems.add(rows[point], ("point", str(point)), message(problem, design.changes(point)))
        return
    alone = [failing for axis in design.axes for failing in refused_ends(axis, design)]
    for axis, value, problem in alone:
        problems.add(axis.mark, ("vary", axis.path), message(problem, {axis.path: value}), lost=False)
    if not alone:
        point, problem = next(iter(found.items()))
        problems.add(design.axes[0].mark, ("vary",), f"point {point}: {message(problem, design.changes(point))}")


def refused_ends(axis: Axis, design: Design) -> list[tuple[Axis, Any, Problem]]:
    """The ends of a range, or the values of a list, that the scenario refuses while everything else is its own."""
    ends = [(value, refusal(design, {axis.path: value})) for value in axis.ends()]
    return [(axis, value, problem) for value, problem in ends if problem is not None]


def refusal(design: Design, changes: dict[str, Any]) -> Problem | None:
    """The first thing that is wrong with the scenario of some values; None if nothing is."""
    try:
        design.scenario.replace(changes)
    except ScenarioError as error:
        return error.problems[0]
    return None


def message(problem: Problem, changes: dict[str, Any]) -> str:
    """What is wrong with which values; where another number objects, its path and how a balance is kept."""
    named = next((path for path in changes if problem.path == path or problem.path.startswith(f"{path}.")), None)
    if named is not None and named == problem.path:
        return problem.message if "found" in problem.message else f"{problem.message} (at {label(changes[named])})"
    values = ", ".join(f"{path} = {label(value)}" for path, value in changes.items())
    return f"with {values}, {problem.path}: {problem.message}; {BALANCE}"
