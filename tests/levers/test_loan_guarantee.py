"""A guarantee that was given lasts as long as its loan, whatever becomes of the lever that gave it."""

import economies
import numpy as np
import policies
import pytest

import chainsim as cs
from chainsim.levers.loan_guarantee import LoanGuarantee
from chainsim.policy.lever_year import LeverYear
from chainsim.runs.simulation import Simulation

LAST = 2022


def guaranteeing(*names, **fields):
    """An economy in the last year of levers that guarantee half of a loan of 8, beside one that never guarantees."""
    lever = {"type": "loan_guarantee", "share": 0.5, "years": f"2021-{LAST}", "provision": 0.01, "stacking": "add"}
    levers = dict.fromkeys(names, lever | fields) | {"idle": lever | {"share": 0.0, "years": "2021-2040"}}
    economy = Simulation(economies.three_makers(levers=levers, end=2035), 1).economy
    economy.begin_year(LAST)
    economy.programme.open(economy)
    economy.flows.drawn = np.where(np.arange(economy.n) == 0, 8.0, 0.0)
    economy.programme.pay_levers(economy, "credit")
    return economy


def lose(economy, year, lost=3.0, guaranteed=4.0):
    """Let the first enterprise lose a loan in a year; what each lever pays."""
    economy.begin_year(year)
    economy.programme.open(economy)
    economy.debt[0], economy.guaranteed[0] = 10.0, guaranteed
    failing = np.arange(economy.n) == 0
    economy.programme.cover(economy, failing, np.where(failing, lost, 0.0))
    return {name: economy.ledger.amount(f"guarantee losses, {name}") for name in economy.programme.levers}


@pytest.mark.parametrize("year", [LAST + 1, LAST + 6])
def test_what_it_guaranteed_it_pays_in_whichever_year_the_loan_is_lost(year):
    economy = guaranteeing("it")
    assert lose(economy, year) == {"it": 3.0, "idle": 0.0}
    assert economy.guaranteed[0] == 1.0
    book = economy.programme.lever_years["it"]
    assert (book.requested, book.granted, book.outlay) == (3.0, 3.0, 3.0)
    assert economy.flows.guarantees_paid == 3.0


def test_after_its_years_it_pays_within_the_budget_of_the_last_one():
    economy = guaranteeing("it", budget=2.0)
    assert lose(economy, LAST + 1)["it"] == 2.0
    book = economy.programme.lever_years["it"]
    assert (book.budget, book.requested, book.outlay) == (2.0, 3.0, 2.0)


def test_after_its_years_it_pays_what_is_left_of_a_budget_for_all_of_them():
    economy = guaranteeing("it", budget={"total": 2.0})
    spent = economy.programme.spent["it"]
    assert 0.0 < spent < 2.0
    assert lose(economy, LAST + 1)["it"] == pytest.approx(2.0 - spent)
    assert lose(economy, LAST + 2)["it"] == pytest.approx(0.0, abs=1e-12)


def test_two_that_guaranteed_the_same_loans_share_the_loss():
    economy = guaranteeing("one", "two", share=0.4)
    assert lose(economy, LAST + 1) == {"one": 1.5, "two": 1.5, "idle": 0.0}


@pytest.mark.parametrize(
    ("stacking", "shares", "total"), [("add", (0.3, 0.5), 0.8), ("add", (0.6, 0.5), 0.9), ("highest", (0.3, 0.5), 0.5)]
)
def test_what_two_guarantee_of_a_loan_is_what_banks_count_on_and_what_is_paid_for(stacking, shares, total):
    lever = {"type": "loan_guarantee", "years": "2021-2022", "provision": 0.01, "stacking": stacking}
    levers = {name: lever | {"share": share} for name, share in zip(("one", "two"), shares, strict=True)}
    economy = Simulation(economies.three_makers(levers=levers), 1).economy
    economy.begin_year(LAST)
    economy.programme.open(economy)
    assert economy.policy.guarantee == pytest.approx(total)
    economy.flows.drawn = np.where(np.arange(economy.n) == 0, 8.0, 0.0)
    economy.programme.pay_levers(economy, "credit")
    paid = sum(account.outlay for account in economy.programme.lever_years.values())
    assert paid == pytest.approx(0.01 * total * 8.0)


