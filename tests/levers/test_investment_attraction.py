"""Plants from outside that are offered part of their capital: more come, most of those paid come in both worlds."""

import economies
import numpy as np
import pytest

from chainsim.economy import arrivals
from chainsim.economy.columns import FIRST_PLANTS
from chainsim.runs.simulation import Simulation, base_year
from chainsim.validation.paired_runs import pairs, with_levers
from chainsim.validation.region_experiments import from_outside

CHAIN = {"tiers": ["upstream", "midstream", "downstream"]}
MANY = {"stages.demography.arrivals": 100.0}


def attraction(**fields):
    return {"type": "investment_attraction", "years": "2021-2035", "rate": 0.15, "target": CHAIN, **fields}


def jilin(**levers):
    return economies.shipped("jilin", **{"years__end": 2025}).replace({**MANY, "levers": levers})


def opened(scenario, seed=1):
    """The economy in the first January under policy."""
    simulation = Simulation(scenario, seed)
    simulation.economy.begin_year(2021)
    simulation.economy.programme.open(simulation.economy)
    return simulation.economy


@pytest.mark.parametrize(("rate", "induced"), [(0.15, 0.127), (0.3, 0.127), (0.075, 0.0635)])
def test_the_share_of_plants_that_come_for_the_incentive_is_the_studys_in_expectation(rate, induced):
    economy = opened(jilin(it=attraction(rate=rate)))
    without, under = arrivals.usual(economy).sum(), arrivals.means(economy).sum()
    assert 1.0 - without / under == pytest.approx(induced, rel=1e-12)


def test_who_qualifies_is_paid_to_the_yuan_and_plants_of_both_worlds_get_the_windfall():
    base, plants, both, paid, windfall = jilin(), 0, 0, 0.0, 0.0
    for seed in (1, 2, 3):
        for pair in pairs(base, with_levers(base, it=attraction()), seed, 5):
            economy, rows = pair.under, from_outside(pair.under)
            first = economy.flows.entered.get(FIRST_PLANTS, rows[:0])
            supported = np.concatenate((rows, first[economy.arrays.chain[economy.segment[first]]]))
            account = economy.lever_years["it"]
            assert account.paid[supported] == pytest.approx(0.15 * economy.capital[supported], rel=1e-12)
            assert account.outlay == pytest.approx(0.15 * economy.capital[supported].sum(), rel=1e-12)
            present = np.isin(economy.identity[rows], pair.without.identity[from_outside(pair.without)])
            plants, both = plants + rows.size, both + int(present.sum())
            assert present.sum() == from_outside(pair.without).size  # the policy adds, and takes none away
            paid, windfall = paid + account.paid[rows].sum(), windfall + account.paid[rows[present]].sum()
    assert 1.0 - both / plants == pytest.approx(0.127, abs=0.02)  # 1,300 plants
    assert windfall / paid == pytest.approx(0.873, abs=0.04)


@pytest.mark.parametrize("part", [0.9, 0.5, 0.1])
def test_where_the_budget_binds_the_rate_that_it_pays_for_is_offered(part):
    stated = attraction(rate=0.25)
    open_ended = opened(jilin(it=stated))
    asked = open_ended.programme.lever_years["it"].promised
    economy = opened(jilin(it=stated | {"budget": part * asked}))
    lever, account = economy.programme.levers["it"], economy.programme.lever_years["it"]
    rate = lever.offered(economy, account)
    capital = (arrivals.means(economy) * arrivals.capital(economy)).sum()
    assert 0.0 < rate < 0.25
    assert rate * capital == pytest.approx(part * asked, rel=1e-12)


def test_a_lever_for_some_channels_and_segments_moves_and_pays_those_alone():
    fields = {"channel": ["foreign", "institutes"], "target": {"segments": ["opto_instruments", "opto_sensors"]}}
    base = jilin()
    for pair in pairs(base, with_levers(base, it=attraction(**fields)), 1, 3):
        economy = pair.under
        k = [economy.arrays.names.index(name) for name in fields["target"]["segments"]]
        c = [list(arrivals.CHANNELS).index(name) for name in fields["channel"]]
        expected = np.zeros_like(economy.policy.attraction)
        expected[np.ix_(k, c)] = 0.127
        assert economy.policy.attraction == pytest.approx(expected, rel=1e-12)
        rows = np.concatenate([economy.flows.entered[arrivals.entered_by(name)] for name in fields["channel"]])
        rows = rows[np.isin(economy.segment[rows], k)]
        assert set(np.flatnonzero(economy.lever_years["it"].paid)) == set(rows)


