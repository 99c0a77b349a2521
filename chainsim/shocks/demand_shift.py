"""A final market grows or shrinks beyond its path."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.arrays import MARKETS, MarketName
from chainsim.economy.parameters import Rate, Year, parameter
from chainsim.policy.lever import Shock
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class DemandShift(Shock):
    """Expenditure of markets on the target's segments, times 1 + change."""

    strength_field: ClassVar[str] = "change"

    type: Literal["demand_shift"] = Field("demand_shift", description="Kind of shock.")
    # fmt: off
    change: Rate | dict[Year, Rate] = parameter(..., "1", None, None, THE_SCENARIO,
        "change of the expenditure over its path")
    # fmt: on
    markets: tuple[MarketName, ...] = Field(MARKETS, description="Final markets; all where not stated.")

    def strike(self, economy: Economy, name: str, strength: float) -> None:
        """Scale the expenditure of the markets."""
        hit = self.target.segment_mask(economy.arrays)[:, None] & np.isin(np.array(MARKETS), self.markets)
        economy.policy.market = economy.policy.market * np.where(hit, 1.0 + strength, 1.0)
