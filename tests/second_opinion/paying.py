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


def taxable(e: State) -> list[float]:
    """Profit less the R&D deduction of national law."""
    law = e.arrays.rd_deduction[e.years if e.at_finance.enabled else 0]
    return [max(0.0, e.profit[i] - law[e.segment[i]] * e.rd[i]) for i in range(e.n)]


def tax(e: State) -> None:
    """Interest, profit and profit tax."""
    for i in range(e.n):
        if not e.active[i]:
            continue
        e.interest[i] = interest(e, i)
        inputs = e.purchases_local[i] + e.purchases_national[i] + e.purchases_abroad[i] + e.other_inputs[i]
        spent = inputs + e.labour_cost[i] + e.rd_services[i] + e.production_tax[i] + e.interest[i] + e.depreciation[i]
        e.profit[i] = e.sales[i] - spent + e.policy.income[i]
    e.flows.taxable = [due if e.active[i] else 0.0 for i, due in enumerate(taxable(e))]
    for i in range(e.n):
        if e.active[i]:
            e.profit_tax[i] = tax_rate(e, i) * e.flows.taxable[i]
    book(e, Row.INTEREST, e.interest)
    book(e, Row.PROFIT_TAX, e.profit_tax)


def credit_limit(e: State, i: int, guarantee: list[float] | None = None) -> float:
    """Highest debt, with the year's guarantees or with others."""
    share, most = (e.policy.guarantee if guarantee is None else guarantee)[i], e.at_finance.guaranteed_limit
    usual = e.at_investment.loan_to_value
    raised = most if share >= 1.0 else min(most, usual / (1.0 - share))
    return max(usual, raised) * e.capital[i]


def wanted_loan(e: State, i: int) -> float:
    """What normal debt exceeds debt by, or lacking cash if that is more."""
    return max(0.0, normal_debt(e, i) - e.debt[i], -e.cash[i])


def loans_asked(e: State, guarantee: list[float]) -> list[float]:
    """Loans that banks give under so large guarantees."""
    return [min(wanted_loan(e, i), max(0.0, credit_limit(e, i, guarantee) - e.debt[i])) for i in range(e.n)]


def lend(e: State) -> None:
    """Loans and repayments."""
    p = e.at_finance
    e.flows.drawn = [0.0] * e.n
    repaid = [0.0] * e.n
    for i in range(e.n):
        if not e.active[i] or not p.enabled:
            continue
        normal, spare = normal_debt(e, i), e.cash[i] - p.cash_need * e.sales[i]
        e.flows.drawn[i] = min(wanted_loan(e, i), max(0.0, credit_limit(e, i) - e.debt[i]))
        repaid[i] = min(max(0.0, e.debt[i] - normal), max(0.0, spare))
        e.debt[i] += e.flows.drawn[i] - repaid[i]
        e.guaranteed[i] = min(e.guaranteed[i] + e.policy.guarantee[i] * e.flows.drawn[i], e.debt[i])
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
    by_owner(e, OWNER_EQUITY, [max(0.0, -e.cash[i]) if carried[i] else 0.0 for i in range(e.n)])
    for i in range(e.n):
        if e.active[i]:
            worth = e.cash[i] + e.capital[i] + e.capital_ordered[i] - e.debt[i]
            e.default_years[i] = e.default_years[i] + 1 if worth < 0 and e.cash[i] < 0 and p.enabled else 0


def affordable(e: State, i: int) -> float:
    """Most that can be invested: cash after interest and last year's tax, and unused credit."""
    return max(0.0, e.cash[i] - interest(e, i) - e.profit_tax[i]) + max(0.0, credit_limit(e, i) - e.debt[i])


def called_for(e: State, i: int) -> tuple[float, float]:
    """Replacement and expansion that orders call for, whatever they cost."""
    p = e.at_investment
    there = e.capital[i] + e.capital_ordered[i]
    output_per_capital = efficiency(e, i) / (p.utilisation * e.arrays.capital_per_output[e.segment[i]])
    desired = e.expected_orders[i] / (p.utilisation * output_per_capital)
    gap = desired / there - 1.0 if there > 0 else 0.0
    replaced = 0.0 if gap < -p.trigger and p.enabled else p.depreciation * e.capital[i]
    trigger = min(p.trigger, 1.0 / p.utilisation - 1.04)
    return replaced, desired - there if gap > trigger and p.enabled else 0.0


def wanted(e: State) -> list[float]:
    """Investment that orders call for."""
    return [sum(called_for(e, i)) for i in range(e.n)]


def planned(e: State) -> list[float]:
    """What of it money allows."""
    free = [not e.at_finance.enabled or e.owner_backed[i] for i in range(e.n)]
    return [each if free[i] else min(each, affordable(e, i)) for i, each in enumerate(wanted(e))]


def loans_called_for(e: State, invested: list[float]) -> list[float]:
    """Loans for an investment: normal debt of the capital that will stand, or what cash does not pay of it."""
    out = []
    for i, spent in enumerate(invested):
        worn = e.at_investment.depreciation * e.capital[i]
        short = normal_debt(e, i) + e.at_finance.leverage * (spent - worn) - e.debt[i]
        own = max(0.0, e.cash[i] - interest(e, i) - e.profit_tax[i])
        out.append(max(0.0, short, spent - own))
    return out


def invest(e: State) -> None:
    """Wear, replacement and expansion of capital."""
    p = e.at_investment
    ordered = [0.0] * e.n
    for i in range(e.n):
        if not e.active[i]:
            continue
        worn = p.depreciation * e.capital[i]
        replaced, expanded = called_for(e, i)
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
