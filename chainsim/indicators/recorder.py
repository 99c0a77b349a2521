"""Keeps the yearly tables of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.economy.arrays import MARKETS, OWNERS, leading_industries
from chainsim.economy.columns import COLUMNS
from chainsim.economy.types import Array
from chainsim.indicators import structure
from chainsim.indicators.sums import Sums, by_segment, grouped, ratio
from chainsim.indicators.table import Recording
from chainsim.stages import missing_links

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy

Row = dict[str, Any]
LEVER_MONEY = ("requested", "granted", "outlay", "cofinanced", "recovered", "recipients")
ORIGINS = ("local", "national", "abroad")
SCOPES = ("chain", "all")


class Recorder:
    """Collects the tables of a run, the base year first."""

    def __init__(self, economy: Economy, enterprises: bool = False, links: bool = False) -> None:
        self.keep_enterprises, self.keep_links = enterprises, links
        self.years: dict[str, list[Row]] = {}
        arrays = economy.arrays
        tiers = np.array([arrays.tier == t for t in range(len(arrays.tiers))], dtype=float)
        region = np.stack([arrays.chain.astype(float), np.ones(arrays.size)])
        self.industries = leading_industries(zip(arrays.industries, arrays.chain.tolist(), strict=True))
        industry = np.array(arrays.industries, dtype=object)
        leading = [(industry == name) & arrays.chain for name in self.industries]
        kinds = {
            "region": region,
            "tiers": tiers,
            "industries": np.reshape(leading, (len(leading), arrays.size)).astype(float),
            "segments": np.eye(arrays.size),
        }
        self.groups = np.concatenate(list(kinds.values()))
        ends = np.cumsum([0, *map(len, kinds.values())])
        self.parts = {name: slice(ends[i], ends[i + 1]) for i, name in enumerate(kinds)}
        self.chain_tiers = np.array([bool(arrays.chain[arrays.tier == t].all()) for t in range(len(arrays.tiers))])
        self.base_trade = economy.flows.trade.copy()
        sums = by_segment(economy)
        self.base_output, self.base_demand = sums["output"], sums["demand"]
        self.base_strength = structure.strength_parts(sums, self.groups)
        self.record(economy)

    def record(self, economy: Economy) -> None:
        """Add the present year."""
        arrays, sums = economy.arrays, by_segment(economy)
        covered, by_plants = structure.covered_demand(economy, sums)
        links = missing_link_rows(economy)
        inverse = structure.leontief(economy, sums)
        content = inverse.T @ ratio(sums["value_added"], sums["output"])
        common = self.indicators(economy, sums, covered, by_plants, content)
        frames = {name: {key: values[part] for key, values in common.items()} for name, part in self.parts.items()}
        frames["region"] |= self.region_only(economy, frames["tiers"])
        frames["segments"] |= self.segments_only(economy, sums, covered, inverse)
        frames["segments"]["viability"] = np.zeros(arrays.size)
        frames["segments"]["viability"][economy.calibration.base_enterprises == 0] = links["viability"]
        keys = {
            "region": {"scope": np.array(SCOPES)},
            "tiers": {"tier": np.array(arrays.tiers)},
            "industries": {"industry": np.array(self.industries, dtype=str)},
            "segments": {
                "segment": np.array(arrays.names),
                "tier": np.array(arrays.tiers)[arrays.tier],
                "industry": np.array(arrays.industries),
            },
        }
        if not self.industries:
            del frames["industries"]
        for name, frame in frames.items():
            self.add(name, economy.year, keys[name] | frame)
        self.add("trade", economy.year, trade_rows(economy))
        self.add("ledger", economy.year, ledger_rows(economy))
        self.add("levers", economy.year, lever_rows(economy))
        self.add("named", economy.year, named_rows(economy))
        self.add("missing_links", economy.year, links)
        if self.keep_enterprises:
            self.add("enterprises", economy.year, enterprise_rows(economy))
        if self.keep_links:
            self.add("links", economy.year, link_rows(economy))

    def indicators(self, economy: Economy, sums: Sums, covered: Array, by_plants: Array, content: Array) -> Row:
        """Indicators that every table has, for the groups of all tables."""
        groups = self.groups
        frame = grouped(sums, groups)
        fixed = structure.fixed_weight_rate(economy.flows.trade, self.base_trade, groups)
        frame |= {"localization_rate_fixed": fixed, "localization_within": fixed}
        frame["localization_between"] = frame["localization_rate"] - fixed
        frame["local_content"] = ratio(groups @ (content * sums["final_sales"]), groups @ sums["final_sales"])
        frame["completeness"] = structure.completeness(sums["demand"], covered, groups)
        frame["completeness_fixed"] = structure.completeness(self.base_demand, covered, groups)
        frame["completeness_plant"] = structure.completeness(sums["demand"], by_plants, groups)
        frame |= self.extension(sums)
        frame["active_segments"] = groups @ (sums["enterprises"] > 0)
        parts = structure.strength_parts(sums, groups)
        frame["strength_raw"] = structure.strength(parts, self.base_strength)
        parts[-1] = structure.fixed_rd_intensity(sums, groups, self.base_output)
        frame["strength"] = structure.strength(parts, self.base_strength)
        return frame

    def extension(self, sums: Sums) -> Row:
        """Effective numbers of products at the output of the base year and of this one, and of segments."""
        output, products = sums["output"], ratio(sums["log_products"], sums["output"])
        here = (output > 0).astype(float)
        return {
            "extension": structure.extension(self.base_output, self.groups, products, here),
            "extension_raw": structure.extension(output, self.groups, products, here),
            "extension_segments": structure.extension(output, self.groups, np.zeros_like(output), here),
        }

    def region_only(self, economy: Economy, tiers: Row) -> Row:
        """Indicators of the region as a whole, the same in both scopes.

        Completeness is the mean of the chain tiers that somebody in the region buys from, at fixed weights of those
        bought from in the base year; 0 if there is none.
        """
        used = self.chain_tiers if self.chain_tiers.any() else np.ones_like(self.chain_tiers)
        now, base = used & (tiers["demand"] > 0), used & (self.groups[self.parts["tiers"]] @ self.base_demand > 0)
        flows, both = economy.flows, np.ones(len(SCOPES))
        complete = {
            name: both * (float(np.mean(tiers[name][bought])) if bought.any() else 0.0)
            for name, bought in (("completeness", now), ("completeness_fixed", base), ("completeness_plant", now))
        }
        return complete | {
            "supporting_rate": both * structure.supporting_rate(economy),
            "unemployment_ordinary": both * economy.region.unemployment[0],
            "unemployment_skilled": both * economy.region.unemployment[1],
            "link_survival": both * (flows.links_kept / flows.links if flows.links else 1.0),
            "ledger_residual": both * economy.ledger.check(),
            "fiscal_outlay": both * flows.outlay,
            "jobs_induced": both * economy.region.rest_induced.sum(),
        }

    def segments_only(self, economy: Economy, sums: Sums, covered: Array, inverse: Array) -> Row:
        """Indicators of single segments."""
        output = sums["output"]
        return {
            "viable": covered,
            "hhi": ratio(sums["squared"], output**2),
            "largest_share": structure.largest_share(economy, economy.sales, output),
            "single_source_risk": structure.largest_share(economy, economy.intermediate_sales, sums["demand"]),
            "upstreamness": structure.upstreamness(economy, sums),
            "output_multiplier": np.where(output > 0, inverse.sum(axis=0), 0.0),
        }

    def add(self, table: str, year: int, row: Row) -> None:
        """Append the rows of a year to a table."""
        length = len(next(iter(row.values())))
        self.years.setdefault(table, []).append({"year": np.full(length, year, dtype=np.int32), **row})

    def recording(self, seed: int) -> Recording:
        """The tables of the run so far."""
        tables = {
            name: {column: np.concatenate([year[column] for year in years]) for column in years[0]}
            for name, years in self.years.items()
        }
        return Recording(seed, tables)


def trade_rows(economy: Economy) -> Row:
    """Purchases by input, buyer segment and origin; pairs without technical coefficient are left out."""
    arrays = economy.arrays
    bought, buyer = np.nonzero(arrays.technical > 0)
    names = np.array(arrays.names)
    return {
        "from_segment": np.tile(names[bought], 3),
        "to_segment": np.tile(names[buyer], 3),
        "origin": np.repeat(np.array(ORIGINS), bought.size),
        "value": economy.flows.trade[bought, buyer].T.ravel(),
    }


def ledger_rows(economy: Economy) -> Row:
    """Rows of the year's ledger."""
    entries = economy.ledger.rows()
    return {
        "row": np.array([entry.row for entry in entries]),
        "payer": np.array([entry.payer for entry in entries]),
        "receiver": np.array([entry.receiver for entry in entries]),
        "amount": np.array([entry.amount for entry in entries]),
    }


