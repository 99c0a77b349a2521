"""The labour market breathes: unemployment and pay move slowly and in one direction, they do not alternate."""

import baseline
import economies
import numpy as np
import pytest
from sizes import size

pytestmark = pytest.mark.slow
REGIONS = ["flagship", *range(size("REGIONS"))]


def breathing(region, cyclical):
    """How a region breathes, its markets on their paths or, `cyclical`, moving around them."""
    scenario = baseline.flagship(cyclical) if region == "flagship" else baseline.random_region(region, cyclical)
    return baseline.breathing(scenario, seeds=range(1, 5))


@pytest.fixture(scope="module", params=REGIONS)
def found(request):
    """How a region breathes whose markets are on their paths."""
    return breathing(request.param, cyclical=False)


def test_a_lasting_slump_of_demand_raises_unemployment_for_five_years_and_does_not_alternate():
    answer = baseline.slump_answer(economies.shipped("jilin"), seeds=range(1, 13))
    for path in answer.T:
        assert (path > 0).all(), answer
        turns = np.sign(np.diff(path))
        assert (turns[1:] != turns[:-1]).sum() <= 1, answer


@pytest.mark.parametrize("region", REGIONS)
def test_unemployment_lasts_and_pay_does_not_swing_back(region):
    found = breathing(region, cyclical=True)
    assert (found["unemployment AR(1)"] >= 0.5).all(), found
    assert (found["wage growth AR(1)"] >= 0.0).all(), found


def test_they_do_so_by_themselves_and_not_only_because_markets_do(found):
    assert (found["unemployment AR(1)"] >= 0.4).all(), found
    assert (found["wage growth AR(1)"] >= 0.0).all(), found


def test_unemployment_stays_between_1_and_15_percent(found):
    assert (found["lowest"] >= 0.01 - 1e-12).all(), found
    assert (found["highest"] <= 0.15).all(), found


def test_at_most_a_tenth_of_years_is_spent_on_the_floor_of_unemployment(found):
    assert (found["on the floor"] <= 0.1).all(), found
