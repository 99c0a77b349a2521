"""Two worlds are compared in every bit, and enterprises are matched by identity."""

import numpy as np
import pytest
from effect_cases import baseline

from chainsim.economy.entry_points import Policy
from chainsim.effects.differences import aligned, difference, differing, differing_links, same, same_entry_point
from chainsim.runs.simulation import Simulation

BASE = baseline()


@pytest.mark.parametrize("column", ["cash", "identity", "segment", "active", "final_sales", "certificate"])
def test_every_kind_of_column_is_compared(column):
    one, other = (Simulation(BASE, 1).economy for _ in range(2))
    assert not difference(one, other)
    values = getattr(other, column)
    values[5] = ~values[5] if values.dtype == bool else values[5] + np.ones(1, dtype=values.dtype)[0]
    assert difference(one, other).columns == (column,)


def test_links_region_and_ledger_are_compared_as_well():
    one, other = (Simulation(BASE, 1).economy for _ in range(2))
    other.links.supplier[0] = -2 if other.links.supplier[0] != -2 else -1
    assert difference(one, other).links == ("supplier",)
    assert differing_links(one, other, aligned(one, other))[1] == 1
    other = Simulation(BASE, 1).economy
    other.region.wage_index[1] += 1e-15
    other.ledger.entries[("a", "b", "c")] = 1.0
    assert set(difference(one, other).others) == {"region.wage_index", "ledger"}


def test_numbers_are_the_same_only_to_the_last_bit():
    assert same(np.array([0.1, 0.2]), np.array([0.1, 0.2]))
    assert not same(np.array([0.0]), np.array([-0.0]))
    assert not same(np.array([0.3]), np.array([0.1 + 0.2]))
    assert not same(0.0, np.zeros(1))


def test_an_entry_point_that_nobody_moved_is_the_same_whatever_its_length():
    one, other = Policy.neutral(3, 2, 1), Policy.neutral(5, 2, 1)
    assert same_entry_point("tax_cut", one, other)
    other.tax_cut = np.zeros(5)
    assert same_entry_point("tax_cut", one, other)
    other.tax_cut = np.array([0.0, 0.0, 0.1, 0.0, 0.0])
    assert not same_entry_point("tax_cut", one, other)
    assert not same_entry_point("tax_cut", other, one)


def test_enterprises_are_matched_by_identity_whatever_their_rows():
    one, other = (Simulation(BASE, 1).economy for _ in range(2))
    other.active[4] = other.operated[4] = False
    other.drop_closed()
    match = aligned(one, other)
    assert match.identity.size == one.n
    assert match.common.sum() == one.n - 1
    assert differing(one, other, match).sum() == 1
