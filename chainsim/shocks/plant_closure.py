"""A share of the enterprises meant closes at the end of the year, drawn by lot."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy import draws
from chainsim.economy.parameters import parameter
from chainsim.policy.lever import SharePath, Shock
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class PlantClosure(Shock):
    """Closures in segments or parks of the target."""

    strength_field: ClassVar[str] = "share"

    type: Literal["plant_closure"] = Field("plant_closure", description="Kind of shock.")
    share: SharePath = parameter(..., "1", None, None, THE_SCENARIO, "share of the enterprises that closes in a year")

    def strike(self, economy: Economy, name: str, strength: float) -> None:
        """Mark those who close."""
        drawn = draws.uniform(economy, f"shock.{name}") < strength
        closing = np.where(self.eligible(economy) & drawn, 1.0, 0.0)
        economy.policy.closing = np.maximum(economy.policy.closing, closing)
