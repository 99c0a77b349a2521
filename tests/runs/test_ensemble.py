"""Runs, one or many, in this process or in others."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from chainsim.runs import processes
from chainsim.runs.ensemble import RunFailed, run, seeds_of
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.load import load
from chainsim.stages import Pricing

ROOT = Path(__file__).parents[2]
MINIMAL = load(ROOT / "scenarios" / "minimal.yaml", {"years.end": 2023})


class Fails(Pricing):
    """Raises in 2022 in the run with seed 3."""

    def step(self, economy: Any) -> None:
        if economy.seed == 3 and economy.year == 2022:
            raise ValueError("no price")
        super().step(economy)


class Kills(Pricing):
    """Kills its process, always or until a file is there."""

    once: str = ""

    def step(self, economy: Any) -> None:
        if economy.seed == 2 and not (self.once and Path(self.once).exists()):
            if self.once:
                Path(self.once).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        super().step(economy)


def test_a_seed_gives_one_run_whatever_the_scenario_says() -> None:
    assert MINIMAL.replications == 10
    result = run(MINIMAL, seed=7)
    assert result.seeds == (7,)
    assert set(result.region["replication"]) == {0}


@pytest.mark.parametrize(
    ("seed", "replications", "seeds"),
    [(None, None, list(range(1, 11))), (None, 3, [1, 2, 3]), (5, 2, [5, 6]), (0, None, [0])],
)
def test_replication_r_has_seed_plus_r(seed: int | None, replications: int | None, seeds: list[int]) -> None:
    assert seeds_of(MINIMAL, seed, replications) == seeds


@pytest.mark.parametrize("arguments", [{"jobs": 0}, {"replications": 0}, {"seed": -1}])
def test_impossible_numbers_are_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="it must be"):
        run(MINIMAL, **arguments)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    both = run(MINIMAL, replications=2)
    again = run(MINIMAL, seed=2)
    second = both.region.query("replication == 1").drop(columns="replication").reset_index(drop=True)
    pd.testing.assert_frame_equal(again.region.drop(columns="replication"), second, check_exact=True)
    last = both.region.query("year == 2023 and scope == 'chain'")["output"]
    assert last.nunique() == 2


def test_a_failed_run_names_seed_year_and_the_command_that_repeats_it() -> None:
    with pytest.raises(RunFailed) as caught:
        run(MINIMAL.replace(stages=[Fails()]))
    assert (caught.value.seed, caught.value.year) == (3, 2022)
    assert "seed 3 failed in 2022" in str(caught.value)
    assert "no price" in str(caught.value)
    assert "chainsim run minimal.yaml --seed 3" in str(caught.value)
    told = caught.value.message("a b.yaml", ("years.end=2023", "chain.anchors=[devices]"))
    assert told.endswith("chainsim run 'a b.yaml' --seed 3 --set years.end=2023 --set 'chain.anchors=[devices]'")


@pytest.mark.slow
def test_results_do_not_depend_on_the_number_of_processes() -> None:
    alone, together = run(MINIMAL, replications=3), run(MINIMAL, replications=3, jobs=2)
    for name in alone.tables:
        pd.testing.assert_frame_equal(alone.table(name), together.table(name), check_exact=True)


@pytest.mark.slow
def test_a_failure_in_another_process_is_told_alike() -> None:
    with pytest.raises(RunFailed, match=r"seed 3 failed in 2022: .*no price"):
        run(MINIMAL.replace(stages=[Fails()]), replications=3, jobs=2)


@pytest.mark.slow
def test_a_killed_worker_costs_no_run(tmp_path: Path) -> None:
    scenario = MINIMAL.replace(stages=[Kills(once=str(tmp_path / "killed"))])
    result = run(scenario, replications=3, jobs=2)
    assert (tmp_path / "killed").exists()
    assert result.seeds == (1, 2, 3)


@pytest.mark.slow
def test_a_run_that_always_kills_its_process_is_named() -> None:
    with pytest.raises(RunFailed, match=r"seed 2 failed: its process ended"):
        run(MINIMAL.replace(stages=[Kills()]), replications=3, jobs=2)


def test_processes_that_are_stopped_leave_no_thread_that_the_exit_of_python_would_wake() -> None:
    before = set(threading.enumerate())
    with processes.one_thread_each():
        workers = processes.Processes(1)
    for _ in range(3):
        workers.submit(time.sleep, 600)
    workers.stop()
    assert set(threading.enumerate()) == before
    assert workers.members() == set()


NOTEBOOK = """
import chainsim
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.load import load
from chainsim.runs.ensemble import run
from chainsim.stages import Pricing
class Dear(Pricing):
    def step(self, economy):
        super().step(economy)
scenario = load({path!r}, {{"years.end": 2021}}).replace(stages=[Dear()])
print(run(scenario, replications=2, jobs=2).seeds)
"""


@pytest.mark.slow
def test_stages_defined_in_a_notebook_travel_to_other_processes() -> None:
    code = NOTEBOOK.format(path=str(ROOT / "scenarios" / "minimal.yaml"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout.strip() == "(1, 2)", done.stderr


def wait_for(condition: Any, seconds: float) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def sleep_in_worker(file: str) -> None:
    """Write the worker's process number and stay."""
    Path(file).write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(120)


def hold_a_worker(file: str) -> None:
    """A parent whose only worker stays."""
    with processes.pool(1) as executor:
        executor.submit(sleep_in_worker, file).result()


def runs(process: int) -> bool:
    """Whether a process with this number runs."""
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
def test_workers_end_when_their_parent_is_killed(tmp_path: Path):
    file = tmp_path / "worker"
    parent = multiprocessing.get_context("spawn").Process(target=hold_a_worker, args=(str(file),))
    parent.start()
    assert wait_for(lambda: file.exists() and file.read_text(encoding="utf-8") != "", 60)
    worker = int(file.read_text(encoding="utf-8"))
    parent.kill()
    parent.join()
    assert wait_for(lambda: not runs(worker), 10)


def test_a_seed_beyond_64_bits_is_refused_before_anything_is_run() -> None:
    minimal = load(Path(__file__).parents[2] / "scenarios" / "minimal.yaml")
    with pytest.raises(ScenarioError, match="expected a seed of at most"):
        run(minimal, seed=9_300_000_000_000_000_000, replications=2)
