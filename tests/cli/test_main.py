"""The commands that run nothing: check, explain, new, schema. What they print, where, and how they leave."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from scenario_files import SMALL, written
from typer.testing import CliRunner, Result

import chainsim
from chainsim.cli import main
from chainsim.scenario.load import load
from chainsim.scenario.templates import shipped, start, templates


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main.app, [str(argument) for argument in arguments])


# check --------------------------------------------------------------------------------------------------------------


def test_check_sums_up_what_is_right(tmp_path: Path):
    path = written(tmp_path, SMALL)
    result = run("check", path)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{path}: OK, 2 segments in 2 tiers, 1 input")


def test_check_lists_every_mistake_of_every_file(tmp_path: Path):
    wrong = written(tmp_path, SMALL.replace("output: 100", "output: x").replace("end: 2025", "end: x"), "wrong.yaml")
    right, missing = written(tmp_path, SMALL, "right.yaml"), tmp_path / "missing.yaml"
    result = run("check", wrong, right, missing)
    assert result.exit_code == 2
    assert result.stdout.count("OK") == 1
    places = [line.split()[0] for line in result.stderr.splitlines() if not line.startswith(" ")]
    assert places == [f"{wrong}:", "wrong.yaml:2:27", "wrong.yaml:9:15", f"{missing}:", "missing.yaml"]


def test_check_takes_other_values(tmp_path: Path):
    path = written(tmp_path, SMALL)
    assert run("check", path, "--set", "years.end=2030", "--set", "seed=4").exit_code == 0
    result = run("check", path, "--set", "years.end=2019")
    assert result.exit_code == 2
    assert result.stderr.startswith("--set years.end=2019  years.end: the last year 2019")
    assert run("check", path, "--set", "years.end").exit_code == 2


def test_check_warns_of_what_is_hardly_meant_and_fails_only_if_strict(tmp_path: Path):
    grant = "levers: {a: {type: rd_grant, rate: 0.2, years: 2012-2018, budget: 5.0e7}}\n"
    path = written(tmp_path, SMALL + grant)
    result = run("check", path)
    assert result.exit_code == 0
    warned = [line for line in result.stdout.splitlines() if line.startswith("  warning: case.yaml:19:")]
    assert [line.split()[2] for line in warned] == ["levers.a.years:", "levers.a.budget:"]
    assert run("check", path, "--strict").exit_code == 2
    assert run("check", written(tmp_path, SMALL), "--strict").exit_code == 0


def test_a_run_warns_beside_its_output(tmp_path: Path):
    path = written(tmp_path, SMALL.replace("end: 2025", "end: 2021"))
    result = run("run", path, "-o", tmp_path / "out", "--set", "stages.innovation.step_high=9")
    assert result.stderr.startswith("warning: --set stages.innovation.step_high=9  stages.innovation.step_high: 9")
    assert "warning" not in result.stdout


def test_check_without_files_is_bad_usage():
    assert run("check").exit_code == 2


@pytest.mark.parametrize("name", sorted(templates()))
def test_check_accepts_what_is_shipped_without_a_warning(name: str):
    assert run("check", templates()[name], "--strict").exit_code == 0


# explain ------------------------------------------------------------------------------------------------------------


def test_explain_prints_lines_with_tabs_into_a_pipe(tmp_path: Path):
    result = run("explain", written(tmp_path, SMALL), "chain.segments.steel.output")
    header, line = result.stdout.splitlines()
    assert header.split("\t")[0] == "path"
    assert line.split("\t")[:5] == ["chain.segments.steel.output", "100", "CNY million", "", "case.yaml:9:15"]


def test_explain_names_the_override(tmp_path: Path):
    result = run("explain", written(tmp_path, SMALL), "years.end", "--set", "years.end=2031")
    assert "2031\t\t\t--set years.end=2031" in result.stdout


def test_explain_of_an_unknown_path_suggests_one(tmp_path: Path):
    result = run("explain", written(tmp_path, SMALL), "stages.sourcin")
    assert result.exit_code == 2
    assert result.stderr == "small  stages.sourcin: unknown key 'sourcin', did you mean 'sourcing'?\n"


# new ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", sorted(templates()))
def test_new_copies_a_scenario_with_all_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str):
    monkeypatch.chdir(tmp_path)
    result = run("new", "my-region", "--from", template)
    assert result.exit_code == 0, result.stderr
    copy = load(tmp_path / "my-region.yaml")
    assert copy.name == "my-region"
    assert copy.replace({"name": template}) == load(templates()[template])


def test_new_keeps_the_comments(tmp_path: Path):
    start(str(tmp_path / "mine"))
    original = templates()["minimal"].read_text(encoding="utf-8").splitlines()
    copy = (tmp_path / "mine.yaml").read_text(encoding="utf-8").splitlines()
    assert [line for line in copy if line not in original] == ['name: "mine"']


def test_new_brings_the_schema_for_editors(tmp_path: Path):
    start(str(tmp_path / "mine"))
    assert json.loads((tmp_path / "scenario.schema.json").read_text())["title"] == "chainsim scenario"


def test_new_overwrites_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "mine", "mine.yaml")
    result = run("new", "mine")
    assert result.exit_code == 2
    assert "mine.yaml exists already" in result.stderr
    assert (tmp_path / "mine.yaml").read_text() == "mine"


def test_new_does_not_touch_tables_that_were_changed(tmp_path: Path):
    start(str(tmp_path / "one"), "jilin")
    table = tmp_path / "data" / "jilin" / "segments.csv"
    table.write_text(table.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    result = run("new", tmp_path / "two", "--from", "jilin")
    assert result.exit_code == 2
    assert "segments.csv exists already" in " ".join(result.stderr.split())
    assert not (tmp_path / "two.yaml").exists()


def test_two_scenarios_of_a_folder_share_their_tables(tmp_path: Path):
    start(str(tmp_path / "one"), "jilin")
    assert start(str(tmp_path / "two"), "jilin") == [tmp_path / "two.yaml"]


def test_new_lists_the_templates_for_a_wrong_name(tmp_path: Path):
    assert "unknown template 'jilim', did you mean 'jilin'?" in run("new", tmp_path / "x", "--from", "jilim").stderr
    listed = run("new", tmp_path / "x", "--from", "zzz").stderr
    assert all(name in listed for name in templates())


@pytest.mark.parametrize("name", ["", ".", ".yaml"])
def test_new_needs_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.chdir(tmp_path)
    assert run("new", name).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_the_shipped_scenarios_are_found():
    assert (shipped() / "minimal.yaml").is_file()


# schema, help, version ----------------------------------------------------------------------------------------------


def test_schema_prints_json():
    assert "NumberWithSource" in json.loads(run("schema").stdout)["$defs"]


def test_help_names_every_command_and_every_command_has_an_example():
    text = run("--help").stdout
    for command in ("check", "explain", "new", "schema"):
        assert command in text
        assert f"Example: chainsim {command}" in " ".join(run(command, "--help").stdout.split())


def test_the_version_is_that_of_the_package():
    assert run("--version").stdout == f"{chainsim.__version__}\n"


# How a command ends -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (OSError(28, "No space left on device"), 3)])
def test_troubles_have_their_exit_codes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: BaseException, code: int
):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(main, "scenario_of", fail)
    result = run("explain", written(tmp_path, SMALL))
    assert result.exit_code == code
    assert "Traceback" not in result.output


def test_a_bug_shows_its_traceback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(main, "scenario_of", fail)
    assert isinstance(run("explain", written(tmp_path, SMALL)).exception, ZeroDivisionError)


def shell(command: str) -> subprocess.CompletedProcess[str]:
    script = command.replace("chainsim", f"{sys.executable} -m chainsim.cli")
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, env={**os.environ, "PYTHONUTF8": "1"})


def test_a_closed_pipe_is_no_error():
    result = shell(f"set -o pipefail; chainsim explain {templates()['jilin']} | head -1")
    assert (result.returncode, result.stderr) == (0, "")


def test_python_m_runs_the_command_line():
    result = shell(f"chainsim check {templates()['minimal']}")
    assert (result.returncode, result.stderr) == (0, "")
    assert ": OK, " in result.stdout


@pytest.mark.parametrize(("stated", "threads"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "2"}, "2")], ids=["default", "2"])
def test_the_command_computes_in_one_thread_unless_told_otherwise(stated: dict[str, str], threads: str):
    script = "import atexit, os\natexit.register(lambda: print(os.environ['OPENBLAS_NUM_THREADS']))\n"
    script += "import sys\nsys.argv = ['chainsim', '--version']\nfrom chainsim.cli.main import main\nmain()"
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"} | stated
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == [chainsim.__version__, threads]


def test_garbage_is_collected_again_once_a_scenario_is_loaded_or_refused(tmp_path: Path):
    for text in (SMALL, "name: ["):
        run("check", written(tmp_path, text))
        assert gc.isenabled()


HEAVY = ("pandas", "mesa", "numba", "scipy", "matplotlib", "pyarrow", "networkx", "jinja2", "IPython")


@pytest.mark.parametrize(
    "command",
    [
        "['--help']",
        f"['check', {str(templates()['jilin'])!r}]",
        "['schema']",
        f"['explain', {str(templates()['minimal'])!r}]",
    ],
)
def test_quick_commands_import_no_heavy_library(command: str):
    script = (
        f"import sys; from chainsim.cli.main import app; app({command}, standalone_mode=False); print(*sys.modules, "
        "file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in result.stderr.split()}
    assert "chainsim" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_odd_writes_the_document_and_tells_mistakes(tmp_path: Path) -> None:
    scenario = written(tmp_path, SMALL)
    done = run("odd", scenario, "-o", tmp_path / "odd.md", "--set", "stages.pricing.lag=0.3")
    assert done.exit_code == 0, done.output
    assert "| `lag` | 0.3 | 0.2 |" in (tmp_path / "odd.md").read_text(encoding="utf-8")
    wrong = run("odd", scenario, "--set", "stages.pricing.lga=0.3")
    assert (wrong.exit_code, "did you mean 'lag'" in wrong.stderr) == (2, True)
