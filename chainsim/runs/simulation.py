"""One run: the base year, built once and kept, and the years that follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy, deepcopy
from typing import TYPE_CHECKING, Any

from chainsim.indicators.recorder import Recorder
from chainsim.indicators.table import Recording
from chainsim.policy.programme import Programme
from chainsim.runs.base_years import BaseYears
from chainsim.scenario.to_arrays import scenario_arrays
from chainsim.stages.year import named, steps

if TYPE_CHECKING:
    from chainsim.economy.columns import Reference
    from chainsim.economy.economy import Economy
    from chainsim.scenario.scenario import Scenario

BASE_YEARS = BaseYears(most=32)
"""Base years of this process: pairs of worlds and the points of a sweep need few at a time."""


def base_year(scenario: Scenario, seed: int) -> Economy:
    """The economy of the base year for one run, an independent copy; equal base years are built once and kept.

    Raises:
        ValueError: the scenario's enterprises or rates contradict each other.
    """
    return BASE_YEARS.economy(scenario, seed)


class Simulation:
    """An economy and the tables it has produced so far; `step` simulates one year."""

    def __init__(self, scenario: Scenario, seed: int, reference: Reference | None = None) -> None:
        self.economy = base_year(scenario, seed)
        self.economy.reference = reference
        self.economy.programme = Programme(scenario.levers, scenario.shocks)
        with named(self.economy, "recording", strict=True):
            self.recorder = Recorder(self.economy, scenario.record.enterprises, scenario.record.links)

    def fork(self, scenario: Scenario) -> Simulation:
        """A copy of the run in its present state, luck and tables included, that goes on with the scenario's stages.

        Levers and shocks stay those of this run; give the copy's economy another programme to change them.
        """
        self.recorder.make()  # by the stages under which these years were lived
        other = copy(self)
        other.economy, other.recorder = self.economy.copy(self.economy.seed), deepcopy(self.recorder)
        other.economy.stages, other.economy.arrays = scenario.stages, scenario_arrays(scenario)
        return other

    @property
    def running(self) -> bool:
        """Whether years are left."""
        return self.economy.year < self.economy.arrays.end

    def step(self) -> None:
        """Simulate and record the next year.

        Raises:
            RunError: a stage failed or the books do not close.
        """
        for _ in self.steps():
            pass

    def steps(self) -> Iterator[str]:
        """Simulate and record the next year, stopping after every step: yields its name.

        Raises:
            RunError: as `step`.
        """
        yield from steps(self.economy)
        with named(self.economy, "recording", strict=True):
            self.recorder.record(self.economy)

    def latest(self, table: str) -> Mapping[str, Any]:
        """The last year's rows of a table of segments or their groups, (rows,) by column.

        Raises:
            RunError: as `recording`.
        """
        with named(self.economy, "recording", strict=True):
            return self.recorder.latest(table)

    def recording(self) -> Recording:
        """The tables so far.

        Raises:
            RunError: a number of the tables is beyond what a region could hold.
        """
        with named(self.economy, "recording", strict=True):
            return self.recorder.recording(self.economy.seed)


def simulate(
    scenario: Scenario,
    seed: int,
    progress: Callable[[int], None] | None = None,
    reference: Reference | None = None,
) -> Recording:
    """Run a scenario with one seed; `progress` is called with every year done.

    Raises:
        RunError: the run cannot go on; names seed, year and stage.
    """
    simulation = Simulation(scenario, seed, reference)
    while simulation.running:
        simulation.step()
        if progress is not None:
            progress(simulation.economy.year)
    return simulation.recording()
