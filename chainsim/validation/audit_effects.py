"""Effects of a comparison derived a second time from the tables of its worlds: effects, costs, levers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from chainsim.validation.audit_checks import TAX_MEASURES, Checks, Stated, Tables, over

KINDS = {"scope": "region", "tier": "tiers", "industry": "industries", "segment": "segments", "park": "parks"}
"""Tables of the worlds by what effects are told by."""
EFFECT_KEYS = ["by", "key", "year", "indicator"]
MONEY = ["budget", "requested", "granted", "outlay", "cofinanced", "recovered", "recipients"]
RATIOS = {
    "net_cost_per_job": ("net_cost", "jobs"),
    "net_cost_per_job_year": ("net_cost", "job_years"),
    "outlay_per_job_year": ("outlay", "job_years"),
    "net_cost_per_job_year_with_induced": ("net_cost", "job_years_with_induced"),
    "net_cost_per_point": ("net_cost", "localization"),
    "net_cost_per_value_added": ("net_cost", "value_added"),
}
"""Ratios of costs: what is above and below the line."""


class Worlds(NamedTuple):
    """Tables of the baseline's runs, of a policy's, those of the comparison, what was seen of the pairs, and what is
    stated of both."""

    base: Tables
    policy: Tables
    told: Tables
    seen: Tables
    base_stated: Stated
    policy_stated: Stated

    @property
    def replications(self) -> pd.Index:
        """Numbers of the pairs."""
        return pd.Index(sorted(self.base["region"]["replication"].unique()), name="replication")

    @property
    def end(self) -> int:
        """The last year."""
        years = self.base_stated.years
        return int(self.base["region"]["year"].max()) if years is None else years[1]


def check_effects(checks: Checks, worlds: Worlds) -> None:
    """Effects, costs and levers of one policy."""
    check_pairs(checks, worlds)
    absent = [name for name in ("effects", "costs", "levers") if name not in worlds.told]
    if absent:
        checks.lacking("effects", f"no table {', '.join(absent)}")
        return
    check_effect_table(checks, worlds)
    check_costs(checks, worlds)
    check_levers(checks, worlds)


def check_pairs(checks: Checks, worlds: Worlds) -> None:
    """Pairs have the same luck, and are the same until the policy asks for something else."""
    keys = ["replication", "year", "scope"]
    one, other = (tables["region"].set_index(keys) for tables in (worlds.base, worlds.policy))
    checks.equal("worlds: the same seeds in both", one["seed"].astype(float), other["seed"].astype(float))
    moved = worlds.seen["moved"]
    if not len(moved):  # a policy of other numbers than those of levers and shocks
        moved = worlds.seen["parting"]
    first = int(moved["year"].min()) if len(moved) else int(one.index.get_level_values("year").max()) + 1
    for name in ("output", "employment", "localization_rate", "completeness", "profit"):
        early = one.index.get_level_values("year") < first
        checks.equal(
            f"worlds: {name} the same before the policy", one[name][early], other[name].reindex(one.index)[early]
        )


def check_effect_table(checks: Checks, worlds: Worlds) -> None:
    """Medians, means and bounds of the paired differences."""
    told = worlds.told["effects"].set_index(EFFECT_KEYS)
    check_years(checks, worlds, told)
    double = told.index.duplicated()
    checks.gap("effects: every row once", pd.Series(double.astype(float), index=told.index), told["pairs"] * 0.0 + 1.0)
    told = told[~double]
    base, policy = (wide(tables, told) for tables in (worlds.base, worlds.policy))
    pairs, ours = policy.to_numpy() - base.to_numpy(), base.to_numpy()
    relative = np.divide(pairs, ours, out=np.full_like(pairs, np.nan), where=ours != 0)
    gross = pd.Series(np.abs(ours).max(axis=1) + np.abs(policy.to_numpy()).max(axis=1), index=base.index)
    derived = {"base": np.median(ours, axis=1), "effect": np.median(pairs, axis=1), "mean": pairs.mean(axis=1)}
    if pairs.shape[1] > 1:
        bounds = {"low50": 0.25, "high50": 0.75, "low90": 0.05, "high90": 0.95}
        derived |= {name: np.quantile(pairs, level, axis=1) for name, level in bounds.items()}
    for name, values in derived.items():
        checks.equal(
            f"effects: {name} from the tables of both worlds", told[name], pd.Series(values, index=base.index), gross
        )
    rates = {"relative": np.median(relative, axis=1)}
    if pairs.shape[1] > 1:
        rates |= {f"relative_{n}": np.quantile(relative, q, axis=1) for n, q in (("low90", 0.05), ("high90", 0.95))}
    flows = 1.0 + pd.Series(np.abs(np.nan_to_num(relative)).max(axis=1), index=base.index)
    for name, values in rates.items():
        checks.equal(f"effects: {name} over the baseline", told[name], pd.Series(values, index=base.index), flows)
    checks.equal("effects: number of pairs", told["pairs"], pd.Series(float(pairs.shape[1]), index=base.index))
    drawn = worlds.seen.get("worlds")
    units = pairs.shape[1] if drawn is None else drawn.loc[drawn["kept"], "world"].nunique()
    sure = pd.Series(float(units >= FEWEST_FOR_A_SIGN), index=told.index)
    for low, high in (("low90", "high90"), ("luck_low90", "luck_high90")):
        sure *= ((told[low] > 0.0) | (told[high] < 0.0)).astype(float)
    if "certain" in told:  # not in folders of earlier versions
        checks.equal("effects: whether signs are certain", told["certain"].astype(float), sure)
    if drawn is not None:
        check_luck(checks, told, gross)
        checks.lacking(
            "effects: bounds by luck alone, same sign", "pairs of worlds with other numbers are told by world"
        )
        return
    central = np.median(pairs, axis=1)
    same = pd.Series(np.mean(np.sign(pairs) == np.sign(central)[:, None], axis=1), index=base.index)
    same = same.where(central != 0)  # 0 has no sign
    checks.equal("effects: share of pairs of the same sign", told["same_sign"], same)
    for name in ("low90", "high90"):
        checks.equal(f"effects: luck_{name} = {name}", told[f"luck_{name}"], told[name], gross.reindex(told.index))


def check_luck(checks: Checks, told: pd.DataFrame, gross: pd.Series) -> None:
    """Bounds by luck alone hold the effect they stand beside, and lie within those of all that was varied."""
    known = told[told["luck_low90"].notna() | told["luck_high90"].notna()]
    ordered = [known[name].to_numpy() for name in ("low90", "luck_low90", "effect", "luck_high90", "high90")]
    short = np.max([np.maximum(low - high, 0.0) for low, high in pairwise(ordered)], axis=0)
    if len(known):
        gap = pd.Series(short, index=known.index)
        checks.gap("effects: bounds by luck hold the effect, within all bounds", gap, gross.reindex(known.index))


FEWEST_FOR_A_SIGN = 10
"""Pairs, or worlds, from which on a sign may be certain."""
HORIZONS = (1, 5, 10, 15)
"""Years of policy after which effects are told."""


def check_years(checks: Checks, worlds: Worlds, told: pd.DataFrame) -> None:
    """Effects are told after years of policy and in the last year: of every key the same indicators and years."""
    keys = told.reset_index()[EFFECT_KEYS]
    years = sorted(keys["year"].unique())
    starts = [year for year in years if due_years(int(year), worlds.end) == years]
    wrong = pd.Series([0.0 if starts or years == [worlds.end] else 1.0], index=pd.Index(["effects"], name="years"))
    checks.gap("effects: years are those after 1, 5, 10 and 15 of policy, and the last", wrong, wrong * 0.0 + 1.0)
    whole = [
        pd.MultiIndex.from_product(
            [[by], list(worlds.base[table][by].unique()), years, told_of(worlds.base[table], keys)], names=EFFECT_KEYS
        ).to_frame(index=False)
        for by, table in KINDS.items()
        if table in worlds.base
    ]
    one, other = (
        pd.Series(1.0, index=pd.MultiIndex.from_frame(rows[EFFECT_KEYS].drop_duplicates()))
        for rows in (keys, pd.concat(whole))
    )
    checks.equal("effects: a row for every key, indicator and year", one, other)
    same_words(checks, "effects", told.reset_index(), "indicator", "unit")


def told_of(table: pd.DataFrame, keys: pd.DataFrame) -> list[str]:
    """The indicators that effects are told of, as far as a table has them."""
    return [str(name) for name in keys["indicator"].unique() if name in table]


def due_years(first: int, end: int) -> list[int]:
    """Years after some years of policy that begins in the `first`, and the last."""
    return sorted({*(first - 1 + number for number in HORIZONS if first - 1 + number <= end), end})


def same_words(checks: Checks, name: str, table: pd.DataFrame, by: str, column: str) -> None:
    """A column of words is the same in all rows of one thing."""
    usual = table.groupby(by)[column].transform(lambda values: values.mode().iloc[0])
    wrong = pd.Series(table[column].ne(usual).to_numpy(dtype=float), index=pd.Index(table[by], name=by))
    if len(wrong):
        checks.gap(f"{name}: one {column} by {by}", wrong, wrong * 0.0 + 1.0)


def wide(tables: Tables, told: pd.DataFrame) -> pd.DataFrame:
    """Indicators of the years told, a row for every key and a column for every replication."""
    years, frames = set(told.index.get_level_values("year")), []
    for by, group in told.groupby(level="by"):
        table = tables[KINDS[str(by)]]
        names = list(dict.fromkeys(group.index.get_level_values("indicator")))
        long = table[table["year"].isin(years)].rename(columns={str(by): "key"}).assign(by=str(by))
        long = long.melt(["by", "key", "year", "replication"], names, "indicator")
        frames.append(long)
    return pd.concat(frames).set_index([*EFFECT_KEYS, "replication"])["value"].unstack("replication")


def difference(worlds: Worlds, name: str, scope: str) -> pd.DataFrame:
    """Policy less baseline of an indicator of the region, a row a pair and a column a year."""
    both = [tables["region"].pivot_table(name, "replication", "year", sort=True) for tables in scoped(worlds, scope)]
    return both[1] - both[0]


def scoped(worlds: Worlds, scope: str) -> list[Mapping[str, pd.DataFrame]]:
    """The region's tables of both worlds, of one scope."""
    return [{"region": t["region"][t["region"]["scope"] == scope]} for t in (worlds.base, worlds.policy)]


