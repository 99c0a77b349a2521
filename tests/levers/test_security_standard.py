"""Certificates of security."""

import economies
import numpy as np
import pytest
from policies import FIRST, lever, lived

from chainsim.economy.arrays import GOVERNMENT_MARKET
from chainsim.levers.security_standard import SecurityStandard
from chainsim.policy.programme import Programme
from chainsim.runs.simulation import Simulation
from chainsim.validation import paired_runs

FREE = {"cost": 1e-12, "upkeep": 0.0, "grant": 1e-12}


@pytest.fixture
def asked():
    """The crowd in a year in which half of public demand for cameras asks, some hold a certificate, and rivals too."""
    it = lever("security_standard", share=0.5, target={"segments": ["cameras"]})
    economy = lived(economies.crowd(levers={"it": it}), FIRST).economy
    assert 0 < economy.certificate.sum() < economy.n
    return economy


def test_what_the_certified_win_others_lose(asked):
    rules = asked.stages.demand
    share, rival, held = asked.market_share, asked.rival_share, asked.region.rivals_certified[:, None]
    local = asked.by_segment((share * rules.certified_factor(asked))[:, GOVERNMENT_MARKET])
    certified = asked.by_segment((share * asked.certificate[:, None])[:, GOVERNMENT_MARKET])
    required = asked.policy.required[:, GOVERNMENT_MARKET]
    common = certified + (rival * held)[:, GOVERNMENT_MARKET]
    others = rival[:, GOVERNMENT_MARKET] * (1 - required * common + required * held[:, 0])
    np.testing.assert_allclose(local + others, 1.0, atol=1e-12)
    factor = rules.certified_factor(asked)[asked.segment == asked.arrays.names.index("cameras"), GOVERNMENT_MARKET]
    assert factor.max() > 1 > factor.min()


def test_a_region_as_certified_as_its_rivals_keeps_its_sales(asked):
    """In expectation: sales are linear in the certificates, so luck of who has one does not move the sum."""
    rules, luck, half = asked.stages.demand, np.random.default_rng(1), 0.5
    asked.region.rivals_certified[:] = half
    cameras = asked.segment == asked.arrays.names.index("cameras")
    sold = []
    for _ in range(4000):
        asked.certificate[:] = luck.random(asked.n) < half
        sold.append((asked.market_share * rules.certified_factor(asked))[cameras, GOVERNMENT_MARKET].sum())
    whole = asked.market_share[cameras, GOVERNMENT_MARKET].sum()
    assert abs(np.mean(sold) - whole) < 3 * np.std(sold) / len(sold) ** 0.5 + 1e-12


def test_outside_rivals_certify_as_it_pays_here_and_newcomers_hold_no_certificate(asked):
    rules, k = asked.stages.demand, asked.arrays.names.index("cameras")
    assert 0 < asked.region.rivals_certified[k] < 1
    before = asked.region.rivals_certified[k]
    asked.policy.rival_certificates = np.zeros(asked.arrays.size)
    orders = np.where(asked.active & (asked.segment == k), asked.expected_orders, 0.0)
    new = orders[asked.founded >= asked.year].sum() / orders.sum()
    assert rules.certified_rivals(asked)[k] == pytest.approx(before * (1 - new))
    asked.policy.rival_certificates = np.full(asked.arrays.size, 0.3)
    held = before * (1 - new)
    assert rules.certified_rivals(asked)[k] == pytest.approx(held + 0.3 * (1 - held))


def test_rivals_certify_up_to_the_share_for_whom_it_pays_and_no_further(asked):
    it = asked.programme.levers["it"]
    k = asked.arrays.names.index("cameras")
    pays = it.asked(asked) * np.maximum(asked.markup, 0.0) > it.cost
    orders = asked.by_segment(asked.expected_orders)[k]
    share = asked.by_segment(np.where(pays, asked.expected_orders, 0.0))[k] / orders
    assert 0.0 < share < 1.0
    held = 0.0
    for _ in range(60):
        asked.region.rivals_certified[k] = held
        held += (1.0 - held) * it.rivals_certifying(asked, it.asked(asked))[k]
    assert held == pytest.approx(share, rel=1e-6)
    asked.region.rivals_certified[k] = 0.5 * (1.0 + share)
    assert it.rivals_certifying(asked, it.asked(asked))[k] == 0.0


@pytest.mark.slow
def test_a_standard_that_costs_nothing_moves_no_output():
    """Half of public demand asks: rivals certify as fast, so .3 % at most in every year, two errors of luck apart."""
    base = economies.shipped("jilin", years__end=2035)
    target = {"segments": ["software_it", "ict_hardware", "info_services", "auto_electronics", "industrial_internet"]}
    fields = {"type": "security_standard", "share": 0.5, "years": "2022-2035", "buyers": ["vehicles"], "target": target}
    changed = base.replace({"levers": {"it": fields | FREE}})

    def look(pair):
        return paired_runs.chain_change(pair, "output")

    effects = np.array([paired_runs.observed(base, changed, seed, 15, look) for seed in range(1, 9)])
    mean, error = effects.mean(axis=0), effects.std(axis=0, ddof=1) / np.sqrt(len(effects))
    assert (np.abs(mean) < 0.003 + 2 * error).all(), mean
    assert abs(mean[-1]) < 2 * error[-1]


def test_rules_under_a_decorator_of_ones_own_are_told_apart():
    def noted(rule):
        def inner(self, *given):
            return rule(self, *given)

        return inner

    class Noted(SecurityStandard):
        eligible, asked = noted(SecurityStandard.eligible), noted(SecurityStandard.asked)

    stated = lever("security_standard", share=0.5, target={"segments": ["cameras"]})
    outlays = []
    for kind in (SecurityStandard, Noted):
        economy = economies.crowd()
        simulation = Simulation(economy, 1)
        simulation.economy.programme = Programme({"it": kind.model_validate(stated)}, {})
        while simulation.economy.year < FIRST + 1:
            simulation.step()
        outlays.append(simulation.economy.lever_years["it"].outlay)
    assert outlays[0] == outlays[1] > 0.0
