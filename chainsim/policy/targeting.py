"""Who a lever or shock is meant for: what can be asked of an enterprise, and targets that ask for it.

`QUANTITIES` and `WORDS` are also the names of the language of conditions (`conditions`).

Enterprises not founded yet are promised what those are that there are. A newcomer is what enterprises founded last year
are in January: without age, staff, sales, profit, name and certificate, with the research norm of its segment, and by
shares with the park, the owner and the high-tech certificate that new enterprises of its segment have. What lasts, as
a lower tax does, is asked of one that runs, with the staff, sales and profit that are usual for its size. A promise
counts as far as those who ask in the segment are served: where nobody asks, nothing is promised.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from chainsim.economy import arrivals
from chainsim.economy.arrays import ABROAD_MARKET, MARKETS, OWNERS, SKILLED, Owner, ScenarioArrays
from chainsim.economy.parameters import Count, Frozen, Name, NonNegative, Share, parameter
from chainsim.economy.types import Array, Flags, Index

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy

THE_SCENARIO = "the scenario"
"""Source of what a scenario states and no study says."""


class Quantity(NamedTuple):
    """What can be asked of every enterprise: its meaning, and how it is read from an economy, (n,)."""

    meaning: str
    of: Callable[[Economy], NDArray[Any]]


def over(top: NDArray[Any], bottom: NDArray[Any], otherwise: Array | float) -> Array:
    """top / bottom, `otherwise` where the bottom is 0."""
    top, bottom = np.asarray(top, dtype=float), np.asarray(bottom, dtype=float)
    if top.shape != bottom.shape:
        top, bottom = np.broadcast_arrays(top, bottom)
    return np.divide(top, bottom, out=np.full(top.shape, otherwise, dtype=float), where=bottom != 0)


def segment_of(economy: Economy) -> NDArray[np.str_]:
    """Segment of each enterprise, (n,)."""
    return np.array(economy.arrays.names)[economy.segment]


def tier_of(economy: Economy) -> NDArray[np.str_]:
    """Tier of each enterprise, (n,)."""
    return np.array(economy.arrays.tiers)[economy.arrays.tier[economy.segment]]


def industry_of(economy: Economy) -> NDArray[np.str_]:
    """Leading industry of each enterprise, (n,)."""
    return np.array(economy.arrays.industries)[economy.segment]


def park_of(economy: Economy) -> NDArray[np.str_]:
    """Park of each enterprise, (n,)."""
    return np.array(economy.arrays.park_names)[economy.park]


def owner_of(economy: Economy) -> NDArray[np.str_]:
    """Kind of owner of each enterprise, (n,)."""
    return np.array(OWNERS)[economy.owner]


QUANTITIES: dict[str, Quantity] = {
    "employees": Quantity("staff, persons", lambda e: e.employment),
    "sales": Quantity("sales, CNY million", lambda e: e.sales),
    "output": Quantity("sales, CNY million", lambda e: e.sales),
    "capital": Quantity("capital in place, CNY million", lambda e: e.capital),
    "debt": Quantity("debt, CNY million", lambda e: e.debt),
    "cash": Quantity("cash, CNY million", lambda e: e.cash),
    "rd": Quantity("R&D spending, CNY million", lambda e: e.rd),
    "rd_share": Quantity("R&D over sales; its norm for the new", lambda e: over(e.rd, e.sales, e.rd_share)),
    "skilled_share": Quantity(
        "skilled staff over staff, R&D staff included",
        lambda e: over(e.skilled + e.research, e.employment, 0.0),
    ),
    "profit_margin": Quantity("profit before tax over sales", lambda e: over(e.profit, e.sales, 0.0)),
    "market_share": Quantity("share in the sales of the segment's local enterprises", lambda e: e.local_share),
    "export_share": Quantity("sales abroad over sales", lambda e: over(e.final_sales[:, ABROAD_MARKET], e.sales, 0.0)),
    "age": Quantity("completed years of operation", lambda e: np.maximum(e.year - e.founded, 0)),
    "founded": Quantity("first year of operation", lambda e: e.founded),
    "productivity": Quantity("productivity relative to the segment norm", lambda e: e.productivity),
    "quality": Quantity("quality relative to the frontier, log", lambda e: e.quality),
    "price": Quantity("price relative to the outside price", lambda e: e.price),
    "year": Quantity("calendar year", lambda e: np.full(e.identity.size, e.year)),
    "high_tech": Quantity("1 if certified high-tech", lambda e: e.high_tech),
    "named": Quantity("1 if a real enterprise of the scenario", lambda e: e.named),
    "certified": Quantity("1 if it holds a security certificate", lambda e: e.certificate),
}
"""Numbers of an enterprise as of last year's end, with meaning."""

