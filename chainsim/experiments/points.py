"""Whether the scenario can take the values of a design: found out before anything is run.

Every point is tried while there are few, an even part of them otherwise; a point that slips through becomes a failed run
that says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.experiments.axes import Axis, label
from chainsim.scenario.errors import Mark, Problem, Problems, ScenarioError

if TYPE_CHECKING:
    from chainsim.experiments.design import Design

MOST_TRIED = 400
"""Points that are tried: two seconds for a scenario of the flagship's size."""

BALANCE = "numbers that balance each other cannot move alone; list points that move them together (kind: list)"


def check_points(design: Design, problems: Problems, rows: Sequence[Mark] = ()) -> None:
    """Note what the scenario refuses: values that it refuses alone at their axis, else whole points.

    `rows` are the places of the points where they are listed in a file.
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
