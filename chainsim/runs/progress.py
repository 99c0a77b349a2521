"""Progress of long work: a bar with rate and remaining time on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

EVERY = 30.0
"""Seconds between plain lines."""


class Progress:
    """Counts what was done, in runs, years or whatever `unit` says, and shows nothing."""

    def __init__(self, title: str, total: int, before: int = 0, unit: str = "runs") -> None:
        """Of `total`, `before` were done earlier."""
        self.title, self.total, self.before, self.unit = title, total, before, unit
        self.done, self.failed = 0, 0
        self.began, self.first = 0.0, 0

    def advance(self, done: int, failed: int = 0) -> None:
        """Count what ended."""
        self.done += done
        self.failed += failed
        if not self.first:
            self.began, self.first = time.monotonic(), done + failed
        self.show()

    @property
    def ended(self) -> int:
        """What ended since the beginning."""
        return self.done + self.failed

    @property
    def rate(self) -> float:
        """How much ends in a second since the first was back, before which processes start; zero where unknown."""
        spent = time.monotonic() - self.began
        return (self.ended - self.first) / spent if self.ended > self.first and spent > 0 else 0.0

    def show(self) -> None:
        """Show how far it is."""

    def note(self, text: str) -> None:
        """Say something that matters once."""

    @property
    def line(self) -> str:
        """How far it is, in words."""
        left = self.total - self.before - self.ended
        pace = f", {self.rate:.3g} {self.unit}/s" if self.rate else ""
        remaining = f", {duration(left / self.rate)} left" if self.rate and left > 0 else ""
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.title}: {self.before + self.ended} of {self.total} {self.unit}{pace}{remaining}{failed}"


class ProgressLines(Progress):
    """A line on standard error at the beginning, every half minute, and at the end."""

    last = 0.0

    def show(self) -> None:
        """A line where it is time for one."""
        finished = self.before + self.ended >= self.total
        if finished or time.monotonic() - self.last >= EVERY:
            self.last = time.monotonic()
            self.note(self.line)

    def note(self, text: str) -> None:
        """A line, as long as somebody reads them."""
        with suppress(OSError):
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()


class ProgressBar(Progress):
    """A bar on the terminal."""

    def __init__(self, title: str, total: int, before: int = 0, unit: str = "runs") -> None:
        from rich import progress as bars
        from rich.console import Console

        super().__init__(title, total, before, unit)
        columns = (
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TextColumn("{task.fields[rate]}"),
            bars.TimeRemainingColumn(),
        )
        self.bar = bars.Progress(*columns, console=Console(stderr=True), transient=True)
        self.task = self.bar.add_task(title, total=total, completed=before, rate="")

    def show(self) -> None:
        """Move the bar."""
        rate = f"{self.rate:.3g} {self.unit}/s" if self.rate else ""
        failed = f", {self.failed} failed" if self.failed else ""
        self.bar.update(self.task, completed=self.before + self.ended, rate=rate + failed)

    def note(self, text: str) -> None:
        """A line above the bar."""
        self.bar.console.print(text, highlight=False)


@contextmanager
def shown_progress(
    title: str, total: int, show: bool, before: int = 0, unit: str = "runs", lines: bool = False
) -> Iterator[Progress]:
    """Progress of the block: nothing is shown unless `show` holds; away from a terminal only where `lines` does."""
    if show and sys.stderr is not None and sys.stderr.isatty():
        bar = ProgressBar(title, total, before, unit)
        with bar.bar:
            yield bar
    elif show and lines and sys.stderr is not None:
        made = ProgressLines(title, total, before, unit)
        to_do = f"{total - before} of {total} {unit} to do"
        made.note(f"{title}: {to_do if before < total else f'all {total} {unit} were done before'}")
        made.last = time.monotonic()
        yield made
    else:
        yield Progress(title, total, before, unit)


def duration(seconds: float) -> str:
    """A time span in words: `40 s`, `12 min`, `3.5 h`, `2.1 days`."""
    for limit, unit, size in ((90, "s", 1), (5400, "min", 60), (172800, "h", 3600)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}" if size < 3600 else f"{seconds / size:.1f} {unit}"
    return f"{seconds / 86400:.1f} days"
