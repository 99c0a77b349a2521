"""Sweeps in other processes: killed, hung, interrupted, on a full disk or on Dask, they lose no run and double none."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sizes import size
from sweeps import DESIGN, MINIMAL, Hangs, Kills, design_file, same_tables, small
from waiting import wait_for

import chainsim as cs
from chainsim.experiments.design_file import design_of
from chainsim.store.export import export
from chainsim.store.lock import holder
from chainsim.store.store import Store

KILLS = size("KILLS")
"""Sweeps that are killed in the kill test; 100 take some ten minutes."""

MANY = DESIGN.replace("replications: 3", "replications: 24\nluck: own")
"""96 runs, every point with seeds of its own."""

pytestmark = pytest.mark.slow


def command(*words: str | Path) -> list[str]:
    """The command `chainsim sweep` with these words."""
    return [sys.executable, "-m", "chainsim.cli", "sweep", *map(str, words)]


def listen_to_interrupts() -> None:
    """Undo what a shell does to background jobs, whose children would ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def started(*words: str | Path) -> subprocess.Popen[str]:
    """The command, running in a group of processes of its own."""
    return subprocess.Popen(
        command(*words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=listen_to_interrupts,
    )


def finished(*words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    return subprocess.run(command(*words), capture_output=True, text=True, check=False, timeout=300, **more)


def stored(folder: Path) -> int:
    """Parts of a store so far."""
    return len(list(folder.glob("parts/0*")))


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The sweep of 96 runs, undisturbed, in this process."""
    folder = tmp_path_factory.mktemp("reference")
    return cs.sweep(design_file(folder, MANY), folder / "store")


def csv(store: Store, folder: Path) -> bytes:
    """A table of the store as CSV."""
    return export(store, "csv", folder / "table.csv", "segments")[0].read_bytes()


def test_any_number_of_processes_gives_the_same_bytes(reference: Store, tmp_path: Path) -> None:
    """Of two processes the tests of kills and interrupts say it."""
    design = design_of(reference.folder.parent / "design.yaml")
    store = cs.sweep(design, tmp_path / "store", jobs=3)
    assert csv(store, tmp_path) == csv(reference, tmp_path)


def test_a_sweep_killed_again_and_again_loses_no_run_and_doubles_none(tmp_path: Path) -> None:
    runs = 40 * KILLS  # so many that the last kill still finds something to interrupt
    many = DESIGN.replace("replications: 3", f"replications: {runs // 4}")
    design, folder = design_file(tmp_path, many), tmp_path / "store"
    reference = cs.sweep(design, tmp_path / "reference")
    done = []
    for number in range(KILLS):
        before = stored(folder)
        process = started(design, "-o", folder, "--jobs", "2", "--chunk", "2")
        if number % 3:  # every third is killed while it starts
            wait_for(lambda before=before, process=process: stored(folder) > before or process.poll() is not None)
        time.sleep(0.37 * number % 0.7)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        done.append(Store(folder).index.done if (folder / "sweep.json").exists() else 0)
        assert not folder.exists() or holder(folder) == ""
    last = finished(design, "-o", folder, "--jobs", "2")
    sys.stdout.write(f"\nruns stored after each of {KILLS} kills: {done}, then {last.stdout.strip()}\n")
    assert last.returncode == 0, last.stderr
    assert done == sorted(done)
    assert done[-1] < runs, "nothing was interrupted"
    store = Store(folder)
    assert len(store.runs) == len(store.runs.drop_duplicates(["point", "replication"])) == runs
    assert same_tables(store, reference)
    assert csv(store, tmp_path) == csv(reference, tmp_path)


def test_an_interrupt_lets_the_runs_in_hand_finish(reference: Store, tmp_path: Path) -> None:
    design, folder = design_file(tmp_path, MANY), tmp_path / "store"
    process = started(design, "-o", folder, "--jobs", "2", "--chunk", "2")
    wait_for(lambda: stored(folder) > 1)
    os.killpg(process.pid, signal.SIGINT)  # a terminal interrupts the workers as well
    _, said = process.communicate(timeout=90)
    assert process.returncode == 130
    assert "finishing the runs in hand" in said
    assert "the same command again goes on" in said
    assert "Traceback" not in said
    assert 0 < Store(folder).index.done < 96


def test_being_told_to_stop_ends_a_sweep_at_once_and_loses_no_part(reference: Store, tmp_path: Path) -> None:
    design, folder = design_file(tmp_path, MANY), tmp_path / "store"
    process = started(design, "-o", folder, "--jobs", "2", "--chunk", "2")
    wait_for(lambda: stored(folder) > 1)
    process.terminate()
    _, said = process.communicate(timeout=90)
    assert process.returncode == 143
    assert "Traceback" not in said
    assert "leaked" not in said
    assert 0 < Store(folder).index.done < 96
    assert finished(design, "-o", folder, "--jobs", "2").returncode == 0
    assert same_tables(Store(folder), reference)


def test_a_worker_that_dies_costs_no_run(reference: Store, tmp_path: Path) -> None:
    design, folder = design_file(tmp_path, MANY), tmp_path / "store"
    process = started(design, "-o", folder, "--jobs", "2", "--chunk", "2")
    for _ in range(2):
        before = stored(folder)
        wait_for(lambda before=before: stored(folder) > before)
        kill_a_worker(process.pid)
    out, said = process.communicate(timeout=200)
    assert process.returncode == 0, said
    assert "96 of 96" in out
    assert same_tables(Store(folder), reference)


def kill_a_worker(parent: int) -> None:
    """Kill one worker of a sweep as soon as there is one; between two pools there is none."""
    wait_for(lambda: workers_of(parent))
    os.kill(workers_of(parent)[0], signal.SIGKILL)


def workers_of(parent: int) -> list[int]:
    """The workers of a sweep that are alive."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split()
    return [int(child) for child in children if "spawn_main" in command_line(child)]


def command_line(process: str) -> str:
    """The words of a process; none once it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8")
    except OSError:
        return ""


def test_a_run_that_kills_its_process_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    design = small(scenario=MINIMAL.replace(stages=[Kills()]), vary={"region.productivity_growth": [0.03]})
    store = cs.sweep(design, tmp_path / "store", jobs=2, chunk=3)
    assert store.failures[["point", "replication", "seed"]].values.tolist() == [[0, 1, 2]]
    assert "its process ended" in store.failures["reason"][0]
    assert store.index.done == 2


def test_a_run_that_hangs_ends_after_its_time(tmp_path: Path) -> None:
    design = small(scenario=MINIMAL.replace(stages=[Hangs()]), vary={"region.productivity_growth": [0.03]})
    store = cs.sweep(design, tmp_path / "store", jobs=2, timeout=30)
    assert store.failures[["replication", "reason"]].values.tolist() == [[1, "it took longer than 30 s"]]
    assert store.index.done == 2


def small_files() -> None:
    """Let this process write no file beyond 30 kB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))


