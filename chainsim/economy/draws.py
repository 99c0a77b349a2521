"""Random numbers as pure functions of (seed, purpose, year, identity, partner), by Philox4x32-10.

A draw belongs to an enterprise and an event, not to the order of calls: a policy run and its baseline share their
luck, and a new enterprise moves nobody else's draws. Counter-based generator: Salmon, Moraes, Dror and Shaw (2011).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import kernels
from chainsim.economy.types import Array, Index

MASK64 = 0xFFFFFFFFFFFFFFFF
GOLDEN, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
NEVER = 1e-9
"""By how much a uniform number has to stay below e^-mean, which is 1 - mean at least, to be no event for certain."""


class Clock(Protocol):
    """What a draw needs to know of the economy."""

    seed: int
    year: int

    @property
    def identity(self) -> NDArray[np.uint64]: ...

    @property
    def segment_names(self) -> tuple[str, ...]: ...


def philox4x32(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Four 32-bit words of Philox4x32-10 for one counter and key."""
    words = kernels.philox4x32(*(np.uint64(word) for word in (*counter, *key)))
    return tuple(int(word) for word in words)  # type: ignore[return-value]


def mix(a: int, b: int) -> int:
    """A 64-bit hash of two 64-bit words (splitmix64; Steele, Lea and Flood 2014), the same as the kernels'."""
    x = (a ^ (b * GOLDEN)) & MASK64
    x = ((x ^ (x >> 30)) * FIRST) & MASK64
    x = ((x ^ (x >> 27)) * SECOND) & MASK64
    return x ^ (x >> 31)


def mixed(a: NDArray[np.uint64], b: NDArray[np.uint64] | np.uint64) -> NDArray[np.uint64]:
    """`mix` of arrays."""
    x = a ^ (np.atleast_1d(b) * np.uint64(GOLDEN))
    x ^= x >> 30
    x *= FIRST
    x ^= x >> 27
    x *= SECOND
    x ^= x >> 31
    return x


@lru_cache(maxsize=4096)
def name_hash(name: str) -> int:
    """A 64-bit identity of a name."""
    return mix(zlib.crc32(name.encode()), len(name) << 32 | zlib.adler32(name.encode()))


def draw_key(seed: int, purpose: str, year: int) -> np.uint64:
    """The generator's key of one purpose in one year."""
    return np.uint64(mix(_purpose_hash(seed, purpose), year))


@lru_cache(maxsize=4096)
def _purpose_hash(seed: int, purpose: str) -> int:
    """What the keys of a purpose share in all years."""
    return mix(seed, zlib.crc32(purpose.encode()))


@cache
def _special() -> Any:
    """Functions of SciPy, loaded when the first number is drawn by them."""
    from scipy import special

    return special


def uniform_for(key: np.uint64, identity: NDArray[np.uint64], partner: int = 0) -> Array:
    """Uniform numbers in (0, 1) of the identities under one key, (n,)."""
    if not identity.flags.writeable:
        identity = identity.copy()  # else the kernel would be compiled a second time, for these
    out = np.empty(identity.shape[0])
    kernels.fill_uniform(key, identity, np.uint64(partner), out)
    return out


def several(economy: Clock, purposes: tuple[str, ...], identity: NDArray[np.uint64]) -> Array:
    """Uniform numbers in (0, 1) of the identities (m,) for several purposes this year, (p, m)."""
    out = np.empty((len(purposes), identity.shape[0]))
    year = np.uint64(economy.year & MASK64)
    kernels.fill_several(_purpose_hashes(economy.seed, purposes), year, identity, out)
    return out


@lru_cache(maxsize=1024)
def _purpose_hashes(seed: int, purposes: tuple[str, ...]) -> NDArray[np.uint64]:
    return np.array([_purpose_hash(seed, purpose) for purpose in purposes], dtype=np.uint64)


def uniform(economy: Clock, purpose: str, rows: Index | None = None) -> Array:
    """Uniform numbers in (0, 1) of all enterprises, or of `rows`, for one purpose this year, (n,)."""
    identity = economy.identity if rows is None else economy.identity[rows]
    return uniform_for(draw_key(economy.seed, purpose, economy.year), identity)


def normal(economy: Clock, purpose: str, rows: Index | None = None) -> Array:
    """Standard normal numbers, (n,)."""
    identity = economy.identity if rows is None else economy.identity[rows]
    return normal_for(draw_key(economy.seed, purpose, economy.year), identity)


