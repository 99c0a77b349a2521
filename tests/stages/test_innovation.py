"""R&D, what it costs, and the knowledge that it leaves."""

import numpy as np
import pytest
from oracles import technology
from oracles.economies import built, miller_blair
from oracles.table import agree
from switched import is_kept, lived, off

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
