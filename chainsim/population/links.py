"""Base-year supply links that hit the base localization rate of every input exactly.

    n = max(1 + N, 1.5 sqrt(P / P_0)), N Poisson of mean 1     suppliers that a buyer has for an input, rounded
    r D_all - D_local >= o / 2                                 the slot of an order o goes to a local supplier
    pull = room^0.7 exp(V)                                     odds of each of up to 24 local suppliers with room
    w_c += t m w_c / I,  w_o += -t m w_o / O,  m = min(I, O)   weights of the chosen and of the other links of a buyer
    t = (r sum(I + O) - sum I) / sum m                         the same for all buyers of a segment

P are yearly purchases; buyers of a tenth of their segment's purchases have four suppliers at least. Orders are filled
by size, the largest first; slots beyond the local ones are split between abroad and the nation by the same rule. I are
the orders of a buyer that go to suppliers of the kind in question, O its other orders. Before weights are moved, slots
change their kind until no more than half of m has to move. The rules are judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import candidates, draws, kernels
from chainsim.economy.links import ABROAD, NATIONAL, NOBODY, Links
from chainsim.economy.types import Array, Flags, Index

if TYPE_CHECKING:
    from chainsim.economy.arrays import ScenarioArrays
    from chainsim.economy.candidates import BuyerState, CandidateTable, ChoiceRules
    from chainsim.economy.economy import Economy


LARGE_BUYER, SLOTS_OF_LARGE_BUYER = 0.1, 4
"""Share of a segment's purchases of an input that makes a large buyer, and the fewest suppliers it has."""
CANDIDATES = 24
"""Draws of local suppliers for a base-year slot."""
MOST_TILT = 0.5
"""Largest share of the smaller kind of a buyer's slots whose weight moves to reach an exact rate."""
MOST_MOVED = 0.9
"""Largest part of the smaller weight of a buyer, chosen or other, that one step of the tilt moves."""


def slots_by_input(
    arrays: ScenarioArrays, identity: NDArray[np.uint64], segment: Index, output: Array, key: np.uint64
) -> Index:
    """Suppliers that each buyer has for each input, (m, S)."""
    number = np.empty((identity.size, arrays.size), dtype=np.int64)
    kernels.count_slots(
        identity=identity,
        segment=segment,
        output=output,
        key=key,
        names=draws.hashed(arrays.names),
        technical=arrays.technical,
        chance=draws.poisson_steps(1.0),
        slot_purchases=arrays.slot_purchases,
        most=arrays.slots,
        number=number,
    )
    return number


def base_links(economy: Economy, table: CandidateTable, seen: BuyerState, rules: ChoiceRules) -> Links:
    """Links of the base year: suppliers by room, quality and park; weights tilted to the exact local and foreign rates.

    Buyers draw suppliers from `table` and judge what they have `seen` of them by the `rules` of sourcing.
    """
    arrays = economy.arrays
    key = draws.draw_key(economy.seed, "population.slots", 0)
    by_input = slots_by_input(arrays, economy.identity, economy.segment, economy.output, key)
    buyer, inputs = np.nonzero(by_input)
    number, bought = by_input[buyer, inputs], inputs.astype(np.int32)
    number = np.maximum(number, least_slots(economy, buyer, bought))
    per_buyer = np.bincount(buyer, weights=number, minlength=economy.n).astype(np.int64)
    start = np.concatenate(([0], np.cumsum(per_buyer)))
    pair = np.repeat(np.arange(buyer.size), number)
    segment = economy.segment[buyer]
    coefficient = (arrays.technical[bought, segment] / number)[pair]
    links = Links(start, bought[pair], np.full(pair.size, NATIONAL, dtype=np.int32), coefficient)
    choose_suppliers(economy, links, table, seen, rules)
    mix_kinds(economy, links)
    tilt(economy, links, links.supplier >= 0, np.ones(links.supplier.size, dtype=bool), arrays.local_rate)
    relieve(economy, links)
    tilt(economy, links, links.supplier == ABROAD, links.supplier < 0, arrays.abroad_rate)
    return links


def least_slots(economy: Economy, buyer: Index, bought: NDArray[np.int32]) -> Index:
    """Fewest slots of every (buyer, input) pair, (m,): buyers of a tenth of a segment's purchases split their orders.

    With a single slot the choice of one buyer would decide the local rate of the whole segment.
    """
    segment = economy.segment[buyer]
    purchases = economy.arrays.technical[bought, segment] * economy.output[buyer]
    code = bought.astype(np.int64) * economy.arrays.size + segment
    return np.where(purchases > LARGE_BUYER * np.bincount(code, weights=purchases)[code], SLOTS_OF_LARGE_BUYER, 1)


