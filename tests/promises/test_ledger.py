"""The books close whatever the economy and whatever rules its users write; what does not close is named."""

import re

import economies
import numpy as np
import policies
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from own_rules import losing

from chainsim import stages
from chainsim.economy.columns import COLUMNS
from chainsim.economy.ledger import DEPOSITS, Ledger, LedgerError, Row
from chainsim.runs.simulation import Simulation, base_year
from chainsim.stages.year import RunError, advance

CLOSED = 1e-12
"""Largest gap over turnover that rounding leaves."""

NEVER_NEGATIVE = (
    *("output", "orders", "feasible", "fill", "price", "productivity", "expected_orders", "market_share"),
    *("ordinary", "skilled", "research", "capital", "capital_ordered", "debt", "knowledge", "sales_stock"),
    *("final_sales", "intermediate_sales", "purchases_local", "purchases_national", "purchases_abroad", "investment"),
    *("depreciation", "interest", "dividends", "profit_tax", "rd", "rd_services", "labour_cost"),
)


REMEDIES = ("opens_grant", "opens_quality")
"""What would open a missing link: missing where it alone cannot."""


def years_of(scenario):
    """The simulation of a scenario, year by year."""
    simulation = Simulation(scenario, scenario.seed)
    yield simulation
    while simulation.running:
        simulation.step()
        yield simulation


def is_finite(values):
    return values.dtype.kind not in "fc" or bool(np.isfinite(values).all())


def holds_what_every_economy_must(scenario):
    for simulation in years_of(scenario):
        economy = simulation.economy
        assert economy.ledger.check() <= CLOSED
        columns = {column.name: getattr(economy, column.name) for column in COLUMNS}
        assert [name for name, values in columns.items() if not is_finite(values)] == []
        assert [name for name in NEVER_NEGATIVE if columns[name].size and columns[name].min() < 0.0] == []
    recorded = simulation.recording().tables
    told = [(name, values) for table in recorded.values() for name, values in table.items() if name not in REMEDIES]
    assert [name for name, values in told if not is_finite(values)] == []


def buildable(number, luck):
    """A random chain whose enterprises can serve its localization."""
    scenario = economies.random_chain(number, luck)
    try:
        base_year(scenario, scenario.seed)
    except ValueError:
        reject()
    return scenario


@settings(max_examples=20)
@given(st.integers(1, 5), st.integers(0, 2**32))
def test_random_chains_keep_closed_books_finite_numbers_and_no_negative_stock(number, luck):
    holds_what_every_economy_must(buildable(number, luck))


@pytest.mark.slow
@settings(max_examples=200)
@given(st.integers(1, 7), st.integers(2**32, 2**33))
def test_many_more_random_chains_do_so_too(number, luck):
    holds_what_every_economy_must(buildable(number, luck))


@settings(max_examples=30)
@given(st.integers(1, 4), st.integers(0, 2**32))
def test_a_base_year_that_cannot_be_is_refused_with_the_segment_to_change(number, luck):
    scenario = economies.random_chain(number, luck, used=0.9)
    refusal = ""
    try:
        economy = base_year(scenario, scenario.seed)
    except ValueError as error:
        refusal = str(error)
    if refusal:
        assert re.search(r"'s\d'.* (lower|state)", refusal)
    else:
        assert economy.by_segment(economy.final_sales.sum(axis=1)).min() >= 0.0
        assert economy.rival_share.min() > 0.0


def wild(economy, purpose, low, high):
    """Random numbers between `low` and `high`, (n,), others for every purpose and year."""
    luck = np.random.default_rng([economy.year, *purpose.encode()])
    return luck.uniform(low, high, economy.n)


class WildPricing(stages.Pricing):
    def markup(self, economy):
        return wild(economy, "markup", -0.9, 5.0)

    def price(self, economy):
        return np.exp(wild(economy, "price", -2.0, 2.0))


class WildDemand(stages.Demand):
    def shock(self, economy):
        return wild(economy, "shock", -2.0, 2.0)

    def appeal(self, economy):
        return wild(economy, "appeal", -2.0, 2.0)


