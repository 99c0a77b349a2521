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
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from chainsim.economy import arrivals
from chainsim.economy.arrays import ABROAD_MARKET, MARKETS, OWNERS, SKILLED, Owner, ScenarioArrays
from chainsim.economy.parameters import Count, Frozen, Name, NonNegative, Share, parameter
from chainsim.economy.types import Array, Flags

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
    top, bottom = np.broadcast_arrays(np.asarray(top, dtype=float), np.asarray(bottom, dtype=float))
    filled = np.array(np.broadcast_to(otherwise, top.shape), dtype=float)
    return np.divide(top, bottom, out=filled, where=bottom != 0)


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
        tiers = tuple(arrays.tiers[number] for number in arrays.tier.tolist())
        return among((self.tiers, self.segments, self.industries), (tiers, arrays.names, arrays.industries))

    def park_mask(self, arrays: ScenarioArrays) -> Flags:
        """Parks of the target, (P,)."""
        names = np.array(arrays.park_names)
        return np.isin(names, self.parks) if self.parks else np.ones(names.size, dtype=bool)

    def holds(self, economy: Economy) -> Flags:
        """Active enterprises of the target, (n,)."""
        arrays = economy.arrays
        chosen = economy.active & self.segment_mask(arrays)[economy.segment]
        if self.parks:
            chosen &= self.park_mask(arrays)[economy.park]
        if self.owners:
            chosen &= np.isin(economy.owner, [OWNERS.index(owner) for owner in self.owners])
        if self.enterprises:
            named = [row for row, name in economy.names.items() if name in self.enterprises]
            chosen &= np.isin(np.arange(economy.n), named)
        if self.high_tech is not None:
            chosen &= economy.high_tech == self.high_tech
        return chosen & self._sized(economy)

    def _sized(self, economy: Economy) -> Flags:
        chosen = np.ones(economy.n, dtype=bool)
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


def entrant_owners(economy: Economy) -> Array:
    """Owners of those founded in the region, shares (S, 4)."""
    return np.diff(economy.arrays.owner_steps, axis=1, prepend=0.0)


def arrival_owners(economy: Economy) -> Array:
    """Owners of plants that come from outside, shares (S, 4)."""
    shares = np.bincount(arrivals.OWNER, weights=arrivals.SHARE, minlength=len(OWNERS)) / arrivals.SHARE.sum()
    return np.broadcast_to(shares, (economy.arrays.size, len(OWNERS)))


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


