"""What a worker does: a job and a chunk of runs go in, results come back; whatever a run raises is a Failure."""

from __future__ import annotations

import signal
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import cloudpickle

from chainsim.indicators.table import Recording
from chainsim.runs.simulation import Simulation
from chainsim.runs.told_to_stop import termination
from chainsim.stages.year import RunError

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

Run = tuple[int, int]
"""Point and replication."""
Outcome = Any
"""What the work of a seed returns, or its Failure."""
Report = Callable[[int], None]
"""Called with the number of simulated years that were added."""


@dataclass(frozen=True)
class Failure:
    """A run that raised: seed, the year it was in (None where unknown), reason and traceback as text."""

    seed: int
    year: int | None
    reason: str
    trace: str = ""


@dataclass(frozen=True)
class Chunk:
    """Runs in canonical order, with the values of their points."""

    runs: tuple[Run, ...]
    changes: Mapping[int, Mapping[str, Any]]


@dataclass
class ChunkResult:
    """What a chunk brought: outcomes or seconds of every run that went well, failures, tables as Parquet."""

    outcomes: dict[Run, Outcome] = field(default_factory=dict)
    seconds: dict[Run, float] = field(default_factory=dict)
    failures: dict[Run, Failure] = field(default_factory=dict)
    tables: dict[str, bytes] = field(default_factory=dict)


class Job(Protocol):
    """What all chunks share; it travels to the workers and runs chunks there. A run may take `timeout` seconds."""

    @property
    def timeout(self) -> float | None:
        """Seconds that a run may take."""
        ...

    def seed(self, run: Run) -> int:
        """Seed of a run."""
        ...

    def __call__(self, chunk: Chunk) -> ChunkResult:
        """Run a chunk. *Raises* OtherCode where this process has another version of the package."""
        ...


class OtherCode(RuntimeError):
    """A worker has another version of the package than the process that sent the chunk."""


class Work(Protocol):
    """Something to do for a seed, year by year; it travels to workers."""

    @property
    def years(self) -> int:
        """Number of years that the work of a seed announces."""
        ...

    def __call__(self, seed: int) -> Generator[int, None, Outcome]:
        """Do it: yields every year when it begins, returns the outcome."""
        ...


@dataclass(frozen=True)
class ScenarioRun:
    """The work of an ensemble: one run of the scenario for every seed."""

    scenario: Scenario

    @property
    def years(self) -> int:
        """Simulated years of a run."""
        return self.scenario.years.end - self.scenario.years.start

    def __call__(self, seed: int) -> Generator[int, None, Recording]:
        """Run it: yields every year when it begins, returns the tables."""
        simulation = Simulation(self.scenario, seed)
        while simulation.running:
            yield simulation.economy.year + 1
            simulation.step()
        return simulation.recording()

    @property
    def asked(self) -> Sequence[str]:
        """What tells these runs from those of another scenario."""
        return [self.scenario.hash]

    def packed(self, outcome: Recording) -> tuple[Sequence[Recording], None]:
        """An outcome as recordings and other values."""
        return [outcome], None

    def unpacked(self, recordings: Sequence[Recording], values: Any) -> Recording:
        """The outcome that was packed."""
        return recordings[0]


def attempt(work: Work, seed: int, report: Report) -> Outcome:
    """The work of one seed; whatever it raises becomes a Failure that names the year."""
    year = None
    try:
        going = work(seed)
        while True:
            try:
                year = next(going)
            except StopIteration as done:
                return done.value
            report(1)
    except Exception as error:
        termination.end_if_wanted()
        kind = "" if isinstance(error, (RunError, ValueError, TimeoutError)) else f"{type(error).__name__}: "
        return Failure(seed, year, kind + str(error).partition("\n")[0], traceback.format_exc())


def no_report(years: int) -> None:
    """The report of work in another process, which tells how far it is by coming back."""


class SeedJob:
    """Work for some seeds: run (0, replication) has the outcome of that seed.

    A chunk ends with a failure, unless `past_failures`.
    """

    timeout = None

    def __init__(
        self, work: Work, seeds: Sequence[int], report: Report = no_report, past_failures: bool = False
    ) -> None:
        """`report` hears of every year that is simulated in this process."""
        self.work, self.seeds, self.report, self.past_failures = work, tuple(seeds), report, past_failures

    def seed(self, run: Run) -> int:
        """Seed of a run."""
        return self.seeds[run[1]]

    def __call__(self, chunk: Chunk) -> ChunkResult:
        """The outcomes of a chunk."""
        result = ChunkResult()
        for run in chunk.runs:
            outcome = attempt(self.work, self.seed(run), self.report)
            if not isinstance(outcome, Failure):
                result.outcomes[run] = outcome
                continue
            result.failures[run] = outcome
            if not self.past_failures:
                break
        return result

    @cached_property
    def payload(self) -> bytes:
        """The work as bytes; what is defined in a notebook travels as well."""
        return bytes(cloudpickle.dumps(self.work))

    def __reduce__(self) -> tuple[Callable[..., SeedJob], tuple[bytes, tuple[int, ...], bool]]:
        """How it travels: without the report."""
        return seed_job, (self.payload, self.seeds, self.past_failures)


def seed_job(payload: bytes, seeds: Sequence[int], past_failures: bool) -> SeedJob:
    """The job as it arrives in a worker."""
    return SeedJob(unpickled(payload), seeds, past_failures=past_failures)


@lru_cache(maxsize=1)
def unpickled(payload: bytes) -> Any:
    """What a payload holds; the last one is kept, because all chunks of a job bring the same."""
    return cloudpickle.loads(payload)


class Overtime(TimeoutError):
    """A run took longer than it may."""


def limited(work: Work, seed: int, timeout: float | None) -> Outcome:
    """The work of a seed, which fails once it has taken `timeout` seconds.

    The clock is read after every year; in the main thread of a process an alarm rings within the year as well.
    """
    if timeout is None:
        return attempt(work, seed, no_report)
    end, message = time.monotonic() + timeout, f"it took longer than {timeout:g} s"

    def read_clock(years: int) -> None:
        if time.monotonic() > end:
            raise Overtime(message)

    try:
        with alarm(timeout, message):
            return attempt(work, seed, read_clock)
    except Overtime:
        return Failure(seed, None, message)


@contextmanager
def alarm(seconds: float, message: str) -> Iterator[None]:
    """Raises Overtime in the block after some seconds, where the system and the thread allow alarms."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(number: int, stack: object) -> None:
        raise Overtime(message)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
