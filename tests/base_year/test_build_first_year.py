"""The base year is an ordinary year: nothing jumps from it to the first simulated one."""

from types import SimpleNamespace

import baseline
import economies
import numpy as np
import pytest

import chainsim as cs
from chainsim.base_year.build import missed
from chainsim.runs.headline import HEADLINE

MOST = {"loss_makers": 3.0}
"""Largest jump beyond the later trend, in yearly standard deviations, where it is not 2: the share of loss makers
still rises by 2.6 of them, because the base year knows no unfilled orders."""


@pytest.fixture(scope="module")
def runs():
    scenario = baseline.calm(economies.shipped("jilin"))
    region = cs.run(scenario, replications=16).region
    return region[region["scope"] == "chain"]


@pytest.mark.slow
@pytest.mark.parametrize("indicator", [*HEADLINE, "investment", "loss_makers", "above_scale", "capacity_utilisation"])
def test_no_indicator_jumps_from_the_base_year_to_the_first(runs, indicator):
    values = runs.pivot(index="seed", columns="year", values=indicator)
    changes = values.diff(axis=1)
    years = list(values.columns)
    jump = changes[years[1]].mean() - changes[years[3:]].mean().mean()
    usual = changes[years[3:]].std(axis=1).mean()
    assert abs(jump) <= MOST.get(indicator, 2.0) * usual


@pytest.mark.slow
def test_the_base_year_has_loss_makers_on_both_sides_of_the_limit(runs):
    first = runs[runs["year"] == 2020]["loss_makers"].mean()
    last = runs[runs["year"] > 2030]["loss_makers"].mean()
    assert 0.5 * last < first < last
    assert np.isfinite(first)


@pytest.mark.parametrize(("expectation", "adjustment"), [(0.75, 0.6), (0.75, 1.0), (0.4, 0.5)])
def test_staff_and_orders_stray_as_far_as_they_would_after_long(expectation, adjustment):
    stages = economies.shipped("minimal").stages
    stages = SimpleNamespace(
        production=SimpleNamespace(expectation=expectation),
        labour=stages.labour.model_copy(update={"staff_adjustment": adjustment}),
    )
    orders = expected = staff = np.zeros(200_000)
    luck = np.random.default_rng(1)
    for _ in range(40):
        staff = staff + adjustment * (expected - staff)
        orders = orders + luck.normal(size=orders.size)
        gaps = (orders - expected).std(), (orders - staff).std()
        expected = expected + expectation * (orders - expected)
    assert missed(stages) == pytest.approx(gaps, rel=0.01)
