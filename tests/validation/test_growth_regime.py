"""The growth regime: market paths and the model's own add up, and each is what it says."""

import economies
import numpy as np
import pytest

from chainsim.runs.ensemble import run
from chainsim.validation.growth_regime import STAGES, chain_growth, growth_regime, path_growth, regime


@pytest.fixture(scope="module")
def scenario():
    return economies.crowd()


def test_where_nothing_but_markets_moves_growth_is_that_of_the_paths():
    still = economies.shipped("minimal").steady()
    growth = {
        f"chain.segments.{name}.markets.{market}.growth": 0.04
        for name, segment in still.chain.segments.items()
        for market in segment.markets
    }
    scenario = still.replace(growth)
    assert path_growth(still) == pytest.approx(0.0, abs=1e-12)
    assert path_growth(scenario) == pytest.approx(np.log(1.04))
    assert chain_growth(run(scenario, replications=1))[0] == pytest.approx(np.log(1.04), abs=0.003)


def test_paths_and_the_models_own_are_all_of_growth(scenario):
    found = growth_regime(scenario, replications=2).set_index("part")
    assert list(found.index) == ["all", "market paths", "the model's own", *STAGES]
    assert found.loc["all", "growth"] == pytest.approx(
        found.loc["market paths", "growth"] + found.loc["the model's own", "growth"]
    )
    assert found.loc["innovation", "growth"] > 0


def test_the_regime_is_told_in_a_line(scenario):
    told = str(regime(run(scenario, replications=2)))
    assert "by market paths" in told
    assert "the model's own" in told
