"""What can be re-added where every enterprise is recorded: segments, rows of the ledger, incomes, capital and cash."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chainsim.validation.audit_accounts import (
    ENTERPRISES,
    GOVERNMENT,
    NATIONAL,
    NOT_SUPPORT,
    OF_INSTITUTES,
    PEOPLE,
    by_year,
    rows_of,
)
from chainsim.validation.audit_checks import (
    RUN,
    TOLERANCE,
    Checks,
    Stated,
    Tables,
    a_year_later,
    dropped,
    in_first_year,
    over,
    with_year_before,
)
from chainsim.validation.audit_years import check_years

SUMS = {
    "output": "sales",
    "value_added": "value_added",
    "employment": "employment",
    "rd": "rd",
    "profit": "profit",
    "capital": "capital",
    "debt": "debt",
    "exports": "final_sales_abroad",
    "purchases_local": "purchases_local",
    "purchases_national": "purchases_national",
    "purchases_abroad": "purchases_abroad",
}
"""Columns of segments that are sums of a column of enterprises."""
ROWS = (
    ("final sales, local", "rest_of_region", ENTERPRISES, ("final_sales_local_other",)),
    ("final sales, national", NATIONAL, ENTERPRISES, ("final_sales_national",)),
    ("final sales, abroad", "abroad", ENTERPRISES, ("final_sales_abroad",)),
    ("other inputs", ENTERPRISES, NATIONAL, ("other_inputs",)),
    ("R&D services", ENTERPRISES, NATIONAL, ("rd_services",)),
    ("interest", ENTERPRISES, "bank", ("interest",)),
    ("profit tax", ENTERPRISES, GOVERNMENT, ("profit_tax",)),
)
"""Rows of the ledger that are sums over enterprises: row, payer, receiver, columns."""
INPUTS = ["purchases_local", "purchases_national", "purchases_abroad", "other_inputs"]
NEEDING = (
    "enterprises: sums = segments",
    "enterprises: sums = rows of the ledger",
    "enterprises: employment = ordinary + skilled + research",
    "value added: staff, taxes, capital, R&D services and profit (incomes)",
    "enterprises: capital = last year's + investment - depreciation",
    "enterprises: cash = last year's + receipts - payments",
    "strength: quality and national share of the enterprises",
    "single firms: hhi, largest share, single-source risk",
    "enterprises: from year to year, by park and market",
)
"""Identities that need the table of enterprises."""


def check_enterprises(checks: Checks, tables: Tables, stated: Stated) -> None:
    """All identities of the table of enterprises, or a word that it is not there."""
    if "enterprises" not in tables:
        for name in NEEDING:
            checks.lacking(name, "enterprises are not recorded")
        return
    firms = tables["enterprises"].set_index([*RUN, "identity"])
    segments = tables["segments"].set_index([*RUN, "segment"])
    check_sums(checks, tables, firms, segments)
    check_concentration(checks, firms, segments)
    check_incomes(checks, tables, firms)
    check_capital_and_cash(checks, tables, firms)
    check_named(checks, tables, firms)
    check_parks(checks, tables, firms, stated)
    check_paid(checks, tables, firms)
    if stated.working is None:
        checks.lacking(NEEDING[-1], "which stages are at work is not known")
        return
    check_years(checks, tables, firms, stated.working)


def check_paid(checks: Checks, tables: Tables, firms: pd.DataFrame) -> None:
    """Support by enterprise goes to enterprises of that name and place, and is what the ledger says of every lever.

    Those that arrive in the year are in the table of enterprises from the next.
    """
    paid, levers = tables.get("support"), tables["levers"]
    if paid is None or not len(levers):
        return
    index, known = pd.MultiIndex.from_frame(paid[[*RUN, "identity"]]), ["name", "segment", "park", "owner"]
    due, there = firms[known].reindex(index).reset_index(drop=True), index.isin(firms.index)
    differs = paid[known].reset_index(drop=True).astype(str).ne(due.astype(str)).any(axis=1)
    wrong = (differs.to_numpy() & there).astype(float)
    checks.gap("support by enterprise: of these enterprises", pd.Series(wrong, index), pd.Series(1.0, index))
    ledger = tables["ledger"].assign(lever=tables["ledger"]["row"].str.split(", ").str[1])
    one_by_one = ledger["lever"].isin(levers["lever"]) & ledger["receiver"].ne(OF_INSTITUTES)
    ledger = ledger[one_by_one & ~ledger["row"].str.contains(NOT_SUPPORT)]
    by_lever = [each.groupby([*RUN, "lever"])[of].sum() for each, of in ((paid, "paid"), (ledger, "amount"))]
    every = by_lever[0].index.union(by_lever[1].index)
    sums, told = (each.reindex(every, fill_value=0.0) for each in by_lever)
    of_people = told.index.isin(ledger[ledger["receiver"].eq(PEOPLE)].set_index([*RUN, "lever"]).index)
    checks.equal("support by enterprise: sum of every lever = paid in the ledger", sums[~of_people], told[~of_people])
    if of_people.any():
        checks.at_most("support by enterprise: people within what they are paid", sums[of_people], told[of_people])
        rows = paid.set_index([*RUN, "lever"]).index
        checks.partly("support by enterprise: paid", rows, told.index[~of_people])
    to_firms = ledger[ledger["receiver"].eq(ENTERPRISES)].set_index(OF_LEVER).index
    theirs = paid.set_index(OF_LEVER).index.isin(to_firms)
    got = paid[theirs].groupby([*RUN, "identity"])["paid"].sum()
    got = got.reindex(firms.index, fill_value=0.0)
    checks.equal("support by enterprise: sum of the levers that pay enterprises = support", firms["support"], got)


OF_LEVER = ["point", "replication", "lever"]
"""What tells a lever of a run: in another point its name may be of another type."""


def summed(firms: pd.DataFrame, values: pd.Series, like: pd.DataFrame) -> pd.Series:
    """Sums of a value of enterprises by segment, in the rows of the table of segments."""
    return (
        values.groupby([*(firms.index.get_level_values(key) for key in RUN), firms["segment"]])
        .sum()
        .reindex(like.index, fill_value=0.0)
    )


def yearly(values: pd.Series, ledger: pd.DataFrame) -> pd.Series:
    """Sums of a value of enterprises by run and year of the ledger, 0 in years without enterprises."""
    return values.groupby(level=RUN).sum().reindex(ledger.groupby(RUN).size().index, fill_value=0.0)


def check_sums(checks: Checks, tables: Tables, firms: pd.DataFrame, segments: pd.DataFrame) -> None:
    """Sums of enterprises are what segments and the ledger tell."""
    staff = firms[["ordinary", "skilled", "research"]].sum(axis=1)
    checks.equal("enterprises: employment = ordinary + skilled + research", firms["employment"], staff)
    inputs = firms[INPUTS].sum(axis=1)
    checks.equal(
        "enterprises: value added = sales - inputs",
        firms["value_added"],
        firms["sales"] - inputs,
        firms["sales"] + inputs,
    )
    sold = firms[[f"final_sales_{market}" for market in ("local_other", "government", "national", "abroad")]].sum(
        axis=1
    )
    checks.equal("enterprises: sales = final + intermediate sales", firms["sales"], sold + firms["intermediate_sales"])
    gross = summed(firms, firms["sales"], segments)
    for column, of_firms in SUMS.items():
        flows = None if column not in ("profit", "value_added") else gross
        checks.equal(
            f"enterprises: sum of {of_firms} = {column} of the segment",
            segments[column],
            summed(firms, firms[of_firms], segments),
            flows,
        )
    none_came = segments["entries"].eq(0)
    for name in ("investment", "support"):  # entrants get and spend some, and are recorded from their first whole year
        within = summed(firms, firms[name], segments)
        checks.at_most(f"enterprises: sum of {name} within that of the segment", within, segments[name])
        alone = f"enterprises: sum of {name} = {name} of the segment without entrants"
        checks.equal(alone, segments[name][none_came], within[none_came])
    checks.equal(
        "enterprises: number = enterprises of the segment",
        segments["enterprises"],
        summed(firms, firms["sales"] * 0 + 1, segments),
    )
    checks.equal(
        "enterprises: those closed = exits of the segment",
        segments["exits"],
        summed(firms, (~firms["active"]).astype(float), segments),
    )
    ledger = tables["ledger"]
    for row, payer, receiver, columns in ROWS:
        total = yearly(firms[list(columns)].sum(axis=1), ledger)
        checks.equal(
            f"enterprises: sum of {columns[0]} = {row} in the ledger", total, rows_of(ledger, row, payer, receiver)
        )
    net = rows_of(ledger, "production tax", ENTERPRISES, GOVERNMENT) - rows_of(
        ledger, "production subsidy", GOVERNMENT, ENTERPRISES
    )
    checks.equal(
        "enterprises: production tax = tax less subsidy in the ledger",
        yearly(firms["production_tax"], ledger),
        net,
    )
    paid = ledger[ledger["row"].isin(["wages, ordinary staff", "wages, skilled staff", "employer contributions"])]
    checks.equal(
        "enterprises: labour cost = wages and contributions in the ledger",
        yearly(firms["labour_cost"], ledger),
        by_year(ledger, paid, "amount"),
    )
    shared = ledger[ledger["row"].str.startswith("dividends, ")]
    checks.equal(
        "enterprises: dividends = those of the ledger",
        yearly(firms["dividends"], ledger),
        by_year(ledger, shared, "amount"),
    )


def check_concentration(checks: Checks, firms: pd.DataFrame, segments: pd.DataFrame) -> None:
    """Herfindahl index, largest share and single-source risk from the enterprises."""
    keys = [*(firms.index.get_level_values(key) for key in RUN), firms["segment"]]
    squares = summed(firms, firms["sales"] ** 2, segments)
    checks.equal("single firms: hhi = sum of squared shares", segments["hhi"], over(squares, segments["output"] ** 2))
    largest = firms["sales"].groupby(keys).max().reindex(segments.index, fill_value=0.0)
    checks.equal("single firms: largest share of output", segments["largest_share"], over(largest, segments["output"]))
    largest = firms["intermediate_sales"].groupby(keys).max().reindex(segments.index, fill_value=0.0)
    checks.equal("single firms: single-source risk", segments["single_source_risk"], over(largest, segments["demand"]))
    mean = over(summed(firms, firms["quality"] * firms["sales"], segments), segments["output"])
    level = summed(firms, firms["quality"].abs() * firms["sales"], segments)
    checks.equal(
        "single firms: quality by output", segments["quality"], mean, over(level, segments["output"]) + mean.abs()
    )
    products = over(summed(firms, firms["products"], segments), segments["enterprises"])
    checks.equal("single firms: mean number of products", segments["products"], products)
    units = summed(firms, firms["output"], segments)
    checks.equal("single firms: price = output over units", segments["price"], over(segments["output"], units))
    orders = summed(firms, firms["orders"], segments)
    checks.equal("single firms: fill rate = units over orders", segments["fill_rate"], over(units, orders))
    markup = over(summed(firms, firms["markup"] * firms["sales"], segments), segments["output"])
    level = over(summed(firms, firms["markup"].abs() * firms["sales"], segments), segments["output"])
    checks.equal("single firms: markup by output", segments["markup"], markup, level + markup.abs())
    losing = summed(firms, firms["profit"].lt(0).astype(float), segments)
    checks.equal("single firms: loss makers", segments["loss_makers"], over(losing, segments["enterprises"]))
    staff = {"ordinary": firms["ordinary"], "skilled": firms["skilled"] + firms["research"]}
    for kind, values in staff.items():
        told = segments[f"employment_{kind}"]
        checks.equal(f"single firms: {kind} staff of segments", told, summed(firms, values, segments))
    services = over(summed(firms, firms["rd"] - firms["rd_services"], segments), segments["rd"])
    checks.equal("single firms: own part of R&D", segments["independent_rd"], services)
    check_quality_part(checks, firms, segments)


def check_quality_part(checks: Checks, firms: pd.DataFrame, segments: pd.DataFrame) -> None:
    """Strength of segments from national share, quality level and R&D intensity over those of the base year."""
    level = over(summed(firms, np.exp(firms["quality"]) * firms["sales"], segments), segments["output"])
    parts = pd.DataFrame(
        {"share": segments["national_share"], "quality": level, "rd": over(segments["rd"], segments["output"])}
    )
    base = of_base_year(parts)
    ratios = [over(parts[name], base[name]) for name in ("share", "quality", "rd")]
    product = ratios[0] * ratios[1] * ratios[2]
    checks.equal(
        "strength: raw^3 of segments = share x quality x R&D over the base year's",
        segments["strength_raw"] ** 3,
        product,
    )


def of_base_year(values: pd.DataFrame) -> pd.DataFrame:
    """The values of the first year, in every year."""
    base = values[in_first_year(values.index)]
    base = base.set_axis(dropped(base.index, "year"))
    rest = dropped(values.index, "year")
    return pd.DataFrame(base.reindex(rest).to_numpy(), values.index, values.columns)


def without_levers(tables: Tables, firms: pd.DataFrame) -> pd.Series[bool]:
    """Whether a row is of a year in which no lever asked for or paid anything, and nobody paid for taking part."""
    levers, ledger = tables["levers"], tables["ledger"]
    at_work = levers[levers["requested"].ne(0) | levers["outlay"].ne(0)]
    runs = pd.MultiIndex.from_frame(pd.concat([at_work[RUN], ledger[taking_part(ledger)][RUN]]))
    quiet = ~dropped(firms.index, "identity").isin(runs)
    return pd.Series(quiet.tolist(), index=firms.index, dtype=bool)


def without_own_payments(tables: Tables, firms: pd.DataFrame) -> pd.Series[bool]:
    """Whether a row is of a year in which nobody paid for taking part in a lever, or sold to one."""
    ledger = tables["ledger"]
    rows = ledger[taking_part(ledger) | ledger["row"].str.startswith("public purchases, ")]
    quiet = ~dropped(firms.index, "identity").isin(pd.MultiIndex.from_frame(rows[RUN]))
    return pd.Series(quiet.tolist(), index=firms.index, dtype=bool)


def taking_part(ledger: pd.DataFrame) -> pd.Series[bool]:
    """Whether a row of the ledger is what enterprises pay for taking part in a lever, which may outlast its support."""
    return ledger["row"].eq("security certificates") | ledger["row"].str.contains("cost of adoption")


def check_incomes(checks: Checks, tables: Tables, firms: pd.DataFrame) -> None:
    """Value added as the incomes it makes; with levers, support and what they cost stand between, summed by year."""
    incomes = firms[["labour_cost", "rd_services", "production_tax", "interest", "depreciation", "profit"]].sum(axis=1)
    usual = without_levers(tables, firms)
    if usual.any():
        checks.equal(NEEDING[3], firms["value_added"][usual], incomes[usual], firms["sales"][usual] * 2)
    if usual.all():
        return
    gained = (incomes - firms["value_added"]).groupby(level=RUN).sum()
    ledger = tables["ledger"]
    cost = ledger[taking_part(ledger)]
    sales = firms["sales"].groupby(level=RUN).sum()
    support = firms["support"].groupby(level=RUN).sum()
    paid = by_year(ledger, cost, "amount").reindex(gained.index)  # the ledger has years in which nobody is left
    checks.gap("value added: incomes within support (with levers)", (gained - support).clip(lower=0.0), sales)
    checks.gap(
        "value added: incomes within what levers cost (with levers)",
        (-gained - paid).clip(lower=0.0),
        sales,
    )


def check_capital_and_cash(checks: Checks, tables: Tables, firms: pd.DataFrame) -> None:
    """Stocks follow from last year's and the flows, of enterprises that stay and are not restructured."""
    stocks = firms[["capital", "capital_ordered", "debt", "cash", "active"]]
    now = firms.join(a_year_later(stocks).add_suffix("_before"), how="inner")
    now = now[now["active"].astype(bool)]
    capital, before = now["capital"] + now["capital_ordered"], now["capital_before"] + now["capital_ordered_before"]
    due = before + now["investment"] - now["depreciation"]
    gross = before + now["investment"] + now["depreciation"]
    checks.gap(NEEDING[4] + " or less", (capital - due).clip(lower=0.0), gross)
    kept = (capital - due).abs() <= TOLERANCE * gross
    plain = kept & ~now["owner_backed"].astype(bool) & without_own_payments(tables, now)
    checks.partly("enterprises: cash", firms.index, with_year_before(now.index[plain]))
    if not plain.any():
        checks.lacking(NEEDING[5], "what single enterprises pay for levers, or sell to them, is not recorded")
        return
    now = now[plain]
    paid = now[
        [*INPUTS, "labour_cost", "rd_services", "production_tax", "interest", "profit_tax", "dividends", "investment"]
    ].sum(axis=1)
    due = now["cash_before"] + now["sales"] + now["support"] - paid + now["debt"] - now["debt_before"]
    stocks_then = now["cash_before"].abs() + now["debt_before"]
    checks.equal(NEEDING[5], now["cash"], due, now["sales"] + paid + stocks_then + now["debt"])


