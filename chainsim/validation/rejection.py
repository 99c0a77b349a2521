"""A second opinion on what observed figures say of uncertain numbers: the runs that came nearest, without a likelihood.

Every number is predicted from the moments by regression; the predictions are the summaries (Fearnhead and Prangle
2012). The fifth of the runs whose summaries are nearest to those of the observation stand for the posterior, after
what is left of their distance was taken off by a local regression (Beaumont, Zhang and Balding 2002). Observed figures
have errors, so the moments of the runs get the same.
"""

from __future__ import annotations

import numpy as np

from chainsim.economy import draws
from chainsim.economy.types import Array
from chainsim.validation.response import Observed, Sample, ridge_gram

NEAREST, FEWEST = 0.2, 150
PENALTY, LOCAL_PENALTY = 5.0, 1e-2
EDGE = 1e-3


def nearest_runs(positions: Array, moments: Array, observed: Observed, seed: int = 0) -> Sample:
    """The posterior by the nearest of the runs with positions (n, d) and moments (n, k) in units of their spread."""
    exact = observed.bound == 0
    noisy = moments[:, exact] + errors(observed.variance[exact], len(moments), seed)
    logits = logit(np.clip(positions, EDGE, 1.0 - EDGE))
    design = squares(noisy)
    predicts = ridge_gram(design, PENALTY) @ design.T @ logits
    summaries, target = design @ predicts, squares(observed.values[None, exact]) @ predicts
    apart = (summaries - target) / np.maximum(summaries.std(axis=0), 1e-12)
    distance = (apart**2).sum(axis=1)
    chosen = np.argsort(distance, kind="stable")[: max(int(NEAREST * len(distance)), min(FEWEST, len(distance)))]
    weights = np.maximum(1.0 - distance[chosen] / distance[chosen].max(), 1e-9)
    weights /= weights.sum()
    return Sample(adjusted(logits[chosen], apart[chosen], weights), weights)


def adjusted(logits: Array, apart: Array, weights: Array) -> Array:
    """Positions (m, d) as they would be at no distance, after a regression of the logits on the distances (m, s)."""
    design = np.column_stack([np.ones(len(apart)), apart])
    weighted = design * weights[:, None]
    penalty = LOCAL_PENALTY * np.eye(design.shape[1])
    penalty[0, 0] = 0.0
    slopes = np.linalg.solve(weighted.T @ design + penalty, weighted.T @ logits)
    return np.asarray(1.0 / (1.0 + np.exp(-(logits - apart @ slopes[1:]))))


def errors(variance: Array, runs: int, seed: int) -> Array:
    """The same draws of errors of observation for every call, (runs, k), of variances (k,)."""
    from scipy.special import ndtri

    numbers = np.arange(runs * variance.size, dtype=np.uint64)
    uniform = draws.uniform_for(draws.draw_key(seed, "validation.errors", 0), numbers)
    return np.asarray(ndtri(np.clip(uniform, 1e-12, 1.0 - 1e-12)).reshape(runs, -1) * np.sqrt(variance))


def squares(moments: Array) -> Array:
    """Constant, moments and their squares, (n, 1 + 2 k)."""
    return np.column_stack([np.ones(len(moments)), moments, moments**2])


def logit(positions: Array) -> Array:
    """The log of the odds."""
    return np.log(positions / (1.0 - positions))
