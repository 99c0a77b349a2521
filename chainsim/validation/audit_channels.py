"""Channels of a comparison derived a second time: they add up to the effects of the tables of both worlds."""

from __future__ import annotations

import pandas as pd

from chainsim.validation.audit_checks import Checks, Tables, dropped
from chainsim.validation.audit_effects import Worlds, same_words

JOB_YEARS = "job_years_chain"
"""Jobs over all years up to one, which no table of runs has."""


def check_channels(checks: Checks, worlds: Worlds) -> None:
    """Channels add up to the effect of every pair in every year, and the means of channels to the mean effect."""
    if "decomposition" not in worlds.seen:
        checks.lacking("channels: parts add up to the effect of every pair", "no channels were kept")
        return
    seen = worlds.seen["decomposition"]
    if not len(seen):
        check_twins(checks, worlds)
        return
    seen = with_job_years(seen if "tier" in seen else seen.assign(tier=""))
    whole(checks, "channels: seen of every tier and channel in every pair and year", seen, ["replication", "year"])
    keys = ["indicator", "tier", "replication", "year"]
    parts = seen.groupby(keys)["value"].sum()
    scale = seen["value"].abs().groupby([seen[key] for key in keys]).sum()
    base, policy = (chain_and_tiers(tables, parts) for tables in (worlds.base, worlds.policy))
    parts, scale = (values.reindex(base.index, fill_value=0.0) for values in (parts, scale))
    effect = (policy - base).where((policy - base).abs() > 1e-12 * base.abs(), 0.0)
    checks.equal("channels: parts add up to the effect of every pair", parts, effect, scale + base.abs())
    if "decomposition" in worlds.told and "effects" in worlds.told:
        means = (each.groupby(level=["indicator", "tier", "year"]).mean() for each in (effect, base.abs()))
        check_told_channels(checks, worlds, seen, *means)


def whole(checks: Checks, name: str, table: pd.DataFrame, times: list[str]) -> None:
    """Hold that at all `times` of an indicator there is a row for every tier and channel that it has, and no other."""
    keys = ["indicator", "tier", "channel"]
    every = table[keys].drop_duplicates().merge(table[["indicator", *times]].drop_duplicates(), on="indicator")
    there = table.groupby([*keys, *times]).size().astype(float)
    checks.equal(name, there, pd.Series(1.0, index=pd.MultiIndex.from_frame(every[[*keys, *times]])))


def check_twins(checks: Checks, worlds: Worlds) -> None:
    """Where nothing was seen to differ, both worlds are the same, and so are the channels told of them."""
    one, other = (
        tables["region"].set_index(["scope", "replication", "year"]) for tables in (worlds.base, worlds.policy)
    )
    for name in one.select_dtypes("number"):
        checks.equal(f"channels: none, as {name} is the same in both worlds", one[name], other[name])
    if "decomposition" in worlds.told:
        told = worlds.told["decomposition"].set_index(["indicator", "channel", "year"])["effect"]
        checks.equal("channels: none told, as there were none", told, told * 0.0)


def check_told_channels(
    checks: Checks, worlds: Worlds, seen: pd.DataFrame, effect: pd.Series, level: pd.Series
) -> None:
    """Means and bounds of channels over the pairs; the years are those of effects, and the channels add up.

    Mean `effect` and `level` of the baseline by indicator, tier and year: an effect is the difference of two levels.
    """
    table = worlds.told["decomposition"]
    told_by = [key for key in ("indicator", "tier", "year") if key in table]
    for column in ("unit", "meaning"):
        thing = table["indicator"] if column == "unit" else table["indicator"] + " " + table["channel"]
        same_words(checks, "channels", table.assign(what=thing), "what", column)
    rows = table if "tier" in table else table.assign(tier="")
    whole(checks, "channels: told of every tier and channel in every year", rows, ["year"])
    told = table.set_index([*told_by, "channel"])
    years = worlds.told["effects"]["year"].unique()
    names = dropped(told.index, "year").drop_duplicates().to_frame(index=False)
    names = names[names["channel"] != "rest"]
    every = names.merge(pd.DataFrame({"year": years}), how="cross")[[*told_by, "channel"]]
    there = told.index[told.index.get_level_values("channel") != "rest"]
    one, other = (pd.Series(1.0, index=index) for index in (there.drop_duplicates(), pd.MultiIndex.from_frame(every)))
    checks.equal("channels: a row for every channel and year of effects", one, other)
    pairs = seen.pivot_table(
        index=[*told_by, "channel"], columns="replication", values="value", aggfunc="sum", observed=True
    )
    pairs = pairs.reindex(told.index, columns=worlds.replications).fillna(0.0)
    size = seen["value"].abs().groupby([seen[key] for key in told_by]).max()
    flow = size.reindex(dropped(told.index, "channel")).set_axis(told.index).fillna(0.0) + told["effect"].abs()
    derived = {"effect": pairs.mean(axis=1)}
    if pairs.shape[1] > 1:
        derived |= {f"{name}90": pairs.quantile(level, axis=1) for name, level in (("low", 0.05), ("high", 0.95))}
    plain = told.index.get_level_values("channel") != "rest"
    for name, values in derived.items():
        what = "told = mean of the pairs" if name == "effect" else f"{name} of the pairs"
        checks.equal(f"channels: {what}", told[name][plain], values[plain], flow[plain])
    sums, scale = told["effect"].groupby(level=told_by).sum(), flow.groupby(level=told_by).max()
    due, levels = (each.reset_index(name="mean").set_index(told_by)["mean"] for each in (effect, level))
    due = due[due.index.get_level_values("year").isin(years)]
    checks.equal("channels: told add up to the mean effect", sums, due, (scale + levels + due.abs()).clip(lower=1e-6))


def with_job_years(seen: pd.DataFrame) -> pd.DataFrame:
    """What was seen, and what each channel of jobs adds to job-years: the sum of the years so far."""
    jobs = seen[seen["indicator"] == "employment"].sort_values("year")
    so_far = jobs.groupby(["tier", "replication", "channel"], observed=True)["value"].cumsum()
    return pd.concat([seen, jobs.assign(indicator=JOB_YEARS, value=so_far)], ignore_index=True)


def chain_and_tiers(tables: Tables, parts: pd.Series) -> pd.Series:
    """Values of a world by indicator, tier (empty for the chain), replication and year, where `parts` has some."""
    region, keys = tables["region"], ["tier", "replication", "year"]
    both = pd.concat([region[region["scope"] == "chain"].assign(tier=""), tables["tiers"]]).set_index(keys).sort_index()
    both = both.assign(**{JOB_YEARS: both.groupby(level=["tier", "replication"])["employment"].cumsum()})
    found = pd.concat({name: both[name] for name in parts.index.unique("indicator")}, names=["indicator"])
    kinds = dropped(parts.index, "replication", "year").unique()
    return found[dropped(found.index, "replication", "year").isin(kinds)]
