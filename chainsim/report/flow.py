"""Who buys what from whom: the boxes and flows of the chain in one year, means over the runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from chainsim.runs.results import Result

ORIGINS = ("local", "national", "abroad")
DRAWN_SHARE = 0.97
"""Share of the purchases that the drawn flows cover; the many small ones below it would only blur the picture."""


@dataclass(frozen=True)
class Box:
    """A segment in a year: output and demand for its products, CNY million, sourcing by origin, runs that have it."""

    segment: str
    tier: str
    title: str
    title_zh: str
    output: float
    sourcing: tuple[float, float, float]
    runs_active: int
    runs: int

    @property
    def missing(self) -> bool:
        """Whether the segment has no enterprise in most runs."""
        return 2 * self.runs_active < self.runs

    @property
    def demand(self) -> float:
        """Purchases of its products by all modelled enterprises, wherever bought."""
        return sum(self.sourcing)


@dataclass(frozen=True)
class Flow:
    """Purchases of one segment's products by another, CNY million, by origin: local, national, abroad."""

    supplier: str
    buyer: str
    values: tuple[float, float, float]

    @property
    def value(self) -> float:
        """All origins together."""
        return sum(self.values)


@dataclass(frozen=True)
class Picture:
    """The chain in a year: boxes, the flows to draw, those too small to draw, and those inside a tier or back."""

    year: int
    tiers: tuple[str, ...]
    application: tuple[str, ...]
    boxes: tuple[Box, ...]
    flows: tuple[Flow, ...]
    small: tuple[Flow, ...]
    inside: tuple[Flow, ...]


def picture(result: Result, year: int) -> Picture:
    """The chain in the year. Products of application tiers are no part of the chain: their flows are left out."""
    chain = result.scenario.chain
    every = all_flows(result, year)
    flows = [flow for flow in every if chain.segments[flow.supplier].tier not in chain.application]
    rank = {name: chain.tiers.index(segment.tier) for name, segment in chain.segments.items()}
    forward = [flow for flow in flows if rank[flow.supplier] < rank[flow.buyer]]
    boxes = tuple(box(result, name, year, every) for name in chain.segments)
    drawn = worth_drawing(forward, {box.segment for box in boxes if box.missing})
    return Picture(
        year=year,
        tiers=chain.tiers,
        application=chain.application,
        boxes=boxes,
        flows=tuple(drawn),
        small=tuple(flow for flow in forward if flow not in drawn),
        inside=tuple(flow for flow in flows if rank[flow.supplier] >= rank[flow.buyer]),
    )


def local_share(flows: Sequence[Flow]) -> float:
    """Local share of the purchases; 0 where there are none."""
    total = sum(flow.value for flow in flows)
    return sum(flow.values[0] for flow in flows) / total if total else 0.0


def all_flows(result: Result, year: int) -> list[Flow]:
    """Every pair of segments that trades in the year, means over the runs, largest first."""
    trade = result.trade[result.trade["year"] == year]
    table = trade.pivot_table(index=["from_segment", "to_segment"], columns="origin", values="value", aggfunc="sum")
    table = table.reindex(columns=list(ORIGINS)).fillna(0.0) / result.replications
    columns = zip(*(table[origin].tolist() for origin in ORIGINS), strict=True)
    flows = [Flow(str(pair[0]), str(pair[1]), values) for pair, values in zip(table.index, columns, strict=True)]
    return sorted((flow for flow in flows if flow.value > 0), key=lambda flow: (-flow.value, flow.supplier, flow.buyer))


def box(result: Result, segment: str, year: int, flows: list[Flow]) -> Box:
    """The segment in the year."""
    table = result.segments
    rows = table[(table["year"] == year) & (table["segment"] == segment)]
    about = result.scenario.chain.segments[segment]
    bought = [flow.values for flow in flows if flow.supplier == segment]
    local, national, abroad = (sum(values[origin] for values in bought) for origin in range(3))
    return Box(
        segment=segment,
        tier=about.tier,
        title=about.title.en if about.title else segment.replace("_", " "),
        title_zh=(about.title.zh or about.title.en) if about.title else segment.replace("_", " "),
        output=float(rows["output"].mean()),
        sourcing=(local, national, abroad),
        runs_active=int((rows["output"] > 0).sum()),
        runs=len(rows),
    )


def worth_drawing(flows: list[Flow], missing: set[str]) -> list[Flow]:
    """The largest flows up to DRAWN_SHARE, every flow of a missing link, the largest of each supplier and buyer."""
    values = pd.Series([flow.value for flow in flows], dtype=float)
    before = values.cumsum() - values
    limit = DRAWN_SHARE * float(values.sum())
    seen: set[tuple[str, str]] = set()
    drawn = []
    for flow, sum_before in zip(flows, before, strict=True):
        first = {("supplier", flow.supplier), ("buyer", flow.buyer)} - seen
        if sum_before < limit or flow.supplier in missing or first:
            drawn.append(flow)
        seen |= first
    return drawn