SCOPES = ("all", "chain")
"""What costs are told of."""
UNDEFINED = "undefined"
"""How the note of a ratio begins that has no value."""


def check_costs(checks: Checks, worlds: Worlds) -> None:
    """Money and what it achieves, means of pairs and what holds 90 % of them; ratios of their sums."""
    told = worlds.told["costs"].set_index(["scope", "item"])
    pairs = {scope: items(worlds, scope) for scope in SCOPES}
    every = pd.MultiIndex.from_product([SCOPES, [*pairs["all"], *RATIOS]], names=["scope", "item"])
    one, other = (pd.Series(1.0, index=index) for index in (told.index.drop_duplicates(), every))
    checks.equal("costs: every item in both scopes", one, other)
    double = pd.Series(told.index.duplicated().astype(float), index=told.index)
    checks.gap("costs: every row once", double, double * 0.0 + 1.0)
    for column in ("unit", "meaning"):
        same_words(checks, "costs", told.reset_index(), "item", column)
    told = told[~told.index.duplicated()].reindex(every)
    known = told[~told.index.get_level_values("item").isin(list(RATIOS))]
    gross = pd.concat({scope: flows(worlds, scope) for scope in SCOPES}, names=["scope"]).reindex(known.index)
    several = len(worlds.replications) > 1
    drawn = worlds.seen.get("worlds")
    units = len(worlds.replications) if drawn is None else drawn.loc[drawn["kept"], "world"].nunique()
    derived = {"value": lambda frame: frame.mean()}
    if several:
        derived |= {f"{n}90": partial(pd.DataFrame.quantile, q=q) for n, q in (("low", 0.05), ("high", 0.95))}
    for column, of_pairs in derived.items():
        due = pd.concat({scope: of_pairs(frame) for scope, frame in pairs.items()}, names=["scope", "item"])
        what = "money and achievements" if column == "value" else f"{column} of money and achievements"
        checks.equal(f"costs: {what} from the tables of both worlds", known[column], due.reindex(known.index), gross)
    check_ratios(checks, told, units >= FEWEST_FOR_A_SIGN)


