"""Public purchases open a market for new applications.

    local part x size x exp(quality weight x q) p^(1 - sigma), by segment;   the rest is bought in the nation

Part of the money would have bought the same segments' products anyway: ordinary public demand falls by it. The demand
is gone when the lever ends.
Cost: the whole budget; what the region cannot deliver is bought in the nation.
Source: Dai, Li and Chen (2021); sizes are judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.arrays import GOVERNMENT_MARKET
from chainsim.economy.entry_points import Purchase
from chainsim.economy.parameters import Money, NonNegative, Share, parameter
from chainsim.economy.protocols import Point
from chainsim.economy.types import Array
from chainsim.policy.lever import Budget, Kind, Lever
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear


class ApplicationScenario(Lever):
    """A budget for purchases: its size is the strength."""

    strength_field: ClassVar[str] = "budget"
    paid_at: ClassVar[Point] = "production"
    row: ClassVar[str] = "public purchases"
    is_income: ClassVar[bool] = False
    ceiling: ClassVar[float] = np.inf
    queues: ClassVar[bool] = False
    by_enterprise: ClassVar[bool] = False
    acts_as: ClassVar[Kind] = "service"

    type: Literal["application_scenario"] = Field("application_scenario", description="Kind of lever.")
    # fmt: off
    budget: Money | Budget = parameter(..., "CNY million/y", None, None, THE_SCENARIO, "purchases a year")
    local: Share = parameter(0.6, "1", 0.4, 0.9, "J", "part bought from enterprises of the region")
    quality_weight: NonNegative = parameter(2.0, "1", 1.0, 4.0, "J", "weight of quality in the choice of suppliers")
    certificate_weight: NonNegative = parameter(0.5, "log", 0.0, 1.0, "J",
        "weight of a security certificate in the choice of suppliers")
    additional: Share = parameter(1.0, "1", 0.5, 1.0, "J", "part that does not replace other public demand")
    # fmt: on

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """The purchases of the year, co-financing included, (1,), CNY million."""
        return np.array([self.with_others(offer.max(initial=0.0))])

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """Purchases are placed with the segments meant, by their size; other public demand gives way."""
        policy, spent = economy.policy, self.with_others(float(offer.max(initial=0.0)))
        size = economy.by_segment(np.where(offer > 0, economy.expected_orders, 0.0))
        part = size / max(float(size.sum()), 1e-300)
        weights = self.quality_weight, self.certificate_weight
        usual = economy.arrays.expenditure[economy.years][:, GOVERNMENT_MARKET]
        lost = (1.0 - self.additional) * spent * part
        before = sum((purchase.displaced for purchase in policy.purchases), np.zeros_like(lost))
        displaced = np.minimum(np.divide(lost, usual, out=np.zeros_like(lost), where=usual > 0), 1.0 - before)
        purchase = Purchase(lever_year.name, self.local * spent * part, *weights, offer > 0, displaced)
        policy.purchases = [*policy.purchases, purchase]
        if self.additional < 1.0:
            market, present = np.ones((economy.arrays.size, 4)), 1.0 - before
            market[:, GOVERNMENT_MARKET] -= np.divide(displaced, present, out=np.zeros_like(lost), where=present > 0.0)
            policy.market = policy.market * market

    def claim(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """What enterprises of the region deliver, (n,), CNY million."""
        return economy.flows.purchased[lever_year.name]

    def paid_outside(self, economy: Economy, lever_year: LeverYear, paid: Array) -> float:
        """What is bought in the nation: its part, and what the region could not deliver, CNY million."""
        return max(float(lever_year.promised - paid.sum()), 0.0)
