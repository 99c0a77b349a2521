"""What all levers and shocks share: schedule, strength, target; for levers budget, rationing, stacking and payment.

A lever file says only what is special about it: what is asked for (`request`), which entry points an offer moves
(`announce`), and what the money does (`act`). In January requests are rationed and offers announced; the money flows at
the point of the year named by `paid_at`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field

from chainsim.economy.ledger import ENTERPRISES
from chainsim.economy.parameters import Count, Frozen, Money, Share, Year, parameter
from chainsim.economy.types import Array, Flags
from chainsim.policy.conditions import holds, parsed
from chainsim.policy.rationing import Rationing
from chainsim.policy.target import Target

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy

Point = Literal["january", "production", "taxes", "credit", "founding"]
"""Points of the year at which support is paid."""
THE_SCENARIO = "the scenario"
FOREVER = 9999


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


Period = Annotated[str, AfterValidator(_period)] | Year
"""`2021-2030` or a single year."""
Condition = Annotated[str, AfterValidator(_condition)]
SharePath = Share | dict[Year, Share]
"""A strength between 0 and 1: one number, or a path by the first year each holds for."""


def at(path: float | dict[int, float], year: int) -> float:
    """Value of a number or of a path in a year; before its first year a path is 0."""
    if not isinstance(path, dict):
        return float(path)
    reached = [first for first in path if first <= year]
    return float(path[max(reached)]) if reached else 0.0


class Budget(Frozen):
    """Money over the years: so much a year, so much in all, or both."""

    # fmt: off
    yearly: Money | dict[Year, Money] | None = parameter(None, "CNY million/y", None, None, THE_SCENARIO,
        "most that is spent in a year, or a path by year")
    total: Money | None = parameter(None, "CNY million", None, None, THE_SCENARIO, "most that is spent over all years")
    # fmt: on


class Intervention(Frozen):
    """A lever or shock: when, for whom, how strong."""

    strength_field: ClassVar[str] = "rate"

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
        first, dash, last = str(self.years).partition("-")
        return int(first), int(last if dash else first)

    def phase(self, year: int) -> float:
        """Share of full size in a year: 0 outside the years in force, rising over the ramp."""
        first, last = self.span
        if not first <= year <= last:
            return 0.0
        return min(1.0, (year - first + 1) / self.ramp) if self.ramp else 1.0

    def strength(self, year: int) -> float:
        """Strength in a year; 0 is neutral."""
        return self.phase(year) * at(self.full_strength, year)

    def eligible(self, economy: Economy) -> Flags:
        """Enterprises that it is meant for, (n,)."""
        chosen = self.target.holds(economy)
        return chosen & holds(self.where, economy) if self.where else chosen


class Lever(Intervention):
    """A policy measure. Override `request`, `announce` or `act`; schedule, target, money and accounts are done here."""

    paid_at: ClassVar[Point] = "january"
    payee: ClassVar[str] = ENTERPRISES
    row: ClassVar[str] = "support"
    is_income: ClassVar[bool] = True
    by_enterprise: ClassVar[bool] = True
    most: ClassVar[float] = 1.0

    type: Any = Field(description="Kind of lever.")
    # fmt: off
    budget: Money | Budget | None = parameter(None, "CNY million/y", None, None, THE_SCENARIO,
        "most that the region spends in a year; {total: ...} over all years; no limit where not stated")
    # fmt: on
    rationing: Rationing = Field(
        "pro_rata",
        description="Who is served where requests exceed the budget: all in part, by merit, first come, small first, by lot.",
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

    def limit(self, year: int, spent: float) -> float:
        """Most that may be spent in a year after `spent` in earlier years, CNY million; infinite without a budget."""
        if self.budget is None:
            return np.inf
        if not isinstance(self.budget, Budget):
            return self.phase(year) * self.budget
        yearly = np.inf if self.budget.yearly is None else self.phase(year) * at(self.budget.yearly, year)
        return min(yearly, np.inf if self.budget.total is None else max(self.budget.total - spent, 0.0))

    def merit(self, economy: Economy) -> Array:
        """Expected effect per yuan, (n,), for rationing by merit: R&D over sales, whatever the size."""
        from chainsim.policy.quantities import QUANTITIES

        return QUANTITIES["rd_share"][1](economy)

    def request(self, economy: Economy, name: str, offer: Array) -> Array:
        """What is asked for in January at the offered strength (n,), CNY million; over enterprises, (n,), or others."""
        raise TypeError(f"{type(self).__name__} does not say what it pays (request)")

    def announce(self, economy: Economy, name: str, offer: Array) -> None:
        """Move the entry points that a promised offer (n,) moves, whenever the money flows."""

    def claim(self, economy: Economy, name: str, offer: Array) -> Array:
        """What promised offers come to when the money flows, CNY million; as in January where not overridden."""
        return self.request(economy, name, offer)

    def act(self, economy: Economy, name: str, paid: Array) -> None:
        """Move the entry points that the money itself moves; `paid` as claimed, co-financing included."""

    def beside(self, economy: Economy, name: str, paid: Array) -> float:
        """What the lever pays outside the region beside `paid`, co-financing included, CNY million: purchases, windfall."""
        return 0.0

    def losses(self, economy: Economy, closing: Flags, lost: Array) -> Array | None:
        """What it owes the bank for loans `lost` (n,) of closing enterprises, CNY million; None if nothing ever."""
        return None
