"""What figures that were observed say of uncertain numbers: likelihood by the response of the moments, and posterior.

A bank of runs has the positions u of its numbers in their ranges, (n, d) from 0 to 1, and its moments y, (n, k). Every
run has luck of its own, so that the residuals of a quadratic response hold luck, and what a quadratic cannot follow:

    y = B q(u) + S(u) e,   q(u) = 1, v, v v' with v = 2u - 1,   cov e = C,   log S(u)^2 linear in v

What was observed has errors of variance D besides. The likelihood has the tails of Student's t, for moments are not
quite normal; the prior is even over the ranges. The posterior is sampled by importance, with proposals that are
fitted to the weighted sample, at first of a flattened likelihood.

Sources: Wood (2010) for the likelihood of moments, Oh and Berger (1992) for the sampling, Craig, Goldstein, Seheult
and Smith (1997) for implausibility.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from chainsim.economy.types import Array

TAILS = 8.0
"""Degrees of freedom of the likelihood; normal tails trust a moment too much that is far off."""
RIDGE, RIDGE_SPREAD = 1.0, 20.0
LEAST_SPREAD, MOST_SPREAD = 0.3, 3.0
POWER, MOST_ROUNDS = 12, 8
"""Power of two of draws in a round of the sampling, and most rounds."""
PROPOSAL_TAILS, WIDER = 5.0, 1.3
EDGE = 1e-9


def quadratic(positions: Array) -> Array:
    """Constant, linear, square and product terms of positions (n, d), (n, (d + 1)(d + 2) / 2)."""
    v = 2.0 * np.atleast_2d(positions) - 1.0
    first, second = np.triu_indices(v.shape[1])
    return np.column_stack([np.ones(len(v)), v, v[:, first] * v[:, second]])


def terms(dimensions: int) -> int:
    """Number of terms of a quadratic response."""
    return (dimensions + 1) * (dimensions + 2) // 2


def ridge_gram(design: Array, penalty: float, free: int = 1) -> Array:
    """Inverse of the moment matrix of a design (n, q) with a penalty on all terms but the first `free`, (q, q)."""
    penalties = np.where(np.arange(design.shape[1]) < free, 0.0, penalty)
    return np.asarray(np.linalg.inv(design.T @ design + np.diag(penalties)))


@dataclass(frozen=True)
class Response:
    """The response of k moments to d numbers, from a bank of n runs.

    coefficients (q, k); gram, inverse of the moment matrix (q, q); design (n, q); residuals (n, k); freedom, runs less
    terms; covariance of luck (k, k); spread, log variance of the residuals over the mean one (1 + d, k).
    """

    coefficients: Array
    gram: Array
    design: Array
    residuals: Array
    freedom: float
    covariance: Array
    spread: Array

    def mean(self, positions: Array) -> Array:
        """Expected moments, (m, k)."""
        return np.asarray(quadratic(positions) @ self.coefficients)

    def scale(self, positions: Array) -> Array:
        """Standard deviation of a run's luck, and of what is not known of the response, over the mean one, (m, k)."""
        design = quadratic(positions)
        linear = design[:, : len(self.spread)] @ self.spread
        unknown = 1.0 + np.einsum("ij,jk,ik->i", design, self.gram, design)
        return np.clip(np.exp(0.5 * linear), LEAST_SPREAD, MOST_SPREAD) * np.sqrt(unknown)[:, None]

    def without(self, run: int) -> Response:
        """The response as if one run had not been made: its coefficients and covariance."""
        row, residual = self.design[run], self.residuals[run]
        kept = 1.0 - row @ self.gram @ row
        crossed = self.covariance * self.freedom - np.outer(residual, residual) / kept
        coefficients = self.coefficients - np.outer(self.gram @ row, residual) / kept
        freedom = self.freedom - 1.0
        return replace(self, coefficients=coefficients, freedom=freedom, covariance=crossed / freedom)


