"""A scenario as the arrays the model runs on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

import numpy as np

from chainsim.economy.arrays import MARKETS, OWNERS, ScenarioArrays
from chainsim.economy.links import upstream_order
from chainsim.economy.types import Array, Index
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.schema import Market, Segment
from chainsim.stages import Innovation

FOREIGN_PART = 0.3
"""Share of outside purchases made abroad where the scenario does not say."""


SAME_NAME = (
    *("output", "labour_share", "skilled_share", "labour_cost_factor", "rd_share", "capital_per_output"),
    *("min_efficient_scale", "price_trend", "quality_gap", "drag", "process_share", "high_tech_share", "exit_hazard"),
)
"""Numbers of a segment that the model uses as they are stated, under the same name."""


def scenario_arrays(scenario: Scenario) -> ScenarioArrays:
    """The arrays of a scenario.

    Returns:
        ScenarioArrays with S segments in the scenario's order and T + 1 years from the base year.
    """
    return ScenarioArrays(
        start=scenario.years.start,
        end=scenario.years.end,
        **chain_arrays(scenario),
        **segment_arrays(scenario),
        **market_arrays(scenario),
        **region_values(scenario),
        **population_values(scenario),
    )


def chain_arrays(scenario: Scenario) -> dict[str, Any]:
    """What the chain is made of and who buys from whom: names, tiers, and matrices over (input, buyer)."""
    chain, segments, names = scenario.chain, list(scenario.chain.segments.values()), tuple(scenario.chain.segments)
    technical = matrix(names, [s.inputs for s in segments])
    local = matrix(names, [s.localization for s in segments])
    return {
        "names": names,
        "tiers": chain.tiers,
        "tier": np.array([chain.tiers.index(s.tier) for s in segments], dtype=np.int64),
        "industries": tuple(s.industry for s in segments),
        "chain": np.isin(list(chain.segments), chain.own_segments),
        "anchors": np.array([name in anchors(scenario) for name in names]),
        "order": upstream_order(technical, names),
        "technical": technical,
        "local_rate": local,
        "abroad_rate": foreign_part(names, segments, local),
        "criticality": np.where(technical > 0, matrix(names, [s.criticality for s in segments], missing=1.0), 0.0),
        "proximity": proximity(segments, scenario.stages.innovation),
        "other_inputs": 1.0 - technical.sum(axis=0) - column(segments, "value_added_share"),
    }


def segment_arrays(scenario: Scenario) -> dict[str, Any]:
    """What the scenario says of each segment by itself, (S,) in the scenario's order."""
    segments = list(scenario.chain.segments.values())
    wage = np.stack([column(segments, "wage_ordinary"), column(segments, "wage_skilled")])
    large, small = numbers(scenario)
    return {
        **{name: column(segments, name) for name in SAME_NAME},
        "production_tax": column(segments, "production_tax_share"),
        "wage": wage * column(segments, "labour_cost_factor") / 1000.0,
        "owners": np.array([[s.owners.get(owner, 0.0) for owner in OWNERS] for s in segments]),
        "large": large,
        "small": small,
        "small_output": np.array([s.enterprises.small_output for s in segments]),
        "tail": np.array([s.enterprises.tail for s in segments]),
        "institute_knowledge": institute_knowledge(scenario),
    }


def market_arrays(scenario: Scenario) -> dict[str, Any]:
    """Final markets in the base year, (S, 4), and what the scenario says of every year, (T + 1, S) and more."""
    segments, names = list(scenario.chain.segments.values()), tuple(scenario.chain.segments)
    years = range(scenario.years.start, scenario.years.end + 1)
    volume = np.array([[market_volume(s.markets.get(m)) for m in MARKETS] for s in segments])
    technical, local = matrix(names, [s.inputs for s in segments]), matrix(names, [s.localization for s in segments])
    spent = expenditure(segments, volume, range(years.start, years.stop + 1))
    return {
        "market_sales": np.array([[market_sales(s.markets.get(m)) for m in MARKETS] for s in segments]),
        "market_volume": volume,
        "expenditure": spent[:-1],
        "outlook": outlook(segments, technical * local, spent),
        "deflator": np.array([[(1.0 + s.price_trend) ** t for s in segments] for t in range(len(years))]),
        "rd_deduction": np.array([rd_deduction(scenario, s, years) for s in segments]).T.copy(),
    }


def region_values(scenario: Scenario) -> dict[str, Any]:
    """Parks, labour, taxes, households and common trends of the region; one common park where none is stated."""
    region = scenario.region
    return {
        "park_names": tuple(region.parks) or ("region",),
        "park_share": np.array([p.share for p in region.parks.values()] or [1.0]),
        "park_room": np.array([p.room for p in region.parks.values()] or [1.3]),
        "productivity_growth": region.productivity_growth,
        "wage_growth": region.productivity_growth if region.wage_growth is None else region.wage_growth,
        "rest_ratio": np.array([region.labour.rest_ordinary, region.labour.rest_skilled]),
        "unemployment": region.labour.unemployment,
        "profit_tax": (region.taxes.profit, region.taxes.high_tech_profit),
        "households": region.households,
    }


def population_values(scenario: Scenario) -> dict[str, Any]:
    """How the base-year population is built."""
    population = scenario.population
    return {
        "size_scale": population.scale,
        "largest": population.largest,
        "slots": population.slots,
        "slot_purchases": population.slot_purchases,
        "supply_limit": population.supply_limit,
    }


