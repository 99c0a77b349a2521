"""Projects are planned ahead and approved faster.

    delay of expansions x (1 - saved),   entrants x (1 + entry x saved)

Expansions come a few months earlier, which is all. Founders count on it as far as they are meant like others, and the
enterprises of their segment are served.
Cost: staff and studies, `cost` a year for every enterprise meant; in the years of a ramp the part that is built up.
Of several the one that saves most is paid, others for the part that they add to it.
Source: judgement; no evidence was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chainsim.economy.ledger import NATIONAL
from chainsim.economy.parameters import NonNegative, Positive, parameter
from chainsim.economy.types import Array
from chainsim.policy import targeting
from chainsim.policy.lever import Kind, Lever, SharePath
from chainsim.policy.targeting import THE_SCENARIO, Meant

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear


class PlanningService(Lever):
    """A service for enterprises that expand and for founders."""

    strength_field: ClassVar[str] = "saved"
    payee: ClassVar[str] = NATIONAL
    row: ClassVar[str] = "programme services"
    acts_as: ClassVar[Kind] = "service"

    type: Literal["planning_service"] = Field("planning_service", description="Kind of lever.")
    saved: SharePath = parameter(..., "1", None, None, THE_SCENARIO, "share of the delay of expansions that is saved")
    cost: Positive = parameter(0.008, "CNY million/y", 0.003, 0.02, "J", "cost of the service for an enterprise meant")
    entry: NonNegative = parameter(0.08, "1", 0.0, 0.2, "J", "growth of entry if the whole delay were saved", le=10)

    def newcomers(self, economy: Economy) -> Meant:
        """Those founders that it is meant for."""
        return self.of_newcomers(economy, targeting.entrant_size, targeting.entrants)

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Cost of the service, (n,), CNY million; of the part of it that others leave, where they give one already."""
        return self.cost * self.phase(economy.year) * (offer / self.strength(economy.year))

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """Expansions arrive earlier, and more enterprises are founded in the segments meant, as far as served."""
        policy = economy.policy
        policy.delay_saved = policy.delay_saved + offer
        new, served = lever_year.new, lever_year.served(economy)
        saved, beside = new.mean_stated() * (new.meant.share * served), new.mean_beside()
        if self.stacking != "highest":  # there it is what is served
            beside = beside * served
        policy.entrants = policy.entrants * (1.0 + self.entry * saved / (1.0 + self.entry * beside))
