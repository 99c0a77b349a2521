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

from chainsim.economy import kernels
from chainsim.economy.economy import Economy
from chainsim.economy.links import ABROAD, REST
from chainsim.economy.types import Array, Index
from chainsim.effects.link_causes import CAUSES, Common, LinkCauses, Worlds, chain_buyers
from chainsim.stages.production import Production

WEIGHTS = len(CAUSES)
"""Place of `weights`, which no choice has, behind the causes of choices."""
CHANNELS = (*CAUSES[:REST], "weights", CAUSES[REST])
"""Channels of localization, in the order in which they are told."""
ORDER = (*range(REST), WEIGHTS, REST)


class Purchases(NamedTuple):
    """What is bought over links, (m,): `quantity`, `paid` in all, the `local` part, the `pair` of input and buyer
    segment, and the `buyer`.

    The `place` of every link of the economy among these, (L,), is -1 where the chain does not buy over it.
    """

    quantity: Array
    paid: Array
    local: Array
    pair: Index
    buyer: Index
    place: Index

    def by_pair(self, values: Array, pairs: int) -> Array:
        """Sums of `values` (m,) by pair, (S * S,)."""
        return np.asarray(np.bincount(self.pair, values, pairs), dtype=float)


class Pairs(NamedTuple):
    """Pairs of input and buyer segment, (S * S,): purchases `total` (2, S * S) in each world, the mean base-year
    `weight`, and the local share that purchases are held against, `reference`: 0 where a world buys nothing."""

    total: Array
    weight: Array
    mean_rate: Array
    reference: Array


def of_localization(worlds: Worlds, causes: LinkCauses, common: Common, weights: tuple[Array, Array]) -> Array:
    """The effect on localization by `CHANNELS`, (9,), at base-year `weights` (S * S,) of each world."""
    made = [purchases(world) for world in worlds]
    pairs, links = pairs_of(made, weights), causes.links.at
    parts = np.zeros(len(CAUSES) + 1)
    parts[WEIGHTS] = ((weights[1] - weights[0]) * pairs.mean_rate).sum()
    for number, bought in enumerate(made):
        alone = np.ones(bought.pair.size, dtype=bool)
        alone[bought.place[links[number]]] = False
        only = np.flatnonzero(alone)
        pair, paid = bought.pair[only], bought.paid[only]
        gain = over(paid, pairs.total[number][pair]) * (over(bought.local[only], paid) - pairs.reference[pair])
        why = common.absent[number][bought.buyer[only]]
        parts[:WEIGHTS] += (2 * number - 1) * np.bincount(why, gain * pairs.weight[pair], WEIGHTS)
    kernels.divide_links(
        at=links,
        causes=causes.table,
        cause_of=causes.cause_of,
        ours=made[0],
        theirs=made[1],
        supplier=(worlds[0].links.supplier, worlds[1].links.supplier),
        total=pairs.total,
        weight=pairs.weight,
        reference=pairs.reference,
        parts=parts,
    )
    return parts[list(ORDER)]


def pairs_of(bought: Sequence[Purchases], weights: tuple[Array, Array]) -> Pairs:
    """What is bought of every pair in both worlds."""
    ours, theirs = (each.by_pair(each.paid, weights[0].size) for each in bought)
    rates = [over(each.by_pair(each.local, paid.size), paid) for each, paid in zip(bought, (ours, theirs), strict=True)]
    mean_rate = (rates[0] + rates[1]) / 2
    reference = np.where((ours > 0) & (theirs > 0), mean_rate, 0.0)
    return Pairs(np.stack((ours, theirs)), (weights[0] + weights[1]) / 2, mean_rate, reference)


def base_weights(world: Economy) -> Array:
    """Part of every pair of input and buyer segment in the purchases of the chain in the base year, (S * S,)."""
    bought = world.flows.trade.sum(axis=2) * world.arrays.chain[None, :]
    total = float(bought.sum())
    return np.asarray(bought.ravel() / total if total > 0 else bought.ravel(), dtype=float)


def purchases(world: Economy) -> Purchases:
    """What the chain's enterprises pay over each link in the year, as `Production.deliver` books it."""
    links, policy, rows = world.links, world.policy, chain_buyers(world)
    number = int((links.start[rows + 1] - links.start[rows]).sum())
    quantity, paid, local = np.empty((3, number))
    pair, buyer = np.empty((2, number), dtype=np.int64)
    bought = Purchases(quantity, paid, local, pair, buyer, np.full(links.supplier.size, -1))
    dear = policy.outside_price[:, 0] * (1.0 + rules_of(world).premium)
    kernels.pay_over_links(
        rows=rows,
        start=links.start,
        link_input=links.input,
        supplier=links.supplier,
        coefficient=links.coefficient,
        segment=world.segment,
        output=world.output,
        fill=world.fill,
        price=world.price,
        unmet=1.0 - policy.shared_shortage,
        outside=np.stack((*policy.outside_price.T, dear)),
        bought=bought,
    )
    if (policy.outside_supply < 1.0).any():
        at = np.flatnonzero(bought.place >= 0)
        at = at[np.argsort(bought.place[at])]
        supplier, inputs, origin = links.supplier[at], links.input[at], (links.supplier[at] == ABROAD).astype(np.int64)
        cut = (supplier < 0) & (policy.outside_supply[inputs, origin] < 1.0)
        paid[cut] = paid_in_cut(world, quantity[cut], buyer[cut], inputs[cut], origin[cut])
    return bought


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
