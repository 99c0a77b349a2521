"""Digitisation."""

import economies
import policies
import pytest
from policies import FIRST, lived


@pytest.mark.parametrize("rationing", ["pro_rata", "first_come"])
def test_half_the_money_for_digitisation_brings_adopters_too(rationing):
    adopters = []
    for budget in (1000.0, 4.0):
        lever = policies.lever("digitisation", rate=0.8, budget=budget, rationing=rationing, additional=1.0)
        economy = lived(economies.crowd(levers={"it": lever}), FIRST).economy
        assert economy.programme.lever_years["it"].outlay <= budget
        adopters.append(int((economy.digital > 0).sum()))
    assert 0.2 * adopters[0] < adopters[1] < adopters[0]
