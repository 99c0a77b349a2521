"""Whole scenarios that must reproduce input-output tables when everything else is switched off."""

import json
from pathlib import Path

import numpy as np
import pytest
from economies import two_separate_chains
from oracles import economies, leontief, mrio
from oracles.table import agree

from chainsim.runs.simulation import Simulation, base_year, simulate
from chainsim.scenario.load import load
from chainsim.scenario.scenario import Scenario


def by_segment(recording, year, column):
    """A column of the table of segments in one year."""
    table = recording.tables["segments"]
    return table[column][table["year"] == year]


def local_trade(recording, year):
    """Purchases from local enterprises, (S, S), product by buyer."""
    table = recording.tables["trade"]
    rows = (table["year"] == year) & (table["origin"] == "local")
    names = list(dict.fromkeys(recording.tables["segments"]["segment"]))
    matrix = np.zeros((len(names), len(names)))
    for source, buyer, value in zip(*(table[c][rows] for c in ("from_segment", "to_segment", "value")), strict=True):
        matrix[names.index(source), names.index(buyer)] += value
    return matrix


# --- Miller and Blair ---


def miller_blair_with_new_demand():
    mapping = economies.miller_blair()
    for name, old, new in (("sector_1", 350, 600), ("sector_2", 1700, 1500)):
        mapping["chain"]["segments"][name]["markets"]["national"]["growth"] = {2021: new / old - 1, 2022: 0.0}
    return economies.scenario(mapping)


@pytest.fixture(scope="module")
def new_demand():
    return simulate(miller_blair_with_new_demand(), seed=1)


def test_a_run_of_the_two_sector_example_gives_the_printed_output(new_demand):
    agree(
        "Miller-Blair run, printed",
        expected=[1247.5, 1841.6],
        got=by_segment(new_demand, 2021, "output"),
        tolerance=5e-2,
    )


def test_a_run_of_the_two_sector_example_gives_the_leontief_solution_and_keeps_it(new_demand):
    expected = leontief.output(leontief.MILLER_BLAIR, [600, 1500])
    for year in (2021, 2050):
        got = by_segment(new_demand, year, "output")
        agree(f"Miller-Blair run, solved, {year}", expected=expected, got=got, tolerance=1e-9, relative=True)


def test_the_shipped_scenario_of_the_example_gives_the_leontief_solution():
    shipped = load(Path(__file__).parents[2] / "scenarios" / "two-regions-io.yaml")
    expected = leontief.output(leontief.MILLER_BLAIR, [600, 1500])
    got = by_segment(simulate(shipped, shipped.seed), 2023, "output")
    agree("two-regions-io.yaml", expected=expected, got=got, tolerance=1e-9, relative=True)


def test_the_base_year_of_the_two_sector_example_is_its_table(new_demand):
    table = np.array(leontief.MILLER_BLAIR) * [1000, 2000]
    agree("Miller-Blair base year, flows", expected=table, got=local_trade(new_demand, 2020), tolerance=1e-9)


def test_output_multipliers_and_upstreamness_are_sums_of_the_leontief_and_ghosh_inverse(new_demand):
    inverse = np.linalg.inv(np.eye(2) - leontief.MILLER_BLAIR)
    got = by_segment(new_demand, 2020, "output_multiplier")
    agree("output multipliers", expected=inverse.sum(axis=0), got=got, tolerance=1e-9)
    output = np.array([1000.0, 2000.0])
    sold = np.array(leontief.MILLER_BLAIR) * output / output[:, None]
    expected = np.linalg.inv(np.eye(2) - sold).sum(axis=1)
    agree(
        "upstreamness (Antras et al. 2012)",
        expected=expected,
        got=by_segment(new_demand, 2020, "upstreamness"),
        tolerance=1e-9,
    )


# --- pymrio's test table, region 1 as the province ---


@pytest.fixture(scope="module")
def table():
    return mrio.province_table()


@pytest.fixture(scope="module")
def province(table):
    return simulate(economies.scenario(mrio.scenario_mapping(table, growth=0.1)), seed=1)


def test_the_local_share_of_the_table_is_the_one_expected(table):
    share = table.local.sum() / table.purchases.sum()
    assert share == pytest.approx(mrio.LOCAL_SHARE, abs=5e-5)


def test_the_province_buys_the_tables_share_of_its_inputs_at_home(province):
    region = province.tables["region"]
    got = region["localization_rate"][(region["year"] == 2020) & (region["scope"] == "all")]
    agree("MRIO, local share of purchases", expected=[mrio.LOCAL_SHARE], got=got, tolerance=5e-5)


