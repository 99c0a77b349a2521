"""What a pair of runs costs over single runs: `python benchmarks/comparing.py [SCENARIO] [PAIRS]`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import chainsim as cs
from chainsim.effects.comparison import compare

SCENARIOS = Path(__file__).parent.parent / "scenarios"
GRANTS = {
    "levers.research": {"type": "rd_grant", "rate": 0.2, "years": "2021-2030", "target": {"tiers": ["midstream"]}},
    "levers.plants": {"type": "investment_grant", "rate": 0.15, "years": "2021-2030", "budget": 90},
}


def seconds(work: object) -> float:
    """Processor time of a call."""
    began = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - began


def main(name: str = "jilin", pairs: int = 20) -> None:
    """Time baseline, policy and pairs on the same seeds, block by block, so that a busy machine hits all alike."""
    base = cs.load(SCENARIOS / f"{name}.yaml")
    policy = base.replace(GRANTS)
    compare(base, policy, replications=1)
    block, single, other, paired = 5, 0.0, 0.0, 0.0
    for first in range(1, pairs + 1, block):
        single += seconds(lambda: cs.run(base, seed=first, replications=block))  # noqa: B023
        other += seconds(lambda: cs.run(policy, seed=first, replications=block))  # noqa: B023
        paired += seconds(lambda: compare(base, policy, seed=first, replications=block))  # noqa: B023
    mean = (single + other) / 2
    print(f"{name}: {pairs} pairs, {single / pairs:.3f} s a baseline run, {other / pairs:.3f} s a policy run")
    print(f"a pair costs {paired / single:.2f} baseline runs, {paired / mean:.2f} single runs of its two scenarios")


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:3]))