def test_a_full_disk_is_told_and_the_sweep_goes_on_later(reference: Store, tmp_path: Path) -> None:
    design, folder = design_file(tmp_path, MANY), tmp_path / "store"
    assert finished(design, "-o", folder, "--jobs", "1", "--chunk", "1", "--timeout", "0.001").returncode == 1
    full = finished(design, "-o", folder, "--jobs", "1", "--chunk", "40", "--retry-failed", preexec_fn=small_files)
    assert full.returncode == 3
    assert "File too large" in full.stderr
    assert "the same command again goes on" in full.stderr
    assert list(folder.glob("parts/.*")) == []
    assert finished(design, "-o", folder, "--jobs", "1", "--retry-failed").returncode == 0
    assert same_tables(Store(folder), reference)


def test_a_second_sweep_on_the_same_store_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    design, folder = design_file(tmp_path, MANY), tmp_path / "store"
    first = started(design, "-o", folder, "--jobs", "1", "--chunk", "1")
    wait_for(lambda: stored(folder) > 0)
    os.killpg(first.pid, signal.SIGSTOP)  # so that it cannot finish before the second begins
    second = finished(design, "-o", folder)
    assert second.returncode == 3
    assert f"process {first.pid} on {socket.gethostname()}" in second.stderr
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    assert holder(folder) == ""
    assert finished("status", folder).returncode == 0


