"""Random words and numbers, and how kernels are compiled."""

from __future__ import annotations

import hashlib
import pickle
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
from numba import config, njit
from numba.core.caching import FunctionCache
from numba.extending import register_jitable

HERE = Path(__file__).parent
SOURCES = (*sorted(HERE.glob("*.py")), HERE.parent / "links.py")
"""What compiled code is made of: kernels call each other, and hold the codes of outside supply as constants."""
STAMP = hashlib.sha256(b"".join(path.read_bytes() for path in SOURCES)).hexdigest()

COMPILES = not config.DISABLE_JIT  # type: ignore[attr-defined]
"""Whether kernels are compiled; they are not where NUMBA_DISABLE_JIT=1 is set, by who looks into them."""

UNCACHED: list[str] = []
NO_CACHE = (
    "compiled code cannot be kept on disk, so every start takes half a minute longer; "
    "set NUMBA_CACHE_DIR to a folder that can be written"
)


class KernelCache(FunctionCache):
    """Compiled code of a kernel on disk, used only while the source of all kernels is what it was made from.

    Numba itself looks at the file of the kernel alone, and fails where a named tuple among its arguments is gone.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file._source_stamp = STAMP

    def load_overload(self, *wanted: Any) -> Any:
        """What is kept for these arguments; None, so that it is compiled anew, where what is kept cannot be read."""
        try:
            return super().load_overload(*wanted)
        except (AttributeError, ImportError, EOFError, OSError, ValueError, pickle.UnpicklingError):
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, *made: Any) -> None:
        """Keep what was compiled for the next process, where the disk takes it."""
        with suppress(OSError):
            super().save_overload(*made)


def quiet(function: Callable[..., Any]) -> Any:
    """The function as it is, for who has switched the compiler off: words overflow and divisions are NumPy's."""

    @wraps(function)
    def slow(*arguments: Any, **named: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*arguments, **named)

    return slow


OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
"""How kernels are compiled. Nobody calls them from C, so no C function is made of each: a sixteenth of the time."""


def compiled(function: Callable[..., Any]) -> Any:
    """The function as a kernel: compiled at its first call, and kept on disk for the next process."""
    if not COMPILES:
        return quiet(function)
    kernel: Any = njit(**OPTIONS)(function)
    try:
        kernel._cache = KernelCache(function)
    except RuntimeError:  # no folder that can be written
        if not UNCACHED:
            UNCACHED.append(function.__name__)
            warnings.warn(NO_CACHE, stacklevel=2)
    return kernel


def records(array: Any) -> Any:
    """An array of records as kernels read it: without a compiler, fields are attributes of a `recarray` only."""
    return array if COMPILES else array.view(np.recarray)


TO_UNIT = 2.0**-32
MASK = np.uint64(0xFFFFFFFF)
S32 = np.uint64(32)


@compiled
def philox4x32(c0, c1, c2, c3, k0, k1):
    """Philox4x32-10 (Salmon et al. 2011): four 32-bit words from a counter and a key, all as uint64."""
    for _ in range(10):
        product0 = np.uint64(0xD2511F53) * c0
        product1 = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (
            (product1 >> S32) ^ c1 ^ k0,
            product1 & MASK,
            (product0 >> S32) ^ c3 ^ k1,
            product0 & MASK,
        )
        k0 = (k0 + np.uint64(0x9E3779B9)) & MASK
        k1 = (k1 + np.uint64(0xBB67AE85)) & MASK
    return c0, c1, c2, c3


@compiled
def mix(a, b):
    """A 64-bit hash of two 64-bit words (splitmix64 finalizer)."""
    x = a ^ (b * np.uint64(0x9E3779B97F4A7C15))
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@compiled
def fill_several(purposes, year, identity, out):
    """Uniform numbers of all identities (m,) under the keys of several purposes in a year, by their hashes (p,)."""
    for p in range(purposes.shape[0]):
        fill_uniform(mix(purposes[p], year), identity, np.uint64(0), out[p])


@compiled
def mix_with_names(identity, name, out):
    """`mix` of every identity (m,) with every hashed name (q,), identity by identity, (m q,)."""
    place = 0
    for i in range(identity.shape[0]):
        for b in range(name.shape[0]):
            out[place] = mix(identity[i], name[b])
            place += 1


@compiled
def number_newcomers(counts, name, year, kind, identity):
    """Kind and identity of `counts` (k,) newcomers of each kind, into `kind` and `identity` (m,), kind by kind.

    Identities are mixed from the hash of the kind's `name` (k,), the year and their number.
    """
    m = 0
    for k in range(counts.shape[0]):
        root = mix(name[k], year)
        for number in range(counts[k]):
            kind[m], identity[m] = k, mix(root, np.uint64(number))
            m += 1


