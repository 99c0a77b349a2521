"""Shocks, one file each: events that nobody in the region decides. `SHOCKS` holds every kind by its `type`."""

from typing import TYPE_CHECKING

from chainsim.policy.lever import Shock
from chainsim.policy.registry import any_of, kinds

SHOCKS: dict[str, type] = kinds("chainsim.shocks", Shock)
if TYPE_CHECKING:
    AnyShock = Shock
else:
    AnyShock = any_of(SHOCKS, Shock)

__all__ = ["SHOCKS", "AnyShock", "Shock"]
