"""An interrupt that waits: the first Ctrl-C lets the runs in hand finish, the second stops at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stop:
    """Whether to stop."""

    wanted = False

    def __call__(self) -> bool:
        """Whether somebody asked to stop."""
        return self.wanted


@contextmanager
def interruptible(asked: Callable[[], None]) -> Iterator[Stop]:
    """A flag that the first interrupt sets, calling `asked`; the second raises KeyboardInterrupt.

    Outside the main thread interrupts arrive elsewhere, and the flag stays as it is.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def heard(number: int, stack: object) -> None:
        if stop.wanted:
            raise KeyboardInterrupt
        stop.wanted = True
        asked()

    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN or before is None:
        yield stop
        return
    signal.signal(signal.SIGINT, heard)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
