"""What levers and shocks state that is legal and hardly meant: years, budgets and heads in other units, nobody meant.

Who may be meant is told from ranges: what the unnamed of every segment, its entrants and every named enterprise may be
in the years in force. A target or condition that leaves none of them means nobody. Owners and parks are those of the
base year, and of spin-offs where there are institutes: plants of other owners may come, but few mean a lever for them
alone, unless it is for missing links alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import combinations
from math import fsum, inf
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel

from chainsim.economy.arrays import Owner
from chainsim.levers import Budget, Intervention, Lever
from chainsim.policy.conditions import UNKNOWN, Range, can_hold, names_in
from chainsim.policy.targeting import Target
from chainsim.population.enterprises import OLDEST
from chainsim.scenario.check_base_year import staff
from chainsim.scenario.check_policy import meet
from chainsim.scenario.errors import Finding
from chainsim.scenario.nodes import Path
from chainsim.scenario.schema import NamedEnterprise, ScenarioFields, Segment

BUDGET_SHARE = 0.5
"""Largest public budget of a year over the output of all segments."""

SLIPS = (1e-6, 1e-3, 1e-2, 1e2, 1e3)
"""Factors from a number in yuan, thousands or per cent to the one that was meant, and back."""

GROWN, GROWN_ALONE = 3.0, 10.0
"""How many times what a segment has in all, and what a named enterprise has, an enterprise may grow to."""

MORE_RESEARCH = 6.0
"""How many times the largest R&D share of its segment in the base year an enterprise may reach: 5.7 in runs of Jilin,
where sales fell."""

Known = Mapping[str, Range | frozenset[str]]


def schedules(scenario: ScenarioFields) -> Iterator[Finding]:
    """Levers and shocks that no simulated year knows, and ramps that never end."""
    first, last = scenario.years.start + 1, scenario.years.end
    for place, item in interventions(scenario):
        begins, ends = item.span
        where = (*place, "years") if item.years is not None else place
        if ends < first or begins > last:
            until = f"-{ends}" if item.years is not None and ends != begins else ""
            message = f"{begins}{until} lies outside the simulated years {first}-{last}, so that it does nothing"
            yield Finding(where, message)
            continue
        if item.ramp > last - begins + 1:
            message = f"full size would be reached after {item.ramp} years, in {begins + item.ramp - 1}, after the last"
            yield Finding((*place, "ramp"), f"{message} year {last}; state a number of years")
        for path, years in year_paths(place, item):
            yield from _unused(path, years, item, last)


def _unused(path: Path, years: list[int], item: Intervention, last: int) -> Iterator[Finding]:
    """Years of a path after those in force, whose values nobody ever sees."""
    begins, ends = item.span
    late = [year for year in years if year > ends]
    if min(years) > min(ends, last):
        after = f"the lever's own years {begins}-{ends}" if late else f"the last simulated year {last}"
        yield Finding(path, f"begins in {min(years)}, after {after}, and is 0 before, so that it does nothing")
    elif late:
        told = ", ".join(map(str, late))
        yield Finding(path, f"{told}: after its own years {begins}-{ends}, so never in force; extend years or drop it")


def year_paths(place: Path, stated: BaseModel) -> Iterator[tuple[Path, list[int]]]:
    """Every path by year of a lever or shock, and its years."""
    for name in type(stated).model_fields:
        value = getattr(stated, name)
        if isinstance(value, Budget):
            yield from year_paths((*place, name), value)
        elif isinstance(value, Mapping) and value and all(isinstance(key, int) for key in value):
            yield (*place, name), sorted(value)


def budgets(scenario: ScenarioFields) -> Iterator[Finding]:
    """Budgets in yuan where millions were meant: more than half of the output of all segments in a year."""
    output = fsum(segment.output for segment in scenario.chain.segments.values())
    stated: list[tuple[Path, Any]] = []
    for place, item in interventions(scenario):
        budget = item.budget if isinstance(item, Lever) else None
        if isinstance(budget, Budget):
            years = max(item.span[1] - item.span[0] + 1, 1)
            total = budget.total / years if budget.total is not None else None
            stated += [((*place, "budget", "yearly"), budget.yearly), ((*place, "budget", "total"), total)]
        else:
            stated.append(((*place, "budget"), budget))
    for name, institute in scenario.region.institutes.items():
        stated.append((("region", "institutes", name, "budget"), institute.budget))
    for path, amount in stated:
        for here, value in numbers(path, amount):
            if value > BUDGET_SHARE * output:
                message = f"{figure(value)} million a year is {figure(value / output)} times the output of all segments"
                yield Finding(here, message + meant(value, 1e-6 * output, BUDGET_SHARE * output))


def heads(scenario: ScenarioFields) -> Iterator[Finding]:
    """People who come in a year that are more than half of the staff of all segments."""
    people = fsum(staff(segment) for segment in scenario.chain.segments.values())
    for place, item in interventions(scenario):
        for here, number in numbers((*place, "heads"), getattr(item, "heads", None)):
            if number > 0.5 * people:
                message = f"{figure(number)} persons a year are {figure(number / people)} times the staff of all segments, {people:,.0f}"
                yield Finding(here, message + meant(number, 1e-3 * people, 0.2 * people))


class Who(NamedTuple):
    """Enterprises alike as far as a scenario tells: the id of a named one, and ranges of all that may be asked."""

    id: str
    known: Known

    def words(self, name: str) -> frozenset[str]:
        """What a word may be."""
        found = self.known.get(name)
        return found if isinstance(found, frozenset) else frozenset()

    def range(self, name: str) -> Range:
        """Smallest and largest value of a quantity."""
        found = self.known.get(name, UNKNOWN)
        return UNKNOWN if isinstance(found, frozenset) else found


def who(scenario: ScenarioFields, target: Target, first: int, last: int) -> list[Who]:
    """All that an enterprise in the segments of a target may be in the years `first` to `last`."""
    start, found = scenario.years.start, []
    named: dict[str, list[NamedEnterprise]] = {name: [] for name in scenario.chain.segments}
    for enterprise in scenario.enterprises:
        named[enterprise.segment].append(enterprise)
    meant = {name: each for name, each in scenario.chain.segments.items() if _in_segment(target, name, each)}
    any_owner = not any(segment.output > 0 for segment in meant.values())
    for name, segment in meant.items():
        known = _norm(scenario, name, segment, named[name], first, last)
        if any_owner:
            known["owner"] = frozenset(get_args(Owner))
        found += [Who(e.id, {**known, **_own(segment, e, first, last)}) for e in named[name]]
        if segment.enterprises.number + segment.enterprises.small > len(named[name]):
            found.append(Who("", known))
        entrants = {"age": (0.0, max(last - start - 1.0, 0.0)), "founded": (start + 1.0, last + 1.0)}
        found.append(Who("", {**known, **entrants}))
        if scenario.region.institutes:
            found.append(Who("", {**known, **entrants, "owner": frozenset({"institute"})}))
        for key, shock in scenario.shocks.items():
            if shock.brings_enterprise and getattr(shock, "segment", "") == name:
                owner = frozenset({str(getattr(shock, "owner", ""))})
                found.append(Who(key, {"segment": frozenset({name}), "owner": owner, "park": known["park"]}))
    return found


def _in_segment(target: Target, name: str, segment: Segment) -> bool:
    return (
        (not target.tiers or segment.tier in target.tiers)
        and (not target.segments or name in target.segments)
        and (not target.industries or segment.industry in target.industries)
    )


def _norm(
    scenario: ScenarioFields, name: str, segment: Segment, named: list[NamedEnterprise], first: int, last: int
) -> dict[str, Range | frozenset[str]]:
    """What the unnamed enterprises of a segment may be; those of a missing link may have any size."""
    parks, missing, start = scenario.region.parks, segment.output <= 0, scenario.years.start
    research = MORE_RESEARCH * _research(scenario, segment, named)
    sales, people = (inf, inf) if missing else (GROWN * segment.output, GROWN * staff(segment))
    oldest = OLDEST - 1
    return {
        "segment": frozenset({name}),
        "tier": frozenset({segment.tier}),
        "industry": frozenset({segment.industry}),
        "park": frozenset(key for key, park in parks.items() if park.share > 0) if parks else frozenset({"region"}),
        "owner": frozenset(owner for owner, part in segment.owners.items() if part > 0),
        "employees": (0.0, people),
        "sales": (0.0, sales),
        "output": (0.0, sales),
        "rd": (0.0, sales),
        "capital": (0.0, inf),
        "productivity": (0.0, inf),
        "price": (0.0, inf),
        "rd_share": (0.0, research),
        "skilled_share": (0.0, 1.0),
        "market_share": (0.0, 1.0),
        "export_share": (0.0, 1.0),
        "profit_margin": (-inf, 1.0),
        "age": (0.0, float(last - start + oldest)),
        "founded": (float(start - oldest), last + 1.0),
        "year": (float(first), float(last)),
        "high_tech": (0.0, 1.0 if segment.high_tech_share > 0 else 0.0),
        "certified": (0.0, 1.0),
        "named": (0.0, 0.0),
    }


def _research(scenario: ScenarioFields, segment: Segment, named: list[NamedEnterprise]) -> float:
    """Largest R&D over sales of an enterprise of the segment in the base year, spin-offs of institutes included."""
    stated = [(e.rd, e.revenue) for e in named if e.rd is not None]
    rest = segment.output - fsum(revenue for _, revenue in stated)
    left = (segment.rd_share * segment.output - fsum(rd for rd, _ in stated)) / rest if rest > 0 else 0.0
    spun = scenario.stages.demography.spin_off_rd if scenario.region.institutes else 1.0
    return max(spun * segment.rd_share, left, *(rd / revenue for rd, revenue in stated))


def _own(segment: Segment, enterprise: NamedEnterprise, first: int, last: int) -> dict[str, Range | frozenset[str]]:
    """What is known of a named enterprise beyond its segment."""
    people = (
        staff(segment) * enterprise.revenue / segment.output if enterprise.employees is None else enterprise.employees
    )
    sales = (0.0, GROWN_ALONE * enterprise.revenue)
    own: dict[str, Range | frozenset[str]] = {
        "owner": frozenset({enterprise.owner}),
        "named": (1.0, 1.0),
        "employees": (0.0, GROWN_ALONE * people),
        "sales": sales,
        "output": sales,
    }
    if enterprise.park is not None:
        own["park"] = frozenset({enterprise.park})
    if enterprise.founded is not None:
        own["founded"] = (float(enterprise.founded),) * 2
        own["age"] = (float(max(first - enterprise.founded, 0)), float(last - enterprise.founded))
    return own


def targets(scenario: ScenarioFields) -> Iterator[Finding]:
    """Targets and conditions that nobody meets in any year in force."""
    start, end = scenario.years.start + 1, scenario.years.end
    for place, item in interventions(scenario):
        first, last = min(max(item.span[0], start), end), max(min(item.span[1], end), start)
        everyone = who(scenario, item.target, first, last)
        stated = [*_asked((*place, "target"), item.target)]
        if item.where:
            stated.append(((*place, "where"), partial(_meets, item.where)))
        alone = [path for path, meets in stated if everyone and not any(map(meets, everyone))]
        for path in alone:
            yield Finding(path, f"nobody: {_why(path[-1], item, everyone, last)}")
        if everyone and not alone and not any(all(meets(one) for _, meets in stated) for one in everyone):
            asked = ", ".join(path[-1] for path, _ in stated)
            yield Finding((*place, "target"), f"nobody: no enterprise can meet all of {asked} together")


def _asked(path: Path, target: Target) -> Iterator[tuple[Path, Callable[[Who], bool]]]:
    """What a target asks for beside segments, each with whether an enterprise may meet it."""
    for field, word in (("parks", "park"), ("owners", "owner")):
        if wanted := frozenset(getattr(target, field)):
            yield (*path, field), partial(_is_one_of, word, wanted)
    if target.enterprises:
        yield (*path, "enterprises"), partial(_is_named, target.enterprises)
    if target.high_tech:
        yield (*path, "high_tech"), partial(_reaches, "high_tech", 1.0)
    for quantity in ("employees", "sales", "age", "rd_share"):
        least, most = getattr(target, f"min_{quantity}"), getattr(target, f"max_{quantity}", None)
        if least is not None:
            yield (*path, f"min_{quantity}"), partial(_reaches, quantity, least)
        if most is not None:
            yield (*path, f"max_{quantity}"), partial(_stays_below, quantity, most)


def _is_one_of(word: str, wanted: frozenset[str], one: Who) -> bool:
    return bool(one.words(word) & wanted)


def _is_named(ids: tuple[str, ...], one: Who) -> bool:
    return one.id in ids


def _reaches(quantity: str, least: float, one: Who) -> bool:
    return one.range(quantity)[1] >= least


def _stays_below(quantity: str, most: float, one: Who) -> bool:
    return one.range(quantity)[0] <= most


def _meets(condition: str, one: Who) -> bool:
    return can_hold(condition, one.known)


def _why(field: str, item: Intervention, everyone: list[Who], last: int) -> str:
    """What enterprises there are instead of those that a field asks for."""
    target = item.target
    if field == "where":
        return f"no enterprise of the base year is so or may become so; there: {', '.join(_there(names_in(item.where), everyone))}"
    if field in ("owners", "parks"):
        word, verb = ("owner", "belongs to") if field == "owners" else ("park", "is in")
        there = sorted({name for one in everyone for name in one.words(word)})
        asked = ", ".join(getattr(target, field))
        return f"in the base year no enterprise in these segments {verb} {asked}; {field} there: {', '.join(there)}"
    if field == "enterprises":
        return "these enterprises belong to no segment of the target"
    if field == "high_tech":
        return "high_tech_share is 0 in these segments"
    quantity, least = field.partition("_")[2], getattr(target, field)
    most = max(one.range(quantity)[1] for one in everyone)
    if field == "max_age":
        return f"the youngest enterprise there is older, {min(one.range('age')[0] for one in everyone):g} years"
    if quantity == "age":
        meaning = f"; did you mean {last - least:g}, the years since {least:g}?" if 1900 <= least <= last else ""
        return f"no enterprise there is older than {most:g} years in {last}{meaning}"
    if quantity == "rd_share":
        usual = f"{most / MORE_RESEARCH:.3g} of sales in the base year"
        return f"enterprises there spend at most {usual} on R&D, and hardly {MORE_RESEARCH:g} times as much later"
    largest, factor = (most / GROWN_ALONE, GROWN_ALONE) if target.enterprises else (most / GROWN, GROWN)
    return (
        f"{figure(least)} is more than {factor:g} times what the largest there has, {figure(largest)}"
        f"{meant(least, 1e-4 * largest, 0.2 * largest)}"
    )


def _there(names: list[str], everyone: list[Who]) -> Iterator[str]:
    """What the quantities and words of a condition may be, as far as that is known."""
    for name in names:
        if words := sorted({word for one in everyone for word in one.words(name)}):
            yield f"{name} {' or '.join(words[:6])}"
            continue
        low, high = (end(one.range(name)[k] for one in everyone) for k, end in enumerate((min, max)))
        yield f"{name} any" if low == -inf and high == inf else f"{name} {low:.6g} to {high:.6g}"


def meant(number: float, low: float, high: float) -> str:
    """The end of a message: the number in another unit that lies in the range, if there is one."""
    near = [number * factor for factor in SLIPS if number and low <= number * factor <= high]
    return f"; did you mean {near[0]:.6g}?" if near else ""


def figure(number: float) -> str:
    """A number to read: whole from 100 on."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.4g}"


