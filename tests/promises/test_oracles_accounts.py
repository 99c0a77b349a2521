"""Books kept a second time, from the tables of a run alone: flows against stocks, enterprise by enterprise."""

from pathlib import Path

import numpy as np
import pytest
from oracles import sfc
from oracles.table import agree

from chainsim.economy import sectors
from chainsim.runs.results import Result
from chainsim.runs.simulation import base_year, simulate
from chainsim.scenario.load import load

SCENARIOS = Path(__file__).parents[2] / "scenarios"
ROWS_OF_COLUMNS = {
    "purchases_local": ["intermediates, local"],
    "purchases_national": ["intermediates, national"],
    "purchases_abroad": ["intermediates, abroad"],
    "other_inputs": ["other inputs"],
    "labour_cost": ["wages, ordinary staff", "wages, skilled staff", "employer contributions"],
    "rd_services": ["R&D services"],
    "interest": ["interest"],
    "profit_tax": ["profit tax"],
    "dividends": ["dividends, state owners", "dividends, private owners", "dividends, foreign owners"],
}
"""Rows of the ledger that should be the sum of a column over enterprises."""


@pytest.fixture(scope="module", params=["minimal", "jilin"])
def result(request):
    scenario = load(SCENARIOS / f"{request.param}.yaml").replace({"record.enterprises": True, "years.end": 2025})
    return Result(scenario, [simulate(scenario, seed=5)])


@pytest.fixture(scope="module")
def going(result):
    """Enterprises in business at the end of a year, with their stocks a year before.

    Debt and capital are those before a restructuring, which begins the count of years with losses anew.
    """
    stocks = ["cash", "debt", "capital", "capital_ordered"]
    table = result.enterprises
    before = table[["year", "identity", *stocks]].assign(year=table["year"] + 1)
    both = table[table["active"]].merge(before, on=["year", "identity"], suffixes=("", "_before"))
    restructured = (both["profit"] < 0.0) & (both["loss_years"] == 0)
    kept = np.where(restructured, 1.0 - result.scenario.stages.demography.cut, 1.0)
    return both.assign(debt=both["debt"] / kept, capital=both["capital"] / kept)


def test_receipts_equal_payments_in_every_column_and_year(result):
    book = result.ledger
    received = book.groupby(["year", "receiver"])["amount"].sum()
    paid = book.groupby(["year", "payer"])["amount"].sum()
    gap = received.sub(paid, fill_value=0.0).abs().max() / book["amount"].sum()
    agree(f"{result.scenario.name}: columns of the ledger", expected=0.0, got=gap, tolerance=1e-12)


def test_cash_changes_by_what_the_enterprise_earned_paid_and_borrowed(result, going):
    paid = [*ROWS_OF_COLUMNS, "production_tax", "investment"]
    change = going["sales"] - going[paid].sum(axis=1) + going["debt"] - going["debt_before"]
    gap = (going["cash"] - going["cash_before"] - change) / (going["sales"] + going["cash"].abs())
    own = gap[~going["owner_backed"]].abs().max()
    agree(f"{result.scenario.name}: cash of every enterprise", expected=0.0, got=own, tolerance=1e-9)
    assert (gap > -1e-9).all()  # an owner may pay in, nobody else takes out


def test_owner_equity_is_what_the_cash_of_the_enterprises_it_backs_cannot_explain(result, going):
    paid = [*ROWS_OF_COLUMNS, "production_tax", "investment"]
    change = going["sales"] - going[paid].sum(axis=1) + going["debt"] - going["debt_before"]
    unexplained = (going["cash"] - going["cash_before"] - change).groupby(going["year"]).sum()
    book = result.ledger
    equity = (
        book[book["row"].str.startswith("owner equity")]
        .groupby("year")["amount"]
        .sum()
        .reindex(unexplained.index, fill_value=0.0)
    )
    agree(
        f"{result.scenario.name}: owner equity",
        expected=equity,
        got=unexplained,
        tolerance=1e-9 * float(going["sales"].sum()),
    )


