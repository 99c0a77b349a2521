"""What moves localization: quality beyond what buyers require, and room that suppliers can grow."""

import dataclasses

import baseline
import economies
import numpy as np
import pytest

import chainsim as cs
from chainsim.economy.kernels.suppliers import fitness
from chainsim.runs.simulation import Simulation

YEARS, SEEDS, RISE = 10, range(1, 17), 0.3


@pytest.mark.parametrize(
    ("ratio", "beyond", "factor"), [(0.5, 0.7, 0.5), (4.0, 0.5, 2.0), (4.0, 0.0, 1.0), (1.0, 1.0, 1.0)]
)
def test_quality_beyond_the_requirement_counts_by_its_weight(ratio, beyond, factor):
    assert fitness(ratio, ratio**beyond) == pytest.approx(factor)


def chain_rate(economy, base_trade, bought):
    """Local share of the chain's purchases of the inputs `bought` (S,) at base-year weights."""
    weight = base_trade.sum(axis=2) * bought[:, None] * economy.arrays.chain
    total = economy.flows.trade.sum(axis=2)
    rate = np.divide(economy.flows.trade[:, :, 0], total, out=np.zeros_like(total), where=total > 0)
    return (weight * rate).sum() / weight[total > 0].sum()


def log_odds_after_better_quality(scenario, seed, rise):
    """Log odds of local supply of up- and midstream inputs after ten years with quality higher for good by `rise`."""
    simulation = Simulation(scenario, seed)
    economy = simulation.economy
    arrays, base_trade = economy.arrays, economy.flows.trade.copy()
    meant = np.isin(arrays.tier, [arrays.tiers.index(tier) for tier in ("upstream", "midstream")])
    economy.arrays = dataclasses.replace(arrays, quality_gap=arrays.quality_gap + rise * meant)
    economy.quality[meant[economy.segment]] += rise
    for _ in range(YEARS):
        simulation.step()
    rate = chain_rate(economy, base_trade, meant & (economy.calibration.base_enterprises > 0))
    return np.log(rate / (1.0 - rate))


@pytest.mark.slow
def test_lasting_quality_moves_localization_as_the_choice_says():
    """Quality beyond the buyer's requirement was worth nothing, and the answer a twentieth of the choice's."""
    scenario = baseline.calm(economies.shipped("jilin"))
    rules = scenario.stages.sourcing
    changes = [np.diff([log_odds_after_better_quality(scenario, s, rise) for rise in (0.0, RISE)])[0] for s in SEEDS]
    yearly = 1.0 - (1.0 - rules.break_rate) * (1.0 - rules.review_rate)
    promised = rules.quality_weight * RISE * rules.quality_beyond * (1.0 - (1.0 - yearly) ** YEARS)
    assert 0.6 < np.mean(changes) / promised < 1.2
    assert np.std(changes, ddof=1) / np.sqrt(len(changes)) < 0.15 * promised


@pytest.mark.slow
def test_planned_use_of_capacity_hardly_moves_localization():
    """Where expansion began only once orders exceeded capacity, use of .9 for .75 cost 2.0 points."""
    base, found = economies.shipped("jilin"), {}
    for use in (0.75, 0.90):
        region = cs.run(base.replace({"stages.investment.utilisation": use}), replications=16).region
        found[use] = region[region["scope"] == "chain"].pivot(
            index="seed", columns="year", values="localization_rate_fixed"
        )
    change = 100.0 * (found[0.90] - found[0.75]).loc[:, 2021:].mean(axis=1)
    assert abs(change.mean()) < 1.0
    assert change.std() / 4.0 < 0.2
