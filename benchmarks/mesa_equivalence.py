"""Whether plain Mesa objects and the package do the same: `python benchmarks/mesa_equivalence.py`, ten years over seeds."""

from __future__ import annotations

import math

import numpy as np
from mesa_objects import ROOT, TOTALS, Chain

from chainsim.runs.simulation import Simulation
from chainsim.scenario.load import load
from chainsim.scenario.scenario import Scenario

LUCKLESS = ("price", "variable_cost", "markup", "rd", "rd_services", "knowledge", "sales_stock")
"""Columns that the first year's luck does not reach."""


def without_turnover(scenario: Scenario, calm: bool = False) -> Scenario:
    """The scenario with demography switched off, and where `calm` without the luck of markets and goodwill."""
    stages = scenario.stages
    changed = {"demography": stages.demography.model_copy(update={"enabled": False})}
    if calm:
        still = {"market_volatility": 0.0, "segment_volatility": 0.0, "goodwill": "off"}
        changed["demand"] = stages.demand.model_copy(update=still)
    return scenario.model_copy(update={"stages": stages.model_copy(update=changed), "record": scenario.record})


def first_year(scenario: Scenario, seed: int) -> dict[str, float]:
    """Largest relative difference of what no luck has touched in the first year, by column."""
    simulation = Simulation(scenario, seed)
    objects = Chain(simulation.economy, seed)
    simulation.step()
    objects.step()
    rows = np.flatnonzero(simulation.economy.active)
    found = {}
    for name in LUCKLESS:
        package = getattr(simulation.economy, name)[rows]
        own = np.array([getattr(one, name) for one in objects.members_by_row])
        found[name] = float(np.max(np.abs(own - package) / np.maximum(np.abs(package), 1e-9)))
    return found


def apart(scenario: Scenario, seeds: range, years: int) -> dict[str, tuple[float, float]]:
    """Log difference of both after some years with its standard error over seeds, by total.

    Both begin with the same base year of a seed; the luck of the years is another.
    """
    gaps: dict[str, list[float]] = {name: [] for name in TOTALS}
    for seed in seeds:
        simulation = Simulation(scenario, seed)
        objects = Chain(simulation.economy, seed)
        for _ in range(years):
            simulation.step()
            objects.step()
        for name in TOTALS:
            package = float(getattr(simulation.economy, name)[simulation.economy.active].sum())
            gaps[name].append(math.log(sum(getattr(one, name) for one in objects.agents) / package))
    return {name: (float(np.mean(gap)), float(np.std(gap, ddof=1)) / math.sqrt(len(gap))) for name, gap in gaps.items()}


if __name__ == "__main__":
    chain = without_turnover(load(ROOT / "scenarios" / "jilin.yaml"), calm=True)
    for name, gap in first_year(chain, 1).items():
        print(f"{name:20} first year, no luck: {gap:.1e}")
    for name, (gap, error) in apart(chain, range(1, 13), 10).items():
        print(f"{name:20} after ten years: {gap:+.2%} with a standard error of {error:.2%}")
