"""Where two runs first differ: the year, the step of the year, what differs, and which enterprises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from chainsim.economy.economy import Economy
from chainsim.effects.differences import NAMES, Difference, aligned, difference, differing, differing_links, same
from chainsim.effects.paired_worlds import BASE_YEAR, step_together
from chainsim.runs.results import Result
from chainsim.runs.simulation import Simulation
from chainsim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Divergence:
    """Where two runs part. `enterprises` has identity, name and segment of those that differ, and in what."""

    year: int
    step: str
    what: Difference
    enterprises: pd.DataFrame
    links: int

    def __str__(self) -> str:
        """The place in words."""
        parts = [
            f"{len(self.enterprises)} enterprises ({', '.join(self.what.columns)})" if self.what.columns else "",
            f"{self.links} links" if self.links else "",
            f"entry points {', '.join(self.what.entry_points)}" if self.what.entry_points else "",
            ", ".join(self.what.others),
        ]
        return f"part in {self.year} at {self.step}: {'; '.join(part for part in parts if part)}"


def diverge(
    first: Scenario | Result | tuple[Scenario, int],
    second: Scenario | Result | tuple[Scenario, int],
    seed: int | None = None,
) -> Divergence | None:
    """The place where two runs first differ in any bit; None where they never do.

    A run is a scenario (with `seed`, or its own), a pair of scenario and seed, or a result, of which the run with
    `seed`, or else its first, is run again. Both are stepped side by side and compared after every step.

    Raises:
        ValueError: the runs do not start in the same year, or a result has no run with the seed.
        RunError: a run failed before they part.
    """
    worlds = [Simulation(*run_of(run, seed)) for run in (first, second)]
    one, other = (world.economy for world in worlds)
    if one.year != other.year:
        raise ValueError(f"the runs start in {one.year} and {other.year}; they must start in the same year")
    found = difference(one, other)
    if found:
        return divergence(one, other, BASE_YEAR, found)
    while all(world.running for world in worlds):
        for step in step_together(worlds):
            found = difference(one, other)
            if found:
                return divergence(one, other, step, found)
    return None


def run_of(run: Scenario | Result | tuple[Scenario, int], seed: int | None = None) -> tuple[Scenario, int]:
    """Scenario and seed of a run. *Raises* ValueError where a result has no run with the seed."""
    if isinstance(run, tuple):
        return run
    if isinstance(run, Result):
        if seed is not None and seed not in run.seeds:
            raise ValueError(f"the result has no run with seed {seed}; its seeds are {run.seeds[0]} to {run.seeds[-1]}")
        return run.scenario, run.seeds[0] if seed is None else seed
    return run, run.seed if seed is None else seed


def divergence(one: Economy, other: Economy, step: str, found: Difference) -> Divergence:
    """The place, with the enterprises that differ."""
    match = aligned(one, other)
    differs = np.flatnonzero(differing(one, other, match))
    rows = [_enterprise(one, other, *(int(rows[k]) for rows in match.rows)) for k in differs]
    table = pd.DataFrame(rows, columns=["identity", "name", "segment", "columns"])
    links = differing_links(one, other, match)[1] if one.arrays.names == other.arrays.names else 0
    return Divergence(other.year, step, found, table, links)


def _enterprise(one: Economy, other: Economy, row: int, other_row: int) -> tuple[int, str, str, str]:
    """Identity, name, segment and the columns that differ of an enterprise that may be in one economy only."""
    economy, there = (other, other_row) if other_row >= 0 else (one, row)
    about = (
        int(economy.identity[there]),
        economy.names.get(there, ""),
        economy.arrays.names[int(economy.segment[there])],
    )
    if row < 0 or other_row < 0:
        return *about, "only in the second" if row < 0 else "only in the first"
    unlike = [
        name
        for name in NAMES
        if not same(getattr(one, name)[row : row + 1], getattr(other, name)[other_row : other_row + 1])
    ]
    return *about, ", ".join(unlike)
