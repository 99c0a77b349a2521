"""The public guarantees part of new loans.

    highest debt / capital: .6 / (1 - share), at most .9;   no spread on what is guaranteed;   losses paid at default

Banks may lend under a guarantee what they would have lent anyway: the provision is then deadweight.
Where the budget is short it goes in January to what investment calls for, so that enterprises know what they can
borrow, and anew, before banks lend, to the loans that are asked for.
A guarantee given lasts as long as its loan, also when no new ones are given any more.
Cost: a provision for every loan guaranteed, and losses as far as the budget reaches; after the years in force that of
the last of them, or what is left of a total.
Source: judgement; no evidence was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy.ledger import BANK
from chainsim.economy.parameters import Share, parameter
from chainsim.economy.protocols import Point
from chainsim.economy.types import Array
from chainsim.policy.lever import Kind, Lever, SharePath
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear


class LoanGuarantee(Lever):
    """A guarantee for a share of new loans, with a provision paid to the bank."""

    strength_field: ClassVar[str] = "share"
    paid_at: ClassVar[Point] = "credit"
    payee: ClassVar[str] = BANK
    ceiling: ClassVar[float] = 0.9
    acts_as: ClassVar[Kind] = "credit"

    type: Literal["loan_guarantee"] = Field("loan_guarantee", description="Kind of lever.")
    share: SharePath = parameter(..., "1", None, None, THE_SCENARIO, "share of new loans that is guaranteed")
    provision: Share = parameter(0.03, "1", 0.01, 0.06, "J", "provision and fee over the loans guaranteed")

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """Banks lend more, and cheaper, under the guarantee."""
        economy.policy.guarantee = economy.policy.guarantee + offer

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Provision for what investment calls for under the guarantee, and those that act before it, (n,), CNY million.

        Nothing where the stage finance is off, as nobody lends.
        """
        if not economy.stages.finance.enabled:
            return np.zeros(economy.n)
        borne = 1.0 - economy.policy.guarantee - offer
        limit = np.minimum(economy.stages.investment.loan_to_value / borne, economy.stages.finance.guaranteed_limit)
        room = np.maximum(limit * economy.capital - economy.debt, 0.0)
        called_for = economy.stages.finance.loans_called_for(economy, economy.stages.investment.wanted(economy))
        return self.provision * offer * np.minimum(room, called_for)

    def request_again(self, economy: Economy, lever_year: LeverYear) -> Array:
        """Provision for the loans asked for under the guarantee as it is stated, (n,), CNY million."""
        beside = np.maximum(economy.policy.guarantee - lever_year.offer, 0.0)
        loans = economy.stages.finance.loans_asked(economy, beside + lever_year.stated)
        return self.provision * lever_year.stated * loans

    def renew(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """Banks lend under the new offer."""
        beside = np.maximum(economy.policy.guarantee - lever_year.offer, 0.0)
        economy.policy.guarantee = beside + offer

    def claim(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Provision for what was borrowed, (n,), CNY million."""
        return self.provision * offer * economy.flows.drawn

    def guaranteed(self, economy: Economy, offer: Array) -> Array:
        """The guaranteed part of the loans of the year, (n,), CNY million."""
        return offer * economy.flows.drawn
