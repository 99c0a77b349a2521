"""Investment and finance in plain Python, from docs/model.md."""

from types import SimpleNamespace as State

from second_opinion.reading import book
from second_opinion.selling import efficiency

from chainsim.economy.ledger import DIVIDENDS, OWNER_EQUITY, Row

OWNER_KIND = ("state", "private", "foreign", "private")
"""Who stands behind each owner: institutes' spin-offs are private."""


def by_owner(e: State, rows: dict[str, Row], amount: list[float]) -> None:
    """Book a payment between enterprises and their owners."""
    for kind, row in rows.items():
        book(e, row, [paid if OWNER_KIND[e.owner[i]] == kind else 0.0 for i, paid in enumerate(amount)])


def normal_debt(e: State, i: int) -> float:
    """Debt at normal leverage, of all capital paid for."""
    return e.at_finance.leverage * (e.capital[i] + e.capital_ordered[i])


def interest(e: State, i: int) -> float:
    """Interest on opening debt."""
    p = e.at_finance
    dear = max(0.0, e.debt[i] - e.guaranteed[i] - normal_debt(e, i))
    return p.interest_rate * e.debt[i] + p.spread * dear


def tax_rate(e: State, i: int) -> float:
    """Profit tax rate by national law."""
    return e.arrays.profit_tax[1 if e.high_tech[i] else 0]


def tax(e: State) -> None:
    """Interest, profit and profit tax."""
    e.flows.taxable = [0.0] * e.n
    law = e.arrays.rd_deduction[e.years if e.at_finance.enabled else 0]
    for i in range(e.n):
        if not e.active[i]:
            continue
        e.interest[i] = interest(e, i)
        inputs = e.purchases_local[i] + e.purchases_national[i] + e.purchases_abroad[i] + e.other_inputs[i]
        spent = inputs + e.labour_cost[i] + e.rd_services[i] + e.production_tax[i] + e.interest[i] + e.depreciation[i]
        e.profit[i] = e.sales[i] - spent + e.policy.income[i]
        e.flows.taxable[i] = max(0.0, e.profit[i] - law[e.segment[i]] * e.rd[i])
        e.profit_tax[i] = tax_rate(e, i) * e.flows.taxable[i]
    book(e, Row.INTEREST, e.interest)
    book(e, Row.PROFIT_TAX, e.profit_tax)


def credit_limit(e: State, i: int) -> float:
    """Highest debt."""
    share, most = e.policy.guarantee[i], e.at_finance.guaranteed_limit
    usual = e.at_investment.loan_to_value
    raised = most if share >= 1.0 else min(most, usual / (1.0 - share))
    return max(usual, raised) * e.capital[i]


def lend(e: State) -> None:
    """Loans and repayments."""
    p = e.at_finance
    e.flows.drawn = [0.0] * e.n
    repaid = [0.0] * e.n
    for i in range(e.n):
        if not e.active[i] or not p.enabled:
            continue
        normal, spare = normal_debt(e, i), e.cash[i] - p.cash_need * e.sales[i]
        wanted = max(0.0, normal - e.debt[i], -e.cash[i])
        e.flows.drawn[i] = min(wanted, max(0.0, credit_limit(e, i) - e.debt[i]))
        repaid[i] = min(max(0.0, e.debt[i] - normal), max(0.0, spare))
        e.debt[i] += e.flows.drawn[i] - repaid[i]
        e.guaranteed[i] += e.policy.guarantee[i] * e.flows.drawn[i]
    book(e, Row.LOANS, e.flows.drawn)
    book(e, Row.LOAN_REPAYMENTS, repaid)


def pay_out(e: State) -> None:
    """Dividends, equity of owners who carry losses, and years of being broke."""
    p = e.at_finance
    for i in range(e.n):
        if e.active[i]:
            e.dividends[i] = p.payout * max(0.0, e.cash[i] - p.cash_need * e.sales[i])
    by_owner(e, DIVIDENDS, [e.dividends[i] if e.active[i] else 0.0 for i in range(e.n)])
    carried = [e.owner_backed[i] and e.active[i] for i in range(e.n)]
    by_owner(e, OWNER_EQUITY, [max(0.0, -e.profit[i]) if carried[i] else 0.0 for i in range(e.n)])
    for i in range(e.n):
        if e.active[i]:
            worth = e.cash[i] + e.capital[i] + e.capital_ordered[i] - e.debt[i]
            e.default_years[i] = e.default_years[i] + 1 if worth < 0 and e.cash[i] < 0 else 0


def affordable(e: State, i: int) -> float:
    """Most that can be invested: cash after interest and last year's tax, and unused credit."""
    return max(0.0, e.cash[i] - interest(e, i) - e.profit_tax[i]) + max(0.0, credit_limit(e, i) - e.debt[i])


def invest(e: State) -> None:
    """Wear, replacement and expansion of capital."""
    p = e.at_investment
    trigger = min(p.trigger, 1.0 / p.utilisation - 1.04)
    ordered = [0.0] * e.n
    for i in range(e.n):
        if not e.active[i]:
            continue
        there = e.capital[i] + e.capital_ordered[i]
        output_per_capital = efficiency(e, i) / (p.utilisation * e.arrays.capital_per_output[e.segment[i]])
        wanted = e.expected_orders[i] / (p.utilisation * output_per_capital)
        gap = wanted / there - 1.0 if there > 0 else 0.0
        worn = p.depreciation * e.capital[i]
        replaced = 0.0 if gap < -p.trigger and p.enabled else worn
        expanded = wanted - there if gap > trigger and p.enabled else 0.0
        if e.at_finance.enabled and not e.owner_backed[i]:
            most = affordable(e, i)
            part = min(1.0, most / (replaced + expanded)) if replaced + expanded > 0 else 1.0
            replaced, expanded = part * replaced, part * expanded
        late = p.delay * (1.0 - e.policy.delay_saved[i]) * expanded
        e.depreciation[i], e.investment[i] = worn, replaced + expanded
        e.capital[i] += replaced + expanded - late + e.capital_ordered[i] - worn
        e.capital_ordered[i] = late
        ordered[i] = replaced + expanded
    book(e, Row.INVESTMENT_GOODS, ordered)
