"""The command `rank` prints every lever, writes the table, and goes on where it was stopped."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from chainsim.cli.main import app

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def rank(*words):
    return CliRunner().invoke(app, ["rank", *map(str, words)])


def test_rank_prints_and_writes_the_levers_and_resumes(tmp_path):
    shutil.copy(SCENARIOS / "minimal.yaml", tmp_path)
    policy = tmp_path / "policy.yaml"
    lever = "{type: investment_grant, rate: .2, budget: 20, years: 2022-2024}"
    policy.write_text(f"extends: minimal.yaml\nname: policy\nlevers:\n  grant: {lever}\n", encoding="utf-8")
    words = (tmp_path / "minimal.yaml", policy, "-o", tmp_path / "levers", "--replications", 2, "--jobs", 1)
    words += ("--set", "years.end=2024")
    first = rank(*words)
    assert first.exit_code == 0, first.output
    assert "grant" in first.output
    assert "left out" in first.output
    table = pd.read_csv(tmp_path / "levers" / "ranking.csv")
    assert list(table["how"]) == ["alone", "left_out"]
    assert rank(*words).exit_code == 0
    assert pd.read_csv(tmp_path / "levers" / "ranking.csv").equals(table)


@pytest.mark.filterwarnings("error")
def test_a_single_pair_has_no_bounds_and_no_complaint(tmp_path):
    shutil.copy(SCENARIOS / "minimal.yaml", tmp_path)
    policy = tmp_path / "policy.yaml"
    lever = "{type: rd_grant, rate: .2, years: 2021}"
    policy.write_text(f"extends: minimal.yaml\nname: policy\nlevers:\n  grant: {lever}\n", encoding="utf-8")
    words = ("-o", tmp_path / "levers", "--replications", 1, "--jobs", 1, "--set", "years.end=2021")
    found = rank(tmp_path / "minimal.yaml", policy, *words)
    assert found.exit_code == 0, found.output


def test_a_taken_folder_is_left_alone_with_exit_code_3(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    found = rank(SCENARIOS / "jilin.yaml", SCENARIOS / "jilin-package.yaml", "-o", tmp_path)
    assert found.exit_code == 3
    assert "holds no ranking" in found.output
