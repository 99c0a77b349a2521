"""The labour market breathes: unemployment and pay move slowly and in one direction, they do not alternate."""

import baseline
import economies
import numpy as np
import pytest

pytestmark = pytest.mark.slow
REGIONS = ["flagship", *range(20)]
FASTEST = 0.09
"""Growth of markets up to which a region finds its people; thirty years of faster growth empty its labour pool."""


def scenario_of(region, cyclical):
    return baseline.flagship(cyclical) if region == "flagship" else baseline.random_region(region, cyclical)


def fastest_growth(scenario):
    """Highest growth of a market in a scenario with constant growth, 1/y."""
    sold = [market for segment in scenario.chain.segments.values() for market in segment.markets.values()]
    return max(market.growth for market in sold)


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
def test_unemployment_stays_between_1_and_15_percent_and_off_its_floor(region):
    scenario = scenario_of(region, cyclical=False)
    found = baseline.breathing(scenario, seeds=range(1, 5))
    assert (found["lowest"] >= 0.01 - 1e-12).all(), found
    assert (found["highest"] <= 0.15).all(), found
    if region == "flagship" or fastest_growth(scenario) <= FASTEST:
        assert (found["on the floor"] <= 0.1).all(), found
