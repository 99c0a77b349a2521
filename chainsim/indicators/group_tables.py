"""Tables of the region, its tiers, leading industries and segments, from what was observed in one or several years.

A year costs little to observe; the indicators of all years follow at once, and none depends on the others that do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chainsim.economy.arrays import leading_industries
from chainsim.economy.types import Array, Flags
from chainsim.indicators import structure
from chainsim.indicators.sums import Sums, by_segment, grouped, of_groups, ratio
from chainsim.stages import missing_links
from chainsim.stages.year import FAR_OUTSIDE

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy

Row = dict[str, Any]
SCOPES = ("chain", "all")
ORIGINS = ("local", "national", "abroad")
MOST_RECORDED = 1e13
"""Largest number of the region's table: CNY 10 quintillion, more than any region could make."""


class Observed(NamedTuple):
    """What the tables of a year are made of: sums by segment (S,), trade by input, buyer and origin (S, S, 3), the
    numbers of the region as a whole, and what first plants of missing links met."""

    year: int
    sums: Sums
    trade: Array
    region: dict[str, float]
    links: missing_links.Conditions


def observe(economy: Economy) -> Observed:
    """The present year; the viability of missing links follows from what first plants met, when tables are made."""
    sums, flows = by_segment(economy), economy.flows
    sums["covered"], sums["covered_by_plants"] = structure.covered_demand(economy, sums)
    sums["largest_share"] = structure.largest_share(economy, economy.sales, sums["output"])
    sums["single_source_risk"] = structure.largest_share(economy, economy.intermediate_sales, sums["demand"])
    sums["viability"] = np.zeros(economy.arrays.size)
    region = {
        "supporting_rate": structure.supporting_rate(economy),
        "unemployment_ordinary": float(economy.region.unemployment[0]),
        "unemployment_skilled": float(economy.region.unemployment[1]),
        "link_survival": flows.links_kept / flows.links if flows.links else 1.0,
        "ledger_residual": economy.ledger.unbalanced,
        "fiscal_outlay": flows.outlay,
        "jobs_induced": float(economy.region.rest_induced.sum()),
    }
    met = missing_links.conditions(economy.stages.demography, economy)
    return Observed(economy.year, sums, flows.trade.copy(), region, met)


