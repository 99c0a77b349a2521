"""Policy levers, one file each: what they offer, to whom, at what cost, and which entry points they move.

`LEVERS` holds them by the `type` of a scenario file; a new file in this folder is a new type. What they share stands in
`chainsim.policy`: `lever` schedule and money, `targeting` who is meant, `programme` all levers of a run.
"""

from typing import TYPE_CHECKING

from chainsim.policy.lever import Budget, Intervention, Lever
from chainsim.policy.registry import block, by_type

LEVERS: dict[str, type[Lever]] = by_type("chainsim.levers", Lever)
if TYPE_CHECKING:
    AnyLever = Lever
else:
    AnyLever = block(LEVERS, Lever)

__all__ = ["LEVERS", "AnyLever", "Budget", "Intervention", "Lever"]
