"""Plants that come from outside without policy, by segment and by the partners that bring them.

    plants of a segment and channel a year = rate x its enterprises x share of the channel
    a plant is built for what it sells outside from the start, outside x minimum efficient scale, and grows with what it
    wins here

None comes to a missing link: first plants have a rate of their own. In segments that sell little outside fewer come, so
that what they sell is at most a part of it. Rate, channels and their shares are judgement.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import draws
from chainsim.economy.arrays import NATIONAL_MARKET, OWNERS, Owner, ScenarioArrays
from chainsim.economy.entry_points import Arrival
from chainsim.economy.protocols import DemographyRules
from chainsim.economy.types import Array, Index

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy

MOST_TAKEN = 0.05
"""Largest part of a segment's sales outside that plants without policy take in a year, as expected."""

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
    """Plants a year under the policy of the year, (S, C)."""
    policy = economy.policy
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


def affordable_grant(economy: Economy, money: float) -> Array:
    """Share of the capital of a first plant of usual size that `money` pays, (S,), CNY million; may be above 1."""
    arrays, size = economy.arrays, economy.stages.demography.plant_size
    return np.asarray(money / (arrays.capital_per_output * size * arrays.min_efficient_scale))


def partners(economy: Economy, rows: Index) -> Index:
    """Channel by which first plants `rows` (m,) came, (m,): they come by the same channels as others."""
    steps = np.cumsum(SHARE)
    u = draws.uniform(economy, "first_plant.channel", rows)
    return np.minimum((u[:, None] > steps / steps[-1]).sum(axis=1), SHARE.size - 1)
