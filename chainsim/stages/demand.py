"""Final demand of every market is divided among enterprises and outside rivals.

    ln u_i = (1 - la)(ln s_i,-1 + eps_i) + la (g_i + eta q_i - (sigma - 1) ln p_i),   s = u / sum of u
    g_i += eps_i
    sales_i = s_i X (1 - r h + r c_i),   h = sum_j s_j c_j
    X = X_path exp(a + b_k - (v_a + v_b) / 2),   a = rho a_-1 + sd_a sqrt(1 - rho^2) z,   v_a = sd_a^2 (1 - rho^(2t))

Expenditure X moves around its path by a shock a of all markets and b of each segment's, both 0 in the base year; the
variance reached so far is compensated, so the mean of many runs is the path. They belong to seed, year and segment, so
paired worlds share them.

Of a market a share r asks for a certificate; c_i is 1 where a seller holds it, of the rival a part. Who asks and meets
one without looks once more, so the requirement binds as far as there are certified sellers, h.

Goodwill g belongs to every enterprise and to the rival, fixed in the base year and moved by the same shock eps, a
mean-compensated Laplace draw whose spread falls with size (Stanley et al. 1996; Bottazzi and Secchi 2006).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy import draws, group_sums, kernels, sectors
from chainsim.economy.arrays import GOVERNMENT_MARKET
from chainsim.economy.parameters import NonNegative, Number, Positive, Share, parameter
from chainsim.economy.types import Array
from chainsim.stages.base import Stage

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.economy.entry_points import Purchase


WIDTHS = (0.03, 0.45)
"""Least and largest standard deviation of the yearly demand shock of an enterprise, log, whatever its size."""
RIVAL_FROM = (0, 0, 0, 1)
"""Where the outside rival in each market comes from, national or abroad."""
ALL_MARKETS = "all markets"
"""Name under which the shock of all markets is drawn."""


class Demand(Stage):
    """Final demand of every market is divided among enterprises and outside rivals.

    Reads: price, quality, expected_orders. Entry points: market, adopters, reach, required, certificates,
    rival_certificates, purchases. Writes: goodwill, market_share, reach, certificate,
    rivals_certified and, at the year's price, the final orders of the year in final_sales.

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
    volatility_slope: Number = parameter(-0.21, "1", -0.3, -0.1, "T: slope near -.15 (S: Stanley et al. 1996)",
        "elasticity of the shock's standard deviation to size")
    market_volatility: NonNegative = parameter(0.08, "log", 0.0, 0.12, "J: no series of the region is long enough",
        "standard deviation of the expenditure of all markets around its path; 0 switches it off", lt=1)
    segment_volatility: NonNegative = parameter(0.08, "log", 0.0, 0.15, "J: no series of the region is long enough",
        "the same of each segment's markets beyond all markets; 0 switches it off", lt=1)
    market_persistence: Share = parameter(0.6, "1", 0.4, 0.8, "J",
        "part of the deviations of markets that is left a year later", lt=1)
    # fmt: on
    goodwill: Literal["persistent", "replicator", "off"] = Field(
        "persistent",
        description="persistent: goodwill moves with demand shocks only; replicator: it follows the share, so shares "
        "grow by fitness; off: no demand shocks, goodwill stays as in the base year.",
    )
    # fmt: off
    induced: Share = parameter(0.5, "1", 0.0, 1.0, "J",
        "elasticity of local final demand to household income relative to a reference run")
    # fmt: on

    writes: ClassVar[frozenset[str]] = frozenset({"goodwill", "market_share", "final_sales", "reach", "certificate"})

    def shock(self, economy: Economy) -> Array:
        """Yearly demand shock of each enterprise, (n,), log; the mean of its exponential is 1."""
        if self.volatility == 0.0 or self.goodwill == "off":
            return np.zeros(economy.n)
        relative = np.maximum(economy.relative_size, 1e-9) / self.volatility_size
        spread = np.clip(self.volatility * relative**self.volatility_slope, *WIDTHS) / np.sqrt(2.0)
        return draws.laplace(draws.uniform(economy, "demand.shock"), spread) + np.log1p(-(spread**2))

    def market_cycle(self, economy: Economy) -> Array:
        """This year's deviations from the path after last year's, (2, S), log: all markets', and each segment's."""
        spread = np.array([self.market_volatility, self.segment_volatility])
        step = spread * np.sqrt(1.0 - self.market_persistence**2)
        luck = np.zeros((2, economy.arrays.size))
        if spread[0] > 0.0:
            luck[0] = draws.normal_by_name(economy, "demand.markets", (ALL_MARKETS,))
        if spread[1] > 0.0:
            luck[1] = draws.normal_by_name(economy, "demand.segment", economy.segment_names)
        return self.market_persistence * economy.region.market_cycle + step[:, None] * luck

    def market_variance(self, years: int) -> float:
        """Variance of the log deviation of a segment's markets so many years after the base year."""
        whole = self.market_volatility**2 + self.segment_volatility**2
        return whole * (1.0 - self.market_persistence ** (2 * years))

    def market_factor(self, economy: Economy) -> Array:
        """Expenditure of each segment's markets over its path, (S,); its mean over many runs is 1."""
        return np.exp(np.add(*economy.region.market_cycle) - 0.5 * self.market_variance(economy.years))

    def appeal(self, economy: Economy) -> Array:
        """Log appeal of each enterprise in final markets without goodwill, (n,)."""
        return self.quality_elasticity * economy.quality - (self.elasticity - 1.0) * np.log(economy.price)

    def rival_appeal(self, economy: Economy) -> Array:
        """Log appeal of the outside rival in each market without goodwill, (S, 4)."""
        price = economy.policy.outside_price.take(RIVAL_FROM, axis=1)
        return -(self.elasticity - 1.0) * np.log(price)

    def certified_rivals(self, economy: Economy) -> Array:
        """Share of outside rivals that holds a certificate, (S,): newcomers hold none and are as many as here."""
        if economy.policy.is_neutral("rival_certificates") and not economy.region.rivals_certified.any():
            return np.zeros(economy.arrays.size)
        last = economy.expected_orders * economy.active
        new = economy.by_segment(np.where(economy.founded >= economy.year, last, 0.0))
        total = economy.by_segment(last)
        kept = 1.0 - np.divide(new, total, out=np.zeros_like(total), where=total > 0)
        held = economy.region.rivals_certified * kept
        return held + (1.0 - held) * economy.policy.rival_certificates

    def certified_factor(self, economy: Economy) -> Array | float:
        """Factor on what each enterprise sells in each market by its certificate, (n, 4); 1 where none is asked for."""
        if economy.policy.is_neutral("required"):
            return 1.0
        required, segment = economy.policy.required, economy.segment
        certificate = economy.certificate[:, None].astype(float)
        held = group_sums.column_sums(economy.market_share * certificate, segment, economy.arrays.size)
        held += economy.rival_share * economy.region.rivals_certified[:, None]
        unmet, asked = (required * held).take(segment, axis=0), required.take(segment, axis=0)
        return 1.0 - unmet + asked * certificate

    def shares(self, economy: Economy, goodwill: Array, shock: Array) -> tuple[Array, Array]:
        """Shares of enterprises (n, 4) and of the rival (S, 4) in each market's expenditure."""
        la = self.adjustment
        last = np.log(np.where(economy.market_share > 0, economy.market_share, 1.0))
        rival_last = np.log(economy.rival_share)
        kernels.moved_shares(last, shock, goodwill, self.appeal(economy), la)
        kept = rival_last if self.goodwill == "replicator" else economy.calibration.rival_goodwill
        rival = np.exp((1.0 - la) * rival_last + la * (kept + self.rival_appeal(economy)))
        own, total = np.exp(last, out=last), np.zeros(rival.shape)
        kernels.count_weights(economy.active, economy.segment, economy.market_share, own, total)
        total = rival + total
        return own / total.take(economy.segment, axis=0), rival / total

    def expenditure(self, economy: Economy) -> Array:
        """Expenditure of every market on every segment's products this year, (S, 4), CNY million."""
        spent = economy.market_expenditure()
        spent[:, 0] *= 1.0 + self.induced * (sectors.relative_income(economy) - 1.0)
        spent[:, 0] *= 1.0 + economy.region.adopters[1]
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
        if not economy.policy.is_neutral("certificates"):
            economy.certificate[:] = np.maximum(economy.certificate, economy.policy.certificates)
        economy.region.rivals_certified[:] = self.certified_rivals(economy)
        economy.region.market_cycle[:] = self.market_cycle(economy)
        if not economy.policy.is_neutral("adopters"):
            economy.region.adopters += economy.policy.adopters
        if self.enabled:
            shock = self.shock(economy)
            if self.goodwill == "replicator":
                share = np.where(economy.market_share > 0, economy.market_share, 1.0)
                economy.goodwill[:] = np.log(share)
            for of_market in economy.goodwill.T:  # a column at a time: NumPy is slow where rows are short
                of_market += shock
            if not economy.policy.is_neutral("reach"):
                economy.goodwill[:] += economy.policy.reach[:, None]
                economy.reach[:] += economy.policy.reach
            economy.market_share[:], economy.rival_share[:] = self.shares(economy, economy.goodwill, shock)
        spent = self.expenditure(economy)
        orders = economy.market_share * spent.take(economy.segment, axis=0)
        economy.final_sales[:] = orders * self.certified_factor(economy)
        for purchase in economy.policy.purchases:
            orders = self.public_orders(economy, purchase)
            economy.final_sales[:, GOVERNMENT_MARKET] += orders
            spent[:, GOVERNMENT_MARKET] += purchase.local
            economy.flows.purchased[purchase.name] = orders
        economy.flows.expenditure = spent
