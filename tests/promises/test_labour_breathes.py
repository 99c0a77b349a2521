"""The labour market breathes: unemployment and pay move slowly and in one direction, they do not alternate."""

import baseline
import economies
import numpy as np
import pytest

pytestmark = pytest.mark.slow
REGIONS = ["flagship", *range(20)]


def scenario_of(region, cyclical):
    return baseline.flagship(cyclical) if region == "flagship" else baseline.random_region(region, cyclical)


def test_a_lasting_slump_of_demand_raises_unemployment_for_five_years_and_does_not_alternate():
    answer = baseline.slump_answer(economies.shipped("jilin"), seeds=range(1, 13))
    for path in answer.T:
        assert (path > 0).all(), answer
        turns = np.sign(np.diff(path))
        assert (turns[1:] != turns[:-1]).sum() <= 1, answer


@pytest.mark.parametrize("region", REGIONS)
def test_unemployment_lasts_and_pay_does_not_swing_back(region):
    found = baseline.breathing(scenario_of(region, cyclical=True), seeds=range(1, 5))
    assert (found["unemployment AR(1)"] >= 0.5).all(), found
    assert (found["wage growth AR(1)"] >= 0.0).all(), found


@pytest.mark.parametrize("region", REGIONS)
def test_they_do_so_by_themselves_and_not_only_because_markets_do(region):
    found = baseline.breathing(scenario_of(region, cyclical=False), seeds=range(1, 5))
    assert (found["unemployment AR(1)"] >= 0.4).all(), found
    assert (found["wage growth AR(1)"] >= 0.0).all(), found


@pytest.mark.parametrize("region", REGIONS)
def test_unemployment_stays_between_1_and_15_percent(region):
    found = baseline.breathing(scenario_of(region, cyclical=False), seeds=range(1, 5))
    assert (found["lowest"] >= 0.01 - 1e-12).all(), found
    assert (found["highest"] <= 0.15).all(), found


@pytest.mark.parametrize("region", REGIONS)
def test_at_most_a_tenth_of_years_is_spent_on_the_floor_of_unemployment(region):
    found = baseline.breathing(scenario_of(region, cyclical=False), seeds=range(1, 5))
    assert (found["on the floor"] <= 0.1).all(), found
