"""The hindcast: its files are those that the facts make, and hold nothing that came later than their base year."""

import csv
import runpy
from pathlib import Path

import pytest

import chainsim as cs
from chainsim.validation.patterns import baseline_runs
from chainsim.validation.targets import targets

ROOT = Path(__file__).parent.parent
MADE = runpy.run_path(str(ROOT / "docs" / "make_hindcast.py"))
BY_FILE = {province.file: province for province in MADE["PROVINCES"]}


@pytest.fixture(scope="module")
def rows():
    with MADE["FACTS"].open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", BY_FILE)
def test_a_scenario_of_the_hindcast_is_what_the_facts_make(name, rows):
    text = (ROOT / "scenarios" / "hindcast" / f"{name}.yaml").read_text(encoding="utf-8")
    assert text == MADE["scenario"](MADE["facts"](rows), BY_FILE[name]), "run: python docs/make_hindcast.py"
    assert cs.load(ROOT / "scenarios" / "hindcast" / f"{name}.yaml").targets


@pytest.mark.parametrize("name", BY_FILE)
def test_later_figures_of_a_province_move_its_targets_alone(name, rows):
    province = BY_FILE[name]
    later = [
        row | {"value": "12.5"} if row["region"] != "China" and row["year"][:4] > str(province.first) else row
        for row in rows
    ]
    stated, aims = MADE["scenario"](MADE["facts"](rows), province).split("targets:")
    same, moved = MADE["scenario"](MADE["facts"](later), province).split("targets:")
    assert same == stated
    assert moved != aims


def test_every_growth_of_a_province_can_be_read_from_a_run_with_its_anchor():
    stated = cs.load(ROOT / "scenarios" / "hindcast" / "chongqing.yaml")
    result = baseline_runs(stated.replace({"population.scale": 0.2}), 1, shocks=True)
    assert targets(result)["inside"].notna().all()
    assert set(result.table("named")["name"]) == {"anchor"}
