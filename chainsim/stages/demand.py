"""Final demand of every market is divided among enterprises and outside rivals.

    ln u_i = (1 - la)(ln s_i,-1 + eps_i) + la (g_i + eta q_i - (sigma - 1) ln p_i),   s = u / sum of u
    g_i += eps_i

Goodwill g belongs to every enterprise and to the rival, fixed in the base year and moved by the same shock eps, a
mean-compensated Laplace draw whose spread falls with size (Stanley et al. 1996; Bottazzi and Secchi 2006).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy import draws, group_sums, sectors
from chainsim.economy.arrays import GOVERNMENT_MARKET
from chainsim.economy.parameters import NonNegative, Number, Positive, Share, parameter
from chainsim.economy.types import Array
from chainsim.stages.base import Stage

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.economy.entry_points import Purchase


class Demand(Stage):
    """Final demand of every market is divided among enterprises and outside rivals.

    Reads: price, quality, expected_orders. Entry points: market, reach, required, certificates, purchases. Writes:
    goodwill, market_share, reach, certificate and, at the year's price, the final orders of the year in final_sales.

    Disabled: shares stay.
    """

    key: ClassVar[str] = "demand"

    # fmt: off
    elasticity: Positive = parameter(4.0, "1", 3.0, 8.0, "J: trade literature, varieties of a product group",
        "price elasticity between varieties in final markets, sigma_M")
    quality_elasticity: NonNegative = parameter(1.0, "1", 0.5, 2.0, "J", "response of final demand to quality, eta")
    adjustment: Share = parameter(0.3, "1/y", 0.1, 1.0, "J", "speed at which shares move to their long-run value")
    volatility: NonNegative = parameter(0.17, "log", 0.1, 0.25, "T",
        "standard deviation of the yearly demand shock at the size `volatility_size`")
    volatility_size: Positive = parameter(0.3, "1", 0.2, 1.0, "T", "relative size at which `volatility` holds")
    volatility_slope: Number = parameter(-0.21, "1", -0.3, -0.1,
        "T: gives a volatility-size slope near -.15 (S: Stanley et al. 1996)",
        "elasticity of the shock's standard deviation to size")
    # fmt: on
    goodwill: Literal["persistent", "replicator", "off"] = Field(
        "persistent",
        description="persistent: goodwill moves with demand shocks only; replicator: it follows the share, so shares "
        "grow by fitness; off: no demand shocks, goodwill stays as in the base year.",
    )
    # fmt: off
    induced: Share = parameter(0.5, "1", 0.0, 1.0, "J",
        "elasticity of local final demand to household income relative to a reference run")
    rivals_certified: Share = parameter(0.6, "1", 0.3, 0.9, "J",
        "share of outside suppliers and rivals that hold a certificate where one is asked for")
    # fmt: on

    writes: ClassVar[frozenset[str]] = frozenset({"goodwill", "market_share", "final_sales", "reach", "certificate"})

    def shock(self, economy: Economy) -> Array:
        """Yearly demand shock of each enterprise, (n,), log; the mean of its exponential is 1."""
        if self.volatility == 0.0 or self.goodwill == "off":
            return np.zeros(economy.n)
        relative = np.maximum(economy.relative_size, 1e-9) / self.volatility_size
        spread = np.clip(self.volatility * relative**self.volatility_slope, 0.03, 0.45) / np.sqrt(2.0)
        return draws.laplace(draws.uniform(economy, "demand.shock"), spread) + np.log1p(-(spread**2))

    def appeal(self, economy: Economy) -> Array:
        """Log appeal of each enterprise in final markets without goodwill, (n,)."""
        return self.quality_elasticity * economy.quality - (self.elasticity - 1.0) * np.log(economy.price)

    def rival_appeal(self, economy: Economy) -> Array:
        """Log appeal of the outside rival in each market without goodwill, (S, 4)."""
        price = economy.policy.outside_price
        return -(self.elasticity - 1.0) * np.log(np.stack([price[:, 0]] * 3 + [price[:, 1]], axis=1))

    def admission(self, economy: Economy) -> Array | float:
        """Log share of each market that an enterprise may serve, (n, 4): all if certified or where none is asked."""
        if economy.policy.is_neutral("required"):
            return 0.0
        lacking = economy.policy.required[economy.segment] * (1.0 - economy.certificate)[:, None]
        return np.log(np.maximum(1.0 - lacking, 1e-9))

    def rival_admission(self, economy: Economy) -> Array | float:
        """The same of the outside rival, (S, 4), part of which is certified."""
        return np.log(1.0 - economy.policy.required * (1.0 - self.rivals_certified))

    def shares(self, economy: Economy, goodwill: Array, shock: Array) -> tuple[Array, Array]:
        """Shares of enterprises (n, 4) and of the rival (S, 4) in each market's expenditure."""
        la, segment = self.adjustment, economy.segment
        served = economy.active[:, None] & (economy.market_share > 0)
        last = np.log(np.where(served, economy.market_share, 1.0))
        rival_last = np.log(economy.rival_share)
        pull = la * (goodwill + self.appeal(economy)[:, None] + self.admission(economy))
        own = np.where(served, np.exp((1.0 - la) * (last + shock[:, None]) + pull), 0.0)
        kept = rival_last if self.goodwill == "replicator" else economy.calibration.rival_goodwill
        rival = np.exp(
            (1.0 - la) * rival_last + la * (kept + self.rival_appeal(economy) + self.rival_admission(economy))
        )
        total = rival + group_sums.column_sums(own, segment, economy.arrays.size)
        return own / total[segment], rival / total

    def expenditure(self, economy: Economy) -> Array:
        """Expenditure of every market on every segment's products this year, (S, 4), CNY million."""
        spent = economy.arrays.expenditure[economy.years].copy()
        spent[:, 0] *= 1.0 + self.induced * (sectors.relative_income(economy) - 1.0)
        return spent * economy.policy.market

    def public_orders(self, economy: Economy, purchase: Purchase) -> Array:
        """What each enterprise is to deliver of public purchases, (n,), CNY million: by size, quality and price."""
        appeal = purchase.quality_weight * economy.quality - (self.elasticity - 1.0) * np.log(economy.price)
        appeal = appeal + purchase.certificate_weight * economy.certificate
        weight = np.where(purchase.eligible & economy.active, economy.expected_orders * np.exp(appeal), 0.0)
        total = economy.by_segment(weight)
        part = np.divide(purchase.local, total, out=np.zeros_like(total), where=total > 0)
        return weight * part[economy.segment]

    def step(self, economy: Economy) -> None:
        """Move goodwill and shares, and place the final orders."""
        economy.certificate[:] = np.maximum(economy.certificate, economy.policy.certificates)
        if self.enabled:
            shock = self.shock(economy)
            if self.goodwill == "replicator":
                share = np.where(economy.market_share > 0, economy.market_share, 1.0)
                economy.goodwill[:] = np.log(share)
            economy.goodwill[:] += shock[:, None]
            if not economy.policy.is_neutral("reach"):
                economy.goodwill[:] += economy.policy.reach[:, None]
                economy.reach[:] += economy.policy.reach
            economy.market_share[:], economy.rival_share[:] = self.shares(economy, economy.goodwill, shock)
        spent = self.expenditure(economy)
        economy.final_sales[:] = economy.market_share * spent[economy.segment]
        for purchase in economy.policy.purchases:
            orders = self.public_orders(economy, purchase)
            economy.final_sales[:, GOVERNMENT_MARKET] += orders
            spent[:, GOVERNMENT_MARKET] += purchase.local
            economy.flows.purchased[purchase.name] = orders
        economy.flows.expenditure = spent
