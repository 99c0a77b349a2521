"""Every movement of money: who pays whom for what; the books of a year close or the run stops.

Amounts are CNY million. A movement from or to the enterprises may be a vector over enterprises and then changes their
cash. A negative movement is recorded the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainsim.economy.types import Array

ENTERPRISES, HOUSEHOLDS, REST, GOVERNMENT, BANK, NATIONAL, ABROAD = (
    "enterprises",
    "households",
    "rest_of_region",
    "government",
    "bank",
    "national",
    "abroad",
)
DEPOSITS = "change in deposits"
COLUMNS = (ENTERPRISES, HOUSEHOLDS, REST, GOVERNMENT, BANK, NATIONAL, ABROAD)


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

    def open(self, year: int) -> None:
        """Start the book of a year."""
        self.year = year
        self.entries = {}
        self.opening = float(self.accounts.sum())
        self.written_off = 0.0

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
            amount = float(amount.sum())
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
        if not np.isfinite(amount):
            raise LedgerError(f"year {self.year}, row '{row}': amount {amount!r}")
        unknown = {payer, receiver} - set(self.columns)
        if unknown:
            raise LedgerError(f"year {self.year}, row '{row}': unknown column {sorted(unknown)}")
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
        received = sum(amount for (_, _, receiver), amount in self.entries.items() if receiver == column)
        paid = sum(amount for (_, payer, _), amount in self.entries.items() if payer == column)
        return received - paid

    def settle(self, row: str, column: str, partner: str) -> None:
        """Close a column: its surplus is paid to `partner`, its deficit received from there."""
        self._record(row, column, partner, self.balance(column))

    def residual(self) -> tuple[str, float]:
        """The column that closes worst and its gap in CNY million.

        Beside the columns, the change of the enterprises' cash is held against their rows.
        """
        gaps = {column: self.balance(column) for column in self.columns}
        if ENTERPRISES in gaps:
            deposits = sum(a for (row, payer, _), a in self.entries.items() if row == DEPOSITS and payer == ENTERPRISES)
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
        column, gap = self.residual()
        if not abs(gap) <= tolerance * self.turnover():
            raise LedgerError(f"year {self.year}, column '{column}': receipts exceed payments by {gap!r} CNY million")
        return abs(gap) / self.turnover()
