"""Runs in worker processes: chunks of seeds go out, outcomes come back, and a killed worker costs only its own chunk."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

import cloudpickle

from chainsim.indicators import Recording

if TYPE_CHECKING:
    from chainsim.scenario.schema import Scenario

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


Outcome = Recording | Failure
Report = Callable[[int], None]
"""Called with the number of simulated years that were added."""


def attempt(scenario: Scenario, seed: int, report: Report) -> Outcome:
    """One run; whatever it raises becomes a Failure that names the year."""
    from chainsim.simulation import Simulation
    from chainsim.year import RunError

    year = scenario.years.start
    try:
        simulation = Simulation(scenario, seed)
        while simulation.running:
            year += 1
            simulation.step()
            report(1)
        return simulation.recording()
    except Exception as error:
        kind = "" if isinstance(error, (RunError, ValueError)) else f"{type(error).__name__}: "
        return Failure(seed, year, kind + str(error).partition("\n")[0], traceback.format_exc())


def attempt_chunk(payload: bytes, seeds: Sequence[int]) -> list[Outcome]:
    """Runs of a pickled scenario in a worker, up to the first failure."""
    scenario: Scenario = cloudpickle.loads(payload)
    outcomes: list[Outcome] = []
    for seed in seeds:
        outcomes.append(attempt(scenario, seed, lambda years: None))
        if isinstance(outcomes[-1], Failure):
            break
    return outcomes


def in_processes(scenario: Scenario, seeds: Sequence[int], jobs: int, report: Report) -> dict[int, Outcome]:
    """Outcomes by seed, up to the first failure. Scenarios defined in a notebook travel as well.

    After a second broken pool the runs that are left go out one by one, so that the run that kills its process is named.
    """
    payload = cloudpickle.dumps(scenario)
    size = max(1, len(seeds) // (CHUNKS_PER_WORKER * jobs))
    years = scenario.years.end - scenario.years.start
    finished: dict[int, Outcome] = {}
    for _ in range(MOST_BREAKS):
        left = [seed for seed in seeds if seed not in finished]
        chunks = [left[start : start + size] for start in range(0, len(left), size)]
        for outcomes in completed(payload, chunks, jobs):
            finished |= outcomes
            report(years * len(outcomes))
            if failed(outcomes):
                return finished
    for seed in seeds:
        if seed not in finished:
            outcomes = next(completed(payload, [[seed]], 1), {seed: Failure(seed, None, KILLED)})
            finished |= outcomes
            report(years)
            if failed(outcomes):
                break
    return finished


def failed(outcomes: dict[int, Outcome]) -> bool:
    """Whether one of the runs failed."""
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
def pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of fresh processes with one thread each; when the block fails its processes are stopped at once."""
    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    with one_thread_each(), ProcessPoolExecutor(jobs, mp_context=context, initializer=end_with_parent) as executor:
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
