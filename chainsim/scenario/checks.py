"""What the fields of a scenario must satisfy together: names that are used exist, parts sum to wholes.

Every check yields findings. It reports when something *is* wrong (`if total > 1`), never when something fails to be
right, so numbers that could not be read (NaN) and names that could not be read (empty) stay without a finding.
An empty name among the known ones says that some could not be read, so that any name may be right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from chainsim.economy.parameters import MONEY
from chainsim.indicators.table import INDICATORS
from chainsim.scenario.check_base_year import CHECKS as BASE_YEAR_CHECKS
from chainsim.scenario.check_policy import CHECKS as POLICY_CHECKS
from chainsim.scenario.errors import Finding, shown, suggestion, unknown
from chainsim.scenario.nodes import Path
from chainsim.scenario.region import Target
from chainsim.scenario.schema import ScenarioFields

TOLERANCE = 1e-6
"""Largest deviation of shares that must sum to 1."""

LARGEST_SEED = 2**63 - 1

AT_ONCE, BETWEEN = ("level", "share"), ("ratio", "yearly_growth", "yearly_change", "mean")
"""Ways of reading an indicator in one year, and from one to another."""


Check = Callable[[ScenarioFields], Iterator[Finding]]


def period(scenario: ScenarioFields) -> Iterator[Finding]:
    """The last year comes after the base year; every replication has a seed."""
    years = scenario.years
    if years.end <= years.start:
        yield Finding(("years", "end"), f"the last year {years.end} must come after the base year {years.start}")
    if scenario.seed > LARGEST_SEED - scenario.replications:
        yield Finding(("seed",), f"expected a seed of at most {LARGEST_SEED - scenario.replications}")


def own_name(scenario: ScenarioFields) -> Iterator[Finding]:
    """The scenario's name can be that of a file, and stands on one line."""
    name = scenario.name
    if name and (set(name) & {"/", "\\"} or set(name) <= {"."} or not name.isprintable()):
        yield Finding(
            ("name",), f"expected a name that can name a file: one line without / and \\, found {shown(name)}"
        )


def counted(scenario: ScenarioFields) -> Iterator[Finding]:
    """The money is millions of a currency: the model knows no other unit."""
    if scenario.money and not MONEY.fullmatch(scenario.money):
        message = (
            f"expected three letters of a currency and million, such as EUR million, found {shown(scenario.money)}"
        )
        yield Finding(("money",), message)


def tiers(scenario: ScenarioFields) -> Iterator[Finding]:
    """Tiers differ from each other, the application is a part of them, and every segment stands at one."""
    chain = scenario.chain
    if not chain.tiers:
        yield Finding(("chain", "tiers"), "expected at least one tier")
    yield from _repeated(("chain", "tiers"), chain.tiers, "tier")
    yield from _repeated(("chain", "application"), chain.application, "tier")
    for number, tier in enumerate(chain.application):
        yield from unknown(("chain", "application", str(number)), tier, chain.tiers, "tier")
    if chain.tiers and "" not in chain.tiers and set(chain.tiers) <= set(chain.application):
        yield Finding(
            ("chain", "application"), "every tier is an application tier; the chain itself needs at least one"
        )
    for name, segment in chain.segments.items():
        yield from unknown(("chain", "segments", name, "tier"), segment.tier, chain.tiers, "tier")


def segments(scenario: ScenarioFields) -> Iterator[Finding]:
    """There are segments, one at least with enterprises, under names that mean nothing else."""
    if not scenario.chain.segments:
        yield Finding(("chain", "segments"), "expected at least one segment")
    elif all(segment.output == 0 for segment in scenario.chain.segments.values()):
        yield Finding(("chain", "segments"), "every segment has output 0; state one that makes something")
    if "value" in scenario.chain.segments:
        yield Finding(("chain", "segments", "value"), "the name 'value' is taken; choose another", names=True)


def anchors(scenario: ScenarioFields) -> Iterator[Finding]:
    """Anchors are segments."""
    yield from _repeated(("chain", "anchors"), scenario.chain.anchors, "segment")
    for number, name in enumerate(scenario.chain.anchors):
        yield from unknown(("chain", "anchors", str(number)), name, scenario.chain.segments, "segment")


