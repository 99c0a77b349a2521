"""The policy language: conditions, targets, schedules, rationing, stacking, co-financing, claw-back."""

from typing import get_args

import economies
import numpy as np
import policies
import pytest
from economies import ROOT

from chainsim.policy.conditions import ConditionError, holds, parsed
from chainsim.policy.lever import Rationing
from chainsim.policy.programme import ration
from chainsim.policy.targeting import Target
from chainsim.runs.simulation import Simulation
from chainsim.scenario import ScenarioError, load

START = economies.START


@pytest.fixture(scope="module")
def economy():
    simulation = Simulation(economies.crowd(), 1)
    simulation.step()
    return simulation.economy


# --- conditions ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("employees < 100", lambda e: e.employment < 100),
        ("employees < 100 and rd_share > 0.03", lambda e: (e.employment < 100) & (e.rd > 0.03 * e.sales)),
        ("not (age >= 5 or sales > 20)", lambda e: ~((e.year - e.founded >= 5) | (e.sales > 20))),
        ("10 < sales <= 50", lambda e: (e.sales > 10) & (e.sales <= 50)),
        ("sales > 0 and rd / sales > profit_margin - 0.1", lambda e: (e.sales > 0) & (e.rd > e.profit - 0.1 * e.sales)),
        ("segment == 'lenses' and owner != 'state'", lambda e: (e.segment == 0) & (e.owner != 0)),
        ("park in ['north', 'east']", lambda e: e.park == 0),
        ("-2 * quality > 0.5", lambda e: -2 * e.quality > 0.5),
        ("year == 2021", lambda e: np.ones(e.n, dtype=bool)),
    ],
)
def test_a_condition_holds_where_numpy_says_so(economy, text, expected):
    assert np.array_equal(holds(text, economy), expected(economy))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("employes < 300", r"column 1: unknown name 'employes', did you mean 'employees'\?"),
        ("sales > 1 and rd_shar > 0", r"column 15: .*'rd_share'"),
        ("__import__('os').system('true')", "not allowed"),
        ("employees.__class__ > 1", "not allowed"),
        ("(lambda: 1)() > 0", "not allowed"),
        ("[x for x in sales] == 1", "not allowed"),
        ("sales ** 9 > 1", "not allowed"),
        ("employees", "true or false"),
        ("employees <", "column"),
        ("segment > 3", "cannot be compared"),
        ("segment == 3", "cannot be compared"),
        ("owner in 'state'", "cannot be compared"),
        ("sales + 'x' > 1", "expected a number"),
        ("1e999 > sales", "too large"),
        ("sales > True", "not needed"),
        ("sales > 1 if age else 0", "not allowed"),
        ("x" * 600, "at most 500"),
        ("(" * 210 + "sales" + ")" * 210 + " > 1", "column"),
        ("sales > 1; age > 2", "column"),
    ],
)
def test_a_condition_that_is_none_is_refused_with_its_place(text, message):
    with pytest.raises(ConditionError, match=message):
        parsed(text)


def test_dividing_by_nothing_is_nothing(economy):
    assert not holds("1 / (employees - employees) > 0", economy).any()


# --- targets ---


def test_a_target_holds_where_everything_stated_holds(economy):
    target = Target(segments=("cameras",), parks=("north",), max_employees=50.0, min_age=3)
    age = economy.year - economy.founded
    expected = (economy.segment == 1) & (economy.park == 0) & (economy.employment <= 50) & (age >= 3) & economy.active
    assert 0 < expected.sum() < economy.n
    assert np.array_equal(target.holds(economy), expected)


def test_an_empty_target_means_everybody_in_business(economy):
    assert np.array_equal(Target().holds(economy), economy.active)


def test_named_enterprises_are_found_by_their_id():
    economy = Simulation(economies.three_makers(), 1).economy
    chosen = Target(enterprises=("b",)).holds(economy)
    assert [economy.names[row] for row in np.flatnonzero(chosen)] == ["b"]


