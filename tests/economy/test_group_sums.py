"""Sorting by segment: whatever way is the fastest, equal values stand in the order of their rows."""

import numpy as np
import pytest

from chainsim.economy import group_sums


@pytest.mark.parametrize("digits", [0, 1, 12])
@pytest.mark.parametrize("number", [0, 1, 50, 1000])
def test_values_fall_and_equal_ones_keep_their_order(digits, number):
    values = np.random.default_rng(number).normal(size=number).round(digits)
    expected = sorted(range(number), key=lambda place: (-values[place], place))
    assert group_sums.falling_order(values).tolist() == expected


def test_the_mean_excess_is_that_over_all_who_are_ahead():
    luck = np.random.default_rng(1)
    values, segment = luck.normal(size=40).round(1), luck.integers(0, 3, 40)
    rows = np.flatnonzero(luck.random(40) < 0.8)
    expected = np.zeros(40)
    for row in rows:
        peers = rows[segment[rows] == segment[row]]
        expected[row] = np.maximum(values[peers] - values[row], 0.0).mean()
    assert group_sums.mean_excess(values, segment, rows, 3) == pytest.approx(expected, abs=1e-14)
