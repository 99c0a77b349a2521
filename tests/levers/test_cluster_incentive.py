"""Clusters."""

import economies
import numpy as np
import pytest

from chainsim.economy.entry_points import Policy
from chainsim.levers.cluster_incentive import ClusterIncentive
from chainsim.policy.lever import LeverYear


@pytest.fixture(scope="module")
def crowd():
    economy = economies.built(economies.crowd())
    economy.policy = Policy.neutral(economy.n, economy.arrays.size, len(economy.arrays.park_names))
    return economy


def dose_and_rd(economy, rate=0.05, **fields):
    lever = ClusterIncentive(rate=rate, years="2021-2030", **fields)
    return lever.dose(economy, np.full(economy.n, rate)), economy.stages.innovation.norm_rd(economy)


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("cost", [0.03, 0.3, 30.0])
def test_no_member_loses_more_research_than_the_services_it_receives_are_worth(crowd, rate, cost):
    dose, research = dose_and_rd(crowd, rate, cost=cost, crowding=0.25, scale=0.25)
    assert (np.minimum(0.25 * dose, 1.0) * research <= cost * rate / 0.05 * (1 + 1e-12)).all()


def test_services_worth_a_quarter_of_own_research_have_the_full_effect_and_half_of_that_half(crowd):
    own = float(np.median(crowd.stages.innovation.norm_rd(crowd)))
    for part in (1.0, 0.5):
        dose, research = dose_and_rd(crowd, cost=part * 0.25 * own)
        np.testing.assert_allclose(dose[research == own], part)
        assert dose[research < own].min() > part or part == 1.0
    assert dose_and_rd(crowd, cost=1e9)[0].max() == 1.0


def test_own_research_falls_and_discoveries_rise_by_the_dose(crowd):
    lever = ClusterIncentive(rate=0.05, years="2021-2030")
    offer = np.full(crowd.n, 0.05)
    lever.announce(crowd, LeverYear("it", "cluster_incentive", np.inf), offer)
    dose = lever.dose(crowd, offer)
    np.testing.assert_allclose(crowd.policy.rd_effort, 1 - 0.19 * dose)
    np.testing.assert_allclose(crowd.policy.discovery, 0.08 * dose)


def test_services_that_crowd_out_more_than_they_are_worth_are_refused():
    lever = ClusterIncentive(rate=0.05, years="2021-2030", crowding=0.24, scale=0.2)
    assert "crowding of at most scale" in lever.contradiction()
