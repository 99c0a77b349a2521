"""Which segments a target is of, and whether it says all that reading it needs."""

from __future__ import annotations

from collections.abc import Iterator

from chainsim.scenario.errors import Finding, suggestion
from chainsim.scenario.schema import ScenarioFields
from chainsim.scenario.targets import Target

AT_ONCE, BETWEEN = ("level", "share"), ("ratio", "yearly_growth", "yearly_change", "mean")
"""Ways of reading an indicator in one year, and from one to another."""


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