def test_capital_changes_by_investment_and_depreciation(result, going):
    stock = going["capital"] + going["capital_ordered"]
    expected = going["capital_before"] + going["capital_ordered_before"] + going["investment"] - going["depreciation"]
    gap = ((stock - expected) / expected).abs().max()
    agree(f"{result.scenario.name}: capital of every enterprise", expected=0.0, got=gap, tolerance=1e-12)


@pytest.mark.parametrize("column", ROWS_OF_COLUMNS)
def test_a_row_of_the_ledger_is_the_sum_over_enterprises(result, column):
    book = result.ledger[result.ledger["row"].isin(ROWS_OF_COLUMNS[column])]
    expected = result.enterprises.groupby("year")[column].sum()
    got = book.groupby("year")["amount"].sum().reindex(expected.index, fill_value=0.0)
    scale = max(float(expected.max()), 1.0)
    agree(f"{result.scenario.name}: {column}", expected=expected / scale, got=got / scale, tolerance=1e-12)


def test_value_added_by_production_income_and_expenditure_agrees(result):
    book = result.ledger.pivot_table(index="year", columns="row", values="amount", aggfunc="sum").fillna(0.0)
    book = book.reindex(columns=book.columns.union(["production subsidy", "profit tax"]), fill_value=0.0)
    final = book[[row for row in book.columns if row.startswith("final sales")]].sum(axis=1)
    bought = book[["intermediates, national", "intermediates, abroad", "other inputs"]].sum(axis=1)
    table = result.enterprises
    yearly = table.groupby("year")[["profit", "depreciation"]].sum().sum(axis=1)
    labour = book[["wages, ordinary staff", "wages, skilled staff", "employer contributions"]].sum(axis=1)
    taxes = book["production tax"] - book["production subsidy"]
    income = labour + taxes + book["interest"] + book["R&D services"] + yearly
    region = result.region[result.region["scope"] == "all"].set_index("year")["value_added"]
    name = result.scenario.name
    agree(f"{name}: value added, expenditure", expected=final - bought, got=region, tolerance=1e-9, relative=True)
    agree(f"{name}: value added, income", expected=income, got=region, tolerance=1e-9, relative=True)


def test_local_services_are_the_sum_of_all_rounds_of_spending():
    economy = base_year(load(SCENARIOS / "minimal.yaml"), seed=1)
    rules, book = economy.arrays.households, economy.ledger
    factor = float(np.average(economy.arrays.labour_cost_factor))
    wages, dividends = float(economy.flows.wages.sum()), book.amount("dividends, private owners")
    expected = sfc.local_services(
        wages,
        dividends,
        spent=rules.consumption * rules.local_services,
        net=1 - rules.income_tax,
        pay_share=rules.services_labour / factor,
    )
    agree("local services, all rounds", expected=expected, got=book.amount("local services"), tolerance=1e-9)


def test_jobs_in_local_services_multiply_as_their_spending_does():
    economy = base_year(load(SCENARIOS / "minimal.yaml"), seed=1)
    rules = economy.arrays.households
    factor = float(np.average(economy.arrays.labour_cost_factor))
    pay = rules.services_pay / 1000.0 * factor
    jobs = {}
    for wages in (100.0, 101.0):
        services = sfc.local_services(
            wages,
            0.0,
            spent=rules.consumption * rules.local_services,
            net=1 - rules.income_tax,
            pay_share=rules.services_labour / factor,
        )
        jobs[wages] = rules.services_labour * services / pay
    agree("jobs per wage", expected=jobs[101.0] - jobs[100.0], got=sectors.services_jobs(economy), tolerance=1e-9)


def test_the_flagship_imposes_the_job_multiplier_of_the_evidence():
    economy = base_year(load(SCENARIOS / "jilin.yaml"), seed=1)
    agree("job multiplier, jilin", expected=0.34, got=sectors.job_multiplier(economy), tolerance=0.01)
