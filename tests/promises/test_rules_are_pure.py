"""A rule answers a question and changes nothing: every rule of every stage runs on a read-only economy, twice.

A rule is a public method of a stage that returns something; what commits an answer returns nothing.
"""

import inspect
from copy import deepcopy
from dataclasses import is_dataclass
from typing import Any, NamedTuple

import economies
import numpy as np
import policies
import pytest
from pydantic import BaseModel

from chainsim.effects.differences import same
from chainsim.runs.simulation import Simulation
from chainsim.stages import CALENDAR, LEVERS, Stage
from chainsim.stages.innovation import Discoveries
from chainsim.stages.labour import Staff

YEAR = 2022


class Rule(NamedTuple):
    """A rule of a stage, by the name of the stage and its own."""

    stage: str
    name: str

    def __str__(self) -> str:
        return f"{self.stage}.{self.name}"


def methods(stage):
    """Public methods that the package's classes of a stage define, in their order."""
    classes = [base for base in stage.__mro__ if issubclass(base, Stage)]
    defined = {name: None for base in classes for name, item in vars(base).items() if inspect.isfunction(item)}
    return [name for name in defined if not name.startswith("_")]


def is_rule(stage, name):
    """Whether a method returns something."""
    function = getattr(stage, name)
    return inspect.get_annotations(function)["return"] != "None"


RULES = [Rule(stage.key, name) for stage in CALENDAR for name in methods(stage) if is_rule(stage, name)]

ARGUMENTS = {
    "demand.shares": lambda economy: {"goodwill": economy.goodwill, "shock": np.full(economy.n, 0.1)},
    "demand.public_orders": lambda economy: {"purchase": economy.policy.purchases[0]},
    "sourcing.quality_worth": lambda economy: {"excess": economy.quality - 1.0},
    "sourcing.turnover": lambda economy: {"fill": economy.fill},
    "pricing.markup_at": lambda economy: {"share": np.full(economy.n, 0.01)},
    "labour.growth_at": lambda economy: {"productivity": 0.1},
    "labour.hiring_rate": lambda economy: {"skill": 0, "vacancies": 20.0, "staying": 10.0},
    "labour.planned": lambda economy: {"staff": Staff(economy.ordinary, economy.wanted_ordinary)},
    "demand.market_variance": lambda economy: {"years": economy.years},
    "production.feasible_output": lambda economy: {"labour": economy.capacity},
    "innovation.effort": lambda economy: {"absorptive": np.full(economy.n, 0.5)},
    "innovation.gains": lambda economy: {
        "chance": np.full(economy.n, 0.1),
        "absorptive": np.full(economy.n, 0.5),
        "found": Discoveries(economy.rows[:3], np.array([0.1, 0.5, 0.9])),
    },
    "innovation.chance": lambda economy: {"effort": np.ones(economy.n)},
    "innovation.discoveries": lambda economy: {"chance": np.full(economy.n, 0.1)},
    "innovation.new_products": lambda economy: {"found": Discoveries(economy.rows[:2], np.array([0.5, 0.9]))},
    "innovation.retirement": lambda economy: {"absorptive": np.full(economy.n, 0.5)},
    "innovation.expected_gains": lambda economy: {
        "chance": np.full(economy.n, 0.1),
        "absorptive": np.full(economy.n, 0.5),
    },
    "innovation.innovation_step": lambda economy: {"u": np.linspace(0.1, 0.9, 5)},
    "innovation.imitated": lambda economy: {"rows": economy.rows, "key": "innovation.model"},
    "demography.inheritable": lambda economy: {"closing": economy.active & (economy.segment == 0)},
    "demography.given_up": lambda economy: {"rows": economy.active & (economy.segment == 0)},
    "demography.kept": lambda economy: {"rows": economy.active & (economy.segment == 0)},
    "finance.limit_under": lambda economy: {"guarantee": np.full(economy.n, 0.4)},
    "finance.loans_asked": lambda economy: {"guarantee": np.full(economy.n, 0.4)},
    "finance.loans_called_for": lambda economy: {"invested": np.full(economy.n, 5.0)},
    "demography.debt_cut": lambda economy: {"rows": economy.active & (economy.segment == 0)},
    "demography.debt_left": lambda economy: {"closing": economy.active & (economy.segment == 0)},
}
"""What a rule is asked beyond the economy."""


