"""Every step of the program against the year that was written from the documents alone.

`CHAINSIM_OPINIONS=100` compares as many random economies of every kind in place of 25 (a long job).
"""

import ast
import os
from pathlib import Path

import pytest
from second_opinion.comparing import RULES, TOLERANCE, compared
from second_opinion.economies_at_random import economies_at_random

OPINIONS = int(os.environ.get("CHAINSIM_OPINIONS", "25"))
STEPS = {f"{stage.__name__}.{name}" for stage, name in RULES}


def held(number: int, levers: bool, chained: bool = False) -> None:
    """Assert agreement of all steps over five years in some random economies."""
    seen: set[str] = set()
    for seed, scenario in economies_at_random(number, levers):
        for step, (gap, place) in compared(scenario, seed, chained).items():
            assert gap <= TOLERANCE, f"economy {seed}: {step} differs by {gap:.1e} at {place}"
            seen.add(step)
    assert seen == STEPS


@pytest.mark.parametrize("levers", [False, True])
def test_five_years_of_the_second_opinion_are_those_of_the_program(levers):
    held(6, levers, chained=True)


@pytest.mark.slow
@pytest.mark.parametrize("levers", [False, True])
@pytest.mark.parametrize("chained", [False, True])
def test_they_agree_in_many_economies(chained, levers):
    held(OPINIONS, levers, chained)


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