def normal_for(key: np.uint64, identity: NDArray[np.uint64]) -> Array:
    """Standard normal numbers of the identities under one key, (n,)."""
    return as_normal(uniform_for(key, identity))


def as_normal(u: Array) -> Array:
    """Standard normal numbers from uniform ones, of any shape."""
    found: Array = _special().ndtri(u)
    return found


def laplace(u: Array, scale: Array | float) -> Array:
    """Laplace numbers with mean 0 and the given scale from uniform ones, (n,)."""
    centred = u - 0.5
    return -scale * np.sign(centred) * np.log1p(-2.0 * np.abs(centred))


def beta(u: Array) -> Array:
    """Numbers of Beta(3, 3) from uniform ones, (m,), by Newton's method.

    The lower half is searched from above, where the distribution function is convex; the upper half is its mirror.
    """
    found = np.cbrt(np.minimum(u, 1.0 - u) / 4.0)
    kernels.find_beta(u, found)
    return found


def poisson(u: Array, mean: Array | float) -> Index:
    """Poisson counts by inversion: a small change of the mean adds or drops the last event only, (n,)."""
    if not isinstance(mean, np.ndarray):
        return np.searchsorted(poisson_steps(mean), u).astype(np.int64)
    result = np.zeros(mean.shape, dtype=np.int64)
    able = ((mean > 0) & (u > 1.0 - mean - NEVER)).nonzero()[0]
    if able.size:
        u, mean = u[able], mean[able]
        z = _special().ndtri(u)
        near = np.maximum(np.floor(mean + z * np.sqrt(mean) + (z * z - 1.0) / 6.0 + 0.5), 0.0)  # as Cornish and Fisher
        result[able] = _poisson_quantile(u, mean, near, _special().pdtr)
    return result


@lru_cache(maxsize=256)
def poisson_steps(mean: float) -> Array:
    """Distribution function of 0, 1, 2 ... events, as far as it is below 1."""
    return _special().pdtr(np.arange(int(mean + 12.0 * mean**0.5 + 20.0)), mean)


def _poisson_quantile(u: Array, mean: Array, count: Array, cdf: Callable[[Array, Array], Array]) -> Index:
    """Smallest count whose distribution function reaches `u`, searched from the `count` at which it should be."""
    one_less, as_many = cdf(np.array((np.maximum(count - 1.0, 0.0), count)), mean)
    few, many = (as_many < u).nonzero()[0], ((one_less >= u) & (count > 0)).nonzero()[0]
    while few.size:
        count[few] += 1.0
        few = few[cdf(count[few], mean[few]) < u[few]]
    while many.size:
        count[many] -= 1.0
        many = many[count[many] > 0]
        many = many[cdf(count[many] - 1.0, mean[many]) >= u[many]]
    return count.astype(np.int64)


def by_name(economy: Clock, purpose: str) -> Array:
    """Uniform numbers in (0, 1) that belong to the segments, by their names, (S,)."""
    return uniform_for(draw_key(economy.seed, purpose, economy.year), hashed(economy.segment_names))


def normal_by_name(economy: Clock, purpose: str, names: Sequence[str]) -> Array:
    """Standard normal numbers that belong to names, this year, (m,)."""
    return normal_for(draw_key(economy.seed, purpose, economy.year), hashed(names))


def chosen_by_name(key: np.uint64, identity: NDArray[np.uint64], names: Sequence[str], chance: Array) -> Index:
    """The name that falls to each identity, as its place, (n,), with a probability in proportion to its `chance`.

    Chances are (m,), or (n, m) where they differ by identity. The first in an exponential race whose luck goes by
    identity and name: another order of the names moves nobody, and one more, or one whose chance grows, moves only
    those who go there.
    """
    if not identity.size:
        return np.zeros(0, dtype=np.int64)
    able = np.flatnonzero(chance if chance.ndim == 1 else chance.any(axis=0))
    partners = np.empty(identity.size * able.size, dtype=np.uint64)
    kernels.mix_with_names(identity, hashed(names)[able], partners)
    u = uniform_for(key, partners).reshape(identity.size, able.size)
    return able[np.argmax(np.log(u) / chance.take(able, axis=-1), axis=1)]


def hashed(names: Sequence[str]) -> NDArray[np.uint64]:
    """Identities of names, (m,); not to be written to."""
    return _hashed(tuple(names))


@lru_cache(maxsize=1024)
def _hashed(names: tuple[str, ...]) -> NDArray[np.uint64]:
    identities = np.array([name_hash(name) for name in names], dtype=np.uint64)
    identities.flags.writeable = False
    return identities
