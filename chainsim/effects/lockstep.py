"""Worlds that live through the same years side by side, one step of the year at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainsim.runs.simulation import Simulation

BASE_YEAR = "base year"
"""Name of the step before the first simulated year: the base year as built."""


def year_of(worlds: Sequence[Simulation]) -> Iterator[str]:
    """Simulate and record the next year of all worlds: yields the name of every step when all have done it.

    Raises:
        RunError: a stage of a world failed or its books do not close.
    """
    for done in zip(*(world.steps() for world in worlds), strict=True):
        yield done[0]
