"""Rows of the ledger one by one, where another table or the scenario holds their parts: errors that cancel in a column.

local services + other consumption = c Y_d,  Y_d = (1 - tau)(wages + wages of local services) + dividends
income tax = tau (wages + wages of local services),  labour cost of local services = lambda x sales
written off = interest + losses of guarantees - profit of the bank
"""

from __future__ import annotations

import pandas as pd

from chainsim.validation.audit_accounts import ENTERPRISES, GOVERNMENT, NATIONAL, by_year, rows_of
from chainsim.validation.audit_checks import RUN, Checks, Stated, Tables, a_year_later, over

HOUSEHOLDS, REST, BANK = "households", "rest_of_region", "bank"
OWNERS = {
    "state": (("state",), GOVERNMENT),
    "private": (("private", "institute"), HOUSEHOLDS),
    "foreign": (("foreign",), "abroad"),
}
"""Owners by the kind that gets their dividends, and the sector that it is."""
SUMMED = (
    *("final sales, ", "intermediates, ", "other inputs", "production ", "wages, ordinary", "wages, skilled"),
    *("R&D services", "investment goods", "profit tax", "dividends, ", "local services", "wages, local"),
    *("employer contributions", "income tax", "other consumption", "interest"),
)
"""Beginnings of the rows that stand in an identity of their own where enterprises are recorded."""


def check_items(checks: Checks, tables: Tables, stated: Stated) -> None:
    """All rows whose parts other tables hold."""
    ledger, segments = tables["ledger"], tables["segments"]
    check_taxes(checks, ledger, segments)
    check_households(checks, ledger, stated)
    services = (segments["rd"] * (1.0 - segments["independent_rd"])).groupby([segments[key] for key in RUN]).sum()
    checks.equal(
        "ledger: R&D services = R&D that is not own, of segments",
        rows_of(ledger, "R&D services", ENTERPRISES, NATIONAL),
        services,
    )
    if "enterprises" in tables:
        check_wages(checks, ledger, segments, tables["enterprises"], stated)
        check_owners(checks, ledger, tables["enterprises"].set_index([*RUN, "identity"]))
    else:
        checks.lacking("ledger: wages by skill, dividends by owner", "enterprises are not recorded")
    check_written_off(checks, ledger)
    levers = set(tables["levers"]["lever"]) if "levers" in tables else set()
    others = {name for name in ledger["row"] if not name.startswith(SUMMED) and not levers & set(name.split(", "))}
    rest = sorted({name.partition(", ")[0] for name in others})
    checks.lacking(f"ledger, row by row: {', '.join(rest)}", "no table holds their parts; they close their columns")


def check_taxes(checks: Checks, ledger: pd.DataFrame, segments: pd.DataFrame) -> None:
    """Tax revenue of segments is production and profit tax, contributions, and the income tax on what staff earns."""
    wages, services = wages_of(ledger), rows_of(ledger, "wages, local services", REST, HOUSEHOLDS)
    parts = [
        rows_of(ledger, "production tax", ENTERPRISES, GOVERNMENT),
        -rows_of(ledger, "production subsidy", GOVERNMENT, ENTERPRISES),
        rows_of(ledger, "profit tax", ENTERPRISES, GOVERNMENT),
        rows_of(ledger, "employer contributions", ENTERPRISES, GOVERNMENT),
        rows_of(ledger, "income tax", HOUSEHOLDS, GOVERNMENT) * over(wages, wages + services),
    ]
    told = segments.groupby(RUN)["tax_revenue"].sum()
    gross = pd.concat(parts, axis=1).abs().sum(axis=1)
    checks.equal(
        "ledger: taxes of enterprises and staff = tax_revenue of segments", told, sum(parts, 0.0 * wages), gross
    )


def wages_of(ledger: pd.DataFrame) -> pd.Series:
    """Wages that enterprises pay, by run and year."""
    ordinary, skilled = (
        rows_of(ledger, f"wages, {kind} staff", ENTERPRISES, HOUSEHOLDS) for kind in ("ordinary", "skilled")
    )
    return ordinary + skilled


