"""Every movement of money: who pays whom for what; the books of a year close or the run stops.

Amounts are CNY million. A movement from or to the enterprises may be a vector over enterprises and then changes their
cash. A negative movement is recorded the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

import numpy as np

from chainsim.economy.types import Array, Index

ENTERPRISES, HOUSEHOLDS, REST, GOVERNMENT, BANK, NATIONAL, ABROAD = (
    "enterprises",
    "households",
    "rest_of_region",
    "government",
    "bank",
    "national",
    "abroad",
)
COLUMNS = (ENTERPRISES, HOUSEHOLDS, REST, GOVERNMENT, BANK, NATIONAL, ABROAD)

ROUNDING = 1e-9
"""An amount so small that it is none, CNY million: a thousandth of the currency's unit."""
ROUNDED_OFF = 1e-12
"""Part of a budget that sums of requests may miss by rounding."""


class Row(StrEnum):
    """Rows of the ledger that the model itself posts: name, payer, receiver. Levers add rows of their own."""

    payer: str
    receiver: str

    def __new__(cls, name: str, payer: str, receiver: str) -> Row:
        """A row that knows who pays whom."""
        row = str.__new__(cls, name)
        row._value_, row.payer, row.receiver = name, payer, receiver
        return row

    # fmt: off
    SALES_LOCAL = "final sales, local", REST, ENTERPRISES
    SALES_GOVERNMENT = "final sales, government", GOVERNMENT, ENTERPRISES
    SALES_NATIONAL = "final sales, national", NATIONAL, ENTERPRISES
    SALES_ABROAD = "final sales, abroad", ABROAD, ENTERPRISES
    INTERMEDIATES_LOCAL = "intermediates, local", ENTERPRISES, ENTERPRISES
    INTERMEDIATES_NATIONAL = "intermediates, national", ENTERPRISES, NATIONAL
    INTERMEDIATES_ABROAD = "intermediates, abroad", ENTERPRISES, ABROAD
    OTHER_INPUTS = "other inputs", ENTERPRISES, NATIONAL
    RD_SERVICES = "R&D services", ENTERPRISES, NATIONAL
    INVESTMENT_GOODS = "investment goods", ENTERPRISES, NATIONAL
    WAGES_ORDINARY = "wages, ordinary staff", ENTERPRISES, HOUSEHOLDS
    WAGES_SKILLED = "wages, skilled staff", ENTERPRISES, HOUSEHOLDS
    CONTRIBUTIONS = "employer contributions", ENTERPRISES, GOVERNMENT
    PRODUCTION_TAX = "production tax", ENTERPRISES, GOVERNMENT
    PRODUCTION_SUBSIDY = "production subsidy", GOVERNMENT, ENTERPRISES
    PROFIT_TAX = "profit tax", ENTERPRISES, GOVERNMENT
    INTEREST = "interest", ENTERPRISES, BANK
    LOANS = "loans", BANK, ENTERPRISES
    LOAN_REPAYMENTS = "loan repayments", ENTERPRISES, BANK
    DIVIDENDS_STATE = "dividends, state owners", ENTERPRISES, GOVERNMENT
    DIVIDENDS_PRIVATE = "dividends, private owners", ENTERPRISES, HOUSEHOLDS
    DIVIDENDS_FOREIGN = "dividends, foreign owners", ENTERPRISES, ABROAD
    LIQUIDATION_STATE = "liquidation, state owners", ENTERPRISES, GOVERNMENT
    LIQUIDATION_PRIVATE = "liquidation, private owners", ENTERPRISES, HOUSEHOLDS
    LIQUIDATION_FOREIGN = "liquidation, foreign owners", ENTERPRISES, ABROAD
    EQUITY_STATE = "owner equity, state owners", GOVERNMENT, ENTERPRISES
    EQUITY_PRIVATE = "owner equity, private owners", HOUSEHOLDS, ENTERPRISES
    EQUITY_FOREIGN = "owner equity, foreign owners", ABROAD, ENTERPRISES
    ENTRY_STATE = "entry equity, state owners", GOVERNMENT, ENTERPRISES
    ENTRY_PRIVATE = "entry equity, private owners", HOUSEHOLDS, ENTERPRISES
    ENTRY_FOREIGN = "entry equity, foreign owners", ABROAD, ENTERPRISES
    LOCAL_SERVICES = "local services", HOUSEHOLDS, REST
    WAGES_SERVICES = "wages, local services", REST, HOUSEHOLDS
    CONTRIBUTIONS_SERVICES = "employer contributions, local services", REST, GOVERNMENT
    INCOME_TAX = "income tax", HOUSEHOLDS, GOVERNMENT
    OTHER_CONSUMPTION = "other consumption", HOUSEHOLDS, NATIONAL
    BANK_PROFIT = "bank profit", BANK, HOUSEHOLDS
    REST_BALANCE = "balance of the rest of the region", REST, NATIONAL
    CENTRAL_TRANSFER = "central transfer", GOVERNMENT, NATIONAL
    EXTERNAL_BALANCE = "external balance", ABROAD, NATIONAL
    # fmt: on


