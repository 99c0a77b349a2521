"""How a baseline breathes: unemployment and pay over thirty years, in the flagship, in a chain of cars and in random regions.

`python tests/baseline.py` prints the figures that `promises/test_labour_breathes.py` holds within bounds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import economies
import numpy as np

from chainsim.runs.simulation import Simulation
from chainsim.scenario.load import load
from chainsim.scenario.scenario import Scenario

YEARS = 30
SKILLS = ("ordinary", "skilled")
SLUMP = {"type": "demand_shift", "change": -0.05}


def longer(scenario: Scenario, years: int = YEARS, **more: object) -> Scenario:
    """The scenario for so many years, its market paths going on as they end."""
    return scenario.replace({"years.end": scenario.years.start + years} | more)


def random_region(luck_seed: int) -> Scenario:
    """A region of three tiers, four to eight segments and some hundred enterprises that grows 0 to 15 % a year.

    Every second one has a giant in its last segment, as regions of one large maker do.
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
    return economies.chain(segments, growth=growth, end=economies.START + YEARS, enterprises=giant)


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
    """Of runs: AR(1) of unemployment and of wage growth, lowest and highest unemployment, share of years on the floor, (2,) each."""
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
        "on the floor": (lived <= floor * (1.0 + 1e-9)).mean(axis=0),
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


def flagship() -> Scenario:
    """The flagship over thirty years."""
    return longer(economies.shipped("jilin"))


def show(name: str, values: dict[str, np.ndarray]) -> None:
    """Print the figures of a scenario, ordinary and skilled."""
    told = [f"{what} {found[0]:.3f} / {found[1]:.3f}" for what, found in values.items()]
    print(f"{name}: " + ", ".join(told), flush=True)


if __name__ == "__main__":
    show("flagship", breathing(flagship(), range(1, 9)))
    answer = slump_answer(economies.shipped("jilin"), range(1, 13))
    print("flagship, -5 %, ordinary", answer[:, 0].round(2), "skilled", answer[:, 1].round(2), flush=True)
    for path in map(Path, sys.argv[1:]):
        show(path.stem, breathing(longer(load(path)), range(1, 9)))
    for number in range(20):
        region = random_region(number)
        show(f"random region {number}", breathing(region, (1, 2)))
