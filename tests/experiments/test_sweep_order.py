"""In which order a sweep does its runs: what a point's runs share is used while it is kept, and no point waits long."""

from types import SimpleNamespace

import economies
import numpy as np
import pytest

from chainsim.base_year import build
from chainsim.experiments.sweep import ROUND, supply_of, sweep
from chainsim.runs import base_years


def order(points, replications, summary=(), missing=None):
    """Runs in the order in which they go out, five at a time."""
    design = SimpleNamespace(points=points, replications=replications, summary=summary, changes=lambda point: {})
    missing = np.ones((points, replications), dtype=bool) if missing is None else missing
    supply = supply_of(design, missing, SimpleNamespace(size=2), 5)
    runs = []
    while chunk := supply.next():
        runs += chunk.runs
    return runs


def test_a_round_of_every_point_comes_before_the_next_round():
    runs = order(3, 2 * ROUND + 1)
    assert sorted(runs) == [(point, replication) for point in range(3) for replication in range(2 * ROUND + 1)]
    firsts = [(point, replication) for point, replication in runs if replication % ROUND == 0]
    assert firsts == [(point, ROUND * number) for number in range(3) for point in range(3)]
    assert [replication for point, replication in runs if point == 1] == list(range(2 * ROUND + 1))


def test_only_what_is_missing_goes_out():
    missing = np.zeros((4, 3), dtype=bool)
    missing[2, 1] = missing[0, 2] = True
    assert order(4, 3, missing=missing) == [(0, 2), (2, 1)]


def test_points_of_a_summary_are_whole():
    assert order(3, 7, summary=(0.5,)) == [(point, replication) for point in range(3) for replication in range(7)]


@pytest.mark.parametrize("replications", [3, ROUND])
def test_a_sweep_of_many_points_builds_each_base_year_once(tmp_path, monkeypatch, replications):
    built = []
    monkeypatch.setattr(base_years, "build", lambda *given: built.append(given) or build.build(*given))
    points = base_years.BaseYears(most=2)
    monkeypatch.setattr("chainsim.runs.simulation.BASE_YEARS", points)
    scenario = economies.shipped("minimal").replace({"years.end": 2021})
    rates = [0.05 + 0.01 * number for number in range(6)]
    design = {"scenario": scenario, "vary": {"stages.sourcing.review_rate": rates}, "replications": replications}
    assert sweep(design, tmp_path / "store").index.done == 6 * replications
    assert len(built) == 6
