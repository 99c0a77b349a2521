"""Effects of levers that need the Jilin chain have the sign that evidence says, paired over seeds.

An effect counts where the mean over the seeds lies beyond one standard error on the stated side of zero. Sizes are
reported by `chainsim validate --levers`; what each lever is for is held on a small chain, `test_missions.py`.
"""

import json
from functools import cache, lru_cache

import economies
import numpy as np
import pytest

from chainsim.runs.simulation import Simulation

pytestmark = pytest.mark.slow
SEEDS = range(1, 21)
JILIN = economies.shipped("jilin", years__end=2030)
CHAIN = {"tiers": ["upstream", "midstream", "downstream"]}
LINKS = {"segments": ["photoresist_chemicals", "wafers", "substrates", "auto_chips"]}
"""The missing links of Jilin; levers aimed at them once spent nothing."""
SMALL = {"where": "employees < 150"}


def chain(name):
    """An indicator of the chain over the years, (T + 1,)."""
    return lambda tables: tables["region"][name][tables["region"]["scope"] == "chain"]


def segments(name, *chosen):
    """An indicator of segments, summed or averaged over those chosen, (T + 1,)."""

    def measure(tables):
        table = tables["segments"]
        return sum(table[name][table["segment"] == segment] for segment in chosen)

    return measure


# lever, fields, what moves, whose sign, at the end of the programme (2030) unless a year is given
CASES = [
    ("investment_grant", {"rate": 0.1, "target": CHAIN, **SMALL}, chain("output"), +1),
    ("investment_grant", {"rate": 0.1, "target": CHAIN, **SMALL}, chain("employment"), +1),
    ("rd_grant", {"rate": 0.5, "target": CHAIN}, chain("extension"), +1),
    ("talent_introduction", {"heads": 1500, "target": CHAIN}, chain("output"), +1),
    ("cluster_incentive", {"rate": 0.05, "target": CHAIN}, chain("rd"), -1),
    ("investment_attraction", {"rate": 0.3, "target": CHAIN}, chain("output"), +1),
    ("matchmaking", {"rate": 0.3, "target": CHAIN, **SMALL}, chain("localization_rate_fixed"), +1),
    ("local_content_rule", {"bonus": 0.5, "target": {"segments": ["vehicles"]}}, chain("supporting_rate"), +1),
    ("local_content_rule", {"bonus": 0.5, "target": {"segments": ["vehicles"]}}, segments("price", "vehicles"), +1),
    ("local_content_rule", {"bonus": 0.5, "target": {"segments": ["vehicles"]}}, segments("exports", "vehicles"), -1),
    ("institute_platform", {"budget": 500, "steered": 0.0}, segments("productivity", "opto_instruments"), +1),
    ("institute_platform", {"budget": 120, "target": LINKS}, segments("enterprises", *LINKS["segments"]), +1),
    ("institute_platform", {"budget": 120, "target": LINKS}, segments("viability", *LINKS["segments"]), +1),
    ("talent_introduction", {"heads": 300, "target": LINKS}, segments("viability", *LINKS["segments"]), +1),
    ("digitisation", {"rate": 0.1, "target": {"segments": ["auto_parts"]}}, segments("employment", "auto_parts"), -1),
]  # fmt: skip


@cache
def without(seed):
    """The tables of the chain without policy."""
    return recorded(JILIN, seed)


@lru_cache(maxsize=1)
def under(policy):
    """The tables of the chain under a policy by seed; cases that look at the same policy stand together."""
    lever = {"years": "2021-2030", **json.loads(policy)}
    return [recorded(JILIN.replace({"levers.it": lever}), seed) for seed in SEEDS]


def pairs(kind, fields):
    """Tables without and under a lever, seed by seed."""
    return zip(map(without, SEEDS), under(json.dumps({"type": kind, **fields})), strict=True)


def recorded(scenario, seed):
    simulation = Simulation(scenario, seed)
    while simulation.running:
        simulation.step()
    return simulation.recording().tables


@pytest.mark.parametrize(("kind", "fields", "measure", "sign"), CASES, ids=[f"{n}-{c[0]}" for n, c in enumerate(CASES)])
def test_the_main_effect_has_the_sign_that_evidence_says(kind, fields, measure, sign):
    effects = [float((measure(two)[-5:] - measure(one)[-5:]).mean()) for one, two in pairs(kind, fields)]
    error = np.std(effects, ddof=1) / np.sqrt(len(effects))
    assert sign * np.mean(effects) > error, (np.mean(effects), error)


def test_a_loan_guarantee_lends_more_and_moves_little():
    """No study was found. What it adds to credit reaches loss makers: .3 % (.1) of output after ten years."""
    effects, output = [], chain("output")
    for one, two in pairs("loan_guarantee", {"share": 0.6, "target": CHAIN}):
        assert two["levers"]["recipients"].sum() > 0
        effects.append(np.log(output(two) / output(one)))
    assert np.abs(np.mean(effects, axis=0)).max() < 0.005