@compiled
def next_on_circle(identity, segment, rows, key, wanted, aim, out):
    """Of each `wanted` segment (q,) the row of `rows` (m,) whose place on the circle comes next after `aim` (q,).

    Places are hashed from identity and key and lie between the segment's number and the next; where none comes after
    the aim, it is the first of the segment, and -1 where it has no row. A segment has as many cells as rows, so that
    few places are looked at: the last row of a cell is its `head`, and every row knows the one `before` it there.
    """
    last = 0
    for r in range(rows.shape[0]):
        last = max(last, segment[rows[r]])
    for q in range(wanted.shape[0]):
        last = max(last, wanted[q])
    first = np.zeros(last + 2, dtype=np.int64)
    for r in range(rows.shape[0]):
        first[segment[rows[r]] + 1] += 1
    for k in range(last + 1):
        first[k + 1] += first[k]
    place, head, before = np.empty(rows.shape[0]), np.empty_like(rows), np.empty_like(rows)
    for c in range(rows.shape[0]):
        head[c] = -1
    for r in range(rows.shape[0]):
        k = segment[rows[r]]
        code = mix(identity[rows[r]], key) >> np.uint64(11)
        place[r] = k + np.float64(code) * 1.1102230246251565e-16
        c = cell_of(place[r], k, first)
        before[r], head[c] = head[c], r
    for q in range(out.shape[0]):
        k, chosen = wanted[q], -1
        if first[k] < first[k + 1]:
            c = cell_of(aim[q], k, first)
            chosen = soonest(head, before, place, c, aim[q])
            while chosen < 0 and c + 1 < first[k + 1]:
                c += 1
                chosen = soonest(head, before, place, c, aim[q])
            c = first[k]
            while chosen < 0:
                chosen = soonest(head, before, place, c, 0.0)
                c += 1
            chosen = rows[chosen]
        out[q] = chosen


@compiled
def cell_of(place, k, first):
    """The cell of a place on the circle of segment `k`."""
    number = first[k + 1] - first[k]
    return first[k] + min(np.int64((place - k) * number), number - 1)


@compiled
def soonest(head, before, place, c, aim):
    """Of the rows in cell `c` the one whose place is the first not before `aim`; -1 where there is none."""
    chosen, least, r = -1, np.inf, head[c]
    while r >= 0:
        if aim <= place[r] < least:
            chosen, least = r, place[r]
        r = before[r]
    return chosen


@compiled
def unit_of(word):
    """One uniform number in (0, 1) from 53 bits of a word."""
    return (np.float64(word >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16


@compiled
def uniform_of(key, identity, partner):
    """One uniform number in (0, 1) with 53 bits."""
    w0, w1, _, _ = philox4x32(identity & MASK, identity >> S32, partner & MASK, partner >> S32, key & MASK, key >> S32)
    return unit_of((w1 << S32) | w0)


@compiled
def fill_uniform(key, identity, partner, out):
    """Uniform numbers of all identities, (n,), as `uniform_of` makes each.

    The rounds are written out in the loop, so that the compiler takes several enterprises at once.
    """
    p0, p1 = partner & MASK, partner >> S32
    for i in range(identity.shape[0]):
        c0, c1, c2, c3 = identity[i] & MASK, identity[i] >> S32, p0, p1
        k0, k1 = key & MASK, key >> S32
        for _ in range(10):
            product0 = np.uint64(0xD2511F53) * c0
            product1 = np.uint64(0xCD9E8D57) * c2
            c0 = (product1 >> S32) ^ c1 ^ k0
            c2 = (product0 >> S32) ^ c3 ^ k1
            c1, c3 = product1 & MASK, product0 & MASK
            k0 = (k0 + np.uint64(0x9E3779B9)) & MASK
            k1 = (k1 + np.uint64(0xBB67AE85)) & MASK
        word = (c1 << S32) | c0
        out[i] = (np.float64(word >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16


NEWTON_STEPS = 6
"""Steps to a number of Beta(3, 3); after five even the farthest start is at its last digit."""


@register_jitable
def beta_below(x):
    """Probability that a number of Beta(3, 3) is below `x`, of any shape."""
    return x * x * x * (10.0 - 15.0 * x + 6.0 * x * x)


@compiled
def find_beta(u, found):
    """Numbers of Beta(3, 3) from uniform ones, (m,), in place of what is above those of the lower half."""
    for i in range(u.shape[0]):
        lower, x = min(u[i], 1.0 - u[i]), found[i]
        for _ in range(NEWTON_STEPS):
            slope = x * (1.0 - x)
            x = x - (beta_below(x) - lower) / (30.0 * (slope * slope))
        found[i] = x if u[i] <= 0.5 else 1.0 - x
