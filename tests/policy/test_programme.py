"""Who gets what of a budget that is too small; what is promised, paid, clawed back and stood in for, to the yuan."""

from types import SimpleNamespace
from typing import Any, get_args

import economies
import numpy as np
import policies
import pytest

from chainsim.economy.ledger import BANK, ENTERPRISES, GOVERNMENT, HOUSEHOLDS, NATIONAL, Ledger
from chainsim.levers import LEVERS
from chainsim.policy.lever import Rationing
from chainsim.policy.lever_year import LeverYear
from chainsim.policy.programme import Programme, Promised, due, kept, payable, ranks, ration, remember, whole
from chainsim.policy.targeting import stacked
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
    payments = [Promised.of(START, economy.identity[got], np.array([1.0, 2.0, 3.0]))]
    expected = np.zeros(economy.n)
    expected[got] = [1.0, 2.0, 3.0]
    assert due(economy, closing, payments).tolist() == expected.tolist()
    closing[got[1]], expected[got[1]] = False, 0.0
    assert due(economy, closing, payments).tolist() == expected.tolist()


YEAR = 2022


def economy_of_three(cash=(5.0, 0.5, -1.0), guaranteed=(0.0, 0.0, 0.0)) -> Any:
    """What the programme reads of an economy, and whose income support is."""
    ledger, income = Ledger(), []
    ledger.accounts = np.array(cash)
    ledger.open(YEAR)
    return SimpleNamespace(
        n=3,
        year=YEAR,
        identity=np.array([30, 10, 20], dtype=np.uint64),
        active=np.array([True, True, False]),
        cash=ledger.accounts,
        guaranteed=np.array(guaranteed),
        support=np.zeros(3),
        flows=SimpleNamespace(outlay=0.0, guarantees_paid=0.0),
        ledger=ledger,
        policy=SimpleNamespace(support=income.append),
        income=income,
    )


def lever_of(**more: Any) -> Any:
    """A lever that pays enterprises, with all that the programme asks of it."""
    stated = {
        "type": "grant",
        "row": "grant",
        "sector_paid": ENTERPRISES,
        "cofinancing": 0.0,
        "once": False,
        "is_income": True,
        "clawback": 0.0,
        "clawback_years": 3,
        "budget": None,
        "span": (2021, 2022),
        "recipients": lambda amount: int((amount > 0).sum()),
        "act": lambda economy, lever_year, amount: None,
        "claim": lambda economy, lever_year, offer: offer * 10.0,
        "claim_first": lambda economy, lever_year: None,
        "affordable": lambda lever_year: lever_year.left,
        "paid_outside": lambda economy, lever_year, amount: 0.0,
        "guaranteed": lambda economy, offer: None,
    }
    return SimpleNamespace(**(stated | more))


def programme_of(budget=np.inf, **more: Any) -> tuple[Programme, LeverYear]:
    """A programme with one lever in its year."""
    programme = Programme({"it": lever_of(**more)}, {})
    programme.lever_years["it"] = LeverYear("it", "grant", budget)
    return programme, programme.lever_years["it"]


def booked(economy: Any) -> list[tuple[str, str, str, float]]:
    """The rows of the ledger that are not empty."""
    return [tuple(each.__dict__.values()) for each in economy.ledger.rows() if each.amount]


def test_support_is_shared_with_the_nation_and_adds_up_everywhere():
    economy, amount = economy_of_three(), np.array([4.0, 0.0, 2.0])
    programme, lever_year = programme_of(cofinancing=0.25, clawback=0.5)
    for _ in range(2):
        programme.pay(economy, programme.levers["it"], lever_year, amount)
    assert booked(economy) == [
        ("grant, it", GOVERNMENT, ENTERPRISES, 9.0),
        ("grant, it, co-financed", NATIONAL, ENTERPRISES, 3.0),
    ]
    assert economy.cash.tolist() == [13.0, 0.5, 3.0]
    assert (lever_year.outlay, programme.spent["it"], economy.flows.outlay) == (9.0, 9.0, 9.0)
    assert (lever_year.cofinanced, lever_year.recipients) == (3.0, 4)
    assert (lever_year.paid.tolist(), economy.support.tolist()) == ([8.0, 0.0, 4.0], [8.0, 0.0, 4.0])
    assert [each.tolist() for each in economy.income] == [[4.0, 0.0, 2.0]] * 2
    promised = programme.recoverable["it"][0]
    assert (promised.year, promised.identity.tolist(), promised.amount.tolist()) == (YEAR, [20, 30], [1.0, 2.0])