@pytest.mark.parametrize("order", [("attraction", "tax"), ("tax", "attraction")])
def test_a_tax_break_brings_more_plants_whichever_lever_a_file_names_first(order):
    tax = {"type": "profit_tax_break", "years": "2021-2035", "points": 0.1, "target": CHAIN}
    levers = {"attraction": attraction(budget=20.0), "tax": tax}
    alone = opened(jilin(attraction=levers["attraction"]))
    economy = opened(jilin(**{name: levers[name] for name in order}))
    assert arrivals.means(economy) == pytest.approx(np.exp(0.25) * arrivals.means(alone), rel=1e-12)


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.15])
def test_two_levers_bring_as_many_plants_as_one_of_both_rates(rate):
    """Bartik's share is reached once, however many levers pay for it."""
    two = opened(jilin(one=attraction(rate=rate, stacking="add"), other=attraction(rate=rate, stacking="add")))
    one = opened(jilin(it=attraction(rate=2 * rate)))
    assert arrivals.means(two) == pytest.approx(arrivals.means(one), rel=1e-12)
    assert 1.0 - arrivals.usual(two).sum() / arrivals.means(two).sum() <= 0.127 * (1 + 1e-12)


def missing(economy):
    return economy.is_missing_link() & economy.arrays.chain


def test_a_missing_link_is_offered_what_a_grant_offers_as_far_as_the_budget_pays_for_one_plant():
    grant = {"type": "investment_grant", "years": "2021-2035", "rate": 0.15, "target": CHAIN, "where": "employees < 1"}
    here, there = opened(jilin(it=attraction())), opened(jilin(it=grant))
    assert missing(here).any()
    np.testing.assert_allclose(here.policy.plant_grant[missing(here)], 0.15, rtol=1e-12)
    np.testing.assert_allclose(here.policy.plant_grant[missing(here)], there.policy.plant_grant[missing(there)])
    assert not here.policy.plant_grant[~missing(here)].any()
    arrays, budget = here.arrays, 10.0
    short = opened(jilin(it=attraction(budget=budget)))
    largest = 2.0 * arrays.capital_per_output * short.stages.demography.plant_size * arrays.min_efficient_scale
    largest = largest * short.cost_lag() / np.exp(short.calibration.productivity_mean)
    expected = np.minimum(0.15, budget / largest)[missing(short)]
    assert expected.min() < 0.15
    np.testing.assert_allclose(short.policy.plant_grant[missing(short)], expected, rtol=1e-12)
    foreign = opened(jilin(it=attraction(channel="foreign")))
    np.testing.assert_allclose(foreign.policy.plant_grant[missing(foreign)], 0.1 * 0.15, rtol=1e-12)


def test_a_first_plant_is_paid_the_rate_that_it_was_offered():
    name, rate = "auto_chips", 0.25
    often = {"stages.demography.link_rate": 5.0, "years.end": 2026}
    scenario = jilin(it=attraction(rate=rate, target={"segments": [name]}, budget=25.0)).replace(often)
    simulation, paid = Simulation(scenario, 2), []
    while simulation.running:
        simulation.step()
        first = simulation.economy.flows.entered.get(FIRST_PLANTS, np.zeros(0, dtype=np.int64))
        rows = first[simulation.economy.segment[first] == simulation.economy.arrays.names.index(name)]
        account = simulation.economy.lever_years["it"]
        assert account.outlay == pytest.approx(account.paid[rows].sum(), rel=1e-12)
        offered = simulation.economy.policy.plant_grant[simulation.economy.segment[rows]]
        assert set(offered.tolist()) <= {0.0, rate}  # nothing once a plant stands
        assert account.outlay == pytest.approx((offered * simulation.economy.capital[rows]).sum(), rel=1e-12)
        paid.append(account.outlay)
    assert max(paid) > 0.0


