"""The same scenario and seed give the same bits however they are run.

By default a few settings that differ from the usual in several ways at once, in the long job all.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import run_hashes
from ruamel.yaml import YAML
from sizes import size
from sweeps import same_tables, small

import chainsim as cs
from chainsim.scenario.load import load
from chainsim.scenario.write import dump

WHOLE = bool(size("DETERMINISM"))
NAMES = {"segments", "levers", "shocks", "tiers", "inputs", "localization", "parks", "institutes"}
"""Blocks of a scenario whose keys are names of the user: their order is that of the tables, or of sums."""

SETTINGS = [("", 2, "1", "2")]
if WHOLE:
    SETTINGS = list(product(["", "threads", "fork", "spawn"], [1, 2, 4], ["0", "1", "random"], ["1", "2"]))
"""How processes start, how many, the seed of Python's hashes, threads of the mathematics."""
ECONOMIES = list(product(["jilin", "table"], ["", "fork", "spawn"])) if WHOLE else [("table", "fork")]
"""Economies, and how processes start."""
CHUNKS = list(product([1, 2, 4], [1, 2, 5, None])) if WHOLE else [(1, 5)]
"""Processes, and runs that go out at a time."""

_known: dict[str, run_hashes.Hashes] = {}


def known(name: str) -> run_hashes.Hashes:
    """Hashes of the usual way: one after the other, in this process, all recorded."""
    return _known.setdefault(name, run_hashes.hashes(name))


def environment(hash_seed: str, threads: str) -> dict[str, str]:
    """Variables of a process."""
    return {"PYTHONHASHSEED": hash_seed} | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads)


def test_replications_one_by_one_are_those_of_all_together() -> None:
    one_by_one = [run_hashes.alone("crowd", seed) for seed in reversed(run_hashes.SEEDS)]
    assert {key: value for part in one_by_one for key, value in part.items()} == known("crowd")


def test_two_threads_give_the_tables_of_one() -> None:
    assert run_hashes.hashes("crowd", start="threads", jobs=2) == known("crowd")


def test_what_is_recorded_beside_them_changes_no_table() -> None:
    fewer, tables = run_hashes.hashes("crowd", record=False), known("crowd")
    assert fewer == {key: value for key, value in tables.items() if key in fewer}
    assert {key.split()[0] for key in tables.keys() - fewer.keys()} == {"enterprises", "links", "support"}


def turned(node: Any, key: str = "") -> Any:
    """A file's content with the keys of every block in reverse order, but those that users name."""
    if not isinstance(node, dict):
        return node
    order = node if key in NAMES else reversed(node)
    return {name: turned(node[name], name) for name in order}


@pytest.mark.parametrize("name", ["crowd", "table"])
def test_the_order_of_keys_in_a_file_says_nothing(name: str, tmp_path: Path) -> None:
    file = tmp_path / "turned.yaml"
    content = YAML(typ="safe").load(dump(run_hashes.scenario(name)))
    with file.open("w", encoding="utf-8") as stream:
        YAML().dump(turned(content), stream)
    assert list(turned(content)) != list(content)
    result = cs.run(load(file), seed=1, replications=len(run_hashes.SEEDS))
    assert run_hashes.of_result(result) == known(name)


@pytest.mark.slow
@pytest.mark.parametrize(("start", "jobs", "hash_seed", "threads"), SETTINGS)
def test_every_setting_gives_the_same_tables(start: str, jobs: int, hash_seed: str, threads: str) -> None:
    found = run_hashes.elsewhere(environment(hash_seed, threads), name="crowd", start=start, jobs=jobs)
    assert found == known("crowd")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["brief", "crowd"] if WHOLE else ["brief"])
def test_python_without_compiler_gives_the_same_numbers(name: str, tmp_path: Path) -> None:
    """To rounding: exp and log of compiled code have other last bits than NumPy's on some processors."""
    slow, usual = tmp_path / "slow", tmp_path / "usual"
    run_hashes.elsewhere({"NUMBA_DISABLE_JIT": "1"}, name=name, save=str(slow))
    run_hashes.hashes(name, save=str(usual))
    files = sorted(usual.rglob("*.parquet"))
    assert len(files) > 5
    for file in files:
        there = pd.read_parquet(slow / file.relative_to(usual))
        pd.testing.assert_frame_equal(there, pd.read_parquet(file), check_exact=False, rtol=1e-9, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "start"), ECONOMIES)
def test_every_economy_gives_the_same_tables(name: str, start: str) -> None:
    assert run_hashes.elsewhere(environment("random", "2"), name=name, start=start, jobs=2) == known(name)


@pytest.mark.parametrize(("jobs", "chunk"), CHUNKS)
def test_sweeps_of_any_chunks_and_processes_are_the_same(jobs: int, chunk: int | None, tmp_path: Path) -> None:
    usual = cs.sweep(small(), tmp_path / "usual")
    assert same_tables(cs.sweep(small(), tmp_path / "other", jobs=jobs, chunk=chunk), usual)
