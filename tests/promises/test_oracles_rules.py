"""Prices, staff, knowledge, R&D cost, market shares and growth against results nobody here wrote."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import economies, growth, leontief, prices, technology
from oracles.table import agree

from chainsim.economy import draws
from chainsim.economy.entry_points import Policy
from chainsim.stages import Demand, Labour, Pricing, Production
from chainsim.stages.innovation import rd_user_cost
from chainsim.validation.estimators import hill_tail

# --- prices ---

MARKUP = 0.1
LABOUR_COST = (0.3, 0.3)


@pytest.fixture
def sectors():
    """The two-sector economy, nothing but labour and modelled inputs in its cost, one markup."""
    economy = economies.built(economies.miller_blair())
    economy.log_productivity[:], economy.productivity[:], economy.priced_labour[:] = 0.0, 1.0, 1.0
    economy.ordinary_coefficient[:] = np.array(LABOUR_COST)[economy.segment] / economy.arrays.wage[0, economy.segment]
    economy.skilled_coefficient[:] = 0.0
    economy.calibration.user_cost[:] = economy.calibration.other_inputs[:] = 0.0
    economy.region.wage_index[:] = economy.last_trend
    economy.markup[:] = MARKUP
    return economy


@pytest.mark.parametrize("lag", [0.0, 0.2])
def test_the_pricing_stage_repeated_ends_at_the_full_cost_prices(sectors, lag):
    pricing = Pricing(lag=lag, markup_response=0.0, price_floor=1.0)
    for _ in range(300):
        pricing.step(sectors)
    got = [sectors.price[sectors.segment == k] for k in range(2)]
    solved = prices.markup_prices(leontief.MILLER_BLAIR, list(LABOUR_COST), MARKUP)
    for k, printed in enumerate([0.52767388, 0.50276224]):
        alike = np.full(got[k].size, printed)
        agree(f"price fixed point, sector {k + 1}, lag {lag}", expected=alike, got=got[k], tolerance=1e-8)
        agree(f"price fixed point, solved, {k + 1}, lag {lag}", expected=solved[k], got=got[k].mean(), tolerance=1e-12)


# --- staff ---


def staffing(share, wages, elasticity, output=2.0):
    """One enterprise whose base staff is 30 ordinary and as many skilled as make `share` the ordinary's cost share."""
    base_wage = np.array([[0.08], [0.12]])
    ordinary = 30.0
    skilled = ordinary * base_wage[0, 0] * (1 - share) / share / base_wage[1, 0]
    one = np.ones(1)
    economy = SimpleNamespace(
        arrays=SimpleNamespace(wage=base_wage),
        segment=np.zeros(1, dtype=int),
        ordinary_coefficient=ordinary * one,
        skilled_coefficient=skilled * one,
        region=SimpleNamespace(wage_index=np.array(wages)),
        expected_orders=output * one,
        efficiency=one,
        trend=1.0,
        stages=SimpleNamespace(labour=Labour(substitution=elasticity), production=Production(capacity=False)),
    )
    return economy, ordinary, skilled


@pytest.mark.parametrize("elasticity", [0.7, 1.0, 1.5, 2.6])
def test_staff_wanted_is_the_cheapest_that_makes_the_output(elasticity):
    share, wages = 0.6, (1.1, 0.9)
    economy, ordinary, skilled = staffing(share, wages, elasticity)
    found = Labour(substitution=elasticity).production_staff(economy)
    cost_shares = (share, 1 - share)
    cheapest = technology.cheapest_staff(2.0, (share * wages[0], (1 - share) * wages[1]), cost_shares, elasticity)
    expected = (cheapest[0] * ordinary, cheapest[1] * skilled)
    got = [float(staff[0]) for staff in found]
    agree(f"CES staff, elasticity {elasticity}", expected=expected, got=got, tolerance=1e-6, relative=True)


def test_at_elasticity_one_each_kind_of_staff_keeps_its_share_of_cost():
    economy, ordinary, skilled = staffing(0.6, (1.3, 0.8), 1.0)
    first, second = (float(staff[0]) for staff in Labour(substitution=1.0).production_staff(economy))
    bill = np.array([first * 0.08 * 1.3, second * 0.12 * 0.8])
    agree("Cobb-Douglas, cost shares", expected=[0.6, 0.4], got=bill / bill.sum(), tolerance=1e-12)
    index = 1.3**0.6 * 0.8**0.4
    expected = [2 * ordinary * index / 1.3, 2 * skilled * index / 0.8]
    agree("Cobb-Douglas, staff", expected=expected, got=[first, second], tolerance=1e-9, relative=True)


