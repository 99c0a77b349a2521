"""What the parts of a scenario must satisfy together, and that nothing is said about what could not be read."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from scenario_files import SMALL, lines_of, loaded, problems_of, written

from chainsim.scenario.build import partial_block
from chainsim.scenario.check_base_year import bought_research, local_use, staff
from chainsim.scenario.checks import findings
from chainsim.scenario.load import load
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.templates import templates


def with_enterprises(folder: Path, *rows: str) -> list[str]:
    return lines_of(folder, SMALL + "enterprises:\n" + "".join(f"  - {{name: X, {row}}}\n" for row in rows))


def test_local_use_is_what_local_enterprises_buy_of_each_other(tmp_path: Path):
    assert local_use(loaded(tmp_path)) == {"steel": 20.0, "cars": 0.0}


def test_the_remedy_for_unbalanced_sales_balances(tmp_path: Path):
    line = lines_of(tmp_path, SMALL.replace("output: 100", "output: 130"))[0]
    assert line.endswith("leaves 110; multiply the sales by 1.375, or state output 100")
    assert lines_of(tmp_path, SMALL.replace("output: 100", "output: 130").replace("80,", "110,")) == []


def test_the_remedy_counts_what_a_segment_buys_of_itself(tmp_path: Path):
    text = SMALL.replace("output: 100", "output: 100\n      inputs: {steel: 0.1}\n      localization: {steel: 0.5}")
    line = lines_of(tmp_path, text)[0]
    output = float(line.rpartition(" ")[2])
    assert output == pytest.approx(100 / 0.95, rel=1e-5)
    assert lines_of(tmp_path, text.replace("output: 100", f"output: {100 / 0.95}")) == []


def test_sales_within_a_thousandth_of_output_balance(tmp_path: Path):
    assert lines_of(tmp_path, SMALL.replace("sales: 80", "sales: 80.09")) == []
    assert len(lines_of(tmp_path, SMALL.replace("sales: 80", "sales: 80.11"))) == 1


@pytest.mark.parametrize("output", [15, 20])
def test_local_buyers_cannot_take_all_that_is_made(tmp_path: Path, output: float):
    text = SMALL.replace("output: 100", f"output: {output}").replace("{national: {sales: 80, volume: 1000}}", "{}")
    text = text.replace("number: 3", "small: 1")
    assert f"local enterprises buy 20 of its output {output}, which leaves nothing" in lines_of(tmp_path, text)[0]


def test_a_segment_without_output_is_a_missing_link_and_needs_nothing(tmp_path: Path):
    text = (
        SMALL.replace("output: 100", "output: 0")
        .replace("number: 3", "number: 0")
        .replace("{national: {sales: 80, volume: 1000}}", "{national: {volume: 1000}}")
        .replace("localization: {steel: 0.5}", "localization: {steel: 0}")
    )
    assert lines_of(tmp_path, text) == []


def test_all_of_research_by_own_staff_leaves_nothing_to_buy(tmp_path: Path):
    segment = loaded(tmp_path).chain.segments["cars"]
    assert bought_research(segment, 1.0) == pytest.approx(
        segment.rd_share - 0.8 * 0.1 * 0.3 * 82 / (0.3 * 82 + 0.7 * 59)
    )
    assert bought_research(segment, 0.0) == segment.rd_share


def test_staff_times_its_cost_is_the_labour_share_of_output(tmp_path: Path):
    segment = loaded(tmp_path).chain.segments["cars"]
    cost = 1.25 * (0.3 * 82 + 0.7 * 59) / 1000
    assert staff(segment) * cost == pytest.approx(0.10 * 200)


def test_countless_enterprises_are_refused(tmp_path: Path):
    line = lines_of(tmp_path, SMALL.replace("number: 3", "number: 30000000"))[0]
    assert "30,000,004 enterprises in all, more than 10,000,000" in line


def test_enormous_numbers_are_numbers(tmp_path: Path):
    text = SMALL.replace("volume: 1000", f"volume: 1{'0' * 250}")
    assert loaded(tmp_path, text).chain.segments["steel"].markets["national"].volume == 1e250


def test_named_enterprises_without_figures_count_with_the_norm(tmp_path: Path):
    rows = ["id: a, segment: cars, revenue: 20, rd: 5.5", "id: b, segment: cars, revenue: 100"]
    assert "have rd 8.5, more than the research of the segment, 6" in with_enterprises(tmp_path, *rows)[0]


def test_named_enterprises_that_fit_are_accepted(tmp_path: Path):
    assert with_enterprises(tmp_path, "id: a, segment: cars, revenue: 60, employees: 50, rd: 1") == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["id: a, segment: cars, revenue: 9"] * 2, "enterprises.1.id: the id 'a' is used 2 times"),
        (
            [f"id: a{n}, segment: cars, revenue: 9" for n in range(5)],
            "5 named enterprises belong to cars, but number is 4",
        ),
        (["id: a, segment: cars, revenue: 201"], "make 201, more than its output 200"),
        (["id: a, segment: cars, revenue: 200"], "make all of its output, which leaves nothing for the other 3"),
        (
            ["id: a, segment: cars, revenue: 9, employees: 9999"],
            "have employees 9999, more than the staff of the segment",
        ),
        (["id: a, segment: cars, revenue: 9, rd: 7"], "have rd 7, more than the research of the segment, 6"),
        ([f"id: a{n}, segment: cars, revenue: 20" for n in range(4)], "make 80 of 200; the rest needs enterprises"),
    ],
)
def test_named_enterprises_must_leave_room(tmp_path: Path, rows: list[str], words: str):
    lines = with_enterprises(tmp_path, *rows)
    assert any(words in line for line in lines), lines


def test_parks_are_named_and_sum_to_one(tmp_path: Path):
    parks = "region: {parks: {a: {share: 0.4}, b: {share: 0.6}}}\n"
    assert lines_of(tmp_path, SMALL + parks) == []
    row = "enterprises: [{id: x, name: X, segment: cars, revenue: 9, park: c}]\n"
    assert "unknown park 'c', known: a, b" in lines_of(tmp_path, SMALL + parks + row)[0]


def test_the_knowledge_of_an_institute_is_divided_once(tmp_path: Path):
    text = SMALL + "region: {institutes: {i: {budget: 1, segments: {cars: 0.7, steel: 0.5}}}}"
    assert "the shares sum to 1.2, more than 1" in lines_of(tmp_path, text)[0]


def test_a_scenario_of_which_nothing_is_known_contradicts_nothing():
    assert list(findings(partial_block(Scenario, {}, (), lambda path: True))) == []


def test_numbers_that_could_not_be_read_are_not_a_number(tmp_path: Path):
    unread = partial_block(Scenario, {}, (), lambda path: True)
    assert math.isnan(unread.years.start)
    assert unread.name == ""


def paths_of(data: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    below = [inner for key, item in items for inner in paths_of(item, (*path, str(key)))]
    return [path, *below] if path else below


@pytest.mark.parametrize("name", sorted(templates()))
def test_one_unreadable_value_causes_no_second_mistake(name: str):
    """Of every scenario other values, for most share the blocks of one."""
    scenario = load(templates()[name])
    data = scenario.model_dump(mode="json", exclude_unset=True)
    every = paths_of(data)
    step = max(1, len(every) // 10)
    for path in every[sorted(templates()).index(name) % step :: step]:
        readable = partial_block(Scenario, data, (), lambda at, lost=path: at == lost)
        assert list(findings(readable)) == [], path


def test_a_misspelt_field_is_one_mistake(tmp_path: Path):
    for field in ("inputs", "output", "localization", "markets", "enterprises", "tier"):
        assert len(problems_of(written(tmp_path, SMALL.replace(f"{field}:", f"{field}x:")))) <= 2, field


COMPLETE = SMALL.replace("output: 200", "output: 200\n      value_added_share: 0.8")
"""A column that adds up to 1, as in a complete table."""


def test_a_complete_column_is_told_the_research_or_value_added_that_fits(tmp_path: Path):
    line = lines_of(tmp_path, COMPLETE)[0]
    assert line.endswith("; state rd_share 0, or value_added_share 0.788")
    for remedy in ("value_added_share: 0.8\n      rd_share: 0", "value_added_share: 0.788"):
        assert lines_of(tmp_path, COMPLETE.replace("value_added_share: 0.8", remedy)) == []


def test_a_column_above_1_is_told_how_a_subsidy_is_stated(tmp_path: Path):
    stated = "value_added_share: 0.82\n      production_tax_share: 0.01\n      rd_share: 0"
    text = COMPLETE.replace("value_added_share: 0.8", stated)
    assert "a subsidy on products pays the 0.02, take it off both value_added_share and" in lines_of(tmp_path, text)[0]
    assert lines_of(tmp_path, text.replace("0.82", "0.8").replace("0.01", "-0.01")) == []


def test_a_fall_of_stocks_is_told_its_place(tmp_path: Path):
    line = lines_of(tmp_path, SMALL.replace("{sales: 80,", "{sales: -4,"))[0]
    assert line.endswith("found -4; add a fall of stocks to the sales in another market of the segment")
