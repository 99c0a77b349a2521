"""Plants that come from outside without policy, by segment and by the partners that bring them.

    plants of a segment and channel a year = rate x its enterprises x share of the channel
    a plant is built for what it sells outside from the start, outside x minimum efficient scale, and grows with what it
    wins here

None comes to a missing link: first plants have a rate of their own. In segments that sell little outside fewer come, so
that what they sell is at most a part of it. Rate, channels and their shares are judgement.

What levers pay of a first plant of a missing link is promised in January, counted on by it, and then paid:

    share of a lever = min(rate x what those before leave, money / capital of the largest first plant)

so whatever size comes is paid what it counted on. Plants of one year come one after another, in an order drawn by lot:
what the first counts on is reserved, the next one counts on what is left, and comes only if that is enough for it.
Together levers pay `MOST_GRANTED` at most.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import draws
from chainsim.economy.arrays import NATIONAL_MARKET, OWNERS, Owner, ScenarioArrays
from chainsim.economy.entry_points import Arrival, PlantGrant
from chainsim.economy.protocols import DemographyRules
from chainsim.economy.types import Array, Flags, Index

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy

MOST_TAKEN = 0.05
"""Largest part of a segment's sales outside that plants without policy take in a year, as expected."""
MOST_GRANTED = 0.9
"""Largest public share of the capital of a first plant."""
LARGEST = 2.0
"""Size of the largest first plant, which demand calls for, over the usual one."""

ChannelName = Literal["sister_provinces", "state_groups", "private", "institutes", "foreign"]


class Channel(NamedTuple):
    """Partners of plants: share of the plants, owner, part of the minimum scale that they sell outside from the start.

    `quality` is beyond what the segment can start from, log: 0 in the mean, because the segment's gap holds those that
    came before.
    """

    share: float
    owner: Owner
    outside: float
    quality: float


CHANNELS: dict[ChannelName, Channel] = {
    "sister_provinces": Channel(0.3, "private", 0.7, 0.02),
    "state_groups": Channel(0.25, "state", 0.5, -0.08),
    "private": Channel(0.2, "private", 0.5, -0.08),
    "institutes": Channel(0.15, "institute", 0.4, 0.12),
    "foreign": Channel(0.1, "foreign", 0.6, 0.12),
}
"""The channels of the 'Five Cooperations'; their numbers are judgement."""
SHARE = np.array([channel.share for channel in CHANNELS.values()])
OUTSIDE = np.array([channel.outside for channel in CHANNELS.values()])
QUALITY = np.array([channel.quality for channel in CHANNELS.values()])
OWNER = np.array([OWNERS.index(channel.owner) for channel in CHANNELS.values()])


def entered_by(channel: str) -> str:
    """Name under which plants of a channel stand among those who entered in the year."""
    return f"arrivals.{channel}"


def usual(economy: Economy) -> Array:
    """Plants a year without policy, (S, C) over segments and channels."""
    return economy.once(usual_of, economy.arrays, economy.stages.demography, economy.calibration.base_enterprises)


def usual_of(arrays: ScenarioArrays, stage: DemographyRules, base_enterprises: Index) -> Array:
    """The same, which no year changes; not to be written to."""
    served = arrays.chain & (arrays.expenditure[0][:, NATIONAL_MARKET] > 0)
    plants = np.where(served, stage.arrivals / 1000.0 * base_enterprises, 0.0)
    sold = SHARE @ planned_of(arrays, stage).T
    most = MOST_TAKEN * arrays.market_sales[:, NATIONAL_MARKET] / sold
    found = np.minimum(plants, most)[:, None] * SHARE
    found.flags.writeable = False
    return found


def means(economy: Economy) -> Array:
    """Plants a year under the policy of the year, (S, C); not to be written to."""
    policy = economy.policy
    if all(map(policy.is_neutral, ("location", "attraction", "attraction_most"))):
        return usual(economy)
    for_incentives = np.minimum(policy.attraction, policy.attraction_most)
    return usual(economy) * policy.location[:, OWNER] / (1.0 - for_incentives)


def planned(economy: Economy) -> Array:
    """Output that a plant is built for in the mean, (S, C), CNY million."""
    return planned_of(economy.arrays, economy.stages.demography)


def planned_of(arrays: ScenarioArrays, stage: DemographyRules) -> Array:
    """The same of a scenario, (S, C), CNY million."""
    return arrays.min_efficient_scale[:, None] * OUTSIDE * np.exp(0.5 * stage.arrival_size_sd**2)


def capital(economy: Economy) -> Array:
    """Capital of a plant in the mean, (S, C), CNY million."""
    return economy.arrays.capital_per_output[:, None] * planned(economy)


def drawn(economy: Economy) -> Array:
    """Uniform numbers in (0, 1) of the segments and channels this year, (S C,), by which plants come."""
    return draws.uniform_for(
        draws.draw_key(economy.seed, "demography.arrivals", economy.year), luck(economy.arrays.names)
    )


def expected_sales(economy: Economy) -> Array:
    """What plants without policy are expected to sell in the nation in a year, (S,), CNY million."""
    return economy.once(expected_of, economy.arrays, economy.stages.demography, economy.calibration.base_enterprises)


def expected_of(arrays: ScenarioArrays, stage: DemographyRules, base_enterprises: Index) -> Array:
    """The same, which no year changes."""
    return np.asarray((usual_of(arrays, stage, base_enterprises) * planned_of(arrays, stage)).sum(axis=1))


@lru_cache(maxsize=64)
def luck(segments: tuple[str, ...]) -> NDArray[np.uint64]:
    """Identities to which the luck of arrivals belongs, by segment and channel, (S C,)."""
    return draws.hashed([f"{segment}.{channel}" for segment in segments for channel in CHANNELS])


