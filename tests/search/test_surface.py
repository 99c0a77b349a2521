"""The response surface: through zero, exact where the truth is such a surface, honest where it is not, closed outside."""

import json

import numpy as np
import pytest
from scipy.stats import qmc, t

from chainsim.search.surface import PENALTIES, OutsideBox, Setting, Surface, features, fitted, held_back, terms_of

GRANT = Setting("levers.grant.rate", "grant", "strength", 0.0, 0.5)
HEADS = Setting("levers.talent.heads", "talent", "strength", 0.0, 300.0, whole=True)
START = Setting("levers.grant.years", "grant", "start", 2021.0, 2026.0, whole=True)
SETTINGS = (GRANT, HEADS, START)
SEEDS, POINTS, OUTCOMES = 5, 48, ("employment", "net_cost")


@pytest.fixture(scope="module")
def positions():
    return qmc.Sobol(len(SETTINGS), rng=1).random(64)[:POINTS]


@pytest.fixture(scope="module")
def truth():
    return np.random.default_rng(0).normal(size=(SEEDS, len(terms_of(SETTINGS)), len(OUTCOMES)))


@pytest.fixture(scope="module")
def exact(positions, truth):
    return fitted(SETTINGS, OUTCOMES, positions, effects(positions, truth))


@pytest.fixture(scope="module")
def noisy(positions, truth):
    luck = np.random.default_rng(2).normal(size=(SEEDS, POINTS, len(OUTCOMES)))
    return fitted(SETTINGS, OUTCOMES, positions, effects(positions, truth) + luck)


def effects(positions, truth):
    return np.einsum("nq,sqk->snk", features(SETTINGS, terms_of(SETTINGS), positions), truth)


def test_every_term_has_a_strength_so_that_nothing_happens_where_all_levers_are_off(noisy):
    assert terms_of(SETTINGS) == ((0,), (1,), (0, 0), (0, 1), (1, 1), (0, 2), (0, 2, 2))
    assert np.all(noisy.mean(np.array([[0.0, 0.0, 0.7]])) == 0.0)
    assert np.all(noisy.predict(np.array([[0.0, 0.0, 0.7]])).luck == 0.0)


def test_a_surface_of_its_own_kind_is_followed_exactly(exact, truth):
    anywhere = np.random.default_rng(5).random((20, 3))
    assert exact.each(anywhere) == pytest.approx(effects(anywhere, truth), abs=5e-3)
    assert (exact.r2 > 0.99999).all()


def test_the_penalty_is_the_best_at_runs_that_are_left_out_one_by_one(noisy, positions, truth):
    luck = np.random.default_rng(2).normal(size=(SEEDS, POINTS, len(OUTCOMES)))
    mean, design = (effects(positions, truth) + luck).mean(axis=0), noisy.features(positions)
    squares = []
    for penalty in PENALTIES:
        off = np.empty((POINTS, len(OUTCOMES)))
        for run in range(POINTS):
            others = np.arange(POINTS) != run
            own = held_back(design[others], noisy.terms, penalty) @ design[others].T @ mean[others]
            off[run] = mean[run] - design[run] @ own
        squares.append((off**2).mean(axis=0))
    best = np.argmin(squares, axis=0)
    used = np.stack([held_back(design, noisy.terms, PENALTIES[number]) for number in best])
    assert noisy.grams[noisy.level] == pytest.approx(used)
    assert 1.0 - noisy.r2 == pytest.approx(np.min(squares, axis=0) / mean.var(axis=0), rel=1e-6)


def test_where_all_is_luck_terms_are_held_back_and_where_effects_are_plain_they_are_not(positions):
    rng, plain = np.random.default_rng(6), 5.0 * positions[:, :1] - 2.0 * positions[:, 1:2]
    both = np.stack([np.broadcast_to(plain, (SEEDS, POINTS, 1)), np.zeros((SEEDS, POINTS, 1))], axis=-1)[..., 0, :]
    found = fitted(SETTINGS, OUTCOMES, positions, both + rng.normal(size=(SEEDS, POINTS, 2)) * [0.02, 2.0])
    assert found.r2[0] > 0.999
    assert found.r2[1] > -0.1  # without a penalty it is far below what no surface at all would be
    assert np.abs(found.coefficients[..., 1]).max() < 1.0
    assert found.coefficients[:, :2, 0].mean(axis=0) == pytest.approx([5.0, -2.0], abs=0.1)


def test_luck_is_no_error_of_the_surface_but_what_it_cannot_follow_is(noisy, positions, truth):
    assert (noisy.error < 0.25).all()  # luck is 1, of five seeds .45
    bent = effects(positions, truth) + np.sin(9.0 * positions[:, :1])[None]
    assert (fitted(SETTINGS, OUTCOMES, positions, bent).error > 0.5).all()


def test_the_interval_of_luck_is_student_s_over_the_seeds(noisy):
    place = np.array([[0.5, 0.5, 0.5]])
    each = noisy.each(place)[:, 0]
    reach = t.ppf(0.95, SEEDS - 1) * each.std(axis=0, ddof=1) / np.sqrt(SEEDS)
    found = noisy.predict(place)
    assert found.mean[0] == pytest.approx(each.mean(axis=0))
    assert found.luck[0] == pytest.approx(reach)
    own, square = noisy.features(place)[0], noisy.error**2
    square = square + np.array([own @ noisy.grams[level] @ own for level in noisy.level]) * noisy.noise
    assert found.high[0] - found.mean[0] == pytest.approx(np.sqrt(reach**2 + 1.6448536**2 * square))
    assert noisy.predict(np.zeros((1, 3))).reach.tolist() == [[0.0, 0.0]]


