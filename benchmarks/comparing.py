"""What a pair of runs costs over single runs: `python benchmarks/comparing.py [BASE] [POLICY] [PAIRS]`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

import chainsim as cs

BLOCK = 10
"""Pairs that are timed at a time: what a comparison does once counts for a tenth of it in each."""
SCENARIOS = Path(__file__).parent.parent / "scenarios"


def seconds(work: object) -> float:
    """Processor time of a call."""
    began = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - began


def costs(name: str = "jilin", other: str = "jilin-package", pairs: int = 30) -> tuple[float, float, float]:
    """Processor seconds of a run of either and of a pair of both, medians of the blocks, on the same seeds in turn."""
    base, policy = (cs.load(SCENARIOS / f"{file}.yaml") for file in (name, other))
    cs.compare(base, policy, replications=1)
    singles, others, together = [], [], []
    for first in range(1, pairs + 1, BLOCK):
        singles.append(seconds(lambda: cs.run(base, seed=first, replications=BLOCK)))  # noqa: B023
        others.append(seconds(lambda: cs.run(policy, seed=first, replications=BLOCK)))  # noqa: B023
        together.append(seconds(lambda: cs.compare(base, policy, seed=first, replications=BLOCK)))  # noqa: B023
    return tuple(median(found) / BLOCK for found in (singles, others, together))  # type: ignore[return-value]


def main(name: str = "jilin", other: str = "jilin-package", pairs: str = "30") -> None:
    """Print what a pair costs over single runs."""
    single, changed, paired = costs(name, other, int(pairs))
    print(f"{pairs} pairs: {single:.3f} s a run of {name}, {changed:.3f} s a run of {other}, {paired:.3f} s a pair")
    print(
        f"a pair costs {paired / single:.2f} baseline runs, "
        f"{2 * paired / (single + changed):.2f} single runs of the two"
    )


if __name__ == "__main__":
    main(*sys.argv[1:4])
