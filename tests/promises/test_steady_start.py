"""The base year repeats itself while nothing changes, and it is the one that the scenario states."""

import economies
import numpy as np
import pytest

from chainsim.runs.simulation import Simulation, base_year, simulate
from chainsim.scenario.scenario import Scenario

DRIFT = 1e-9
"""What thirty years of rounding may move, relative to the size of the thing."""

SCENARIOS = {
    "minimal": lambda: economies.shipped("minimal", years__end=2050),
    "cycle": lambda: economies.cyclic(end=2050),
    "missing link": lambda: economies.with_missing_link(end=2050),
    "every market": lambda: economies.crowd(end=2050),
    "loss maker": lambda: economies.crowd(end=2050, enterprises=[economies.maker("lab", "cameras", 30.0, rd=20.0)]),
    "jilin": lambda: economies.shipped("jilin", years__end=2050),
}
EVERY = [pytest.param(name, marks=pytest.mark.slow if name == "jilin" else ()) for name in SCENARIOS]


@pytest.fixture(scope="module", params=EVERY)
def steady(request):
    """Thirty years of a frozen economy: the simulation and its columns in the base year."""
    scenario = SCENARIOS[request.param]().steady()
    simulation = Simulation(scenario, scenario.seed)
    before = simulation.economy.copy(scenario.seed)
    while simulation.running:
        simulation.step()
    assert simulation.economy.years == 30
    return simulation, before


@pytest.mark.parametrize("column", ["output", "ordinary", "skilled", "research", "price", "capital", "debt", "sales"])
def test_no_enterprise_drifts(steady, column):
    simulation, before = steady
    now, base = getattr(simulation.economy, column), getattr(before, column)
    assert np.array_equal(simulation.economy.identity, before.identity)
    assert np.abs(now - base).max() <= DRIFT * np.abs(base).max()
    assert now == pytest.approx(base, rel=DRIFT, abs=1e-12)


def test_the_cash_of_no_enterprise_that_pays_its_way_drifts(steady):
    simulation, before = steady
    lasting = (before.profit >= 0.0) | before.owner_backed
    moved = np.abs(simulation.economy.cash - before.cash)[lasting]
    assert moved.max() <= DRIFT * before.sales.max()


@pytest.mark.parametrize("table", ["region", "tiers", "segments", "trade"])
def test_no_indicator_drifts(steady, table):
    first, *years = steady[0].recorder.years[table]
    for name in [name for name, values in first.items() if values.dtype.kind == "f"]:
        for year in years:
            assert year[name] == pytest.approx(first[name], rel=DRIFT, abs=DRIFT), name


def test_every_segment_keeps_its_price_and_localization(steady):
    first, *_, last = steady[0].recorder.years["segments"]
    assert np.abs(last["price"] - first["price"]).max() <= DRIFT
    assert np.abs(last["localization_rate"] - first["localization_rate"]).max() <= DRIFT


def test_the_same_money_moves_every_year(steady):
    def movements(year):
        rows = zip(*(year[column] for column in ("row", "payer", "receiver", "amount")), strict=True)
        return {(str(row), str(payer), str(receiver)): amount for row, payer, receiver, amount in rows if amount > 0}

    first, *years = map(movements, steady[0].recorder.years["ledger"])
    largest = max(first.values())
    for year in years:
        moved = {row: year.get(row, 0.0) - first.get(row, 0.0) for row in first.keys() | year.keys()}
        assert {row: change for row, change in moved.items() if abs(change) > DRIFT * largest} == {}


def test_the_loss_maker_among_the_steady_economies_is_one_and_is_kept_by_its_owner():
    economy = base_year(SCENARIOS["loss maker"](), 1)
    lab = int(np.flatnonzero(economy.named)[0])
    assert economy.profit[lab] < -5.0
    assert economy.owner_backed[lab]
    assert economy.ledger.amount("owner equity, private owners") == pytest.approx(-economy.profit[lab], rel=1e-9)


# --- the base year is the scenario's ---


@pytest.fixture(scope="module", params=list(SCENARIOS))
def base(request):
    scenario = SCENARIOS[request.param]()
    return request.param, base_year(scenario, scenario.seed)


