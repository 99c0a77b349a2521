"""Grants for investment: the public pays a share of new capital, first of all of small enterprises.

    user cost of capital x (1 - rate),   goodwill += min(gI rate, rate - won so far)     below `small_size` staff

Output is driven by demand, so a lower cost of capital alone moves no job; a grant widens the market reach of small
enterprises up to its rate, and does nothing of the kind for large ones. No effect on productivity. A missing link: the
minimum scale that private money must carry falls, plants come more easily, and the first one is paid its share, as
far as the year's budget would pay for the largest plant, and as plants without age and staff are meant.
Cost: rate times the investment made, large enterprises' too unless the target leaves them out.
Source: Criscuolo, Martin, Overman and Van Reenen (2019), +10 % jobs for +10 points, small enterprises only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy import arrivals
from chainsim.economy.columns import FIRST_PLANTS
from chainsim.economy.parameters import NonNegative, Share, parameter
from chainsim.economy.protocols import Point
from chainsim.economy.types import Array
from chainsim.policy import targeting
from chainsim.policy.lever import Lever, SharePath
from chainsim.policy.targeting import THE_SCENARIO, Meant

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear

NOBODY = np.zeros(0, dtype=np.int64)


class InvestmentGrant(Lever):
    """A grant in proportion to investment: applied for in January, paid when the investment is."""

    paid_at: ClassVar[Point] = "founding"
    is_income: ClassVar[bool] = False
    ceiling: ClassVar[float] = 0.9

    type: Literal["investment_grant"] = Field("investment_grant", description="Kind of lever.")
    # fmt: off
    rate: SharePath = parameter(..., "1", None, None, THE_SCENARIO, "public share of investment")
    reach: Share = parameter(0.25, "1/y", 0.0, 0.35, "T: small enterprises answer as in Criscuolo et al. 2019",
        "market reach that small enterprises win a year, per unit of the rate, until it equals the rate; gI")
    small_size: NonNegative = parameter(150.0, "persons", 50.0, 250.0, "S: Criscuolo et al. 2019",
        "staff of a small enterprise")
    # fmt: on

    def newcomers(self, economy: Economy) -> Meant:
        """Those first plants that it is meant for."""
        return self.of_newcomers(economy, targeting.plant_size, targeting.entrants)

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """The offered share of planned investment, (n,), CNY million."""
        return offer * lever_year.once(economy.stages.investment.planned, economy)

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """Capital costs less; small enterprises reach further; a plant in a missing link needs less private money."""
        policy = economy.policy
        policy.capital_subsidy = policy.capital_subsidy + offer
        small = (economy.employment < self.small_size) & (
            lever_year.once(economy.stages.investment.planned, economy) > 0.0
        )
        aim = lever_year.beside + offer - economy.reach - policy.reach
        won = np.clip(aim, 0.0, self.reach * offer)
        policy.reach = policy.reach + np.where(small, won, 0.0)
        new, money = lever_year.new, self.affordable(lever_year) - lever_year.promised
        others, grants = arrivals.granted_before(economy, self.kind)
        share = new.mean_stated() * new.meant.share * (1.0 - others)  # of what levers of other types leave
        if self.stacking == "highest":  # what those before are too short to pay, up to its own level
            share = np.maximum(share, self.strength(economy.year) * new.meant.share * (1.0 - others) - grants)
        total, who = arrivals.promised(economy, lever_year.name, self.kind, share, new.meant.share, money)
        policy.plant_grant = total
        policy.plant_grants = who

    def counted_on(self, economy: Economy, lever_year: LeverYear) -> Array:
        """All that a first plant is promised, (S,): enterprises that ask do not use up the money for it."""
        return np.ones(economy.arrays.size)

    def claim_first(self, economy: Economy, lever_year: LeverYear) -> Array:
        """What first plants that it is meant for counted on, (n,), CNY million."""
        claimed, rows = np.zeros(economy.n), economy.flows.entered.get(FIRST_PLANTS, NOBODY)
        if rows.size:
            rows = rows[self.eligible(economy)[rows]]
            claimed[rows] = arrivals.owed(economy, lever_year.name, rows)
        return claimed

    def claim(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """The offered share of investment made by those who were there in January, (n,), CNY million."""
        return offer * economy.investment
