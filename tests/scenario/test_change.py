"""Scenarios made from scenarios: other values, other stages, the frozen economy, pickling."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from scenario_files import SMALL, loaded

from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.nodes import Sourced
from chainsim.scenario.scenario import Scenario
from chainsim.stages import Investment, Pricing


class OwnPricing(Pricing):
    """A user's stage with a parameter of its own."""

    patience: float = 0.5

    def prices(self, economy: object) -> float:
        return 1.0


@pytest.fixture
def small(tmp_path: Path) -> Scenario:
    return loaded(tmp_path, SMALL.replace("output: 100", "output: {value: 100, low: 90, high: 120, source: A1}"))


def test_values_at_dotted_paths_are_replaced(small: Scenario):
    sales = "chain.segments.steel.markets.national.sales"
    changed = small.replace(
        {"years.end": 2030, "chain.segments.cars.inputs.steel": 0.3, sales: 70, "chain.segments.cars.rd_share": 0}
    )
    assert changed.years.end == 2030
    assert changed.chain.segments["cars"].inputs == {"steel": 0.3}
    assert changed.chain.segments["cars"].rd_share == 0.0
    assert small.years.end == 2025


def test_a_whole_block_is_replaced(small: Scenario):
    changed = small.replace({"region.parks": {"a": {"share": 1}}, "chain.segments.cars.owners": {"state": 1}})
    assert list(changed.region.parks) == ["a"]
    assert changed.chain.segments["cars"].owners == {"state": 1.0}


def test_a_rate_becomes_a_path_and_back(small: Scenario):
    path = "chain.segments.steel.markets.national.growth"
    changed = small.replace({path: {2021: 0.1, 2023: 0.05}})
    assert changed.chain.segments["steel"].markets["national"].growth == {2021: 0.1, 2023: 0.05}
    later = changed.replace({f"{path}.2023": 0.07})
    assert later.chain.segments["steel"].markets["national"].growth == {2021: 0.1, 2023: 0.07}
    assert later.replace({path: 0}).chain.segments["steel"].markets["national"].growth == 0


def test_numbers_of_numpy_are_numbers(small: Scenario):
    changed = small.replace(
        {"stages.sourcing.substitution": np.float64(4), "seed": np.int64(7), "record.links": np.True_}
    )
    assert type(changed.stages.sourcing.substitution) is float
    assert (changed.seed, changed.record.links) == (7, True)


def test_enterprises_are_found_by_their_id(small: Scenario):
    named = small.replace({"enterprises": [{"id": "faw", "name": "FAW", "segment": "cars", "revenue": 50}]})
    changed = named.replace({"enterprises.faw.revenue": {"value": 60, "source": "A1"}})
    assert changed.enterprises[0].revenue == 60
    assert changed.origin("enterprises.0.revenue") == "replace"
    assert changed.replace({"enterprises.faw.revenue": 70}).sources == small.sources


def test_a_replaced_value_loses_its_source_and_keeps_those_of_others(small: Scenario):
    assert "chain.segments.steel.output" in small.replace({"seed": 2}).sources
    changed = small.replace({"chain.segments.steel.output": 100})
    assert changed.sources == {}
    assert changed.origin("chain.segments.steel.output") == "replace"


def test_a_replaced_value_may_bring_range_and_source(small: Scenario):
    changed = small.replace({"stages.sourcing.substitution": {"value": 4, "low": 2, "source": "E1"}})
    assert changed.sources["stages.sourcing.substitution"] == Sourced(4, 2, source="E1")


def test_replacing_nothing_changes_nothing(small: Scenario):
    assert small.replace() == small
    assert small.replace({}).origins == small.origins


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("yeas.end", 2030, "yeas: unknown key 'yeas', did you mean 'years'?"),
        ("years.last", 2030, "years.last: unknown key 'last'"),
        ("chain.segments.car.output", 1, "chain.segments.car: unknown key 'car', did you mean 'cars'?"),
        ("chain.segments.cars.output.value", 1, "chain.segments.cars.output.value: unknown key 'value'"),
        ("chain.segments.cars.inputs.stel", 0.1, "inputs.stel: unknown segment 'stel', did you mean 'steel'?"),
        ("chain.tiers.7", "x", "chain.tiers.7: unknown key '7'"),
        ("years.end", "2030", "years.end: expected a whole number from 1900 to 2200, found the text '2030'"),
        ("years.end", 2019, "years.end: the last year 2019 must come after the base year 2020"),
        ("stages.sourcing.substitution", -1, "expected a number above 0, found -1"),
        ("stages.sourcing.substitution", float("nan"), "expected a finite number, found nan"),
        ("stages.sourcing.substitution", True, "expected a number above 0, found true"),
        ("stages.sourcing.substitution", {"value": 9, "high": 5}, "the value 9 is above high 5"),
        (
            "stages.sourcing.substitution",
            {"value": 9, "low": -5},
            "substitution.low: expected a number above 0, found -5",
        ),
        ("stages.sourcing", {"substitution": {"value": 9, "low": -5}}, "substitution.low: expected a number above 0"),
        ("stages.sourcing", {"substituton": 1}, "unknown key 'substituton', did you mean 'substitution'?"),
        ("stages.pricing", Investment(), "stages.pricing"),
        ("region.parks.a b", {"share": 1}, "expected a name of letters, digits and _ before ':', found 'a b'"),
        ("name", {1, 2}, "expected numbers, text, lists and mappings, found set"),
        ("", 1, "is not a path"),
    ],
)
def test_a_change_that_cannot_be_made_says_why(small: Scenario, path: str, value: object, words: str):
    with pytest.raises(ScenarioError) as error:
        small.replace({path: value})
    assert any(words in str(problem) for problem in error.value.problems), error.value.problems
    assert all(problem.file == "replace" for problem in error.value.problems)


