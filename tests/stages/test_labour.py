"""Staff is the cheapest that makes the output; wages follow the market."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import technology
from oracles.table import agree
from switched import lived, off

from chainsim.stages import Labour, Production


def test_without_labour_wages_follow_the_trend_and_staff_is_what_is_wanted():
    _, economy = lived(off("labour"))
    assert (economy.region.wage_index == economy.trend).all()
    there = economy.operated
    assert np.array_equal(economy.ordinary[there], economy.wanted_ordinary[there])
    assert np.array_equal(economy.skilled[there], economy.wanted_skilled[there])


def test_without_a_regional_labour_market_wages_follow_the_trend_and_everybody_wanted_is_hired():
    _, economy = lived(off(**{"stages.labour.regional": False}))
    assert (economy.region.wage_index == economy.trend).all()
    assert (economy.ordinary >= economy.wanted_ordinary * economy.active).all()


def staffing(share, wages, elasticity, output=2.0):
    """One enterprise whose base staff is 30 ordinary and as many skilled as make `share` the ordinary's cost share."""
    base_wage = np.array([[0.08], [0.12]])
    ordinary = 30.0
    skilled = ordinary * base_wage[0, 0] * (1 - share) / share / base_wage[1, 0]
    one = np.ones(1)
    economy = SimpleNamespace(
        base_pay=lambda: (ordinary * base_wage[0] * one, skilled * base_wage[1] * one),
        ordinary_coefficient=ordinary * one,
        skilled_coefficient=skilled * one,
        region=SimpleNamespace(wage_index=np.array(wages)),
        expected_orders=output * one,
        efficiency=one,
        trend=1.0,
        stages=SimpleNamespace(labour=Labour(substitution=elasticity), production=Production(capacity=False)),
    )
    return economy, ordinary, skilled


@pytest.mark.parametrize("elasticity", [0.7, 1.0, 1.5, 2.6])
def test_staff_wanted_is_the_cheapest_that_makes_the_output(elasticity):
    share, wages = 0.6, (1.1, 0.9)
    economy, ordinary, skilled = staffing(share, wages, elasticity)
    found = Labour(substitution=elasticity).production_staff(economy)
    cost_shares = (share, 1 - share)
    cheapest = technology.cheapest_staff(2.0, (share * wages[0], (1 - share) * wages[1]), cost_shares, elasticity)
    expected = (cheapest[0] * ordinary, cheapest[1] * skilled)
    got = [float(staff[0]) for staff in found]
    agree(f"CES staff, elasticity {elasticity}", expected=expected, got=got, tolerance=1e-6, relative=True)


def test_at_elasticity_one_each_kind_of_staff_keeps_its_share_of_cost():
    economy, ordinary, skilled = staffing(0.6, (1.3, 0.8), 1.0)
    first, second = (float(staff[0]) for staff in Labour(substitution=1.0).production_staff(economy))
    bill = np.array([first * 0.08 * 1.3, second * 0.12 * 0.8])
    agree("Cobb-Douglas, cost shares", expected=[0.6, 0.4], got=bill / bill.sum(), tolerance=1e-12)
    index = 1.3**0.6 * 0.8**0.4
    expected = [2 * ordinary * index / 1.3, 2 * skilled * index / 0.8]
    agree("Cobb-Douglas, staff", expected=expected, got=[first, second], tolerance=1e-9, relative=True)


def test_the_rule_is_continuous_at_elasticity_one():
    def staff(elasticity):
        economy, _, _ = staffing(0.6, (1.3, 0.8), elasticity)
        return np.concatenate(Labour(substitution=elasticity).production_staff(economy))

    agree("CES to Cobb-Douglas", expected=staff(1.0), got=staff(1.0 + 1e-6), tolerance=1e-5, relative=True)


@given(
    st.floats(0.05, 0.95),
    st.tuples(st.floats(0.5, 2), st.floats(0.5, 2)),
    st.sampled_from([0.7, 1.0, 1.5, 2.6]),
    st.floats(0.1, 1e4),
)
def test_the_staff_wanted_for_an_output_has_just_that_capacity(share, wages, elasticity, output):
    economy, _, _ = staffing(share, wages, elasticity, output)
    economy.ordinary, economy.skilled = economy.stages.labour.production_staff(economy)
    assert Production().labour_capacity(economy) == pytest.approx(output, rel=1e-9)
