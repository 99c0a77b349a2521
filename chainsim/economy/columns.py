"""The state of an economy: every column of enterprises, and what region, calibration and the year hold beside them.

Everything says its shape, unit, time and meaning where it is declared; n enterprises, S segments, P parks, T years.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

import numpy as np

from chainsim.economy.arrays import BASE, M, ScenarioArrays
from chainsim.economy.types import Array, Index, Meaning

FIXED, CARRIED, IN_YEAR, LAST_YEAR = "since it was founded", "carried from year to year", "of the year", "of last year"
"""When the value of a column holds."""
KEPT, CLOSED, ALL = "kept", "closed rows cleared", "cleared"
"""What New Year does to a column: nothing, empty the rows of those that closed, or empty all of it."""


class Column(NamedTuple):
    """A column of the enterprise table; `wide` columns have one entry per market.

    A copy of an economy copies every column. What `ends` is 0 once its enterprise closes, and `new_year` says what the
    next year begins with: flows of an enterprise that closed count to the end of the year.
    """

    name: str
    unit: str
    time: str
    meaning: str
    dtype: Any = np.float64
    wide: bool = False
    ends: bool = False
    new_year: str = KEPT

    @property
    def block(self) -> str:
        """Name of the block of memory in which it lies."""
        return f"{np.dtype(self.dtype).name}{', wide' if self.wide else ''}"

    @property
    def shape(self) -> str:
        """Shape of the column."""
        return "(n, 4)" if self.wide else "(n,)"


# fmt: off
COLUMNS: tuple[Column, ...] = (
    Column("identity", "1", FIXED, "64-bit identity, never reused", np.uint64),
    Column("segment", "", FIXED, "segment", np.int64),
    Column("park", "", FIXED, "park", np.int64),
    Column("owner", "", CARRIED, "owner: state, private, foreign, institute", np.int64),
    Column("founded", "year", FIXED, "first year of operation", np.int32),
    Column("active", "1", CARRIED, "in business", np.bool_, ends=True),
    Column("operated", "1", IN_YEAR, "in business at the start of the year; its flows count", np.bool_),
    Column("named", "1", FIXED, "a real enterprise of the scenario", np.bool_),
    Column("high_tech", "1", FIXED, "certified high-tech enterprise with the reduced profit tax", np.bool_),
    Column("owner_backed", "1", FIXED, "loses money by its base-year plan; the owner pays in equity", np.bool_),
    Column("pioneer", "1", FIXED, "supplier of what was a missing link, designed in by buyers", np.bool_),
    Column("anchor", "1", FIXED, "came from outside as an anchor: suppliers follow it, and it leaves by default only", np.bool_),
    Column("certificate", "1", CARRIED, "holds a security certificate", np.bool_),
    Column("ordinary_coefficient", "persons per CNY million", FIXED, "ordinary staff per unit of output at productivity 1 and base wages"),
    Column("skilled_coefficient", "persons per CNY million", FIXED, "skilled production staff per unit of output at productivity 1 and base wages"),
    Column("priced_labour", "1", FIXED, "share of labour cost carried by the price; the rest is development expense"),
    Column("rd_share", "1", FIXED, "norm of R&D over sales"),
    Column("research_share", "1", FIXED, "share of R&D spent on own staff"),
    Column("reference_size", M, FIXED, "size against which relative size is measured: the segment's mean base output"),
    Column("products", "1", CARRIED, "products that it makes, counted at base-year variety; a part of one where it falls behind"),
    Column("log_productivity", "log", CARRIED, "idiosyncratic log productivity z"),
    Column("productivity", "1", CARRIED, "productivity of labour and capital relative to the segment norm A"),
    Column("quality", "log", CARRIED, "quality relative to the frontier of the segment"),
    Column("knowledge", M, CARRIED, "stock of R&D", ends=True),
    Column("sales_stock", M, CARRIED, "sales that markets promised, accumulated at the same depreciation as knowledge"),
    Column("digital", "log", CARRIED, "productivity won by digitisation"),
    Column("digital_coming", "log", CARRIED, "productivity of digitisation that arrives next year"),
    Column("talent", "persons", CARRIED, "stock of people who came by talent programmes, fading"),
    Column("ordinary", "persons", CARRIED, "ordinary staff", new_year=CLOSED),
    Column("skilled", "persons", CARRIED, "skilled production staff", new_year=CLOSED),
    Column("research", "persons", CARRIED, "R&D staff", new_year=CLOSED),
    Column("wanted_ordinary", "persons", IN_YEAR, "ordinary staff wanted this year"),
    Column("wanted_skilled", "persons", IN_YEAR, "skilled production staff wanted this year"),
    Column("unit_cost", "1", IN_YEAR, "cost per unit of output, capital included"),
    Column("variable_cost", "1", IN_YEAR, "cost per unit of output without capital"),
    Column("price", "1", CARRIED, "price relative to the outside price"),
    Column("markup", "1", CARRIED, "markup on unit cost"),
    Column("local_share", "1", LAST_YEAR, "share in the sales of the segment's local enterprises last year"),
    Column("expected_orders", "units", CARRIED, "orders expected for the year", ends=True),
    Column("orders", "units", IN_YEAR, "orders received in the year", new_year=CLOSED),
    Column("feasible", "units", IN_YEAR, "output that capital and staff allow"),
    Column("output", "units", IN_YEAR, "output of the year", new_year=CLOSED),
    Column("fill", "1", IN_YEAR, "delivered share of orders"),
    Column("sales", M, IN_YEAR, "sales of the year", new_year=CLOSED),
    Column("last_sales", M, LAST_YEAR, "sales of the year before", new_year=CLOSED),
    Column("intermediate_sales", M, IN_YEAR, "sales to modelled enterprises", new_year=CLOSED),
    Column("purchases_local", M, IN_YEAR, "purchases of modelled inputs in the region", new_year=CLOSED),
    Column("purchases_national", M, IN_YEAR, "purchases of modelled inputs in the rest of the nation", new_year=CLOSED),
    Column("purchases_abroad", M, IN_YEAR, "purchases of modelled inputs abroad", new_year=CLOSED),
    Column("other_inputs", M, IN_YEAR, "other inputs, bought nationally, without R&D services", new_year=CLOSED),
    Column("labour_cost", M, IN_YEAR, "labour cost, overtime and R&D staff included", new_year=CLOSED),
    Column("rd", M, IN_YEAR, "R&D spending: staff and services", new_year=CLOSED),
    Column("rd_services", M, IN_YEAR, "R&D services bought", new_year=CLOSED),
    Column("production_tax", M, IN_YEAR, "net production tax", new_year=CLOSED),
    Column("profit_tax", M, IN_YEAR, "profit tax", new_year=CLOSED),
    Column("interest", M, IN_YEAR, "interest paid", new_year=CLOSED),
    Column("profit", M, IN_YEAR, "profit before tax, after depreciation and R&D", new_year=CLOSED),
    Column("dividends", M, IN_YEAR, "dividends paid", new_year=CLOSED),
    Column("capital", M, CARRIED, "capital in place", ends=True),
    Column("capital_ordered", M, CARRIED, "capital paid for that arrives a year late", ends=True),
    Column("depreciation", M, IN_YEAR, "depreciation of the year", new_year=CLOSED),
    Column("investment", M, IN_YEAR, "capital goods ordered and paid", new_year=CLOSED),
    Column("cash", M, CARRIED, "cash; negative is an overdraft"),
    Column("debt", M, CARRIED, "debt to banks", ends=True),
    Column("loss_years", "y", CARRIED, "years in a row with a loss", np.int32),
    Column("default_years", "y", CARRIED, "years in a row with negative net worth and cash", np.int32),
    Column("guaranteed", M, CARRIED, "debt that public guarantees cover", ends=True),
    Column("support", M, IN_YEAR, "public support received in the year, tax relief included", new_year=ALL),
    Column("reach", "log", CARRIED, "goodwill that investment grants have won so far"),
    Column("market_share", "1", CARRIED, "share in the expenditure of each final market", wide=True, ends=True),
    Column("goodwill", "log", CARRIED, "goodwill in each final market", wide=True),
    Column("final_sales", M, IN_YEAR, "sales in each final market", wide=True, new_year=CLOSED),
)
# fmt: on
"""Every enterprise is a row; entrants are appended, rows of closed enterprises dropped at New Year,
the order of the rest never changes. Sums run over `active`."""

ENDED = tuple(column.name for column in COLUMNS if column.ends)
"""Stocks of an enterprise that end with it."""

BLOCKS: dict[str, tuple[Column, ...]] = {
    kind: tuple(column for column in COLUMNS if column.block == kind)
    for kind in dict.fromkeys(column.block for column in COLUMNS)
}
"""Columns of one type and shape, which lie in memory together, by the name of their block."""
NUMBERS = tuple(kind for kind, (first, *_) in BLOCKS.items() if first.dtype is np.float64)
"""Blocks of the columns that hold numbers."""


def places(names: Collection[str]) -> dict[str, Index]:
    """Where columns lie, (k, 1) in each block that has some of them."""
    found = {
        kind: [place for place, column in enumerate(block) if column.name in names] for kind, block in BLOCKS.items()
    }
    return {kind: np.array(rows)[:, None] for kind, rows in found.items() if rows}


ENDED_PLACES = places(ENDED)
CLEARED = {when: places([column.name for column in COLUMNS if column.new_year == when]) for when in (CLOSED, ALL)}
"""Columns by what New Year clears of them."""

FIRST_PLANTS = "first plants"
"""Name of the first plants of missing links among those who entered in the year."""
SPIN_OFFS = "spin-offs of institutes"
"""Name of the enterprises of institutes among those who entered in the year."""
YEAR, YEAR_END = "the year", "end of the year"


@dataclass
class Region:
    """State of the region; two-entry arrays are ordinary, skilled."""

    # fmt: off
    labour_force: Annotated[Array, Meaning("(2,)", "persons", YEAR_END, "labour force by skill")]
    rest: Annotated[Array, Meaning("(2,)", "persons", YEAR_END, "employed outside the modelled enterprises by skill")]
    rest_induced: Annotated[Array, Meaning("(2,)", "persons", YEAR_END, "part of it beyond a reference run's, by skill")]
    wage_index: Annotated[Array, Meaning("(2,)", "1", YEAR_END, "pay over base-year pay by skill")]
    wage_reference: Annotated[Array, Meaning("(2,)", "1", YEAR_END, "pay at base-year unemployment over base-year pay by skill")]
    unemployment: Annotated[Array, Meaning("(2,)", "1", YEAR_END, "unemployed share of the labour force by skill")]
    match_scale: Annotated[Array, Meaning("(2,)", "1", BASE, "scale of the matching function by skill")]
    employed: Annotated[Array, Meaning("(2,)", "persons", YEAR_END, "staff of the modelled enterprises by skill")]
    mean_productivity: Annotated[float, Meaning("scalar", "log", YEAR_END, "staff-weighted mean log productivity, last seen by the labour market")]
    park_staff: Annotated[Array, Meaning("(P,)", "persons", YEAR_END, "staff of chain enterprises by park")]
    park_staff_base: Annotated[Array, Meaning("(P,)", "persons", BASE, "the same in the base year")]
    park_places: Annotated[Array, Meaning("(P,)", "persons", YEAR_END, "staff a park holds without congestion")]
    knowledge_pool_base: Annotated[Array, Meaning("(P, S)", M, BASE, "knowledge around an enterprise by park and segment")]
    institute_added: Annotated[Array, Meaning("(S,)", M, YEAR_END, "knowledge of institutes that grants have added")]
    link_talent: Annotated[Array, Meaning("(S,)", "persons", YEAR_END, "people who came by talent programmes to laboratories of missing links, fading")]
    import_risk: Annotated[Array, Meaning("(S,)", "log", YEAR_END, "loss of attractiveness of foreign supply that buyers remember from cuts")]
    rivals_certified: Annotated[Array, Meaning("(S,)", "1", YEAR, "share of outside suppliers and rivals that holds a security certificate")]
    market_cycle: Annotated[Array, Meaning("(2, S)", "log", YEAR, "expenditure around its path, by segment: of all markets, and beyond them of its own")]
    adopters: Annotated[Array, Meaning("(2, S)", "1", YEAR_END, "of what industries outside the chain buy of a segment: the share of those who have adopted digital technology with support, and what that adds")]
    learned_growth: Annotated[Array, Meaning("(S,)", "log/y", YEAR, "growth of orders beyond the outlook that enterprises have learned to expect")]
    promised_growth: Annotated[Array, Meaning("(S,)", "log/y", YEAR, "the same as learned by New Year: the growth that this year's budgets and the sales they count on know")]
    demand: Annotated[Array, Meaning("(S,)", M, "last year until production", "purchases of a segment's products by modelled enterprises, wherever bought")]
    # fmt: on

    @classmethod
    def at_base(cls, arrays: ScenarioArrays) -> Region:
        """Base wages; pools, parks and institutes still empty."""
        parks, zero = len(arrays.park_names), np.zeros(2)
        return cls(
            labour_force=zero.copy(),
            rest=zero.copy(),
            rest_induced=zero.copy(),
            wage_index=np.ones(2),
            wage_reference=np.ones(2),
            unemployment=np.full(2, arrays.unemployment),
            match_scale=zero.copy(),
            employed=zero.copy(),
            mean_productivity=0.0,
            park_staff=np.zeros(parks),
            park_staff_base=np.zeros(parks),
            park_places=np.zeros(parks),
            knowledge_pool_base=np.zeros((parks, arrays.size)),
            institute_added=np.zeros(arrays.size),
            link_talent=np.zeros(arrays.size),
            import_risk=np.zeros(arrays.size),
            rivals_certified=np.zeros(arrays.size),
            market_cycle=np.zeros((2, arrays.size)),
            adopters=np.zeros((2, arrays.size)),
            learned_growth=np.zeros(arrays.size),
            promised_growth=np.zeros(arrays.size),
            demand=np.zeros(arrays.size),
        )


@dataclass
class Calibration:
    """What the base year fixes for the run."""

    # fmt: off
    home: Annotated[Array, Meaning("(S, S)", "log", BASE, "odds constant of local supply by input and buyer segment")]
    abroad: Annotated[Array, Meaning("(S, S)", "log", BASE, "odds constant of foreign supply by input and buyer segment; national supply has 0")]
    rival_goodwill: Annotated[Array, Meaning("(S, 4)", "log", BASE, "goodwill of the outside rival by market")]
    user_cost: Annotated[Array, Meaning("(S,)", "1", BASE, "user cost of capital per output at the norm")]
    other_inputs: Annotated[Array, Meaning("(S,)", "1", BASE, "inputs from outside the modelled segments per output")]
    ordinary_norm: Annotated[Array, Meaning("(S,)", "persons per CNY million", BASE, "ordinary staff per output of unnamed enterprises; the segment's norm where there is none")]
    skilled_norm: Annotated[Array, Meaning("(S,)", "persons per CNY million", BASE, "skilled production staff per output, likewise")]
    research_norm: Annotated[Array, Meaning("(S,)", "1", BASE, "share of R&D spent on own staff, likewise")]
    rd_norm: Annotated[Array, Meaning("(S,)", "1", BASE, "R&D over sales, likewise")]
    productivity_mean: Annotated[Array, Meaning("(S,)", "log", BASE, "mean log productivity that deviations return to")]
    productivity_gain: Annotated[Array, Meaning("(S,)", "log/y", BASE, "the frontier's yearly gain of productivity")]
    quality_gain: Annotated[Array, Meaning("(S,)", "log/y", BASE, "the frontier's yearly gain of quality")]
    entry_rate: Annotated[Array, Meaning("(S,)", "1/y", BASE, "entrants per enterprise that keep its number")]
    mean_size: Annotated[Array, Meaning("(S,)", M, BASE, "mean output of an enterprise; .8 of the minimum efficient scale of a missing link")]
    markup: Annotated[Array, Meaning("(S,)", "1", BASE, "output-weighted mean markup of unnamed enterprises; that of an entrant at the norm for a missing link")]
    base_enterprises: Annotated[Index, Meaning("(S,)", "enterprises", BASE, "number of enterprises; 0 marks a missing link")]
    base_demand: Annotated[Array, Meaning("(S,)", M, BASE, "purchases of a segment's products by modelled enterprises, wherever bought")]
    base_outside: Annotated[Array, Meaning("(S,)", M, BASE, "part of them bought outside the region")]
    hazard_mean: Annotated[float, Meaning("scalar", "1/y", BASE, "mean exit hazard over enterprises")]
    usual_profit_factor: Annotated[float, Meaning("scalar", "1", BASE, "mean factor of profit on the exit hazard of those at risk")] = 1.0
    # fmt: on


@dataclass(frozen=True)
class Reference:
    """A run whose path counts as expected, up to its present year; copied when given, and not to be changed."""

    income: Annotated[Array, Meaning("(T + 1,)", M, "every year", "labour income")]

    def __post_init__(self) -> None:
        income = np.array(self.income, dtype=float)
        income.flags.writeable = False
        object.__setattr__(self, "income", income)


def nothing() -> Array:
    """What is not measured yet, (0,)."""
    return np.zeros(0)


@dataclass
class Flows:
    """What the stages measured in the year beside the columns; money of purchases at the price paid."""

    # fmt: off
    trade: Annotated[Array, Meaning("(S, S, 3)", M, YEAR, "purchases by input, buyer segment and origin: local, national, abroad")]
    wages: Annotated[Array, Meaning("(2,)", M, YEAR, "pay without employer contributions by skill")]
    capacity: Annotated[Array, Meaning("(S,)", "units", "January", "output that capital allows")]
    founded_capital: Annotated[Array, Meaning("(S,)", M, YEAR, "capital of enterprises founded in the year")]
    opening_debt: Annotated[float, Meaning("scalar", M, "January", "debt of all enterprises")]
    opening_capital: Annotated[float, Meaning("scalar", M, "January", "capital of all enterprises, ordered capital included")]
    written_off: Annotated[float, Meaning("scalar", M, YEAR, "loans that closed and restructured enterprises do not repay")] = 0.0
    guarantees_paid: Annotated[float, Meaning("scalar", M, YEAR, "part of them that public guarantees pay")] = 0.0
    outlay: Annotated[float, Meaning("scalar", M, YEAR, "public support that the region pays")] = 0.0
    scrapped: Annotated[float, Meaning("scalar", M, YEAR, "capital of closed enterprises, and what restructuring scraps")] = 0.0
    links: Annotated[int, Meaning("scalar", "links", YEAR, "supply links when the review begins")] = 0
    links_kept: Annotated[int, Meaning("scalar", "links", YEAR, "links that keep their supplier in the review")] = 0
    entries: Annotated[Array, Meaning("(S,)", "enterprises", YEAR, "enterprises founded")] = field(default_factory=nothing)
    exits: Annotated[Array, Meaning("(S,)", "enterprises", YEAR, "enterprises closed")] = field(default_factory=nothing)
    defaults: Annotated[Array, Meaning("(S,)", "enterprises", YEAR, "enterprises closed by default")] = field(default_factory=nothing)
    sweeps: Annotated[int, Meaning("scalar", "sweeps", YEAR, "sweeps until orders and output agree")] = 0
    expenditure: Annotated[Array | None, Meaning("(S, 4)", M, YEAR, "expenditure of final markets, public purchases included; None before demand")] = None
    staffed: Annotated[Array | None, Meaning("(n,)", "units", YEAR, "output that the staff can make without overtime; None before production")] = None
    rd_budget: Annotated[Array | None, Meaning("(n,)", M, YEAR, "R&D budget; None before labour")] = None
    covered: Annotated[Array | None, Meaning("(n,)", "1", YEAR, "share of output that the inputs allow; None before production")] = None
    taxable: Annotated[Array, Meaning("(n,)", M, YEAR, "taxable profit; empty before finance")] = field(default_factory=nothing)
    drawn: Annotated[Array, Meaning("(n,)", M, YEAR, "new loans; empty before finance")] = field(default_factory=nothing)
    purchased: Annotated[dict[str, Array], Meaning("(n,) by lever", M, YEAR, "public purchases that enterprises are asked to deliver")] = field(default_factory=dict)
    plant_shares: Annotated[dict[str, Array], Meaning("(S,) by lever", "1", YEAR, "share of its capital that the first plant of the year counted on, of those meant")] = field(default_factory=dict)
    entered: Annotated[dict[str, Index], Meaning("(m,) by name", "rows", YEAR, "rows of first plants, of spin-offs of institutes and of arrivals")] = field(default_factory=dict)
    # fmt: on
