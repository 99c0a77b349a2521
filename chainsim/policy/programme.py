"""The levers and shocks of one run: what they offer, pay and have paid so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import draws
from chainsim.economy.ledger import BANK, ENTERPRISES, GOVERNMENT, NATIONAL
from chainsim.economy.types import Array, Flags
from chainsim.policy.rationing import ration

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever import Lever, Point
    from chainsim.policy.shock import Shock


@dataclass
class Book:
    """The year of one lever: money in CNY million; `offer` and `paid` by enterprise (n,) where it serves enterprises.

    `requested` and `granted` are as of January until the money flows, then as claimed and paid.
    """

    name: str
    type: str
    budget: float
    requested: float = 0.0
    granted: float = 0.0
    promised: float = 0.0
    outlay: float = 0.0
    cofinanced: float = 0.0
    recovered: float = 0.0
    recipients: float = 0.0
    offer: Array = field(default_factory=lambda: np.zeros(0))
    paid: Array = field(default_factory=lambda: np.zeros(0))
    entry_points: tuple[str, ...] = ()

    @property
    def left(self) -> float:
        """What the budget of the year still holds."""
        return max(self.budget - self.outlay, 0.0)


class Programme:
    """Opens the levers every January, pays them through the year, remembers what they spent and may recover."""

    def __init__(self, levers: Mapping[str, Lever], shocks: Mapping[str, Shock]) -> None:
        self.levers, self.shocks = dict(levers), dict(shocks)
        self.spent = dict.fromkeys(self.levers, 0.0)
        self.books: dict[str, Book] = {}
        self.moved: dict[str, tuple[str, ...]] = {}
        self.recoverable: dict[str, list[tuple[int, NDArray[np.uint64], Array]]] = {}

    def open(self, economy: Economy) -> None:
        """January: shocks strike, levers ration requests, promise, and move the entry points."""
        self.books, self.moved = {}, {}
        for name, shock in self.shocks.items():
            strength = shock.strength(economy.year)
            if strength != 0.0:
                before = economy.policy.state()
                shock.strike(economy, name, strength)
                self.moved[name] = economy.policy.moved(before)
        offered: dict[str, Array] = {}
        for name, lever in self.levers.items():
            book = Book(name, str(lever.type), lever.limit(economy.year, self.spent[name]))
            self.books[name] = book
            strength = lever.strength(economy.year)
            if strength != 0.0:
                before = economy.policy.state()
                offer = stacked(lever, np.where(lever.eligible(economy), strength, 0.0), offered)
                self.promise(economy, lever, book, offer)
                book.entry_points = economy.policy.moved(before)
                self.moved[name] = book.entry_points

    def promise(self, economy: Economy, lever: Lever, book: Book, offer: Array) -> None:
        """Ration the requests of a lever, announce what is left of the offer, and pay what is paid in January."""
        requested = lever.request(economy, book.name, offer)
        own = 1.0 - lever.cofinancing
        granted = ration(requested, book.left / own, self.order(economy, lever, book.name, requested))
        if requested.shape == offer.shape and granted is not requested:
            offer = offer * np.divide(granted, requested, out=np.ones_like(requested), where=requested > 0)
        elif granted is not requested:
            offer = offer * (float(granted.sum()) / float(requested.sum()))
        book.offer, book.requested, book.granted = offer, float(requested.sum()), float(granted.sum())
        book.promised = book.granted
        lever.announce(economy, book.name, offer)
        if lever.paid_at == "january":
            self.pay(economy, lever, book, granted)

    def order(self, economy: Economy, lever: Lever, name: str, requested: Array) -> Array | None:
        """Who is served first, low numbers first; None where all are served in part."""
        if lever.rationing == "pro_rata" or requested.shape != (economy.n,):
            return None
        if lever.rationing == "merit":
            return -lever.merit(economy)
        if lever.rationing == "small_first":
            return economy.employment
        year = economy.year if lever.rationing == "lottery" else 0  # first come: the same queue every year
        key = draws.draw_key(economy.seed, f"lever.{name}.{lever.rationing}", year)
        return draws.uniform_for(key, economy.identity)

    def pay_levers(self, economy: Economy, point: Point) -> None:
        """Pay the levers whose money flows at this point of the year."""
        for name, book in self.books.items():
            lever = self.levers[name]
            if lever.paid_at == point and book.offer.size:
                before = economy.policy.state()
                offer = np.zeros(economy.n)
                offer[: book.offer.size] = book.offer
                claimed = lever.claim(economy, name, offer)
                if claimed.shape == (economy.n,):
                    claimed = np.where(economy.active, claimed, 0.0)
                amount = ration(claimed, book.left / (1.0 - lever.cofinancing), None)
                left = max(book.left / (1.0 - lever.cofinancing) - float(amount.sum()), 0.0)
                beside = min(lever.beside(economy, name, amount), left)
                book.requested += float(claimed.sum()) + beside - book.granted
                book.granted = float(amount.sum()) + beside
                self.pay(economy, lever, book, amount)
                own = (1.0 - lever.cofinancing) * beside
                economy.ledger.post(f"{lever.row}, {name}, outside", GOVERNMENT, NATIONAL, own)
                self.enter(economy, book, own)
                book.cofinanced += beside - own
                book.entry_points = tuple({*book.entry_points, *economy.policy.moved(before)})
                self.moved[name] = book.entry_points

    def pay(self, economy: Economy, lever: Lever, book: Book, amount: Array) -> None:
        """Post the support, enterprises' and others', and let it act."""
        total = float(amount.sum())
        to_enterprises = lever.payee == ENTERPRISES
        own = amount * (1.0 - lever.cofinancing)
        post = economy.ledger.post
        post(f"{lever.row}, {book.name}", GOVERNMENT, lever.payee, own if to_enterprises else float(own.sum()))
        if lever.cofinancing:
            other = amount * lever.cofinancing
            row = f"{lever.row}, {book.name}, co-financed"
            post(row, NATIONAL, lever.payee, other if to_enterprises else float(other.sum()))
            book.cofinanced += float(other.sum())
        self.enter(economy, book, float(own.sum()))
        book.recipients += float(np.count_nonzero(amount > 0.0))
        if amount.shape == (economy.n,):
            book.paid = amount.copy() if not book.paid.size else book.paid + amount
            if to_enterprises:
                economy.support[:] += amount
                if lever.is_income:
                    economy.policy.income = economy.policy.income + amount
                if lever.clawback and total > 0.0:
                    self.remember(economy, book.name, lever.clawback * amount)
        lever.act(economy, book.name, amount)

    def enter(self, economy: Economy, book: Book, amount: float) -> None:
        """Count an outlay of the region."""
        book.outlay += amount
        self.spent[book.name] += amount
        economy.flows.outlay += amount

    def remember(self, economy: Economy, name: str, amount: Array) -> None:
        """Keep what an enterprise repays if it closes."""
        rows = np.flatnonzero(amount > 0.0)
        self.recoverable.setdefault(name, []).append((economy.year, economy.identity[rows], amount[rows]))

    def recover(self, economy: Economy, closing: Flags) -> None:
        """Claw support back from closing enterprises, as far as their cash reaches."""
        for name, payments in self.recoverable.items():
            lever = self.levers[name]
            payments[:] = [item for item in payments if economy.year - item[0] < lever.clawback_years]
            due = np.zeros(economy.n)
            rows = np.flatnonzero(closing)
            for _, identity, amount in payments:
                order = np.argsort(identity)
                place = np.minimum(np.searchsorted(identity[order], economy.identity[rows]), identity.size - 1)
                found = identity[order][place] == economy.identity[rows]
                due[rows] += np.where(found, amount[order][place], 0.0)
            paid = np.minimum(due, np.maximum(economy.cash, 0.0))
            if paid.any():
                economy.ledger.post(f"claw-back, {name}", ENTERPRISES, GOVERNMENT, paid)
                book = self.books.setdefault(name, Book(name, str(lever.type), 0.0))
                book.recovered += float(paid.sum())

    def cover(self, economy: Economy, closing: Flags, lost: Array) -> None:
        """Pay the bank what levers guaranteed of the loans `lost` (n,) by closing enterprises."""
        for name, lever in self.levers.items():
            owed = lever.losses(economy, closing, lost)
            if owed is None or not owed.any():
                continue
            book = self.books[name]
            economy.guaranteed[:] -= owed  # another guarantee does not pay again
            amount = min(float(owed.sum()), book.left)
            economy.ledger.post(f"guarantee losses, {name}", GOVERNMENT, BANK, amount)
            economy.flows.guarantees_paid += amount
            book.requested, book.granted = book.requested + float(owed.sum()), book.granted + amount
            self.enter(economy, book, amount)


def stacked(lever: Lever, offer: Array, offered: dict[str, Array]) -> Array:
    """The offer beside those of earlier levers of the type; all together never above the type's most."""
    kind = str(lever.type)
    before = offered.get(kind, np.zeros(offer.shape))
    if lever.stacking == "highest":
        offer = np.maximum(offer - before, 0.0)
    offer = np.minimum(offer, np.maximum(lever.most - before, 0.0))
    offered[kind] = before + offer
    return offer
