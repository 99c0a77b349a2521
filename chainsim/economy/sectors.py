"""Households, the rest of the region, government and the outside: how the year's accounts close.

    Y_d = (1 - tau)(wages + wages of local services) + dividends
    local services = c phi Y_d,   their labour cost = lambda x sales

solved together, so local services carry all induced rounds. The job multiplier follows:
m = (w_E a / w_R) / (1 - a / f),  a = c phi lambda (1 - tau), f the labour cost factor. The rest of the region buys the
local final sales of the modelled enterprises (households and other industries) and sells elsewhere what that costs.
Owners get dividends and pay equity: government for state enterprises, the outside for foreign ones, households for
the others. The bank bears the loans of enterprises that close.
Source: Moretti (2010) for the mechanism; the parameters are judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainsim.economy.ledger import (
    ABROAD,
    BANK,
    DEPOSITS,
    ENTERPRISES,
    GOVERNMENT,
    HOUSEHOLDS,
    NATIONAL,
    REST,
    LedgerError,
)
from chainsim.economy.types import Array

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


def relative_income(economy: Economy) -> float:
    """Labour income of last year over that of the reference run; 1 without a reference."""
    if economy.reference is None or economy.years < 1:
        return 1.0
    return economy.labour_income / economy.reference.income[economy.years - 1]


def services_jobs(economy: Economy) -> float:
    """Jobs in local services per CNY million of labour income, all induced rounds."""
    rules = economy.arrays.households
    factor = float(np.average(economy.arrays.labour_cost_factor))
    a = rules.consumption * rules.local_services * rules.services_labour * (1.0 - rules.income_tax)
    cost = rules.services_pay / 1000.0 * factor * economy.region.wage_index[0]
    return a / cost / (1.0 - a / factor)


def job_multiplier(economy: Economy) -> float:
    """Jobs in the rest of the region per job of the chain, all induced rounds: imposed by the household parameters."""
    chain = economy.operated & economy.arrays.chain[economy.segment]
    staff = float(economy.employment[chain].sum())
    if staff <= 0.0:
        return 0.0
    net = economy.labour_cost / economy.arrays.labour_cost_factor[economy.segment]
    return float(net[chain].sum()) / staff * services_jobs(economy)


def induced_jobs(economy: Economy) -> float:
    """Jobs in the rest of the region beyond the reference run's, persons; 0 without a reference."""
    if economy.reference is None:
        return 0.0
    return services_jobs(economy) * (economy.labour_income - economy.reference.income[economy.years - 1])


PAYEES = (("state", GOVERNMENT, (0,)), ("private", HOUSEHOLDS, (1, 3)), ("foreign", ABROAD, (2,)))
"""Kind of owner, its column of the ledger, and the codes of column `owner`: institutes' spin-offs are private."""


def pay_owners(economy: Economy, row: str, amount: Array) -> None:
    """Post a payment of enterprises, (n,), CNY million, to their owners."""
    for kind, owner, codes in PAYEES:
        economy.ledger.post(f"{row}, {kind} owners", ENTERPRISES, owner, _held(economy, amount, codes))


def charge_owners(economy: Economy, row: str, amount: Array) -> None:
    """Post a payment of owners to their enterprises, (n,), CNY million."""
    for kind, owner, codes in PAYEES:
        economy.ledger.post(f"{row}, {kind} owners", owner, ENTERPRISES, _held(economy, amount, codes))


def _held(economy: Economy, amount: Array, codes: tuple[int, ...]) -> Array:
    held = economy.owner == codes[0]
    for code in codes[1:]:
        held |= economy.owner == code
    return np.where(held, amount, 0.0)


def check_stocks(economy: Economy, tolerance: float = 1e-9) -> None:
    """Raise if debt or capital is not last year's plus flows less write-offs.

    Raises:
        LedgerError: naming year, stock and the gap in CNY million.
    """
    flows, ledger = economy.flows, economy.ledger
    debt = flows.opening_debt + ledger.amount("loans") - ledger.amount("loan repayments") - flows.written_off
    bought = ledger.amount("investment goods") - float(economy.depreciation.sum())
    capital = flows.opening_capital + bought - flows.scrapped
    for name, due, there in (
        ("debt", debt, float(economy.debt.sum())),
        ("capital", capital, float((economy.capital + economy.capital_ordered).sum())),
    ):
        if abs(there - due) > tolerance * max(abs(due), 1.0):
            raise LedgerError(f"year {economy.year}, stock '{name}': {there!r} but the flows leave {due!r} CNY million")


def settle(economy: Economy) -> None:
    """Post household, services, government and outside rows and close every column."""
    rules, ledger = economy.arrays.households, economy.ledger
    factor = float(np.average(economy.arrays.labour_cost_factor))
    wages, dividends = float(economy.flows.wages.sum()), ledger.amount("dividends, private owners")
    net, spent = 1.0 - rules.income_tax, rules.consumption * rules.local_services
    services = spent * (net * wages + dividends) / (1.0 - spent * net * rules.services_labour / factor)
    service_wages = rules.services_labour * services / factor
    disposable = net * (wages + service_wages) + dividends
    ledger.post("local services", HOUSEHOLDS, REST, services)
    ledger.post("wages, local services", REST, HOUSEHOLDS, service_wages)
    ledger.post(
        "employer contributions, local services", REST, GOVERNMENT, rules.services_labour * services - service_wages
    )
    ledger.post("income tax", HOUSEHOLDS, GOVERNMENT, rules.income_tax * (wages + service_wages))
    ledger.post("other consumption", HOUSEHOLDS, NATIONAL, rules.consumption * disposable - services)
    ledger.post(
        "bank profit",
        BANK,
        HOUSEHOLDS,
        ledger.amount("interest") - economy.flows.written_off + economy.flows.guarantees_paid,
    )
    ledger.settle("balance of the rest of the region", REST, NATIONAL)
    ledger.settle("central transfer", GOVERNMENT, NATIONAL)
    ledger.settle("external balance", ABROAD, NATIONAL)
    for column in (ENTERPRISES, HOUSEHOLDS, NATIONAL):
        ledger.settle(DEPOSITS, column, BANK)
    economy.labour_income = wages
