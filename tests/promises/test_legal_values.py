"""Whatever a scenario may state either runs to finite numbers or ends in words: no hang, no flood of memory, no warning.

Two promises, held by drawing scenarios: every value of a declared range is one that runs, alone and together; and every
value that `check` accepts, however far outside of its range, gives finite tables or a run that says what is wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from sizes import size

from chainsim.levers import LEVERS
from chainsim.policy.registry import OWN
from chainsim.runs.ensemble import RunFailed, run
from chainsim.scenario.errors import ScenarioError
from chainsim.scenario.field_types import declared, field_type_of
from chainsim.scenario.load import load
from chainsim.scenario.scenario import Scenario
from chainsim.shocks import SHOCKS

MINIMAL = load(Path(__file__).parents[2] / "scenarios" / "minimal.yaml", {"years.end": 2022})
EXAMPLES = size("EXAMPLES")
DRAWN = settings(
    max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES <= 200
)
SEGMENT = "components"


class Bounds(NamedTuple):
    """What a number may be."""

    low: float
    high: float
    whole: bool


def bounds_of(field: FieldInfo) -> Bounds | None:
    """The legal values of a field that holds a number; None for others. Without a bound, far is far enough."""
    found = field_type_of(field)
    kinds = {alternative.kind: alternative for alternative in found.alternatives}
    number = kinds.get("number") or kinds.get("whole number")
    if number is None:
        return None
    parts = number.constraints
    lows = [(part.ge, 0.0) for part in parts if getattr(part, "ge", None) is not None]
    lows += [(part.gt, 1e-9) for part in parts if getattr(part, "gt", None) is not None]
    highs = [(part.le, 0.0) for part in parts if getattr(part, "le", None) is not None]
    highs += [(part.lt, 1e-9) for part in parts if getattr(part, "lt", None) is not None]
    low = max((value + above for value, above in lows), default=-1e6)
    high = min((value - below for value, below in highs), default=1e6)
    return Bounds(low, max(low, high), number.kind == "whole number")


def numbers_of(model: type[BaseModel], at: str) -> Iterator[tuple[str, FieldInfo]]:
    """Paths and fields of all numbers below a block."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from numbers_of(field.annotation, f"{at}.{name}")
        elif bounds_of(field) is not None:
            yield f"{at}.{name}", field


BLOCKS = {name: Scenario.model_fields[name].annotation for name in ("stages", "population", "region")}
SEGMENT_MODEL = get_args(Scenario.model_fields["chain"].annotation.model_fields["segments"].annotation)[1]
FIELDS: dict[str, FieldInfo] = {
    path: field for name, model in BLOCKS.items() for path, field in numbers_of(model, name)
} | dict(numbers_of(SEGMENT_MODEL, f"chain.segments.{SEGMENT}"))
SIZES = ("enterprises.number", "enterprises.small", "population.scale")
"""What a computer pays for: a million enterprises are legal, and take their time."""
FIELDS = {path: field for path, field in FIELDS.items() if not path.endswith(SIZES)}
RANGES = {
    path: (declared(field, "low"), declared(field, "high"))
    for path, field in FIELDS.items()
    if declared(field, "low") is not None
}


def between(low: float, high: float, whole: bool) -> st.SearchStrategy[float]:
    """Values from `low` to `high`, corners often."""
    if whole:
        first, last = math.ceil(low), math.floor(high)
        return st.one_of(st.sampled_from([first, last]), st.integers(first, last))
    return st.one_of(st.sampled_from([float(low), float(high)]), st.floats(low, high, allow_nan=False))


def legal(field: FieldInfo) -> st.SearchStrategy[float]:
    bounds = bounds_of(field)
    assert bounds is not None
    return between(*bounds)


PLAUSIBLE = st.fixed_dictionaries(
    {}, optional={path: between(low, high, bounds_of(FIELDS[path]).whole) for path, (low, high) in RANGES.items()}
)
LEGAL = st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=4, unique=True).flatmap(
    lambda paths: st.fixed_dictionaries({path: legal(FIELDS[path]) for path in paths})
)


