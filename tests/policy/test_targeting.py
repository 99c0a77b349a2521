"""Who is meant by a lever."""

import economies
import numpy as np
import pytest

from chainsim.policy.targeting import Target
from chainsim.runs.simulation import Simulation

START = economies.START


@pytest.fixture(scope="module")
def economy():
    simulation = Simulation(economies.crowd(), 1)
    simulation.step()
    return simulation.economy


def test_a_target_holds_where_everything_stated_holds(economy):
    target = Target(segments=("cameras",), parks=("north",), max_employees=50.0, min_age=3)
    age = economy.year - economy.founded
    expected = (economy.segment == 1) & (economy.park == 0) & (economy.employment <= 50) & (age >= 3) & economy.active
    assert 0 < expected.sum() < economy.n
    assert np.array_equal(target.holds(economy), expected)


def test_an_empty_target_means_everybody_in_business(economy):
    assert np.array_equal(Target().holds(economy), economy.active)


def test_named_enterprises_are_found_by_their_id():
    economy = Simulation(economies.three_makers(), 1).economy
    chosen = Target(enterprises=("b",)).holds(economy)
    assert [economy.names[row] for row in np.flatnonzero(chosen)] == ["b"]
