"""What a scenario states that is no mistake: warnings of what is hardly meant, notes of what may surprise.

A warning says what probably was meant: units, per cent, years, targets. Every bound is far from what a region may be;
where one is crossed, a unit or a year is the likely reason. A note tells what the base year keeps otherwise than
stated. `chainsim check` tells both after a scenario that is right; nothing else depends on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from statistics import median
from typing import Any

from pydantic import BaseModel

from chainsim.economy.parameters import ALWAYS, DEFAULT_MONEY, currency, in_money, path_value
from chainsim.scenario.cautions_policy import CHECKS as POLICY_CHECKS
from chainsim.scenario.cautions_policy import figure, meant, numbers
from chainsim.scenario.check_base_year import TOLERANCE, limits, local_use, staff
from chainsim.scenario.errors import Finding, dotted
from chainsim.scenario.field_types import declared
from chainsim.scenario.nodes import Path
from chainsim.scenario.schema import NamedEnterprise, ScenarioFields, Segment

FAR = 10.0
"""How many times the end of its range a number may be before it is told."""

USUAL_GROWTH = 0.03
"""Growth a year that messages take for an example."""

FAST = 1.0
"""Growth a year beyond which a rate is told: prices, markets and pay of a region do not double in a year."""

ODD_RATIO = 50.0
"""Ratio between the output per person of a named enterprise and its segment's from which on units are doubted."""

ODD_REST = 5.0
"""Ratio between the staff per sales of the unnamed and the named enterprises of a segment from which on it is told."""

ODD = 2.0
"""Ratio between the staff per sales of named and of other enterprises of a segment from which on it is told."""

DWARFED = 2.0
"""How many times the mean of a segment's enterprises an entrant may be before it is told."""


def warnings(scenario: ScenarioFields) -> list[Finding]:
    """All that is legal and hardly meant, in the order of the scenario's blocks."""
    return [finding for check in CHECKS for finding in check(scenario)]


def rates(scenario: ScenarioFields) -> Iterator[Finding]:
    """Growth in per cent: 8 where .08 was meant."""
    region = scenario.region
    stated: list[tuple[Path, Any]] = [
        (("region", "productivity_growth"), region.productivity_growth),
        (("region", "wage_growth"), region.wage_growth),
    ]
    for name, segment in scenario.chain.segments.items():
        place = ("chain", "segments", name)
        stated += [((*place, "price_trend"), segment.price_trend), ((*place, "drag"), segment.drag)]
        stated += [((*place, "markets", m, "growth"), market.growth) for m, market in segment.markets.items()]
    for path, rate in stated:
        for here, value in numbers(path, rate):
            if abs(value) > FAST:
                message = f"{value:g} is {100 * value:,.4g} % a year; did you mean {value / 100:g}?"
                yield Finding(here, message)


def ranges(scenario: ScenarioFields) -> Iterator[Finding]:
    """Numbers ten times outside the range that their parameter declares."""
    places: list[tuple[Path, Any]] = [((name,), getattr(scenario, name)) for name in BLOCKS]
    places += [(("chain", "segments", name), segment) for name, segment in scenario.chain.segments.items()]
    for path, block in places:
        for finding in _far(path, block):
            stated = scenario.sources.get(dotted(finding.path))
            if stated is None or stated.low is None or stated.high is None:  # a range of its own goes first
                yield finding


def _far(path: Path, block: Any) -> Iterator[Finding]:
    """Findings of a block and everything below it."""
    if isinstance(block, Mapping):
        for name, item in block.items():
            yield from _far((*path, str(name)), item)
    if not isinstance(block, BaseModel):
        return
    for name, field in type(block).model_fields.items():
        value, low, high = getattr(block, name), declared(field, "low"), declared(field, "high")
        if low is None or high is None:
            yield from _far((*path, name), value)
        elif name not in RATES:
            for here, number in numbers((*path, name), value):
                if _is_far(number, low, high):
                    message = f"{number:g} is far outside the range of this number, {low:g} to {high:g}"
                    # A range that begins at 0 would hold every number once it is a millionth.
                    yield Finding(here, message + meant(number, low or high / 100, high))


BLOCKS = ("region", "population", "stages", "levers", "shocks")

RATES = ("productivity_growth", "wage_growth", "drag")
"""Numbers that `rates` tells of."""


def _is_far(number: float, low: float, high: float) -> bool:
    """Whether a number is ten times beyond the nearer end of its range; 0 is a switch and never far."""
    if low > 0 and 0 < number < low / FAR:
        return True
    return abs(number) > FAR * max(abs(low), abs(high))


