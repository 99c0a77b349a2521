"""Whether a missing link is worth a first plant, how often one comes, and what would open it.

    v_l = (sum_b U_lb P_lb + x_l) / MES_l                                viability: demand a first plant could win
    rate = e0 max(0, v_l - 1) + e1 s0 g_l X_l / MES_l                    while the segment has no plant of half scale

U are purchases made outside, P the buyers' own logit with one local supplier at the quality that the knowledge around
the link allows (`Innovation.attainable_quality`) and the design-in bonus, x sales to the rest of the nation, X the
national market and g its growth. Judgement; swept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chainsim.economy import arrivals, draws
from chainsim.economy.arrays import NATIONAL_MARKET
from chainsim.economy.arrivals import MOST_GRANTED
from chainsim.economy.columns import Calibration
from chainsim.economy.protocols import DemandRules, DemographyRules, SourcingRules, StageRules
from chainsim.economy.types import Array, Flags, Index

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy

WAIT = 10.0
"""Years within which a link of even odds is filled in every second run."""
LEVELS = np.linspace(0.0, 1.0, 65)
"""Qualities tried between today's and the frontier in the search for what opens a link; between two it is straight."""


class EntryMarket(NamedTuple):
    """What a first plant of any quality meets, in each of m segments, of one year or of several.

    What is `bought` outside (m, S), CNY million; the pull of a local plant that buyers design in, `home` (m, S), and of
    all `outside` supply (m, S); the quality that buyer segments require (m, S); `national` expenditure (m,), CNY
    million; and the mean quality of the region's segments in the base year, `usual` (m,), log.
    """

    bought: Array
    home: Array
    outside: Array
    required: Array
    national: Array
    usual: Array


class Links(NamedTuple):
    """What the base year says of missing links, whatever the year.

    Their `rows` among segments (l,), the pull of a local plant that buyers design in, `home`, and the odds constant of
    foreign supply, `abroad` (l, S); mean quality of segments that began with enterprises, `usual` (l,), log.
    """

    rows: Index
    home: Array
    abroad: Array
    usual: Array


def links_of(fixed: Calibration, quality_gap: Array, sourcing: SourcingRules[Economy]) -> Links:
    """The missing links of a base year."""
    served = fixed.base_enterprises > 0
    usual = float(quality_gap[served].mean()) if served.any() else 0.0
    rows = np.flatnonzero(fixed.base_enterprises == 0)
    return Links(
        rows=rows,
        home=np.exp(fixed.home[rows] + sourcing.design_in),
        abroad=np.exp(fixed.abroad[rows]),
        usual=np.full(rows.size, usual),
    )


def missing(economy: Economy) -> Links:
    """The segments that began without enterprises."""
    return economy.once(links_of, economy.calibration, economy.arrays.quality_gap, economy.stages.sourcing)


def entry_market(economy: Economy) -> EntryMarket:
    """What first plants of the segments that began without enterprises meet this year."""
    sourcing, links = economy.stages.sourcing, missing(economy)
    buyers, weighted = economy.columns_by_segment(economy.expected_orders, economy.expected_orders * economy.quality)
    quality = np.divide(weighted, buyers, out=np.zeros_like(buyers), where=buyers > 0)
    pull, trade = sourcing.outside_pull(economy)[links.rows], economy.flows.trade[links.rows]
    required = quality - sourcing.quality_tolerance
    return EntryMarket(
        bought=trade[:, :, 1] + trade[:, :, 2],
        home=links.home,
        outside=pull[:, :1] + pull[:, 1:] * links.abroad,
        required=required[None].repeat(links.rows.size, axis=0),
        national=economy.market_expenditure()[links.rows, NATIONAL_MARKET],
        usual=links.usual,
    )


def choice_probability(sourcing: SourcingRules[Economy], market: EntryMarket, start: Array) -> Array:
    """Probability that a slot is won by a local plant of quality `start` (..., m), (..., m, S) by buyer segment."""
    worth = sourcing.quality_worth
    better = worth(start[..., None] - market.required) - worth(-market.required)
    odds = market.home * np.exp(better) / market.outside
    return odds / (1.0 + odds)


def local_sales(sourcing: SourcingRules[Economy], market: EntryMarket, start: Array) -> Array:
    """Purchases made outside that a first plant of quality `start` (..., m) could win, (..., m), CNY million."""
    return np.asarray((market.bought * choice_probability(sourcing, market, start)).sum(axis=-1), dtype=np.float64)


