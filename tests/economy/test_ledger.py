"""The ledger keeps the books of models that others published, and says which column does not close."""

import numpy as np
import pytest
from oracles import sfc
from oracles.table import agree

from chainsim.economy.ledger import (
    BANK,
    DEPOSITS,
    DIVIDENDS,
    ENTERPRISES,
    ENTRY_EQUITY,
    FINAL_SALES,
    HOUSEHOLDS,
    LIQUIDATION,
    NATIONAL,
    OWNER_EQUITY,
    Ledger,
    LedgerError,
    Row,
)
from chainsim.validation import audit_accounts, audit_enterprises, audit_items


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


def books(cash=(10.0, 20.0, 30.0)):
    """A ledger of three enterprises in a new year."""
    ledger = Ledger()
    ledger.accounts = np.array(cash)
    ledger.open(2021)
    return ledger


def test_money_by_enterprise_moves_their_cash_and_a_sum_does_not():
    ledger = books()
    ledger.book(Row.OTHER_INPUTS, np.array([1.0, 2.0, 3.0]))
    ledger.book(Row.SALES_LOCAL, np.array([5.0, 0.0, 0.5]))
    ledger.book(Row.BANK_PROFIT, 7.0)
    assert ledger.accounts.tolist() == [14.0, 18.0, 27.5]
    assert [(each.amount, each.payer, each.receiver) for each in ledger.rows()] == [
        (6.0, "enterprises", "national"),
        (5.5, "rest_of_region", "enterprises"),
        (7.0, "bank", "households"),
    ]


def test_payments_within_the_enterprises_are_a_row_of_their_sum():
    ledger = books()
    ledger.post_between("parts", np.array([3.0, 0.0, 1.0]), np.array([0.0, 4.0, 0.0]))
    assert ledger.accounts.tolist() == [7.0, 24.0, 29.0]
    assert (ledger.amount("parts"), ledger.balance("enterprises"), ledger.check()) == (4.0, 0.0, 0.0)
    with pytest.raises(LedgerError, match=r"year 2021, row 'parts': 1\.0 paid but 1\.1 received"):
        ledger.post_between("parts", np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.1, 0.0]))
    ledger.post_between("parts", np.array([1e-12, 0.0, 0.0]), np.array([0.0, 2e-12, 0.0]))
    with pytest.raises(LedgerError):
        ledger.post_between("parts", np.array([1e6, 0.0, 0.0]), np.array([0.0, 1e6 + 0.01, 0.0]))


def test_a_row_adds_up_by_who_pays_whom_and_is_told_the_way_the_money_went():
    ledger = books()
    for payer, amount in (("government", 1.0), ("government", -3.0), ("national", 5.0)):
        ledger.post("support", payer, "households", amount)
    assert [(each.payer, each.receiver, each.amount) for each in ledger.rows()] == [
        ("households", "government", 2.0),
        ("national", "households", 5.0),
    ]
    assert (ledger.amount("support"), ledger.turnover()) == (3.0, 7.0)
    assert [ledger.balance(column) for column in ("households", "government", "national")] == [3.0, 2.0, -5.0]
    ledger.close_column("rest", "households", "bank")
    assert (ledger.balance("households"), ledger.balance("bank")) == (0.0, 3.0)


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), -float("inf")])
def test_money_that_is_no_number_is_refused(amount):
    with pytest.raises(LedgerError, match="year 2021, row 'support': amount"):
        books().post("support", "government", "households", amount)


@pytest.mark.parametrize(("payer", "receiver"), [("nobody", "bank"), ("bank", "nobody")])
def test_an_unknown_column_is_refused(payer, receiver):
    with pytest.raises(LedgerError, match=r"unknown column \['nobody'\]"):
        books().post("support", payer, receiver, 1.0)


def closed(ledger):
    """Two columns and the cash of the enterprises, closed."""
    ledger.book(Row.SALES_NATIONAL, np.array([6.0, 0.0, 0.0]))
    ledger.post(DEPOSITS, ENTERPRISES, BANK, ledger.balance(ENTERPRISES))
    ledger.post(DEPOSITS, BANK, NATIONAL, 6.0)
    return ledger


