"""The search that a policy is where no file states one: every lever with a strength, from nothing to its high case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chainsim.runs.certified import Damaged
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.explain import explained, found
from chainsim.scenario.load import load
from chainsim.search.emulator import Emulator, read_emulator
from chainsim.search.portfolios import Search
from chainsim.search.search_file import search_of

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

BEYOND = 2.0
"""High case of a number that has no range, over its value."""


def search_of_policy(base: str | Path, policy: str | Path) -> Search:
    """What can be moved of a policy beside a baseline.

    *Raises* ScenarioError where a scenario is wrong, ValueError where no lever has a strength.
    """
    without, scenario = load(base), load(policy)
    ranges: dict[str, list[float]] = {}
    for name in scenario.levers:
        if name not in without.levers:
            ranges |= range_of(scenario, name)
    if not ranges:
        raise ValueError(f"{policy} has no lever with a strength that {base} lacks")
    return search_of({"base": without, "policy": scenario, "levers": ranges, "aims": {"jobs": "max"}})


def range_of(policy: Scenario, lever: str) -> dict[str, list[float]]:
    """The strength of a lever with its range, by path: its budget, or else its own; nothing of one that has none."""
    for field in ("budget", policy.levers[lever].strength_field):
        path = f"levers.{lever}.{field}"
        try:
            value = found(policy, path)
        except ScenarioError:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            continue
        high = explained(policy, path)[0].high or BEYOND * value
        return {path: [0.0, max(high if is_legal(policy, path, high) else value, value)]}
    return {}


def is_legal(policy: Scenario, path: str, value: float) -> bool:
    """Whether a policy may state a value."""
    try:
        policy.replace({path: value})
    except ScenarioError:
        return False
    return True


def known(place: Path, search: Search) -> Emulator | None:
    """The emulator of a file where it is one of these scenarios and settings; None of any other, or of none."""
    if not place.is_file():
        return None
    try:
        emulator = read_emulator(place)
    except (ScenarioError, Damaged):
        return None
    stated = [emulator.about["scenarios"][role]["hash"] for role in ("base", "policy")]
    same = stated == [search.base.hash, search.policy.hash] and emulator.surface.settings == search.settings
    return emulator if same else None
