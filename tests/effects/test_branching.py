"""Runs that differ, and futures that branch off one past."""

import pandas as pd
import pytest
from economies import START
from effect_cases import GRANT, PLANTS, baseline, small

import chainsim as cs
from chainsim.scenario.errors import ScenarioError
from chainsim.stages import Sourcing

BASE = baseline()
LATER = BASE.replace({"name": "later", "levers.plants": PLANTS | {"years": f"{START + 4}-{START + 5}"}})


def rows(result, name, upto=None):
    """A table without the name of its scenario, up to a year."""
    table = result.table(name).drop(columns="scenario")
    return table if upto is None else table[table["year"] <= upto].reset_index(drop=True)


def test_two_equal_runs_never_diverge():
    assert cs.diverge(small(), small(), seed=3) is None


def test_runs_of_two_seeds_diverge_in_the_first_year():
    found = cs.diverge((BASE, 1), (BASE, 2))
    assert found is not None
    assert found.year == START + 1


def test_results_are_run_again_to_find_where_they_differ():
    first, second = cs.run(BASE, seed=2), cs.run(LATER, seed=2)
    found = cs.diverge(first, second)
    assert found is not None
    assert (found.year, found.step) == (START + 4, "levers")
    with pytest.raises(ValueError, match="no run with seed 5"):
        cs.diverge(first, second, seed=5)


def test_a_branch_is_its_past_up_to_the_year_and_the_whole_run_where_the_policy_starts_later():
    branch, past, whole = cs.branch(BASE, START + 3, LATER, seed=2), cs.run(BASE, seed=2), cs.run(LATER, seed=2)
    assert branch.scenario.name == "later"
    for name in ("region", "segments", "trade", "ledger"):
        pd.testing.assert_frame_equal(rows(branch, name, START + 2), rows(past, name, START + 2), check_exact=True)
        pd.testing.assert_frame_equal(rows(branch, name), rows(whole, name), check_exact=True)


def test_several_futures_of_one_past_do_not_disturb_one_another():
    both = cs.branch(BASE, START + 3, [LATER, BASE], seed=2)
    alone = cs.branch(BASE, START + 3, LATER, seed=2)
    pd.testing.assert_frame_equal(rows(both[0], "region"), rows(alone, "region"), check_exact=True)
    pd.testing.assert_frame_equal(rows(both[1], "region"), rows(cs.run(BASE, seed=2), "region"), check_exact=True)


def test_a_policy_that_is_given_up_pays_no_more_but_claws_back():
    policy = BASE.replace({"levers.research": GRANT | {"clawback": 1.0}})
    given_up = cs.branch(policy, START + 3, BASE, seed=1)
    outlay = given_up.levers.groupby("year")["outlay"].sum()
    assert outlay[START + 2] > 0.0
    assert outlay[START + 3 :].sum() == 0.0
    kept = cs.run(policy, seed=1).levers.groupby("year")["outlay"].sum()
    assert kept[START + 3] > 0.0
    assert given_up.levers[given_up.levers["year"] > START + 2]["recovered"].sum() > 0.0


def test_a_budget_in_all_counts_what_the_past_has_spent():
    limited = BASE.replace({"levers.research": GRANT | {"budget": {"total": 3.0}}})
    branch = cs.branch(limited, START + 3, limited.replace({"levers.plants": PLANTS}), seed=1)
    assert branch.levers.query("lever == 'research'")["outlay"].sum() == pytest.approx(3.0)


def test_levers_of_a_future_act_in_their_own_order():
    """The larger budget goes first among grants of which the highest counts, in the future as in the past."""

    def grants(first: float, second: float):
        both = {"a": GRANT | {"budget": first}, "b": GRANT | {"budget": second}}
        return BASE.replace({"levers": {name: lever | {"stacking": "highest"} for name, lever in both.items()}})

    branch = cs.branch(grants(500.0, 900.0), START + 2, grants(900.0, 500.0), seed=1)
    paid = branch.levers.set_index(["lever", "year"])["outlay"]
    anew = cs.run(grants(900.0, 500.0), seed=1).levers.set_index(["lever", "year"])["outlay"]
    assert (anew["a", START + 2] > 0.0) != (anew["b", START + 2] > 0.0)
    assert (paid["a", START + 2] > 0.0) == (anew["a", START + 2] > 0.0)


def test_a_branch_may_change_stages():
    future = BASE.replace(stages=[Sourcing(enabled=False)])
    branch = cs.branch(BASE, START + 3, future, seed=1)
    pd.testing.assert_frame_equal(
        rows(branch, "region", START + 2), rows(cs.run(BASE, seed=1), "region", START + 2), check_exact=True
    )
    assert not rows(branch, "region").equals(rows(cs.run(BASE, seed=1), "region"))


def test_futures_of_another_region_and_years_that_are_not_simulated_are_refused():
    with pytest.raises(ScenarioError, match="region"):
        cs.branch(BASE, START + 3, BASE.replace({"region.productivity_growth": 0.1}))
    with pytest.raises(ValueError, match="a branch starts in 2021 to 2025"):
        cs.branch(BASE, START, LATER)
