"""What a comparison tells of its levers alone and together, derived again from what every world of a pair showed.

share of a lever = mean over all orders of what it adds,  synergy of two = both - one - other + none
alone = world of the lever - world of none,  left out = world of all - world without it
mean over pairs +- t s / sqrt(pairs),  or quantiles of the pairs
"""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

from chainsim.validation.audit_checks import Checks, Tables
from chainsim.validation.audit_comparison import OUTCOMES, SPENDING
from chainsim.validation.audit_effects import Worlds

JOINED, REST, TOTAL = " + ", "shocks and stages", "total"
LAST = (
    "output",
    "value_added",
    "localization_rate_fixed",
    "completeness",
    "completeness_fixed",
    "extension",
    "strength",
    "rd",
)
"""Measures that are those of the chain in the last year."""
SUMS = {
    "outlay": "fiscal_outlay",
    "tax_return": "tax_revenue",
    "job_years": "employment",
    "value_added_sum": "value_added",
}
"""Measures that are sums over the years of all tiers."""
PRICE = "cost_per_job_year"
PERSON_YEARS = "person-years"
CHANCE = 0.9
"""Chance with which an interval of a ranking holds the mean over luck."""


def check_split(checks: Checks, worlds: Worlds) -> None:
    """Shares, synergies, ranking and additionality of one policy, as far as they are there."""
    for name, parts, check in (
        ("shares", "coalitions", check_shares),
        ("synergies", "coalitions", check_synergies),
        ("ranking", "ranking", check_ranking),
        ("additionality", "ranking", check_additionality),
    ):
        if name in worlds.told and parts in worlds.seen:
            check(checks, worlds)
        elif name in worlds.told:
            checks.lacking(name, f"what every world showed is not there: no table {parts}")


def measures(tables: Tables) -> pd.DataFrame:
    """What a world shows of each measure, by replication."""
    region, levers = tables["region"], tables["levers"]
    chain, every = (region[region["scope"] == scope] for scope in ("chain", "all"))
    end = chain[chain["year"] == chain["year"].max()].set_index("replication")
    sums = every.groupby("replication")[list(set(SUMS.values()))].sum()
    found = pd.DataFrame({name: end[name] for name in LAST} | {name: sums[column] for name, column in SUMS.items()})
    found["employment"] = found["jobs"] = end["employment"]
    found["job_years_chain"] = chain.groupby("replication")["employment"].sum()
    recovered = levers.groupby("replication")["recovered"].sum().reindex(found.index, fill_value=0.0)
    return found.assign(net_cost=found["outlay"] - recovered - found["tax_return"])


def hold_world(checks: Checks, name: str, shown: pd.DataFrame, due: pd.DataFrame, scale: pd.DataFrame) -> None:
    """What one world `shown` (replication, measure) against the tables of runs; pairs may be fewer than runs."""
    common = pd.Index([measure for measure in shown if measure in due], name="measure")
    one, other, gross = (in_rows(frame.reindex(index=shown.index, columns=common)) for frame in (shown, due, scale))
    checks.equal(name, one, other, gross + one.abs())


def in_rows(frame: pd.DataFrame) -> pd.Series:
    """The cells of a table one below the other, by row and column."""
    keys = [(*(row if isinstance(row, tuple) else (row,)), column) for row in frame.index for column in frame]
    names = [*frame.index.names, frame.columns.name]
    return pd.Series(frame.to_numpy(dtype=float).ravel(), index=pd.MultiIndex.from_tuples(keys, names=names))


def coalitions_of(worlds: Worlds) -> pd.DataFrame:
    """Effects by measure and replication, a column for every coalition, and what none and all have in the tables."""
    seen = worlds.seen["coalitions"]
    return seen.pivot_table(index=["measure", "replication"], columns="coalition", values="value", sort=False)


def players_in(values: pd.DataFrame) -> list[str]:
    """Levers and groups that are divided."""
    return [str(name) for name in values.columns if name and JOINED not in str(name)]


def joined(*names: str) -> str:
    """A coalition by its members."""
    return JOINED.join(sorted(names))


