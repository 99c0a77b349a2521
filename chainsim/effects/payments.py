"""To whom the outlay of every lever goes, and what is left of its budget: sums over all years, means of the pairs.

    outlay = to enterprises + to people + to institutes + to the bank + outside the region + windfall

Every yuan is taken from the ledger, where a lever's payments stand in rows of their own. *Windfall* here is the part of
attraction's money that goes, as expected, to plants that would have come anyway: 1 - x of what it pays at the rate it
could offer in a year (`InvestmentAttraction.factor`). What grants pay for spending that would have been made anyway is
part of the money for enterprises, and told by additionality.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from chainsim.economy.ledger import BANK, ENTERPRISES, GOVERNMENT, HOUSEHOLDS, NATIONAL, REST
from chainsim.levers.investment_attraction import InvestmentAttraction
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
    ledger = ledger.assign(lever=ledger["row"].str.split(", ", expand=True)[1])
    ledger = ledger[ledger["lever"].isin(money.index)]
    ledger = ledger.assign(part=ledger["receiver"].map({receiver: name for name, receiver in PARTS.items()}))
    paid = ledger.groupby(["lever", "part"])["amount"].sum().unstack(fill_value=0) / result.replications
    table = money.join(paid.reindex(columns=parts, fill_value=0.0)).fillna(0.0)
    anyway = {
        name: windfall_share(lever, result.levers[result.levers["lever"] == name])
        for name, lever in result.scenario.levers.items()
        if isinstance(lever, InvestmentAttraction)
    }
    share = pd.Series(anyway, dtype=float).reindex(table.index).fillna(0.0)
    table["windfall_paid"] += share * table["to_enterprises"]
    table["to_enterprises"] *= 1.0 - share
    return table


def windfall_share(lever: InvestmentAttraction, rows: pd.DataFrame) -> float:
    """Part of the money of attraction that plants get which would have come anyway, as expected; 0 without money."""
    asked, given = rows["requested"].to_numpy(), rows["granted"].to_numpy()
    reached = np.divide(given, asked, out=np.ones_like(given), where=asked > given)
    rates = np.array([lever.strength(int(year)) for year in rows["year"]]) * reached
    anyway = np.array([1.0 / lever.factor(float(rate)) for rate in rates])
    spent = rows["outlay"].to_numpy()
    return float(np.average(anyway, weights=spent)) if spent.sum() > 0 else 0.0


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
