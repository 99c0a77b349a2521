"""The money of a scenario: what it is called everywhere, and that no number depends on it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from effect_cases import granted, small
from scenario_files import SMALL, problems_of, written

import chainsim as cs
from chainsim.economy.parameters import counted_in, in_money, in_money_of
from chainsim.report.odd import odd
from chainsim.report.terminal import plain, warning_lines
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.explain import explained
from chainsim.scenario.load import load

EURO = SMALL.replace("years:", "money: EUR million\nyears:", 1)


def test_units_are_named_in_the_money_that_is_shown():
    with counted_in("EUR million"):
        assert (in_money("thousand CNY/y"), in_money("百万元")) == ("thousand EUR/y", "百万欧元")
        with counted_in("SEK million"):
            assert (in_money("CNY billion"), in_money("百万元")) == ("SEK billion", "百万SEK")
    assert in_money("CNY million") == "CNY million"


def test_a_generator_tells_its_lines_in_the_money_of_its_argument():
    @in_money_of(lambda money: money)
    def lines(money):
        yield money[:0] + in_money("CNY million")

    told = lines("EUR million")
    assert in_money("CNY") == "CNY"
    assert next(told) == "EUR million"


def test_no_number_depends_on_the_money():
    ours, theirs = (cs.run(small(money=money), seed=1) for money in ("CNY million", "EUR million"))
    for name in ours.tables:
        pd.testing.assert_frame_equal(ours.table(name), theirs.table(name), check_exact=True)
    assert (ours.labelled()["region"][1]["output"].unit, ours.headline()["unit"][0]) == ("CNY million", "CNY million")
    assert (theirs.labelled()["region"][1]["output"].unit, theirs.headline()["unit"][0]) == ("EUR million",) * 2


def test_explain_warnings_and_the_odd_document_follow_the_scenario(tmp_path: Path):
    scenario = load(written(tmp_path, EURO.replace("output: 200", "output: 200\n      min_efficient_scale: 6000000")))
    told = [plain(explained(scenario)), *warning_lines(scenario), odd(scenario)]
    assert "is its unit EUR million?" in told[1]
    for text in told:
        assert "EUR million" in text
        assert "CNY" not in text


def test_the_files_and_tables_of_a_result_name_its_money(tmp_path: Path):
    import pyarrow.parquet as pq

    result = cs.run(small(money="EUR million"), seed=1)
    result.save(tmp_path / "out")
    for file in (tmp_path / "out").glob("*.parquet"):
        assert b"CNY" not in pq.read_schema(file).metadata[b"units"] + pq.read_schema(file).metadata[b"meanings"]
    assert cs.read(tmp_path / "out").scenario.money == "EUR million"


def test_the_unit_of_a_number_is_that_of_the_scenario(tmp_path: Path):
    text = EURO.replace("output: 100", "output: {value: 100, unit: CNY million}")
    assert "the unit of this number is EUR million, found 'CNY million'" in str(problems_of(written(tmp_path, text)))
    sound = written(tmp_path, text.replace("CNY", "EUR"))
    assert load(sound).chain.segments["steel"].output == 100


@pytest.mark.parametrize("money", ["EUR billion", "euro", "EUR", "million EUR"])
def test_money_that_the_model_does_not_count_in_is_refused(tmp_path: Path, money: str):
    said = str(problems_of(written(tmp_path, EURO.replace("EUR million", money))))
    assert "expected three letters of a currency and million, such as EUR million" in said


def test_scenarios_in_different_money_are_not_compared():
    base = small()
    policy = granted(base).replace({"money": "EUR million", "name": "policy"})
    with pytest.raises(ScenarioError, match="policy counts in EUR million, tiny in CNY million"):
        cs.compare(base, policy)