def test_an_executor_of_somebody_else_is_left_open(reference: Store, tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        store = cs.sweep(reference.folder.parent / "design.yaml", tmp_path / "store", executor=executor)
        assert executor.submit(abs, -1).result() == 1
    assert same_tables(store, reference)


def free_port() -> int:
    """A port of this machine that nobody listens to."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def dask_worker(port: int) -> subprocess.Popen[bytes]:
    """A worker of one thread, without a process that would start it again."""
    words = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1", "--death-timeout", "60"]
    return quiet("distributed.cli.dask_worker", f"tcp://127.0.0.1:{port}", *words)


def quiet(module: str, *words: str) -> subprocess.Popen[bytes]:
    """A program of Dask, started by its own command."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@contextmanager
def cluster(workers: int) -> Iterator[tuple[int, list[subprocess.Popen[bytes]]]]:
    """A scheduler on the loopback interface with workers, all of them processes of their own."""
    pytest.importorskip("distributed")
    port = free_port()
    scheduler = quiet("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    running = [dask_worker(port) for _ in range(workers)]
    try:
        yield port, running
    finally:
        for process in [*running, scheduler]:
            process.kill()
            process.wait()


def test_dask_gives_the_same_bytes(reference: Store, tmp_path: Path) -> None:
    design, folder = design_file(tmp_path, MANY), tmp_path / "store"
    with cluster(2) as (port, _):
        done = finished(design, "-o", folder, "--executor", f"dask://127.0.0.1:{port}")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert csv(Store(folder), tmp_path) == csv(reference, tmp_path)


def test_dask_workers_killed_again_and_again_cost_no_run(reference: Store, tmp_path: Path) -> None:
    design, folder = design_file(tmp_path, MANY), tmp_path / "store"
    kills = 0
    with cluster(2) as (port, workers):
        process = started(design, "-o", folder, "--executor", f"dask://127.0.0.1:{port}", "--chunk", "2")
        while kills < 4:  # as soon as there is progress, however fast the machine is
            before = stored(folder)
            wait_for(lambda before=before: stored(folder) > before + 2 or process.poll() is not None)
            if process.poll() is not None:
                break
            workers.append(dask_worker(port))
            workers[0].kill()
            workers.pop(0).wait()
            kills += 1
        _, said = process.communicate(timeout=200)
    assert process.returncode == 0, said
    assert kills > 1
    assert same_tables(Store(folder), reference)


MPI = """\
import sys
from mpi4py.futures import MPIPoolExecutor
import chainsim as cs
if __name__ == "__main__":
    with MPIPoolExecutor() as executor:
        cs.sweep(sys.argv[1], sys.argv[2], executor=executor)
"""


def test_mpi_gives_the_same_bytes(reference: Store, tmp_path: Path) -> None:
    pytest.importorskip("mpi4py", exc_type=ImportError)
    launcher = Path(sys.executable).parent / "mpiexec"
    if not launcher.exists():
        pytest.skip("no mpiexec beside this Python")
    design, script = design_file(tmp_path, MANY), tmp_path / "sweep_on_mpi.py"
    script.write_text(MPI, encoding="utf-8")
    words = [launcher, "-n", "3", sys.executable, "-m", "mpi4py.futures", script, design, tmp_path / "store"]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert csv(Store(tmp_path / "store"), tmp_path) == csv(reference, tmp_path)


def test_an_address_where_nobody_answers_is_told(tmp_path: Path) -> None:
    done = finished(design_file(tmp_path), "-o", tmp_path / "store", "--executor", f"dask://127.0.0.1:{free_port()}")
    assert done.returncode == 3
    assert "no Dask scheduler" in done.stderr
