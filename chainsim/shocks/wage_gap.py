"""Pay outside the region rises or falls against the region's: people follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.parameters import Rate, Year, parameter
from chainsim.policy.lever import Shock
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class WageGap(Shock):
    """Outside pay times 1 + change, while in force."""

    strength_field: ClassVar[str] = "change"

    type: Literal["wage_gap"] = Field("wage_gap", description="Kind of shock.")
    # fmt: off
    change: Rate | dict[Year, Rate] = parameter(..., "1", None, None, THE_SCENARIO,
        "change of pay outside over its path")
    # fmt: on

    def strike(self, economy: Economy, name: str, strength: float) -> None:
        """Change what migrants compare with."""
        economy.policy.outside_pay = economy.policy.outside_pay + float(np.log1p(strength))
