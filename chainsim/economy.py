"""The state of the economy: tables of the base year, columns of enterprises, links, region, policy, year."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chainsim.columns import COLUMNS
from chainsim.ledger import Ledger

if TYPE_CHECKING:
    from chainsim.network import Links

CLEARED = (
    "ordinary",
    "skilled",
    "research",
    "output",
    "orders",
    "sales",
    "last_sales",
    "intermediate_sales",
    "final_sales",
    "purchases_local",
    "purchases_national",
    "purchases_abroad",
    "other_inputs",
    "labour_cost",
    "rd",
    "rd_services",
    "production_tax",
    "profit_tax",
    "interest",
    "profit",
    "dividends",
    "depreciation",
    "investment",
)
"""Flows and staff of closed enterprises, cleared when the next year begins."""

MOST_CLOSED = 0.1
"""Share of closed enterprises in the table above which their rows are dropped at the start of a year."""

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

MARKETS = ("local_other", "government", "national", "abroad")
NATIONAL_MARKET, ABROAD_MARKET = 2, 3
ORDINARY, SKILLED = 0, 1


@dataclass(frozen=True)
class Tables:
    """What the scenario says of segments, markets, parks and region, as arrays; S segments, T + 1 years, 4 markets.

    Matrices over (input, buyer) are (S, S). Wages are CNY million a person-year, employer contributions included.
    """

    start: int
    end: int
    names: tuple[str, ...]
    tiers: tuple[str, ...]
    tier: NDArray[np.int64]
    industries: tuple[str, ...]
    chain: NDArray[np.bool_]
    anchors: NDArray[np.bool_]
    order: NDArray[np.int64]
    technical: Array
    local_rate: Array
    abroad_rate: Array
    criticality: Array
    proximity: Array
    output: Array
    other_inputs: Array
    labour_share: Array
    production_tax: Array
    skilled_share: Array
    wage: Array
    labour_cost_factor: Array
    rd_share: Array
    capital_per_output: Array
    min_efficient_scale: Array
    price_trend: Array
    quality_gap: Array
    drag: Array
    process_share: Array
    owners: Array
    high_tech_share: Array
    exit_hazard: Array
    large: NDArray[np.int64]
    small: NDArray[np.int64]
    small_output: Array
    tail: Array
    size_scale: float
    market_sales: Array
    market_volume: Array
    expenditure: Array
    deflator: Array
    rd_deduction: Array
    park_names: tuple[str, ...]
    park_share: Array
    park_room: Array
    institute_knowledge: Array
    productivity_growth: float
    wage_growth: float
    rest_ratio: Array
    unemployment: float
    profit_tax: tuple[float, float]
    households: Any
    largest: float
    slots: int

    @property
    def size(self) -> int:
        """Number of segments."""
        return len(self.names)


@dataclass
class Region:
    """State of the region; two-entry arrays are ordinary, skilled."""

    labour_force: Array
    rest: Array
    rest_base: Array
    wage_index: Array
    wage_reference: Array
    unemployment: Array
    match_scale: Array
    employed: Array
    mean_productivity: float
    park_staff: Array
    park_staff_base: Array
    park_places: Array
    institute_knowledge: Array
    knowledge_pool_base: Array

    @classmethod
    def at_base(cls, economy: Economy) -> Region:
        """Base wages; pools, parks and institutes still empty."""
        tables = economy.tables
        parks, zero = len(tables.park_names), np.zeros(2)
        return cls(
            labour_force=zero.copy(),
            rest=zero.copy(),
            rest_base=zero.copy(),
            wage_index=np.ones(2),
            wage_reference=np.ones(2),
            unemployment=np.full(2, tables.unemployment),
            match_scale=zero.copy(),
            employed=zero.copy(),
            mean_productivity=0.0,
            park_staff=np.zeros(parks),
            park_staff_base=np.zeros(parks),
            park_places=np.zeros(parks),
            institute_knowledge=tables.institute_knowledge.copy(),
            knowledge_pool_base=np.zeros((parks, tables.size)),
        )


@dataclass
class Calibration:
    """What the base year fixes for the run: constants per segment (S,) or per (input, buyer segment) (S, S)."""

    home: Array
    abroad: Array
    rival_goodwill: Array
    user_cost: Array
    other_inputs: Array
    ordinary_norm: Array
    skilled_norm: Array
    research_norm: Array
    productivity_mean: Array
    productivity_gain: Array
    quality_gain: Array
    entry_rate: Array
    mean_size: Array
    markup: Array
    base_enterprises: NDArray[np.int64]
    base_demand: Array
    base_outside: Array
    hazard_mean: float


@dataclass
class Policy:
    """Entry points of levers and shocks, neutral at the start of every year."""

    outside_supply: Array
    """Share of the wanted quantity that outside suppliers can deliver, (S, 2): national, abroad."""
    outside_price: Array
    """Price of outside supply relative to its trend, (S, 2)."""

    @classmethod
    def neutral(cls, segments: int) -> Policy:
        """All entry points at their neutral value."""
        return cls(outside_supply=np.ones((segments, 2)), outside_price=np.ones((segments, 2)))


@dataclass(frozen=True)
class Reference:
    """A run whose path counts as expected: labour income (CNY million) and employment (persons) by year, (T + 1,)."""

    income: Array
    employment: Array


@dataclass
class Flows:
    """What the stages measured in the year beside the columns."""

    trade: Array
    wages: Array
    capacity: Array
    links: int = 0
    links_kept: int = 0
    entries: Array = field(default_factory=lambda: np.zeros(0))
    exits: Array = field(default_factory=lambda: np.zeros(0))
    defaults: Array = field(default_factory=lambda: np.zeros(0))
    sweeps: int = 0


class Economy:
    """Enterprises as columns, their links, and the region around them.

    Columns of `columns.COLUMNS` are attributes of shape (n,), or (n, 4) for market columns; assign in place only.
    """

    def __init__(self, tables: Tables, stages: Any, seed: int, rows: int) -> None:
        self.tables = tables
        self.stages = stages
        self.segment_names = tables.names
        self.seed = seed
        self.year = tables.start
        self.n = 0
        self.names: dict[int, str] = {}
        self.region: Region
        self.calibration: Calibration
        self.links: Links
        self.policy = Policy.neutral(tables.size)
        self.flows: Flows
        self.reference: Reference | None = None
        self.rival_share = np.ones((tables.size, len(MARKETS)))
        self.labour_income = 0.0
        self.reference_profit = np.zeros(tables.size)
        self.first_plant = np.full(tables.size, -10_000)
        self.ledger = Ledger()
        self._storage: dict[str, NDArray[Any]] = {}
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
        segments = self.tables.size
        self.year = year
        if self.n - int(self.active.sum()) > MOST_CLOSED * self.n:
            self.drop_closed()
        self.operated[:] = self.active
        for column in CLEARED:
            getattr(self, column)[~self.active] = 0
        self.policy = Policy.neutral(segments)
        self.flows = Flows(
            trade=np.zeros((segments, segments, 3)),
            wages=np.zeros(2),
            capacity=self.by_segment(self.capacity) if self.n else np.zeros(segments),
            entries=np.zeros(segments),
            exits=np.zeros(segments),
            defaults=np.zeros(segments),
        )
        self.ledger.open(year)

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
        self.append(0)

    @property
    def years(self) -> int:
        """Years since the base year."""
        return self.year - self.tables.start

    @property
    def rows(self) -> Rows:
        """Rows of active enterprises."""
        return np.flatnonzero(self.active)

    @property
    def trend(self) -> float:
        """Labour productivity in value relative to the base year, common to region and outside."""
        return (1.0 + self.tables.productivity_growth) ** self.years

    @property
    def capacity_per_capital(self) -> Array:
        """Output at full use per unit of capital, (n,), units per CNY million."""
        full_use = 1.0 / (self.stages.investment.utilisation * self.tables.capital_per_output)
        return full_use[self.segment] * self.productivity

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
        return self.tables.wage * self.region.wage_index[:, None]

    def by_segment(self, values: Array) -> Array:
        """Sums over the active enterprises of each segment, (S,)."""
        weights = np.where(self.active, values, 0.0)
        return np.bincount(self.segment, weights=weights, minlength=self.tables.size)

    def mean_by_segment(self, values: Array) -> Array:
        """Means over the active enterprises of each segment, (S,); 0 where there is none."""
        number = np.bincount(self.segment[self.active], minlength=self.tables.size)
        return self.by_segment(values) / np.maximum(number, 1)

    def small_output(self) -> Array:
        """Output of a small enterprise of each segment this year, (S,), CNY million."""
        return self.tables.small_output / self.tables.size_scale * self.trend

    def profit_margin(self) -> Array:
        """Profit before tax over sales of each segment, (S,); 0 without sales."""
        sales = self.by_segment(self.sales)
        return np.divide(self.by_segment(self.profit), sales, out=np.zeros_like(sales), where=sales > 0)

    def cascade_rows(self) -> Rows:
        """Active rows from users to upstream segments, (m,)."""
        from chainsim.network import rows_by_segment

        return rows_by_segment(self.segment, self.rows, self.tables.order, self.tables.size)

    def input_cost(self) -> Array:
        """Cost of modelled inputs per unit of output at the suppliers' present prices, (n,)."""
        from chainsim import kernels

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

    def profit_tax_rate(self) -> Array:
        """Profit tax rate, (n,)."""
        normal, high_tech = self.tables.profit_tax
        return np.where(self.high_tech, high_tech, normal)

    def rd_deduction(self, base: bool = False) -> Array:
        """Extra deduction of R&D from taxable profit, (n,), this year or in the base year."""
        year = 0 if base or not self.stages.finance.enabled else self.years
        return self.tables.rd_deduction[year][self.segment]

    def chain_staff_by_park(self) -> Array:
        """Staff of chain enterprises by park, (P,), persons."""
        staff = np.where(self.active & self.tables.chain[self.segment], self.employment, 0.0)
        return np.bincount(self.park, weights=staff, minlength=len(self.tables.park_names))

    def employment_total(self) -> float:
        """Staff of all modelled enterprises, persons."""
        return float(self.employment[self.active].sum())

    def mean_ordinary_wage(self) -> float:
        """Mean pay of ordinary staff, CNY million a person-year, without employer contributions."""
        staff = self.by_segment(self.ordinary)
        pay = self.wage()[0] / self.tables.labour_cost_factor
        return float(staff @ pay / staff.sum()) if staff.sum() > 0 else float(pay.mean())

    def excess_productivity_growth(self) -> float:
        """Change of the output-weighted mean log productivity since last asked, beyond the common trend."""
        weight = np.where(self.active, self.output, 0.0)
        total = weight.sum()
        now = float(weight @ np.log(np.where(self.active, self.productivity, 1.0)) / total) if total > 0 else 0.0
        change, self.region.mean_productivity = now - self.region.mean_productivity, now
        return change

    def copy(self, seed: int) -> Economy:
        """An independent economy in the same state with the luck of `seed`."""
        from copy import deepcopy

        other = object.__new__(Economy)
        other.__dict__.update({name: value for name, value in self.__dict__.items() if name not in self._storage})
        other.seed, other.names = seed, dict(self.names)
        other._storage = {name: stored[: self.n].copy() for name, stored in self._storage.items()}
        for name in ("region", "flows", "policy", "rival_share", "reference_profit", "first_plant", "ledger"):
            other.__dict__[name] = deepcopy(self.__dict__[name])
        other.links = self.links.copy()
        other.append(0)
        return other
