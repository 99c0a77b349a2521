"""Prices from unit cost and markup."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from chainsim.parameters import NonNegative, Positive, Share, parameter
from chainsim.stages.base import Stage


class Pricing(Stage):
    """Prices from unit cost and markup."""

    key: ClassVar[str] = "pricing"

    lag: Share = parameter(0.2, unit="1", low=0.0, high=0.5, source="J", help="weight of last year's price")
    markup_response: NonNegative = parameter(0.04, unit="1", low=0.0, high=0.1, source="C: K+S family (Dosi, Fagiolo and Roventini 2010)", help="response of the markup to the log change of the share in local sales, v")
    markup_scale_floor: NonNegative = parameter(0.05, unit="1", low=0.02, high=0.1, source="J", help="smallest base markup that scales the response")
    markup_ceiling: Positive = parameter(0.6, unit="1", low=0.4, high=1.0, source="J", help="highest markup on unit cost")
    price_floor: Positive = parameter(1.02, unit="1", low=1.0, high=1.05, source="T", help="lowest price over unit cost without capital")
    passthrough: Share = parameter(1.0, unit="1", low=0.8, high=1.0, source="J", help="share of the outside price trend that local costs follow")
    fixed: bool = Field(False, description="Keep every price at its base value.")
