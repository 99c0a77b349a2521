"""Additive measures of a year by segment, and the rates that follow from their sums over any group of segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chainsim.tables import ABROAD_MARKET, NATIONAL_MARKET, ORDINARY, SKILLED

if TYPE_CHECKING:
    from chainsim.economy import Economy

Array = NDArray[np.float64]
Sums = dict[str, Array]

NEGLIGIBLE = 1e-9
"""Loss over sales that is rounding."""

ABOVE_SCALE = 20.0
"""Sales that make an enterprise 'above scale' in Chinese statistics, CNY million."""


def by_segment(economy: Economy) -> Sums:
    """Sums over the enterprises of each segment that operated in the year, (S,) each."""
    additive = _additive(economy)
    totals = _totals(economy, np.stack(list(additive.values())))
    sums = dict(zip(additive, totals, strict=True))
    sums["investment"] = sums["investment"] + economy.flows.founded_capital
    return sums | _market_sums(economy) | _trade_sums(economy) | _event_sums(economy)


def _totals(economy: Economy, values: Array) -> Array:
    """Sums of the rows of `values` (m, n) over the enterprises of each segment that operated in the year, (m, S)."""
    from chainsim import kernels

    out = np.zeros((values.shape[0], economy.tables.size))
    kernels.segment_totals(values, economy.segment, economy.operated, out)
    return out


def _additive(economy: Economy) -> dict[str, Array]:
    tables, segment = economy.tables, economy.segment
    purchases = economy.purchases_local + economy.purchases_national + economy.purchases_abroad
    pay = economy.wage()[:, segment] / tables.labour_cost_factor[segment] * 1000.0
    skilled = economy.skilled + economy.research
    net = economy.labour_cost / tables.labour_cost_factor[segment]
    return {
        "output": economy.sales,
        "quantity": economy.output,
        "output_volume": economy.output / tables.deflator[economy.years][segment],
        "value_added": economy.sales - purchases - economy.other_inputs,
        "employment": economy.employment,
        "employment_ordinary": economy.ordinary,
        "employment_skilled": skilled,
        "pay_ordinary": economy.ordinary * pay[ORDINARY],
        "pay_skilled": skilled * pay[SKILLED],
        "exports": economy.final_sales[:, ABROAD_MARKET],
        "national_sales": economy.final_sales[:, NATIONAL_MARKET] + economy.final_sales[:, ABROAD_MARKET],
        "final_sales": economy.final_sales.sum(axis=1),
        "purchases_local": economy.purchases_local,
        "purchases_national": economy.purchases_national,
        "purchases_abroad": economy.purchases_abroad,
        "rd": economy.rd,
        "quality_weighted": economy.quality * economy.sales,
        "quality_level": np.exp(economy.quality) * economy.sales,
        "markup_weighted": economy.markup * economy.sales,
        "enterprises": np.ones(economy.n),
        "above_scale": (economy.sales > ABOVE_SCALE / tables.size_scale).astype(float),
        "loss_making": (economy.profit < -NEGLIGIBLE * economy.sales).astype(float),
        "tax_revenue": economy.production_tax
        + economy.profit_tax
        + economy.labour_cost
        - net
        + tables.households.income_tax * net,
        "orders": economy.orders,
        "profit": economy.profit,
        "investment": economy.investment,
        "capital": economy.capital,
        "debt": economy.debt,
        "squared": economy.sales**2,
    }


def _market_sums(economy: Economy) -> Sums:
    spent = economy.tables.expenditure[economy.years]
    sold = _totals(economy, economy.final_sales.T).T
    served = np.where(sold > 0, spent, 0.0)
    return {"markets": served.sum(axis=1), "national_markets": spent[:, 2:].sum(axis=1)}


def _trade_sums(economy: Economy) -> Sums:
    trade = economy.flows.trade
    return {"demand": trade.sum(axis=(1, 2)), "demand_local": trade[:, :, 0].sum(axis=1)}


def _event_sums(economy: Economy) -> Sums:
    flows = economy.flows
    return {
        "capacity": flows.capacity,
        "entries": flows.entries,
        "exits": flows.exits,
        "defaults": flows.defaults,
        "support": np.zeros(economy.tables.size),
        "fiscal_outlay": np.zeros(economy.tables.size),
    }


ADDITIVE = (
    "output", "output_volume", "value_added", "employment", "employment_ordinary", "employment_skilled", "exports",
    "purchases_local", "purchases_national", "purchases_abroad", "rd", "enterprises", "above_scale", "entries", "exits",
    "defaults", "tax_revenue", "fiscal_outlay", "profit", "investment", "capital", "debt", "support", "demand",
)  # fmt: skip
"""Indicators that are sums."""

RATIOS: dict[str, tuple[str, str]] = {
    "wage_ordinary": ("pay_ordinary", "employment_ordinary"),
    "wage_skilled": ("pay_skilled", "employment_skilled"),
    "rd_intensity": ("rd", "output"),
    "productivity": ("value_added", "employment"),
    "quality": ("quality_weighted", "output"),
    "price": ("output", "quantity"),
    "capacity_utilisation": ("quantity", "capacity"),
    "fill_rate": ("quantity", "orders"),
    "market_share": ("final_sales", "markets"),
    "national_share": ("national_sales", "national_markets"),
    "profit_margin": ("profit", "output"),
    "markup": ("markup_weighted", "output"),
    "loss_makers": ("loss_making", "enterprises"),
    "local_supply_rate": ("demand_local", "demand"),
}
"""Indicators that are one sum over another."""


def grouped(sums: Sums, groups: Array) -> Sums:
    """Indicators of groups of segments, (G,) each; `groups` (G, S) says who belongs where."""
    total = {name: groups @ values for name, values in sums.items()}
    out = {name: total[name] for name in ADDITIVE}
    out |= {name: ratio(total[top], total[bottom]) for name, (top, bottom) in RATIOS.items()}
    purchases = total["purchases_local"] + total["purchases_national"] + total["purchases_abroad"]
    out["localization_rate"] = ratio(total["purchases_local"], purchases)
    out["import_dependence"] = ratio(total["purchases_abroad"], purchases)
    out["quality_gap"] = -out["quality"]
    return out


def ratio(top: Array, bottom: Array) -> Array:
    """top / bottom, 0 where the bottom is 0."""
    return np.divide(top, bottom, out=np.zeros_like(bottom, dtype=float), where=bottom != 0)
