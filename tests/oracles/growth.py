"""Tails of randomly growing and dying enterprises (Kesten 1973; Reed 2001; Gabaix 2009), and replicator dynamics."""

from collections.abc import Callable
from math import exp, log, sqrt


def bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """The zero of an increasing function between two bounds."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return (low + high) / 2


def tail_of_normal_growth(hazard: float, mean: float, sd: float) -> float:
    """The a > 0 with (1 - hazard) E[exp(a step)] = 1 for a normal step of log size."""
    return bisect(lambda a: log(1 - hazard) + a * mean + a * a * sd * sd / 2, 1e-9, 100)


def tail_of_laplace_growth(hazard: float, sd: float) -> float:
    """The same for a Laplace step shifted so that the mean of its exponential is 1.

    With scale b = sd / sqrt 2 the step is Laplace(b) + ln(1 - b^2), so E[exp(a step)] = (1 - b^2)^a / (1 - a^2 b^2).
    """
    b = sd / sqrt(2)
    log_moment = lambda a: a * log(1 - b * b) - log(1 - a * a * b * b)  # noqa: E731
    return bisect(lambda a: log(1 - hazard) + log_moment(a), 1e-9, 1 / b - 1e-12)


def replicator(shares: list[float], fitness: list[float], years: int) -> list[float]:
    """Shares after `years` in which each grows by its constant fitness: f_i E_i^t / sum (Fisher 1930)."""
    weights = [share * value**years for share, value in zip(shares, fitness, strict=True)]
    return [weight / sum(weights) for weight in weights]


def compensated_laplace_quantile(u: float, sd: float) -> float:
    """The step at probability u: inverse of the Laplace distribution plus its compensation."""
    b = sd / sqrt(2)
    quantile = b * log(2 * u) if u < 0.5 else -b * log(2 * (1 - u))
    return quantile + log(1 - b * b)


def mean_exponential(steps: list[float], power: float) -> float:
    """Mean of exp(power step)."""
    return sum(exp(power * step) for step in steps) / len(steps)