def inputs(scenario: ScenarioFields) -> Iterator[Finding]:
    """Inputs are segments; localization and the like are stated of inputs that are there."""
    for buyer, segment in scenario.chain.segments.items():
        place = ("chain", "segments", buyer)
        for name in segment.inputs:
            yield from unknown((*place, "inputs", name), name, scenario.chain.segments, "segment", names=True)
        for field in ("localization", "abroad", "criticality"):
            for name in getattr(segment, field):
                path = (*place, field, name)
                strange = list(unknown(path, name, scenario.chain.segments, "segment", names=True))
                yield from strange
                if name and not strange and "" not in segment.inputs and name not in segment.inputs:
                    yield Finding(
                        path, f"'{name}' is no input of {buyer}; state its coefficient under inputs", names=True
                    )


def owners(scenario: ScenarioFields) -> Iterator[Finding]:
    """The owners' shares of a segment sum to 1."""
    for name, segment in scenario.chain.segments.items():
        place = ("chain", "segments", name, "owners")
        yield from _parts(place, segment.owners.values(), "the owners' shares")


def parks(scenario: ScenarioFields) -> Iterator[Finding]:
    """The parks' shares sum to 1."""
    if scenario.region.parks:
        shares = [park.share for park in scenario.region.parks.values()]
        yield from _parts(("region", "parks"), shares, "the shares of the parks")


def institutes(scenario: ScenarioFields) -> Iterator[Finding]:
    """The knowledge of institutes serves segments, and no more than once."""
    for name, institute in scenario.region.institutes.items():
        place = ("region", "institutes", name, "segments")
        for segment in institute.segments:
            yield from unknown((*place, segment), segment, scenario.chain.segments, "segment", names=True)
        if sum(institute.segments.values()) > 1 + TOLERANCE:
            yield Finding(place, f"the shares sum to {sum(institute.segments.values()):.6g}, more than 1")


def deductions(scenario: ScenarioFields) -> Iterator[Finding]:
    """Research never costs less than nothing: tax relief on it stays below what it costs."""
    taxes = scenario.region.taxes
    for path, deduction in [
        *((("region", "taxes", "rd_deduction", str(year)), value) for year, value in taxes.rd_deduction.items()),
        *(
            (("chain", "segments", name, "rd_deduction", str(year)), value)
            for name, segment in scenario.chain.segments.items()
            for year, value in segment.rd_deduction.items()
        ),
    ]:
        if taxes.profit * (1 + deduction) >= 1:
            message = f"with a profit tax of {taxes.profit:g} research would cost less than nothing"
            yield Finding(path, f"{message}; expected below {1 / taxes.profit - 1:.3g}")


def growth_paths(scenario: ScenarioFields) -> Iterator[Finding]:
    """A path of growth rates holds at least one year."""
    for name, segment in scenario.chain.segments.items():
        for market, sold in segment.markets.items():
            if isinstance(sold.growth, dict) and not sold.growth:
                place = ("chain", "segments", name, "markets", market, "growth")
                yield Finding(place, "expected a rate or at least one year with its rate")


def stages(scenario: ScenarioFields) -> Iterator[Finding]:
    """Parameters of stages that bound each other are in order."""
    innovation, pricing = scenario.stages.innovation, scenario.stages.pricing
    if innovation.step_low >= innovation.step_high:
        message = f"the worst draw {innovation.step_low:g} must lie below the best, step_high {innovation.step_high:g}"
        yield Finding(("stages", "innovation", "step_low"), message)
    if pricing.price_floor > 1 + pricing.markup_ceiling:
        message = (
            f"the lowest price {pricing.price_floor:g} exceeds the highest, "
            f"1 + markup_ceiling = {1 + pricing.markup_ceiling:g}"
        )
        yield Finding(("stages", "pricing", "price_floor"), message)


def members(scenario: ScenarioFields, of: str) -> tuple[str, ...]:
    """Segments that the words `of` name, in the order of the chain; those with a minus are left out."""
    groups = groups_of(scenario)
    words = of.split()
    meant = {name for word in words if not word.startswith("-") for name in groups.get(word, ())}
    without = {name for word in words if word.startswith("-") for name in groups.get(word[1:], ())}
    return tuple(name for name in scenario.chain.segments if name in meant - without)