class WildLabour(stages.Labour):
    def production_staff(self, economy):
        return wild(economy, "ordinary", -10.0, 1e4), wild(economy, "skilled", -10.0, 1e4)

    def research_staff(self, economy):
        return wild(economy, "research", -10.0, 1e3)


class WildProduction(stages.Production):
    def feasible_output(self, economy, labour):
        return wild(economy, "feasible", -1.0, 100.0)

    def next_orders(self, economy):
        return wild(economy, "orders", 0.0, 1e3)


class WildInnovation(stages.Innovation):
    def rd_budget(self, economy):
        return wild(economy, "rd", -10.0, 1e3)

    def productivity(self, economy):
        return np.exp(wild(economy, "productivity", -2.0, 2.0))


class WildInvestment(stages.Investment):
    def desired_capital(self, economy):
        return wild(economy, "capital", -1e3, 1e5)


class WildFinance(stages.Finance):
    def dividends(self, economy):
        return wild(economy, "dividends", -100.0, 100.0)

    def profit_tax(self, economy):
        return wild(economy, "tax", -100.0, 100.0)

    def interest_due(self, economy):
        return wild(economy, "interest", -10.0, 10.0)


class WildDemography(stages.Demography):
    def hazard(self, economy):
        return wild(economy, "hazard", 0.0, 0.6)

    def entry_mean(self, economy):
        return np.random.default_rng(economy.year).uniform(0.0, 8.0, economy.arrays.size)


class WildSourcing(stages.Sourcing):
    def attraction(self, economy):
        return np.exp(wild(economy, "attraction", -5.0, 5.0))

    def spare_capacity(self, economy):
        return wild(economy, "spare", -100.0, 100.0)


WILD = (
    WildPricing,
    WildDemand,
    WildLabour,
    WildProduction,
    WildInnovation,
    WildInvestment,
    WildFinance,
    WildDemography,
    WildSourcing,
)


@pytest.mark.parametrize("kinds", [*((kind,) for kind in WILD), WILD], ids=[kind.__name__ for kind in WILD] + ["all"])
def test_no_rule_of_a_user_unbalances_the_books(kinds):
    scenario = economies.crowd(end=2028).replace(stages=[kind() for kind in kinds])
    for simulation in years_of(scenario):
        assert simulation.economy.ledger.check() <= CLOSED
        assert np.isfinite(simulation.economy.cash).all()


class Generous(stages.Investment):
    """Gives the first enterprise money that nobody pays."""

    gift: float = 5.0

    def step(self, economy):
        super().step(economy)
        economy.cash[0] += self.gift


@pytest.mark.parametrize("gift", [5.0, -3.0, 1e-3])
def test_cash_changed_outside_the_ledger_stops_the_run_and_is_named(gift):
    economy = base_year(economies.three_makers().replace(stages=[Generous(gift=gift)]), 1)
    with pytest.raises(RunError, match=r"seed 1, year 2021.*'cash of enterprises'") as stopped:
        advance(economy)
    assert isinstance(stopped.value.__cause__, LedgerError)
    assert float(re.search(r"by (\S+) million", str(stopped.value))[1]) == pytest.approx(gift, rel=1e-6)


class Forgetful(stages.Finance):
    """Forgets loans or loses capital without a word to the books."""

    stock: str = "debt"

    def pay_out(self, economy):
        super().pay_out(economy)
        getattr(economy, self.stock)[1] -= 2.0


@pytest.mark.parametrize("stock", ["debt", "capital"])
def test_a_stock_that_changes_without_a_flow_stops_the_run_and_is_named(stock):
    economy = base_year(economies.three_makers().replace(stages=[Forgetful(stock=stock)]), 1)
    with pytest.raises(RunError, match=rf"year 2021, stock '{stock}'.* million") as stopped:
        advance(economy)
    assert isinstance(stopped.value.__cause__, LedgerError)