def check_households(checks: Checks, ledger: pd.DataFrame, stated: Stated) -> None:
    """What households and local services pay, at the rates of the scenario, or at rates that a run keeps."""
    services = rows_of(ledger, "local services", HOUSEHOLDS, REST)
    their_wages = rows_of(ledger, "wages, local services", REST, HOUSEHOLDS)
    earned = wages_of(ledger) + their_wages
    spent = rows_of(ledger, "other consumption", HOUSEHOLDS, NATIONAL) + services
    cost = their_wages + rows_of(ledger, "employer contributions, local services", REST, GOVERNMENT)
    tax = rows_of(ledger, "income tax", HOUSEHOLDS, GOVERNMENT)
    disposable = earned - tax + rows_of(ledger, "dividends, private owners", ENTERPRISES, HOUSEHOLDS)
    rates = stated.households
    if rates is None or any(path.startswith("region.households.") for path in stated.drawn):
        rates, how = {}, "at one rate in all years"
    else:
        rates, how = {**rates, "local": rates["consumption"] * rates["local_services"]}, "at its rate"
    for name, paid, base, rate in (
        ("households: income tax", tax, earned, "income_tax"),
        ("households: consumption of what they dispose of", spent, disposable, "consumption"),
        ("households: local services of what they dispose of", services, disposable, "local"),
        ("local services: labour cost of their sales", cost, services, "services_labour"),
    ):
        checks.equal(f"{name}, {how}", paid, base * rates.get(rate, kept_rate(paid, base)))
    if stated.labour_cost:
        factor = sum(stated.labour_cost.values()) / len(stated.labour_cost)
        checks.equal("local services: labour cost over pay", cost, factor * their_wages)


def kept_rate(paid: pd.Series, base: pd.Series) -> pd.Series:
    """What was paid over what it is paid on, of all years of a run together."""
    runs = [base.index.get_level_values(key) for key in RUN if key != "year"]
    return over(paid.groupby(runs).transform("sum"), base.groupby(runs).transform("sum"))


def check_wages(
    checks: Checks, ledger: pd.DataFrame, segments: pd.DataFrame, firms: pd.DataFrame, stated: Stated
) -> None:
    """Wages by skill, with the hours that the labour cost of every enterprise tells, and contributions on them."""
    if not stated.labour_cost:
        checks.lacking("ledger: wages by skill = those of the enterprises", "labour cost over pay is not known")
        return
    keys = pd.MultiIndex.from_frame(firms[[*RUN, "segment"]])
    pay = segments.set_index([*RUN, "segment"])[["wage_ordinary", "wage_skilled"]].reindex(keys).to_numpy() / 1000.0
    factor = firms["segment"].map(dict(stated.labour_cost))
    ordinary, skilled = firms["ordinary"] * pay[:, 0], firms["skilled"] * pay[:, 1]
    research, net = firms["research"] * pay[:, 1], firms["labour_cost"] / factor
    hours = over(net - research, ordinary + skilled)
    unpaid = (1.0 - hours).clip(lower=0.0).where(ordinary + skilled > 0, 0.0)
    unpaid.index = pd.MultiIndex.from_frame(firms[[*RUN, "identity"]])
    checks.gap("enterprises: staff is paid for its hours at least", unpaid, unpaid * 0.0 + 1.0)
    paid = {
        "wages, ordinary staff": ordinary * hours,
        "wages, skilled staff": skilled * hours + research,
        "employer contributions": firms["labour_cost"] - net,
    }
    for row, amount in paid.items():
        told = rows_of(ledger, row, ENTERPRISES, GOVERNMENT if row.startswith("employer") else HOUSEHOLDS)
        of_firms = amount.groupby([firms[key] for key in RUN]).sum().reindex(told.index, fill_value=0.0)
        gross = firms["labour_cost"].groupby([firms[key] for key in RUN]).sum().reindex(told.index, fill_value=0.0)
        checks.equal(f"ledger: {row} = that of the enterprises", told, of_firms, gross + told.abs())


def check_owners(checks: Checks, ledger: pd.DataFrame, firms: pd.DataFrame) -> None:
    """Dividends by the kind of owner; a restructuring changes owners after dividends are paid."""
    before = a_year_later(firms[["owner"]])["owner"].reindex(firms.index)
    paid_to = before.where(before.notna(), firms["owner"])
    for kind, (owners, sector) in OWNERS.items():
        theirs = firms[paid_to.isin(owners)].reset_index()
        checks.equal(
            f"ledger: dividends, {kind} owners = those of their enterprises",
            rows_of(ledger, f"dividends, {kind} owners", ENTERPRISES, sector),
            by_year(ledger, theirs, "dividends"),
        )


def check_written_off(checks: Checks, ledger: pd.DataFrame) -> None:
    """The bank writes off no less than nothing: its profit is at most interest and what guarantees paid it."""
    paid = ledger[ledger["row"].str.startswith("guarantee losses, ")]
    due = rows_of(ledger, "interest", ENTERPRISES, BANK) + by_year(ledger, paid, "amount")
    profit = rows_of(ledger, "bank profit", BANK, HOUSEHOLDS)
    checks.gap("bank: profit within interest and guarantees", (profit - due).clip(lower=0.0), due + profit.abs())