def lever_rows(economy: Economy) -> Row:
    """Budget, requests, grants, outlay and recipients of every lever; budget is not a number where there is none."""
    lever_years = list(economy.lever_years.values())
    return {
        "lever": np.array([each.name for each in lever_years], dtype=str),
        "type": np.array([each.type for each in lever_years], dtype=str),
        "budget": np.array([each.budget if np.isfinite(each.budget) else np.nan for each in lever_years]),
        **{column: np.array([getattr(each, column) for each in lever_years], dtype=float) for column in LEVER_MONEY},
    }


def missing_link_rows(economy: Economy) -> Row:
    """Why segments that began without enterprises stay so, and what would open them."""
    names = np.array(economy.arrays.names)[economy.calibration.base_enterprises == 0]
    return {"segment": names, **missing_links.prospects(economy.stages.demography, economy)}


def named_rows(economy: Economy) -> Row:
    """Outcome of every named enterprise that operated in the year."""
    rows = np.array([row for row in economy.names if economy.operated[row]], dtype=np.int64)
    return {
        "name": np.array([economy.names[int(row)] for row in rows], dtype=str),
        "segment": np.array(economy.arrays.names)[economy.segment[rows]],
        "output": economy.sales[rows],
        "employment": economy.employment[rows],
        "rd": economy.rd[rows],
        "profit": economy.profit[rows],
    }


