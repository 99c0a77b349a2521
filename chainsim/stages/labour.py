"""Migration, hiring and wages."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from chainsim.parameters import NonNegative, Number, Positive, Share, parameter
from chainsim.stages.base import Stage


class Labour(Stage):
    """Migration, hiring and wages."""

    key: ClassVar[str] = "labour"

    substitution: Positive = parameter(1.5, unit="1", low=0.7, high=2.6, source="S: meta-analyses of skilled-ordinary substitution", help="elasticity between ordinary and skilled staff, sigma_H")
    quit_rate: Share = parameter(0.08, unit="1/y", low=0.04, high=0.15, source="J", help="staff who leave by themselves")
    layoff_limit: Share = parameter(0.30, unit="1/y", low=0.1, high=0.5, source="J", help="largest share of staff laid off in a year")
    matching_elasticity: Share = parameter(0.5, unit="1", low=0.3, high=0.7, source="S: Petrongolo and Pissarides 2001", help="elasticity of hires to the unemployed")
    matching_slack: Positive = parameter(1.25, unit="1", low=1.05, high=1.6, source="T", help="matches possible over vacancies in the base year")
    unemployment_floor: Share = parameter(0.002, unit="1", low=0.0, high=0.02, source="J", help="unemployment that hiring cannot lower further")
    wage_curve: Number = parameter(-0.07, unit="1", low=-0.15, high=-0.05, source="S: Nijkamp and Poot 2005", help="elasticity of the wage to unemployment")
    wage_productivity: Share = parameter(0.3, unit="1", low=0.0, high=0.6, source="J", help="share of productivity gains beyond the trend that reaches wages")
    migration: NonNegative = parameter(0.2, unit="1/y", low=0.1, high=0.4, source="S: Moretti and Wilson 2017, long run 1.8", help="yearly response of the labour force to log relative pay")
    migration_unemployment: NonNegative = parameter(0.03, unit="1/y", low=0.0, high=0.1, source="J", help="yearly loss of labour force per log of relative unemployment")
    rest_response: NonNegative = parameter(0.02, unit="1/y", low=0.0, high=0.1, source="T", help="yearly response of employment in the rest of the region to log relative unemployment")
    overtime: NonNegative = parameter(0.25, unit="1", low=0.1, high=0.4, source="C: K+S family", help="hours beyond the normal that staff can work")
    overtime_pay: Positive = parameter(1.5, unit="1", low=1.0, high=2.0, source="S: labour law of the PRC, art. 44", help="pay of an overtime hour over a normal hour")
    research_share: Share = parameter(0.6, unit="1", low=0.3, high=0.7, source="J", help="share of R&D spent on own staff, rho")
    regional: bool = Field(True, description="Region-wide labour pool and wages; false: wages follow the trend and everybody wanted is hired.")
