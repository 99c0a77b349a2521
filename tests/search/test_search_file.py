"""The search file: every mistake at its place in one pass, and what the settings of a portfolio mean."""

import re

import economies
import numpy as np
import pytest

from chainsim.scenario.errors import ScenarioError
from chainsim.search.search_file import search_of

LEVERS = {
    "plant": {"type": "investment_grant", "rate": 0.2, "years": "2021-2030", "budget": 20.0},
    "talent": {"type": "talent_introduction", "heads": 50, "cost": 0.05, "years": "2021-2030"},
}


@pytest.fixture(scope="module")
def base():
    return economies.shipped("minimal")


@pytest.fixture(scope="module")
def stated(base):
    return {
        "base": base,
        "policy": base.replace({"levers": LEVERS}),
        "levers": {"levers.plant.rate": [0, 0.4], "levers.talent.heads": [0, 100]},
        "aims": {"employment": "max", "net_cost": "min"},
        "budget": {"net_cost": 30.0},
    }


def told(stated):
    with pytest.raises(ScenarioError) as caught:
        search_of(stated)
    return str(caught.value)


def test_strengths_budgets_and_years_of_levers_are_settings(stated):
    years = {"start": [2021, 2025], "stop": [2026, 2030]}
    ranges = {**stated["levers"], "levers.plant.budget": [5, 50], "levers.plant.years": years}
    search = search_of({**stated, "levers": ranges})
    assert [setting.role for setting in search.settings] == ["strength", "strength", "extent", "start", "stop"]
    assert [setting.whole for setting in search.settings] == [False, False, False, True, True]
    made = search.portfolio(np.array([0.5, 0.5, 0.0, 0.25, 1.0]))
    assert made.levers["plant"].years == "2022-2030"
    assert (made.levers["plant"].rate, made.levers["plant"].budget) == (0.2, 5.0)
    assert made.levers["talent"].heads == 50
    assert list(search.portfolio(np.array([0.0, 0.5, 0.0, 0.25, 1.0])).levers) == ["talent"]
    assert search.stated == pytest.approx([0.5, 0.5, 1 / 3, 0.0, 1.0])
    assert search.points == 2 + 21  # 14 terms


def test_levers_that_are_not_named_are_in_no_portfolio(stated):
    search = search_of({**stated, "levers": {"levers.plant.rate": [0, 0.4]}})
    assert list(search.portfolio(np.array([1.0])).levers) == ["plant"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"levers": {"levers.grant.rate": [0, 1]}}, "the policy has no lever 'grant'; it has plant, talent"),
        ({"levers": {"levers.plant.rate": [0.1, 0.4]}}, "plant is never off; give a range from 0, such as"),
        ({"levers": {"levers.plant.rate": [0.4, 0.4]}}, "expected two ends that rise"),
        ({"levers": {"levers.plant.rate": [0, 4]}}, r"at 4\)"),
        ({"levers": {"levers.plant.rate": [0, 0.4], "levers.plant.years": {"start": [2019, 2025]}}}, "from 2021 to 2030"),
        (
            {"levers": {"levers.plant.rate": [0, 0.4], "levers.plant.years": {"start": [2021, 2028], "stop": [2025, 2030]}}},
            "may start in 2028 and stop in 2025",
        ),
        ({"levers": {"levers.plant.rate": [0, 0.4], "levers.plant.years": {}}}, r"such as start: \[2021, 2025\]"),
        ({"budget": {"outlay": -1}}, "expected 0 or more, since no outlay is below it, found -1"),
        ({"name": "../x"}, "expected a name that can name a file"),
        ({"name": "a/b"}, "expected a name that can name a file"),
        ({"aims": {"employmnt": "max"}}, "no outcome 'employmnt', did you mean 'employment'"),
        ({"aims": {"employment": "more"}}, "aims.employment"),
        ({"thresholds": {"outlay": 3.0}}, "only an aim has a threshold"),
        ({"points": 4}, "2 settings need 7 points or more, found 4"),
        ({"budgets": {}}, "budgets"),
        ({"worlds": {"from": "nowhere"}}, "worlds"),
        ({"worlds": {"runs": "some"}}, "worlds.runs: expected one of all, listed"),
        ({"budget": {"net_cost": "polcy"}}, "budget.net_cost"),
        ({"budget": {"net_cost": "policy"}, "levers": {"levers.plant.rate": [0, 0.1]}}, "lies outside the ranges"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(stated, changes, message):
    assert re.search(message, told({**stated, **changes}))


def test_mistakes_of_a_file_are_told_at_once_with_their_lines(tmp_path):
    stated = "base: nowhere.yaml\npolicy: no.yaml\nlevers: {}\naims: {jobs: most}\n"
    (tmp_path / "search.yaml").write_text(stated, encoding="utf-8")
    text = told(tmp_path / "search.yaml")
    for place in ("search.yaml:1:7  base", "search.yaml:2:9  policy", "levers", "search.yaml:4:14  aims.jobs"):
        assert place in text
    assert len(text.splitlines()) <= 24