def check_ratios(checks: Checks, told: pd.DataFrame, enough: bool) -> None:
    """Ratios are one item over another, or undefined with a word of it; bounds are in order, missing where few."""
    for name, (above, below) in RATIOS.items():
        rows = told.xs(name, level="item")
        top, bottom = (told["value"].xs(item, level="item") for item in (above, below))
        known = rows["value"].notna()
        checks.equal(
            f"costs: {name} = {above} over {below}", rows["value"].where(known), over(top, bottom).where(known)
        )
        noted = rows["note"].astype(str).str.startswith(UNDEFINED)
        bounds = rows["low90"].notna() & rows["high90"].notna()
        wrong = noted.eq(known) | bounds.gt(known) | known.gt(bounds) & enough | (bottom <= 0) & known
        wrong = (wrong | (rows["low90"] > rows["high90"])).astype(float)
        checks.gap(f"costs: {name} is told, with bounds in order, or undefined", wrong, wrong * 0.0 + 1.0)


def items(worlds: Worlds, scope: str) -> pd.DataFrame:
    """Quantities of the costs, a row a pair and a column an item."""

    def total(name: str) -> pd.Series:
        return difference(worlds, name, scope).sum(axis=1)

    def last(name: str, scope: str = scope) -> pd.Series:
        return difference(worlds, name, scope).iloc[:, -1]

    outlay, tax, jobs, induced = map(total, ("fiscal_outlay", "tax_revenue", "employment", "jobs_induced"))
    recovered, cofinanced = (of_levers(worlds, name).sum(axis=1) for name in ("recovered", "cofinanced"))
    forgone = (of_levers(worlds, "outlay", TAX_MEASURES) - of_levers(worlds, "recovered", TAX_MEASURES)).sum(axis=1)
    kept = worlds.base_stated.local_tax_share
    yearly = [difference(worlds, name, scope) for name in ("fiscal_outlay", "tax_revenue")]
    net = yearly[0] - of_levers(worlds, "recovered").reindex(columns=yearly[0].columns, fill_value=0.0) - yearly[1]
    present = (1.0 + worlds.base_stated.discount) ** -(net.columns.to_numpy(dtype=float) - float(net.columns.min()))
    return pd.DataFrame(
        {
            "outlay": outlay,
            "tax_forgone": forgone,
            "cofinanced": cofinanced,
            "recovered": recovered,
            "tax_return": tax,
            "net_cost": outlay - recovered - tax,
            "net_cost_region": outlay - recovered - (1 - kept) * forgone - kept * tax,
            "net_cost_discounted": net @ present,
            "jobs": last("employment"),
            "job_years": jobs,
            "jobs_induced": last("jobs_induced"),
            "job_years_induced": induced,
            "job_years_with_induced": jobs + induced,
            "value_added": total("value_added"),
            "localization": 100.0 * last("localization_rate_fixed", "chain"),
        }
    )


