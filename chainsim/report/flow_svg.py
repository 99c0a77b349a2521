"""The picture of the chain as SVG: segments as boxes in columns by tier, filled ribbons from products to their buyers.

The width of a ribbon grows with the square root of the purchases, for the largest are a thousand times the smallest;
across a ribbon the parts bought in the region, in the rest of the nation and abroad keep their true shares.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from chainsim.economy.parameters import currency
from chainsim.figures.display import number
from chainsim.report.flow import ORIGINS, Box, Flow, Picture

BOX_WIDTH, COLUMN_GAP, BOX_GAP, HEAD, MARGIN = 176.0, 112.0, 16.0, 34.0, 2.0
LINE, BAR, PADDING = 13.0, 8.0, 7.0
TITLE_WIDTH, MOST_TITLE_LINES = 29, 2
TALLEST = 560.0
"""Most height that the ribbons of one column take together."""
WIDEST = 80.0
"""Most width of a ribbon."""


@dataclass(frozen=True)
class Place:
    """Where a box stands, in SVG units."""

    x: float
    y: float
    height: float


def ribbon_scale(pictures: Iterable[Picture]) -> float:
    """Width of a ribbon of CNY 1 million; the same for all pictures, so that they can be compared."""
    pictures = list(pictures)
    tallest = max((height for picture in pictures for height in column_heights(picture)), default=0.0)
    widest = max((flow.value**0.5 for picture in pictures for flow in picture.flows), default=0.0)
    return min(TALLEST / tallest, WIDEST / widest) if widest else 1.0


def column_heights(picture: Picture) -> list[float]:
    """Height of the ribbons at each column at scale 1."""
    tier = {box.segment: box.tier for box in picture.boxes}
    return [
        sum(max(thickness(picture.flows, box.segment)) for box in picture.boxes if tier[box.segment] == name)
        for name in picture.tiers
    ]


def thickness(flows: Iterable[Flow], segment: str) -> tuple[float, float]:
    """Ribbons that arrive at and leave a segment, at scale 1."""
    arriving = sum(flow.value**0.5 for flow in flows if flow.buyer == segment)
    leaving = sum(flow.value**0.5 for flow in flows if flow.supplier == segment)
    return arriving, leaving


def flow_svg(picture: Picture, scale: float) -> Markup:
    """The picture as one SVG element that scales with its place on the page."""
    places = arrange(picture, scale)
    width = len(picture.tiers) * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP + 2 * MARGIN
    height = max(place.y + place.height for place in places.values()) + MARGIN
    parts = [
        heads(picture),
        *ribbons(picture, places, scale),
        *(box_svg(box, places[box.segment]) for box in picture.boxes),
    ]
    return Markup(
        '<svg class="flow" style="min-width: {:.0f}px; max-width: {:.0f}px" viewBox="0 0 {:.0f} {:.0f}" role="img" '
        'aria-label="Who buys what from whom in {}">{}</svg>'
    ).format(0.95 * width, 1.1 * width, width, height, picture.year, Markup("\n").join(parts))


def arrange(picture: Picture, scale: float) -> dict[str, Place]:
    """A column for each tier, its boxes from top to bottom in the order of the scenario, centred."""
    columns = {tier: [box for box in picture.boxes if box.tier == tier] for tier in picture.tiers}
    sizes = {box.segment: box_height(box, picture.flows, scale) for box in picture.boxes}
    totals = {
        tier: sum(sizes[box.segment] + BOX_GAP for box in boxes) - BOX_GAP for tier, boxes in columns.items() if boxes
    }
    places = {}
    for position, (tier, boxes) in enumerate(columns.items()):
        y = HEAD + (max(totals.values()) - totals.get(tier, 0.0)) / 2
        for box in boxes:
            places[box.segment] = Place(MARGIN + position * (BOX_WIDTH + COLUMN_GAP), y, sizes[box.segment])
            y += sizes[box.segment] + BOX_GAP
    return places


def box_height(box: Box, flows: Iterable[Flow], scale: float) -> float:
    """Room for the text, the bar and the ribbons."""
    lines = len(title_lines(box)) + len(facts(box))
    return max(lines * LINE + (BAR + 4 if box.demand else 0) + 2 * PADDING, scale * max(thickness(flows, box.segment)))


def title_lines(box: Box) -> list[str]:
    """The English title in at most two lines."""
    return textwrap.wrap(box.title, TITLE_WIDTH, max_lines=MOST_TITLE_LINES, placeholder=" …")


def facts(box: Box) -> list[str]:
    """What the box says below its title."""
    lines = [f"output {number(box.output, 0)}"]
    if box.missing:
        lines = ["missing link"]
        if box.runs_active:
            lines = [f"missing link, filled in {box.runs_active} of {box.runs} runs"]
    elif box.runs_active < box.runs:
        lines.append(f"there in {box.runs_active} of {box.runs} runs")
    if box.demand:
        lines.append(f"demand {number(box.demand, 0)}, {number(100 * box.sourcing[0] / box.demand, 0)} % met locally")
    return lines


def heads(picture: Picture) -> Markup:
    """Names of the tiers above their columns."""
    parts = []
    for position, tier in enumerate(picture.tiers):
        note = " (uses the chain)" if tier in picture.application else ""
        x = MARGIN + position * (BOX_WIDTH + COLUMN_GAP) + BOX_WIDTH / 2
        text = tier.replace("_", " ").capitalize() + note
        parts.append(Markup('<text class="tier" x="{:.1f}" y="18" text-anchor="middle">{}</text>').format(x, text))
    return Markup("").join(parts)


def box_svg(box: Box, place: Place) -> Markup:
    """A box with title, facts and the bar of origins; dashed where the link is missing."""
    middle = place.x + PADDING
    lines = [("name l-en", line) for line in title_lines(box)] + [("fact", line) for line in facts(box)]
    y = place.y + PADDING + 10
    parts = [
        Markup('<text class="name l-zh" lang="zh" x="{:.1f}" y="{:.1f}">{}</text>').format(middle, y, box.title_zh)
    ]
    for kind, line in lines:
        parts.append(Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(kind, middle, y, line))
        y += LINE
    if box.demand:
        parts.append(origin_bar(box.sourcing, middle, y - 7, BOX_WIDTH - 2 * PADDING))
    return Markup(
        '<g class="{}"><rect class="box" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="3"/>{}</g>'
    ).format(
        "segment missing" if box.missing else "segment",
        place.x,
        place.y,
        BOX_WIDTH,
        place.height,
        Markup("").join(parts),
    )


def origin_bar(values: tuple[float, float, float], x: float, y: float, width: float) -> Markup:
    """A bar divided by origin."""
    parts, total = [], sum(values)
    for origin, value in zip(ORIGINS, values, strict=True):
        part = width * value / total
        parts.append(
            Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                origin, x, y, part, BAR
            )
        )
        x += part
    return Markup("").join(parts)


def ribbons(picture: Picture, places: dict[str, Place], scale: float) -> list[Markup]:
    """All ribbons, the wide ones first, so that narrow ones stay visible."""
    missing = {box.segment for box in picture.boxes if box.missing}
    titles = {box.segment: box.title for box in picture.boxes}
    starts = ends_of(picture.flows, places, scale, at_supplier=True)
    ends = ends_of(picture.flows, places, scale, at_supplier=False)
    return [
        ribbon(flow, starts[flow], ends[flow], scale, flow.supplier in missing, titles)
        for flow in sorted(picture.flows, key=lambda flow: (-flow.value, flow.supplier, flow.buyer))
    ]


def ends_of(
    flows: Iterable[Flow], places: dict[str, Place], scale: float, at_supplier: bool
) -> dict[Flow, tuple[float, float]]:
    """Upper corner (x, y) of every ribbon at one of its ends; ribbons at a box lie in the order of their other ends."""
    groups: dict[str, list[Flow]] = {}
    for flow in flows:
        groups.setdefault(flow.supplier if at_supplier else flow.buyer, []).append(flow)
    corners = {}
    for segment, group in groups.items():
        place = places[segment]
        y = place.y + (place.height - scale * sum(flow.value**0.5 for flow in group)) / 2
        for flow in sorted(group, key=lambda flow: other_end(flow, places, at_supplier)):
            corners[flow] = (place.x + (BOX_WIDTH if at_supplier else 0.0), y)
            y += scale * flow.value**0.5
    return corners


def other_end(flow: Flow, places: dict[str, Place], at_supplier: bool) -> tuple[float, float]:
    """Where the other end of a ribbon is, top to bottom."""
    place = places[flow.buyer if at_supplier else flow.supplier]
    return place.y + place.height / 2, place.x


def ribbon(
    flow: Flow,
    start: tuple[float, float],
    end: tuple[float, float],
    scale: float,
    missing: bool,
    titles: dict[str, str],
) -> Markup:
    """One ribbon, divided lengthwise by origin, with what it is as a tooltip."""
    width, above, parts = scale * flow.value**0.5, 0.0, []
    for origin, value in zip(ORIGINS, flow.values, strict=True):
        part = width * value / flow.value
        if part > 0:
            parts.append(Markup('<path class="{}" d="{}"/>').format(origin, band(start, end, above, part)))
        above += part
    if missing:
        parts.append(Markup('<path class="outline" d="{}"/>').format(band(start, end, 0.0, width)))
    shares = ", ".join(f"{number(100 * v / flow.value, 0)} % {o}" for o, v in zip(ORIGINS, flow.values, strict=True))
    tip = f"{titles[flow.buyer]} buys {titles[flow.supplier]}: {currency()} {number(flow.value, 0)} million, {shares}"
    return Markup('<g class="ribbon"><title>{}</title>{}</g>').format(escape(tip), Markup("").join(parts))


def band(start: tuple[float, float], end: tuple[float, float], above: float, width: float) -> str:
    """Outline of a band that leaves and arrives horizontally."""
    (x0, y0), (x1, y1) = start, end
    y0, y1, bend = y0 + above, y1 + above, (x0 + x1) / 2
    return (
        f"M{x0:.1f} {y0:.1f}C{bend:.1f} {y0:.1f} {bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        f"V{y1 + width:.1f}C{bend:.1f} {y1 + width:.1f} {bend:.1f} {y0 + width:.1f} {x0:.1f} {y0 + width:.1f}Z"
    )
