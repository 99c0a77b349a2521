"""Enterprises from outside are won by paying part of their capital, through a channel of partners.

    projects = budget / (rate x capital of a plant)
    of which but_for x min(1, rate / typical rate) would not have come

Only those found a plant; the rest take the money and would have come anyway: windfall, paid to owners outside. Projects
settle where the region's purchases are, twice as often in missing links. A tax break brings more. The channel says who
owns the plant, what it sells outside from the start and how good it is: the 'Five Cooperations' are with state groups,
private and foreign enterprises, research institutes and sister provinces.
Cost: rate times the capital of every project, windfall included.
Source: Bartik (2018), median .127, unbiased studies .03; that it falls with the size of the incentive is judgement, as
are the channels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from chainsim.economy.arrays import OWNERS, Owner
from chainsim.economy.entry_points import Arrival
from chainsim.economy.parameters import NonNegative, Positive, Share, parameter
from chainsim.economy.protocols import Point
from chainsim.economy.types import Array
from chainsim.policy.lever import Lever, LeverYear, SharePath
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy

ChannelName = Literal["state_groups", "private", "foreign", "institutes", "sister_provinces"]


class Channel(NamedTuple):
    """Owner of the plants, part sold outside the region from the start, quality above the segment's gap (log)."""

    owner: Owner
    outside: float
    quality: float


CHANNELS: dict[str, Channel] = {
    "state_groups": Channel("state", 0.5, 0.2),
    "private": Channel("private", 0.5, 0.2),
    "foreign": Channel("foreign", 0.6, 0.4),
    "institutes": Channel("institute", 0.4, 0.4),
    "sister_provinces": Channel("private", 0.7, 0.3),
}
"""Partners of attraction; numbers are judgement, and `outside` and `quality` of the lever go before them."""


class InvestmentAttraction(Lever):
    """Incentives for plants from outside; `rate` is their share of the plant's capital."""

    paid_at: ClassVar[Point] = "founding"
    is_income: ClassVar[bool] = False
    by_enterprise: ClassVar[bool] = False

    type: Literal["investment_attraction"] = Field("investment_attraction", description="Kind of lever.")
    # fmt: off
    rate: SharePath = parameter(..., "1", None, None, THE_SCENARIO, "public share of the capital of a plant")
    projects: NonNegative | None = parameter(None, "projects/y", None, None, THE_SCENARIO,
        "projects a year that take the incentive; as many as the budget pays where not stated")
    but_for: Share = parameter(0.127, "1", 0.02, 0.25, "S: Bartik 2018",
        "share of projects that come for the incentive")
    typical_rate: Positive = parameter(0.15, "1", 0.05, 0.30, "J",
        "rate at which that share holds; it falls with lower rates")
    channel: ChannelName | dict[ChannelName, Share] = parameter("private", "1", None, None, THE_SCENARIO,
        "partners that projects come through, one or several with their shares")
    outside: Share | None = parameter(None, "1", 0.3, 0.8, "J",
        "part that the plants sell outside the region from the start; the channel's where not stated")
    quality: NonNegative | None = parameter(None, "log", 0.0, 0.5, "J",
        "quality of the plants above the segment's gap; the channel's where not stated")
    missing_weight: Positive = parameter(2.0, "1", 1.0, 4.0, "J",
        "weight of missing links over their demand in where projects go")
    # fmt: on

    def contradiction(self) -> str:
        """Without budget and number of projects nothing says how many come."""
        return "expected a budget or a number of projects" if self.budget is None and self.projects is None else ""

    def weight(self, economy: Economy) -> Array:
        """Where projects settle, (S,): by what the region buys of a segment."""
        missing = economy.calibration.base_enterprises == 0
        wanted = (
            np.where(missing, self.missing_weight, 1.0)
            * economy.region.demand
            * self.target.segment_mask(economy.arrays)
        )
        return wanted if wanted.any() else self.target.segment_mask(economy.arrays).astype(float)

    def plant_capital(self, economy: Economy) -> float:
        """Mean capital of a project, CNY million."""
        arrays, weight = economy.arrays, self.weight(economy)
        return float(weight @ (arrays.min_efficient_scale * arrays.capital_per_output) / weight.sum())

    def supported(self, economy: Economy, lever_year: LeverYear) -> float:
        """Projects of the year that take the incentive."""
        rate, capital = self.strength(economy.year), self.plant_capital(economy)
        paid = self.affordable(lever_year) / (rate * capital)
        return paid if self.projects is None else min(paid, self.phase(economy.year) * self.projects)

    def induced_share(self, economy: Economy) -> float:
        """Share of the projects that come for the incentive."""
        return self.but_for * min(1.0, self.strength(economy.year) / self.typical_rate)

    def shares(self) -> dict[str, float]:
        """Share of every channel."""
        stated = {self.channel: 1.0} if isinstance(self.channel, str) else self.channel
        return {str(name): share / sum(stated.values()) for name, share in stated.items()}

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """Plants arrive, on average as many as come for the incentive."""
        mean = self.supported(economy, lever_year) * self.induced_share(economy)
        plants = [
            Arrival(
                f"{lever_year.name}.{channel}",
                self.weight(economy),
                mean * share,
                OWNERS.index(CHANNELS[channel].owner),
                outside=CHANNELS[channel].outside if self.outside is None else self.outside,
                quality=CHANNELS[channel].quality if self.quality is None else self.quality,
                invited=True,
            )
            for channel, share in self.shares().items()
        ]
        economy.policy.arrivals = [*economy.policy.arrivals, *plants]

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """The incentive for all projects that come, (1,), CNY million."""
        capital = self.plant_capital(economy) * self.strength(economy.year)
        return np.array([self.supported(economy, lever_year) * capital])

    def claim(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Incentives for the plants that came for them, (n,), CNY million."""
        claimed = np.zeros(economy.n)
        for channel in self.shares():
            rows = economy.flows.entered.get(f"{lever_year.name}.{channel}", np.zeros(0, dtype=np.int64))
            claimed[rows] = self.strength(economy.year) * economy.capital[rows]
        return claimed

    def paid_outside(self, economy: Economy, lever_year: LeverYear, paid: Array) -> float:
        """Windfall: what projects take that would have come anyway, CNY million."""
        return (1.0 - self.induced_share(economy)) * lever_year.promised
