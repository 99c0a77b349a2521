"""Chunks go out to workers, results come back; whatever happens to a worker, no run is lost and none is done twice.

The one way in which runs, comparisons, experiments and sweeps are done, in this process or in others.

A chunk that is lost with its worker goes out again; lost once more it goes out run by run. A run that takes its process
with it every time it is tried alone becomes a failure, so that the guilty run is named and the sweep goes on.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chainsim.runs.executors import Workers, workers_for
from chainsim.runs.output_folder import OutputError
from chainsim.runs.worker import Chunk, ChunkResult, Failure, Job, OtherCode, Outcome, Report, Run, SeedJob, Work

AHEAD = 2
"""Chunks in hand for every worker of several: one that runs and one that waits, whatever the number of runs."""
POLL = 0.5
"""Seconds between looks at whether to stop."""
WHOLE, ALONE = 1, 3
"""Times that a chunk is tried again whole, and that a single run is tried before it counts as guilty."""
TARGET = 5.0
"""Seconds that a chunk should take: long against handing it over, short against losing it."""
LARGEST = 500
CHUNKS_PER_WORKER, TOGETHER = 4, 16
"""Chunks that each of several processes gets where the number of runs is small and known, and runs of one at most: what
is done is told when a chunk is back."""
KILLED = "its process ended: killed, short of memory, or the calling script has no `if __name__ == '__main__':`"
"""Reason of a run that takes its process with it."""
GRACE = 60.0
"""Seconds beyond the time limits of its runs after which a worker counts as hung."""


@dataclass
class Supply:
    """The runs to do, in the order given, cut into chunks of about TARGET seconds, or of `fixed` runs.

    In a summary sweep a chunk holds `whole` runs of every point.
    """

    runs: Iterator[Run]
    total: int
    changes: Callable[[int], Mapping[str, Any]]
    workers: int
    fixed: int | None = None
    whole: int = 1
    pace: float = 0.0

    def learn(self, result: ChunkResult) -> None:
        """Note how many seconds a run takes; a slow chunk, as the first of a process is, counts little."""
        if result.seconds:
            found = sum(result.seconds.values()) / len(result.seconds)
            self.pace = min(found, 1.25 * self.pace) if self.pace else found

    @property
    def size(self) -> int:
        """Runs of the next chunk: one until the first is back, fewer when little is left."""
        if self.fixed is not None:
            return self.fixed
        if not self.pace:
            return 1
        return max(1, min(int(TARGET / self.pace), LARGEST, -(-self.total // (AHEAD * self.workers))))

    def next(self) -> Chunk | None:
        """The next chunk; None when all runs are out."""
        wanted = -(-self.size // self.whole) * self.whole
        taken = list(islice(self.runs, wanted))
        self.total -= len(taken)
        return chunk_of(taken, self.changes) if taken else None


def chunk_of(runs: list[Run] | tuple[Run, ...], changes: Callable[[int], Mapping[str, Any]]) -> Chunk:
    """A chunk in canonical order, with the values of its points."""
    return Chunk(tuple(sorted(runs)), {point: changes(point) for point in dict.fromkeys(run[0] for run in runs)})


class Dispatch:
    """One pass over the runs. `stopping` is asked between chunks; once it holds, nothing new goes out."""

    def __init__(self, workers: Workers, job: Job, supply: Supply, stopping: Callable[[], bool]) -> None:
        self.workers, self.job, self.supply, self.stopping = workers, job, supply, stopping
        self.waiting: dict[Future[ChunkResult], Chunk] = {}
        self.again: deque[Chunk] = deque()
        self.suspects: deque[Chunk] = deque()
        self.losses: Counter[Run] = Counter()
        self.hold = AHEAD * workers.size if workers.size > 1 else workers.size
        self.idle = 0.0

    def results(self) -> Iterator[ChunkResult]:
        """What the chunks bring, as they finish.

        *Raises* OtherCode where a worker has another version of the package, OutputError where the workers are gone.
        """
        while True:
            self.submit_chunks()
            if not self.waiting:
                return
            done, _ = wait(self.waiting, timeout=POLL, return_when=FIRST_COMPLETED)
            self.watch(bool(done))
            broken = False
            for future in sorted(done, key=lambda future: self.waiting[future].runs):
                yield from self.collected(future)
                broken = broken or isinstance(failing(future), BrokenExecutor)
            if broken:
                yield from self.after_a_break()

    def submit_chunks(self) -> None:
        """Keep the workers busy, and no more than that."""
        while len(self.waiting) < self.hold:
            chunk = self.next()
            if chunk is None:
                return
            try:
                self.waiting[self.workers.submit(self.job, chunk)] = chunk
            except BrokenExecutor:
                self.again.appendleft(chunk)
                if not self.waiting:
                    self.workers.renew()
                return
            if self.stopping():
                return

    def next(self) -> Chunk | None:
        """The next chunk to hand out. In a pool of our own a suspect is run when nothing else is."""
        if self.stopping():
            self.cancel()
            return None
        if self.suspects and (not self.workers.own or not self.waiting):
            return self.suspects.popleft()
        if self.suspects and self.workers.own:
            return None
        return self.again.popleft() if self.again else self.supply.next()

    def cancel(self) -> None:
        """Take back what no worker has begun."""
        for future in list(self.waiting):
            if future.cancel():
                del self.waiting[future]

    def collected(self, future: Future[ChunkResult]) -> Iterator[ChunkResult]:
        """The result of a chunk; a lost chunk goes out again, or its guilty run becomes a failure."""
        chunk, error = self.waiting.pop(future), failing(future)
        if error is None:
            result = future.result()
            self.supply.learn(result)
            yield result
        elif isinstance(error, OtherCode):
            raise error
        elif isinstance(error, CancelledError):
            raise OutputError(
                "the executor gave the work back undone; what was done is stored. Run the same again to go on"
            )
        else:
            yield from self.lost(chunk, error)

    def lost(self, chunk: Chunk, error: BaseException) -> Iterator[ChunkResult]:
        """Send a lost chunk out again, whole or run by run; a run lost alone too often is a failure."""
        self.losses.update(chunk.runs)
        times = self.losses[chunk.runs[0]]
        if times >= ALONE and len(chunk.runs) <= self.supply.whole:
            reason = (
                KILLED if isinstance(error, BrokenExecutor) else f"its worker was lost: {type(error).__name__}: {error}"
            )
            first_line = reason.partition("\n")[0]
            yield ChunkResult(failures={run: Failure(self.job.seed(run), None, first_line) for run in chunk.runs})
        elif times <= WHOLE and self.workers.own:
            self.again.append(chunk)
        elif self.supply.whole > 1:
            self.suspects += [chunk_of(runs, self.supply.changes) for runs in by_point(chunk)]
        else:
            self.suspects += [chunk_of([run], self.supply.changes) for run in chunk.runs]

    def after_a_break(self) -> Iterator[ChunkResult]:
        """Take in what a broken pool still gives, and replace it."""
        wait(self.waiting)
        for future in list(self.waiting):
            yield from self.collected(future)
        self.workers.renew()

    def watch(self, moved: bool) -> None:
        """Replace workers that are silent far beyond the time limits of their runs: their pool breaks when they end."""
        self.idle = 0.0 if moved else self.idle + POLL
        limit = self.job.timeout
        if limit is not None and self.workers.own and self.waiting:
            longest = max(len(chunk.runs) for chunk in self.waiting.values())
            if self.idle > AHEAD * limit * longest + GRACE:
                self.idle = 0.0
                self.workers.kill()


def by_point(chunk: Chunk) -> list[list[Run]]:
    """The runs of a chunk, one list a point."""
    found: dict[int, list[Run]] = {}
    for run in chunk.runs:
        found.setdefault(run[0], []).append(run)
    return list(found.values())


def failing(future: Future[ChunkResult]) -> BaseException | None:
    """What a finished future raises; None if it brought something."""
    try:
        return future.exception(timeout=0)
    except CancelledError as error:
        return error


def outcomes_of(
    work: Work, seeds: Sequence[int], jobs: int, report: Report, past_failures: bool = False
) -> dict[int, Outcome]:
    """Outcomes by seed, in this process or in `jobs` others; `report` hears of every year.

    Up to the first failure, or `past_failures` of all seeds.
    """
    workers = workers_for(None, jobs)
    runs = ((0, replication) for replication in range(len(seeds)))
    size = max(1, min(len(seeds) // (CHUNKS_PER_WORKER * jobs), TOGETHER))
    supply = Supply(runs, len(seeds), lambda point: {}, workers.size, size)
    outcomes: dict[int, Outcome] = {}
    finished = False
    try:
        job = SeedJob(work, seeds, report, past_failures)
        for result in Dispatch(workers, job, supply, lambda: False).results():
            outcomes |= {job.seed(run): outcome for run, outcome in {**result.outcomes, **result.failures}.items()}
            if workers.own:
                report(work.years * len({**result.outcomes, **result.failures}))
            if result.failures and not past_failures:
                return outcomes
        finished = True
    finally:
        workers.close(now=not finished)
    return outcomes