def fitted(positions: Array, moments: Array) -> Response:
    """The response of moments (n, k) to positions (n, d)."""
    design = quadratic(positions)
    gram = ridge_gram(design, RIDGE)
    coefficients = gram @ design.T @ moments
    residuals = moments - design @ coefficients
    freedom = len(design) - float(np.einsum("ij,jk,ik->", design, gram, design))
    covariance = residuals.T @ residuals / freedom
    linear = design[:, : positions.shape[1] + 1]
    floor = 1e-6 * np.maximum(np.diag(covariance), 1e-300)
    spread = ridge_gram(linear, RIDGE_SPREAD) @ linear.T @ np.log(residuals**2 + floor)
    spread[0] -= (linear @ spread).mean(axis=0)
    return Response(coefficients, gram, design, residuals, freedom, covariance, spread)


def chance_of_none(positions: Array, moments: Array) -> Array:
    """By number, (d,): the chance that one which moves none of the moments (n, k) would seem to in a bank so small.

    The F test of all terms of the number against the quadratic response without them, of the moment that it seems to
    move most; times the moments, for the most of many is large by chance (Bonferroni).
    """
    from scipy.special import fdtrc

    design, numbers = quadratic(positions), positions.shape[1]
    first, second = np.triu_indices(numbers)
    freedom = len(design) - design.shape[1]
    whole = squares_left(design, moments)
    found = []
    for number in range(numbers):
        own = np.concatenate([[False], np.arange(numbers) == number, (first == number) | (second == number)])
        gained = np.maximum(squares_left(design[:, ~own], moments) - whole, 0.0)
        ratio = gained / own.sum() / np.maximum(whole / freedom, 1e-300)
        found.append(min(float(fdtrc(own.sum(), freedom, ratio).min()) * moments.shape[1], 1.0))
    return np.array(found)


def squares_left(design: Array, moments: Array) -> Array:
    """Sum of the squared residuals of moments (n, k) by a design (n, q), (k,)."""
    return np.asarray(((moments - design @ np.linalg.lstsq(design, moments, rcond=None)[0]) ** 2).sum(axis=0))


class Observed(NamedTuple):
    """Figures (k,), variance of their errors (k,), and the bound of those that are only a bound: -1 or 1, else 0."""

    values: Array
    variance: Array
    bound: Array


def log_likelihood(response: Response, observed: Observed) -> Callable[[Array], Array]:
    """The log likelihood of positions (m, d), (m,), up to a constant."""
    exact, bounded = np.flatnonzero(observed.bound == 0), np.flatnonzero(observed.bound)
    error, luck = observed.variance, np.diag(response.covariance)
    total = response.covariance[np.ix_(exact, exact)] + np.diag(error[exact])
    total += 1e-9 * np.diag(np.diag(total))
    precision = np.linalg.inv(total)

    def value(positions: Array) -> Array:
        mean, scale = response.mean(positions), response.scale(positions)
        spread = np.sqrt((luck * scale**2 + error) / np.maximum(luck + error, 1e-300))
        off = ((observed.values - mean) / spread)[:, exact]
        square = np.einsum("ij,jk,ik->i", off, precision, off)
        found = -np.log(spread[:, exact]).sum(axis=1) - 0.5 * (TAILS + exact.size) * np.log1p(square / TAILS)
        if bounded.size:
            from scipy.special import log_ndtr

            apart = observed.bound * (observed.values - mean) / np.sqrt(luck * scale**2 + error)
            found = found + log_ndtr(apart[:, bounded]).sum(axis=1)
        return np.asarray(found)

    return value


def implausibility(response: Response, observed: Observed, positions: Array) -> Array:
    """Distance between expected and observed in standard deviations, (m, k); a point is as far off as its furthest."""
    scale = np.sqrt(np.diag(response.covariance) * response.scale(positions) ** 2 + observed.variance)
    apart = (response.mean(positions) - observed.values) / scale
    return np.where(observed.bound == 0, np.abs(apart), np.maximum(observed.bound * apart, 0.0))


