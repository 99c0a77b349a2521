"""Which scenarios can be compared, and the runs of two that are.

A pair has the same region, chain, enterprises and years; its levers, shocks and stages may differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import pandas as pd

from chainsim.policy.lever import Intervention
from chainsim.runs.results import Result
from chainsim.scenario.errors import Mark, Problems
from chainsim.scenario.resolved import canonical
from chainsim.scenario.scenario import Scenario

SAME = ("years", "chain", "enterprises", "region", "population")
"""Blocks that both worlds of a pair must share: they make the base year, and luck belongs to what is in it."""
LABELS = frozenset({"title"})
"""What people read and no rule does: it touches neither base year nor luck."""
NEVER = 10_000
"""The first policy year where the scenarios do not differ."""
HORIZONS = (1, 5, 10, 15)
"""Years of policy after which effects are looked at; the first policy year is year 1."""


@dataclass(frozen=True)
class Pairing:
    """The runs of a baseline and of one policy in the same luck, and the tables of what was seen of every pair."""

    base: Result
    policy: Result
    seen: Mapping[str, pd.DataFrame]

    @property
    def name(self) -> str:
        """Name of the policy."""
        return self.policy.scenario.name

    @property
    def pairs(self) -> int:
        """Number of pairs."""
        return self.base.replications

    @property
    def first_year(self) -> int:
        """The first year in which the policy asks for something else than the baseline; NEVER where it does not."""
        return first_policy_year(self.base.scenario, self.policy.scenario)

    @property
    def horizons(self) -> dict[int, int]:
        """Years by the number of years of policy they end, as far as they are simulated."""
        return horizons(self.first_year, *self.base.years)


def horizons(first_year: int, start: int, end: int) -> dict[int, int]:
    """Years by the number of years of policy they end, as far as they are simulated, for the first policy year."""
    first = max(first_year, start + 1)
    return {number: first - 1 + number for number in HORIZONS if first < NEVER and first - 1 + number <= end}


def paired(base: Scenario, policy: Scenario) -> Scenario:
    """The policy scenario with the seeds and the record of the base, ready to be run beside it.

    Raises:
        ScenarioError: with every block in which the two must agree and do not.
    """
    problems = Problems()
    same_money(base, policy, problems)
    for block in SAME:
        for path in unlike(getattr(base, block), getattr(policy, block), block):
            mark = policy.mark(path) or base.mark(path) or Mark(policy.name)
            problems.add(mark, tuple(path.split(".")), f"differs from {base.name}; {REMEDY}")
    problems.stop()
    return policy.model_copy(update={"seed": base.seed, "replications": base.replications, "record": base.record})


def same_money(base: Scenario, other: Scenario, problems: Problems) -> None:
    """Stop where two scenarios count in different money. *Raises* ScenarioError with both."""
    if base.money != other.money:
        said = f"{other.name} counts in {other.money}, {base.name} in {base.money}; convert one of them"
        problems.add(other.mark("money") or base.mark("money") or Mark(other.name), ("money",), said)
        problems.stop()


REMEDY = "scenarios can be compared where only levers, shocks, groups and stages differ"


def unlike(one: Any, other: Any, path: str) -> Iterable[str]:
    """Dotted paths of the values that differ, blocks opened as far as both have them; titles do not count."""
    if canonical(one) == canonical(other):
        return []
    fields = _fields(one), _fields(other)
    if None in fields:
        return [path]
    first, second = fields
    assert first is not None
    assert second is not None
    if list(first) != list(second):
        return [f"{path}.{name}" for name in [*first, *second] if (name in first) != (name in second)] or [path]
    return [found for name in first for found in unlike(first[name], second[name], f"{path}.{name}")]


def _fields(value: Any) -> dict[str, Any] | None:
    kind = type(value)
    if hasattr(kind, "model_fields"):
        return {name: getattr(value, name) for name in kind.model_fields if name not in LABELS}
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) and value else None


def changed(base: Mapping[str, Any], policy: Mapping[str, Any]) -> list[str]:
    """Names of levers or shocks that are new, gone or different in the policy, its own first."""
    names = dict.fromkeys([*policy, *base])
    return [name for name in names if canonical(base.get(name)) != canonical(policy.get(name))]


def new_levers(base: Scenario, policy: Scenario) -> tuple[str, ...]:
    """Levers that the policy has and the baseline has not or has otherwise."""
    return tuple(name for name in changed(base.levers, policy.levers) if name in policy.levers)


def interventions(base: Scenario, policy: Scenario) -> list[Intervention]:
    """Every lever and shock, of either scenario, that the other has not or has differently."""
    found: list[Intervention] = []
    for block in ("levers", "shocks"):
        ours, theirs = getattr(base, block), getattr(policy, block)
        for name in changed(ours, theirs):
            found += [side[name] for side in (ours, theirs) if name in side]
    return found


def first_policy_year(base: Scenario, policy: Scenario) -> int:
    """The first simulated year in which the scenarios ask for something different; NEVER where they do not.

    Other parameters of stages count from the base year on, for the base year is built with them.
    """
    if canonical(base.stages) != canonical(policy.stages):
        return base.years.start
    starts = [max(item.span[0], base.years.start + 1) for item in interventions(base, policy)]
    starts = [year for year in starts if year <= base.years.end]
    return min(starts, default=NEVER)


def labels(base: Scenario, policies: Iterable[Scenario]) -> list[str]:
    """Names for the policies, no two alike and none that of the base.

    A name that others have too is told with the folder of the file that gave it, or with a number.
    """
    policies = list(policies)
    given = Counter(each.name for each in (base, *policies))
    taken, found = {base.name}, []
    for policy in policies:
        name, folder = policy.name, _folder(policy)
        if given[name] > 1 and folder:
            name = f"{name[:60]} ({folder[:30]})"
        word = "policy" if policy.name == base.name else policy.name[:90]
        numbered = (word if number == 1 else f"{word} {number}" for number in count(1))
        name = next(each for each in (name, *islice(numbered, len(policies) + 1)) if each not in taken)
        taken.add(name)
        found.append(name)
    return found


def _folder(scenario: Scenario) -> str:
    """The folder of the file that gave a scenario its name; nothing where the name is stated."""
    place = scenario.origins.get("name")
    folder = place.file.rpartition("/")[0] if place is not None else ""
    return folder if folder.isprintable() else ""