def test_support_of_people_is_no_income_of_enterprises():
    economy, amount = economy_of_three(), np.array([4.0, 0.0, 2.0])
    programme, lever_year = programme_of(sector_paid=HOUSEHOLDS, cofinancing=0.5, clawback=0.5)
    programme.pay(economy, programme.levers["it"], lever_year, amount)
    assert [row[1:] for row in booked(economy)] == [(GOVERNMENT, HOUSEHOLDS, 3.0), (NATIONAL, HOUSEHOLDS, 3.0)]
    assert (economy.cash.tolist(), economy.support.tolist()) == ([5.0, 0.5, -1.0], [0.0, 0.0, 0.0])
    assert (economy.income, programme.recoverable) == ([], {})
    assert lever_year.paid.tolist() == amount.tolist()


def test_claims_are_paid_to_the_active_within_the_budget_and_then_outside():
    economy = economy_of_three()
    outside = {"cofinancing": 0.5, "paid_outside": lambda economy, lever_year, amount: 8.0}
    programme, lever_year = programme_of(budget=20.0, **outside)
    lever_year.offer, lever_year.requested, lever_year.granted = np.array([1.0, 0.4]), 3.0, 3.0
    programme.pay_claims(economy, programme.levers["it"], lever_year)
    assert economy.support.tolist() == [10.0, 4.0, 0.0]
    assert (lever_year.requested, lever_year.granted) == (20.0, 20.0)
    assert booked(economy) == [
        ("grant, it", GOVERNMENT, ENTERPRISES, 7.0),
        ("grant, it, co-financed", NATIONAL, ENTERPRISES, 7.0),
        ("grant, it, outside", GOVERNMENT, NATIONAL, 3.0),
        ("grant, it, outside, co-financed", NATIONAL, NATIONAL, 3.0),
    ]
    assert (lever_year.outlay, lever_year.cofinanced, programme.spent["it"], economy.flows.outlay) == (10, 10, 10, 10)


def test_claims_above_the_budget_are_cut_alike_and_leave_nothing_for_outside():
    economy = economy_of_three()
    programme, lever_year = programme_of(budget=7.0, paid_outside=lambda economy, lever_year, amount: 8.0)
    lever_year.offer = np.array([1.0, 0.4, 5.0])
    programme.pay_claims(economy, programme.levers["it"], lever_year)
    assert economy.support == pytest.approx([5.0, 2.0, 0.0])
    assert (lever_year.requested, lever_year.granted, lever_year.outlay) == pytest.approx((14.0, 7.0, 7.0))


def test_claims_above_the_budget_are_paid_in_the_order_of_january_and_newcomers_last():
    economy = economy_of_three()
    economy.active[:] = True
    programme, lever_year = programme_of(budget=12.0)
    lever_year.offer, lever_year.order = np.array([1.0, 0.4, 0.5]), np.array([1.0, 0.0])
    programme.pay_claims(economy, programme.levers["it"], lever_year)
    assert economy.support == pytest.approx([8.0, 4.0, 0.0])


def test_what_closing_enterprises_owe_back_is_taken_as_far_as_their_cash_and_the_years_reach():
    economy = economy_of_three()
    programme, lever_year = programme_of()
    identity = economy.identity
    programme.recoverable["it"] = [
        Promised.of(YEAR - 3, identity, np.array([9.0, 9.0, 9.0])),
        Promised.of(YEAR - 2, identity, np.array([2.0, 0.25, 1.0])),
        Promised.of(YEAR, identity, np.array([1.0, 0.5, 1.0])),
    ]
    programme.recover(economy, np.array([True, True, True]))
    assert booked(economy) == [("claw-back, it", ENTERPRISES, GOVERNMENT, 3.5)]
    assert (economy.cash.tolist(), lever_year.recovered) == ([2.0, 0.0, -1.0], 3.5)
    assert [item.year for item in programme.recoverable["it"]] == [YEAR - 2, YEAR]
    programme.recover(economy, np.array([False, False, False]))
    assert lever_year.recovered == 3.5


def test_two_levers_share_a_loss_as_they_guaranteed_it():
    economy = economy_of_three(guaranteed=(3.0, 8.0, 5.0))
    programme = Programme({"a": lever_of(), "b": lever_of()}, {})
    programme.lever_years = {name: LeverYear(name, "guarantee", 1.5) for name in "ab"}
    programme.guaranteed = {
        "a": [Promised.of(YEAR, economy.identity[:2], np.array([1.0, 2.0]))],
        "b": [Promised.of(YEAR, economy.identity[:1], np.array([3.0]))],
    }
    programme.cover(economy, np.array([True, True, True]), np.array([4.0, 1.0, 2.0]))
    assert economy.guaranteed.tolist() == [0.0, 7.0, 5.0]
    assert booked(economy) == [
        ("guarantee losses, a", GOVERNMENT, BANK, 1.5),
        ("guarantee losses, b", GOVERNMENT, BANK, 1.5),
    ]
    a, b = programme.lever_years["a"], programme.lever_years["b"]
    assert (a.requested, a.granted, a.outlay) == (1.75, 1.5, 1.5)
    assert (b.requested, b.granted, b.outlay) == (2.25, 1.5, 1.5)
    assert (economy.flows.guarantees_paid, economy.flows.outlay) == (3.0, 3.0)


