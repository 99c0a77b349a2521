"""Enterprises from one year to the next, and what single columns make of others.

output = sales / price,  delivered share = output over orders, 1 at most
knowledge = keep x last year's + R&D,  one rate for all;  capital wears off at one rate in a segment
sales in a market = share x expenditure x delivered share,  one expenditure for all of a segment
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from chainsim.validation.audit_checks import (
    RUN,
    TOLERANCE,
    Checks,
    Tables,
    a_year_later,
    dropped,
    in_first_year,
    over,
    with_year_before,
)

FIXED = (
    *("name", "tier", "segment", "park", "founded", "named", "high_tech", "owner_backed", "pioneer", "anchor"),
    *("ordinary_coefficient", "skilled_coefficient", "priced_labour", "rd_share", "research_share", "reference_size"),
)
"""Columns that an enterprise keeps all its life."""
MARKETS = ("local_other", "government", "national", "abroad")


def check_years(checks: Checks, tables: Tables, firms: pd.DataFrame, working: frozenset[str]) -> None:
    """All identities over two years and within rows; `working` are the stages that are at work."""
    check_rows(checks, tables, firms)
    check_fixed(checks, firms)
    check_markets(checks, tables, firms)
    check_turnover(checks, tables, firms)
    columns = ["sales", "capital", "capital_ordered", "knowledge", "digital", "digital_coming", "price", "owner"]
    before = a_year_later(firms[[*columns, "loss_years", "default_years", "active"]]).add_suffix("_before")
    now = firms.join(before, how="inner")
    if len(now):
        check_counts(checks, now, working)
        check_stocks(checks, now)
        if "pricing" in working and now["price"].ne(now["price_before"]).any():
            check_share(checks, firms, now)
    tell_rows(checks, tables, firms, now)


def tell_rows(checks: Checks, tables: Tables, firms: pd.DataFrame, now: pd.DataFrame) -> None:
    """In how many rows something is not held, as the year before is not there, or levers stand between."""
    who = [firms.index.get_level_values(key) for key in ("point", "replication", "identity")]
    there = firms.index[firms["sales"].groupby(who).transform("size") > 1]
    checks.partly("enterprises: what they keep", firms.index, there)
    stayed = now.index[now["active"].astype(bool)]
    checks.partly("enterprises: knowledge and capital on order", firms.index, with_year_before(stayed))
    checks.partly("enterprises: last sales, local share, years with a loss or in default", firms.index, stayed)
    checks.partly("enterprises: shares in markets", firms.index, firms.index[undisturbed(tables, firms)])


def check_rows(checks: Checks, tables: Tables, firms: pd.DataFrame) -> None:
    """Price, delivered share, flags, and the tier of the segment."""
    checks.equal("enterprises: sales = price x output", firms["sales"], firms["price"] * firms["output"])
    fill = over(firms["output"], firms["orders"]).clip(upper=1.0).where(firms["orders"] > 0, 1.0)
    checks.equal("enterprises: delivered share = output over orders", firms["fill"], fill)
    checks.at_most("enterprises: output within what is feasible", firms["output"], firms["feasible"])
    tiers = dict(zip(tables["segments"]["segment"], tables["segments"]["tier"], strict=True))
    wrong = firms["tier"].ne(firms["segment"].map(tiers)) | ~firms["operated"].astype(bool)
    wrong |= firms["named"].astype(bool) & firms["name"].eq("")
    wrong |= firms["founded"] > firms.index.get_level_values("year")
    checks.gap("enterprises: tier of their segment, operating, founded before", wrong.astype(float), wrong * 0.0 + 1.0)


def check_fixed(checks: Checks, firms: pd.DataFrame) -> None:
    """What an enterprise keeps is the same in all its years."""
    who = [firms.index.get_level_values(key) for key in ("point", "replication", "identity")]
    for name in FIXED:
        first = firms[name].groupby(who).transform("first")
        wrong = firms[name].ne(first).astype(float)
        checks.gap(f"enterprises: {name} is kept", wrong, wrong * 0.0 + 1.0)


def check_markets(checks: Checks, tables: Tables, firms: pd.DataFrame) -> None:
    """Shares and sales in every market; shares that a restructuring yields are those of the year's end.

    Where levers ask for certificates, or buy, an enterprise has sales beside its share.
    """
    rows = firms[undisturbed(tables, firms)]
    if not len(rows):
        checks.lacking(
            "enterprises: sales in markets = share x expenditure", "levers ask for certificates, or buy, in all years"
        )
        return
    keys = [*(rows.index.get_level_values(key) for key in RUN), rows["segment"]]
    for market in MARKETS:
        met, sold = rows[f"market_share_{market}"] * rows["fill"], rows[f"final_sales_{market}"]
        spent = over(sold.groupby(keys).transform("sum"), met.groupby(keys).transform("sum"))
        checks.equal(f"enterprises: sales in the market {market} = share x expenditure", sold, met * spent)


def undisturbed(tables: Tables, firms: pd.DataFrame) -> pd.Series[bool]:
    """Whether sales follow from shares alone: no lever asks for certificates or buys, none closed or restructured."""
    levers, ledger = tables["levers"], tables["ledger"]
    asked = pd.MultiIndex.from_frame(levers.loc[levers["type"].eq("security_standard"), ["point", "replication"]])
    bought = pd.MultiIndex.from_frame(ledger.loc[ledger["row"].str.startswith("public purchases, "), RUN])
    quiet = ~dropped(firms.index, "identity", "year").isin(asked) & ~dropped(firms.index, "identity").isin(bought)
    yielded = firms["loss_years"].eq(0) & firms["profit"].lt(0)
    return firms["active"].astype(bool) & ~yielded & quiet


def check_turnover(checks: Checks, tables: Tables, firms: pd.DataFrame) -> None:
    """Who is there in a year was there in the last and stayed, or is one of the entries of the last."""
    before = a_year_later(firms[["active"]])["active"]
    known = before.reindex(firms.index)
    first = in_first_year(firms.index)
    wrong = known.eq(False).astype(float)
    checks.gap("enterprises: nobody is there who has closed", wrong, wrong * 0.0 + 1.0)
    new = (known.isna() & ~first).astype(float)
    new = new.groupby([*(firms.index.get_level_values(key) for key in RUN), firms["segment"]]).sum()
    entries = a_year_later(tables["segments"].set_index([*RUN, "segment"])[["entries"]])["entries"]
    there = entries.index[dropped(entries.index, "segment").isin(dropped(firms.index, "identity"))]
    if len(there):
        checks.equal(
            "enterprises: those who are new = last year's entries", new.reindex(there, fill_value=0.0), entries[there]
        )


def check_counts(checks: Checks, now: pd.DataFrame, working: frozenset[str]) -> None:
    """Years in a row with a loss, and with negative net worth and cash; a restructuring begins them anew."""
    active = now["active"].astype(bool)
    yielded = now["loss_years"].eq(0) & restructured(now)
    due = (now["loss_years_before"] + 1).where((now["profit"] < 0) & ("demography" in working), 0)
    wrong = (now["loss_years"].ne(due) & active & ~yielded).astype(float)
    checks.gap("enterprises: years with a loss", wrong, wrong * 0.0 + 1.0)
    wrong = (now["owner"].ne(now["owner_before"]) & ~restructured(now)).astype(float)
    checks.gap("enterprises: owner is kept but in a restructuring", wrong, wrong * 0.0 + 1.0)
    worth = now["capital"] + now["capital_ordered"] + now["cash"] - now["debt"]
    broke = (worth < 0) & (now["cash"] < 0) & ("finance" in working)
    due = (now["default_years_before"] + 1).where(broke, 0)
    odd = restructured(now) | (now["default_years"].eq(0) & (worth.abs() < TOLERANCE * (now["capital"] + now["debt"])))
    wrong = (now["default_years"].ne(due) & active & ~odd).astype(float)
    checks.gap("enterprises: years with negative net worth and cash", wrong, wrong * 0.0 + 1.0)


def restructured(now: pd.DataFrame) -> pd.Series[bool]:
    """Whether capital is less than last year's and the flows leave: a restructuring cuts it."""
    due = now["capital_before"] + now["capital_ordered_before"] + now["investment"] - now["depreciation"]
    return due - (now["capital"] + now["capital_ordered"]) > TOLERANCE * (due + 2.0 * now["depreciation"])


