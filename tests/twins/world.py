"""Random small inputs of the kernels."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from chainsim.economy import candidates
from chainsim.economy.links import ABROAD, ARRIVALS, CLOSED, ENTRY, EXIT, NATIONAL, NOBODY, Links
from chainsim.effects.link_causes import Side


def world(seed: int) -> Any:
    """Up to fourteen enterprises in up to three segments with links, prices, limits and everything else random."""
    luck = np.random.default_rng(seed)
    n, size = int(luck.integers(1, 15)), int(luck.integers(1, 4))
    segment = luck.integers(0, size, n)
    active = luck.random(n) < 0.85
    made = SimpleNamespace(luck=luck, n=n, size=size, segment=segment, active=active)
    made.identity = luck.integers(0, 2**64, n, dtype=np.uint64)
    made.technical = luck.random((size, size)) * (luck.random((size, size)) < 0.7)
    made.technical *= 0.8 / np.maximum(made.technical.sum(axis=0), 0.8)
    add_links(made)
    made.order = luck.permutation(np.flatnonzero(active))
    made.price, made.output = luck.uniform(0.5, 2, n), luck.uniform(0, 100, n) * active
    made.fill = np.where(luck.random(n) < 0.5, 1.0, luck.random(n))
    made.final = luck.uniform(0, 100, n) * (luck.random(n) < 0.7) * active
    made.limit = np.where(luck.random(n) < 0.5, np.inf, luck.uniform(0, 100, n))
    made.covered = np.where(luck.random(n) < 0.7, 1.0, luck.random(n))
    made.outside_price = luck.uniform(0.8, 1.5, (size, 2))
    made.supply = np.where(luck.random((size, 2)) < 0.5, 1.0, luck.random((size, 2)))
    made.replaced, made.unmet = (1.0 - made.supply) * luck.random(), luck.integers(0, 2, size).astype(float)
    made.missing, made.criticality = luck.random((size, 2)), luck.choice([0.0, 0.5, 1.0], (size, size))
    return made


def add_links(made: Any) -> None:
    """Links by buyer, input and slot; suppliers of the input's segment, nobody, closed, national or foreign supply."""
    luck, links = made.luck, []
    for i, k in enumerate(made.segment):
        for l in np.flatnonzero(made.technical[:, k]):
            slots = luck.dirichlet(np.ones(luck.integers(1, 7)))
            locals_ = [j for j in np.flatnonzero(made.segment == l) if j != i]
            suppliers = [NATIONAL, ABROAD, NOBODY, CLOSED, *np.repeat(locals_, 3)]
            links += [(i, l, luck.choice(suppliers), weight * made.technical[l, k]) for weight in slots]
    buyers = [i for i, _, _, _ in links]
    made.start = np.concatenate(([0], np.cumsum(np.bincount(buyers, minlength=made.n)))).astype(np.int64)
    made.input = np.array([l for _, l, _, _ in links], dtype=np.int32)
    made.supplier = np.array([j for _, _, j, _ in links], dtype=np.int32)
    made.coefficient = np.array([c for _, _, _, c in links], dtype=float)


def choosing(seed: int) -> Any:
    """A world with everything that buyers look at, enough enterprises to draw among, and the keys of the draws."""
    made = world(seed)
    luck, n, size = made.luck, made.n, made.size
    made.seen = candidates.BuyerState(
        identity=made.identity,
        segment=made.segment,
        park=luck.integers(0, 2, n),
        quality_factor=np.exp(luck.normal(0, 0.4, n)),
        quality_power=np.ones(n),
        expected=luck.uniform(0, 100, n),
        attraction=luck.uniform(0.2, 3, n),
        spare=luck.uniform(-5, 30, n),
    )
    weight = 10.0 ** luck.uniform(-3, 2, n)
    rows = np.lexsort((made.identity, made.segment))
    made.table = candidates.candidate_table(
        made.segment, made.identity, rows[made.active[rows]], weight, names_of(size)
    )
    tolerated, beyond, weight_of_room, least_room, park = (
        np.exp(luck.random()),
        luck.random(),
        *luck.uniform([0, 1e-4], [3, 0.2]),
        luck.random(),
    )
    made.rules = candidates.ChoiceRules(tolerated, beyond, weight_of_room, least_room, np.exp(park))
    made.seen = made.seen._replace(quality_power=made.seen.quality_factor**beyond)
    made.outside = candidates.OutsideSupply(
        home=luck.exponential(2.0, (size, size)) * (luck.random((size, size)) < 0.8),
        pull=luck.uniform(0.2, 2, (size, size, 2)),
    )
    made.bias = candidates.PolicyBias(
        bonus=np.exp(luck.choice([0.0, 1.0], n)),
        required=luck.random((size, size)) * (luck.random((size, size)) < 0.5),
        certified=luck.integers(0, 2, n).astype(float),
        rivals_certified=luck.random(size),
        matched=luck.integers(0, 3, n).astype(np.int16),
        meets=(luck.random((3, n)) < 0.7) & (np.arange(3) > 0)[:, None],
        met_factor=np.exp(luck.random(3)),
        elasticity=luck.uniform(1.5, 5.0),
    )
    made.turnover, made.outside_turnover = luck.random(n), luck.random((size, 4))
    made.turnover[~made.active] = made.outside_turnover[:, 2:] = 1.0
    made.links = Links(made.start, made.input, made.supplier, made.coefficient)
    made.slots = slots(made)
    made.keys = luck.integers(0, 2**64, 3, dtype=np.uint64)
    return made


