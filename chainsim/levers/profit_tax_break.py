"""Points off the profit tax.

    tax = (tau - points) x taxable profit,   points <= tau
    arrivals by owner x exp(2.5 points x part of the plants that are meant x part of the relief that is granted)
    a unit of deductible R&D is worth tau - rd_response x points to its enterprise

A lower rate also makes deductions of R&D worth less; by the user cost alone R&D would fall by a tenth or more, for
which there is no evidence, so this response is off by default and has a range. What a province wins is mostly displaced
from other provinces. Plants count on what the enterprises meant in their segment get: where nobody of them has a profit
to tax, nothing is promised; for a link that nobody makes here yet, they count on what the break pays elsewhere.
Cost: the tax forgone; the tax by law is booked in full and the relief paid back, so it can be seen.
Source: Feld and Heckemeyer (2011).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.parameters import Share, parameter
from chainsim.economy.protocols import Point
from chainsim.economy.types import Array
from chainsim.policy import targeting
from chainsim.policy.lever import Kind, Lever, SharePath
from chainsim.policy.targeting import THE_SCENARIO, Meant

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear


class ProfitTaxBreak(Lever):
    """A lower rate of the profit tax."""

    strength_field: ClassVar[str] = "points"
    paid_at: ClassVar[Point] = "taxes"
    is_income: ClassVar[bool] = False
    acts_as: ClassVar[Kind] = "tax"

    type: Literal["profit_tax_break"] = Field("profit_tax_break", description="Kind of lever.")
    # fmt: off
    points: SharePath = parameter(..., "1", None, None, THE_SCENARIO, "cut of the rate, .1 for ten points")
    rd_response: Share = parameter(0.0, "1", 0.0, 1.0, "J",
        "part of the fall in what deductions of R&D are worth at the lower rate that R&D answers to")
    # fmt: on

    def newcomers(self, economy: Economy) -> Meant:
        """Those plants from outside that it is meant for."""
        return self.of_newcomers(economy, targeting.plant_size, targeting.plants_from_outside, running=True)

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """The rate falls, and plants from outside come more easily, as far as the budget pays for what is asked."""
        policy, rules, arrays = economy.policy, economy.stages.demography, economy.arrays
        new = lever_year.new
        policy.tax_cut = np.minimum(policy.tax_cut + offer, economy.profit_tax_rate())
        policy.rd_tax_cut = policy.rd_tax_cut + self.rd_response * np.where(lever_year.asked > 0.0, offer, 0.0)
        normal, high_tech = arrays.profit_tax
        rate = normal + (high_tech - normal) * arrays.high_tech_share
        cut = np.stack([of.mean(added(of.stated, of.beside, rate[:, None])) for of in new.by_owner()], axis=1)
        granted = cut * lever_year.served(economy)[:, None]
        policy.location = policy.location * np.exp(rules.location_response * granted)

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Tax that last year's profit would save, (n,), CNY million."""
        points = added(offer, lever_year.beside, economy.profit_tax_rate())
        return points * economy.stages.finance.taxable(economy)

    def claim(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Tax saved, (n,), CNY million, on all that is taxable; deductions beyond the law save the lower rate."""
        taxable = np.maximum(economy.flows.taxable, 0.0)
        return added(offer, lever_year.beside, economy.profit_tax_rate()) * taxable


def added(points: Array, beside: Array, rate: Array) -> Array:
    """What of `points` a `rate` of tax still has beside those that other breaks took off, arrays of one shape."""
    return np.clip(rate - beside, 0.0, points)