def outside_sales(stage: DemographyRules, demand: DemandRules[Economy], market: EntryMarket, start: Array) -> Array:
    """Sales to the rest of the nation that a first plant of quality `start` (..., m) can expect, CNY million."""
    appeal = np.exp(demand.quality_elasticity * (start - market.usual))
    return stage.outside_share * market.national * appeal


def grant(economy: Economy) -> Array:
    """Public share of the capital of a first plant, (S,)."""
    return np.minimum(economy.policy.plant_grant, MOST_GRANTED)


def plant_scale(economy: Economy) -> Array:
    """Minimum efficient scale that private money must carry, (S,), CNY million."""
    if economy.policy.is_neutral("plant_grant"):
        return economy.arrays.min_efficient_scale
    return economy.arrays.min_efficient_scale * (1.0 - grant(economy))


def viability(stage: DemographyRules, economy: Economy) -> Array:
    """Demand that a first plant could win over the minimum efficient scale, (S,); 0 if the link was never missing."""
    links, viable = missing(economy).rows, np.zeros(economy.arrays.size)
    if links.size:
        market, start = entry_market(economy), economy.stages.innovation.attainable_quality(economy)[links]
        rules = economy.stages
        sales = local_sales(rules.sourcing, market, start) + outside_sales(stage, rules.demand, market, start)
        viable[links] = sales / plant_scale(economy)[links]
    return viable


def outside_rate(stage: DemographyRules, economy: Economy) -> Array:
    """Rate at which first plants come whatever they could win here, (S,), 1/y: the region's part of new plants."""
    expenditure, year = economy.arrays.expenditure[:, :, NATIONAL_MARKET], economy.years
    new_plants = np.maximum(expenditure[year] - expenditure[max(year - 1, 0)], 0.0) / plant_scale(economy)
    invited = located(economy)
    if not economy.policy.is_neutral("plant_grant"):
        invited = np.exp(stage.location_response * economy.policy.plant_grant) * invited
    return np.asarray(stage.outside_rate * stage.outside_share * new_plants * invited)


def arrival_rate(stage: DemographyRules, viable: Array, filled: Flags, outside: Array) -> Array:
    """Rate of first plants of missing links with viability `viable` (m,) and an `outside` rate (m,), (m,), 1/y.

    Part of the demand term once the link is `filled` (m,) by a plant.
    """
    demand = stage.link_rate * np.maximum(0.0, viable - 1.0)
    return np.where(filled, stage.followers * demand, demand + outside)


def first_plant_rate(stage: DemographyRules, economy: Economy) -> Array:
    """Rate of first plants this year, (S,), 1/y; 0 of segments that never were missing."""
    links, rate = missing(economy).rows, np.zeros(economy.arrays.size)
    if links.size:
        viable, outside = viability(stage, economy)[links], outside_rate(stage, economy)[links]
        rate[links] = arrival_rate(stage, viable, economy.has_plant()[links], outside)
    return rate


def first_plants(stage: DemographyRules, economy: Economy) -> Index:
    """First plants that come this year, (S,): at most one a segment, one after another where levers pay for them."""
    rate = first_plant_rate(stage, economy)
    if not rate.any():
        return np.zeros(rate.size, dtype=np.int64)
    luck = draws.by_name(economy, "demography.first_plant")
    came = luck < -np.expm1(-rate)
    if economy.policy.plant_grants and np.count_nonzero(came) > 1:
        came, _ = arrivals.one_by_one(economy, came, still_comes(stage, economy, luck))
    return came.astype(np.int64)


def still_comes(stage: DemographyRules, economy: Economy, luck: Array) -> Callable[[int, float], bool]:
    """Whether a first plant comes by its `luck` (S,) where it counts on a smaller public share than was promised."""
    viable, outside, filled = viability(stage, economy), outside_rate(stage, economy), economy.has_plant()
    carried = 1.0 - grant(economy)

    def comes(link: int, share: float) -> bool:
        more = carried[link] / (1.0 - min(share, MOST_GRANTED))  # of what private money carries
        invited = np.exp(stage.location_response * (share - economy.policy.plant_grant[link]))
        one = np.array([link])
        rate = arrival_rate(stage, more * viable[one], filled[one], more * invited * outside[one])
        return bool(luck[link] < -np.expm1(-rate[0]))

    return comes


def located(economy: Economy) -> Array:
    """Factor on first plants by the breaks of their owners, (S,), who are those of entrants."""
    if economy.policy.is_neutral("location"):
        return np.ones(economy.arrays.size)
    location, owners = economy.policy.location, np.diff(economy.arrays.owner_steps, axis=1, prepend=0.0)
    return location[:, 0] + (owners * (location - location[:, :1])).sum(axis=1)  # exact where all are alike


