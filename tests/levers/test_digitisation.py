"""Digitisation."""

import economies
import numpy as np
import policies
import pytest
from policies import FIRST, LAST, lived

import chainsim as cs


@pytest.mark.parametrize("rationing", ["pro_rata", "first_come"])
def test_half_the_money_for_digitisation_brings_adopters_too(rationing):
    adopters = []
    for budget in (1000.0, 4.0):
        lever = policies.lever("digitisation", rate=0.8, budget=budget, rationing=rationing, additional=1.0)
        economy = lived(economies.crowd(levers={"it": lever}), FIRST).economy
        assert economy.programme.lever_years["it"].outlay <= budget
        adopters.append(int((economy.digital > 0).sum()))
    assert 0.2 * adopters[0] < adopters[1] < adopters[0]


def test_adopters_gain_half_in_their_year_and_half_in_the_next():
    lever = policies.lever("digitisation", f"{FIRST}-{FIRST}", rate=0.8)
    gained = {}
    for year in (FIRST, FIRST + 1, FIRST + 2):
        economy = lived(economies.crowd(levers={"it": lever}), year).economy
        gained[year] = dict(zip(economy.identity.tolist(), economy.digital.tolist(), strict=True))
    stayed = [who for who in gained[FIRST + 2] if gained[FIRST].get(who, 0.0) > 0.0]
    assert len(stayed) > 5
    for who in stayed:
        assert gained[FIRST + 2][who] == gained[FIRST + 1][who] == pytest.approx(2.0 * gained[FIRST][who])


def industries(**fields):
    """The crowd, where industries outside the chain adopt and buy more lenses."""
    stated = {"type": "digitisation", "rate": 0.2, "years": f"{FIRST}-{LAST}", "industries_buy": ["lenses"]} | fields
    return economies.crowd(levers={"it": stated}, end=LAST + 2)


def bought(scenario, until):
    """Expenditure of the market local_other on both segments."""
    return lived(scenario, until).economy.flows.expenditure[:, 0]


def test_other_industries_that_adopt_buy_more_of_what_is_named_and_go_on_when_the_lever_has_ended():
    usual, after = bought(economies.crowd(end=LAST + 2), LAST + 2), bought(industries(), LAST + 2)
    adopted = 1.0 - 0.8**3
    induced = after[1] / usual[1]  # cameras are not named: income alone moves what is bought of them
    assert after[0] / usual[0] == pytest.approx((1.0 + 0.7 * 0.2 * adopted) * induced, rel=1e-9)


def test_the_public_pays_its_share_of_what_adopters_add_in_their_first_year():
    economy = lived(industries(), FIRST).economy
    added = 0.2 * 0.2 * economy.market_expenditure()[0, 0]
    assert economy.programme.lever_years["it"].outlay == pytest.approx(0.3 * added)
    assert economy.programme.lever_years["it"].recipients == 0.0
    assert (economy.digital == 0.0).all()


def test_half_the_money_brings_half_the_adopters_of_other_industries():
    whole = lived(industries(), FIRST).economy
    half = lived(industries(budget=whole.programme.lever_years["it"].outlay / 2), FIRST).economy
    assert half.region.adopters == pytest.approx(whole.region.adopters / 2)


def test_industries_that_adopt_without_strength_change_no_bit():
    plain, with_lever = (cs.run(made).region for made in (economies.crowd(end=LAST + 2), industries(rate=0.0)))
    assert np.array_equal(plain["output"], with_lever["output"])


def test_purchases_of_enterprises_and_of_other_industries_are_two_levers():
    with pytest.raises(cs.ScenarioError, match="industries_buy, of other industries"):
        economies.crowd().replace({"levers.it": industries().levers["it"].model_dump() | {"buys": {"lenses": 0.1}}})
    with pytest.raises(cs.ScenarioError, match="lense"):
        economies.crowd().replace({"levers.it": industries().levers["it"].model_dump() | {"industries_buy": ["lense"]}})