def wages(scenario: ScenarioFields) -> Iterator[Finding]:
    """Pay in yuan where thousands were meant: 50 times the usual and that of the other segments, or a 50th of it.

    Pay alike in all segments may be that of a currency of small worth, but of none that is worth 50 yuan; and in any
    currency it leaves somebody to every enterprise.
    """
    segments = scenario.chain.segments
    for field in ("wage_ordinary", "wage_skilled"):
        for name, segment in segments.items():
            pay, usual = getattr(segment, field), type(segment).model_fields[field].default
            others = [getattr(other, field) for other in segments.values() if other is not segment]
            alike = others and median(others) / ODD_RATIO < pay < median(others) * ODD_RATIO
            people, count = staff(segment), segment.enterprises.number + segment.enterprises.small
            path = ("chain", "segments", name, field)
            if pay >= usual * ODD_RATIO and alike and people < count:
                message = f"{figure(pay)} thousand a year leaves {figure(people)} persons to {count} enterprises"
                yield Finding(path, message + meant(pay, pay / 1000, pay / 1000))
            elif not usual / ODD_RATIO < pay < usual * ODD_RATIO and not (alike and pay > usual):
                norm = median(others) if others and not alike else usual
                message = f"{figure(pay)} thousand a year is {figure(pay / norm)} times the usual {norm:g}"
                yield Finding(path, message + meant(pay, usual / 20, usual * 20))


def stocks(scenario: ScenarioFields) -> Iterator[Finding]:
    """Capital of more than 30 years of output, and plants that nobody in the segment could fill."""
    for name, segment in scenario.chain.segments.items():
        place = ("chain", "segments", name)
        if segment.capital_per_output > 30:
            message = f"capital of {segment.capital_per_output:g} years of output"
            yield Finding((*place, "capital_per_output"), message + meant(segment.capital_per_output, 0.05, 15))
        if 0 < 100 * segment.output < segment.min_efficient_scale:
            message = f"the smallest viable plant makes {figure(segment.min_efficient_scale)}, the whole segment "
            yield Finding(
                (*place, "min_efficient_scale"),
                f"{message}{figure(segment.output)}; is its unit {in_money('CNY million')}?",
            )


def path_years(scenario: ScenarioFields) -> Iterator[Finding]:
    """Paths of growth and of the deduction of R&D none of whose years is simulated, and what holds before the first."""
    first, last = scenario.years.start, scenario.years.end
    for place, path, usual in _rates(scenario):
        start, named = min(path), sorted(year for year in path if year != ALWAYS) or [first]
        never = not any(first <= year <= last for year in named)
        if never and (max(named) > last or place[-1] == "growth"):  # a law of the past holds on
            held, years = path_value(path, last, before="first"), ", ".join(map(str, named))
            yield Finding(place, f"{years}: outside {first}-{last}, so that the rate {held:g} holds throughout")
        elif start > first + 1:
            message = (
                f"the path begins in {start}, and its first rate {path[start]:g} holds from {first + 1} on; "
                f"state what holds before, such as {{{first}: {usual:g}, {start}: {path[start]:g}}}"
            )
            yield Finding(place, message)


def _rates(scenario: ScenarioFields) -> Iterator[tuple[Path, Mapping[int, float], float]]:
    """Paths of rates that there always are, with their places and a usual value."""
    law: Path = ("region", "taxes", "rd_deduction")
    usual = max(type(scenario.region.taxes)().rd_deduction.values())
    found: list[tuple[Path, Mapping[int, float], float]] = [(law, scenario.region.taxes.rd_deduction, usual)]
    for name, segment in scenario.chain.segments.items():
        found.append((("chain", "segments", name, "rd_deduction"), segment.rd_deduction, usual))
        for market, stated in segment.markets.items():
            if isinstance(stated.growth, Mapping):
                place = ("chain", "segments", name, "markets", market, "growth")
                found.append((place, stated.growth, USUAL_GROWTH))
    return ((place, path, value) for place, path, value in found if path)


def registers(scenario: ScenarioFields) -> Iterator[Finding]:
    """Named enterprises whose output per person is 50 times the segment's, or a 50th of it."""
    for number, enterprise in enumerate(scenario.enterprises):
        segment = scenario.chain.segments[enterprise.segment]
        norm = segment.output / staff(segment) if staff(segment) > 0 else 0.0
        if enterprise.employees is None or not norm:
            continue
        own = enterprise.revenue / enterprise.employees
        if not norm / ODD_RATIO < own < norm * ODD_RATIO:
            message = (
                f"{enterprise.id} makes {own:.3g} {in_money('CNY million')} a person, its segment {norm:.3g}; "
                f"is revenue in {in_money('CNY million')}, and are employees persons?"
            )
            yield Finding(("enterprises", str(number), "employees"), message)


