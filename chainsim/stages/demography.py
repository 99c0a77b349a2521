"""Exit and entry."""

from __future__ import annotations

from typing import ClassVar

from chainsim.parameters import NonNegative, Number, Positive, Share, parameter
from chainsim.stages.base import Stage


class Demography(Stage):
    """Exit and entry."""

    key: ClassVar[str] = "demography"

    hazard_size: Number = parameter(-0.5, unit="1", low=-0.7, high=-0.2, source="T", help="elasticity of the exit hazard to relative size")
    hazard_profit: NonNegative = parameter(2.0, unit="1", low=0.0, high=5.0, source="J", help="fall of the log hazard per unit of profit margin above the segment's")
    hazard_scale: NonNegative = parameter(1.2, unit="1", low=0.8, high=1.5, source="T: aggregate exit .062-.093 (S: facts B090, B091)", help="factor on the exit hazard of the data")
    negligible: NonNegative = parameter(0.02, unit="1", low=0.0, high=0.1, source="J", help="output over the segment's small enterprises below which an enterprise closes")
    entry_profit: NonNegative = parameter(2.5, unit="1", low=0.0, high=5.0, source="T", help="response of entry to profit above its recent level")
    profit_memory: Share = parameter(0.25, unit="1/y", low=0.1, high=0.5, source="T", help="weight of this year in the reference profit of entry")
    entrant_size: Positive = parameter(0.6, unit="1", low=0.4, high=1.0, source="T: neutrality against fixed shares", help="size of an entrant over the segment's small enterprises")
    entrant_size_sd: NonNegative = parameter(0.75, unit="log", low=0.4, high=1.0, source="T", help="standard deviation of the log size of entrants")
    entrant_productivity: Number = parameter(-0.1, unit="log", low=-0.2, high=0.0, source="T", help="mean productivity of entrants relative to the segment")
    entrant_productivity_sd: NonNegative = parameter(0.2, unit="log", low=0.1, high=0.3, source="T", help="standard deviation of the productivity of entrants")
    spin_off: Share = parameter(0.3, unit="1", low=0.1, high=0.5, source="J", help="share of entrants that spin off an incumbent and copy its park and partners")
    inherit: Share = parameter(1.0, unit="1", low=0.0, high=1.0, source="J", help="share of the final sales of closed enterprises that passes to local rivals")
    link_rate: NonNegative = parameter(0.01, unit="1/y", low=0.003, high=0.03, source="J", help="rate of first plants per unit of viability above 1 of a missing link, e0")
    unmet_rate: NonNegative = parameter(0.02, unit="1/y", low=0.005, high=0.05, source="J", help="rate of added entrants per minimum plant of new outside purchases")
    outside_rate: NonNegative = parameter(0.2, unit="1", low=0.1, high=1.0, source="J", help="region's share of new plants in China over its share of the market, e1")
    outside_share: Share = parameter(0.0012, unit="1", low=0.0005, high=0.003, source="T: median national share of the existing segments", help="share of the national market that a first plant reaches at mean quality, s0")
