"""What all levers and shocks share: schedule, strength, target; for levers budget, rationing, stacking and payment.

A lever file says only what is special about it: what is asked for (`request`), which entry points an offer moves
(`announce`), and what the money does (`act`). In January requests are rationed and offers announced; the money flows at
the point of the year named by `paid_at`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, cast

import numpy as np
from pydantic import AfterValidator, Field

from chainsim.economy.ledger import ENTERPRISES, ROUNDED_OFF, ROUNDING
from chainsim.economy.parameters import Count, Frozen, Money, Share, Title, Year, parameter, path_value
from chainsim.economy.protocols import Point
from chainsim.economy.types import Array, Flags
from chainsim.policy.conditions import holds, parsed
from chainsim.policy.targeting import QUANTITIES, THE_SCENARIO, KindsOf, Meant, Newcomers, SizeOf, Target

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear

Rationing = Literal["pro_rata", "merit", "first_come", "small_first", "lottery"]
"""Who is served where requests exceed the budget."""
Kind = Literal["rule", "service", "tax", "credit", "grant"]
"""What a lever does to enterprises, in the order in which levers act (`chainsim.policy.order`)."""
FOREVER = 9999
"""Last year of what has no end."""


def _condition(text: str) -> str:
    if text:
        parsed(text)
    return text


def _period(text: str) -> str:
    first, dash, last = text.partition("-")
    for year in (first, last) if dash else (first,):
        if not (year.isdecimal() and 1900 <= int(year) <= 2200):
            raise ValueError(f"expected years such as 2021-2030 or 2021, found '{text}'")
    if dash and int(last) < int(first):
        raise ValueError(f"the last year {last} comes before the first, {first}")
    return text


@lru_cache(maxsize=1024)
def _ends(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    return int(first), int(last if dash else first)


Period = Annotated[str, AfterValidator(_period)] | Year
"""`2021-2030` or a single year."""
Condition = Annotated[str, AfterValidator(_condition)]
SharePath = Share | dict[Year, Share]
"""A strength between 0 and 1: one number, or a path by the first year each holds for."""


class Budget(Frozen):
    """Money over the years: so much a year, so much in all, or both."""

    # fmt: off
    yearly: Money | dict[Year, Money] | None = parameter(None, "CNY million/y", None, None, THE_SCENARIO,
        "most that is spent in a year, or a path by year")
    total: Money | None = parameter(None, "CNY million", None, None, THE_SCENARIO, "most that is spent over all years")
    # fmt: on


Addressed = Literal["enterprises", "segments", "nobody"]
"""Whom a target is read for: single enterprises, whole segments, or nobody."""
SEGMENTS = ("tiers", "segments", "industries")
"""Fields of a target that choose segments."""
EVERYBODY = Target()
"""The target where none is stated."""


class Intervention(Frozen):
    """A lever or shock: when, for whom, how strong."""

    strength_field: ClassVar[str] = "rate"
    meant_for: ClassVar[Addressed] = "enterprises"
    """Whom it reads its target for."""
    ramps: ClassVar[bool] = True
    """Whether less than its full strength means anything."""

    title: Title | None = Field(None, description="Name for people.")
    years: Period | None = Field(
        None,
        description="Years in force, such as 2021-2030; from the first year of the path where the strength is a path.",
    )
    # fmt: off
    ramp: Count = parameter(0, "y", None, None, THE_SCENARIO,
        "years over which strength and budget grow to their full size, linearly")
    # fmt: on
    target: Target = Field(Target(), description="Who it is meant for.")
    where: Condition = Field(
        "", description="Condition on enterprises, such as employees < 300 and rd_share > 0.05.", max_length=500
    )

    @property
    def addressed(self) -> Addressed:
        """Whom it reads its target for, as it is stated."""
        return self.meant_for

    @property
    def chooses_enterprises(self) -> bool:
        """Whether it is meant for some enterprises of a segment and not for others."""
        beyond = [name for name in Target.model_fields if name not in SEGMENTS]
        return bool(self.where) or any(getattr(self.target, name) != getattr(EVERYBODY, name) for name in beyond)

    def unread(self) -> dict[tuple[str, ...], str]:
        """Fields that are stated and that it never reads, each with the reason."""
        found: dict[tuple[str, ...], str] = {}
        if self.addressed != "enterprises":
            read = () if self.addressed == "nobody" else SEGMENTS
            fields = [name for name in Target.model_fields if name not in read]
            stated = [("target", name) for name in fields if getattr(self.target, name) != getattr(EVERYBODY, name)]
            asked = [f"target.{name}" for name in read] + self.names_stated()
            what = f"who is meant is read from {', '.join(asked)}" if asked else "it has no target"
            unread = [*stated, ("where",)] if self.where else stated
            found = dict.fromkeys(unread, f"never read: {self.kind} chooses no single enterprises; {what}")
        if self.ramp and not self.ramps:
            found["ramp",] = f"never read: {self.kind} comes whole or not at all; leave it out"
        return found

    def names_stated(self) -> list[str]:
        """Fields of its own type that hold names."""
        own = [name for name in type(self).model_fields if name not in Lever.model_fields]
        return [name for name in own if isinstance(getattr(self, name), str | tuple)]

    @property
    def kind(self) -> str:
        """Its type, as a file states it."""
        return str(self.__dict__.get("type", type(self).__name__))

    @property
    def full_strength(self) -> float | dict[int, float]:
        """The strength as stated: a number or a path."""
        stated = getattr(self, self.strength_field)
        return stated.yearly or 0.0 if isinstance(stated, Budget) else stated

    @property
    def span(self) -> tuple[int, int]:
        """First and last year in force."""
        if self.years is None:
            path = self.full_strength
            return (min(path), FOREVER) if isinstance(path, dict) and path else (FOREVER, FOREVER)
        return _ends(str(self.years))

    def phase(self, year: int) -> float:
        """Share of full size in a year: 0 outside the years in force, rising over the ramp."""
        first, last = self.span
        if not first <= year <= last:
            return 0.0
        return min(1.0, (year - first + 1) / self.ramp) if self.ramp else 1.0

    def strength(self, year: int) -> float:
        """Strength in a year; 0 is neutral."""
        return self.phase(year) * path_value(self.full_strength, year, before="zero")

    def eligible(self, economy: Economy) -> Flags:
        """Enterprises that it is meant for, (n,)."""
        chosen = self.target.holds(economy)
        return chosen & holds(self.where, economy) if self.where else chosen

    def of_newcomers(self, economy: Economy, size: SizeOf, kinds: KindsOf, running: bool = False) -> Meant:
        """Who is meant among the newcomers of a segment, of a `size` and of these `kinds`."""
        if not self.chooses_enterprises:
            return Meant.alike(self.target.segment_mask(economy.arrays))
        newcomers, number = Newcomers(economy, size, kinds, running), economy.arrays.size
        chosen, all_kinds = self.eligible(cast("Economy", newcomers)), newcomers.kinds
        part = np.bincount(all_kinds.segment, weights=all_kinds.weight * chosen, minlength=number)
        return Meant(all_kinds.within, chosen.reshape(number, -1), np.asarray(part / all_kinds.whole))


class Shock(Intervention):
    """An event that nobody in the region decides; it moves entry points and pays nothing. Override `strike`."""

    brings_enterprise: ClassVar[bool] = False
    """Whether an enterprise comes that goes by the shock's name."""

    type: str = Field(description="Kind of shock.")

    def strike(self, economy: Economy, name: str, strength: float) -> None:
        """Move the entry points in January of a year in which the strength is not 0."""
        raise TypeError(f"{type(self).__name__} does not say what it does (strike)")


