"""Promises about the guides in docs/: their tables are those of the code, their examples run."""

import re
import runpy
import shlex
import shutil
from pathlib import Path

import matplotlib
import pytest
from economies import shipped
from sizes import PREFIX, SIZES, readers
from typer.main import get_command

import chainsim as cs
from chainsim.cli.main import app
from chainsim.economy.entry_points import entry_points
from chainsim.levers import LEVERS
from chainsim.stages import CALENDAR

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GUIDES = sorted(DOCS.glob("*.md"))
EXAMPLES = {
    "python": ("how-to-change-things.md", "policy-levers.md", "policy-effects.md", "sweeps.md", "validation.md"),
    "yaml": ("how-to-change-things.md", "data-jilin.md", "policy-levers.md", "policy-effects.md"),
}


def blocks(name: str, language: str) -> list[str]:
    """Code blocks of a language in a guide."""
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / name).read_text(encoding="utf-8"), re.M | re.S)


def test_the_page_of_tables_is_what_the_code_declares():
    made = runpy.run_path(str(DOCS / "make_tables.py"))["page"]()
    assert (DOCS / "tables.md").read_text(encoding="utf-8") == made, "run: python docs/make_tables.py"


def test_the_tables_of_levers_shocks_and_entry_points_are_what_the_code_declares():
    text = (DOCS / "policy-levers.md").read_text(encoding="utf-8")
    made = runpy.run_path(str(DOCS / "make_policy_levers.py"))["page"](text)
    assert text == made, "run: python docs/make_policy_levers.py"
    assert [name for name in entry_points() if f"`{name}`" not in text] == []


def test_what_is_lost_of_a_lever_is_said_in_words():
    lost = runpy.run_path(str(DOCS / "make_policy_levers.py"))["DEADWEIGHT"]
    assert set(lost) <= set(LEVERS)
    assert all(words for _, words in lost.values())


def test_a_lever_of_ones_own_takes_at_most_forty_lines():
    code = "".join(blocks("policy-levers.md", "python"))
    lever = code[code.index("class ") : code.index("base =")].strip()
    assert 5 < len(lever.splitlines()) <= 40


def recipes() -> dict[str, list[str]]:
    """The code blocks of every question of the recipes."""
    text = (DOCS / "recipes.md").read_text(encoding="utf-8")
    return {part.splitlines()[0]: re.findall(r"^```\w*\n(.*?)^```", part, re.M | re.S) for part in text.split("\n## ")}


def test_ten_questions_are_answered_in_at_most_five_lines_each():
    _, *questions = recipes().values()
    assert len(questions) == 10
    assert max(len(block.splitlines()) for blocks in questions for block in blocks) <= 5


@pytest.mark.filterwarnings("ignore:.*worlds tell few drivers")
def test_the_lines_that_answer_the_ten_questions_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """On a chain of three years, with few seeds, in place of the flagship."""
    small = shipped("minimal", years__end=2022)
    grants = {"levers.a": {"type": "rd_grant", "rate": 0.2, "years": 2021}, "name": "package"}
    slump = {"shocks.s": {"type": "demand_shift", "change": -0.2, "years": 2021}, "name": "slump"}
    here = {"cs": cs, "base": small, "policy": small.replace(grants), "embargo": small.replace(slump)}
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    matplotlib.use("Agg")
    for heading, (code, _) in list(recipes().items())[1:]:
        few = re.sub(r"(replications|worlds|rank)=\d+", r"\1=2", code)
        exec(compile(few, heading, "exec"), dict(here))  # noqa: S102 - our own page
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {"", ".xlsx", ".svg"}


def test_the_commands_that_answer_them_have_these_options_and_files():
    commands = get_command(app).commands
    for _, command in list(recipes().values())[1:]:
        name, *given = shlex.split(command)[1:]
        known = {option for each in commands[name].params for option in each.opts}
        assert {word for word in given if word.startswith("--")} <= known
        assert all((ROOT / word).exists() for word in given if word.startswith("scenarios/"))


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES["python"])
def test_the_python_of_the_guides_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Beside the scenarios, with designs of few runs."""
    place = shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    for design in (place / "sweeps").glob("minimal*.yaml"):
        few = re.sub(r"(replications|trajectories): \d+", r"\1: 2", design.read_text(encoding="utf-8"))
        design.write_text(few, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code = "\n".join(blocks(name, "python"))
    assert code
    exec(compile(code, name, "exec"), {})  # noqa: S102 - our own page


@pytest.mark.parametrize("name", EXAMPLES["yaml"])
def test_the_scenarios_in_the_guides_load(name: str, tmp_path: Path):
    place = shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    found = blocks(name, "yaml")
    assert found
    for number, text in enumerate(found):
        file = place / f"example-{number}.yaml"
        file.write_text(text, encoding="utf-8")
        assert cs.load(file).years.start == 2020


def test_the_description_of_the_model_has_sections_in_the_order_of_the_year():
    """What a stage owes (`tests/stages/test_stages.py`) is its section; here stands that none is left or misplaced."""
    headings = [name.lower() for name in re.findall(r"^### \d+ (\w+)", (DOCS / "model.md").read_text("utf-8"), re.M)]
    assert headings == [stage.key for stage in CALENDAR if stage.key in headings]


def test_parameters_that_the_description_of_the_model_names_exist():
    known = {field for stage in CALENDAR for field in stage.model_fields}
    text = (DOCS / "model.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+)\.(\w+)`", text)
    stages = {stage.key: stage for stage in CALENDAR}
    missing = [
        f"{stage}.{field}" for stage, field in named if stage in stages and field not in stages[stage].model_fields
    ]
    assert known
    assert named
    assert missing == []


def test_every_guide_can_be_found_from_the_map():
    map_ = (DOCS / "index.md").read_text(encoding="utf-8")
    assert [guide.name for guide in GUIDES if guide.name != "index.md" and guide.name not in map_] == []


def test_the_table_of_the_long_job_has_every_number_that_tests_read():
    told = re.findall(
        r"^\| `(CHAINSIM_\w+)` \| ([\d,]+) \| ([\d,]+) \| (.+) \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.M
    )
    stated = {PREFIX + name: (f"{size.default:,}", f"{size.long:,}", size.meaning) for name, size in SIZES.items()}
    assert {name: tuple(rest) for name, *rest in told} == stated
    texts = [path.read_text(encoding="utf-8") for path in readers()]
    assert {name for text in texts for name in re.findall(r"\bsize\(\"(\w+)\"\)", text)} == set(SIZES)
    elsewhere = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    literal = re.compile(r"environ\b.*CHAINSIM_")
    assert [path.name for path in elsewhere if literal.search(path.read_text(encoding="utf-8"))] == []