DEPOSITS = "change in deposits"
"""Row by which enterprises, households and the nation put what they have left into the bank."""
FINAL_SALES = (Row.SALES_LOCAL, Row.SALES_GOVERNMENT, Row.SALES_NATIONAL, Row.SALES_ABROAD)
"""Rows of final sales by market, in the order of MARKETS."""
DIVIDENDS = {"state": Row.DIVIDENDS_STATE, "private": Row.DIVIDENDS_PRIVATE, "foreign": Row.DIVIDENDS_FOREIGN}
LIQUIDATION = {"state": Row.LIQUIDATION_STATE, "private": Row.LIQUIDATION_PRIVATE, "foreign": Row.LIQUIDATION_FOREIGN}
OWNER_EQUITY = {"state": Row.EQUITY_STATE, "private": Row.EQUITY_PRIVATE, "foreign": Row.EQUITY_FOREIGN}
ENTRY_EQUITY = {"state": Row.ENTRY_STATE, "private": Row.ENTRY_PRIVATE, "foreign": Row.ENTRY_FOREIGN}
"""Rows between enterprises and their owners, by kind of owner."""


class LedgerError(ArithmeticError):
    """The books of a year do not close: names year, row or column, and amount."""


@dataclass(frozen=True)
class Entry:
    """One row of the ledger in one year."""

    row: str
    payer: str
    receiver: str
    amount: float


