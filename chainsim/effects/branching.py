"""Several futures of one past: a run is simulated up to a year and goes on under other levers, shocks and stages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast, overload

from chainsim.effects.divergence import run_of
from chainsim.effects.pairing import paired
from chainsim.policy.lever import Lever
from chainsim.policy.programme import Programme
from chainsim.runs.provenance import now, provenance
from chainsim.runs.results import Result
from chainsim.runs.simulation import Simulation
from chainsim.scenario.resolved import Resolved
from chainsim.scenario.scenario import Scenario


@overload
def branch(
    past: Scenario | Result | tuple[Scenario, int], year: int, future: Scenario, seed: int | None = None
) -> Result: ...
@overload
def branch(
    past: Scenario | Result | tuple[Scenario, int], year: int, future: Iterable[Scenario], seed: int | None = None
) -> list[Result]: ...
def branch(
    past: Scenario | Result | tuple[Scenario, int],
    year: int,
    future: Scenario | Iterable[Scenario],
    seed: int | None = None,
) -> Result | list[Result]:
    """Simulate the past up to the beginning of `year` once, and go on from there under each future scenario.

    A future may have other levers, shocks and stages; these hold from `year` on, and what the base year fixed with the
    past's stages stays. A lever of the past that the future lacks ends with the past, but what it guaranteed and may
    claw back remains; one that both have goes on, with what it has spent. The result holds all years, the past's
    included. One future gives one result, several give a list.

    Raises:
        ScenarioError: a future differs from the past in more than levers, shocks, groups and stages.
        ValueError: the year is not one that is simulated.
        RunError: the past or a future failed.
    """
    started = now()
    scenario, number = run_of(past, seed)
    futures = [future] if isinstance(future, Resolved) else list(future)
    ready = [paired(scenario, item).model_copy(update={"name": item.name}) for item in futures]
    if not scenario.years.start < year <= scenario.years.end:
        raise ValueError(
            f"year {year} is not simulated; a branch starts in {scenario.years.start + 1} to {scenario.years.end}"
        )
    root = Simulation(scenario, number)
    while root.economy.year < year - 1:
        root.step()
    results = []
    for item in ready:
        world = grown(root, scenario, item, year)
        while world.running:
            world.step()
        results.append(Result(item, [world.recording()], provenance(item, [number], started)))
    return results[0] if isinstance(future, Resolved) else results


def grown(root: Simulation, past: Scenario, future: Scenario, year: int) -> Simulation:
    """A copy of the past's run that goes on under the future's levers, shocks and stages from `year` on."""
    world = root.fork(future)
    ended = {name: cut(lever, year) for name, lever in past.levers.items() if name not in future.levers}
    world.economy.programme = handed_over(
        cast(Programme, world.economy.programme), future, {k: v for k, v in ended.items() if v}
    )
    return world


def cut(lever: Lever, year: int) -> Lever | None:
    """The lever ending before `year`; None where it would not have begun."""
    first, last = lever.span
    return lever.model_copy(update={"years": f"{first}-{min(last, year - 1)}"}) if first < year else None


def handed_over(programme: Programme, future: Scenario, ended: dict[str, Lever | None]) -> Programme:
    """The past's programme under the future's levers and shocks, with all that it remembers."""
    programme.levers = {**future.levers, **{name: lever for name, lever in ended.items() if lever is not None}}
    programme.shocks = dict(future.shocks)
    programme.spent = {name: programme.spent.get(name, 0.0) for name in programme.levers}
    programme.strengths = {}  # who acts first is found anew
    return programme
