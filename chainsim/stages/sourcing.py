"""Buyers review their links and choose suppliers."""

from __future__ import annotations

from typing import ClassVar

from chainsim.parameters import NonNegative, Number, Positive, Share, parameter
from chainsim.stages.base import Stage


class Sourcing(Stage):
    """Buyers review their links and choose suppliers."""

    key: ClassVar[str] = "sourcing"

    review_rate: Share = parameter(0.10, unit="1/y", low=0.05, high=0.5, source="T: gives a yearly link survival near .92 (S: Mizuno et al. 2014; Reisch et al. 2025: .45-.93)", help="probability that a slot is reviewed when its supplier delivers in full")
    fill_response: NonNegative = parameter(0.5, unit="1/y", low=0.2, high=0.9, source="T", help="added review probability per unit of missing delivery")
    break_rate: Share = parameter(0.02, unit="1/y", low=0.0, high=0.1, source="T", help="probability that a link breaks without reason")
    candidates: int = parameter(8, unit="enterprises", low=3, high=16, source="J", help="local suppliers sampled at a review", ge=1, le=32)
    visibility: Share = parameter(0.8, unit="1", low=0.0, high=1.0, source="T: customer-degree tail", help="weight of size, against equal chances, in being sampled")
    substitution: Positive = parameter(3.0, unit="1", low=1.5, high=5.0, source="S: Bajzik et al. 2020", help="elasticity of substitution between suppliers, sigma_A")
    quality_weight: NonNegative = parameter(1.5, unit="1", low=0.5, high=3.0, source="J", help="loss of attractiveness per log point of missing quality")
    quality_tolerance: NonNegative = parameter(0.3, unit="log", low=0.1, high=0.6, source="J", help="quality below the buyer's own that is accepted without loss")
    capacity_weight: NonNegative = parameter(2.0, unit="1", low=0.5, high=3.0, source="T", help="loss of attractiveness per log of the order over spare capacity")
    park_weight: NonNegative = parameter(0.3, unit="1", low=0.0, high=0.6, source="J", help="bonus of a supplier in the buyer's park")
    home_offset: Number = parameter(0.2, unit="1", low=0.1, high=0.3, source="T", help="added to every home constant: the base year is better for local suppliers than any later state")
    design_in: NonNegative = parameter(1.5, unit="1", low=0.5, high=2.5, source="J", help="bonus of the first suppliers of a missing link, fading with age")
    design_in_years: Positive = parameter(5.0, unit="y", low=3.0, high=8.0, source="J", help="years over which the bonus fades")
    design_in_review: Share = parameter(0.2, unit="1/y", low=0.0, high=0.4, source="J", help="added review rate of outside slots for three years after a missing link is filled")
