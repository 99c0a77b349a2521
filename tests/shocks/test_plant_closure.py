"""A plant closure takes its share of those meant, in its years and in no other."""

import economies
import numpy as np
import pytest

from chainsim.runs.simulation import Simulation

SHOCK = {"type": "plant_closure", "years": "2022-2023", "target": {"segments": ["lenses"]}}


def closed_by(share):
    """Enterprises of lenses that closed under the shock and not without it, and how many there were, by year."""
    off = {"demography": {"hazard_scale": 0.0}}
    many = economies.crowd(stages=off, shocks={"quake": SHOCK | {"share": share}})
    simulation, told = Simulation(many, 1), {}
    while simulation.running:
        economy = simulation.economy
        before = set(economy.identity[economy.active & (economy.segment == 0)].tolist())
        simulation.step()
        left = set(economy.identity[economy.active].tolist())
        told[economy.year] = len(before - left), len(before)
    return told


@pytest.mark.parametrize("share", [{2022: 0.5, 2023: 0.25}, 0.5])
def test_a_share_of_the_enterprises_closes_in_each_year_in_force(share):
    found, without = closed_by(share), closed_by(0.0)
    for year in (2022, 2023):
        stated = share[year] if isinstance(share, dict) else share
        closed, number = found[year]
        assert closed / number == pytest.approx(stated, abs=3 * np.sqrt(stated * (1 - stated) / number))
    assert without[2022][0] + without[2023][0] <= 2


def test_nobody_closes_by_it_after_its_last_year():
    closed = closed_by(1.0)
    assert closed[2023][0] == closed[2023][1]
    assert all(closed[year][0] <= 1 for year in (2021, 2024, 2025))