def test_books_close_with_deposits_and_what_the_bank_writes_off():
    ledger = closed(books((-4.0, 20.0, 30.0)))
    assert ledger.check() == 0.0
    ledger.write_off(np.array([0.0, 0.0, 2.5]))
    assert (ledger.accounts.tolist(), ledger.written_off, ledger.check()) == ([2.0, 20.0, 32.5], 2.5, 0.0)
    ledger.open(2022)
    assert (ledger.year, ledger.entries, ledger.opening, ledger.written_off) == (2022, {}, 54.5, 0.0)
    assert ledger.residual()[1] == 0.0
    assert ledger.check() == 0.0


def test_books_that_close_to_the_last_bit_close_at_no_tolerance():
    assert Ledger().check(0.0) == 0.0
    assert closed(books()).check(0.0) == 0.0


def test_deposits_of_others_are_no_cash_of_enterprises():
    ledger = closed(books())
    ledger.post("wages", BANK, HOUSEHOLDS, 2.5)
    ledger.post(DEPOSITS, HOUSEHOLDS, BANK, 2.5)
    assert ledger.check() == 0.0
    ledger.accounts[0] += 2.5
    assert ledger.residual() == ("cash of enterprises", 2.5)


@pytest.mark.parametrize(("paid", "more", "fits"), [(0.0, 1.5e-9, False), (0.0, 0.5e-9, True), (1e6, 1e-4, True)])
def test_what_is_received_among_enterprises_may_differ_by_rounding_of_what_is_paid(paid, more, fits):
    """A billionth of the sum, and of a million where less is paid."""
    ledger = books()
    between = "parts", np.array([paid, 0.0, 0.0]), np.array([0.0, paid + more, 0.0])
    if fits:
        ledger.post_between(*between)
        assert ledger.amount("parts") == paid
    else:
        with pytest.raises(LedgerError):
            ledger.post_between(*between)


def test_a_row_of_nothing_keeps_who_would_pay():
    ledger = books()
    ledger.post("support", "government", "households", 0.0)
    ledger.post("rent", "households", "bank", 0.25)
    assert [(each.payer, each.receiver) for each in ledger.rows()] == [
        ("government", "households"),
        ("households", "bank"),
    ]


def test_a_gap_is_told_by_its_column_its_sign_and_its_part_of_turnover():
    ledger = closed(books())
    ledger.post("interest", BANK, HOUSEHOLDS, 2.0)
    ledger.post("rent", HOUSEHOLDS, BANK, 5.0)
    assert ledger.residual() == (HOUSEHOLDS, -3.0)
    with pytest.raises(LedgerError, match=r"year 2021, column 'households': receipts exceed payments by -3\.0"):
        ledger.check(0.1)
    assert ledger.check(0.2) == 3.0 / 25.0
    ledger.accounts[1] += 4.0
    assert ledger.residual() == ("cash of enterprises", 4.0)
    ledger.accounts[1] = np.nan
    assert ledger.residual()[0] == "cash of enterprises"
    with pytest.raises(LedgerError, match="nan"):
        ledger.check(1.0)


def test_a_gap_of_a_billionth_of_the_turnover_is_rounding_and_more_is_not():
    for gap, closes in ((0.9e-9, True), (1.1e-9, False)):
        ledger = Ledger(columns=("a", "b"))
        ledger.post("there", "a", "b", 0.5)
        ledger.post("back", "b", "a", 0.5 + gap)
        if closes:
            assert ledger.check() == pytest.approx(gap)
        else:
            with pytest.raises(LedgerError):
                ledger.check()


def test_the_auditor_knows_who_pays_whom_as_the_ledger_does():
    told = {row: (payer, ENTERPRISES) for row, payer in audit_accounts.FINAL.items()}
    told |= {row: (payer, receiver) for row, payer, receiver, _ in audit_enterprises.ROWS}
    told |= {f"dividends, {kind} owners": (ENTERPRISES, to) for kind, (_, to) in audit_items.OWNERS.items()}
    assert {name: (Row(name).payer, Row(name).receiver) for name in told} == told
    for kind, (_, sector) in audit_items.OWNERS.items():
        assert (DIVIDENDS[kind].receiver, LIQUIDATION[kind].receiver) == (sector, sector)
        assert (OWNER_EQUITY[kind].payer, ENTRY_EQUITY[kind].payer) == (sector, sector)
    assert [row.value for row in FINAL_SALES] == list(audit_accounts.FINAL)
