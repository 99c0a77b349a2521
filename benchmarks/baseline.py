"""How the baseline breathes: unemployment, pay and growth of the flagship and of random regions, and of further scenarios.

`python benchmarks/baseline.py [scenario.yaml ...]`; about ten minutes.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import economies  # noqa: E402
from baseline import (  # noqa: E402
    breathing,
    calm,
    growth_spread,
    longer,
    random_region,
    slump_answer,
)

from chainsim.scenario.load import load  # noqa: E402
from chainsim.scenario.scenario import Scenario  # noqa: E402


def show(name: str, scenario: Scenario, runs: int) -> None:
    """Print how unemployment and pay move, ordinary / skilled, and what a lasting -5 % of demand does to unemployment."""
    for what, moving in (("calm", calm(scenario)), ("cycles", scenario)):
        found = breathing(moving, range(1, runs + 1))
        told = [f"{measure} {by_skill[0]:.3f} / {by_skill[1]:.3f}" for measure, by_skill in found.items()]
        print(f"{name}, {what}: " + ", ".join(told), flush=True)
    for skill, path in zip(("ordinary", "skilled"), slump_answer(scenario, range(1, runs + 1)).T, strict=True):
        print(f"{name}, -5 %, {skill}: points of unemployment after 2 to 6 years {path.round(2)}", flush=True)


if __name__ == "__main__":
    show("flagship", longer(economies.shipped("jilin")), runs=8)
    for scenario in (calm(economies.shipped("jilin")), economies.shipped("jilin")):
        for level, (spread, mean, error) in growth_spread(scenario, range(1, 25)).items():
            print(f"flagship, growth of {level}: sd {spread:.3f}, mean {mean:.4f} ({error:.4f})", flush=True)
    for path in map(Path, sys.argv[1:]):
        show(path.stem, longer(load(path)), runs=8)
    for number in range(20):
        show(f"random region {number}", random_region(number, cyclical=True), runs=4)
