"""Every step of the program against the year that was written from the documents alone."""

import ast
import inspect
import textwrap
from pathlib import Path
from types import ModuleType

import economies
import pandas as pd
import pytest
from second_opinion.comparing import ASKED, RULES, TOLERANCE, compared
from second_opinion.economies_at_random import STAGES, economies_at_random, economy_at_random, reference_of
from sizes import size

import chainsim as cs
from chainsim import stages
from chainsim.runs.simulation import simulate
from chainsim.scenario.scenario import Scenario
from chainsim.stages import missing_links, pricing

OPINIONS = size("OPINIONS")
STEPS, OF_LEVERS = ({f"{stage.__name__}.{name}" for stage, name in rules} for rules in (RULES, ASKED))


def wrong(seed: int, scenario: Scenario, chained: bool = False) -> dict[str, tuple[float, str]]:
    """Steps that differ in an economy, by how much and where; all steps were seen."""
    apart = compared(scenario, seed, chained, reference_of(scenario, seed))
    assert apart.keys() == STEPS | (OF_LEVERS if scenario.levers else set())
    return {step: found for step, found in apart.items() if found[0] > TOLERANCE}


def economy(seed: int, levers: bool) -> Scenario:
    made = economy_at_random(seed, levers)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("seed", "levers", "chained"),
    [(2, False, True), (13, False, True), (27, False, False), (2, True, True), (3, True, False)],
)
def test_the_years_of_the_second_opinion_are_those_of_the_program(seed, levers, chained):
    assert wrong(seed, economy(seed, levers), chained) == {}


SWITCHES: dict[str, object] = {
    **{f"{stage}.enabled": False for stage in ("pricing", "sourcing", "demand", "labour", "innovation", "investment")},
    **{f"{stage}.enabled": False for stage in ("finance", "demography")},
    **{"pricing.fixed": True, "labour.regional": False, "production.capacity": False},
    **{"demand.goodwill": "replicator", "demand.volatility": 0.0},
}
"""What switches a stage off, or part of one."""
NOT_ASKED = {
    "finance.enabled": {"Finance.lend", "Finance.loans_asked", "Finance.loans_called_for", "Investment.wanted"},
    "demography.enabled": {step for step in STEPS if step.startswith("Demography.")},
}
"""Steps and rules that the year leaves out with a stage."""


@pytest.mark.slow
@pytest.mark.parametrize("switch", [*SWITCHES, "demand.goodwill off"])
def test_they_agree_where_a_stage_is_switched_off(switch):
    path, _, value = switch.partition(" ")
    made = economy(2, True).replace({f"stages.{path}": value or SWITCHES[path], "years.end": economies.START + 2})
    apart = compared(made, 2, reference=reference_of(made, 2))
    assert apart.keys() == (STEPS | OF_LEVERS) - NOT_ASKED.get(path, set())
    assert {step: found for step, found in apart.items() if found[0] > TOLERANCE} == {}


@pytest.mark.slow
@pytest.mark.parametrize("levers", [False, True])
@pytest.mark.parametrize("chained", [False, True])
def test_they_agree_in_many_economies(chained, levers):
    found = {seed: wrong(seed, made, chained) for seed, made in economies_at_random(OPINIONS, levers)}
    assert {seed: steps for seed, steps in found.items() if steps} == {}


PLANTED: dict[str, tuple[type | ModuleType, str, str, str, int, bool]] = {
    "income that induces demand": (stages.Demand, "expenditure", "1.0 + self.induced", "1.0 - self.induced", 2, False),
    "jobs that income induces": (stages.Labour, "rest_employment", "- region.rest", "+ region.rest", 2, False),
    "room before orders exceed capacity": (stages.Investment, "wide_gap", "- MARGIN", "- 0.5 * MARGIN", 13, False),
    "staff of a unit that markets promise": (
        stages.Labour,
        "promised_jobs",
        "(1.0 - economy",
        "(1.0 + economy",
        3,
        True,
    ),
    "patience of the state": (stages.Demography, "restructured", '"state"', '"foreign"', 2, False),
    "tax under the lowest price": (pricing, "left_by_inputs", "+ production_tax", "- production_tax", 13, False),
    "last year of attention": (stages.Sourcing, "added_review", "plant <= self", "plant < self", 27, False),
    "cost that is called research": (
        stages.Innovation,
        "relabelled",
        "policy.rel",
        "(1.0 - policy.relabelling)\n+ 0.0 * policy.rel",
        2,
        True,
    ),
    "wear in loans called for": (stages.Finance, "loans_called_for", "invested - worn", "invested + worn", 2, True),
    "year whose new demand brings first plants": (
        missing_links,
        "outside_rate",
        "[year] - expenditure[max(year - 1, 0)]",
        "[max(year - 1, 0)] - expenditure[max(year - 2, 0)]",
        1,
        False,
    ),
    "part of what the closed sold that is inherited": (stages.Demography, "pass_on", "self.inherit * ", "", 2, False),
}
"""Errors that no economy with the values of the program showed: rule, right and wrong text, the economy that shows them."""


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_error_is_seen(name, monkeypatch):
    stage, rule, right, planted, seed, levers = PLANTED[name]
    made, own = economy(seed, levers), getattr(stage, rule)
    economies.built(made, seed)
    source, space = textwrap.dedent(inspect.getsource(own)), dict(own.__globals__)
    assert right in source
    exec("from __future__ import annotations\n" + source.replace(right, planted), space)  # noqa: S102 - the program's own text
    monkeypatch.setattr(stage, rule, space[rule])
    assert wrong(seed, made)


TRIED = 30
"""Economies in which a parameter may show what it does."""


def tables(scenario: Scenario, seed: int) -> dict[str, pd.DataFrame]:
    made = simulate(scenario, seed, reference=reference_of(scenario, seed)).tables
    return {name: pd.DataFrame(columns) for name, columns in made.items()}


@pytest.mark.slow
def test_every_parameter_of_a_stage_changes_some_result():
    """Each is moved to the other end of its range, in one economy after the other, until a table differs."""
    left = set(STAGES)
    for seed, made in economies_at_random(TRIED, levers=True):
        before = tables(made, seed)
        for name in sorted(left):
            stage, field = name.split(".")
            low, high = STAGES[name]
            other = low if getattr(getattr(made.stages, stage), field) != low else high
            try:
                after = tables(made.replace({f"stages.{name}": other}), seed)
            except (cs.RunFailed, ValueError):
                continue
            if any(not before[table].equals(after[table]) for table in before):
                left.discard(name)
        if not left:
            break
    assert left == set()


RULES_AGAIN = ("choosing", "coming", "making", "paying", "reading", "researching", "selling")
"""Files of the second program's year; the others compare it with the program's."""
SHARED = {"draws", "Row", "entry_points"}
"""What it takes of the program beside constants: draws, names of rows of the ledger and of entry points."""


@pytest.mark.parametrize("name", RULES_AGAIN)
def test_the_second_opinion_takes_no_rule_of_the_program(name):
    file = Path(__file__).parent.parent / "second_opinion" / f"{name}.py"
    taken = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        assert not isinstance(node, ast.Import) or not any(each.name.startswith("chainsim") for each in node.names)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chainsim"):
            assert (node.module or "").startswith("chainsim.economy"), node.module
            taken += [each.name for each in node.names]
    assert [each for each in taken if not each.isupper() and each not in SHARED] == []
