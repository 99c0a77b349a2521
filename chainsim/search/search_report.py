"""A search in lines of text: does it beat the policy, the frontier as predicted and verified, and how sure all is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from chainsim.economy.parameters import in_money_of
from chainsim.search.optimisation import STATED, Optimisation
from chainsim.search.outcomes import outcome
from chainsim.search.portfolios import Search
from chainsim.search.robustness import COMPROMISE
from chainsim.search.surface import levers_of

MOST_ALIKE = 6
"""Pairs of portfolios that are named where they cannot be told apart."""


@in_money_of(lambda found: found.search.base.money)
def lines(found: Optimisation) -> Iterator[str]:
    """What was found, the verdict first, misses before what went well."""
    search = found.search
    caps = ", ".join(caps_of(search))
    yield (
        f"{search.name}: {len(found.listed)} portfolios of {len(levers_of(found.surface))} levers"
        f"{f' under {caps}' if caps else ''}; {len(found.surface.coefficients)} surfaces of {search.points} runs each"
    )
    yield from verdict(found)
    yield from ["", *effects(found)]
    yield from ["", *settings(found)]
    yield from ["", *levers(found)]
    yield from ["", *robust(found)]
    yield from ["", *trust(found)]


def caps_of(search: Search) -> list[str]:
    """The budget in words."""
    own = search.budget_of_policy
    return [f"{name} at most {plain(most)}{', as the policy' * (name in own)}" for name, most in search.budget.items()]


def verdict(found: Optimisation) -> Iterator[str]:
    """Whether portfolios beat the policy as it stands, and which is the best compromise."""
    above = found.above()["portfolio"].unique()
    if not len(found.listed):
        yield f"No portfolio is left: fresh seeds put {', '.join(above)} above the budget"
        return
    if STATED not in found.names:
        yield "The policy as it stands lies outside the ranges, so that nothing is held against it"
    elif better := found.beating():
        who = f"portfolio {better[0]} beats" if len(better) == 1 else f"portfolios {', '.join(better)} beat"
        yield f"In fresh luck {who} the policy as it stands: told better in an aim, no worse in any"
    else:
        yield "No portfolio beats the policy as it stands: none is told better in an aim and no worse in any"
    if found.search.left_out:
        yield f"In no portfolio, and taken out of the policy too: {', '.join(found.search.left_out)}"
    yield f"Best compromise: portfolio {found.compromise()}"
    if len(above):
        yield f"Not listed, for fresh seeds put them above the budget: {', '.join(above)}"


def effects(found: Optimisation) -> Iterator[str]:
    """A line a portfolio and outcome, predicted and verified."""
    table = found.frontier()
    if table.empty:
        return
    width = max(map(len, table["outcome"]))
    yield f"portfolio  {'effect on':<{width}}  {'predicted, 90 %':>30}  {'verified, 90 %':>30}  pairs"
    for name, rows in table.groupby("portfolio", sort=False):
        for place, row in enumerate(rows.to_dict("records")):
            told = "" if row["inside"] else "  outside the prediction"
            yield (
                f"{'' if place else str(name):<9}  {row['outcome']:<{width}}  "
                f"{banded(row['predicted'], row['predicted_low90'], row['predicted_high90']):>30}  "
                f"{banded(row['verified'], row['verified_low90'], row['verified_high90']):>30}  {row['pairs']:>5}{told}"
            )
    units = {name: outcome(found.search.base, name).unit for name in found.search.outcomes}
    yield "units: " + ", ".join(f"{name} {unit}" for name, unit in units.items())


def settings(found: Optimisation) -> Iterator[str]:
    """A line a setting, a column a portfolio."""
    table = found.portfolios()
    names = [column for column in table.columns if column != "portfolio"]
    width = max(len(name.removeprefix("levers.")) for name in names)
    yield f"{'setting':<{width}}  " + " ".join(f"{name:>8}" for name in table["portfolio"])
    for name in names:
        cells = ("off" if value == 0.0 else f"{value:.4g}" for value in table[name])
        yield f"{name.removeprefix('levers.'):<{width}}  " + " ".join(f"{cell:>8}" for cell in cells)


def levers(found: Optimisation) -> Iterator[str]:
    """What each lever adds to the best compromise, or else to the policy, by aim."""
    whom = found.compromise() or STATED
    table = found.added()
    table = table[table["portfolio"] == whom]
    aims = list(found.search.aims)
    width = max(map(len, table["lever"]), default=5)
    yield f"{f'portfolio {whom} adds':<{width}}  " + " ".join(f"{aim:>32}" for aim in aims)
    first = table[table["outcome"] == aims[0]]
    for lever in first.sort_values("added", ascending=False, kind="stable")["lever"]:
        rows = table[table["lever"] == lever].set_index("outcome")
        cells = (banded(*rows.loc[aim, ["added", "added_low90", "added_high90"]]) for aim in aims)
        yield f"{lever:<{width}}  " + " ".join(f"{cell:>32}" for cell in cells)


def robust(found: Optimisation) -> Iterator[str]:
    """What cannot be told apart, regret, what is good enough, and where portfolios fail."""
    alike = found.alike()
    if alike:
        named = ", ".join(f"{one} and {other}" for one, other in alike[:MOST_ALIKE])
        more = f", and {len(alike) - MOST_ALIKE} more" if len(alike) > MOST_ALIKE else ""
        yield f"cannot be told apart in fresh luck: {named}{more}"
    else:
        yield "every two portfolios are told apart in some aim"
    if found.search.thresholds:
        what = "seeds" if found.search.worlds is None else "worlds"
        shares = found.satisficing()
        cells = (f"{row['portfolio']} {row['good_enough']:.0%}" for row in shares.to_dict("records"))
        yield f"good enough (share of {what} that meet all thresholds): {', '.join(cells)}"
    if found.search.worlds is None:
        yield "numbers are as stated: no regret and no failing boxes without worlds, such as worlds: {points: 32}"
        return
    yield from regrets(found.regret())
    yield from failing(found.boxes())


def regrets(table: pd.DataFrame) -> Iterator[str]:
    """The largest regret of each portfolio over the worlds."""
    rows = table[table["outcome"] == COMPROMISE].groupby("portfolio", sort=False)["regret"].max()
    cells = (f"{name} {value:.2f}" for name, value in rows.items())
    yield f"largest regret over worlds, aims in units of their spread over portfolios: {', '.join(cells)}"


def failing(table: pd.DataFrame) -> Iterator[str]:
    """Where portfolios fail; boxes that may be chance are only counted."""
    told = table[table["told"].astype(bool)] if len(table) else table
    for name, rows in told.groupby("portfolio", sort=False):
        limits = " and ".join(limit(row["path"], row["from"], row["to"]) for row in rows.to_dict("records"))
        first = rows.iloc[0]
        yield f"{name} fails when {limits}: {first['density']:.0%} of these worlds, {first['coverage']:.0%} of failures"
    chance = table["portfolio"].nunique() - told["portfolio"].nunique()
    if chance:
        yield f"boxes of {chance} portfolios are not told from chance; more worlds may tell them"


def limit(path: str, low: float, high: float) -> str:
    """A limit of a number in words."""
    if low <= 0.0:
        return f"{path} is in the lowest {high:.0%} of its range"
    if high >= 1.0:
        return f"{path} is in the highest {1.0 - low:.0%} of its range"
    return f"{path} is from {low:.0%} to {high:.0%} of its range"


def trust(found: Optimisation) -> Iterator[str]:
    """How well the surface follows runs that were left out, and how often fresh seeds fell where it said."""
    table = found.errors()
    width = max(map(len, table["outcome"]))
    yield f"{'surface of':<{width}}  error at runs left out  explained  portfolios inside the prediction"
    for row in table.to_dict("records"):
        yield f"{row['outcome']:<{width}}  {row['error']:>22.4g}  {row['r2']:>9.3f}  {row['inside']:>33.0%}"


def banded(mean: float, low: float, high: float) -> str:
    """A value with its interval."""
    if not np.isfinite(low):
        return plain(mean)
    return f"{plain(mean)} ({plain(low)} to {plain(high)})"


def plain(value: float) -> str:
    """A number in four digits, large ones whole with separators."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
