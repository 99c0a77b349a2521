"""Segments of an input-output table as a scenario file: what the table says as it stands, what it leaves open assumed.

Every number that the table does not state carries a range and the status `assumption`, estimated local shares
`estimated`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chainsim.io_tables.sector_map import SectorMap
from chainsim.io_tables.segments import WIDTH, Origins, SegmentData
from chainsim.scenario.nodes import Sourced
from chainsim.scenario.schema import Segment
from chainsim.scenario.yaml_writer import yaml_lines

DEFAULT_PAY = float(Segment.model_fields["wage_ordinary"].default)
"""Yearly pay of ordinary staff in the defaults, thousand CNY: other defaults in money move with it."""

MOST_SUBSIDY = 0.95
"""Largest subsidy over output that a segment may state."""

SKILL_PREMIUM = float(Segment.model_fields["wage_skilled"].default) / DEFAULT_PAY

LABOUR_IN_VALUE_ADDED = 0.5
"""Labour cost over value added where the table does not divide value added."""

OUTSIDE_SHARES = {"local_other": 0.6, "government": 0.6, "national": 0.02, "abroad": 0.005}
"""Shares of local enterprises in markets whose size the table does not tell."""

LARGEST_SHARE = 0.98
"""Share in markets that outside rivals hardly serve: a market is always larger than the sales in it."""


@dataclass(frozen=True)
class Assumed:
    """What no table says: year, market growth, yearly pay of ordinary staff in thousands, R&D over output.

    `register` is the block that names one, `named` the number of its enterprises by segment.
    """

    name: str
    year: int
    pay: float
    growth: float = 0.03
    rd_share: float = 0.01
    source: str = ""
    currency: str = "CNY"
    register: dict[str, Any] = field(default_factory=dict)
    named: Mapping[str, int] = field(default_factory=dict)


def scenario_text(segments: dict[str, SegmentData], sectors: SectorMap, origin: Origins, assumed: Assumed) -> str:
    """The scenario file."""
    blocks = {name: _segment(name, segments, sectors, origin, assumed) for name in segments}
    tiers = list(dict.fromkeys(sectors.tiers.values()))
    scale = assumed.pay / DEFAULT_PAY
    region: dict[str, Any] = {}
    if abs(scale - 1) > 1e-9:
        region = {"region": {"households": {"services_pay": _assumed(round(0.85 * assumed.pay, 3), 0.8)}}}
        region["population"] = {"slot_purchases": _assumed(round(10 * scale, 6), 0.5)}
    data = {
        "name": assumed.name,
        "description": f"From {assumed.source}.",
        "money": f"{assumed.currency} million",
        "years": {"start": assumed.year, "end": assumed.year + 10},
        "replications": 10,
        "seed": 1,
        "chain": {"tiers": tiers, "anchors": [_anchor(segments)], "segments": blocks},
    }
    register = {"enterprises": assumed.register} if assumed.register else {}
    return "\n".join(_text(data | register | region)) + "\n"


def _text(data: dict[str, Any]) -> Iterator[str]:
    yield "# yaml-language-server: $schema=scenario.schema.json"
    yield "# Numbers without a source are those of the table; what it leaves open stands as an assumption with a range."
    yield from yaml_lines(data)


def _anchor(segments: dict[str, SegmentData]) -> str:
    """The segment that buys most of the chain: its local share is the supporting rate until another is named."""
    return max(segments, key=lambda name: sum(segments[name].inputs.values()) * segments[name].output)


def _segment(
    name: str, segments: dict[str, SegmentData], sectors: SectorMap, origin: Origins, assumed: Assumed
) -> dict[str, Any]:
    segment, scale = segments[name], assumed.pay / DEFAULT_PAY
    block: dict[str, Any] = {"tier": sectors.tiers[name]}
    if name in sectors.titles:
        block["title"] = sectors.titles[name]
    block["output"] = segment.output
    if segment.output <= 0:
        return block | {"markets": {"local_other": {"volume": max(segment.volumes["local_other"] or 0.0, 1.0)}}}
    inputs = {key: value for key, value in segment.inputs.items() if value > 0}
    value_added = max(min(segment.value_added + segment.product_tax, 1.0 - sum(inputs.values())), 0.0)
    tax = _tax(segment, value_added)
    labour = _labour(segment, value_added - tax)
    other = 1.0 - sum(inputs.values()) - value_added
    small_output = round(7.0 * scale, 6)
    large, small = _numbers(segment.output, small_output, assumed.named.get(name, 0))
    return block | {
        "inputs": inputs,
        "localization": {key: _local(segments, segment, key, origin) for key in inputs},
        "abroad": {key: _abroad(segments, segment, key) for key in inputs},
        "value_added_share": value_added,
        "labour_share": labour,
        "production_tax_share": tax,
        "wage_ordinary": assumed.pay,
        "wage_skilled": round(assumed.pay * SKILL_PREMIUM, 6),
        "rd_share": _research(other, assumed.rd_share),
        "min_efficient_scale": _assumed(round(min(60 * scale, segment.output / 2), 6), 0.5),
        "enterprises": {
            "number": Sourced(large, status="assumption", note="a mean of 150 million; state the register's"),
            "small": Sourced(small, status="assumption", note="a tenth of the output"),
            "small_output": _assumed(min(small_output, segment.output / 10), 0.5),
        },
        "markets": {m: _market(segment, m, assumed) for m, sales in segment.sales.items() if sales > 0},
    }


def _tax(segment: SegmentData, value_added: float) -> float:
    """Taxes less subsidies over output, on production and products: no more than value added, no less than may be."""
    tax = segment.production_tax + segment.product_tax
    if tax < -MOST_SUBSIDY:
        segment.notes.append(
            f"subsidies of {-tax:.4g} of output are cut to {MOST_SUBSIDY:g}, the most a segment may get"
        )
    return max(min(tax, value_added), -MOST_SUBSIDY)


def _labour(segment: SegmentData, room: float) -> Any:
    """Labour cost over output: wages of the table, else half of value added."""
    room = min(max(room, 0.0), 1.0)
    if segment.wages is None:
        share = LABOUR_IN_VALUE_ADDED * room
        note = "half of value added less taxes"
        return (
            Sourced(share, round(0.7 * share, 6), min(round(1.4 * share, 6), room), status="assumption", note=note)
            if share
            else 0.0
        )
    if segment.wages > room:
        segment.notes.append(
            f"wages of {segment.wages:.4g} of output exceed value added less taxes, {room:.4g}; cut to it"
        )
    return min(segment.wages, room)


def _research(other: float, wanted: float) -> Any:
    """R&D over output, no more than the column leaves to buy."""
    share = min(wanted, max(other, 0.0))
    if share < 1e-6:
        return 0
    return Sourced(share, 0.0, max(min(3 * wanted, other), share), status="assumption", note="no table says it")


def _local(segments: dict[str, SegmentData], segment: SegmentData, key: str, origin: Origins) -> Any:
    share = min(segment.local[key], 1.0) if segments[key].output > 0 else 0.0
    if not origin.is_estimated or segments[key].output <= 0:
        return share
    low, high = max(share - WIDTH, 0.0), max(min(share + WIDTH, 1.0 - min(segment.abroad[key], 1.0 - share)), share)
    return Sourced(share, round(low, 6), round(high, 6), status="estimated", source=origin.source)


def _abroad(segments: dict[str, SegmentData], segment: SegmentData, key: str) -> float:
    share = min(segment.local[key], 1.0) if segments[key].output > 0 else 0.0
    return max(min(segment.abroad[key], 1.0 - share), 0.0)


def _numbers(output: float, small_output: float, named: int) -> tuple[int, int]:
    """Enterprises above and below scale: small ones make a tenth of the output, large ones have 20 times their size.

    Named ones are among the large.
    """
    small = max(min(round(0.1 * output / small_output), 3000), 1)
    return max(min(round(0.9 * output / (20 * small_output)), 500), 2, named + 1 if named else 0), small


def _market(segment: SegmentData, market: str, assumed: Assumed) -> dict[str, Any]:
    sales, volume = segment.sales[market], segment.volumes[market]
    growth = Sourced(assumed.growth, assumed.growth - 0.03, assumed.growth + 0.03, status="assumption")
    if volume is None:
        share = OUTSIDE_SHARES[market]
        size: Any = {"local_share": Sourced(share, share / 4, min(4 * share, 0.9), status="assumption")}
    elif volume * LARGEST_SHARE <= sales:
        size = {"local_share": LARGEST_SHARE}
    else:
        size = {"volume": volume}
    return {"sales": sales} | size | {"growth": growth}


def _assumed(value: float, low: float) -> Sourced:
    """An assumption whose range goes from `low` times the number to 1 / `low` times it."""
    return Sourced(value, round(low * value, 9), round(value / low, 9), status="assumption")
