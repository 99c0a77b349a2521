"""Enterprises must fit into their segments: numbers, named ones, what is left for the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import fsum

from chainsim.scenario.checks import Check, Finding
from chainsim.scenario.errors import suggestion
from chainsim.scenario.schema import NamedEnterprise, Scenario, Segment

TOLERANCE = 1e-6
"""Relative excess over the total of a segment that counts as rounding."""

MOST = 10_000_000
"""Most enterprises of a scenario."""


def numbers(scenario: Scenario) -> Iterator[Finding]:
    """A segment has enterprises if and only if it has output, and small ones make no more than all of it."""
    for name, segment in scenario.chain.segments.items():
        place = ("chain", "segments", name, "enterprises")
        stated = segment.enterprises
        count = stated.number + stated.small
        if segment.output > 0 and count == 0:
            yield Finding(place, f"output {segment.output:.6g} needs enterprises; state their number or small")
        if segment.output == 0 and count > 0:
            yield Finding(place, f"{count} enterprises without output; state output above 0 or no enterprises")
        small = stated.small * stated.small_output
        if segment.output > 0 and small > segment.output * (1 + TOLERANCE):
            message = f"{stated.small} small enterprises of {stated.small_output:.6g} make {small:.6g}, more than output {segment.output:.6g}"
            yield Finding((*place, "small"), message)


def size(scenario: Scenario) -> Iterator[Finding]:
    """There are no more enterprises than a computer can hold."""
    counts = [segment.enterprises.number + segment.enterprises.small for segment in scenario.chain.segments.values()]
    total = sum(counts) * scenario.population.scale
    if total > MOST:
        message = f"{total:,.0f} enterprises in all, more than {MOST:,}; lower their numbers or population.scale"
        yield Finding(("chain", "segments"), message)


def identities(scenario: Scenario) -> Iterator[Finding]:
    """Names used in files are unique."""
    counts = Counter(enterprise.id for enterprise in scenario.enterprises)
    seen: set[str] = set()
    for number, enterprise in enumerate(scenario.enterprises):
        if enterprise.id and enterprise.id in seen:
            yield Finding(
                ("enterprises", str(number), "id"), f"the id '{enterprise.id}' is used {counts[enterprise.id]} times"
            )
        seen.add(enterprise.id)


def homes(scenario: Scenario) -> Iterator[Finding]:
    """Named enterprises belong to segments and stand in parks of the scenario, and are not founded after its base year."""
    for number, enterprise in enumerate(scenario.enterprises):
        place = ("enterprises", str(number))
        segments, parks = scenario.chain.segments, scenario.region.parks
        if enterprise.segment and enterprise.segment not in segments and "" not in segments:
            message = f"unknown segment '{enterprise.segment}'{suggestion(enterprise.segment, segments)}"
            yield Finding((*place, "segment"), message)
        if enterprise.park and enterprise.park not in parks and "" not in parks:
            message = f"unknown park '{enterprise.park}'{suggestion(enterprise.park, parks) or '; state it under region.parks'}"
            yield Finding((*place, "park"), message)
        if enterprise.founded is not None and enterprise.founded > scenario.years.start:
            message = f"founded in {enterprise.founded}, after the base year {scenario.years.start}"
            yield Finding((*place, "founded"), message)


def room(scenario: Scenario) -> Iterator[Finding]:
    """Named enterprises take no more of a segment than there is, and leave something for every other one."""
    for name, segment in scenario.chain.segments.items():
        named = [enterprise for enterprise in scenario.enterprises if enterprise.segment == name]
        if named:
            yield from _count(name, segment, len(named))
            yield from _shares(name, segment, named)


def _count(name: str, segment: Segment, count: int) -> Iterator[Finding]:
    if count > segment.enterprises.number:
        message = f"{count} named enterprises belong to {name}, but number is {segment.enterprises.number}; named ones are included in it"
        yield Finding(("chain", "segments", name, "enterprises", "number"), message)


def _shares(name: str, segment: Segment, named: list[NamedEnterprise]) -> Iterator[Finding]:
    revenue = fsum(enterprise.revenue for enterprise in named)
    place = ("chain", "segments", name)
    if revenue > segment.output * (1 + TOLERANCE):
        yield Finding(
            (*place, "output"),
            f"the named enterprises of {name} make {revenue:.6g}, more than its output {segment.output:.6g}",
        )
        return
    others = segment.enterprises.number - len(named) + segment.enterprises.small
    left = segment.output - revenue
    if others == 0 and left > segment.output * TOLERANCE:
        message = f"the named enterprises of {name} make {revenue:.6g} of {segment.output:.6g}; the rest needs enterprises (number or small)"
        yield Finding((*place, "enterprises", "number"), message)
    if others > 0 and left <= segment.output * TOLERANCE:
        message = f"the named enterprises of {name} make all of its output, which leaves nothing for the other {others}"
        yield Finding((*place, "enterprises", "number"), message)
    yield from _stock(name, "employees", segment, named, staff(segment))
    yield from _stock(name, "rd", segment, named, segment.rd_share * segment.output)


def _stock(name: str, field: str, segment: Segment, named: list[NamedEnterprise], total: float) -> Iterator[Finding]:
    """Named enterprises have no more staff or research than the segment; those that state none have its norm."""
    norm = total / segment.output
    stated = [(getattr(enterprise, field), enterprise.revenue) for enterprise in named]
    taken = fsum(norm * revenue if value is None else value for value, revenue in stated)
    if taken > total * (1 + TOLERANCE):
        what, share = ("staff", "labour_share") if field == "employees" else ("research", "rd_share")
        message = f"the named enterprises of {name} have {field} {taken:.6g}, more than the {what} of the segment, {total:.6g}"
        yield Finding(("chain", "segments", name, share), message)


def staff(segment: Segment) -> float:
    """Base-year staff of a segment, persons: labour cost over the cost of a person."""
    pay = segment.skilled_share * segment.wage_skilled + (1 - segment.skilled_share) * segment.wage_ordinary
    return segment.labour_share * segment.output * 1000 / (segment.labour_cost_factor * pay)


CHECKS: tuple[Check, ...] = (numbers, size, identities, homes, room)
