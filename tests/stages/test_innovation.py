"""R&D, what it costs, and the knowledge that it leaves."""

from typing import Literal

import economies
import numpy as np
import pytest
from oracles import technology
from oracles.economies import built, miller_blair
from oracles.table import agree
from switched import is_kept, lived, off

import chainsim as cs
from chainsim.runs.simulation import Simulation, simulate
from chainsim.stages.innovation import rd_user_cost


def test_without_innovation_research_is_paid_but_productivity_and_quality_stay():
    before, economy = lived(off("innovation", "demography"))
    assert is_kept(before, economy, "productivity", "log_productivity", "quality")
    assert (economy.rd[economy.active] > 0).all()
    assert (economy.knowledge != before.knowledge).all()


def test_knowledge_after_long_growth_is_rd_over_depreciation_and_growth():
    economy = built(miller_blair(rd_share=0.03), innovation={"enabled": False})
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
    mapping = miller_blair(rd_share=0.03, rd_deduction={2020: 0.75, 2021: 1.0}, high_tech_share=0.5)
    economy = built(mapping, innovation={"user_cost_elasticity": 1.0}, finance={"enabled": True})
    cost = {rate: technology.rd_user_cost(rate, 1.0) / technology.rd_user_cost(rate, 0.75) for rate in (0.15, 0.25)}
    expected = 0.03 * economy.sales / np.where(economy.high_tech, cost[0.15], cost[0.25])
    assert economy.high_tech.any()
    assert not economy.high_tech.all()
    got = economy.stages.innovation.rd_budget(economy)
    agree("R&D budget after the deduction rises", expected=expected, got=got, tolerance=1e-12, relative=True)


def test_research_at_its_norm_leaves_the_quality_that_segments_return_to_and_more_of_it_raises_it():
    economy = built(miller_blair(rd_share=0.03))
    gap, rules = economy.arrays.quality_gap, economy.stages.innovation
    assert rules.attainable_quality(economy) == pytest.approx(gap, abs=1e-12)
    economy.sales_stock *= 2.0
    economy.knowledge *= 2.0
    assert rules.attainable_quality(economy) == pytest.approx(gap, abs=1e-12)
    economy.arrays.quality_gap[:] = -0.5
    economy.knowledge *= 2.0
    raised = -0.5 + rules.knowledge_quality * np.log(2.0)
    assert rules.attainable_quality(economy) == pytest.approx(np.full(gap.size, raised), abs=1e-12)
    economy.knowledge *= 100.0
    assert rules.attainable_quality(economy).max() == 0.0


class MoreResearch(cs.Shock):
    """Others pay every enterprise R&D of a multiple of its own."""

    strength_field = "times"
    type: Literal["more_research"] = "more_research"
    times: float = 1.0

    def strike(self, economy, name, strength):
        own = economy.stages.innovation.norm_rd(economy)
        economy.policy.rd_support = economy.policy.rd_support + strength * own


def quality_after_ten_years(scenario, seed):
    """Output-weighted quality of the chain, log."""
    simulation = Simulation(scenario, seed)
    for _ in range(10):
        simulation.step()
    economy = simulation.economy
    sales = np.where(economy.arrays.chain[economy.segment], economy.sales, 0.0)
    return (sales * economy.quality).sum() / sales.sum()


@pytest.mark.slow
def test_ten_years_of_twice_the_research_lift_quality_beyond_its_base_year_mean():
    """Without the mean that follows knowledge it was .033 (.005): the gap of the base year pulled everybody back."""
    base = economies.shipped("jilin").replace({f"stages.demand.{k}": v for k, v in economies.CALM.items()})
    more = base.replace({"shocks": {"research": MoreResearch(years="2021-2035", target={})}})
    gains = [quality_after_ten_years(more, seed) - quality_after_ten_years(base, seed) for seed in range(1, 5)]
    assert np.mean(gains) > 0.048


def test_research_of_the_first_year_grows_as_markets_promise():
    """Budgets on last year's sales gave it none of the growth, so intensity fell by a year of growth for good."""
    scenario = economies.crowd(growth=0.1, end=2021, stages={"demand": {"volatility": 0.0}})
    region = simulate(scenario, 1).tables["region"]
    before, after = region["rd_intensity"][region["scope"] == "chain"]
    assert after == pytest.approx(before, rel=0.03)
