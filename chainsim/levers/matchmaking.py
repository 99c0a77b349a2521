"""Suppliers are introduced to buyers.

    buyers who review a link see the usual sample and `places` treated suppliers more,   V_treated += bonus

The bonus is of the meeting: a treated supplier has it also where the sample, or an order it has, would have shown it
anyway. In the usual places treated suppliers would only displace larger ones. What they win others lose: business
stealing is part of the result. Several programmes treat other suppliers each, and introduce them to their own buyers.
Cost: `cost` a year for every treated supplier.
Source: Cai and Szeidl (2018), sales of treated small firms +8.1 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy import draws
from chainsim.economy.entry_points import Introduction
from chainsim.economy.ledger import NATIONAL
from chainsim.economy.parameters import NonNegative, Positive, parameter
from chainsim.economy.types import Array
from chainsim.policy.lever import Kind, Lever, SharePath
from chainsim.policy.targeting import THE_SCENARIO, Target

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear


class Matchmaking(Lever):
    """A share of the suppliers meant, the same ones every year, meets buyers who review a link."""

    payee: ClassVar[str] = NATIONAL
    row: ClassVar[str] = "programme services"
    whole: ClassVar[bool] = True
    acts_as: ClassVar[Kind] = "service"

    type: Literal["matchmaking"] = Field("matchmaking", description="Kind of lever.")
    # fmt: off
    rate: SharePath = parameter(..., "1", None, None, THE_SCENARIO, "share of the suppliers meant that is treated")
    places: int = parameter(2, "enterprises", 1, 4, "T",
        "treated suppliers shown at a review, beside the usual", ge=1, le=8)
    bonus: NonNegative = parameter(0.3, "1", 0.1, 0.6, "T", "bonus of a supplier met in person")
    cost: Positive = parameter(0.02, "CNY million/y", 0.01, 0.05, "J", "cost of a treated supplier")
    # fmt: on
    buyers: Target = Field(Target(), description="Buyers who meet them; all where not stated.")

    def treated(self, economy: Economy, offer: Array, beside: Array | float = 0.0) -> Array:
        """1 for suppliers drawn into the programme at the offered share, beside those whom others treat, (n,)."""
        u = draws.uniform_for(draws.draw_key(economy.seed, "lever.matchmaking", 0), economy.identity)
        return np.where((u >= beside) & (u < beside + offer), 1.0, 0.0)

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Cost of the treated, (n,), CNY million; none where there is no buyer to meet."""
        met = self.buyers.holds(economy).any()
        return self.cost * self.treated(economy, offer, lever_year.beside) * met

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """Buyers meet the treated suppliers when they review a link."""
        policy, treated = economy.policy, self.treated(economy, offer, lever_year.beside) > 0.0
        who = lever_year.name, treated, self.buyers.holds(economy)
        policy.introductions = [*policy.introductions, Introduction(*who, self.places, self.bonus)]
