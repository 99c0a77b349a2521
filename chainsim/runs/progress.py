"""Progress of a sweep: a bar with rate and remaining time on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

EVERY = 30.0
"""Seconds between plain lines."""


class Teller:
    """Takes what was done and tells nobody."""

    def __init__(self, title: str, total: int, before: int = 0) -> None:
        self.title, self.total, self.before = title, total, before
        self.done, self.failed = 0, 0
        self.began, self.first = 0.0, 0

    def advance(self, done: int, failed: int = 0) -> None:
        """Count runs that ended."""
        self.done += done
        self.failed += failed
        if not self.first:
            self.began, self.first = time.monotonic(), done + failed
        self.show()

    @property
    def ended(self) -> int:
        """Runs that ended since the beginning."""
        return self.done + self.failed

    @property
    def rate(self) -> float:
        """Runs a second since the first were back; until then processes start and load. Zero where nothing is known."""
        spent = time.monotonic() - self.began
        return (self.ended - self.first) / spent if self.ended > self.first and spent > 0 else 0.0

    def show(self) -> None:
        """Tell how far it is."""

    def note(self, text: str) -> None:
        """Tell something that matters once."""

    @property
    def line(self) -> str:
        """How far it is, in words."""
        left = self.total - self.before - self.ended
        pace = f", {self.rate:.3g} runs/s" if self.rate else ""
        remaining = f", {duration(left / self.rate)} left" if self.rate and left > 0 else ""
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.title}: {self.before + self.ended} of {self.total} runs{pace}{remaining}{failed}"


class Lines(Teller):
    """A line on standard error at the beginning, every half minute, and at the end."""

    last = 0.0

    def show(self) -> None:
        """A line where it is time for one."""
        finished = self.before + self.ended >= self.total
        if finished or time.monotonic() - self.last >= EVERY:
            self.last = time.monotonic()
            self.note(self.line)

    def note(self, text: str) -> None:
        """A line."""
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


class Bar(Teller):
    """A bar on the terminal."""

    def __init__(self, title: str, total: int, before: int = 0) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        super().__init__(title, total, before)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
        )
        self.progress = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
        self.task = self.progress.add_task(title, total=total, completed=before, rate="")

    def show(self) -> None:
        """Move the bar."""
        rate = (f"{self.rate:.3g} runs/s" if self.rate else "") + (f", {self.failed} failed" if self.failed else "")
        self.progress.update(self.task, completed=self.before + self.ended, rate=rate)

    def note(self, text: str) -> None:
        """A line above the bar."""
        self.progress.console.print(text, highlight=False)


@contextmanager
def telling(title: str, total: int, before: int, show: bool) -> Iterator[Teller]:
    """Who tells about the progress in the block: nobody unless `show` holds."""
    if not show:
        yield Teller(title, total, before)
    elif sys.stderr.isatty():
        bar = Bar(title, total, before)
        with bar.progress:
            yield bar
    else:
        lines = Lines(title, total, before)
        lines.note(f"{title}: {total - before} of {total} runs to do")
        lines.last = time.monotonic()
        yield lines


def duration(seconds: float) -> str:
    """A time span in words: `40 s`, `12 min`, `3.5 h`, `2.1 days`."""
    for limit, unit, size in ((90, "s", 1), (5400, "min", 60), (172800, "h", 3600)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}" if size < 3600 else f"{seconds / size:.1f} {unit}"
    return f"{seconds / 86400:.1f} days"
