"""Random scenarios of twenty years hold every identity of the auditor.

Segments, gaps and numbers are drawn, levers and shocks in half of them. `CHAINSIM_AUDITED=1000` audits as many in place
of 50 (a long job).
"""

import os

import economies
import numpy as np
import policies
import pytest
from pydantic import BaseModel

import chainsim as cs
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.field_types import declared
from chainsim.scenario.scenario import Scenario
from chainsim.validation.audit import audit_result

AUDITED = int(os.environ.get("CHAINSIM_AUDITED", "50"))
TOGETHER = 10
"""Scenarios of one test."""
YEARS = 20


def ranges() -> dict[str, tuple[float, float]]:
    """The declared ranges of the parameters of stages that are not whole numbers."""
    stages = Scenario.model_fields["stages"].annotation
    return {
        f"stages.{key}.{name}": (declared(field, "low"), declared(field, "high"))
        for key, stage in stages.model_fields.items()
        if isinstance(stage.annotation, type) and issubclass(stage.annotation, BaseModel)
        for name, field in stage.annotation.model_fields.items()
        if field.annotation is float and declared(field, "low") is not None
    }


RANGES = ranges()


def drawn(seed: int) -> Scenario | None:
    """A random scenario; None where the draw has no economy or is refused."""
    luck = np.random.default_rng([seed, 12])
    end = {"years.end": economies.START + YEARS, "record.enterprises": seed % 5 == 0}
    paths = sorted(RANGES)
    for path in luck.choice(paths, min(4, len(paths)), replace=False) if paths else ():
        end[str(path)] = float(luck.choice(RANGES[str(path)]))
    try:
        made = economies.random_chain(2 + seed % 3, seed, used=0.4).replace(end)
        return policies.random_policy(made, seed) if seed % 2 else made
    except (ScenarioError, AssertionError):
        return None


def audited(first: int, number: int) -> tuple[int, list[str]]:
    """How many of some scenarios ran, and the identities that failed."""
    ran, failed = 0, []
    for seed in range(first, first + number):
        scenario = drawn(seed)
        if scenario is None:
            continue
        try:
            result = cs.run(scenario, seed=seed)
        except cs.RunFailed:
            continue
        ran += 1
        checks = audit_result(result)
        failed += [f"{seed}: {check.name} {check.residual:.1e} {check.where}" for check in checks if check.failed]
    return ran, failed


@pytest.mark.parametrize("part", range(AUDITED // TOGETHER))
def test_random_scenarios_hold_every_identity(part: int) -> None:
    ran, failed = audited(part * TOGETHER, TOGETHER)
    assert failed == []
    assert ran > 0


@pytest.mark.parametrize("seed", [95, 185, 195])
def test_what_the_long_job_found_holds(seed: int) -> None:
    """Certificates that are kept up when their lever asks for nothing more; a year in which nobody is left."""
    assert audited(seed, 1) == (1, [])
