"""Clusters."""

from types import SimpleNamespace

import economies
import numpy as np
import pytest

from chainsim.economy.entry_points import Policy
from chainsim.levers.cluster_incentive import ClusterIncentive
from chainsim.policy.lever_year import LeverYear
from chainsim.policy.programme import Programme
from chainsim.runs.simulation import Simulation


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
    lever.announce(crowd, LeverYear("it", "cluster_incentive", np.inf, stated=offer, standing=0.0 * offer), offer)
    dose = lever.dose(crowd, offer)
    np.testing.assert_allclose(crowd.policy.rd_effort, 1 - 0.19 * dose)
    np.testing.assert_allclose(crowd.policy.discovery, 0.08 * dose)


def test_services_that_crowd_out_more_than_they_are_worth_are_refused():
    lever = ClusterIncentive(rate=0.05, years="2021-2030", crowding=0.24, scale=0.2)
    assert "crowding of at most scale" in lever.contradiction()


def clustered(room, **fields):
    """The crowd in its second year under a cluster in the north, which had places for `room` times its staff; account."""
    before, after, accounts = year_of(room, it=fields)
    return before, after, accounts["it"]


def year_of(room, **clusters):
    """The same under several clusters of the north, with their accounts."""
    usual = {"type": "cluster_incentive", "years": "2022", "rate": 0.05, "target": {"parks": ["north"]}}
    levers = {name: usual | fields for name, fields in clusters.items()}
    simulation = Simulation(economies.crowd(levers=levers, end=2022), 1)
    simulation.step()
    economy = simulation.economy
    economy.region.park_places[:] = room * economy.region.park_staff
    before = economy.copy(1)
    simulation.step()
    return before, economy, economy.programme.lever_years


def test_where_a_park_has_room_no_places_are_bought():
    before, after, account = clustered(1.1)
    members = (before.active & (before.park == 0)).sum()
    assert account.outlay == pytest.approx(0.1 * members)
    np.testing.assert_allclose(after.region.park_places, before.region.park_places)


def test_a_full_park_gets_the_places_that_it_lacks():
    before, after, account = clustered(0.999)
    lacking = before.region.park_staff - before.region.park_places
    assert account.outlay == pytest.approx(0.1 * (before.active & (before.park == 0)).sum() + 0.1 * lacking[0])
    np.testing.assert_allclose(after.region.park_places - before.region.park_places, [lacking[0], 0.0], atol=1e-9)


def test_infrastructure_is_no_larger_a_part_of_the_outlay_than_stated():
    before, after, account = clustered(0.2, infrastructure=0.4)
    built = 0.1 * (after.region.park_places - before.region.park_places)
    assert built[0] == pytest.approx(0.4 * account.outlay)
    assert built[1] == pytest.approx(0.0)


def of_tier(tier):
    return {"target": {"parks": ["north"], "tiers": [tier]}}


@pytest.mark.parametrize(
    "clusters",
    [
        {"a": of_tier("upstream"), "b": of_tier("downstream") | {"rate": 0.1}},
        {"b": of_tier("upstream"), "a": of_tier("downstream") | {"rate": 0.1}},
        {"a": {"stacking": "add"}, "b": {"stacking": "add", "rate": 0.1}},
        {"a": {"stacking": "highest"}, "b": {"stacking": "highest", "rate": 0.1}},
        {"a": {}, "spent": {"budget": 1e-12}, "no_money": {"budget": 0.0}, "over": {"years": "2021"}},
    ],
    ids=["of tiers", "of tiers, named the other way", "add", "highest", "without money"],
)
def test_several_clusters_build_and_pay_once_what_a_park_lacks_each_by_its_services(clusters):
    before, after, accounts = year_of(0.999, **{name: {"stacking": "add"} | each for name, each in clusters.items()})
    lacking = np.maximum(before.region.park_staff - before.region.park_places, 0.0)[0]
    np.testing.assert_allclose(after.region.park_places - before.region.park_places, [lacking, 0.0], atol=1e-9)
    services = {name: 0.1 / 0.05 * account.stated.sum() for name, account in accounts.items()}
    for name, account in accounts.items():
        part = services[name] / sum(services.values())
        assert account.outlay == pytest.approx(services[name] + 0.1 * lacking * part)


@pytest.mark.parametrize("rationing", ["pro_rata", "lottery"])
def test_a_park_draws_entrants_as_far_as_its_members_are_served(crowd, rationing):
    def pulled(budget):
        fields = {"rate": 0.05, "years": "2021", "rationing": rationing, "budget": budget}
        economy = crowd.copy(1)
        economy.begin_year(2021)
        economy.programme = Programme({"it": ClusterIncentive(**fields)}, {})
        economy.programme.open(economy)
        return economy.policy.park_pull, economy.programme.lever_years["it"]

    (whole, asked), (half, _) = pulled(None), pulled(0.1 * crowd.active.sum() / 2)
    assert asked.outlay == pytest.approx(0.1 * crowd.active.sum())
    np.testing.assert_allclose(whole, 0.2)
    sizes = np.bincount(crowd.park, weights=crowd.active)
    np.testing.assert_allclose((half * sizes).sum(axis=1), 0.1 * sizes.sum())


def test_without_enterprises_nothing_is_asked_for(crowd):
    nobody = SimpleNamespace(park=np.zeros(0, dtype=int), arrays=crowd.arrays, region=crowd.region, programme=None)
    asked = ClusterIncentive(rate=0.05, years="2021").request(
        nobody, LeverYear("it", "cluster_incentive", 1.0), np.zeros(0)
    )
    assert asked.dtype == np.float64
    assert asked.size == 0
