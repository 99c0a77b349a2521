"""Tables of a comparison: effects on indicators, what was seen of the pairs, unit and meaning of every column.

An effect is a paired difference, shown by its median and the intervals that hold 50 and 90 % of the pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from chainsim.economy.types import Array, Flags
from chainsim.effects.recipients import OUTCOMES
from chainsim.effects.world_shares import luck_bounds
from chainsim.figures.display import (
    band,
    check_indicator,
    display_at,
    html_table,
    number,
    show_effect,
    table_by,
    title,
    unit_of,
)
from chainsim.indicators.table import INDICATORS, Indicator
from chainsim.runs.frames import COLUMNS as OF_RUNS
from chainsim.runs.headline import HEADLINE
from chainsim.runs.results import Result

M = "CNY million"
KEYS = ("policy", "replication", "seed", "year")
SEEN: dict[str, tuple[str, ...]] = {
    "parting": ("step", "entry_points", "columns", "others", "stage", "stage_columns"),
    "spread": ("step", "entry_points", "columns", "others", "enterprises_differ", "links_differ"),
    "moved": ("source", "entry_point"),
    "reach": (
        "enterprises", "differ", "treated", "linked", "same_segment", "others_differ", "noticeably", "links",
        "links_differ",
    ),
    "recipients": (
        "lever", "recipients", "support",
        *(f"{outcome}_{world}" for outcome in OUTCOMES for world in ("with", "without", "untreated")),
    ),
    "support": ("lever", "by", "group", "paid"),
    "decomposition": ("indicator", "tier", "channel", "value"),
}  # fmt: skip
"""Tables of what was seen of every pair, by name, with their columns after policy, replication, seed and year."""

UNITS = {"sales": M, "employment": "persons", "rd": M, "investment": M}
"""Units of what recipients do in a year."""

COLUMNS: dict[str, Indicator] = {
    **{
        name: OF_RUNS[name]
        for name in ("replication", "seed", "year", "scope", "tier", "industry", "segment", "park", "lever")
    },
    "policy": Indicator("", "name of the policy scenario"),
    "step": Indicator("", "step of the year: levers, a stage, accounts, or the base year as built"),
    "entry_points": Indicator("", "entry points of policy that differ between the worlds"),
    "columns": Indicator("", "columns of enterprises that differ"),
    "others": Indicator("", "parts of region, flows, ledger and links that differ"),
    "stage": Indicator("", "first stage that leaves enterprises or links different beyond what levers paid in January"),
    "stage_columns": Indicator("", "columns of enterprises that differ after that stage"),
    "enterprises_differ": Indicator("enterprises", "enterprises that differ in any bit"),
    "links_differ": Indicator("links", "links with another supplier, or that exist in one world only"),
    "source": Indicator("", "lever or shock"),
    "entry_point": Indicator("", "entry point of policy that it moves"),
    "enterprises": Indicator("enterprises", "enterprises of either world"),
    "differ": Indicator("enterprises", "enterprises that differ in any bit or are in one world only"),
    "treated": Indicator("enterprises", "of them those whom a lever has served so far"),
    "linked": Indicator("enterprises", "of them suppliers or customers of the served, themselves not served"),
    "same_segment": Indicator("enterprises", "of them others of the segments of the served"),
    "others_differ": Indicator("enterprises", "of them all others"),
    "noticeably": Indicator("enterprises", "enterprises in one world only, or whose sales differ by more than 1 %"),
    "links": Indicator("links", "links in the policy world"),
    "recipients": Indicator("enterprises", "enterprises for whom the lever has paid so far"),
    "support": Indicator(M, "what the lever paid for them in the year, co-financing included"),
    "by": Indicator("", "what the support is divided by: segment, owner, size"),
    "group": Indicator("", "the segment, owner or size class"),
    "paid": Indicator(M, "what the lever paid for its enterprises up to the year, co-financing included"),
    **{
        f"{outcome}_{world}": Indicator(UNITS[outcome], f"{outcome} of {whom}")
        for outcome in OUTCOMES
        for world, whom in (
            ("with", "the recipients so far, with the policy"),
            ("without", "the same enterprises in the baseline"),
            ("untreated", "the untreated of their segments: policy less baseline"),
        )
    },
}
"""Unit and meaning of the columns of what was seen of the pairs."""

LAST = ("output", "localization_rate_fixed", "completeness", "extension", "strength", "rd")
"""Indicators of the chain in the last year."""
JOBS = Indicator("persons", "jobs of the chain in the last year")
MEASURES: dict[str, Indicator] = {
    "outlay": Indicator("CNY million", "what the region pays or forgoes over all years"),
    "output": INDICATORS["output"],
    "jobs": JOBS,
    "job_years": Indicator("person-years", "jobs of modelled enterprises, all tiers, over all years"),
    "job_years_chain": Indicator("person-years", "jobs of the chain over all years"),
    **{name: INDICATORS[name] for name in LAST[1:]},
    "net_cost": Indicator("CNY million", "outlay less recovered support and tax return over all years"),
}
"""What is told of every lever; indicators are those of the chain in the last year."""
RATIO = "cost_per_job_year"
"""Net cost over job-years of all tiers."""

ROW = "unit of the row"
DERIVED: dict[str, Indicator] = {
    "by": Indicator(
        "", "what the rows are by: scope, tier, industry, segment or park; of support: segment, owner or size"
    ),
    "key": Indicator("", "the scope, tier, industry, segment or park"),
    "indicator": Indicator("", "indicator of the tables of runs"),
    "channel": Indicator("", "what makes a part of the effect; see `chainsim.effects.channels`"),
    "unit": Indicator("", "unit of the row"),
    "base": Indicator(ROW, "median of the baseline"),
    "effect": Indicator(ROW, "median of the paired differences, policy less baseline; of channels their mean"),
    "mean": Indicator(ROW, "their mean"),
    "low50": Indicator(ROW, "lower bound of half of the paired differences"),
    "high50": Indicator(ROW, "upper bound of half of the paired differences"),
    "low90": Indicator(ROW, "lower bound of nine in ten"),
    "high90": Indicator(ROW, "upper bound of nine in ten"),
    "relative": Indicator("1", "median of the differences over the baseline's own value; missing where that is 0"),
    "relative_low90": Indicator("1", "lower bound of nine in ten of these"),
    "relative_high90": Indicator("1", "upper bound of nine in ten of these"),
    "shock_alone": Indicator(ROW, "what the shock does without the policy, median of the pairs"),
    "shock_with_policy": Indicator(ROW, "what it does where the policy is in force, median of the pairs"),
    "softened": Indicator(
        ROW, "the second less the first, median of the pairs: above zero where the policy softens a loss"
    ),
    "shock": Indicator("", "name of the scenario whose shocks these are"),
    "luck_low90": Indicator(ROW, "lower bound of nine in ten by luck alone"),
    "luck_high90": Indicator(ROW, "upper bound of nine in ten by luck alone"),
    "same_sign": Indicator(
        "1",
        "share of pairs, or of worlds, whose difference has the sign of the effect, about half where none can be told; "
        "missing where the effect is 0",
    ),
    "certain": Indicator(
        "", "whether the bounds of nine in ten and those of luck alone leave out 0, in ten pairs or worlds at least"
    ),
    "world": Indicator("", "number of the draw of uncertain numbers"),
    "kept": Indicator("", "whether the draw has an economy; the others are left out"),
    "path": Indicator("", "the number by its dotted path, or several that move together"),
    "position": Indicator(
        "1", "where the number lies in its range, 0 at low, 1 at high; missing where it kept its own"
    ),
    "pairs": Indicator("pairs", "pairs of runs; of channels: their share"),
    "item": Indicator("", "money, achievement, or ratio of the two"),
    "value": Indicator(
        ROW,
        "mean of the pairs, or ratio of their sums, missing where undefined; of a channel its part in the effect of the pair",
    ),
    "note": Indicator("", "why a ratio is undefined, or what to mind"),
    "meaning": Indicator("", "what it is"),
    "first_year": Indicator("year", "first year with outlay, or in which an entry point moves"),
    "last_year": Indicator("year", "last year with outlay"),
    "outcome": Indicator("", "what recipients do: sales, staff, R&D, investment, over all years"),
    "with_policy": Indicator(ROW, "by the recipients so far, with the policy"),
    "without": Indicator(ROW, "by the same enterprises in the baseline"),
    "years": Indicator("y", "years of policy; the first policy year is 1"),
    "ratio": Indicator("1", "variance of the paired difference of logs over the sum of the variances of both worlds"),
    "paired": Indicator("1", "variance of the paired difference of logs"),
    "unpaired": Indicator("1", "sum of the variances of the logs of both worlds"),
    "coalition": Indicator("", "levers or groups in force; empty for none"),
    "measure": Indicator("", "what is divided: indicators of the chain in the last year, sums over years of all tiers"),
    "player": Indicator("", "lever or group; `shocks and stages` is what is not levers, `total` the whole policy"),
    "share": Indicator(ROW, "mean share in the effect, or mean synergy"),
    "first": Indicator("", "lever or group"),
    "second": Indicator("", "lever or group"),
    "type": OF_RUNS["type"],
    **{name: OF_RUNS[name] for name in ("budget", "requested", "granted", "outlay", "cofinanced", "recovered")},
    **{
        f"{name}{bound}": Indicator(unit, meaning)
        for name, unit, meaning in (
            ("added", ROW, "difference of the two"),
            ("untreated", ROW, "policy less baseline of enterprises of the same segments that no lever has served"),
            ("windfall", "1", "share of the support that did not add spending of its kind"),
        )
        for bound in ("", "_low90", "_high90", "_low", "_high")
    },
    **{
        f"{name}{bound}": Indicator(item.declared_unit, f"{word}{item.declared_meaning}")
        for name, item in (MEASURES | {RATIO: Indicator("CNY million/person-year", "net cost per job-year")}).items()
        if name != "outlay"
        for bound, word in (("", "mean effect: "), ("_low", "lower bound of that mean: "), ("_high", "upper bound: "))
    },
    "outlay_low": Indicator(M, "lower bound of the mean outlay"),
    "outlay_high": Indicator(M, "upper bound of the mean outlay"),
    "to_enterprises": Indicator(M, "outlay to enterprises of the region, purchases from them included"),
    "to_people": Indicator(M, "outlay to people"),
    "to_institutes": Indicator(M, "outlay to institutes and services of the region"),
    "to_bank": Indicator(M, "outlay to the bank, for guarantees"),
    "outside": Indicator(M, "outlay for services, buildings and goods from outside the modelled enterprises"),
    "windfall_paid": Indicator(M, "outlay to projects that would have come anyway"),
    "unspent": Indicator(M, "budget less outlay; missing without a limit"),
    "how": Indicator("", "alone: the lever against none; left_out: the policy against the policy without the lever"),
    "arm": Indicator("", "levers of the world: none, all, one alone, all but one left out"),
}
"""Unit and meaning of the columns of the tables of a comparison."""


def seen_frames(
    policies: Sequence[str], seeds: Sequence[int], seen: Sequence[Sequence[dict[str, list[dict[str, Any]]]]]
) -> dict[str, pd.DataFrame]:
    """What was seen of every pair as tables; `seen` holds policies, in these pairs, in these rows by table."""
    return {name: _frame(name, policies, seeds, seen) for name in SEEN}


def _frame(name: str, policies: Sequence[str], seeds: Sequence[int], seen: Any) -> pd.DataFrame:
    rows = [
        {"policy": policy, "replication": replication, "seed": seeds[replication], **row}
        for policy, pairs in zip(policies, seen, strict=True)
        for replication, tables in enumerate(pairs)
        for row in tables[name]
    ]
    return pd.DataFrame(rows, columns=[*KEYS, *SEEN[name]])


def meanings_of(columns: Sequence[str]) -> dict[str, Indicator]:
    """Unit and meaning of the declared columns."""
    declared = COLUMNS | DERIVED
    return {column: declared[column] for column in columns if column in declared}


EFFECTS = (*HEADLINE, "fiscal_outlay")
"""Indicators whose effects are shown where none are asked for."""
Middle = Callable[..., Array]
"""Makes one number of those of all pairs, along an axis: a median, or a mean."""
FEWEST_FOR_A_SIGN = 10
"""Pairs (or worlds) below which no sign is certain: were one in five of another, ten would agree in one of nine."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Values(NamedTuple):
    """An indicator in both worlds: `keys` a row for every key and year, `base` and `policy` (R, rows)."""

    keys: pd.DataFrame
    base: Array
    policy: Array

    @property
    def effect(self) -> Array:
        """Paired differences, (R, rows)."""
        return self.policy - self.base


