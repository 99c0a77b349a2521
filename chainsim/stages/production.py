"""Orders cascade upstream, capacity rations, deliveries run downstream."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from chainsim.parameters import NonNegative, Share, parameter
from chainsim.stages.base import Stage


class Production(Stage):
    """Orders cascade upstream, capacity rations, deliveries run downstream."""

    key: ClassVar[str] = "production"

    capacity: bool = Field(True, description="Capital and staff limit output; false: output equals orders.")
    premium: NonNegative = parameter(0.10, unit="1", low=0.05, high=0.3, source="J", help="price premium of an order placed outside because the local supplier could not deliver")
    replaceable: Share = parameter(0.5, unit="1", low=0.2, high=0.8, source="J", help="share of a cut outside supply that others replace at the premium")
    expectation: Share = parameter(0.75, unit="1/y", low=0.3, high=1.0, source="J", help="weight of this year's orders in expected orders")
