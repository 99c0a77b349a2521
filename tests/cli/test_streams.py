"""The command line on odd machines: narrow, closed and broken streams, and being told to stop."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pandas as pd
import pytest
from waiting import wait_for_a_run

from chainsim.cli.streams import plain_letters

ROOT = Path(__file__).parents[2]
MINIMAL = ROOT / "scenarios" / "minimal.yaml"
CHAINSIM = [sys.executable, "-m", "chainsim.cli"]
RUN = [*CHAINSIM, "run", str(MINIMAL), "--set", "years.end=2021", "--seed", "1", "-o"]


EXPLAIN = [*CHAINSIM, "explain", str(ROOT / "scenarios" / "jilin.yaml")]


def shell(command: list[str], folder: Path, ending: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A command under a shell, with an ending such as `2>&-`."""
    text = " ".join(f"'{word}'" for word in command) + f" {ending}"
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(["bash", "-c", text], cwd=folder, env=env, capture_output=True, timeout=120, check=False)


def test_letters_that_an_encoding_lacks_are_replaced_as_near_as_they_come():
    error = UnicodeEncodeError("cp437", "−5 …结", 0, 1, "")
    assert plain_letters(error) == ("-", 1)
    assert plain_letters(UnicodeEncodeError("cp437", "−5 …结", 3, 5, "")) == ("...?", 5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoding", "command"),
    [("gbk", [*RUN, "out"]), ("ascii", [*RUN, "out"]), ("cp437", EXPLAIN), ("ascii", EXPLAIN)],
    ids=["gbk run", "ascii run", "cp437 explain", "ascii explain"],
)
def test_a_stream_that_lacks_letters_still_gets_the_table(tmp_path: Path, encoding: str, command: list[str]) -> None:
    """Of the table of a run GBK lacks the minus; of the titles of Jilin code page 437 lacks the Chinese."""
    done = shell(command, tmp_path, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert b"Traceback" not in done.stderr


CLOSED = ["2>&-", ">&-", ">&- 2>&- <&-", "| true; exit ${PIPESTATUS[0]}", "2>&1 | true; exit ${PIPESTATUS[0]}"]


@pytest.mark.slow
@pytest.mark.parametrize("ending", CLOSED)
def test_a_closed_or_broken_stream_costs_no_result(tmp_path: Path, ending: str) -> None:
    assert shell([*RUN, "out"], tmp_path, ending).returncode == 0
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.slow
@pytest.mark.parametrize("ending", [">&- 2>&- <&-", "| true; exit ${PIPESTATUS[0]}"])
def test_a_closed_or_broken_stream_is_no_failure_of_what_only_speaks(tmp_path: Path, ending: str) -> None:
    assert shell([*CHAINSIM, "explain", str(MINIMAL)], tmp_path, ending).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_a_full_disk_behind_a_stream_is_named_and_costs_no_result(tmp_path: Path) -> None:
    done = shell([*RUN, "out"], tmp_path, "> /dev/full")
    assert done.returncode == 3
    assert "standard output: No space left on device; what was saved before stands" in done.stderr.decode()
    assert b"Exception" not in done.stderr
    assert (tmp_path / "out" / "provenance.json").is_file()


@pytest.mark.slow
def test_settings_for_windows_do_not_matter(tmp_path: Path) -> None:
    done = shell([*RUN, "out"], tmp_path, MPLBACKEND="nope")
    assert done.returncode == 0
    assert complaints(done.stderr.decode()) == []


@pytest.mark.slow
def test_runs_without_a_compiler_are_slow_and_the_same_to_the_last_bit(tmp_path: Path) -> None:
    policy = ["--set", "levers={g: {type: matchmaking, years: 2021, rate: 1}}", "--enterprises"]
    for folder, switch in (("out", "0"), ("slow", "1")):
        done = shell([*RUN, folder, *policy], tmp_path, NUMBA_DISABLE_JIT=switch)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count(b"NUMBA_DISABLE_JIT: nothing is compiled") == int(switch)
    tables = sorted(path.name for path in (tmp_path / "out").rglob("*.parquet"))
    assert len(tables) > 5
    for name in tables:
        one, other = (pd.read_parquet(next((tmp_path / folder).rglob(name))) for folder in ("out", "slow"))
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def complaints(said: str) -> list[str]:
    """Lines that tell something else than how far the runs are."""
    return [line for line in said.splitlines() if not re.fullmatch(r"minimal: [\d,]+ of [\d,]+ years.*", line)]


@pytest.mark.slow
def test_being_told_to_stop_leaves_nothing_half_and_no_complaints(tmp_path: Path) -> None:
    command = [*CHAINSIM, "run", str(MINIMAL), "-o", "out", "--replications", "100000", "--jobs", "2"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True) as process:
        wait_for_a_run(tmp_path / "out")
        process.send_signal(signal.SIGTERM)
        try:
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 143
    (told,) = complaints(said)
    kept = len(list((tmp_path / "out.unfinished").glob("*.npz")))
    expected = f"{kept} of 100000 seeds are kept in out.unfinished"
    assert told == f"minimal: stopped; {expected}, and the same command goes on from there"
    assert {path.name for path in tmp_path.iterdir()} <= {"out.unfinished"}  # whole runs, to go on from


LOSES = {
    "in a destructor": "class Word:\n    def __del__(self): tell()\nWord()",
    "in other clothes": "try: tell()\nexcept SystemExit as word: raise SystemError('returned a result') from word",
}
"""Places where a compiler loses what is told to a process."""


@pytest.mark.parametrize("place", LOSES)
def test_being_told_to_stop_ends_the_command_wherever_the_word_is_lost(tmp_path: Path, place: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import signal, sys\n"
        "from chainsim.cli.main import main\n"
        "from chainsim.runs import simulation\n"
        "tell = lambda: signal.raise_signal(signal.SIGTERM)\n"
        "step, steps = simulation.Simulation.step, []\n"
        "def stopped(self):\n"
        "    step(self)\n"
        "    steps.append(self)\n"
        f"    if len(steps) == 2:\n{indent(LOSES[place], 8 * ' ')}\n"
        "simulation.Simulation.step = stopped\n"
        f"sys.argv = ['chainsim', 'run', {str(MINIMAL)!r}, '-o', 'out', '--set', 'years.end=2021', "
        "'--replications', '100000']\n"
        "main()\n"
    )
    done = shell([sys.executable, str(script)], tmp_path)
    assert done.returncode == 143, done.stderr
    (told,) = complaints(done.stderr.decode())
    assert re.match(r"minimal: stopped; [1-9]\d* of 100000 seeds are kept in out.unfinished", told)
    assert [path.name for path in tmp_path.iterdir() if path != script] == ["out.unfinished"]


@pytest.mark.slow
def test_new_on_a_full_disk_leaves_nothing_and_works_once_there_is_room(tmp_path: Path) -> None:
    limited = subprocess.run(
        ["bash", "-c", f"ulimit -f 0; {sys.executable} -m chainsim.cli new deep/mine"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert limited.returncode == 3
    assert "mine.yaml: File too large" in limited.stderr
    assert list(tmp_path.iterdir()) == []
    assert shell([*CHAINSIM, "new", "deep/mine"], tmp_path).returncode == 0


@pytest.mark.slow
def test_where_compiled_code_cannot_be_kept_it_is_compiled_and_the_remedy_told(tmp_path: Path) -> None:
    script = (
        "import numba.core.caching as c\n"
        "c.FunctionCache.__init__ = lambda self, f: (_ for _ in ()).throw(RuntimeError('no locator available'))\n"
        "from chainsim.economy import draws\n"
        "print(draws.philox4x32((0, 0, 0, 0), (0, 0)))\n"
    )
    done = shell([sys.executable, "-c", script.replace("'", '"')], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(b"NUMBA_CACHE_DIR") == 1
