"""What levers, shocks and groups must satisfy: names that exist, years with a budget, no claim stated twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from chainsim.levers import Budget, Intervention, Lever
from chainsim.policy.targeting import Target
from chainsim.scenario.errors import Finding, unknown
from chainsim.scenario.schema import ScenarioFields

SINGULAR = {
    "tiers": "tier",
    "segments": "segment",
    "industries": "industry",
    "parks": "park",
    "enterprises": "enterprise",
}


def schedules(scenario: ScenarioFields) -> Iterator[Finding]:
    """Everything has years, or a strength that is a path by year."""
    for place, item in _interventions(scenario):
        path = item.full_strength
        if item.years is not None or (isinstance(path, dict) and path):
            continue
        budget = getattr(item, "budget", None)
        what = "a budget without years; state" if budget is not None else "missing, expected"
        yield Finding(place, f"{what} years, such as years: 2021-2030", names=True)


def targets(scenario: ScenarioFields) -> Iterator[Finding]:
    """Targets name tiers, segments, industries, parks and enterprises that there are, and fit somebody."""
    for place, item in _interventions(scenario):
        for field, target in (("target", item.target), ("buyers", getattr(item, "buyers", None))):
            if isinstance(target, Target):
                yield from _target(scenario, (*place, field), target)


def _target(scenario: ScenarioFields, place: tuple[str, ...], target: Target) -> Iterator[Finding]:
    known = _known(scenario)
    for field in ("tiers", "segments", "industries", "parks", "enterprises"):
        for number, name in enumerate(getattr(target, field)):
            yield from unknown((*place, field, str(number)), name, known[field], SINGULAR[field])
    for quantity in ("employees", "sales", "age"):
        low, high = getattr(target, f"min_{quantity}"), getattr(target, f"max_{quantity}")
        if low is not None and high is not None and low > high:
            yield Finding((*place, f"min_{quantity}"), f"the smallest, {low:g}, is above the largest, {high:g}")
    stated = [(name, known[field]) for field in ("tiers", "segments", "industries") for name in getattr(target, field)]
    readable = all(name and segment.tier for name, segment in scenario.chain.segments.items())
    if readable and all(name in there and name for name, there in stated) and not _segments(scenario, target):
        yield Finding(place, "no segment is in all of these tiers, segments and industries")


def unread(scenario: ScenarioFields) -> Iterator[Finding]:
    """Nothing is stated that a lever or shock never reads."""
    for place, item in _interventions(scenario):
        for path, reason in item.unread().items():
            yield Finding((*place, *path), reason, names=True)


def names(scenario: ScenarioFields) -> Iterator[Finding]:
    """Segments and enterprises that single kinds of levers and shocks name exist."""
    known = _known(scenario)
    for place, item in _interventions(scenario):
        for field, kind in (
            ("segment", "segments"),
            ("enterprise", "enterprises"),
            ("buyers", "segments"),
            ("buys", "segments"),
            ("industries_buy", "segments"),
        ):
            stated = getattr(item, field, ())
            if isinstance(stated, str):
                yield from unknown((*place, field), stated, known[kind], kind[:-1])
            elif not isinstance(stated, Target):
                for number, name in enumerate(stated):
                    part = name if isinstance(stated, dict) else str(number)
                    yield from unknown((*place, field, part), name, known[kind], kind[:-1], isinstance(stated, dict))


def inputs(scenario: ScenarioFields) -> Iterator[Finding]:
    """What adopters are said to buy more of is an input of a segment that is meant."""
    for place, item in _interventions(scenario):
        stated = getattr(item, "buys", {})
        if not all(name in scenario.chain.segments for name in stated):
            continue
        meant = _segments(scenario, item.target)
        bought = {name for segment in meant for name, part in scenario.chain.segments[segment].inputs.items() if part}
        for name in stated:
            if meant and name not in bought:
                known = f"inputs there: {', '.join(sorted(bought)) or 'none'}"
                yield Finding((*place, "buys", name), f"never read: no segment that is meant buys {name}; {known}")


def money(scenario: ScenarioFields) -> Iterator[Finding]:
    """Budgets say how much, and what a lever states holds together."""
    for place, lever in _interventions(scenario):
        if not isinstance(lever, Lever):
            continue
        budget = lever.budget
        if isinstance(budget, Budget):
            if budget.yearly is None and budget.total is None:
                yield Finding((*place, "budget"), "expected yearly, total or both")
            elif budget.yearly is None and lever.strength_field == "budget":
                yield Finding((*place, "budget"), "expected yearly: the budget of a year is the strength of this lever")
        if wrong := lever.contradiction():
            yield Finding(place, wrong, names=True)


def overlaps(scenario: ScenarioFields) -> Iterator[Finding]:
    """Two levers of one type that reach the same enterprises in the same years say what an enterprise gets."""
    found = ((place[1], lever) for place, lever in _interventions(scenario) if isinstance(lever, Lever))
    levers = [(name, lever) for name, lever in found if lever.meets_others]
    for (first, one), (second, other) in combinations(levers, 2):
        silent = one.stacking is None or other.stacking is None
        if silent and one.type == other.type and meet(scenario, one, other):
            yield Finding(
                ("levers", second if other.stacking is None else first),
                f"claims overlap: '{first}' and '{second}' are both {one.type}, "
                "for the same enterprises in the same years; "
                "state stacking: add (both are paid) or stacking: highest (the larger offer only) in both",
                names=True,
            )


def meet(scenario: ScenarioFields, one: Lever, other: Lever) -> bool:
    """Whether an enterprise can be meant by both in a year, as far as targets tell; conditions may still part them."""
    if max(one.span[0], other.span[0]) > min(one.span[1], other.span[1]):
        return False
    if not _segments(scenario, one.target) & _segments(scenario, other.target):
        return False
    for field in ("parks", "owners", "enterprises"):
        first, second = set(getattr(one.target, field)), set(getattr(other.target, field))
        if first and second and not first & second:
            return False
    for quantity in ("employees", "sales", "age"):
        for a, b in ((one.target, other.target), (other.target, one.target)):
            most, least = getattr(a, f"max_{quantity}"), getattr(b, f"min_{quantity}")
            if most is not None and least is not None and most < least:
                return False
    return True


def groups(scenario: ScenarioFields) -> Iterator[Finding]:
    """Groups hold levers, each in one group at most."""
    seen: dict[str, str] = {}
    for name, members in scenario.groups.items():
        for number, lever in enumerate(members):
            place = ("groups", name, str(number))
            yield from unknown(place, lever, scenario.levers, "lever")
            if lever in seen and lever:
                yield Finding(place, f"'{lever}' is in the group '{seen[lever]}' already")
            seen[lever] = name
        if name and name in scenario.levers:
            yield Finding(("groups", name), f"the name '{name}' is that of a lever; choose another", names=True)


CHECKS = (schedules, targets, unread, names, inputs, money, overlaps, groups)


def _interventions(scenario: ScenarioFields) -> Iterator[tuple[tuple[str, str], Intervention]]:
    for block in ("levers", "shocks"):
        for name, item in getattr(scenario, block).items():
            if isinstance(item, Intervention) and _is_readable(item):
                yield (block, name), item


def _is_readable(item: Intervention) -> bool:
    """Whether the years could be read; nothing is said of others but what is wrong with their years."""
    try:
        return item.span is not None
    except (TypeError, ValueError):
        return False


def _known(scenario: ScenarioFields) -> dict[str, Iterable[Any]]:
    return {
        "tiers": scenario.chain.tiers,
        "segments": scenario.chain.segments,
        "industries": dict.fromkeys(segment.industry for segment in scenario.chain.segments.values()),
        "parks": scenario.region.parks or ("region",),
        "enterprises": _ids(scenario),
    }


def _ids(scenario: ScenarioFields) -> list[str]:
    arrivals = [name for name, shock in scenario.shocks.items() if shock.brings_enterprise]
    return [enterprise.id for enterprise in scenario.enterprises] + arrivals


def _segments(scenario: ScenarioFields, target: Target) -> set[str]:
    """Segments that a target leaves."""
    return {
        name
        for name, segment in scenario.chain.segments.items()
        if (not target.tiers or segment.tier in target.tiers)
        and (not target.segments or name in target.segments)
        and (not target.industries or segment.industry in target.industries)
    }
