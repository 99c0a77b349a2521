"""What base years share is kept by content: a parameter that matters is noticed, and one that does not costs nothing."""

import economies
import numpy as np
import pytest

from chainsim.base_year import build, calibration, kept
from chainsim.runs.base_years import built

SHARED = {"base_links", "all_sets"}
"""What is kept: links, and the candidates over whom the pull of local suppliers is averaged."""


@pytest.fixture
def made(monkeypatch):
    """Names of what is made anew, with nothing kept at first."""
    names, own = [], kept.Kept(most_bytes=10**8)

    def noted(make):
        def noting(*given):
            names.append(make.__name__)
            return make(*given)

        return noting

    makers = {name: noted(getattr(module, name)) for module, name in ((build, "base_links"), (calibration, "all_sets"))}
    monkeypatch.setattr(build, "base_links", makers["base_links"])
    monkeypatch.setattr(calibration, "all_sets", makers["all_sets"])
    for module in (build, calibration):
        monkeypatch.setattr(module, "KEPT", own)
    return names


def state(economy):
    """Numbers that a base year consists of."""
    links, fixed = economy.links, economy.calibration
    return [links.supplier, links.coefficient, economy.capital, economy.cash, fixed.home, fixed.quality_gain]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(state(one), state(other), strict=True))


MATTERS = {
    "stages.sourcing.quality_weight": (2.5, SHARED),
    "stages.sourcing.quality_tolerance": (0.6, {"base_links"}),  # in so small a region the same suppliers come out
    "stages.sourcing.park_weight": (0.0, {"base_links"}),
    "stages.sourcing.visibility": (0.1, SHARED),
    "stages.innovation.quality_sd": (0.2, SHARED),
    "population.slot_purchases": (5.0, SHARED),
    "population.supply_limit": (0.5, SHARED),
    "population.seed": (77, SHARED),
    "stages.sourcing.sample": (3, {"all_sets"}),
    "stages.sourcing.substitution": (2.0, set()),
    "stages.sourcing.capacity_weight": (1.0, set()),
    "stages.production.expectation": (0.5, set()),
    "stages.pricing.markup_ceiling": (2.0, set()),
}


@pytest.mark.parametrize("path", MATTERS)
def test_a_parameter_that_matters_is_noticed_and_the_base_year_is_that_of_a_fresh_process(made, path):
    value, anew = MATTERS[path]
    scenario = economies.shipped("minimal")
    changed = scenario.replace({path: value})
    built(scenario, 1)
    assert set(made) == SHARED
    made.clear()
    second = built(changed, 1)
    assert set(made) == anew
    build.KEPT.results.clear()
    assert same(second, built(changed, 1))


def test_a_base_year_writes_to_nothing_that_is_kept(made):
    scenario = economies.shipped("minimal")
    first = built(scenario, 1)
    first.links.supplier[:], first.links.coefficient[:] = -1, 0.0
    assert same(built(scenario, 1), built(economies.shipped("minimal"), 1))
    assert not same(first, built(scenario, 1))


def test_large_regions_keep_nothing(made, monkeypatch):
    scenario = economies.shipped("minimal")
    small = built(scenario, 1)
    build.KEPT.results.clear()
    monkeypatch.setattr(calibration, "MOST_SHOWN", 0)
    monkeypatch.setattr(build, "MOST_KEPT", 0)
    assert same(small, built(scenario, 1))
    assert not build.KEPT.results


def test_results_beyond_the_bytes_are_dropped_the_oldest_first():
    small = kept.Kept(most_bytes=8 * 250)
    for number in (100, 101, 102, 101):
        small.of(np.zeros, number)
    assert [size for _, size in small.results.values()] == [8 * 102, 8 * 101]
    assert small.of(np.zeros, 1000).size == 1000
    assert not small.results


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.zeros(2), np.zeros(3)),
        (np.zeros(2), np.zeros(2, dtype=np.int64)),
        (np.zeros((2, 1)), np.zeros(2)),
        (np.array([0.0]), np.array([-0.0])),
        ((1, 2), (1, (2,))),
        (("a", "b"), ("ab",)),
        (1, 1.0),
        (True, 1),
    ],
)
def test_content_of_another_kind_is_other_content(one, other):
    assert kept.fingerprint(one) != kept.fingerprint(other)


def test_what_has_no_content_is_refused():
    with pytest.raises(TypeError, match="the content of a dict cannot be told"):
        kept.fingerprint({})
