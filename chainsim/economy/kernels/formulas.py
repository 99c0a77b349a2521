"""Formulas of one enterprise's numbers, written once: of arrays where a rule is asked, of numbers inside a pass.

A formula is plain arithmetic and what is defined here at the top: Python calls it with columns (n,), and a compiled
pass over all enterprises takes it in, enterprise by enterprise, with the same result in every bit. A stage whose rules
are the package's own makes one pass; where a subclass overrides one of them, the rules are asked one after the other.
"""

from __future__ import annotations

import numpy as np
from numba.extending import overload, register_jitable

formula = register_jitable


def larger(a, b):
    """The larger of two."""
    return np.maximum(a, b)


@overload(larger)
def _larger(a, b):
    return lambda a, b: a if a > b else b


def smaller(a, b):
    """The smaller of two."""
    return np.minimum(a, b)


@overload(smaller)
def _smaller(a, b):
    return lambda a, b: a if a < b else b


def either(asked, yes, no):
    """One of two, by what is asked."""
    return np.where(asked, yes, no)


@overload(either)
def _either(asked, yes, no):
    return lambda asked, yes, no: yes if asked else no


def quotient(top, bottom, otherwise):
    """top / bottom where the bottom is above 0."""
    return np.divide(top, bottom, out=np.full(np.shape(top), otherwise), where=bottom > 0)


@overload(quotient)
def _quotient(top, bottom, otherwise):
    return lambda top, bottom, otherwise: top / bottom if bottom > 0.0 else otherwise


# --- pay ---


@formula
def overtime(output, labour, most):
    """Hours beyond the normal that an `output` takes of staff that makes `labour` without them, at most so many."""
    short = np.isfinite(labour) & (labour > 0)
    over = either(short, output / either(labour > 0, labour, 1.0) - 1.0, 0.0)
    return smaller(larger(over, 0.0), most)


# --- finance ---


@formula
def interest_due(debt, normal, guaranteed, rate, spread):
    """Interest on `debt`, with a spread on what is neither normal nor guaranteed."""
    return rate * debt + spread * larger(debt - normal - guaranteed, 0.0)


@formula
def highest_debt(capital, guarantee, usual, most):
    """Highest debt that banks allow: the `usual` part of capital, more where a part of a loan is guaranteed."""
    return smaller(usual / larger(1.0 - guarantee, 1e-9), most) * capital


@formula
def loans_asked(cash, debt, normal, highest):
    """Loans for new capital and for a lack of cash, as far as banks lend."""
    limit = larger(highest - debt, 0.0)
    for_capital = smaller(larger(normal - debt, 0.0), limit)
    return for_capital + smaller(larger(-(cash + for_capital), 0.0), limit - for_capital)


@formula
def repaid(cash, sales, debt, normal, need):
    """Debt above the normal that cash beyond the need repays."""
    return smaller(larger(cash - need * sales, 0.0), larger(debt - normal, 0.0))


@formula
def profit(sales, purchases, other_inputs, labour, services, tax, interest, worn, income):
    """Profit before tax; `purchases` are of local, national and foreign supply."""
    local, national, abroad = purchases
    costs = local + national + abroad + other_inputs + labour + services + tax
    return sales - costs - interest - worn + income


@formula
def taxable(profit, rd, deduction):
    """Profit less the extra deduction of R&D, never negative."""
    return larger(profit - deduction * rd, 0.0)


@formula
def dividends(cash, sales, need, payout):
    """What is paid out of cash beyond the need."""
    return payout * larger(cash - need * sales, 0.0)


# --- investment ---


@formula
def replacement(gap, planned, worn, trigger):
    """Capital replaced: what is worn, nothing where far too much is there."""
    return either(quotient(gap, planned, 0.0) < -trigger, 0.0, worn)


@formula
def expansion(gap, planned, above):
    """Capital added: the gap, once it is wide."""
    return either(quotient(gap, planned, 0.0) > above, gap, 0.0)


@formula
def affordable(cash, interest, tax, debt, highest, backed):
    """Most that can be invested: cash after interest and tax, and unused credit; no limit where the owner pays."""
    own = larger(cash - (interest + tax), 0.0) + larger(highest - debt, 0.0)
    return either(backed, np.inf, own)
