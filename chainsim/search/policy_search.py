"""The search that a policy is where no file states one: every lever with a strength, from nothing to its high case.

A lever of which more is asked for than its budget pays is as strong as its budget. The budget of any other may grow
without end and do nothing, so that what moves is what it pays or does. Where that would end at the budget, as people
do whose grants are counted, the budget stands at its high case, which changes nothing of the policy as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from chainsim.runs.certified import Damaged
from chainsim.runs.ensemble import run
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.explain import explained, found
from chainsim.scenario.load import load
from chainsim.search.emulator import Emulator, read_emulator
from chainsim.search.portfolios import Search
from chainsim.search.search_file import search_of
from chainsim.search.surface import OUTSIDE

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

BEYOND = 2.0
"""High case of a number that has no range, over its value."""
SCARCE = 1.05
"""What is asked of a lever over what it spends, all years together, from which on its money is short."""


def search_of_policy(base: str | Path, policy: str | Path) -> Search:
    """What can be moved of a policy beside a baseline; the policy is run once to see which budgets are short.

    *Raises* ScenarioError where a scenario is wrong, ValueError where no lever has a strength, RunFailed where the run
    fails.
    """
    without, scenario = load(base), load(policy)
    own = [name for name in scenario.levers if name not in without.levers]
    told = spending(scenario) if own else pd.DataFrame()
    ranges: dict[str, list[float]] = {}
    room: dict[str, float] = {}
    for name in own:
        money, fields = told.loc[name], (scenario.levers[name].strength_field, "budget")
        is_short = money["requested"] > SCARCE * money["outlay"]
        moved = range_of(scenario, name, fields[::-1] if is_short else fields)
        for path, (_, high) in moved.items():
            at_high = money["requested"] * high / found(scenario, path)
            if not is_short and not money["cut"] and at_high > money["budget"]:
                room |= {at: most for at, (_, most) in range_of(scenario, name, ("budget",)).items() if at != path}
        ranges |= moved
    if not ranges:
        raise ValueError(f"{policy} has no lever with a strength that {base} lacks")
    return search_of({"base": without, "policy": scenario.replace(room), "levers": ranges, "aims": {"jobs": "max"}})


def spending(policy: Scenario) -> pd.DataFrame:
    """What is asked of levers, what they spend and may spend, and how many years are cut short, by one run.

    A row a lever, columns requested, outlay, budget (CNY million, all years together) and cut. *Raises* RunFailed.
    """
    table = run(policy, seed=policy.seed).levers
    table["cut"] = table["requested"] > table["outlay"] * (1.0 + OUTSIDE)
    return table.groupby("lever")[["requested", "outlay", "budget", "cut"]].sum()


def range_of(policy: Scenario, lever: str, fields: Sequence[str]) -> dict[str, list[float]]:
    """The first of some fields of a lever that is a number, from nothing to its high case, by path; or nothing.

    The high case is twice the value where no range is stated.
    """
    for field in fields:
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
