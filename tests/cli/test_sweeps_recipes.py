"""The recipes of docs/sweeps.md for many machines, read from the page and run with stand-ins for the schedulers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from sweeps import design_file, same_tables

import chainsim as cs
from chainsim.store.store import Store

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
SHARDS, FEWER = "20", "3"
"""Shards in the recipes, and in the tests of them."""

CHAINSIM = f'#!/bin/sh\nexec {sys.executable} -m chainsim.cli "$@"\n'
SRUN = '#!/bin/sh\nexec "$@"\n'
SCONTROL = '#!/bin/sh\necho "$@" >> requeued\n'
PARALLEL = """#!/bin/bash
while [[ "$1" == --* ]]; do shift 2; done
command=()
while [ "$1" != ":::" ]; do command+=("$1"); shift; done
shift
printf '%s\\n' "$@" | xargs -P 2 -I{} "${command[@]}"
"""


def recipe(name: str) -> str:
    """The first code block after the bold name of a scheduler, with fewer shards and one process each."""
    found = re.search(rf"^\*\*{name}\*\*.*?^```\w*\n(.*?)^```", PAGE, re.M | re.S)
    assert found is not None, name
    text, count = re.subn(rf"\b{SHARDS}\b", FEWER, found[1])
    assert count >= 2, f"the recipe for {name} says its number of shards, {SHARDS}, everywhere"
    return re.sub(r"--jobs \d+", "--jobs 1", text)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a design, and programs that stand in for those of a cluster."""
    design_file(tmp_path)
    (tmp_path / "bin").mkdir()
    stand_ins = {"chainsim": CHAINSIM, "srun": SRUN, "scontrol": SCONTROL, "parallel": PARALLEL}
    for name, text in stand_ins.items():
        program(tmp_path, name, text)
    return tmp_path


def program(place: Path, name: str, text: str) -> None:
    """Put a program on the path of the recipes."""
    (place / "bin" / name).write_text(text, encoding="utf-8")
    (place / "bin" / name).chmod(0o755)


def carried_out(command: list[str], place: Path, **variables: str) -> int:
    """The exit code of a command in the folder, which sees the stand-ins first."""
    known = {**os.environ, "PATH": f"{place / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=place, env=known | variables, check=False, timeout=300).returncode


def merged_as_one(place: Path) -> bool:
    """Whether the merge that the page names gives the tables of one sweep."""
    found = re.search(r'--wrap "(chainsim sweep merge .*?)"', PAGE)
    assert found is not None
    assert carried_out(["sh", "-c", found[1]], place) == 0
    return same_tables(Store(place / "out" / "all"), cs.sweep(place / "design.yaml", place / "whole"))


def task(text: str, place: Path, number: int) -> int:
    """The exit code of one task of a Slurm array."""
    variables = {"SLURM_ARRAY_TASK_ID": str(number), "SLURM_ARRAY_JOB_ID": "77", "SLURM_CPUS_PER_TASK": "1"}
    return carried_out(["bash", "-c", text], place, **variables)


@pytest.mark.slow
def test_the_array_of_slurm_runs_every_shard(place: Path) -> None:
    text = recipe("Slurm")
    first, last = re.findall(r"--array=(\d+)-(\d+)", text)[0]
    assert [task(text, place, number) for number in range(int(first), int(last) + 1)] == [0, 0, 0]
    assert not (place / "requeued").exists()
    assert merged_as_one(place)


def test_a_task_of_slurm_that_its_time_ends_is_queued_again(place: Path) -> None:
    program(place, "chainsim", "#!/bin/sh\nexec sleep 60\n")
    assert task(recipe("Slurm").replace("58m", "1s"), place, 2) == 124
    assert (place / "requeued").read_text(encoding="utf-8") == "requeue 77_2\n"


@pytest.mark.slow
def test_the_indexed_job_of_kubernetes_runs_every_shard(place: Path) -> None:
    job: Any = YAML(typ="safe").load(recipe("Kubernetes"))
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    spec = job["spec"]
    assert spec["completionMode"] == "Indexed"
    assert spec["parallelism"] <= spec["completions"] == int(FEWER)
    [container] = spec["template"]["spec"]["containers"]
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    volumes = {volume["name"] for volume in spec["template"]["spec"]["volumes"]}
    assert container["workingDir"] in mounted.values()
    assert set(mounted) == volumes
    codes = [
        carried_out(container["command"], place, JOB_COMPLETION_INDEX=str(index))
        for index in range(spec["completions"])
    ]
    assert codes == [0, 0, 0]
    assert merged_as_one(place)


@pytest.mark.slow
def test_gnu_parallel_runs_every_shard(place: Path) -> None:
    assert carried_out(["bash", "-c", recipe("GNU parallel")], place) == 0
    assert merged_as_one(place)
