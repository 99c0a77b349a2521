"""Skilled people are brought in or kept: housing and settling grants.

    skilled labour force += additional x heads,   T' = .9 T + additional x heads
    discovery and knowledge rise with T / R&D staff

Part of those who take the grant would have come anyway and change nothing. Heads go to enterprises by their skilled and
R&D staff; of the links meant that nobody made here at first, to their laboratories by the research staff of a plant of
minimum scale, as new enterprises there are meant, which raises the quality at which the link can start.
Cost: `cost` for every head, to households.
Source: Moretti and Wilson (2017), migration answers slowly; the share that comes in addition is judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.arrays import SKILLED
from chainsim.economy.ledger import HOUSEHOLDS
from chainsim.economy.parameters import NonNegative, Positive, Share, Year, parameter
from chainsim.economy.types import Array
from chainsim.policy import targeting
from chainsim.policy.lever import Kind, Lever
from chainsim.policy.targeting import THE_SCENARIO, Meant

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear


class TalentIntroduction(Lever):
    """A grant for every skilled person who comes to an enterprise or, as a graduate, stays."""

    strength_field: ClassVar[str] = "heads"
    payee: ClassVar[str] = HOUSEHOLDS
    row: ClassVar[str] = "talent grants"
    ceiling: ClassVar[float] = np.inf
    by_enterprise: ClassVar[bool] = False
    acts_as: ClassVar[Kind] = "service"

    type: Literal["talent_introduction"] = Field("talent_introduction", description="Kind of lever.")
    # fmt: off
    heads: NonNegative | dict[Year, NonNegative] = parameter(..., "persons/y", None, None, THE_SCENARIO,
        "people a year who may take the grant")
    cost: Positive = parameter(0.15, "CNY million", 0.04, 0.3, "J", "grant and programme cost for a person")
    additional: Share = parameter(0.5, "1", 0.25, 0.75, "J", "share of them who would not have come or stayed")
    # fmt: on

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Cost of the heads, CNY million: by the enterprises they join, (n,), then by missing links, (S,), if any."""
        laboratories = self.laboratories(economy, lever_year)
        weight = np.where(offer > 0, economy.skilled + economy.research, 0.0)
        if laboratories.any():
            weight = np.concatenate((weight, laboratories))
            offer = np.concatenate((offer, lever_year.new.mean_stated()))
        heads = float(offer.max(initial=0.0)) * weight / max(float(weight.sum()), 1e-300)
        return self.cost * heads

    def newcomers(self, economy: Economy) -> Meant:
        """Those new enterprises in missing links that it is meant for, and their laboratories with them."""
        here = self.of_newcomers(economy, targeting.plant_size, targeting.entrants)
        missing = economy.calibration.base_enterprises == 0
        return here._replace(chosen=here.chosen & missing[:, None], share=np.where(missing, here.share, 0.0))

    def laboratories(self, economy: Economy, lever_year: LeverYear) -> Array:
        """Research staff of a plant of minimum scale in missing links, as far as it is meant, (S,), persons."""
        arrays, fixed = economy.arrays, economy.calibration
        staff = fixed.research_norm * arrays.rd_share * arrays.min_efficient_scale / arrays.wage[SKILLED]
        return np.where(lever_year.new.mean_stated() > 0.0, staff * lever_year.new.meant.share, 0.0)

    def act(self, economy: Economy, lever_year: LeverYear, paid: Array) -> None:
        """Those who come in addition join the labour force and the talent of their enterprise."""
        heads, policy = self.additional * paid / self.cost, economy.policy
        policy.talent = policy.talent + heads[: economy.n]
        if heads.size > economy.n:
            policy.link_talent = policy.link_talent + heads[economy.n :]
        policy.skilled_inflow = policy.skilled_inflow + float(heads.sum())

    def recipients(self, paid: Array) -> float:
        """Heads that the money is for."""
        return float(paid.sum()) / self.cost
