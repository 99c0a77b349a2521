"""The job of a sweep: runs of points of a design, whose tables come back as the bytes of Parquet files.

Encoding happens in the workers, in parallel, so that the process that writes the store only writes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from chainsim.economy.parameters import counted_in
from chainsim.indicators.table import Recording
from chainsim.runs.frames import joined, summarised
from chainsim.runs.provenance import source_hash, version_of
from chainsim.runs.table_files import encoded, with_meanings
from chainsim.runs.worker import Chunk, ChunkResult, Failure, OtherCode, Run, ScenarioRun, limited, unpickled
from chainsim.scenario.errors import ScenarioError

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario


Luck = Literal["common", "own"]
"""Whether a replication has the same seed at every point of a design, or every point seeds of its own."""
MOST_REPLICATIONS = 1_000_000
"""Replications of a point: so far apart are the seeds of points that have their own."""


def seed_of(first: int, luck: Luck, run: Run) -> int:
    """Seed of a run of a design, `first` that of its first run; points and replications added later change none."""
    point, replication = run
    return first + replication + (MOST_REPLICATIONS * point if luck == "own" else 0)


def code() -> tuple[str, str]:
    """Version and source hash of the package in this process."""
    return version_of("chainsim"), source_hash()


@dataclass(frozen=True)
class SweepJob:
    """What all chunks of a sweep share.

    `payload` is the scenario, `first_seed` that of point 0 and replication 0, `luck` says whether points share seeds,
    `record` and `summary` are tables and quantiles to keep; `code` is version and source of the package that makes the
    store.
    """

    payload: bytes
    first_seed: int
    luck: Luck
    record: tuple[str, ...]
    summary: tuple[float, ...]
    timeout: float | None
    code: tuple[str, str]

    def seed(self, run: Run) -> int:
        """Seed of a run."""
        return seed_of(self.first_seed, self.luck, run)

    def __call__(self, chunk: Chunk) -> ChunkResult:
        """Run a chunk. *Raises* OtherCode where this process has another version of the package."""
        if code() != self.code:
            raise OtherCode(
                f"a worker runs chainsim {code()[0]} with another source; install the same version everywhere. "
                "What was done is stored; the same command again goes on"
            )
        base, result, kept = unpickled(self.payload), ChunkResult(), []
        for point, runs in groupby(chunk.runs, key=lambda run: run[0]):
            recordings = self.run_point(base, chunk.changes[point], list(runs), result)
            if self.summary and any(run[0] == point for run in result.failures):
                self.drop(point, result)  # quantiles over the runs that are left would be wrong
            else:
                kept += recordings
        if kept:
            with counted_in(base.money):
                result.tables = {name: encoded(table(name, base.name, kept, self.summary)) for name in self.record}
        return result

    def run_point(
        self, base: Scenario, changes: Mapping[str, Any], runs: Sequence[Run], result: ChunkResult
    ) -> list[tuple[Run, Recording]]:
        """The recordings of runs of one point; seconds and failures go into the result."""
        try:
            work = ScenarioRun(base.replace(changes))
        except ScenarioError as error:
            for run in runs:
                result.failures[run] = Failure(self.seed(run), None, str(error.problems[0].message))
            return []
        done = []
        for run in runs:
            began = time.perf_counter()
            outcome = limited(work, self.seed(run), self.timeout)
            if isinstance(outcome, Failure):
                result.failures[run] = outcome
            else:
                result.seconds[run] = time.perf_counter() - began
                done.append((run, outcome))
        return done

    def drop(self, point: int, result: ChunkResult) -> None:
        """Count the runs of a point that went well as failed with the one that failed."""
        guilty = next(run for run in result.failures if run[0] == point)
        reason = f"replication {guilty[1]} of its point failed, so the point has no summary"
        for run in [run for run in result.seconds if run[0] == point]:
            del result.seconds[run]
            result.failures[run] = Failure(self.seed(run), None, reason)


def table(name: str, scenario: str, kept: list[tuple[Run, Recording]], summary: tuple[float, ...]) -> pa.Table:
    """One recorded table of some runs: all of them, or quantiles over the runs of every point."""
    runs, recordings = [run for run, _ in kept], [recording for _, recording in kept]
    columns = (
        summarised(name, scenario, recordings, runs, summary) if summary else joined(name, scenario, recordings, runs)
    )
    return with_meanings(pa.table(columns), name)
