"""New enterprises: the rows, links, capital and money of entrants and of first plants in missing links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import arrivals, draws, group_sums, kernels, sectors
from chainsim.economy.arrays import MARKETS, NATIONAL_MARKET, NO_GOODWILL, OWNERS, ScenarioArrays
from chainsim.economy.arrivals import LARGEST
from chainsim.economy.candidates import peers
from chainsim.economy.columns import FIRST_PLANTS, SPIN_OFFS
from chainsim.economy.ledger import ENTRY_EQUITY, Row
from chainsim.economy.protocols import DemographyRules
from chainsim.economy.types import Array, Flags, Index
from chainsim.population.enterprises import identities
from chainsim.population.links import slots_by_input
from chainsim.population.sizes import products

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.economy.entry_points import Arrival


MOST_NEW, MOST_TIMES = 20_000, 20
"""Most enterprises that a run may hold: this number, or these times those of the base year if that is more."""


def check_room(economy: Economy, expected: Array | float, why: str) -> None:
    """Refuse to found more enterprises than a region could hold, before memory or time are spent on them.

    *Raises* ArithmeticError with `why` they would come where those `expected` (by segment, or in all) are too many.
    """
    coming = float(np.add.reduce(expected, axis=None))
    if economy.n + coming <= MOST_NEW:
        return
    base = float(economy.calibration.base_enterprises.sum())
    most = max(MOST_NEW, MOST_TIMES * base)
    if not np.count_nonzero(economy.active) + coming <= most:
        raise ArithmeticError(
            f"{coming:.4g} enterprises would be founded in a year by {why}, where a run may hold {most:,.0f} and the base "
            f"year has {base:,.0f}; a rate of entry or a size of plants lies far outside its range"
        )


@dataclass(frozen=True)
class Cohort:
    """Enterprises founded in a year: segment, identity, size (CNY million) and row of the parent or -1, (m,) each.

    They have an `owner`, one or (m,); where it is -1 they are drawn by the owners' shares of their segment, institutes
    left out: those found spin-offs. `rd` is their R&D over the segment's norm, one or (m,). Where they are `usual` they
    have the mean productivity of their segment, and no luck.
    """

    segment: Index
    identity: NDArray[np.uint64]
    size: Array
    parent: Index
    owner: int | Index = -1
    rd: float | Array = 1.0
    usual: bool = False


class Kinds(NamedTuple):
    """Kinds of newcomers, K: entrants and spin-offs of institutes by segment, then plants by segment and channel.

    `name` is the hash by which identities go, `owner` -1 where it is drawn, `rd` over the norm of the `segment`, (K,)
    each; `sold` (K, 4) the part of their size that they sell in final markets, `plant` (S C,) what plants sell outside
    in the mean, CNY million.
    """

    name: NDArray[np.uint64]
    segment: Index
    owner: Index
    rd: Array
    sold: Array
    plant: Array


def kinds_of(arrays: ScenarioArrays, rules: DemographyRules) -> Kinds:
    """The kinds of newcomers of a scenario.

    Entrants sell like their segment, spin-offs a part to the nation, and plants all that they are built for.
    """
    size, channels = arrays.size, len(arrivals.CHANNELS)
    spun = [f"{name} spin-off" for name in arrays.names]
    sold = np.zeros((size * (2 + channels), len(MARKETS)))
    np.divide(arrays.market_sales, arrays.output[:, None], out=sold[:size], where=arrays.output[:, None] > 0)
    sold[:size][arrays.output == 0, NATIONAL_MARKET] = rules.plant_outside
    sold[size : 2 * size, NATIONAL_MARKET], sold[2 * size :, NATIONAL_MARKET] = rules.plant_outside, 1.0
    segment, others = np.arange(size), np.ones(size * (1 + channels))
    return Kinds(
        name=np.concatenate((draws.hashed(arrays.names), draws.hashed(spun), arrivals.luck(arrays.names))),
        segment=np.concatenate((segment, segment, segment.repeat(channels))),
        owner=np.concatenate(
            (np.full(size, -1), np.full(size, OWNERS.index("institute")), np.tile(arrivals.OWNER, size))
        ),
        rd=np.concatenate((others[:size], np.full(size, rules.spin_off_rd), others[size:])),
        sold=sold,
        plant=(arrivals.OUTSIDE * arrays.min_efficient_scale[:, None]).ravel(),
    )


def found(economy: Economy, counts: Index, spin_offs: Index, plants: Index) -> Array:
    """Found ordinary entrants and spin-offs of institutes, `counts` and `spin_offs` (S,), and `plants` (S, C) from
    outside by segment and channel; returns the final market shares that the first take, (S, 4).

    Those are handed on in the region; spin-offs and plants win their sales from outside rivals.
    """
    rules, kinds = economy.stages.demography, economy.once(kinds_of, economy.arrays, economy.stages.demography)
    first, size = int(counts.sum()), economy.arrays.size
    second = first + int(spin_offs.sum())
    cohort, kind = newcomers(economy, kinds, np.concatenate((counts, spin_offs, plants.ravel())), first, second)
    rows = add_cohort(economy, cohort)
    of_institutes, from_outside = rows[first:second], rows[second:]
    if of_institutes.size:
        economy.active[from_outside] = False  # spin-offs know nothing yet of plants that come with them
        improve(economy, of_institutes, rules.spin_off_quality, np.inf)
        economy.active[from_outside] = True
        economy.flows.entered[SPIN_OFFS] = of_institutes
    if from_outside.size:
        channel = (kind[second:] - 2 * size) % plants.shape[1]
        improve(economy, from_outside, arrivals.QUALITY[channel], rules.arrival_quality_most)
        economy.flows.entries += plants.sum(axis=1)
        for c, name in enumerate(arrivals.CHANNELS):
            economy.flows.entered[arrivals.entered_by(name)] = from_outside[channel == c]
    share = win_markets(economy, rows, cohort.size, kinds.sold[kind])
    return group_sums.column_sums(share[:first], cohort.segment[:first], size)


def newcomers(economy: Economy, kinds: Kinds, counts: Index, first: int, second: int) -> tuple[Cohort, Index]:
    """The newcomers of the year, `counts` (K,) of each of the `kinds`, and the kind of each, (m,), ascending.

    Entrants, up to the `first` that is none, and plants, from the `second`, vary around the size of a small enterprise
    and the minimum scale; spin-offs between them do not.
    """
    rules, number = economy.stages.demography, int(counts.sum())
    kind, identity = np.empty(number, dtype=np.int64), np.empty(number, dtype=np.uint64)
    kernels.number_newcomers(counts, kinds.name, np.uint64(economy.year), kind, identity)
    segment, spread, parent = kinds.segment[kind], np.ones(number), np.full(number, -1)
    if first:
        size, spun, aim = draws.several(economy, ("entry.size", "entry.spin_off", "entry.parent"), identity[:first])
        spread[:first] = np.exp(rules.entrant_size_sd * draws.as_normal(size))
        parent[:first] = parents(economy, segment[:first], spun < rules.spin_off, aim)
    if second < number:
        spread[second:] = np.exp(rules.arrival_size_sd * _normal(economy, "arrival.size", identity[second:]))
    small = rules.entrant_size * economy.small_output()
    size = np.concatenate((small, small, kinds.plant))[kind] * spread
    return Cohort(segment, identity, size, parent, kinds.owner[kind], kinds.rd[kind]), kind


def improve(economy: Economy, rows: Index, beyond: Array | float, most: float) -> None:
    """Let new enterprises `rows` (m,) start `beyond` what their segment can start from, log, and not above `most`."""
    start = economy.stages.innovation.attainable_quality(economy)[economy.segment[rows]]
    economy.quality[rows] = np.minimum(start + beyond, most)


def found_first_plants(economy: Economy, counts: Index, viability: Array) -> None:
    """Found the first plants of missing links, one where `counts` (S,) is 1; outside rivals lose what they win.

    Their size follows `viability` (S,), the demand that each could win over the minimum efficient scale.
    """
    rules, arrays = economy.stages.demography, economy.arrays
    if not counts.any():
        return
    segment = np.flatnonzero(counts)
    identity = np.array(
        [draws.mix(draws.name_hash(f"{arrays.names[k]} first plant"), economy.year) for k in segment], dtype=np.uint64
    )
    worth, filled = np.clip(viability, 1.0, LARGEST)[segment], economy.has_plant()
    size = rules.plant_size * arrays.min_efficient_scale[segment] * worth
    rows = add_cohort(economy, Cohort(segment, identity, size, np.full(segment.size, -1), usual=True))
    economy.quality[rows] = economy.stages.innovation.attainable_quality(economy)[segment]
    economy.first_plant[segment] = np.where(filled[segment], economy.first_plant[segment], economy.year)
    economy.flows.entered[FIRST_PLANTS] = rows
    sold = np.zeros((segment.size, 4))
    sold[:, NATIONAL_MARKET] = rules.plant_outside
    win_markets(economy, rows, size, sold)


def found_arrivals(economy: Economy, arrival: Arrival) -> None:
    """Found the plants of an arrival that come this year; outside rivals lose what they win."""
    rules, arrays = economy.stages.demography, economy.arrays
    identity = arrival_identities(economy, arrival)
    if not identity.size:
        return
    segment = drawn_segments(economy, arrival, identity)
    spread = np.exp(rules.arrival_size_sd * _normal(economy, "arrival.size", identity))
    size = np.full(identity.size, arrival.size) if arrival.size else arrays.min_efficient_scale[segment] * spread
    missing = economy.is_missing_link()
    rows = add_cohort(economy, Cohort(segment, identity, size, np.full(identity.size, -1), arrival.owner))
    improve(economy, rows, arrival.quality, rules.arrival_quality_most)
    economy.anchor[rows], economy.named[rows] = arrival.anchor, arrival.named
    economy.pioneer[rows] |= arrival.designed_in
    if arrival.named:
        economy.names |= dict.fromkeys(rows.tolist(), arrival.name)
    economy.first_plant[missing & economy.has_plant()] = economy.year
    economy.flows.entries += np.bincount(segment, minlength=arrays.size)
    economy.flows.entered[arrival.name] = rows
    sold = np.zeros((segment.size, 4))
    sold[:, NATIONAL_MARKET] = arrival.outside
    win_markets(economy, rows, size, sold)


def drawn_segments(economy: Economy, arrival: Arrival, identity: NDArray[np.uint64]) -> Index:
    """Segments of plants by weight, (m,)."""
    key = draws.draw_key(economy.seed, "arrival.segment", economy.year)
    return draws.chosen_by_name(key, identity, economy.arrays.names, arrival.weight)


def arrival_identities(economy: Economy, arrival: Arrival) -> NDArray[np.uint64]:
    """Identities of the plants that come this year, (m,); their number is drawn by name, so nobody shares its luck."""
    who = np.array([draws.name_hash(arrival.name)], dtype=np.uint64)
    number = arrival.number
    if number is None:
        mean = np.full(1, arrival.mean)
        check_room(economy, mean, arrival.name)
        number = int(draws.poisson(_uniform(economy, "arrival.number", who), mean)[0])
    check_room(economy, number, arrival.name)
    return identities(f"{arrival.name} arrival", economy.year, number) if number else np.zeros(0, dtype=np.uint64)


def parents(economy: Economy, segment: Index, spun: Flags, aim: Array) -> Index:
    """Row of the incumbent that each entrant `spun` (m,) off from, (m,), or -1: drawn by `aim` (m,) in its segment."""
    parent = np.full(segment.size, -1)
    key = draws.draw_key(economy.seed, "entry.parent.place", economy.year)
    parent[spun] = peers(economy.identity, economy.segment, economy.rows, key, segment[spun], aim[spun])
    return parent


def add_cohort(economy: Economy, cohort: Cohort) -> Index:
    """Append the rows of a cohort with character, productivity, links, capital and money; returns the rows."""
    added = economy.append(cohort.segment.size)
    describe(economy, added, cohort)
    endow(economy, added, cohort)
    connect(economy, cohort)
    return np.arange(added.start, added.stop)


def describe(economy: Economy, added: slice, cohort: Cohort) -> None:
    """Identity, place, owner, coefficients, productivity and quality of entrants."""
    arrays, fixed, k = economy.arrays, economy.calibration, cohort.segment
    rules, innovation = economy.stages.demography, economy.stages.innovation
    luck = draws.several(
        economy, ("entry.owner", "entry.high_tech", "entry.productivity", "entry.quality"), cohort.identity
    )
    in_productivity, in_quality = draws.as_normal(luck[2:])
    parent, spun = np.maximum(cohort.parent, 0), cohort.parent >= 0
    density = np.maximum(economy.region.park_staff, 1.0) / np.maximum(economy.region.park_staff_base, 1.0)
    chance = arrays.park_share * density
    if not economy.policy.is_neutral("park_pull"):
        chance = chance * np.exp(economy.policy.park_pull)[k]
    key = draws.draw_key(economy.seed, "entry.park", economy.year)
    park = draws.chosen_by_name(key, cohort.identity, arrays.park_names, chance)
    owner = (luck[0] > arrays.owner_steps.T[:-1].take(k, axis=1)).sum(axis=0)
    number, quality = economy.columns_by_segment(np.ones(economy.n), economy.quality)
    quality = np.where(number > 0, quality / np.maximum(number, 1.0), arrays.quality_gap)
    z = fixed.productivity_mean[k]
    if not cohort.usual:
        z = z + rules.entrant_productivity
        z = z + rules.entrant_productivity_sd * in_productivity
    values = {
        "identity": cohort.identity,
        "segment": k,
        "park": np.where(spun, economy.park[parent], park),
        "owner": np.where(np.asarray(cohort.owner) < 0, owner, cohort.owner),
        "founded": economy.year + 1,
        "active": True,
        "pioneer": fixed.base_enterprises[k] == 0,
        "high_tech": luck[1] < arrays.high_tech_share[k],
        "ordinary_coefficient": fixed.ordinary_norm[k],
        "skilled_coefficient": fixed.skilled_norm[k],
        "research_share": fixed.research_norm[k],
        "rd_share": cohort.rd * fixed.rd_norm[k],
        "priced_labour": 1.0,
        "reference_size": fixed.mean_size[k],
        "products": products(cohort.size / economy.small_output()[k], innovation.products_by_size),
        "log_productivity": z,
        "productivity": np.exp(z),
        "quality": quality[k] + innovation.quality_sd * in_quality,
        "price": 1.0,
        "markup": fixed.markup[k],
        "fill": 1.0,
    }
    for column, value in values.items():
        getattr(economy, column)[added] = value


def endow(economy: Economy, added: slice, cohort: Cohort) -> None:
    """Capital for the planned size, paid by equity and a loan, and knowledge at the norm; CNY million."""
    arrays, finance = economy.arrays, economy.stages.finance
    capital = arrays.capital_per_output[cohort.segment] * cohort.size / economy.efficiency_of(added)
    economy.capital[added] = economy.investment[added] = capital
    economy.debt[added] = finance.leverage * capital
    economy.flows.founded_capital += np.bincount(cohort.segment, weights=capital, minlength=arrays.size)
    keep = economy.stages.innovation.knowledge_depreciation
    economy.sales_stock[added] = cohort.size / keep
    economy.knowledge[added] = economy.rd_share[added] * cohort.size / keep
    own = (1.0 - finance.leverage) * capital + economy.stages.demography.entry_cash * cohort.size
    sectors.book_owners(economy, ENTRY_EQUITY, own, added)
    economy.ledger.book(Row.LOANS, finance.leverage * capital, added)
    economy.ledger.book(Row.INVESTMENT_GOODS, capital, added)


def connect(economy: Economy, cohort: Cohort) -> None:
    """Give entrants their slots: spin-offs start with their parent's suppliers, others choose next year."""
    key, arrays, links = draws.draw_key(economy.seed, "entry.slots", economy.year), economy.arrays, economy.links
    number = slots_by_input(arrays, cohort.identity, cohort.segment, cohort.size, key)
    per_buyer = number.sum(axis=1)
    count = int(per_buyer.sum())
    bought, supplier = np.empty(count, dtype=np.int32), np.empty(count, dtype=np.int32)
    coefficient = np.empty(count)
    kernels.lay_slots(
        parent=cohort.parent,
        segment=cohort.segment,
        number=number,
        technical=arrays.technical,
        start=links.start,
        link_input=links.input,
        supplier=links.supplier,
        bought=bought,
        chosen=supplier,
        coefficient=coefficient,
    )
    links.append(per_buyer, bought, supplier, coefficient)


def win_markets(economy: Economy, rows: Index, size: Array, sold: Array) -> Array:
    """Give entrants `sold` (m, 4) of their size in final markets, and orders to match; returns shares (m, 4)."""
    volume = economy.market_expenditure()[economy.segment[rows]]
    there = volume > 0
    sales = sold * size[:, None] * there
    share = sales / np.where(there, volume, 1.0)
    economy.market_share[rows] = share
    economy.expected_orders[rows] = group_sums.across(sales)
    won, appeal = share > 0, economy.stages.demand.appeal(economy)[rows, None]
    economy.goodwill[rows] = np.where(won, np.log(np.where(won, share, 1.0)) - appeal, NO_GOODWILL)
    return share


def _uniform(economy: Economy, purpose: str, identity: NDArray[np.uint64]) -> Array:
    return draws.uniform_for(draws.draw_key(economy.seed, purpose, economy.year), identity)


def _normal(economy: Economy, purpose: str, identity: NDArray[np.uint64]) -> Array:
    return draws.normal_for(draws.draw_key(economy.seed, purpose, economy.year), identity)
