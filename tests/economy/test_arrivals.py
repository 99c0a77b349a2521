"""Plants come from outside without policy; the base year counts on them, so nothing of the baseline moves by them."""

import economies
import numpy as np
import pytest

from chainsim.economy import arrivals
from chainsim.economy.arrays import NATIONAL_MARKET
from chainsim.runs.simulation import Simulation, base_year

MANY = {"stages.demography.arrivals": 60.0}


def rows_of(economy, channel):
    return economy.flows.entered.get(arrivals.entered_by(channel), np.zeros(0, dtype=np.int64))


def lived(years, seed=1, **changes):
    """The flagship with many plants from outside in its first years, year by year."""
    simulation = Simulation(economies.shipped("jilin").replace({**MANY, **changes}), seed)
    for _ in range(years):
        simulation.step()
        yield simulation.economy


def test_the_flagship_gets_five_plants_a_year():
    economy = base_year(economies.shipped("jilin"), 1)
    assert arrivals.usual(economy).sum() == pytest.approx(5.0, abs=0.1)


def test_shares_of_channels_are_one_and_their_quality_is_the_segments_in_the_mean():
    assert arrivals.SHARE.sum() == pytest.approx(1.0, rel=1e-12)
    assert pytest.approx(0.0, abs=1e-12) == arrivals.SHARE @ arrivals.QUALITY


def test_ordinary_entry_and_older_enterprises_make_room_for_what_is_expected():
    without, under = (
        base_year(economies.shipped("jilin").replace({"stages.demography.arrivals": rate}), 1) for rate in (0.0, 6.0)
    )
    number = np.maximum(under.calibration.base_enterprises, 1)
    came = arrivals.usual(under).sum(axis=1) / number
    rates = without.calibration.entry_rate, under.calibration.entry_rate
    present = (under.calibration.base_enterprises > 0) & (rates[1] > 0)
    assert (rates[0] - rates[1])[present] == pytest.approx(came[present], abs=1e-12)
    shares = [each.stages.demography.expected_shares(each) for each in (under, without)]
    taken = (shares[0] - shares[1]) * under.market_expenditure()[:, NATIONAL_MARKET]
    assert taken == pytest.approx((arrivals.usual(under) * arrivals.planned(under)).sum(axis=1), rel=1e-12)
    assert taken.any()


def test_a_plant_has_the_owner_size_and_quality_of_its_channel_and_is_built_for_what_it_sells():
    seen = 0
    for economy in lived(2):
        for name, channel in arrivals.CHANNELS.items():
            rows = rows_of(economy, name)
            seen += rows.size
            assert (economy.owner[rows] == arrivals.OWNER[list(arrivals.CHANNELS).index(name)]).all()
            sold = economy.market_share[rows, 2] * economy.market_expenditure()[economy.segment[rows], 2]
            assert economy.expected_orders[rows] == pytest.approx(sold, rel=1e-12)
            plan = economy.stages.investment.utilisation * economy.capacity[rows]
            assert plan == pytest.approx(sold, rel=0.03)  # part of outside progress is missed every year
            start = economy.stages.innovation.attainable_quality(economy)[economy.segment[rows]]
            assert economy.quality[rows] == pytest.approx(np.minimum(start + channel.quality, 0.2), abs=1e-9)
    assert seen > 30


@pytest.mark.slow
def test_plants_from_outside_run_as_full_as_others_and_lose_money_less_often():
    """Built for the whole of the minimum scale they ran at 66 % of capacity and lost money."""
    use, losses, others = [], [], []
    came = np.zeros(0, dtype=np.uint64)
    for economy in lived(10):
        here = economy.operated & economy.arrays.chain[economy.segment] & (economy.founded <= economy.year)
        ours = here & np.isin(economy.identity, came)
        came = np.concatenate((came, *(economy.identity[rows_of(economy, name)] for name in arrivals.CHANNELS)))
        if ours.any():
            use.append(economy.output[ours].sum() / economy.capacity[ours].sum())
            losses.append((economy.profit[ours] < 0).mean())
            others.append((economy.profit[here & ~ours] < 0).mean())
    assert np.mean(use) > 0.73
    assert np.mean(losses) < np.mean(others)
