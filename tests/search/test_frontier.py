"""The frontier against those that are known in closed form: Zitzler, Deb and Thiele (2000), Deb and others (2005)."""

import numpy as np
import pytest

from chainsim.search import frontier
from chainsim.search.frontier import non_dominated, searched, spaced

SIZE = 6


def zdt1(x):
    g = 1.0 + 9.0 * x[:, 1:].mean(axis=1)
    return np.column_stack([x[:, 0], g * (1.0 - np.sqrt(x[:, 0] / g))])


def zdt2(x):
    g = 1.0 + 9.0 * x[:, 1:].mean(axis=1)
    return np.column_stack([x[:, 0], g * (1.0 - (x[:, 0] / g) ** 2)])


def dtlz2(x):
    """Three aims on the unit sphere where all other settings stand at .5."""
    g = ((x[:, 2:] - 0.5) ** 2).sum(axis=1)
    first, second = 0.5 * np.pi * x[:, 0], 0.5 * np.pi * x[:, 1]
    sides = [np.cos(first) * np.cos(second), np.cos(first) * np.sin(second), np.sin(first)]
    return (1.0 + g)[:, None] * np.column_stack(sides)


def of(problem, allowed=lambda aims: np.ones(len(aims), dtype=bool)):
    def evaluate(positions):
        aims = problem(positions)
        return aims, allowed(aims)

    return searched(evaluate, np.zeros(SIZE, dtype=bool))


def slowly(aims):
    """Rows that no other row dominates, by looking at all pairs."""
    return [
        not any((other <= row).all() and (other < row).any() for other in aims)
        and not any((other == row).all() for other in aims[:number])
        for number, row in enumerate(aims)
    ]


def test_what_no_other_beats_is_kept_once():
    rng = np.random.default_rng(0)
    for aims in (2, 3, 4):
        values = rng.integers(0, 6, (60, aims)).astype(float)
        assert non_dominated(values).tolist() == slowly(values)


@pytest.mark.parametrize(
    ("problem", "front"), [(zdt1, lambda f: 1.0 - np.sqrt(f)), (zdt2, lambda f: 1.0 - f**2)], ids=["ZDT1", "ZDT2"]
)
def test_two_aims_reach_the_frontier_all_along(problem, front):
    aims = of(problem).aims
    assert (aims[:, 1] - front(aims[:, 0])).max() < 0.03
    line = np.linspace(0.0, 1.0, 101)
    true = np.column_stack([line, front(line)])
    assert max(np.linalg.norm(aims - point, axis=1).min() for point in true) < 0.04


def test_three_aims_reach_the_sphere():
    aims = of(dtlz2).aims
    off = np.abs(np.linalg.norm(aims, axis=1) - 1.0)
    assert np.quantile(off, 0.95) < 0.02
    assert off.max() < 0.1
    angles = np.random.default_rng(1).random((300, 2)) * np.pi / 2
    first, second = angles.T
    true = np.column_stack([np.cos(first) * np.cos(second), np.cos(first) * np.sin(second), np.sin(first)])
    assert max(np.linalg.norm(aims - point, axis=1).min() for point in true) < 0.15


def test_nothing_beyond_the_budget_is_found_and_the_budget_is_used():
    found = of(zdt1, lambda aims: aims[:, 0] <= 0.3)
    assert 0.29 < found.aims[:, 0].max() <= 0.3
    with pytest.raises(ValueError, match="within the budget"):
        of(zdt1, lambda aims: aims[:, 0] < 0.0)


def test_levers_that_do_nothing_but_cost_are_off():
    def evaluate(positions):
        aims = np.column_stack([-positions[:, 0], positions.sum(axis=1)])
        return aims, np.ones(len(aims), dtype=bool)

    found = searched(evaluate, np.ones(SIZE, dtype=bool))
    assert (found.positions[:, 1:].sum(axis=1) < 0.01).all()


def test_the_same_search_finds_the_same():
    assert np.array_equal(of(zdt1).positions, of(zdt1).positions)


def test_few_of_many_are_spread_and_hold_the_best_of_every_aim():
    line = np.linspace(0.0, 1.0, 201)
    aims = np.column_stack([line, 1.0 - line])
    rows = spaced(aims, 5)
    assert aims[rows, 0] == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0], abs=0.01)
    assert spaced(aims[:3], 5).tolist() == [0, 1, 2]
    assert frontier.MOST_KEPT > 100
