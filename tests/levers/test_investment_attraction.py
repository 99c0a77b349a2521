"""Plants that come because of a lever."""

import economies
import numpy as np
import policies
import pytest
from policies import FIRST, lived

from chainsim.runs.simulation import Simulation


@pytest.mark.parametrize(
    "order", [("investment_attraction", "profit_tax_break"), ("profit_tax_break", "investment_attraction")]
)
def test_a_tax_break_brings_more_plants_whichever_lever_a_file_names_first(order):
    fields = {"investment_attraction": {"projects": 40, "but_for": 1.0}, "profit_tax_break": {"points": 0.1}}
    plants = []
    for kinds in (("investment_attraction",), order):
        economy = Simulation(economies.crowd(levers={kind: policies.lever(kind, **fields[kind]) for kind in kinds}), 1)
        while economy.economy.year < FIRST:
            economy.step()
        plants.append(sum(rows.size for rows in economy.economy.flows.entered.values()))
    assert plants[1] > plants[0] > 10


@pytest.mark.parametrize(
    ("stated", "most", "outside", "quality"),
    [
        ({}, 0.2, 0.5, 0.2),  # what the channel says
        ({"outside": 0.8, "quality": 0.05}, 0.2, 0.8, 0.05),
        ({"quality": 9.0}, 0.1, 0.5, np.inf),  # as good as any plant comes
    ],
)
def test_what_a_lever_says_of_its_plants_goes_before_their_channel(stated, most, outside, quality):
    lever = policies.lever("investment_attraction", projects=40, but_for=1.0, **stated)
    scenario = economies.crowd(levers={"plants": lever}).replace({"stages.demography.arrival_quality_most": most})
    economy = lived(scenario, FIRST).economy
    rows = economy.flows.entered["plants.private"]
    assert rows.size > 10
    expected = np.minimum(economy.arrays.quality_gap[economy.segment[rows]] + quality, most)
    assert economy.quality[rows] == pytest.approx(expected, abs=1e-3)  # knowledge has moved since the base year
    assert [arrival.outside for arrival in economy.policy.arrivals if arrival.name == "plants.private"] == [outside]