def measures() -> st.SearchStrategy[dict[str, Any]]:
    """One lever or shock with any legal strength."""
    kinds = [*((name, LEVERS[name], "levers") for name in sorted(LEVERS) if name != OWN)]
    kinds += [(name, SHOCKS[name], "shocks") for name in sorted(SHOCKS) if name not in (OWN, "anchor_exit")]
    return st.sampled_from(kinds).flatmap(lambda kind: measure(*kind))


def measure(name: str, model: type[BaseModel], block: str) -> st.SearchStrategy[dict[str, Any]]:
    """A lever or shock of one kind: what must be stated, and some of what may."""
    numbers = {key: legal(field) for key, field in model.model_fields.items() if bounds_of(field) is not None}
    needed = {key: numbers[key] for key, field in model.model_fields.items() if field.is_required() and key in numbers}
    if "segment" in model.model_fields:
        needed["segment"] = st.just(SEGMENT)
    if "budget" in model.model_fields:
        needed["budget"] = st.sampled_from([0.0, 5.0, 1e5])
    needed |= {"type": st.just(name), "years": st.sampled_from(["2021", "2021-2022"])}
    rest = {key: value for key, value in numbers.items() if key not in needed and key != "years"}
    return st.fixed_dictionaries(needed, optional=rest).map(lambda stated: {f"{block}.l": stated})


def outcome(changes: Mapping[str, Any]) -> str:
    """What becomes of the scenario with these changes: refused, failed with words, or run to finite tables."""
    try:
        scenario = MINIMAL.replace(dict(changes))
    except ScenarioError:
        return "refused"
    try:
        result = run(scenario, seed=1)
    except RunFailed as failed:
        surprise = re.match(r"\w+(Error|Warning|Exception): ", failed.failure.reason)
        return f"{failed.failure.reason}\n{failed.trace}" if surprise else "failed"
    for name in result.tables:
        frame = result.table(name).select_dtypes("float")
        assert not np.isinf(frame.to_numpy()).any(), name
    assert np.nanmax(np.abs(result.region.select_dtypes("float").to_numpy())) < 1e14
    return "run"


@DRAWN
@given(PLAUSIBLE)
def test_values_of_declared_ranges_run_together(changes: dict[str, float]) -> None:
    assert outcome(changes) in ("run", "refused" if len(changes) > 1 else "run")


@DRAWN
@given(st.one_of(LEGAL, measures()))
def test_any_legal_value_runs_or_ends_in_words(changes: dict[str, Any]) -> None:
    assert outcome(changes) in ("run", "refused", "failed")


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(RANGES))
def test_both_ends_of_a_declared_range_run(path: str) -> None:
    for value in RANGES[path]:
        assert outcome({path: value}) == "run"


KNOWN = {
    "region.taxes.profit": 1.0,
    "region.taxes.high_tech_profit": 1.0,
    "region.productivity_growth": -0.9999,
    "chain.segments.components.production_tax_share": -1.0,
    "chain.segments.components.min_efficient_scale": 1e-9,
    "stages.finance.payout": 1e-9,
    "stages.demography.entrant_size_sd": 100.0,
    "stages.demography.unmet_rate": 1e6,
    "stages.innovation.step_high": 1000.0,
    "stages.innovation.knowledge_elasticity": 100.0,
    "levers.l": {"type": "local_content_rule", "bonus": 1000.0, "years": "2021"},
    "levers.m": {"type": "planning_service", "saved": 0.2, "entry": 1e6, "years": "2021"},
}


@pytest.mark.parametrize("path", sorted(KNOWN))
def test_what_the_model_cannot_mean_is_refused_with_its_bounds(path: str) -> None:
    with pytest.raises(ScenarioError, match=r"expected a number (from|above|of at least)"):
        MINIMAL.replace({path: KNOWN[path]})


def test_a_flood_of_enterprises_ends_the_run_with_its_cause() -> None:
    flooded = MINIMAL.replace({"region.productivity_growth": -0.5, "years.end": 2060})
    with pytest.raises(RunFailed, match=r"enterprises would be founded in a year by .*a run may hold"):
        run(flooded, seed=1)


@pytest.mark.parametrize("path", ["stages.production.expectation", "stages.labour.staff_adjustment"])
def test_plans_that_never_follow_orders_have_a_base_year(path: str) -> None:
    assert outcome({path: 0.0}) in ("run", "refused")
