"""`import-io` and `new` on the command line: what they write and print, and how they leave."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import Result
from synthetic_tables import MAP, MILLER_BLAIR, written
from typer.testing import CliRunner

from chainsim.cli import main


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main.app, ["import-io", *map(str, arguments)])


def test_a_table_becomes_a_scenario_and_a_report_that_are_not_overwritten(tmp_path: Path):
    table, mapping = written(tmp_path, "t.csv", MILLER_BLAIR), written(tmp_path, "map.csv", MAP)
    result = run(table, "--map", mapping, "-o", tmp_path / "mine.yaml", "--year", 2017)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "mine.gaps.txt").read_text(encoding="utf-8") in result.stdout
    assert CliRunner().invoke(main.app, ["check", str(tmp_path / "mine.yaml"), "--strict"]).exit_code == 0
    assert run(table, "--map", mapping, "-o", tmp_path / "mine.yaml").exit_code == 3
    assert run(table, "--map", mapping, "-o", tmp_path / "mine.yaml", "--overwrite").exit_code == 0


def test_a_broken_total_and_a_missing_map_leave_with_2_and_write_nothing(tmp_path: Path):
    table = written(tmp_path, "t.csv", MILLER_BLAIR.replace(",650", ",750"))
    mapping = written(tmp_path, "map.csv", MAP)
    result = run(table, "--map", mapping, "-o", tmp_path / "mine.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("t.csv  sector_1: inputs and value added against output: off by 100")
    assert run(table, "--map", tmp_path / "none.csv", "-o", tmp_path / "mine.yaml").exit_code == 2
    assert not (tmp_path / "mine.yaml").exists()


@pytest.mark.parametrize("name", [os.fsdecode(b"\xe6\x96"), "a\x1b[31m", "a\u202eb"], ids=["bytes", "escape", "bidi"])
def test_a_name_that_cannot_be_written_into_a_scenario_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main.app, ["new", name])
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "has letters that no name can have" in result.output
