"""The command `optimise` says what it costs, finds portfolios, writes a page, and runs nothing twice."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from chainsim.cli.main import app

SCENARIOS = Path(__file__).parents[2] / "scenarios"
LEVER = "{type: investment_grant, rate: .2, budget: 40, years: 2021-2022}"
SEARCH = """base: base.yaml
policy: policy.yaml
levers: {levers.grant.budget: [0, 40]}
aims: {employment: max, outlay: min}
budget: {outlay: 30}
seeds: 2
points: 5
verify: 4
portfolios: 2
"""


def optimise(*words):
    return CliRunner().invoke(app, ["optimise", *map(str, words)])


@pytest.fixture
def file(tmp_path):
    base = (SCENARIOS / "minimal.yaml").read_text(encoding="utf-8").replace("end: 2030", "end: 2022")
    (tmp_path / "base.yaml").write_text(base, encoding="utf-8")
    policy = f"extends: base.yaml\nname: policy\nlevers:\n  grant: {LEVER}\n"
    (tmp_path / "policy.yaml").write_text(policy, encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(SEARCH, encoding="utf-8")
    return tmp_path / "mine.yaml"


def test_optimise_says_what_it_costs_and_what_it_finds(file, tmp_path):
    out = tmp_path / "out"
    dry = optimise(file, "-o", out, "--jobs", 1, "--dry-run")
    assert dry.exit_code == 0, dry.stderr
    assert "36 = 2 surfaces of 5 portfolios, 4 chosen ones and a baseline, and 16 with fresh seeds" in dry.stdout
    assert not out.exists()
    done = optimise(file, "-o", out, "--jobs", 1)
    assert done.exit_code == 0, done.stderr
    assert "under outlay at most 30; 2 surfaces of 5 runs each" in done.stdout
    assert (out / "summary.txt").read_text(encoding="utf-8") in done.stdout
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Portfolios of 1 levers" in page
    again = optimise(file, "-o", out, "--jobs", 1)
    assert again.stdout == done.stdout
    assert (out / "report.html").read_text(encoding="utf-8") == page


def test_mistakes_of_a_search_leave_with_two_and_their_places(file, tmp_path):
    file.write_text(SEARCH.replace("grant.budget: [0", "grant.budget: [5").replace("outlay: 30", "outly: 30"))
    done = optimise(file, "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert "mine.yaml:3:10  levers.levers.grant.budget: grant is never off" in done.stderr
    assert "no outcome 'outly', did you mean 'outlay'" in done.stderr
    file.write_text(SEARCH.replace("outlay: 30", "net_cost: -1e9"))
    done = optimise(file, "-o", tmp_path / "out", "--jobs", 1)
    assert done.exit_code == 2
    assert "within the budget" in done.stderr


def test_another_folder_is_refused_with_three(file, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    done = optimise(file, "-o", tmp_path / "out", "--jobs", 1)
    assert done.exit_code == 3
    assert "holds no search" in done.stderr
