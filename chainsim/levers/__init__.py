"""Policy levers, one file each: what they offer, to whom, at what cost, and which entry points they move.

`LEVERS` holds every kind by the `type` of a scenario file; a new file in this folder is a new kind. The other modules
of the folder are what they share: `base` schedule and money, `target` and `where` who is meant, `rationing` who is
served first, `programme` all levers of a run.
"""

from typing import TYPE_CHECKING

from chainsim.policy.lever import Budget, Intervention, Lever
from chainsim.policy.registry import any_of, kinds

LEVERS: dict[str, type] = kinds("chainsim.levers", Lever)
if TYPE_CHECKING:
    AnyLever = Lever
else:
    AnyLever = any_of(LEVERS, Lever)

__all__ = ["LEVERS", "AnyLever", "Budget", "Intervention", "Lever"]
