"""What was seen of the pairs of a comparison: every row once, when worlds part, whom it reaches, who is supported."""

from __future__ import annotations

import pandas as pd

from chainsim.validation.audit_accounts import NOT_SUPPORT, OF_INSTITUTES, PEOPLE
from chainsim.validation.audit_checks import Checks, Tables
from chainsim.validation.audit_effects import Worlds

PAIR = ["policy", "replication"]
TOLD_KEYS: dict[str, list[str]] = {
    "levers": ["lever"],
    "payments": ["lever"],
    "recipients": ["lever", "outcome"],
    "variance": ["indicator", "years"],
    "channels": ["source", "entry_point"],
    "decomposition": ["indicator", "tier", "year", "channel"],
    "softening": ["shock", "indicator", "year"],
    "shares": ["measure", "player"],
    "synergies": ["measure", "first", "second"],
    "ranking": ["lever", "how"],
    "additionality": ["lever", "how", "outcome"],
}
"""What tells the rows of a policy, by table of a comparison; effects and costs have identities of their own for it."""
SEEN_KEYS: dict[str, list[str]] = {
    "parting": [],
    "spread": ["step"],
    "moved": ["source", "entry_point"],
    "reach": ["year"],
    "recipients": ["year", "lever"],
    "support": ["lever", "by", "group"],
    "decomposition": ["year", "indicator", "tier", "channel"],
    "coalitions": ["coalition", "measure"],
    "ranking": ["arm", "measure"],
}
"""What tells the rows of a pair, by table of what was seen."""
REACHED = ["treated", "linked", "same_segment", "others_differ"]
"""Into whom the enterprises that differ are divided."""
DIVIDED_BY = ("segment", "owner", "size")
"""By what support is divided."""
BASE_YEAR = "base year"
"""Step at which worlds part that differ from the beginning."""


def check_once(checks: Checks, told: Tables, seen: Tables) -> None:
    """No row of the tables of a comparison stands there twice."""
    for tables, known, first in ((told, TOLD_KEYS, ["policy"]), (seen, SEEN_KEYS, PAIR)):
        where = "comparison" if tables is told else "pairs"
        for name in known.keys() & tables.keys():
            table, keys = tables[name], [*first, *known[name]]
            if len(table) and {*keys} <= {*table.columns}:
                double = pd.Series(
                    table.duplicated(keys).to_numpy(dtype=float), index=pd.MultiIndex.from_frame(table[keys])
                )
                checks.gap(f"{name} of the {where}: every row once", double, double * 0.0 + 1.0)


def check_pairs_seen(checks: Checks, worlds: Worlds) -> None:
    """Seeds, parting, reach, support: of one policy."""
    check_seeds(checks, worlds)
    check_parting(checks, worlds)
    check_reach(checks, worlds)
    check_supported(checks, worlds)


def check_seeds(checks: Checks, worlds: Worlds) -> None:
    """Seeds of what was seen are those of the runs."""
    seeds = worlds.base["region"].groupby("replication")["seed"].first()
    for name, table in worlds.seen.items():
        if {"replication", "seed"} <= set(table.columns) and len(table):
            index = pd.MultiIndex.from_frame(table[["replication", "seed"]])
            wrong = pd.Series(table["seed"].ne(table["replication"].map(seeds)).to_numpy(dtype=float), index=index)
            checks.gap(f"seen of the pairs: seeds of {name}", wrong, wrong * 0.0 + 1.0)


def parted(worlds: Worlds) -> pd.Series:
    """First year in which the regional tables of both worlds differ, by replication of those that do."""
    one, other = (
        tables["region"].set_index(["replication", "year", "scope"]).select_dtypes("number").drop(columns="seed")
        for tables in (worlds.base, worlds.policy)
    )
    other = other.reindex(one.index)[one.columns]
    differs = (one.ne(other) & ~(one.isna() & other.isna())).any(axis=1)
    years = differs[differs].reset_index()
    return years.groupby("replication")["year"].min().astype(float)


