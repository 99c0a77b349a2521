"""A resolved scenario is written as files that give the same scenario again and need nothing else."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_files import SMALL, loaded, written

from chainsim.scenario.errors import Problems
from chainsim.scenario.load import load
from chainsim.scenario.nodes import to_python
from chainsim.scenario.templates import templates
from chainsim.scenario.write import dump, write_resolved
from chainsim.scenario.yaml_reader import read
from chainsim.scenario.yaml_writer import yaml_lines
from chainsim.stages import Pricing


@pytest.mark.parametrize("name", sorted(templates()))
def test_a_shipped_scenario_comes_back_from_its_folder(tmp_path: Path, name: str):
    scenario = load(templates()[name])
    again = load(write_resolved(scenario, tmp_path))
    assert again == scenario
    assert again.hash == scenario.hash
    assert again.sources == scenario.sources


@pytest.mark.parametrize("name", ["minimal", "two-regions-io"])
def test_a_scenario_comes_back_from_one_text(tmp_path: Path, name: str):
    scenario = load(templates()[name])
    again = load(written(tmp_path, dump(scenario)))
    assert again == scenario
    assert again.sources == scenario.sources


def test_writing_again_gives_the_same_files(tmp_path: Path):
    first = write_resolved(load(templates()["minimal"]), tmp_path / "a")
    second = write_resolved(load(first), tmp_path / "b")
    assert first.read_text() == second.read_text()


def test_defaults_are_written_so_that_other_versions_run_the_same(tmp_path: Path):
    text = dump(loaded(tmp_path))
    assert "  sourcing:" in text
    assert "substitution: 3" in text


def test_range_and_source_are_written(tmp_path: Path):
    stated = "{value: 100, low: 90, high: 120.5, source: 'A1: counted, twice', status: sourced}"
    text = dump(loaded(tmp_path, SMALL.replace("output: 100", f"output: {stated}")))
    assert 'output: {value: 100, low: 90, high: 120.5, source: "A1: counted, twice", status: sourced}' in text


def test_a_source_that_speaks_of_another_number_is_not_written(tmp_path: Path):
    scenario = loaded(tmp_path, SMALL.replace("end: 2025", "end: {value: 2025, source: A1}"))
    later = scenario.model_copy(update={"years": scenario.years.model_copy(update={"end": 2030})})
    assert load(written(tmp_path, dump(later))).years.end == 2030


def test_a_stage_that_a_file_cannot_hold_is_mentioned(tmp_path: Path):
    class Own(Pricing):
        patience: float = 0.5

    text = dump(loaded(tmp_path).replace(stages=[Own(lag=0.3)]))
    assert "# stages.pricing ran as" in text
    assert load(written(tmp_path, text)).stages.pricing == Pricing(lag=0.3)


AWKWARD = [
    "NO",
    "012",
    "1e-3",
    "null",
    "",
    " padded ",
    "a: b",
    "#x",
    "- a",
    "{a}",
    "吉林, 省",
    "two\nlines",
    '"',
    "\u2028",
    "'",
    *["=1+1", "+5", "-5", "@x", "'=1+1", "''@x", "'plain", '=HYPERLINK("http://x")'],
]


@pytest.mark.parametrize("words", AWKWARD)
def test_awkward_text_comes_back(tmp_path: Path, words: str):
    changes = {"description": words, "chain.segments.cars.industry": words, "chain.segments.cars.title": {"en": words}}
    scenario = loaded(tmp_path).replace(changes)
    assert load(written(tmp_path, dump(scenario))) == scenario
    assert load(write_resolved(scenario, tmp_path / "folder")) == scenario


def test_enterprises_with_awkward_names_come_back(tmp_path: Path):
    rows = [{"id": "a", "name": name, "segment": "cars", "revenue": 9} for name in (" x ", "a,b")]
    rows[1]["id"] = "b"
    for chosen in (rows, rows[1:]):
        scenario = loaded(tmp_path).replace({"enterprises": chosen})
        assert load(write_resolved(scenario, tmp_path / "folder")) == scenario


def test_no_cell_of_a_resolved_scenario_runs_as_a_formula(tmp_path: Path):
    row = {"id": "a", "name": "=1+1", "name_zh": "@x", "segment": "cars", "revenue": 9}
    changes = {"enterprises": [row], "chain.segments.cars.industry": "+x", "chain.segments.cars.title": {"en": "-x"}}
    scenario = loaded(tmp_path).replace(changes)
    again = load(write_resolved(scenario, tmp_path / "folder"))
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "folder" / "data").glob("*.csv")]
    cells = [cell for text in texts for row in csv.reader(io.StringIO(text)) for cell in row]
    assert again == scenario
    assert {"'=1+1", "'@x", "'+x", "'-x"} <= set(cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-x"))]


def test_a_folder_may_be_written_twice(tmp_path: Path):
    scenario = loaded(tmp_path)
    write_resolved(scenario, tmp_path / "folder")
    assert load(write_resolved(scenario, tmp_path / "folder")) == scenario


letters = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
leaves = st.one_of(letters, st.booleans(), st.none(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
few = {"max_size": 3}
blocks = st.recursive(leaves, lambda inner: st.lists(inner, **few) | st.dictionaries(names, inner, **few), max_leaves=6)
data = st.dictionaries(names, blocks, **few)


@settings(max_examples=50)
@given(data)
def test_any_plain_data_comes_back_from_yaml(content: dict[str, object]):
    problems = Problems()
    node = read("\n".join(yaml_lines(content)) or "{}", "case.yaml", problems)
    assert problems.found == []
    assert to_python(node) == content