def check_stocks(checks: Checks, now: pd.DataFrame) -> None:
    """Last year's sales, knowledge, what wears off, and digitisation."""
    checks.equal("enterprises: last sales = sales of last year", now["last_sales"], now["sales_before"])
    stayed = now[now["active"].astype(bool)]
    runs = [stayed.index.get_level_values(key) for key in ("point", "replication")]
    kept, before = stayed["knowledge"] - stayed["rd"], stayed["knowledge_before"]
    rate = over(kept.groupby(runs).transform("sum"), before.groupby(runs).transform("sum"))
    checks.equal(
        "enterprises: knowledge = part of last year's + R&D", stayed["knowledge"], rate * before + stayed["rd"]
    )
    keys = [*(now.index.get_level_values(key) for key in ("point", "replication")), now["segment"]]
    worn, there = now["depreciation"], now["capital_before"]
    rate = over(worn.groupby(keys).transform("sum"), there.groupby(keys).transform("sum"))
    checks.equal("enterprises: depreciation at the rate of the segment", worn, rate * there)
    due = now["digital_before"] + now["digital_coming_before"] + now["digital_coming"]
    checks.equal("enterprises: digitisation comes in two steps", now["digital"], due)


def check_share(checks: Checks, firms: pd.DataFrame, now: pd.DataFrame) -> None:
    """The share in the sales of the segment's local enterprises last year, of those who stayed."""
    stayed = firms[firms["active"].astype(bool)]
    keys = [*(stayed.index.get_level_values(key) for key in RUN), stayed["segment"]]
    total = a_year_later(stayed["sales"].groupby(keys).sum().to_frame("total"))["total"]
    place = pd.MultiIndex.from_arrays([*(now.index.get_level_values(key) for key in RUN), now["segment"]])
    all_of = pd.Series(total.reindex(place).to_numpy(), index=now.index)
    rows = now["active"].astype(bool) & now["active_before"].astype(bool) & np.isfinite(all_of)
    if rows.any():
        due = over(now["sales_before"], all_of)
        checks.equal("enterprises: local share = share in last year's sales", now["local_share"][rows], due[rows])
