"""Market shares, goodwill and the random growth of demand."""

from types import SimpleNamespace

import numpy as np
import pytest
from oracles import growth
from oracles.economies import built, miller_blair
from oracles.table import agree
from switched import is_kept, lived, off

from chainsim.economy import draws
from chainsim.economy.entry_points import Policy
from chainsim.runs.simulation import base_year
from chainsim.stages import Demand
from chainsim.stages.year import advance
from chainsim.validation.estimators import hill_tail


def test_without_demand_market_shares_stay():
    assert is_kept(*lived(off("demand", "demography")), "market_share", "goodwill")


def test_without_goodwill_shocks_demand_knows_no_luck():
    still = off("innovation", "demography", "sourcing", **{"stages.demand.goodwill": "off"})
    (before, first), (_, second) = lived(still, seed=1), lived(still, seed=2)
    assert is_kept(first, second, "market_share", "output", "price")
    assert is_kept(before, first, "goodwill")


def test_replicator_goodwill_is_the_log_of_last_years_share_and_this_years_shock():
    economy = base_year(off("demography", **{"stages.demand.goodwill": "replicator"}), 1)
    advance(economy)
    last = economy.market_share.copy()
    economy.begin_year(economy.year + 1)
    shock = economy.stages.demand.shock(economy)
    economy.stages.demand.step(economy)
    served = last > 0
    expected = np.log(last[served]) + np.broadcast_to(shock[:, None], last.shape)[served]
    assert economy.goodwill[served] == pytest.approx(expected, rel=1e-14)


def test_shares_under_replicator_goodwill_grow_by_their_fitness():
    economy = built(miller_blair(), demand={"goodwill": "replicator", "volatility": 0.0})
    economy.quality[:] = np.linspace(-0.3, 0.3, economy.n)
    economy.price[:] = np.linspace(0.9, 1.2, economy.n)
    demand, first = economy.stages.demand, economy.market_share[:, 2].copy()
    rival, segment = economy.rival_share[:, 2].copy(), economy.segment
    for _ in range(20):
        demand.step(economy)
    fitness = np.exp(demand.adjustment * (economy.quality - 3.0 * np.log(economy.price)))
    for k in range(2):
        rows = segment == k
        expected = growth.replicator([*first[rows], rival[k]], [*fitness[rows], 1.0], 20)
        got = [*economy.market_share[rows, 2], economy.rival_share[k, 2]]
        agree(f"replicator, 20 years, sector {k + 1}", expected=expected, got=got, tolerance=1e-12)


def test_shares_under_persistent_goodwill_end_at_the_logit_of_goodwill_quality_and_price():
    economy = built(miller_blair(), demand={"volatility": 0.0})
    economy.price[:] = np.linspace(0.9, 1.2, economy.n)
    first, segment = economy.market_share[:, 2].copy(), economy.segment
    for _ in range(200):
        economy.stages.demand.step(economy)
    weight = first * economy.price**-3.0
    total = np.bincount(segment, weights=weight) + 0.5
    got = economy.market_share[:, 2]
    agree("logit of final demand, long run", expected=weight / total[segment], got=got, tolerance=1e-12)


HAZARD, SPREAD = 0.02, 0.2


def crowd(n, year=2021):
    """So many enterprises of the size whose demand shock has just the stated spread."""
    identity = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return SimpleNamespace(n=n, seed=3, year=year, identity=identity, relative_size=np.full(n, 0.3))


def test_the_demand_shock_is_the_compensated_laplace_draw():
    economy = crowd(2000)
    got = Demand(volatility=SPREAD, volatility_slope=0.0).shock(economy)
    luck = draws.uniform(economy, "demand.shock")
    expected = [growth.compensated_laplace_quantile(float(u), SPREAD) for u in luck]
    agree("demand shock", expected=expected, got=got, tolerance=1e-12)


def test_the_demand_shock_meets_the_tail_equation_of_killed_growth():
    tail = growth.tail_of_laplace_growth(HAZARD, SPREAD)
    assert tail == pytest.approx(1.5994, abs=5e-5)
    steps = Demand(volatility=SPREAD, volatility_slope=0.0).shock(crowd(2_000_000))
    agree("mean of the demand shock's exponential", expected=1.0, got=np.exp(steps).mean(), tolerance=1e-3)
    moment = (1 - HAZARD) * np.exp(tail * steps).mean()
    agree("(1-h) E exp(a step) at a = 1.5994", expected=1.0, got=moment, tolerance=2e-3)


class NormalSteps(Demand):
    """Demand whose yearly shock is normal."""

    def shock(self, economy):
        return SPREAD * draws.normal(economy, "demand.shock")


def surviving_sizes(demand, years, n=20_000):
    """Sizes of enterprises whose market share moves by the rule, and that die at the hazard and start again."""
    economy, start = crowd(n), 1e-9
    economy.market_share, economy.goodwill = np.full((n, 1), start), np.zeros((n, 1))
    economy.active, economy.segment = np.ones(n, bool), np.zeros(n, np.int32)
    economy.price, economy.quality = np.ones(n), np.zeros(n)
    economy.rival_share = np.ones((1, 1))
    economy.arrays = SimpleNamespace(size=1)
    economy.policy = Policy.neutral(n, 1, 1)
    sizes = []
    for year in range(years):
        economy.year = 2021 + year
        economy.market_share, _ = demand.shares(economy, np.log(economy.market_share), demand.shock(economy))
        dead = draws.uniform(economy, "demography.exit") < HAZARD
        economy.market_share[dead] = start
        if year >= 300 and year % 50 == 0:
            sizes.append(economy.market_share[:, 0].copy())
    return np.concatenate(sizes)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        (NormalSteps, growth.tail_of_normal_growth(HAZARD, 0.0, SPREAD)),
        (Demand, growth.tail_of_laplace_growth(HAZARD, SPREAD)),
    ],
)
def test_killed_random_growth_has_the_tail_of_its_equation(demand, expected):
    rule = demand(goodwill="replicator", volatility=SPREAD, volatility_slope=0.0, adjustment=0.0)
    got = hill_tail(surviving_sizes(rule, 600), top_share=0.02)
    agree(f"tail of killed growth, {demand.__name__}", expected=expected, got=got, tolerance=0.1 * expected)
