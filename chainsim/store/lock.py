"""One sweep at a time on a store. The system lets go of the lock when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chainsim.runs.certified import Damaged, read_regular
from chainsim.runs.output_folder import OutputError
from chainsim.runs.provenance import now, timestamp
from chainsim.scenario.errors import printable

LOCK = "lock"


_handles: set[int] = set()


class Held(OutputError):
    """Another process works on the store."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The lock of a store, for the time of the block.

    *Raises* Held where another process has it, with its number, host and since when.
    """
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held(f"another sweep works on {folder}: {described(folder)}; wait for it, or end it") from None
        me = {"pid": os.getpid(), "host": socket.gethostname(), "since": timestamp(now())}
        os.truncate(handle, 0)
        os.pwrite(handle, json.dumps(me).encode(), 0)
        close_in_forks(handle)
        try:
            yield
        finally:
            _handles.discard(handle)
            os.truncate(handle, 0)
    finally:
        os.close(handle)


def close_in_forks(handle: int) -> None:
    """Close the lock in processes forked meanwhile, such as those of an executor handed over: they would hold it on."""
    if not _handles:
        os.register_at_fork(after_in_child=close_inherited)
    _handles.add(handle)


def close_inherited() -> None:
    """Close the locks that a forked process has inherited; their holder keeps them."""
    while _handles:
        os.close(_handles.pop())


def holder(folder: Path) -> str:
    """Who holds the lock in words; empty where nobody does. Nothing is changed."""
    try:
        handle = os.open(folder / LOCK, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return ""
    except BlockingIOError:
        return described(folder)
    finally:
        os.close(handle)


def described(folder: Path) -> str:
    """What the lock says about its holder."""
    try:
        content = json.loads(read_regular(folder / LOCK))
        return printable(f"process {content['pid']} on {content['host']}, since {content['since']}")
    except (Damaged, ValueError, KeyError, TypeError, RecursionError):
        return "a process that has just begun"
