"""What all shocks share: when they strike, whom, how hard. They move entry points and pay nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from chainsim.policy.lever import Intervention

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class Shock(Intervention):
    """An event that nobody in the region decides. Override `strike`."""

    type: Any = Field(description="Kind of shock.")

    def strike(self, economy: Economy, name: str, strength: float) -> None:
        """Move the entry points in January of a year in which the strength is not 0."""
        raise TypeError(f"{type(self).__name__} does not say what it does (strike)")