@pytest.mark.parametrize(("year", "paid"), [(2022, 1.0), (2023, 3.0)])
def test_after_its_years_a_guarantee_is_paid_within_the_budget_of_the_last(year, paid):
    economy = economy_of_three()
    economy.year = year
    programme, lever_year = programme_of(limit=lambda last, spent: 10.0 * (last == 2022) - spent)
    programme.levers["it"].budget, lever_year.budget, programme.spent["it"] = 10.0, 1.0, 7.0
    programme.stand_in(economy, "it", 4.0)
    programme.stand_in(economy, "it", 0.0)
    assert (lever_year.outlay, lever_year.requested) == (paid, 4.0)


def test_what_is_due_is_that_of_the_failing_whatever_the_order_of_promises():
    economy = economy_of_three()
    promised: dict[str, list[Promised]] = {}
    remember(promised, economy, "it", np.array([3.0, 0.0, 2.0]))
    remember(promised, economy, "it", np.array([0.0, 0.0, 0.0]))
    remember(promised, economy, "it", np.array([1.0, 4.0, 0.0]))
    assert len(promised["it"]) == 2
    assert due(economy, np.array([True, True, True]), promised["it"]).tolist() == [4.0, 4.0, 2.0]
    assert due(economy, np.array([True, False, False]), promised["it"]).tolist() == [4.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("stacking", "second", "third"), [("sum", [0.3, 0.2], [0.0, 0.1]), ("highest", [0.1, 0.0], [0.1, 0.1])]
)
def test_offers_of_one_type_stack_up_to_its_ceiling(stacking, second, third):
    lever, beside = SimpleNamespace(type="grant", stacking=stacking, ceiling=0.5), np.zeros(2)
    for offer, expected in ([0.2, 0.2], [0.2, 0.2]), ([0.3, 0.2], second), ([0.4, 0.3], third):
        given = stacked(lever, np.array(offer), beside)
        assert given == pytest.approx(expected)
        beside = beside + given


def test_equals_but_for_rounding_are_ranked_by_lot():
    lot = np.array([0.9, 0.1, 0.5, 0.2])
    assert ranks(np.array([1.0, 1.0 + 1e-12, 0.5, 1.0 + 1e-6]), lot).tolist() == [2.0, 1.0, 0.0, 3.0]


def test_who_asks_for_nothing_keeps_the_common_share_or_nothing_after_the_money_ends():
    asked = np.array([2.0, 0.0, 6.0, 0.0])
    assert kept(asked, asked / 4.0, 2.0, None).tolist() == [0.25] * 4
    order = np.array([0.0, 1.0, 2.0, 3.0])
    granted = ration(asked, 4.0, order)
    assert granted.tolist() == [2.0, 0.0, 2.0, 0.0]
    assert kept(asked, granted, 4.0, order) == pytest.approx([1.0, 1.0, 1.0 / 3.0, 0.0])
    assert kept(asked, ration(asked, 2.0, order), 2.0, order).tolist() == [1.0, 0.0, 0.0, 0.0]
    rounded = np.array([0.1, 0.2, 0.0, 1.0])
    budget = np.nextafter(0.1 + 0.2, 1.0)  # spent on the first two but for rounding
    assert kept(rounded, ration(rounded, budget, order), budget, order)[2] == 0.0


def test_a_budget_below_nothing_grants_nothing_and_rounding_is_not_paid():
    assert ration(np.array([1.0, 2.0]), -1.0, np.array([1.0, 0.0])).tolist() == [0.0, 0.0]
    assert payable(np.array([1e-9, 2e-9, 0.0, 3.0])).tolist() == [0.0, 2e-9, 0.0, 3.0]


def test_who_is_served_whole_or_not_at_all_leaves_the_rest_of_the_money_to_those_behind():
    requested, order = np.array([3.0, 4.0, 2.0, 0.0]), np.array([0.0, 1.0, 2.0, 3.0])
    assert whole(requested, 9.0, order).tolist() == [3.0, 4.0, 2.0, 0.0]
    assert whole(requested, 6.0, order).tolist() == [3.0, 0.0, 2.0, 0.0]
    assert whole(requested, 6.0, -order).tolist() == [0.0, 4.0, 2.0, 0.0]
