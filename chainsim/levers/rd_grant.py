"""Grants for research projects: the public pays a share of an enterprise's R&D.

    R&D += (1 + psi)(1 - relabelled) x grant

Enterprises may add to a grant or let it replace own money (psi), and call other cost research.
Cost: the grant, paid in January.
Source: Dimos and Pugh (2016), 52 studies without crowding out or large additions; Boeing (2016), -.5 on impact in
China.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chainsim.economy.parameters import Number, Share, parameter
from chainsim.economy.types import Array
from chainsim.policy.lever import Lever, SharePath
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear


class RdGrant(Lever):
    """A grant in proportion to the R&D an enterprise plans."""

    ceiling: ClassVar[float] = 1.0

    type: Literal["rd_grant"] = Field("rd_grant", description="Kind of lever.")
    # fmt: off
    rate: SharePath = parameter(..., "1", None, None, THE_SCENARIO, "public share of planned R&D")
    own_response: Number = parameter(0.0, "1", -0.5, 0.25, "S: Dimos and Pugh 2016; Boeing 2016",
        "own R&D added per unit of grant, psi; negative where the grant replaces own money", ge=-1)
    relabelled: Share = parameter(0.0, "1", 0.0, 0.24, "J", "share of the grant spent on what is not research")
    # fmt: on

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """The offered share of planned own R&D, (n,), CNY million."""
        return offer * economy.stages.innovation.own_rd(economy)

    def act(self, economy: Economy, lever_year: LeverYear, paid: Array) -> None:
        """The grant and what it draws after it are spent on research."""
        added = (1.0 + self.own_response) * (1.0 - self.relabelled) * paid
        economy.policy.rd_support = economy.policy.rd_support + added
