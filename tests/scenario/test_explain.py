"""Every value of a scenario can be explained: unit, range, origin, source and meaning."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_files import SMALL, loaded

from chainsim.report.terminal import plain, sheet, summary
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.explain import Explained, explained, having, sourced
from chainsim.scenario.load import load
from chainsim.scenario.nodes import Sourced
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.templates import templates


@pytest.fixture
def small(tmp_path: Path) -> Scenario:
    return loaded(
        tmp_path, SMALL.replace("output: 100", "output: {value: 100, low: 90, high: 120, source: A1, note: new}")
    )


def one(scenario: Scenario, path: str) -> Explained:
    (value,) = explained(scenario, path)
    return value


def test_a_stated_number_is_explained_by_the_file(small: Scenario):
    value = one(small, "chain.segments.steel.output")
    assert (value.shown, value.unit, value.range) == ("100", "CNY million", "90 to 120")
    assert (value.origin, value.source) == ("case.yaml:9:23", "A1; new")
    assert value.meaning.startswith("base-year output")


def test_a_default_is_explained_by_its_declaration(small: Scenario):
    value = one(small, "stages.sourcing.substitution")
    assert (value.shown, value.range, value.origin) == ("3", "1.5 to 5", "default")
    assert value.source.startswith("S: Bajzik")


def test_all_values_below_a_block_are_explained(small: Scenario):
    paths = [value.path for value in explained(small, "chain.segments.steel.markets")]
    assert paths == [f"chain.segments.steel.markets.national.{field}" for field in ("sales", "volume", "growth")]
    assert len(explained(small)) > 150


def test_enterprises_are_called_by_their_id(small: Scenario):
    named = small.replace({"enterprises": [{"id": "faw", "name": "FAW", "segment": "cars", "revenue": 50}]})
    assert one(named, "enterprises.faw.revenue").shown == "50"
    assert explained(named, "enterprises")[0].path == "enterprises.faw.id"


@pytest.mark.parametrize(
    ("path", "words"), [("stages.sourcin", "did you mean 'sourcing'?"), ("chain.segments.car", "did you mean 'cars'?")]
)
def test_a_path_that_leads_nowhere_is_an_error(small: Scenario, path: str, words: str):
    with pytest.raises(ScenarioError, match=words.replace("?", r"\?")):
        explained(small, path)


def test_a_number_is_had_with_the_range_for_sampling(small: Scenario):
    assert sourced(small, "chain.segments.steel.output") == small.sources["chain.segments.steel.output"]
    declared = sourced(small, "stages.sourcing.substitution")
    assert (declared.value, declared.low, declared.high) == (3.0, 1.5, 5.0)
    assert sourced(small, "chain.segments.cars.inputs.steel") == Sourced(0.2, source="the scenario", unit="1")


def test_what_is_no_number_has_no_range(small: Scenario):
    with pytest.raises(ScenarioError, match="expected the path of a number"):
        sourced(small, "chain.tiers")


def test_lines_for_a_pipe_have_one_value_each(small: Scenario):
    values = explained(small.replace({"description": "two\nlines\tand tabs"}))
    lines = plain(values).splitlines()
    assert len(lines) == len(values) + 1
    assert {line.count("\t") for line in lines} == {6}


@pytest.mark.parametrize("width", [80, 120])
def test_pages_keep_to_the_width_of_the_terminal(width: int):
    scenario = load(templates()["jilin"])
    for path in ("", "chain.segments.wafers", "stages.sourcing.substitution"):
        lines = sheet(explained(scenario, path), width).plain.splitlines()
        assert max(len(line) for line in lines if line.isascii()) <= width


def test_a_scenario_is_summed_up_in_a_line(small: Scenario):
    assert (
        summary(small)
        == "2 segments in 2 tiers, 1 input, 0 named enterprises, 2020-2025, 1 number with range or source"
    )


def test_words_are_found_in_paths_meanings_and_sources_whatever_their_letters():
    values = explained(load(templates()["minimal"]))
    assert [value.path for value in having(values, "Sourcing.SUBSTITUTION")] == ["stages.sourcing.substitution"]
    assert len(having(values, "elasticity")) > 3
    assert having(values, "no such words") == []
