"""Who leaves and who comes."""

import economies
import numpy as np
from switched import is_kept, lived, off

from chainsim.runs.simulation import Simulation, simulate


def test_without_demography_nobody_enters_or_leaves():
    before, economy = lived(off("demography"))
    assert is_kept(before, economy, "founded", "active")
    region = simulate(off("demography"), 1).tables["region"]
    assert not region["entries"].any()
    assert not region["exits"].any()


def test_named_and_large_enterprises_leave_by_default_only():
    named = [economies.maker(f"firm_{k}", "lenses", 20.0) for k in range(8)]
    deadly = economies.crowd(enterprises=named).replace({"stages.demography.hazard_scale": 1e3})
    before, economy = lived(deadly)
    assert before.named.sum() == economy.active[economy.named].sum() == 8
    left = np.isin(before.identity[~before.named], economy.identity[economy.active])
    large = before.stages.demography.large(before)[~before.named]
    assert large.any()
    assert not left[~large].any()


def passed_on(learned):
    """Orders that older enterprises expect of sales set free, (n,), where their segments have learned so much growth."""
    simulation = Simulation(economies.crowd(growth=0.05), 1)
    simulation.step()
    economy = simulation.economy
    economy.region.learned_growth[:] = learned
    freed, before = np.full((economy.arrays.size, 4), 0.01), economy.expected_orders.copy()
    economy.stages.demography.pass_on(economy, freed, np.zeros_like(freed))
    return economy.expected_orders - before


def test_orders_that_are_passed_on_grow_as_all_expected_orders_do():
    plain, surprised = passed_on(0.0), passed_on(0.1)
    assert plain.max() > 0.0
    assert np.allclose(surprised, np.exp(0.1) * plain, rtol=1e-9)