def rest(scenario: ScenarioFields) -> Iterator[Finding]:
    """Segments whose unnamed enterprises are left five times the staff per sales of the named."""
    for name, segment in scenario.chain.segments.items():
        named = [enterprise for enterprise in scenario.enterprises if enterprise.segment == name]
        own, left = staff_per_sales(segment, named)
        if own and left > ODD_REST * own:
            right = segment.labour_share * own * segment.output / staff(segment)
            message = (
                f"its named enterprises have {own:.3g} staff per {in_money('CNY million')} of sales and leave {left:.3g} to the others; "
                f"with a labour_share of {right:.3g} all would be alike"
            )
            yield Finding(("chain", "segments", name, "labour_share"), message)


def sizes(scenario: ScenarioFields) -> Iterator[Finding]:
    """Segments whose unnamed enterprises are smaller on average than half an entrant: most may close at once."""
    rules = scenario.stages.demography
    for name, segment in scenario.chain.segments.items():
        stated, named = segment.enterprises, [each for each in scenario.enterprises if each.segment == name]
        others = stated.number - len(named) + stated.small
        left = segment.output - fsum(enterprise.revenue for enterprise in named)
        entrant = rules.entrant_size * stated.small_output
        if rules.enabled and others > 0 and 1e-6 * segment.output < left < entrant / DWARFED * others:
            mean = left / others
            message = (
                f"its {others} unnamed enterprises make {mean:.3g} {in_money('CNY million')} on average, an entrant "
                f"{entrant:.3g}, and those below {rules.negligible * stated.small_output:.3g} close at once; "
                f"state small_output {float(f'{0.9 * mean:.1g}'):g} or less, or fewer enterprises"
            )
            yield Finding(("chain", "segments", name, "enterprises", "small_output"), message)


def credit(scenario: ScenarioFields) -> Iterator[Finding]:
    """Debt of the base year above what banks lend."""
    owed, lent = scenario.stages.finance.leverage, scenario.stages.investment.loan_to_value
    if scenario.stages.finance.enabled and owed > lent:
        message = (
            f"debt of {owed:g} of capital in the base year is above stages.investment.loan_to_value {lent:g}, so that "
            f"only those can borrow whose capital grows beyond it; state {lent:g} or less"
        )
        yield Finding(("stages", "finance", "leverage"), message)


def overfull(scenario: ScenarioFields) -> Iterator[Finding]:
    """Markets that cannot take what a segment's giant does not buy of itself: the base year will not start."""
    for name, segment, reached in _short_of_suppliers(scenario):
        sold = fsum(market.sales for market in segment.markets.values())
        more = 1.0 + (segment.inputs[name] * segment.localization[name] * segment.output - reached) / max(sold, 1e-300)
        for market, stated in segment.markets.items():
            share = stated.local_share or (stated.sales / stated.volume if stated.volume else 0.0)
            if share * more >= 1.0:
                message = (
                    f"the largest enterprise of '{name}' cannot buy from itself and sells more on the markets instead: "
                    f"{share * more:.3g} times what this one buys, so that no run will start; "
                    f"lower localization.{name}, or this share below {1 / more:.3g}"
                )
                yield Finding(("chain", "segments", name, "markets", market), message)


CHECKS = (rates, ranges, wages, stocks, path_years, *POLICY_CHECKS, registers, rest, limits, sizes, credit, overfull)


def cautions(scenario: ScenarioFields) -> list[Finding]:
    """All that may surprise in the base year of a scenario that is right, in the order of its segments."""
    return [
        *money_of_defaults(scenario),
        *limited_supply(scenario),
        *own_suppliers(scenario),
        *odd_staff(scenario),
        *no_research(scenario),
    ]


