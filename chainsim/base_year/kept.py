"""Results kept by what they were made from: a point of a sweep asks again for much that its parameters do not move.

What is asked for follows from its arguments alone, and these are compared by content. So nobody has to say which
parameter of which stage matters: one that does makes other arguments.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, ParamSpec, TypeVar

import numpy as np

Given = ParamSpec("Given")
Made = TypeVar("Made")


class Kept:
    """Results of `most_bytes` together at most, those asked for last. Threads may share it."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.results: OrderedDict[tuple[Any, bytes], tuple[Any, int]] = OrderedDict()
        self.lock = Lock()

    def of(self, make: Callable[Given, Made], *given: Given.args, **named: Given.kwargs) -> Made:
        """What `make` makes of arrays, numbers, texts and tuples of them; not to be written to."""
        key = make, fingerprint((given, tuple(sorted(named.items()))))
        with self.lock:
            if key in self.results:
                self.results.move_to_end(key)
                found: Made = self.results[key][0]
                return found
        made = make(*given, **named)
        with self.lock:
            self.results[key] = made, size_of(made)
            while sum(size for _, size in self.results.values()) > self.most_bytes:
                self.results.popitem(last=False)
        return made


def fingerprint(given: Any) -> bytes:
    """A hash of the content of arrays, numbers, texts and tuples of them, types and shapes included.

    *Raises* TypeError for anything else, whose content cannot be told.
    """
    found = hashlib.sha1(usedforsecurity=False)

    def take(part: Any) -> None:
        found.update(f"{type(part).__name__}:".encode())
        if isinstance(part, tuple):
            found.update(f"{len(part)}:".encode())
            for each in part:
                take(each)
        elif isinstance(part, np.ndarray):
            found.update(f"{part.dtype}{part.shape}:".encode())
            found.update(np.ascontiguousarray(part).view(np.uint8).data)
        elif isinstance(part, int | float | str | np.generic):
            found.update(f"{len(text := repr(part))}:{text}".encode())
        else:
            raise TypeError(f"the content of a {type(part).__name__} cannot be told")

    take(given)
    return found.digest()


def size_of(made: Any) -> int:
    """Bytes of the arrays of a result."""
    if isinstance(made, np.ndarray):
        return made.nbytes
    return sum(map(size_of, made if isinstance(made, tuple) else getattr(made, "__dict__", {}).values()))


KEPT = Kept(most_bytes=80_000_000)
"""Of this process."""
