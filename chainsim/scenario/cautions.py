"""What a scenario states that is no mistake, but that the base year keeps in a way that may surprise.

`chainsim check` tells it after a scenario that is right; nothing else depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum

from chainsim.scenario.check_base_year import local_use, staff
from chainsim.scenario.errors import Finding
from chainsim.scenario.schema import NamedEnterprise, ScenarioFields, Segment

ODD = 2.0
"""Ratio between the staff per sales of named and of other enterprises of a segment from which on it is told."""


def cautions(scenario: ScenarioFields) -> list[Finding]:
    """All that may surprise in the base year of a scenario that is right, in the order of its segments."""
    return [*limited_supply(scenario), *odd_staff(scenario), *no_research(scenario)]


def limited_supply(scenario: ScenarioFields) -> Iterator[Finding]:
    """Localizations that cannot be reached: nobody sells more than a limit of its output to modelled enterprises."""
    limit = scenario.population.supply_limit
    for name, used in local_use(scenario).items():
        output = scenario.chain.segments[name].output
        if used > limit * output > 0:
            message = (
                f"local enterprises buy {used / output:.3g} of its output, more than population.supply_limit {limit:.3g}; "
                f"the base year cuts what they buy in the region to about {limit * output / used:.3g} of what is stated"
            )
            yield Finding(("chain", "segments", name, "output"), message)


def odd_staff(scenario: ScenarioFields) -> Iterator[Finding]:
    """Segments whose named enterprises leave the others much less or much more staff per sales than they have.

    The others get what is left of the segment's staff. With much less they earn margins, with much more they make
    losses, that no enterprise of the segment would: they rise or close together.
    """
    for name, segment in scenario.chain.segments.items():
        named = [enterprise for enterprise in scenario.enterprises if enterprise.segment == name]
        own, left = staff_per_sales(segment, named)
        if own and left and not own / ODD <= left <= own * ODD:
            message = (
                f"its named enterprises have {own:.3g} staff per CNY million of sales and leave {left:.3g} to the others; "
                "where both are right, say so; else state other employees, or another labour_share"
            )
            yield Finding(("chain", "segments", name, "labour_share"), message)


def no_research(scenario: ScenarioFields) -> Iterator[Finding]:
    """A chain without research, whose strength cannot be measured."""
    segments = scenario.chain.segments.values()
    if not any(segment.rd_share for segment in segments) and not any(e.rd for e in scenario.enterprises):
        message = "no segment does research (rd_share 0), so that the headline strength is 0 in every year"
        yield Finding(("chain", "segments"), message)


def staff_per_sales(segment: Segment, named: Sequence[NamedEnterprise]) -> tuple[float, float]:
    """Persons per CNY million of sales in named enterprises and in the others; 0 where there are none.

    Named enterprises that state no employees have the norm of the segment.
    """
    if segment.output <= 0:
        return 0.0, 0.0
    norm = staff(segment) / segment.output
    sales = fsum(enterprise.revenue for enterprise in named)
    people = fsum(norm * e.revenue if e.employees is None else e.employees for e in named)
    others = segment.output - sales
    left = (norm * segment.output - people) / others if others > 1e-6 * segment.output else 0.0
    return (people / sales if sales > 0 else 0.0), left
