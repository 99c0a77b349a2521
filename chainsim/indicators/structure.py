"""Measures of the chain's structure: localization at fixed weights, local content, completeness, extension, strength.

Matrices over (input, buyer segment) are (S, S); `groups` (G, S) says which segments belong to a group. Any number of
years may stand before these axes, written (..., S).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainsim.economy import group_sums
from chainsim.economy.derived import PLANT_PART
from chainsim.economy.types import Array, Flags
from chainsim.indicators.sums import Sums, of_groups, ratio

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


DEMAND_PART = 0.05
COVERED_PART = 0.1
QUALITY_SLACK = 0.1
DELIVERED = 0.8


def fixed_weight_rate(trade: Array, base_trade: Array, groups: Array) -> Array:
    """Local share of purchases of the buyers in each group at base-year purchase weights, (..., G)."""
    rate = ratio(trade[..., 0], trade.sum(axis=-1))
    weight = base_trade.sum(axis=-1)
    return ratio(of_groups(groups, (rate * weight).sum(axis=-2)), groups @ weight.sum(axis=0))


def supporting_rate(economy: Economy) -> float:
    """Local share of the anchors' purchases of modelled inputs."""
    bought = economy.flows.trade[:, economy.arrays.anchors]
    total = bought.sum()
    return float(bought[:, :, 0].sum() / total) if total > 0 else 0.0


def leontief(trade: Array, sales: Array) -> Array:
    """Leontief inverse of local supply, (..., S, S): local output per unit of final sales, at `sales` (..., S)."""
    local = trade[..., 0] / np.where(sales > 0, sales, 1.0)[..., None, :]
    return np.asarray(np.linalg.inv(np.eye(sales.shape[-1]) - local), dtype=np.float64)


def local_content(inverse: Array, sums: Sums) -> Array:
    """Value added in the region per unit of final sales, (..., S), by the Leontief `inverse` (..., S, S)."""
    added = ratio(sums["value_added"], sums["output"])
    return np.asarray(np.matmul(np.swapaxes(inverse, -1, -2), added[..., None])[..., 0], dtype=np.float64)


def upstreamness(trade: Array, sales: Array) -> Array:
    """Mean number of stages between output and final use, (..., S) (Antras, Chor, Fally and Hillberry 2012)."""
    sold = trade[..., 0] / np.where(sales > 0, sales, 1.0)[..., None]
    size = sales.shape[-1]
    stages = np.linalg.solve(np.eye(size) - sold, np.ones((size, 1)))[..., 0]
    return np.where(sales > 0, stages, 0.0)


def covered_demand(economy: Economy, sums: Sums) -> tuple[Array, Array]:
    """Share of demand for each segment that viable local suppliers, and their plants alone, could serve, two of (S,).

    Viable are suppliers that deliver 80 % of their orders and whose quality is what their buyers require less .1, or
    whatever their quality where buyers take 5 % of the demand from those of the segment that deliver. Capacity for a
    tenth of the demand counts as full; output must reach half the minimum efficient scale or 5 % of the demand. Several
    small suppliers count like one of their size; a plant has the capacity of half the minimum efficient scale.
    """
    demand, segment = sums["demand"], economy.segment
    delivering = delivers(economy)
    viable, capacity = delivering & is_taken(economy, demand, delivering), economy.capacity
    both = np.array((capacity, economy.output))

    def covered(suppliers: Flags) -> Array:
        able, made = group_sums.row_sums(both, segment, suppliers, economy.arrays.size)
        return covered_part(able, made, demand, economy.arrays.min_efficient_scale)

    return covered(viable), covered(viable & economy.is_plant(capacity))


def delivers(economy: Economy) -> Flags:
    """Enterprises in business that deliver 80 % of their orders, (n,)."""
    return economy.active & (economy.output > 0) & (economy.fill >= DELIVERED)


def is_taken(economy: Economy, demand: Array, delivering: Flags) -> Flags:
    """Enterprises whose quality is what buyers require less .1, and all of segments that buyers take, (n,)."""
    sold = group_sums.sums(economy.intermediate_sales, economy.segment, delivering, economy.arrays.size)
    accepted = (demand > 0) & (sold >= DEMAND_PART * demand)
    good = economy.quality >= required_quality(economy)[economy.segment] - QUALITY_SLACK
    return np.asarray(good | accepted[economy.segment], dtype=bool)


def covered_part(able: Array, made: Array, demand: Array, scale: Array) -> Array:
    """Share of `demand` that suppliers of capacity `able` and output `made` could serve, (S,); `scale` is the least."""
    enough = np.minimum(PLANT_PART * scale, DEMAND_PART * demand)
    return np.where(made >= enough, np.minimum(1.0, ratio(able, COVERED_PART * demand)), 0.0)


def required_quality(economy: Economy) -> Array:
    """Quality that buyers of each segment require, (S,): purchase-weighted median quality of buyers less tolerance."""
    typical = economy.median_by_segment(economy.quality)
    bought = economy.flows.trade.sum(axis=2)
    return ratio(bought @ typical, bought.sum(axis=1)) - economy.stages.sourcing.quality_tolerance


def completeness(demand: Array, covered: Array, groups: Array) -> Array:
    """Demand-weighted covered share of each group's segments, (..., G)."""
    return ratio(of_groups(groups, demand * covered), of_groups(groups, demand))


def extension(output: Array, groups: Array, products: Array, present: Array) -> Array:
    """Effective number of products in each group, (..., G): exponential of the entropy over segments and products.

    Segments count by `output` (..., S), that of the base year where weights are fixed; one that is not `present`
    (..., S) any more counts nothing. `products` (..., S) is the mean log number of products of its enterprises, by
    output: those of one segment make the same kinds. With products 0 it is the effective number of segments.
    """
    own, there = groups * output[..., None, :], present[..., None, :]
    share = ratio(own, of_groups(groups, output)[..., None] * np.ones_like(groups)) * there
    logs = np.log(np.where(share > 0, share, 1.0))
    counted = np.matmul(groups * there, output[..., None])[..., 0] > 0
    return np.where(counted, np.exp((share * (products[..., None, :] - logs)).sum(axis=-1)), 0.0)


def strength_parts(sums: Sums, groups: Array) -> Array:
    """National market share, mean quality level and R&D intensity of each group at the year's weights, (..., 3, G)."""
    parts = ("national_sales", "national_markets"), ("quality_level", "output"), ("rd", "output")
    rates = [ratio(of_groups(groups, sums[top]), of_groups(groups, sums[bottom])) for top, bottom in parts]
    return np.stack(rates, axis=-2)


def fixed_rd_intensity(sums: Sums, groups: Array, base_output: Array) -> Array:
    """R&D over output of the segments in each group that still produce, at base-year output (S,), (..., G)."""
    weight = np.where(sums["output"] > 0, base_output, 0.0)
    return ratio(of_groups(groups, ratio(sums["rd"], sums["output"]) * weight), of_groups(groups, weight))


def strength(parts: Array, base: Array) -> Array:
    """Geometric mean of the three parts (..., 3, G) relative to the base year, (..., G); 0 where the base has none."""
    return np.prod(ratio(parts, base), axis=-2) ** (1.0 / 3.0)


def largest_share(economy: Economy, values: Array, total: Array) -> Array:
    """Largest enterprise's part of `total` (S,) in `values` (n,), (S,)."""
    return ratio(group_sums.largest(values, economy.segment, economy.operated, economy.arrays.size), total)