def test_all_wrong_changes_are_named_at_once(small: Scenario):
    with pytest.raises(ScenarioError) as error:
        small.replace({"seed": -1, "yeas": 1, "years.end": 0})
    assert len(error.value.problems) == 3


# Stages -------------------------------------------------------------------------------------------------------------


def test_a_stage_replaces_the_one_of_its_key(small: Scenario):
    changed = small.replace(stages=[OwnPricing(lag=0.1, patience=0.9)])
    assert type(changed.stages.pricing) is OwnPricing
    assert changed.stages.pricing.patience == 0.9
    assert changed.stages.sourcing == small.stages.sourcing


def test_a_users_stage_survives_later_changes(small: Scenario):
    changed = small.replace(stages=[OwnPricing()]).replace({"stages.pricing.patience": 0.7, "seed": 5})
    assert type(changed.stages.pricing) is OwnPricing
    assert changed.stages.pricing.patience == 0.7
    assert type(changed.steady().stages.pricing) is OwnPricing


def test_a_class_in_place_of_a_stage_is_refused(small: Scenario):
    with pytest.raises(TypeError, match="expected instances of stages"):
        small.replace(stages=[object()])


def test_a_path_by_year_keeps_its_other_years_whatever_is_replaced_beside_it(small: Scenario):
    rules = small.replace({"region.taxes.rd_deduction": {2018: 0.75, 2023: 1.0}})
    beside = rules.replace({"region.productivity_growth": 0.01, "region.taxes.rd_deduction": {2025: 1.2}})
    assert beside.region.taxes.rd_deduction == {2018: 0.75, 2023: 1.0, 2025: 1.2}


def test_values_that_hold_only_together_are_replaced_together_in_any_order(small: Scenario):
    later = {"years.start": 2040, "years.end": 2045}
    for changes in (later, dict(reversed(later.items()))):
        assert small.replace(changes).years.start == 2040


def test_every_wrong_value_of_a_block_is_told_at_once(small: Scenario):
    with pytest.raises(ScenarioError) as told:
        small.replace({"years.start": "x", "years.end": "y", "years.middle": 3, "region.productivity_growth": "z"})
    assert {problem.path for problem in told.value.problems} == {
        "years.start",
        "years.end",
        "years.middle",
        "region.productivity_growth",
    }


# The frozen economy -------------------------------------------------------------------------------------------------


def test_the_frozen_economy_has_no_growth_and_no_events(tmp_path: Path):
    text = SMALL.replace("volume: 1000", "volume: 1000, growth: {2021: 0.1}")
    text = text.replace("output: 100", "output: 100\n      price_trend: -0.02\n      drag: 0.004")
    frozen = loaded(tmp_path, text + "region: {wage_growth: 0.03}").steady()
    steel = frozen.chain.segments["steel"]
    assert (steel.price_trend, steel.drag, steel.markets["national"].growth) == (0, 0, 0)
    assert (frozen.region.productivity_growth, frozen.region.wage_growth) == (0, 0)
    assert not any(getattr(frozen.stages, name).enabled for name in ("sourcing", "innovation", "demography", "finance"))
    assert frozen.stages.demand.volatility == 0
    assert (steel.output, frozen.years) == (100, loaded(tmp_path).years)


def test_the_frozen_economy_keeps_the_rules_of_its_base_year(small: Scenario):
    rules = small.replace({"region.taxes.rd_deduction": {2018: 0.75, 2023: 1.0}})
    assert rules.steady().region.taxes.rd_deduction == {2018: 0.75, 2020: 0.75, 2023: 0.75}


def test_freezing_twice_is_freezing_once(small: Scenario):
    assert small.steady().steady() == small.steady()


# Pickling -----------------------------------------------------------------------------------------------------------


def test_a_scenario_travels_with_origins_and_own_stages(small: Scenario):
    changed = small.replace(stages=[OwnPricing(patience=0.1)])
    copy = pickle.loads(pickle.dumps(changed))  # noqa: S301 - written a moment ago
    assert copy == changed
    assert copy.origins == changed.origins
    assert copy.sources == changed.sources
    assert copy.stages.pricing.patience == 0.1
