"""The base year must balance: costs within prices, sales equal to output, markets larger than the sales in them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from math import fsum

from chainsim.scenario.errors import Finding, suggestion
from chainsim.scenario.field_types import declared
from chainsim.scenario.nodes import Path
from chainsim.scenario.schema import Market, NamedEnterprise, ScenarioFields, Segment

TOLERANCE = 1e-6
"""Largest excess of shares over their whole, or relative to a segment's total, that counts as rounding."""

BALANCE_TOLERANCE = 1e-3
"""Largest deviation of sales from output, as a share of output."""

STAFF_LIMIT = 0.8
"""Largest share of the skilled pay of a segment that is research: some skilled staff must run production."""


def columns(scenario: ScenarioFields) -> Iterator[Finding]:
    """Inputs, value added and what is bought outside the modelled segments make up the price."""
    for name, segment in scenario.chain.segments.items():
        place = ("chain", "segments", name)
        total = fsum(segment.inputs.values())
        other = 1 - total - segment.value_added_share
        research = bought_research(segment, scenario.stages.labour.research_share)
        if total >= 1:
            yield Finding(
                (*place, "inputs"), f"the inputs sum to {total:.6g}; they must stay below 1, the price of the product"
            )
        elif other < -TOLERANCE:
            message = (
                f"inputs {total:.6g} and value added {segment.value_added_share:.6g} sum to {1 - other:.6g}, "
                f"more than 1; where a subsidy on products pays the {-other:.6g}, take it off both value_added_share "
                "and production_tax_share"
            )
            yield Finding((*place, "value_added_share"), message)
        elif other < research - TOLERANCE:
            message = (
                f"inputs {total:.6g} and value added {segment.value_added_share:.6g} leave {max(round(other, 9), 0):.6g} of "
                f"the price, less than the research services {research:.6g} that rd_share {segment.rd_share:.6g} "
                f"makes the segment buy; state {_affordable(segment, max(other, 0.0), scenario)}"
            )
            yield Finding((*place, "value_added_share"), message)


def _affordable(segment: Segment, other: float, scenario: ScenarioFields) -> str:
    """What would leave enough for research: a lower rd_share, or value added."""
    share, total = scenario.stages.labour.research_share, fsum(segment.inputs.values())
    research = math.floor(1e4 * min(other / (1 - share), segment.rd_share)) / 1e4 if share < 1 else 0.0
    most = math.floor(1e6 * (1 - total - bought_research(segment, share))) / 1e6
    return f"rd_share {research:g}" + (f", or value_added_share {most:.6g}" if most > 0 else "")


def bought_research(segment: Segment, research_share: float) -> float:
    """The part of research that is bought as a service, over output: what own skilled staff does not do.

    Own staff do `research_share` of it, at most STAFF_LIMIT of the segment's skilled pay.
    """
    pay = segment.skilled_share * segment.wage_skilled + (1 - segment.skilled_share) * segment.wage_ordinary
    skilled_pay = segment.labour_share * segment.skilled_share * segment.wage_skilled / pay
    own = research_share * segment.rd_share
    limit = STAFF_LIMIT * skilled_pay
    return segment.rd_share - (limit if own > limit else own)


def value_added(scenario: ScenarioFields) -> Iterator[Finding]:
    """Labour and production tax are paid out of value added."""
    for name, segment in scenario.chain.segments.items():
        paid = segment.labour_share + segment.production_tax_share
        if paid > segment.value_added_share + TOLERANCE:
            message = (
                f"labour {segment.labour_share:.6g} and production tax {segment.production_tax_share:.6g} sum to "
                f"{paid:.6g}, more than value_added_share {segment.value_added_share:.6g}"
            )
            yield Finding(("chain", "segments", name, "labour_share"), message)


def origins(scenario: ScenarioFields) -> Iterator[Finding]:
    """An input is bought in the region, in the rest of the nation or abroad; in the region only where it is made."""
    segments = scenario.chain.segments
    for buyer, segment in segments.items():
        for name, local in segment.localization.items():
            path = ("chain", "segments", buyer, "localization", name)
            abroad = segment.abroad.get(name, 0.0)
            if local + abroad > 1 + TOLERANCE:
                yield Finding(
                    path, f"localization {local:.6g} and abroad {abroad:.6g} sum to {local + abroad:.6g}, more than 1"
                )
            if local > 0 and name in segments and segments[name].output == 0:
                yield Finding(path, f"{name} has output 0, so nothing of it can be bought in the region; expected 0")


