"""Plants from outside are offered part of their capital, and more of them come.

    plants x 1 / (1 - x),   x = but_for x min(1, rate / typical rate):  x of those supported come for the incentive

The region has a stream of such plants without any policy (`economy.arrivals`). The incentive raises their number, and
pays whoever qualifies: support to plants that come in both worlds is windfall, 1 - x of the money. Rates of several
levers add up before x reaches its most, to the whole of the capital at most: a weaker lever has the room that is
left. Where the budget does not reach for the plants that can be expected, a lower rate is offered, which brings fewer.
For the first plant of a missing link the incentive is what a grant is: private money must carry less, and plants come
more easily, as far as the year's budget would pay for the largest. Plants come through channels of partners, the 'Five
Cooperations' with sister provinces, state groups, private and foreign enterprises and institutes; the channel says who
owns a plant, what it sells outside and how good it is.
Cost: the rate times the capital of every plant that comes, windfall included.
Source: Bartik (2018), median .127, unbiased studies .03; that it falls with the size of the incentive is judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy import arrivals
from chainsim.economy.arrivals import ChannelName
from chainsim.economy.columns import FIRST_PLANTS
from chainsim.economy.parameters import Positive, Share, parameter
from chainsim.economy.protocols import Point
from chainsim.economy.types import Array, Flags
from chainsim.policy.lever import Addressed, Lever, SharePath
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear

NOBODY = np.zeros(0, dtype=np.int64)


class InvestmentAttraction(Lever):
    """Incentives for plants from outside; `rate` is their share of the plant's capital."""

    paid_at: ClassVar[Point] = "founding"
    is_income: ClassVar[bool] = False
    meant_for: ClassVar[Addressed] = "segments"
    queues: ClassVar[bool] = False
    by_enterprise: ClassVar[bool] = False

    type: Literal["investment_attraction"] = Field("investment_attraction", description="Kind of lever.")
    # fmt: off
    rate: SharePath = parameter(..., "1", None, None, THE_SCENARIO, "public share of the capital of a plant")
    but_for: Share = parameter(0.127, "1", 0.03, 0.25, "S: Bartik 2018",
        "share of the plants supported that come for the incentive", lt=1)
    typical_rate: Positive = parameter(0.15, "1", 0.05, 0.30, "J",
        "rate at which that share holds; it falls with lower rates")
    channel: ChannelName | tuple[ChannelName, ...] = parameter((), "1", None, None, THE_SCENARIO,
        "partners whose plants qualify, one or several; all where none is named")
    # fmt: on

    def contradiction(self) -> str:
        """Rates add up, whatever is said of stacking."""
        return "expected stacking: add: rates of several add up to `but_for`" if self.stacking == "highest" else ""

    def meant(self, economy: Economy) -> Flags:
        """Plants that qualify, by segment and channel, (S, C)."""
        named = (self.channel,) if isinstance(self.channel, str) else self.channel
        partners = np.array([not named or name in named for name in arrivals.CHANNELS])
        return np.asarray(self.target.segment_mask(economy.arrays)[:, None] & partners)

    def factor(self, rate: float) -> float:
        """Factor on the number of plants at a rate."""
        return 1.0 / (1.0 - self.but_for * min(1.0, rate / self.typical_rate))

    def part(self, economy: Economy, lever_year: LeverYear) -> Array:
        """Part of its rate that levers of the type before it leave room for below the ceiling, (S, C)."""
        beside = np.zeros((economy.arrays.size, arrivals.SHARE.size))
        levers = {} if economy.programme is None else economy.programme.levers
        for name, account in economy.lever_years.items():
            lever = levers.get(name)
            if account is lever_year:
                break
            if isinstance(lever, InvestmentAttraction) and account.announced:
                beside += lever.strength(economy.year) * lever.meant(economy)
        rate = self.strength(economy.year)
        return np.clip(self.ceiling - beside, 0.0, rate) / rate

    def expected_capital(self, economy: Economy, lever_year: LeverYear) -> float:
        """Capital of plants that qualify and are to be expected in a year without policy, CNY million.

        It counts as far as there is room for the rate.
        """
        plants = arrivals.usual(economy) * arrivals.capital(economy) * lever_year.once(self.part, economy, lever_year)
        return float(plants[lever_year.once(self.meant, economy)].sum())

    def offered(self, economy: Economy, lever_year: LeverYear) -> float:
        """Rate that what is promised for the year pays for the plants to be expected; at most the one stated.

        Below the typical rate the money asked for, r K / (1 - b r), has a root in closed form; above it r K / (1 - b).
        """
        rate, capital = self.strength(economy.year), lever_year.once(self.expected_capital, economy, lever_year)
        if lever_year.promised >= self.cost(rate, capital):
            return rate
        slope = self.but_for / self.typical_rate
        low = lever_year.promised / (capital + slope * lever_year.promised)
        return low if low < self.typical_rate else lever_year.promised / (capital * self.factor(rate))

    def cost(self, rate: float, capital: float) -> float:
        """Incentives at a rate where plants of `capital`, CNY million, would come without; CNY million."""
        return rate * capital * self.factor(rate)

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Incentives for the plants to be expected, (1,), CNY million; first plants are too rare to plan for."""
        capital = lever_year.once(self.expected_capital, economy, lever_year)
        return np.array([self.cost(self.strength(economy.year), capital)])

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """More plants come, and private money carries less of the first plant of a missing link."""
        policy, meant = economy.policy, lever_year.once(self.meant, economy)
        share = self.but_for * self.offered(economy, lever_year) / self.typical_rate
        room = lever_year.once(self.part, economy, lever_year)
        policy.attraction = policy.attraction + np.where(meant, share * room, 0.0)
        policy.attraction_most = np.maximum(policy.attraction_most, np.where(meant, self.but_for, 0.0))
        part = (meant @ arrivals.SHARE) / arrivals.SHARE.sum()
        share = self.strength(economy.year) * part * (1.0 - policy.plant_grant)  # of what levers before leave
        money = self.affordable(lever_year)
        total, grants = arrivals.promised(economy, lever_year.name, self.kind, share, part, money)
        policy.plant_grant = total
        policy.plant_grants = grants

    def claim_first(self, economy: Economy, lever_year: LeverYear) -> Array:
        """What first plants that qualify counted on, (n,), CNY million."""
        claimed, rows = np.zeros(economy.n), economy.flows.entered.get(FIRST_PLANTS, NOBODY)
        if not rows.size:
            return claimed
        meant = lever_year.once(self.meant, economy)
        rows = rows[meant[economy.segment[rows], arrivals.partners(economy, rows)]]
        claimed[rows] = arrivals.owed(economy, lever_year.name, rows)
        return claimed

    def claim(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Incentives for the plants that came and qualify, (n,), CNY million."""
        claimed, meant, entered = np.zeros(economy.n), lever_year.once(self.meant, economy), economy.flows.entered
        offered = self.offered(economy, lever_year) * lever_year.once(self.part, economy, lever_year)
        for number, channel in enumerate(arrivals.CHANNELS):
            rows = entered.get(arrivals.entered_by(channel), NOBODY)
            if rows.size:
                rows = rows[meant[economy.segment[rows], number]]
                claimed[rows] = offered[economy.segment[rows], number] * economy.capital[rows]
        return claimed
