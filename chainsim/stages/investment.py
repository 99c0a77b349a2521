"""Capital is replaced and expanded.

    K* = expected orders / (planned use x output per capital),   replace delta K,
    expand by K* - K if K*/K - 1 > min(trigger, 1 / planned use - 1 - margin): before orders exceed capacity

Lumpy investment: Caballero and Engel (1999); one year of gestation, part of an expansion arrives a year late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from chainsim.economy import kernels
from chainsim.economy.ledger import Row
from chainsim.economy.parameters import NonNegative, Positive, Share, parameter
from chainsim.economy.types import Array
from chainsim.stages.base import Stage, as_shipped

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


MARGIN = 0.04
"""Part of capacity that is still free when an expansion begins at the latest."""


class Investment(Stage):
    """Capital is replaced and expanded.

    Reads: expected_orders, cash, debt. Entry points: delay_saved. Writes: capital, capital_ordered, investment,
    depreciation.

    Disabled: capital is replaced only.
    """

    key: ClassVar[str] = "investment"
    reads_stages: ClassVar[frozenset[str]] = frozenset({"finance", "pricing"})

    # fmt: off
    utilisation: Positive = parameter(0.80, "1", 0.7, 0.9, "C: K+S family", "planned use of capacity", le=1)
    trigger: NonNegative = parameter(0.20, "1", 0.1, 0.3, "T: share of years with I/K > .2",
        "gap of capital beyond which an enterprise expands or lets capital wear out")
    depreciation: Share = parameter(0.08, "1/y", 0.05, 0.12, "S: NBS input-output table 2020",
        "yearly depreciation of capital")
    delay: Share = parameter(0.25, "1", 0.0, 0.5, "J",
        "share of an expansion that arrives a year late (approval and construction)")
    loan_to_value: Share = parameter(0.6, "1", 0.4, 0.8, "C: BeforeIT (Poledna et al. 2023)",
        "highest debt over capital")
    # fmt: on

    writes: ClassVar[frozenset[str]] = frozenset({"capital", "capital_ordered", "investment", "depreciation", "cash"})

    def desired_capital(self, economy: Economy) -> Array:
        """Capital that serves the expected orders at planned use, (n,), CNY million."""
        return economy.expected_orders / (self.utilisation * economy.capacity_per_capital)

    def expansion(self, economy: Economy) -> tuple[Array, Array]:
        """Replacement and expansion wanted, two of (n,), CNY million; a wide gap starts or stops investment."""
        worn = self.depreciation * economy.capital
        if not self.enabled:
            return worn, np.zeros(economy.n)
        planned = economy.capital + economy.capital_ordered
        gap = self.desired_capital(economy) - planned
        replacement = kernels.replacement(gap, planned, worn, self.trigger)
        return replacement, kernels.expansion(gap, planned, self.wide_gap())

    def wide_gap(self) -> float:
        """Gap over capital beyond which an enterprise expands: before orders exceed capacity."""
        return min(self.trigger, 1.0 / self.utilisation - 1.0 - MARGIN)

    def wanted(self, economy: Economy) -> Array:
        """Investment of the year if money were no matter, (n,), CNY million."""
        return np.add(*self.expansion(economy))

    def planned(self, economy: Economy) -> Array:
        """Investment of the year as enterprises would plan it, (n,), CNY million."""
        wanted = self.wanted(economy)
        planned = np.minimum(wanted, self.affordable(economy)) if economy.stages.finance.enabled else wanted
        return np.where(economy.active, planned, 0.0)

    def affordable(self, economy: Economy) -> Array:
        """Most that can be invested, (n,), CNY million: cash after interest and usual tax, and unused credit.

        Owners that carry the losses of their enterprise carry its investment as well.
        """
        finance = economy.stages.finance
        interest, highest = finance.interest_due(economy), finance.credit_limit(economy)
        return kernels.affordable(
            economy.cash, interest, economy.profit_tax, economy.debt, highest, economy.owner_backed
        )

    def step(self, economy: Economy) -> None:
        """Order, pay and install capital."""
        if self.enabled and self.all_as_shipped(economy):
            self.install_by_pass(economy)
        else:
            self.install(economy)
        economy.ledger.book(Row.INVESTMENT_GOODS, economy.investment)

    def all_as_shipped(self, economy: Economy) -> bool:
        """Whether every rule that the step asks is the package's own."""
        finance = economy.stages.finance
        return as_shipped(self, "desired_capital", "expansion", "wide_gap", "affordable") and as_shipped(
            finance, "interest_due", "normal_debt", "credit_limit", "limit_under"
        )

    def install(self, economy: Economy) -> None:
        """Move capital by what is replaced and expanded, as far as it can be paid, one rule after the other."""
        replacement, expansion = self.expansion(economy)
        if economy.stages.finance.enabled:
            part = np.minimum(1.0, kernels.quotient(self.affordable(economy), replacement + expansion, 1.0))
            replacement, expansion = part * replacement, part * expansion
        economy.investment[:] = np.where(economy.active, replacement + expansion, 0.0)
        economy.depreciation[:] = np.where(economy.active, self.depreciation * economy.capital, 0.0)
        delay = self.delay * (1.0 - economy.policy.delay_saved)
        arriving = replacement + (1.0 - delay) * expansion + economy.capital_ordered
        economy.capital[:] = np.where(economy.active, economy.capital - economy.depreciation + arriving, 0.0)
        economy.capital_ordered[:] = np.where(economy.active, delay * expansion, 0.0)

    def install_by_pass(self, economy: Economy) -> None:
        """The same in one pass over the enterprises."""
        finance = economy.stages.finance
        usual, most = finance.debt_over_capital(economy)
        kernels.invest(
            active=economy.active,
            segment=economy.segment,
            backed=economy.owner_backed,
            expected=economy.expected_orders,
            productivity=economy.productivity,
            cash=economy.cash,
            debt=economy.debt,
            guaranteed=economy.guaranteed,
            tax=economy.profit_tax,
            guarantee=economy.policy.guarantee.copy(),
            saved=economy.policy.delay_saved.copy(),
            full_use=economy.full_use(),
            cost_lag=economy.cost_lag(),
            utilisation=self.utilisation,
            trigger=self.trigger,
            wide=self.wide_gap(),
            wear=self.depreciation,
            late=self.delay,
            leverage=finance.leverage,
            rate=finance.interest_rate,
            spread=finance.spread,
            usual=usual,
            most=most,
            limited=finance.enabled,
            capital=economy.capital,
            ordered=economy.capital_ordered,
            investment=economy.investment,
            depreciation=economy.depreciation,
        )
