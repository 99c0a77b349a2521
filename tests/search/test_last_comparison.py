"""Where more pairs go: the worked example of Chen and Lee (2010), and what cannot be told apart."""

import numpy as np
import pytest

from chainsim.search.last_comparison import difference, interval, more_pairs

MEAN, VARIANCE = np.array([1.2, 2.1, 3.4, 4.87, 6.05]), np.array([3.3, 2.0, 4.5, 5.3, 6.9])


def test_the_example_of_chen_and_lee():
    number = np.array([12, 6, 5, 5, 4])
    assert more_pairs(MEAN, VARIANCE, number, 100).tolist() == [48, 38, 11, 2, 1]


def test_all_pairs_are_dealt_out_and_close_portfolios_get_more():
    rng = np.random.default_rng(0)
    for _ in range(50):
        mean, variance = rng.normal(size=6), rng.random(6) + 0.1
        added = more_pairs(mean, variance, np.full(6, 5), 60)
        assert added.sum() == 60
        assert (added >= 0).all()
    close = more_pairs(np.array([0.0, 0.1, 2.0]), np.ones(3), np.full(3, 5), 100)
    assert close[1] > close[2]


def test_portfolios_of_equal_score_share_alike():
    added = more_pairs(np.array([0.0, 1.0, 1.0]), np.ones(3), np.full(3, 4), 30)
    assert abs(added[1] - added[2]) <= 1
    assert more_pairs(np.zeros(3), np.zeros(3), np.full(3, 4), 30).sum() == 30


def test_portfolios_are_held_against_each_other_in_the_same_luck():
    luck = np.random.default_rng(1).normal(size=40) * 100
    mean, low, high = difference(luck + 1.0, luck[:20])
    assert (mean, low, high) == pytest.approx((1.0, 1.0, 1.0))
    _, low, high = interval(luck)
    assert low < 0.0 < high
    assert np.isnan(interval([1.0])[1])