class ReadOnly(dict):
    """A mapping that takes no entries."""

    def __setitem__(self, key, value):
        raise TypeError(f"a rule wrote entry '{key}'")


def read_only(thing: Any) -> Any:
    """The same content, unchangeable in place; private attributes may still keep what was computed."""
    if isinstance(thing, np.ndarray):
        thing.flags.writeable = False
        return thing
    if isinstance(thing, dict):
        return ReadOnly({key: read_only(item) for key, item in thing.items()})
    if isinstance(thing, list):
        return tuple(map(read_only, thing))
    if isinstance(thing, tuple):
        for item in thing:
            read_only(item)
        return thing
    if isinstance(thing, BaseModel) or not (is_dataclass(thing) or type(thing).__module__.startswith("chainsim")):
        return thing
    for name, value in vars(thing).items():
        thing.__dict__[name] = read_only(value)
    guarded = type(type(thing).__name__, (type(thing),), {"__setattr__": _refuse})
    object.__setattr__(thing, "__class__", guarded)
    return thing


def _refuse(self, name, value):
    if not name.startswith("_"):
        raise AttributeError(f"a rule set {type(self).__name__}.{name}")
    self.__dict__[name] = value


def before_every_stage(scenario):
    """Copies of an economy of `YEAR` as every stage finds it, by the name of the stage."""
    simulation, found = Simulation(scenario, 1), {}
    while simulation.economy.year < YEAR:
        last = LEVERS
        for step, stage in zip(simulation.steps(), [*CALENDAR, None, None], strict=True):
            last = step
            if stage is not None:
                found[stage.key] = copied(simulation.economy)
    assert last == "accounts"
    return found


def copied(economy):
    """A copy of an economy that shares nothing with it."""
    other = economy.copy(economy.seed)
    other.arrays = deepcopy(economy.arrays)
    return other


@pytest.fixture(scope="module", params=[policies.under, economies.with_missing_link], ids=["levers", "missing link"])
def worlds(request):
    return {key: read_only(economy) for key, economy in before_every_stage(request.param()).items()}


def ask(rule, stage, economy):
    """The answer of a rule; parts that it yields as a list."""
    function = getattr(stage, rule.name)
    asked = inspect.signature(function).parameters
    needed = {name for name, item in asked.items() if item.default is item.empty} - {"economy"}
    if needed and str(rule) not in ARGUMENTS:
        pytest.fail(f"{rule} asks for {', '.join(sorted(needed))}: say in ARGUMENTS what it is given here")
    given = ARGUMENTS[str(rule)](economy) if needed else {}
    answer = function(**({"economy": economy} if "economy" in asked else {}), **given)
    return list(answer) if inspect.isgenerator(answer) else answer


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_changes_nothing_and_answers_the_same_twice(rule, worlds):
    economy = worlds[rule.stage]
    stage = getattr(economy.stages, rule.stage)
    if str(rule) == "demand.public_orders" and not economy.policy.purchases:
        pytest.skip("no public purchases in this economy")
    first, second = (ask(rule, stage, economy) for _ in range(2))
    assert same(first, second)
    assert first is not NotImplemented


@pytest.mark.parametrize("stage", CALENDAR, ids=lambda stage: stage.key)
def test_every_stage_has_rules_and_says_what_each_method_returns(stage):
    assert any(rule.stage == stage.key for rule in RULES)
    assert [name for name in methods(stage) if "return" not in inspect.get_annotations(getattr(stage, name))] == []


def test_no_argument_is_kept_for_a_rule_that_is_gone():
    assert set(ARGUMENTS) - set(map(str, RULES)) == set()


@pytest.mark.parametrize(
    "meddle",
    [
        lambda economy: economy.price.__setitem__(0, 1.0),
        lambda economy: economy.region.rest.__setitem__(0, 1.0),
        lambda economy: setattr(economy.region, "mean_productivity", 1.0),
        lambda economy: economy.flows.purchased.__setitem__("x", 1.0),
        lambda economy: economy.links.supplier.__setitem__(0, 1),
        lambda economy: setattr(economy, "labour_income", 1.0),
        lambda economy: economy.ledger.post("row", "households", "bank", 1.0),
        lambda economy: economy.policy.charge("row", np.zeros(economy.n)),
    ],
)
def test_the_guard_of_this_test_sees_what_a_rule_might_write(meddle, worlds):
    with pytest.raises((ValueError, AttributeError, TypeError)):
        meddle(worlds["pricing"])