def numbers(path: Path, value: Any) -> Iterator[tuple[Path, float]]:
    """A number, or the numbers of a mapping, with their paths."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from numbers((*path, str(key)), item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, float(value)


def interventions(scenario: ScenarioFields) -> Iterator[tuple[tuple[str, str], Intervention]]:
    """Levers and shocks with their places."""
    for block in ("levers", "shocks"):
        for name, item in getattr(scenario, block).items():
            yield (block, name), item


def buyers(scenario: ScenarioFields) -> Iterator[Finding]:
    """Buyers who are to ask, or to meet, suppliers of whom they buy nothing."""
    segments = scenario.chain.segments
    for place, item in interventions(scenario):
        stated = getattr(item, "buyers", ())
        supplied = {name for name, segment in segments.items() if _in_segment(item.target, name, segment)}
        asked: list[tuple[Path, list[str]]]
        if isinstance(stated, Target):
            asked = [((*place, "buyers"), [name for name, each in segments.items() if _in_segment(stated, name, each)])]
        else:
            asked = [((*place, "buyers", str(number)), [name]) for number, name in enumerate(stated)]
        for path, names in asked:
            bought = {product for name in names for product, part in segments[name].inputs.items() if part}
            if names and supplied and not bought & supplied:
                known = f"; {', '.join(names)} buys {', '.join(sorted(bought)) or 'no input'}" if len(names) < 4 else ""
                yield Finding(
                    path, f"buys nothing of the segments that are meant, so that nothing is asked there{known}"
                )


def mixed(scenario: ScenarioFields) -> Iterator[Finding]:
    """Two levers of one type for the same enterprises, of which the stronger decides what both give."""
    levers = [(name, lever) for name, lever in scenario.levers.items() if lever.meets_others or _is_total(lever)]
    for (first, one), (second, other) in combinations(levers, 2):
        says, there = (lever.stacking or ("add" if _is_total(lever) else "") for lever in (other, one))
        if one.type != other.type or not (says and there) or not meet(scenario, one, other):
            continue
        path = ("levers", second if other.stacking else first, "stacking")
        if says != there:
            message = f"'{says}' where '{first}' says '{there}', for the same enterprises in the same years"
            rule = "what they get together depends on which is stronger; state the same in both"
            yield Finding(path, f"{message}: {rule}")
        elif _is_total(one) and says == "highest" and (one.target, one.where) != (other.target, other.where):
            message = f"'highest' beside '{first}', which is meant for the same enterprises in part, in the same years"
            rule = "what both spend together depends on which is larger; state one target, or add"
            yield Finding(path, f"{message}: {rule}")


def _is_total(lever: Lever) -> bool:
    """Whether its strength is what it spends or serves in all, and no offer to each enterprise."""
    return lever.strength_field in ("budget", "heads")


CHECKS = (schedules, budgets, heads, targets, buyers, mixed)