def money_of_defaults(scenario: ScenarioFields) -> Iterator[Finding]:
    """Defaults in money that a scenario in another currency leaves as they are: the same number, another worth."""
    if scenario.money == DEFAULT_MONEY:
        return
    kept: dict[str, Any] = {}
    for name in BLOCKS:
        kept |= _left_in_money((name,), getattr(scenario, name))
    for segment in scenario.chain.segments.values():
        kept |= _left_in_money(("chain", "segments", "*"), segment)
    unread = set()
    if not scenario.region.institutes and not any(b.type == "institute_platform" for b in scenario.levers.values()):
        unread.add("stages.demography.institute_spin_offs")
    if not any(segment.enterprises.small for segment in scenario.chain.segments.values()):
        unread.add("chain.segments.*.enterprises.small_output")
    told = [f"{path} {value:g}" for path, value in kept.items() if path not in unread]
    if told:
        was, now = DEFAULT_MONEY.partition(" ")[0], scenario.money.partition(" ")[0]
        message = f"defaults keep the number that they have in {was}: {', '.join(told)}; state what it is in {now}"
        yield Finding(("money",), message)


def _left_in_money(path: Path, block: Any) -> dict[str, Any]:
    """Numbers in money by dotted path that a block and everything below it leave at their defaults, if not 0."""
    found: dict[str, Any] = {}
    if isinstance(block, Mapping):
        for name, item in block.items():
            found |= _left_in_money((*path, str(name)), item)
    if isinstance(block, BaseModel):
        for name, field in type(block).model_fields.items():
            value, unit = getattr(block, name), str(declared(field, "unit"))
            if name not in block.model_fields_set and value and isinstance(value, float) and currency() in unit:
                found[dotted((*path, name))] = value
            else:
                found |= _left_in_money((*path, name), value)
    return found


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


def own_suppliers(scenario: ScenarioFields) -> Iterator[Finding]:
    """Localizations that a segment's largest enterprise keeps from being reached, as nobody buys from itself.

    Told of sizes that are stated: of named enterprises, and of a single other one beside the small.
    """
    for name, segment, reached in _short_of_suppliers(scenario):
        left = reached / (segment.inputs[name] * segment.localization[name] * segment.output)
        message = (
            f"one enterprise makes {_largest(scenario, name, segment) / segment.output:.3g} of its output and cannot buy "
            f"from itself; the base year cuts what the segment buys of itself in the region to {left:.3g} of what is "
            "stated at most"
        )
        yield Finding(("chain", "segments", name, "localization", name), message)


def _short_of_suppliers(scenario: ScenarioFields) -> Iterator[tuple[str, Segment, float]]:
    """Segments that cannot buy of themselves what is stated, and the most that they can, CNY million."""
    limit = scenario.population.supply_limit
    for name, segment in scenario.chain.segments.items():
        bought, local = segment.inputs.get(name, 0.0), segment.localization.get(name, 0.0)
        largest = _largest(scenario, name, segment)
        others = segment.output - largest
        reached = min(bought * largest, limit * others) + bought * others
        if bought * local * segment.output > reached * (1 + TOLERANCE):
            yield name, segment, reached


def _largest(scenario: ScenarioFields, name: str, segment: Segment) -> float:
    """Output of the largest enterprise of a segment whose size is stated, CNY million; 0 where none is."""
    named = [enterprise.revenue for enterprise in scenario.enterprises if enterprise.segment == name]
    stated = segment.enterprises
    alone = stated.number - len(named) == 1 and scenario.population.scale == 1
    rest = segment.output - fsum(named) - stated.small * stated.small_output if alone else 0.0
    return max((*named, rest, 0.0))


def odd_staff(scenario: ScenarioFields) -> Iterator[Finding]:
    """Segments whose named enterprises leave the others much less or much more staff per sales than they have.

    The others get what is left of the segment's staff. With much less they earn margins, with much more they make
    losses, that no enterprise of the segment would: they rise or close together.
    """
    for name, segment in scenario.chain.segments.items():
        named = [enterprise for enterprise in scenario.enterprises if enterprise.segment == name]
        own, left = staff_per_sales(segment, named)
        if own and left and not own / ODD <= left <= own * ODD and left <= own * ODD_REST:  # beyond, `rest` warns
            message = (
                f"its named enterprises have {own:.3g} staff per {in_money('CNY million')} of sales and leave {left:.3g} to the others; "
                "where both are right, say so; else state other employees, or another labour_share"
            )
            yield Finding(("chain", "segments", name, "labour_share"), message)


def no_research(scenario: ScenarioFields) -> Iterator[Finding]:
    """A chain without research, whose strength cannot be measured."""
    segments = scenario.chain.segments.values()
    if not any(segment.rd_share for segment in segments) and not any(e.rd for e in scenario.enterprises):
        message = "no segment does research (rd_share 0), so that the strength of the chain is undefined"
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
