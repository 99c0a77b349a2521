"""Projects are planned ahead and approved faster.

    delay of expansions x (1 - saved),   entrants x (1 + entry x saved)

Pays for staff and studies only. Judgement; no evidence was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chainsim.ledger import NATIONAL
from chainsim.levers.base import THE_SCENARIO, Array, Lever, SharePath
from chainsim.parameters import NonNegative, Positive, parameter
from chainsim.policy import left

if TYPE_CHECKING:
    from chainsim.economy import Economy


class PlanningService(Lever):
    """A service for enterprises that expand and for founders."""

    strength_field: ClassVar[str] = "saved"
    payee: ClassVar[str] = NATIONAL
    row: ClassVar[str] = "programme services"

    type: Literal["planning_service"] = Field("planning_service", description="Kind of lever.")
    saved: SharePath = parameter(unit="1", source=THE_SCENARIO, help="share of the delay of expansions that is saved")
    cost: Positive = parameter(
        0.1, unit="CNY million", low=0.03, high=0.3, source="J", help="cost of serving an expansion"
    )
    entry: NonNegative = parameter(
        0.08, unit="1", low=0.0, high=0.2, source="J", help="growth of entry if the whole delay were saved"
    )

    def request(self, economy: Economy, name: str, offer: Array) -> Array:
        """Cost of serving those who plan to expand, (n,), CNY million."""
        expanding = economy.stages.investment.expansion(economy)[1] > 0.0
        return self.cost * ((offer > 0.0) & expanding)

    def announce(self, economy: Economy, name: str, offer: Array) -> None:
        """Expansions arrive earlier, and more enterprises are founded in the segments meant."""
        policy = economy.policy
        policy.delay_saved = left(policy.delay_saved, offer)
        part = self.entry * float(offer.max(initial=0.0)) * self.target.segment_mask(economy.tables)
        policy.entrants = policy.entrants * (1.0 + part)
