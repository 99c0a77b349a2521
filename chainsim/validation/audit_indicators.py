"""Indicators of the region, tiers, industries and segments derived a second time from segments, trade and base year."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from chainsim.validation.audit_checks import GENERAL, RUN, Checks, Stated, Tables, a_year_later, in_first_year, over
from chainsim.validation.audit_enterprises import of_base_year

SUMS = (
    *("output", "output_volume", "value_added", "employment", "employment_ordinary", "employment_skilled", "exports"),
    *("purchases_local", "purchases_national", "purchases_abroad", "rd", "enterprises", "above_scale", "entries"),
    *("exits", "defaults", "tax_revenue", "profit", "investment", "capital", "debt", "support"),
    "demand",
)
"""Indicators of groups that are sums over their segments."""
MEANS = {
    "wage_ordinary": "employment_ordinary",
    "wage_skilled": "employment_skilled",
    "quality": "output",
    "markup": "output",
    "loss_makers": "enterprises",
    "products": "enterprises",
    "independent_rd": "rd",
    "local_supply_rate": "demand",
    "completeness_plant": "demand",
}
"""Indicators of groups that are means over segments, by their weight."""
KINDS = {"region": "scope", "tiers": "tier", "industries": "industry", "segments": "segment"}
"""Tables of groups of segments, and what names a group."""
BOUGHT = ["purchases_local", "purchases_national", "purchases_abroad"]
GROUP = [*RUN, "group"]


def check_groups(checks: Checks, tables: Tables, stated: Stated) -> None:
    """Sums, means, coverage, extension and strength of all groups; headlines leave out the `application` tiers."""
    groups, parts = recorded(tables), members(tables, stated.application)
    if any(name in tables for name in ("region", "tiers", "industries")):
        check_sums(checks, groups, parts[parts["group"].str.partition(" ")[0] != "segment"])
    active = total(parts, parts["enterprises"].gt(0).astype(float))
    checks.equal("sums: active segments of groups", groups["active_segments"], active)
    if "enterprises" in tables:
        check_national_share(checks, tables, groups, parts)
    check_labels(checks, tables)
    check_coverage(checks, tables, groups, parts)
    check_strength(checks, groups, parts)


def check_rates(checks: Checks, tables: Tables, stated: Stated) -> None:
    """What follows from the columns of single rows, and from those of the year before."""
    groups = recorded(tables)
    check_rows(checks, groups)
    check_turnover(checks, groups)


def check_network(checks: Checks, tables: Tables, stated: Stated) -> None:
    """What follows from trade between segments: fixed-weight localization, local content, position in the chain."""
    groups, parts = recorded(tables), members(tables, stated.application)
    check_fixed_localization(checks, tables, groups, parts)
    check_position(checks, tables, groups, parts, tables["segments"].set_index([*RUN, "segment"]))


def recorded(tables: Tables) -> pd.DataFrame:
    """Rows of region, tiers, industries and segments by run, year and group."""
    frames = [
        tables[name].assign(group=key + " " + tables[name][key].astype(str)).set_index(GROUP)
        for name, key in KINDS.items()
        if name in tables
    ]
    common = [column for column in frames[0].columns if all(column in frame for frame in frames)]
    common = [column for column in common if pd.api.types.is_numeric_dtype(frames[0][column])]
    return pd.concat([frame[common] for frame in frames])


def members(tables: Tables, application: Collection[str]) -> pd.DataFrame:
    """Segments once for every group that they belong to."""
    segments = tables["segments"]
    chain = segments[~segments["tier"].isin(list(application))]
    led = chain[chain["industry"].ne(GENERAL)]
    labelled = {
        "region": [segments.assign(group="scope all"), chain.assign(group="scope chain")],
        "tiers": [segments.assign(group="tier " + segments["tier"].astype(str))],
        "industries": [led.assign(group="industry " + led["industry"].astype(str))],
        "segments": [segments.assign(group="segment " + segments["segment"].astype(str))],
    }
    return pd.concat([frame for name, frames in labelled.items() if name in tables for frame in frames])


def check_labels(checks: Checks, tables: Tables) -> None:
    """Segments keep their tier and industry."""
    segments = tables["segments"]
    for name in ("tier", "industry"):
        usual = segments.groupby(["point", "segment"])[name].transform(lambda values: values.mode().iloc[0])
        wrong = pd.Series(
            segments[name].ne(usual).to_numpy(dtype=float), pd.MultiIndex.from_frame(segments[[*RUN, "segment"]])
        )
        checks.gap(f"segments: {name} is kept", wrong, wrong * 0.0 + 1.0)


def of_region(groups: pd.DataFrame) -> np.ndarray:
    """Whether a row is of the region."""
    return np.asarray(groups.index.get_level_values("group").str.startswith("scope "))


def total(parts: pd.DataFrame, values: pd.Series | str) -> pd.Series:
    """Sums by group."""
    column = parts[values] if isinstance(values, str) else values
    return column.groupby([parts[key] for key in GROUP]).sum()


def check_sums(checks: Checks, groups: pd.DataFrame, parts: pd.DataFrame) -> None:
    """Sums and weighted means over the segments of each group."""
    listed = groups[groups.index.get_level_values("group").str.partition(" ").get_level_values(0) != "segment"]
    output = listed["output"]
    for name in SUMS:
        flows = output if name in ("profit", "value_added", "tax_revenue") else None
        checks.equal(f"sums: {name} of groups = of their segments", listed[name], total(parts, name), flows)
    below = listed["fiscal_outlay"][~of_region(listed)]
    checks.equal(
        "sums: fiscal outlay of groups below the region", below, total(parts, "fiscal_outlay").reindex(below.index)
    )
    for name, weight in MEANS.items():
        top, gross = total(parts, parts[name] * parts[weight]), total(parts, (parts[name] * parts[weight]).abs())
        there = listed
        if name == "completeness_plant":
            there = listed[~of_region(listed)]
        bottom = total(parts, weight)
        mean = over(top, bottom).reindex(there.index)
        checks.equal(
            f"means: {name} of groups by {weight}",
            there[name],
            mean,
            over(gross, bottom).reindex(there.index) + mean.abs(),
        )
    quantity = over(parts["output"], parts["price"])
    checks.equal(
        "means: price = output over quantity", listed["price"], over(total(parts, "output"), total(parts, quantity))
    )
    for name, what in (("capacity_utilisation", "capacity"), ("fill_rate", "orders")):
        below = over(quantity, parts[name])
        lost = total(parts, (parts[name].eq(0) & parts["enterprises"].gt(0)).astype(float)).gt(0)
        known = listed[~lost.reindex(listed.index, fill_value=False)]
        checks.equal(
            f"means: {name} = quantity over {what}",
            known[name],
            over(total(parts, quantity), total(parts, below)).reindex(known.index),
        )
    final = parts["output"] - parts["demand"] * parts["local_supply_rate"]
    lost = total(parts, (parts["market_share"].eq(0) & final.gt(0)).astype(float)).gt(0)
    known = listed[~lost.reindex(listed.index, fill_value=False)]
    share = over(total(parts, final), total(parts, over(final, parts["market_share"])))
    checks.equal("means: market share = final sales over markets", known["market_share"], share.reindex(known.index))


def check_national_share(checks: Checks, tables: Tables, groups: pd.DataFrame, parts: pd.DataFrame) -> None:
    """National share of groups is their sales to the nation and abroad over the markets of their segments.

    The market of a segment that sells nothing there is not told; it must be the same in all groups with that segment.
    """
    firms = tables["enterprises"]
    keys = [*RUN, "segment"]
    sold = (firms["final_sales_national"] + firms["final_sales_abroad"]).groupby([firms[key] for key in keys]).sum()
    theirs = sold.reindex(pd.MultiIndex.from_frame(parts[keys]), fill_value=0.0)
    sales = pd.Series(theirs.to_numpy(), index=parts.index)
    mute = parts["national_share"].eq(0) | sales.eq(0)
    known = total(parts, over(sales, parts["national_share"])).reindex(groups.index)
    sales, share = total(parts, sales).reindex(groups.index), groups["national_share"]
    nothing = share[sales.eq(0)]
    checks.equal("means: no national share without sales", nothing, nothing * 0.0)
    names = parts[mute].groupby(GROUP)["segment"].agg("/".join).reindex(groups.index, fill_value="")
    checks.equal("means: national share = sales over markets", share[names == ""], over(sales, known)[names == ""])
    rest = (over(sales, share) - known)[names.ne("") & sales.gt(0)]
    usual = rest.groupby([*(rest.index.get_level_values(key) for key in RUN), names[rest.index]]).transform("median")
    checks.equal("means: markets without sales, from every group", rest, usual, over(sales, share)[rest.index])


def check_rows(checks: Checks, groups: pd.DataFrame) -> None:
    """Rates that follow from the columns of their own row."""
    bought = groups[BOUGHT].sum(axis=1)
    value = {
        "employment": (groups["employment_ordinary"] + groups["employment_skilled"], "ordinary + skilled staff"),
        "rd_intensity": (over(groups["rd"], groups["output"]), "R&D over output"),
        "productivity": (over(groups["value_added"], groups["employment"]), "value added over staff"),
        "profit_margin": (over(groups["profit"], groups["output"]), "profit over output"),
        "localization_rate": (over(groups["purchases_local"], bought), "local purchases over all"),
        "import_dependence": (over(groups["purchases_abroad"], bought), "purchases abroad over all"),
        "localization_within": (groups["localization_rate_fixed"], "rate at fixed weights"),
        "quality_gap": (-groups["quality"], "less quality"),
    }
    for name, (derived, how) in value.items():
        checks.equal(f"rates: {name} = {how}", groups[name], derived)
    two = groups["localization_within"] + groups["localization_between"]
    gross = groups["localization_rate"] + groups["localization_within"].abs()
    checks.equal("localization: rate = within + between", groups["localization_rate"], two, gross)
    spent = groups["output"] - groups["value_added"] - bought
    checks.gap("goods: inputs within output less value added", spent.clip(upper=0.0), groups["output"])


def check_turnover(checks: Checks, groups: pd.DataFrame) -> None:
    """Enterprises of a year are those of the year before, its entries more and its exits less."""
    due = groups["enterprises"] + groups["entries"] - groups["exits"]
    due = a_year_later(due.to_frame("due"))["due"]
    now = groups["enterprises"][~in_first_year(groups.index)]
    checks.equal("turnover: enterprises = last year's + entries - exits", now, due.reindex(now.index))
    checks.at_most("turnover: defaults within exits", groups["defaults"], groups["exits"])
    checks.at_most("turnover: exits within enterprises", groups["exits"], groups["enterprises"])
    checks.at_most("turnover: above scale within enterprises", groups["above_scale"], groups["enterprises"])


def check_coverage(checks: Checks, tables: Tables, groups: pd.DataFrame, parts: pd.DataFrame) -> None:
    """Completeness and extension from demand, output and products of segments."""
    inner = groups[~of_region(groups)]
    bare = tables["segments"].set_index([*RUN, "segment"])
    bare = bare[bare["demand"].eq(0)]
    for name in ("local_supply_rate", "viable", "completeness_plant"):
        checks.equal(f"completeness: no {name} of a segment that nobody buys from", bare[name], bare[name] * 0.0)
    covered = over(total(parts, parts["demand"] * parts["viable"]), total(parts, "demand"))
    checks.equal("completeness: demand x viable over demand", inner["completeness"], covered.reindex(inner.index))
    segments = tables["segments"].set_index([*RUN, "segment"])
    base = of_base_year(segments[["demand", "output"]])
    index = pd.MultiIndex.from_frame(parts[[*RUN, "segment"]])
    demand, output = (
        pd.Series(base[name].reindex(index).to_numpy(), index=parts.index) for name in ("demand", "output")
    )
    fixed = over(total(parts, demand * parts["viable"]), total(parts, demand))
    checks.equal(
        "completeness: at the demand of the base year", inner["completeness_fixed"], fixed.reindex(inner.index)
    )
    logs = np.log(parts["extension_raw"].where(parts["output"] > 0, 1.0))
    for name, weight, products in (
        ("extension", output, logs),
        ("extension_raw", parts["output"], logs),
        ("extension_segments", parts["output"], logs * 0.0),
    ):
        checks.equal(
            f"extension: {name} from shares and products",
            groups[name],
            effective(parts, weight, products).reindex(groups.index),
        )


def effective(parts: pd.DataFrame, weight: pd.Series, logs: pd.Series) -> pd.Series:
    """Effective number of products of each group: exponential of the entropy over segments and products."""
    frame = parts[GROUP].assign(weight=weight, logs=logs, there=parts["output"] > 0)
    share = over(frame["weight"], frame.groupby(GROUP)["weight"].transform("sum")).where(frame["there"], 0.0)
    frame["term"] = share * (frame["logs"] - np.log(share.where(share > 0, 1.0)))
    frame["share"] = share
    sums = frame.groupby(GROUP)[["term", "share"]].sum()
    return np.exp(sums["term"]).where(sums["share"] > 0, 0.0)


def check_fixed_localization(checks: Checks, tables: Tables, groups: pd.DataFrame, parts: pd.DataFrame) -> None:
    """Local shares of the year at the purchases of the base year; nothing without a trade."""
    if not len(tables["trade"]):
        checks.lacking("localization: at the purchases of the base year", "nobody buys from a segment")
        return
    trade = tables["trade"].pivot_table(
        index=[*RUN, "from_segment", "to_segment"], columns="origin", values="value", aggfunc="sum"
    )
    bought = trade.sum(axis=1)
    weight = of_base_year(bought.to_frame("weight"))["weight"]
    top = (over(trade["local"], bought) * weight).groupby(level=[*RUN, "to_segment"]).sum()
    bottom = weight.groupby(level=[*RUN, "to_segment"]).sum()
    index = pd.MultiIndex.from_frame(parts[[*RUN, "segment"]])
    above, below = (
        pd.Series(each.reindex(index, fill_value=0.0).to_numpy(), index=parts.index) for each in (top, bottom)
    )
    rate = over(total(parts, above), total(parts, below))
    checks.equal(
        "localization: at the purchases of the base year", groups["localization_rate_fixed"], rate.reindex(groups.index)
    )


def check_position(
    checks: Checks, tables: Tables, groups: pd.DataFrame, parts: pd.DataFrame, segments: pd.DataFrame
) -> None:
    """Local content, upstreamness and multiplier, by the local trade of every year."""
    names = pd.Index(dict.fromkeys(tables["segments"]["segment"]))
    runs = pd.MultiIndex.from_frame(segments.reset_index()[RUN].drop_duplicates())
    output, added = (
        segments[name].unstack("segment").reindex(index=runs, columns=names).to_numpy()
        for name in ("output", "value_added")
    )
    local = tables["trade"][tables["trade"]["origin"] == "local"]
    sold = np.zeros((len(runs), len(names), len(names)))
    rows, columns = (names.get_indexer(local[end]) for end in ("from_segment", "to_segment"))
    sold[runs.get_indexer(pd.MultiIndex.from_frame(local[RUN])), rows, columns] = local["value"]
    divisor = np.where(output > 0, output, 1.0)
    inverse = np.linalg.inv(np.eye(len(names)) - sold / divisor[:, None, :])
    share = np.where(output > 0, added / divisor, 0.0)
    ahead = np.linalg.solve(np.eye(len(names)) - sold / divisor[:, :, None], np.ones((*output.shape, 1)))[:, :, 0]
    levels = [np.repeat(runs.get_level_values(key), len(names)) for key in RUN]
    index = pd.MultiIndex.from_arrays([*levels, np.tile(names, len(runs))], names=[*RUN, "segment"])
    content, stages, multiplier = (
        pd.Series(values.ravel(), index=index)
        for values in (
            np.einsum("rk,rkj->rj", share, inverse),
            np.where(output > 0, ahead, 0.0),
            np.where(output > 0, inverse.sum(axis=1), 0.0),
        )
    )
    checks.equal("position: upstreamness from local trade", segments["upstreamness"], stages)
    checks.equal("position: output multiplier from local trade", segments["output_multiplier"], multiplier)
    of_segments = content.reindex(pd.MultiIndex.from_frame(parts[[*RUN, "segment"]]))
    final = parts["output"] - parts["demand"] * parts["local_supply_rate"]
    final = final.where(final.abs() > 1e-9 * parts["output"], 0.0)
    value = pd.Series(of_segments.to_numpy(), index=parts.index) * final
    rate = over(total(parts, value), total(parts, final))
    checks.equal("position: local content of final sales", groups["local_content"], rate.reindex(groups.index))


def check_strength(checks: Checks, groups: pd.DataFrame, parts: pd.DataFrame) -> None:
    """Both strengths differ by their R&D intensities alone; raw strength has the national share as a part."""
    base = of_base_year(parts.set_index([*RUN, "group", "segment"])[["output"]])["output"]
    weight = pd.Series(base.to_numpy(), index=parts.index).where(parts["output"] > 0, 0.0)
    fixed = over(total(parts, over(parts["rd"], parts["output"]) * weight), total(parts, weight)).reindex(groups.index)
    one, other = groups["strength"] ** 3 * groups["rd_intensity"], groups["strength_raw"] ** 3 * fixed
    checks.equal("strength: both by their R&D intensities", one, other)
    first = groups["strength"][in_first_year(groups.index)]
    checks.gap("strength: 1 in the base year, or 0 without a part", (first - 1.0).where(first != 0, 0.0), first + 1.0)


def check_region(checks: Checks, tables: Tables, stated: Stated) -> None:
    """Completeness of the region as the mean of the chain's tiers, and numbers that both scopes share."""
    region, tiers = tables["region"].set_index([*RUN, "scope"]), tables["tiers"]
    chain = tiers[~tiers["tier"].isin(list(stated.application))]
    used = chain if len(chain) else tiers
    began = used["year"] == used.groupby("point")["year"].transform("min")
    base = used[began].set_index(["point", "replication", "tier"])["demand"]
    there = base.reindex(pd.MultiIndex.from_frame(used[["point", "replication", "tier"]])).gt(0).to_numpy()
    for name, counted in (
        ("completeness", used["demand"] > 0),
        ("completeness_plant", used["demand"] > 0),
        ("completeness_fixed", there),
    ):
        mean = used[counted].groupby(RUN)[name].mean()
        for scope in region.index.unique("scope"):
            here = region[name].xs(scope, level="scope")
            checks.equal(
                f"completeness: {name} of the region ({scope}) = mean of tiers",
                here,
                mean.reindex(here.index, fill_value=0.0),
            )
    for name in SHARED:
        one, other = (region[name].xs(scope, level="scope") for scope in ("chain", "all"))
        checks.equal(f"region: {name} the same in both scopes", one, other)
    checks.gap("ledger: residual as recorded", region["ledger_residual"], region["ledger_residual"] * 0 + 1.0)


def check_parks(checks: Checks, tables: Tables, stated: Stated) -> None:
    """Parks add up to the chain."""
    region = tables["region"][tables["region"]["scope"] == "chain"].set_index(RUN)
    parks = tables["parks"].groupby(RUN)
    gross = region[["output", "value_added"]].abs().sum(axis=1)
    for name in ("output", "value_added", "employment", "rd", "enterprises", "support"):
        flows = gross if name == "value_added" else None
        checks.equal(f"parks: {name} = that of the chain", parks[name].sum(), region[name], flows)


SHARED = (
    *("supporting_rate", "unemployment_ordinary", "unemployment_skilled", "link_survival", "ledger_residual"),
    "jobs_induced",
)
"""Indicators of the region as a whole, the same in both scopes."""
