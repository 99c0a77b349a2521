"""Who buys from whom: the supply links of all buyers, and the order of segments along them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import kernels
from chainsim.economy.types import Array, Flags, Index

NATIONAL, ABROAD, NOBODY, CLOSED = -1, -2, -3, -4
"""What stands for a supplier that is no local enterprise: the rest of the nation, the rest of the world, none chosen
yet, and one that has left the economy."""

PRICE, QUALITY, ROOM, TERMS, ENTRY, EXIT, ARRIVALS, REST = range(8)
"""What can make buyers of the same luck choose otherwise in another world; see `kernels.replay`."""


def ranges(first: Index, length: Index) -> Index:
    """The numbers from each `first` (b,) on, `length` (b,) of them, one after the other."""
    end = np.cumsum(length)
    return np.repeat(first - end + length, length) + np.arange(end[-1] if end.size else 0)


class Links:
    """Links grouped by buyer: those of row `i` are `start[i]:start[i + 1]`, in order of input and slot.

    `supplier` (L,) is a row or NATIONAL, ABROAD, NOBODY; `input` (L,) the segment bought; `coefficient` (L,) the
    quantity bought over the link per unit of the buyer's output.
    """

    def __init__(self, start: Index, input: NDArray[np.int32], supplier: NDArray[np.int32], coefficient: Array) -> None:
        self._start = start
        self._input, self._supplier, self._coefficient = input, supplier, coefficient
        self._buyers, self._count = start.size - 1, int(start[-1])
        self._local_supplier, self._local_coefficient = supplier[:0], coefficient[:0]
        self._wedge = np.zeros(0)

    @property
    def start(self) -> Index:
        """First link of every buyer, (n + 1,)."""
        return self._start[: self._buyers + 1]

    @property
    def input(self) -> NDArray[np.int32]:
        """Input segment of every link, (L,)."""
        return self._input[: self._count]

    @property
    def supplier(self) -> NDArray[np.int32]:
        """Supplier of every link, (L,)."""
        return self._supplier[: self._count]

    @property
    def coefficient(self) -> Array:
        """Quantity bought per unit of the buyer's output, (L,)."""
        return self._coefficient[: self._count]

    @property
    def wedge(self) -> Array:
        """Log price a buyer forgoes for a local supplier it was made to prefer, (L,); empty while nobody is."""
        return self._wedge[: self._count]

    def keep_wedges(self) -> None:
        """From now on remember what buyers forgo over every link."""
        if self._wedge.size < self._count:
            self._wedge = _grown(self._wedge, self._count)

    @property
    def buyer(self) -> Index:
        """Buyer of every link, (L,)."""
        return np.repeat(np.arange(self._buyers), np.diff(self.start))

    def of_buyers(self, rows: Index) -> tuple[Index, Index]:
        """Buyer and number of the links of some buyers `rows` (b,), in ascending order, two of (l,)."""
        length = self._start[rows + 1] - self._start[rows]
        return np.repeat(rows, length), ranges(self._start[rows], length)

    @property
    def slot(self) -> Index:
        """Number of every link among those of its buyer for the same input, from 0, (L,)."""
        number, buyer = np.arange(self._count), self.buyer
        follows = np.zeros(self._count, dtype=bool)
        follows[1:] = (buyer[1:] == buyer[:-1]) & (self.input[1:] == self.input[:-1])
        return number - np.maximum.accumulate(np.where(follows, 0, number))

    def append(
        self, per_buyer: Index, input: NDArray[np.int32], supplier: NDArray[np.int32], coefficient: Array
    ) -> None:
        """Add buyers with `per_buyer` (m,) links each."""
        buyers, count = self._buyers + per_buyer.size, self._count + input.size
        self._start = _grown(self._start, buyers + 1)
        self._input = _grown(self._input, count)
        self._supplier = _grown(self._supplier, count)
        self._coefficient = _grown(self._coefficient, count)
        if self._wedge.size:
            self._wedge = _grown(self._wedge, count)
        self._start[self._buyers + 1 : buyers + 1] = self._count + per_buyer.cumsum()
        added = slice(self._count, count)
        self._input[added], self._supplier[added], self._coefficient[added] = input, supplier, coefficient
        self._buyers, self._count = buyers, count

    def raise_purchases(self, segment: int, buyers: Flags, factor: Array) -> None:
        """Scale what `buyers` (n,) buy of an input segment per unit of output by `factor` (n,)."""
        buyer = self.buyer
        here = (self.input == segment) & buyers[buyer]
        self.coefficient[here] *= factor[buyer[here]]

    def close(self, closing: Flags) -> None:
        """Mark the links to suppliers that close, `closing` (n,): from now on their buyers pay outside prices."""
        kernels.close_links(closing, self.supplier)

    def local(self, rows: Index) -> tuple[Index, NDArray[np.int32], Array]:
        """Links to local suppliers, buyers in the order of `rows`: first link (m + 1,), supplier, coefficient.

        What is returned holds until the next call: fresh memory every year costs more than filling it.
        """
        start = np.empty(rows.size + 1, dtype=np.int64)
        if self._local_supplier.size != self._supplier.size:
            self._local_supplier, self._local_coefficient = (
                np.empty_like(self._supplier),
                np.empty_like(self._coefficient),
            )
        kept = self._local_supplier, self._local_coefficient
        kernels.local_links(rows, self.start, self.supplier, self.coefficient, start, *kept)
        return start, *kept

    def keep(self, rows: Index, place: Index) -> None:
        """Drop all buyers but `rows`, ascending; `place` (n,) is the new row of every old one, -1 where dropped."""
        if self._wedge.size:
            kept = self._wedge[: self._count][(place >= 0)[self.buyer]]
            self._wedge[: kept.size], self._wedge[kept.size :] = kept, 0.0
        stored = self._start, self._supplier, self._input, self._coefficient
        self._buyers, self._count = rows.size, kernels.keep_links(rows, place, *stored)

    def copy(self) -> Links:
        """An independent copy, with room for a quarter more."""
        other = Links(self.start, self.input, self.supplier, self.coefficient)
        for name in ("_start", "_input", "_supplier", "_coefficient"):
            stored = getattr(other, name)
            setattr(other, name, np.zeros(stored.size * 5 // 4 + 1, dtype=stored.dtype))
            getattr(other, name)[: stored.size] = stored
        other._wedge = self.wedge.copy()
        return other


def _grown(stored: NDArray[Any], size: int) -> NDArray[Any]:
    """The array with room for at least `size` entries."""
    if stored.size >= size:
        return stored
    larger = np.zeros(max(size, stored.size * 3 // 2), dtype=stored.dtype)
    larger[: stored.size] = stored
    return larger


def upstream_order(technical: Array, names: Sequence[str]) -> Index:
    """Segments from users to upstream: a segment comes after those that buy from it, cycles by total sales, (S,).

    Of segments with the same sales the first by name goes first.
    """
    remaining: list[int] = list(range(technical.shape[0]))
    order: list[int] = []
    while remaining:
        buys = {k: math.fsum(technical[k, other] for other in remaining if other != k) for k in remaining}
        nxt = min(remaining, key=lambda k: (buys[k], names[k]))
        order.append(nxt)
        remaining.remove(nxt)
    return np.array(order, dtype=np.int64)


def rows_by_segment(segment: Index, rows: Index, order: Iterable[int], segments: int) -> Index:
    """The rows sorted by the position of their segment in `order`, (m,)."""
    position = np.empty(segments, dtype=np.uint16)  # 16 bits are sorted by radix
    position[np.fromiter(order, dtype=np.int64)] = np.arange(segments)
    return rows[np.argsort(position[segment[rows]], kind="stable")]
