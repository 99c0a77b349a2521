"""The economy: columns of enterprises, their links, and the region around them."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import group_sums, kernels
from chainsim.economy.arrays import MARKETS, ScenarioArrays
from chainsim.economy.columns import ALL, CLEARED, CLOSED, COLUMNS, Calibration, Flows, Reference, Region
from chainsim.economy.entry_points import Policy
from chainsim.economy.ledger import Ledger
from chainsim.economy.links import Links, rows_by_segment
from chainsim.economy.protocols import StageRules
from chainsim.economy.types import Array, Index

SHARED = ("arrays", "stages", "segment_names", "reference")
"""What no run changes, so that copies of an economy share it; of all else a copy has its own."""
OWN_COPY = ("links", "_storage")
"""What copies itself, without the room it keeps to grow."""

MOST_CLOSED = 0.1
"""Share of closed enterprises in the table above which their rows are dropped at the start of a year."""


class Economy:
    """Enterprises as columns, their links, and the region around them.

    Columns of `columns.COLUMNS` are attributes of shape (n,), or (n, 4) for market columns; assign in place only.
    """

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
        self.policy = Policy.neutral(arrays.size)
        self.programme: Any = None
        self.flows: Flows
        self.reference: Reference | None = None
        self.rival_share = np.ones((arrays.size, len(MARKETS)))
        self.labour_income = 0.0
        self.reference_profit = np.zeros(arrays.size)
        self.first_plant = np.full(arrays.size, -10_000)
        self.ledger = Ledger()
        self._storage: dict[str, NDArray[Any]] = {}
        self._by_identity: Index = np.zeros(0, dtype=np.int64)
        for column in COLUMNS:
            shape = (0, len(MARKETS)) if column.wide else (0,)
            self._storage[column.name] = np.zeros(shape, dtype=column.dtype)
        self.append(rows)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> NDArray[Any]: ...

    def append(self, rows: int) -> slice:
        """Add `rows` empty enterprises and return where they are."""
        first, self.n = self.n, self.n + rows
        for name, stored in self._storage.items():
            if stored.shape[0] < self.n:
                room = max(self.n, stored.shape[0] * 3 // 2)
                grown = np.zeros((room, *stored.shape[1:]), dtype=stored.dtype)
                grown[:first] = stored[:first]
                self._storage[name] = stored = grown
            self.__dict__[name] = stored[: self.n]
        self.ledger.accounts = self.__dict__["cash"]
        return slice(first, self.n)

    def begin_year(self, year: int) -> None:
        """Open the books of a year: entry points neutral, flows empty."""
        segments = self.arrays.size
        self.year = year
        if self.n - int(self.active.sum()) > MOST_CLOSED * self.n:
            self.drop_closed()
        self.operated[:] = self.active
        closed = np.flatnonzero(~self.active)
        for column in CLEARED[CLOSED]:
            getattr(self, column)[closed] = 0
        for column in CLEARED[ALL]:
            getattr(self, column)[:] = 0
        self.policy = Policy.neutral(segments)
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
        self.ledger.open(year)

    def settle(self, point: str) -> None:
        """Pay the levers whose money flows at a point of the year."""
        if self.programme is not None:
            self.programme.settle(self, point)

    def drop_closed(self) -> None:
        """Take the rows of closed enterprises out of the table, in the order of the rest.

        Identities stay; row numbers hold within a year only. Without this the table would grow to three times the
        enterprises in business over 30 years.
        """
        rows = self.rows
        place = np.full(self.n, -1, dtype=np.int64)
        place[rows] = np.arange(rows.size)
        for stored in self._storage.values():
            stored[: rows.size] = stored[rows]
            stored[rows.size : self.n] = 0
        self.links.keep(rows, place)
        self.names = {int(place[row]): name for row, name in self.names.items() if place[row] >= 0}
        self.n = rows.size
        self._by_identity = np.zeros(0, dtype=np.int64)
        self.append(0)

    @property
    def years(self) -> int:
        """Years since the base year."""
        return self.year - self.arrays.start

    @property
    def rows(self) -> Index:
        """Rows of active enterprises."""
        return np.flatnonzero(self.active)

    @property
    def trend(self) -> float:
        """Labour productivity in value relative to the base year, common to region and outside."""
        return (1.0 + self.arrays.productivity_growth) ** self.years

    @property
    def last_trend(self) -> float:
        """The trend of the year before, at which last year's wages are held; 1 in the base year."""
        return (1.0 + self.arrays.productivity_growth) ** max(self.years - 1, 0)

    def cost_lag(self) -> Array:
        """What a unit takes over what it would take with all of the outside's progress, (S,)."""
        missed = (1.0 - self.stages.pricing.passthrough) * self.arrays.price_trend
        return (1.0 - missed) ** self.years

    @property
    def efficiency(self) -> Array:
        """Productivity after the lag behind outside progress, (n,)."""
        return self.productivity / self.cost_lag()[self.segment]

    def other_inputs_per_unit(self) -> Array:
        """Other inputs per unit of output, (n,), CNY million at outside prices."""
        return (self.cost_lag() * self.calibration.other_inputs)[self.segment]

    @property
    def capacity_per_capital(self) -> Array:
        """Output at full use per unit of capital, (n,), units per CNY million."""
        full_use = 1.0 / (self.stages.investment.utilisation * self.arrays.capital_per_output)
        return full_use[self.segment] * self.efficiency

    @property
    def capacity(self) -> Array:
        """Output that capital allows, (n,), units."""
        return self.capacity_per_capital * self.capital

    @property
    def employment(self) -> Array:
        """All staff, (n,), persons."""
        return self.ordinary + self.skilled + self.research

    @property
    def relative_size(self) -> Array:
        """Expected orders over the segment's mean base output grown with the trend, (n,)."""
        return self.expected_orders / (self.reference_size * self.trend)

    def wage(self) -> Array:
        """Labour cost per person by skill and segment this year, (2, S), CNY million."""
        return self.arrays.wage * self.region.wage_index[:, None]

    def by_segment(self, values: Array) -> Array:
        """Sums over the active enterprises of each segment, (S,)."""
        return group_sums.sums(values, self.segment, self.active, self.arrays.size)

    def mean_by_segment(self, values: Array) -> Array:
        """Means over the active enterprises of each segment, (S,); 0 where there is none."""
        return group_sums.means(values, self.segment, self.active, self.arrays.size)

    def median_by_segment(self, values: Array) -> Array:
        """Medians over the active enterprises of each segment, (S,); 0 where there is none."""
        return group_sums.medians(values, self.segment, self.rows_by_identity(), self.arrays.size)

    def small_output(self) -> Array:
        """Output of a small enterprise of each segment this year, (S,), CNY million."""
        return self.arrays.small_output / self.arrays.size_scale * self.trend

    def next_outlook(self) -> Array:
        """Growth of output that the markets promise for next year, (n,), 1/y."""
        return self.arrays.outlook[self.years + 1][self.segment]

    def profit_margin(self) -> Array:
        """Profit before tax over sales of each segment, (S,); 0 without sales."""
        sales = self.by_segment(self.sales)
        return np.divide(self.by_segment(self.profit), sales, out=np.zeros_like(sales), where=sales > 0)

    def rows_by_identity(self) -> Index:
        """Active rows by segment and identity, (m,): an order that does not depend on rows."""
        if self._by_identity.size != self.n:
            order = np.argsort(self.identity)
            self._by_identity = order[np.argsort(self.segment[order].astype(np.uint16), kind="stable")]
        return self._by_identity[self.active[self._by_identity]]

    def cascade_rows(self) -> Index:
        """Active rows from users to upstream segments, (m,)."""
        return rows_by_segment(self.segment, self.rows, self.arrays.order, self.arrays.size)

    def input_cost(self) -> Array:
        """Cost of modelled inputs per unit of output at the suppliers' present prices, (n,)."""
        cost, links = np.zeros(self.n), self.links
        kernels.input_cost(
            links.start,
            self.active,
            links.supplier,
            links.input,
            links.coefficient,
            self.price,
            self.policy.outside_price,
            cost,
        )
        return cost

    def adaptation_cost(self) -> Array | float:
        """What buyers forgo per unit of output for local suppliers they were made to prefer, (n,)."""
        links = self.links
        if not links.wedge.size:
            return 0.0
        priced = np.where(links.supplier >= 0, links.wedge * links.coefficient, 0.0)
        cost = priced * self.price[np.maximum(links.supplier, 0)]
        return np.bincount(links.buyer, weights=cost, minlength=self.n).astype(np.float64)

    def profit_tax_rate(self) -> Array:
        """Profit tax rate by national law, (n,)."""
        normal, high_tech = self.arrays.profit_tax
        return np.where(self.high_tech, high_tech, normal)

    def rd_deduction(self, base: bool = False) -> Array:
        """Extra deduction of R&D from taxable profit, (n,), this year or in the base year."""
        year = 0 if base or not self.stages.finance.enabled else self.years
        return self.arrays.rd_deduction[year][self.segment]

    def chain_staff_by_park(self) -> Array:
        """Staff of chain enterprises by park, (P,), persons."""
        staff = np.where(self.active & self.arrays.chain[self.segment], self.employment, 0.0)
        return np.bincount(self.park, weights=staff, minlength=len(self.arrays.park_names)).astype(np.float64)

    def mean_log_productivity(self) -> float:
        """Mean log productivity of the staff of active enterprises, beyond the common trend; 0 without staff."""
        weight = np.where(self.active, self.employment, 0.0)
        total = weight.sum()
        logs = weight * np.log(np.where(self.active, self.productivity, 1.0))
        return float(logs.sum() / total) if total > 0 else 0.0

    def __getstate__(self) -> dict[str, Any]:
        """What pickles and deep copies hold: the columns are views of the storage, made again from it."""
        return {name: value for name, value in self.__dict__.items() if name not in self._storage}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.append(0)

    def copy(self, seed: int) -> Economy:
        """An independent economy in the same state with the luck of `seed`."""
        other = object.__new__(Economy)
        for name, value in self.__dict__.items():
            if name not in self._storage and name not in OWN_COPY:
                other.__dict__[name] = value if name in SHARED else deepcopy(value)
        other.seed, other.links = seed, self.links.copy()
        other._storage = {name: stored[: self.n].copy() for name, stored in self._storage.items()}
        other.append(0)
        return other
