"""Missing links of a chain are filled where somebody needs them and somebody comes."""

import economies
import numpy as np
import pytest

from chainsim.economy.columns import FIRST_PLANTS
from chainsim.economy.entry_points import Policy
from chainsim.runs.simulation import Simulation
from chainsim.stages import missing_links, spin_offs


def plants(scenario, seed=1):
    """Enterprises that make wafers, and the share of chips' wafers they supply, by year."""
    simulation, path = Simulation(scenario, seed), []
    while simulation.running:
        simulation.step()
        economy = simulation.economy
        trade = economy.flows.trade[0, 1]
        path.append((int((economy.active & (economy.segment == 0)).sum()), trade[0] / trade.sum()))
    return path, simulation


WAFERS = 0
NEVER = {"stages.demography.link_rate": 0.0, "stages.demography.outside_rate": 0.0}
NEAR = {f"chain.segments.{name}.industry": "circuits" for name in ("wafers", "chips")}
INSTITUTE = {"institutes": {"silicon": {"budget": 100.0, "segments": {"chips": 1.0}}}}
AIMED = {"type": "institute_platform", "budget": 20.0, "years": "2021-2030", "target": {"segments": ["wafers"]}}
EAGER = {"stages.demography.link_rate": 50.0, "stages.demography.outside_rate": 1.0}


def test_a_missing_link_is_filled_and_its_pioneer_finds_customers():
    scenario = economies.with_missing_link(end=2035).replace(EAGER)
    path, simulation = plants(scenario)
    economy = simulation.economy
    assert path[-1][0] >= 1
    assert path[-1][1] > 0.02
    assert economy.pioneer[economy.segment == 0].all()
    assert not economy.pioneer[economy.segment != 0].any()
    segments = simulation.recording().tables["segments"]
    wafers = segments["segment"] == "wafers"
    assert segments["output"][wafers][0] == 0.0
    assert segments["viable"][wafers][-1] > segments["viable"][wafers][0] == 0.0


def test_a_missing_link_stays_missing_where_nobody_founds_plants():
    path, _ = plants(economies.with_missing_link(end=2050).replace(NEVER))
    assert set(path) == {(0, 0.0)}


def test_a_missing_link_stays_missing_without_demography():
    path, _ = plants(economies.with_missing_link(end=2035).replace(EAGER | {"stages.demography.enabled": False}))
    assert set(path) == {(0, 0.0)}


def test_a_missing_link_that_few_need_is_not_filled_from_demand():
    scenario = economies.with_missing_link(demand=0.01, end=2035)
    path, _ = plants(scenario.replace({"stages.demography.link_rate": 50.0, "stages.demography.outside_rate": 0.0}))
    assert {number for number, _ in path} == {0}


def test_more_arrivals_fill_the_link_earlier():
    def first_year(rate):
        path, _ = plants(economies.with_missing_link(end=2050).replace({"stages.demography.link_rate": rate}))
        return next((year for year, (number, _) in enumerate(path) if number), len(path))

    years = [first_year(rate) for rate in (0.003, 0.03, 0.3, 30.0)]
    assert years == sorted(years, reverse=True)
    assert years[-1] < years[0]


def lived(scenario, years=8, seed=1):
    """The economy after some years."""
    simulation = Simulation(scenario.replace({"years.end": economies.START + years}), seed)
    while simulation.running:
        simulation.step()
    return simulation


def test_what_a_link_starts_from_is_its_gap_in_the_base_year_and_while_all_grows_alike():
    economy = economies.built(economies.with_missing_link(region=INSTITUTE))
    quality = economy.stages.innovation.attainable_quality(economy)
    assert quality == pytest.approx(economy.arrays.quality_gap, abs=1e-12)


def test_a_platform_aimed_at_a_link_that_nobody_fills_spends_its_budget_and_raises_what_the_link_starts_from():
    scenario = economies.with_missing_link(region=INSTITUTE).replace(
        NEVER | {"stages.demography.institute_spin_offs": 0.0}
    )
    aimed = scenario.replace({"levers": {"platform": AIMED}})
    without, under = (lived(each) for each in (scenario, aimed))
    table = under.recording().tables
    assert table["levers"]["outlay"].sum() == 8 * 20.0
    start = [each.economy.stages.innovation.attainable_quality(each.economy)[WAFERS] for each in (without, under)]
    assert start[1] > start[0] + 0.05
    demography = under.economy.stages.demography
    viability = [missing_links.viability(demography, each.economy)[WAFERS] for each in (without, under)]
    assert viability[1] > viability[0]


def test_people_who_come_to_a_link_by_name_raise_what_it_starts_from():
    lever = {"type": "talent_introduction", "heads": 50, "years": "2021-2030", "target": {"segments": ["wafers"]}}
    scenario = economies.with_missing_link().replace(NEVER)
    without, under = (lived(each) for each in (scenario, scenario.replace({"levers": {"people": lever}})))
    start = [each.economy.stages.innovation.attainable_quality(each.economy)[WAFERS] for each in (without, under)]
    assert start[1] > start[0] + 0.02
    assert under.recording().tables["levers"]["recipients"].sum() == pytest.approx(8 * 50)


def test_institutes_found_enterprises_by_their_money_and_a_tenth_of_them_in_links_nearby():
    economy = economies.built(economies.with_missing_link(region=INSTITUTE).replace(NEAR))
    economy.policy = Policy.neutral(economy.n, 3, 1)
    economy.policy.institutes = np.array([0.0, 900.0, 0.0])
    stage = economy.stages.demography.model_copy(update={"spin_off_reach": 0.1})
    made = spin_offs.expected(stage, economy)
    assert made.sum() == pytest.approx(1.0)
    assert made[WAFERS] == pytest.approx(0.1)


