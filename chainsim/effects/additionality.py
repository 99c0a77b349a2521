"""What the recipients of a lever added, what others lost, the windfall; and the money of levers.

    added    = sum over years and recipients so far of (outcome with the policy - the same enterprise's without)
    windfall = 1 - added spending of the kind that the lever pays for / support

`additionality` is of the lever: its own pairs of worlds differ in nothing else (`chainsim.effects.own_pairs`).
`recipients` is of the whole policy: what those served by a lever did under all levers together, so what they add is not
the doing of that lever, and must not be summed over levers.

A lever that moves R&D entry points is held against R&D, one that moves the cost of capital against investment. The
windfall is 0 where every yuan of support is a yuan more of that spending, 1 where recipients spend what they would have
spent anyway, below 0 where they add own money, above 1 where they spend less than without the policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from chainsim.economy.parameters import in_money
from chainsim.effects.costs import Estimate, ratio
from chainsim.effects.effect_tables import UNITS
from chainsim.effects.own_pairs import ADDED
from chainsim.effects.ranking import ALONE, LEFT_OUT, Ranking, bounded, interval
from chainsim.effects.recipients import OUTCOMES
from chainsim.runs.results import Result

SPENDING = {
    "rd_support": "rd",
    "rd_effort": "rd",
    "rd_deduction": "rd",
    "capital_subsidy": "investment",
    "plant_grant": "investment",
}
"""Spending that an entry point of policy pays for."""
OVER_YEARS = {"persons": "person-years"}
MONEY = ("budget", "requested", "granted", "outlay", "cofinanced", "recovered")


def spending(moved: pd.DataFrame, lever: str) -> set[str]:
    """Kinds of spending that a lever pays for, by the entry points that it moves."""
    return {SPENDING[point] for point in moved.loc[moved["source"] == lever, "entry_point"] if point in SPENDING}


def additionality(ranking: Ranking, moved: pd.DataFrame) -> pd.DataFrame:
    """One row for every lever, alone and left out, and outcome, from its own pairs; see `Effect.additionality`."""
    rows = [
        _own_row(ranking, lever, how, outcome, outcome in spending(moved, lever))
        for lever in ranking.levers
        for how in (ALONE, LEFT_OUT)
        for outcome in OUTCOMES
    ]
    return pd.DataFrame(rows, columns=["lever", "how", *_columns("low", "high")[1:]])


def _own_row(ranking: Ranking, lever: str, how: str, outcome: str, paid_for: bool) -> dict[str, Any]:
    worlds = [pair[f"{how} {lever}"] for pair in ranking.pairs]
    of = {name: np.array([world[name] for world in worlds]) for name in ADDED}
    added, support = of[f"{outcome}_with"] - of[f"{outcome}_without"], of["support"]
    windfall = ratio(added, support) if paid_for and support.any() else Estimate()
    return {
        "lever": lever,
        "how": how,
        "outcome": outcome,
        "unit": in_money(OVER_YEARS.get(UNITS[outcome], UNITS[outcome])),
        "recipients": float(of["recipients"].mean()),
        "support": float(support.mean()),
        "with_policy": float(of[f"{outcome}_with"].mean()),
        "without": float(of[f"{outcome}_without"].mean()),
        **bounded("added", *interval(added)),
        **bounded("untreated", *interval(of[f"{outcome}_untreated"])),
        **bounded("windfall", 1.0 - windfall.value, 1.0 - windfall.high, 1.0 - windfall.low),
    }


def recipients_of(recipients: pd.DataFrame, moved: pd.DataFrame, pairs: int, middle: str = "median") -> pd.DataFrame:
    """One row for every lever and outcome under the whole policy, `middle` (or mean) of the pairs."""
    rows = []
    for lever, of_lever in recipients.groupby("lever", sort=False):
        totals = of_lever.groupby("replication").sum(numeric_only=True).reindex(range(pairs), fill_value=0.0)
        number = of_lever.groupby("replication")["recipients"].max().reindex(range(pairs), fill_value=0)
        paid_for = spending(moved, str(lever))
        rows += [_row(str(lever), outcome, totals, number, outcome in paid_for, middle) for outcome in OUTCOMES]
    return pd.DataFrame(rows, columns=list(_columns()))


def _columns(low: str = "low90", high: str = "high90") -> tuple[str, ...]:
    first = ("lever", "outcome", "unit", "recipients", "support", "with_policy", "without")
    bounded = ("added", "untreated", "windfall")
    return (*first, *(f"{name}{bound}" for name in bounded for bound in ("", f"_{low}", f"_{high}")))


def _row(
    lever: str, outcome: str, totals: pd.DataFrame, number: pd.Series, paid_for: bool, middle: str
) -> dict[str, Any]:
    ours, theirs = totals[f"{outcome}_without"], totals[f"{outcome}_with"]
    row = {
        "lever": lever,
        "outcome": outcome,
        "unit": in_money(OVER_YEARS.get(UNITS[outcome], UNITS[outcome])),
        "recipients": float(number.agg(middle)),
        "support": float(totals["support"].agg(middle)),
        "with_policy": float(theirs.agg(middle)),
        "without": float(ours.agg(middle)),
    }
    row |= _middle("added", theirs - ours, middle)
    row |= _middle("untreated", totals[f"{outcome}_untreated"], middle)
    paid = totals["support"]
    shares = (1.0 - (theirs - ours) / paid.where(paid > 0)).dropna() if paid_for else pd.Series(dtype=float)
    return row | _middle("windfall", shares, middle)


def _middle(name: str, values: pd.Series, how: str) -> dict[str, float]:
    """Median or mean over the pairs and the bounds that hold 90 % of them; missing without a value, or for one pair."""
    low, high = np.quantile(values, (0.05, 0.95)) if len(values) > 1 else (np.nan, np.nan)
    middle = float(values.agg(how)) if len(values) else float("nan")
    return {name: middle, f"{name}_low90": float(low), f"{name}_high90": float(high)}


def levers(policy: Result, recipients: pd.DataFrame) -> pd.DataFrame:
    """Money of every lever over all years, means of the pairs; see `Effect.levers`."""
    columns = ["lever", "type", "first_year", "last_year", *MONEY, "recipients", "enterprises"]
    if policy.levers.empty:
        return pd.DataFrame(columns=columns)
    table = policy.levers
    groups = table.groupby(["lever", "type", "replication"], sort=False)
    totals = groups[[*MONEY, "recipients"]].sum()
    totals["budget"] = groups["budget"].agg(lambda values: values.sum(skipna=False))
    means = totals.groupby(level=["lever", "type"], sort=False).mean().reset_index()
    paid = table[table["outlay"] > 0].groupby("lever")["year"].agg(["min", "max"])
    served = recipients.groupby(["lever", "replication"])["recipients"].max().groupby(level="lever").mean()
    means["first_year"] = means["lever"].map(paid["min"]).astype("Int64")
    means["last_year"] = means["lever"].map(paid["max"]).astype("Int64")
    means["enterprises"] = means["lever"].map(served)
    return means[columns]


def outlay_by_lever(policy: Result) -> pd.DataFrame:
    """Mean outlay of every lever by year, (years, levers), CNY million; the policy's levers, largest first."""
    if policy.levers.empty:
        return pd.DataFrame(index=pd.Index([], name="year"))
    means = policy.levers.groupby(["year", "lever"])["outlay"].sum().unstack(fill_value=0) / policy.replications
    start, end = policy.years
    means = means.reindex(range(start + 1, end + 1), fill_value=0.0)
    return means[means.sum().sort_values(ascending=False, kind="stable").index]


def support_by(support: pd.DataFrame, by: str, tiers: Mapping[str, str], pairs: int) -> pd.Series:
    """Support over all years and levers, by 'segment', 'tier', 'owner' or 'size'; means of pairs, CNY million.

    `support` is the table of what was seen of the pairs, `tiers` the tier of every segment.
    """
    chosen = support[support["by"] == ("segment" if by == "tier" else by)]
    group = chosen["group"].map(dict(tiers)) if by == "tier" else chosen["group"]
    return chosen["paid"].groupby(group, sort=False).sum() / pairs
