"""Users replace one behaviour by overriding one rule, in this process and in others."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import cloudpickle
import economies
import numpy as np
import own_rules
import pytest

from chainsim import stages
from chainsim.runs.simulation import base_year, simulate
from chainsim.scenario.errors import ScenarioError
from chainsim.stages.year import RunError, advance

CROWD = economies.crowd()


def chain_output(scenario, seed=1):
    """Output of the chain by year."""
    region = simulate(scenario, seed).tables["region"]
    return region["output"][region["scope"] == "chain"].tolist()


def test_a_rule_of_a_user_is_used():
    own = CROWD.replace(stages=[own_rules.OnlyIfProfitable()])
    assert type(own.stages.investment) is own_rules.OnlyIfProfitable
    path, usual = chain_output(own), chain_output(CROWD)
    assert path[0] == usual[0]
    assert path != usual


def test_enterprises_without_profit_do_not_expand_under_the_rule():
    economy = base_year(CROWD.replace(stages=[own_rules.OnlyIfProfitable()]), 1)
    for _ in range(4):
        before = economy.capital + economy.capital_ordered
        known = economy.n
        advance(economy)
        if economy.n < known:  # rows of closed enterprises were dropped
            continue
        there = economy.operated[:known] & (economy.price <= 1.1 * economy.unit_cost)[:known]
        grown = (economy.capital + economy.capital_ordered)[:known] > before * (1 + 1e-9)
        assert not (there & grown).any()


def test_the_rule_works_in_a_fresh_process():
    own = CROWD.replace(stages=[own_rules.OnlyIfProfitable()])
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(chain_output, own).result() == chain_output(own)


def test_parameters_are_given_with_the_rule_and_kept():
    own = CROWD.replace(stages=[own_rules.OnlyIfProfitable(trigger=0.05)])
    assert own.stages.investment.trigger == 0.05
    later = own.replace({"stages.investment.delay": 0.5, "years.end": 2023})
    assert type(later.stages.investment) is own_rules.OnlyIfProfitable
    assert (later.stages.investment.trigger, later.stages.investment.delay) == (0.05, 0.5)


def test_parameters_of_its_own_change_results_and_the_hash():
    scenarios = [CROWD.replace(stages=[own_rules.Scaled(factor=factor)]) for factor in (1.0, 1.5, 3.0)]
    paths = [chain_output(scenario) for scenario in scenarios]
    assert paths[0] == chain_output(CROWD)
    assert len({tuple(path) for path in paths}) == 3
    assert len({scenario.hash for scenario in scenarios}) == 3


def test_two_rules_of_one_name_are_two_rules():
    def scenario(factor):
        class Own(stages.Investment):
            def desired_capital(self, economy):
                return factor * super().desired_capital(economy)

        return CROWD.replace(stages=[Own()])

    assert chain_output(scenario(1.0)) == chain_output(CROWD) != chain_output(scenario(3.0))


def test_several_stages_can_be_replaced_at_once():
    class Dear(stages.Pricing):
        def markup(self, economy):
            return np.full(economy.n, 0.5)

    own = CROWD.replace(stages=[own_rules.OnlyIfProfitable(), Dear()])
    economy = base_year(own, 1)
    advance(economy)
    assert (economy.markup[economy.operated] == 0.5).all()
    assert type(own.stages.investment) is own_rules.OnlyIfProfitable


def test_a_rule_in_the_base_year_shapes_the_base_year():
    class Tolerant(stages.Finance):
        def interest_due(self, economy):
            return np.zeros(economy.n)

    economy = base_year(CROWD.replace(stages=[Tolerant()]), 1)
    assert not economy.interest.any()
    assert economy.ledger.check() <= 1e-12


def test_a_scenario_with_own_rules_travels_by_value():
    class Local(stages.Investment):
        def desired_capital(self, economy):
            return 2.0 * super().desired_capital(economy)

    own = CROWD.replace(stages=[Local()])
    assert chain_output(cloudpickle.loads(cloudpickle.dumps(own))) == chain_output(own)


@pytest.mark.parametrize("wrong", [stages.Investment, object(), "investment"])
def test_what_is_no_stage_is_refused(wrong):
    with pytest.raises(TypeError, match="expected instances of stages"):
        CROWD.replace(stages=[wrong])


def test_an_unknown_parameter_of_a_stage_is_refused():
    with pytest.raises(ScenarioError, match=r"triger.*did you mean 'trigger'"):
        CROWD.replace({"stages.investment.triger": 0.1})


def test_a_rule_that_returns_too_few_numbers_is_named_with_year_and_stage():
    class Short(stages.Investment):
        def desired_capital(self, economy):
            return np.ones(3)

    with pytest.raises(RunError, match="seed 1, year 2021, stage investment"):
        simulate(CROWD.replace(stages=[Short()]), 1)


def test_a_rule_that_returns_no_number_is_named_with_year_and_stage():
    class Lost(stages.Pricing):
        def price(self, economy):
            return np.full(economy.n, np.nan)

    with pytest.raises(RunError, match="seed 1, year 2021, stage"):
        simulate(CROWD.replace(stages=[Lost()]), 1)


def test_a_number_of_a_lever_far_outside_its_range_is_an_error_not_a_warning():
    """`location_response` is declared from 1.5 to 3.5: exp(1e5 x .1) is beyond what a computer holds."""
    tax_break = {"type": "profit_tax_break", "years": "2021-2023", "points": 0.1}
    lost = CROWD.replace({"levers": {"tax": tax_break}, "stages.demography.location_response": 1e5})
    with pytest.raises(RunError, match=r"seed 1, year 2021, stage levers: overflow .* far outside its range"):
        simulate(lost, 1)


def test_a_rule_that_fails_keeps_its_error():
    class Broken(stages.Pricing):
        def markup(self, economy):
            raise KeyError("no such thing")

    with pytest.raises(KeyError, match="no such thing"):
        simulate(CROWD.replace(stages=[Broken()]), 1)
