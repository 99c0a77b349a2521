"""The levers and shocks of one run: what they offer, pay and have paid so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from chainsim.economy import draws
from chainsim.economy.ledger import BANK, ENTERPRISES, GOVERNMENT, NATIONAL, ROUNDED_OFF, ROUNDING
from chainsim.economy.types import Array, Flags, Index
from chainsim.policy.lever_year import Beside, LeverYear, Promise
from chainsim.policy.order import in_turn
from chainsim.policy.targeting import stacked

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.economy.protocols import Point
    from chainsim.policy.lever import Intervention, Lever, Shock


ROUNDED = 9
"""Decimals to which those who ask for support are compared: of equal norms, rounding would say who is first."""


class Promised(NamedTuple):
    """What is due if enterprises fail: year in which it was promised, identities in ascending order and amounts, (k,),
    CNY million."""

    year: int
    identity: NDArray[np.uint64]
    amount: Array

    @classmethod
    def of(cls, year: int, identity: NDArray[np.uint64], amount: Array) -> Promised:
        """What is due to enterprises of any order."""
        order = np.argsort(identity)
        return cls(year, identity[order], amount[order])


class Programme:
    """Opens the levers every January, pays them through the year, remembers what they spent and may recover.

    Levers act in an order that no name decides (`order`), shocks in that of their names, so another order in the file
    changes nothing.
    """

    def __init__(self, levers: Mapping[str, Lever], shocks: Mapping[str, Shock]) -> None:
        self.levers, self.shocks = dict(levers), dict(shocks)
        self.spent = dict.fromkeys(self.levers, 0.0)
        self.lever_years: dict[str, LeverYear] = {}  # in the order of the year
        self.moved: dict[str, tuple[str, ...]] = {}
        self.recoverable: dict[str, list[Promised]] = {}
        self.guaranteed: dict[str, list[Promised]] = {}
        self.paid_once: dict[str, NDArray[np.uint64]] = {}
        self.strengths: dict[str, float] = {}
        self.turn: list[str] = []  # the order of the year, the same while no strength changes

    @property
    def interventions(self) -> list[Intervention]:
        """All levers, in the order in which they act, then shocks."""
        names = self.lever_years or self.levers
        return [self.levers[name] for name in names] + [*self.shocks.values()]

    def open(self, economy: Economy) -> None:
        """January: shocks strike, levers ration requests, promise, and move the entry points."""
        self.moved = {}
        strengths = {name: lever.strength(economy.year) for name, lever in self.levers.items()}
        if strengths != self.strengths:
            self.strengths, self.turn = strengths, in_turn(self.levers, economy.year)
        self.lever_years = {
            name: LeverYear(name, str(lever.type), lever.limit(economy.year, self.spent[name]))
            for name, lever in ((name, self.levers[name]) for name in self.turn)
        }
        for name, shock in sorted(self.shocks.items()):
            strength = shock.strength(economy.year)
            if strength != 0.0:
                before = economy.policy.state()
                shock.strike(economy, name, strength)
                self.moved[name] = economy.policy.moved(before)
        offered: dict[str, Beside] = {}
        for name, lever_year in self.lever_years.items():
            lever, strength = self.levers[name], strengths[name]
            if strength != 0.0:
                state, kind = economy.policy.state(), lever.stacks_with
                beside = offered.get(kind) or Beside.nothing(economy.n)
                self.stand(economy, lever, lever_year, strength, beside)
                self.promise(economy, lever, lever_year, stacked(lever, lever_year.level, lever_year.beside))
                if lever_year.announced:
                    offered[kind] = beside.joined(lever_year, self.counted_on(economy, lever, lever_year))
                lever_year.entry_points = economy.policy.moved(state)
                self.moved[name] = lever_year.entry_points

    def counted_on(self, economy: Economy, lever: Lever, lever_year: LeverYear) -> Array | None:
        """Part that newcomers count on of a lever of which the highest counts, (S,); None where offers add."""
        return lever.counted_on(economy, lever_year) if lever.stacking == "highest" else None

    def stand(self, economy: Economy, lever: Lever, lever_year: LeverYear, strength: float, beside: Beside) -> None:
        """Say whom a lever is meant for, and what those of its type before it offer and grant.

        Where the highest counts, what they really offer counts, so that the next one adds up to its own level.
        """
        highest = lever.stacking == "highest"
        lever_year.beside = beside.standing if highest else beside.stated
        lever_year.standing = beside.standing
        lever_year.beside_asked, lever_year.beside_given = beside.asked, beside.given
        new = Promise.made(lever.newcomers(economy), strength, beside.promised)
        lever_year.new = new._replace(stated=stacked(lever, new.stated, new.beside))
        lever_year.meant = lever_year.once(lever.eligible, economy)
        if lever.stacks_with in self.paid_once:
            lever_year.meant = without(lever_year.meant, economy.identity, self.paid_once[lever.stacks_with])
        lever_year.level = np.where(lever_year.meant, strength, 0.0)

    def promise(self, economy: Economy, lever: Lever, lever_year: LeverYear, offer: Array) -> None:
        """Ration the requests of a lever, announce what is left of the offer, and pay what is paid in January."""
        requested, money = lever.request(economy, lever_year, offer), lever.affordable(lever_year)
        lever_year.requested = float(requested.sum())
        if money <= 0.0 and lever.needs_money:
            return
        lever_year.order = order = self.order(economy, lever, requested, offer)
        granted, lever_year.stated = ration(requested, money, order), offer
        if lever.whole and order is not None:
            granted = whole(requested, money, order)
        if granted is not requested:
            same = requested.shape == offer.shape
            share = float(granted.sum()) / lever_year.requested
            offer = offer * (kept(requested, granted, money, order) if same else share)
        granted = payable(granted)
        lever_year.asked, lever_year.given = requested, granted
        lever_year.offer, lever_year.granted = offer, float(granted.sum())
        lever_year.promised, lever_year.announced = lever_year.granted, True
        lever.announce(economy, lever_year, offer)
        if lever.paid_at == "january":
            self.pay(economy, lever, lever_year, granted)

    def hold(self, economy: Economy) -> None:
        """Before banks lend: ration what is asked for by now of what was stated, whatever January's guess of it was."""
        standing: dict[str, Array] = {}
        for name, lever_year in self.lever_years.items():
            lever = self.levers[name]
            requested = lever.request_again(economy, lever_year) if lever_year.stated.size else None
            if requested is None:
                continue
            beside = standing.get(lever.stacks_with, np.zeros(economy.n))
            if lever.stacking == "highest":  # it adds to what stronger ones offer by now
                lever_year.stated = stacked(lever, lever_year.level, beside)
                lever.renew(economy, lever_year, np.minimum(lever_year.offer, lever_year.stated))
                lever_year.offer = np.minimum(lever_year.offer, lever_year.stated)
                requested = cast("Array", lever.request_again(economy, lever_year))
            money, offer = lever.affordable(lever_year), lever_year.stated
            order = self.order(economy, lever, requested, offer)
            granted = ration(requested, money, order)
            if granted is not requested:
                offer = offer * kept(requested, granted, money, order)
            lever.renew(economy, lever_year, offer)
            standing[lever.stacks_with] = beside + offer
            lever_year.offer, lever_year.requested = offer, float(requested.sum())
            lever_year.granted = lever_year.promised = float(payable(granted).sum())

    def order(self, economy: Economy, lever: Lever, requested: Array, offer: Array) -> Array | None:
        """Who is served first, low numbers first; None where all are served in part. Equals are served by lot."""
        in_part = lever.rationing == "pro_rata" and not lever.whole
        if in_part or requested.ndim != 1 or requested.size < economy.n:
            return None
        order = np.full(requested.size, np.inf)  # others than enterprises last
        rows = np.flatnonzero((requested[: economy.n] > 0.0) | (offer[: economy.n] > 0.0))
        order[rows] = self.queue(economy, lever, rows)
        return order

    def queue(self, economy: Economy, lever: Lever, rows: Index) -> Array:
        """Place of enterprises `rows` (m,) in the order of being served, (m,): one queue for all levers of a type."""
        always = lever.rationing in ("first_come", "pro_rata")  # the same queue every year
        year = 0 if always else economy.year
        key = draws.draw_key(economy.seed, f"lever.{lever.kind}.{lever.rationing}", year)
        lot = draws.uniform_for(key, economy.identity[rows])
        if lever.rationing == "merit":
            return ranks(-lever.merit(economy)[rows], lot)
        return ranks(economy.employment[rows], lot) if lever.rationing == "small_first" else lot

    def pay_levers(self, economy: Economy, point: Point) -> None:
        """Pay the levers whose money flows at this point of the year."""
        for name, lever_year in self.lever_years.items():
            lever = self.levers[name]
            if lever.paid_at == point and lever_year.announced:
                before = economy.policy.state()
                self.pay_claims(economy, lever, lever_year)
                lever_year.entry_points = tuple({*lever_year.entry_points, *economy.policy.moved(before)})
                self.moved[name] = lever_year.entry_points

    def pay_claims(self, economy: Economy, lever: Lever, lever_year: LeverYear) -> None:
        """Pay what promised offers come to within the budget, here first, then outside the region."""
        offer = np.zeros(economy.n)
        offer[: lever_year.offer.size] = lever_year.offer
        claimed = lever.claim(economy, lever_year, offer)
        if claimed.shape == (economy.n,):
            claimed = np.where(economy.active, claimed, 0.0)
        order = lever_year.order
        if order is not None:  # as in January; who came since is last
            order = np.concatenate((order, np.full(claimed.size - order.size, np.inf)))
        money, first = lever.affordable(lever_year), lever.claim_first(economy, lever_year)
        if first is None:
            amount = payable(ration(claimed, money, order))
        else:
            first = ration(first, money, None)
            amount = payable(first + ration(claimed, money - float(first.sum()), order))
            claimed = claimed + first
        left = max(lever.affordable(lever_year) - float(amount.sum()), 0.0)
        outside = min(lever.paid_outside(economy, lever_year, amount), left)
        lever_year.requested += float(claimed.sum()) + outside - lever_year.granted
        lever_year.granted = float(amount.sum()) + outside
        self.pay(economy, lever, lever_year, amount)
        guaranteed = lever.guaranteed(economy, offer)
        if guaranteed is not None:
            remember(self.guaranteed, economy, lever_year.name, guaranteed)
        self.share(economy, f"{lever.row}, {lever_year.name}, outside", NATIONAL, outside, lever_year.name)

    def pay(self, economy: Economy, lever: Lever, lever_year: LeverYear, amount: Array) -> None:
        """Post the support, enterprises' and others', and let it act."""
        to_enterprises = lever.sector_paid == ENTERPRISES
        paid = amount if to_enterprises else float(amount.sum())
        self.share(economy, f"{lever.row}, {lever_year.name}", lever.sector_paid, paid, lever_year.name)
        lever_year.recipients += lever.recipients(amount)
        if amount.shape == (economy.n,):
            lever_year.paid = amount.copy() if not lever_year.paid.size else lever_year.paid + amount
            if lever.once:
                before = self.paid_once.get(lever.stacks_with, np.zeros(0, dtype=np.uint64))
                self.paid_once[lever.stacks_with] = np.union1d(before, economy.identity[amount > 0.0])
            if to_enterprises:
                economy.support[:] += amount
                if lever.is_income:
                    economy.policy.support(amount)
                if lever.clawback and float(amount.sum()) > 0.0:
                    remember(self.recoverable, economy, lever_year.name, lever.clawback * amount)
        lever.act(economy, lever_year, amount)

    def share(self, economy: Economy, row: str, receiver: str, amount: Array | float, name: str) -> None:
        """Post what a lever pays, the part of the region and that of another level of government, and count both.

        Co-financing has one meaning: of every yuan of support, whatever for and wherever paid, it is the share beside
        the budget.
        """
        lever, lever_year = self.levers[name], self.lever_years[name]
        own, other = shares(lever, amount)
        economy.ledger.post(row, GOVERNMENT, receiver, own)
        if lever.cofinancing:
            economy.ledger.post(f"{row}, co-financed", NATIONAL, receiver, other)
            lever_year.cofinanced += float(np.sum(other))
        outlay = float(np.sum(own))
        lever_year.outlay += outlay
        self.spent[name] += outlay
        economy.flows.outlay += outlay

    def recover(self, economy: Economy, closing: Flags) -> None:
        """Claw support back from closing enterprises, as far as their cash reaches, for whoever paid it."""
        for name in [name for name in self.lever_years or self.levers if name in self.recoverable]:
            lever, payments = self.levers[name], self.recoverable[name]
            payments[:] = [item for item in payments if economy.year - item.year < lever.clawback_years]
            paid = np.minimum(due(economy, closing, payments), np.maximum(economy.cash, 0.0))
            if paid.any():
                own, other = shares(lever, paid)
                economy.ledger.post(f"claw-back, {name}", ENTERPRISES, GOVERNMENT, own)
                if lever.cofinancing:
                    economy.ledger.post(f"claw-back, {name}, co-financed", ENTERPRISES, NATIONAL, other)
                lever_year = self.lever_years.setdefault(name, LeverYear(name, str(lever.type), 0.0))
                lever_year.recovered += float(np.sum(own))

    def cover(self, economy: Economy, failing: Flags, lost: Array) -> None:
        """Pay the bank what levers guaranteed of the loans `lost` (n,) by `failing` enterprises, in force or no more.

        Levers share the loss of an enterprise as they guaranteed what it drew.
        """
        names = [name for name in self.lever_years if name in self.guaranteed]
        if not names or not failing.any():
            return
        given = {name: due(economy, failing, self.guaranteed[name]) for name in names}
        total = sum(given.values(), np.zeros(economy.n))
        owed = np.where(total > 0.0, np.minimum(economy.guaranteed, lost), 0.0)
        economy.guaranteed[:] -= owed  # another guarantee does not pay again
        for name, part in given.items():
            share = np.divide(part, total, out=np.zeros_like(total), where=total > 0.0)
            self.stand_in(economy, name, float((owed * share).sum()))

    def stand_in(self, economy: Economy, name: str, owed: float) -> None:
        """Pay the bank what a lever owes, within its budget; after its years within that of the last one."""
        if owed <= 0.0:
            return
        lever, lever_year = self.levers[name], self.lever_years[name]
        last = lever.span[1]
        if economy.year > last and lever.budget is not None:
            before = self.spent[name] - lever_year.outlay
            own = (1.0 - lever.cofinancing) * owed
            lever_year.budget = min(lever.limit(last, before), lever_year.outlay + own)
        amount = min(owed, lever.affordable(lever_year))
        self.share(economy, f"guarantee losses, {name}", BANK, amount, name)
        economy.flows.guarantees_paid += amount
        lever_year.requested += owed
        lever_year.granted += amount


