"""Shocks: events that nobody in the region decides, related ones in one file. `SHOCKS` has them by their `type`."""

from typing import TYPE_CHECKING

from chainsim.policy.lever import Shock
from chainsim.policy.registry import block, by_type

SHOCKS: dict[str, type[Shock]] = by_type("chainsim.shocks", Shock)
if TYPE_CHECKING:
    AnyShock = Shock
else:
    AnyShock = block(SHOCKS, Shock)

__all__ = ["SHOCKS", "AnyShock", "Shock"]
