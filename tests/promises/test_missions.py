"""What each lever is for: it spends, and moves what it is meant to move by more than the luck of the pairs, and by its channel.

A lever whose channel is shut (the parameter by which it works at 0) moves it by less, beyond luck as well; so a test
here fails where that parameter is never read.

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


def started(tables, economy):
    """Mean capital of the chain over the years of the lever."""
    return of("region", "scope", "chain", "capital", tables)


def link(name):
    """Mean of a column of the missing link over the years of the lever."""
    return lambda tables, economy: float(tables["missing_links"][name][1:].mean())


MISSION = {
    "rd_grant": ({"rate": 0.3}, of_chain("rd")),
    "rd_tax_deduction": ({"extra": 1.0}, of_chain("rd")),
    "profit_tax_break": ({"points": 0.2}, of_chain("entries")),
    "investment_grant": ({"rate": 0.2, "where": "employees < 150"}, of_chain("investment")),
    "loan_guarantee": ({"share": 0.6}, of_chain("debt")),
    "talent_introduction": ({"heads": 300}, of_chain("employment_skilled")),
    "cluster_incentive": ({"rate": 0.1}, of_chain("quality")),
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
SHUT = {
    "rd_grant": {"own_response": -1.0},
    "rd_tax_deduction": {"stages.innovation.user_cost_elasticity": 0.0},
    "profit_tax_break": {"stages.demography.location_response": 0.0},
    "investment_grant": {"reach": 0.0},
    "loan_guarantee": {"stages.finance.guaranteed_limit": 0.6},
    "talent_introduction": {"additional": 0.0},
    "cluster_incentive": {"discoveries": 0.0},
    "investment_attraction": {"but_for": 0.0},
    "matchmaking": {"bonus": 0.0},
    "local_content_rule": {"bonus": 0.0},
    "application_scenario": {"local": 0.0},
    "institute_platform": {"stages.innovation.institute_elasticity": 0.0},
    "digitisation": {"gain": 0.0},
    "security_standard": {"hazard": 0.0},
    "planning_service": {"entry": 0.0},
    "planning_service, expansions": {"stages.investment.delay": 0.0},
    "investment_grant, a link": {"rate": 0.0},
    "investment_attraction, a link": {"rate": 0.0},
    "institute_platform, a link": {"stages.innovation.knowledge_quality": 0.0},
    "talent_introduction, a link": {"additional": 0.0},
}
"""By mission, what shuts the channel by which a lever works: a field of its own, or of a stage in both worlds."""
WAFERS = {"target": {"segments": ["wafers"]}}
MORE = {
    "planning_service, expansions": ({"saved": 0.9}, started),
    "investment_grant, a link": ({"rate": 0.5, **WAFERS}, link("rate")),
    "investment_attraction, a link": ({"rate": 0.5, **WAFERS}, link("rate")),
    "institute_platform, a link": ({"budget": 60, **WAFERS}, link("viability")),
    "talent_introduction, a link": ({"heads": 100, **WAFERS}, link("viability")),
}
"""Second missions: the expansions of those who are there, and the first plant of a link that nobody makes."""


@cache
def lived(seed, mission=None, shut=(), missing=False):
    """Tables and economy of a world, without policy or on a mission, with what shuts its channel."""
    of_stages = {path: value for path, value in shut if path.startswith("stages.")}
    levers = {}
    if mission is not None:
        kind, own = mission.partition(",")[0], dict(item for item in shut if item[0] not in of_stages)
        levers = {"it": {"type": kind, "years": f"{FIRST}-{LAST}", **(MISSION | MORE)[mission][0], **own}}
    make = economies.with_missing_link if missing else economies.crowd
    more_plants = {"demography": {"arrivals": 100.0}}
    scenario = make(end=LAST, stages=more_plants, levers=levers)
    simulation = Simulation(scenario.replace(of_stages) if of_stages else scenario, seed)
    while simulation.running:
        simulation.step()
    return simulation.recording().tables, simulation.economy


def test_every_lever_has_a_mission():
    assert set(MISSION) == set(LEVERS)
    assert set(SHUT) == set(MISSION | MORE)


@pytest.mark.parametrize("mission", sorted(MISSION | MORE))
def test_it_spends_and_moves_what_it_is_for_by_its_channel_and_by_more_than_luck(mission):
    outlays, effects, by_channel = [], [], []
    measure, shut, missing = (MISSION | MORE)[mission][1], tuple(SHUT[mission].items()), mission.endswith("a link")
    of_stages = tuple(item for item in shut if item[0].startswith("stages."))
    for seed in SEEDS:
        tables, economy = lived(seed, mission, missing=missing)
        outlays.append(float(tables["levers"]["outlay"].sum()))
        effects.append(measure(tables, economy) - measure(*lived(seed, missing=missing)))
        closed = measure(*lived(seed, mission, shut, missing)) - measure(*lived(seed, None, of_stages, missing))
        by_channel.append(effects[-1] - closed)
    paid = max(outlays) if missing else min(outlays)  # few links get their plant within five years
    assert paid > 0.0 if mission not in FREE else max(outlays) == 0.0
    for moved in (effects, by_channel):
        error = np.std(moved, ddof=1) / np.sqrt(len(moved))
        assert np.mean(moved) > 2.0 * error, (np.mean(moved), error)
