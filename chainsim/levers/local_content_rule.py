"""Buyers must prefer local suppliers.

    V_local += bonus                                                        stated preference, or
    V_local += pressure x max(0, floor - local share) / floor               pressure until the floor is met

The choice that a rule forces costs what it reveals: the gap in log price to what the buyer would have chosen, paid as
adaptation and priced in until the link is reviewed. Prices rise and exports fall.
Cost: nothing to the region's budget; buyers pay.
Source: Stone, Messent and Flaig (2015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, Strict

from chainsim.economy.parameters import Positive, Share, Year, parameter
from chainsim.economy.types import Array
from chainsim.policy.lever import Kind, Lever
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear


Bonus = Annotated[float, Strict(), Field(ge=0, le=10)]


class LocalContentRule(Lever):
    """A rule for buyers; the region pays nothing."""

    pays: ClassVar[bool] = False
    ceiling: ClassVar[float] = np.inf
    acts_as: ClassVar[Kind] = "rule"

    type: Literal["local_content_rule"] = Field("local_content_rule", description="Kind of lever.")
    # fmt: off
    bonus: Bonus | dict[Year, Bonus] | None = parameter(None, "1", None, None, THE_SCENARIO,
        "preference for local suppliers in the choice, log odds")
    floor: Share | dict[Year, Share] | None = parameter(None, "1", None, None, THE_SCENARIO,
        "local share of modelled purchases that a buyer must reach")
    pressure: Positive = parameter(2.0, "1", 1.0, 4.0, "J",
        "preference of a buyer that buys nothing locally under a floor")
    # fmt: on

    strength_field: ClassVar[str] = "bonus"

    @property
    def full_strength(self) -> float | dict[int, float]:
        """The floor where there is one, else the bonus."""
        return (self.bonus or 0.0) if self.floor is None else self.floor

    def unread(self) -> dict[tuple[str, ...], str]:
        """Fields that are stated and that it never reads, each with the reason."""
        why = (
            "only a floor presses, by how far a buyer lies below it; leave it out, or state floor in the place of bonus"
        )
        return super().unread() | (self.deaf(why, "pressure") if self.floor is None else {})

    @property
    def stacks_with(self) -> str:
        """A floor and a preference are no offers of one kind."""
        return f"{self.kind}, {'bonus' if self.floor is None else 'floor'}"

    def contradiction(self) -> str:
        """A rule states a preference or a floor, not both."""
        return "expected a bonus or a floor, one of them" if (self.bonus is None) == (self.floor is None) else ""

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Nothing is paid, (n,)."""
        return np.zeros(economy.n)

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """Buyers favour local suppliers."""
        bonus = offer
        if self.floor is not None and self.stacking == "highest":
            beside = lever_year.beside
            bonus = self.under_floor(economy, beside + offer) - self.under_floor(economy, beside)
        elif self.floor is not None:
            bonus = self.under_floor(economy, offer)
        economy.policy.local_bonus = economy.policy.local_bonus + bonus

    def under_floor(self, economy: Economy, floor: Array) -> Array:
        """Preference that the distance to the floor calls for, (n,)."""
        bought = economy.purchases_local + economy.purchases_national + economy.purchases_abroad
        share = np.divide(economy.purchases_local, bought, out=floor.copy(), where=bought > 0)
        lacking = np.divide(floor - share, floor, out=np.zeros_like(floor), where=floor > 0)
        return self.pressure * np.maximum(lacking, 0.0)