def without(meant: Flags, identity: NDArray[np.uint64], paid: NDArray[np.uint64]) -> Flags:
    """Those `meant` (n,) but for the identities that were `paid` (k,), in ascending order, (n,)."""
    if not paid.size:
        return meant
    rows, left = np.flatnonzero(meant), meant.copy()
    place = np.minimum(np.searchsorted(paid, identity[rows]), paid.size - 1)
    left[rows[paid[place] == identity[rows]]] = False
    return left


def shares(lever: Lever, amount: Array | float) -> tuple[Array | float, Array | float]:
    """Parts of an `amount` that the region and another level of government pay, or get back."""
    return amount * (1.0 - lever.cofinancing), amount * lever.cofinancing


def remember(kept: dict[str, list[Promised]], economy: Economy, name: str, amount: Array) -> None:
    """Keep what of an `amount` (n,) is due if enterprises fail."""
    rows = np.flatnonzero(amount > 0.0)
    if rows.size:
        kept.setdefault(name, []).append(Promised.of(economy.year, economy.identity[rows], amount[rows]))


def due(economy: Economy, failing: Flags, promised: list[Promised]) -> Array:
    """What is due of failing enterprises by what was promised, (n,), CNY million."""
    sums = np.zeros(economy.n)
    rows = np.flatnonzero(failing)
    failed = economy.identity[rows]
    for _, identity, amount in promised if rows.size else []:
        place = np.minimum(np.searchsorted(identity, failed), identity.size - 1)
        sums[rows] += np.where(identity[place] == failed, amount[place], 0.0)
    return sums


