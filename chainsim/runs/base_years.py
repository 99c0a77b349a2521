"""Base years, built once and kept: runs that differ in luck, levers and shocks start from copies of the same one."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from chainsim.base_year.build import build
from chainsim.scenario.resolved import content, fingerprints
from chainsim.scenario.to_arrays import scenario_arrays
from chainsim.stages.year import FAR_OUTSIDE

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.scenario.scenario import Scenario

PARTS = ("years", "chain", "enterprises", "region", "population", "stages")
"""Parts of a scenario that a base year depends on."""


def population_seed(scenario: Scenario, seed: int) -> int:
    """Seed of the base-year population in the run with `seed`."""
    first = scenario.seed if scenario.population.seed is None else scenario.population.seed
    return first + (seed - scenario.seed) if scenario.population.vary else first


def built(scenario: Scenario, seed: int) -> Economy:
    """The base year of the run with `seed`, built anew.

    Raises:
        ValueError: the scenario's enterprises or rates contradict each other.
    """
    first = population_seed(scenario, seed)
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            return build(scenario_arrays(scenario), scenario.stages, scenario.enterprises, first)
    except FloatingPointError as error:
        raise ValueError(f"the base year has no solution: {error}; {FAR_OUTSIDE}") from error


class BaseYears:
    """The last `most` base years that were asked for, most recent last. Threads may share it."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept: OrderedDict[tuple[object, ...], Economy] = OrderedDict()

    def economy(self, scenario: Scenario, seed: int) -> Economy:
        """The economy of the base year for one run, an independent copy with the luck of `seed`.

        Raises:
            ValueError: the scenario's enterprises or rates contradict each other.
        """
        key = self.identity(scenario, population_seed(scenario, seed))
        found = self.kept.pop(key, None)  # taken out and put back, so that threads never look for what another dropped
        if found is None:
            found = built(scenario, seed)
        self.kept[key] = found
        while len(self.kept) > self.most:
            self.kept.popitem(last=False)
        return found.copy(seed)

    def identity(self, scenario: Scenario, seed: int) -> tuple[object, ...]:
        """What a base year depends on; parameters and rules that users add to stages included."""
        kinds = [type(stage) for _, stage in scenario.stages]
        rules = tuple((id(kind), *fingerprints(kind)) for kind in kinds)
        return seed, rules, *(content(getattr(scenario, name)) for name in PARTS)
