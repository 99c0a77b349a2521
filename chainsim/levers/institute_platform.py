"""Institutes and platforms: the innovation chain around the industry chain.

    added' = .85 added + grant,   ln A += .04 ln(1 + added / base),   spin-offs ~ Poisson(rate x grant / 100 m)

The grant goes to the segments meant, partly as institutes stand today, partly as the industry chain asks (R&D of its
enterprises): `steered` is the second part. The stock builds slowly.
Cost: the whole budget.
Source: Valero and Van Reenen (2019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.arrays import OWNERS
from chainsim.economy.entry_points import Arrival
from chainsim.economy.ledger import REST
from chainsim.economy.parameters import Money, NonNegative, Share, parameter
from chainsim.economy.types import Array
from chainsim.policy.lever import Budget, Lever, LeverYear
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class InstitutePlatform(Lever):
    """A budget for institutes of the region: its size is the strength."""

    strength_field: ClassVar[str] = "budget"
    payee: ClassVar[str] = REST
    ceiling: ClassVar[float] = np.inf
    by_enterprise: ClassVar[bool] = False

    type: Literal["institute_platform"] = Field("institute_platform", description="Kind of lever.")
    # fmt: off
    budget: Money | Budget = parameter(..., "CNY million/y", None, None, THE_SCENARIO, "grants to institutes a year")
    steered: Share = parameter(0.5, "1", 0.0, 1.0, "J", "part of the grants that follows the R&D of the industry chain")
    spin_offs: NonNegative = parameter(0.5, "enterprises", 0.0, 1.0, "J",
        "spin-offs of institutes per CNY 100 million of grants")
    spin_off_quality: NonNegative = parameter(0.1, "log", 0.0, 0.3, "J",
        "quality of a spin-off above the mean of its segment's gap")
    # fmt: on

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """The grants of the year, (1,), CNY million."""
        return np.array([offer.max(initial=0.0)])

    def act(self, economy: Economy, lever_year: LeverYear, paid: Array) -> None:
        """Knowledge of institutes grows, and some of it leaves as spin-offs."""
        weight, policy, grant = self.weight(economy), economy.policy, float(paid.sum())
        policy.institutes = policy.institutes + grant * weight
        mean = self.spin_offs * grant / 100.0
        if mean > 0.0 and weight.any():
            size = float((weight * economy.stages.demography.entrant_size * economy.small_output()).sum())
            owner, quality = OWNERS.index("institute"), self.spin_off_quality
            spin_offs = Arrival(f"{lever_year.name}.spin_offs", weight, mean, owner, size=size, quality=quality)
            policy.arrivals = [*policy.arrivals, spin_offs]

    def weight(self, economy: Economy) -> Array:
        """Share of the grants that serves each segment, (S,)."""
        arrays = economy.arrays
        chosen = self.target.segment_mask(arrays)
        served = np.where(chosen, arrays.institute_knowledge, 0.0)
        asked = np.where(chosen, economy.by_segment(economy.rd), 0.0)
        served, asked = (part / max(float(part.sum()), 1e-300) for part in (served, asked))
        mixed = (1.0 - self.steered) * served + self.steered * asked
        return mixed / max(float(mixed.sum()), 1e-300)