def check_shares(checks: Checks, worlds: Worlds) -> None:
    """Coalitions are all there, the whole is the effect of the comparison, shares are means over all orders."""
    values, told = coalitions_of(worlds), worlds.told["shares"]
    names = players_in(values)
    some = [joined(*part) for size in range(len(names) + 1) for part in combinations(names, size)]
    wrong = pd.Series([float(name not in values) for name in some], index=some)
    checks.gap("shares: every coalition was run", wrong, wrong * 0.0 + 1.0)
    if wrong.any():
        return
    base, policy = measures(worlds.base), measures(worlds.policy)
    whole = values[joined(*names)].unstack("measure")
    hold_world(checks, "shares: all together = the policy", whole, policy - base, policy.abs() + base.abs())
    weight = [factorial(size) * factorial(len(names) - size - 1) / factorial(len(names)) for size in range(len(names))]
    due = {
        name: sum(
            weight[size] * (values[joined(*part, name)] - values[joined(*part)])
            for size in range(len(names))
            for part in combinations([other for other in names if other != name], size)
        )
        for name in names
    }
    due |= {REST: values[""]} if values[""].ne(0).any() else {}
    found = in_rows(pd.DataFrame(due | {TOTAL: values[joined(*names)]}).rename_axis(columns="player"))
    if REST in due:
        kept = values[""].ne(0).groupby(level="measure").any()
        found = found[
            (found.index.get_level_values("player") != REST) | kept.reindex(found.index.get_level_values(0)).to_numpy()
        ]
    hold_pairs(checks, worlds, "shares", told.set_index(["measure", "player"]), found, values)
    parts = told[told["player"] != TOTAL].groupby("measure")["share"].sum()
    total = told[told["player"] == TOTAL].set_index("measure")["share"]
    checks.equal("shares: add up to the total", parts, total, size_of(values).reindex(total.index) + total.abs())


def check_synergies(checks: Checks, worlds: Worlds) -> None:
    """Both less one less the other and more what none has, of every two."""
    values, told = coalitions_of(worlds), worlds.told["synergies"]
    pairs = list(combinations(players_in(values), 2))
    if not pairs:
        return
    due = {(one, other): values[joined(one, other)] - values[one] - values[other] + values[""] for one, other in pairs}
    found = pd.concat(due, names=["first", "second"])
    told = told.set_index(["measure", "first", "second"])
    swapped = told.rename_axis(["measure", "second", "first"]).reorder_levels(["measure", "first", "second"])
    hold_pairs(
        checks, worlds, "synergies", told if told.index.isin(index_by(found, told)).all() else swapped, found, values
    )


def index_by(found: pd.Series, told: pd.DataFrame) -> pd.MultiIndex:
    """Keys of what was found in the order of a table."""
    return pd.MultiIndex.from_frame(found.reset_index()[list(told.index.names)].drop_duplicates())


def size_of(values: pd.DataFrame) -> pd.Series:
    """Largest number of which a measure is made."""
    return values.abs().max(axis=1).groupby(level="measure").max()


def hold_pairs(
    checks: Checks, worlds: Worlds, name: str, told: pd.DataFrame, found: pd.Series, values: pd.DataFrame
) -> None:
    """Mean and 90 % of the pairs, and units: those of the indicators, or money."""
    groups = found.groupby(level=list(told.index.names))
    derived = {"share": groups.mean()}
    if found.index.get_level_values("replication").nunique() > 1:
        derived |= {"low90": groups.quantile(0.05), "high90": groups.quantile(0.95)}
    scale = size_of(values).reindex(told.index.get_level_values("measure")).set_axis(told.index)
    for column, due in derived.items():
        gross = scale.reindex(due.index.union(told.index)) + 1e-300
        checks.equal(f"{name}: {column} from the pairs", told[column].astype(float), due, gross)
    if "effects" not in worlds.told:
        checks.lacking(f"{name}: unit of the measure", "no table effects")
        return
    units = worlds.told["effects"].groupby("indicator")["unit"].agg(lambda words: words.mode().iloc[0])
    money = {measure: units.get("output") for measure in SUMS} | {"job_years": PERSON_YEARS}
    words = [money.get(str(measure), units.get(measure)) for measure in told.index.get_level_values("measure")]
    odd = told["unit"].ne(pd.Series(words, index=told.index))
    checks.gap(f"{name}: unit of the measure", odd.astype(float), odd * 0.0 + 1.0)


def worlds_of(worlds: Worlds) -> pd.DataFrame:
    """What every world showed, by replication and arm, a column for every measure."""
    return worlds.seen["ranking"].pivot_table(index=["replication", "arm"], columns="measure", values="value")


