"""Being told to stop (SIGTERM): the command ends as if interrupted, wherever the word finds it.

The word arrives as SystemExit between two steps of the interpreter. Some places lose it: an exception in a
destructor or in a callback of a compiler is ignored, and a library may put an error of its own in its place. So it is
said again until the command is seen to end, and nothing that fails meanwhile counts as a failed run.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from types import FrameType
from typing import Any

TERMINATED = 128 + signal.SIGTERM
"""Exit code of a command that was told to stop."""
AGAIN = 0.2
"""Seconds after which a word that was lost is said again."""


class Termination:
    """What SIGTERM does to this process. `wanted` holds once it came, `over` once the command has ended."""

    wanted = False
    over = False

    def listen(self) -> None:
        """Take SIGTERM, where nobody else does."""
        if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self.on_signal)

    def on_signal(self, number: int, stack: FrameType | None) -> None:
        """End as if interrupted, so that processes and locks are let go and nothing half written stays."""
        if not self.wanted:
            self.wanted = True
            sys.unraisablehook = quiet(sys.unraisablehook)
            _thread.start_new_thread(self.repeat, ())  # a lock of `threading` may be what the word has interrupted
        if not self.over and not is_ending():
            raise SystemExit(TERMINATED)

    def repeat(self) -> None:
        """Say it again until the command has ended."""
        while not self.over:
            time.sleep(AGAIN)
            signal.raise_signal(signal.SIGTERM)

    def end_if_wanted(self) -> None:
        """Where something failed: *raises* SystemExit if that may be the word itself, in other clothes."""
        if self.wanted:
            raise SystemExit(TERMINATED) from None


def is_ending() -> bool:
    """Whether what is being handled is the word, or an error on the way out that it began."""
    error = sys.exc_info()[1]
    while error is not None and not isinstance(error, SystemExit):
        error = error.__context__
    return error is not None


def quiet(hook: Any) -> Any:
    """A hook for errors that nobody takes, silent where that is the word: it will be said again."""
    return lambda lost: None if isinstance(lost.exc_value, SystemExit) else hook(lost)


termination = Termination()
"""Of this process."""
