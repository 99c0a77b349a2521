"""Capital is replaced and expanded."""

from __future__ import annotations

from typing import ClassVar

from chainsim.parameters import NonNegative, Positive, Share, parameter
from chainsim.stages.base import Stage


class Investment(Stage):
    """Capital is replaced and expanded."""

    key: ClassVar[str] = "investment"

    utilisation: Positive = parameter(0.80, unit="1", low=0.7, high=0.9, source="C: K+S family", help="planned use of capacity", le=1)
    trigger: NonNegative = parameter(0.20, unit="1", low=0.1, high=0.3, source="T: share of years with I/K > .2", help="gap of capital beyond which an enterprise expands or lets capital wear out")
    depreciation: Share = parameter(0.08, unit="1/y", low=0.05, high=0.12, source="S: NBS input-output table 2020", help="yearly depreciation of capital")
    delay: Share = parameter(0.25, unit="1", low=0.0, high=0.5, source="J", help="share of an expansion that arrives a year late (approval and construction)")
    loan_to_value: Share = parameter(0.6, unit="1", low=0.4, high=0.8, source="C: BeforeIT (Poledna et al. 2023)", help="highest debt over capital")
