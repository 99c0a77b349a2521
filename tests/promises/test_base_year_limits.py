"""The first simulated year continues the base year of any economy, also where a limit of a stage contradicts it.

Economies are drawn over value added of .05 to .95 of the price, subsidies, no research, single enterprises, and outputs
of 1, a thousand and a billion; markets stand still. What `check` warns of is held against that year in both directions.
"""

from __future__ import annotations

import economies
import numpy as np
import pytest

from chainsim.base_year.calibration import norm_cost
from chainsim.economy import draws
from chainsim.runs import ensemble
from chainsim.runs.simulation import Simulation
from chainsim.scenario.cautions import warnings
from chainsim.scenario.check_base_year import unit_costs
from chainsim.scenario.errors import Finding
from chainsim.scenario.scenario import Scenario

COUNT, COSTLY = 36, 40


def drawn(case: int) -> Scenario:
    """An economy of a maker drawn in most of its numbers, and an ordinary buyer of a third of its product."""
    luck = draws.uniform_for(draws.draw_key(17, "limits", case), np.arange(6, dtype=np.uint64))
    output = (1.0, 1e3, 1e9)[case % 3]
    added, tax = 0.05 + 0.9 * luck[0], (-0.1, 0.0, 0.02)[int(3 * luck[1])]
    maker = economies.segment(
        output,
        number=(1, 3, 20)[int(3 * luck[2])],
        value_added_share=added,
        labour_share=(0.1 + 0.88 * luck[3]) * (added - tax),
        production_tax_share=tax,
        rd_share=(0.0, 0.01)[int(2 * luck[4])] if added < 0.9 else 0.0,
        capital_per_output=0.1 + 5 * luck[5],
        min_efficient_scale=min(60.0, output / 2),
    )
    buyer = economies.segment(2 * output, {"made": (0.3, 0.5)}, number=5, value_added_share=0.35, rd_share=0.01)
    return economies.chain({"made": maker, "bought": buyer}, growth=0.0, end=2021)


@pytest.mark.parametrize("case", range(COUNT))
def test_the_first_year_continues_the_base_year(case: int):
    first, second = (
        ensemble.run(drawn(case), seed=1, replications=1).segments.query("segment == 'made'").to_dict("records")
    )
    assert second["output"] == pytest.approx(first["output"], rel=0.10)
    assert second["price"] == pytest.approx(1.0, abs=0.05)
    assert second["fill_rate"] == pytest.approx(first["fill_rate"], abs=0.05)
    assert second["exits"] <= 0.3 * first["enterprises"] or too_small(drawn(case))


def too_small(scenario: Scenario) -> list[Finding]:
    """What is told of makers that are smaller than an entrant."""
    return [found for found in warnings(scenario) if found.path[2] == "made" and found.path[-1] == "small_output"]


@pytest.mark.parametrize("case", [0, 12, 30])
def test_enterprises_that_would_close_at_once_stay_with_the_size_that_check_tells(case: int):
    scenario = drawn(case)
    (finding,) = too_small(scenario)
    value = float(finding.message.partition("state small_output ")[2].split()[0])
    better = scenario.replace({".".join(finding.path): value})
    assert too_small(better) == []
    closed, left = (
        ensemble.run(each, seed=1, replications=1).segments.query("segment == 'made' and year == 2021")["exits"].sum()
        for each in (scenario, better)
    )
    assert closed > 15
    assert left <= 5


@pytest.mark.parametrize("growth", [0.0, 0.03])
def test_without_luck_the_first_year_grows_just_as_its_markets(growth: float):
    made = economies.segment(10000.0, number=100, small=200)
    scenario = economies.chain({"made": made}, growth=growth, end=2022, stages={"demand": {"volatility": 0.0}})
    output = ensemble.run(scenario, seed=1, replications=1).segments["output"]
    assert list(output.pct_change())[1:] == pytest.approx([growth, growth], abs=0.002)


def test_some_of_these_economies_contradict_a_limit_and_are_warned_of():
    told = [finding.path[-1] for case in range(COUNT) for finding in warnings(drawn(case))]
    assert 2 <= told.count("capital_per_output") < COUNT / 2


def test_costs_that_check_holds_against_limits_are_those_of_the_base_year():
    scenario = drawn(4)
    economy = economies.built(scenario)
    costs = [unit_costs(segment, scenario)[1] for segment in scenario.chain.segments.values()]
    assert norm_cost(economy) == pytest.approx(costs)


