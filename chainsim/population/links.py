"""Base-year supply links that hit the base localization rate of every input exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chainsim import draws
from chainsim.network import ABROAD, NATIONAL, Links

if TYPE_CHECKING:
    from chainsim.economy import Economy, Tables
    from chainsim.stages import Sourcing

Array = NDArray[np.float64]
Index = NDArray[np.int64]

PURCHASES_PER_SLOT = 10.0
"""Purchases of one input, CNY million, whose square root sets the number of suppliers of a large buyer."""
SUPPLY_LIMIT = 0.9
"""Largest share of a supplier's base output that goes to modelled enterprises."""
MOST_TILT = 0.5
"""Largest share of the smaller kind of a buyer's slots whose weight moves to reach an exact rate."""


def slot_numbers(
    tables: Tables, identity: NDArray[np.uint64], segment: NDArray[np.int32], output: Array, key: np.uint64
) -> tuple[Index, NDArray[np.int32], Index]:
    """Suppliers that each buyer has for each input.

    Returns:
        Buyer, input and number of slots of every (buyer, input) pair, three of (m,), by buyer.
    """
    pairs = tables.technical.T[segment] > 0.0
    buyer, bought = np.nonzero(pairs)
    names = np.array([draws.name_hash(name) for name in tables.names], dtype=np.uint64)
    u = draws.uniform_for(key, draws.mixed(identity[buyer], names[bought]))
    purchases = tables.technical[bought, segment[buyer]] * output[buyer]
    wanted = np.round(1.5 * np.sqrt(purchases / PURCHASES_PER_SLOT)).astype(np.int64)
    number = np.maximum(1 + draws.poisson(u, 1.0), wanted)
    return buyer, bought.astype(np.int32), np.minimum(number, tables.slots)


def base_links(economy: Economy, sourcing: Sourcing) -> Links:
    """Links of the base year: suppliers by room, quality and park; weights tilted to the exact local and foreign rates."""
    tables = economy.tables
    key = draws.draw_key(economy.seed, "population.slots", 0)
    buyer, bought, number = slot_numbers(tables, economy.identity, economy.segment, economy.output, key)
    per_buyer = np.bincount(buyer, weights=number, minlength=economy.n).astype(np.int64)
    start = np.concatenate(([0], np.cumsum(per_buyer)))
    pair = np.repeat(np.arange(buyer.size), number)
    segment = economy.segment[buyer]
    coefficient = (tables.technical[bought, segment] / number)[pair]
    links = Links(start, bought[pair], np.full(pair.size, NATIONAL, dtype=np.int32), coefficient)
    choose_suppliers(economy, links, sourcing)
    mix_kinds(economy, links)
    tilt(economy, links, links.supplier >= 0, np.ones(links.supplier.size, dtype=bool), tables.local_rate)
    tilt(economy, links, links.supplier == ABROAD, links.supplier < 0, tables.abroad_rate)
    return links


def choose_suppliers(economy: Economy, links: Links, sourcing: Sourcing) -> None:
    """Fill the slots, large orders first; nobody sells more than a limit of its output to modelled enterprises."""
    from chainsim import kernels

    tables, buyer = economy.tables, links.buyer
    orders = links.coefficient * economy.output[buyer]
    slot = np.arange(buyer.size) - links.start[buyer]
    order = np.lexsort((slot, economy.identity[buyer], -orders))
    room = SUPPLY_LIMIT * economy.output
    kernels.assign(
        order,
        draws.draw_key(economy.seed, "population.links", 0),
        buyer,
        slot,
        links.input,
        orders,
        sourcing.state(economy),
        sourcing.candidates(economy),
        sourcing.rules(),
        room,
        tables.local_rate,
        tables.abroad_rate,
        np.empty(64, dtype=np.int64),
        links.supplier,
    )


def pair_code(economy: Economy, links: Links) -> Index:
    """Number of the (input, buyer segment) pair of every link, (L,)."""
    return links.input.astype(np.int64) * economy.tables.size + economy.segment[links.buyer]