def values(base: Result, policy: Result, indicator: str, by: str | None = None) -> Values:
    """The indicator in both worlds by year and scope, tier, industry, segment or park; of the chain where `by` is None.

    *Raises* ValueError where the indicator or `by` is unknown.
    """
    name, keys = table_by(by), rows_of(base, by)[0]
    check_indicator(indicator, by, base.table(name))
    both = [result.table(name)[indicator].to_numpy(dtype=float) for result in (base, policy)]
    if by is None:
        both = [column[rows_of(result, by)[1]] for column, result in zip(both, (base, policy), strict=True)]
    return Values(keys, *(column.reshape(-1, len(keys)) for column in both))


def rows_of(result: Result, by: str | None) -> tuple[pd.DataFrame, Flags]:
    """Keys of a run's rows in a table, and which rows of all runs count: where `by` is None those of the chain.

    A page asks for a hundred indicators of the same rows: they are found once, and shared, so nobody may change them.
    """
    kept = ROWS.setdefault(result, {})
    if by not in kept:
        table = result.table(table_by(by))
        counted = np.ones(len(table), dtype=bool) if by else (table["scope"] == "chain").to_numpy()
        first = counted & (table["replication"] == 0).to_numpy()
        kept[by] = table[[by, "year"] if by else ["year"]][first].reset_index(drop=True), counted
    return kept[by]


