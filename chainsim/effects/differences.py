"""In what two economies differ, bit by bit: columns of enterprises, links, entry points of policy, everything else.

Programmes are not compared, for two worlds may be given different ones; what these do must show in the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import kernels
from chainsim.economy.columns import COLUMNS
from chainsim.economy.economy import Economy
from chainsim.economy.entry_points import Policy, entry_points
from chainsim.economy.types import Flags, Index

NAMES = tuple(column.name for column in COLUMNS)
FIRST = ("cash", "price", "sales", "wanted_ordinary")
"""Columns in which enterprises differ most often, asked first."""
LINKS = ("start", "input", "supplier", "coefficient", "wedge")
GIVEN = frozenset({"arrays", "stages", "segment_names", "seed", "programme", "reference", "links", "policy", "reviews"})
"""Parts of an economy that are given from outside, compared apart, or kept for who watches."""


@dataclass(frozen=True)
class Difference:
    """Names of what differs; `others` are the region, flows, ledger and the like, as `region.wage_index`."""

    columns: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.columns or self.links or self.entry_points or self.others)


def difference(one: Economy, other: Economy) -> Difference:
    """In what the two differ, to the last bit."""
    return Difference(
        columns=tuple(name for name in NAMES if not same(getattr(one, name), getattr(other, name))),
        links=tuple(name for name in LINKS if not same(getattr(one.links, name), getattr(other.links, name))),
        entry_points=tuple(name for name in entry_points() if not same_entry_point(name, one.policy, other.policy)),
        others=tuple(_others(one, other)),
    )


def _others(one: Economy, other: Economy) -> Iterator[str]:
    stored = {*NAMES, *GIVEN}
    names = [name for name in vars(one) if name not in stored and not name.startswith("_")]
    for name in names:
        ours, theirs = getattr(one, name), getattr(other, name, None)
        if is_dataclass(ours):
            yield from (f"{name}.{part}" for part in unlike_fields(ours, theirs))
        elif name == "ledger":
            if not (same(ours.entries, theirs.entries) and same(ours.written_off, theirs.written_off)):  # type: ignore[union-attr]
                yield name
        elif not same(ours, theirs):
            yield name


def unlike_fields(one: Any, other: Any) -> Iterator[str]:
    """Fields of two dataclasses that differ."""
    return (item.name for item in fields(one) if not same(getattr(one, item.name), getattr(other, item.name)))


def same_entry_point(name: str, one: Policy, other: Policy) -> bool:
    """Whether the same stands at an entry point, whoever is there: arrays that nobody moved are of any length."""
    values = getattr(one, name), getattr(other, name)
    moved = [value for policy, value in zip((one, other), values, strict=True) if not policy.is_neutral(name)]
    if len(moved) == 2 or not isinstance(values[0], np.ndarray):
        return same(*values)
    neutral = entry_points()[name].metadata["neutral"]
    return all(bool(np.all(value == neutral)) for value in moved)


def same(one: Any, other: Any) -> bool:
    """Whether two values have the same content, floating-point numbers the same bits."""
    if one is other:
        return True
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and one.dtype == other.dtype and bool(np.array_equal(bits(one), bits(other)))
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return False
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if is_dataclass(one) and type(one) is type(other):
        return not any(True for _ in unlike_fields(one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one.hex() == other.hex()
    return bool(one == other)


def bits(values: NDArray[Any]) -> NDArray[Any]:
    """The array with its numbers read as unsigned integers of their size; anything else as it is."""
    if values.dtype.kind != "f" or values.ndim == 0:
        return values
    return np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}")


@dataclass(frozen=True)
class Alignment:
    """Enterprises of two economies by identity, (u,): their rows in each, -1 where one has no such enterprise.

    Counted are those that operated in the year or are in business at its end.
    """

    identity: NDArray[np.uint64]
    rows: tuple[Index, Index]

    @property
    def common(self) -> Flags:
        """Who is in both, (u,)."""
        return (self.rows[0] >= 0) & (self.rows[1] >= 0)


class Population(Protocol):
    """The enterprises of an economy, or what is remembered of them: identities, and who counts in the year, (n,)."""

    @property
    def n(self) -> int: ...
    @property
    def identity(self) -> NDArray[np.uint64]: ...
    @property
    def operated(self) -> Flags: ...
    @property
    def active(self) -> Flags: ...


def is_among(identity: NDArray[np.uint64], known: NDArray[np.uint64]) -> Flags:
    """Which identities (k,) are among the `known` ones (m,), which are sorted."""
    if not known.size:
        return np.zeros(identity.size, dtype=bool)
    return known[np.minimum(np.searchsorted(known, identity), known.size - 1)] == identity


def aligned(one: Population, other: Population) -> Alignment:
    """The enterprises of both, matched by identity."""
    worlds: tuple[Population, Population] = (one, other)
    present = [np.flatnonzero(world.operated | world.active) for world in worlds]
    if one.n == other.n and same(one.identity, other.identity) and np.array_equal(present[0], present[1]):
        return Alignment(one.identity[present[0]], (present[0], present[0]))
    (ours, our_rows), (theirs, their_rows) = map(by_identity, worlds, present)
    new = ~is_among(theirs, ours)
    union = np.insert(ours, np.searchsorted(ours, theirs[new]), theirs[new])
    found = np.full((2, union.size), -1, dtype=np.int64)
    for row, identity, rows in zip(found, (ours, theirs), (our_rows, their_rows), strict=True):
        row[np.searchsorted(union, identity)] = rows
    return Alignment(union, (found[0], found[1]))


def by_identity(world: Population, rows: Index) -> tuple[NDArray[np.uint64], Index]:
    """Identities of the enterprises at `rows` (m,) in ascending order, and their rows in that order, (m,) each."""
    identity = world.identity[rows]
    order = np.argsort(identity)
    return identity[order], rows[order]


def differing(one: Economy, other: Economy, match: Alignment) -> Flags:
    """Enterprises that differ in any column or are in one economy only, (u,)."""
    differs = ~match.common
    left = np.flatnonzero(match.common)
    for name in (*FIRST, *NAMES):
        if not left.size:
            break
        ours, theirs = bits(getattr(one, name)), bits(getattr(other, name))
        unlike = ours[match.rows[0][left]] != theirs[match.rows[1][left]]
        unlike = unlike.any(axis=1) if unlike.ndim > 1 else unlike
        if unlike.any():
            differs[left[unlike]] = True
            left = left[~unlike]
    return differs


def differing_links(one: Economy, other: Economy, match: Alignment) -> tuple[int, int]:
    """Number of links of the second economy, and how many have another supplier in the first or do not exist there."""
    rows = match.rows[1][match.rows[1] >= 0]
    place = np.full(other.n, -1, dtype=np.int64)
    place[rows] = match.rows[0][match.rows[1] >= 0]
    links, there = other.links, one.links
    unlike = kernels.unlike_links(rows, place, links.start, links.supplier, there.start, there.supplier)
    return int(np.diff(links.start)[rows].sum()), int(unlike)


def partners(economy: Economy, chosen: Flags) -> Flags:
    """Enterprises that buy from or sell to the `chosen` (n,), (n,)."""
    linked = np.zeros(economy.n, dtype=bool)
    kernels.mark_partners(economy.links.start, economy.links.supplier, chosen, linked)
    return linked
