"""One region's accounts by sector -> the segments of a chain: inputs, local shares, markets, value added.

Where the table divides purchases by origin, local shares are those of the table. Where it states imports and inflow by
row, each product has one share for all buyers,

    (output - export - outflow) / (output - export - outflow + inflow + imports)

Else they are estimated by a location quotient, or the table's flows are taken as local.

Sales to sectors outside the chain are final sales, and so are the table's own statistical errors, of which each product
has the local share of its other users. A fall of stocks, which the model does not know, is taken off another market.

Taxes less subsidies on products are paid as production tax, so that a column may sum above 1 before them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainsim.economy.types import Array
from chainsim.io_tables import Accounts
from chainsim.io_tables.labels import FINAL

LEAST_SALES = 2e-3
"""Smallest final sales over output: the chain never takes all that a segment makes."""

LEAST_ADDED = 0.01
"""Smallest value added over output, taxes on products included: someone must be paid."""

WIDTH = 0.10
"""Range of an estimated local share around its value."""

MARKETS = ("local_other", "government", "national", "abroad")


@dataclass(frozen=True)
class Origins:
    """Where inputs come from: shares of each product (row) for each buyer, (N, N), how they are known, their error."""

    local: Array
    abroad: Array
    source: str
    is_estimated: bool


@dataclass
class SegmentData:
    """What a table says of one segment; coefficients are over output."""

    output: float
    value_added: float
    product_tax: float
    wages: float | None
    production_tax: float
    inputs: dict[str, float]
    local: dict[str, float]
    abroad: dict[str, float]
    sales: dict[str, float]
    volumes: dict[str, float | None]
    notes: list[str] = field(default_factory=list)


def origins(accounts: Accounts, quotients: Array | None, source: str = "") -> Origins:
    """Local and foreign shares of inputs: those of the table, of its rows, of `quotients` (N, N), or all local."""
    size = accounts.output.size
    if accounts.home is not None and accounts.imported is not None and quotients is None:
        local, abroad = over(accounts.home, accounts.use), over(accounts.imported, accounts.use)
        return Origins(local, abroad, "the table's origins", False)
    outside = accounts.inflow + accounts.imports
    if quotients is not None:
        foreign = over(accounts.imports, outside)[:, None] if accounts.tells_origins() else np.full((size, 1), 0.3)
        return Origins(quotients, (1 - quotients) * foreign, source, True)
    if accounts.tells_origins():
        home = np.maximum(accounts.output - accounts.export - accounts.outflow, 0.0)
        local, abroad = over(home, home + outside), over(accounts.imports, home + outside)
        by_row = "row totals of imports and inflow"
        return Origins(np.repeat(local[:, None], size, 1), np.repeat(abroad[:, None], size, 1), by_row, True)
    return Origins(np.ones((size, size)), np.zeros((size, size)), "flows of the table taken as local", False)


def segment_data(accounts: Accounts, members: dict[str, list[int]], origin: Origins) -> dict[str, SegmentData]:
    """The segments that sectors make up."""
    names = list(members)
    groups = np.array([[float(i in members[name]) for name in names] for i in range(accounts.output.size)])
    output = groups.T @ accounts.output
    use = np.maximum(accounts.use, 0.0)
    bought = groups.T @ use @ groups
    local = groups.T @ (use * origin.local) @ groups
    abroad = groups.T @ (use * origin.abroad) @ groups
    sales, volumes = markets(accounts, origin, groups)
    taxes = accounts.production_tax if accounts.production_tax is not None else np.zeros(accounts.output.size)
    result = {}
    for k, name in enumerate(names):
        column = {other: i for i, other in enumerate(names) if bought[i, k] > 0}
        result[name] = SegmentData(
            output=float(output[k]),
            value_added=_ratio(groups[:, k] @ accounts.value_added, output[k]),
            product_tax=_ratio(groups[:, k] @ accounts.product_tax, output[k]),
            wages=None if accounts.wages is None else _ratio(groups[:, k] @ accounts.wages, output[k]),
            production_tax=_ratio(groups[:, k] @ taxes, output[k]),
            inputs={other: _ratio(bought[i, k], output[k]) for other, i in column.items() if output[k]},
            local={other: _ratio(local[i, k], bought[i, k]) for other, i in column.items()},
            abroad={other: _ratio(abroad[i, k], bought[i, k]) for other, i in column.items()},
            sales=dict(zip(MARKETS, map(float, sales[:, k]), strict=True)),
            volumes={
                market: None if found is None else float(found[k])
                for market, found in zip(MARKETS, volumes, strict=True)
            },
        )
    for segment in result.values():
        _within_price(segment)
    for name in names:
        _balanced(name, result)
    return result


def markets(accounts: Accounts, origin: Origins, groups: Array) -> tuple[Array, list[Array | None]]:
    """Final sales by market, (4, S), and the size of each market, (S,), where the table tells it."""
    inside = groups.sum(axis=1)
    rest = np.maximum(accounts.use, 0.0) * (1.0 - inside)[None, :]
    used = accounts.use.sum(axis=1)
    shares = np.where(used > 0, over((origin.local * accounts.use).sum(axis=1), used), origin.local.mean(axis=1))
    final_home = accounts.final_home or {kind: values * shares for kind, values in accounts.final.items()}
    private = [kind for kind in FINAL if kind != "government"]
    errors = np.zeros(used.size) if accounts.errors is None else accounts.errors
    local_sales = (rest * origin.local).sum(axis=1) + sum(final_home[kind] for kind in private) + shares * errors
    local_use = rest.sum(axis=1) + sum(accounts.final[kind] for kind in private) + errors
    sales = np.stack([local_sales, final_home["government"], accounts.outflow, accounts.export]) @ groups
    sizes = (local_use, accounts.final["government"], accounts.nation_use, accounts.abroad_use)
    return sales, [None if size is None else size @ groups for size in sizes]


def _within_price(segment: SegmentData) -> None:
    """Scale inputs down where they and value added exceed the price, by rounding or where negative ones became 0.

    A segment whose value added is below `LEAST_ADDED`, a year of losses in the table, gets that much.
    """
    added = segment.value_added + segment.product_tax
    if added < LEAST_ADDED and segment.output > 0:
        segment.notes.append(f"value added of {added:.4g} of output is raised to {LEAST_ADDED:g}")
        segment.value_added += LEAST_ADDED - added
    room = 1.0 - min(segment.value_added + segment.product_tax, 0.999)
    total = sum(segment.inputs.values())
    if total > room + 1e-9:
        segment.inputs = {key: value * room / total for key, value in segment.inputs.items()}
        segment.notes.append(f"inputs of {total:.4g} are scaled to the {room:.4g} that value added leaves")


def _balanced(name: str, segments: dict[str, SegmentData]) -> None:
    """Let sales be what the chain leaves of the output; negative ones are taken off the largest market."""
    segment = segments[name]
    used = sum(s.inputs.get(name, 0.0) * s.local.get(name, 0.0) * s.output for s in segments.values())
    left = segment.output - used
    if segment.output <= 0:
        return
    if left < LEAST_SALES * segment.output:
        factor = (1 - LEAST_SALES) * segment.output / used
        for buyer in segments.values():
            if name in buyer.local:
                buyer.local[name] *= factor
        segment.notes.append(
            f"the chain bought {used:,.6g} of its output; local shares of it are {factor:.4g} of the table's"
        )
        left = LEAST_SALES * segment.output
    negative = {market: value for market, value in segment.sales.items() if value < 0}
    for market, value in negative.items():
        segment.sales[market] = 0.0
        segment.notes.append(
            f"{value:,.6g} of final use in {market} (a fall of stocks or an error of the table) is taken off its other markets"
        )
    total = sum(segment.sales.values())
    gap = left - total
    if abs(gap) > 5e-3 * segment.output and not negative:
        segment.notes.append(f"final sales {total:,.6g} are set to the {left:,.6g} that the chain leaves of the output")
    if total <= 0:
        segment.sales["local_other"] = left
    else:
        segment.sales = {market: value * left / total for market, value in segment.sales.items()}


def over(top: Array, bottom: Array, otherwise: float = 0.0) -> Array:
    """Shares between 0 and 1; `otherwise` where the bottom is not above 0."""
    filled = np.full(np.shape(top), otherwise)
    return np.clip(np.divide(top, bottom, out=filled, where=bottom > 0), 0.0, 1.0)


def _ratio(top: Any, bottom: Any) -> float:
    """A ratio of two numbers, also of arrays without a dimension; 0 where the bottom is."""
    return float(top) / float(bottom) if bottom else 0.0
