"""Kernels of demand against their plain twins, to the bit."""

import pytest
from twins import markets
from twins.world import world

from chainsim.economy import kernels

SEEDS = range(25)


@pytest.mark.parametrize("seed", SEEDS)
def test_shares_move_as_by_the_twin(seed):
    made = world(seed)
    (shock, appeal), (last, goodwill) = made.luck.normal(0, 1, (2, made.n)), made.luck.normal(0, 1, (2, made.n, 4))
    expected = markets.moved_shares(last, shock, goodwill, appeal, 0.3)
    kernels.moved_shares(last, shock, goodwill, appeal, 0.3)
    assert last.tolist() == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_weights_in_markets_are_counted_as_by_the_twin(seed):
    made = world(seed)
    share = made.luck.random((made.n, 4)) * (made.luck.random((made.n, 4)) < 0.7)
    weight, total = made.luck.lognormal(0, 1, (made.n, 4)), made.luck.lognormal(0, 1, (made.size, 4))
    expected = markets.count_weights(made.active, made.segment, share, weight, total)
    kernels.count_weights(made.active, made.segment, share, weight, total)
    assert (weight.tolist(), total.tolist()) == expected
    assert not weight[~made.active].any()
