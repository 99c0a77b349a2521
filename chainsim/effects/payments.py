"""To whom the outlay of every lever goes, and what is left of its budget: sums over all years, means of the pairs.

    outlay = to enterprises + to people + to institutes + to the bank + outside the region + windfall

Every yuan is taken from the ledger, where a lever's payments stand in rows of their own. *Windfall* here is what
attraction pays to projects that would have come anyway; what grants pay for spending that would have been made anyway
is part of the money for enterprises, and told by additionality.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from chainsim.economy.ledger import BANK, ENTERPRISES, GOVERNMENT, HOUSEHOLDS, NATIONAL, REST
from chainsim.policy.lever import Lever
from chainsim.runs.results import Result

PARTS = {
    "to_enterprises": ENTERPRISES,
    "to_people": HOUSEHOLDS,
    "to_institutes": REST,
    "to_bank": BANK,
    "outside": NATIONAL,
}
"""Parts of the outlay beside windfall, and who receives them in the ledger."""
COLUMNS = ("lever", "type", "budget", "requested", "outlay", *PARTS, "windfall_paid", "unspent")
ATTRACTION = "investment_attraction"
OUTSIDE = "outside"
NEARLY = 0.99
"""Share of a budget from which it counts as spent."""


def payments(base: Result, policy: Result) -> pd.DataFrame:
    """A row for every lever that pays in either world: policy less baseline, CNY million; see `Effect.payments`."""
    ours, theirs = by_lever(base), by_lever(policy)
    rows = theirs.sub(ours, fill_value=0.0).reindex(theirs.index.union(ours.index, sort=False))
    types = {name: str(lever.type) for side in (base, policy) for name, lever in side.scenario.levers.items()}
    rows["type"] = [types[str(name)] for name in rows.index]
    rows["budget"] = [budget_of(policy, str(name)) for name in rows.index]
    rows["unspent"] = rows["budget"] - rows["outlay"]
    return rows.rename_axis("lever").reset_index()[list(COLUMNS)]


def by_lever(result: Result) -> pd.DataFrame:
    """Requests, outlay and its parts by lever over all years, mean of the runs, CNY million."""
    parts = [*PARTS, "windfall_paid"]
    if result.levers.empty:
        return pd.DataFrame(columns=["requested", "outlay", *parts], dtype=float)
    money = result.levers.groupby("lever", sort=False)[["requested", "outlay"]].sum() / result.replications
    ledger = result.ledger[(result.ledger["payer"] == GOVERNMENT) & result.ledger["row"].str.contains(", ")]
    words = ledger["row"].str.split(", ", expand=True)
    ledger = ledger.assign(lever=words[1], outside=words[2] == OUTSIDE if words.shape[1] > 2 else False)
    ledger = ledger[ledger["lever"].isin(money.index)]
    attracted = [name for name, lever in result.scenario.levers.items() if lever.type == ATTRACTION]
    parts_of = {receiver: name for name, receiver in PARTS.items()}
    chance = ledger["outside"].to_numpy(dtype=bool) & ledger["lever"].isin(attracted).to_numpy()
    ledger = ledger.assign(part=np.where(chance, "windfall_paid", ledger["receiver"].map(parts_of)))
    paid = ledger.groupby(["lever", "part"])["amount"].sum().unstack(fill_value=0) / result.replications
    return money.join(paid.reindex(columns=parts, fill_value=0.0)).fillna(0.0)


def budget_of(policy: Result, name: str) -> float:
    """What a lever may pay over all years, CNY million; not a number where it is unlimited in some year or gone."""
    lever = policy.scenario.levers.get(name)
    rows = policy.levers[policy.levers["lever"] == name]
    if lever is None or rows.empty or rows["budget"].isna().any():
        return float("nan") if lever is None else total_of(lever)
    total, yearly = total_of(lever), float(rows["budget"].sum()) / policy.replications
    return yearly if np.isnan(total) else min(yearly, total)


def total_of(lever: Lever) -> float:
    """The budget of all years together, where one is stated; else not a number."""
    total = getattr(lever.budget, "total", None)
    return float("nan") if total is None else float(total)


def why_unspent(budget: float, requested: float, outlay: float) -> str:
    """What became of a budget: `unlimited`, `spent`, `unused`, `few` (asked for less) or `uneven` (over the years)."""
    if np.isnan(budget):
        return "unlimited"
    if outlay >= NEARLY * budget:
        return "spent"
    if requested <= 0.0:
        return "unused"
    return "few" if requested < budget else "uneven"
