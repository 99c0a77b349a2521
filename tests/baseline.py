"""How a baseline breathes: unemployment and pay over thirty years, in the flagship, in a chain of cars and in random regions.

`benchmarks/baseline.py` prints the figures that `promises/test_labour_breathes.py` and `test_market_cycles.py` hold within
bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import economies
import numpy as np

from chainsim.runs.ensemble import run
from chainsim.runs.simulation import Simulation
from chainsim.scenario.scenario import Scenario
from chainsim.validation.growth_regime import yearly_spread

YEARS = 30
SLUMP = {"type": "demand_shift", "change": -0.05}


def longer(scenario: Scenario, years: int = YEARS, **more: object) -> Scenario:
    """The scenario for so many years, its market paths going on as they end."""
    return scenario.replace({"years.end": scenario.years.start + years} | more)


def random_region(luck_seed: int, cyclical: bool = False) -> Scenario:
    """A region of three tiers, four to eight segments and some hundred enterprises that grows 0 to 15 % a year.

    Every second one has a giant in its last segment, as regions of one large maker do. Its markets follow their paths,
    or with `cyclical` move around them as much as by default.
    """
    luck = np.random.default_rng([10, luck_seed])
    number = int(luck.integers(4, 9))
    growth = float(luck.uniform(0.0, 0.15))
    segments: dict[str, economies.Mapping] = {}
    for k in range(number):
        suppliers = luck.permutation(k)[: min(k, 2)]
        inputs = {f"s{l}": (float(luck.uniform(0.05, 0.2)), float(luck.uniform(0.1, 0.4))) for l in suppliers}
        segments[f"s{k}"] = economies.segment(
            float(10.0 ** luck.uniform(3.0, 4.0)),
            inputs,
            number=int(luck.integers(8, 25)),
            small=int(luck.integers(10, 60)),
            tier=("upstream", "midstream", "downstream")[3 * k // number],
            skilled_share=float(luck.uniform(0.2, 0.7)),
            rd_share=float(luck.uniform(0.01, 0.06)),
        )
    last = segments[f"s{number - 1}"]
    giant = [economies.maker("giant", f"s{number - 1}", 0.4 * last["output"])] if luck_seed % 2 else []
    cycles = {"demand": {"market_volatility": 0.08, "segment_volatility": 0.08}} if cyclical else {}
    return economies.chain(segments, growth=growth, end=economies.START + YEARS, enterprises=giant, stages=cycles)


def region_paths(scenario: Scenario, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Unemployment and the wage index of every year from the base year on by skill, two of (T + 1, 2)."""
    simulation = Simulation(scenario, seed)
    unemployment, wage = [], []
    while True:
        unemployment.append(simulation.economy.region.unemployment.copy())
        wage.append(simulation.economy.region.wage_index.copy())
        if not simulation.running:
            return np.array(unemployment), np.array(wage)
        simulation.step()


def persistence(paths: Iterable[np.ndarray]) -> float:
    """AR(1) of several paths, each less its own mean, pooled."""
    before, after = [], []
    for path in paths:
        deviation = path - path.mean()
        before.append(deviation[:-1])
        after.append(deviation[1:])
    x, y = np.concatenate(before), np.concatenate(after)
    return float(x @ y / (x @ x))


def breathing(scenario: Scenario, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """AR(1) of unemployment and of wage growth, extremes of unemployment, share of years near its floor, (2,) each."""
    paths = [region_paths(scenario, seed) for seed in seeds]
    floor = scenario.stages.labour.unemployment_floor
    lived = np.concatenate([unemployment[1:] for unemployment, _ in paths])
    return {
        "unemployment AR(1)": np.array([persistence(u[1:, skill] for u, _ in paths) for skill in range(2)]),
        "wage growth AR(1)": np.array(
            [persistence(np.diff(np.log(wage[:, skill])) for _, wage in paths) for skill in range(2)]
        ),
        "lowest": lived.min(axis=0),
        "highest": lived.max(axis=0),
        "on the floor": (lived <= 1.1 * floor).mean(axis=0),
    }


def slump_answer(scenario: Scenario, seeds: Sequence[int], years: int = 5) -> np.ndarray:
    """Unemployment under a lasting -5 % of all markets less that without it by year and skill, points, (years, 2).

    From the second year of the slump on: in the first, staff is hired before anybody sees it.
    """
    short = longer(scenario, years + 1)
    first = short.years.start + 1
    hit = short.replace({"shocks": {"slump": SLUMP | {"years": f"{first}-{short.years.end}"}}})
    pairs = [region_paths(hit, seed)[0] - region_paths(short, seed)[0] for seed in seeds]
    return 100.0 * np.mean(pairs, axis=0)[2:]


def growth_spread(scenario: Scenario, seeds: Sequence[int]) -> dict[str, tuple[float, float, float]]:
    """By level: standard deviation of yearly growth within a run, mean growth, and the error of that mean over seeds."""
    table = yearly_spread(run(scenario, seed=seeds[0], replications=len(seeds)))
    return {str(row.level): (row.sd, row.mean, row.error) for row in table.itertuples()}


def flagship(cyclical: bool = False) -> Scenario:
    """The flagship over thirty years, its markets on their paths or, `cyclical`, moving around them."""
    scenario = longer(economies.shipped("jilin"))
    return scenario if cyclical else calm(scenario)


def calm(scenario: Scenario) -> Scenario:
    """The scenario with markets that follow their paths."""
    return scenario.replace({f"stages.demand.{name}": value for name, value in economies.CALM.items()})
