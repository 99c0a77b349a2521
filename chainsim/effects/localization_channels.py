"""The effect on localization at base-year weights, divided by what every link of both worlds adds to it.

With w the base-year weight of a pair of input and buyer segment, r the local share of its purchases, omega a link's
part in them and x its local part:

    w (r' - r) = w sum over links of both worlds of mean omega (x' - x) + (mean x - mean r) (omega' - omega)
               + w sum over links of one world of +-omega (x - mean r)

The first term goes to the causes of the link (`link_causes`), and to `room` where its supplier delivers less; the
second to `price` as far as prices paid move omega and to `weights` as far as quantities do, the mean of both orders;
the third to the reason why the buyer is in one world only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from chainsim.economy.economy import Economy
from chainsim.economy.links import ABROAD, PRICE, REST, ROOM
from chainsim.economy.types import Array, Index
from chainsim.effects.link_causes import CAUSES, Common, LinkCauses, Worlds, chain_buyers, ranges
from chainsim.stages.production import Production

WEIGHTS = len(CAUSES)
"""Place of `weights`, which no choice has, behind the causes of choices."""
CHANNELS = (*CAUSES[:REST], "weights", CAUSES[REST])
"""Channels of localization, in the order in which they are told."""
ORDER = (*range(REST), WEIGHTS, REST)


class Purchases(NamedTuple):
    """What is bought over links, (m,): `quantity`, `paid` in all, the `local` part, the `pair` of input and buyer
    segment, and the `buyer`."""

    quantity: Array
    paid: Array
    local: Array
    pair: Index
    buyer: Index

    def at(self, chosen: Index) -> Purchases:
        """The purchases over some of the links."""
        money = self.quantity[chosen], self.paid[chosen], self.local[chosen]
        return Purchases(*money, self.pair[chosen], self.buyer[chosen])

    def by_pair(self, values: Array, pairs: int) -> Array:
        """Sums of `values` (m,) by pair, (S * S,)."""
        return np.asarray(np.bincount(self.pair, values, pairs), dtype=float)


class Pairs(NamedTuple):
    """Pairs of input and buyer segment, (S * S,): base-year weight and purchases `total` in each world, the mean
    `weight`, and the local share that purchases are held against, `reference`: 0 where a world buys nothing."""

    weights: tuple[Array, Array]
    total: tuple[Array, Array]
    weight: Array
    mean_rate: Array
    reference: Array


def of_localization(worlds: Worlds, causes: LinkCauses, common: Common, weights: tuple[Array, Array]) -> Array:
    """The effect on localization by `CHANNELS`, (9,), at base-year `weights` (S * S,) of each world."""
    made = [purchases(world) for world in worlds]
    pairs = pairs_of([bought for bought, _ in made], weights)
    parts = np.zeros(len(CAUSES) + 1)
    parts[WEIGHTS] = ((weights[1] - weights[0]) * pairs.mean_rate).sum()
    shared = []
    for number, (bought, place) in enumerate(made):
        at = place[causes.links.at[number]]
        alone = np.ones(bought.pair.size, dtype=bool)
        alone[at] = False
        only = bought.at(np.flatnonzero(alone))
        gain = (
            (2 * number - 1) * part_of(only, pairs, number) * (over(only.local, only.paid) - pairs.reference[only.pair])
        )
        parts[:WEIGHTS] += np.bincount(common.absent[number][only.buyer], gain * pairs.weight[only.pair], WEIGHTS)
        shared.append(bought.at(at))
    pair, (ours, theirs) = shared[0].pair, shared
    part = part_of(ours, pairs, 0), part_of(theirs, pairs, 1)
    local = over(ours.local, ours.paid), over(theirs.local, theirs.paid)
    parts[:WEIGHTS] += of_choice(worlds, causes, pairs.weight[pair] * (part[0] + part[1]) / 2, local)
    moved = pairs.weight[pair] * ((local[0] + local[1]) / 2 - pairs.reference[pair])
    by_price = price_part(shared, part, pairs.weight.size)
    parts[PRICE] += (moved * by_price).sum()
    parts[WEIGHTS] += (moved * (part[1] - part[0] - by_price)).sum()
    return parts[list(ORDER)]


def pairs_of(bought: Sequence[Purchases], weights: tuple[Array, Array]) -> Pairs:
    """What is bought of every pair in both worlds."""
    ours, theirs = (each.by_pair(each.paid, weights[0].size) for each in bought)
    rates = [over(each.by_pair(each.local, paid.size), paid) for each, paid in zip(bought, (ours, theirs), strict=True)]
    mean_rate = (rates[0] + rates[1]) / 2
    reference = np.where((ours > 0) & (theirs > 0), mean_rate, 0.0)
    return Pairs(weights, (ours, theirs), (weights[0] + weights[1]) / 2, mean_rate, reference)


def part_of(bought: Purchases, pairs: Pairs, number: int) -> Array:
    """Part of every link in the purchases of its pair, (m,)."""
    return over(bought.paid, pairs.total[number][bought.pair])


def of_choice(worlds: Worlds, causes: LinkCauses, part: Array, local: tuple[Array, Array]) -> Array:
    """What the choice of suppliers adds by cause, (8,), and what they deliver to `room`; `part` (L,) is the weight of
    links."""
    is_local = [world.links.supplier[at] >= 0 for world, at in zip(worlds, causes.links.at, strict=True)]
    counted = is_local[0].astype(float) + is_local[1]
    delivered = np.where(counted > 0, (local[0] + local[1]) / np.maximum(counted, 1.0), 1.0)
    parts = np.asarray((part * delivered) @ causes.cause, dtype=float)
    apart = is_local[1].astype(float) - is_local[0]
    parts[ROOM] += (part * (local[1] - local[0] - apart * delivered)).sum()
    return parts


def price_part(bought: Sequence[Purchases], part: Sequence[Array], pairs: int) -> Array:
    """What prices paid change in the part (L,) of links in the purchases of their pair, between two worlds.

    The mean of passing to the other world's prices at the quantities of either; links of one world keep their part.
    """
    price = [over(each.paid, each.quantity) for each in bought]
    mixed = []
    for number, each in enumerate(bought):
        # where the other world buys nothing over a link, its price there is that of this one
        other = np.where(bought[1 - number].quantity > 0, price[1 - number], price[number])
        value = each.quantity * other
        of_links = each.by_pair(part[number], pairs)
        mixed.append(over(value, each.by_pair(value, pairs)[each.pair]) * of_links[each.pair])
    return np.asarray((mixed[0] - part[0] + part[1] - mixed[1]) / 2, dtype=float)


def base_weights(world: Economy) -> Array:
    """Part of every pair of input and buyer segment in the purchases of the chain in the base year, (S * S,)."""
    bought = world.flows.trade.sum(axis=2) * world.arrays.chain[None, :]
    total = float(bought.sum())
    return np.asarray(bought.ravel() / total if total > 0 else bought.ravel(), dtype=float)


def purchases(world: Economy) -> tuple[Purchases, Index]:
    """What the chain's enterprises pay over each link in the year, as `Production.deliver` books it.

    Returns:
        The purchases over m links, and the place of every link of the economy among these, (L,).
    """
    links, policy, rows = world.links, world.policy, chain_buyers(world)
    length = links.start[rows + 1] - links.start[rows]
    at, buyer = ranges(links.start[rows], length), np.repeat(rows, length)
    place = np.full(links.supplier.size, -1, dtype=np.int64)
    place[at] = np.arange(at.size)
    supplier, bought = links.supplier[at], links.input[at]
    pair = bought.astype(np.int64) * world.arrays.size + world.segment[buyer]
    quantity = links.coefficient[at] * world.output[buyer]
    is_local, seller, origin = supplier >= 0, np.maximum(supplier, 0), (supplier == ABROAD).astype(np.int64)
    local = np.where(is_local, quantity * world.fill[seller] * world.price[seller], 0.0)
    unmet = quantity * (1.0 - world.fill[seller]) * (1.0 - policy.shared_shortage)[bought]
    dear = policy.outside_price[bought, 0] * (1.0 + rules_of(world).premium)
    paid = np.where(is_local, local + unmet * dear, quantity * policy.outside_price[bought, origin])
    cut = ~is_local & (policy.outside_supply[bought, origin] < 1.0)
    if cut.any():
        paid[cut] = paid_in_cut(world, quantity[cut], buyer[cut], bought[cut], origin[cut])
    return Purchases(quantity, paid, local, pair, buyer), place


def paid_in_cut(world: Economy, quantity: Array, buyer: Index, bought: NDArray[np.int32], origin: Index) -> Array:
    """What is paid over links to outside supply that is cut, (c,): the other origin replaces a part at a premium."""
    policy, rules = world.policy, rules_of(world)
    covered = np.ones(world.n) if world.flows.covered is None else world.flows.covered
    need = over(quantity, covered[buyer])
    supply = policy.outside_supply[bought, origin]
    had = np.minimum(quantity, supply * need)
    other = np.minimum(quantity - had, (1.0 - supply) * rules.replaceable * need)
    dear = policy.outside_price[bought, 1 - origin] * (1.0 + rules.premium)
    return np.asarray(had * policy.outside_price[bought, origin] + other * dear, dtype=float)


def rules_of(world: Economy) -> Production:
    """The rules of deliveries."""
    return cast(Production, world.stages.production)


def over(top: Array, bottom: Array) -> Array:
    """top / bottom, 0 where the bottom is 0."""
    return np.divide(top, bottom, out=np.zeros_like(top, dtype=float), where=bottom != 0)