# --- schedules ---


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"rate": 0.4, "years": "2021-2023"}, [0, 0.4, 0.4, 0.4, 0]),
        ({"rate": 0.4, "years": 2022}, [0, 0, 0.4, 0, 0]),
        ({"rate": 0.4, "years": "2021-2024", "ramp": 4}, [0, 0.1, 0.2, 0.3, 0.4]),
        ({"rate": {2022: 0.1, 2024: 0.3}}, [0, 0, 0.1, 0.1, 0.3]),
        ({"rate": {2020: 0.1, 2023: 0.0}, "years": "2021-2024"}, [0, 0.1, 0.1, 0, 0]),
    ],
)
def test_strength_follows_years_ramp_and_path(fields, expected):
    lever = economies.crowd(levers={"it": {"type": "rd_grant"} | fields}).levers["it"]
    assert [lever.strength(year) for year in range(2020, 2025)] == pytest.approx(expected)


def test_a_budget_grows_with_the_ramp_and_ends_with_its_total():
    stated = {"yearly": 10, "total": 25}
    scenario = economies.crowd(levers={"it": policies.lever("rd_grant", "2021-2025", rate=1.0, budget=stated, ramp=2)})
    simulation, paid = Simulation(scenario, 1), []
    while simulation.running:
        simulation.step()
        paid.append(simulation.economy.programme.lever_years["it"].outlay)
    assert paid == pytest.approx([5, 10, 10, 0, 0])


# --- rationing ---


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


# --- two levers at one entry point ---


def two_grants(first, second):
    """Support of each enterprise by two research grants of 30 and 50 %, over its own R&D."""
    levers = {
        name: policies.lever("rd_grant", "2021-2025", rate=rate, budget=None, stacking=stacking)
        for name, rate, stacking in (("one", 0.3, first), ("two", 0.5, second))
    }
    simulation = Simulation(economies.crowd(levers=levers), 1)
    simulation.economy.begin_year(2021)
    simulation.economy.programme.open(simulation.economy)
    own = simulation.economy.stages.innovation.own_rd(simulation.economy)
    return [
        np.unique((book.paid / own).round(9)).tolist() for book in simulation.economy.programme.lever_years.values()
    ]


def test_offers_add_where_they_are_said_to():
    assert two_grants("add", "add") == [[0.3], [0.5]]


def test_the_highest_offer_counts_where_it_is_said_to():
    assert two_grants("highest", "highest") == [[0.3], [0.2]]


def test_offers_of_one_type_never_exceed_the_whole():
    levers = {
        name: policies.lever("rd_grant", "2021-2025", rate=0.8, budget=None, stacking="add") for name in ("one", "two")
    }
    simulation = Simulation(economies.crowd(levers=levers), 1)
    simulation.economy.begin_year(2021)
    simulation.economy.programme.open(simulation.economy)
    total = sum(book.offer for book in simulation.economy.programme.lever_years.values())
    assert np.allclose(total[simulation.economy.active], 1.0)


# --- co-financing, claw-back, guarantees ---


def test_co_financing_doubles_the_support_at_the_same_budget():
    paid = {}
    for share in (0.0, 0.5):
        lever = policies.lever("rd_grant", "2021-2025", rate=0.9, budget=2, cofinancing=share)
        simulation = Simulation(economies.crowd(levers={"it": lever}), 1)
        simulation.step()
        book = simulation.economy.programme.lever_years["it"]
        paid[share] = book.outlay, book.cofinanced, simulation.economy.support.sum()
        rows = {entry.row: entry for entry in simulation.economy.ledger.rows()}
        assert rows["support, it"].amount == pytest.approx(book.outlay)
    assert paid[0.0] == pytest.approx((2.0, 0.0, 2.0))
    assert paid[0.5] == pytest.approx((2.0, 2.0, 4.0))
    assert rows["support, it, co-financed"].payer == "national"