def costly(case: int) -> Scenario:
    """An economy of a single maker, of the norm therefore, whose costs, taxes and price floor are drawn."""
    luck = draws.uniform_for(draws.draw_key(17, "floors", case), np.arange(5, dtype=np.uint64))
    added, floor = 0.02 + 0.5 * luck[0], (1.02, 1.05, 1.15, 1.3)[int(4 * luck[1])]
    tax = min((-0.05, 0.02, 0.1)[int(3 * luck[2])], 0.8 * added)
    labour, research = (0.05 + 0.95 * luck[3]) * (added - tax), (0.0, 0.01)[int(2 * luck[4])]
    maker = economies.segment(1000.0, number=1, value_added_share=added, labour_share=labour, production_tax_share=tax,
                              rd_share=research)  # fmt: skip
    return economies.chain({"made": maker}, growth=0.0, end=2021, stages={"pricing": {"price_floor": floor}})


def test_what_is_told_of_the_price_floor_is_what_the_first_year_does():
    """Told are just those economies of whose labour a part is no cost of the product; prices stay in all of them."""
    told = {"labour_share": 0, "production_tax_share": 0, "": 0}
    for case in range(COSTLY):
        scenario = costly(case)
        simulation = Simulation(scenario, 1)
        priced = float(simulation.economy.priced_labour[0])
        found = [finding for finding in warnings(scenario) if "price_floor" in finding.message]
        kind = found[0].path[-1] if found else ""
        told[kind] += 1
        assert kind == ("" if priced == 1.0 else "labour_share" if priced > 0.0 else "production_tax_share"), case
        if kind == "labour_share":
            assert f"counting {100 * priced:.3g} % of its labour" in found[0].message
        if kind:
            value = float(found[0].message.partition(f"state {kind} ")[2].split()[0])
            better = scenario.replace({f"chain.segments.made.{kind}": value})
            assert not [item for item in warnings(better) if item.path[-1] == kind]
        simulation.step()
        assert simulation.economy.price[0] == pytest.approx(1.0, abs=0.01), case
    assert min(told.values()) >= 3, told


def test_nearly_all_of_the_labour_is_told_in_figures():
    maker = economies.segment(1e3, number=1, value_added_share=0.2212, labour_share=0.2021, production_tax_share=0.0,
                              rd_share=0.0)  # fmt: skip
    (finding,) = [each for each in warnings(economies.chain({"made": maker})) if "price_floor" in each.message]
    assert "counting 99.7 % of its labour" in finding.message


@pytest.mark.parametrize(
    ("contradicts", "sound", "said"),
    [
        (
            {"region.labour.unemployment": 0.005},
            {"stages.labour.unemployment_floor": 0.005},
            "unemployment_floor 0.005 or",
        ),
        ({"stages.labour.matching_slack": 0.8}, {"stages.labour.matching_slack": 1.0}, "the run takes 1"),
    ],
)
def test_a_limit_of_labour_that_contradicts_the_base_year_gives_way_to_it(
    contradicts: dict[str, float], sound: dict[str, float], said: str
):
    first = economies.crowd(end=2023).replace(contradicts)
    (finding,) = warnings(first)
    assert said in finding.message
    second = first.replace(sound)
    assert warnings(second) == []
    tables = [ensemble.run(scenario, seed=1, replications=1) for scenario in (first, second)]
    for name in ("segments", "region"):
        frames = [getattr(table, name).drop(columns="scenario", errors="ignore") for table in tables]
        assert frames[0].equals(frames[1]), name


@pytest.mark.parametrize("growth", [0.0, 0.1])
@pytest.mark.parametrize("case", range(3))
def test_a_use_of_capacity_is_told_where_more_of_the_first_year_s_orders_go_outside(growth: float, case: int):
    served = {}
    for use in (0.8, 0.9, 0.95, 1.0):
        made = economies.segment((100.0, 1e3, 1e4)[case], number=20, small=10 * case)
        stages = {"investment": {"utilisation": use}}
        scenario = economies.chain({"made": made}, growth=growth, end=2021, stages=stages)
        fill = ensemble.run(scenario, seed=1, replications=1).segments.query("year == 2021")["fill_rate"]
        served[use] = (float(fill.mean()), bool(warnings(scenario)))
    assert [is_told for _, is_told in served.values()] == [False, False, True, True]
    assert served[0.8][0] - served[0.9][0] < 0.03
    assert served[0.8][0] - served[1.0][0] > 0.02


def test_debt_above_what_banks_lend_is_told_and_lowers_the_loans_of_the_first_year():
    drawn = []
    for owed in (0.59, 0.6, 0.7):
        made = economies.segment(1000.0, number=40)
        scenario = economies.chain({"made": made}, growth=0.05, end=2021, stages={"finance": {"leverage": owed}})
        simulation = Simulation(scenario, 1)
        simulation.step()
        drawn.append(float(simulation.economy.flows.drawn.sum()))
        assert bool(warnings(scenario)) == (owed > 0.6)
    assert drawn[1] > 0.9 * drawn[0]
    assert drawn[2] < 0.6 * drawn[0]