class Lever(Intervention):
    """A policy measure. Override `request`, `announce` or `act`; schedule, target, money and accounts are done here."""

    paid_at: ClassVar[Point] = "january"
    """When the money flows."""
    payee: ClassVar[str] = ENTERPRISES
    """Sector that gets the money."""
    row: ClassVar[str] = "support"
    """First word of its rows in the ledger; its name follows."""
    is_income: ClassVar[bool] = True
    """Whether support counts as income of the enterprises that get it."""
    queues: ClassVar[bool] = True
    """Whether enterprises ask for money one by one, so that somebody is first."""
    by_enterprise: ClassVar[bool] = True
    """Whether offers are made to single enterprises, so that two levers of the type may meet there."""
    needs_money: ClassVar[bool] = True
    """Whether it does nothing in a year for which it has no money."""
    pays: ClassVar[bool] = True
    """Whether it pays anything, so that a budget means something."""
    ceiling: ClassVar[float] = 1.0
    """Largest offer that several levers of the type make together."""
    whole: ClassVar[bool] = False
    """Whether nobody can be served in part: where all would be, some are drawn by lot, the same ones every year."""
    once: ClassVar[bool] = False
    """Whether an enterprise that levers of the type have paid is offered nothing more in later years."""
    acts_as: ClassVar[Kind] = "grant"
    """What it does to enterprises, which says when it acts in January."""

    type: str = Field(description="Kind of lever.")
    # fmt: off
    budget: Money | Budget | None = parameter(None, "CNY million/y", None, None, THE_SCENARIO,
        "most that the region spends in a year; {total: ...} over all years; no limit where not stated")
    # fmt: on
    rationing: Rationing = Field(
        "pro_rata",
        description=(
            "Who is served where requests exceed the budget: all in part, by merit, first come, small first, by lot."
        ),
    )
    stacking: Literal["add", "highest"] | None = Field(
        None, description="What an enterprise gets from several levers of one type: all offers, or the highest only."
    )
    # fmt: off
    cofinancing: Share = parameter(0.0, "1", None, None, THE_SCENARIO,
        "share of the support that another level of government pays, beside the budget", lt=1)
    clawback: Share = parameter(0.0, "1", None, None, THE_SCENARIO,
        "share of the support that an enterprise repays if it closes early")
    clawback_years: int = parameter(5, "y", None, None, THE_SCENARIO,
        "years after payment in which the claw-back holds", ge=1, le=30)
    # fmt: on

    @property
    def sector_paid(self) -> str:
        """Sector that gets the money, as the lever is stated."""
        return self.payee

    @property
    def stacks_with(self) -> str:
        """Name of the offers with which its own add up, or of which the highest counts: those of its type."""
        return self.kind

    @property
    def meets_others(self) -> bool:
        """Whether another lever of its type may meet it at an enterprise, as it is stated."""
        return self.by_enterprise

    @property
    def asked_singly(self) -> bool:
        """Whether enterprises ask for money one by one, as it is stated."""
        return self.queues and self.pays

    def unread(self) -> dict[tuple[str, ...], str]:
        """Fields that are stated and that it never reads, each with the reason."""
        found = super().unread()
        if self.rationing != "pro_rata" and not self.asked_singly:
            found["rationing",] = f"never read: no enterprise asks {self.kind} for money of its own, so nobody is first"
        if not self.pays:
            reason = f"never read: {self.kind} pays nothing; leave it out"
            stated = {"budget": self.budget is not None, "cofinancing": self.cofinancing > 0.0}
            found |= {(name,): reason for name, is_stated in stated.items() if is_stated}
        if self.clawback and not (self.pays and self.sector_paid == ENTERPRISES):
            found["clawback",] = f"never read: {self.kind} pays no enterprise, so none can pay back"
        if self.clawback_years != Lever.model_fields["clawback_years"].default and not self.clawback:
            found["clawback_years",] = "never read without a claw-back; state clawback, the share that is paid back"
        return found

    def deaf(self, reason: str, *names: str) -> dict[tuple[str, ...], str]:
        """Fields among `names` that are stated, though for this `reason` never read."""
        changed = [name for name in names if getattr(self, name) != type(self).model_fields[name].default]
        return {(name,): f"never read: {reason}" for name in changed}

    def contradiction(self) -> str:
        """What of the fields stated cannot hold together, as told to who wrote them; empty where all can."""
        return ""

    def limit(self, year: int, spent: float) -> float:
        """Most that may be spent in a year after `spent` in earlier years, CNY million; infinite without a budget."""
        if self.budget is None:
            return np.inf
        stated = self.budget
        yearly, total = (stated.yearly, stated.total) if isinstance(stated, Budget) else (stated, None)
        money = np.inf if total is None else total - spent
        if yearly is not None:
            money = min(money, self.phase(year) * path_value(yearly, year, before="zero"))
        return money if money > max(ROUNDING, ROUNDED_OFF * spent) else 0.0  # spent but for rounding is spent

    def affordable(self, lever_year: LeverYear) -> float:
        """Support that what is left of the year's budget allows, co-financing included, CNY million."""
        return self.with_others(lever_year.left)

    def with_others(self, own: float) -> float:
        """Support that `own` money of the region makes with what another level of government pays, CNY million."""
        return own / (1.0 - self.cofinancing)

    def merit(self, economy: Economy) -> Array:
        """Expected effect per yuan, (n,), for rationing by merit: R&D over sales, whatever the size."""
        return QUANTITIES["rd_share"].of(economy)

    def newcomers(self, economy: Economy) -> Meant:
        """Those not founded yet that it makes a promise to; none by default."""
        return Meant.nobody(economy.arrays.size)

    def counted_on(self, economy: Economy, lever_year: LeverYear) -> Array:
        """Part of what newcomers are promised that they count on, (S,): as far as those who ask are served."""
        return lever_year.served(economy)

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """What is asked for in January at the offered strength (n,), CNY million; over enterprises, (n,), or others."""
        raise TypeError(f"{type(self).__name__} does not say what it pays (request)")

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """Move the entry points that a promised offer (n,) moves, whenever the money flows."""

    def claim(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """What promised offers come to when the money flows, CNY million; as in January where not overridden."""
        return self.request(economy, lever_year, offer)

    def claim_first(self, economy: Economy, lever_year: LeverYear) -> Array | None:
        """What those claim who are paid before all others, as it was promised them, (n,), CNY million; None: nobody."""
        return None

    def request_again(self, economy: Economy, lever_year: LeverYear) -> Array | None:
        """What is asked for of the stated offer just before banks lend, (n,), CNY million; None: January's counts."""
        return None

    def renew(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """Put an offer (n,) in the place of the one that was announced in January."""

    def act(self, economy: Economy, lever_year: LeverYear, paid: Array) -> None:
        """Move the entry points that the money itself moves; `paid` as claimed, co-financing included."""

    def paid_outside(self, economy: Economy, lever_year: LeverYear, paid: Array) -> float:
        """What the lever pays outside the region beside `paid`, co-financing included, CNY million."""
        return 0.0

    def recipients(self, paid: Array) -> float:
        """How many a payment (n,) serves; whoever gets anything where not overridden."""
        return float(np.count_nonzero(paid > 0.0))

    def guaranteed(self, economy: Economy, offer: Array) -> Array | None:
        """Part of the loans of the year for whose loss it stands, (n,), CNY million; None if it guarantees none."""
        return None
