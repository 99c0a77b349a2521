"""Random small inputs of the kernels."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from chainsim import network
from chainsim.kernels import ABROAD, CLOSED, NATIONAL, NOBODY


def world(seed: int) -> Any:
    """Up to fourteen enterprises in up to three segments with links, prices, limits and everything else random."""
    luck = np.random.default_rng(seed)
    n, size = int(luck.integers(1, 15)), int(luck.integers(1, 4))
    segment = luck.integers(0, size, n).astype(np.int32)
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
    made.state = network.BuyerState(
        identity=made.identity,
        segment=made.segment,
        park=luck.integers(0, 2, n).astype(np.int32),
        quality=luck.normal(0, 0.4, n),
        active=made.active,
        expected=luck.uniform(0, 100, n),
        fill=made.fill,
        attraction=luck.uniform(0.2, 3, n),
        spare=luck.uniform(-5, 30, n),
    )
    weight = 10.0 ** luck.uniform(-3, 2, n)
    rows = np.flatnonzero(made.active)
    made.table = network.candidate_table(made.segment, made.identity, rows, weight, size)
    made.rules = network.ChoiceRules(
        *luck.random(3) * [0.6, 0.9, 0.2], int(luck.integers(1, 9)), 0.3, *luck.random(3) * [3, 3, 1]
    )
    made.outside = network.OutsideSupply(
        home=luck.exponential(2.0, (size, size)) * (luck.random((size, size)) < 0.8),
        abroad=luck.random((size, size)),
        supply=luck.random((size, 2)),
        pull=luck.uniform(0.2, 2, (size, 2)),
        added_review=luck.choice([0.0, 0.2], size),
    )
    made.keys = luck.integers(0, 2**64, 3, dtype=np.uint64)
    return made