def sales(scenario: ScenarioFields) -> Iterator[Finding]:
    """What local enterprises do not buy of a segment is sold on its markets, within 0.1 % of output.

    Nothing is said while an input has an unknown name, because it may stand for any segment.
    """
    segments = scenario.chain.segments
    if any(name not in segments for segment in segments.values() for name in (*segment.inputs, *segment.localization)):
        return
    used = local_use(scenario)
    for name, segment in scenario.chain.segments.items():
        sold = fsum(market.sales for market in segment.markets.values())
        rest = segment.output - used[name]
        if segment.output > 0 and rest < BALANCE_TOLERANCE * segment.output:
            message = (
                f"local enterprises buy {used[name]:.6g} of its output {segment.output:.6g}, "
                f"which leaves nothing for its markets; lower the localization of its buyers"
            )
            yield Finding(("chain", "segments", name, "output"), message)
        elif abs(sold - rest) > max(BALANCE_TOLERANCE * segment.output, TOLERANCE):
            message = (
                f"the markets take {sold:.6g}, but output {segment.output:.6g} less {used[name]:.6g} bought by "
                f"local enterprises leaves {rest:.6g}; {_remedy(sold, rest, used[name], segment, name)}"
            )
            yield Finding(("chain", "segments", name, "markets"), message)


def local_use(scenario: ScenarioFields) -> dict[str, float]:
    """Base-year purchases of each segment by local enterprises from local enterprises, CNY million."""
    used = dict.fromkeys(scenario.chain.segments, 0.0)
    for segment in scenario.chain.segments.values():
        for name, coefficient in segment.inputs.items():
            if name in used:
                used[name] += coefficient * segment.localization.get(name, 0.0) * segment.output
    return used


def _remedy(sold: float, rest: float, used: float, segment: Segment, name: str) -> str:
    """What would balance: other sales, or an output that also covers what the segment buys of itself."""
    own = segment.inputs.get(name, 0.0) * segment.localization.get(name, 0.0)
    output = (sold + used - own * segment.output) / (1 - own) if own < 1 else sold + used
    if sold > 0 and rest > 0:
        return f"multiply the sales by {rest / sold:.6g}, or state output {output:.6g}"
    return f"state sales of {max(rest, 0):.6g}, or output {output:.6g}"


def markets(scenario: ScenarioFields) -> Iterator[Finding]:
    """A market with sales is larger than they are, and its size is stated once."""
    for name, segment in scenario.chain.segments.items():
        for market, stated in segment.markets.items():
            yield from _market(("chain", "segments", name, "markets", market), stated)


def _market(place: Path, market: Market) -> Iterator[Finding]:
    sales, volume, share = market.sales, market.volume, market.local_share
    if sales > 0 and volume is None and share is None:
        yield Finding((*place, "sales"), f"sales of {sales:.6g} need a volume of the market or a local_share")
    if volume is not None and sales >= volume:
        yield Finding((*place, "volume"), f"the volume {volume:.6g} must be larger than the local sales {sales:.6g}")
    if share is None:
        return
    if share == 0 and sales > 0:
        yield Finding((*place, "local_share"), f"a local share of 0 contradicts sales of {sales:.6g}")
    if share > 0 and sales == 0:
        yield Finding((*place, "local_share"), f"a local share of {share:.6g} contradicts sales of 0")
    if volume is not None and sales > 0 and abs(sales / volume - share) > BALANCE_TOLERANCE:
        message = (
            f"{share:.6g} contradicts sales {sales:.6g} over volume {volume:.6g} = {sales / volume:.6g}; "
            "state one of them"
        )
        yield Finding((*place, "local_share"), message)


MOST = 10_000_000
"""Most enterprises of a scenario."""


def numbers(scenario: ScenarioFields) -> Iterator[Finding]:
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
            message = (
                f"{stated.small} small enterprises of {stated.small_output:.6g} make {small:.6g}, "
                f"more than output {segment.output:.6g}"
            )
            yield Finding((*place, "small"), message)


def size(scenario: ScenarioFields) -> Iterator[Finding]:
    """There are no more enterprises than a computer can hold."""
    counts = [segment.enterprises.number + segment.enterprises.small for segment in scenario.chain.segments.values()]
    total = sum(counts) * scenario.population.scale
    if total > MOST:
        message = f"{total:,.0f} enterprises in all, more than {MOST:,}; lower their numbers or population.scale"
        yield Finding(("chain", "segments"), message)


