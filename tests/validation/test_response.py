"""The posterior of uncertain numbers: against a closed form, honest about itself, and unmoved by what tells nothing."""

import numpy as np
import pytest
from scipy.stats import kstest, qmc

from chainsim.validation.rejection import nearest_runs
from chainsim.validation.response import (
    Observed,
    Response,
    Sample,
    fitted,
    implausibility,
    log_likelihood,
    posterior,
    quadratic,
    terms,
)

RUNS, MOMENTS = 800, 6
LEVELS = np.array([0.05, 0.5, 0.95])
SLOPES = np.array(
    [[6.0, 0.0, 2.0, 1.0, 0.0, 0.5], [0.0, 5.0, 2.0, -1.0, 0.5, 0.0], [1.0, 1.0, 4.0, 0.0, 0.0, 0.0], [0.0] * MOMENTS]
)
"""Of three numbers that matter and a dummy, in standard deviations of luck."""


def linear_world(runs, seed):
    """Positions and moments of runs of a linear world with normal luck."""
    rng = np.random.default_rng(seed)
    positions = qmc.Sobol(len(SLOPES), rng=seed).random(1024)[:runs]
    return positions, positions @ SLOPES + rng.standard_normal((runs, MOMENTS)) @ root().T


def root():
    """Cholesky root of the covariance of luck."""
    return np.linalg.cholesky(0.3 * np.ones((MOMENTS, MOMENTS)) + 0.7 * np.eye(MOMENTS))


def exactly(values, variance=0.0):
    return Observed(np.asarray(values), np.full(MOMENTS, variance), np.zeros(MOMENTS))


@pytest.fixture(scope="module")
def bank():
    return linear_world(RUNS, seed=3)


@pytest.fixture(scope="module")
def response(bank) -> Response:
    return fitted(*bank)


def test_a_quadratic_has_its_terms_and_follows_a_quadratic_exactly():
    positions = np.random.default_rng(0).random((50, 3))
    assert quadratic(positions).shape == (50, terms(3)) == (50, 10)
    moments = (1.0 + positions[:, :1] * positions[:, 1:2] - 3.0 * positions[:, 2:] ** 2) * np.ones((1, 2))
    found = fitted(np.repeat(positions, 200, axis=0), np.repeat(moments, 200, axis=0))
    assert found.mean(positions) == pytest.approx(moments, abs=2e-2)


def test_the_posterior_of_a_conjugate_linear_world_is_the_closed_form():
    strong = 4.0 * SLOPES[:3]  # the ends of the ranges are far off, so that the posterior is normal
    rng = np.random.default_rng(5)
    positions = qmc.Sobol(3, rng=5).random(1024)[:RUNS]
    response = fitted(positions, positions @ strong + rng.standard_normal((RUNS, MOMENTS)) @ root().T)
    variance = 0.25
    closed = np.linalg.inv(strong @ np.linalg.inv(root() @ root().T + variance * np.eye(MOMENTS)) @ strong.T)
    found = posterior(log_likelihood(response, exactly(np.full(3, 0.5) @ strong, variance)), 3)
    mean = found.weights @ found.positions
    covariance = (found.weights[:, None] * (found.positions - mean)).T @ (found.positions - mean)
    sd, expected = np.sqrt(np.diag(covariance)), np.sqrt(np.diag(closed))
    assert (np.abs(mean - 0.5) < 0.25 * expected).all()  # the response is estimated as well
    assert sd == pytest.approx(expected, rel=0.15)
    assert covariance / np.outer(sd, sd) == pytest.approx(closed / np.outer(expected, expected), abs=0.1)
    assert found.effective > 500


def test_a_dummy_keeps_its_prior_in_likelihood_and_cross_check(bank, response):
    observed = exactly(np.full(len(SLOPES), 0.4) @ SLOPES)
    likelihood = posterior(log_likelihood(response, observed), len(SLOPES))
    nearest = nearest_runs(*bank, observed)
    for sample in (likelihood, nearest):
        low, _, high = sample.quantiles(LEVELS)[3]
        assert (high - low) / 0.9 >= 0.9
    first = likelihood.quantiles(LEVELS)[0]
    second = nearest.quantiles(LEVELS)[0]
    assert (first[2] - first[0]) / 0.9 < 0.6
    assert second[1] == pytest.approx(first[1], abs=0.1)


def test_two_hundred_worlds_held_out_are_covered_as_promised(response):
    positions, moments = linear_world(200, seed=11)
    samples = [posterior(log_likelihood(response, exactly(row)), len(SLOPES), number) for number, row in
               enumerate(moments)]  # fmt: skip
    bounds = np.array([sample.quantiles(LEVELS) for sample in samples])
    covered = ((bounds[:, :, 0] <= positions) & (positions <= bounds[:, :, 2])).mean(axis=0)
    assert ((covered >= 0.85) & (covered <= 0.95)).all(), covered
    ranks = np.array([sample.below(row) for sample, row in zip(samples, positions, strict=True)])
    assert min(kstest(column, "uniform").pvalue for column in ranks.T) > 0.05 / len(SLOPES)


def test_leaving_a_run_out_is_fitting_without_it(bank, response):
    positions, moments = bank
    left = response.without(17)
    again = fitted(np.delete(positions, 17, axis=0), np.delete(moments, 17, axis=0))
    assert left.coefficients == pytest.approx(again.coefficients, rel=1e-9, abs=1e-9)
    assert left.covariance == pytest.approx(again.covariance, rel=1e-3, abs=1e-4)


def test_a_bound_rules_out_one_side_only(response):
    bound = np.array([1.0, *np.zeros(MOMENTS - 1)])
    observed = Observed(np.full(MOMENTS, 3.0), np.array([0.0, *np.full(MOMENTS - 1, 1e9)]), bound)
    found = posterior(log_likelihood(response, observed), len(SLOPES))
    low, median, high = found.quantiles(LEVELS)[0]
    assert low < 0.1
    assert median < 0.4
    assert high < 0.8


def test_what_survives_is_where_the_expected_is_near_the_observed(response):
    positions = np.random.default_rng(1).random((2000, len(SLOPES)))
    found = implausibility(response, exactly(np.full(len(SLOPES), 0.5) @ SLOPES), positions)
    near = np.abs(positions[:, 0] - 0.5) < 0.1
    assert found[near].max(axis=1).mean() < found[~near].max(axis=1).mean()
    assert found.shape == (2000, MOMENTS)


def test_even_draws_have_the_weights_of_the_sample():
    sample = Sample(np.array([[0.1], [0.5], [0.9]]), np.array([0.25, 0.5, 0.25]))
    drawn = sample.even(400)
    assert [(drawn == value).mean() for value in (0.1, 0.5, 0.9)] == pytest.approx([0.25, 0.5, 0.25], abs=0.01)
