"""Costs, markups and prices."""

import numpy as np
import pytest
from oracles import leontief, prices
from oracles.economies import built, miller_blair
from oracles.table import agree
from switched import is_kept, lived, off

from chainsim.stages import Pricing


def test_without_pricing_prices_and_markups_stay():
    assert is_kept(*lived(off("pricing", "demography")), "price", "markup")


def test_fixed_prices_stay():
    assert is_kept(*lived(off("demography", **{"stages.pricing.fixed": True})), "price", "markup")


MARKUP = 0.1

LABOUR_COST = (0.3, 0.3)


@pytest.fixture
def sectors():
    """The two-sector economy, nothing but labour and modelled inputs in its cost, one markup."""
    economy = built(miller_blair())
    economy.log_productivity[:], economy.productivity[:], economy.priced_labour[:] = 0.0, 1.0, 1.0
    economy.ordinary_coefficient[:] = np.array(LABOUR_COST)[economy.segment] / economy.arrays.wage[0, economy.segment]
    economy.skilled_coefficient[:] = 0.0
    economy.calibration.user_cost[:] = economy.calibration.other_inputs[:] = 0.0
    economy.region.wage_index[:] = economy.last_trend
    economy.markup[:] = MARKUP
    return economy


@pytest.mark.parametrize("lag", [0.0, 0.2])
def test_the_pricing_stage_repeated_ends_at_the_full_cost_prices(sectors, lag):
    pricing = Pricing(lag=lag, markup_response=0.0, price_floor=1.0)
    for _ in range(300):
        pricing.step(sectors)
    got = [sectors.price[sectors.segment == k] for k in range(2)]
    solved = prices.markup_prices(leontief.MILLER_BLAIR, list(LABOUR_COST), MARKUP)
    for k, printed in enumerate([0.52767388, 0.50276224]):
        alike = np.full(got[k].size, printed)
        agree(f"price fixed point, sector {k + 1}, lag {lag}", expected=alike, got=got[k], tolerance=1e-8)
        agree(f"price fixed point, solved, {k + 1}, lag {lag}", expected=solved[k], got=got[k].mean(), tolerance=1e-12)