def test_a_stock_is_held_against_the_flows_that_changed_it_and_not_against_what_they_left():
    """Both large enterprises close: of 4e8 of debt .2 is left, and rounding of the former is a 1e-7 of the latter."""
    small = economies.segment(1.0, number=20, value_added_share=0.777, labour_share=0.381, capital_per_output=2.85,
                              min_efficient_scale=0.5)  # fmt: skip
    large = economies.segment(1e9, {"small": (2.79e-10, 0.39)}, value_added_share=0.2212, labour_share=0.2021,
                              rd_share=0.0, production_tax_share=0.0, capital_per_output=0.766)  # fmt: skip
    calm = {"demand": {"volatility": 0.0}}
    economy = base_year(economies.chain({"small": small, "large": large}, growth=0.0, end=2021, stages=calm), 11)
    advance(economy)
    assert economy.debt.sum() < 1e-8 * economy.flows.opening_debt


def test_a_book_with_cash_that_is_no_number_does_not_close():
    ledger = Ledger()
    ledger.accounts = np.ones(3)
    ledger.open(2021)
    ledger.accounts[1] = np.nan
    with pytest.raises(LedgerError, match=r"year 2021, column 'cash of enterprises'.*nan"):
        ledger.check()


class Nothing(stages.Finance):
    """Pays dividends of no number."""

    def dividends(self, economy):
        return np.where(economy.output > 50.0, np.nan, 0.0)


def test_an_amount_that_is_no_number_is_named_with_year_and_row():
    economy = base_year(economies.three_makers().replace(stages=[Nothing()]), 1)
    with pytest.raises(RunError, match=r"year 2021, stage finance: year 2021, row 'dividends.*': amount nan"):
        advance(economy)


def test_a_payment_that_nobody_receives_is_named_with_both_amounts():
    ledger = Ledger()
    ledger.accounts = np.zeros(2)
    ledger.open(2021)
    with pytest.raises(LedgerError, match=r"year 2021, row 'gifts': 3.0 paid but 4.0 received"):
        ledger.post_between("gifts", np.array([1.0, 2.0]), np.array([4.0, 0.0]))


def test_a_column_that_nobody_closed_is_named_with_its_gap():
    ledger = Ledger()
    ledger.open(2021)
    ledger.post("gifts", "government", "households", 7.0)
    with pytest.raises(LedgerError, match=r"year 2021, column '(government|households)': .* by -?7.0"):
        ledger.check()


def test_money_cannot_go_where_there_is_no_account():
    with pytest.raises(LedgerError, match=r"'gifts': unknown column .*moon"):
        Ledger().post("gifts", "government", "moon", 7.0)


def test_a_negative_movement_is_shown_the_other_way_round():
    ledger = Ledger()
    ledger.post("gifts", "government", "households", -7.0)
    (entry,) = ledger.rows()
    assert (entry.payer, entry.receiver, entry.amount) == ("households", "government", 7.0)


def test_a_movement_of_nothing_keeps_its_payer():
    ledger = Ledger()
    ledger.post("gifts", "government", "households", 0.0)
    (entry,) = ledger.rows()
    assert (entry.payer, entry.receiver) == ("government", "households")
    assert (ledger.check(), ledger.year) == (0.0, 0)


def test_a_row_adds_up_over_payers_and_movements():
    ledger = Ledger()
    for payer, amount in (("government", 7.0), ("bank", 2.0), ("government", -3.0)):
        ledger.post("gifts", payer, "households", amount)
    ledger.post("others", "government", "households", 100.0)
    assert ledger.amount("gifts") == 6.0
    assert (ledger.balance("government"), ledger.balance("households")) == (-104.0, 106.0)
    assert ledger.turnover() == 4.0 + 2.0 + 100.0


def test_a_new_year_begins_with_empty_rows_and_the_cash_that_there_is():
    ledger = Ledger()
    ledger.accounts = np.array([3.0, 4.0])
    ledger.open(2021)
    ledger.post("gifts", "government", "enterprises", np.array([1.0, 0.0]))
    ledger.write_off(np.array([0.0, 5.0]))
    ledger.open(2022)
    assert (ledger.year, ledger.rows(), ledger.opening, ledger.written_off) == (2022, [], 13.0, 0.0)
    assert ledger.check() == 0.0


STOCKS = ("cash", "debt", "capital", "capital_ordered")


