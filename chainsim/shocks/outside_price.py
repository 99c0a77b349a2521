"""Outside supply of a product becomes dearer or cheaper than its trend."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.parameters import Name, Rate, Year, parameter
from chainsim.policy.lever import Shock
from chainsim.policy.targeting import THE_SCENARIO
from chainsim.shocks.import_cut import ORIGINS

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class OutsidePrice(Shock):
    """Outside prices times 1 + change, for buyers in the region and rivals in its markets."""

    strength_field: ClassVar[str] = "change"

    type: Literal["outside_price"] = Field("outside_price", description="Kind of shock.")
    segment: Name = Field(description="Product whose price changes.")
    # fmt: off
    change: Rate | dict[Year, Rate] = parameter(..., "1", None, None, THE_SCENARIO,
        "change of the price over its trend")
    # fmt: on
    origin: Literal["national", "abroad", "both"] = Field("both", description="Whose price changes.")

    def strike(self, economy: Economy, name: str, strength: float) -> None:
        """Change the price."""
        product, price = economy.arrays.names.index(self.segment), economy.policy.outside_price.copy()
        hit = np.array([self.origin in (origin, "both") for origin in ORIGINS])
        price[product] *= np.where(hit, 1.0 + strength, 1.0)
        economy.policy.outside_price = price