def enterprise_rows(economy: Economy) -> Row:
    """The state of every enterprise that operated in the year."""
    arrays, rows = economy.arrays, np.flatnonzero(economy.operated)
    frame: Row = {
        "name": np.array([economy.names.get(int(row), "") for row in rows]),
        "tier": np.array(arrays.tiers)[arrays.tier[economy.segment[rows]]],
        "employment": economy.employment[rows],
        "value_added": (
            economy.sales
            - economy.purchases_local
            - economy.purchases_national
            - economy.purchases_abroad
            - economy.other_inputs
        )[rows],
    }
    labels = {"segment": arrays.names, "park": arrays.park_names, "owner": OWNERS}
    for column in COLUMNS:
        values = getattr(economy, column.name)[rows]
        if column.name in labels:
            frame[column.name] = np.array(labels[column.name])[values]
        elif column.wide:
            frame |= {f"{column.name}_{market}": values[:, m].copy() for m, market in enumerate(MARKETS)}
        else:
            frame[column.name] = values.copy()
    return frame


def link_rows(economy: Economy) -> Row:
    """Every supply link in business: identities of buyer and supplier (0 national, 1 abroad, 2 nobody)."""
    links = economy.links
    buyer = links.buyer
    kept = np.flatnonzero(economy.active[buyer])
    supplier = links.supplier[kept]
    outside = np.array([2, 1, 0], dtype=np.uint64)[np.clip(supplier + 3, 0, 2)]
    bought, size = links.input[kept], economy.segment[buyer[kept]]
    technical = economy.arrays.technical[bought, size]
    return {
        "buyer": economy.identity[buyer[kept]],
        "supplier": np.where(supplier >= 0, economy.identity[np.maximum(supplier, 0)], outside),
        "input": np.array(economy.arrays.names)[bought],
        "slot": (kept - links.start[buyer[kept]]).astype(np.int32),
        "weight": links.coefficient[kept] / technical,
        "value": links.coefficient[kept] * economy.output[buyer[kept]],
    }
