"""What each lever is for: it spends, and moves what it is meant to move by more than the luck of the pairs.

One small chain and one set of worlds without policy for all levers. Sizes are those of `chainsim validate --levers`; the
answers of the Jilin chain stand in `test_lever_signs.py`.
"""

from functools import cache

import economies
import numpy as np
import pytest

from chainsim.levers import LEVERS
from chainsim.runs.simulation import Simulation

SEEDS = range(1, 11)
FIRST, LAST = economies.START + 1, economies.START + 5
CAMERAS = {"target": {"segments": ["cameras"]}}


def of_chain(name):
    """Mean of an indicator of the chain over the years of the lever."""
    return lambda tables, economy: of("region", "scope", "chain", name, tables)


def of_segment(name, where):
    """The same of a segment."""
    return lambda tables, economy: of("segments", "segment", where, name, tables)


def of(table, key, where, name, tables):
    """Mean of an indicator of one row over the years of the lever."""
    return float(tables[table][name][tables[table][key] == where][1:].mean())


def certified(tables, economy):
    """Share of certified enterprises in the end."""
    return float(economy.certificate[economy.active].mean())


MISSION = {
    "rd_grant": ({"rate": 0.3}, of_chain("rd")),
    "rd_tax_deduction": ({"extra": 1.0}, of_chain("rd")),
    "profit_tax_break": ({"points": 0.2}, of_chain("entries")),
    "investment_grant": ({"rate": 0.2, "where": "employees < 150"}, of_chain("investment")),
    "loan_guarantee": ({"share": 0.6}, of_chain("debt")),
    "talent_introduction": ({"heads": 300}, of_chain("employment_skilled")),
    "cluster_incentive": ({"rate": 0.1}, of_chain("productivity")),
    "investment_attraction": ({"rate": 0.3, "but_for": 0.25}, of_chain("entries")),
    "matchmaking": ({"rate": 1.0}, of_chain("localization_rate_fixed")),
    "local_content_rule": ({"bonus": 0.8, **CAMERAS}, of_chain("localization_rate_fixed")),
    "application_scenario": ({"budget": 60, **CAMERAS}, of_segment("output", "cameras")),
    "institute_platform": ({"budget": 60}, of_chain("productivity")),
    "digitisation": ({"rate": 0.2, **CAMERAS}, of_segment("productivity", "cameras")),
    "security_standard": ({"share": 0.5, **CAMERAS}, certified),
    "planning_service": ({"saved": 0.9}, of_chain("entries")),
}
"""Of every type of lever its fields, and what it is meant to raise."""
FREE = {"local_content_rule"}
"""Levers that pay nothing; what they cost buyers pay."""


@cache
def lived(seed, kind=None):
    """Tables and economy of a world, without policy or under a lever."""
    fields = {} if kind is None else {"it": {"type": kind, "years": f"{FIRST}-{LAST}", **MISSION[kind][0]}}
    more_plants = {"demography": {"arrivals": 100.0}}
    simulation = Simulation(economies.crowd(end=LAST, stages=more_plants, levers=fields), seed)
    while simulation.running:
        simulation.step()
    return simulation.recording().tables, simulation.economy


def test_every_lever_has_a_mission():
    assert set(MISSION) == set(LEVERS)


@pytest.mark.parametrize("kind", sorted(MISSION))
def test_it_spends_and_moves_what_it_is_for_by_more_than_luck(kind):
    outlays, effects = [], []
    for seed in SEEDS:
        (tables, economy), measure = lived(seed, kind), MISSION[kind][1]
        outlays.append(float(tables["levers"]["outlay"].sum()))
        effects.append(measure(tables, economy) - measure(*lived(seed)))
    error = np.std(effects, ddof=1) / np.sqrt(len(effects))
    assert min(outlays) > 0.0 if kind not in FREE else max(outlays) == 0.0
    assert np.mean(effects) > 2.0 * error, (np.mean(effects), error)
