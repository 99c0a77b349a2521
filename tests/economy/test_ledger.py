"""The ledger keeps the books of models that others published."""

from oracles import sfc
from oracles.table import agree

from chainsim.economy.ledger import Ledger


def year_of_sim(ledger, wealth, year):
    """Book a year of model SIM: spending makes income and income spending, round by round. Returns income, wealth."""
    ledger.open(year)
    ledger.post("spending", "government", "producers", sfc.GOVERNMENT_SPENDING)
    ledger.post("consumption", "households", "producers", sfc.PROPENSITY_WEALTH * wealth)
    while (income := ledger.balance("producers")) > 1e-13:
        ledger.post("wages", "producers", "households", income)
        ledger.post("taxes", "households", "government", sfc.TAX_RATE * income)
        consumed = sfc.PROPENSITY_INCOME * (1 - sfc.TAX_RATE) * income
        ledger.post("consumption", "households", "producers", consumed)
    saved = ledger.balance("households")
    ledger.close_column("money", "households", "government")
    ledger.check()
    wages = sum(entry.amount for entry in ledger.rows() if entry.row == "wages")
    return wages, wealth + saved


def test_the_ledger_keeps_the_books_of_godley_and_lavoies_model_sim():
    ledger = Ledger(columns=("households", "government", "producers"))
    wealth, incomes, stocks = 0.0, [], []
    for year in range(1, 101):
        income, wealth = year_of_sim(ledger, wealth, year)
        incomes.append(income)
        stocks.append(wealth)
    expected, money = sfc.income_path(100)
    agree("Godley-Lavoie SIM, income, printed", expected=sfc.PUBLISHED, got=incomes[:2], tolerance=5e-5)
    agree("Godley-Lavoie SIM, income", expected=expected, got=incomes, tolerance=1e-9)
    agree("Godley-Lavoie SIM, money", expected=money, got=stocks, tolerance=1e-9)
    agree("Godley-Lavoie SIM, stationary", expected=sfc.stationary_income(), got=incomes[-1], tolerance=1e-3)
