"""R&D, knowledge, discovery and imitation."""

from __future__ import annotations

from typing import ClassVar

from chainsim.parameters import NonNegative, Number, Positive, Share, parameter
from chainsim.stages.base import Stage


class Innovation(Stage):
    """R&D, knowledge, discovery and imitation."""

    key: ClassVar[str] = "innovation"

    discovery_rate: NonNegative = parameter(0.15, unit="1/y", low=0.08, high=0.3, source="C: K+S family, search .3 x success .5", help="rate of discovery at norm effort, zeta xi")
    effort_elasticity: Share = parameter(0.5, unit="1", low=0.3, high=0.8, source="J", help="elasticity of the rate to effort, b")
    size_elasticity: Share = parameter(0.25, unit="1", low=0.0, high=0.5, source="T", help="elasticity of effort to relative size")
    step_low: Number = parameter(-0.15, unit="log", low=-0.2, high=-0.05, source="T", help="worst draw of an innovation")
    step_high: Positive = parameter(0.30, unit="log", low=0.15, high=0.4, source="T", help="best draw of an innovation")
    catch_up: Share = parameter(0.5, unit="1", low=0.2, high=0.8, source="J", help="share of the gap to a better enterprise that imitation closes")
    productivity_persistence: Share = parameter(0.95, unit="1", low=0.85, high=0.98, source="T", help="yearly persistence of log productivity")
    productivity_sd: NonNegative = parameter(0.08, unit="log", low=0.05, high=0.15, source="T", help="standard deviation of the yearly productivity shock, s_z")
    quality_persistence: Share = parameter(0.95, unit="1", low=0.85, high=0.98, source="T", help="yearly persistence of quality")
    quality_sd: NonNegative = parameter(0.06, unit="log", low=0.03, high=0.1, source="T", help="standard deviation of the yearly quality shock")
    knowledge_depreciation: Share = parameter(0.15, unit="1/y", low=0.10, high=0.40, source="S: Hall 2007", help="depreciation of knowledge")
    knowledge_elasticity: NonNegative = parameter(0.03, unit="1", low=0.01, high=0.06, source="T: with discovery it gives an R&D elasticity near .08 (S: Ugur et al. 2016, .03-.13)", help="elasticity of productivity to knowledge intensity, gamma")
    agglomeration: NonNegative = parameter(0.04, unit="1", low=0.02, high=0.10, source="S: Melo et al. 2009; Combes and Gobillon 2015", help="elasticity of productivity to staff density of the park")
    congestion: NonNegative = parameter(0.02, unit="1", low=0.0, high=0.05, source="J", help="loss of productivity per log of staff over the park's capacity")
    institute_elasticity: NonNegative = parameter(0.04, unit="1", low=0.02, high=0.06, source="S: Valero and Van Reenen 2019", help="elasticity of productivity to institute knowledge")
    user_cost_elasticity: NonNegative = parameter(1.0, unit="1", low=0.15, high=2.5, source="S: Hall and Van Reenen 2000; Thomson 2017", help="response of R&D to its user cost")
    spillover: NonNegative = parameter(0.2, unit="1", low=0.0, high=0.5, source="J", help="effort that the knowledge pool of the neighbourhood adds at norm absorptive capacity")
    institute_effort: NonNegative = parameter(0.1, unit="1", low=0.0, high=0.3, source="J", help="effort that institute knowledge adds at norm absorptive capacity")
    other_park: Share = parameter(0.3, unit="1", low=0.0, high=1.0, source="J", help="weight of knowledge in other parks against the own park")