class GroupTables:
    """Makes the tables of a region whose base year is `base`."""

    def __init__(self, economy: Economy, base: Observed) -> None:
        arrays = economy.arrays
        self.industries = leading_industries(zip(arrays.industries, arrays.chain.tolist(), strict=True))
        industry = np.array(arrays.industries, dtype=object)
        leading = [(industry == name) & arrays.chain for name in self.industries]
        kinds = {
            "region": np.stack([arrays.chain.astype(float), np.ones(arrays.size)]),
            "tiers": np.array([arrays.tier == t for t in range(len(arrays.tiers))], dtype=float),
            "industries": np.reshape(leading, (len(leading), arrays.size)).astype(float),
            "segments": np.eye(arrays.size),
        }
        self.groups = np.concatenate(list(kinds.values()))
        ends = np.cumsum([0, *map(len, kinds.values())])
        self.parts = {name: slice(ends[i], ends[i + 1]) for i, name in enumerate(kinds)}
        self.bought, self.buyer = np.nonzero(arrays.technical > 0)
        names, tiers = np.array(arrays.names), np.array(arrays.tiers)
        self.keys: dict[str, Row] = {
            "region": {"scope": np.array(SCOPES)},
            "tiers": {"tier": tiers},
            "industries": {"industry": np.array(self.industries, dtype=str)},
            "segments": {"segment": names, "tier": tiers[arrays.tier], "industry": np.array(arrays.industries)},
            "trade": {
                "from_segment": np.tile(names[self.bought], len(ORIGINS)),
                "to_segment": np.tile(names[self.buyer], len(ORIGINS)),
                "origin": np.repeat(np.array(ORIGINS), self.bought.size),
            },
        }
        if not self.industries:
            del self.keys["industries"]
        self.chain_tiers = np.array([bool(arrays.chain[arrays.tier == t].all()) for t in range(len(arrays.tiers))])
        self.base = base
        self.base_strength = structure.strength_parts(base.sums, self.groups)

    def tables(self, years: Sequence[Observed]) -> dict[str, Row]:
        """Columns of every table, (T, rows) each, for the T `years`.

        Raises:
            ArithmeticError, ValueError: a number that no region could have; names the year.
        """
        try:
            return self.together(years)
        except (ArithmeticError, ValueError):
            for each in years:
                try:
                    self.together([each])
                except (ArithmeticError, ValueError) as error:
                    raise type(error)(f"in {each.year}: {error}") from error
            raise

    def together(self, years: Sequence[Observed]) -> dict[str, Row]:
        """The same without a word of the year."""
        names, segments = list(years[0].sums), years[0].trade.shape[0]
        block = np.concatenate([year.sums[name] for name in names for year in years])
        sums = dict(zip(names, block.reshape(len(names), len(years), segments), strict=True))
        trade = np.stack([year.trade for year in years])
        inverse = structure.leontief(trade, sums["output"])
        common = self.indicators(sums, trade, inverse)
        frames = {name: {key: values[:, part] for key, values in common.items()} for name, part in self.parts.items()}
        frames["region"] |= self.region_only(years, frames["tiers"])
        frames["segments"] |= segments_only(sums, trade, inverse)
        frames["trade"] = {"value": trade[:, self.bought, self.buyer].transpose(0, 2, 1).reshape(len(years), -1)}
        check_recorded(frames["region"])
        return {name: frames[name] for name in self.keys}

    def indicators(self, sums: Sums, trade: Array, inverse: Array) -> Row:
        """Indicators that every table has, for the groups of all tables, (T, G) each."""
        groups, base = self.groups, self.base.sums
        demand, covered, final = sums["demand"], sums["covered"], sums["final_sales"]
        frame = grouped(sums, groups)
        fixed = structure.fixed_weight_rate(trade, self.base.trade, groups)
        frame |= {"localization_rate_fixed": fixed, "localization_within": fixed}
        frame["localization_between"] = frame["localization_rate"] - fixed
        content = structure.local_content(inverse, sums)
        frame["local_content"] = ratio(of_groups(groups, content * final), of_groups(groups, final))
        frame["completeness"] = structure.completeness(demand, covered, groups)
        frame["completeness_fixed"] = structure.completeness(base["demand"], covered, groups)
        frame["completeness_plant"] = structure.completeness(demand, sums["covered_by_plants"], groups)
        frame |= self.extension(sums)
        frame["active_segments"] = of_groups(groups, (sums["enterprises"] > 0).astype(float))
        parts = structure.strength_parts(sums, groups)
        frame["strength_raw"] = structure.strength(parts, self.base_strength)
        parts[..., -1, :] = structure.fixed_rd_intensity(sums, groups, base["output"])
        frame["strength"] = structure.strength(parts, self.base_strength)
        return frame

    def extension(self, sums: Sums) -> Row:
        """Effective numbers of products at the output of the base year and of each year, and of segments."""
        output, products = sums["output"], ratio(sums["log_products"], sums["output"])
        base, here = np.broadcast_to(self.base.sums["output"], output.shape), (output > 0).astype(float)
        return {
            "extension": structure.extension(base, self.groups, products, here),
            "extension_raw": structure.extension(output, self.groups, products, here),
            "extension_segments": structure.extension(output, self.groups, np.zeros_like(output), here),
        }

    def region_only(self, years: Sequence[Observed], tiers: Row) -> Row:
        """Indicators of the region as a whole, (T, 2), the same in both scopes.

        Completeness is the mean of the chain tiers that somebody in the region buys from, at fixed weights of those
        bought from in the base year; 0 if there is none.
        """
        used = self.chain_tiers if self.chain_tiers.any() else np.ones_like(self.chain_tiers)
        now = used & (tiers["demand"] > 0)
        base = np.broadcast_to(used & (self.groups[self.parts["tiers"]] @ self.base.sums["demand"] > 0), now.shape)
        numbers = {
            name: mean_where(tiers[name], bought)
            for name, bought in (("completeness", now), ("completeness_fixed", base), ("completeness_plant", now))
        }
        numbers |= {name: np.array([year.region[name] for year in years]) for name in years[0].region}
        return {name: np.repeat(values[:, None], len(SCOPES), axis=1) for name, values in numbers.items()}


def segments_only(sums: Sums, trade: Array, inverse: Array) -> Row:
    """Indicators of single segments, (T, S) each."""
    output = sums["output"]
    return {
        "viable": sums["covered"],
        "hhi": ratio(sums["squared"], output**2),
        "largest_share": sums["largest_share"],
        "single_source_risk": sums["single_source_risk"],
        "upstreamness": structure.upstreamness(trade, output),
        "output_multiplier": np.where(output > 0, inverse.sum(axis=-2), 0.0),
        "viability": sums["viability"],
    }


def mean_where(values: Array, counted: Flags) -> Array:
    """Mean of the `counted` among the `values` (T, m) of each year, (T,); 0 where none is."""
    return ratio(np.where(counted, values, 0.0).sum(axis=1), counted.sum(axis=1))


def check_recorded(region: Row) -> None:
    """Refuse years whose indicators (T, 2) no region could have.

    Raises:
        ValueError: names the indicator.
    """
    if not (np.abs(np.stack(list(region.values()))) > MOST_RECORDED).any():
        return
    for name, values in region.items():
        if (np.abs(values) > MOST_RECORDED).any():
            raise ValueError(
                f"{name} is {np.nanmax(np.abs(values)):.3g}, beyond what a region could hold; {FAR_OUTSIDE}"
            )