def check_parting(checks: Checks, worlds: Worlds) -> None:
    """Worlds whose tables differ have parted by then, and what spreads in the year is told of that year."""
    parting, spread = worlds.seen.get("parting"), worlds.seen.get("spread")
    if parting is None:
        return
    told, due = parting.groupby("replication")["year"].min().astype(float), parted(worlds)
    absent = pd.Series((~due.index.isin(told.index)).astype(float), index=due.index)
    if len(due):
        checks.gap("parting: every pair whose tables differ", absent, absent * 0.0 + 1.0)
        checks.at_most("parting: not later than the tables differ", told, due)
    if spread is not None and len(spread):
        year = spread["replication"].map(told)
        wrong = pd.Series(spread["year"].ne(year).to_numpy(float), index=pd.Index(spread["step"], name="step"))
        checks.gap("spread: in the year in which the pair parts", wrong, wrong * 0.0 + 1.0)


def check_reach(checks: Checks, worlds: Worlds) -> None:
    """From the year in which a pair parts to the last there is a row, which divides the enterprises that differ."""
    parting, reach = worlds.seen.get("parting"), worlds.seen.get("reach")
    if parting is None or reach is None or not len(parting):
        return
    first = parting["year"] + parting["step"].eq(BASE_YEAR)
    pairs = zip(parting["replication"], first, strict=True)
    due = [(int(pair), year) for pair, begun in pairs for year in range(int(begun), worlds.end + 1)]
    rows = reach.set_index(["replication", "year"])
    every = pd.Series(1.0, index=pd.MultiIndex.from_tuples(due, names=rows.index.names))
    there = pd.Series(1.0, index=rows.index[~rows.index.duplicated()])
    checks.equal("reach: a row for every pair and year from its parting on", there, every)
    if len(rows):
        rows = rows.astype(dict.fromkeys((*REACHED, "differ", "noticeably", "enterprises"), float))
        checks.equal(
            "reach: who differs is served, linked, beside or others", rows["differ"], rows[REACHED].sum(axis=1)
        )
        checks.at_most("reach: no more differ than there are", rows["differ"], rows["enterprises"])
        checks.at_most("reach: who differs noticeably differs", rows["noticeably"], rows["differ"])
        checks.at_most("reach: no more links differ than there are", rows["links_differ"], rows["links"])


def check_supported(checks: Checks, worlds: Worlds) -> None:
    """Support of recipients is what the ledger has of their levers; so is that by segment, owner and size."""
    recipients, support = worlds.seen.get("recipients"), worlds.seen.get("support")
    if recipients is None or not len(recipients):
        return
    keys = ["replication", "year", "lever"]
    ledger = worlds.policy["ledger"]
    ledger = ledger.assign(lever=ledger["row"].str.split(", ").str[1])
    own = ledger["lever"].isin(recipients["lever"]) & ledger["receiver"].ne(OF_INSTITUTES)
    own &= ledger["year"] >= recipients["year"].min()  # before the policy asks for something else nobody counts
    paid = ledger[own & ~ledger["row"].str.contains(NOT_SUPPORT)].groupby(keys)["amount"].sum()
    told = recipients.groupby(keys)["support"].sum()
    every = told.index.union(paid.index)
    one, other = (each.reindex(every, fill_value=0.0) for each in (told, paid))
    people = every.get_level_values("lever").isin(ledger.loc[own & ledger["receiver"].eq(PEOPLE), "lever"])
    checks.equal("seen of the pairs: support of recipients = paid in the ledger", one[~people], other[~people])
    if people.any():
        checks.at_most("seen of the pairs: support of people within what they are paid", one[people], other[people])
    if support is None or not len(support):
        return
    late = pd.Series(support["year"].ne(worlds.end).to_numpy(float), index=pd.Index(support["year"], name="year"))
    checks.gap("seen of the pairs: support is told of the last year", late, late * 0.0 + 1.0)
    parts = support.groupby(["replication", "lever", "by"])["paid"].sum()
    whole = recipients.groupby(["replication", "lever"])["support"].sum()
    due = pd.concat(dict.fromkeys(DIVIDED_BY, whole), names=["by"]).reorder_levels(parts.index.names)
    one, other = (each.reindex(due.index.union(parts.index), fill_value=0.0) for each in (parts, due))
    checks.equal("seen of the pairs: support by segment, owner and size", one, other)
