"""Institutes and platforms: the innovation chain around the industry chain.

    added' = .85 added + grant,   ln A += .04 ln(1 + added / base)

The grant goes to the segments meant, partly as institutes stand today, partly as the industry chain asks: by the R&D of
its enterprises, of a missing link by that of a plant of minimum scale. `steered` is the second part, and all of it
where no institute serves a segment meant; without research there nothing is granted. The stock builds
slowly; it raises the quality at which a missing link can start, and its institutes found enterprises as all do.
Cost: the whole budget.
Source: Valero and Van Reenen (2019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.ledger import REST
from chainsim.economy.parameters import Money, Share, parameter
from chainsim.economy.types import Array
from chainsim.policy.lever import Addressed, Budget, Kind, Lever
from chainsim.policy.targeting import THE_SCENARIO, Meant

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear


class InstitutePlatform(Lever):
    """A budget for institutes of the region: its size is the strength."""

    strength_field: ClassVar[str] = "budget"
    payee: ClassVar[str] = REST
    ceiling: ClassVar[float] = np.inf
    meant_for: ClassVar[Addressed] = "segments"
    queues: ClassVar[bool] = False
    by_enterprise: ClassVar[bool] = False
    acts_as: ClassVar[Kind] = "service"

    type: Literal["institute_platform"] = Field("institute_platform", description="Kind of lever.")
    # fmt: off
    budget: Money | Budget = parameter(..., "CNY million/y", None, None, THE_SCENARIO, "grants to institutes a year")
    steered: Share = parameter(0.5, "1", 0.0, 1.0, "J", "part of the grants that follows the R&D of the industry chain")
    # fmt: on

    def newcomers(self, economy: Economy) -> Meant:
        """All of the links still missing among the segments meant."""
        return Meant.alike(self.target.segment_mask(economy.arrays) & economy.is_missing_link())

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """The grants of the year, (1,), CNY million; in full where a segment that is meant is a link still missing.

        What another level of government pays beside the budget is included.
        """
        stated = max(offer.max(initial=0.0), lever_year.new.mean_stated().max())
        return np.array([self.with_others(stated) if self.weight(economy).any() else 0.0])

    def act(self, economy: Economy, lever_year: LeverYear, paid: Array) -> None:
        """Knowledge of institutes grows."""
        economy.policy.institutes = economy.policy.institutes + float(paid.sum()) * self.weight(economy)

    def weight(self, economy: Economy) -> Array:
        """Share of the grants that serves each segment, (S,)."""
        arrays = economy.arrays
        chosen = self.target.segment_mask(arrays)
        missing = economy.calibration.base_enterprises == 0
        plant = np.where(missing, arrays.rd_share * arrays.min_efficient_scale * economy.trend, 0.0)
        served = np.where(chosen, arrays.institute_knowledge, 0.0)
        asked = np.where(chosen, np.maximum(economy.by_segment(economy.rd), plant), 0.0)
        served, asked = (part / max(float(part.sum()), 1e-300) for part in (served, asked))
        served = served if served.any() else asked
        mixed = (1.0 - self.steered) * served + self.steered * asked
        return mixed / max(float(mixed.sum()), 1e-300)