def viability_of_even_odds(stage: DemographyRules, outside: Array) -> Array:
    """Viability at which a first plant comes within ten years in every second run, (l,), all else as this year.

    `outside` (l,) is the rate at which plants come whatever they could win here, 1/y. Not a number where demand brings
    none (e0 = 0) and `outside` too few.
    """
    lacking = np.maximum(np.log(2.0) / WAIT - outside, 0.0)
    if stage.link_rate <= 0.0:
        return np.where(lacking > 0.0, np.nan, 1.0)
    return 1.0 + lacking / stage.link_rate


class Conditions(NamedTuple):
    """What a first plant of each missing link meets, (m,) each beside its market, of one year or of several.

    The quality that it can `start` from, log; the least `scale` of a plant and what private money must `carry` of it,
    CNY million; the `grant` and the `outside` rate; whether the link is `filled`, and how many enterprises it has.
    """

    market: EntryMarket
    start: Array
    scale: Array
    carry: Array
    grant: Array
    outside: Array
    filled: Flags
    enterprises: Array


def conditions(stage: DemographyRules, economy: Economy) -> Conditions:
    """What first plants of the segments that began without enterprises meet at the end of this year."""
    links, there = missing(economy).rows, economy.segment[economy.in_missing_links()]
    return Conditions(
        market=entry_market(economy),
        start=economy.stages.innovation.attainable_quality(economy)[links],
        scale=economy.arrays.min_efficient_scale[links],
        carry=plant_scale(economy)[links],
        grant=grant(economy)[links],
        outside=outside_rate(stage, economy)[links],
        filled=economy.has_plant()[links],
        enterprises=np.bincount(there, minlength=economy.arrays.size)[links].astype(float),
    )


def of_years(years: Sequence[Conditions]) -> Conditions:
    """The conditions of several years as those of so many more links, year by year."""
    markets = zip(*(year.market for year in years), strict=True)
    others = zip(*(year[1:] for year in years), strict=True)
    return Conditions(EntryMarket(*map(np.concatenate, markets)), *map(np.concatenate, others))


def opening_quality(
    stage: DemographyRules, stages: StageRules[Economy], market: EntryMarket, today: Array, scale: Array
) -> Array:
    """Quality beyond `today` (m,) that alone lets a plant of `scale` (m,) sell what it makes, (m,), log.

    Not a number where not even the frontier does.
    """
    tried = LEVELS[:, None] * np.maximum(-today, 0.0)
    start = today + tried
    sold = local_sales(stages.sourcing, market, start) + outside_sales(stage, stages.demand, market, start)
    enough, link = sold >= scale, np.arange(today.size)
    above = enough.argmax(axis=0)
    below = np.maximum(above - 1, 0)
    gain = sold[above, link] - sold[below, link]
    part = np.divide(scale - sold[below, link], gain, out=np.zeros_like(gain), where=gain > 0)
    needed = tried[below, link] + part * (tried[above, link] - tried[below, link])
    return np.where(enough.any(axis=0), needed, np.nan)


def prospects(stage: DemographyRules, stages: StageRules[Economy], met: Conditions) -> dict[str, Array]:
    """Why links stay missing under the conditions `met`: (m,) by name of the column.

    What a first plant could win, what stands against it, how often one comes, what alone would make one worth coming
    (viability 1: the factor on demand, the public share of capital, the quality beyond today's), and the viability at
    which one comes within ten years with even odds.
    """
    market, start = met.market, met.start
    local = local_sales(stages.sourcing, market, start)
    national = outside_sales(stage, stages.demand, market, start)
    viable = (local + national) / met.carry
    needed = 1.0 - viable * (1.0 - met.grant)
    return {
        "entry_quality": start,
        "demand_local": local,
        "demand_national": national,
        "scale": met.scale,
        "grant": met.grant,
        "viability": viable,
        "rate": arrival_rate(stage, viable, met.filled, met.outside),
        "enterprises": met.enterprises,
        "filled": met.filled.astype(float),
        "opens_demand": np.maximum(1.0, 1.0 / np.maximum(viable, 1e-300)),
        "opens_grant": np.where(needed > MOST_GRANTED, np.nan, np.maximum(needed, 0.0)),
        "opens_quality": opening_quality(stage, stages, market, start, met.carry),
        "viability_even_odds": viability_of_even_odds(stage, met.outside),
    }
