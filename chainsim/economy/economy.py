"""The economy: columns of enterprises, their links, and the region around them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from operator import is_
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import kernels
from chainsim.economy.arrays import MARKETS, M, ScenarioArrays
from chainsim.economy.columns import (
    ALL,
    BLOCKS,
    CLEARED,
    CLOSED,
    COLUMNS,
    NUMBERS,
    YEAR_END,
    Calibration,
    Flows,
    Reference,
    Region,
)
from chainsim.economy.derived import Derived
from chainsim.economy.entry_points import Policy
from chainsim.economy.ledger import Ledger
from chainsim.economy.links import Links, rows_by_segment
from chainsim.economy.protocols import LeverAccount, PolicyProgramme, StageRules
from chainsim.economy.types import Array, Index, Meaning

if TYPE_CHECKING:
    from chainsim.economy.candidates import Sample

SHARED = ("arrays", "stages", "segment_names", "reference")
"""What no run changes, so that copies of an economy share it; of all else a copy has its own."""
MADE_ANEW = ("_once",)
"""What copies make again when they need it."""
OWN_COPY = ("links", "_blocks")
"""What copies itself, without the room it keeps to grow."""
VIEWS = frozenset(column.name for column in COLUMNS)
"""What is made of the blocks again."""

NAMES = {kind: tuple(column.name for column in columns) for kind, columns in BLOCKS.items()}
"""Names of the columns of every block, in its order."""

WORD = 8
"""Bytes of a number in the long blocks, whose rows one kernel moves; the others hold few flags and counts."""

Made = TypeVar("Made")

MOST_CLOSED = 0.1
"""Share of closed enterprises in the table above which their rows are dropped at the start of a year."""


class Economy(Derived):
    """Enterprises as columns, their links, and the region around them; what follows from them stands in `Derived`.

    Columns of `columns.COLUMNS` are attributes of shape (n,), or (n, 4) for market columns; assign in place only. They
    are views of blocks, one for each type, in which rows are added, dropped and copied together.
    """

    # fmt: off
    rival_share: Annotated[Array, Meaning("(S, 4)", "1", YEAR_END, "share of outside rivals in the expenditure of each final market")]
    reference_profit: Annotated[Array, Meaning("(S,)", "1", YEAR_END, "profit over sales that entrants take for usual")]
    first_plant: Annotated[Index, Meaning("(S,)", "year", YEAR_END, "year in which a missing link got its first plant; long past where none did")]
    labour_income: Annotated[float, Meaning("scalar", M, "last year closed", "pay of the staff of enterprises")]
    # fmt: on

    def __init__(self, arrays: ScenarioArrays, stages: StageRules[Economy], seed: int, rows: int) -> None:
        self.arrays = arrays
        self.stages = stages
        self.segment_names = arrays.names
        self.seed = seed
        self.year = arrays.start
        self.n = 0
        self.names: dict[int, str] = {}
        self.region: Region
        self.calibration: Calibration
        self.links: Links
        self.policy = Policy.neutral(rows, arrays.size, len(arrays.park_names))
        self.programme: PolicyProgramme[Economy] | None = None
        self.flows: Flows
        self.reference: Reference | None = None
        self.reviews: list[tuple[Any, Sample, Any]] | None = None  # of the year's links, for whoever puts a list here
        self.rival_share = np.ones((arrays.size, len(MARKETS)))
        self.labour_income = 0.0
        self.reference_profit = np.zeros(arrays.size)
        self.first_plant = np.full(arrays.size, -10_000)
        self.ledger = Ledger()
        self._blocks: dict[str, NDArray[Any]] = {}
        self._by_identity: Index = np.zeros(0, dtype=np.int64)
        self._from_users: Index = np.zeros(0, dtype=np.int64)
        self._once: dict[Any, tuple[tuple[Any, ...], Any]] = {}
        for kind, columns in BLOCKS.items():
            markets = (len(MARKETS),) if columns[0].wide else ()
            self._blocks[kind] = np.zeros((len(columns), 0, *markets), dtype=columns[0].dtype)
        self.append(rows)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> NDArray[Any]: ...

    def append(self, rows: int) -> slice:
        """Add `rows` empty enterprises and return where they are."""
        first, self.n = self.n, self.n + rows
        for kind, block in self._blocks.items():
            if block.shape[1] < self.n:
                grown = np.empty((len(block), max(self.n, block.shape[1] * 3 // 2), *block.shape[2:]), block.dtype)
                grown[:, :first] = block[:, :first]
                self._blocks[kind] = block = grown
            if rows:
                block[:, first : self.n] = 0
            self.__dict__.update(zip(NAMES[kind], block[:, : self.n], strict=True))
        self.ledger.accounts = self.__dict__["cash"]
        return slice(first, self.n)

    def begin_year(self, year: int) -> None:
        """Open the books of a year: entry points neutral, flows empty."""
        segments = self.arrays.size
        self.year = year
        if self.n - np.count_nonzero(self.active) > MOST_CLOSED * self.n:
            self.drop_closed()
        self.operated[:] = self.active
        self.clear(CLEARED[CLOSED], np.flatnonzero(~self.active))
        self.clear(CLEARED[ALL], slice(self.n))
        self.policy = Policy.neutral(self.n, segments, len(self.arrays.park_names))
        self.flows = Flows(
            trade=np.zeros((segments, segments, 3)),
            wages=np.zeros(2),
            opening_debt=float(self.debt.sum()),
            opening_capital=float((self.capital + self.capital_ordered).sum()),
            founded_capital=np.zeros(segments),
            capacity=self.by_segment(self.capacity) if self.n else np.zeros(segments),
            entries=np.zeros(segments),
            exits=np.zeros(segments),
            defaults=np.zeros(segments),
        )
        self.region.promised_growth[:] = self.region.learned_growth
        self.ledger.open(year)

    def once(self, make: Callable[..., Made], *parts: Any) -> Made:
        """What `make` makes of parts of the scenario that no year changes: made anew only of other objects."""
        kept = self._once.get(make)
        if kept is None or len(kept[0]) != len(parts) or not all(map(is_, kept[0], parts)):
            kept = parts, make(*parts)
            self._once = {**self._once, make: kept}
        made: Made = kept[1]
        return made

    @property
    def lever_years(self) -> Mapping[str, LeverAccount]:
        """What the levers offer and have paid this year, by name; nothing without a programme."""
        return {} if self.programme is None else self.programme.lever_years

    def drop_closed(self) -> None:
        """Take the rows of closed enterprises out of the table, in the order of the rest.

        Identities stay; row numbers hold within a year only. Without this the table would grow to three times the
        enterprises in business over 30 years.
        """
        rows = self.rows
        place = np.full(self.n, -1, dtype=np.int64)
        place[rows] = np.arange(rows.size)
        for block in self._blocks.values():
            if block.dtype.itemsize == WORD:
                kernels.keep_rows(rows, math.prod(block.shape[2:]), block.view(np.int64).reshape(len(block), -1))
            else:
                block[:, : rows.size] = block[:, rows]
        self.links.keep(rows, place)
        self.names = {int(place[row]): name for row, name in self.names.items() if place[row] >= 0}
        self._by_identity, self._from_users = (
            moved[moved >= 0] if (moved := place[order]).size == self.n else order[:0]
            for order in (self._by_identity, self._from_users)
        )
        self.n = rows.size
        self.append(0)

    def clear(self, columns: Mapping[str, Index], rows: Index | slice) -> None:
        """Empty columns, by their places in each block, of some rows."""
        for kind, places in columns.items():
            self._blocks[kind][places[:, 0] if isinstance(rows, slice) else places, rows] = 0

    def totals(self) -> dict[str, float]:
        """The sum of every column of numbers, by name."""
        found: dict[str, float] = {}
        for kind in NUMBERS:
            block = self._blocks[kind]
            sums, length = np.empty(len(block)), self.n * math.prod(block.shape[2:])
            kernels.totals(block.reshape(len(block), -1), length, sums)
            found |= zip(NAMES[kind], sums.tolist(), strict=True)
        return found

    @property
    def rows(self) -> Index:
        """Rows of active enterprises."""
        return np.flatnonzero(self.active)

    def rows_by_identity(self) -> Index:
        """Active rows by segment and identity, (m,): an order that does not depend on rows."""
        known = self._by_identity.size
        if known != self.n:
            new = np.arange(known, self.n)
            order = new[np.argsort(self.identity[known:])]
            order = order[np.argsort(self.segment[order].astype(np.uint16), kind="stable")]
            if known:
                together = np.empty(self.n, dtype=np.int64)
                kernels.merge_rows(self._by_identity, order, self.segment, self.identity, together)
                order = together
            self._by_identity = order
        return self._by_identity[self.active[self._by_identity]]

    def cascade_rows(self) -> Index:
        """Active rows from users to upstream segments, (m,)."""
        if self._from_users.size != self.n:
            self._from_users = rows_by_segment(self.segment, np.arange(self.n), self.arrays.order, self.arrays.size)
        return self._from_users[self.active[self._from_users]]

    def __copy__(self) -> Economy:
        """The same enterprises as another object, whose attributes may be replaced; the books stay with the first."""
        other = object.__new__(Economy)
        other.__dict__.update(self.__dict__, _once={})
        return other

    def __getstate__(self) -> dict[str, Any]:
        """What pickles and deep copies hold: the columns are views of the blocks, made again from them."""
        kept = {name: value for name, value in self.__dict__.items() if name not in VIEWS and name not in MADE_ANEW}
        return kept | {"_blocks": {kind: block[:, : self.n].copy() for kind, block in self._blocks.items()}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _once={})
        self.append(0)

    def copy(self, seed: int) -> Economy:
        """An independent economy in the same state with the luck of `seed`."""
        other = object.__new__(Economy)
        for name, value in self.__dict__.items():
            if name not in VIEWS and name not in OWN_COPY and name not in MADE_ANEW:
                other.__dict__[name] = value if name in SHARED else deepcopy(value)
        other.seed, other.links, other._once, other._blocks = seed, self.links.copy(), {}, {}
        for kind, block in self._blocks.items():
            other._blocks[kind] = np.empty((len(block), self.n * 5 // 4, *block.shape[2:]), block.dtype)
            other._blocks[kind][:, : self.n] = block[:, : self.n]
        other.append(0)
        return other
