"""Processes of our own: fresh, one thread each, deaf to interrupts, gone with their parent; interrupts that wait."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class Processes(ProcessPoolExecutor):
    """An executor of `jobs` fresh processes, whose members can be ended from here."""

    def __init__(self, jobs: int) -> None:
        self.others = set(multiprocessing.active_children())
        super().__init__(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=follow_parent)

    def members(self) -> set[BaseProcess]:
        """The processes that are alive."""
        return set(multiprocessing.active_children()) - self.others

    def kill(self) -> None:
        """Kill every process; what they have in hand is lost, and the executor is broken."""
        for process in self.members():
            process.kill()

    def stop(self) -> None:
        """End every process without waiting for what it has in hand, and the thread that watches over them.

        At its exit Python wakes that thread; one that is just closing its pipe ends the exit in `Bad file descriptor`.
        """
        for process in self.members():
            process.terminate()
        self.shutdown(cancel_futures=True)


@contextmanager
def pool(jobs: int) -> Iterator[Processes]:
    """Processes for the time of the block; when the block fails they are stopped at once."""
    with one_thread_each(), Processes(jobs) as executor:
        try:
            yield executor
        except BaseException:
            executor.stop()
            raise


def follow_parent() -> None:
    """Leave interrupts to the parent, which may let a worker finish what it has in hand, and end with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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


class Interrupt:
    """Whether somebody asked to stop."""

    wanted = False

    def __call__(self) -> bool:
        """Whether somebody asked to stop."""
        return self.wanted


@contextmanager
def interruptible(asked: Callable[[], None]) -> Iterator[Interrupt]:
    """A flag that the first Ctrl-C sets, calling `asked`; the second raises KeyboardInterrupt.

    Outside the main thread interrupts arrive elsewhere, and the flag stays as it is.
    """
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return

    def on_signal(number: int, stack: object) -> None:
        if interrupt.wanted:
            raise KeyboardInterrupt
        interrupt.wanted = True
        asked()

    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN or before is None:
        yield interrupt
        return
    signal.signal(signal.SIGINT, on_signal)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
