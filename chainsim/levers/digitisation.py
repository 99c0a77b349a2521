"""Enterprises of the using industries adopt software and the industrial internet.

    adopters a year: rate of those who have not,   ln A += gain over two years,   purchases of the inputs `buys` rise

An adopter pays `cost` of its sales, the public a part of it, once. Productivity saves labour: jobs of adopters fall.
Part of the adopters would have adopted anyway: they take the money, in one year as others do, and nothing else differs.
Industries outside the chain (food, petrochemicals, medicine, rail vehicles) are no enterprises of the model; they buy
through the market local_other. Where the lever names what these buy, it serves them instead:

    adopters a year: rate of those who have not,   expenditure x (1 + additional x raised x share of adopters)

An adopter goes on buying more; what it wins in productivity is not followed.
Cost: the public share of what adoption costs, for every adopter; in other industries of what it adds to the purchases
of its first year.
Source: judgement; no evidence was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy import draws
from chainsim.economy.arrays import MARKETS
from chainsim.economy.ledger import ENTERPRISES, REST
from chainsim.economy.parameters import Name, Share, parameter
from chainsim.economy.types import Array, Flags
from chainsim.policy.lever import Addressed, Kind, Lever, SharePath
from chainsim.policy.targeting import THE_SCENARIO, Meant

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear


LOCAL_OTHER = MARKETS.index("local_other")
"""The market through which industries outside the chain buy."""


class Digitisation(Lever):
    """A grant for adopters, with what they buy and win."""

    whole: ClassVar[bool] = True
    once: ClassVar[bool] = True
    acts_as: ClassVar[Kind] = "service"

    type: Literal["digitisation"] = Field("digitisation", description="Kind of lever.")
    # fmt: off
    rate: SharePath = parameter(..., "1/y", None, None, THE_SCENARIO, "share of those meant who adopt in a year")
    cost: Share = parameter(0.03, "1", 0.01, 0.06, "J", "cost of adoption over yearly sales")
    support: Share = parameter(0.3, "1", 0.1, 0.5, "J", "public share of the cost")
    gain: Share = parameter(0.05, "log", 0.0, 0.1, "J", "productivity won over two years")
    additional: Share = parameter(0.7, "1", 0.3, 1.0, "J", "share of adopters who would not have adopted anyway")
    buys: dict[Name, Share] = parameter({}, "1", None, None, THE_SCENARIO,
        "added purchases of each input segment over the sales of an adopter")
    raised: Share = parameter(0.2, "1", 0.05, 0.5, "J",
        "what an adopter in industries outside the chain adds to its purchases of the segments it buys more of")
    # fmt: on
    industries_buy: tuple[Name, ...] = Field(
        (),
        description="Segments of which adopters in industries outside the chain buy more, through the market "
        "local_other; where stated, the lever serves these industries and no enterprise of the model.",
    )

    @property
    def sector_paid(self) -> str:
        """Enterprises, or the rest of the region, where the other industries are."""
        return REST if self.industries_buy else ENTERPRISES

    @property
    def addressed(self) -> Addressed:
        """Enterprises, or nobody where it serves the other industries."""
        return "nobody" if self.industries_buy else "enterprises"

    @property
    def asked_singly(self) -> bool:
        """Whether enterprises ask for money one by one."""
        return not self.industries_buy

    @property
    def meets_others(self) -> bool:
        """Whether it serves enterprises, where another lever may meet it."""
        return not self.industries_buy

    def unread(self) -> dict[tuple[str, ...], str]:
        """Fields that are stated and that it never reads, each with the reason."""
        if self.industries_buy:
            why = (
                "industries outside the chain are no enterprises, of which sales and productivity are known; see raised"
            )
            return super().unread() | self.deaf(why, "gain", "cost")
        why = "what enterprises add is stated by buys; raised is of industries outside the chain, see industries_buy"
        return super().unread() | self.deaf(why, "raised")

    def contradiction(self) -> str:
        """Purchases by enterprises cannot be stated for industries that are none."""
        both = self.industries_buy and self.buys
        return (
            "states buys, of enterprises, and industries_buy, of other industries; make it two levers" if both else ""
        )

    def eligible(self, economy: Economy) -> Flags:
        """Enterprises that it is meant for, (n,): none where other industries are."""
        meant = super().eligible(economy)
        return np.zeros_like(meant) if self.industries_buy else meant

    def newcomers(self, economy: Economy) -> Meant:
        """All of the segments of which other industries that adopt buy more; none where it serves enterprises."""
        if not self.industries_buy:
            return super().newcomers(economy)
        return Meant.alike(np.isin(np.array(economy.arrays.names), self.industries_buy))

    def added_purchases(self, economy: Economy) -> Array:
        """What industries outside the chain would add if all adopted, by segment that they buy more of, (S,)."""
        named = self.newcomers(economy).share > 0.0
        return np.where(named, self.raised * economy.market_expenditure()[:, LOCAL_OTHER], 0.0)

    def adopting(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Flags:
        """Whether an enterprise adopts this year at the offered share, beside those whom others offer it, (n,)."""
        u, beside = draws.uniform(economy, "lever.digitisation"), lever_year.beside
        return (economy.sales > 0.0) & (u >= beside) & (u < beside + offer)

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """The public share of the cost of adoption, (n,), CNY million; of other industries by segment, (S, 1)."""
        if self.industries_buy:
            fresh = lever_year.new.mean_stated() * (1.0 - economy.region.adopters[0])
            return self.support * (self.added_purchases(economy) * fresh)[:, None]
        return self.support * self.cost * np.where(self.adopting(economy, lever_year, offer), economy.sales, 0.0)

    def act(self, economy: Economy, lever_year: LeverYear, paid: Array) -> None:
        """Those served who would not have adopted anyway pay, buy and win."""
        if self.industries_buy:
            whole = self.support * self.added_purchases(economy)
            new = np.divide(paid[:, 0], whole, out=np.zeros_like(whole), where=whole > 0)
            adopters = np.stack((new, self.additional * self.raised * new))
            economy.policy.adopters = economy.policy.adopters + adopters
            return
        u = draws.uniform_for(draws.draw_key(economy.seed, "lever.digitisation.additional", 0), economy.identity)
        adopting = (paid > 0.0) & (u < self.additional)
        economy.policy.charge("digitisation, cost of adoption", np.where(adopting, self.cost * economy.sales, 0.0))
        economy.policy.adoption = economy.policy.adoption + self.gain * adopting
        for segment, share in self.buys.items():
            product = economy.arrays.names.index(segment)
            usual = economy.arrays.technical[product, economy.segment]
            more = np.divide(share, usual, out=np.zeros(economy.n), where=usual > 0)
            economy.policy.purchases_raised = {
                **economy.policy.purchases_raised,
                f"{lever_year.name}.{segment}": (product, adopting, 1.0 + more),
            }

    def recipients(self, paid: Array) -> float:
        """How many enterprises a payment serves; none where it serves other industries."""
        return 0.0 if self.industries_buy else super().recipients(paid)
