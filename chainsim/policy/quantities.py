"""What a condition can ask of an enterprise: numbers and names, with their meanings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.economy.arrays import ABROAD_MARKET, OWNERS
from chainsim.economy.types import Array

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


def over(top: Any, bottom: Any, otherwise: Any) -> Array:
    """top / bottom, `otherwise` where the bottom is 0."""
    top, bottom = np.broadcast_arrays(np.asarray(top, dtype=float), np.asarray(bottom, dtype=float))
    filled = np.array(np.broadcast_to(otherwise, top.shape), dtype=float)
    return np.divide(top, bottom, out=filled, where=bottom != 0)


def now(economy: Economy) -> int:
    """The calendar year."""
    return economy.year


def segment_of(economy: Economy) -> Any:
    """Segment of each enterprise, (n,)."""
    return np.array(economy.arrays.names)[economy.segment]


def tier_of(economy: Economy) -> Any:
    """Tier of each enterprise, (n,)."""
    return np.array(economy.arrays.tiers)[economy.arrays.tier[economy.segment]]


def industry_of(economy: Economy) -> Any:
    """Leading industry of each enterprise, (n,)."""
    return np.array(economy.arrays.industries)[economy.segment]


def park_of(economy: Economy) -> Any:
    """Park of each enterprise, (n,)."""
    return np.array(economy.arrays.park_names)[economy.park]


def owner_of(economy: Economy) -> Any:
    """Kind of owner of each enterprise, (n,)."""
    return np.array(OWNERS)[economy.owner]


QUANTITIES: dict[str, tuple[str, Callable[[Economy], Any]]] = {
    "employees": ("staff, persons", lambda e: e.employment),
    "sales": ("sales, CNY million", lambda e: e.sales),
    "output": ("sales, CNY million", lambda e: e.sales),
    "capital": ("capital in place, CNY million", lambda e: e.capital),
    "debt": ("debt, CNY million", lambda e: e.debt),
    "cash": ("cash, CNY million", lambda e: e.cash),
    "rd": ("R&D spending, CNY million", lambda e: e.rd),
    "rd_share": ("R&D over sales; its norm for the new", lambda e: over(e.rd, e.sales, e.rd_share)),
    "skilled_share": (
        "skilled staff over staff, R&D staff included",
        lambda e: over(e.skilled + e.research, e.employment, 0.0),
    ),
    "profit_margin": ("profit before tax over sales", lambda e: over(e.profit, e.sales, 0.0)),
    "market_share": ("share in the sales of the segment's local enterprises", lambda e: e.local_share),
    "export_share": ("sales abroad over sales", lambda e: over(e.final_sales[:, ABROAD_MARKET], e.sales, 0.0)),
    "age": ("completed years of operation", lambda e: np.maximum(now(e) - e.founded, 0)),
    "founded": ("first year of operation", lambda e: e.founded),
    "productivity": ("productivity relative to the segment norm", lambda e: e.productivity),
    "quality": ("quality relative to the frontier, log", lambda e: e.quality),
    "price": ("price relative to the outside price", lambda e: e.price),
    "year": ("calendar year", lambda e: np.full(e.identity.size, now(e))),
    "high_tech": ("1 if certified high-tech", lambda e: e.high_tech),
    "named": ("1 if a real enterprise of the scenario", lambda e: e.named),
    "certified": ("1 if it holds a security certificate", lambda e: e.certificate),
}
"""Numbers of an enterprise as of last year's end, with meaning."""

WORDS: dict[str, tuple[str, Callable[[Economy], Any]]] = {
    "segment": ("segment", segment_of),
    "tier": ("tier", tier_of),
    "industry": ("leading industry", industry_of),
    "park": ("park", park_of),
    "owner": ("owner", owner_of),
}
"""Names that an enterprise belongs to, with meaning."""