def test_the_rule_is_continuous_at_elasticity_one():
    def staff(elasticity):
        economy, _, _ = staffing(0.6, (1.3, 0.8), elasticity)
        return np.concatenate(Labour(substitution=elasticity).production_staff(economy))

    agree("CES to Cobb-Douglas", expected=staff(1.0), got=staff(1.0 + 1e-6), tolerance=1e-5, relative=True)


@given(
    st.floats(0.05, 0.95),
    st.tuples(st.floats(0.5, 2), st.floats(0.5, 2)),
    st.sampled_from([0.7, 1.0, 1.5, 2.6]),
    st.floats(0.1, 1e4),
)
def test_the_staff_wanted_for_an_output_has_just_that_capacity(share, wages, elasticity, output):
    economy, _, _ = staffing(share, wages, elasticity, output)
    economy.ordinary, economy.skilled = economy.stages.labour.production_staff(economy)
    assert Production().labour_capacity(economy) == pytest.approx(output, rel=1e-9)


# --- knowledge and the cost of R&D ---


def test_knowledge_after_long_growth_is_rd_over_depreciation_and_growth():
    economy = economies.built(economies.miller_blair(rd_share=0.03), innovation={"enabled": False})
    economy.knowledge[:], spending = 0.0, 1.0
    for _ in range(400):
        economy.rd[:] = spending
        economy.stages.innovation.step(economy)
        spending *= 1.05
    expected = np.full(economy.n, technology.knowledge_per_rd(0.15, 0.05))
    assert expected[0] == pytest.approx(5)
    agree("perpetual inventory, KN / R&D", expected=expected, got=economy.knowledge / spending, tolerance=1e-9)


@pytest.mark.parametrize(("tax", "deduction", "printed"), [(0.25, 1.0, 0.6667), (0.15, 1.0, 0.8235), (0.25, 0.0, 1.0)])
def test_the_user_cost_of_rd_is_the_b_index(tax, deduction, printed):
    agree(f"B index, tax {tax}, printed", expected=printed, got=rd_user_cost(tax, deduction), tolerance=5e-5)
    expected = technology.rd_user_cost(tax, deduction)
    agree(f"B index, tax {tax}", expected=expected, got=rd_user_cost(tax, deduction), tolerance=1e-15)


def test_the_rd_budget_follows_the_b_index_with_its_elasticity():
    mapping = economies.miller_blair(rd_share=0.03, rd_deduction={2020: 0.75, 2021: 1.0}, high_tech_share=0.5)
    economy = economies.built(mapping, innovation={"user_cost_elasticity": 1.0}, finance={"enabled": True})
    cost = {rate: technology.rd_user_cost(rate, 1.0) / technology.rd_user_cost(rate, 0.75) for rate in (0.15, 0.25)}
    expected = 0.03 * economy.sales / np.where(economy.high_tech, cost[0.15], cost[0.25])
    assert economy.high_tech.any()
    assert not economy.high_tech.all()
    got = economy.stages.innovation.rd_budget(economy)
    agree("R&D budget after the deduction rises", expected=expected, got=got, tolerance=1e-12, relative=True)


# --- market shares ---


def test_shares_under_replicator_goodwill_grow_by_their_fitness():
    economy = economies.built(economies.miller_blair(), demand={"goodwill": "replicator", "volatility": 0.0})
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
    economy = economies.built(economies.miller_blair(), demand={"volatility": 0.0})
    economy.price[:] = np.linspace(0.9, 1.2, economy.n)
    first, segment = economy.market_share[:, 2].copy(), economy.segment
    for _ in range(200):
        economy.stages.demand.step(economy)
    weight = first * economy.price**-3.0
    total = np.bincount(segment, weights=weight) + 0.5
    got = economy.market_share[:, 2]
    agree("logit of final demand, long run", expected=weight / total[segment], got=got, tolerance=1e-12)


# --- random growth ---

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
    economy.policy = Policy.neutral(1)
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
