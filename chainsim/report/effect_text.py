"""The numbers of a comparison as text: effects, costs, levers, recipients, for the page and the terminal."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from chainsim.economy.arrays import OWNERS
from chainsim.economy.parameters import Title, currency, in_money
from chainsim.effects.additionality import recipients_of, support_by
from chainsim.effects.channels import JOB_YEARS, decomposition
from chainsim.effects.effect import Effect
from chainsim.effects.effect_tables import effects
from chainsim.effects.payments import PARTS, why_unspent
from chainsim.effects.recipients import SIZES
from chainsim.effects.shapley_split import REST
from chainsim.figures.display import (
    NOTHING,
    band,
    display_at,
    is_share,
    number,
    show_effect,
    signed,
    table_by,
    title,
    unit_of,
)
from chainsim.figures.results import keys
from chainsim.indicators.table import INDICATORS
from chainsim.report.language import said
from chainsim.runs.headline import UNDEFINED, is_undefined

SHOWN = (
    "output", "value_added", "employment", "employment_skilled", "localization_rate_fixed", "localization_rate",
    "supporting_rate", "completeness_fixed", "completeness", "extension", "strength", "rd", "productivity", "enterprises", "above_scale", "wage_ordinary", "wage_skilled",
    "unemployment_ordinary", "unemployment_skilled", "tax_revenue", "fiscal_outlay",
)  # fmt: skip
"""Indicators of the table for ministers."""
TOTALS = {
    "outlay": "Outlay of the region",
    "tax_forgone": "Of it tax forgone",
    "cofinanced": "Paid beside it by other levels",
    "recovered": "Support paid back",
    "tax_return": "Tax return, all levels",
    "net_cost": "Net cost",
    "net_cost_region": "Net cost to the region alone",
    "net_cost_discounted": "Net cost, discounted",
    "jobs": "Jobs in the last year",
    "job_years": "Job-years",
    "jobs_induced": "Induced jobs, imposed",
    "job_years_induced": "Induced job-years, imposed",
    "value_added": "Value added, all years",
    "localization": "Localization, last year",
}
RATIOS = {
    "net_cost_per_job": "Net cost per job",
    "net_cost_per_job_year": "Net cost per job-year",
    "outlay_per_job_year": "Outlay per job-year",
    "net_cost_per_job_year_with_induced": "Net cost per job-year, induced counted",
    "net_cost_per_point": "Net cost per localization point",
    "net_cost_per_value_added": "Net cost per unit of value added",
}
"""Items of costs and what they are called, in the order of the table; those always 0 may be left out."""
RATIO_BOUNDS = "90 % of the ratio"
"""What the bounds of ratios hold: the ratio of sums, not the pairs."""
PER_PERSON = ("CNY million/person", "CNY million/person-year")
"""Units of costs that are shown in thousands."""
OUTCOMES = {"sales": "Sales", "employment": "Staff", "rd": "R&D", "investment": "Investment"}
MEASURES = {
    "output": "Output, last year",
    "value_added": "Value added, last year",
    "employment": "Jobs in the chain, last year",
    "localization_rate_fixed": "Localization rate, last year",
    "completeness_fixed": "Completeness, last year",
    "extension": "Extension, last year",
    "strength": "Strength, last year",
    "rd": "R&D, last year",
    "outlay": "Outlay, all years",
    "tax_return": "Tax return, all years",
    "job_years": "Job-years, all tiers",
    "value_added_sum": "Value added, all years and tiers",
}

OWN_WORDS = {
    "upstream": ("complete", "completeness_fixed"),
    "midstream": ("extend", "extension"),
    "downstream": ("strengthen", "strength"),
}
"""What the policy of 2020 wants of a tier of the chain, and the indicator that shows it."""


@dataclass(frozen=True)
class Cells:
    """A row of a table: heading, small print below it, cells as text."""

    title: str
    about: str
    cells: tuple[str, ...]
    weak: bool = False
    """Whether the sign is not certain."""
    luck: str = ""
    """The interval of luck alone, where numbers were varied too."""


def name_of(key: str) -> str:
    """A name of the scenario for people."""
    return key.replace("_", " ")


def is_weak(low: float, high: float) -> bool:
    """Whether an interval contains 0, so that the sign is not certain."""
    return not math.isnan(low) and low <= 0.0 <= high


def effect_years(effect: Effect) -> list[int]:
    """Years of the table for ministers: after 5 and 10 years of policy, and the last."""
    chosen = [year for count, year in effect.horizons.items() if count in (5, 10)]
    return [*[year for year in chosen if year < effect.base.years[1]], effect.base.years[1]]


def means(effect: Effect, years: Sequence[int], indicators: Sequence[str], by: str | None = None) -> pd.DataFrame:
    """The table of effects of one policy with means over pairs in place of medians: they add up, as money does."""
    return effects(effect.base, effect.policy, years, by, indicators, effect.worlds, np.mean)


def effect_rows(effect: Effect, years: Sequence[int]) -> list[Cells]:
    """Indicators of the chain: unit, baseline in the last year, effects in the years, 90 % and relative in the last."""
    table = means(effect, years, [name for name in SHOWN if name in effect.base.region])
    rows = []
    for indicator, found in table.groupby("indicator", sort=False):
        last, name = found.iloc[-1], str(indicator)
        largest = max(abs(last["base"]), *map(abs, found["effect"]))
        shown = display_at(name, largest)
        if is_undefined(name, base_year(effect, name)):
            cells = (UNDEFINED[name], *[NOTHING] * (len(found) + 3))
            rows.append(Cells(title(name), INDICATORS[name].meaning, cells, False))
            continue
        cells = (
            unit_of(name, largest),
            number(last["base"] * shown.factor, shown.decimals),
            *(show_effect(name, value, largest) for value in found["effect"]),
            band(name, last["low90"], last["high90"], largest=largest),
            percent(last["relative"]) if not is_share(name) else NOTHING,
        )
        alone = band(name, last["luck_low90"], last["luck_high90"], largest=largest) if effect.worlds else ""
        rows.append(Cells(title(name), INDICATORS[name].meaning, cells, not last["certain"], alone))
    return rows


def base_year(effect: Effect, indicator: str) -> pd.Series:
    """An indicator of the chain in the base year of the baseline, a value for each run."""
    region = effect.base.region
    chain = region[(region["scope"] == "chain") & (region["year"] == effect.base.years[0])]
    return chain[indicator]


def percent(value: float) -> str:
    """A relative effect as text."""
    text = signed(100.0 * value, 1)
    return text if text == NOTHING else f"{text} %"


def cost_rows(costs: pd.DataFrame, names: dict[str, str], scope: str = "all") -> list[Cells]:
    """Items of costs: value with unit, 90 %, note. Co-financing and claw-back are left out where there is none."""
    rows = {str(row["item"]): row for row in costs[costs["scope"] == scope].to_dict("records")}
    shown = [
        name for name in names if name not in ("tax_forgone", "cofinanced", "recovered") or rows[name]["value"] != 0.0
    ]
    return [cost_row(names[name], name, rows[name]) for name in shown]


def cost_row(heading: str, item: str, row: Mapping[Hashable, Any]) -> Cells:
    """One item of costs."""
    factor, unit, decimals = money(str(row["unit"]), item)
    value = f"{number(row['value'] * factor, decimals)} {unit}" if math.isfinite(row["value"]) else "undefined"
    low, high = (number(row[bound] * factor, decimals) for bound in ("low90", "high90"))
    bounds = NOTHING if low == NOTHING else f"{low} to {high}"
    about = str(row["meaning"])
    repeats = about.lower().replace("the chain's ", "").startswith(heading.lower()[:18])
    return Cells(heading, "" if repeats else about, (value, bounds, str(row["note"]).removeprefix("undefined: ")))


def both_scopes(costs: pd.DataFrame, names: dict[str, str]) -> list[Cells]:
    """Items of costs with value, 90 % and note of all tiers, then of the chain; the latter only where it differs."""
    rows = zip(cost_rows(costs, names), cost_rows(costs, names, "chain"), strict=True)
    return [Cells(row.title, row.about, (*row.cells, *chain.cells)) for row, chain in rows]


def money(unit: str, item: str) -> tuple[float, str, int]:
    """Factor, unit and decimals in which an item of costs is shown."""
    if unit in map(in_money, PER_PERSON):
        return 1000.0, in_money("thousand CNY"), 0
    decimals = 2 if item in ("net_cost_per_value_added", "localization") else 0
    return 1.0, in_money("CNY") if unit == "1" else unit.removesuffix("/point"), decimals


def lever_rows(effect: Effect) -> list[Cells]:
    """Money of the levers of a policy over all years."""
    rows = []
    for row in effect.levers().to_dict("records"):
        values = [row[name] for name in ("budget", "requested", "outlay", "recipients", "enterprises")]
        when = period(row["first_year"], row["last_year"])
        cells = tuple(number(float(value), 0) if not pd.isna(value) else NOTHING for value in values)
        rows.append(Cells(name_of(str(row["lever"])), name_of(str(row["type"])), (when, *cells)))
    return rows


def period(first: Any, last: Any) -> str:
    """The years with outlay as text."""
    if pd.isna(first):
        return NOTHING
    return str(first) if first == last else f"{first} to {last}"


def recipient_rows(effect: Effect) -> list[Cells]:
    """What recipients did under the whole policy, by lever and outcome, and the others of their segments."""
    rows, seen = [], effect.seen
    for row in recipients_of(seen["recipients"], seen["moved"], effect.replications, "mean").to_dict("records"):
        cells = (
            str(row["unit"]),
            number(row["with_policy"], 0),
            number(row["without"], 0),
            interval(*bounded(row, "added")),
            interval(*bounded(row, "untreated")),
        )
        about = f"{number(row['recipients'], 0)} recipients, {currency()} {number(row['support'], 0)} million"
        rows.append(Cells(name_of(str(row["lever"])), about, (OUTCOMES[str(row["outcome"])], *cells)))
    return rows


def bounded(row: Mapping[Hashable, Any], name: str) -> tuple[Any, Any, Any]:
    """A value of a row and its bounds."""
    return row[name], row[f"{name}_low90"], row[f"{name}_high90"]


def interval(value: Any, low: Any, high: Any) -> str:
    """A signed value with its bounds."""
    bounds = "" if math.isnan(low) else f" ({signed(low, 0)} to {signed(high, 0)})"
    return signed(value, 0) + bounds


def why(effect: Effect) -> list[tuple[str, str, str, list[tuple[Cells, float, float]]]]:
    """Effects of the last year by channel: title, unit, mean effect as text, and the channels.

    A channel has a row of text, and where its bar begins and how wide it is, in per cent of a line with zero in its
    middle. Of tiers those are told for which the policy wants the indicator. Nothing where channels were not kept.
    """
    if "decomposition" not in effect.seen:
        return []
    table, found = decomposition(effect.pairing, [effect.base.years[1]]), []
    for (indicator, tier), rows in table.groupby(["indicator", "tier"], sort=False):
        name, most = str(indicator), max(float(rows["effect"].abs().max()), 1e-30)
        known, called = ("employment", "Job-years of the chain") if name == JOB_YEARS else (name, title(name))
        if tier and OWN_WORDS.get(str(tier), ("", ""))[1] != name:
            continue
        found.append(
            (
                f"{called}, {name_of(str(tier))}" if tier else called,
                str(rows["unit"].iloc[0]) if name == JOB_YEARS else unit_of(name),
                show_effect(known, rows["effect"].sum()),
                [channel_row(known, row, most) for row in rows.to_dict("records")],
            )
        )
    return found


def channel_row(indicator: str, row: Mapping[Hashable, Any], most: float) -> tuple[Cells, float, float]:
    """A channel as text, and its bar where the largest effect of a channel fills half of a line."""
    effect, low, high = (float(row[name]) for name in ("effect", "low90", "high90"))
    cells = show_effect(indicator, effect), band(indicator, low, high)
    width = 50.0 * abs(effect) / most
    begins = 50.0 if effect >= 0.0 else 50.0 - width
    return (
        Cells(name_of(str(row["channel"])), str(row["meaning"]), cells, is_weak(low, high)),
        round(begins, 1),
        round(width, 1),
    )


def support_rows(effect: Effect, by: str) -> list[tuple[str, float, str]]:
    """Who got the support: name, share of all support (0 to 1), CNY million as text; in the order of the scenario."""
    chain = effect.base.scenario.chain
    tiers = {name: segment.tier for name, segment in chain.segments.items()}
    amounts = support_by(effect.seen["support"], by, tiers, effect.replications)
    total = float(amounts.sum())
    order: Sequence[str] = {"tier": chain.tiers, "segment": tuple(chain.segments), "owner": OWNERS, "size": SIZES}[by]
    if total <= 0.0:
        return []
    names = {name: about.title.en for name, about in chain.segments.items() if about.title is not None}
    return [
        (names.get(name, name_of(name)), float(amounts[name]) / total, number(float(amounts[name]), 0))
        for name in order
        if name in amounts and amounts[name] > 0.0
    ]


def share_rows(effect: Effect) -> tuple[list[str], list[Cells]]:
    """Players of a split and for every measure their shares and the total as text."""
    shares = effect.split.shares
    heads = list(dict.fromkeys(shares["player"]))
    rows = []
    for measure, found in shares.groupby("measure", sort=False):
        name = str(measure)
        known = name if name in INDICATORS else "employment" if name == "job_years" else "output"
        cells = {str(row["player"]): show_effect(known, row["share"]) for row in found.to_dict("records")}
        unit = unit_of(known) if name in INDICATORS else str(found["unit"].iloc[0])
        rows.append(Cells(MEASURES[name], unit, tuple(cells.get(head, NOTHING) for head in heads)))
    return [REST if head == REST else name_of(head) for head in heads], rows


def synergy_rows(effect: Effect, measure: str = "job_years") -> list[Cells]:
    """Synergies of pairs in one measure, the largest first."""
    table = effect.split.synergies
    if table.empty:
        return []
    chosen = table[table["measure"] == measure]
    chosen = chosen.reindex(chosen["share"].abs().sort_values(ascending=False, kind="stable").index)
    return [
        Cells(
            f"{name_of(row['first'])} and {name_of(row['second'])}",
            "",
            (interval(row["share"], row["low90"], row["high90"]),),
        )
        for row in chosen.to_dict("records")
    ]


UNSPENT = {
    "unlimited": "no limit is stated",
    "spent": "spent in full",
    "unused": "nobody asked for it",
    "few": "{asked} % of it was asked for: too few of those meant could use it",
    "uneven": "more was asked for in some years than there was, less in others, or part of what was granted was not called",
}
"""What became of a budget, in words."""


def payment_rows(effect: Effect) -> list[Cells]:
    """Budget, outlay and its parts by lever, the unspent rest with the reason; all levers together last."""
    table = effect.payments()
    money = ["outlay", *PARTS, "windfall_paid"]
    rows = []
    for row in table.to_dict("records"):
        budget, asked, paid = (float(row[name]) for name in ("budget", "requested", "outlay"))
        why = UNSPENT[why_unspent(budget, asked, paid)].format(asked=number(100 * asked / budget, 0) if budget else "")
        cells = (number(budget, 0), *(number(float(row[name]), 0) for name in money), number(float(row["unspent"]), 0))
        rows.append(Cells(name_of(str(row["lever"])), name_of(str(row["type"])), (*cells, why)))
    sums = tuple(number(float(table[name].sum()), 0) for name in money)
    return [*rows, Cells("all levers", "", (NOTHING, *sums, NOTHING, ""))] if rows else []


def where_rows(effect: Effect) -> list[tuple[str, list[tuple[str, str, str, float, float, bool]]]]:
    """Effects on output in the last year by leading industry, segment and park of the chain, as bars around zero.

    A bar is a name in English and in Chinese, the effect with its bounds as text, where it begins and how wide it is
    (per cent of a line with zero in its middle), and whether its sign is not certain.
    """
    chain, found = effect.base.scenario.chain, []
    for by in ("industry", "segment", "park"):
        if table_by(by) not in effect.base.tables or (by == "park" and not effect.base.scenario.region.parks):
            continue
        table = means(effect, [effect.base.years[1]], ["output"], by)
        near = [key.name for key in keys(chain, by, table[by]) if not key.apart]
        rows = [row for row in table.to_dict("records") if str(row[by]) in near and row["effect"] != 0.0]
        most = max((abs(float(row["effect"])) for row in rows), default=1.0)
        titled = effect.base.scenario.region.parks if by == "park" else chain.segments
        titles = {name: item.title for name, item in titled.items()}
        found.append((by, [where_bar(titles.get(str(row[by])), str(row[by]), row, most) for row in rows]))
    return [(by, bars) for by, bars in found if bars]


def where_bar(
    title: Title | None, name: str, row: Mapping[Hashable, Any], most: float
) -> tuple[str, str, str, float, float, bool]:
    """The bar of an industry, segment or park where the largest effect fills half of the line."""
    effect = float(row["effect"])
    en, zh = (name_of(name), None) if title is None else (title.en, title.zh)
    bounds = "" if math.isnan(row["low90"]) else f" ({band('output', row['low90'], row['high90'])})"
    width = 50.0 * abs(effect) / most
    begins = 50.0 if effect >= 0.0 else 50.0 - width
    return (
        en,
        zh or said(en).zh,
        show_effect("output", effect) + bounds,
        round(begins, 1),
        round(width, 1),
        not row["certain"],
    )
