"""Large enterprises come and go.

A large plant comes from outside and stays; suppliers follow what it buys. Most of its output is sold outside from the
start. Enterprises of its inputs may settle near it (`stages.demography`, colocation). What brings it, and at what
price, is not modelled here: add a lever for what it is paid.

Named enterprises leave the region at the end of the first year in force, and their customers with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.arrays import OWNERS, Owner
from chainsim.economy.entry_points import Arrival
from chainsim.economy.parameters import Name, NonNegative, Positive, Share, parameter
from chainsim.policy.lever import Addressed, Shock
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class AnchorArrival(Shock):
    """One plant, founded at the end of the first year in force; it produces from the next."""

    strength_field: ClassVar[str] = "output"
    meant_for: ClassVar[Addressed] = "nobody"
    ramps: ClassVar[bool] = False
    brings_enterprise: ClassVar[bool] = True

    type: Literal["anchor_arrival"] = Field("anchor_arrival", description="Kind of shock.")
    segment: Name = Field(description="Segment of the plant.")
    output: Positive = parameter(..., "CNY million", None, None, THE_SCENARIO, "planned output")
    owner: Owner = Field("private", description="Owner.")
    outside: Share = parameter(0.97, "1", 0.8, 1.0, "J", "part of the output sold outside the region from the start")
    quality: NonNegative = parameter(0.3, "log", 0.0, 0.6, "J", "quality beyond what its segment can start from")

    def strike(self, economy: Economy, name: str, strength: float) -> None:
        """Found the plant in the first year in force."""
        if economy.year == self.span[0]:
            weight = np.eye(economy.arrays.size)[economy.arrays.names.index(self.segment)]
            owner = OWNERS.index(self.owner)
            plant = Arrival(
                name,
                weight,
                mean=1.0,
                owner=owner,
                number=1,
                size=self.output,
                outside=self.outside,
                quality=self.quality,
                anchor=True,
                named=True,
            )
            economy.policy.arrivals = [*economy.policy.arrivals, plant]


class AnchorExit(Shock):
    """The exit of real enterprises."""

    strength_field: ClassVar[str] = "always"
    meant_for: ClassVar[Addressed] = "nobody"
    ramps: ClassVar[bool] = False

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
