"""Small sweeps for tests, and runs that go wrong on purpose."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from scenario_files import SMALL, written

from chainsim.experiments.design import Design
from chainsim.experiments.design_file import design_of
from chainsim.scenario.load import load
from chainsim.stages import Pricing
from chainsim.store.store import Store

ROOT = Path(__file__).parent.parent
MINIMAL = load(ROOT / "scenarios" / "minimal.yaml", {"years.end": 2022})

DESIGN = """\
scenario: case.yaml
vary:
  stages.sourcing.review_rate: [0.1, 0.3]
  region.productivity_growth: {low: 0.02, high: 0.05}
design: {kind: grid, levels: 2}
replications: 3
record: [region, segments]
"""
"""Four points of three runs."""


def design_file(folder: Path, text: str = DESIGN, end: int = 2022) -> Path:
    """A design over a chain of two segments, beside its scenario."""
    written(folder, SMALL.replace("end: 2025", f"end: {end}"))
    return written(folder, text, "design.yaml")


def small(**changes: Any) -> Design:
    """The design of four points of three runs over the small economy, or one that differs."""
    plan: dict[str, Any] = {
        "scenario": MINIMAL,
        "vary": {"stages.sourcing.review_rate": [0.1, 0.3], "region.productivity_growth": [0.02, 0.05]},
        "replications": 3,
        "record": ["region", "segments"],
    }
    return design_of(plan | changes)


def same_tables(first: Store, second: Store) -> bool:
    """Whether all tables of two stores are equal to the last bit."""
    return first.tables == second.tables and all(
        first.table(name).to_arrow().equals(second.table(name).to_arrow()) for name in first.tables
    )


def flip(path: Path, place: float = 0.5) -> None:
    """Change one byte of a file."""
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 0x40
    path.write_bytes(content)


def cut(path: Path) -> None:
    """Lose the second half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


class Fails(Pricing):
    """Raises in 2022 in runs with seed 2, while the file is there."""

    while_there: str = ""

    def step(self, economy: Any) -> None:
        if economy.seed == 2 and economy.year == 2022 and (not self.while_there or Path(self.while_there).exists()):
            raise ValueError("no price")
        super().step(economy)


class Kills(Pricing):
    """Kills its process in runs with seed 2."""

    def step(self, economy: Any) -> None:
        if economy.seed == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        super().step(economy)


class Hangs(Pricing):
    """Never ends in runs with seed 2."""

    def step(self, economy: Any) -> None:
        if economy.seed == 2:
            time.sleep(600)
        super().step(economy)