def check_named(checks: Checks, tables: Tables, firms: pd.DataFrame) -> None:
    """Named enterprises are those of the table of enterprises that have a name."""
    if "named" not in tables or not len(tables["named"]):
        return
    named = tables["named"].set_index([*RUN, "name"])
    theirs = firms[firms["name"].ne("")].reset_index("identity").set_index("name", append=True)
    theirs = theirs[~theirs.index.duplicated()]
    wrong = named["segment"].ne(theirs["segment"].reindex(named.index)).astype(float)
    checks.gap("named: segment = of the enterprise", wrong, wrong * 0.0 + 1.0)
    for column, of_firms in (("output", "sales"), ("employment", "employment"), ("rd", "rd"), ("profit", "profit")):
        checks.equal(f"named: {column} = of the enterprise", named[column], theirs[of_firms])


def check_parks(checks: Checks, tables: Tables, firms: pd.DataFrame, stated: Stated) -> None:
    """Every park is the sum of its enterprises of the chain."""
    if "parks" not in tables:
        return
    parks = tables["parks"].set_index([*RUN, "park"])
    chain = firms[~firms["tier"].isin(list(stated.application))]
    keys = [*(chain.index.get_level_values(key) for key in RUN), chain["park"]]
    gross = chain["sales"].groupby(keys).sum().reindex(parks.index, fill_value=0.0)
    came = tables["segments"].groupby(RUN)["entries"].sum()
    quiet = dropped(parks.index, "park").isin(came.index[came == 0])
    for name, column in PARKS.items():
        values = chain[column] if column else chain["sales"] * 0.0 + 1.0
        flows = gross if name == "value_added" else None
        total, told = values.groupby(keys).sum().reindex(parks.index, fill_value=0.0), parks[name]
        if name == "support":
            checks.at_most("parks: support of the enterprises there within that of the park", total, told)
            total, told = total[quiet], told[quiet]
        checks.equal(f"parks: {name} = of the enterprises there", told, total, flows)


PARKS = {
    "output": "sales",
    "value_added": "value_added",
    "employment": "employment",
    "rd": "rd",
    "enterprises": "",
    "support": "support",
}
"""Columns of parks and of enterprises; their number has none."""
