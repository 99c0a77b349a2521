"""Worlds of the same luck side by side: a baseline and, beside it, the same region under other levers, shocks or stages.

Households of the other worlds expect the labour income that the baseline had the year before, so that only what a policy
gives or takes changes what they spend. Comparisons, coalitions of levers and experiments on levers all run on this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from chainsim.economy.columns import Reference
from chainsim.runs.simulation import Simulation
from chainsim.scenario.schema import Scenario

BASE_YEAR = "base year"
"""Name of the step before the first simulated year: the base year as built."""


def step_together(worlds: Sequence[Simulation]) -> Iterator[str]:
    """Simulate and record the next year of all worlds: yields the name of every step when all have done it.

    Raises:
        RunError: a stage of a world failed or its books do not close.
    """
    for done in zip(*(world.steps() for world in worlds), strict=True):
        yield done[0]


class PairedWorlds:
    """A baseline and worlds beside it, all of one seed; `income` is the baseline's labour income by year so far.

    All are advanced together by `steps` or `step`. A world that is made when the baseline has ended (`beside`) can be
    advanced alone, for it expects what the baseline earned in every year.
    """

    def __init__(self, base: Scenario, others: Sequence[Scenario], seed: int) -> None:
        """Build the base year of all worlds."""
        self.seed = seed
        self.base = Simulation(base, seed)
        self.income = [self.base.economy.labour_income]
        self.others = tuple(self.beside(scenario) for scenario in others)

    def beside(self, scenario: Scenario) -> Simulation:
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
