"""Taxes, interest, credit, dividends and default."""

from __future__ import annotations

from typing import ClassVar

from chainsim.parameters import NonNegative, Share, parameter
from chainsim.stages.base import Stage


class Finance(Stage):
    """Taxes, interest, credit, dividends and default."""

    key: ClassVar[str] = "finance"

    interest_rate: NonNegative = parameter(0.045, unit="1/y", low=0.03, high=0.06, source="J: one-year loan prime rate and margin of 2020", help="interest on debt and cost of own capital")
    spread: NonNegative = parameter(0.01, unit="1/y", low=0.0, high=0.03, source="J", help="added interest on debt above the normal leverage")
    leverage: Share = parameter(0.3, unit="1", low=0.1, high=0.5, source="T", help="normal debt over capital")
    payout: Share = parameter(0.4, unit="1", low=0.2, high=0.6, source="J", help="share of cash above the need that is paid out", gt=0)
    cash_need: NonNegative = parameter(0.10, unit="1", low=0.05, high=0.2, source="J", help="cash held over sales")
    default_years: int = parameter(2, unit="y", low=1, high=3, source="J", help="years with negative net worth and cash before default", ge=1)
