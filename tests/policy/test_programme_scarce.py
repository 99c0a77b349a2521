"""Levers that have no money, or too little of it, and what they leave to others of their type."""

import economies
import numpy as np
import policies
import pytest

from chainsim.runs.simulation import Simulation

STACKING = ["add", "highest"]
HARD_TIMES = {"demography": {"hazard_by_age": [0.2] * 6}}
"""Many close, and have something to pay back."""


def lived(**levers):
    """An economy after three years under levers, and what each paid in the last."""
    simulation = Simulation(economies.crowd(levers=levers, end=2025), 1)
    for _ in range(3):
        simulation.step()
    return simulation.economy, {name: year.outlay for name, year in simulation.economy.lever_years.items()}


@pytest.mark.parametrize("stacking", STACKING)
@pytest.mark.parametrize(("kind", "strength"), [("rd_grant", "rate"), ("investment_grant", "rate")])
def test_a_lever_without_money_takes_nothing_from_another_of_its_type(kind, strength, stacking):
    """Its money comes in 2025: until then the world is the one without it, in every bit."""
    lever = policies.lever(kind, "2021-2025", **{strength: 0.2, "budget": 3.0}) | {"stacking": stacking}
    later = lever | {"budget": {"yearly": {2025: 3.0}}, strength: 0.8}
    alone, (both, paid) = lived(second=lever)[0], lived(first=later, second=lever)
    assert paid["first"] == 0.0 < paid["second"]
    for column in ("identity", "sales", "rd", "cash", "capital", "support"):
        assert np.array_equal(getattr(both, column), getattr(alone, column)), column
    assert both.lever_years["first"].granted == 0.0


def test_no_lever_pays_more_than_its_money_however_many_share_a_type():
    lever = policies.lever("rd_grant", "2021-2025", rate=0.5) | {"stacking": "add"}
    budgets = {"a": 0.5, "b": 2.0, "c": 0.0}
    economy, paid = lived(**{name: lever | {"budget": money} for name, money in budgets.items()})
    assert {name: paid[name] <= money * (1.0 + 1e-12) for name, money in budgets.items()} == dict.fromkeys(
        budgets, True
    )
    assert paid["a"] == pytest.approx(0.5)
    assert paid["c"] == 0.0
    assert economy.support.sum() == pytest.approx(sum(paid.values()))


def test_whom_the_money_did_not_reach_is_served_in_a_later_year_and_nobody_twice():
    """Digitisation pays an enterprise once; the budget is enough for a few of them a year."""
    lever = policies.lever("digitisation", "2021-2025", budget=0.5, rationing="small_first")
    simulation, served = Simulation(economies.crowd(levers={"it": lever}, end=2025), 1), []
    while simulation.running:
        simulation.step()
        economy, paid = simulation.economy, simulation.economy.lever_years["it"].paid
        served.append(set(economy.identity[: paid.size][paid > 0.0].tolist()))
    assert all(served[:3])
    assert sum(map(len, served)) == len(set.union(*served))


@pytest.mark.parametrize("cofinancing", [0.0, 0.25])
def test_support_that_is_paid_back_goes_to_whoever_paid_it(cofinancing):
    lever = policies.lever("rd_grant", "2021-2025", rate=0.5, budget=30.0)
    lever |= {"clawback": 0.5, "cofinancing": cofinancing}
    simulation = Simulation(economies.crowd(levers={"it": lever}, stages=HARD_TIMES, end=2025), 1)
    back, theirs = 0.0, 0.0
    while simulation.running:
        simulation.step()
        rows = {each.row: each for each in simulation.economy.ledger.rows()}
        assert ("claw-back, it, co-financed" in rows) == ("claw-back, it" in rows and cofinancing > 0.0)
        back += rows["claw-back, it"].amount if "claw-back, it" in rows else 0.0
        theirs += rows["claw-back, it, co-financed"].amount if "claw-back, it, co-financed" in rows else 0.0
    assert back > 0.0
    assert theirs == pytest.approx(back * cofinancing / (1.0 - cofinancing))


def test_a_lever_of_full_strength_pays_all_of_it():
    lever = policies.lever("rd_grant", "2021-2025", rate=1.0, budget=None)
    economy, paid = lived(it=lever)
    assert paid["it"] > 0.0
    assert economy.lever_years["it"].stated.max() == 1.0
