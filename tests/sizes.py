"""How much the tests draw, run and kill: little enough for every change by default, worth a night in the long job.

A test asks `size("EXAMPLES")`; the environment variable `CHAINSIM_EXAMPLES` states another number. As a program this file
prints what the long job states and which tests it runs, for `make long`.
"""

import os
import sys
from pathlib import Path
from typing import NamedTuple

PREFIX = "CHAINSIM_"


class Size(NamedTuple):
    """By default, in the long job, and of what."""

    default: int
    long: int
    meaning: str


SIZES = {
    "AUDIT": Size(0, 1, "errors in every row of the tables of the auditor, not in one row of each column (0 or 1)"),
    "AUDITED": Size(50, 1000, "random scenarios of twenty years that are audited"),
    "CALIBRATED": Size(72, 400, "runs of the calibration that looks for a known truth"),
    "DETERMINISM": Size(0, 1, "every way to start processes, not a few that differ in several ways at once (0 or 1)"),
    "EXAMPLES": Size(200, 5000, "scenarios drawn inside declared ranges, and of all that is legal, by Hypothesis"),
    "KILLS": Size(5, 100, "kills of one sweep"),
    "NAMES": Size(0, 1, "every pair of levers that exchange their names, not every second (0 or 1)"),
    "OPINIONS": Size(25, 100, "random economies of every kind that the second opinion goes through"),
    "POLICIES": Size(200, 2000, "random policies that never spend above their budgets"),
    "REGIONS": Size(8, 20, "random regions whose labour market is looked at"),
}


def size(name: str) -> int:
    """The number that holds now."""
    return int(os.environ.get(PREFIX + name, SIZES[name].default))


def readers() -> list[Path]:
    """Tests that ask for a size."""
    tests = Path(__file__).parent
    return [path for path in sorted(tests.rglob("test_*.py")) if 'size("' in path.read_text(encoding="utf-8")]


if __name__ == "__main__":
    words = [f"{PREFIX}{name}={os.environ.get(PREFIX + name, stated.long)}" for name, stated in SIZES.items()]
    files = [str(path.relative_to(Path(__file__).parents[1])) for path in readers()]
    sys.stdout.write(" ".join([*words, *files]) + "\n")