class Promise(NamedTuple):
    """What newcomers of each kind are promised by a lever, `stated`, and by those before it, `beside`, (S, K)."""

    meant: Meant
    stated: Array
    beside: Array

    @classmethod
    def made(cls, meant: Meant, strength: float, before: Promise | None) -> Promise:
        """A promise of a `strength` to each, beside all that was promised `before`."""
        if before is None:
            beside = np.zeros_like(meant.weight)
        else:
            beside = before.beside + before.stated
            weight = max(before.meant.weight, meant.weight, key=np.size)  # whoever takes all alike tells no kinds apart
            beside = np.broadcast_to(beside, weight.shape)
            meant = Meant(weight, np.broadcast_to(meant.chosen, weight.shape), meant.share)
        return cls(meant, np.where(meant.chosen, strength, 0.0), beside)

    def by_owner(self) -> list[Promise]:
        """The same to the newcomers of each of `OWNERS`, whose kinds follow each other."""
        kinds = self.stated.shape[1]
        if kinds == 1:
            return [self] * len(OWNERS)
        return [self.of_kinds(slice(*ends)) for ends in pairwise(range(0, kinds + 1, kinds // len(OWNERS)))]

    def of_kinds(self, kinds: slice) -> Promise:
        """The same to newcomers of some `kinds` alone."""
        weight, chosen = self.meant.weight[:, kinds], self.meant.chosen[:, kinds]
        whole, part = weight.sum(axis=1), (weight * chosen).sum(axis=1)
        meant = Meant(over(weight, whole[:, None], 0.0), chosen, over(part, whole, 0.0))
        return Promise(meant, self.stated[:, kinds], self.beside[:, kinds])

    def mean(self, amount: Array) -> Array:
        """Mean over all newcomers of a segment of an `amount` (S, K) that those meant get, (S,)."""
        return np.asarray(amount.max(axis=1) * self.meant.share - self.short(amount))

    def short(self, amount: Array) -> Array:
        """What is missing of the largest `amount` (S, K) among those meant, a newcomer of the segment, (S,)."""
        missing = np.where(self.meant.chosen, amount.max(axis=1, keepdims=True) - amount, 0.0)
        return np.asarray((self.meant.weight * missing).sum(axis=1))

    def mean_stated(self) -> Array:
        """Mean over those meant of what is stated to them, (S,)."""
        short, share = self.short(self.stated), self.meant.share
        return self.stated.max(axis=1) - np.divide(short, share, out=np.zeros_like(share), where=share > 0.0)

    def mean_beside(self) -> Array:
        """Mean over all newcomers of a segment of what was promised before, (S,)."""
        most = self.beside.max(axis=1)
        return most - (self.meant.weight * (most[:, None] - self.beside)).sum(axis=1)


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


class Newcomers:
    """One newcomer of every segment, park, owner and certificate, (n,), with its `weight`; read as an economy is.

    It makes nothing yet; where it is `running`, it makes and earns what its `size` (S,), CNY million, stands for.
    """

    def __init__(self, economy: Economy, size: Array, owners: Array, running: bool = False) -> None:
        arrays, rules, fixed = economy.arrays, economy.stages.demography, economy.calibration
        self.arrays, self.year = arrays, economy.year
        certified = np.stack((1.0 - arrays.high_tech_share, arrays.high_tech_share), axis=1)
        weight = owners[:, :, None, None] * arrays.park_share[:, None] * certified[:, None, None, :]
        k, owner, park, high_tech = (part.ravel() for part in np.indices(weight.shape))
        self.weight, self.n, none = weight.ravel(), k.size, np.zeros(k.size)
        self.segment, self.owner, self.park, self.high_tech = k, owner, park, high_tech.astype(bool)
        self.active: Flags = np.ones(k.size, dtype=bool)
        self.identity, self.names = np.arange(k.size), dict[int, str]()
        self.named = self.certificate = self.employment = self.sales = self.profit = none
        self.rd = self.skilled = self.research = self.local_share = none
        self.final_sales = np.zeros((k.size, len(MARKETS)))
        if running:
            self.run(economy, size)
        self.founded = np.full(k.size, economy.year + 1)
        self.productivity = np.exp(fixed.productivity_mean[k])
        self.capital = (arrays.capital_per_output * size)[k] / self.productivity
        self.debt = economy.stages.finance.leverage * self.capital
        self.cash = rules.entry_cash * size[k]
        self.rd_share, self.price = fixed.rd_norm[k], np.ones(k.size)
        number, quality = economy.columns_by_segment(np.ones(economy.n), economy.quality)
        self.quality = np.where(number > 0, quality / np.maximum(number, 1.0), arrays.quality_gap)[k]

    def run(self, economy: Economy, size: Array) -> None:
        """Give it staff, sales, R&D and profit as they are usual in its segment."""
        fixed, k = economy.calibration, self.segment
        sales, made = economy.columns_by_segment(economy.sales, np.ones(economy.n))
        usual = np.where(made > 0, economy.profit_margin(), fixed.markup / (1.0 + fixed.markup))
        rd = fixed.rd_norm * size
        research = fixed.research_norm * rd / economy.wage()[SKILLED]
        skilled, ordinary = (norm * size / economy.trend for norm in (fixed.skilled_norm, fixed.ordinary_norm))
        self.sales, self.profit, self.rd = size[k], (usual * size)[k], rd[k]
        self.skilled, self.research = skilled[k], research[k]
        self.employment = (ordinary + skilled + research)[k]
        self.local_share = (size / (sales + size))[k]