def test_a_first_plant_claims_of_a_grant_what_it_was_offered():
    grant = {"type": "investment_grant", "years": "2021-2035", "rate": 0.5, "target": CHAIN, "where": "employees < 1"}
    economy = opened(jilin(it=grant | {"budget": 10.0}))
    offered, lever = economy.policy.plant_grant.copy(), economy.programme.levers["it"]
    plants = np.array([np.flatnonzero(economy.active)[0]])
    link = np.flatnonzero(missing(economy))[0]
    assert 0.0 < offered[link] < 0.5
    economy.segment[plants] = link
    for staff in (economy.ordinary, economy.skilled, economy.research):
        staff[plants] = 0.0
    economy.flows.entered[FIRST_PLANTS] = plants
    economy.capital[plants] = 40.0
    economy.flows.plant_shares = arrivals.one_by_one(economy, np.arange(offered.size) == link)[1]
    claimed = lever.claim_first(economy, economy.programme.lever_years["it"])
    assert claimed.sum() == pytest.approx(40.0 * offered[link], rel=1e-12)


def test_a_grant_waits_for_a_plant_where_a_small_enterprise_came_first():
    grant = {"type": "investment_grant", "years": "2021-2035", "rate": 0.15, "target": CHAIN}
    economy = Simulation(jilin(it=grant), 1).economy
    link = np.flatnonzero(missing(economy))[0]
    row = np.flatnonzero(economy.active)[0]
    economy.segment[row], economy.capital[row] = link, 1e-3
    assert economy.by_segment(np.ones(economy.n))[link] == 1
    economy.begin_year(2021)
    economy.programme.open(economy)
    assert economy.policy.plant_grant[link] == pytest.approx(0.15)


def test_at_rate_zero_not_a_bit_moves():
    for pair in pairs(jilin(), jilin(it=attraction(rate=0.0)), 1, 3):
        assert economies.same_bits(bits(pair.without), bits(pair.under)) == []


def bits(economy):
    return {
        name: getattr(economy, name).copy() for name in ("identity", "output", "capital", "quality", "market_share")
    }


def test_no_plant_of_the_stream_comes_to_a_missing_link_or_beyond_what_the_segment_sells():
    economy = base_year(jilin(), 1)
    usual, missing = arrivals.usual(economy).sum(axis=1), economy.calibration.base_enterprises == 0
    assert missing.any()
    assert not usual[missing | ~economy.arrays.chain].any()
    sold = (arrivals.usual(economy) * arrivals.planned(economy)).sum(axis=1)
    national = economy.arrays.market_sales[:, 2]
    assert (sold <= arrivals.MOST_TAKEN * national * (1 + 1e-12)).all()


ATTRACTION, GRANT = {"type": "investment_attraction"}, {"type": "investment_grant", "target": {"segments": ["wafers"]}}


@pytest.mark.parametrize(
    ("levers", "paid"),
    [
        ([ATTRACTION | {"rate": 0.9}, GRANT | {"rate": 0.9}], [0.9, 0.0]),
        ([ATTRACTION | {"rate": 0.25, "stacking": "add"}] * 2, [0.25, 0.1875]),
        (
            [
                GRANT | {"rate": 0.2, "stacking": "add"},
                ATTRACTION | {"rate": 0.5},
                GRANT | {"rate": 0.3, "stacking": "add"},
            ],
            [0.1, 0.5, 0.15],
        ),
    ],
)
def test_a_first_plant_is_paid_what_it_was_promised_and_never_more_than_its_capital(levers, paid):
    named = {f"l{number}": lever | {"years": "2021-2040"} for number, lever in enumerate(levers)}
    scenario = economies.with_missing_link(end=2040, stages={"demography": {"link_rate": 3.0}}, levers=named)
    simulation, plants = Simulation(scenario, 1), np.zeros(0, dtype=np.int64)
    while simulation.running and not plants.size:
        simulation.step()
        economy = simulation.economy
        plants = economy.flows.entered.get(FIRST_PLANTS, plants)
    accounts = [economy.programme.lever_years[name] for name in named]
    shares = [float(account.paid[plants[0]] / economy.capital[plants[0]]) for account in accounts]
    assert shares == pytest.approx(paid)
    assert economy.policy.plant_grant.max() == pytest.approx(sum(paid))