def test_seeds_of_one_world_count_once(positions, truth):
    together = fitted(SETTINGS, OUTCOMES, positions, effects(positions, truth), worlds=[0, 0, 1, 1, 1])
    place = np.array([[0.5, 0.5, 0.5]])
    each = together.each(place)[:, 0]
    expected = np.array([each[:2].mean(axis=0), each[2:].mean(axis=0)])
    assert together.by_world(place)[:, 0] == pytest.approx(expected)
    assert together.predict(place).mean[0] == pytest.approx(expected.mean(axis=0))


def test_intervals_hold_what_fresh_seeds_show():
    """Fifty portfolios of a world with luck, whose surface was fitted to other seeds."""
    rng, settings = np.random.default_rng(3), (GRANT, HEADS)
    positions, mean = qmc.Sobol(2, rng=0).random(32), rng.normal(size=(5, 1)) * 4

    def seen(places, seeds):
        terms = features(settings, terms_of(settings), places)
        own = terms @ mean + np.sin(3.0 * places[:, :1]) * places[:, :1]  # which no quadratic follows
        return own + terms @ rng.normal(size=(seeds, 5, 1)) * 0.5 + rng.normal(size=(seeds, len(places), 1)) * 0.3

    inside = []
    for _ in range(20):
        surface = fitted(settings, ["employment"], positions, seen(positions, 16))
        places = rng.random((50, 2))
        truth = np.mean(seen(places, 4000), axis=0)
        found = surface.predict(places)
        inside.append(((found.low <= truth) & (truth <= found.high)).mean())
    assert 0.80 <= np.mean(inside) <= 0.97


def test_luck_of_single_runs_counts_once():
    """Twelve surfaces of three runs to two terms, of effects that are quadratic but for the luck of every run."""
    settings = tuple(Setting(f"levers.{name}.budget", name, "strength", 0.0, 1.0) for name in "abcdef")
    inside = []
    for number in range(12):
        rng = np.random.default_rng(number)
        terms = terms_of(settings)
        positions, places = rng.random((len(terms) * 3 // 2, 6)), rng.random((50, 6))
        positions[rng.random(positions.shape) < 0.2] = 0.0
        mean = rng.normal(size=(len(terms), 1))
        seen = features(settings, terms, positions) @ mean + rng.normal(size=(8, len(positions), 1))
        found = fitted(settings, ["employment"], positions, seen).predict(places)
        inside.append((np.abs(found.mean - features(settings, terms, places) @ mean) <= found.reach).mean())
    assert 0.85 <= np.mean(inside) <= 0.96  # counted twice: .99


def test_intervals_hold_at_the_first_part_of_a_lever_that_does_most_there():
    """What a lever does rises as a root, which no quadratic follows: weak portfolios are as far off as strong ones."""
    positions = qmc.Sobol(1, rng=0).random(32)
    rises = np.sqrt(positions)[None] * np.ones((SEEDS, 1, 1))
    surface = fitted((HEADS,), ["employment"], positions, rises)
    weak = np.linspace(0.1, 0.5, 9)[:, None]
    found = surface.predict(weak)
    assert (np.abs(found.mean - np.sqrt(weak)) <= found.reach).mean() > 0.85
    assert surface.predict(np.zeros((1, 1))).reach.tolist() == [[0.0]]


def test_what_was_not_tried_is_refused(exact):
    inside = {"levers.grant.rate": 0.5, "levers.grant.years.start": 2021}
    assert exact.positions(inside).tolist() == [[1.0, 0.0, 0.0]]
    with pytest.raises(OutsideBox, match=r"levers.grant.rate = 0.51 lies outside what was tried, 0 to 0.5"):
        exact.positions({**inside, "levers.grant.rate": 0.51})
    with pytest.raises(OutsideBox, match="nan"):
        exact.positions({**inside, "levers.grant.rate": float("nan")})
    with pytest.raises(ValueError, match=r"no setting 'rate'; there are levers.grant.rate"):
        exact.positions({**inside, "rate": 0.1})
    with pytest.raises(ValueError, match="start is not stated"):
        exact.positions({"levers.grant.rate": 0.5})


def test_plain_data_give_the_same_surface_to_the_last_bit(noisy):
    again = Surface.from_dict(json.loads(json.dumps(noisy.to_dict())))
    assert again.settings == noisy.settings
    assert again.outcomes == noisy.outcomes
    for name in ("coefficients", "grams", "level", "noise", "error", "r2", "worlds"):
        assert np.array_equal(getattr(again, name), getattr(noisy, name))
    with pytest.raises(ValueError, match="another version"):
        Surface.from_dict(noisy.to_dict() | {"terms": [[0]]})


def test_too_few_points_carry_no_surface(positions, truth):
    with pytest.raises(ValueError, match="7 points carry no surface of 7 terms"):
        fitted(SETTINGS, OUTCOMES, positions[:7], effects(positions[:7], truth))
