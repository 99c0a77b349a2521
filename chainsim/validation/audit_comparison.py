"""The other tables of a comparison derived a second time: payments, recipients, variance, channels of entry points."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from chainsim.validation.audit_accounts import GOVERNMENT
from chainsim.validation.audit_checks import Checks, Tables
from chainsim.validation.audit_effects import HORIZONS, Worlds
from chainsim.validation.audit_pairs import check_once, check_pairs_seen

RECEIVERS = {
    "to_enterprises": "enterprises",
    "to_people": "households",
    "to_institutes": "rest_of_region",
    "to_bank": "bank",
    "outside": "national",
}
"""Parts of the outlay, and who receives them in the ledger."""
WINDFALL = "investment_attraction"
"""The lever part of whose money to enterprises goes to plants that would have come anyway."""
OUTCOMES = ("sales", "employment", "rd", "investment")
SPENDING = {
    "rd": ("rd_support", "rd_effort", "rd_deduction"),
    "investment": ("capital_subsidy", "plant_grant"),
}
"""Entry points that pay for what recipients spend."""
LOGGED = ("output", "employment")
"""Of what the variance is told."""
LEAST_PAIRS = 3
"""Pairs from which a variance is told."""


TOLD = ("effects", "costs", "levers", "payments", "recipients", "variance", "channels")
SEEN = ("parting", "spread", "moved", "reach", "recipients", "support")
"""Tables of every comparison, and those of what was seen of its pairs."""
TOGETHER = {
    "decomposition": ("decomposition",),
    "coalitions": ("shares", "synergies"),
    "ranking": ("ranking", "additionality"),
}
"""Tables that are told of what was seen, where that was asked for."""


def check_there(checks: Checks, told: Tables, seen: Tables, policies: Collection[str]) -> None:
    """Every table of a comparison is there: those that all have, and what is told where more was seen, and back."""
    due = {f"{name} of the comparison": name in told for name in TOLD}
    due |= {f"{name} seen of the pairs": name in seen for name in SEEN}
    for part, names in TOGETHER.items():
        if (part in seen and len(seen[part])) or any(name in told and len(told[name]) for name in names):
            due |= {f"{name} of the comparison": name in told for name in names}
            due |= {f"{part} seen of the pairs": part in seen}
    if any({policy, shock} <= {*policies} for policy, _, shock in (name.rpartition(UNDER) for name in policies)):
        due |= {"softening of the comparison": "softening" in told}
    absent = 1.0 - pd.Series(due, dtype=float)
    checks.gap("comparison: the tables are there", absent, absent * 0.0 + 1.0)
    check_once(checks, told, seen)


def check_comparison(checks: Checks, worlds: Worlds) -> None:
    """All tables of one policy that are there."""
    for name, check in (
        ("payments", check_payments),
        ("recipients", check_recipients),
        ("variance", check_variance),
        ("channels", check_entry_points),
    ):
        if name in worlds.told:
            check(checks, worlds)
        else:
            checks.lacking(name, f"no table {name}")
    check_pairs_seen(checks, worlds)


def check_payments(checks: Checks, worlds: Worlds) -> None:
    """To whom outlay goes by the ledgers of both worlds, and what is left of budgets."""
    told = worlds.told["payments"].set_index("lever")
    due = by_lever(worlds.policy).sub(by_lever(worlds.base), fill_value=0.0) / len(worlds.replications)
    if not len(told) and not len(due):
        return
    gross = due["outlay"].abs() + due["requested"].abs()
    told_sums = told.assign(to_enterprises=told["to_enterprises"] + told["windfall_paid"])
    for name in ("requested", "outlay", *RECEIVERS):
        what = "to_enterprises and windfall" if name == "to_enterprises" else name
        checks.equal(f"payments: {what} from both ledgers", told_sums[name].astype(float), due[name], gross)
    parts = told[[*RECEIVERS, "windfall_paid"]].sum(axis=1)
    checks.equal("payments: outlay = its parts", told["outlay"], parts, gross.reindex(told.index))
    other = told["type"].ne(WINDFALL)
    checks.equal(
        "payments: windfall of attraction alone", told["windfall_paid"][other], told["windfall_paid"][other] * 0
    )
    check_budgets(checks, worlds, told)


def by_lever(tables: Tables) -> pd.DataFrame:
    """Requests, outlay and payments of the government by lever and receiver, sums over runs and years."""
    money = tables["levers"].groupby("lever")[["requested", "outlay"]].sum()
    ledger = tables["ledger"].assign(lever=tables["ledger"]["row"].str.split(", ").str[1])
    paid = ledger[ledger["payer"].eq(GOVERNMENT) & ledger["lever"].isin(money.index)]
    parts = paid.pivot_table(index="lever", columns="receiver", values="amount", aggfunc="sum")
    parts = parts.reindex(columns=list(RECEIVERS.values())).set_axis(list(RECEIVERS), axis=1)
    return money.join(parts).fillna(0.0).astype(float)


def check_budgets(checks: Checks, worlds: Worlds, told: pd.DataFrame) -> None:
    """Budgets over all years, what is left of them, and types, as far as the scenario of the policy states them."""
    left = told["budget"] - told["outlay"]
    checks.equal(
        "payments: unspent = budget - outlay",
        told["unspent"].astype(float),
        left.astype(float),
        told["budget"].abs() + told["outlay"].abs(),
    )
    stated = worlds.policy_stated.levers
    if stated is None:
        return
    levers = worlds.policy["levers"]
    due, wrong, drawn = {}, {}, worlds.policy_stated.drawn
    for name in told.index[[f"levers.{name}.budget" not in drawn for name in told.index]]:
        rows, lever = levers[levers["lever"] == name], stated.get(str(name))
        budget = None if lever is None else lever.get("budget")
        total = budget.get("total") if isinstance(budget, Mapping) else None
        total = np.nan if total is None else float(total)
        yearly = rows["budget"].sum(skipna=False) / len(worlds.replications) if len(rows) else np.nan
        due[name] = np.nan if lever is None else np.fmin(total, yearly) if yearly == yearly else total
        wrong[name] = 0.0 if lever is None or told.at[name, "type"] == lever["type"] else 1.0
    found = pd.Series(wrong, dtype=float).rename_axis("lever")
    checks.equal(
        "payments: budget over all years",
        told["budget"].reindex(list(due)).astype(float),
        pd.Series(due, dtype=float).rename_axis("lever"),
    )
    checks.gap("payments: type as stated", found, found * 0.0 + 1.0)


def check_recipients(checks: Checks, worlds: Worlds) -> None:
    """What recipients did over all years, from what was seen of every pair: medians and what holds 90 % of pairs."""
    told, seen = worlds.told["recipients"].set_index(["lever", "outcome"]), worlds.seen["recipients"]
    rows = [row for lever, of_lever in seen.groupby("lever") for row in of_recipients(worlds, str(lever), of_lever)]
    if not len(told) and not rows:
        return
    due = pd.DataFrame(rows).set_index(["lever", "outcome"])
    gross = due[["with_policy", "without", "support"]].abs().sum(axis=1)
    for name in due.columns:
        flows = None if name.startswith("windfall") else gross
        checks.equal(f"recipients: {name} of the pairs", told[name].astype(float), due[name].astype(float), flows)


def of_recipients(worlds: Worlds, lever: str, seen: pd.DataFrame) -> list[dict[str, object]]:
    """A row for every outcome of the recipients of a lever."""
    pairs = worlds.replications
    numbers = seen.drop(columns=["policy", "lever", "seed", "year"], errors="ignore")
    totals = numbers.groupby("replication").sum().reindex(pairs, fill_value=0.0)
    served = seen.groupby("replication")["recipients"].max().reindex(pairs, fill_value=0)
    moved = worlds.seen["moved"]
    points = set(moved.loc[moved["source"] == lever, "entry_point"])
    rows = []
    for outcome in OUTCOMES:
        added = totals[f"{outcome}_with"] - totals[f"{outcome}_without"]
        support = totals["support"]
        paid_for = bool(points & set(SPENDING.get(outcome, ())))
        windfall = (1.0 - added / support.where(support > 0)).dropna() if paid_for else support.iloc[:0]
        rows.append(
            {
                "lever": lever,
                "outcome": outcome,
                "recipients": served.median(),
                "support": support.median(),
                "with_policy": totals[f"{outcome}_with"].median(),
                "without": totals[f"{outcome}_without"].median(),
                **middle("added", added),
                **middle("untreated", totals[f"{outcome}_untreated"]),
                **middle("windfall", windfall),
            }
        )
    return rows


def middle(name: str, values: pd.Series) -> dict[str, float]:
    """Median over the pairs and what holds 90 % of them, which a single pair has not."""
    low, high = np.quantile(values, (0.05, 0.95)) if len(values) > 1 else (np.nan, np.nan)
    return {name: float(values.median()), f"{name}_low90": float(low), f"{name}_high90": float(high)}


def check_variance(checks: Checks, worlds: Worlds) -> None:
    """Variance of the paired differences of logs over that of both worlds."""
    told = worlds.told["variance"].set_index(["indicator", "year"])
    if not len(told):
        return
    logs = [chain_logs(tables, told.index.unique("indicator")) for tables in (worlds.base, worlds.policy)]
    ours, theirs = (each.reindex(told.index) for each in logs)
    few = ours.shape[1] < LEAST_PAIRS or np.isnan(ours.to_numpy()).any()
    nothing = pd.Series(np.nan, index=told.index)
    paired = nothing if few else (theirs - ours).var(axis=1)
    unpaired = nothing if few else ours.var(axis=1) + theirs.var(axis=1)
    level = 1e-6 + 0.0 * told["years"].astype(float)  # rounding of logs near 10, squared, is far below
    checks.equal(
        "variance: of the paired differences of logs", told["paired"], paired, told["paired"].abs() + 1e-3 * level
    )
    checks.equal("variance: of both worlds", told["unpaired"], unpaired, told["unpaired"].abs() + 1e-3 * level)
    known = told["ratio"].notna()
    due = (told["paired"] / told["unpaired"]).where(known)
    checks.equal("variance: ratio of the two", told["ratio"], due)
    lost = (~known & told["unpaired"].gt(1e-20)).astype(float)
    checks.gap("variance: a ratio where there is a variance", lost, lost * 0.0 + 1.0)
    first = told.index.get_level_values("year") - told["years"] + 1
    wrong = (first != first.iloc[0]).astype(float)
    checks.gap("variance: years of policy by year", wrong, wrong * 0.0 + 1.0)
    start = int(first.iloc[0])  # its own: a shock may come later than the policy
    years = [start - 1 + number for number in HORIZONS if start - 1 + number <= worlds.end]
    every = pd.MultiIndex.from_product([LOGGED, years], names=["indicator", "year"])
    one, other = (pd.Series(1.0, index=index) for index in (told.index.drop_duplicates(), every))
    checks.equal("variance: of output and jobs, after 1, 5, 10 and 15 years", one, other)


def chain_logs(tables: Tables, indicators: pd.Index) -> pd.DataFrame:
    """Logs of indicators of the chain by indicator and year, a column a run; not a number where not above 0."""
    wide = chain_values(tables, indicators)
    return pd.DataFrame(np.log(wide.where(wide > 0)))


def chain_values(tables: Tables, indicators: pd.Index) -> pd.DataFrame:
    """Indicators of the chain by indicator and year, a column a run."""
    chain = tables["region"][tables["region"]["scope"] == "chain"]
    long = chain.melt(["year", "replication"], list(indicators), "indicator")
    return long.set_index(["indicator", "year", "replication"])["value"].unstack("replication")


def check_entry_points(checks: Checks, worlds: Worlds) -> None:
    """First year and share of pairs of every entry point that a lever or shock moves."""
    told = worlds.told["channels"].set_index(["source", "entry_point"])
    moved = worlds.seen["moved"].groupby(["source", "entry_point"])
    if not len(told) and not moved.ngroups:
        return
    years, pairs = moved["year"].min().astype(float), moved["replication"].nunique() / len(worlds.replications)
    checks.equal("entry points: first year in which they move", told["first_year"].astype(float), years)
    checks.equal("entry points: share of pairs", told["pairs"].astype(float), pairs)


UNDER = " under "
"""Between the name of a policy and that of shocks in the name of the world with both."""


def check_softening(checks: Checks, told: Tables, worlds: Mapping[str, Tables], base: Tables) -> None:
    """What shocks do without and with every policy, from the tables of four worlds, and the difference of the two."""
    table = told["softening"].set_index(["policy", "shock", "indicator", "year"]).sort_index()
    split = [name.rpartition(UNDER) for name in worlds if UNDER in name]
    pairs = [(policy, shock) for policy, _, shock in split]
    effects = told["effects"]
    years, indicators = effects["year"].unique(), table.index.unique("indicator")
    every = [(*pair, name, int(year)) for pair in pairs for name in indicators for year in years]
    index = pd.MultiIndex.from_tuples(every, names=table.index.names)
    checks.equal(
        "softening: a row for every indicator and year", table["pairs"], pd.Series(float(runs_in(base)), index)
    )
    units = table["unit"].ne(table.index.get_level_values("indicator").map(units_of(effects)).to_series(table.index))
    checks.gap("softening: unit of the indicator", units.astype(float), table["pairs"] * 0.0 + 1.0)
    for policy, shock in pairs:
        arms = [base, worlds[shock], worlds[policy], worlds[f"{policy}{UNDER}{shock}"]]
        ours, alone, helped, both = (chain_values(tables, indicators) for tables in arms)
        rows = pd.DataFrame(table.xs((policy, shock)))
        without, with_it = ((one - other).reindex(rows.index) for one, other in ((alone, ours), (both, helped)))
        softened, gross = with_it - without, pd.concat([ours, both], axis=1).abs().max(axis=1)
        derived = {
            "base": ours.reindex(rows.index).median(axis=1),
            "shock_alone": without.median(axis=1),
            "shock_with_policy": with_it.median(axis=1),
            "softened": softened.median(axis=1),
        }
        if softened.shape[1] > 1:
            derived |= {f"{n}90": softened.quantile(q, axis=1) for n, q in (("low", 0.05), ("high", 0.95))}
        for name, values in derived.items():
            checks.equal(f"softening: {name} from four worlds ({policy})", rows[name], values, gross)
        central = np.sign(derived["softened"].to_numpy())[:, None]
        signs = pd.Series((np.sign(softened.to_numpy()) == central).mean(axis=1), index=rows.index)
        signs = signs.where(central[:, 0] != 0.0)  # 0 has no sign
        checks.equal(f"softening: share of pairs of the same sign ({policy})", rows["same_sign"], signs)


def runs_in(tables: Tables) -> int:
    """Number of replications."""
    return int(tables["region"]["replication"].nunique())


def units_of(effects: pd.DataFrame) -> dict[str, str]:
    """Unit of every indicator."""
    return dict(zip(effects["indicator"], effects["unit"], strict=True))
