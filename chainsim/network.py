"""Supply links and the table candidates are drawn from.

Draws of candidates are keyed by buyer and slot and fall on cells placed by identity, so one more or one larger
enterprise changes few draws of others: enterprises of a segment are grouped by sampling weight into classes of factor
two, and the members of a class are laid into cells by the hash of their identity.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainsim import draws

Array = NDArray[np.float64]
Index = NDArray[np.int64]

NATIONAL, ABROAD, NOBODY, CLOSED = -1, -2, -3, -4
CLASSES = 32
SMALLEST_EXPONENT = -3


class Links:
    """Links grouped by buyer: those of row `i` are `start[i]:start[i + 1]`, in order of input and slot.

    `supplier` (L,) is a row or NATIONAL, ABROAD, NOBODY; `input` (L,) the segment bought; `coefficient` (L,) the
    quantity bought over the link per unit of the buyer's output.
    """

    def __init__(self, start: Index, input: NDArray[np.int32], supplier: NDArray[np.int32], coefficient: Array) -> None:
        self._start = start
        self._input, self._supplier, self._coefficient = input, supplier, coefficient
        self._buyers, self._count = start.size - 1, int(start[-1])

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
    def buyer(self) -> Index:
        """Buyer of every link, (L,)."""
        return np.repeat(np.arange(self._buyers), np.diff(self.start))

    def append(
        self, per_buyer: Index, input: NDArray[np.int32], supplier: NDArray[np.int32], coefficient: Array
    ) -> None:
        """Add buyers with `per_buyer` (m,) links each."""
        buyers, count = self._buyers + per_buyer.size, self._count + input.size
        self._start = _grown(self._start, buyers + 1)
        self._input = _grown(self._input, count)
        self._supplier = _grown(self._supplier, count)
        self._coefficient = _grown(self._coefficient, count)
        self._start[self._buyers + 1 : buyers + 1] = self._count + np.cumsum(per_buyer)
        added = slice(self._count, count)
        self._input[added], self._supplier[added], self._coefficient[added] = input, supplier, coefficient
        self._buyers, self._count = buyers, count

    def close(self, closing: NDArray[np.bool_]) -> None:
        """Mark the links to suppliers that close, `closing` (n,): from now on their buyers pay outside prices."""
        local = np.flatnonzero(self.supplier >= 0)
        gone = local[closing[self.supplier[local]]]
        self.supplier[gone] = CLOSED

    def keep(self, rows: Index, place: Index) -> None:
        """Drop all buyers but `rows`; `place` (n,) is the new row of every old one, -1 where dropped."""
        number = np.diff(self.start)[rows]
        kept = np.repeat(self.start[rows] - (np.cumsum(number) - number), number) + np.arange(int(number.sum()))
        supplier = self.supplier[kept]
        moved = np.where(supplier >= 0, place[np.maximum(supplier, 0)], supplier).astype(np.int32)
        start = np.concatenate(([0], np.cumsum(number)))
        self.__init__(start, self.input[kept], moved, self.coefficient[kept])  # type: ignore[misc]

    def copy(self) -> Links:
        """An independent copy."""
        return Links(self.start.copy(), self.input.copy(), self.supplier.copy(), self.coefficient.copy())


def _grown(stored: NDArray[Any], size: int) -> NDArray[Any]:
    """The array with room for at least `size` entries."""
    if stored.size >= size:
        return stored
    larger = np.zeros(max(size, stored.size * 3 // 2), dtype=stored.dtype)
    larger[: stored.size] = stored
    return larger


class CandidateTable(NamedTuple):
    """Where local suppliers are drawn from this year.

    `weight` (n,) sampling weight; groups are (segment, size class): `offset`, `length` of their `cells`,
    `class_weight` cells times `upper`, the upper bound of their weights; `total`, `top` (S,) sum and largest class; `members` rows by segment.
    """

    weight: Array
    cells: NDArray[np.int32]
    offset: Index
    length: Index
    class_weight: Array
    upper: Array
    total: Array
    top: Index
    members: Index
    member_start: Index


class BuyerState(NamedTuple):
    """What buyers see of enterprises, (n,) each."""

    identity: NDArray[np.uint64]
    segment: NDArray[np.int32]
    park: NDArray[np.int32]
    quality: Array
    active: NDArray[np.bool_]
    expected: Array
    fill: Array
    attraction: Array
    spare: Array


class ChoiceRules(NamedTuple):
    """Parameters of review and choice."""

    review_rate: float
    fill_response: float
    break_rate: float
    sample: int
    quality_tolerance: float
    quality_weight: float
    capacity_weight: float
    park_weight: float


class OutsideSupply(NamedTuple):
    """National and foreign supply: odds constants (S, S), delivery, pull (S, 2), added review rate (S,)."""

    home: Array
    abroad: Array
    supply: Array
    pull: Array
    added_review: Array


def candidate_table(
    segment: NDArray[np.int32], identity: NDArray[np.uint64], rows: Index, weight: Array, segments: int
) -> CandidateTable:
    """Lay the enterprises `rows` of every segment into classes and cells by sampling weight `weight` (n,)."""
    from chainsim import kernels

    exponent = np.clip(np.floor(np.log2(weight[rows])).astype(np.int64) - SMALLEST_EXPONENT, 0, CLASSES - 1)
    group = np.full(segment.size, -1, dtype=np.int64)
    group[rows] = segment[rows].astype(np.int64) * CLASSES + exponent
    code = draws.mixed(identity[rows], np.uint64(0x5EED))
    order = rows[np.lexsort((code, group[rows]))]
    groups = segments * CLASSES
    number = np.bincount(group[rows], minlength=groups)
    table = np.where(number > 1, 2 ** np.ceil(np.log2(np.maximum(1.25 * number, 1.0))), number).astype(np.int64)
    homes = np.zeros(segment.size, dtype=np.int64)
    homes[rows] = ((code >> np.uint64(11)).astype(np.float64) * 2.0**-53 * table[group[rows]]).astype(np.int64)
    last = np.zeros(groups, dtype=np.int64)
    kernels.probe_end(order, group, homes, last)
    length = np.where(number > 0, np.maximum(table + table // 8, last), 0)
    offset = np.concatenate(([0], np.cumsum(length)))
    cells = np.full(int(offset[-1]), -1, dtype=np.int32)
    kernels.place_members(order, group, homes, cells, offset, length)
    upper = np.exp2((np.arange(groups) % CLASSES + SMALLEST_EXPONENT + 1).astype(np.float64))
    class_weight = length * upper
    by_segment = class_weight.reshape(segments, CLASSES)
    top = np.where(by_segment > 0, np.arange(CLASSES), 0).max(axis=1)
    member_start = np.concatenate(([0], np.cumsum(np.bincount(segment[rows], minlength=segments))))
    return CandidateTable(
        weight,
        cells,
        offset,
        length,
        class_weight,
        upper,
        by_segment.sum(axis=1),
        top.astype(np.int64),
        order,
        member_start,
    )


def upstream_order(technical: Array) -> Index:
    """Segments from users to upstream: a segment comes after those that buy from it, cycles by total sales, (S,)."""
    remaining: list[int] = list(range(technical.shape[0]))
    order: list[int] = []
    while remaining:
        buys = {k: sum(technical[k, other] for other in remaining if other != k) for k in remaining}
        nxt = min(remaining, key=lambda k: (buys[k], k))
        order.append(nxt)
        remaining.remove(nxt)
    return np.array(order, dtype=np.int64)


def rows_by_segment(segment: NDArray[np.int32], rows: Index, order: Iterable[int], segments: int) -> Index:
    """The rows sorted by the position of their segment in `order`, (m,)."""
    position = np.empty(segments, dtype=np.int64)
    position[np.fromiter(order, dtype=np.int64)] = np.arange(segments)
    return rows[np.argsort(position[segment[rows]], kind="stable")]
