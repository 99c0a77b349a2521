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

from chainsim.economy.arrays import OWNERS, Owner
from chainsim.economy.columns import COLUMNS
from chainsim.economy.ledger import BANK, DEPOSITS, ENTERPRISES, HOUSEHOLDS, NATIONAL, LedgerError, Row
from chainsim.economy.types import Array, Index

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


def relative_income(economy: Economy) -> float:
    """Labour income of last year over that of the reference run; 1 without a reference."""
    if economy.reference is None or economy.years < 1:
        return 1.0
    return economy.labour_income / economy.reference.income[economy.years - 1]


def mean_cost_factor(labour_cost_factor: Array) -> float:
    """Labour cost over pay in the mean of segments."""
    return float(np.average(labour_cost_factor))


def services_jobs(economy: Economy) -> float:
    """Jobs in local services per CNY million of labour income, all induced rounds."""
    rules = economy.arrays.households
    factor = economy.once(mean_cost_factor, economy.arrays.labour_cost_factor)
    a = rules.consumption * rules.local_services * rules.services_labour * (1.0 - rules.income_tax)
    cost = rules.services_pay / 1000.0 * factor * economy.region.wage_index[0]
    return a / cost / (1.0 - a / factor)


def job_multiplier(economy: Economy) -> float:
    """Jobs in the rest of the region per job of the chain at normal hours, all induced rounds.

    It is imposed by the household parameters.
    """
    chain = economy.operated & economy.arrays.chain[economy.segment]
    staff = float(economy.employment[chain].sum())
    if staff <= 0.0:
        return 0.0
    wage = (economy.wage() / economy.arrays.labour_cost_factor).take(economy.segment, axis=1)
    pay = economy.ordinary * wage[0] + (economy.skilled + economy.research) * wage[1]
    return float(pay[chain].sum()) / staff * services_jobs(economy)


def induced_jobs(economy: Economy) -> float:
    """Jobs in the rest of the region beyond the reference run's, persons; 0 without a reference."""
    if economy.reference is None:
        return 0.0
    return services_jobs(economy) * (economy.labour_income - economy.reference.income[economy.years - 1])


HELD_BY: dict[str, tuple[Owner, ...]] = {
    "state": ("state",),
    "private": ("private", "institute"),
    "foreign": ("foreign",),
}
"""Owners of enterprises by the kind that gets their dividends: institutes' spin-offs are private."""

IS_HELD = {kind: np.array([owner in owners for owner in OWNERS]) for kind, owners in HELD_BY.items()}
"""Whether each owner, by its number in OWNERS, is of a kind."""


KIND_OF_OWNER = np.array([next(k for k, held in enumerate(HELD_BY.values()) if owner in held) for owner in OWNERS])
"""Number of the kind of each owner, by its number in OWNERS."""


EVERYBODY = slice(None)


def book_owners(economy: Economy, rows: dict[str, Row], amount: Array, who: Index | slice = EVERYBODY) -> None:
    """Book an `amount` (m,), CNY million, between the enterprises `who` and their owners: `rows` by kind of owner."""
    owner = economy.owner[who]
    for kind, row in rows.items():
        economy.ledger.book(row, np.where(IS_HELD[kind][owner], amount, 0.0), who)


def check_stocks(economy: Economy, tolerance: float = 1e-9) -> None:
    """Raise if debt or capital is not last year's plus flows less write-offs, to `tolerance` of all that is added.

    Raises:
        LedgerError: naming year, stock and the gap in CNY million.
    """
    flows, ledger = economy.flows, economy.ledger
    worn = float(economy.depreciation.sum())
    debt = (flows.opening_debt, ledger.amount(Row.LOANS), -ledger.amount(Row.LOAN_REPAYMENTS), -flows.written_off)
    capital = (flows.opening_capital, ledger.amount(Row.INVESTMENT_GOODS), -worn, -flows.scrapped)
    for name, parts, there in (
        ("debt", debt, float(economy.debt.sum())),
        ("capital", capital, float((economy.capital + economy.capital_ordered).sum())),
    ):
        due, gross = sum(parts), sum(map(abs, parts))
        if not abs(there - due) <= tolerance * max(gross, 1.0):
            raise LedgerError(f"year {economy.year}, stock '{name}': {there!r} but the flows leave {due!r} million")


MONEY = ("sales", "capital", "debt", "cash", "investment", "rd")
"""Columns whose sums are held against what a region could hold."""
FINITE = tuple(column.name for column in COLUMNS if np.dtype(column.dtype).kind == "f" and column.name != "feasible")
"""Columns that hold numbers; what is feasible has no limit where nothing bounds it."""
MOST_GROWTH = 1e6
"""How many times the output of the base year a run may reach in any sum of money before it is no result."""


def check_plausible(economy: Economy) -> None:
    """Raise if the state of the year holds what is no number, or more than any region could hold.

    Raises:
        LedgerError: naming the column, and what is probably wrong.
    """
    most = MOST_GROWTH * float(economy.arrays.output.sum())
    totals = economy.totals()
    for name in MONEY:
        if not abs(total := totals[name]) <= most:
            raise LedgerError(
                f"year {economy.year}: {name} of all enterprises is {total:.3g} million, beyond what a region could "
                "hold; a number of the scenario lies far outside its range"
            )
    if np.isfinite(sum(totals[name] for name in FINITE)):
        return
    for name in FINITE:
        if not np.isfinite(getattr(economy, name)).all():
            raise LedgerError(f"year {economy.year}: {name} of an enterprise is not a finite number")


def close_accounts(economy: Economy) -> None:
    """Book what households, services, government and the outside receive and pay, and close every column."""
    rules, ledger, flows = economy.arrays.households, economy.ledger, economy.flows
    factor = economy.once(mean_cost_factor, economy.arrays.labour_cost_factor)
    wages, dividends = float(flows.wages.sum()), ledger.amount(Row.DIVIDENDS_PRIVATE)
    net, spent = 1.0 - rules.income_tax, rules.consumption * rules.local_services
    services = spent * (net * wages + dividends) / (1.0 - spent * net * rules.services_labour / factor)
    service_wages = rules.services_labour * services / factor
    disposable = net * (wages + service_wages) + dividends
    ledger.book(Row.LOCAL_SERVICES, services)
    ledger.book(Row.WAGES_SERVICES, service_wages)
    ledger.book(Row.CONTRIBUTIONS_SERVICES, rules.services_labour * services - service_wages)
    ledger.book(Row.INCOME_TAX, rules.income_tax * (wages + service_wages))
    ledger.book(Row.OTHER_CONSUMPTION, rules.consumption * disposable - services)
    ledger.book(Row.BANK_PROFIT, ledger.amount(Row.INTEREST) - flows.written_off + flows.guarantees_paid)
    for row in (Row.REST_BALANCE, Row.CENTRAL_TRANSFER, Row.EXTERNAL_BALANCE):
        ledger.close_column(row.value, row.payer, row.receiver)
    for column in (ENTERPRISES, HOUSEHOLDS, NATIONAL):
        ledger.close_column(DEPOSITS, column, BANK)
    economy.labour_income = wages