def arms(shown: pd.DataFrame, lever: str, how: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The world with a lever and that without it, by replication."""
    upper, lower = (f"alone {lever}", "none") if how == "alone" else ("all", f"left_out {lever}")
    return world(shown, upper), world(shown, lower)


def world(shown: pd.DataFrame, arm: str) -> pd.DataFrame:
    """What one world showed, by replication."""
    return shown[shown.index.get_level_values("arm") == arm].droplevel("arm")


def check_ranking(checks: Checks, worlds: Worlds) -> None:
    """All levers are the policy, unless its pairs drew numbers; what each does alone and left out, with intervals."""
    shown, told = worlds_of(worlds), worlds.told["ranking"].set_index(["lever", "how"])
    policy = measures(worlds.policy)
    if "worlds" in worlds.seen:
        checks.lacking("ranking: all levers = the policy", "levers are told with numbers as stated, pairs in worlds")
    else:
        hold_world(checks, "ranking: all levers = the policy", world(shown, "all"), policy, policy.abs())
    levers = [arm.removeprefix("alone ") for arm in shown.index.unique("arm") if arm.startswith("alone ")]
    every = pd.MultiIndex.from_product([levers, ["alone", "left_out"]], names=["lever", "how"])
    one, other = (pd.Series(1.0, index=index) for index in (told.index, every))
    checks.equal("ranking: every lever alone and left out", one, other)
    if not told.index.equals(told.index.drop_duplicates()) or not told.index.isin(every).all():
        return
    added = {key: arms(shown, *key)[0] - arms(shown, *key)[1] for key in told.index}
    size = shown.abs().max()
    for measure in [str(name) for name in shown if name in told]:
        frame = pd.DataFrame({key: each[measure] for key, each in added.items()}).T.set_axis(told.index)
        hold_interval(checks, f"ranking: {measure}", told, measure, frame, float(size[measure]))
    price = pd.Series({key: each["net_cost"].sum() / each["job_years"].sum() for key, each in added.items()})
    known = told[PRICE].dropna()
    if len(known):
        checks.equal(f"ranking: {PRICE} = net cost over job-years", known, price.set_axis(told.index)[known.index])


def hold_interval(checks: Checks, name: str, told: pd.DataFrame, column: str, pairs: pd.DataFrame, size: float) -> None:
    """Mean over `pairs` (rows, R) and the bounds that hold it with the chance of a ranking (Student 1908)."""
    from scipy.special import stdtrit

    mean, number = pairs.mean(axis=1), pairs.shape[1]
    reach = stdtrit(number - 1, 0.5 + CHANCE / 2) * pairs.std(axis=1) / np.sqrt(number) if number > 1 else mean * np.nan
    for bound, due in (("", mean), ("_low", mean - reach), ("_high", mean + reach)):
        checks.equal(f"{name}{bound}", told[f"{column}{bound}"].astype(float), due, mean * 0.0 + size + 1e-300)


def check_additionality(checks: Checks, worlds: Worlds) -> None:
    """What recipients did in the lever's own pairs, with it and without."""
    shown, table = worlds_of(worlds), worlds.told["additionality"]
    told = table.set_index(["lever", "how", "outcome"])
    levers = [arm.removeprefix("alone ") for arm in shown.index.unique("arm") if arm.startswith("alone ")]
    every = pd.MultiIndex.from_product([levers, ["alone", "left_out"], OUTCOMES], names=told.index.names)
    one, other = (pd.Series(1.0, index=index) for index in (told.index, every))
    checks.equal("additionality: every lever, way and outcome", one, other)
    if not told.index.equals(told.index.drop_duplicates()) or not told.index.isin(every).all():
        return
    own = {key: world(shown, f"{key[1]} {key[0]}") for key in told.index}
    size = float(shown.abs().max().max())
    for column in ("recipients", "support"):
        due = pd.Series([each[column].mean() for each in own.values()], index=told.index)
        checks.equal(f"additionality: {column}", told[column].astype(float), due)
    for column, end in (("with_policy", "with"), ("without", "without")):
        due = pd.Series([each[f"{key[2]}_{end}"].mean() for key, each in own.items()], index=told.index)
        checks.equal(f"additionality: {column}", told[column].astype(float), due)
    added = [each[f"{key[2]}_with"] - each[f"{key[2]}_without"] for key, each in own.items()]
    untreated = [each[f"{key[2]}_untreated"] for key, each in own.items()]
    for column, parts in (("added", added), ("untreated", untreated)):
        frame = pd.DataFrame([part.to_numpy() for part in parts], index=told.index)
        hold_interval(checks, f"additionality: {column}", told, column, frame, size)
    moved = worlds.seen["moved"]
    points = moved.groupby("source")["entry_point"].agg(set)
    paid = [bool(set(SPENDING.get(key[2], ())) & points.get(key[0], set())) for key in told.index]
    support = pd.Series([each["support"].sum() for each in own.values()], index=told.index)
    lost = 1.0 - pd.Series([part.sum() for part in added], index=told.index) / support.where(support > 0)
    checks.equal("additionality: windfall = 1 - added over support", told["windfall"], lost.where(np.array(paid)))
    person = told.index.get_level_values("outcome") == "employment"
    odd = told["unit"].eq(PERSON_YEARS) != person
    odd |= told["unit"].ne(told["unit"].groupby(person).transform(lambda units: units.mode().iloc[0]))
    checks.gap("additionality: unit of the outcome", odd.astype(float), odd * 0.0 + 1.0)
