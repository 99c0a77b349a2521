"""Every step of the program against the year that was written from the documents alone."""

import pytest
from second_opinion.comparing import RULES, TOLERANCE, compared
from second_opinion.economies_at_random import economies_at_random

STEPS = {f"{stage.__name__}.{name}" for stage, name in RULES}


def held(number: int, levers: bool) -> None:
    """Assert agreement of all steps over five years in some random economies."""
    seen: set[str] = set()
    for seed, scenario in economies_at_random(number, levers):
        for step, (gap, place) in compared(scenario, seed).items():
            assert gap <= TOLERANCE, f"economy {seed}: {step} differs by {gap:.1e} at {place}"
            seen.add(step)
    assert seen == STEPS


@pytest.mark.parametrize("levers", [False, True])
def test_steps_of_the_program_agree_with_the_second_opinion(levers):
    held(6, levers)


@pytest.mark.slow
@pytest.mark.parametrize("levers", [False, True])
def test_they_agree_in_a_hundred_economies(levers):
    held(100, levers)