def names_of(size: int) -> list[str]:
    """Names of segments."""
    return [f"segment {k}" for k in range(size)]


def slots(made: Any) -> Any:
    """Links in random order with their buyers, and a local supplier in the running for some."""
    buyer = np.repeat(np.arange(made.n), np.diff(made.start))
    link = made.luck.permutation(buyer.size)
    running = np.where((made.supplier >= 0) & (made.luck.random(buyer.size) < 0.5), made.supplier, NOBODY)
    return np.stack((link, buyer[link], running[link], made.links.slot[link])).astype(np.int64)


def sampled(made: Any, wanted: int, draw: int = 0, introductions: Any = None) -> Any:
    """What the kernel shows to the buyers of the links."""
    shown = np.full(made.n, -1)
    return candidates.sample(
        made.table, made.links, made.slots, made.identity, made.keys[0], wanted, shown, draw, introductions
    )


def matched(made: Any, *places: int) -> Any:
    """Introductions of some of the suppliers to some buyers, by programmes with so many `places`."""
    rows = np.lexsort((made.identity, made.segment))
    pools = [rows[made.active[rows] & (made.luck.random(made.n) < 0.5)] for _ in places]
    before = np.cumsum([0, *(pool.size for pool in pools)])
    numbers = (np.bincount(made.segment[pool], minlength=made.size) for pool in pools)
    start = np.stack([first + np.cumsum([0, *number]) for first, number in zip(before, numbers, strict=False)])
    met = made.luck.random((len(places), made.n)) < 0.7
    return candidates.Introductions(np.array(places), np.concatenate(pools), start, met)


def two_sides(seed: int) -> tuple[Any, Any]:
    """Two worlds' reviews of the same links with the same luck; terms, matchmakers and who is there differ.

    Returns:
        The reviews as the replay reads them, and who is there (n,), by world.
    """
    made = [choosing(seed) for _ in range(2)]
    luck, n = made[1].luck, made[0].n
    here = luck.random((2, n)) < 0.8
    absent = luck.choice([ENTRY, EXIT, ARRIVALS], n)
    change = luck.normal(0, 0.3, (4, n))
    made[1].seen = made[1].seen._replace(
        attraction=made[1].seen.attraction * np.exp(change[0]),
        quality_factor=made[1].seen.quality_factor * np.exp(change[1]),
        expected=made[1].seen.expected * np.exp(change[2]),
        spare=made[1].seen.spare * np.exp(change[3]),
    )
    made[1].price, certified = made[1].price * np.exp(change[0] / 2), luck.integers(0, 2, n).astype(float)
    made[1].bias = made[1].bias._replace(bonus=np.exp(luck.choice([0.0, 0.5], n)), certified=certified)
    weight = 10.0 ** luck.uniform(-1, 1, n)
    return tuple((side(each, there, weight, absent, here[1 - w]), there) for w, (each, there) in enumerate(zip(made, here, strict=True)))  # fmt: skip


def side(made: Any, here: Any, weight: Any, absent: Any, other: Any) -> Side:
    """The reviews of a world in which those `here` are in business."""
    rows = np.lexsort((made.identity, made.segment))
    made.table = candidates.candidate_table(made.segment, made.identity, rows[here[rows]], weight, names_of(made.size))
    running = made.slots[2]
    running[(running >= 0) & ~here[np.maximum(running, 0)]] = NOBODY
    sample = sampled(made, 4, introductions=brought(made, here))
    seen, bias, price = made.seen, made.bias, -np.log(made.price)
    with np.errstate(divide="ignore"):
        home = np.log(made.outside.home)
    return Side(
        slots=made.slots, random_word=sample.random_word, number=sample.number, found=sample.found,
        introduced=sample.introduced, identity=made.identity, segment=made.segment, park=seen.park,
        log_quality=np.log(seen.quality_factor), expected=seen.expected, price=price,
        delivery=np.log(seen.attraction) - price, spare=seen.spare, home=home, outside=np.log(made.outside.pull),
        bonus=np.log(bias.bonus), required=bias.required, certified=bias.certified,
        rivals_certified=bias.rivals_certified, matched=bias.matched, meets=bias.meets,
        met_bonus=np.log(bias.met_factor),
        tolerated=float(np.log(made.rules.tolerated)), beyond=made.rules.beyond,
        capacity_weight=made.rules.capacity_weight, least_room=made.rules.least_room,
        park_bonus=float(np.log(made.rules.park_factor)), coefficient=made.coefficient, link_input=made.input,
        twin=np.where(other, np.arange(made.n), -1), absent=absent.astype(np.int64),
    )  # fmt: skip


def brought(made: Any, here: Any) -> Any:
    """One introduction at a review of some of those `here` to some buyers."""
    rows = np.lexsort((made.identity, made.segment))
    pool = rows[here[rows] & (made.luck.random(made.n) < 0.5)]
    start = np.cumsum([0, *np.bincount(made.segment[pool], minlength=made.size)])
    return candidates.Introductions(np.array([1]), pool, start[None], made.luck.random((1, made.n)) < 0.5)