WORDS: dict[str, Quantity] = {
    "segment": Quantity("segment", segment_of),
    "tier": Quantity("tier", tier_of),
    "industry": Quantity("leading industry", industry_of),
    "park": Quantity("park", park_of),
    "owner": Quantity("owner", owner_of),
}
"""Names that an enterprise belongs to, with meaning."""


@lru_cache(maxsize=1024)
def among(wanted: tuple[tuple[str, ...], ...], present: tuple[tuple[str, ...], ...]) -> Flags:
    """Which of the `present` are among those `wanted` in every respect, (S,), read only; all where none is stated."""
    chosen = np.ones(len(present[0]), dtype=bool)
    for names, here in zip(wanted, present, strict=True):
        if names:
            chosen &= np.isin(np.array(here), names)
    chosen.flags.writeable = False
    return chosen


class Target(Frozen):
    """Enterprises by place, owner, size, age and research; everything stated must hold, lists leave a choice.

    Sizes are those of the end of last year; a new enterprise has no staff yet.
    """

    tiers: tuple[Name, ...] = Field((), description="Tiers; all where not stated.")
    segments: tuple[Name, ...] = Field((), description="Segments; all where not stated.")
    industries: tuple[Name, ...] = Field((), description="Leading industries; all where not stated.")
    parks: tuple[Name, ...] = Field((), description="Parks; all where not stated.")
    owners: tuple[Owner, ...] = Field((), description="Owners; all where not stated.")
    enterprises: tuple[Name, ...] = Field((), description="Named enterprises, by id; others are left out then.")
    min_employees: NonNegative | None = parameter(None, "persons", None, None, THE_SCENARIO, "smallest staff")
    max_employees: NonNegative | None = parameter(None, "persons", None, None, THE_SCENARIO, "largest staff")
    min_sales: NonNegative | None = parameter(None, "CNY million", None, None, THE_SCENARIO, "smallest sales")
    max_sales: NonNegative | None = parameter(None, "CNY million", None, None, THE_SCENARIO, "largest sales")
    min_age: Count | None = parameter(None, "y", None, None, THE_SCENARIO, "fewest completed years of operation")
    max_age: Count | None = parameter(None, "y", None, None, THE_SCENARIO, "most completed years of operation")
    min_rd_share: Share | None = parameter(None, "1", None, None, THE_SCENARIO, "smallest R&D over sales")
    high_tech: bool | None = Field(None, description="Only certified high-tech enterprises, or only others.")

    def segment_mask(self, arrays: ScenarioArrays) -> Flags:
        """Segments that tiers, segments and industries leave, (S,)."""
        return among((self.tiers, self.segments, self.industries), arrays.places)

    def park_mask(self, arrays: ScenarioArrays) -> Flags:
        """Parks of the target, (P,)."""
        return np.array([not self.parks or name in self.parks for name in arrays.park_names], dtype=bool)

    def holds(self, economy: Economy) -> Flags:
        """Active enterprises of the target, (n,)."""
        arrays = economy.arrays
        chosen = economy.active & self.segment_mask(arrays)[economy.segment]
        if self.parks:
            chosen &= self.park_mask(arrays)[economy.park]
        if self.owners:
            chosen &= np.array([owner in self.owners for owner in OWNERS])[economy.owner]
        if self.enterprises:
            named = [row for row, name in economy.names.items() if name in self.enterprises]
            wanted = np.zeros(economy.n, dtype=bool)
            wanted[named] = True
            chosen &= wanted
        if self.high_tech is not None:
            chosen &= economy.high_tech == self.high_tech
        for least, most, quantity in (
            (self.min_employees, self.max_employees, "employees"),
            (self.min_sales, self.max_sales, "sales"),
            (self.min_age, self.max_age, "age"),
            (self.min_rd_share, None, "rd_share"),
        ):
            if least is not None or most is not None:
                value = QUANTITIES[quantity].of(economy)
                chosen &= (value >= (least or 0.0)) & (value <= (np.inf if most is None else most))
        return chosen


