"""Effects as tables."""

import numpy as np
import pytest
from economies import START
from effect_cases import baseline, granted
from worked_by_hand import BASE, POLICY

import chainsim as cs
from chainsim.effects.effect_tables import effects


def test_effects_are_those_worked_out_by_hand():
    row = effects(BASE, POLICY, [START + 1], indicators=["employment"]).iloc[0]
    assert (row["base"], row["effect"], row["mean"]) == (150.0, 20.0, 20.0)
    assert row["relative"] == pytest.approx((0.1 + 0.15) / 2)
    assert (row["low90"], row["high90"]) == (11.0, 29.0)
    assert row["same_sign"] == 1.0


def test_an_effect_of_nothing_has_no_sign():
    row = effects(BASE, BASE, [START + 1], indicators=["employment"]).iloc[0]
    assert row["effect"] == 0.0
    assert np.isnan(row["same_sign"])


def test_a_relative_effect_on_nothing_is_missing_and_the_rest_still_told():
    row = effects(BASE, POLICY, [START + 1], indicators=["output"]).iloc[0]
    assert np.isnan(row["relative"])
    assert row["effect"] == 7.5


def test_unknown_years_keys_and_indicators_are_answered_with_those_there_are():
    effect = cs.compare(baseline(), granted(), replications=1)
    with pytest.raises(ValueError, match="year 2040 is not simulated"):
        effect.table(years=2040)
    with pytest.raises(ValueError, match="by is 'planet'"):
        effect.table(by="planet")
    with pytest.raises(ValueError, match="no indicator 'happiness'"):
        effect.table(indicators=["happiness"])
    with pytest.raises(ValueError, match="split=True"):
        effect.split  # noqa: B018


def test_those_reached_are_the_sum_of_their_kinds():
    effect = cs.compare(baseline(), granted(target={"segments": ["lenses"], "max_employees": 50}), replications=2)
    reach = effect.seen["reach"]
    assert len(reach) == 2 * 5
    parts = reach[["treated", "linked", "same_segment", "others_differ"]].sum(axis=1)
    assert (parts == reach["differ"]).all()
    assert (reach["differ"] <= reach["enterprises"]).all()
    assert (reach["links_differ"] <= reach["links"]).all()
    assert reach["treated"].min() > 0
