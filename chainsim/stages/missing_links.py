"""Whether a missing link is worth a first plant, and how often one comes.

    v_l = (sum_b U_lb P_lb + x_l) / MES_l                                viability: demand a first plant could win
    rate = e0 max(0, v_l - 1) + e1 s0 g_l X_l / MES_l                    while the segment has no enterprise

U are purchases made outside, P the buyers' own logit with one local supplier at the segment's entry quality and the
design-in bonus, x sales to the rest of the nation, X the national market and g its growth. Judgement; swept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainsim.economy.protocols import DemographyRules
from chainsim.economy.types import Array

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


def choice_probability(economy: Economy) -> Array:
    """Probability that a buyer segment's slot goes to a first local plant, (S, S) over (input, buyer segment)."""
    sourcing, fixed, arrays = economy.stages.sourcing, economy.calibration, economy.arrays
    buyers = economy.by_segment(economy.expected_orders)
    quality = np.divide(
        economy.by_segment(economy.expected_orders * economy.quality),
        buyers,
        out=np.zeros_like(buyers),
        where=buyers > 0,
    )
    lacking = np.maximum(0.0, quality[None, :] - sourcing.quality_tolerance - arrays.quality_gap[:, None])
    pull = sourcing.outside_pull(economy)
    outside = pull[:, [0]] + pull[:, [1]] * np.exp(fixed.abroad)
    odds = np.exp(fixed.home + sourcing.home_offset - sourcing.quality_weight * lacking + sourcing.design_in) / outside
    return odds / (1.0 + odds)


def outside_sales(stage: DemographyRules, economy: Economy) -> Array:
    """Sales to the rest of the nation that a first plant can expect, (S,), CNY million."""
    national = economy.market_expenditure()[:, 2]
    served = economy.calibration.base_enterprises > 0
    mean_gap = float(economy.arrays.quality_gap[served].mean()) if served.any() else 0.0
    appeal = np.exp(economy.stages.demand.quality_elasticity * (economy.arrays.quality_gap - mean_gap))
    return stage.outside_share * national * appeal


def plant_scale(economy: Economy) -> Array:
    """Minimum efficient scale that private money must carry, (S,), CNY million."""
    return economy.arrays.min_efficient_scale * (1.0 - np.minimum(economy.policy.plant_grant, 0.9))


def viability(stage: DemographyRules, economy: Economy) -> Array:
    """Demand that a first plant could win over the minimum efficient scale, (S,)."""
    outside = economy.flows.trade[:, :, 1:].sum(axis=2)
    won = (outside * choice_probability(economy)).sum(axis=1)
    return (won + outside_sales(stage, economy)) / plant_scale(economy)


def arrival_rate(stage: DemographyRules, economy: Economy) -> Array:
    """Rate of first plants, (S,), 1/y; part of the demand term once the link has enterprises, 0 if never missing."""
    arrays = economy.arrays
    missing = economy.calibration.base_enterprises == 0
    empty = economy.by_segment(np.ones(economy.n)) == 0
    demand = stage.link_rate * np.maximum(0.0, viability(stage, economy) - 1.0)
    now, last = arrays.expenditure[economy.years][:, 2], arrays.expenditure[economy.years - 1][:, 2]
    new_plants = np.maximum(now - last, 0.0) / plant_scale(economy)
    invited = np.exp(stage.location_response * economy.policy.plant_grant) * economy.policy.location
    outside = stage.outside_rate * stage.outside_share * new_plants * invited
    return np.where(missing, np.where(empty, demand + outside, stage.followers * demand), 0.0)
