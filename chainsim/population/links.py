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

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import candidates, draws, kernels
from chainsim.economy.links import ABROAD, NATIONAL, NOBODY, Links, ranges
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


class Chain(NamedTuple):
    """What base-year links take from the scenario, see `ScenarioArrays`."""

    names: tuple[str, ...]
    technical: Array
    local_rate: Array
    abroad_rate: Array
    supply_limit: float
    slots: int
    slot_purchases: float

    @classmethod
    def of(cls, arrays: ScenarioArrays) -> Self:
        """That of a scenario."""
        return cls(*(getattr(arrays, name) for name in cls._fields))

    @property
    def size(self) -> int:
        """Number of segments."""
        return len(self.names)


class Basis(NamedTuple):
    """All that the links of the base year follow from, and nothing else: `base_year.kept` tells equal ones by content.

    `output` (n,) of the enterprises that are `seen`, the `table` they are drawn from and the `rules` of the choice.
    """

    chain: Chain
    seed: int
    output: Array
    table: CandidateTable
    seen: BuyerState
    rules: ChoiceRules

    @classmethod
    def of(cls, economy: Economy, table: CandidateTable, seen: BuyerState, rules: ChoiceRules) -> Self:
        """That of an economy. Prices and room, which the year will know, play no part in its links."""
        unknown = economy.output.copy()
        seen = seen._replace(expected=unknown, attraction=unknown, spare=unknown)
        rules = rules._replace(capacity_weight=0.0, least_room=0.0)
        return cls(Chain.of(economy.arrays), economy.seed, unknown, table, seen, rules)


class Wanted(NamedTuple):
    """The m pairs of `buyer` and `input`, in the order of rows and segments, (m,) each.

    Each has a `number` of slots, the first of them at `first` (m + 1,), and counts to the (input, buyer segment) of its
    `code`.
    """

    buyer: Index
    input: NDArray[np.int32]
    number: Index
    first: Index
    code: Index


def slots_by_input(
    chain: ScenarioArrays | Chain, identity: NDArray[np.uint64], segment: Index, output: Array, key: np.uint64
) -> Index:
    """Suppliers that each buyer has for each input, (m, S)."""
    number = np.empty((identity.size, chain.size), dtype=np.int64)
    kernels.count_slots(
        identity=identity,
        segment=segment,
        output=output,
        key=key,
        names=draws.hashed(chain.names),
        technical=chain.technical,
        chance=draws.poisson_steps(1.0),
        slot_purchases=chain.slot_purchases,
        most=chain.slots,
        number=number,
    )
    return number


def base_links(basis: Basis) -> Links:
    """Links of the base year: suppliers by room, quality and park; weights tilted to local and foreign rates."""
    wanted, chain, n = wants(basis), basis.chain, basis.output.size
    segment = basis.seen.segment[wanted.buyer]
    coefficient = chain.technical[wanted.input, segment] / wanted.number
    per_buyer = np.bincount(wanted.buyer, weights=wanted.number, minlength=n).astype(np.int64)
    links = Links(
        np.concatenate(([0], np.cumsum(per_buyer))),
        np.repeat(wanted.input, wanted.number),
        np.full(wanted.first[-1], NATIONAL, dtype=np.int32),
        np.repeat(coefficient, wanted.number),
    )
    choose_suppliers(basis, links, wanted)
    mix_kinds(basis, links, wanted)
    tilt(basis, links, wanted, links.supplier >= 0, np.ones(links.supplier.size, dtype=bool), chain.local_rate)
    relieve(basis, links, wanted)
    tilt(basis, links, wanted, links.supplier == ABROAD, links.supplier < 0, chain.abroad_rate)
    return links


def wants(basis: Basis) -> Wanted:
    """What buyers want, and how many suppliers of it they have."""
    key, seen = draws.draw_key(basis.seed, "population.slots", 0), basis.seen
    by_input = slots_by_input(basis.chain, seen.identity, seen.segment, basis.output, key)
    buyer, inputs = np.nonzero(by_input)
    code = inputs * basis.chain.size + seen.segment[buyer]
    number = np.maximum(by_input[buyer, inputs], least_slots(basis, buyer, inputs, code))
    return Wanted(buyer, inputs.astype(np.int32), number, np.concatenate(([0], np.cumsum(number))), code)


def least_slots(basis: Basis, buyer: Index, bought: Index, code: Index) -> Index:
    """Fewest slots of every (buyer, input) pair, (m,): buyers of a tenth of a segment's purchases split their orders.

    With a single slot the choice of one buyer would decide the local rate of the whole segment.
    """
    purchases = basis.chain.technical[bought, basis.seen.segment[buyer]] * basis.output[buyer]
    return np.where(purchases > LARGE_BUYER * np.bincount(code, weights=purchases)[code], SLOTS_OF_LARGE_BUYER, 1)


