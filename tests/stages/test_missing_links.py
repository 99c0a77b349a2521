"""Missing links of a chain are filled where somebody needs them and somebody comes."""

import economies

from chainsim.runs.simulation import Simulation


def plants(scenario, seed=1):
    """Enterprises that make wafers, and the share of chips' wafers they supply, by year."""
    simulation, path = Simulation(scenario, seed), []
    while simulation.running:
        simulation.step()
        economy = simulation.economy
        trade = economy.flows.trade[0, 1]
        path.append((int((economy.active & (economy.segment == 0)).sum()), trade[0] / trade.sum()))
    return path, simulation


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
    never = {"stages.demography.link_rate": 0.0, "stages.demography.outside_rate": 0.0}
    path, _ = plants(economies.with_missing_link(end=2050).replace(never))
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
