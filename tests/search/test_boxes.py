"""Boxes of failure: a planted one is found, limits that tell nothing are not, chance is not taken for a finding."""

import numpy as np
import pytest

from chainsim.search.boxes import box_of_few, failing_box, told_from_chance


@pytest.fixture(scope="module")
def planted():
    """Six numbers; draws fail where the first is high and the second low, but for one in twenty."""
    rng = np.random.default_rng(0)
    positions = rng.random((2000, 6))
    failed = (positions[:, 0] > 0.6) & (positions[:, 1] < 0.3)
    return positions, failed ^ (rng.random(2000) < 0.05)


def test_a_planted_box_is_found_and_nothing_else_has_a_limit(planted):
    box = failing_box(*planted, peel=0.05)
    assert box.limited == [0, 1]
    assert box.limits[0, 0] == pytest.approx(0.6, abs=0.03)
    assert box.limits[1, 1] == pytest.approx(0.3, abs=0.03)
    assert np.isinf(box.limits[0, 1])
    assert box.density > 0.9
    assert box.coverage > 0.65  # the 5 % that fail elsewhere are 30 % of all failures
    assert box.mass == pytest.approx(0.4 * 0.3, abs=0.02)


def test_a_box_of_few_draws_is_told_from_chance_where_it_is_there_and_not_where_it_is_not():
    rng = np.random.default_rng(1)
    positions = rng.random((48, 8))
    missing = 0.4 - positions[:, 2]
    box = box_of_few(positions, missing)
    assert box.limited == [2]
    assert told_from_chance(positions, missing)
    by_lot = rng.random(48) - 0.6
    assert not told_from_chance(positions, by_lot)


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_numbers_of_which_many_draws_are_equal_are_peeled_to_an_end(steps):
    """A slice takes equal draws together, or leaves them: one that takes none would be taken for ever."""
    rng = np.random.default_rng(3)
    positions = np.column_stack([np.full(100, 0.5), rng.integers(0, steps, 100) / steps, rng.random(100)])
    positions[:7, 2] = 0.5
    missing = 0.3 - positions[:, 2]
    box = box_of_few(positions, missing)
    assert box.limited == [2]
    assert box.coverage == box.density == 1.0
    assert told_from_chance(positions, missing)


def test_a_planted_box_is_told_among_240_numbers_that_do_nothing_in_a_hundred_worlds():
    """Six of six; five, where the second number, which matters where the first is bad alone, was looked for everywhere."""
    told, spurious = 0, 0
    for number in range(6):
        rng = np.random.default_rng(number)
        positions, luck = rng.random((100, 242)), rng.normal(size=100)
        missing = 3.0 * ((positions[:, 0] > 0.5) & (positions[:, 1] < 0.5)) + 0.7 * luck - 1.5
        told += {0, 1} <= set(box_of_few(positions, missing).limited) and told_from_chance(positions, missing)
        spurious += told_from_chance(positions, luck - 0.5)
    assert told == 6
    assert spurious <= 1


def test_where_all_or_none_fail_there_is_no_box():
    positions = np.random.default_rng(2).random((20, 3))
    for missing in (np.full(20, -1.0), np.ones(20)):
        box = box_of_few(positions, missing)
        assert box.limited == []
        assert not told_from_chance(positions, missing)
