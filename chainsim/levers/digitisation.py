"""Enterprises of the using industries adopt software and the industrial internet.

    adopters a year: rate of those who have not,   ln A += gain over two years,   purchases of the inputs `buys` rise

An adopter pays `cost` of its sales, the public a part of it. Productivity saves labour: jobs of adopters fall. Part of
the adopters would have adopted anyway: they take the money and nothing else differs.
Cost: the public share of what adoption costs, for every adopter.
Source: judgement; no evidence was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from chainsim.economy import draws
from chainsim.economy.parameters import Name, Share, parameter
from chainsim.economy.types import Array, Flags
from chainsim.policy.lever import Lever, LeverYear, SharePath
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class Digitisation(Lever):
    """A grant for adopters, with what they buy and win."""

    type: Literal["digitisation"] = Field("digitisation", description="Kind of lever.")
    # fmt: off
    rate: SharePath = parameter(..., "1/y", None, None, THE_SCENARIO, "share of those meant who adopt in a year")
    cost: Share = parameter(0.03, "1", 0.01, 0.06, "J", "cost of adoption over yearly sales")
    support: Share = parameter(0.3, "1", 0.1, 0.5, "J", "public share of the cost")
    gain: Share = parameter(0.05, "log", 0.0, 0.1, "J", "productivity won over two years")
    additional: Share = parameter(0.7, "1", 0.3, 1.0, "J", "share of adopters who would not have adopted anyway")
    buys: dict[Name, Share] = parameter({}, "1", None, None, THE_SCENARIO,
        "added purchases of each input segment over the sales of an adopter")
    # fmt: on

    def adopting(self, economy: Economy, offer: Array) -> Flags:
        """Whether an enterprise adopts this year at the offered share, (n,)."""
        fresh = (economy.digital <= 0.0) & (economy.sales > 0.0)
        return fresh & (draws.uniform(economy, "lever.digitisation") < offer)

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """The public share of the cost of adoption, (n,), CNY million."""
        return self.support * self.cost * np.where(self.adopting(economy, offer), economy.sales, 0.0)

    def act(self, economy: Economy, lever_year: LeverYear, paid: Array) -> None:
        """Those served who would not have adopted anyway pay, buy and win; fewer of those who got less do."""
        u = draws.uniform_for(draws.draw_key(economy.seed, "lever.digitisation.additional", 0), economy.identity)
        served = self.support * self.cost * economy.sales
        part = np.divide(paid, served, out=np.zeros_like(paid), where=served > 0)
        adopting = u < self.additional * np.minimum(part, 1.0)
        economy.policy.charge("digitisation, cost of adoption", np.where(adopting, self.cost * economy.sales, 0.0))
        economy.policy.adoption = economy.policy.adoption + self.gain * adopting
        for segment, share in self.buys.items():
            product = economy.arrays.names.index(segment)
            usual = economy.arrays.technical[product, economy.segment]
            more = np.divide(share, usual, out=np.zeros(economy.n), where=usual > 0)
            economy.policy.purchases_raised = {
                **economy.policy.purchases_raised,
                f"{lever_year.name}.{segment}": (product, adopting, 1.0 + more),
            }