def test_the_province_makes_the_tables_output(province, table):
    got = by_segment(province, 2020, "output")
    agree("MRIO, output", expected=table.output, got=got, tolerance=1e-9, relative=True)


def test_the_province_trades_the_tables_local_flows(province, table):
    got = local_trade(province, 2020) / table.purchases
    agree("MRIO, local share by pair", expected=table.local / table.purchases, got=got, tolerance=5e-3)


def test_the_local_content_of_the_province_is_that_of_the_tables_local_inverse(province, table):
    value_added = 1 - table.coefficients.sum(axis=0)
    content = value_added @ np.linalg.inv(np.eye(len(table.sectors)) - table.local_coefficients)
    final = table.final.sum(axis=1)
    region = province.tables["region"]
    got = region["local_content"][(region["year"] == 2020) & (region["scope"] == "all")]
    agree("MRIO, local content", expected=[content @ final / final.sum()], got=got, tolerance=1e-6)


def test_output_grows_by_a_tenth_when_every_final_market_does(province, table):
    for year, factor in ((2021, 1.1), (2023, 1.331)):
        got = by_segment(province, year, "output")
        agree(f"MRIO, output in {year}", expected=factor * table.output, got=got, tolerance=1e-9, relative=True)


def test_output_after_a_shock_to_one_sector_is_the_solution_of_the_enterprises_own_links(table):
    mapping = mrio.scenario_mapping(table)
    for market in mapping["chain"]["segments"]["construction"]["markets"].values():
        market["growth"] = 0.5
    scenario = economies.scenario(mapping)
    before = base_year(scenario, seed=1)
    growth = np.where(before.segment == table.sectors.index("construction"), 1.5, 1.0)
    final = before.final_sales.sum(axis=1) * growth
    exact = np.linalg.solve(np.eye(before.n) - economies.local_coefficients(before), final)
    got = by_segment(simulate(scenario, seed=1), 2021, "output")
    agree("MRIO, shock, enterprise links", expected=before.by_segment(exact), got=got, tolerance=1e-9, relative=True)
    demand = table.final.sum(axis=1) * np.where(np.array(table.sectors) == "construction", 1.5, 1.0)
    sectors = np.linalg.solve(np.eye(len(demand)) - table.local_coefficients, demand)
    agree("MRIO, shock, sector table", expected=sectors, got=got, tolerance=2e-3, relative=True)


def test_the_province_stands_still_for_thirty_years_with_every_mechanism_on_but_change(table):
    mapping = mrio.scenario_mapping(table) | {"years": {"start": 2020, "end": 2050}}
    steady = Scenario.model_validate_json(json.dumps(mapping)).steady()
    got = by_segment(simulate(steady, seed=1), 2050, "output")
    agree("MRIO, output after 30 steady years", expected=table.output, got=got, tolerance=1e-9, relative=True)


# --- luck and reach ---


def other_chain_after_a_nudge(scenario, nudge):
    """State of the second chain after one enterprise of the first became more productive by `nudge`."""
    simulation = Simulation(scenario, seed=3)
    economy = simulation.economy
    row = np.flatnonzero(economy.segment == 0)[0]
    economy.log_productivity[row] += nudge
    economy.productivity[row] *= np.exp(nudge)
    while simulation.running:
        simulation.step()
    rows = np.flatnonzero(np.isin(economy.segment, [2, 3]))
    rows = rows[np.argsort(economy.identity[rows])]
    return {name: getattr(economy, name)[rows] for name in ("identity", "output", "price", "quality", "cash")}


def test_without_a_common_labour_market_park_and_age_class_a_nudge_stays_in_its_chain_to_the_bit():
    alone = {"agglomeration": 0.0, "congestion": 0.0, "knowledge_quality": 0.0}
    apart = two_separate_chains(labour={"regional": False}, innovation=alone, demography={"hazard_size": 0.0})
    still, nudged = other_chain_after_a_nudge(apart, 0.0), other_chain_after_a_nudge(apart, 0.1)
    assert np.array_equal(still.pop("identity"), nudged.pop("identity"))
    for name in still:
        agree(f"other chain after a nudge, {name}", expected=still[name], got=nudged[name], tolerance=0)


def test_a_common_labour_market_carries_the_nudge_to_the_other_chain():
    together = two_separate_chains(innovation={"agglomeration": 0.0, "congestion": 0.0})
    still, nudged = other_chain_after_a_nudge(together, 0.0), other_chain_after_a_nudge(together, 0.1)
    assert not np.array_equal(still["price"], nudged["price"])