def choose_suppliers(basis: Basis, links: Links, wanted: Wanted) -> None:
    """Fill the slots, large orders first; nobody sells more than a limit of its output to modelled enterprises."""
    chain, buyer = basis.chain, links.buyer
    orders = links.coefficient * basis.output[buyer]
    by_identity = np.argsort(basis.seen.identity)
    number = np.bincount(wanted.buyer, minlength=basis.output.size)
    pairs = ranges((np.cumsum(number) - number)[by_identity], number[by_identity])
    pairs = pairs[np.argsort(-orders[wanted.first[pairs]], kind="stable")]  # of equal orders by identity, then by input
    order = ranges(wanted.first[pairs], wanted.number[pairs])
    slot = order - np.repeat(wanted.first[pairs], wanted.number[pairs])
    places, scratch = candidates.room_for(1, CANDIDATES), np.full(basis.output.size, -1)
    kernels.assign(
        slots=np.stack((order, buyer[order], np.full(order.size, NOBODY), slot)),
        key=draws.draw_key(basis.seed, "population.links", 0),
        wanted=CANDIDATES,
        link_input=links.input,
        orders=orders,
        seen=basis.seen,
        rules=basis.rules,
        table=basis.table,
        room=chain.supply_limit * basis.output,
        rates=np.stack((chain.local_rate, chain.abroad_rate)),
        shown=scratch,
        sample=places,
        ordered=np.zeros((4, chain.size, chain.size)),
        supplier=links.supplier,
    )


def mix_kinds(basis: Basis, links: Links, wanted: Wanted) -> None:
    """Make the exact local and foreign rates of every (input, buyer segment) pair reachable by tilting weights."""
    chain, size, buyer = basis.chain, basis.chain.size, links.buyer
    orders = links.coefficient * basis.output[buyer]
    local = links.supplier >= 0
    sold = np.bincount(links.supplier[local], weights=orders[local], minlength=basis.output.size).astype(np.float64)
    by_name = np.argsort(chain.names)
    kernels.mix_kinds(
        pairs=(by_name[:, None] * size + by_name).ravel(),
        code=np.repeat(wanted.code, wanted.number),
        rates=np.stack((chain.local_rate.ravel(), chain.abroad_rate.ravel())),
        most=MOST_TILT,
        buyer=buyer,
        orders=orders,
        segment=basis.seen.segment,
        limit=chain.supply_limit * basis.output,
        sold=sold,
        supplier=links.supplier,
    )


def tilt(basis: Basis, links: Links, wanted: Wanted, chosen: Flags, among: Flags, rate: Array) -> None:
    """Move weight between `chosen` and other links of `among` (L,) so that the chosen share equals `rate` (S, S).

    Buyers that have both kinds for an input move the same fraction of the smaller kind, each kind in proportion.
    """
    pair = np.repeat(np.arange(wanted.buyer.size), wanted.number)
    orders = np.where(among, links.coefficient * basis.output[wanted.buyer][pair], 0.0)
    inside, other = (np.bincount(pair, weights=orders * kind) for kind in (chosen, ~chosen))
    movable = np.minimum(inside, other)

    def by_code(values: NDArray[Any]) -> Array:
        """Sums over buyers of each (input, buyer segment) pair, (S S,)."""
        return np.bincount(wanted.code, weights=values, minlength=rate.size).astype(np.float64)

    missing, room = rate.ravel() * by_code(inside + other) - by_code(inside), by_code(movable)
    step = np.clip(np.divide(missing, room, out=np.zeros_like(room), where=room > 0), -MOST_MOVED, MOST_MOVED)
    moved = step[wanted.code] * movable
    up = np.divide(moved, inside, out=np.zeros_like(moved), where=inside > 0)
    down = np.divide(-moved, other, out=np.zeros_like(moved), where=other > 0)
    links.coefficient[:] *= 1.0 + np.where(among, np.where(chosen, up[pair], down[pair]), 0.0)


def relieve(basis: Basis, links: Links, wanted: Wanted) -> None:
    """Move outside what suppliers were booked for beyond all they make, down to the limit of what they sell so.

    Only a tilt books beyond the limit: where one enterprise makes most of what its segment buys of itself, the others
    are asked for more than they have, as nobody buys from itself.
    """
    output, local = basis.output, links.supplier >= 0
    supplier, orders = np.maximum(links.supplier, 0), links.coefficient * output[links.buyer]
    sold = np.bincount(supplier[local], weights=orders[local], minlength=output.size)
    over = local & (sold >= output)[supplier]
    if not over.any():
        return
    pair = np.repeat(np.arange(wanted.buyer.size), wanted.number)
    outside = np.bincount(pair, weights=np.where(local, 0.0, links.coefficient))
    movable = over & (outside[pair] > 0)
    moved = np.bincount(supplier[movable], weights=orders[movable], minlength=output.size)
    excess = np.maximum(sold - basis.chain.supply_limit * output, 0.0)
    cut = np.minimum(np.divide(excess, moved, out=np.zeros_like(excess), where=moved > 0), 1.0)
    given = np.where(movable, cut[supplier] * links.coefficient, 0.0)
    taken = np.bincount(pair, weights=given)
    more = np.divide(taken, outside, out=np.zeros_like(taken), where=outside > 0)
    links.coefficient[:] = np.where(local, links.coefficient - given, links.coefficient * (1.0 + more[pair]))
