"""Skilled people are brought in or kept: housing and settling grants.

    skilled labour force += additional x heads,   T' = .9 T + additional x heads
    discovery and knowledge rise with T / R&D staff

Part of those who take the grant would have come anyway and change nothing. Heads go to enterprises by their skilled and
R&D staff.
Cost: `cost` for every head, to households.
Source: Moretti and Wilson (2017), migration answers slowly; the share that comes in addition is judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.ledger import HOUSEHOLDS
from chainsim.economy.parameters import NonNegative, Positive, Share, Year, parameter
from chainsim.economy.types import Array
from chainsim.policy.lever import Lever, LeverYear
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class TalentIntroduction(Lever):
    """A grant for every skilled person who comes to an enterprise or, as a graduate, stays."""

    strength_field: ClassVar[str] = "heads"
    payee: ClassVar[str] = HOUSEHOLDS
    row: ClassVar[str] = "talent grants"
    ceiling: ClassVar[float] = np.inf
    by_enterprise: ClassVar[bool] = False

    type: Literal["talent_introduction"] = Field("talent_introduction", description="Kind of lever.")
    # fmt: off
    heads: NonNegative | dict[Year, NonNegative] = parameter(..., "persons/y", None, None, THE_SCENARIO,
        "people a year who may take the grant")
    cost: Positive = parameter(0.15, "CNY million", 0.04, 0.3, "J", "grant and programme cost for a person")
    additional: Share = parameter(0.5, "1", 0.25, 0.75, "J", "share of them who would not have come or stayed")
    # fmt: on

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Cost of the heads, (n,), CNY million, by the enterprises that they join."""
        weight = np.where(offer > 0, economy.skilled + economy.research, 0.0)
        heads = float(offer.max(initial=0.0)) * weight / max(float(weight.sum()), 1e-300)
        return self.cost * heads

    def act(self, economy: Economy, lever_year: LeverYear, paid: Array) -> None:
        """Those who come in addition join the labour force and the talent of their enterprise."""
        heads = self.additional * paid / self.cost
        economy.policy.talent = economy.policy.talent + heads
        economy.policy.skilled_inflow = economy.policy.skilled_inflow + float(heads.sum())

    def recipients(self, paid: Array) -> float:
        """Heads that the money is for."""
        return float(paid.sum()) / self.cost
