"""Who runs the chunks: this process, processes of our own, Dask, or any `concurrent.futures.Executor` handed over."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import ExitStack, suppress
from typing import Any, Protocol

from chainsim.runs.output_folder import OutputError
from chainsim.runs.processes import pool
from chainsim.runs.worker import Chunk, ChunkResult, Job

DASK = "dask://"


class Workers(Protocol):
    """Who runs chunks. `size` runs go on at once; `own` says whether a lost process can be replaced from here."""

    size: int
    own: bool

    def submit(self, job: Job, chunk: Chunk) -> Future[ChunkResult]:
        """Hand a chunk over."""
        ...

    def renew(self) -> None:
        """Replace workers that broke."""
        ...

    def kill(self) -> None:
        """End workers that hang; their chunks are lost."""
        ...

    def close(self, now: bool = False) -> None:
        """Let the workers go; `now` without waiting for what they have in hand."""
        ...


class SerialExecutor(Executor):
    """Runs what it is given at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """A future that is done already."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class ProcessWorkers:
    """Processes of our own, started afresh when one of them dies."""

    own = True

    def __init__(self, jobs: int) -> None:
        self.size = jobs
        self.stack = ExitStack()
        self.executor = self.stack.enter_context(pool(jobs))

    def submit(self, job: Job, chunk: Chunk) -> Future[ChunkResult]:
        """Hand a chunk to a process."""
        return self.executor.submit(job, chunk)

    def renew(self) -> None:
        """Other processes in place of the broken ones."""
        self.stack.close()
        self.executor = self.stack.enter_context(pool(self.size))

    def kill(self) -> None:
        """Kill the processes, which breaks their executor."""
        self.executor.kill()

    def close(self, now: bool = False) -> None:
        """End the processes, at once or when their chunks are done."""
        stop = KeyboardInterrupt() if now else None
        with suppress(KeyboardInterrupt):
            self.stack.__exit__(type(stop) if stop else None, stop, None)


class ExternalExecutor:
    """An executor that belongs to somebody else; it is left open."""

    own = False

    def __init__(self, executor: Executor, size: int, release: Callable[[], None] | None = None) -> None:
        self.executor, self.size, self.release = executor, size, release

    def submit(self, job: Job, chunk: Chunk) -> Future[ChunkResult]:
        """Hand a chunk to the executor."""
        return self.executor.submit(job, chunk)

    def renew(self) -> None:
        """*Raises* OutputError: it cannot be replaced from here."""
        raise OutputError(
            "the executor broke; what was done is stored. Run the same again with a new executor to go on"
        )

    def kill(self) -> None:
        """Nothing: its workers are not ours to end."""

    def close(self, now: bool = False) -> None:
        """Leave the executor to its owner."""
        if self.release is not None:
            self.release()


def workers_for(executor: Executor | str | None, jobs: int | None) -> Workers:
    """The workers of `executor`, an object or the address dask://host:port, or a number of processes."""
    check_workers(executor, jobs)
    if isinstance(executor, str):
        return dask_workers(executor, jobs)
    if executor is not None:
        return ExternalExecutor(executor, jobs or size_of(executor))
    return ExternalExecutor(SerialExecutor(), 1) if jobs in (None, 1) else ProcessWorkers(jobs or 1)


def check_workers(executor: Executor | str | None, jobs: int | None) -> None:
    """Whether workers may be asked for so; nothing is started. *Raises* ValueError for what can be none."""
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs is {jobs}; it must be 1 or more")
    if isinstance(executor, str) and (not executor.startswith(DASK) or not executor.removeprefix(DASK)):
        raise ValueError(f"the executor is '{executor}'; expected an address such as dask://localhost:8786")


def size_of(executor: Executor) -> int:
    """How many runs an executor does at once: as it says (mpi4py does), else the processors of this machine."""
    return int(getattr(executor, "num_workers", None) or os.cpu_count() or 1)


def dask_workers(address: str, jobs: int | None) -> Workers:
    """The workers of a Dask cluster. *Raises* OutputError where nobody answers."""
    try:
        from distributed import Client
    except ImportError:
        raise OutputError("Dask is not installed here: pip install 'chainsim[dask]'") from None
    scheduler = f"tcp://{address.removeprefix(DASK)}"
    try:
        client = Client(scheduler, timeout="10s", set_as_default=False)
        client.wait_for_workers(1, timeout=30)
    except (OSError, TimeoutError) as error:
        raise OutputError(f"no Dask scheduler with workers answers at {address.removeprefix(DASK)}: {error}") from None
    threads = sum(client.nthreads().values())
    return ExternalExecutor(client.get_executor(pure=False), jobs or threads, client.close)
