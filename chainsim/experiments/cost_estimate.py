"""What a sweep will cost, from one short real run: time, disk, memory."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass

from chainsim.experiments.design import Design
from chainsim.runs.base_years import built
from chainsim.runs.progress import duration
from chainsim.runs.simulation import Simulation
from chainsim.runs.sweep_job import table
from chainsim.runs.table_files import encoded

LONGEST = 10.0
"""Seconds after which a trial run is cut short and the rest of its years is reckoned."""


@dataclass(frozen=True)
class Estimate:
    """Runs to do of all runs, seconds at `jobs` at once, bytes on disk, bytes of memory of one process."""

    runs: int
    points: int
    replications: int
    missing: int
    jobs: int
    per_run: float
    disk: float
    memory: float

    @property
    def seconds(self) -> float:
        """How long the sweep takes."""
        return self.missing * self.per_run / self.jobs

    def __str__(self) -> str:
        """The estimate in lines."""
        stored = self.runs - self.missing
        lines = [
            f"runs    {self.runs:,} = {self.points:,} points x {self.replications:,} replications"
            + (f", {stored:,} of them stored" if stored else ""),
            f"time    {duration(self.seconds)} at {self.jobs} runs at once, {self.per_run:.3g} s a run",
            f"disk    {size(self.disk)}",
            f"memory  {size(self.memory)} for each of {self.jobs + (self.jobs > 1)} processes",
        ]
        return "\n".join(lines)


def estimate(design: Design, missing: int, jobs: int) -> Estimate:
    """What the missing runs of a design cost, by a run of its first point.

    The base year is counted once a point, because its replications share it; a first year warms up and is not counted.
    """
    scenario = design.at(0)
    Simulation(scenario, design.seed((0, 0))).step()
    began = time.perf_counter()
    simulation, years = Simulation(scenario, design.seed((0, 1))), 0
    building = time.perf_counter() - began
    while simulation.running and time.perf_counter() - began < LONGEST:
        simulation.step()
        years += 1
    took, all_years = time.perf_counter() - began - building, scenario.years.end - scenario.years.start
    recording = simulation.recording()
    quantiles = design.summary or ()
    kept = [((0, 0), recording)]
    tables = [table(name, scenario.name, kept, quantiles) for name in design.record]
    size, empty = (sum(map(len, map(encoded, part))) for part in (tables, [full.slice(0, 0) for full in tables]))
    share = all_years / max(years, 1)
    units = missing / design.replications if design.summary else missing
    per_run = base_year_seconds(design) / design.replications + building + took * share
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Estimate(
        runs=design.runs,
        points=design.points,
        replications=design.replications,
        missing=missing,
        jobs=jobs,
        per_run=per_run,
        disk=(size - empty) * share * units,
        memory=memory,
    )


def base_year_seconds(design: Design) -> float:
    """Seconds to build a base year."""
    began = time.perf_counter()
    built(design.scenario, design.scenario.seed)
    return time.perf_counter() - began


def size(count: float) -> str:
    """A number of bytes in words."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"
