"""Final demand of every market is divided among enterprises and outside rivals."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from chainsim.parameters import NonNegative, Number, Positive, Share, parameter
from chainsim.stages.base import Stage


class Demand(Stage):
    """Final demand of every market is divided among enterprises and outside rivals."""

    key: ClassVar[str] = "demand"

    elasticity: Positive = parameter(4.0, unit="1", low=3.0, high=8.0, source="J: trade literature, varieties of a product group", help="price elasticity between varieties in final markets, sigma_M")
    quality_elasticity: NonNegative = parameter(1.0, unit="1", low=0.5, high=2.0, source="J", help="response of final demand to quality, eta")
    adjustment: Share = parameter(0.3, unit="1/y", low=0.1, high=1.0, source="J", help="speed at which shares move to their long-run value")
    volatility: NonNegative = parameter(0.17, unit="log", low=0.1, high=0.25, source="T", help="standard deviation of the yearly demand shock at .3 of the segment's mean size")
    volatility_slope: Number = parameter(-0.21, unit="1", low=-0.3, high=-0.1, source="T: gives a volatility-size slope near -.15 (S: Stanley et al. 1996)", help="elasticity of the shock's standard deviation to size")
    goodwill: Literal["persistent", "replicator", "off"] = Field("persistent", description="persistent: goodwill moves with demand shocks only; replicator: it follows the share, so shares grow by fitness; off: no goodwill memory and no shocks.")
    induced: Share = parameter(0.5, unit="1", low=0.0, high=1.0, source="J", help="elasticity of local final demand to household income relative to a reference run")
