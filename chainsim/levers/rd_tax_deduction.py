"""An extra deduction of R&D from taxable profit, beyond national law.

    B = (1 - tau (1 + d)) / (1 - tau),   R&D x (B / B_law)^-eta,   of the response a share is other cost relabelled

Enterprises answer as far as their profit of last year lets them deduct; who has none to deduct from saves nothing.
Much of the response of a single province is relocation (Wilson 2009).
Cost: the tax forgone; the tax by law is booked in full and the relief paid back, so it can be seen.
Source: Chen, Liu, Suarez Serrato and Xu (2021), 24 % relabelled; user-cost elasticity in `stages.innovation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.parameters import Share, Year, parameter
from chainsim.economy.protocols import Point
from chainsim.economy.types import Array
from chainsim.policy.lever import Kind, Lever
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear


class RdTaxDeduction(Lever):
    """More of R&D is deducted than the law allows."""

    strength_field: ClassVar[str] = "extra"
    paid_at: ClassVar[Point] = "taxes"
    is_income: ClassVar[bool] = False
    acts_as: ClassVar[Kind] = "tax"

    type: Literal["rd_tax_deduction"] = Field("rd_tax_deduction", description="Kind of lever.")
    # fmt: off
    extra: Share | dict[Year, Share] = parameter(..., "1", None, None, THE_SCENARIO,
        "deduction beyond the law, over R&D")
    relabelled: Share = parameter(0.24, "1", 0.0, 0.45, "S: Chen, Liu, Suarez Serrato and Xu 2021",
        "share of the added R&D that is other cost relabelled")
    # fmt: on

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """R&D costs less; part of the answer is relabelled cost."""
        policy, stated = economy.policy, economy.profit_tax_rate() * self.claimed(economy, lever_year.stated)
        used = np.divide(lever_year.asked, stated, out=np.zeros_like(stated), where=stated > 0.0)
        policy.rd_deduction = policy.rd_deduction + offer * used
        policy.relabelling = np.maximum(policy.relabelling, np.where(offer * used > 0.0, self.relabelled, 0.0))

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Tax that last year's profit and this year's R&D would save, (n,), CNY million."""
        taxable = np.maximum(economy.profit - economy.rd_deduction() * economy.rd, 0.0)
        beside = np.minimum(self.claimed(economy, lever_year.beside), taxable)
        return economy.profit_tax_rate() * np.minimum(self.claimed(economy, offer), taxable - beside)

    def claimed(self, economy: Economy, offer: Array) -> Array:
        """Deduction of this year's R&D before anybody answers to it, (n,), CNY million."""
        return offer * economy.stages.innovation.norm_rd(economy) * economy.policy.rd_effort

    def claim(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Tax saved at the rate that tax breaks leave, (n,), CNY million, on what earlier deductions leave taxable."""
        relabelled = economy.stages.innovation.relabelled(economy)
        claimed = offer * economy.rd + (offer + self.share(economy, offer) * economy.rd_deduction()) * relabelled
        rate = np.maximum(economy.profit_tax_rate() - economy.policy.tax_cut, 0.0)
        return rate * np.minimum(claimed, np.maximum(economy.flows.taxable - economy.policy.relieved, 0.0))

    def share(self, economy: Economy, offer: Array) -> Array:
        """Part of what law deducts of relabelled cost that it claims, (n,): its own of all that is offered."""
        total = np.zeros(economy.n)
        for account in economy.lever_years.values():
            if account.type == self.kind:
                total[: account.offer.size] += account.offer
        return np.divide(offer, total, out=np.zeros(economy.n), where=total > 0.0)

    def act(self, economy: Economy, lever_year: LeverYear, paid: Array) -> None:
        """What is deducted is not taxed again."""
        rate = np.maximum(economy.profit_tax_rate() - economy.policy.tax_cut, 1e-9)
        economy.policy.relieved = economy.policy.relieved + paid / rate
