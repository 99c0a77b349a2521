"""The first simulated year continues the base year of any economy, also where a limit of a stage contradicts it.

Economies are drawn over value added of .05 to .95 of the price, subsidies, no research, single enterprises, and outputs
of 1, a thousand and a billion; markets stand still.
"""

from __future__ import annotations

import economies
import numpy as np
import pytest

from chainsim.base_year.calibration import norm_cost
from chainsim.economy import draws
from chainsim.runs import ensemble
from chainsim.scenario.cautions import warnings
from chainsim.scenario.check_base_year import unit_costs
from chainsim.scenario.scenario import Scenario

COUNT = 36


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


def test_some_of_these_economies_contradict_a_limit_and_are_warned_of():
    told = [finding.path[-1] for case in range(COUNT) for finding in warnings(drawn(case))]
    assert 2 <= told.count("capital_per_output") < COUNT / 2


def test_costs_that_check_holds_against_limits_are_those_of_the_base_year():
    scenario = drawn(4)
    economy = economies.built(scenario)
    costs = [unit_costs(segment, scenario)[1] for segment in scenario.chain.segments.values()]
    assert norm_cost(economy) == pytest.approx(costs)


def test_a_floor_above_the_price_and_a_floor_of_unemployment_are_told_with_the_remedy():
    dear = economies.chain({"cars": economies.segment(100.0, labour_share=0.225, value_added_share=0.25, rd_share=0.0)})
    (finding,) = warnings(dear)
    assert finding.path[-1] == "labour_share"
    most = float(finding.message.partition("state labour_share ")[2].split()[0])
    assert warnings(dear.replace({"chain.segments.cars.labour_share": most})) == []
    (finding,) = warnings(
        economies.chain({"cars": economies.segment(100.0)}, region={"labour": {"unemployment": 0.005}})
    )
    assert "below stages.labour.unemployment_floor 0.01" in finding.message
