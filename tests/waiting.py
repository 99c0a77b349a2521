"""Waiting for what a process does: for a state, never for a time."""

import time
from collections.abc import Callable
from pathlib import Path


def wait_for(condition: Callable[[], object], seconds: float = 300) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def wait_for_a_run(folder: Path) -> None:
    """Wait until a run whose result shall stand in `folder` is done and kept."""
    wait_for(lambda: list(folder.with_name(f"{folder.name}.unfinished").glob("*.npz")))
