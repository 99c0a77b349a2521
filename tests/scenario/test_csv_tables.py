"""Segments, inputs, markets and enterprises in CSV files are the same as in YAML, mistakes included."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_files import SMALL, loaded, problems_of, written

from chainsim.scenario.load import load
from chainsim.scenario.nodes import Sourced
from chainsim.scenario.scenario import Scenario

YAML = """\
name: small
years: {start: 2020, end: 2025}
chain:
  tiers: [upstream, downstream]
  anchors: [cars]
  tables: {segments: data/segments.csv, inputs: data/inputs.csv, markets: data/markets.csv}
enterprises: data/enterprises.csv
"""
SEGMENTS = """\
segment,field,value,low,high,status,source,reasoning
steel,tier,upstream,,,,,
steel,output,100,90,120,derived,A1,counted
steel,enterprises.number,3.0,,,,,
cars,tier,downstream,,,,,
cars,title.zh,汽车,,,,,
cars,title.en,"Cars, new",,,,,
cars,output,200,,,,,
cars,enterprises.number,4,,,,,
cars,owners.state,0.5,,,,,
cars,owners.private,0.5,,,,,
"""
INPUTS = """\
from,to,coefficient,coefficient_low,coefficient_high,localization,abroad,criticality,source
steel,cars,0.2,0.1,0.3,0.5,0.1,,B2
"""
MARKETS = """\
segment,market,sales,volume,local_share,growth_2021,growth_2023,growth_2023_low
steel,national,80,1000,,0.1,0.05,0.01
cars,abroad,200,,0.1,,,
"""
ENTERPRISES = """\
id,name,segment,owner,founded,revenue,revenue_low,employees,note,status
faw,"FAW, Changchun",cars,state,1953.0,60,50,,a joint venture,assumption
"""


def folder_with(folder: Path, **changed: str) -> Path:
    """A scenario whose tables are those above, but for the ones given."""
    tables = {"segments": SEGMENTS, "inputs": INPUTS, "markets": MARKETS, "enterprises": ENTERPRISES} | changed
    for name, text in tables.items():
        written(folder, text, f"data/{name}.csv")
    return written(folder, YAML)


def scenario_in(folder: Path, **changed: str) -> Scenario:
    return load(folder_with(folder, **changed))


def test_tables_say_the_same_as_yaml(tmp_path: Path):
    tables = scenario_in(tmp_path / "tables", enterprises=ENTERPRISES.splitlines()[0])
    same = {
        "chain.segments.cars.title": {"en": "Cars, new", "zh": "汽车"},
        "chain.segments.cars.owners": {"state": 0.5, "private": 0.5},
        "chain.segments.cars.abroad": {"steel": 0.1},
        "chain.segments.steel.markets.national.growth": {2021: 0.1, 2023: 0.05},
    }
    assert tables == loaded(tmp_path, SMALL).replace(same)


def test_cells_of_whole_numbers_may_have_a_decimal_point(tmp_path: Path):
    scenario = scenario_in(tmp_path)
    assert scenario.chain.segments["steel"].enterprises.number == 3
    assert scenario.enterprises[0].founded == 1953


def test_columns_tell_range_and_source_of_their_numbers(tmp_path: Path):
    sources = scenario_in(tmp_path).sources
    assert sources["chain.segments.steel.output"] == Sourced(100, 90, 120, "A1", None, "derived", "counted")
    assert sources["chain.segments.cars.inputs.steel"] == Sourced(0.2, 0.1, 0.3, "B2")
    assert sources["chain.segments.cars.localization.steel"] == Sourced(0.5, source="B2")
    assert sources["chain.segments.steel.markets.national.growth.2023"] == Sourced(0.05, 0.01)
    assert sources["enterprises.0.revenue"] == Sourced(60, 50, status="assumption", note="a joint venture")


def test_values_of_tables_know_file_line_and_column(tmp_path: Path):
    scenario = scenario_in(tmp_path)
    assert scenario.origin("chain.segments.steel.output") == "data/segments.csv:3:value"
    assert scenario.origin("chain.segments.cars.inputs.steel") == "data/inputs.csv:2:coefficient"
    assert scenario.origin("enterprises.0.name") == "data/enterprises.csv:2:name"


def test_inline_segments_are_laid_over_the_tables(tmp_path: Path):
    folder_with(tmp_path)
    text = YAML.replace("enterprises:", "  segments: {steel: {rd_share: 0.01, drag: 0.001}}\nenterprises:")
    steel = load(written(tmp_path, text)).chain.segments["steel"]
    assert (steel.output, steel.rd_share, steel.drag) == (100, 0.01, 0.001)


def test_a_file_that_extends_replaces_the_enterprises(tmp_path: Path):
    folder_with(tmp_path)
    scenario = load(written(tmp_path, "extends: case.yaml\nenterprises: []", "other.yaml"))
    assert scenario.enterprises == ()


def test_empty_rows_and_trailing_commas_are_passed_over(tmp_path: Path):
    assert scenario_in(tmp_path, inputs="from,to,coefficient,localization,,\n\n,,,,,\nsteel,cars,0.2,0.5,,\n")


def test_a_row_over_several_lines_is_counted_by_its_first(tmp_path: Path):
    text = SEGMENTS.replace('"Cars, new"', '"Cars,\nnew"').replace("cars,output,200", "cars,output,x")
    (problem,) = problems_of(folder_with(tmp_path, segments=text))
    assert (problem.line, problem.column) == (9, "value")


MISTAKES = [
    ("segments", "steel,output,100", "steel,outptu,100", "data/segments.csv:3:field  chain.segments.steel.outptu: unknown key 'outptu', did you mean 'output'?"),
    ("segments", "steel,output,100", "steel,output,lots", "data/segments.csv:3:value  chain.segments.steel.output: expected a number of at least 0 (CNY million), found the text 'lots'"),
    ("segments", "steel,output,100", "steel,output,nan", "found the text 'nan'"),
    ("segments", "steel,output,100,90", "steel,output,100,x", "data/segments.csv:3:low  chain.segments.steel.output.low: expected a number, found the text 'x'"),
    ("segments", "steel,output,100,90", "steel,output,100,110", "chain.segments.steel.output: the value 100 is below low 110"),
    ("segments", "derived,A1", "guess,A1", "data/segments.csv:3:status  chain.segments.steel.output.status: unknown status 'guess'"),
    ("segments", "steel,tier,upstream", "steel,tier,upsteam", "data/segments.csv:2:value  chain.segments.steel.tier: unknown tier 'upsteam'"),
    ("segments", "steel,tier,upstream", "steel,,upstream", "data/segments.csv:2:field  chain.tables.segments.line 2: the column field is empty"),
    ("segments", "cars,output,200", "steel,output,200", "data/segments.csv:8:field  chain.segments.steel.output: this is stated twice in the tables"),
    ("segments", "cars,owners.state", "cars,owners,0.5\ncars,owners.state", "this is stated twice in the tables"),
    ("segments", "segment,field,value", "segment,field,valeu", "data/segments.csv:1:valeu  chain.tables.segments.valeu: unknown column 'valeu', did you mean 'value'?"),
    ("segments", SEGMENTS, SEGMENTS.replace(",", ";"), "data/segments.csv:1:1  chain.tables.segments: the cells are separated by semicolons; separate them by commas"),
    ("segments", "cars,output,200,,", "cars,output,200,,,,,,more", "data/segments.csv:8:1  chain.tables.segments.line 8: the row has 12 cells, the header 8"),
    ("segments", '"Cars, new"', '"Cars, new', "data/segments.csv:1:1  chain.tables.segments: this is not a CSV table: unexpected end of data"),
    ("markets", MARKETS, "segment,sales\n", "data/markets.csv:1:1  chain.tables.markets: the table lacks the column market"),
    ("inputs", "steel,cars,0.2", "stel,cars,0.2", "data/inputs.csv:2:from  chain.segments.cars.inputs.stel: unknown segment 'stel', did you mean 'steel'?"),
    ("inputs", "steel,cars,0.2", "steel,cars,20%", "data/inputs.csv:2:coefficient  chain.segments.cars.inputs.steel: expected a number from 0 to below 1, found the text '20%'; write 0.2"),
    ("inputs", "steel,cars,0.2", "steel,cars,", "data/inputs.csv:2:coefficient_low  chain.tables.inputs.line 2.coefficient: coefficient_low is stated, but coefficient is empty"),
    ("inputs", "coefficient,", "coefficient,coefficient,", "data/inputs.csv:1:coefficient  chain.tables.inputs.coefficient: this column is there twice"),
    ("markets", "steel,national", "steel,natonal", "data/markets.csv:2:sales  chain.segments.steel.markets.natonal: unknown key 'natonal', did you mean 'national'?"),
    ("markets", "growth_2021", "growth_21", "chain.segments.steel.markets.national.growth.21: expected a whole number from 1900 to 2200 before ':'"),
    ("markets", "growth_2021", "growth", "data/markets.csv:2:growth_2023  chain.segments.steel.markets.national.growth.2023: this is stated twice in the tables"),
    ("enterprises", "cars,state", "bikes,state", "data/enterprises.csv:2:segment  enterprises.0.segment: unknown segment 'bikes'"),
    ("enterprises", "cars,state", "cars,public", "data/enterprises.csv:2:owner  enterprises.0.owner: expected one of state, private, foreign, institute, found 'public'"),
    ("enterprises", "1953.0", "1953.5", "data/enterprises.csv:2:founded  enterprises.0.founded: expected a whole number from 1900 to 2200, found 1953.5"),
    ("enterprises", "1953.0", "2021", "enterprises.0.founded: founded in 2021, after the base year 2020"),
    ("enterprises", "assumption\n", "assumption\nfaw,B,cars,state,,9,,,,\n", "data/enterprises.csv:3:id  enterprises.1.id: the id 'faw' is used 2 times"),
    ("enterprises", "employees,note", "employes,note", "unknown column 'employes', did you mean 'employees'?"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "part", "instead", "words"), MISTAKES)
def test_a_mistake_in_a_table_is_named_with_line_and_column(
    tmp_path: Path, table: str, part: str, instead: str, words: str
):
    text = {"segments": SEGMENTS, "inputs": INPUTS, "markets": MARKETS, "enterprises": ENTERPRISES}[table]
    assert part in text
    lines = [str(problem) for problem in problems_of(folder_with(tmp_path, **{table: text.replace(part, instead, 1)}))]
    assert any(words in line for line in lines), lines


def test_a_table_of_another_name_is_refused(tmp_path: Path):
    folder_with(tmp_path)
    found = problems_of(written(tmp_path, YAML.replace("inputs:", "input:")))
    assert "chain.tables.input: unknown table 'input', did you mean 'inputs'?" in str(found[0])


@pytest.mark.parametrize("name", ["../out.csv", "data/none.csv", "data", "5"])
def test_tables_are_read_from_the_folder_only(tmp_path: Path, name: str):
    folder = tmp_path / "inside"
    folder_with(folder)
    written(tmp_path, INPUTS, "out.csv")
    (problem,) = problems_of(written(folder, YAML.replace("data/inputs.csv", name)))
    assert problem.path == "chain.tables.inputs"


def test_a_table_in_the_encoding_of_chinese_windows_is_refused(tmp_path: Path):
    path = folder_with(tmp_path)
    (tmp_path / "data" / "segments.csv").write_bytes(SEGMENTS.encode("gbk"))
    assert "save it as UTF-8 (in Excel: 'CSV UTF-8')" in str(problems_of(path)[0])


def test_a_table_that_spreadsheets_saved_with_a_mark_is_read(tmp_path: Path):
    path = folder_with(tmp_path)
    (tmp_path / "data" / "segments.csv").write_bytes(b"\xef\xbb\xbf" + SEGMENTS.replace("\n", "\r\n").encode())
    assert load(path).chain.segments["cars"].output == 200
