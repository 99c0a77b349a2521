"""Hashes of every table of a few runs, made in one of many ways; as a script for ways that need a process of their own.

python tests/run_hashes.py '{"start": "fork", "jobs": 2}'
"""

from __future__ import annotations

import json
import multiprocessing
import os
import runpy
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import economies
import policies

import chainsim as cs
from chainsim.runs.results import Result
from chainsim.scenario.scenario import Scenario

SEEDS = (1, 2, 3)
RECORD = {"record.enterprises": True, "record.links": True}
MADE = {
    "crowd": lambda: policies.under(years={"start": 2020, "end": 2023}),
    "jilin": lambda: economies.shipped("jilin-package", years__end=2026),
    "table": lambda: economies.shipped("two-regions-io"),
    "brief": lambda: economies.three_makers(end=2022),
}
"""Economies by name: all levers; the flagship; one read from an input-output table; one for interpreters without compiler."""

digest = runpy.run_path(str(economies.ROOT / "benchmarks" / "table_hashes.py"))["digest"]
Hashes = dict[str, str]


def scenario(name: str, record: bool = True) -> Scenario:
    """An economy by name, its enterprises and links recorded or not."""
    return MADE[name]().replace(RECORD) if record else MADE[name]()


def of_result(result: Result, first: int = 0) -> Hashes:
    """Hash of every table and replication."""
    hashes = {}
    for name in result.tables:
        table = result.table(name)
        for replication, part in table.groupby("replication"):
            hashes[f"{name} {first + int(replication)}"] = digest(part.drop(columns="replication"), name)
    return hashes


def alone(name: str, seed: int, record: bool = True) -> Hashes:
    """Hashes of one run."""
    return of_result(cs.run(scenario(name, record), seed=seed), seed - SEEDS[0])


def by_workers(pool: Any, name: str) -> Hashes:
    """Hashes of all runs, each by whoever of the pool is free."""
    with pool:
        parts = list(pool.map(alone, [name] * len(SEEDS), SEEDS))
    return {key: value for part in parts for key, value in part.items()}


def hashes(name: str = "crowd", start: str = "", jobs: int = 1, record: bool = True, save: str = "") -> Hashes:
    """Hashes of all runs: by the package's processes, or by a pool that starts its processes in this way, or threads.

    Runs of the package's processes are kept in the folder `save`.
    """
    if start == "threads":
        return by_workers(ThreadPoolExecutor(jobs), name)
    if start:
        return by_workers(ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context(start)), name)
    result = cs.run(scenario(name, record), seed=SEEDS[0], replications=len(SEEDS), jobs=jobs)
    if save:
        result.save(save)
    return of_result(result)


def elsewhere(environment: dict[str, str] | None = None, **ways: Any) -> Hashes:
    """`hashes` in a fresh interpreter with these variables of the environment."""
    tests = Path(__file__).parent
    path = os.pathsep.join(map(str, (tests.parent, tests)))
    command = [sys.executable, str(Path(__file__)), json.dumps(ways)]
    done = subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": path} | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(hashes(**json.loads(sys.argv[1]))))
