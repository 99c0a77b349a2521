"""Files that extend files, overrides, provenance, and what a scenario may not read."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_files import SMALL, loaded, problems_of, written

from chainsim.scenario.errors import Mark, ScenarioError
from chainsim.scenario.load import load, parse_overrides
from chainsim.scenario.nodes import Sourced


def only_problem(path: Path) -> str:
    (problem,) = problems_of(path)
    return str(problem)


def test_values_and_defaults_are_in_place(tmp_path: Path):
    scenario = loaded(tmp_path)
    assert scenario.chain.segments["cars"].inputs == {"steel": 0.2}
    assert scenario.chain.segments["cars"].wage_skilled == 82.0
    assert type(scenario.chain.segments["steel"].output) is float


def test_a_file_with_a_mark_of_windows_is_read(tmp_path: Path):
    path = tmp_path / "case.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load(path).name == "small"


def test_years_may_be_keys(tmp_path: Path):
    scenario = loaded(tmp_path, SMALL.replace("volume: 1000", "volume: 1000, growth: {2021: 0.1, 2023: 0.05}"))
    assert scenario.chain.segments["steel"].markets["national"].growth == {2021: 0.1, 2023: 0.05}


# Provenance ---------------------------------------------------------------------------------------------------------


def test_a_number_with_range_and_source_is_the_number_and_keeps_both(tmp_path: Path):
    stated = "{value: 100, low: 90, high: 120, unit: CNY million, source: A1, status: sourced, note: counted}"
    scenario = loaded(tmp_path, SMALL.replace("output: 100", f"output: {stated}"))
    assert scenario.chain.segments["steel"].output == 100
    expected = Sourced(100, 90, 120, "A1", "CNY million", "sourced", "counted")
    assert scenario.sources == {"chain.segments.steel.output": expected}


def test_numbers_inside_paths_and_mappings_may_carry_sources(tmp_path: Path):
    text = SMALL.replace("volume: 1000", "volume: 1000, growth: {2021: {value: 0.1, low: 0}}")
    text = text.replace("inputs: {steel: 0.2}", "inputs: {steel: {value: 0.2, source: B2}}")
    assert list(loaded(tmp_path, text).sources) == [
        "chain.segments.steel.markets.national.growth.2021",
        "chain.segments.cars.inputs.steel",
    ]


def test_a_unit_in_another_order_is_the_same_unit(tmp_path: Path):
    text = SMALL.replace("output: 100", "output: {value: 100, unit: million CNY}")
    assert loaded(tmp_path, text).sources["chain.segments.steel.output"].unit == "million CNY"


def test_a_value_knows_where_it_is_stated(tmp_path: Path):
    scenario = loaded(tmp_path, SMALL, **{"years.end": 2030})
    assert scenario.origin("chain.segments.cars.inputs.steel") == "case.yaml:15:23"
    assert scenario.origin("stages.sourcing.substitution") == "default"
    assert scenario.origin("years.end") == "--set years.end=2030"


# Extending ----------------------------------------------------------------------------------------------------------


def test_a_file_is_laid_over_the_one_it_extends(tmp_path: Path):
    written(tmp_path, SMALL, "base.yaml")
    path = written(tmp_path, "extends: base.yaml\nname: more\nyears: {end: 2030}\nchain: {anchors: [steel]}")
    scenario = load(path)
    assert (scenario.name, scenario.years.start, scenario.years.end) == ("more", 2020, 2030)
    assert scenario.chain.anchors == ("steel",)
    assert scenario.origin("name") == "case.yaml:2:7"
    assert scenario.origin("years.start") == "base.yaml:2:16"


def test_a_file_that_extends_another_goes_by_its_own_name_and_title(tmp_path: Path):
    written(tmp_path, SMALL.replace("name: small", "name: small\ntitle: {en: Small}"), "base.yaml")
    nameless = load(written(tmp_path, "extends: base.yaml", "补贴.yaml"))
    assert (nameless.name, nameless.title) == ("补贴", None)
    assert load(written(tmp_path, "extends: base.yaml\nname: more")).title is None
    assert load(written(tmp_path, "extends: base.yaml\ntitle: {zh: 大}")).title.en == "Small"
    assert load(written(tmp_path, "extends: base.yaml", "\u202etxt.yaml")).name == "small"


def test_the_last_of_a_chain_of_files_wins(tmp_path: Path):
    written(tmp_path, SMALL, "a.yaml")
    written(tmp_path, "extends: a.yaml\nseed: 2\nreplications: 2", "b.yaml")
    assert load(written(tmp_path, "extends: b.yaml\nseed: 3")).seed == 3
    assert load(tmp_path / "case.yaml").replications == 2


def test_a_number_replaces_a_number_with_its_source(tmp_path: Path):
    written(tmp_path, SMALL.replace("output: 100", "output: {value: 100, low: 1, source: A1}"), "base.yaml")
    scenario = load(written(tmp_path, "extends: base.yaml\nchain: {segments: {steel: {output: 100}}}"))
    assert scenario.sources == {}


def test_a_number_with_source_replaces_another_whole(tmp_path: Path):
    written(tmp_path, SMALL.replace("output: 100", "output: {value: 100, low: 1, source: A1}"), "base.yaml")
    text = "extends: base.yaml\nchain: {segments: {steel: {output: {value: 100, high: 200}}}}"
    assert load(written(tmp_path, text)).sources["chain.segments.steel.output"] == Sourced(100, high=200)


GROWTH = "chain.segments.cars.markets.abroad.growth"
SCENARIOS = Path(__file__).parents[2] / "scenarios"


def growth_over(folder: Path, base: str, over: str) -> dict[str, float]:
    """The growth that a file, an override and a replacement state over a base, which must be the same."""
    text = SMALL.replace("local_share: 0.1", f"local_share: 0.1, growth: {base}", 1)
    file = written(folder, text, "base.yaml")
    block = f"{{segments: {{cars: {{markets: {{abroad: {{growth: {over}}}}}}}}}}}"
    laid = load(written(folder, f"extends: base.yaml\nchain: {block}"))
    typed = load(file, parse_overrides([f"{GROWTH}={over}"]))
    path = parse_overrides([f"x={over}"])["x"]
    replaced = load(file).replace({GROWTH: path})
    found = [each.chain.segments["cars"].markets["abroad"].growth for each in (laid, typed, replaced)]
    assert found[0] == found[1] == found[2]
    return dict(found[0])


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ("0.05", "{2028: 0.02}", {1900: 0.05, 2028: 0.02}),
        ("{value: 0.05, low: 0.01, high: 0.1}", "{2028: 0.02}", {1900: 0.05, 2028: 0.02}),
        ("{2021: 0.1, 2026: 0.07}", "{2028: 0.02}", {2021: 0.1, 2026: 0.07, 2028: 0.02}),
        ("{2021: 0.1, 2026: 0.07}", "{2023: 0.02}", {2021: 0.1, 2023: 0.02}),
        ("{2021: 0.1, 2026: 0.07}", "{2021: 0.02}", {2021: 0.02}),
        ("0.05", "{1900: 0.02}", {1900: 0.02}),
    ],
)
def test_a_path_laid_over_a_value_keeps_what_held_before_its_first_year(
    tmp_path: Path, base: str, over: str, expected: dict[int, float]
):
    assert growth_over(tmp_path, base, over) == expected


def test_a_path_may_be_laid_over_a_table(tmp_path: Path):
    scenario = load(SCENARIOS / "jilin.yaml", {"chain.segments.wafers.markets.national.growth": {2030: 0.01}})
    path = scenario.chain.segments["wafers"].markets["national"].growth
    assert path == {2021: 0.09, 2026: 0.07, 2030: 0.01}
    assert "chain.segments.wafers.markets.national.growth.2021" in scenario.sources


def test_what_goes_on_of_a_replaced_path_keeps_its_source():
    name = "chain.segments.wafers.markets.national.growth"
    scenario = load(SCENARIOS / "jilin.yaml").replace({name: {2030: 0.01}})
    assert scenario.sources[f"{name}.2021"].low == 0.05
    assert scenario.origin(f"{name}.2021").startswith("data/jilin/markets.csv")
    assert scenario.origin(f"{name}.2030") == "replace"


def test_a_year_of_a_path_may_be_set_on_a_number(tmp_path: Path):
    text = SMALL.replace("local_share: 0.1", "local_share: 0.1, growth: 0.05", 1)
    scenario = load(written(tmp_path, text), {f"{GROWTH}.2023": 0.02})
    assert scenario.chain.segments["cars"].markets["abroad"].growth == {1900: 0.05, 2023: 0.02}


def test_the_strength_of_a_lever_goes_on_until_the_path_laid_over_it(tmp_path: Path):
    scenario = load(SCENARIOS / "lever-rd-tax-deduction.yaml")
    name, lever = next(iter(scenario.levers.items()))
    changed = scenario.replace({f"levers.{name}.extra": {2024: 0.3}})
    assert changed.levers[name].extra == {2021: lever.extra[2021], 2024: 0.3}


def test_mistakes_of_both_files_are_named(tmp_path: Path):
    written(tmp_path, SMALL.replace("output: 100", "output: x"), "base.yaml")
    found = problems_of(written(tmp_path, "extends: base.yaml\nseed: x"))
    assert [(problem.file, problem.path) for problem in found] == [
        ("base.yaml", "chain.segments.steel.output"),
        ("case.yaml", "seed"),
    ]


def test_a_file_in_a_folder_below_is_named_with_its_folder(tmp_path: Path):
    written(tmp_path, SMALL.replace("output: 100", "output: x"), "parts/base.yaml")
    (problem,) = problems_of(written(tmp_path, "extends: parts/base.yaml"))
    assert problem.file == "parts/base.yaml"


def test_files_that_extend_each_other_are_refused(tmp_path: Path):
    written(tmp_path, "extends: case.yaml", "b.yaml")
    message = only_problem(written(tmp_path, "extends: b.yaml"))
    assert message.startswith("b.yaml:1:10  extends: the files extend each other in a circle: ")
    assert message.endswith("case.yaml -> b.yaml -> case.yaml")


def test_a_file_that_extends_itself_is_refused(tmp_path: Path):
    assert "in a circle" in only_problem(written(tmp_path, "extends: case.yaml"))


@pytest.mark.parametrize(
    "name", ["../base.yaml", "inside/../../base.yaml", "/etc/passwd", "link.yaml", "out/base.yaml"]
)
def test_nothing_outside_the_folder_is_read(tmp_path: Path, name: str):
    written(tmp_path, SMALL, "base.yaml")
    folder = tmp_path / "inside"
    path = written(folder, f"extends: {name}")
    (folder / "link.yaml").symlink_to(tmp_path / "base.yaml")
    (folder / "out").symlink_to(tmp_path)
    assert "leads out of the folder" in only_problem(path)


def test_a_link_inside_the_folder_is_followed(tmp_path: Path):
    written(tmp_path, SMALL, "base.yaml")
    (tmp_path / "link.yaml").symlink_to("base.yaml")
    assert load(written(tmp_path, "extends: link.yaml")).chain.anchors


def test_a_missing_file_is_named_with_the_one_meant(tmp_path: Path):
    written(tmp_path, SMALL, "jilin.yaml")
    assert "there is no file 'jilim.yaml', did you mean 'jilin.yaml'?" in only_problem(
        written(tmp_path, "extends: jilim.yaml")
    )


def test_values_of_a_file_that_cannot_be_read_are_not_missed(tmp_path: Path):
    (tmp_path / "base.yaml").write_text("a: [")
    found = problems_of(written(tmp_path, "extends: base.yaml\nseed: x"))
    assert [problem.file for problem in found] == ["base.yaml", "case.yaml"]


# What a file may be -------------------------------------------------------------------------------------------------


def test_a_missing_scenario_is_one_problem(tmp_path: Path):
    assert only_problem(tmp_path / "nothing.yaml") == "nothing.yaml  there is no such file"


def test_a_folder_is_no_scenario(tmp_path: Path):
    assert "expected a file, found a folder" in only_problem(tmp_path)


def test_a_huge_file_is_refused_unread(tmp_path: Path):
    path = tmp_path / "case.yaml"
    with path.open("wb") as file:
        file.truncate(10_000_001)
    assert "larger than 10 MB" in only_problem(path)


def test_a_file_that_is_not_utf_8_is_refused_with_the_place(tmp_path: Path):
    path = tmp_path / "case.yaml"
    path.write_bytes("name: small\ntitle: 吉林".encode("gbk"))
    assert only_problem(path).startswith("case.yaml:2:8  the file is not UTF-8")


# Overrides ----------------------------------------------------------------------------------------------------------


def test_an_override_is_laid_over_the_file(tmp_path: Path):
    scenario = loaded(tmp_path, SMALL, **{"stages.sourcing.substitution": 4, "chain.anchors": ["steel"]})
    assert scenario.stages.sourcing.substitution == 4
    assert scenario.chain.anchors == ("steel",)


def test_a_block_as_override_keeps_what_it_does_not_state(tmp_path: Path):
    assert loaded(tmp_path, SMALL, years={"end": 2022}).years.start == 2020


def test_an_override_may_carry_range_and_source(tmp_path: Path):
    scenario = loaded(tmp_path, SMALL, **{"stages.sourcing.substitution": {"value": 4, "low": 2, "high": 5}})
    assert scenario.sources["stages.sourcing.substitution"] == Sourced(4, 2, 5)


def test_an_item_of_a_list_can_be_overridden(tmp_path: Path):
    assert loaded(tmp_path, SMALL, **{"chain.anchors.0": "steel"}).chain.anchors == ("steel",)


def test_an_enterprise_is_overridden_by_its_id(tmp_path: Path):
    text = SMALL + "enterprises: [{id: faw, name: FAW, segment: cars, revenue: 50}]"
    assert loaded(tmp_path, text, **{"enterprises.faw.revenue": 60}).enterprises[0].revenue == 60


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("years.end", 2019, "--set years.end=2019  years.end: the last year 2019 must come after"),
        ("yeas.end", 2030, "--set yeas.end=2030  yeas: unknown key 'yeas', did you mean 'years'?"),
        ("seed", "x", "--set seed=x  seed: expected a whole number of at least 0, found the text 'x'"),
        ("seed", float("nan"), "--set seed=nan  seed: expected a finite number, found nan"),
        ("seed", object, "seed: expected numbers, text, lists and mappings, found type"),
        ("name", "\ud800", "name: the text holds a character that cannot be printed"),
        ("extends", "b.yaml", "extends is set in the file only"),
        ("chain.tables", {}, "chain.tables is set in the file only"),
        ("chain..x", 1, "'chain..x' is not a path such as years.end"),
    ],
)
def test_a_wrong_override_is_named_as_the_place(tmp_path: Path, path: str, value: object, words: str):
    (problem,) = problems_of(written(tmp_path, SMALL), {path: value})
    assert words in str(problem)


def test_typed_overrides_are_read_as_yaml():
    items = ["years.end=2030", "name=NO", "chain.anchors=[cars, steel]", "x={value: 1e-3}", "a=b=c"]
    assert parse_overrides(items) == {
        "years.end": 2030,
        "name": "NO",
        "chain.anchors": ["cars", "steel"],
        "x": {"value": 0.001},
        "a": "b=c",
    }


@pytest.mark.parametrize("item", ["years.end", "=3", "x=[1", "x=!t 1", "x=*a", "x=.nan"])
def test_typed_overrides_that_cannot_be_read_are_refused(item: str):
    with pytest.raises(ScenarioError) as error:
        parse_overrides([item])
    assert error.value.problems[0].mark == Mark(f"--set {item}")


def test_a_file_may_extend_one_above_it_within_the_folder_of_the_project(tmp_path: Path):
    (tmp_path / "pyproject.toml").touch()
    written(tmp_path, SMALL, "base.yaml")
    assert load(written(tmp_path / "mine", "extends: ../base.yaml\nseed: 3")).seed == 3
    outside = written(tmp_path / "mine", "extends: ../../base.yaml")
    assert "leads out of the folder" in only_problem(outside)


def test_a_design_in_the_place_of_a_scenario_says_so(tmp_path: Path):
    message = only_problem(written(tmp_path, "scenario: base.yaml\nvary: {seed: [1, 2]}"))
    assert "this is a design of a sweep, no scenario: chainsim sweep" in message
