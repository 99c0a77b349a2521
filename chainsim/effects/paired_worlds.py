"""Worlds of the same luck side by side: a baseline and the same region under other levers, shocks or stages.

Households of the other worlds expect the labour income that the baseline had the year before, so that only what a
policy gives or takes changes what they spend. Comparisons, coalitions of levers and experiments on levers all run on
this.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from chainsim.economy.columns import Reference
from chainsim.runs.dispatch import outcomes_of
from chainsim.runs.ensemble import RunFailed
from chainsim.runs.simulation import Simulation
from chainsim.runs.worker import Failure, Report, Work
from chainsim.scenario.scenario import Scenario
from chainsim.stages.year import step_names

BASE_YEAR = "base year"
"""Name of the step before the first simulated year: the base year as built."""


def step_together(worlds: Sequence[Simulation]) -> Iterator[str]:
    """Simulate and record the next year of all worlds: yields the name of every step once all have done it.

    Raises:
        RunError: a stage of a world failed or its books do not close.
        ValueError: the worlds have stages in opposite orders.
    """
    names = [step_names(world.economy) for world in worlds]
    running = [world.steps() for world in worlds]
    for name in merged(names):
        for own, steps in zip(names, running, strict=True):
            if name in own:
                next(steps)
        yield name
    for steps in running:
        next(steps, None)  # what is recorded after the last step


def merged(calendars: Sequence[Sequence[str]]) -> list[str]:
    """The steps of all calendars in an order that is that of each: what only one has follows what it follows there.

    Raises:
        ValueError: two calendars have steps in opposite orders.
    """
    order = list(calendars[0])
    for calendar in calendars[1:]:
        for number, name in enumerate(calendar):
            if name not in order:
                order.insert(order.index(calendar[number - 1]) + 1, name)
        if [name for name in order if name in calendar] != list(calendar):
            raise ValueError(
                f"the worlds have stages in different orders: {', '.join(order)} and {', '.join(calendar)}"
            )
    return order


class PairedWorlds:
    """A baseline and worlds beside it, all of one seed; `income` is the baseline's labour income by year so far.

    All are advanced together by `steps` or `step`. A world that is made when the baseline has ended (`new_world`) can
    be advanced alone, for it expects what the baseline earned in every year.
    """

    def __init__(self, base: Scenario, others: Sequence[Scenario], seed: int) -> None:
        """Build the base year of all worlds."""
        self.seed = seed
        self.base = Simulation(base, seed)
        self.income = [self.base.economy.labour_income]
        self.others = tuple(self.new_world(scenario) for scenario in others)

    def new_world(self, scenario: Scenario) -> Simulation:
        """A world in its base year whose households expect the income that the baseline has had so far."""
        return Simulation(scenario, self.seed, Reference(np.array(self.income)))

    @property
    def running(self) -> bool:
        """Whether years are left."""
        return self.base.running

    @property
    def next_year(self) -> int:
        """The year that the next step begins."""
        return self.base.economy.year + 1

    def steps(self) -> Iterator[str]:
        """Simulate and record the next year of all worlds: yields the name of every step when all have done it.

        Raises:
            RunError: as `step_together`.
        """
        expected = Reference(np.array(self.income))
        for world in self.others:
            world.economy.reference = expected
        yield from step_together([self.base, *self.others])
        self.income.append(self.base.economy.labour_income)

    def step(self) -> None:
        """Simulate and record the next year of all worlds.

        Raises:
            RunError: as `step_together`.
        """
        for _ in self.steps():
            pass


class PairFailed(RunFailed):
    """A run of a comparison raised; says how to repeat that one pair."""

    def message(self, file: str, settings: tuple[str, ...] = (), *policies: str) -> str:
        """The message for a baseline file, settings that were given with it, and policy files."""
        when = f" in {self.year}" if self.year is not None else ""
        command = ["chainsim", "compare", file, *policies, "--seed", str(self.seed), "--replications", "1"]
        for setting in settings:
            command += ["--set", setting]
        return (
            f"the comparison with seed {self.seed} failed{when}: {self.failure.reason}\n"
            f"repeat it with: {shlex.join(command)}"
        )


def outcomes_in_order(work: Work, seeds: Sequence[int], jobs: int, report: Report, name: str) -> list[Any]:
    """The outcomes of all seeds, in their order. *Raises* RunFailed."""
    outcomes = outcomes_of(work, seeds, min(jobs, len(seeds)), report)
    for outcome in outcomes.values():
        if isinstance(outcome, Failure):
            raise PairFailed(name, outcome)
    return [outcomes[seed] for seed in seeds]
