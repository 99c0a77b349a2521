"""`chainsim sweep` and `chainsim sensitivity`: what they print, write and answer."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import typer
from sweeps import DESIGN, design_file, flip
from typer.testing import CliRunner, Result

import chainsim as cs
from chainsim.cli.main import app
from chainsim.cli.sweeps import failed_runs_told
from chainsim.runs.ensemble import RunFailed
from chainsim.runs.simulation import Simulation
from chainsim.runs.worker import Failure
from chainsim.scenario.load import load


def chainsim(*words: str | Path) -> Result:
    """The command with these words."""
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def swept(tmp_path: Path) -> Path:
    """The store of the small design, run by the command."""
    done = chainsim("sweep", design_file(tmp_path), "-o", tmp_path / "store", "--jobs", 1)
    assert done.exit_code == 0, done.output
    return tmp_path / "store"


def test_a_sweep_says_what_is_done_in_plain_lines(tmp_path: Path) -> None:
    done = chainsim("sweep", design_file(tmp_path), "-o", tmp_path / "store", "--jobs", 1)
    assert "design: 12 of 12 runs, " in done.stderr
    assert "runs/s" in done.stderr
    assert "\x1b" not in done.output
    assert "12 of 12 runs are in" in done.stdout


def test_options_may_stand_before_the_design_and_run_may_be_said(tmp_path: Path) -> None:
    design = design_file(tmp_path)
    assert chainsim("sweep", "--jobs", 1, design, "-o", tmp_path / "one").exit_code == 0
    assert chainsim("sweep", "run", design, "-o", tmp_path / "two", "--jobs", 1).exit_code == 0


def test_a_dry_run_says_what_it_costs_and_writes_nothing(tmp_path: Path) -> None:
    done = chainsim("sweep", design_file(tmp_path), "-o", tmp_path / "store", "--jobs", 2, "--dry-run")
    assert done.exit_code == 0, done.output
    assert "12 = 4 points x 3 replications" in done.stdout
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["runs", "time", "disk", "memory"]
    assert not (tmp_path / "store").exists()


def test_a_dry_run_counts_what_is_stored(swept: Path) -> None:
    done = chainsim("sweep", swept.parent / "design.yaml", "-o", swept, "--dry-run")
    assert "12 of them stored" in done.stdout
    assert "time    0 s" in done.stdout


def test_mistakes_of_a_design_exit_with_2_and_their_places(tmp_path: Path) -> None:
    for command in ("sweep", "sensitivity"):
        done = chainsim(
            command, design_file(tmp_path, DESIGN.replace("review_rate", "review_rat")), "-o", tmp_path / "s"
        )
        assert done.exit_code == 2
        assert "design.yaml:3:3  vary.stages.sourcing.review_rat: unknown key" in done.stderr
        assert not (tmp_path / "s").exists()


def test_an_unknown_executor_exits_with_2(tmp_path: Path) -> None:
    done = chainsim("sweep", design_file(tmp_path), "-o", tmp_path / "store", "--executor", "ray://here")
    assert done.exit_code == 2
    assert "dask://localhost:8786" in done.stderr


def test_workers_of_another_version_exit_with_3_and_are_no_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chainsim.experiments.sweep.code", lambda: ("9.9", "another source"))
    done = chainsim("sweep", design_file(tmp_path), "-o", tmp_path / "store", "--jobs", 1)
    assert done.exit_code == 3
    assert done.stderr.splitlines()[-1].startswith(f"a worker runs chainsim {cs.__version__} with another source")


def test_a_folder_without_sweep_exits_with_3(tmp_path: Path) -> None:
    for words in (["status", tmp_path], ["export", tmp_path, "--to", "csv"]):
        assert chainsim("sweep", *words).exit_code == 3


def test_status_of_a_damaged_store_exits_with_3_and_names_the_file(swept: Path) -> None:
    assert "12 of 12 done, 0 failed, 0 missing" in chainsim("sweep", "status", swept).stdout
    file = next(swept.glob("parts/*/region.parquet"))
    flip(file)
    done = chainsim("sweep", "status", swept)
    assert done.exit_code == 3
    assert str(file) in done.stderr
    assert chainsim("sweep", "export", swept, "--to", "csv").exit_code == 3
    again = chainsim("sweep", swept.parent / "design.yaml", "-o", swept, "--jobs", 1)
    assert again.exit_code == 3
    assert "The same command again goes on" in again.stderr
    assert chainsim("sweep", swept.parent / "design.yaml", "-o", swept, "--jobs", 1).exit_code == 0


def test_failed_runs_exit_with_1_and_the_command_that_repeats_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stepped = Simulation.step

    def fails(simulation: Simulation) -> None:
        if simulation.economy.seed == 2:
            raise ArithmeticError("the books do not close")
        stepped(simulation)

    monkeypatch.setattr(Simulation, "step", fails)
    done = chainsim("sweep", design_file(tmp_path), "-o", tmp_path / "store", "--jobs", 1)
    assert done.exit_code == 1
    assert "8 of 12 runs are in" in done.stdout
    assert "point 0, seed 2 failed in 2021: " in done.stderr
    line = next(line for line in done.stderr.splitlines() if "repeat it with" in line)
    words = shlex.split(line.partition("with: ")[2])
    assert words[:2] == ["chainsim", "run"]
    assert load(words[2]).name == "small"
    assert words[words.index("--seed") + 1] == "2"
    assert "stages.sourcing.review_rate=0.1" in words


def test_an_export_is_one_file_or_a_folder_of_them(swept: Path, tmp_path: Path) -> None:
    assert chainsim("sweep", "export", swept, "--to", "csv", "-o", tmp_path / "r.csv").exit_code == 0
    assert (tmp_path / "r.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "scope" in (tmp_path / "r.csv").read_text(encoding="utf-8-sig").partition("\n")[0]
    chainsim("sweep", "export", swept, "--to", "stata", "-o", tmp_path / "folder")
    assert {path.name for path in (tmp_path / "folder").iterdir()} == {"region.dta", "segments.dta"}
    assert chainsim("sweep", "export", swept, "--to", "excel").exit_code == 0
    assert (swept / "export" / "design.xlsx").exists()
    assert chainsim("sweep", "export", swept, "--to", "spss").exit_code == 2
    assert chainsim("sweep", "export", swept, "--to", "csv", "--table", "regoin").exit_code == 2


def test_a_table_without_rows_is_exported_with_its_columns(tmp_path: Path) -> None:
    design = design_file(tmp_path, DESIGN.replace("[region, segments]", "[levers]"))
    store = cs.sweep(design, tmp_path / "store")
    assert list(store.table("levers").to_pandas().columns)[-1] == "recipients"
    for to, name in (("csv", "l.csv"), ("excel", "l.xlsx")):
        assert chainsim("sweep", "export", store.folder, "--to", to, "-o", tmp_path / name).exit_code == 0
    header = (tmp_path / "l.csv").read_text(encoding="utf-8-sig")
    assert header.startswith('"scenario"')
    assert "review_rate" in header


def test_sensitivity_prints_a_ranking_and_resumes(tmp_path: Path) -> None:
    words = ["sensitivity", design_file(tmp_path), "-o", tmp_path / "out", "--jobs", 1, "--indicator", "employment"]
    done = chainsim(*words)
    assert done.exit_code == 0, done.output
    assert "region.productivity_growth" in done.stdout
    assert "of the variance of all runs" in done.stdout
    assert (tmp_path / "out" / "employment.svg").exists()
    parts = sorted((tmp_path / "out" / "store" / "parts").iterdir())
    assert chainsim(*words).stdout == done.stdout
    assert sorted((tmp_path / "out" / "store" / "parts").iterdir()) == parts


def test_sensitivity_of_an_unknown_indicator_exits_with_2(tmp_path: Path) -> None:
    done = chainsim("sensitivity", design_file(tmp_path), "-o", tmp_path / "out", "--jobs", 1, "--indicator", "jobs")
    assert done.exit_code == 2
    assert "no indicator 'jobs'" in done.stderr


@pytest.mark.parametrize(
    "command", [["sweep"], ["sweep", "run"], ["sweep", "status"], ["sweep", "export"], ["sensitivity"]]
)
def test_every_command_has_help_with_an_example(command: list[str]) -> None:
    done = chainsim(*command, "--help")
    assert done.exit_code == 0
    assert f"Example: chainsim {command[0]}" in " ".join(done.stdout.split())


def test_shards_have_folders_of_their_own_and_merge_into_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    design = design_file(tmp_path)
    monkeypatch.chdir(tmp_path)
    for shard in ("1/2", "2/2"):
        assert chainsim("sweep", design, "--shard", shard, "--jobs", 1).exit_code == 0
    half = chainsim("sweep", "merge", "out/design-1-2", "-o", "out/all")
    assert half.exit_code == 1
    assert "6 runs are missing" in half.stderr
    done = chainsim("sweep", "merge", "out/design-1-2", "out/design-2-2", "-o", "out/all")
    assert done.exit_code == 0
    assert "12 of 12 runs are in out/all" in done.stdout


@pytest.mark.parametrize("other", ["2/3", "1/4"])
def test_a_shard_into_the_store_of_another_is_refused(tmp_path: Path, other: str) -> None:
    design, store = design_file(tmp_path), tmp_path / "store"
    assert chainsim("sweep", design, "--shard", "1/3", "-o", store, "--jobs", 1).exit_code == 0
    before = sorted(store.rglob("*"))
    done = chainsim("sweep", design, "--shard", other, "-o", store)
    assert done.exit_code == 2
    told = " ".join(done.stderr.replace("│", " ").split())
    assert "runs that are not of this shard, such as point" in told
    assert "store of its own" in told
    assert len(done.stderr.splitlines()) < 24
    assert sorted(store.rglob("*")) == before
    assert chainsim("sweep", design, "--shard", "1/3", "-o", store).exit_code == 0
    assert chainsim("sweep", design, "-o", store, "--jobs", 1).exit_code == 0


@pytest.mark.parametrize("shard", ["3", "0/4", "5/4", "a/b", "1/"])
def test_a_shard_is_k_of_n(tmp_path: Path, shard: str) -> None:
    done = chainsim("sweep", design_file(tmp_path), "--shard", shard)
    assert done.exit_code == 2
    assert "expected K/N" in done.stderr


def test_calibrate_says_what_it_costs_and_what_the_data_tell(tmp_path: Path) -> None:
    targets = tmp_path / "targets.csv"
    targets.write_text(
        "id,use,target,value,low,high,how,indicator,of,first,last\n"
        "wages,fit,wages,1.2,1.15,1.25,ratio,wage_ordinary,chain,2020,2022\n"
        "jobs,held_out,jobs,1.0,0.9,1.1,ratio,employment,chain,2020,2022\n",
        encoding="utf-8",
    )
    (tmp_path / "base.yaml").write_text(
        (Path(__file__).parents[2] / "scenarios" / "minimal.yaml")
        .read_text(encoding="utf-8")
        .replace("end: 2030", "end: 2022"),
        encoding="utf-8",
    )
    file = tmp_path / "mine.yaml"
    file.write_text(
        "scenario: base.yaml\ntargets: targets.csv\nruns: 16\nfit: {region.productivity_growth: {}}\n", encoding="utf-8"
    )
    dry = chainsim("calibrate", file, "-o", tmp_path / "out", "--jobs", 1, "--dry-run")
    assert dry.exit_code == 0
    assert "16 = 16 points x 1 replications" in dry.stdout
    assert not (tmp_path / "out").exists()
    done = chainsim("calibrate", file, "-o", tmp_path / "out", "--jobs", 1)
    assert done.exit_code == 0, done.stderr
    assert "1 numbers fitted to 1 of 1 targets with 16 runs" in done.stdout
    assert (tmp_path / "out" / "summary.txt").read_text(encoding="utf-8") in done.stdout
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "1 numbers of the scenario" in page
    again = chainsim("calibrate", file, "-o", tmp_path / "out", "--jobs", 1)
    assert again.stdout == done.stdout
    assert (tmp_path / "out" / "report.html").read_text(encoding="utf-8") == page


def test_a_run_that_fails_ends_a_command_in_the_same_words_whatever_was_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, failed_runs_told("the search", "beside out/search"):
        raise RunFailed("policy", Failure(7, 2024, "no capital is left", ""))
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == (
        "a run of the search with seed 7 failed in 2024: no capital is left\n"
        "what others have shown is kept beside out/search; the same command again goes on\n"
    )
