"""One run: the base year, built once and kept, and the years that follow it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from copy import copy, deepcopy
from typing import TYPE_CHECKING

from chainsim.indicators import Recorder, Recording
from chainsim.policy.programme import Programme
from chainsim.scenario.identity import canonical
from chainsim.scenario.to_arrays import scenario_arrays
from chainsim.stages.year import steps

if TYPE_CHECKING:
    from chainsim.economy.columns import Reference
    from chainsim.economy.economy import Economy
    from chainsim.scenario.schema import Scenario

KEPT_BASE_YEARS = 4
BASE_YEAR_PARTS = ("years", "chain", "enterprises", "region", "population", "stages")
_base_years: OrderedDict[str, Economy] = OrderedDict()


def population_seed(scenario: Scenario, seed: int) -> int:
    """Seed of the base-year population in the run with `seed`."""
    first = scenario.seed if scenario.population.seed is None else scenario.population.seed
    return first + (seed - scenario.seed) if scenario.population.vary else first


def base_year(scenario: Scenario, seed: int) -> Economy:
    """The economy of the base year for one run, an independent copy; equal base years are built once and kept.

    Raises:
        ValueError: the scenario's enterprises or rates contradict each other.
    """
    from chainsim.base_year import build

    first = population_seed(scenario, seed)
    key = _key(scenario, first)
    kept = _base_years.pop(key, None)  # taken out and put back, so that threads never look for what another dropped
    if kept is None:
        kept = build(scenario_arrays(scenario), scenario.stages, scenario.enterprises, first)
    _base_years[key] = kept
    while len(_base_years) > KEPT_BASE_YEARS:
        _base_years.popitem(last=False)
    return kept.copy(seed)


def _key(scenario: Scenario, seed: int) -> str:
    """Identity of what a base year depends on; parameters and rules that users add to stages included."""
    parts = [canonical(getattr(scenario, name)) for name in BASE_YEAR_PARTS]
    kinds = [id(type(stage)) for _, stage in scenario.stages]
    return hashlib.sha256(repr((seed, kinds, parts)).encode()).hexdigest()


class Simulation:
    """An economy and the tables it has produced so far; `step` simulates one year."""

    def __init__(self, scenario: Scenario, seed: int, reference: Reference | None = None) -> None:
        self.economy = base_year(scenario, seed)
        self.economy.reference = reference
        self.economy.programme = Programme(scenario.levers, scenario.shocks)
        self.recorder = Recorder(self.economy, scenario.record.enterprises, scenario.record.links)

    def fork(self, scenario: Scenario) -> Simulation:
        """A copy of the run in its present state, luck and tables included, that goes on with the scenario's stages.

        Levers and shocks stay those of this run; give the copy's economy another programme to change them.
        """
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
        self.recorder.record(self.economy)

    def recording(self) -> Recording:
        """The tables so far."""
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
