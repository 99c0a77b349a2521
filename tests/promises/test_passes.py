"""Compiled passes make what the rules of a stage make, to the bit: where a subclass overrides a rule, rules are asked."""

from functools import wraps

import economies
import numpy as np
import pytest

from chainsim import stages
from chainsim.economy.columns import COLUMNS
from chainsim.runs.simulation import base_year
from chainsim.stages.base import as_shipped
from chainsim.stages.year import advance

ASKED = {
    stages.Finance: ("dividends", "loans_asked", "taxable"),
    stages.Investment: ("desired_capital",),
    stages.Production: ("overtime_premium",),
}
"""A rule of each pass of a stage."""


def own(stage):
    """The stage with rules overridden by the same answers."""
    rules = {name: lambda self, *given, name=name: getattr(stage, name)(self, *given) for name in ASKED[stage]}
    return type(f"Own{stage.__name__}", (stage,), {"__module__": __name__} | rules)


def lived(scenario):
    """What three years leave in every column and in the ledger."""
    economy = base_year(scenario, 1)
    for _ in range(3):
        advance(economy)
    return {column.name: getattr(economy, column.name).copy() for column in COLUMNS}, economy.ledger.entries


@pytest.fixture(scope="module")
def crowd():
    """Enterprises that lend, repay, default and close, and what they live through by the passes."""
    scenario = economies.shipped("minimal")
    return scenario, lived(scenario)


@pytest.mark.parametrize("stage", ASKED, ids=lambda stage: stage.key)
def test_a_stage_asked_rule_by_rule_leaves_what_its_passes_leave(stage, crowd):
    scenario, (columns, entries) = crowd
    replaced = own(stage)()
    assert not any(as_shipped(replaced, rule) for rule in ASKED[stage])
    by_rules, booked = lived(scenario.replace(stages=[replaced]))
    assert booked == entries
    for name, values in columns.items():
        np.testing.assert_array_equal(by_rules[name], values, err_msg=name)


def test_a_rule_that_is_decorated_to_look_like_the_packages_own_is_asked(crowd):
    scenario, (columns, _) = crowd
    usual = stages.Pricing.markup

    class Dearer(stages.Pricing):
        @wraps(usual)
        def markup(self, *given):
            return 1.1 * usual(self, *given)

    assert not as_shipped(Dearer(), "markup")
    assert as_shipped(stages.Pricing(), "markup")
    assert not np.array_equal(lived(scenario.replace(stages=[Dearer()]))[0]["price"], columns["price"])


def test_coverage_asks_an_own_rule_of_what_is_replaced_where_nothing_is_cut(crowd):
    class Wasteful(stages.Production):
        def replaced(self, economy):
            return np.full_like(economy.policy.outside_supply, -0.2)

    economy = base_year(crowd[0].replace(stages=[Wasteful()]), 1)
    advance(economy)
    assert economy.stages.production.coverage(economy).min() < 1.0