class Ledger:
    """Double-entry book of one economy, opened anew every year."""

    def __init__(self, columns: tuple[str, ...] = COLUMNS) -> None:
        self.columns = columns
        self.year = 0
        self.entries: dict[tuple[str, str, str], float] = {}
        self.accounts: Array = np.zeros(0)
        self.opening = 0.0
        self.written_off = 0.0
        self.unbalanced = 0.0  # largest gap over turnover when the books were last checked

    def open(self, year: int) -> None:
        """Start the book of a year."""
        self.year = year
        self.entries = {}
        self.opening = float(self.accounts.sum())
        self.written_off = 0.0

    def book(self, row: Row, amount: float | Array, who: Index | slice | None = None) -> None:
        """Move money by one of the model's own rows, which says who pays whom; amount as in `post`.

        Of the enterprises `who` alone it is (m,).

        Raises:
            LedgerError: the amount is not finite.
        """
        if who is not None:
            of_some, amount = amount, np.zeros(self.accounts.size)
            amount[who] = of_some
        self.post(row._value_, row.payer, row.receiver, amount)

    def post(self, row: str, payer: str, receiver: str, amount: float | Array) -> None:
        """Move money; a vector (n,) goes to or from the cash of the enterprises.

        Raises:
            LedgerError: the amount is not finite or a column is unknown.
        """
        if isinstance(amount, np.ndarray):
            if payer == ENTERPRISES:
                self.accounts -= amount
            if receiver == ENTERPRISES:
                self.accounts += amount
            amount = float(np.add.reduce(amount, axis=None))
        self._record(row, payer, receiver, float(amount))

    def post_between(self, row: str, paid: Array, received: Array) -> None:
        """Move money among enterprises: `paid` and `received` (n,) must have the same sum.

        Raises:
            LedgerError: the sums differ.
        """
        total, other = float(paid.sum()), float(received.sum())
        if abs(total - other) > 1e-9 * max(abs(total), 1.0):
            raise LedgerError(f"year {self.year}, row '{row}': {total!r} paid but {other!r} received")
        self.accounts += received - paid
        self._record(row, ENTERPRISES, ENTERPRISES, total)

    def _record(self, row: str, payer: str, receiver: str, amount: float) -> None:
        if not isfinite(amount):
            raise LedgerError(f"year {self.year}, row '{row}': amount {amount!r}")
        if payer not in self.columns or receiver not in self.columns:
            unknown = sorted({payer, receiver} - set(self.columns))
            raise LedgerError(f"year {self.year}, row '{row}': unknown column {unknown}")
        key = (row, payer, receiver)
        self.entries[key] = self.entries.get(key, 0.0) + amount

    def write_off(self, overdraft: Array) -> None:
        """Clear the overdrafts (n,) of closed enterprises: a revaluation at the bank's expense, not a payment."""
        self.accounts += overdraft
        self.written_off += float(overdraft.sum())

    def rows(self) -> list[Entry]:
        """The year's rows with amounts >= 0; a negative net movement is turned round."""
        return [
            Entry(row, payer, receiver, amount) if amount >= 0 else Entry(row, receiver, payer, -amount)
            for (row, payer, receiver), amount in self.entries.items()
        ]

    def amount(self, row: str) -> float:
        """Amount of a row this year, all payers together."""
        return sum(amount for (name, _, _), amount in self.entries.items() if name == row)

    def balance(self, column: str) -> float:
        """Receipts less payments of a column this year."""
        received = paid = 0.0
        for (_, payer, receiver), amount in self.entries.items():
            if receiver == column:
                received += amount
            if payer == column:
                paid += amount
        return received - paid

    def close_column(self, row: str, column: str, partner: str) -> None:
        """Pay the surplus of a column to `partner`, or its deficit from there."""
        self._record(row, column, partner, self.balance(column))

    def residual(self) -> tuple[str, float]:
        """The column that closes worst and its gap in CNY million.

        Beside the columns, the change of the enterprises' cash is held against their rows.
        """
        received, paid = dict.fromkeys(self.columns, 0.0), dict.fromkeys(self.columns, 0.0)
        for (_, payer, receiver), amount in self.entries.items():
            received[receiver] += amount
            paid[payer] += amount
        gaps = {column: received[column] - paid[column] for column in self.columns}
        if ENTERPRISES in gaps:
            deposits = self.entries.get((DEPOSITS, ENTERPRISES, BANK), 0.0)
            gaps["cash of enterprises"] = float(self.accounts.sum()) - self.opening - self.written_off - deposits
        worst = max(gaps, key=lambda column: np.inf if np.isnan(gaps[column]) else abs(gaps[column]))
        return worst, gaps[worst]

    def turnover(self) -> float:
        """Sum of all amounts of the year, CNY million."""
        return max(sum(abs(amount) for amount in self.entries.values()), 1e-300)

    def check(self, tolerance: float = 1e-9) -> float:
        """Largest gap over turnover.

        Raises:
            LedgerError: it exceeds `tolerance`; names year, column and amount.
        """
        (column, gap), turnover = self.residual(), self.turnover()
        if not abs(gap) <= tolerance * turnover:
            raise LedgerError(f"year {self.year}, column '{column}': receipts exceed payments by {gap!r} million")
        self.unbalanced = abs(gap) / turnover
        return self.unbalanced
