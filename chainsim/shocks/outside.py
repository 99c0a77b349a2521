"""What is outside the region changes: supply is cut, prices, markets and pay rise or fall.

Part of outside supply of an input is withdrawn: an embargo or a shortage. Buyers get only part of what they want,
replace some of it from the other origin at a premium, and review cut links more often; they remember. In a shortage of
the whole nation (`scope: china`) other suppliers of the nation, who need the cut input as well, deliver as badly as
local ones, so buyers do not turn to them.

Outside supply of a product becomes dearer or cheaper than its trend. A final market grows or shrinks beyond its path.
Pay outside the region rises or falls against the region's: people follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.arrays import MARKETS, MarketName
from chainsim.economy.parameters import Name, Rate, Year, parameter
from chainsim.policy.lever import Addressed, SharePath, Shock
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy

ORIGINS = ("national", "abroad")


class ImportCut(Shock):
    """A share of outside supply is missing."""

    strength_field: ClassVar[str] = "share"
    meant_for: ClassVar[Addressed] = "nobody"

    type: Literal["import_cut"] = Field("import_cut", description="Kind of shock.")
    segment: Name | tuple[Name, ...] = Field(description="Input that is cut, or several.")
    origin: Literal["national", "abroad", "both"] = Field("abroad", description="Which outside supply is cut.")
    share: SharePath = parameter(..., "1", None, None, THE_SCENARIO, "share of the wanted quantity that is missing")
    scope: Literal["province", "china"] = Field(
        "china", description="Who else suffers: nobody, or all enterprises of the nation that use the input."
    )

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs that are cut."""
        return (self.segment,) if isinstance(self.segment, str) else self.segment

    def strike(self, economy: Economy, name: str, strength: float) -> None:
        """Cut the supply."""
        cut, supply = np.isin(np.array(economy.arrays.names), self.inputs), economy.policy.outside_supply.copy()
        for origin in range(len(ORIGINS)):
            if self.origin in (ORIGINS[origin], "both"):
                supply[cut, origin] *= 1.0 - strength
        economy.policy.outside_supply = supply
        if self.scope == "china":
            economy.policy.shared_shortage = np.ones(economy.arrays.size)


class OutsidePrice(Shock):
    """Outside prices times 1 + change, for buyers in the region and rivals in its markets."""

    strength_field: ClassVar[str] = "change"
    meant_for: ClassVar[Addressed] = "nobody"

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


class DemandShift(Shock):
    """Expenditure of markets on the target's segments, times 1 + change."""

    strength_field: ClassVar[str] = "change"
    meant_for: ClassVar[Addressed] = "segments"

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


class WageGap(Shock):
    """Outside pay times 1 + change, while in force."""

    strength_field: ClassVar[str] = "change"
    meant_for: ClassVar[Addressed] = "nobody"

    type: Literal["wage_gap"] = Field("wage_gap", description="Kind of shock.")
    # fmt: off
    change: Rate | dict[Year, Rate] = parameter(..., "1", None, None, THE_SCENARIO,
        "change of pay outside over its path")
    # fmt: on

    def strike(self, economy: Economy, name: str, strength: float) -> None:
        """Change what migrants compare with."""
        economy.policy.outside_pay = economy.policy.outside_pay + float(np.log1p(strength))