def test_a_small_spin_off_does_not_fill_a_link_nor_take_its_attention():
    many = NEVER | {"stages.demography.institute_spin_offs": 3.0, "stages.demography.spin_off_reach": 0.3}
    grants = {"levers": {"platform": AIMED | {"budget": 500.0}}}
    economy = lived(economies.with_missing_link(region=INSTITUTE).replace(many | NEAR | grants)).economy
    here = economy.active & (economy.segment == WAFERS)
    small = here & ~economy.is_plant()
    assert small.sum() >= 3
    assert economy.first_plant[WAFERS] < economies.START or economy.has_plant()[WAFERS]
    assert not economy.is_plant()[small].any()


def test_ordinary_entrants_are_not_owned_by_institutes():
    shares = {"institute": 0.5, "private": 0.5}
    scenario = economies.with_missing_link().replace(
        {f"chain.segments.{k}.owners": shares for k in ("chips", "boards")}
    )
    economy = lived(scenario, 10).economy
    entrants = economy.active & (economy.founded > economies.START)
    assert entrants.sum() > 3
    assert not (economy.owner[entrants] == 3).any()


def prospects_of_wafers(stage, economy):
    """Why wafers stay missing in an economy, by name of the column."""
    found = missing_links.prospects(stage, economy.stages, missing_links.conditions(stage, economy))
    return {name: values[0] for name, values in found.items()}


def test_each_remedy_alone_brings_viability_to_one():
    economy = lived(economies.with_missing_link(demand=0.01).replace(NEVER)).economy
    stage = economy.stages.demography
    row = prospects_of_wafers(stage, economy)
    assert row["viability"] < 1.0
    assert row["viability"] == pytest.approx((row["demand_local"] + row["demand_national"]) / row["scale"])
    assert row["viability"] * row["opens_demand"] == pytest.approx(1.0)
    if np.isfinite(row["opens_grant"]):
        assert row["viability"] / (1.0 - row["opens_grant"]) == pytest.approx(1.0)
    else:
        assert row["viability"] < 0.1
    better = row["entry_quality"] + np.nan_to_num(row["opens_quality"], nan=0.4)
    market = missing_links.entry_market(economy)
    won = missing_links.local_sales(economy.stages.sourcing, market, np.array([better])) + missing_links.outside_sales(
        stage, economy.stages.demand, market, np.array([better])
    )
    reached = won[0] / row["scale"]
    assert reached == pytest.approx(1.0, abs=0.02) if np.isfinite(row["opens_quality"]) else reached < 1.0


def test_the_table_of_missing_links_has_a_row_each_and_year():
    table = lived(economies.with_missing_link().replace(NEVER), 3).recording().tables["missing_links"]
    assert list(table["segment"]) == ["wafers"] * 4
    assert (table["filled"] == 0.0).all()


def test_a_plant_of_half_scale_counts_on_both_lines_of_completeness_and_a_small_supplier_on_one():
    table = lived(economies.with_missing_link().replace(EAGER), 12).recording().tables["region"]
    assert (table["completeness_plant"] <= table["completeness"] + 1e-12).all()
    assert table["completeness_plant"][-1] > 0.0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_first_plant_has_the_capital_that_its_planned_size_asks_for(seed):
    simulation = Simulation(economies.with_missing_link(end=2035).replace(EAGER), seed)
    economy = simulation.economy
    while not len(economy.flows.entered.get(FIRST_PLANTS, ())):
        simulation.step()
    row, plants = economy.flows.entered[FIRST_PLANTS][0], economy.stages.demography
    mean = economy.calibration.productivity_mean[WAFERS]
    assert (economy.log_productivity[row], economy.productivity[row]) == (mean, np.exp(mean))
    planned = economy.expected_orders[row] / plants.plant_outside
    served = economy.capital[row] * economy.productivity[row] / economy.arrays.capital_per_output[WAFERS]
    assert served == pytest.approx(planned, rel=1e-12)


@pytest.mark.parametrize(("rate", "outside"), [(0.01, 0.0), (0.05, 0.02), (0.01, 0.2), (0.0, 0.0), (0.0, 0.2)])
def test_at_the_viability_of_even_odds_a_plant_comes_within_ten_years_in_every_second_run(rate, outside):
    economy = lived(economies.with_missing_link().replace(NEVER)).economy
    stage = economy.stages.demography.model_copy(update={"link_rate": rate})
    even = missing_links.viability_of_even_odds(stage, np.array([outside]))
    if rate == 0.0 and outside == 0.0:
        assert np.isnan(even[0])
        return
    come = 1.0 - (1.0 - (1.0 - np.exp(-rate * (even - 1.0) - outside))) ** 10
    assert come[0] == pytest.approx(0.5) if outside < 0.06 else (even[0] == 1.0 and come[0] > 0.5)


def test_even_odds_count_the_plants_that_come_from_outside_whatever_they_could_win():
    economy = lived(economies.with_missing_link().replace(NEVER), 3).economy
    stage = economy.stages.demography.model_copy(update={"link_rate": 0.01, "outside_rate": 0.1})
    row = prospects_of_wafers(stage, economy)
    outside = row["rate"] - 0.01 * max(row["viability"] - 1.0, 0.0)
    assert outside > 0.0
    assert 0.01 * (row["viability_even_odds"] - 1.0) + outside == pytest.approx(np.log(2.0) / 10.0)
