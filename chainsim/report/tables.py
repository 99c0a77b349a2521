"""The numbers of the report as text: headline, findings, segments, purchases, named enterprises, levers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from math import isfinite, isinf, isnan
from typing import Any

import numpy as np
import pandas as pd

from chainsim.figures.display import display_at, is_share, number, show, show_change, title
from chainsim.indicators.table import INDICATORS
from chainsim.report.flow import Flow, Picture, local_share
from chainsim.runs.headline import UNDEFINED, Line, lines
from chainsim.runs.results import Result
from chainsim.scenario.schema import NamedEnterprise, Segment

SEGMENT_COLUMNS = (
    "output",
    "employment",
    "localization_rate",
    "enterprises",
    "national_share",
    "quality_gap",
    "viable",
)
PURCHASES = ("purchases_local", "purchases_national", "purchases_abroad")
DENOMINATORS = {"localization_rate": "purchases", "viable": "demand"}
"""What a rate of a segment is a rate of; where that is zero there is no rate. Of the others: output."""
FINDINGS = ("output", "employment", "localization_rate_fixed", "completeness_fixed")
MOST_PURCHASES = 20
CHANGE_THAT_COUNTS = 0.005
"""Smaller changes count as none."""
KEPT = {"output": "revenue", "employment": "employees", "rd": "rd"}
"""Columns of the table `named` and the fields of the scenario they keep."""


@dataclass(frozen=True)
class HeadlineRow:
    """A line of the headline table, as text."""

    title: str
    meaning: str
    unit: str
    first: str
    last: str
    change: str
    band: str


@dataclass(frozen=True)
class SegmentRow:
    """A segment: title, what to say of a missing link, and for each indicator first and last value as text."""

    title: str
    missing: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PurchaseRow:
    """Purchases of a product by a segment in the base year and the last year: CNY million and local share, as text."""

    product: str
    buyer: str
    first: str
    first_local: str
    last: str
    last_local: str


@dataclass(frozen=True)
class LinkRow:
    """A missing link in the last year, as text: what a first plant could sell and how much it must, viability at the
    beginning and now, chance of a first plant in a year, runs in which the link is filled, what alone makes one worth
    founding, and the viability of even odds within ten years."""

    title: str
    why: str
    local: str
    national: str
    scale: str
    viability: tuple[str, str]
    chance: str
    filled: str
    opens: tuple[str, str, str]
    even_odds: str


@dataclass(frozen=True)
class LeverRow:
    """A policy lever: money over all years, CNY million, and recipients in a year, as text."""

    lever: str
    budget: str
    requested: str
    outlay: str
    recipients: str


def headline_rows(result: Result) -> list[HeadlineRow]:
    """The headline of the result as text."""
    return [
        HeadlineRow(
            title=title(line.indicator),
            meaning=INDICATORS[line.indicator].meaning,
            unit=UNDEFINED[line.indicator] if is_undefined(line) else display_at(line.indicator, largest(line)).unit,
            first=show(line.indicator, line.first, largest(line)),
            last=show(line.indicator, line.last, largest(line)),
            change=show_change(line.indicator, line.change),
            band=show_band(line),
        )
        for line in lines(result.region, result.years)
    ]


def is_undefined(line: Line) -> bool:
    """Whether a line is of an index that cannot be measured here."""
    return line.indicator in UNDEFINED and isnan(line.first)


def show_band(line: Line, joined: str = "to") -> str:
    """Bounds of 90 % of the runs as text; a dash for a single run."""
    if isnan(line.low90):
        return "–"
    low, high = (show(line.indicator, end, largest(line)) for end in (line.low90, line.high90))
    return f"{low} {joined} {high}"


def largest(line: Line) -> float:
    """The largest number of a line, 0 where there is none: its unit is that of the whole line."""
    return max((abs(end) for end in (line.first, line.last, line.low90, line.high90) if isfinite(end)), default=0.0)


def findings(result: Result) -> list[str]:
    """What happened, in sentences."""
    return [
        finding(line, *result.years, result.replications)
        for line in lines(result.region, result.years)
        if line.indicator in FINDINGS
    ]


def finding(line: Line, start: int, end: int, runs: int) -> str:
    """One indicator in a sentence."""
    name, unit = line.indicator, display_at(line.indicator, largest(line)).unit
    unit = {"%": " %", "index": ""}.get(unit, f" {unit}")
    first, last = (show(name, end, largest(line)) for end in (line.first, line.last))
    if first == last:
        text = f"{title(name)} of the chain stays at {first}{unit}"
    elif abs(line.change) <= CHANGE_THAT_COUNTS:
        text = f"{title(name)} of the chain stays near {first}{unit} ({last} in {end})"
    else:
        move = "rises" if line.change > 0 else "falls"
        text = f"{title(name)} of the chain {move} from {first} to {last}{unit}"
        if not is_share(name) and end > start:
            text += f", {number(100 * yearly(line, end - start), 1)} % a year"
    if runs > 1 and show(name, line.low90) != show(name, line.high90):
        text += f"; nine runs in ten end between {show_band(line, 'and')}"
    return text + "."


def yearly(line: Line, years: int) -> float:
    """Mean growth a year from the first to the last value; 0 where one of them is not positive."""
    return (line.last / line.first) ** (1 / years) - 1 if line.first > 0 and line.last > 0 else 0.0


def segment_columns(result: Result) -> list[str]:
    """Indicators of the table by segment."""
    return [name for name in SEGMENT_COLUMNS if name in result.segments]


def segment_groups(result: Result) -> list[tuple[str, list[SegmentRow]]]:
    """Segments by tier with means over the runs in the base year and the last year."""
    names = segment_columns(result)
    table = result.segments.assign(purchases=result.segments[list(PURCHASES)].sum(axis=1))
    means = table.groupby(["segment", "year"])[[*names, *DENOMINATORS.values()]].mean()
    chain = result.scenario.chain
    return [
        (
            tier,
            [segment_row(result, name, means, names) for name, item in chain.segments.items() if item.tier == tier],
        )
        for tier in chain.tiers
    ]


def segment_row(result: Result, segment: str, means: pd.DataFrame, names: list[str]) -> SegmentRow:
    """One segment of the table; rates of nothing and what a segment without enterprises lacks show as dashes."""
    about = result.scenario.chain.segments[segment]
    first, last = (means.loc[segment].loc[year].to_dict() for year in result.years)

    def cell(name: str, values: dict[Hashable, Any]) -> str:
        there = values[DENOMINATORS.get(name, "output")] > 0 or name in ("output", "enterprises")
        return show(name, float(values[name])) if there else "–"

    return SegmentRow(
        title=about.title.en if about.title else segment.replace("_", " "),
        missing=missing_link(result, segment) if about.output == 0 else "",
        cells=tuple((cell(name, first), cell(name, last)) for name in names),
    )


def missing_link(result: Result, segment: str) -> str:
    """Whether runs fill the missing link by a plant of half the minimum scale in the last year."""
    links = result.missing_links
    last = links[(links["year"] == result.years[1]) & (links["segment"] == segment)]
    filled = int((last["filled"] > 0).sum())
    return f"missing link, filled in {filled} of {len(last)} runs" if filled else "missing link"


def link_rows(result: Result) -> list[LinkRow]:
    """Why each missing link is missing and what would open it; means over the runs in the last year."""
    links, chain = result.missing_links, result.scenario.chain.segments
    return [
        link_row(chain[str(name)], str(name), found, result.years)
        for name, found in links.groupby("segment", sort=False)
    ]


def link_row(about: Segment, name: str, found: pd.DataFrame, years: tuple[int, int]) -> LinkRow:
    """One missing link, `found` by run and year."""
    first, last = (found[found["year"] == year] for year in years)
    middle, viability = last.mean(numeric_only=True), float(last["viability"].mean())
    opens = last[["opens_grant", "opens_quality"]]  # missing where nothing that is tried opens it in that run
    middle[opens.columns] = opens.mean().where(opens.notna().mean() > 0.5, np.inf)
    unfilled = last[last["filled"] == 0]
    chance = float(-np.expm1(-unfilled["rate"]).mean()) if len(unfilled) else np.nan
    sold = float(middle["demand_local"] + middle["demand_national"])
    why = (
        "worth a first plant, which comes seldom"
        if viability >= 1.0
        else f"a first plant sells {number(sold, 0)} and needs {number(float(middle['scale']), 0)} million"
    )
    return LinkRow(
        title=about.title.en if about.title else name.replace("_", " "),
        why=why,
        local=number(float(middle["demand_local"]), 0),
        national=number(float(middle["demand_national"]), 0),
        scale=number(float(middle["scale"]), 0),
        viability=(number(float(first["viability"].mean()), 2), number(viability, 2)),
        chance="–" if isnan(chance) else f"{number(100 * chance, 1)} %",
        filled=f"{number(100 * float((last['filled'] > 0).mean()), 0)} %",
        opens=opening(middle, viability),
        even_odds=number(float(middle.get("viability_even_odds", np.nan)), 1),
    )


def opening(middle: pd.Series, viability: float) -> tuple[str, str, str]:
    """What alone would make a first plant viable: factor on demand, public share of its capital, quality."""
    if viability >= 1.0:
        return ("–", "–", "–")
    grant, quality = float(middle["opens_grant"]), float(middle["opens_quality"])
    return (
        f"× {number(float(middle['opens_demand']), 1)}",
        "none" if isinf(grant) else f"{number(100 * grant, 0)} %",
        "none" if isinf(quality) else f"+{number(quality, 2)}",
    )


def purchase_rows(first: Picture, last: Picture, drawn: bool = False) -> list[PurchaseRow]:
    """The largest purchases that the pictures leave out, inside a tier and from later tiers, or that are drawn."""
    titles = {box.segment: box.title for box in first.boxes}
    before = {(flow.supplier, flow.buyer): flow for flow in (*first.inside, *first.flows, *first.small)}
    rows = []
    for flow in (last.flows if drawn else last.inside)[:MOST_PURCHASES]:
        old = before.get((flow.supplier, flow.buyer), Flow(flow.supplier, flow.buyer, (0.0, 0.0, 0.0)))
        amounts = [(number(item.value, 0), show("localization_rate", local_share([item]))) for item in (old, flow)]
        rows.append(PurchaseRow(titles[flow.supplier], titles[flow.buyer], *amounts[0], *amounts[1]))
    return rows


def lever_rows(result: Result) -> list[LeverRow]:
    """Money of every lever over all years, means over the runs; none where the scenario has no lever."""
    if "levers" not in result.tables or result.levers.empty:
        return []
    money = ["budget", "requested", "outlay"]
    paying = result.levers[result.levers["requested"] > 0]
    served = paying.groupby(["lever", "replication"], sort=False)["recipients"].mean()
    totals = result.levers.groupby(["lever", "replication"], sort=False)[money].sum(min_count=1)
    means = totals.join(served).groupby(level="lever", sort=False).mean()
    return [
        LeverRow(
            str(lever).replace("_", " "),
            *(number(row[name], 0) if row[name] == row[name] else "–" for name in [*money, "recipients"]),
        )
        for lever, row in means.iterrows()
    ]


def statistics_rows(result: Result) -> list[tuple[str, ...]]:
    """The chain as yearbooks count it, as text: every fifth year and the last."""
    table, (start, end) = result.statistics(), result.years
    chosen = table[(table["year"] % 5 == start % 5) | (table["year"] == end)]
    return [
        (
            str(int(row["year"])),
            *(number(float(row[name]), 0) for name in ("above_scale", "output_nominal", "value_added_nominal")),
            *(number(100.0 * float(row[name]), 1) for name in GROWTH),
        )
        for row in chosen.to_dict("records")
    ]


GROWTH = ("output_growth", "output_growth_nominal", "value_added_growth", "employment_growth")
"""Growth rates of the table of statistics."""


@dataclass(frozen=True)
class NamedRow:
    """A named enterprise as text: for output, staff and R&D what is given, the base year and the last year."""

    title: str
    segment: str
    cells: tuple[tuple[str, str, str], ...]
    margin: str
    left: str


def named_rows(result: Result) -> list[NamedRow]:
    """Every named enterprise of the scenario; base year and means over the runs in which it is still there."""
    if "named" not in result.tables or result.named.empty:
        return []
    return [named_row(result, enterprise) for enterprise in result.scenario.enterprises]


def named_row(result: Result, enterprise: NamedEnterprise) -> NamedRow:
    """One named enterprise."""
    rows = result.named[result.named["name"] == enterprise.id]
    first, last = (rows[rows["year"] == year] for year in result.years)
    cells = []
    for column, field in KEPT.items():
        given = getattr(enterprise, field)
        kept, then = float(first[column].mean()), last[column].mean()
        cells.append(
            (
                number(given, 0) if given is not None else "–",
                number(kept, 0),
                number(float(then), 0) if len(last) else "–",
            )
        )
    gone = result.replications - len(last)
    about = result.scenario.chain.segments[enterprise.segment].title
    return NamedRow(
        title=enterprise.name,
        segment=about.en if about else enterprise.segment.replace("_", " "),
        cells=tuple(cells),
        margin=number(100.0 * float(first["profit"].mean()) / float(first["output"].mean()), 1),
        left=f"closed in {gone} of {result.replications} runs" if gone else "",
    )