def mix_kinds(economy: Economy, links: Links) -> None:
    """Make the exact local rate of every (input, buyer segment) pair reachable by tilting weights.

    Where too few buyers hold both local and outside slots, the smallest slot of a buyer with several of one kind
    changes its kind, towards the rate, until the tilt fits.
    """
    size, buyer = economy.tables.size, links.buyer
    code = pair_code(economy, links)
    orders = links.coefficient * economy.output[buyer]
    local = links.supplier >= 0
    sold = np.bincount(links.supplier[local], weights=orders[local], minlength=economy.n)
    for pair in np.unique(code):
        if 0.0 < economy.tables.local_rate.flat[pair] < 1.0:
            mix_pair(economy, links, np.flatnonzero(code == pair), divmod(int(pair), size), orders, sold)


def mix_pair(economy: Economy, links: Links, slots: Index, pair: tuple[int, int], orders: Array, sold: Array) -> None:
    """`mix_kinds` for the slots of one pair; `sold` (n,) is updated."""
    rate, buyer = economy.tables.local_rate[pair], links.buyer[slots]
    for _ in range(slots.size):
        local = links.supplier[slots] >= 0
        inside = np.bincount(buyer, weights=orders[slots] * local, minlength=economy.n)
        total = np.bincount(buyer, weights=orders[slots], minlength=economy.n)
        movable = float(np.minimum(inside, total - inside).sum())
        missing = rate * float(total.sum()) - float(inside.sum())
        if abs(missing) <= MOST_TILT * movable:
            return
        several = np.bincount(buyer, minlength=economy.n)[buyer] > 1
        pure = np.where(missing > 0.0, inside[buyer] == 0.0, inside[buyer] == total[buyer])
        usable = np.flatnonzero(several & pure & (local == (missing < 0.0)))
        if usable.size == 0:
            return
        e = slots[usable[np.argmin(orders[slots[usable]])]]
        if missing < 0.0:
            sold[links.supplier[e]] -= orders[e]
            links.supplier[e] = NATIONAL
            continue
        room = np.where(economy.segment == pair[0], SUPPLY_LIMIT * economy.output - sold, -1.0)
        room[links.buyer[e]] = -1.0
        j = int(np.argmax(room))
        if room[j] < orders[e]:
            return
        links.supplier[e] = j
        sold[j] += orders[e]


def tilt(economy: Economy, links: Links, chosen: NDArray[np.bool_], among: NDArray[np.bool_], rate: Array) -> None:
    """Move weight between `chosen` and other links of `among` (L,) so that the chosen share equals `rate` (S, S).

    Buyers that have both kinds for an input move the same fraction of the smaller kind, each kind in proportion.
    """
    size, buyer = economy.tables.size, links.buyer
    orders = np.where(among, links.coefficient * economy.output[buyer], 0.0)
    group = buyer * size + links.input
    pairs = economy.n * size
    inside = np.bincount(group, weights=orders * chosen, minlength=pairs)
    other = np.bincount(group, weights=orders * ~chosen, minlength=pairs)
    movable = np.minimum(inside, other)
    code = (np.arange(pairs) % size) * size + economy.segment[np.arange(pairs) // size]
    by_pair = lambda values: np.bincount(code, weights=values, minlength=size * size)  # noqa: E731
    missing = rate.ravel() * by_pair(inside + other) - by_pair(inside)
    room = by_pair(movable)
    step = np.clip(np.divide(missing, room, out=np.zeros_like(room), where=room > 0), -0.9, 0.9)
    moved = step[code] * movable
    up = np.divide(moved, inside, out=np.zeros_like(moved), where=inside > 0)
    down = np.divide(-moved, other, out=np.zeros_like(moved), where=other > 0)
    links.coefficient[:] *= 1.0 + np.where(among, np.where(chosen, up[group], down[group]), 0.0)
