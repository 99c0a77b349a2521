"""Compiled inner loops: plain functions of arrays, one thread, fixed order of sums, no fast math.

Each has a slow plain-Python twin in the tests. Link arrays are grouped by buyer: the links of buyer `i` are
`start[i]:start[i + 1]`; `supplier` holds a row, NATIONAL, ABROAD, NOBODY (none chosen yet) or CLOSED (left the
economy); `coefficient` is the quantity bought over that link per unit of the buyer's output. Arrays go into a function
once a call, never once a link: handing over costs more than a link's work.
"""

from __future__ import annotations

from chainsim.economy.kernels.compiler import ABROAD, CLOSED, NATIONAL, NOBODY
from chainsim.economy.kernels.link_upkeep import close_links, copy_suppliers, keep_links, mark_partners, unlike_links
from chainsim.economy.kernels.orders import (
    NOTHING,
    add_orders,
    cascade,
    coverage,
    deliver,
    input_cost,
    local_links,
    segment_totals,
)
from chainsim.economy.kernels.philox import fill_uniform, mix, philox, uniform_of, unit_of
from chainsim.economy.kernels.suppliers import (
    GUIDES,
    assign,
    choose,
    crowding,
    first_with_room,
    introduce,
    local_pulls,
    place_members,
    reviewed,
    show,
)

__all__ = [
    "ABROAD",
    "CLOSED",
    "GUIDES",
    "NATIONAL",
    "NOBODY",
    "NOTHING",
    "add_orders",
    "assign",
    "cascade",
    "choose",
    "close_links",
    "copy_suppliers",
    "coverage",
    "crowding",
    "deliver",
    "fill_uniform",
    "first_with_room",
    "input_cost",
    "introduce",
    "keep_links",
    "local_links",
    "local_pulls",
    "mark_partners",
    "mix",
    "philox",
    "place_members",
    "reviewed",
    "segment_totals",
    "show",
    "uniform_of",
    "unit_of",
    "unlike_links",
]
