"""What holds for every lever: schedules, stacking, co-financing, claw-back, and what is refused at load."""

import economies
import numpy as np
import policies
import pytest
from economies import ROOT

from chainsim.runs.simulation import Simulation
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.load import load

START = economies.START


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


def test_the_year_of_a_lever_reads_as_its_name():
    scenario = economies.crowd(levers={"it": policies.lever("rd_grant", "2021", rate=1.0)})
    simulation = Simulation(scenario, 1)
    simulation.step()
    assert f"support, {simulation.economy.programme.lever_years['it']}" == "support, it"


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
    return [np.unique((simulation.economy.programme.lever_years[name].paid / own).round(9)).tolist() for name in levers]


def test_offers_add_where_they_are_said_to():
    assert two_grants("add", "add") == [[0.3], [0.5]]


def test_the_highest_offer_counts_where_it_is_said_to():
    assert two_grants("highest", "highest") == [[0.0], [0.5]]


def test_where_the_highest_has_too_little_money_the_next_adds_up_to_its_own_level():
    levers = {
        name: policies.lever("rd_grant", "2021-2025", rate=rate, budget=budget, stacking="highest")
        for name, rate, budget in (("weak", 0.3, None), ("strong", 0.5, 1.0))
    }
    simulation = Simulation(economies.crowd(levers=levers), 1)
    simulation.step()
    weak, strong = (simulation.economy.programme.lever_years[name] for name in levers)
    assert strong.outlay == pytest.approx(1.0)
    assert np.unique((weak.offer + strong.offer).round(9)).tolist() == pytest.approx([0.3])
    assert 0.0 < strong.offer.max() < 0.3


def test_offers_of_one_type_never_exceed_the_whole():
    levers = {
        name: policies.lever("rd_grant", "2021-2025", rate=0.8, budget=None, stacking="add") for name in ("one", "two")
    }
    simulation = Simulation(economies.crowd(levers=levers), 1)
    simulation.economy.begin_year(2021)
    simulation.economy.programme.open(simulation.economy)
    total = sum(book.offer for book in simulation.economy.programme.lever_years.values())
    assert np.allclose(total[simulation.economy.active], 1.0)


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
    """A research grant for three enterprises, one of which closes at the end of its second year; last simulation.

    Demand has no luck, so that it has not just spent its cash on capacity for a good year.
    """
    lever = policies.lever("rd_grant", "2021-2021", rate=0.5, budget=None, **more)
    still = {"demand": {"volatility": 0.0}}
    shocks = {"end": {"type": "anchor_exit", "enterprise": "a", "years": 2022}}
    simulation = Simulation(economies.three_makers(levers={"it": lever}, shocks=shocks, stages=still), 1)
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


def test_what_is_paid_back_goes_to_those_who_paid_it():
    alone, paid = closing_down(clawback=1.0, clawback_years=3)
    shared, same = closing_down(clawback=1.0, clawback_years=3, cofinancing=0.75)
    assert same == paid
    rows = {entry.row: entry for entry in shared.economy.ledger.rows()}
    assert rows["claw-back, it"].amount == pytest.approx(0.25 * paid)
    assert rows["claw-back, it, co-financed"].amount == pytest.approx(0.75 * paid)
    assert rows["claw-back, it, co-financed"].receiver == "national"
    assert shared.economy.programme.lever_years["it"].recovered == pytest.approx(0.25 * paid)
    assert shared.economy.cash == pytest.approx(alone.economy.cash)


def test_without_a_claw_back_or_after_its_years_nothing_is_paid_back():
    for more in ({}, {"clawback": 0.6, "clawback_years": 1}):
        simulation, _ = closing_down(**more)
        assert "claw-back, it" not in {entry.row for entry in simulation.economy.ledger.rows()}


def test_the_bank_gets_what_was_guaranteed_of_a_lost_loan():
    lever = policies.lever("loan_guarantee", "2021-2029", share=0.5, budget=100)
    economy = Simulation(economies.three_makers(levers={"it": lever}), 1).economy
    economy.begin_year(2021)
    economy.programme.open(economy)
    closing = np.arange(economy.n) == 0
    economy.flows.drawn = np.where(closing, 8.0, 0.0)
    economy.programme.pay_levers(economy, "credit")
    provision = economy.programme.lever_years["it"].outlay
    economy.debt[0], economy.guaranteed[0] = 10.0, 4.0
    economy.programme.cover(economy, closing, np.where(closing, 3.0, 0.0))
    assert economy.ledger.amount("guarantee losses, it") == 3.0
    assert economy.programme.lever_years["it"].outlay == provision + 3.0
    assert economy.guaranteed[0] == 1.0  # another guarantee would pay no more than this


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
