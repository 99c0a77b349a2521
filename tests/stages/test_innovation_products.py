"""Enterprises add and lose products; at norm research they keep their number, for rivals add too."""

import economies
import numpy as np
import pytest
from scipy.special import betainc, betaincinv

from chainsim.economy import draws
from chainsim.runs.simulation import Simulation
from chainsim.stages.innovation import QUANTILES, Innovation


def run(scenario, seed=1):
    """The simulation of a scenario at its end, and who made how many products in the base year."""
    simulation = Simulation(scenario, seed)
    economy = simulation.economy
    base = dict(zip(economy.identity.tolist(), economy.products.tolist(), strict=True))
    while simulation.running:
        simulation.step()
    return simulation.economy, base


def test_products_that_norm_research_adds_are_those_that_retire():
    economy = economies.built(economies.crowd())
    rules = economy.stages.innovation
    absorptive = rules.absorptive_capacity(economy)
    useful = (rules.innovation_step(QUANTILES) > 0).mean()
    assert 1.0 - rules.useless_share() == pytest.approx(useful, abs=1e-3)
    new = (1.0 - rules.useless_share()) * rules.product_share * rules.chance(rules.effort(economy, absorptive))
    kept = 1.0 - rules.retirement(economy, absorptive)
    assert kept * (1.0 + new * (rules.product_step - 1.0)) == pytest.approx(np.ones(economy.n), rel=1e-9)


def test_without_innovation_everybody_keeps_their_products():
    economy, base = run(economies.crowd(end=2030).replace({"stages.innovation.enabled": False}))
    older = economy.active & (economy.founded <= economies.START)
    assert older.sum() > 5
    assert all(economy.products[row] == base[int(economy.identity[row])] for row in np.flatnonzero(older))


def test_large_enterprises_make_more_products_and_nobody_less_than_one_in_the_base_year():
    economy = economies.built(economies.crowd())
    order = np.argsort(economy.output)
    assert (economy.products >= 1.0).all()
    assert economy.products[order[-1]] > 1.5 * economy.products[order[0]]


def test_new_products_win_goodwill_outside_the_region_and_retired_ones_lose_it():
    economy = economies.built(economies.crowd())
    goodwill, products = economy.goodwill.copy(), economy.products.copy()
    economy.stages.innovation.renew_products(economy, np.array([0]), np.full(economy.n, 0.02))
    moved = economy.goodwill - goodwill
    assert (moved[:, :2] == 0.0).all()
    assert (moved[0, 2:] > 0.0).all()
    assert (moved[1:, 2:] < 0.0).all()
    assert economy.products[0] == pytest.approx(products[0] * 1.3 * 0.98)


def test_entrants_have_the_products_of_their_size():
    economy, base = run(economies.crowd(end=2032))
    new = economy.active & (economy.founded > economies.START + 1)
    assert new.sum() > 3
    assert (economy.products[new] > 0.5).all()
    assert np.median(economy.products[new]) < np.median(list(base.values()))


def test_the_size_of_discoveries_is_a_quantile_of_the_beta_distribution():
    u = np.concatenate((np.linspace(0.0005, 0.9995, 1000), [2.0**-54, 1e-9, 0.5, 1.0 - 2.0**-53]))
    assert draws.beta(u) == pytest.approx(betaincinv(3.0, 3.0, u), rel=1e-14)
    assert Innovation().useless_share() == pytest.approx(betainc(3.0, 3.0, 1.0 / 3.0), rel=1e-14)