def choose_suppliers(
    economy: Economy, links: Links, table: CandidateTable, seen: BuyerState, rules: ChoiceRules
) -> None:
    """Fill the slots, large orders first; nobody sells more than a limit of its output to modelled enterprises."""
    arrays, buyer = economy.arrays, links.buyer
    orders = links.coefficient * economy.output[buyer]
    by_identity = np.argsort(economy.identity)
    number = np.diff(links.start)[by_identity]
    first = np.repeat(links.start[by_identity] - np.cumsum(number) + number, number)
    order = first + np.arange(buyer.size)  # by identity and slot, which decide between equal orders
    order = order[np.argsort(-orders[order], kind="stable")]
    slots = np.stack((order, buyer[order], np.full(order.size, NOBODY), links.slot[order]))
    places, scratch = candidates.room_for(1, CANDIDATES), np.full(economy.n, -1)
    kernels.assign(
        slots=slots,
        key=draws.draw_key(economy.seed, "population.links", 0),
        wanted=CANDIDATES,
        link_input=links.input,
        orders=orders,
        seen=seen,
        rules=rules,
        table=table,
        room=arrays.supply_limit * economy.output,
        rates=np.stack((arrays.local_rate, arrays.abroad_rate)),
        shown=scratch,
        sample=places,
        ordered=np.zeros((4, arrays.size, arrays.size)),
        supplier=links.supplier,
    )


def pair_code(economy: Economy, links: Links) -> Index:
    """Number of the (input, buyer segment) pair of every link, (L,)."""
    return links.input.astype(np.int64) * economy.arrays.size + economy.segment[links.buyer]


def mix_kinds(economy: Economy, links: Links) -> None:
    """Make the exact local and foreign rates of every (input, buyer segment) pair reachable by tilting weights."""
    arrays, size, buyer, code = economy.arrays, economy.arrays.size, links.buyer, pair_code(economy, links)
    orders = links.coefficient * economy.output[buyer]
    local = links.supplier >= 0
    sold = np.bincount(links.supplier[local], weights=orders[local], minlength=economy.n).astype(np.float64)
    by_name = np.argsort(arrays.names)
    kernels.mix_kinds(
        pairs=(by_name[:, None] * size + by_name).ravel(),
        code=code,
        rates=np.stack((arrays.local_rate.ravel(), arrays.abroad_rate.ravel())),
        most=MOST_TILT,
        buyer=buyer,
        orders=orders,
        segment=economy.segment,
        limit=arrays.supply_limit * economy.output,
        sold=sold,
        supplier=links.supplier,
    )


def tilt(economy: Economy, links: Links, chosen: Flags, among: Flags, rate: Array) -> None:
    """Move weight between `chosen` and other links of `among` (L,) so that the chosen share equals `rate` (S, S).

    Buyers that have both kinds for an input move the same fraction of the smaller kind, each kind in proportion.
    """
    size, buyer = economy.arrays.size, links.buyer
    orders = np.where(among, links.coefficient * economy.output[buyer], 0.0)
    group = buyer * size + links.input
    pairs = economy.n * size
    inside = np.bincount(group, weights=orders * chosen, minlength=pairs)
    other = np.bincount(group, weights=orders * ~chosen, minlength=pairs)
    movable = np.minimum(inside, other)
    code = (np.arange(pairs) % size) * size + economy.segment[np.arange(pairs) // size]

    def by_pair(values: NDArray[Any]) -> Array:
        """Sums over buyers of each (input, buyer segment) pair, (S S,)."""
        return np.bincount(code, weights=values, minlength=size * size).astype(np.float64)

    missing = rate.ravel() * by_pair(inside + other) - by_pair(inside)
    room = by_pair(movable)
    step = np.clip(np.divide(missing, room, out=np.zeros_like(room), where=room > 0), -MOST_MOVED, MOST_MOVED)
    moved = step[code] * movable
    up = np.divide(moved, inside, out=np.zeros_like(moved), where=inside > 0)
    down = np.divide(-moved, other, out=np.zeros_like(moved), where=other > 0)
    links.coefficient[:] *= 1.0 + np.where(among, np.where(chosen, up[group], down[group]), 0.0)


def relieve(economy: Economy, links: Links) -> None:
    """Move outside what suppliers were booked for beyond all they make, down to the limit of what they sell so.

    Only a tilt books beyond the limit: where one enterprise makes most of what its segment buys of itself, the others
    are asked for more than they have, as nobody buys from itself.
    """
    size, buyer, local = economy.arrays.size, links.buyer, links.supplier >= 0
    supplier, orders = np.maximum(links.supplier, 0), links.coefficient * economy.output[buyer]
    sold = np.bincount(supplier[local], weights=orders[local], minlength=economy.n)
    over = local & (sold >= economy.output)[supplier]
    if not over.any():
        return
    group = buyer * size + links.input
    outside = np.bincount(group, weights=np.where(local, 0.0, links.coefficient), minlength=economy.n * size)
    movable = over & (outside[group] > 0)
    moved = np.bincount(supplier[movable], weights=orders[movable], minlength=economy.n)
    excess = np.maximum(sold - economy.arrays.supply_limit * economy.output, 0.0)
    cut = np.minimum(np.divide(excess, moved, out=np.zeros_like(excess), where=moved > 0), 1.0)
    given = np.where(movable, cut[supplier] * links.coefficient, 0.0)
    taken = np.bincount(group, weights=given, minlength=economy.n * size)
    more = np.divide(taken, outside, out=np.zeros_like(taken), where=outside > 0)
    links.coefficient[:] = np.where(local, links.coefficient - given, links.coefficient * (1.0 + more[group]))
