"""Named enterprises leave the region at the end of the first year in force, and their customers with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.parameters import Name
from chainsim.policy.lever import Shock

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class AnchorExit(Shock):
    """The exit of real enterprises."""

    strength_field: ClassVar[str] = "always"

    type: Literal["anchor_exit"] = Field("anchor_exit", description="Kind of shock.")
    enterprise: Name | tuple[Name, ...] = Field(description="Id of the enterprise that leaves, or several.")

    @property
    def always(self) -> float:
        """It has no strength: an enterprise leaves or stays."""
        return 1.0

    def strike(self, economy: Economy, name: str, strength: float) -> None:
        """Mark those who leave."""
        leaving = (self.enterprise,) if isinstance(self.enterprise, str) else self.enterprise
        rows = [row for row, known in economy.names.items() if known in leaving]
        mark = np.zeros(economy.n)
        mark[rows] = 1.0
        economy.policy.closing = np.maximum(economy.policy.closing, mark)
