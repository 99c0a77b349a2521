"""What a stage may touch, and what it does when it is switched off."""

import economies
import numpy as np
import policies
import pytest

from chainsim.economy.columns import COLUMNS
from chainsim.runs.simulation import Simulation, base_year
from chainsim.stages import CALENDAR
from chainsim.stages.year import steps

KEYS = [stage.key for stage in CALENDAR]


def columns(economy, rows=None):
    """Copies of all columns, of the first `rows` enterprises."""
    return {column.name: getattr(economy, column.name)[:rows].copy() for column in COLUMNS}


def changed(before, after):
    """Columns that differ in any bit."""
    return {name for name in before if not np.array_equal(before[name], after[name])}


# --- the contract of a stage ---


def touched_columns(scenario):
    """Columns that every stage changes in three years, rows of entrants left out."""
    economy, touched = Simulation(scenario, scenario.seed).economy, {key: set() for key in KEYS}
    rows, before = economy.n, columns(economy)
    for _ in range(3):
        for step in steps(economy):
            if step in touched:
                touched[step] |= changed(before, columns(economy, rows))
            rows, before = economy.n, columns(economy)
    return touched


@pytest.fixture(
    scope="module", params=["crowd", "missing link", pytest.param("jilin", marks=pytest.mark.slow)], ids=str
)
def touched(request):
    makers = {"crowd": policies.under, "missing link": economies.with_missing_link}
    return touched_columns(makers[request.param]() if request.param in makers else economies.shipped("jilin"))


@pytest.mark.parametrize("stage", CALENDAR, ids=KEYS)
def test_a_stage_changes_the_columns_it_declares_and_no_others(touched, stage):
    assert touched[stage.key] <= stage.writes


@pytest.mark.parametrize("stage", CALENDAR, ids=KEYS)
def test_a_stage_declares_no_column_that_it_leaves_alone(touched, stage):
    rarely = {"default_years", "debt", "capital_ordered", "cash", "owner", "loss_years"}
    if "talent" not in touched["labour"]:  # an economy without levers
        rarely |= {"support", "reach", "certificate", "talent", "digital", "digital_coming", "guaranteed"}
    assert stage.writes - touched[stage.key] <= rarely


def test_every_column_that_a_stage_declares_is_one():
    names = {column.name for column in COLUMNS}
    assert [(stage.key, name) for stage in CALENDAR for name in stage.writes - names] == []


def test_stages_ask_for_the_same_luck_in_any_year_order():
    economy = base_year(economies.crowd(), 1)
    first = economy.stages.demand.shock(economy)
    economy.year = 2023
    economy.stages.demand.shock(economy)
    economy.year = 2020
    assert np.array_equal(first, economy.stages.demand.shock(economy))