class Kinds(NamedTuple):
    """Newcomers of every segment, owner, park and certificate, (n,) each, with the `weight` of each in its segment.

    `within` (S, n / S) are the weights over their sum in the segment, `whole` (S,).
    """

    weight: Array
    segment: Index
    owner: Index
    park: Index
    high_tech: Flags
    within: Array
    whole: Array

    @classmethod
    def of(cls, arrays: ScenarioArrays, owners: Array) -> Kinds:
        """All of them with shares of `owners` (S, 4); no year changes them."""
        certified = np.stack((1.0 - arrays.high_tech_share, arrays.high_tech_share), axis=1)
        weight = owners[:, :, None, None] * arrays.park_share[:, None] * certified[:, None, None, :]
        segment, owner, park, high_tech = (part.ravel() for part in np.indices(weight.shape))
        whole = np.bincount(segment, weights=weight.ravel(), minlength=arrays.size).astype(np.float64)
        within = weight.reshape(arrays.size, -1) / whole[:, None]
        within.flags.writeable = False
        return cls(weight.ravel(), segment, owner, park, high_tech.astype(bool), within, whole)


SizeOf = Callable[["Economy"], Array]
"""Planned output of a newcomer, (S,), CNY million."""
KindsOf = Callable[[ScenarioArrays], Kinds]
"""Who newcomers are, by what the scenario says."""


def entrants(arrays: ScenarioArrays) -> Kinds:
    """Those founded in the region."""
    return Kinds.of(arrays, np.diff(arrays.owner_steps, axis=1, prepend=0.0))


def plants_from_outside(arrays: ScenarioArrays) -> Kinds:
    """Plants that come from outside."""
    shares = np.bincount(arrivals.OWNER, weights=arrivals.SHARE, minlength=len(OWNERS)) / arrivals.SHARE.sum()
    return Kinds.of(arrays, np.broadcast_to(shares, (arrays.size, len(OWNERS))))


def entrant_size(economy: Economy) -> Array:
    """Planned output of an entrant, (S,), CNY million."""
    return economy.stages.demography.entrant_size * economy.small_output()


def plant_size(economy: Economy) -> Array:
    """Planned output of a plant, (S,), CNY million."""
    return economy.stages.demography.plant_size * economy.arrays.min_efficient_scale


class Meant(NamedTuple):
    """Who is meant among the newcomers of a segment: `weight` of each kind, `chosen`, (S, K), `share` of all, (S,)."""

    weight: Array
    chosen: Flags
    share: Array

    @classmethod
    def alike(cls, segments: Flags) -> Meant:
        """All newcomers of `segments` (S,)."""
        return cls(np.ones((segments.size, 1)), segments[:, None], segments.astype(float))

    @classmethod
    @lru_cache(maxsize=64)
    def nobody(cls, segments: int) -> Meant:
        """No newcomer of any segment."""
        meant = cls.alike(np.zeros(segments, dtype=bool))
        for part in meant:
            part.flags.writeable = False
        return meant


class Stacking(Protocol):
    """How a lever meets others of its type: `highest`, or else added, up to the ceiling of the type."""

    @property
    def stacking(self) -> str | None: ...
    @property
    def ceiling(self) -> float: ...


def stacked(lever: Stacking, offer: Array, beside: Array) -> Array:
    """The offer with what levers of the type that act before have `beside` it; together at most its ceiling."""
    if lever.stacking == "highest":
        offer = np.maximum(offer - beside, 0.0)
    return np.minimum(offer, np.maximum(lever.ceiling - beside, 0.0))


ACTIVITY = ("sales", "profit", "rd", "skilled", "research", "employment", "local_share")
"""Columns of what an enterprise does, which a newcomer has where it runs."""