def of_levers(worlds: Worlds, name: str, types: tuple[str, ...] = ()) -> pd.DataFrame:
    """Policy less baseline of a column of all levers, or those of some types: a row a pair and a column a year."""
    tables = [worlds.policy["levers"], worlds.base["levers"]]
    tables = [table.assign(**{name: table[name].where(table["type"].isin(types) | (not types), 0)}) for table in tables]
    sums = [table.groupby(["replication", "year"])[name].sum().unstack("year") for table in tables]
    years = sums[0].columns.union(sums[1].columns)
    one, other = (each.reindex(worlds.replications, columns=years).fillna(0.0).astype(float) for each in sums)
    return one - other


def flows(worlds: Worlds, scope: str) -> pd.Series:
    """Gross flows that the quantities of the costs are differences of."""
    source = {
        "tax_return": "tax_revenue",
        "net_cost": "tax_revenue",
        "net_cost_region": "tax_revenue",
        "net_cost_discounted": "tax_revenue",
        "value_added": "value_added",
    }
    source |= dict.fromkeys(("outlay", "tax_forgone", "cofinanced", "recovered"), "fiscal_outlay")
    source |= dict.fromkeys(("localization",), "localization_rate_fixed")
    found = {}
    for item in items(worlds, scope):
        name = source.get(str(item), "employment")
        tables = scoped(worlds, scope)
        found[item] = sum(float(t["region"].groupby("replication")[name].sum().mean()) for t in tables)
        found[item] *= 100.0 if item == "localization" else 1.0
    return pd.Series(found).rename_axis("item")


def check_levers(checks: Checks, worlds: Worlds) -> None:
    """Money of the levers over all years, means of the pairs."""
    told, levers = worlds.told["levers"].set_index("lever"), worlds.policy["levers"]
    if not len(told) and not len(levers):
        return
    groups = levers.groupby(["lever", "replication"])
    sums = groups[MONEY].sum()
    sums["budget"] = groups["budget"].agg(lambda values: values.sum(skipna=False))
    means = sums.groupby(level="lever").mean()
    for name in MONEY:
        checks.equal(f"levers: {name} over all years, mean of pairs", told[name].astype(float), means[name])
    paid = levers[levers["outlay"] > 0].groupby("lever")["year"].agg(["min", "max"]).reindex(means.index)
    types = means.index.map(lambda name: levers.loc[levers["lever"] == name, "type"].iloc[0])
    wrong = pd.Series((told["type"].reindex(means.index) != types).to_numpy(dtype=float), index=means.index)
    checks.gap("levers: type of the lever", wrong, wrong * 0.0 + 1.0)
    served = worlds.seen["recipients"].groupby(["lever", "replication"])["recipients"].max().groupby("lever").mean()
    due = served.reindex(told.index).astype(float)
    checks.equal("levers: enterprises served, mean of pairs", told["enterprises"].astype(float), due)
    for name, end in (("first_year", "min"), ("last_year", "max")):
        checks.equal(f"levers: {name} with outlay", told[name].astype("Float64").astype(float), paid[end].astype(float))
