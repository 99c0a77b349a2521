"""Additive measures of a year by segment, and the rates that follow from their sums over any group of segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainsim.economy import group_sums
from chainsim.economy.arrays import ABROAD_MARKET, NATIONAL_MARKET, ORDINARY, SKILLED
from chainsim.economy.types import Array

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy

Sums = dict[str, Array]

NEGLIGIBLE = 1e-9
"""Loss over sales that is rounding."""

ABOVE_SCALE = 20.0
"""Sales that make an enterprise 'above scale' in Chinese statistics, CNY million."""


SUMMED = {
    "output": "sales",
    "quantity": "output",
    "employment_ordinary": "ordinary",
    "production_skilled": "skilled",
    "research": "research",
    "purchases_local": "purchases_local",
    "purchases_national": "purchases_national",
    "purchases_abroad": "purchases_abroad",
    "other_inputs": "other_inputs",
    "rd": "rd",
    "rd_services": "rd_services",
    "labour_cost": "labour_cost",
    "production_tax": "production_tax",
    "profit_tax": "profit_tax",
    "orders": "orders",
    "profit": "profit",
    "investment": "investment",
    "capital": "capital",
    "debt": "debt",
}
"""Columns of enterprises that are summed as they are, by the name of the sum."""


def by_segment(economy: Economy) -> Sums:
    """Sums over the enterprises of each segment that operated in the year, (S,) each."""
    measured = {name: getattr(economy, column) for name, column in SUMMED.items()} | _measured(economy)
    block = np.empty((len(measured), economy.n))
    for row, values in zip(block, measured.values(), strict=True):
        row[:] = values
    sums = dict(zip(measured, _operated_sums(economy, block), strict=True))
    sums["investment"] = sums["investment"] + economy.flows.founded_capital
    sums |= _derived_sums(economy, sums)
    paid = group_sums.totals(economy.support, economy.segment, economy.arrays.size)
    sums["support"] = sums["fiscal_outlay"] = paid  # to new plants and those that closed as well
    return sums | _market_sums(economy) | _trade_sums(economy) | _event_sums(economy)


def _operated_sums(economy: Economy, measures: Array) -> Array:
    """Sums of `measures` (K, n) over the enterprises of each segment that operated in the year, (K, S)."""
    return group_sums.row_sums(measures, economy.segment, economy.operated, economy.arrays.size)


def _measured(economy: Economy) -> dict[str, Array]:
    """What is measured at every enterprise, (n,) each."""
    sales = economy.sales
    return {
        "quality_weighted": economy.quality * sales,
        "quality_level": np.exp(economy.quality) * sales,
        "markup_weighted": economy.markup * sales,
        "enterprises": np.ones(economy.n),
        "products": economy.products,
        "log_products": log_products(economy) * sales,
        "above_scale": sales > ABOVE_SCALE / economy.arrays.size_scale,
        "loss_making": economy.profit < -NEGLIGIBLE * sales,
        "squared": sales**2,
    }


def log_products(economy: Economy) -> Array:
    """Log of the number of products of every enterprise, (n,)."""
    return np.log(np.maximum(economy.products, 1e-9))


def _derived_sums(economy: Economy, sums: Sums) -> Sums:
    """Sums that follow from others, as wages, taxes and deflators are common to a segment."""
    arrays, pay = economy.arrays, economy.wage() / economy.arrays.labour_cost_factor * 1000.0
    skilled = sums["production_skilled"] + sums["research"]
    purchases = sums["purchases_local"] + sums["purchases_national"] + sums["purchases_abroad"]
    net = sums["labour_cost"] / arrays.labour_cost_factor
    contributions, income_tax = sums["labour_cost"] - net, arrays.households.income_tax * net
    return {
        "rd_own": sums["rd"] - sums["rd_services"],
        "output_volume": sums["quantity"] / arrays.deflator[economy.years],
        "value_added": sums["output"] - purchases - sums["other_inputs"],
        "employment": sums["employment_ordinary"] + skilled,
        "employment_skilled": skilled,
        "pay_ordinary": sums["employment_ordinary"] * pay[ORDINARY],
        "pay_skilled": skilled * pay[SKILLED],
        "tax_revenue": sums["production_tax"] + sums["profit_tax"] + contributions + income_tax,
    }


def _market_sums(economy: Economy) -> Sums:
    spent = market_spending(economy)
    sold = _operated_sums(economy, economy.final_sales.T).T
    served = np.where(sold > 0, spent, 0.0)
    return {
        "exports": sold[:, ABROAD_MARKET],
        "national_sales": sold[:, NATIONAL_MARKET] + sold[:, ABROAD_MARKET],
        "final_sales": sold.sum(axis=1),
        "markets": served.sum(axis=1),
        "national_markets": spent[:, 2:].sum(axis=1),
    }


def market_spending(economy: Economy) -> Array:
    """Expenditure of final markets in the year, public purchases included, (S, 4)."""
    placed = economy.flows.expenditure
    return economy.market_expenditure() if placed is None else placed


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
    "independent_rd": ("rd_own", "rd"),
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
    "products": ("products", "enterprises"),
    "local_supply_rate": ("demand_local", "demand"),
}
"""Indicators that are one sum over another."""


def grouped(sums: Sums, groups: Array) -> Sums:
    """Indicators of groups of segments in any number of years, (..., G) each; `groups` (G, S) says who is in which."""
    measured = np.stack(list(sums.values()), axis=-2) @ groups.T
    total = dict(zip(sums, np.moveaxis(measured, -2, 0), strict=True))
    out = {name: total[name] for name in ADDITIVE}
    out |= {name: ratio(total[top], total[bottom]) for name, (top, bottom) in RATIOS.items()}
    purchases = total["purchases_local"] + total["purchases_national"] + total["purchases_abroad"]
    out["localization_rate"] = ratio(total["purchases_local"], purchases)
    out["import_dependence"] = ratio(total["purchases_abroad"], purchases)
    out["quality_gap"] = -out["quality"]
    return out


def of_groups(groups: Array, values: Array) -> Array:
    """Sums of `values` (..., S) over the segments of each group, (..., G); a year's do not depend on the others'."""
    return np.asarray(np.matmul(groups, values[..., None])[..., 0], dtype=np.float64)


def ratio(top: Array, bottom: Array) -> Array:
    """top / bottom, 0 where the bottom is 0."""
    shape = top.shape if top.shape == bottom.shape else np.broadcast_shapes(top.shape, bottom.shape)
    return np.divide(top, bottom, out=np.zeros(shape), where=bottom != 0)