def rates(economy):
    """Local share of purchases, foreign share of outside purchases, purchases by (input, buyer), three of (S, S)."""
    trade = economy.flows.trade
    total, outside = trade.sum(axis=2), trade[:, :, 1:].sum(axis=2)
    local = np.divide(trade[:, :, 0], total, out=np.zeros_like(total), where=total > 0)
    abroad = np.divide(trade[:, :, 2], outside, out=np.zeros_like(total), where=outside > 0)
    return local, abroad, total


def test_every_base_localization_is_hit(base):
    _, economy = base
    local, _, total = rates(economy)
    assert local[total > 0] == pytest.approx(economy.arrays.local_rate[total > 0], abs=1e-12)


def test_outside_purchases_are_made_abroad_at_the_stated_rates(base):
    name, economy = base
    local, abroad, total = rates(economy)
    outside = (1.0 - local) * total
    misplaced = np.abs(abroad - economy.arrays.abroad_rate) * outside
    allowed = 1e-4 if name == "jilin" else 1e-2  # the few slots of a small buyer are all national or all foreign
    assert misplaced.sum() <= allowed * outside.sum()


def test_the_segments_make_what_the_scenario_says(base):
    _, economy = base
    assert economy.by_segment(economy.output) == pytest.approx(economy.arrays.output, rel=1e-12)
    assert economy.by_segment(economy.sales) == pytest.approx(economy.arrays.output, rel=1e-12)


def test_the_markets_take_what_the_scenario_says(base):
    _, economy = base
    sold = np.stack([economy.by_segment(column) for column in economy.final_sales.T], axis=1)
    assert np.abs(sold - economy.arrays.market_sales).max() <= 1e-3  # what a missed localization leaves


def test_staff_and_research_are_what_the_scenario_says(base):
    _, economy = base
    tables = economy.arrays
    wage = tables.wage
    paid = (
        economy.by_segment(economy.ordinary) * wage[0]
        + economy.by_segment(economy.skilled + economy.research) * wage[1]
    )
    assert paid == pytest.approx(tables.labour_share * tables.output, rel=1e-9)
    assert economy.by_segment(economy.rd) == pytest.approx(tables.rd_share * tables.output, rel=1e-9)


def test_every_price_is_one_in_the_base_year(base):
    _, economy = base
    assert (economy.price == 1.0).all()
    assert (1.0 + economy.markup) * economy.unit_cost == pytest.approx(np.ones(economy.n), rel=1e-14)


def test_the_car_makers_of_jilin_buy_38_percent_in_the_province():
    region = simulate(SCENARIOS["jilin"]().replace({"years.end": 2021}), seed=3).tables["region"]
    assert region["supporting_rate"][:2] == pytest.approx([0.38, 0.38], rel=1e-12)


def test_named_enterprises_of_jilin_have_the_revenue_stated():
    scenario = SCENARIOS["jilin"]()
    economy = base_year(scenario, scenario.seed)
    stated = {enterprise.id: enterprise.revenue for enterprise in scenario.enterprises}
    assert {economy.names[row]: economy.output[row] for row in np.flatnonzero(economy.named)} == stated


@pytest.mark.parametrize("seed", range(12))
def test_small_populations_hit_their_rates_whatever_the_seed(seed):
    for make in (economies.three_makers, economies.cyclic, economies.with_missing_link, economies.crowd):
        scenario: Scenario = make(seed=seed)
        economy = base_year(scenario, seed)
        local, _, total = rates(economy)
        assert local[total > 0] == pytest.approx(economy.arrays.local_rate[total > 0], abs=1e-12)


def test_a_year_in_which_every_link_is_reviewed_chooses_the_base_localization_on_average():
    eager = {"review_rate": 1.0, "break_rate": 0.0}
    base = base_year(economies.crowd(growth=0.0, stages={"sourcing": eager}), 1)
    orders = base.links.coefficient * base.output[base.links.buyer]
    shares = []
    for seed in range(400):
        economy = base.copy(seed)
        economy.begin_year(2021)
        economy.stages.sourcing.step(economy)
        assert economy.flows.links_kept < economy.flows.links == orders.size
        shares.append(orders[economy.links.supplier >= 0].sum() / orders.sum())
    assert np.mean(shares) == pytest.approx(0.6, abs=4 * np.std(shares) / 20)
    assert np.std(shares) / 20 < 0.005
