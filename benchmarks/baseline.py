"""How the baseline breathes: unemployment, pay and growth of the flagship and of random regions, and of further scenarios.

`python benchmarks/baseline.py [scenario.yaml ...]`; about five minutes.
"""

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import economies  # noqa: E402
from baseline import (  # noqa: E402
    breathing,
    calm,
    flagship,
    growth_spread,
    longer,
    random_region,
    slump_answer,
)

from chainsim.scenario.load import load  # noqa: E402


def show(name: str, values: dict[str, np.ndarray]) -> None:
    """Print the figures of a scenario, ordinary and skilled."""
    told = [f"{what} {found[0]:.3f} / {found[1]:.3f}" for what, found in values.items()]
    print(f"{name}: " + ", ".join(told), flush=True)


if __name__ == "__main__":
    for cyclical in (False, True):
        show(f"flagship, cycles {cyclical}", breathing(flagship(cyclical), range(1, 9)))
    answer = slump_answer(economies.shipped("jilin"), range(1, 13))
    print("flagship, -5 %, ordinary", answer[:, 0].round(2), "skilled", answer[:, 1].round(2), flush=True)
    for scenario in (calm(economies.shipped("jilin")), economies.shipped("jilin")):
        for level, (spread, mean, error) in growth_spread(scenario, range(1, 25)).items():
            print(f"flagship, growth of {level}: sd {spread:.3f}, mean {mean:.4f} ({error:.4f})", flush=True)
    for path in map(Path, sys.argv[1:]):
        for scenario in (calm(longer(load(path))), longer(load(path))):
            show(path.stem, breathing(scenario, range(1, 9)))
    for number in range(20):
        for cyclical in (False, True):
            show(f"random region {number}", breathing(random_region(number, cyclical), range(1, 5)))
