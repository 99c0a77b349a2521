"""To whom the money of levers goes: every yuan of the outlay has a receiver."""

import numpy as np
import pytest
from economies import START
from effect_cases import GRANT, PLANTS, baseline

import chainsim as cs
from chainsim.effects.payments import PARTS, why_unspent

YEARS = f"{START + 1}-{START + 4}"
YUAN = 1e-6
LEVERS = {
    "research": GRANT,
    "plants": PLANTS | {"budget": 30},
    "people": {"type": "talent_introduction", "heads": 20.0, "cost": 0.1, "years": YEARS},
    "institutes": {"type": "institute_platform", "budget": 5.0, "years": YEARS},
    "guarantee": {"type": "loan_guarantee", "share": 0.6, "budget": 3.0, "years": YEARS},
    "orders": {"type": "application_scenario", "budget": 40.0, "years": YEARS},
    "arrivals": {"type": "investment_attraction", "rate": 0.2, "budget": 60.0, "years": YEARS},
}


@pytest.fixture(scope="module")
def effect():
    base = baseline().replace(
        {"stages.demography.arrivals": 300.0, "record.enterprises": True}
    )  # so that some come to a handful of enterprises
    return cs.compare(base, base.replace({"levers": LEVERS}), replications=2)


def test_the_outlay_of_every_lever_is_the_sum_of_its_parts_to_the_yuan(effect):
    table = effect.payments()
    parts = table[[*PARTS, "windfall_paid"]].sum(axis=1)
    assert np.abs(parts - table["outlay"]).max() < YUAN
    assert set(table["lever"]) == set(LEVERS)


def test_support_by_enterprise_year_and_lever_adds_up_to_what_each_lever_paid_for_them(effect):
    support, keys = effect.policy.support, ["replication", "year", "lever"]
    seen = effect.seen["recipients"].set_index(keys)["support"]
    sums = support.groupby(keys)["paid"].sum()
    assert len(sums) > 10
    assert sums.to_numpy() == pytest.approx(seen[sums.index].to_numpy())
    assert sums.sum() == pytest.approx(seen.sum())
    firms = effect.policy.enterprises.drop_duplicates("identity").set_index("identity")
    there = support[support["identity"].isin(firms.index)].set_index("identity")
    assert len(there) > 0.9 * len(support)
    assert there["segment"].tolist() == firms["segment"].loc[there.index].tolist()
    assert len(effect.base.support) == 0


def test_all_levers_together_are_the_outlay_of_the_costs_and_of_the_table_of_levers(effect):
    outlay = effect.costs().query("scope == 'all' and item == 'outlay'")["value"].iloc[0]
    assert effect.payments()["outlay"].sum() == pytest.approx(outlay, abs=YUAN)
    assert effect.levers()["outlay"].sum() == pytest.approx(outlay, abs=YUAN)


def test_money_goes_to_those_whom_the_lever_pays(effect):
    table = effect.payments().set_index("lever")
    for lever, part in (("research", "to_enterprises"), ("people", "to_people"), ("institutes", "to_institutes")):
        assert table.loc[lever, part] == pytest.approx(table.loc[lever, "outlay"])
        assert table.loc[lever, "outlay"] > 0.0
    assert table.loc["arrivals", "windfall_paid"] > 0.0
    assert (table.drop(index="arrivals")["windfall_paid"] == 0.0).all()


def test_a_lever_that_both_worlds_have_is_no_outlay_of_the_policy():
    base = baseline(levers={"old": GRANT})
    policy = base.replace({"levers.plants": PLANTS})
    table = cs.compare(base, policy, replications=1).payments().set_index("lever")
    assert abs(table.loc["old", "outlay"]) < 0.1 * table.loc["plants", "outlay"]
    parts = table[[*PARTS, "windfall_paid"]].sum(axis=1)
    assert np.abs(parts - table["outlay"]).max() < YUAN


def test_what_became_of_a_budget_has_a_reason():
    assert why_unspent(float("nan"), 5.0, 5.0) == "unlimited"
    assert why_unspent(10.0, 30.0, 10.0) == "spent"
    assert why_unspent(10.0, 0.0, 0.0) == "unused"
    assert why_unspent(10.0, 3.0, 3.0) == "few"
    assert why_unspent(10.0, 12.0, 7.0) == "uneven"