def groups_of(scenario: ScenarioFields) -> dict[str, tuple[str, ...]]:
    """Segments by the names that may stand for them: tiers, industries, their own, `chain` and `all`."""
    segments = scenario.chain.segments
    groups = {"all": tuple(segments), "chain": scenario.chain.own_segments}
    for field in ("tier", "industry"):
        for name, segment in segments.items():
            word = getattr(segment, field)
            groups[word] = (*groups.get(word, ()), name) if word else ()
    return groups | {name: (name,) for name in segments}


def targets(scenario: ScenarioFields) -> Iterator[Finding]:
    """Targets are told apart, say how they are read or why not, and name indicators, segments and years there are."""
    seen: set[str] = set()
    for number, target in enumerate(scenario.targets):
        place = ("targets", str(number))
        if target.id in seen:
            yield Finding((*place, "id"), f"the id '{target.id}' is used twice")
        seen.add(target.id)
        if target.how is None and target.unmeasured is None:
            yield Finding((*place, "how"), "expected how it is read, or under unmeasured why it cannot be")
        elif target.how in (*AT_ONCE, *BETWEEN):
            yield from _unread(scenario, target, place)


def observed(scenario: ScenarioFields) -> Iterator[Finding]:
    """Observations are of an indicator and of something there is."""
    groups = groups_of(scenario)
    for number, item in enumerate(scenario.observed):
        yield from unknown(("observed", str(number), "indicator"), item.indicator, INDICATORS, "indicator")
        if item.of not in groups and "" not in scenario.chain.segments:
            message = f"nothing is called '{item.of}'{suggestion(item.of, groups)}"
            yield Finding(("observed", str(number), "of"), message)


def worlds(scenario: ScenarioFields) -> Iterator[Finding]:
    """Every number that worlds hold has a value for each of them, and crossed ones stand in squares of four."""
    stated = scenario.worlds
    if stated is None or not isinstance(stated.points, int):
        return
    if stated.vary == "crossed" and stated.points % 4:
        yield Finding(
            ("worlds", "points"), f"crossed worlds stand in squares of four: {stated.points} is no multiple of 4"
        )
    for path, values in stated.draws.items():
        if len(values) != stated.points:
            message = f"{path} has {len(values)} values, expected one for each of {stated.points} points"
            yield Finding(("worlds", "draws"), message)


def _unread(scenario: ScenarioFields, target: Target, place: tuple[str, ...]) -> Iterator[Finding]:
    if target.indicator is None:
        yield Finding((*place, "indicator"), "expected a column of the tables, such as output")
    groups = groups_of(scenario)
    for word in target.of.split():
        name = word.removeprefix("-")
        if name not in groups and "" not in scenario.chain.segments:
            yield Finding((*place, "of"), f"nothing is called '{name}'{suggestion(name, groups)}")
    if target.first is None:
        yield Finding((*place, "first"), "expected a year")
    if target.last is None and target.how in BETWEEN:
        yield Finding((*place, "last"), "expected a year")


CHECKS: tuple[Check, ...] = (
    *(
        own_name,
        counted,
        period,
        tiers,
        segments,
        anchors,
        inputs,
        owners,
        parks,
        institutes,
        deductions,
        growth_paths,
        stages,
    ),
    targets,
    observed,
    worlds,
    *BASE_YEAR_CHECKS,
    *POLICY_CHECKS,
)
"""Every check, in the order in which findings of one place are told."""


def findings(scenario: ScenarioFields) -> Iterator[Finding]:
    """Everything that the fields of the scenario contradict each other about."""
    return (finding for check in CHECKS for finding in check(scenario))


def _repeated(path: Path, names: Iterable[str], what: str) -> Iterator[Finding]:
    for name, count in Counter(names).items():
        if name and count > 1:
            yield Finding(path, f"the {what} '{name}' is stated {count} times")


def _parts(path: Path, shares: Iterable[float], what: str) -> Iterator[Finding]:
    total = sum(shares)
    if abs(total - 1) > TOLERANCE:
        yield Finding(path, f"{what} sum to {total:.6g}, expected 1")