def closing_down(**more):
    """A research grant for three enterprises, one of which closes at the end of its first year; last simulation."""
    lever = policies.lever("rd_grant", "2021-2021", rate=0.5, budget=None, **more)
    shocks = {"end": {"type": "anchor_exit", "enterprise": "a", "years": 2022}}
    simulation = Simulation(economies.three_makers(levers={"it": lever}, shocks=shocks), 1)
    simulation.step()
    paid = float(simulation.economy.programme.lever_years["it"].paid[0])
    simulation.step()
    return simulation, paid


def test_an_enterprise_that_closes_pays_support_back():
    simulation, paid = closing_down(clawback=0.6, clawback_years=3)
    rows = {entry.row: entry for entry in simulation.economy.ledger.rows()}
    assert paid > 0
    assert rows["claw-back, it"].amount == pytest.approx(0.6 * paid)
    assert (rows["claw-back, it"].payer, rows["claw-back, it"].receiver) == ("enterprises", "government")
    assert simulation.economy.programme.lever_years["it"].recovered == pytest.approx(0.6 * paid)


def test_without_a_claw_back_or_after_its_years_nothing_is_paid_back():
    for more in ({}, {"clawback": 0.6, "clawback_years": 1}):
        simulation, _ = closing_down(**more)
        assert "claw-back, it" not in {entry.row for entry in simulation.economy.ledger.rows()}


def test_the_bank_gets_what_was_guaranteed_of_a_lost_loan():
    lever = policies.lever("loan_guarantee", "2021-2029", share=0.5, budget=100)
    economy = Simulation(economies.three_makers(levers={"it": lever}), 1).economy
    economy.begin_year(2021)
    economy.programme.open(economy)
    economy.debt[0], economy.guaranteed[0] = 10.0, 4.0
    closing = np.arange(economy.n) == 0
    economy.programme.cover(economy, closing, np.where(closing, 3.0, 0.0))
    assert economy.ledger.amount("guarantee losses, it") == 3.0
    assert economy.programme.lever_years["it"].outlay == 3.0
    assert economy.guaranteed[0] == 1.0  # another guarantee would pay no more than this


# --- what is refused at load ---

MISTAKES = {
    "{type: rd_grnt, rate: 0.2, years: 2021-2030}": "unknown type 'rd_grnt', did you mean 'rd_grant'?",
    "{rate: 0.2, years: 2021-2030}": "the key type is missing",
    "{type: rd_grant, years: 2021-2030}": "missing, expected a number from 0 to 1",
    "{type: rd_grant, rate: 0.2, budget: 30}": "a budget without years; state years, such as years: 2021-2030",
    "{type: rd_grant, rate: 0.2}": "missing, expected years, such as years: 2021-2030",
    "{type: rd_grant, rate: 20, years: 2021-2030}": "20 % is written 0.2",
    "{type: rd_grant, rate: 0.2, years: 2030-2021}": "the last year 2021 comes before the first, 2030",
    "{type: rd_grant, rate: 0.2, years: soon}": "expected years such as 2021-2030 or 2021, found 'soon'",
    "{type: rd_grant, rate: 0.2, years: 2021-2030, budget: {}}": "expected yearly, total or both",
    "{type: rd_grant, rate: 0.2, years: 2021-2030, budget: -3}": "expected a number of at least 0",
    "{type: rd_grant, rate: 0.2, years: 2021-2030, rationing: meritt}": "did you mean 'merit'?",
    "{type: rd_grant, rate: 0.2, years: 2021-2030, target: {segments: [material]}}": "did you mean 'materials'?",
    "{type: rd_grant, rate: 0.2, years: 2021-2030, target: {tiers: [upstrem]}}": "did you mean 'upstream'?",
    "{type: rd_grant, rate: 0.2, years: 2021-2030, target: {tiers: [upstream], segments: [devices]}}": "no segment is in",
    "{type: rd_grant, rate: 0.2, years: 2021-2030, target: {min_age: 9, max_age: 3}}": "is above the largest",
    "{type: rd_grant, rate: 0.2, years: 2021-2030, where: employes < 9}": "did you mean 'employees'?",
    "{type: local_content_rule, years: 2021-2030}": "expected a bonus or a floor",
    "{type: investment_attraction, rate: 0.2, years: 2021-2030}": "expected a budget or a number of projects",
    "{type: digitisation, rate: 0.2, years: 2021-2030, buys: {componets: 0.1}}": "did you mean 'components'?",
    "{type: security_standard, share: 0.2, years: 2021-2030, buyers: [device]}": "did you mean 'devices'?",
}