class Sample(NamedTuple):
    """Positions (m, d) with weights (m,) that sum to 1."""

    positions: Array
    weights: Array

    @property
    def effective(self) -> float:
        """Number of even draws that the sample is worth."""
        return float(1.0 / (self.weights**2).sum())

    def quantiles(self, levels: Array) -> Array:
        """Quantiles of every number, (d, levels)."""
        return np.array([weighted_quantile(column, self.weights, levels) for column in self.positions.T])

    def below(self, positions: Array) -> Array:
        """Share of the sample below a position (d,), by number."""
        return np.asarray(self.weights @ (self.positions < positions))

    def even(self, number: int) -> Array:
        """Draws of equal weight, (number, d), by systematic resampling in the order of the first number."""
        order = np.argsort(self.positions[:, 0], kind="stable")
        steps = (np.arange(number) + 0.5) / number
        rows = np.searchsorted(np.cumsum(self.weights[order]), steps)
        return self.positions[order[np.minimum(rows, len(order) - 1)]]


def weighted_quantile(values: Array, weights: Array, levels: Array) -> Array:
    """Quantiles of values (m,) with weights (m,) that sum to 1."""
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(weights[order]) - 0.5 * weights[order]
    return np.interp(levels, middle, values[order])


def posterior(likelihood: Callable[[Array], Array], dimensions: int, seed: int = 0) -> Sample:
    """Positions by their probability after the observation, the prior being even."""
    from scipy.stats import qmc

    positions = np.clip(qmc.Sobol(dimensions, rng=seed).random_base2(POWER), EDGE, 1.0 - EDGE)
    logs = likelihood(positions)
    for turn in range(1, MOST_ROUNDS + 1):
        weights, flattened = flattened_weights(logs, 20.0 * dimensions)
        evenly = np.clip(qmc.Sobol(dimensions + 1, rng=seed + turn).random_base2(POWER), EDGE, 1.0 - EDGE)
        positions, proposed = proposal(Sample(positions, weights), evenly)
        prior = np.log(positions * (1.0 - positions)).sum(axis=1)  # even on the range, seen on the logit scale
        logs = likelihood(positions) + prior - proposed
        if not flattened:
            break
    weights = np.exp(logs - logs.max())
    return Sample(positions, weights / weights.sum())


def flattened_weights(logs: Array, least: float) -> tuple[Array, bool]:
    """Weights of a sample, flattened until it is worth the `least` number of draws; and whether they had to be."""
    power = 1.0
    while True:
        weights = np.exp(power * (logs - logs.max()))
        weights /= weights.sum()
        if 1.0 / (weights**2).sum() >= least or power < 1e-6:
            return weights, power < 1.0
        power *= 0.7


def proposal(sample: Sample, evenly: Array) -> tuple[Array, Array]:
    """Draws of a t distribution that fits the sample on the logit scale, (m, d), and their log densities there, (m,).

    They are made of `evenly` spread numbers from 0 to 1, (m, d + 1).
    """
    from scipy.special import gammaincinv, ndtri

    logits = np.log(sample.positions / (1.0 - sample.positions))
    size = logits.shape[1]
    centre = sample.weights @ logits
    covariance = (sample.weights[:, None] * (logits - centre)).T @ (logits - centre)
    root = np.linalg.cholesky(WIDER * covariance + 1e-6 * np.eye(size))
    chi_square = 2.0 * gammaincinv(0.5 * PROPOSAL_TAILS, evenly[:, 0])
    apart = ndtri(evenly[:, 1:]) * np.sqrt(PROPOSAL_TAILS / chi_square)[:, None]
    positions = 1.0 / (1.0 + np.exp(-(centre + apart @ root.T)))
    density = -0.5 * (PROPOSAL_TAILS + size) * np.log1p((apart**2).sum(axis=1) / PROPOSAL_TAILS)
    return np.clip(positions, EDGE, 1.0 - EDGE), density