def identities(scenario: ScenarioFields) -> Iterator[Finding]:
    """Names used in files are unique."""
    counts = Counter(enterprise.id for enterprise in scenario.enterprises)
    seen: set[str] = set()
    for number, enterprise in enumerate(scenario.enterprises):
        if enterprise.id and enterprise.id in seen:
            yield Finding(
                ("enterprises", str(number), "id"), f"the id '{enterprise.id}' is used {counts[enterprise.id]} times"
            )
        seen.add(enterprise.id)


def homes(scenario: ScenarioFields) -> Iterator[Finding]:
    """Named enterprises have segments and parks of the scenario, and are not founded after its base year."""
    for number, enterprise in enumerate(scenario.enterprises):
        place = ("enterprises", str(number))
        segments, parks = scenario.chain.segments, scenario.region.parks
        if enterprise.segment and enterprise.segment not in segments and "" not in segments:
            message = f"unknown segment '{enterprise.segment}'{suggestion(enterprise.segment, segments)}"
            yield Finding((*place, "segment"), message)
        if enterprise.park and enterprise.park not in parks and "" not in parks:
            message = (
                f"unknown park '{enterprise.park}'"
                f"{suggestion(enterprise.park, parks) or '; state it under region.parks'}"
            )
            yield Finding((*place, "park"), message)
        if enterprise.founded is not None and enterprise.founded > scenario.years.start:
            message = f"founded in {enterprise.founded}, after the base year {scenario.years.start}"
            yield Finding((*place, "founded"), message)


def room(scenario: ScenarioFields) -> Iterator[Finding]:
    """Named enterprises take no more of a segment than there is, and leave something for every other one."""
    for name, segment in scenario.chain.segments.items():
        named = [enterprise for enterprise in scenario.enterprises if enterprise.segment == name]
        if named:
            yield from _count(name, segment, len(named))
            yield from _shares(name, segment, named)


def _count(name: str, segment: Segment, count: int) -> Iterator[Finding]:
    if count > segment.enterprises.number:
        message = (
            f"{count} named enterprises belong to {name}, but number is {segment.enterprises.number}; "
            f"named ones are included in it; state at least {count}"
        )
        yield Finding(("chain", "segments", name, "enterprises", "number"), message)


def _shares(name: str, segment: Segment, named: list[NamedEnterprise]) -> Iterator[Finding]:
    revenue = fsum(enterprise.revenue for enterprise in named)
    place = ("chain", "segments", name)
    if revenue > segment.output * (1 + TOLERANCE):
        yield Finding(
            (*place, "output"),
            f"the named enterprises of {name} make {revenue:.6g}, more than its output {segment.output:.6g}; "
            f"state output {revenue:.6g} or more, or leave some out",
        )
        return
    others = segment.enterprises.number - len(named) + segment.enterprises.small
    left = segment.output - revenue
    if others == 0 and left > segment.output * TOLERANCE:
        message = (
            f"the named enterprises of {name} make {revenue:.6g} of {segment.output:.6g}; "
            "the rest needs enterprises (number or small)"
        )
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
        message = (
            f"the named enterprises of {name} have {field} {taken:.6g}, more than the {what} of the segment, "
            f"{total:.6g}{_share_that_fits(segment, share, stated, total)}"
        )
        yield Finding(("chain", "segments", name, share), message)


def _share_that_fits(segment: Segment, share: str, stated: list[tuple[float | None, float]], total: float) -> str:
    """The end of a message: the labour or research share at which all named enterprises fit in."""
    given = fsum(value for value, _ in stated if value is not None)
    rest = 1 - fsum(revenue for value, revenue in stated if value is None) / segment.output
    if total <= 0 or rest <= TOLERANCE:
        return ""
    fitting = getattr(segment, share) * given / (total * rest)
    return f"; state {share} {math.ceil(1e4 * fitting) / 1e4:g} or more" if fitting < 1 else "; is the unit persons?"


def staff(segment: Segment) -> float:
    """Base-year staff of a segment, persons: labour cost over the cost of a person."""
    pay = segment.skilled_share * segment.wage_skilled + (1 - segment.skilled_share) * segment.wage_ordinary
    return segment.labour_share * segment.output * 1000 / (segment.labour_cost_factor * pay)


def unit_costs(segment: Segment, scenario: ScenarioFields) -> tuple[float, float]:
    """Base-year cost per unit at the norm of a segment without and with capital; research is paid out of the margin."""
    paid = segment.labour_share + segment.production_tax_share
    variable = 1 - segment.value_added_share + paid - segment.rd_share
    return variable, variable + _capital_cost(scenario) * segment.capital_per_output


