"""Who gets what of a budget that is too small."""

from typing import get_args

import economies
import numpy as np
import policies
import pytest

from chainsim.levers import LEVERS
from chainsim.policy.lever import Rationing
from chainsim.policy.programme import Promised, due, ration
from chainsim.runs.simulation import Simulation

START = economies.START


def test_without_scarcity_everybody_gets_what_they_ask_for():
    asked = np.array([1.0, 2.0, 3.0])
    assert ration(asked, 6.0, np.arange(3.0)) is asked


def test_pro_rata_serves_all_in_part():
    assert ration(np.array([1.0, 2.0, 5.0]), 4.0, None).tolist() == [0.5, 1.0, 2.5]


def test_an_order_serves_the_first_in_full_and_the_last_in_part():
    asked, order = np.array([4.0, 2.0, 3.0]), np.array([0.3, 0.1, 0.2])
    assert ration(asked, 6.0, order).tolist() == [1.0, 2.0, 3.0]


def test_nothing_is_granted_of_an_empty_budget():
    assert ration(np.array([1.0, 2.0]), 0.0, None).tolist() == [0.0, 0.0]


def served(rule, year=2021, **more):
    """Enterprises that a scarce research grant serves in a year, and the economy."""
    lever = policies.lever("rd_grant", "2021-2025", rate=0.5, budget=2, rationing=rule, **more)
    simulation = Simulation(economies.crowd(levers={"it": lever}), 1)
    while simulation.economy.year < year:
        before = simulation.economy.copy(1)
        simulation.step()
    paid = simulation.economy.programme.lever_years["it"].paid
    return {int(i): amount for i, amount in zip(simulation.economy.identity, paid, strict=False) if amount > 0}, before


def test_every_rule_spends_the_budget():
    for rule in get_args(Rationing):
        assert sum(served(rule)[0].values()) == pytest.approx(2.0)


def test_merit_serves_research_first_and_small_first_the_small():
    paid, before = served("small_first")
    staff = dict(zip(before.identity.tolist(), before.employment.tolist(), strict=True))
    rest = [staff[i] for i in staff if i not in paid and before.active[before.identity.tolist().index(i)]]
    assert max(staff[i] for i in paid) <= min(rest)
    paid, before = served("merit", year=2022)
    share = dict(zip(before.identity.tolist(), (before.rd / np.maximum(before.sales, 1e-9)).tolist(), strict=True))
    assert np.median([share[i] for i in paid if i in share]) > np.median(list(share.values()))


def test_a_queue_stays_as_it_is_and_a_lottery_is_drawn_anew():
    for rule, least, most in (("first_come", 0.6, 1.0), ("lottery", 0.0, 0.5)):
        first, second = (set(served(rule, year)[0]) for year in (2021, 2022))
        assert least <= len(first & second) / len(first) <= most, rule


def test_a_scarce_offer_is_cut_to_what_the_budget_pays():
    lever = policies.lever("rd_grant", "2021-2025", rate=0.5, budget=2)
    simulation = Simulation(economies.crowd(levers={"it": lever}), 1)
    asked = simulation.economy.copy(1)
    simulation.step()
    lever_year = simulation.economy.programme.lever_years["it"]
    offered = lever_year.offer[lever_year.offer > 0]
    assert offered.size == asked.active.sum()
    assert offered == pytest.approx(0.5 * 2.0 / lever_year.requested)
    assert lever_year.requested > 4.0


@pytest.mark.parametrize("method", ["claim", "request"])
def test_what_rounding_leaves_is_neither_granted_nor_paid(monkeypatch, method):
    kind, share = {"claim": ("loan_guarantee", "share"), "request": ("rd_grant", "rate")}[method]
    lever = policies.lever(kind, "2021-2025", budget=2, **{share: 0.5})
    monkeypatch.setattr(LEVERS[kind], method, lambda self, economy, year, offer: np.full(economy.n, 1e-12))
    simulation = Simulation(economies.crowd(levers={"it": lever}), 1)
    simulation.step()
    lever_year = simulation.economy.programme.lever_years["it"]
    assert lever_year.granted == lever_year.outlay + lever_year.cofinanced


def test_support_is_claimed_back_from_those_who_got_it_and_from_nobody_else():
    economy = economies.built(economies.crowd())
    order = np.argsort(economy.identity)
    closing, got = np.ones(economy.n, dtype=bool), order[[0, 5, 9]]
    payments = [Promised(START, economy.identity[got], np.array([1.0, 2.0, 3.0]))]
    expected = np.zeros(economy.n)
    expected[got] = [1.0, 2.0, 3.0]
    assert due(economy, closing, payments).tolist() == expected.tolist()
    closing[got[1]], expected[got[1]] = False, 0.0
    assert due(economy, closing, payments).tolist() == expected.tolist()