@pytest.mark.parametrize("before", [0.0, 0.1])
@pytest.mark.parametrize("poor", [True, False])
def test_it_asks_for_a_provision_on_what_investment_calls_for(before, poor):
    """Wear is paid by loans where there is no cash, and else three tenths of it, as normal debt; at most what banks lend.

    Banks lend .6 of capital over the part that they bear themselves, .9 at most.
    """
    economy = Simulation(economies.three_makers(), 1).economy
    economy.begin_year(LAST)
    economy.policy.guarantee = np.full(economy.n, before)
    lever = LoanGuarantee(type="loan_guarantee", share=0.2, years="2021-2022", provision=0.01)
    worn = economy.stages.investment.depreciation * economy.capital
    economy.expected_orders[:] = economy.capacity_per_capital * economy.capital * economy.stages.investment.utilisation
    economy.debt[:] = (0.58 if poor else 0.3) * economy.capital
    economy.cash[:] = 0.0 if poor else economy.capital
    asked = lever.request(economy, LeverYear("it", "loan_guarantee", 1.0), np.full(economy.n, 0.2))
    lent = min(0.6 / (1.0 - before - 0.2), 0.9)
    called_for = np.minimum(worn, (lent - 0.58) * economy.capital) if poor else np.zeros(economy.n)
    assert asked == pytest.approx(0.01 * 0.2 * called_for)


@pytest.mark.parametrize("rationing", ["pro_rata", "small_first", "lottery"])
def test_a_budget_that_is_short_is_spent_on_the_loans_that_are_asked_for(rationing):
    """What was spent where the budget was short is all of it, and without a limit what all loans cost."""
    lever = {"type": "loan_guarantee", "share": 0.6, "years": "2021-2025", "rationing": rationing}
    whole = Simulation(economies.crowd(levers={"it": lever}), 1)
    short = Simulation(economies.crowd(levers={"it": lever | {"budget": 0.3}}), 1)
    for simulation in (whole, short):
        while simulation.running:
            simulation.step()
    asked, spent = (np.array([sum(year["outlay"]) for year in run.recorder.years["levers"]]) for run in (whole, short))
    assert (asked > 0.5).sum() >= 3
    assert spent == pytest.approx(np.minimum(asked, 0.3), rel=0.1)


@pytest.mark.parametrize("rationing", ["pro_rata", "small_first"])
def test_where_the_budget_is_short_banks_count_on_the_part_that_is_paid_for(rationing):
    """What was announced in January is cut to the loans asked for, for the banks as in the accounts."""
    lever = {"type": "loan_guarantee", "share": 0.6, "years": "2021-2025", "rationing": rationing, "budget": 0.3}
    simulation, cut = Simulation(economies.crowd(levers={"it": lever}), 1), []
    while simulation.running:
        simulation.step()
        economy, account = simulation.economy, simulation.economy.programme.lever_years["it"]
        known = account.offer.size  # who came since has no loan yet
        assert economy.policy.guarantee[:known] == pytest.approx(account.offer)
        guaranteed = float((account.offer * economy.flows.drawn[:known]).sum())
        assert economy.ledger.amount("support, it") == pytest.approx(0.03 * guaranteed)
        cut.append(float(account.offer.sum()) < 0.95 * float(account.stated.sum()))
    assert any(cut)


def test_a_loan_that_nobody_guaranteed_is_the_banks_loss():
    economy = guaranteeing()
    assert lose(economy, LAST + 1, guaranteed=0.0) == {"idle": 0.0}
    assert economy.flows.guarantees_paid == 0.0


def test_where_nobody_lends_nothing_is_asked_for_or_granted():
    made = policies.under("loan_guarantee", years={"start": 2020, "end": policies.FIRST})
    lent, off = (cs.run(each, seed=3).table("levers").iloc[-1] for each in (made, made.replace(OFF)))
    assert lent["granted"] > 0.0
    assert off["budget"] > 0.0
    assert off["requested"] == off["granted"] == off["outlay"] == 0.0


OFF = {"stages.finance.enabled": False}
