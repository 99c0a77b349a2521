"""Grants for research projects: the public pays a share of an enterprise's R&D.

    R&D += (1 + psi)(1 - relabelled) x grant

Enterprises may add to a grant or let it replace own money (psi), and call other cost research. Source: Dimos and Pugh
(2016), 52 studies without crowding out or large additions; Boeing (2016), -.5 on impact in China.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chainsim.economy.parameters import Number, Share, parameter
from chainsim.policy.lever import THE_SCENARIO, Array, Lever, SharePath

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class RdGrant(Lever):
    """A grant in proportion to the R&D an enterprise plans."""

    most: ClassVar[float] = 1.0

    type: Literal["rd_grant"] = Field("rd_grant", description="Kind of lever.")
    rate: SharePath = parameter(unit="1", source=THE_SCENARIO, help="public share of planned R&D")
    own_response: Number = parameter(
        0.0,
        unit="1",
        low=-0.5,
        high=0.25,
        source="S: Dimos and Pugh 2016; Boeing 2016",
        help="own R&D added per yuan of grant, psi; negative where the grant replaces own money",
        ge=-1,
    )
    relabelled: Share = parameter(
        0.0, unit="1", low=0.0, high=0.24, source="J", help="share of the grant spent on what is not research"
    )

    def request(self, economy: Economy, name: str, offer: Array) -> Array:
        """The offered share of planned own R&D, (n,), CNY million."""
        return offer * economy.stages.innovation.own_rd(economy)

    def act(self, economy: Economy, name: str, paid: Array) -> None:
        """The grant and what it draws after it are spent on research."""
        added = (1.0 + self.own_response) * (1.0 - self.relabelled) * paid
        economy.policy.rd_support = economy.policy.rd_support + added