ROWS: WeakKeyDictionary[Result, dict[str | None, tuple[pd.DataFrame, Flags]]] = WeakKeyDictionary()
"""What `rows_of` found of results that are still there."""


def effects(
    base: Result,
    policy: Result,
    years: Sequence[int],
    by: str | None = None,
    indicators: Sequence[str] | None = None,
    worlds: int = 0,
    middle: Middle = np.median,
) -> pd.DataFrame:
    """One row for every key, indicator and year; see `Effect.table`. Pairs are those of `worlds`, if any, in order.

    `middle` makes one number of those of all pairs: pages show means, which add up as money does.
    """
    table = base.table(table_by(by))
    wanted = [name for name in EFFECTS if name in table] if indicators is None else indicators
    frames = [_of_indicator(values(base, policy, name, by), name, years, worlds, middle) for name in wanted]
    return pd.concat(frames, ignore_index=True)


def _of_indicator(both: Values, indicator: str, years: Sequence[int], worlds: int, middle: Middle) -> pd.DataFrame:
    chosen = np.flatnonzero(both.keys["year"].isin(list(years)))
    *key, year = (both.keys[name].iloc[chosen].reset_index(drop=True) for name in both.keys)
    ours, effect = both.base[:, chosen], both.effect[:, chosen]
    relative = np.divide(effect, ours, out=np.full_like(effect, np.nan), where=ours != 0)
    central, bounds, of_relative = middle(effect, axis=0), spread(effect), spread(relative)
    luck = luck_of(effect, worlds, middle)
    signs = np.sign(effect if not worlds else effect.reshape(worlds, -1, effect.shape[1]).mean(axis=1))
    return pd.DataFrame(
        {
            **{str(values.name): values for values in key},
            "indicator": indicator,
            "year": year,
            "unit": INDICATORS[indicator].unit,
            "base": middle(ours, axis=0),
            "effect": central,
            "mean": effect.mean(axis=0),
            **bounds,
            "relative": middle(relative, axis=0),
            "relative_low90": of_relative["low90"],
            "relative_high90": of_relative["high90"],
            "luck_low90": luck[0],
            "luck_high90": luck[1],
            "same_sign": np.where(central, (signs == np.sign(central)).mean(axis=0), np.nan),
            "certain": has_certain_sign(effect, worlds, middle),
            "pairs": effect.shape[0],
        }
    )


