"""Elasticities of the whole model to dearer suppliers outside and to more R&D, on pairs of runs of the same luck."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from chainsim.economy.economy import Economy
from chainsim.economy.types import Array
from chainsim.scenario.scenario import Scenario
from chainsim.stages import Innovation, Sourcing
from chainsim.validation.paired_runs import Pair, observed

CHANGE = 0.1
"""Size of the change, relative."""


class DearerOutside(Sourcing):
    """Suppliers outside the region are dearer by `CHANGE` in the eyes of buyers, from the first simulated year."""

    def outside_pull(self, economy: Economy) -> Array:
        """Pull of national and foreign supply at the higher price, (S, 2)."""
        pull = super().outside_pull(economy)
        return pull * (1.0 + CHANGE) ** -self.substitution if economy.years > 0 else pull


class MoreResearch(Innovation):
    """Every R&D budget is higher by `CHANGE`, from the first simulated year."""

    def rd_budget(self, economy: Economy) -> Array:
        """R&D budget of the year, (n,), CNY million."""
        budget = super().rd_budget(economy)
        return budget * (1.0 + CHANGE) if economy.years > 0 else budget


def sourcing_elasticity(
    scenario: Scenario, years: Sequence[int] = (1, 5, 20), seeds: Sequence[int] = (1, 2, 3)
) -> pd.DataFrame:
    """Elasticity of the quantity bought locally over outside to the outside price, by years since the change.

    Rare review and capacity hold the choice back, so it stays below `stages.sourcing.substitution` for long.

    Returns:
        Columns years, elasticity, sd (over seeds).
    """
    return _measure(scenario, _stage(scenario, DearerOutside, "sourcing"), local_odds, years, seeds)


def rd_elasticity(
    scenario: Scenario, years: Sequence[int] = (1, 5, 10, 15), seeds: Sequence[int] = (1, 2, 3)
) -> pd.DataFrame:
    """Elasticity of productivity and quality together to R&D, mean over chain enterprises, by years since the change.

    Returns:
        Columns years, elasticity, sd (over seeds).
    """
    return _measure(scenario, _stage(scenario, MoreResearch, "innovation"), technology, years, seeds)


def local_odds(economy: Economy) -> float:
    """Log of local over outside quantities of modelled inputs at constant prices."""
    links = economy.links
    quantity = links.coefficient * economy.output[links.buyer]
    local = links.supplier >= 0
    return float(np.log(quantity[local].sum() / quantity[~local].sum()))


def technology(economy: Economy) -> float:
    """Mean log productivity plus quality of chain enterprises."""
    rows = np.flatnonzero(economy.active & economy.arrays.chain[economy.segment])
    return float((np.log(economy.productivity[rows]) + economy.quality[rows]).mean())


def _stage(scenario: Scenario, kind: type[Sourcing] | type[Innovation], key: str) -> Sourcing | Innovation:
    return kind(**getattr(scenario.stages, key).model_dump())


def _measure(
    scenario: Scenario,
    stage: Sourcing | Innovation,
    outcome: Callable[[Economy], float],
    years: Sequence[int],
    seeds: Sequence[int],
) -> pd.DataFrame:
    changed = scenario.replace(stages=[stage])
    effects = np.array([_paired(scenario, changed, outcome, years, seed) for seed in seeds]) / np.log1p(CHANGE)
    return pd.DataFrame({"years": list(years), "elasticity": effects.mean(axis=0), "sd": effects.std(axis=0)})


def _paired(
    base: Scenario, changed: Scenario, outcome: Callable[[Economy], float], years: Sequence[int], seed: int
) -> list[float]:
    def look(pair: Pair) -> float:
        return outcome(pair.under) - outcome(pair.without)

    effects = observed(base, changed, seed, max(years), look)
    return [effects[year - 1] for year in years]