def stocks(economy):
    """Stocks by identity."""
    return {int(i): {name: getattr(economy, name)[row] for name in STOCKS} for row, i in enumerate(economy.identity)}


@pytest.fixture
def posted(monkeypatch):
    """What the ledger was told of every enterprise, by row of the book."""
    told = {}
    post, post_between, write_off = Ledger.post, Ledger.post_between, Ledger.write_off

    def record(row, values):
        told[row] = told.get(row, np.zeros(0))
        longer = np.zeros(max(values.size, told[row].size))
        longer[: told[row].size] += told[row]
        longer[: values.size] += values
        told[row] = longer

    def recorded_post(ledger, row, payer, receiver, amount):
        if isinstance(amount, np.ndarray):
            record(row, ((receiver == "enterprises") - 1.0 * (payer == "enterprises")) * amount)
        post(ledger, row, payer, receiver, amount)

    def recorded_between(ledger, row, paid, received):
        record(row, received - paid)
        post_between(ledger, row, paid, received)

    def recorded_write_off(ledger, overdraft):
        record("write-off", overdraft)
        write_off(ledger, overdraft)

    monkeypatch.setattr(Ledger, "post", recorded_post)
    monkeypatch.setattr(Ledger, "post_between", recorded_between)
    monkeypatch.setattr(Ledger, "write_off", recorded_write_off)
    return told


@pytest.mark.parametrize("make", [economies.crowd, economies.cyclic, economies.with_missing_link, losing])
def test_cash_debt_and_capital_of_every_enterprise_move_by_flows_and_revaluations(make, posted):
    scenario = make(end=2030)
    economy = base_year(scenario, 1)
    nothing = dict.fromkeys(STOCKS, 0.0)
    entered = left = 0
    while economy.year < 2030:
        before = stocks(economy)
        posted.clear()
        advance(economy)
        flows = {row: np.append(values, np.zeros(economy.n - values.size)) for row, values in posted.items()}
        restructured = economy.active & (economy.profit < 0.0) & (economy.loss_years == 0)
        for row, identity in enumerate(economy.identity):
            old, now = before.get(int(identity), nothing), {name: getattr(economy, name)[row] for name in STOCKS}
            moved = {name: values[row] for name, values in flows.items()}
            scale = economy.sales[row] + abs(old["cash"]) + abs(now["cash"]) + old["capital"] + now["capital"]
            assert now["cash"] - old["cash"] == pytest.approx(sum(moved.values()), abs=1e-12 * scale)
            borrowed = moved.get("loans", 0.0) + moved.get("loan repayments", 0.0)
            kept = 1.0 - economy.stages.demography.cut * restructured[row]
            due = kept * (old["debt"] + borrowed)
            assert now["debt"] == pytest.approx(due, abs=1e-12 * scale) or not economy.active[row]
            spent = -moved["investment goods"]
            worn = economy.depreciation[row] if economy.operated[row] else 0.0
            built = old["capital"] + old["capital_ordered"] + spent - worn - now["capital_ordered"]
            assert now["capital"] == pytest.approx(kept * built, abs=1e-12 * scale) or not economy.active[row]
            entered += int(identity) not in before
            left += bool(economy.operated[row] and not economy.active[row])
            if not economy.active[row]:
                assert now == nothing
    assert entered > 3
    assert left > 3


def declared(economy):
    """Names of the rows that the model declares, and of those that the levers of a run may post."""
    levers = economy.programme.levers
    rows = {row.value: (row.payer, row.receiver) for row in Row}
    own = {
        f"{lever.row}, {name}{more}" for name, lever in levers.items() for more in ("", ", co-financed", ", outside")
    }
    own |= {f"{what}, {name}" for name in levers for what in ("claw-back", "guarantee losses")}
    own |= {f"claw-back, {name}, co-financed" for name in levers}
    return rows, own | set(economy.policy.costs) | {DEPOSITS}


def test_nobody_posts_a_row_that_is_not_declared():
    for simulation in years_of(policies.under(end=2023)):
        rows, own = declared(simulation.economy)
        for row, payer, receiver in simulation.economy.ledger.entries:
            assert row in own or rows[row] == (payer, receiver), (row, payer, receiver)
