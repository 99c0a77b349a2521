"""`chainsim run` and `chainsim report`: what they print, write and answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result
from waiting import wait_for_a_run

from chainsim.cli.main import EXIT_CODES, app
from chainsim.runs.results import read
from chainsim.runs.unfinished import decoded

MINIMAL = Path(__file__).parents[2] / "scenarios" / "minimal.yaml"
SHORT = ["--set", "years.end=2022"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders without fan charts, which take most of the time; the report has tests of its own."""
    monkeypatch.setattr("chainsim.report.pages.charts", lambda result: [])


def chainsim(*arguments: str | Path) -> Result:
    """The command with these arguments."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_run_prints_the_headline_within_80_columns_and_says_where_the_files_are(tmp_path: Path) -> None:
    done = chainsim("run", MINIMAL, "-o", tmp_path / "out", "--replications", 2, *SHORT)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert max(len(line) for line in lines[:-1]) <= 80
    assert any("Localization rate" in line and "%" in line for line in lines)
    assert "90 % of luck" in done.output
    assert "out" in lines[-1]
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"region.parquet", "scenario.yaml", "report.html"}


def test_the_folder_alone_repeats_the_run(tmp_path: Path) -> None:
    chainsim("run", MINIMAL, "-o", tmp_path / "first", "--seed", 4, *SHORT)
    chainsim("run", tmp_path / "first" / "scenario.yaml", "-o", tmp_path / "second", "--seed", 4)
    first, second = read(tmp_path / "first"), read(tmp_path / "second")
    assert first.provenance.scenario_hash == second.provenance.scenario_hash
    assert first.region.equals(second.region)


def test_enterprises_are_recorded_when_asked_for(tmp_path: Path) -> None:
    chainsim("run", MINIMAL, "-o", tmp_path / "out", "--seed", 1, "--enterprises", "--csv", *SHORT)
    table = read(tmp_path / "out").enterprises
    assert {"identity", "name", "segment", "founded", "active"} <= set(table.columns)
    assert table["year"].nunique() == 3
    assert (tmp_path / "out" / "enterprises.csv").exists()


def test_an_existing_folder_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for extra in ([], ["--overwrite"]):
        done = chainsim("run", MINIMAL, "-o", tmp_path, *extra)
        assert done.exit_code == 3
        assert "run" not in {path.name for path in tmp_path.iterdir()}
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_mistakes_of_the_scenario_exit_with_2(tmp_path: Path) -> None:
    done = chainsim("run", MINIMAL, "-o", tmp_path / "out", "--set", "years.ende=2022")
    assert done.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_failed_run_exits_with_1_and_the_command_that_repeats_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(simulation: object) -> None:
        raise ArithmeticError("the books do not close")

    monkeypatch.setattr("chainsim.runs.simulation.Simulation.step", fails)
    done = chainsim("run", MINIMAL, "-o", tmp_path / "out", *SHORT)
    assert done.exit_code == 1
    assert "seed 1 failed in 2021" in done.output
    assert f"chainsim run {MINIMAL} --seed 1 --set years.end=2022" in done.output
    assert not (tmp_path / "out").exists()


def test_report_rebuilds_the_page_and_nothing_else(tmp_path: Path) -> None:
    chainsim("run", MINIMAL, "-o", tmp_path / "out", "--seed", 1, *SHORT)
    page = (tmp_path / "out" / "report.html").read_bytes()
    (tmp_path / "out" / "report.html").unlink()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.parquet")}
    assert chainsim("report", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out" / "report.html").read_bytes() == page
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.parquet")} == before


def test_report_of_a_folder_without_result_exits_with_3(tmp_path: Path) -> None:
    assert chainsim("report", tmp_path).exit_code == 3


def listen_to_interrupts() -> None:
    """Undo what a shell does to background jobs, whose children would ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupt_exits_with_130_and_leaves_nothing_half(tmp_path: Path, jobs: int) -> None:
    command = [sys.executable, "-m", "chainsim.cli", "run", str(MINIMAL), "-o", str(tmp_path / "out")]
    with subprocess.Popen(
        [*command, "--replications", "100000", "--jobs", str(jobs)],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=listen_to_interrupts,
    ) as process:
        wait_for_a_run(tmp_path / "out")
        os.kill(process.pid, signal.SIGINT)
        try:
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    assert {path.name for path in tmp_path.iterdir()} <= {"out.unfinished"}
    assert all(decoded(path.read_bytes())[0][0].tables["region"] for path in tmp_path.glob("*/*"))


@pytest.mark.parametrize("name", sorted(EXIT_CODES))
def test_every_exit_code_belongs_to_an_error_of_that_name(name: str) -> None:
    module, _, kind = name.rpartition(".")
    error = getattr(import_module(module), kind)
    assert issubclass(error, Exception)
    assert f"{error.__module__}.{error.__qualname__}" == name, "it is defined elsewhere, so it would not be found"
