"""Work by seed, in this process or in workers: chunks go out, outcomes come back, a killed worker costs only its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any, Protocol

import cloudpickle

CHUNKS_PER_WORKER = 4
MOST_BREAKS = 2
KILLED = "its process ended: killed, short of memory, or the calling script has no `if __name__ == '__main__':`"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Failure:
    """A run that raised: seed, the year it was in (None where unknown), reason and traceback as text."""

    seed: int
    year: int | None
    reason: str
    trace: str = ""


Outcome = Any
"""What the work of a seed returns, or its Failure."""
Report = Callable[[int], None]
"""Called with the number of simulated years that were added."""


class Work(Protocol):
    """Something to do for a seed, year by year; it travels to workers."""

    @property
    def years(self) -> int:
        """Number of years that the work of a seed announces."""
        ...

    def __call__(self, seed: int) -> Generator[int, None, Outcome]:
        """Do it: yields every year when it begins, returns the outcome."""
        ...


def attempt(work: Work, seed: int, report: Report) -> Outcome:
    """The work of one seed; whatever it raises becomes a Failure that names the year."""
    from chainsim.stages.year import RunError

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
        kind = "" if isinstance(error, (RunError, ValueError, TimeoutError)) else f"{type(error).__name__}: "
        return Failure(seed, year, kind + str(error).partition("\n")[0], traceback.format_exc())


def outcomes_of(work: Work, seeds: Sequence[int], jobs: int, report: Report) -> dict[int, Outcome]:
    """Outcomes by seed, up to the first failure, in this process or in `jobs` others."""
    return in_processes(work, seeds, jobs, report) if jobs > 1 else in_turn(work, seeds, report)


def in_turn(work: Work, seeds: Sequence[int], report: Report) -> dict[int, Outcome]:
    """Outcomes by seed in this process, up to the first failure."""
    outcomes: dict[int, Outcome] = {}
    for seed in seeds:
        outcomes[seed] = attempt(work, seed, report)
        if isinstance(outcomes[seed], Failure):
            break
    return outcomes


def attempt_chunk(payload: bytes, seeds: Sequence[int]) -> list[Outcome]:
    """Outcomes of pickled work in a worker, up to the first failure."""
    return list(in_turn(cloudpickle.loads(payload), seeds, lambda years: None).values())


def in_processes(work: Work, seeds: Sequence[int], jobs: int, report: Report) -> dict[int, Outcome]:
    """Outcomes by seed, up to the first failure. Scenarios defined in a notebook travel as well.

    After a second broken pool the seeds that are left go out one by one, so that the one that kills its process is named.
    """
    payload = cloudpickle.dumps(work)
    size = max(1, len(seeds) // (CHUNKS_PER_WORKER * jobs))
    finished: dict[int, Outcome] = {}
    for _ in range(MOST_BREAKS):
        left = [seed for seed in seeds if seed not in finished]
        chunks = [left[start : start + size] for start in range(0, len(left), size)]
        for outcomes in completed(payload, chunks, jobs):
            finished |= outcomes
            report(work.years * len(outcomes))
            if failed(outcomes):
                return finished
    for seed in seeds:
        if seed not in finished:
            outcomes = next(completed(payload, [[seed]], 1), {seed: Failure(seed, None, KILLED)})
            finished |= outcomes
            report(work.years)
            if failed(outcomes):
                break
    return finished


def failed(outcomes: dict[int, Outcome]) -> bool:
    """Whether one of the seeds failed."""
    return any(isinstance(outcome, Failure) for outcome in outcomes.values())


def completed(payload: bytes, chunks: list[list[int]], jobs: int) -> Iterator[dict[int, Outcome]]:
    """Outcomes of chunks as they finish; chunks whose pool broke are left out."""
    if not chunks:
        return
    with pool(min(jobs, len(chunks))) as executor:
        futures = {executor.submit(attempt_chunk, payload, chunk): chunk for chunk in chunks}
        for future in as_completed(futures):
            try:
                outcomes = future.result()
            except BrokenProcessPool:
                continue
            yield dict(zip(futures[future], outcomes, strict=False))


@contextmanager
def pool(jobs: int, deaf: bool = False) -> Iterator[ProcessPoolExecutor]:
    """A pool of fresh processes with one thread each; when the block fails its processes are stopped at once.

    `deaf` workers leave an interrupt to their parent, which may let them finish what they have in hand.
    """
    before = set(multiprocessing.active_children())
    context, begin = multiprocessing.get_context("spawn"), deaf_until_parent_ends if deaf else end_with_parent
    with one_thread_each(), ProcessPoolExecutor(jobs, mp_context=context, initializer=begin) as executor:
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            for child in set(multiprocessing.active_children()) - before:
                child.terminate()
            raise


def end_with_parent() -> None:
    """Let an interrupt end the worker without a traceback, and the end of its parent, for whatever reason, end it too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=end_after, args=(parent.sentinel,), daemon=True).start()


def deaf_until_parent_ends() -> None:
    """Leave interrupts to the parent, and end with it."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def end_after(sentinel: int) -> None:
    """End this process as soon as the process of the sentinel has ended."""
    wait([sentinel])
    os._exit(1)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Environment of processes started meanwhile: several processes with several threads each slow one another down."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