class Newcomers:
    """One newcomer of every segment, park, owner and certificate, (n,), with its `weight`; read as an economy is.

    It makes nothing yet; where it is `running`, it makes and earns what its `size` (S,), CNY million, stands for.
    Columns are reckoned when they are asked for: few conditions ask for more than one.
    """

    def __init__(self, economy: Economy, size: SizeOf, kinds: KindsOf, running: bool = False) -> None:
        self.economy, self.running, self._size_of = economy, running, size
        self.arrays, self.year, self.kinds = economy.arrays, economy.year, economy.once(kinds, economy.arrays)
        self.weight, self.segment, self.owner = self.kinds.weight, self.kinds.segment, self.kinds.owner
        self.park, self.high_tech, self.n = self.kinds.park, self.kinds.high_tech, self.kinds.weight.size
        self.active: Flags = np.ones(self.n, dtype=bool)
        self.names = dict[int, str]()

    def __getattr__(self, name: str) -> Array:
        if name not in ACTIVITY:
            raise AttributeError(name)
        vars(self).update(self._usual() if self.running else dict.fromkeys(ACTIVITY, self.certificate))
        found: Array = vars(self)[name]
        return found

    @cached_property
    def size(self) -> Array:
        """Planned output, (S,), CNY million."""
        return self._size_of(self.economy)

    @cached_property
    def identity(self) -> Index:
        """A number of each, (n,)."""
        return np.arange(self.n)

    @cached_property
    def certificate(self) -> Array:
        """Nobody has a certificate yet, (n,)."""
        return np.zeros(self.n)

    @property
    def named(self) -> Array:
        """Nobody goes by a name, (n,)."""
        return self.certificate

    @cached_property
    def final_sales(self) -> Array:
        """Nothing is sold in final markets yet, (n, 4)."""
        return np.zeros((self.n, len(MARKETS)))

    @cached_property
    def founded(self) -> Index:
        """First year of operation, (n,)."""
        return np.full(self.n, self.year + 1)

    @cached_property
    def productivity(self) -> Array:
        """That of the base year, (n,)."""
        return np.exp(self.economy.calibration.productivity_mean[self.segment])

    @cached_property
    def capital(self) -> Array:
        """What its output takes, (n,), CNY million."""
        return (self.arrays.capital_per_output * self.size)[self.segment] / self.productivity

    @cached_property
    def debt(self) -> Array:
        """The usual part of its capital, (n,), CNY million."""
        return self.economy.stages.finance.leverage * self.capital

    @cached_property
    def cash(self) -> Array:
        """What owners give it, (n,), CNY million."""
        return self.economy.stages.demography.entry_cash * self.size[self.segment]

    @cached_property
    def rd_share(self) -> Array:
        """Norm of its segment, (n,)."""
        return self.economy.calibration.rd_norm[self.segment]

    @cached_property
    def price(self) -> Array:
        """That of outside supply, (n,)."""
        return np.ones(self.n)

    @cached_property
    def quality(self) -> Array:
        """Mean of its segment, of a missing link what it lies behind, (n,), log."""
        number, quality = self.economy.columns_by_segment(np.ones(self.economy.n), self.economy.quality)
        return np.where(number > 0, quality / np.maximum(number, 1.0), self.arrays.quality_gap)[self.segment]

    def _usual(self) -> dict[str, Array]:
        """Staff, sales, R&D and profit as they are usual in its segment, (n,) each."""
        economy, fixed, size, k = self.economy, self.economy.calibration, self.size, self.segment
        sales, made = economy.columns_by_segment(economy.sales, np.ones(economy.n))
        usual = np.where(made > 0, economy.profit_margin(), fixed.markup / (1.0 + fixed.markup))
        rd = fixed.rd_norm * size
        research = fixed.research_norm * rd / economy.wage()[SKILLED]
        skilled, ordinary = (norm * size / economy.trend for norm in (fixed.skilled_norm, fixed.ordinary_norm))
        staff, share = ordinary + skilled + research, size / (sales + size)
        columns = size, usual * size, rd, skilled, research, staff, share
        return dict(zip(ACTIVITY, (column[k] for column in columns), strict=True))
