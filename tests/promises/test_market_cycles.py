"""Markets move around their paths: by the stated law, on the path on average, and alike in paired worlds."""

from types import SimpleNamespace

import baseline
import economies
import numpy as np
import pytest

from chainsim.runs.simulation import Simulation
from chainsim.stages import Demand

YEARS, RUNS = 12, 4000
MOVING = {"market_volatility": 0.08, "segment_volatility": 0.08}
LEVER = {"type": "investment_grant", "rate": 0.3, "budget": 50.0, "years": "2023-2025"}


def world(seed, names=("lenses", "cameras")):
    """An economy as far as the markets need one, in its base year."""
    region = SimpleNamespace(market_cycle=np.zeros((2, len(names))))
    return SimpleNamespace(
        seed=seed, year=2020, years=0, segment_names=names, region=region, arrays=SimpleNamespace(size=len(names))
    )


def paths(stage):
    """Log deviations before compensation, (runs, years, 2, segments), and factors, (runs, years, segments)."""
    deviations, factors = [], []
    for seed in range(RUNS):
        economy = world(seed)
        for years in range(1, YEARS + 1):
            economy.year, economy.years = 2020 + years, years
            economy.region.market_cycle = stage.market_cycle(economy)
            deviations.append(economy.region.market_cycle)
            factors.append(stage.market_factor(economy))
    return np.reshape(deviations, (RUNS, YEARS, 2, 2)), np.reshape(factors, (RUNS, YEARS, 2))


@pytest.fixture(scope="module")
def drawn():
    return paths(Demand(**MOVING, market_persistence=0.6))


def test_the_mean_of_many_runs_is_the_path_in_every_year(drawn):
    _, factors = drawn
    error = factors.std(axis=0) / np.sqrt(RUNS)
    assert (np.abs(factors.mean(axis=0) - 1.0) < 4.0 * error).all()


def test_deviations_have_the_stated_spread_and_persistence(drawn):
    deviations, _ = drawn
    late = deviations[:, -1]
    assert late.std(axis=0) == pytest.approx(np.full((2, 2), 0.08), rel=0.05)
    for kind in range(2):
        before, after = deviations[:, -2, kind, 0], deviations[:, -1, kind, 0]
        assert before @ after / (before @ before) == pytest.approx(0.6, abs=0.05)


def test_all_markets_share_one_deviation_and_segments_have_their_own(drawn):
    deviations, _ = drawn
    assert np.array_equal(deviations[:, :, 0, 0], deviations[:, :, 0, 1])
    assert abs(np.corrcoef(deviations[:, -1, 1, 0], deviations[:, -1, 1, 1])[0, 1]) < 0.06


def test_without_volatility_markets_are_on_their_path_to_the_bit():
    economy = Simulation(economies.crowd(), 1)
    economy.step()
    assert (economy.economy.region.market_cycle == 0.0).all()
    assert np.array_equal(economy.economy.market_expenditure(), economy.economy.arrays.expenditure[1])


def run(**more):
    simulation = Simulation(economies.crowd(stages={"demand": MOVING}, **more), 1)
    while simulation.running:
        simulation.step()
    return simulation


@pytest.fixture(scope="module")
def pair():
    return run(), run(levers={"grant": LEVER})


def test_paired_worlds_share_every_bit_before_the_policy_begins(pair):
    for table in ("region", "segments", "trade", "ledger"):
        first, second = (simulation.recorder.years[table] for simulation in pair)
        for year in range(3):
            assert economies.same_bits(first[year], second[year]) == []


def test_paired_worlds_share_the_markets_after_it_too(pair):
    first, second = (simulation.economy for simulation in pair)
    assert not np.array_equal(first.output[:10], second.output[:10])
    assert np.array_equal(first.region.market_cycle, second.region.market_cycle)
    assert (first.region.market_cycle != 0.0).all()


@pytest.mark.slow
def test_growth_varies_at_every_level_and_its_mean_stays():
    scenario = economies.shipped("jilin")
    still = baseline.growth_spread(baseline.calm(scenario), seeds=range(1, 25))
    moving = baseline.growth_spread(scenario, seeds=range(1, 25))
    assert 0.05 < moving["chain"][0] < 0.09
    assert 0.08 < moving["segments"][0] < 0.12
    assert moving["named enterprises"][0] > still["named enterprises"][0]
    for level in ("chain", "segments"):
        assert abs(moving[level][1] - still[level][1]) < 2.0 * np.hypot(moving[level][2], still[level][2])