def written(tmp_path, body):
    """A copy of the smallest scenario with levers below it."""
    path = tmp_path / "policy.yaml"
    path.write_text((ROOT / "scenarios" / "minimal.yaml").read_text(encoding="utf-8") + body, encoding="utf-8")
    return path


@pytest.mark.parametrize("stated", MISTAKES)
def test_a_bad_lever_is_refused_with_its_line_and_remedy(tmp_path, stated):
    path = written(tmp_path, f"levers:\n  it: {stated}\n")
    line = path.read_text(encoding="utf-8").count("\n")
    with pytest.raises(ScenarioError) as refused:
        load(path)
    assert MISTAKES[stated] in str(refused.value).replace("\n    ", " ")
    assert {problem.line for problem in refused.value.problems} == {line}
    assert all(problem.path.startswith("levers.it") for problem in refused.value.problems)


def test_overlapping_claims_are_refused_until_the_file_says_what_they_add_up_to(tmp_path):
    one, two = ("{type: rd_grant, rate: 0.2, years: 2021-2025%s}", "{type: rd_grant, rate: 0.1, years: 2025-2028%s}")
    with pytest.raises(ScenarioError, match="claims overlap: 'a' and 'b'"):
        load(written(tmp_path, f"levers:\n  a: {one % ''}\n  b: {two % ''}\n"))
    load(written(tmp_path, f"levers:\n  a: {one % ', stacking: add'}\n  b: {two % ', stacking: add'}\n"))
    apart = ", target: {segments: [%s]}"
    load(written(tmp_path, f"levers:\n  a: {one % (apart % 'materials')}\n  b: {two % (apart % 'devices')}\n"))


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ("{type: import_cut, segment: component, share: 0.3, years: 2023}", "did you mean 'components'?"),
        ("{type: anchor_exit, enterprise: faw, years: 2023}", "unknown enterprise 'faw'"),
        ("{type: import_cutt, segment: components, share: 0.3, years: 2023}", "did you mean 'import_cut'?"),
        ("{type: demand_shift, change: -0.1}", "expected years"),
    ],
)
def test_a_bad_shock_is_refused_with_its_line_and_remedy(tmp_path, stated, message):
    path = written(tmp_path, f"shocks:\n  it: {stated}\n")
    with pytest.raises(ScenarioError) as refused:
        load(path)
    assert message in str(refused.value).replace("\n    ", " ")
    assert "policy.yaml:" in str(refused.value)


def test_groups_hold_levers_that_there_are_once(tmp_path):
    lever = "levers:\n  a: {type: rd_grant, rate: 0.2, years: 2021-2025}\n"
    for groups, message in (
        ("{x: [b]}", "unknown lever 'b'"),
        ("{x: [a], y: [a]}", "in the group 'x' already"),
        ("{a: [a]}", "choose another"),
    ):
        with pytest.raises(ScenarioError, match=message):
            load(written(tmp_path, f"{lever}groups: {groups}\n"))


def test_a_resolved_policy_is_the_same_policy(tmp_path):
    from chainsim.scenario.write import write_resolved

    scenario = policies.under(
        shocks={"cut": {"type": "import_cut", "years": 2023, **policies.SHOCK_FIELDS["import_cut"]}}
    )
    assert load(write_resolved(scenario, tmp_path)).hash == scenario.hash
