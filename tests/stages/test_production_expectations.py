"""What enterprises expect: what markets promise, and what they have learned."""

import economies
import numpy as np
import pytest

from chainsim.runs.simulation import Simulation
from chainsim.stages.year import steps

YEARS = 15
STILL = {
    "sourcing": {"enabled": False},
    "innovation": {"enabled": False},
    "demography": {"enabled": False},
    "demand": {"volatility": 0.0},
    "labour": {"regional": False},  # people come for promised jobs only, so the pool would hold staff back as well
}

BOOM = {"boom": {"type": "demand_shift", "change": 0.3, "years": "2021-2025"}}


def staff_after(growth, unforeseen=0.0, **production):
    """Staff in every year of a chain whose markets grow by both rates together, only the first one foreseen, (years,)."""
    path = {2020 + t: ((1.0 + growth + unforeseen) / (1.0 + growth)) ** t - 1.0 for t in range(1, YEARS + 1)}
    shock = {"boom": {"type": "demand_shift", "change": path}} if unforeseen else {}
    stages = STILL | {"production": production}
    simulation = Simulation(economies.crowd(growth=growth, end=2020 + YEARS, stages=stages, shocks=shock), 1)
    staff = []
    while simulation.running:
        simulation.step()
        staff.append(simulation.economy.employment.sum())
    return np.array(staff)


def test_growth_that_nobody_foresaw_is_learned_so_that_staff_catches_up():
    surprised, foreseen = staff_after(0.03, 0.03), staff_after(0.06)
    assert surprised[2] < 0.99 * foreseen[2]
    assert surprised[-1] == pytest.approx(foreseen[-1], rel=0.005)


def test_without_learning_staff_stays_behind():
    assert staff_after(0.03, 0.03, learning=0.0)[-1] < 0.97 * staff_after(0.06, learning=0.0)[-1]


def test_markets_on_their_path_teach_nothing():
    simulation = Simulation(economies.crowd(growth=0.06, stages=STILL), 1)
    while simulation.running:
        simulation.step()
    assert np.abs(simulation.economy.region.learned_growth).max() < 2e-3


def test_research_is_held_against_the_growth_that_its_budget_knew():
    """What a boom teaches in the year raises neither the norm of that year's research nor the sales it was promised."""
    simulation = Simulation(economies.crowd(shocks=BOOM, stages={"demand": {"volatility": 0.0}}), 1)
    economy, norm = simulation.economy, {}
    for step in steps(economy):
        sales = economy.last_sales if step in ("production", "innovation") else economy.sales
        norm[step] = economy.stages.innovation.norm_rd(economy, sales)
    assert economy.region.learned_growth.min() > 0.0
    assert np.array_equal(norm["production"], norm["labour"])
    assert np.array_equal(norm["innovation"], norm["labour"])
    economy.begin_year(economy.year + 1)
    assert np.array_equal(economy.region.promised_growth, economy.region.learned_growth)