def luck_of(effect: Array, worlds: int, middle: Middle) -> tuple[Array, Array]:
    """Ends of nine pairs in ten by luck alone of paired effects (R, m); those of all pairs where numbers are stated."""
    whole = spread(effect)
    ends = whole["low90"], whole["high90"]
    return luck_bounds(effect, worlds, ends, middle) if worlds else ends


def has_certain_sign(effect: Array, worlds: int, middle: Middle = np.mean) -> Flags:
    """Whether signs of paired effects (R, m) are certain: by all that was varied, by luck, and by enough of both."""
    whole, units = spread(effect), worlds or len(effect)
    sure = is_certain(whole["low90"], whole["high90"], units) & is_certain(*luck_of(effect, worlds, middle), units)
    return np.asarray(sure)


def is_certain(low: Any, high: Any, units: int) -> Any:
    """Whether the interval of so many pairs, or worlds, leaves out 0 and they are enough to say so."""
    return ((low > 0.0) | (high < 0.0)) & (units >= FEWEST_FOR_A_SIGN)


def interval_of(worlds: int) -> str:
    """What an interval over pairs holds, as the heading of its column: luck, and with worlds the numbers drawn."""
    return "90 % of luck and worlds" if worlds else "90 % of luck"


def spread(pairs: Array) -> dict[str, Array]:
    """Bounds that hold 50 and 90 % of the pairs, values (R, m); not a number for a single pair."""
    if pairs.shape[0] < 2:
        nothing = np.full(pairs.shape[1], np.nan)
        return dict.fromkeys(("low50", "high50", "low90", "high90"), nothing)
    low90, low50, _, high50, high90 = np.quantile(pairs, QUANTILES, axis=0)
    return {"low50": low50, "high50": high50, "low90": low90, "high90": high90}


def effects_html(table: pd.DataFrame, caption: str, year: int, worlds: int) -> str:
    """Mean effects in a year for notebooks, in the units that people read."""
    rows = []
    for row in table.to_dict("records"):
        name, largest = str(row["indicator"]), max(abs(float(row["base"])), abs(float(row["effect"])))
        shown = display_at(name, largest)
        base, effect = number(row["base"] * shown.factor, shown.decimals), show_effect(name, row["effect"], largest)
        bounds = band(name, row["low90"], row["high90"], largest=largest)
        rows.append((title(name), unit_of(name, largest), base, effect, bounds))
    return html_table(caption, ("of the chain", "unit", f"baseline {year}", "effect", interval_of(worlds)), rows)
