"""Grants for investment: the public pays a share of new capital, first of all of small enterprises.

    user cost of capital x (1 - rate),   goodwill += min(gI rate, rate - won so far)     below `small_size` staff

Output is driven by demand, so a lower cost of capital alone moves no job; a grant widens the market reach of small
enterprises up to its rate, and does nothing of the kind for large ones. No effect on productivity. A missing link: the
minimum scale that private money must carry falls, plants come more easily, and the first one is paid its share, as
far as the year's budget would pay for one plant, and as plants without age and staff are meant.
Cost: rate times the investment made, large enterprises' too unless the target leaves them out.
Source: Criscuolo, Martin, Overman and Van Reenen (2019), +10 % jobs for +10 points, small enterprises only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy import arrivals
from chainsim.economy.columns import FIRST_PLANTS
from chainsim.economy.entry_points import left
from chainsim.economy.parameters import NonNegative, Share, parameter
from chainsim.economy.protocols import Point
from chainsim.economy.types import Array, Index
from chainsim.policy import targeting
from chainsim.policy.lever import Lever, LeverYear, SharePath
from chainsim.policy.targeting import THE_SCENARIO, Meant

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


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
        return self.of_newcomers(economy, targeting.plant_size(economy), targeting.entrant_owners(economy))

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """The offered share of planned investment, (n,), CNY million."""
        return offer * economy.stages.investment.planned(economy)

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """Capital costs less; small enterprises reach further; a plant in a missing link needs less private money."""
        policy = economy.policy
        policy.capital_subsidy = policy.capital_subsidy + offer
        small = (economy.employment < self.small_size) & (economy.stages.investment.planned(economy) > 0.0)
        aim = lever_year.beside + offer - economy.reach - policy.reach
        won = np.clip(aim, 0.0, self.reach * offer)
        policy.reach = policy.reach + np.where(small, won, 0.0)
        expected = self.first_plant_rate(economy, lever_year) * lever_year.new.meant.share
        of_the_rest = expected / (1.0 - lever_year.new.mean_beside())  # grants add up, others take what is left
        policy.plant_grant = left(policy.plant_grant, np.where(economy.is_missing_link(), of_the_rest, 0.0))

    def first_plant_rate(self, economy: Economy, lever_year: LeverYear) -> Array:
        """Share of the capital of a first plant that is offered, (S,): what the budget has left for one, at most."""
        money = self.affordable(lever_year) - lever_year.promised
        return np.minimum(lever_year.new.mean_stated(), arrivals.affordable_grant(economy, money))

    def claim(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """The offered share of investment made, and of the capital of first plants, (n,), CNY million."""
        claimed = offer * economy.investment
        rows = economy.flows.entered.get(FIRST_PLANTS, np.zeros(0, dtype=np.int64))
        rows = rows[self.eligible(economy)[rows]]
        rate = self.first_plant_rate(economy, lever_year)[economy.segment[rows]]
        claimed[rows] = rate * self.left_by_others(economy, rows) * economy.investment[rows]
        return claimed

    def left_by_others(self, economy: Economy, rows: Index) -> Array:
        """Share of the capital of first plants `rows` (m,) that levers of other types, named before, leave, (m,)."""
        capital, grants = economy.investment[rows], np.zeros(rows.size)
        for account in () if economy.programme is None else economy.programme.lever_years.values():
            if account.type == self.kind and account.paid.size == economy.n:
                grants += account.paid[rows]
        rest = capital - grants
        return np.divide(capital - economy.support[rows], rest, out=np.zeros(rows.size), where=rest > 0.0)
