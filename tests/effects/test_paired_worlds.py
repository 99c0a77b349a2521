"""Worlds of the same luck side by side: what others expect of the baseline, and that nobody disturbs anybody."""

import numpy as np
import pytest
from economies import START
from effect_cases import granted, small

from chainsim import simulate
from chainsim.economy.columns import Reference
from chainsim.effects.paired_worlds import PairedWorlds

BASE, POLICY = small(), granted(small())


def lived(world, step):
    """The tables of a world that has lived to the end."""
    while world.running:
        step()
    return world.recording().tables


def assert_same_tables(one, other):
    assert one.keys() == other.keys()
    for name, table in one.items():
        for column, values in table.items():
            np.testing.assert_array_equal(values, other[name][column], err_msg=f"{name}.{column}")


def test_a_world_that_is_made_when_the_baseline_has_ended_lives_as_one_beside_it():
    together, after = PairedWorlds(BASE, [POLICY], seed=4), PairedWorlds(BASE, (), seed=4)
    lived(together.base, together.step)
    lived(after.base, after.step)
    world = after.new_world(POLICY)
    assert_same_tables(lived(together.others[0], together.step), lived(world, world.step))


def test_the_baseline_lives_as_it_would_alone():
    worlds = PairedWorlds(BASE, [POLICY, POLICY], seed=4)
    assert_same_tables(lived(worlds.base, worlds.step), simulate(BASE, 4).tables)


def test_others_expect_what_the_baseline_has_earned_so_far():
    worlds = PairedWorlds(BASE, [POLICY], seed=4)
    assert worlds.next_year == START + 1
    for _ in range(3):
        before = list(worlds.income)
        worlds.step()
        assert worlds.others[0].economy.reference.income.tolist() == before
        assert worlds.income == [*before, worlds.base.economy.labour_income]


def test_what_households_expect_cannot_be_changed():
    given = np.array([1.0, 2.0])
    reference = Reference(given)
    given[0] = 5.0
    assert reference.income[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        reference.income[0] = 5.0
