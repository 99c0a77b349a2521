"""Comparisons under a shock: what it does without the policy and with it, paired."""

import numpy as np
import pytest
from economies import START
from effect_cases import GRANT, baseline

import chainsim as cs
from chainsim.effects import effect as effects
from chainsim.scenario.errors import ScenarioError

BASE = baseline()
POLICY = BASE.replace({"name": "grants", "levers.grant": GRANT})
CUT = {"type": "demand_shift", "change": -0.3, "years": START + 2}


@pytest.fixture(scope="module")
def shocked():
    return BASE.replace({"name": "slump", "shocks.slump": CUT})


@pytest.fixture(scope="module")
def effect(shocked):
    return cs.compare(BASE, POLICY, replications=3, under=shocked)


def test_the_worlds_are_the_policy_the_shock_and_both(effect):
    assert effect.names == ("grants", "slump", "grants under slump")


def test_what_is_softened_is_the_paired_difference_of_both_effects_of_the_shock(effect):
    last = BASE.years.end
    row = effect.softening(last, ["output"]).iloc[0]
    region = [result.region[result.region["scope"] == "chain"] for result in (effect.base, *effect.policies)]
    base, policy, shock, both = (part[part["year"] == last]["output"].to_numpy() for part in region)
    assert row["shock_alone"] == pytest.approx(np.median(shock - base))
    assert row["shock_alone"] < 0
    assert row["softened"] == pytest.approx(np.median((both - policy) - (shock - base)))
    assert (row["policy"], row["shock"], row["pairs"]) == ("grants", "slump", 3)


def test_a_policy_that_does_nothing_softens_nothing(shocked):
    nothing = BASE.replace({"name": "nothing", "levers.grant": {**GRANT, "rate": 0.0}})
    assert (cs.compare(BASE, nothing, replications=1, under=shocked).softening()["softened"] == 0).all()


@pytest.mark.usefixtures("plain_pages")
def test_the_table_is_saved_and_read_back(effect, tmp_path):
    effect.save(tmp_path / "out")
    assert effects.read(tmp_path / "out").softening().equals(effect.softening())
    assert (tmp_path / "out" / "softening.parquet").exists()


def test_a_scenario_without_shocks_is_refused():
    with pytest.raises(ScenarioError, match="there is no shock"):
        cs.compare(BASE, POLICY, replications=1, under=BASE.replace({"name": "calm"}))


def test_without_a_shock_there_is_nothing_to_soften():
    with pytest.raises(ValueError, match="under=scenario"):
        cs.compare(BASE, POLICY, replications=1).softening()
