"""What follows from the state: quantities that many rules ask for, computed from columns and never kept.

trend          (1 + g)^years
efficiency     productivity / cost lag,    cost lag = (1 - (1 - passthrough) price trend)^years
capacity       efficiency x capital / (planned use x capital per output)
relative size  expected orders / (reference size x trend)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import group_sums, kernels
from chainsim.economy.arrays import SKILLED, ScenarioArrays
from chainsim.economy.columns import Calibration, Region
from chainsim.economy.entry_points import Policy
from chainsim.economy.links import Links
from chainsim.economy.protocols import StageRules
from chainsim.economy.types import Array, Flags, Index

PLANT_PART = 0.5
"""Part of the minimum efficient scale from which an enterprise counts as a plant."""


class Derived:
    """Quantities derived from the state of an `Economy`, which inherits them. Asking changes nothing."""

    if TYPE_CHECKING:
        arrays: ScenarioArrays
        stages: StageRules[Self]
        year: int
        n: int
        region: Region
        calibration: Calibration
        links: Links
        policy: Policy

        def __getattr__(self, name: str) -> NDArray[Any]: ...

        def rows_by_identity(self) -> Index: ...

        def once(self, make: Callable[..., Any], *parts: Any) -> Any: ...

    @property
    def years(self) -> int:
        """Years since the base year."""
        return self.year - self.arrays.start

    @property
    def trend(self) -> float:
        """Labour productivity in value relative to the base year, common to region and outside."""
        return (1.0 + self.arrays.productivity_growth) ** self.years

    @property
    def last_trend(self) -> float:
        """The trend of the year before, at which last year's wages are held; 1 in the base year."""
        return (1.0 + self.arrays.productivity_growth) ** max(self.years - 1, 0)

    def missed_progress(self) -> Array:
        """Part of the outside's progress that the region misses in a year, (S,), 1/y."""
        return missed(self.arrays.price_trend, self.stages.pricing.passthrough)

    def cost_lag(self) -> Array:
        """What a unit takes over what it would take with all of the outside's progress, (S,)."""
        return self.once(lag_after, self.arrays.price_trend, self.stages.pricing.passthrough, self.years)

    @property
    def efficiency(self) -> Array:
        """Productivity after the lag behind outside progress, (n,)."""
        return self.efficiency_of(slice(self.n))

    def efficiency_of(self, rows: Index | slice) -> Array:
        """The same of some rows, (m,)."""
        return self.productivity[rows] / self.cost_lag()[self.segment[rows]]

    def other_inputs_per_unit(self) -> Array:
        """Other inputs per unit of output, (n,), CNY million at outside prices."""
        return (self.cost_lag() * self.calibration.other_inputs)[self.segment]

    @property
    def capacity_per_capital(self) -> Array:
        """Output at full use per unit of capital, (n,), units per CNY million."""
        return self.full_use()[self.segment] * self.efficiency

    def full_use(self) -> Array:
        """The same at productivity 1, (S,)."""
        return self.once(at_full_use, self.arrays.capital_per_output, self.stages.investment.utilisation)

    @property
    def capacity(self) -> Array:
        """Output that capital allows, (n,), units."""
        return self.capacity_of(slice(self.n))

    def capacity_of(self, rows: Index | slice) -> Array:
        """The same of some rows, (m,)."""
        return self.full_use()[self.segment[rows]] * self.efficiency_of(rows) * self.capital[rows]

    def is_plant(self, capacity: Array | None = None) -> NDArray[np.bool_]:
        """Active enterprises whose `capacity` (n,) reaches half of the minimum efficient scale, (n,)."""
        least = PLANT_PART * self.arrays.min_efficient_scale
        return np.asarray(self.active & ((self.capacity if capacity is None else capacity) >= least[self.segment]))

    def has_plant(self) -> NDArray[np.bool_]:
        """Segments that began without enterprises and have a plant of half the minimum efficient scale by now, (S,)."""
        rows, found = self.in_missing_links(), np.zeros(self.arrays.size, dtype=np.bool_)
        if rows.size:
            segment, least = self.segment[rows], PLANT_PART * self.arrays.min_efficient_scale
            found[segment[self.capacity_of(rows) >= least[segment]]] = True
        return found

    def in_missing_links(self) -> Index:
        """Active rows of segments that began without enterprises, (m,)."""
        return np.flatnonzero(self.active & (self.calibration.base_enterprises == 0)[self.segment])

    def is_missing_link(self) -> NDArray[np.bool_]:
        """Segments that began without enterprises and still have no plant, (S,)."""
        return np.asarray((self.calibration.base_enterprises == 0) & ~self.has_plant())

    @property
    def employment(self) -> Array:
        """All staff, (n,), persons."""
        return self.ordinary + self.skilled + self.research

    @property
    def relative_size(self) -> Array:
        """Expected orders over the segment's mean base output grown with the trend, (n,)."""
        return self.expected_orders / (self.reference_size * self.trend)

    def small_output(self) -> Array:
        """Output of a small enterprise of each segment this year, (S,), CNY million."""
        return self.arrays.small_output / self.arrays.size_scale * self.trend

    def by_segment(self, values: Array) -> Array:
        """Sums over the active enterprises of each segment, (S,)."""
        return group_sums.sums(values, self.segment, self.active, self.arrays.size)

    def columns_by_segment(self, *columns: Array) -> Array:
        """Sums over the active enterprises of each segment, of several `columns` (n,), (m, S)."""
        return group_sums.row_sums(np.array(columns, dtype=float), self.segment, self.active, self.arrays.size)

    def mean_by_segment(self, values: Array) -> Array:
        """Means over the active enterprises of each segment, (S,); 0 where there is none."""
        return group_sums.means(values, self.segment, self.active, self.arrays.size)

    def median_by_segment(self, values: Array) -> Array:
        """Medians over the active enterprises of each segment, (S,); 0 where there is none."""
        return group_sums.medians(values, self.segment, self.active, self.arrays.size)

    def profit_margin(self) -> Array:
        """Profit before tax over sales of each segment, (S,); 0 without sales."""
        sales, profit = self.columns_by_segment(self.sales, self.profit)
        return np.divide(profit, sales, out=np.zeros_like(sales), where=sales > 0)

    def next_outlook(self) -> Array:
        """Growth of output that the markets promise for next year, (n,), 1/y."""
        return self.arrays.outlook[self.years + 1][self.segment]

    def growth_by_segment(self) -> Array:
        """Factor to next year on orders that enterprises of each segment expect, (S,)."""
        return (1.0 + self.arrays.outlook[self.years + 1]) * np.exp(self.region.learned_growth)

    def expected_growth(self) -> Array:
        """The same, (n,): as markets promise and as was learned."""
        return self.growth_by_segment()[self.segment]

    def promised_sales(self, sales: Array) -> Array:
        """Last year's `sales` (n,) grown as markets promise and as was learned by New Year, CNY million.

        All year long, so that what production teaches moves no norm of research that was budgeted before.
        """
        promised = (1.0 + self.arrays.outlook[self.years]) * np.exp(self.region.promised_growth)
        return sales * promised[self.segment]

    def market_expenditure(self: Self) -> Array:
        """Expenditure of every market on every segment's products this year, (S, 4), CNY million, before policy."""
        return self.arrays.expenditure[self.years] * self.stages.demand.market_factor(self)[:, None]

    def base_pay(self) -> tuple[Array, Array]:
        """Pay of ordinary and of skilled staff per unit of output at base wages and productivity 1, two of (n,)."""
        ordinary, skilled = self.arrays.wage.take(self.segment, axis=1)
        return self.ordinary_coefficient * ordinary, self.skilled_coefficient * skilled

    def wage(self) -> Array:
        """Labour cost per person by skill and segment this year, (2, S), CNY million."""
        return self.arrays.wage * self.region.wage_index[:, None]

    def input_cost(self) -> Array:
        """Cost of modelled inputs per unit of output at the suppliers' present prices, (n,)."""
        cost, links = np.zeros(self.n), self.links
        kernels.input_cost(
            start=links.start,
            active=self.active,
            supplier=links.supplier,
            link_input=links.input,
            coefficient=links.coefficient,
            price=self.price,
            outside_price=self.policy.outside_price.copy(),
            out=cost,
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

    def rd_deduction(self) -> Array:
        """Extra deduction of R&D from taxable profit by national law, (n,)."""
        return self.law_on_rd()[self.segment]

    def law_on_rd(self, base: bool = False) -> Array:
        """The same by segment, (S,), this year or in the base year."""
        return self.arrays.rd_deduction[0 if base or not self.stages.finance.enabled else self.years]

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


def missed(price_trend: Array, passthrough: float) -> Array:
    """Part of the outside's progress that the region misses in a year, (S,), 1/y."""
    return (1.0 - passthrough) * price_trend


def lag_after(price_trend: Array, passthrough: float, years: int) -> Array:
    """What a unit takes after so many years over what it would take with all of the outside's progress, (S,)."""
    return (1.0 - missed(price_trend, passthrough)) ** years


def at_full_use(capital_per_output: Array, utilisation: float) -> Array:
    """Output at full use per unit of capital at productivity 1, (S,), 1/y."""
    return 1.0 / (utilisation * capital_per_output)


def knowledge_pool(economy: Derived, other_park: float) -> Array:
    """Knowledge around an enterprise by park and segment, (P, S), CNY million: near segments, other parks weighted."""
    segments, parks = economy.arrays.size, len(economy.arrays.park_names)
    place = economy.park * segments + economy.segment
    stock = np.bincount(place, weights=np.where(economy.active, economy.knowledge, 0.0), minlength=parks * segments)
    near = stock.reshape(parks, segments) @ economy.arrays.proximity.T
    return (1.0 - other_park) * near + other_park * near.sum(axis=0)


def institute_ratio(economy: Derived) -> Array:
    """Institute knowledge of each segment relative to the base year, (S,).

    What grants add to a segment that no institute served counts against the base-year R&D stock of its enterprises, of
    a missing link against that of a plant of minimum scale.
    """
    base = economy.once(institute_base, economy.arrays, economy.stages.innovation.knowledge_depreciation)
    added = economy.region.institute_added
    return 1.0 + np.divide(added, base, out=np.zeros_like(base), where=base > 0)


def institute_base(arrays: ScenarioArrays, depreciation: float) -> Array:
    """Knowledge of institutes that grants add to, (S,), CNY million; where none served, R&D stock of enterprises."""
    own = arrays.rd_share * plant_output(arrays) / depreciation
    return np.where(arrays.institute_knowledge > 0, arrays.institute_knowledge, own)


class BaseKnowledge(NamedTuple):
    """What the base year fixes of the knowledge around segments, (S,) each, CNY million but for `missing` and `worth`.

    Segments that began without enterprises, R&D stocks of plants, knowledge around them with institutes, what a plant
    of a missing link brings, and what a researcher is worth.
    """

    missing: Flags
    plants: Array
    around: Array
    brought: Array
    worth: Array


def base_knowledge(
    arrays: ScenarioArrays, base_enterprises: Index, research_norm: Array, depreciation: float
) -> BaseKnowledge:
    """The same, from the scenario and what the base year made of it."""
    missing, yearly = base_enterprises == 0, arrays.rd_share * plant_output(arrays)
    plants = yearly / depreciation
    return BaseKnowledge(
        missing=missing,
        plants=plants,
        around=arrays.proximity @ (plants + arrays.institute_knowledge),
        brought=np.where(missing, yearly, 0.0) / depreciation,
        worth=arrays.wage[SKILLED] / np.maximum(research_norm, 1e-9) / depreciation,
    )


def plant_output(arrays: ScenarioArrays) -> Array:
    """Base-year output of each segment, of a missing link that of a plant of minimum scale, (S,), CNY million."""
    return np.where(arrays.output > 0, arrays.output, arrays.min_efficient_scale)


def accumulated_pay(economy: Derived, depreciation: float) -> float:
    """Pay at which a stock of knowledge was built over that of the base year: the trend, averaged as the stock is."""
    return accumulated(1.0 + economy.arrays.productivity_growth, depreciation, economy.years)


@lru_cache(maxsize=1024)
def accumulated(growth: float, depreciation: float, years: int) -> float:
    """Mean over years of what has grown by the factor `growth` a year since the base year, weighted as a stock is."""
    level = 1.0
    for year in range(years):
        level += depreciation * (growth**year - level)
    return level
