"""Names, units and meanings of everything that is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from chainsim.economy.parameters import in_money


class Indicator(NamedTuple):
    """Unit and meaning of a recorded column: as declared, and in the money that is shown."""

    declared_unit: str
    declared_meaning: str

    @property
    def unit(self) -> str:
        """The unit in the money that is shown."""
        return in_money(self.declared_unit)

    @property
    def meaning(self) -> str:
        """The meaning, sums of money in the one that is shown."""
        return in_money(self.declared_meaning)


M = "CNY million"
INDICATORS: dict[str, Indicator] = {
    "output": Indicator(M, "sales value of output at producer prices"),
    "output_volume": Indicator(M, "quantity of output at base-year outside prices"),
    "value_added": Indicator(M, "output less intermediate inputs, own and bought R&D counted as investment"),
    "employment": Indicator("persons", "staff"),
    "employment_ordinary": Indicator("persons", "ordinary staff"),
    "employment_skilled": Indicator("persons", "skilled staff, R&D staff included"),
    "wage_ordinary": Indicator("thousand CNY/y", "mean pay of ordinary staff"),
    "wage_skilled": Indicator("thousand CNY/y", "mean pay of skilled staff"),
    "unemployment_ordinary": Indicator("1", "unemployed share of the ordinary labour force of the region"),
    "unemployment_skilled": Indicator("1", "unemployed share of the skilled labour force of the region"),
    "localization_rate": Indicator("1", "local share of purchases of modelled inputs"),
    "localization_rate_fixed": Indicator("1", "local share of purchases at base-year purchase weights"),
    "localization_within": Indicator(
        "1",
        "part of the localization rate that local shares of the base year's purchases make, the rate at its weights",
    ),
    "localization_between": Indicator("1", "part that purchases make which moved since: the rate less its part within"),
    "supporting_rate": Indicator("1", "local share of the anchors' purchases of modelled inputs"),
    "local_content": Indicator("1", "value added in the region per value of final sales, all rounds of local supply"),
    "completeness": Indicator("1", "demand-weighted share of inputs with a viable local supplier of any size"),
    "completeness_fixed": Indicator(
        "1", "share of base-year demand for inputs that has a viable local supplier of any size"
    ),
    "completeness_plant": Indicator(
        "1", "demand-weighted share of inputs with a viable local plant of at least half the minimum efficient scale"
    ),
    "extension": Indicator(
        "products",
        "effective number of products at base-year output of segments, exponential of the entropy over segments and products",
    ),
    "extension_raw": Indicator("products", "the same at the output of the year"),
    "extension_segments": Indicator(
        "segments", "effective number of active segments, exponential of the entropy of output shares"
    ),
    "products": Indicator("products/enterprise", "mean number of products of an enterprise"),
    "active_segments": Indicator("segments", "segments with at least one enterprise"),
    "strength": Indicator(
        "1",
        "national market share, quality and R&D intensity (at base-year output) relative to the base year, geometric mean",
    ),
    "strength_raw": Indicator("1", "the same with R&D intensity at the output of the year"),
    "national_share": Indicator(
        "1", "share in the national and foreign markets of its segments, missing links included"
    ),
    "exports": Indicator(M, "sales abroad"),
    "import_dependence": Indicator("1", "share of purchases of modelled inputs bought abroad"),
    "rd": Indicator(M, "R&D spending"),
    "rd_intensity": Indicator("1", "R&D over output"),
    "independent_rd": Indicator("1", "R&D by own staff over all R&D, services bought included"),
    "productivity": Indicator("CNY million/person", "value added per person"),
    "quality": Indicator("log", "output-weighted quality relative to the frontier"),
    "quality_gap": Indicator("log", "distance of output-weighted quality to the frontier"),
    "enterprises": Indicator("enterprises", "active enterprises"),
    "above_scale": Indicator("enterprises", "active enterprises with sales above CNY 20 million"),
    "entries": Indicator("enterprises/y", "enterprises founded"),
    "exits": Indicator("enterprises/y", "enterprises closed"),
    "fiscal_outlay": Indicator(M, "public support paid"),
    "tax_revenue": Indicator(
        M, "production and profit taxes, contributions and income tax of the modelled enterprises and their staff"
    ),
    "jobs_induced": Indicator(
        "persons", "jobs in the rest of the region beyond a run without the policy, by an imposed multiplier"
    ),
    "price": Indicator("1", "output-weighted price relative to the outside price"),
    "capacity_utilisation": Indicator("1", "output over capital capacity"),
    "fill_rate": Indicator("1", "delivered share of orders"),
    "hhi": Indicator("1", "Herfindahl index of output"),
    "largest_share": Indicator("1", "share of the largest enterprise in output"),
    "market_share": Indicator("1", "share in the final markets served"),
    "purchases_local": Indicator(M, "purchases of modelled inputs in the region"),
    "purchases_national": Indicator(M, "purchases of modelled inputs in the rest of the nation"),
    "purchases_abroad": Indicator(M, "purchases of modelled inputs abroad"),
    "demand": Indicator(M, "purchases of this segment's products by all modelled enterprises, wherever bought"),
    "local_supply_rate": Indicator("1", "share of that demand supplied by local enterprises"),
    "viable": Indicator("1", "demand for this segment that viable local suppliers could serve, up to 1"),
    "single_source_risk": Indicator("1", "share of the demand supplied by its largest single local supplier"),
    "upstreamness": Indicator("stages", "mean number of stages between output and final use"),
    "output_multiplier": Indicator("1", "local output per unit of final demand"),
    "profit": Indicator(M, "profit before tax"),
    "profit_margin": Indicator("1", "profit before tax over output"),
    "markup": Indicator("1", "output-weighted markup on unit cost"),
    "loss_makers": Indicator("1", "share of enterprises with a loss"),
    "defaults": Indicator("enterprises/y", "enterprises closed by default"),
    "investment": Indicator(M, "investment in capital goods, that of enterprises founded in the year included"),
    "capital": Indicator(M, "capital in place"),
    "debt": Indicator(M, "debt to banks"),
    "support": Indicator(M, "public support received"),
    "link_survival": Indicator("1", "share of supply links kept from the year before"),
    "ledger_residual": Indicator("1", "largest gap of the year's books over all movements of money"),
    "viability": Indicator(
        "1", "demand that a first plant of a missing link could win over the minimum efficient scale"
    ),
}
"""Columns of the tables `region`, `tiers` and `segments`. Rates that have an empty denominator are 0."""


@dataclass
class Recording:
    """The tables of one run as columns, without the keys scenario, point, replication and seed."""

    seed: int
    tables: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
