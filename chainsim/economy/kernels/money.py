"""Passes of pay, finance and investment: all rules of a step for one enterprise after the other."""

from __future__ import annotations

from chainsim.economy.kernels import formulas
from chainsim.economy.kernels.philox import compiled


@compiled
def pay(
    active,
    segment,
    ordinary,
    skilled,
    research,
    output,
    labour,
    wage,
    part,
    premium,
    most,
    cost,
    paid,
    contributions,
):
    """Labour `cost` (n,) at a `wage` (2, S), and what it divides into.

    A `part` (S,) is `paid` (2, n) by skill, the rest are `contributions` (n,). Hours beyond those in which staff makes
    `labour` (n,) cost a `premium`; there are at `most` so many.
    """
    for i in range(active.shape[0]):
        k, cost[i], paid[0, i], paid[1, i] = segment[i], 0.0, 0.0, 0.0
        if active[i]:
            hours = 1.0 + premium * formulas.overtime(output[i], labour[i], most)
            usual = ordinary[i] * wage[0, k] * hours
            high = skilled[i] * wage[1, k] * hours + research[i] * wage[1, k]
            cost[i], paid[0, i], paid[1, i] = usual + high, usual * part[k], high * part[k]
        contributions[i] = cost[i] * (1.0 - part[k])


@compiled
def tax(
    active,
    segment,
    high_tech,
    sales,
    debt,
    capital,
    ordered,
    guaranteed,
    local,
    national,
    abroad,
    other_inputs,
    labour,
    services,
    duty,
    worn,
    rd,
    income,
    deduction,
    usual_rate,
    high_tech_rate,
    leverage,
    rate,
    spread,
    interest,
    profit,
    profit_tax,
    taxable,
):
    """Interest, profit, profit tax and what of profit is taxable, (n,); the `deduction` of R&D is (S,)."""
    for i in range(active.shape[0]):
        interest[i], profit[i], profit_tax[i] = 0.0, 0.0, 0.0
        if active[i]:
            normal = leverage * (capital[i] + ordered[i])
            interest[i] = formulas.interest_due(debt[i], normal, guaranteed[i], rate, spread)
            bought = local[i], national[i], abroad[i]
            profit[i] = formulas.profit(
                sales[i], bought, other_inputs[i], labour[i], services[i], duty[i], interest[i], worn[i], income[i]
            )
        taxable[i] = formulas.taxable(profit[i], rd[i], deduction[segment[i]])
        if active[i]:
            profit_tax[i] = (high_tech_rate if high_tech[i] else usual_rate) * taxable[i]


@compiled
def lend(
    active,
    capital,
    ordered,
    cash,
    sales,
    guarantee,
    leverage,
    usual,
    most,
    need,
    debt,
    guaranteed,
    drawn,
    repaid,
):
    """New loans `drawn` (n,) and `repaid` (n,) ones; debt and what of it is guaranteed move by them.

    Banks lend the `usual` part of capital, and at `most` another under a guarantee; cash of the part `need` of sales is
    held.
    """
    for i in range(active.shape[0]):
        drawn[i], repaid[i] = 0.0, 0.0
        if active[i]:
            normal = leverage * (capital[i] + ordered[i])
            highest = formulas.highest_debt(capital[i], guarantee[i], usual, most)
            drawn[i] = formulas.loans_asked(cash[i], debt[i], normal, highest)
            repaid[i] = formulas.repaid(cash[i], sales[i], debt[i], normal, need)
        debt[i] += drawn[i] - repaid[i]
        guaranteed[i] = formulas.smaller(guaranteed[i] + guarantee[i] * drawn[i], debt[i])


@compiled
def pay_out(
    active,
    backed,
    owner,
    kind,
    capital,
    ordered,
    debt,
    sales,
    cash,
    need,
    payout,
    counted,
    dividends,
    paid,
    equity,
    default_years,
):
    """Dividends (n,), what is `paid` to and what `equity` comes from each kind of owner (3, n), and years of default.

    `kind` is that of every owner; years of default are `counted` where finance is enabled.
    """
    for i in range(active.shape[0]):
        k, own, given = kind[owner[i]], cash[i], 0.0
        for other in range(paid.shape[0]):
            paid[other, i], equity[other, i] = 0.0, 0.0
        dividends[i] = formulas.dividends(own, sales[i], need, payout) if active[i] else 0.0
        own -= dividends[i]
        if active[i] and backed[i]:
            given = formulas.larger(-own, 0.0)
        own += given
        paid[k, i], equity[k, i] = dividends[i], given
        broke = active[i] and own < 0.0 and capital[i] + ordered[i] + own - debt[i] < 0.0
        default_years[i] = default_years[i] + 1 if broke and counted else 0


@compiled
def invest(
    active,
    segment,
    backed,
    expected,
    productivity,
    cash,
    debt,
    guaranteed,
    tax,
    guarantee,
    saved,
    full_use,
    cost_lag,
    utilisation,
    trigger,
    wide,
    wear,
    late,
    leverage,
    rate,
    spread,
    usual,
    most,
    limited,
    capital,
    ordered,
    investment,
    depreciation,
):
    """Investment and depreciation of the year, (n,), and what they leave of capital and of what is ordered.

    `full_use` (S,) is output per capital at productivity 1. Without finance nobody is `limited` by money.
    """
    for i in range(active.shape[0]):
        k, planned, worn = segment[i], capital[i] + ordered[i], wear * capital[i]
        per_capital = full_use[k] * (productivity[i] / cost_lag[k])
        gap = expected[i] / (utilisation * per_capital) - planned
        replaced = formulas.replacement(gap, planned, worn, trigger)
        added = formulas.expansion(gap, planned, wide)
        if limited:
            interest = formulas.interest_due(debt[i], leverage * planned, guaranteed[i], rate, spread)
            highest = formulas.highest_debt(capital[i], guarantee[i], usual, most)
            own = formulas.affordable(cash[i], interest, tax[i], debt[i], highest, backed[i])
            part = formulas.smaller(1.0, formulas.quotient(own, replaced + added, 1.0))
            replaced, added = part * replaced, part * added
        delay = late * (1.0 - saved[i])
        arriving = replaced + (1.0 - delay) * added + ordered[i]
        if active[i]:
            investment[i], depreciation[i] = replaced + added, worn
            capital[i], ordered[i] = capital[i] - worn + arriving, delay * added
        else:
            investment[i], depreciation[i], capital[i], ordered[i] = 0.0, 0.0, 0.0, 0.0