def column(segments: list[Segment], field: str) -> Array:
    """A number of every segment, (S,), in its unit."""
    return np.array([getattr(segment, field) for segment in segments], dtype=float)


def rd_deduction(scenario: Scenario, segment: Segment, years: range) -> list[float]:
    """Extra deduction of R&D in every year: that of the segment where stated, else that of the region."""
    return yearly(segment.rd_deduction or scenario.region.taxes.rd_deduction, years)


def anchors(scenario: Scenario) -> tuple[str, ...]:
    """Segments whose purchases define the supporting rate."""
    stated = scenario.chain.anchors
    return stated or tuple(k for k, s in scenario.chain.segments.items() if s.tier in scenario.chain.application)


def matrix(names: tuple[str, ...], columns: list[Mapping[str, float]], missing: float = 0.0) -> Array:
    """A matrix over (input, buyer) from one mapping of inputs per buyer, (S, S)."""
    return np.array([[column.get(name, missing) for column in columns] for name in names], dtype=float)


def foreign_part(names: tuple[str, ...], segments: list[Segment], local: Array) -> Array:
    """Foreign share of what is bought outside the region, (S, S)."""
    stated = matrix(names, [s.abroad for s in segments], missing=np.nan)
    outside = 1.0 - local
    share = np.divide(stated, outside, out=np.zeros_like(stated), where=outside > 0)
    return np.clip(np.where(np.isnan(stated), FOREIGN_PART, share), 0.0, 1.0)


def proximity(segments: list[Segment], weights: Innovation) -> Array:
    """How much knowledge of one segment serves another, (S, S): 1 within it, less by industry and tier."""
    near = np.zeros((len(segments), len(segments)))
    for i, one in enumerate(segments):
        for j, other in enumerate(segments):
            if i == j:
                near[i, j] = 1.0
            elif one.industry == other.industry and one.industry != "general":
                near[i, j] = weights.same_industry
            elif one.tier == other.tier:
                near[i, j] = weights.same_tier
    return near


def market_sales(market: Market | None) -> float:
    """Base-year sales of local enterprises in a market, CNY million."""
    return 0.0 if market is None else market.sales


def market_volume(market: Market | None) -> float:
    """Base-year expenditure in a market, CNY million, outside rivals included."""
    if market is None:
        return 0.0
    if market.volume is not None:
        return market.volume
    return market.sales / market.local_share if market.local_share else 0.0


def expenditure(segments: list[Segment], volume: Array, years: range) -> Array:
    """Expenditure in value by year, segment and market, (T + 1, S, 4): volume growth times the outside price trend."""
    grown = np.array([[yearly_growth(each.markets.get(market), years) for market in MARKETS] for each in segments])
    dearer = 1.0 + column(segments, "price_trend")[:, None]
    spent = np.zeros((len(years), *volume.shape))
    spent[0] = volume
    for t in range(1, len(years)):
        spent[t] = spent[t - 1] * (1.0 + grown[:, :, t]) * dearer
    return spent


def yearly_growth(market: Market | None, years: range) -> list[float]:
    """Growth of the expenditure in a market in every year, 1/y; the first year's counts nothing."""
    return [0.0] * len(years) if market is None else yearly(market.growth, years)


def yearly(path: float | Mapping[int, float], years: range) -> list[float]:
    """Values of a rate in every year, the first of them before it is stated."""
    if not isinstance(path, Mapping):
        return [float(path)] * len(years)
    first = sorted(path)
    return [float(path[first[max(bisect_right(first, year) - 1, 0)]]) for year in years]


def outlook(segments: list[Segment], local: Array, spent: Array) -> Array:
    """Growth of output that the markets promise at fixed shares, (T + 2, S), 1/y; 0 in the base year.

    It reaches a year beyond the run, so that plans made in the last year do not depend on where the run ends.

    The Leontief solution of final sales that grow with their markets; for a missing link, its whole market's growth.
    """
    sales = np.array([[market_sales(s.markets.get(m)) for m in MARKETS] for s in segments])
    grown = np.divide(spent, spent[0], out=np.ones_like(spent), where=spent[0] > 0)
    final = (grown * sales).sum(axis=2)
    output = np.linalg.solve(np.eye(len(segments)) - local, final.T).T
    level = np.where(output > 0, output, np.maximum(spent.sum(axis=2), 1e-300))
    return np.concatenate([np.zeros((1, len(segments))), level[1:] / level[:-1] - 1.0])


def numbers(scenario: Scenario) -> tuple[Index, Index]:
    """Synthetic enterprises of each segment above and below scale, two of (S,), after `population.scale`."""
    scale = scenario.population.scale
    large, small = [], []
    for name, segment in scenario.chain.segments.items():
        named = sum(e.segment == name for e in scenario.enterprises)
        rest = max(segment.enterprises.number - named, 0)
        large.append(max(round(rest * scale), min(rest, 1)))
        small.append(max(round(segment.enterprises.small * scale), min(segment.enterprises.small, 1)))
    return np.array(large, dtype=np.int64), np.array(small, dtype=np.int64)


def institute_knowledge(scenario: Scenario) -> Array:
    """Knowledge of institutes that serves each segment, (S,), CNY million: the stock that the budgets sustain."""
    keep = scenario.stages.innovation.knowledge_depreciation
    stock = dict.fromkeys(scenario.chain.segments, 0.0)
    for institute in scenario.region.institutes.values():
        for segment, share in institute.segments.items():
            stock[segment] += share * institute.budget / keep
    return np.array(list(stock.values()))