def following_anchors(stage: DemographyRules, economy: Economy) -> list[Arrival]:
    """Plants that come after anchors, by input: drawn by what anchors buy in the nation and miss in the region."""
    anchors = economy.anchor & economy.active
    if not anchors.any():
        return []
    links, arrays = economy.links, economy.arrays
    bought = np.where(anchors[links.buyer], links.coefficient * economy.output[links.buyer], 0.0)
    local = np.where(links.supplier >= 0, bought, 0.0)
    wanted, had = (np.bincount(links.input, weights=part, minlength=arrays.size) for part in (bought, local))
    trade = economy.flows.trade.sum(axis=1)
    abroad = np.divide(trade[:, 2], trade.sum(axis=1), out=np.zeros(arrays.size), where=trade.sum(axis=1) > 0)
    usual = economy.mean_by_segment(economy.sales)
    plant = np.maximum(arrays.min_efficient_scale, stage.follower_size * usual)
    lacking = np.maximum(stage.colocation_share * (1.0 - abroad) * wanted - had, 0.0)
    private = OWNERS.index("private")
    return [
        Arrival(
            f"colocation.{arrays.names[k]}",
            np.eye(arrays.size)[k],
            float(stage.colocation * lacking[k] / plant[k]),
            private,
            size=float(plant[k]),
            outside=stage.plant_outside,
            designed_in=True,
        )
        for k in np.flatnonzero(lacking > 0.0)
    ]


def partners(economy: Economy, rows: Index) -> Index:
    """Channel by which first plants `rows` (m,) came, (m,): they come by the same channels as others."""
    steps = np.cumsum(SHARE)
    u = draws.uniform(economy, "first_plant.channel", rows)
    return np.minimum((u[:, None] > steps / steps[-1]).sum(axis=1), SHARE.size - 1)


def largest_capital(economy: Economy) -> Array:
    """Capital of the largest first plant that may come this year, (S,), CNY million."""
    arrays, size = economy.arrays, LARGEST * economy.stages.demography.plant_size * economy.arrays.min_efficient_scale
    return arrays.capital_per_output * size * economy.cost_lag() / np.exp(economy.calibration.productivity_mean)


def granted_before(economy: Economy, kind: str) -> tuple[Array, Array]:
    """Shares of the capital, (S,), that levers of other types and that those of a `kind` pay by now."""
    own = sum(
        (grant.share for grant in economy.policy.plant_grants if grant.kind == kind), np.zeros(economy.arrays.size)
    )
    return economy.policy.plant_grant - own, own


def promised(
    economy: Economy, name: str, kind: str, share: Array, meant: Array, money: float
) -> tuple[Array, list[PlantGrant]]:
    """What is promised first plants, and by whom, with a `share` (S,) by lever `name` of a `kind`.

    The share of the capital is in the mean of all plants, of whom a part is `meant` (S,). It is cut to what its
    `money`, CNY million, pays of the largest one, and to what others leave of the most that is granted.
    """
    policy, there = economy.policy, economy.is_missing_link() & (meant > 0.0)
    affordable = np.where(there, money / largest_capital(economy), 0.0) * meant
    most = np.minimum(affordable, MOST_GRANTED - policy.plant_grant)
    share = np.where(there, np.clip(share, 0.0, np.maximum(most, 0.0)), 0.0)
    if not share.any():
        return policy.plant_grant, policy.plant_grants
    return policy.plant_grant + share, [*policy.plant_grants, PlantGrant(name, kind, share, meant, money)]


def one_by_one(
    economy: Economy, came: Flags, comes: Callable[[int, float], bool] = lambda link, share: True
) -> tuple[Flags, dict[str, Array]]:
    """Which of the first plants that `came` (S,) come one after another, and what each lever pays, (S,) by its name.

    `comes` says whether a plant of a segment comes where it counts on a public share of its capital.
    """
    grants, there, largest = economy.policy.plant_grants, np.zeros_like(came), largest_capital(economy)
    left, counted = [grant.money for grant in grants], {grant.name: np.zeros(came.size) for grant in grants}
    for link in turns(economy, came):
        parts = [_paid(grant, link, money / largest[link]) for grant, money in zip(grants, left, strict=True)]
        lost = sum(grant.share[link] - part for grant, part in zip(grants, parts, strict=True))
        there[link] = comes(link, float(economy.policy.plant_grant[link] - lost)) if lost > 0.0 else True
        if there[link]:
            for number, (grant, part) in enumerate(zip(grants, parts, strict=True)):
                rate = part / grant.meant[link] if grant.meant[link] > 0.0 else 0.0
                counted[grant.name][link] = rate
                left[number] = max(left[number] - rate * largest[link], 0.0)
    return there, counted


def _paid(grant: PlantGrant, link: int, rate: float) -> float:
    """The share that a lever pays in the mean where its money makes a `rate`, which has no end without a budget."""
    return float(min(grant.share[link], rate * grant.meant[link])) if grant.meant[link] > 0.0 else 0.0


def turns(economy: Economy, came: Flags) -> Index:
    """Segments of the first plants that `came` (S,), in the order in which they are served, (m,)."""
    links = np.flatnonzero(came)
    return links[np.argsort(draws.by_name(economy, "first_plant.turn")[links], kind="stable")]


def owed(economy: Economy, name: str, rows: Index) -> Array:
    """What a lever owes first plants `rows` (m,) that it is meant for, as they counted on, (m,), CNY million."""
    rate = economy.flows.plant_shares.get(name, np.zeros(economy.arrays.size))[economy.segment[rows]]
    capital = economy.capital[rows]
    return np.minimum(rate * capital, np.maximum(MOST_GRANTED * capital - economy.support[rows], 0.0))