def ranks(value: Array, lot: Array) -> Array:
    """Rank of each by `value` (n,), those who differ by rounding only by `lot` (n,), (n,)."""
    place = np.empty(value.size)
    place[np.lexsort((lot, np.round(value, ROUNDED)))] = np.arange(value.size)
    return place


def in_turn_of(order: Array, who: Flags) -> Index:
    """Rows of some, (m,), in their `order` (n,), low numbers first."""
    rows = np.flatnonzero(who)
    return rows[np.argsort(order[rows], kind="stable")]


def kept(requested: Array, granted: Array, budget: float, order: Array | None) -> Array:
    """Part of its offer that each keeps of what a budget grants by an `order`, (n,).

    Who asks for nothing yet may answer to the offer all the same, so its offer is cut as if it had asked for a little:
    by the same share as all, or to nothing where the money ends before its turn.
    """
    if order is None:
        would = np.full(requested.size, float(granted.sum()) / float(requested.sum()))
    else:
        would, rows = np.zeros(requested.size), in_turn_of(order, order < np.inf)
        would[rows] = np.cumsum(requested[rows]) - requested[rows] < (1.0 - ROUNDED_OFF) * budget
    return np.divide(granted, requested, out=would, where=requested > 0)


def payable(amount: Array) -> Array:
    """Amounts (n,) without what rounding leaves, which is granted and paid to nobody, CNY million."""
    return np.where(amount > ROUNDING, amount, 0.0)


def ration(requested: Array, budget: float, order: Array | None) -> Array:
    """What is granted of `requested` (n,) within a budget, (n,), CNY million.

    Without an `order` everybody gets the same share; with one, requests are served in full from the lowest number up,
    and the last one gets what is left.
    """
    total = float(requested.sum())
    if total <= budget:
        return requested
    if budget <= 0.0:
        return np.zeros_like(requested)
    if order is None:
        return requested * (budget / total)
    rows = in_turn_of(order, requested > 0.0)
    before = np.cumsum(requested[rows]) - requested[rows]
    granted = np.zeros_like(requested)
    granted[rows] = np.clip(budget - before, 0.0, requested[rows])
    return granted


def whole(requested: Array, budget: float, order: Array) -> Array:
    """What of `requested` (n,) is granted, all or nothing, (n,), CNY million: by `order`, past whom money is short."""
    if float(requested.sum()) <= budget:
        return requested
    granted, left = np.zeros_like(requested), budget
    for row in in_turn_of(order, requested > 0.0):
        if requested[row] <= left + ROUNDED_OFF * budget:
            granted[row] = min(requested[row], left)
            left -= granted[row]
    return granted
