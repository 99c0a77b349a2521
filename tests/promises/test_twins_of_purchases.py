"""Kernels that divide purchases over links against their plain twins, on random small inputs."""

import numpy as np
import pytest
from twins import purchases
from twins.world import world

from chainsim.economy import kernels
from chainsim.economy.links import ABROAD, NATIONAL

SEEDS = range(25)


def paid(made):
    """What the kernel fills for all links of a world, and what it was given."""
    rows, size, links = np.flatnonzero(made.active), made.size, made.supplier.size
    given = (
        rows,
        made.start,
        made.input,
        np.maximum(made.supplier, ABROAD),
        made.coefficient,
        made.segment,
        made.output,
        made.fill,
        made.price,
        made.unmet,
        np.stack((*made.outside_price.T, made.luck.uniform(1.0, 2.0, size))),
    )
    number = int(np.diff(made.start)[rows].sum())
    money, codes = np.full((3, number), np.nan), np.full((2, number), -9, dtype=np.int64)
    bought = *money, *codes, np.full(links, -1)
    kernels.pay_over_links(*given, bought)
    return bought, given


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_paid_over_links_is_what_the_twin_pays_to_the_bit(seed):
    bought, given = paid(world(seed))
    expected, place = purchases.pay_over_links(*given)
    assert list(zip(*(values.tolist() for values in bought[:5]), strict=True)) == expected
    assert bought[5].tolist() == place


@pytest.mark.parametrize("seed", SEEDS)
def test_links_add_to_localization_what_the_twin_says(seed):
    made, other = world(seed), world(seed)
    luck = np.random.default_rng(seed)
    other.price, other.fill = other.price * luck.uniform(0.8, 1.2, other.n), np.sqrt(other.fill)
    other.output = other.output * luck.integers(0, 2, other.n)
    other.supplier = np.where(luck.random(other.supplier.size) < 0.3, NATIONAL, other.supplier).astype(np.int32)
    ours, theirs = (paid(each)[0] for each in (made, other))
    links = np.flatnonzero(ours[5] >= 0)
    pairs = made.size**2
    given = {
        "at": np.stack((links, links)),
        "causes": np.vstack((np.zeros(8), luck.normal(size=(20, 8)))),
        "cause_of": luck.integers(0, 21, links.size),
        "ours": ours,
        "theirs": theirs,
        "supplier": (made.supplier, other.supplier),
        "total": np.stack([np.bincount(each[3], each[1], pairs) for each in (ours, theirs)]),
        "weight": luck.random(pairs),
        "reference": luck.random(pairs),
    }
    parts = np.zeros(9)
    kernels.divide_links(**given, parts=parts)
    assert parts == pytest.approx(purchases.divide_links(**given), rel=1e-10, abs=1e-12)


def test_prices_of_the_other_world_hold_where_it_buys_and_ones_own_elsewhere():
    for given in ((2.0, 6.0, 4.0, 8.0), (2.0, 6.0, 0.0, 0.0), (0.0, 0.0, 4.0, 8.0), (0.0, 0.0, 0.0, 0.0)):
        assert kernels.at_price_of(*given) == purchases.at_price_of(*given)
    assert kernels.over(1.0, 0.0) == 0.0
