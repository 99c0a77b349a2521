"""Effects of a comparison derived a second time from the tables of its worlds: effects, costs, levers, channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from chainsim.validation.audit_checks import Checks, Tables, dropped, over

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
    """Tables of the baseline's runs, of a policy's, those of the comparison, and what was seen of the pairs."""

    base: Tables
    policy: Tables
    told: Tables
    seen: Tables
    discount: float = 0.04
    """Rate a year at which money of later years counts less, where an item is discounted."""
    local_tax_share: float = 0.5
    """Part of the tax return that stays with the region."""


def check_effects(checks: Checks, worlds: Worlds) -> None:
    """All identities of one policy."""
    check_pairs(checks, worlds)
    check_effect_table(checks, worlds)
    check_costs(checks, worlds)
    check_levers(checks, worlds)
    check_channels(checks, worlds)


def check_pairs(checks: Checks, worlds: Worlds) -> None:
    """Pairs have the same luck, and are the same until the policy asks for something else."""
    keys = ["replication", "year", "scope"]
    one, other = (tables["region"].set_index(keys) for tables in (worlds.base, worlds.policy))
    checks.equal("worlds: the same seeds in both", one["seed"].astype(float), other["seed"].astype(float))
    moved = worlds.seen["moved"]
    first = int(moved["year"].min()) if len(moved) else int(one.index.get_level_values("year").max()) + 1
    for name in ("output", "employment", "localization_rate", "completeness", "profit"):
        early = one.index.get_level_values("year") < first
        checks.equal(
            f"worlds: {name} the same before the policy", one[name][early], other[name].reindex(one.index)[early]
        )


def check_effect_table(checks: Checks, worlds: Worlds) -> None:
    """Medians, means and bounds of the paired differences."""
    told = worlds.told["effects"].set_index(EFFECT_KEYS)
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
    if "worlds" in worlds.seen:
        checks.lacking(
            "effects: bounds by luck alone, same sign", "pairs of worlds with other numbers are told by world"
        )
        return
    same = np.mean(np.sign(pairs) == np.sign(np.median(pairs, axis=1))[:, None], axis=1)
    checks.equal("effects: share of pairs of the same sign", told["same_sign"], pd.Series(same, index=base.index))
    for name in ("low90", "high90"):
        checks.equal(f"effects: luck_{name} = {name}", told[f"luck_{name}"], told[name], gross.reindex(told.index))


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


def check_costs(checks: Checks, worlds: Worlds) -> None:
    """Money and what it achieves, means of pairs; ratios of their sums."""
    told = worlds.told["costs"].set_index(["scope", "item"])
    parts = [pd.concat({scope: items(worlds, scope)}, names=["scope"]) for scope in told.index.unique("scope")]
    derived = pd.concat(parts)
    gross = pd.concat(
        [pd.concat({scope: flows(worlds, scope)}, names=["scope"]) for scope in told.index.unique("scope")]
    )
    items_told = told["value"][~told.index.get_level_values("item").isin(list(RATIOS))]
    checks.equal("costs: money and achievements from the tables of both worlds", items_told, derived, gross)
    for name, (above, below) in RATIOS.items():
        ratio = told["value"].xs(name, level="item")
        due = over(told["value"].xs(above, level="item"), told["value"].xs(below, level="item"))
        checks.equal(f"costs: {name} = {above} over {below}", ratio.dropna(), due.reindex(ratio.dropna().index))


def items(worlds: Worlds, scope: str) -> pd.Series:
    """Quantities of the costs, means of pairs."""

    def total(name: str) -> float:
        return float(difference(worlds, name, scope).sum(axis=1).mean())

    def last(name: str, scope: str = scope) -> float:
        return float(difference(worlds, name, scope).iloc[:, -1].mean())

    pairs = worlds.base["region"]["replication"].nunique()
    outlay, tax, jobs, induced = map(total, ("fiscal_outlay", "tax_revenue", "employment", "jobs_induced"))
    recovered, cofinanced = (
        (worlds.policy["levers"][name].sum() - worlds.base["levers"][name].sum()) / pairs
        for name in ("recovered", "cofinanced")
    )
    values = {
        "outlay": outlay,
        "cofinanced": cofinanced,
        "recovered": recovered,
        "tax_return": tax,
        "net_cost": outlay - recovered - tax,
        "net_cost_region": outlay - recovered - worlds.local_tax_share * tax,
        "net_cost_discounted": discounted(worlds, scope, pairs),
        "jobs": last("employment"),
        "job_years": jobs,
        "jobs_induced": last("jobs_induced"),
        "job_years_induced": induced,
        "job_years_with_induced": jobs + induced,
        "value_added": total("value_added"),
        "localization": 100.0 * last("localization_rate_fixed", "chain"),
    }
    return pd.Series(values).rename_axis("item")


def discounted(worlds: Worlds, scope: str, pairs: int) -> float:
    """Net cost of every year at the value that it has in the base year, mean of pairs."""
    outlay, tax = (difference(worlds, name, scope).sum(axis=0) for name in ("fiscal_outlay", "tax_revenue"))
    back = [tables["levers"].groupby("year")["recovered"].sum() for tables in (worlds.policy, worlds.base)]
    recovered = back[0].reindex(outlay.index, fill_value=0.0) - back[1].reindex(outlay.index, fill_value=0.0)
    years = (outlay.index - outlay.index.min()).to_numpy(dtype=float)
    return float(((outlay - recovered - tax) / (1.0 + worlds.discount) ** years).sum() / pairs)


def flows(worlds: Worlds, scope: str) -> pd.Series:
    """Gross flows that the quantities of the costs are differences of."""
    source = {
        "tax_return": "tax_revenue",
        "net_cost": "tax_revenue",
        "net_cost_region": "tax_revenue",
        "net_cost_discounted": "tax_revenue",
        "value_added": "value_added",
    }
    source |= dict.fromkeys(("outlay", "cofinanced", "recovered"), "fiscal_outlay")
    source |= dict.fromkeys(("localization",), "localization_rate_fixed")
    found = {}
    for item in items(worlds, scope).index:
        name = source.get(item, "employment")
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
    for name, end in (("first_year", "min"), ("last_year", "max")):
        checks.equal(f"levers: {name} with outlay", told[name].astype("Float64").astype(float), paid[end].astype(float))


def check_channels(checks: Checks, worlds: Worlds) -> None:
    """Channels add up to the effect of every pair, and the means of channels to the mean effect."""
    if "decomposition" not in worlds.seen:
        checks.lacking("channels: parts add up to the effect of every pair", "no channels were kept")
        return
    seen = worlds.seen["decomposition"]
    seen = seen if "tier" in seen else seen.assign(tier="")
    keys = ["indicator", "tier", "replication", "year"]
    parts = seen.groupby(keys)["value"].sum()
    scale = seen["value"].abs().groupby([seen[key] for key in keys]).sum()
    base, policy = (chain_and_tiers(tables, parts) for tables in (worlds.base, worlds.policy))
    checks.equal("channels: parts add up to the effect of every pair", parts, policy - base, scale + base.abs())
    if "decomposition" in worlds.told:
        told_by = [key for key in ("indicator", "tier", "year") if key in worlds.told["decomposition"]]
        told = worlds.told["decomposition"].set_index([*told_by, "channel"])["effect"]
        pairs = seen["replication"].nunique()
        mean = seen.groupby([*told_by, "channel"])["value"].sum() / pairs
        size = seen["value"].abs().groupby([seen[key] for key in told_by]).max()
        flow = size.reindex(dropped(told.index, "channel")).set_axis(told.index).fillna(0.0) + told.abs()
        checks.equal("channels: told = mean of the pairs", told, mean.reindex(told.index, fill_value=0.0), flow)


def chain_and_tiers(tables: Tables, parts: pd.Series) -> pd.Series:
    """Values of a world by indicator, tier (empty for the chain), replication and year, where `parts` has some."""
    region, keys = tables["region"], ["tier", "replication", "year"]
    both = pd.concat([region[region["scope"] == "chain"].assign(tier=""), tables["tiers"]]).set_index(keys)
    found = {name: both[name] for name in parts.index.unique("indicator")}
    return pd.concat(found, names=["indicator"]).reindex(parts.index)
