"""Anchors that come from outside."""

import economies
import numpy as np

from chainsim.runs.simulation import Simulation


def test_an_anchor_that_has_the_name_of_its_segment_shares_no_identity_with_an_entrant():
    name = "display_lighting"
    anchor = {"type": "anchor_arrival", "segment": name, "output": 2000, "owner": "state", "years": 2021}
    scenario = economies.shipped("jilin", years__end=2022).replace({"shocks": {name: anchor}})
    simulation = Simulation(scenario, 1)
    entered = 0
    while simulation.running:
        simulation.step()
        economy = simulation.economy
        segment = economy.arrays.names.index(name)
        entered += int(((economy.founded > 2021) & (economy.segment == segment) & ~economy.anchor).sum())
        assert np.unique(economy.identity).size == economy.n
    assert entered > 0
