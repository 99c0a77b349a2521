"""Accounts of a run re-added from its tables: rows, ledger, trade, support, value added.

Payers and receivers of rows stand here a second time on purpose: the auditor does not ask the ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from chainsim.validation.audit_checks import RUN, Checks, Names, Stated, Tables, dropped

KEYS: dict[str, list[str]] = {
    "region": ["scope"],
    "tiers": ["tier"],
    "industries": ["industry"],
    "segments": ["segment"],
    "parks": ["park"],
    "levers": ["lever"],
    "ledger": ["row", "payer", "receiver"],
    "trade": ["from_segment", "to_segment", "origin"],
    "named": ["name"],
    "missing_links": ["segment"],
    "enterprises": ["identity"],
    "support": ["lever", "identity"],
    "links": ["buyer", "input", "slot"],
}
"""What tells the rows of a year, by table."""
STEADY = ("region", "tiers", "industries", "segments", "parks", "trade", "missing_links", "levers")
"""Tables that have the same rows in every year; levers after the base year."""
NEVER_EMPTY = ("region", "tiers", "segments", "parks", "ledger")
"""Tables that have rows whatever the scenario is."""
OF_EVERY_RUN = ("levers", "named", "missing_links")
"""Tables that every run writes, without rows where there is nothing to tell."""
RECORDED = {"enterprises": ("enterprises", "support"), "links": ("links",)}
"""Tables of single enterprises, by what a scenario records."""
ENTERPRISES, GOVERNMENT, NATIONAL = "enterprises", "government", "national"
OF_INSTITUTES = "rest_of_region"
"""Whoever pays for it, institutes get support as such; all other support is of some enterprise."""
PEOPLE = "households"
"""Who comes to laboratories of segments without enterprises is paid as well, and is no enterprise."""
NOT_SUPPORT = "^(?:claw-back|guarantee losses), |, outside"
"""Rows of a lever that are no support of an enterprise of the region."""
FINAL = {
    "final sales, local": "rest_of_region",
    "final sales, government": GOVERNMENT,
    "final sales, national": NATIONAL,
    "final sales, abroad": "abroad",
}
"""Who pays for final sales."""
BOUGHT = {
    "intermediates, local": "purchases_local",
    "intermediates, national": "purchases_national",
    "intermediates, abroad": "purchases_abroad",
}
OF_SEGMENTS = {"final sales, abroad": "exports", "investment goods": "investment"} | BOUGHT
"""Rows of the ledger that are sums over segments."""


def check_rows(checks: Checks, tables: Tables, stated: Stated) -> Tables:
    """Every row once, every run and year of the scenario there, the same keys in every year.

    *Returns* the tables of which this holds.
    """
    runs = runs_of(tables, stated)
    due = runs.merge(years_of(tables, stated), on="point")
    first = due.groupby("point")["year"].transform("min")
    before = len(checks.found)
    expected = {"levers": due[due["year"] > first], "enterprises": peopled(due, tables)}
    for name, table in tables.items():
        check_labels(checks, name, table, stated)
        if len(table) or name in NEVER_EMPTY or stated.keys.get(name):
            check_keys(checks, name, table, expected.get(name, due), stated.keys.get(name, ()))
    for name in stated.tables:
        absent = pd.Series(float(name not in tables), index=[name])
        checks.gap(f"{name}: the table is there", absent, absent * 0.0 + 1.0)
    wrong = {check.name.partition(":")[0] for check in checks.found[before:] if check.failed}
    return {name: table for name, table in tables.items() if name not in wrong}


def tables_due(names: Names, record: Mapping[str, bool]) -> tuple[str, ...]:
    """Tables that a run writes, by the names that they have rows for and what its scenario records."""
    kept = (table for what, tables in RECORDED.items() if record.get(what) for table in tables)
    named = (name for name in names if names[name])
    return tuple(dict.fromkeys((*NEVER_EMPTY, *OF_EVERY_RUN, *named, *kept)))


def runs_of(tables: Tables, stated: Stated) -> pd.DataFrame:
    """Point and replication of all runs that there should be; those of the tables where nothing is stated."""
    if stated.runs is not None:
        return stated.runs
    found = pd.concat([table[["point", "replication"]] for table in tables.values()]).drop_duplicates()
    if stated.seeds is None:
        return found
    points = found["point"].unique() if len(found) else [0]
    every = pd.MultiIndex.from_product([points, range(len(stated.seeds))], names=["point", "replication"])
    return every.to_frame(index=False)


def years_of(tables: Tables, stated: Stated) -> pd.DataFrame:
    """Point and year of all years that there should be: those stated, or from the first to the last of each point."""
    found = pd.concat([table[["point", "year"]] for table in tables.values()]).groupby("point")["year"]
    spans = found.agg(["min", "max"]).astype(int)
    if stated.runs is not None:
        spans = spans.reindex(stated.runs["point"].unique(), fill_value=0)
    if stated.years is not None:
        spans["min"], spans["max"] = stated.years
    years = [range(first, last + 1) for first, last in spans.to_numpy()]
    return pd.DataFrame({"point": spans.index, "year": years}).explode("year").astype({"year": int})


def check_labels(checks: Checks, name: str, table: pd.DataFrame, stated: Stated) -> None:
    """Every row bears the name of the scenario and the seed of its run, as far as they are stated."""
    if not len(table):
        return
    wrong = pd.Series(0.0, index=pd.MultiIndex.from_frame(table[RUN]))
    if stated.name is not None:
        wrong += table["scenario"].ne(stated.name).to_numpy(dtype=float)
    if stated.seeds is not None:
        seeds = table["replication"].map(dict(enumerate(stated.seeds)))
        wrong += table["seed"].ne(seeds).to_numpy(dtype=float)
    else:
        seeds = table.groupby(["point", "replication"])["seed"].transform("first")
        wrong += table["seed"].ne(seeds).to_numpy(dtype=float)
    checks.gap(f"{name}: scenario and seed of the run", wrong, wrong * 0.0 + 1.0)


def peopled(due: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """The years of `due` in which there are enterprises, as far as the regional table tells."""
    region = tables.get("region")
    if region is None or "scope" not in region:
        return due
    empty = region.loc[(region["scope"] == "all") & (region["enterprises"] == 0.0), RUN].drop_duplicates()
    left = due.merge(empty, how="left", on=list(RUN), indicator=True)
    return left.loc[left["_merge"] == "left_only", due.columns]


def check_keys(checks: Checks, name: str, table: pd.DataFrame, due: pd.DataFrame, stated: Collection[Any]) -> None:
    """The rows of one table: none twice; in the years `due` the same keys, those `stated` at least, or some row."""
    keys = KEYS[name] if name in STEADY else []
    doubled = table.duplicated([*RUN, *KEYS[name]], keep="first").to_numpy(dtype=float)
    index = pd.MultiIndex.from_frame(table[[*RUN, *KEYS[name]]])
    checks.gap(f"{name}: every row once", pd.Series(doubled, index=index), pd.Series(1.0, index=index))
    if name not in (*STEADY, *NEVER_EMPTY, "enterprises"):
        astray = pd.Series((~index_of(table, []).isin(index_of(due, []))).astype(float), index=index)
        checks.gap(f"{name}: of runs and years that there are", astray, pd.Series(1.0, index=index))
        return
    names = table[["point", *keys]].drop_duplicates()
    if stated:
        rows = [each if isinstance(each, tuple) else (each,) for each in stated]
        every = due[["point"]].drop_duplicates().merge(pd.DataFrame(rows, columns=keys), how="cross")
        names = pd.concat([names, every]).drop_duplicates()
    wanted = due.merge(names, on="point") if keys else due
    there = table[[*RUN, *keys]].drop_duplicates()
    one, other = (pd.Series(1.0, index=index_of(rows, keys)) for rows in (there, wanted))
    checks.equal(f"{name}: the same rows in every year", one, other)


def index_of(table: pd.DataFrame, keys: list[str]) -> pd.MultiIndex:
    """Run, year and keys of a table."""
    return pd.MultiIndex.from_frame(table[[*RUN, *keys]])


def rows_of(ledger: pd.DataFrame, row: str, payer: str, receiver: str) -> pd.Series:
    """Net amount that `payer` paid `receiver` by a row, by run and year."""
    of_row = ledger[ledger["row"] == row]
    sign = of_row["payer"].eq(payer) & of_row["receiver"].eq(receiver)
    back = of_row["payer"].eq(receiver) & of_row["receiver"].eq(payer) & (payer != receiver)
    signed = of_row["amount"].where(sign, -of_row["amount"].where(back))
    return by_year(ledger, of_row.assign(signed=signed), "signed")


def by_year(ledger: pd.DataFrame, part: pd.DataFrame, column: str) -> pd.Series:
    """Sum of part of the ledger by run and year, 0 in years without such rows; not a number where a part is none."""
    sums = part.groupby(RUN)[column].sum()
    sums[sums.index.isin(index_of(part[part[column].isna()], []))] = np.nan
    return sums.reindex(ledger.groupby(RUN).size().index, fill_value=0.0)


def check_ledger(checks: Checks, tables: Tables, stated: Stated) -> None:
    """Receipts equal payments in every column; rows equal the sums of segments; nothing is negative."""
    ledger, segments = tables["ledger"], tables["segments"]
    amounts = ledger.set_index([*RUN, "row"])["amount"]
    received = ledger.groupby([*RUN, ledger["receiver"].rename("column")])["amount"].sum()
    paid = ledger.groupby([*RUN, ledger["payer"].rename("column")])["amount"].sum()
    one, other = received.align(paid, join="outer", fill_value=0.0)
    turnover = ledger.groupby(RUN)["amount"].sum().reindex(dropped(one.index, "column")).set_axis(one.index)
    checks.equal("ledger: receipts of every column = payments", one, other, turnover)
    checks.gap("ledger: no amount below 0", amounts.clip(upper=0.0), amounts.abs() + 1.0)
    sums = segments.groupby(RUN)[["output", *OF_SEGMENTS.values()]].sum()
    turnover = ledger.groupby(RUN)["amount"].sum()
    for row, column in OF_SEGMENTS.items():
        payer, receiver = (FINAL[row], ENTERPRISES) if row in FINAL else (ENTERPRISES, NATIONAL)
        receiver = {"intermediates, local": ENTERPRISES, "intermediates, abroad": "abroad"}.get(row, receiver)
        checks.equal(f"ledger: {row} = {column} of segments", rows_of(ledger, row, payer, receiver), sums[column])
    final = sum_of(ledger, FINAL)
    checks.equal(
        "goods: output of segments = final sales + local intermediates",
        sums["output"],
        final + sums["purchases_local"] + bought_by_levers(ledger),
    )


ORIGINS = ["local", "national", "abroad"]
"""Where goods come from."""


def bought_by_levers(ledger: pd.DataFrame) -> pd.Series:
    """What levers buy from enterprises: public purchases, by run and year."""
    bought = ledger[ledger["row"].str.startswith("public purchases, ") & (ledger["receiver"] == ENTERPRISES)]
    return by_year(ledger, bought, "amount")


def sum_of(ledger: pd.DataFrame, rows: dict[str, str]) -> pd.Series:
    """What the enterprises receive by rows and their payers, by run and year."""
    parts = [rows_of(ledger, row, payer, ENTERPRISES) for row, payer in rows.items()]
    return pd.concat(parts, axis=1).sum(axis=1, skipna=False)


def check_trade(checks: Checks, tables: Tables, stated: Stated) -> None:
    """Goods used are goods produced here and bought outside, by buyer and by product."""
    trade, segments = tables["trade"], tables["segments"].set_index([*RUN, "segment"])
    by_buyer = (
        trade.groupby([*RUN, "to_segment", "origin"])["value"]
        .sum()
        .unstack("origin")
        .reindex(columns=ORIGINS)
        .rename_axis(index={"to_segment": "segment"})
    )
    for origin in by_buyer.columns:
        bought = by_buyer[origin].astype(float).reindex(segments.index, fill_value=0.0)
        checks.equal(
            f"trade: bought {origin} = purchases_{origin} of the buyer", bought, segments[f"purchases_{origin}"]
        )
    by_product = (
        trade.groupby([*RUN, "from_segment", "origin"])["value"]
        .sum()
        .unstack("origin")
        .reindex(columns=ORIGINS)
        .rename_axis(index={"from_segment": "segment"})
    )
    by_product = by_product.astype(float).reindex(segments.index, fill_value=0.0)
    checks.equal("trade: bought wherever = demand for the product", by_product.sum(axis=1), segments["demand"])
    local = segments["demand"] * segments["local_supply_rate"]
    checks.equal("trade: bought local = demand x local supply rate", by_product["local"], local)
    spare = segments["output"] - by_product["local"]
    checks.gap("goods: no segment sells more than it makes", spare.clip(upper=0.0), segments["output"])
    checks.at_most("goods: exports within what is not sold here", segments["exports"], spare)


def check_value_added(checks: Checks, tables: Tables, stated: Stated) -> None:
    """Value added from production and from final uses; `audit_enterprises` has it by incomes."""
    ledger, segments = tables["ledger"], tables["segments"]
    added = segments.groupby(RUN)["value_added"].sum()
    output = segments.groupby(RUN)["output"].sum()
    spent = rows_of(ledger, "other inputs", ENTERPRISES, NATIONAL)
    bought = sum(
        (rows_of(ledger, *row) for row in (("intermediates, local", ENTERPRISES, ENTERPRISES), *OUTSIDE)), 0 * spent
    )
    checks.equal("value added: output - inputs (production)", added, output - bought - spent, output)
    outside = sum((rows_of(ledger, *row) for row in OUTSIDE), 0 * spent)
    final = sum_of(ledger, FINAL) + bought_by_levers(ledger)
    checks.equal("value added: final sales - inputs from outside (final uses)", added, final - outside - spent, output)


OUTSIDE = (("intermediates, national", ENTERPRISES, NATIONAL), ("intermediates, abroad", ENTERPRISES, "abroad"))
"""Inputs from outside: row, payer, receiver."""


def check_support(checks: Checks, tables: Tables, stated: Stated) -> None:
    """Support paid is support received, within budgets and requests, and what the region tells."""
    ledger, levers, region = tables["ledger"], tables["levers"], tables["region"]
    told = region.set_index([*RUN, "scope"])["fiscal_outlay"]
    named = ledger.assign(lever=ledger["row"].str.split(", ").str[1])
    support = tables["segments"].groupby(RUN)["support"].sum()
    if not len(levers):
        return
    levers = levers.set_index([*RUN, "lever"])
    named = named[named["lever"].isin(levers.index.unique("lever"))]
    back = named["row"].str.startswith("claw-back, ")
    paid = named[~back].set_index([*RUN, "lever"])
    sign = paid["payer"].eq(GOVERNMENT).astype(float) - paid["receiver"].eq(GOVERNMENT).astype(float)
    outlay = (paid["amount"] * sign).groupby(level=[*RUN, "lever"]).sum()
    checks.equal(
        "support: outlay of every lever = what the government pays in the ledger",
        levers["outlay"],
        outlay.reindex(levers.index, fill_value=0.0),
    )
    to_region = back & named["receiver"].eq(GOVERNMENT)
    recovered = named[to_region].groupby([*RUN, "lever"])["amount"].sum().reindex(levers.index, fill_value=0.0)
    checks.equal(
        "support: recovered of every lever = claw-back of the region in the ledger", levers["recovered"], recovered
    )
    checks.equal("support: granted = outlay + co-financed", levers["granted"], levers["outlay"] + levers["cofinanced"])
    checks.at_most("support: outlay within the budget", levers["outlay"], levers["budget"])
    checks.at_most("support: granted within requested", levers["granted"], levers["requested"])
    total = levers["outlay"].groupby(level=RUN).sum().reindex(support.index, fill_value=0.0)
    for scope in told.index.unique("scope"):
        here = told.xs(scope, level="scope")
        checks.equal(
            f"support: outlay of the region ({scope}) = of its levers", here, total.reindex(here.index, fill_value=0.0)
        )
    to_firms = named[~back & named["receiver"].eq(ENTERPRISES)]
    received = by_year(ledger, to_firms, "amount")
    checks.equal("support: received by enterprises = paid to them", support, received)
