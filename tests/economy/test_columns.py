"""The state says what it is, and is what it says."""

from copy import copy

import economies
import numpy as np
import pytest

from chainsim.economy.arrays import ScenarioArrays
from chainsim.economy.columns import (
    ALL,
    CARRIED,
    CLOSED,
    COLUMNS,
    FIXED,
    IN_YEAR,
    KEPT,
    LAST_YEAR,
    Calibration,
    Flows,
    Reference,
    Region,
)
from chainsim.economy.economy import Economy
from chainsim.economy.types import meanings
from chainsim.runs.simulation import Simulation

PARTS = {
    "arrays": ScenarioArrays,
    "region": Region,
    "calibration": Calibration,
    "flows": Flows,
    "reference": Reference,
    "": Economy,
}
"""Parts of the state, and what the economy holds itself."""
LABELS = {"names", "tiers", "tier", "industries", "order", "park_names"}
"""Fields that name or place things, so have no unit."""


@pytest.fixture(scope="module")
def economy():
    scenario = economies.shipped("two-regions-io")
    income = np.ones(scenario.years.end - scenario.years.start + 1)
    simulation = Simulation(scenario, scenario.seed, Reference(income))
    simulation.step()
    return simulation.economy


def shape(economy, said):
    """The shape that stands behind words such as (T + 1, S, 4)."""
    arrays = economy.arrays
    counts = {"n": economy.n, "S": arrays.size, "P": len(arrays.park_names), "T": arrays.end - arrays.start}
    sums = [part.split("+") for part in said.strip("()").split(",") if part]
    return tuple(sum(counts.get(term.strip()) or int(term) for term in terms) for terms in sums)


@pytest.mark.parametrize("part", PARTS)
def test_every_field_says_shape_unit_time_and_meaning(part):
    for name, said in meanings(PARTS[part]).items():
        assert said.shape, name
        assert said.time, name
        assert said.meaning, name
        assert bool(said.unit) != (name in LABELS and part == "arrays"), name


@pytest.mark.parametrize("part", PARTS)
def test_every_array_has_the_shape_that_it_says(economy, part):
    held = getattr(economy, part) if part else economy
    for name, said in meanings(PARTS[part]).items():
        value = getattr(held, name)
        if isinstance(value, np.ndarray) and value.size:
            assert value.shape == shape(economy, said.shape), name


def test_every_array_and_number_that_an_economy_holds_itself_says_what_it_is(economy):
    own = {name for name in vars(economy) if not name.startswith("_")} - {column.name for column in COLUMNS}
    state = {name for name in own if isinstance(getattr(economy, name), np.ndarray | float)}
    assert state == set(meanings(Economy))


def test_a_field_that_says_nothing_is_named():
    class Mute:
        output: float

    with pytest.raises(TypeError, match=r"Mute\.output does not say"):
        meanings(Mute)


def test_every_column_says_what_it_is():
    for column in COLUMNS:
        assert column.meaning, column.name
        assert column.unit or column.name in {"segment", "park", "owner"}, column.name
        assert column.time in {FIXED, CARRIED, IN_YEAR, LAST_YEAR}, column.name
        assert column.new_year in {KEPT, CLOSED, ALL}, column.name


def test_every_column_has_the_shape_that_it_says(economy):
    for column in COLUMNS:
        values = getattr(economy, column.name)
        assert values.shape == shape(economy, column.shape), column.name
        assert values.dtype == column.dtype, column.name


def test_a_copy_shares_no_array_with_its_original(economy):
    other = economy.copy(7)
    for part in ("region", "calibration", "flows"):
        for name, value in vars(getattr(economy, part)).items():
            if isinstance(value, np.ndarray):
                assert not np.shares_memory(value, getattr(getattr(other, part), name)) or not value.size, name
    for column in COLUMNS:
        assert not np.shares_memory(getattr(economy, column.name), getattr(other, column.name)), column.name


def test_new_year_empties_what_its_column_says(economy):
    later = economy.copy(7)
    row = int(np.flatnonzero(later.active)[0])
    for column in COLUMNS:
        if column.new_year != KEPT:
            getattr(later, column.name)[:] = 1
    later.active[row] = False
    later.begin_year(later.year + 1)
    for column in COLUMNS:
        values = getattr(later, column.name)
        if column.new_year != KEPT:
            assert not values[row].any(), column.name
            assert bool(values[later.active].any()) == (column.new_year == CLOSED), column.name


def test_a_shallow_copy_leaves_the_books_to_its_original():
    """Reviews of links are drawn again of such a copy, in the midst of a year of the original."""
    economy = Simulation(economies.crowd(), 1).economy
    economy.begin_year(economy.year + 1)
    other = copy(economy)
    assert np.shares_memory(economy.ledger.accounts, economy.cash)
    assert np.shares_memory(other.cash, economy.cash)