def prices(scenario: ScenarioFields) -> Iterator[Finding]:
    """Costs that leave less than the price floor asks for, and markups above their ceiling."""
    pricing = scenario.stages.pricing
    for name, segment in scenario.chain.segments.items():
        place = ("chain", "segments", name)
        variable, unit = unit_costs(segment, scenario)
        if segment.output <= 0 or pricing.fixed or not pricing.enabled:
            continue
        yield from _floor(place, segment, variable, scenario)
        ceiling = 1 + pricing.markup_ceiling
        if unit * ceiling < 1 - TOLERANCE:
            years = math.ceil(100 * (1 / ceiling - variable) / _capital_cost(scenario)) / 100
            markup = f"{1 / unit - 1:.3g}" if unit > 0 else "without bound"
            message = (
                f"the base year has a markup on unit cost of {markup}, more than stages.pricing.markup_ceiling "
                f"{pricing.markup_ceiling:g}; the run keeps it, but where capital is missing in it, state "
                f"capital_per_output {years:g} or more"
            )
            yield Finding((*place, "capital_per_output"), message)


def _floor(place: Path, segment: Segment, variable: float, scenario: ScenarioFields) -> Iterator[Finding]:
    """Costs above what the price floor leaves: labour counts as a cost of the product as far as it fits."""
    floor = scenario.stages.pricing.price_floor
    if floor * variable <= 1 + TOLERANCE:
        return
    labour = segment.labour_share - segment.rd_share + bought_research(segment, scenario.stages.labour.research_share)
    fixed, asked = variable - labour, f"stages.pricing.price_floor {floor:g} asks for"
    if floor * fixed > 1 + TOLERANCE:
        most = math.floor(1e4 * (segment.production_tax_share + 1 / floor - variable)) / 1e4
        message = (
            f"inputs and taxes of {fixed:.4g} alone leave less than {asked}; the run lowers it to {1 / fixed:.4g} in this "
            f"segment and counts none of its labour as a cost of the product; state production_tax_share {most:g} or less"
        )
        yield Finding((*place, "production_tax_share"), message)
        return
    most = math.floor(1e4 * (segment.labour_share + 1 / floor - variable)) / 1e4
    message = (
        f"costs without capital of {variable:.4g} leave less than {asked}; the run keeps the prices of the base year by "
        f"counting {100 * (1 / floor - fixed) / labour:.3g} % of its labour as a cost of the product; state labour_share {most:g} or less"
    )
    yield Finding((*place, "labour_share"), message)


def _capital_cost(scenario: ScenarioFields) -> float:
    return scenario.stages.finance.interest_rate + scenario.stages.investment.depreciation


def capacity(scenario: ScenarioFields) -> Iterator[Finding]:
    """A planned use of capacity, beyond the usual, that leaves no room for orders that stray from those expected."""
    investment = scenario.stages.investment
    use, usual = investment.utilisation, declared(type(investment).model_fields["utilisation"], "high")
    if scenario.stages.production.capacity and use > usual:
        message = (
            f"{use:g} leaves room for orders {100 * (1 / use - 1):.2g} % above those expected, so that many go outside "
            f"from the first year on, without growth as well; state {usual:g} or less"
        )
        yield Finding(("stages", "investment", "utilisation"), message)


def labour(scenario: ScenarioFields) -> Iterator[Finding]:
    """Unemployment below its floor, and hires of the base year that the matching of people and places does not make."""
    rules, region = scenario.stages.labour, scenario.region.labour
    if not rules.enabled or not rules.regional:
        return
    if region.unemployment < rules.unemployment_floor:
        message = (
            f"{region.unemployment:g} lies below stages.labour.unemployment_floor {rules.unemployment_floor:g}; "
            f"the run takes it for the floor; state unemployment_floor {region.unemployment:g} or less"
        )
        yield Finding(("region", "labour", "unemployment"), message)
    if rules.matching_slack < 1:
        message = (
            f"{rules.matching_slack:g} would fill only so much of the places that are filled in the base year; the run "
            "takes 1; state 1 or more"
        )
        yield Finding(("stages", "labour", "matching_slack"), message)


def limits(scenario: ScenarioFields) -> Iterator[Finding]:
    """Bounds of stages that contradict the base year; told as warnings."""
    for check in (prices, capacity, labour):
        yield from check(scenario)


CHECKS = (columns, value_added, origins, sales, markets, numbers, size, identities, homes, room)
