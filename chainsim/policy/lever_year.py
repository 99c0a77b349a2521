"""The year of one lever: its money, whom it serves, and what levers of its type do beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from chainsim.economy.arrays import OWNERS
from chainsim.economy.types import Array, Flags
from chainsim.policy.targeting import Meant, over

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class Promise(NamedTuple):
    """What newcomers of each kind are promised by a lever, `stated`, and by those before it, `beside`, (S, K)."""

    meant: Meant
    stated: Array
    beside: Array

    @classmethod
    def made(cls, meant: Meant, strength: float, before: Promise | None) -> Promise:
        """A promise of a `strength` to each, beside all that was promised `before`."""
        if before is None:
            beside = np.zeros_like(meant.weight)
        else:
            beside = before.beside + before.stated
            weight = max(before.meant.weight, meant.weight, key=np.size)  # whoever takes all alike tells no kinds apart
            beside = np.broadcast_to(beside, weight.shape)
            meant = Meant(weight, np.broadcast_to(meant.chosen, weight.shape), meant.share)
        return cls(meant, np.where(meant.chosen, strength, 0.0), beside)

    def by_owner(self) -> list[Promise]:
        """The same to the newcomers of each of `OWNERS`, whose kinds follow each other."""
        kinds = self.stated.shape[1]
        if kinds == 1:
            return [self] * len(OWNERS)
        return [self.of_kinds(slice(*ends)) for ends in pairwise(range(0, kinds + 1, kinds // len(OWNERS)))]

    def of_kinds(self, kinds: slice) -> Promise:
        """The same to newcomers of some `kinds` alone."""
        weight, chosen = self.meant.weight[:, kinds], self.meant.chosen[:, kinds]
        whole, part = weight.sum(axis=1), (weight * chosen).sum(axis=1)
        meant = Meant(over(weight, whole[:, None], 0.0), chosen, over(part, whole, 0.0))
        return Promise(meant, self.stated[:, kinds], self.beside[:, kinds])

    def mean(self, amount: Array) -> Array:
        """Mean over all newcomers of a segment of an `amount` (S, K) that those meant get, (S,)."""
        return np.asarray(amount.max(axis=1) * self.meant.share - self.short(amount))

    def short(self, amount: Array) -> Array:
        """What is missing of the largest `amount` (S, K) among those meant, a newcomer of the segment, (S,)."""
        missing = np.where(self.meant.chosen, amount.max(axis=1, keepdims=True) - amount, 0.0)
        return np.asarray((self.meant.weight * missing).sum(axis=1))

    def mean_stated(self) -> Array:
        """Mean over those meant of what is stated to them, (S,)."""
        short, share = self.short(self.stated), self.meant.share
        return self.stated.max(axis=1) - np.divide(short, share, out=np.zeros_like(share), where=share > 0.0)

    def mean_beside(self) -> Array:
        """Mean over all newcomers of a segment of what was promised before, (S,)."""
        most = self.beside.max(axis=1)
        return most - (self.meant.weight * (most[:, None] - self.beside)).sum(axis=1)


NOTHING_PROMISED = Promise.made(Meant.alike(np.zeros(0, dtype=bool)), 0.0, None)


Made = TypeVar("Made")


@dataclass
class LeverYear:
    """What one lever does in one year: money in CNY million; `offer` and `paid` (n,) where it serves enterprises.

    `requested` and `granted` are as of January until the money flows, then as claimed and paid. `meant` is for whom
    it is and `level` its strength there, (n,), `stated` the offer beside others before the budget cuts it, (n,).
    `beside` is what levers of its type that act before it offer, as stated, or really where the highest counts;
    `standing` what they really offer, `beside_asked` and `beside_given` what they are asked for and grant, (n,).
    `order` is who is first of those who ask in January, low numbers first, (n,); None where all are served in part.
    `asked` and `given` are what is asked for in January and what of it the budget grants, CNY million, as the lever
    requests it. `new` is what those not founded yet are promised, by kind. `announced` is whether it is in force with
    money this year, be there enterprises or none. `made` is what rules said that are asked once a year.
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
    level: Array = field(default_factory=lambda: np.zeros(0))
    stated: Array = field(default_factory=lambda: np.zeros(0))
    beside: Array = field(default_factory=lambda: np.zeros(0))
    standing: Array = field(default_factory=lambda: np.zeros(0))
    meant: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))
    beside_asked: Array = field(default_factory=lambda: np.zeros(0))
    beside_given: Array = field(default_factory=lambda: np.zeros(0))
    asked: Array = field(default_factory=lambda: np.zeros(0))
    given: Array = field(default_factory=lambda: np.zeros(0))
    new: Promise = NOTHING_PROMISED
    offer: Array = field(default_factory=lambda: np.zeros(0))
    paid: Array = field(default_factory=lambda: np.zeros(0))
    order: Array | None = None
    announced: bool = False
    entry_points: tuple[str, ...] = ()
    made: dict[Callable[..., Any], Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """The name of the lever, as it stands in messages and rows of the ledger."""
        return self.name

    def once(self, make: Callable[..., Made], *asked: Any) -> Made:
        """What a rule of the lever said when it was first asked this year."""
        rule = getattr(make, "__func__", make)  # names may be those of a decorator
        if rule not in self.made:
            self.made[rule] = make(*asked)
        made: Made = self.made[rule]
        return made

    def served(self, economy: Economy) -> Array:
        """Share of what is asked for that is served, (S,): of a segment, where none is made here, of all.

        Where nobody asks it, because levers before it serve all whom it is meant for, what they serve counts.
        """
        if self.asked.shape != (economy.n,):
            return np.full(economy.arrays.size, self.granted / self.requested if self.requested > 0.0 else 0.0)
        theirs = self.beside_asked * self.meant, self.beside_given * self.meant
        number, *sums = economy.columns_by_segment(np.ones(economy.n), *theirs, self.asked, self.given)
        made, share = number > 0.0, np.zeros(economy.arrays.size)
        for asked, given in (sums[:2], sums[2:]):
            total = float(asked.sum())
            usual = np.where(made, share, float(given.sum()) / total if total > 0.0 else share)
            share = np.divide(given, asked, out=usual, where=asked > 0.0)
        return share

    @property
    def left(self) -> float:
        """What the budget of the year still holds."""
        return max(self.budget - self.outlay, 0.0)


class Beside(NamedTuple):
    """What levers of a type that act before another offer: as `stated`, and `standing` after their budgets, (n,).

    What they are `asked` for and what of it is `given`, (n,), CNY million, and what is `promised` to newcomers.
    """

    stated: Array
    standing: Array
    asked: Array
    given: Array
    promised: Promise | None

    @classmethod
    def nothing(cls, enterprises: int) -> Beside:
        """Before the first of a type."""
        none = np.zeros(enterprises)
        return cls(stated=none, standing=none, asked=none, given=none, promised=None)

    def joined(self, it: LeverYear, counted_on: Array | None) -> Beside:
        """The same with `it`, the year of a lever more; where the highest counts, what is `counted_on` of it, (S,)."""
        own, highest, new = it.asked.shape == it.level.shape, counted_on is not None, it.new
        if counted_on is not None:  # the next one adds up to its own level what is not served
            new = new._replace(stated=new.stated * counted_on[:, None])
        return Beside(
            stated=np.maximum(self.stated, it.level) if highest else self.stated + it.stated,
            standing=self.standing + it.offer,
            asked=self.asked + it.asked if own else self.asked,
            given=self.given + it.given if own else self.given,
            promised=new,
        )
