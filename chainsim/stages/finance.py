"""Taxes, interest, credit, dividends and default.

    profit = sales - inputs - labour - R&D services - production tax - interest - depreciation
    tax = tau max(0, profit - d R&D),   dividends = payout max(0, cash - need x sales)

Cash beyond the need repays debt above normal leverage; a lack of cash is borrowed up to the loan-to-value limit.
Source: corporate income tax law of the PRC; payout and leverage are judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from chainsim.economy import kernels, sectors
from chainsim.economy.ledger import DIVIDENDS, OWNER_EQUITY, Row
from chainsim.economy.parameters import NonNegative, Share, parameter
from chainsim.economy.types import Array
from chainsim.stages.base import Stage, as_shipped

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class Finance(Stage):
    """Taxes, interest, credit, dividends and default.

    Reads: the flows of the year. Entry points: income, guarantee. Writes: interest, profit,
    profit_tax, dividends, debt, default_years, cash. In the year come `tax`, relief by levers, `lend`, what levers pay
    with loans, `pay_out`.

    Disabled: no credit limit, no new loans, no default; the R&D deduction of the base year stays.
    """

    key: ClassVar[str] = "finance"
    reads_stages: ClassVar[frozenset[str]] = frozenset({"investment"})
    parts: ClassVar[tuple[str, ...]] = ("tax", "lend", "pay_out")

    # fmt: off
    interest_rate: NonNegative = parameter(0.045, "1/y", 0.03, 0.06, "J: one-year loan prime rate and margin of 2020",
        "interest on debt and cost of own capital")
    spread: NonNegative = parameter(0.01, "1/y", 0.0, 0.03, "J", "added interest on debt above the normal leverage")
    leverage: Share = parameter(0.3, "1", 0.1, 0.5, "T", "normal debt over capital")
    payout: Share = parameter(0.4, "1", 0.2, 0.6, "J", "share of cash above the need that is paid out", gt=0.001)
    cash_need: NonNegative = parameter(0.10, "1", 0.05, 0.2, "J", "cash held over sales")
    guaranteed_limit: Share = parameter(0.9, "1", 0.7, 1.0, "J", "highest debt over capital with a public guarantee")
    default_years: int = parameter(2, "y", 1, 3, "J", "years with negative net worth and cash before default", ge=1)
    # fmt: on

    writes: ClassVar[frozenset[str]] = frozenset(
        {"interest", "profit", "profit_tax", "dividends", "debt", "guaranteed", "default_years", "support", "cash"}
    )

    def interest_due(self, economy: Economy) -> Array:
        """Interest on opening debt, (n,), CNY million, with a spread on unguaranteed debt above normal leverage."""
        normal = self.normal_debt(economy)
        return kernels.interest_due(economy.debt, normal, economy.guaranteed, self.interest_rate, self.spread)

    def normal_debt(self, economy: Economy) -> Array:
        """Debt at normal leverage, (n,), CNY million."""
        return self.leverage * (economy.capital + economy.capital_ordered)

    def credit_limit(self, economy: Economy) -> Array:
        """Highest debt, (n,), CNY million, under the guarantees of the year."""
        return self.limit_under(economy, economy.policy.guarantee)

    def limit_under(self, economy: Economy, guarantee: Array) -> Array:
        """Highest debt, (n,), CNY million: banks lend more where part of a loan is guaranteed."""
        return kernels.highest_debt(economy.capital, guarantee, *self.debt_over_capital(economy))

    def debt_over_capital(self, economy: Economy) -> tuple[float, float]:
        """Highest debt over capital without a guarantee, and with any."""
        usual = economy.stages.investment.loan_to_value
        return usual, max(self.guaranteed_limit, usual)

    def loans_called_for(self, economy: Economy, invested: Array) -> Array:
        """Loans that investment calls for, (n,), CNY million, whatever banks would lend.

        Normal debt of the capital that will stand, or what of `invested` (n,) cash does not pay, if that is more.
        """
        worn = economy.stages.investment.depreciation * economy.capital
        normal = self.normal_debt(economy) + self.leverage * (invested - worn) - economy.debt
        own = np.maximum(economy.cash - self.interest_due(economy) - economy.profit_tax, 0.0)
        return np.maximum(np.maximum(normal, invested - own), 0.0)

    def loans_asked(self, economy: Economy, guarantee: Array) -> Array:
        """Loans for new capital and for a lack of cash that banks give under guarantees (n,), (n,), CNY million."""
        normal, highest = self.normal_debt(economy), self.limit_under(economy, guarantee)
        asked = kernels.loans_asked(economy.cash, economy.debt, normal, highest)
        return np.where(economy.active, asked, 0.0)

    def repaid(self, economy: Economy) -> Array:
        """Debt above the normal that cash beyond the need repays, (n,), CNY million."""
        normal = self.normal_debt(economy)
        repaid = kernels.repaid(economy.cash, economy.sales, economy.debt, normal, self.cash_need)
        return np.where(economy.active, repaid, 0.0)

    def profit(self, economy: Economy) -> Array:
        """Profit before tax, (n,), CNY million; support of the year counts, grants for capital do not."""
        return kernels.profit(
            economy.sales,
            (economy.purchases_local, economy.purchases_national, economy.purchases_abroad),
            economy.other_inputs,
            economy.labour_cost,
            economy.rd_services,
            economy.production_tax,
            economy.interest,
            economy.depreciation,
            economy.policy.income,
        )

    def taxable(self, economy: Economy) -> Array:
        """Profit less the extra R&D deduction of national law, (n,), CNY million, never negative."""
        return kernels.taxable(economy.profit, economy.rd, economy.rd_deduction())

    def profit_tax(self, economy: Economy) -> Array:
        """Profit tax by national law, (n,), CNY million; what levers forgo is paid back as their support."""
        return economy.profit_tax_rate() * self.taxable(economy)

    def dividends(self, economy: Economy) -> Array:
        """Dividends, (n,), CNY million."""
        paid = kernels.dividends(economy.cash, economy.sales, self.cash_need, self.payout)
        return np.where(economy.active, paid, 0.0)

    def tax(self, economy: Economy) -> None:
        """Book interest, profit and profit tax; what levers forgo of the tax is paid back next."""
        if as_shipped(self, "interest_due", "normal_debt", "profit", "profit_tax", "taxable"):
            self.tax_by_pass(economy)
        else:
            economy.interest[:] = np.where(economy.active, self.interest_due(economy), 0.0)
            economy.profit[:] = np.where(economy.active, self.profit(economy), 0.0)
            economy.profit_tax[:] = np.where(economy.active, self.profit_tax(economy), 0.0)
            economy.flows.taxable = self.taxable(economy)
        economy.ledger.book(Row.INTEREST, economy.interest)
        economy.ledger.book(Row.PROFIT_TAX, economy.profit_tax)

    def tax_by_pass(self, economy: Economy) -> None:
        """Interest, profit, profit tax and what is taxable in one pass over the enterprises."""
        economy.flows.taxable = np.empty(economy.n)
        usual_rate, high_tech_rate = economy.arrays.profit_tax
        kernels.tax(
            active=economy.active,
            segment=economy.segment,
            high_tech=economy.high_tech,
            sales=economy.sales,
            debt=economy.debt,
            capital=economy.capital,
            ordered=economy.capital_ordered,
            guaranteed=economy.guaranteed,
            local=economy.purchases_local,
            national=economy.purchases_national,
            abroad=economy.purchases_abroad,
            other_inputs=economy.other_inputs,
            labour=economy.labour_cost,
            services=economy.rd_services,
            duty=economy.production_tax,
            worn=economy.depreciation,
            rd=economy.rd,
            income=economy.policy.income.copy(),
            deduction=economy.law_on_rd().copy(),
            usual_rate=usual_rate,
            high_tech_rate=high_tech_rate,
            leverage=self.leverage,
            rate=self.interest_rate,
            spread=self.spread,
            interest=economy.interest,
            profit=economy.profit,
            profit_tax=economy.profit_tax,
            taxable=economy.flows.taxable,
        )

    def lend(self, economy: Economy) -> None:
        """Draw loans for new capital and for a lack of cash, repay from cash beyond the need."""
        guarantee, (usual, most) = economy.policy.guarantee, self.debt_over_capital(economy)
        if as_shipped(self, "normal_debt", "limit_under", "loans_asked", "repaid"):
            drawn, repaid = np.empty(economy.n), np.empty(economy.n)
            kernels.lend(
                active=economy.active,
                capital=economy.capital,
                ordered=economy.capital_ordered,
                cash=economy.cash,
                sales=economy.sales,
                guarantee=guarantee.copy(),
                leverage=self.leverage,
                usual=usual,
                most=most,
                need=self.cash_need,
                debt=economy.debt,
                guaranteed=economy.guaranteed,
                drawn=drawn,
                repaid=repaid,
            )
        else:
            drawn, repaid = self.loans_asked(economy, guarantee), self.repaid(economy)
            economy.debt[:] += drawn - repaid
            economy.guaranteed[:] = np.minimum(economy.guaranteed + guarantee * drawn, economy.debt)
        economy.ledger.book(Row.LOANS, drawn)
        economy.ledger.book(Row.LOAN_REPAYMENTS, repaid)
        economy.flows.drawn = drawn

    def pay_out(self, economy: Economy) -> None:
        """Pay dividends, let owners who carry losses pay them, and count the years in which an enterprise is broke."""
        if as_shipped(self, "dividends"):
            self.pay_out_by_pass(economy)
            return
        economy.dividends[:] = self.dividends(economy)
        sectors.book_owners(economy, DIVIDENDS, economy.dividends)
        equity = np.where(economy.active & economy.owner_backed, np.maximum(-economy.cash, 0.0), 0.0)
        sectors.book_owners(economy, OWNER_EQUITY, equity)
        worth = economy.capital + economy.capital_ordered + economy.cash - economy.debt
        broke = economy.active & (worth < 0.0) & (economy.cash < 0.0)
        economy.default_years[:] = np.where(broke & self.enabled, economy.default_years + 1, 0)

    def pay_out_by_pass(self, economy: Economy) -> None:
        """The same in one pass over the enterprises."""
        paid, equity = np.empty((len(DIVIDENDS), economy.n)), np.empty((len(OWNER_EQUITY), economy.n))
        kernels.pay_out(
            active=economy.active,
            backed=economy.owner_backed,
            owner=economy.owner,
            kind=sectors.KIND_OF_OWNER,
            capital=economy.capital,
            ordered=economy.capital_ordered,
            debt=economy.debt,
            sales=economy.sales,
            cash=economy.cash,
            need=self.cash_need,
            payout=self.payout,
            counted=self.enabled,
            dividends=economy.dividends,
            paid=paid,
            equity=equity,
            default_years=economy.default_years,
        )
        for rows, amounts in ((DIVIDENDS, paid), (OWNER_EQUITY, equity)):
            for row, amount in zip(rows.values(), amounts, strict=True):
                economy.ledger.book(row, amount)
