"""What a worker does: a chunk of runs goes in, the recorded tables come back as the bytes of Parquet files.

Encoding happens here, in parallel, so that the process that writes the store only writes.
"""

from __future__ import annotations

import hashlib
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

import cloudpickle

from chainsim.indicators import Recording
from chainsim.runs import ensemble
from chainsim.runs.processes import Failure, Outcome, attempt
from chainsim.runs.provenance import source_hash, version_of
from chainsim.scenario.errors import ScenarioError

if TYPE_CHECKING:
    import pyarrow as pa

    from chainsim.scenario.scenario import Scenario

Run = tuple[int, int]
"""Point and replication."""


@dataclass(frozen=True)
class Job:
    """What all chunks of a sweep share. `seed` is that of replication 0; `code` is version and source of the package that makes the store."""

    payload: bytes
    seed: int
    record: tuple[str, ...]
    summary: tuple[float, ...]
    timeout: float | None
    code: tuple[str, str]


@dataclass(frozen=True)
class Chunk:
    """Runs in canonical order, with the values of their points."""

    runs: tuple[Run, ...]
    changes: Mapping[int, Mapping[str, Any]]


@dataclass
class Harvest:
    """What a chunk brought: seconds of every run that is kept, failures, and tables as Parquet."""

    seconds: dict[Run, float] = field(default_factory=dict)
    failures: dict[Run, Failure] = field(default_factory=dict)
    tables: dict[str, bytes] = field(default_factory=dict)


class OtherCode(RuntimeError):
    """A worker has another version of the package than the process that writes the store."""


class Overtime(TimeoutError):
    """A run took longer than it may."""


def code() -> tuple[str, str]:
    """Version and source hash of the package in this process."""
    return version_of("chainsim"), source_hash()


def work(job: Job, chunk: Chunk) -> Harvest:
    """Run a chunk. *Raises* OtherCode where this process has another version of the package."""
    if code() != job.code:
        raise OtherCode(f"a worker runs chainsim {code()[0]} with another source; install the same version everywhere")
    base, harvest, kept = scenario_of(job.payload), Harvest(), []
    for point, runs in groupby(chunk.runs, key=lambda run: run[0]):
        recordings = point_outcomes(base, chunk.changes[point], list(runs), job.timeout, harvest)
        if job.summary and any(run[0] == point for run in harvest.failures):
            drop(point, base.seed, harvest)  # quantiles over the runs that are left would be wrong
        else:
            kept += recordings
    if kept:
        harvest.tables = {name: encoded(table(name, base, kept, job.summary), name) for name in job.record}
    return harvest


_scenarios: dict[str, Scenario] = {}


def scenario_of(payload: bytes) -> Scenario:
    """The scenario of a payload; the last one is kept, because all chunks of a sweep bring the same."""
    key = hashlib.sha256(payload).hexdigest()
    if key not in _scenarios:
        _scenarios.clear()
        _scenarios[key] = cloudpickle.loads(payload)
    return _scenarios[key]


def point_outcomes(
    base: Scenario, changes: Mapping[str, Any], runs: Sequence[Run], timeout: float | None, harvest: Harvest
) -> list[tuple[Run, Recording]]:
    """The recordings of runs of one point; seconds and failures go into the harvest."""
    try:
        scenario = base.replace(changes)
    except ScenarioError as error:
        for run in runs:
            harvest.failures[run] = Failure(base.seed + run[1], None, str(error.problems[0].message))
        return []
    done = []
    for run in runs:
        began = time.perf_counter()
        outcome = limited(scenario, base.seed + run[1], timeout)
        if isinstance(outcome, Failure):
            harvest.failures[run] = outcome
        else:
            harvest.seconds[run] = time.perf_counter() - began
            done.append((run, outcome))
    return done


def drop(point: int, seed: int, harvest: Harvest) -> None:
    """Count the runs of a point that went well as failed with the one that failed."""
    guilty = next(run for run in harvest.failures if run[0] == point)
    reason = f"replication {guilty[1]} of its point failed, so the point has no summary"
    for run in [run for run in harvest.seconds if run[0] == point]:
        del harvest.seconds[run]
        harvest.failures[run] = Failure(seed + run[1], None, reason)


def limited(scenario: Scenario, seed: int, timeout: float | None) -> Outcome:
    """A run that fails once it has taken `timeout` seconds.

    The clock is read after every year; in the main thread of a process an alarm rings within the year as well.
    """
    if timeout is None:
        return attempt(ensemble.Run(scenario), seed, lambda years: None)
    end, said = time.monotonic() + timeout, f"it took longer than {timeout:g} s"

    def read_clock(years: int) -> None:
        if time.monotonic() > end:
            raise Overtime(said)

    try:
        with alarm(timeout, said):
            return attempt(ensemble.Run(scenario), seed, read_clock)
    except Overtime:
        return Failure(seed, None, said)


@contextmanager
def alarm(seconds: float, said: str) -> Iterator[None]:
    """Raises Overtime in the block after some seconds, where the system and the thread allow alarms."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(number: int, stack: object) -> None:
        raise Overtime(said)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def table(name: str, base: Scenario, kept: list[tuple[Run, Recording]], summary: tuple[float, ...]) -> pa.Table:
    """One recorded table of a chunk: all its runs, or quantiles over the runs of every point."""
    import pyarrow as pa

    from chainsim.runs.frames import joined
    from chainsim.runs.save import with_meanings
    from chainsim.runs.summary import summarised

    runs, recordings = [run for run, _ in kept], [recording for _, recording in kept]
    columns = (
        summarised(name, base.name, recordings, runs, summary) if summary else joined(name, base.name, recordings, runs)
    )
    return with_meanings(pa.table(columns), name)


def encoded(table: pa.Table, name: str) -> bytes:
    """A table as the bytes of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    others = [field.name for field in table.schema if field.name not in floats]
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", use_dictionary=others, use_byte_stream_split=floats)
    return bytes(sink.getvalue())
