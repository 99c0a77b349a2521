"""What was observed beside what is simulated: how each kind of target is read, and mistakes in stating one."""

import economies
import numpy as np
import pandas as pd
import pytest
from page_tree import tree
from scenario_files import written
from typer.testing import CliRunner

import chainsim as cs
from chainsim.cli.main import app
from chainsim.report.observed import target_tables
from chainsim.report.pages import report
from chainsim.scenario.errors import ScenarioError
from chainsim.validation.targets import targets

START = economies.START


def target(**fields):
    return {"id": "t", "target": "what", "value": 1.0, "of": "chain", "indicator": "output", "first": START} | fields


@pytest.fixture(scope="module")
def base():
    return economies.shipped("minimal").replace({"years.end": START + 3})


def shown(base, *stated):
    return targets(cs.run(base.replace({"targets": list(stated)}), replications=3)).set_index("id")


def chain(base, name):
    frame = cs.run(base, replications=3).region
    return frame[frame["scope"] == "chain"].pivot(index="year", columns="replication", values=name)


def test_every_way_of_reading_is_what_it_says(base):
    output = chain(base, "output")
    first, last = output.loc[START], output.loc[START + 3]
    expected = {
        "level": first / 1000.0,
        "ratio": last / first,
        "yearly_growth": (last / first) ** (1 / 3) - 1,
        "yearly_change": (last - first) / 3,
        "mean": output.mean(),
    }
    stated = [target(id=how, how=how, last=START + 3, scale=0.001 if how == "level" else 1.0) for how in expected]
    table = shown(base, *stated)
    for how, runs in expected.items():
        assert table.loc[how, "simulated"] == pytest.approx(runs.mean(), rel=1e-12)
        assert table.loc[how, "luck_low90"] == pytest.approx(np.quantile(runs, 0.05), rel=1e-12)


def test_a_group_is_any_segments_and_those_with_a_minus_are_left_out(base):
    table = shown(
        base,
        target(id="two", how="level", of="materials midstream"),
        target(id="same", how="level", of="all -devices"),
        target(id="part", how="share", of="materials components"),
    )
    assert table.loc["two", "simulated"] == pytest.approx(900.0)
    assert table.loc["same", "simulated"] == pytest.approx(900.0)
    assert table.loc["part", "simulated"] == pytest.approx(900.0 / 1900.0)


def test_misses_stand_first_and_what_cannot_be_read_last_with_its_reason(base):
    table = shown(
        base,
        target(id="unread", how=None, unmeasured="nobody counted"),
        target(id="met", how="level", low=1899.0, high=1901.0),
        target(id="bound", how="level", high=1901.0),
        target(id="missed", how="level", low=1.0, high=2.0),
        target(id="later", how="level", first=START + 40),
        target(id="a rate", how="level", indicator="rd_intensity", of="materials components") | {"id": "a_rate"},
        target(id="pattern", how="pattern", of="exit rate"),
        target(id="typo", how="level", indicator="outputt"),
    )
    assert list(table.index)[:3] == ["missed", "met", "bound"]
    assert table["inside"].tolist() == [False, True, True, *[pd.NA] * 5]
    assert table.loc["unread", "unmeasured"] == "nobody counted"
    assert "do not reach" in table.loc["later", "unmeasured"]
    assert "no sum" in table.loc["a_rate", "unmeasured"]
    assert "did you mean 'output'" in table.loc["typo", "unmeasured"]
    assert "record: {enterprises: true}" in table.loc["pattern", "unmeasured"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"how": "level", "indicator": None}, "expected a column"),
        ({"how": "level", "of": "chain -device"}, "nothing is called 'device'"),
        ({"how": "ratio"}, "expected a year"),
        ({"how": None}, "under unmeasured why it cannot be"),
        ({"how": "level", "first": None}, "expected a year"),
    ],
)
def test_mistakes_are_refused_with_what_is_wrong(base, fields, words):
    with pytest.raises(ScenarioError, match=words):
        base.replace({"targets": [target(**fields)]})


def test_two_targets_of_one_name_are_refused(base):
    with pytest.raises(ScenarioError, match="used twice"):
        base.replace({"targets": [target(how="level"), target(how="level")]})


def test_targets_change_nothing_of_a_run_and_are_written_with_the_scenario(base, tmp_path):
    stated = base.replace({"targets": [target(how="level", low=0.5, note="a, b")]})
    pd.testing.assert_frame_equal(cs.run(stated).region, cs.run(base).region)
    cs.run(stated).save(tmp_path / "out")
    assert cs.load(tmp_path / "out" / "scenario.yaml").targets == stated.targets


def test_the_command_prints_misses_first_and_a_scenario_without_targets_is_told(tmp_path):
    rows = [
        "id,target,value,low,high,how,indicator,first,use,shared",
        "met,a,1,1800,2000,level,output,2020,reported,",
        "missed,b,1,1,2,level,output,2020,held_out,",
        "known,c,1,1800,2000,level,output,2020,held_out,the output of 2020",
        "",
    ]
    (tmp_path / "observed.csv").write_text("\n".join(rows))
    path = written(tmp_path, (economies.ROOT / "scenarios" / "minimal.yaml").read_text() + "targets: observed.csv\n")
    found = CliRunner().invoke(app, ["validate", str(path), "--targets", "--seeds", "2"])
    assert found.exit_code == 0, found.output
    assert found.output.index("missed") < found.output.index("met (reported)")
    assert "known (held out, not independent)" in found.output
    assert "2 of 3 are inside" in found.output
    assert "held out: 1 of 2; held out and independent of the base year: 0 of 1" in found.output
    none = CliRunner().invoke(app, ["validate", str(economies.ROOT / "scenarios" / "minimal.yaml"), "--targets"])
    assert none.exit_code == 2
    assert "states no targets" in none.output


def test_the_page_shows_targets_with_misses_first_held_out_apart_and_the_unread_with_their_reason(base):
    stated = [
        target(id="met", how="level", low=1.0, high=1e6, target="a figure that is met"),
        target(id="missed", how="level", low=1.0, high=2.0, target="a figure that is missed"),
        target(
            id="held", how="level", low=1.0, high=2.0, use="held_out", target="a figure held out", shared="its level"
        ),
        target(id="unread", how=None, unmeasured="nobody counted", target="a figure not read"),
    ]
    result = cs.run(base.replace({"targets": stated}), replications=2)
    tables = target_tables(result)
    assert [row.what for row in tables.shown] == ["a figure that is missed", "a figure that is met"]
    assert [row.missed for row in tables.held_out] == [True]
    page = report(result)
    held, unread = page.index("nothing is fitted to them: 1 of 1 outside"), page.index("What cannot be computed")
    assert page.index("a figure that is missed") < page.index("a figure that is met") < held < unread
    assert page.count("held out, not independent of the base year") == 1
    assert held < page.index("a figure held out") < unread < page.index("nobody counted")
    assert "1 of 2 outside" in page
    assert tree(page).open == []
    assert "Observed and simulated" not in report(cs.run(base, replications=2))


def test_targets_none_of_which_can_be_read_stand_on_the_page_as_such(base):
    """As where the years end before all of them."""
    result = cs.run(base.replace({"targets": [target(id=name, how="level", first=START + 9) for name in "tu"]}), seed=1)
    assert targets(result)["inside"].isna().all()
    assert tree(report(result)) is not None
