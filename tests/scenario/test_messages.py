"""Every mistake in a scenario file is named with place, path and what to do, all of them at once."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from pydantic_core.core_schema import ErrorType
from scenario_files import SMALL, lines_of, written

from chainsim.scenario.errors import COLUMNS, LINES, Problem, ScenarioError, screen
from chainsim.scenario.load import load
from chainsim.scenario.messages import _number_hint, schema_message

MISTAKES = [
    # (a part of the small scenario, what stands there instead, place, words of the message)
    ("name: small", "nam: small", "1:1", "nam: unknown key 'nam', did you mean 'name'?"),
    ("name: small", "seed: 1", "1:1", "name: missing, expected text of 1 to 100 letters"),
    ("name: small", "name: 2020", "1:7", "name: expected text of 1 to 100 letters, found 2020; put it into quotes"),
    ("name: small", "name:", "1:1", "name: expected text of 1 to 100 letters, found nothing"),
    ("name: small", "name: ''", "1:7", "name: expected text"),
    ("name: small", "name: a/b", "1:7", "name: expected a name that can name a file"),
    ("name: small", "name: 'a\\b'", "1:7", "name: expected a name that can name a file"),
    ("name: small", 'name: "a\\nb"', "1:7", "name: expected a name that can name a file"),
    ("name: small", "name: ..", "1:7", "name: expected a name that can name a file"),
    ("name: small", "name: {value: small}", "1:7", "only a number is written as a mapping with 'value'"),
    ("name: small", "name: small\nname: big", "2:1", "name: 'name' is stated twice, first in line 1"),
    ("name: small", "name: small\nseed: -1", "2:7", "seed: expected a whole number of at least 0, found -1"),
    ("name: small", "name: small\nseed: 1.5", "2:7", "seed: expected a whole number of at least 0, found 1.5"),
    ("name: small", "name: small\nseed: true", "2:7", "seed: expected a whole number of at least 0, found true"),
    ("name: small", "name: small\nseed: '1'", "2:7", "found the text '1'; write 1 without quotes"),
    ("name: small", "name: small\nseed: 9223372036854775807", "2:7", "seed: expected a seed of at most"),
    ("name: small", "name: small\nreplications: 0", "2:15", "replications: expected a whole number from 1 to 1000000, found 0"),
    ("name: small", "name: small\ntitle: {zh: 小}", "2:1", "title.en: missing, expected text: English title."),
    ("name: small", "name: small\nrecord: {links: yes}", "2:17", "record.links: expected true or false, found the text 'yes'; write"),
    ("name: small", "name: small\nrecord: {links: 1}", "2:17", "record.links: expected true or false, found 1"),
    ("end: 2025", "end: 2020", "2:27", "years.end: the last year 2020 must come after the base year 2020"),
    ("end: 2025", "end: 25", "2:27", "years.end: expected a whole number from 1900 to 2200, found 25"),
    ("end: 2025", "end: 2025-01-01", "2:27", "years.end: expected a whole number from 1900 to 2200, found the text"),
    ("years: {start: 2020, end: 2025}", "years: 2020-2025", "2:8", "years: expected a block with start, end, found the text"),
    ("years: {start: 2020, end: 2025}", "years: {start: 2020}", "2:1", "years.end: missing"),
    ("tiers: [upstream, downstream]", "tiers: upstream", "4:10", "chain.tiers: expected a list of names, found the text"),
    ("tiers: [upstream, downstream]", "tiers: [upstream, 2]", "4:21", "chain.tiers.1: expected a name of letters, digits and _"),
    ("tiers: [upstream, downstream]", "tiers: [upstream, down]", "13:13", "unknown tier 'downstream', did you mean 'upstream'?"),
    ("downstream]", "downstream, upstream]", "4:10", "chain.tiers: the tier 'upstream' is stated 2 times"),
    ("downstream]", "downstream]\n  application: [cars]", "5:17", "chain.application.0: unknown tier 'cars'"),
    ("downstream]", "downstream]\n  application: [upstream, downstream]", "5:16", "every tier is an application tier"),
    ("anchors: [cars]", "anchors: [car]", "5:13", "chain.anchors.0: unknown segment 'car', did you mean 'cars'?"),
    ("anchors: [cars]", "anchors: [cars, cars]", "5:12", "the segment 'cars' is stated 2 times"),
    ("    steel:\n", "    st-eel:\n", "7:5", "expected a name of letters, digits and _ before ':', found 'st-eel'"),
    ("tier: upstream", "tier: upsteam", "8:13", "chain.segments.steel.tier: unknown tier 'upsteam', did you mean 'upstream'?"),
    ("tier: upstream", "tier:", "8:7", "chain.segments.steel.tier: expected a name of letters, digits and _, found nothing"),
    ("output: 100\n", "output: -1\n", "9:15", "steel.output: expected a number of at least 0 (CNY million), found -1"),
    ("output: 100\n", "output: 1,000\n", "9:15", "found the text '1,000'; write 1000"),
    ("output: 100\n", "output: .nan\n", "9:15", "steel.output: expected a finite number, found .nan"),
    ("output: 100\n", "output: .inf\n", "9:15", "steel.output: expected a finite number, found .inf"),
    ("output: 100\n", "output: !!float 100\n", "9:15", "steel.output: tags are not allowed"),
    ("output: 100\n", "output: &x 100\n", "9:15", "steel.output: anchors are not allowed"),
    ("output: 100\n", "output: [100]\n", "9:7", "steel.output: expected a number of at least 0 (CNY million), found a list"),
    ("output: 100\n", "output: {value: 100, low: 110}\n", "9:23", "steel.output: the value 100 is below low 110"),
    ("output: 100\n", "output: {value: 100, low: 1, high: 9}\n", "9:23", "the value 100 is above high 9"),
    ("output: 100\n", "output: {value: 100, low: -5}\n", "9:33", "steel.output.low: expected a number of at least 0"),
    ("output: 100\n", "output: {value: 100, low: 9, high: 7}\n", "9:33", "steel.output.low: low 9 is above high 7"),
    ("output: 100\n", "output: {low: 90, high: 110}\n", "9:15", "(CNY million) under 'value' beside low, high"),
    ("output: 100\n", "output: {value: 100, lo: 1}\n", "9:28", "unknown key 'lo' beside 'value', did you mean 'low'?"),
    ("output: 100\n", "output: {value: 100, unit: CNY billion}\n", "9:34", "the unit of this number is CNY million, found 'CNY billion'"),
    ("output: 100\n", "output: {value: 100, status: guess}\n", "9:36", "unknown status 'guess', known: sourced, derived"),
    ("output: 100\n", "output: {value: 100, source: 7}\n", "9:36", "expected text, found 7; put it into quotes"),
    ("output: 100\n", "output: {value: '100'}\n", "9:23", "steel.output: expected a number of at least 0 (CNY million), found the text"),
    ("output: 100\n", "output: {value: 100, high: yes}\n", "9:34", "steel.output.high: expected a number, found the text 'yes'"),
    ("output: 100\n", "output: 101\n", "11:16", "the markets take 80, but output 101 less 20 bought by local enterprises leaves 81"),
    ("output: 100\n", "output: 0\n", "16:29", "localization.steel: steel has output 0, so nothing of it can be bought in the region"),
    ("number: 3", "number: 0", "10:20", "steel.enterprises: output 100 needs enterprises; state their number or small"),
    ("number: 3", "number: 3.0", "10:29", "expected a whole number of at least 0 (enterprises), found 3.0"),
    ("number: 3", "number: 3, small: 15", "10:39", "15 small enterprises of 7 make 105, more than output 100"),
    ("national:", "natonal:", "11:17", "unknown key 'natonal', did you mean 'national'?"),
    ("volume: 1000", "volume: 80", "11:47", "national.volume: the volume 80 must be larger than the local sales 80"),
    (", volume: 1000", "", "11:35", "national.sales: sales of 80 need a volume of the market or a local_share"),
    ("volume: 1000", "local_share: 1", "11:52", "local_share: expected a number from 0 to below 1, found 1"),
    ("volume: 1000", "volume: 1000, local_share: 0.5", "11:66", "0.5 contradicts sales 80 over volume 1000 = 0.08"),
    ("volume: 1000", "local_share: 0", "11:52", "local_share: a local share of 0 contradicts sales of 80"),
    ("volume: 1000", "volume: 1000, growth: {2O21: 0.1}", "11:62", "growth.2O21: expected a year before ':', found '2O21'"),
    ("volume: 1000", "volume: 1000, growth: {21: 0.1}", "11:62", "expected a whole number from 1900 to 2200 before ':'"),
    ("volume: 1000", "volume: 1000, growth: {2021: 5%}", "11:68", "growth.2021: expected a number above -1 and below 10"),
    ("volume: 1000", "volume: 1000, growth: {}", "11:61", "expected a rate or at least one year with its rate"),
    ("volume: 1000", "volume: 1000, growth: fast", "11:61", "(1/y) or a mapping of years to numbers, found the text 'fast'"),
    ("inputs: {steel: 0.2}", "inputs: {stel: 0.2}", "15:16", "inputs.stel: unknown segment 'stel', did you mean 'steel'?"),
    ("inputs: {steel: 0.2}", "inputs: {steel: 20}", "15:23", "from 0 to below 1, found 20; 20 % is written 0.2"),
    ("inputs: {steel: 0.2}", "inputs: {steel: 20%}", "15:23", "found the text '20%'; write 0.2"),
    ("inputs: {steel: 0.2}", "inputs: {steel: 0.6, cars: 0.5}", "15:15", "the inputs sum to 1.1; they must stay below 1"),
    ("inputs: {steel: 0.2}", "inputs: {steel: 0.2}\n      value_added_share: 0.9", "16:26", "sum to 1.1, more than 1"),
    ("inputs: {steel: 0.2}", "inputs: {steel: 0.2}\n      value_added_share: 0.795", "16:26", "leave 0.005 of the price, less than the research"),
    ("inputs: {steel: 0.2}", "inputs: {steel: 0.2}\n      labour_share: 0.24", "16:21", "sum to 0.26, more than value_added_share 0.25"),
    ("inputs: {steel: 0.2}", "inputs: {steel: 0.2}\n      owners: {state: 0.5}", "16:15", "the owners' shares sum to 0.5, expected 1"),
    ("inputs: {steel: 0.2}", "inputs: {steel: 0.2}\n      owners: {stat: 1}", "16:16", "unknown key 'stat', did you mean 'state'?"),
    ("inputs: {steel: 0.2}", "inputs: {}", "16:22", "localization.steel: 'steel' is no input of cars; state its coefficient under inputs"),
    ("steel: 0.5}", "steel: 0.5}\n      abroad: {steel: 0.6}", "16:29", "localization 0.5 and abroad 0.6 sum to 1.1, more than 1"),
    ("steel: 0.5}", "steel: 0.5}\n      criticality: {wood: 1}", "17:21", "criticality.wood: unknown segment 'wood', known: steel, cars"),
    ("steel: 0.5}", "steel: 0.5}\n      quality_gap: 0.1", "17:20", "quality_gap: expected a number of at most 0 (log), found 0.1"),
    ("name: small", "name: small\nstages: {demand: {goodwill: of}}", "2:29", "expected one of persistent, replicator, off, found 'of'"),
    ("name: small", "name: small\nstages: {sourcin: {}}", "2:10", "stages.sourcin: unknown key 'sourcin', did you mean 'sourcing'?"),
    ("name: small", "name: small\nstages: {innovation: {step_low: 0.4}}", "2:33", "the worst draw 0.4 must lie below the best"),
    ("name: small", "name: small\nregion: {parks: {a: {share: 0.4}}}", "2:17", "region.parks: the shares of the parks sum to 0.4, expected 1"),
    ("name: small", "name: small\nregion: {parks: {a: {}}}", "2:18", "region.parks.a.share: missing, expected a number from 0 to 1"),
    ("name: small", "name: small\nregion: {institutes: {i: {budget: 1, segments: {oil: 1}}}}", "2:49", "unknown segment 'oil'"),
    ("name: small", "name: small\nenterprises: [{id: a, name: A, segment: car, revenue: 30}]", "2:41", "unknown segment 'car', did you"),
    ("name: small", "name: small\nenterprises: [{id: a, name: A, segment: cars, revenue: 300}]", "15:15", "make 300, more than its output 200"),
    ("name: small", "name: small\nenterprises: [{id: a, name: A, segment: cars, revenue: 9, park: p}]", "2:65", "unknown park 'p'; state it"),
    ("name: small", "name: small\nenterprises: 5", "2:14", "enterprises: expected a list of blocks, found 5"),
    ("name: small", "name: small\nextends: 5", "2:10", "extends: expected the name of a file, relative to this one"),
    ("name: small", "name: small\nextends: nowhere.yaml", "2:10", "extends: there is no file 'nowhere.yaml'"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "instead", "place", "words"), MISTAKES)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, part: str, instead: str, place: str, words: str):
    assert part in SMALL
    lines = lines_of(tmp_path, SMALL.replace(part, instead, 1))
    found = [line for line in lines if words in line]
    assert found, f"nothing says {words!r} but {lines}"
    assert found[0].startswith(f"case.yaml:{place}  ")


def test_the_scenario_without_mistakes_loads(tmp_path: Path):
    assert lines_of(tmp_path, SMALL) == []


def test_the_line_of_the_handbook(tmp_path: Path):
    text = SMALL.replace("inputs: {steel: 0.2}", "inputs: {stele: 0.2}")
    assert (
        lines_of(tmp_path, text)[0]
        == "case.yaml:15:16  chain.segments.cars.inputs.stele: unknown segment 'stele', did you mean 'steel'?"
    )


def test_mistakes_of_every_kind_are_found_in_one_pass(tmp_path: Path):
    text = (
        SMALL.replace("end: 2025", "end: 2019")
        .replace("tier: upstream", "tier: upsteam")
        .replace("output: 100", "output: lots")
        .replace("volume: 1000", "volme: 1000")
        .replace("localization: {steel: 0.5}", "localization: {steel: 1.5}")
        .replace("anchors: [cars]", "anchors: [bikes]")
    )
    assert len(lines_of(tmp_path, text)) == 6


def test_a_value_that_cannot_be_read_has_one_mistake_and_no_consequences(tmp_path: Path):
    assert len(lines_of(tmp_path, SMALL.replace("output: 200", "output: many"))) == 1


def test_mistakes_are_sorted_by_place(tmp_path: Path):
    text = SMALL.replace("name: small", "name: 1\nseed: x").replace("output: 100", "output: x").replace("[cars]", "[x]")
    places = [tuple(map(int, line.split(":")[1:2])) for line in lines_of(tmp_path, text)]
    assert places == sorted(places)
    assert len(places) == 4


def test_an_error_fills_one_screen_and_counts_the_rest(tmp_path: Path):
    text = SMALL + "".join(f"wrong_{number}: {number}\n" for number in range(40))
    with pytest.raises(ScenarioError) as error:
        load(written(tmp_path, text))
    lines = str(error.value).splitlines()
    assert len(lines) == LINES
    assert lines[-1] == "and 17 more"
    assert len(error.value.problems) == 40


def test_long_and_chinese_messages_keep_to_the_width():
    problem = Problem("长长的文件名.yaml", 1, 1, "chain.segments." + "x" * 150, "产品" * 200)
    lines = screen([problem], lines=50)
    assert all(sum(2 if ord(letter) > 0x2E80 else 1 for letter in line) <= COLUMNS for line in lines)
    assert sum(line.count("产品") for line in lines) > 190


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_every_error_of_the_schema_library_reads_as_plain_words(kind: str):
    words = schema_message(kind, "Input should be a valid thing", {})
    assert words[0].islower()
    assert not {"Input", "{"} & set(words.replace("{", "{ ").split())


def test_a_file_of_another_kind_is_refused_in_words(tmp_path: Path):
    assert lines_of(tmp_path, "") == ["case.yaml:1:1  expected keys and values, such as 'name: example'"]
    assert lines_of(tmp_path, "- a\n- b") == lines_of(tmp_path, "just text") == lines_of(tmp_path, "")


def test_an_empty_block_counts_as_nothing_stated(tmp_path: Path):
    assert lines_of(tmp_path, SMALL + "stages:\nregion:\nenterprises:\n") == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *[("50,5", "50.5"), ("1.200,5", "1200.5"), ("0,03", "0.03"), ("-0,5", "-0.5"), ("0,030", "0.030")],
        *[("1,200", "1200"), ("1,200.5", "1200.5"), ("12,345,678", "12345678"), ("1.234.567,8", "1234567.8")],
        *[("1,2,3", ""), ("1,20,000", ""), ("1.2.3,4", ""), ("5,5%", "0.055")],
        *[("1'000", "1000"), ("1'200'000.5", "1200000.5"), ("1.200.000", "1200000"), ("1.200", "1.200")],
    ],
)
def test_a_decimal_comma_is_never_advised_away_into_another_number(written: str, meant: str):
    said = _number_hint(written)
    assert said.removeprefix("; write ").removesuffix(" without quotes") == meant
