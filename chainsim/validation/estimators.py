"""Estimators of the stylised facts of enterprises, as pure functions of arrays.

What the data cannot identify (too few values, no variation, an empty denominator) is NaN, never a guess.
"""

from __future__ import annotations

from math import lgamma, log

import numpy as np
from numpy.typing import ArrayLike

from chainsim.economy.types import Array, Index

Floats = Array

AGE_CLASSES: dict[str, tuple[int, float]] = {
    "1": (1, 1),
    "2": (2, 2),
    "3": (3, 3),
    "4-7": (4, 7),
    "8-15": (8, 15),
    "16+": (16, np.inf),
}
"""First and last year of life of the classes in which exit hazards are published."""

FEWEST = 10
"""Fewest values from which a shape or a slope over size classes is estimated."""
FEWEST_WAGES = 8
"""Fewest years from which the wage curve is estimated."""
LEAST_ADJUSTMENT = 0.1
"""Least part of its distance to the wage curve that pay must close in a year for the long run to be estimated."""


# --- sizes and their growth ---


def hill_tail(sizes: ArrayLike, top_share: float = 0.05) -> float:
    """Exponent of the Pareto tail, `k / sum_{i<=k} ln(x_(i) / x_(k+1))` (Hill 1975).

    sizes: (n,), any unit; what is not positive is left out. The tail is the largest `top_share` of the rest.
    NaN where it holds fewer than two values or they are all equal.
    """
    ordered = np.sort(_positive(sizes))[::-1]
    tail = round(top_share * ordered.size)
    if not 2 <= tail < ordered.size:
        return np.nan
    excess = float(np.log(ordered[:tail] / ordered[tail]).sum())
    return tail / excess if excess > 0 else np.nan


def customer_degree_tail(supplier_ids: ArrayLike, top_share: float = 0.10) -> float:
    """Exponent of the tail of customers per supplier, for counts (Clauset, Shalizi and Newman 2009).

    supplier_ids: (links,), one entry for every customer of a supplier. The tail starts at the smallest count among the
    largest `top_share` and is a zeta distribution, `P(x) ~ x^-(tail+1)`, fitted by maximum likelihood: Hill's
    estimator is biased on small integers, where ties are the rule. NaN with fewer than two suppliers in the tail or
    no variation among them.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import zeta

    _, customers = np.unique(np.asarray(supplier_ids), return_counts=True)
    ordered = np.sort(customers)[::-1]
    tail = round(top_share * ordered.size)
    if tail < 2:
        return np.nan
    start = ordered[tail - 1]
    counts = ordered[ordered >= start].astype(float)
    if counts[0] == start:
        return np.nan
    mean_log = float(np.log(counts).mean())
    fit = minimize_scalar(lambda exponent: log(zeta(exponent, start)) + exponent * mean_log, bounds=(1.01, 20))
    return float(fit.x) - 1


def subbotin_shape(growth_rates: ArrayLike) -> float:
    """Shape b of the Subbotin density `~ exp(-|x - m|^b / (b a^b))`: 1 is Laplace, 2 normal (Bottazzi and Secchi 2006).

    growth_rates: (n,), log. Maximum likelihood in b between .1 and 20, scale a concentrated out, location m the
    median, because the likelihood in m has a spike at every value where b < 1.
    NaN with fewer than `FEWEST` values or without spread.
    """
    from scipy.optimize import minimize_scalar

    rates = _finite(growth_rates)
    distance = np.abs(rates - np.median(rates)) if rates.size else rates
    if rates.size < FEWEST or distance.max() == 0:
        return np.nan
    distance = distance / distance.max()

    def cost(log_shape: float) -> float:
        shape = np.exp(log_shape)
        return (log(np.mean(distance**shape)) + log(shape) + 1) / shape + lgamma(1 + 1 / shape)

    return float(np.exp(minimize_scalar(cost, bounds=(log(0.1), log(20))).x))


def excess_kurtosis(values: ArrayLike) -> float:
    """Fourth central moment over the squared variance, less 3: 0 for a normal, 3 for a Laplace distribution.

    values: (n,), any unit. NaN without spread.
    """
    deviation = _centred(_finite(values))
    variance = float(np.mean(deviation**2)) if deviation.size else 0.0
    return float(np.mean(deviation**4)) / variance**2 - 3 if variance > 0 else np.nan


def volatility_size_slope(size: ArrayLike, growth: ArrayLike, classes: int = 10) -> float:
    """Elasticity of the standard deviation of growth to size (Stanley et al. 1996).

    size: (n,), any unit; what is not positive is left out. growth: (n,), log. Least squares over at most `classes`
    classes of equal number, with at least `FEWEST` values each, of log standard deviation on mean log size. NaN with
    fewer than two classes.
    """
    sizes, rates = _pairs(size, growth)
    log_size, rates = np.log(sizes[sizes > 0]), rates[sizes > 0]
    number = min(classes, rates.size // FEWEST)
    if number < 2:
        return np.nan
    members = np.array_split(np.argsort(log_size, kind="stable"), number)
    spread = np.array([rates[rows].std(ddof=1) for rows in members])
    level = np.array([log_size[rows].mean() for rows in members])
    return _slope(level[spread > 0], np.log(spread[spread > 0]))


# --- dispersion and persistence ---


def percentile_ratio(
    values: ArrayLike, weights: ArrayLike | None = None, upper: float = 90, lower: float = 10
) -> float:
    """Upper over lower percentile, each the smallest value that reaches its share of the weight (Syverson 2004).

    values: (n,), any unit, positive at the percentiles. weights: (n,), not negative, equal where not stated.
    NaN without values, without weight or with a lower percentile that is not positive.
    """
    numbers = np.asarray(values, float)
    mass = np.ones_like(numbers) if weights is None else np.asarray(weights, float)
    if mass.sum() <= 0:
        return np.nan
    low, high = np.percentile(numbers, [lower, upper], weights=mass, method="inverted_cdf")
    return float(high / low) if low > 0 else np.nan


def ar1(previous: ArrayLike, current: ArrayLike) -> float:
    """Yearly persistence: least-squares slope, with a constant, of a value on last year's (Foster et al. 2008).

    previous, current: (n,), same enterprises, same unit. NaN with fewer than two pairs or without spread.
    """
    return _slope(*_pairs(previous, current))


def wage_curve(log_wage: ArrayLike, log_unemployment: ArrayLike) -> float:
    """Elasticity of pay to unemployment in the long run (Blanchflower and Oswald 1994; Nijkamp and Poot 2005).

    log_wage, log_unemployment: (years,). Least squares of pay on last year's pay, unemployment, a constant and a trend;
    the coefficient of unemployment over what last year's pay leaves. First differences would read a fraction of it,
    because pay closes only part of its distance to the curve in a year. NaN with fewer years than `FEWEST_WAGES`,
    without variation, or where pay keeps nearly all of last year's.
    """
    wage, unemployment = np.asarray(log_wage, float), np.asarray(log_unemployment, float)
    if wage.size < FEWEST_WAGES or not (np.isfinite(wage) & np.isfinite(unemployment)).all():
        return np.nan
    year = np.arange(wage.size - 1.0)
    known = np.stack((wage[:-1], unemployment[1:], np.ones(year.size), year), axis=1)
    slopes, _, rank, _ = np.linalg.lstsq(known, wage[1:], rcond=None)
    if np.ptp(unemployment[1:]) == 0 or rank < known.shape[1] or 1 - slopes[0] < LEAST_ADJUSTMENT:
        return np.nan
    return float(slopes[1] / (1 - slopes[0]))


# --- births, deaths, ages ---


def entry_rate(entered: float, stock: float) -> float:
    """Enterprises founded in a year over the stock at its start (Dunne, Roberts and Samuelson 1988); NaN if empty."""
    return entered / stock if stock > 0 else np.nan


def exit_rate(closed: float, stock: float) -> float:
    """Enterprises closed in a year over the stock at its start (Dunne, Roberts and Samuelson 1988); NaN if empty."""
    return closed / stock if stock > 0 else np.nan


def hazard_by_age(age: ArrayLike, exited: ArrayLike) -> dict[str, float]:
    """Share of enterprises that close in their year of life, by `AGE_CLASSES` (Kaplan and Meier 1958).

    age: (enterprise-years,), year of life at risk, 1 for the first. exited: (enterprise-years,), true if it closed in
    that year. Enterprises in year 0 of their life are not at risk and left out. NaN for a class that nobody is in.
    """
    years, closed = np.asarray(age), np.asarray(exited, bool)
    hazards = {}
    for label, (first, last) in AGE_CLASSES.items():
        at_risk = (years >= first) & (years <= last)
        hazards[label] = exit_rate(float(closed[at_risk].sum()), float(at_risk.sum()))
    return hazards


def survival(age: ArrayLike, exited: ArrayLike) -> Floats:
    """Share of enterprises in business after each year of life, from the first on (Kaplan and Meier 1958).

    age, exited: (enterprise-years,), as in `hazard_by_age`; who is first seen later in life counts from then on.
    (years,), up to the last year of life before the first that nobody is seen in.
    """
    years, closed = np.asarray(age, np.int64), np.asarray(exited, bool)
    last = int(years.max(initial=0))
    at_risk = np.bincount(years[years > 0], minlength=last + 1)[1:]
    gone = np.bincount(years[closed & (years > 0)], minlength=last + 1)[1:]
    known = int(np.argmax(at_risk == 0)) if (at_risk == 0).any() else at_risk.size
    left: Floats = 1.0 - gone[:known] / at_risk[:known]
    return np.cumprod(left, dtype=np.float64)


def median_life(alive: ArrayLike) -> float:
    """Years after which half is in business, between whole years by the line; NaN where more than half still is.

    alive: (years,), from `survival`.
    """
    left = np.concatenate(([1.0], np.asarray(alive, float)))
    if not (left <= 0.5).any():
        return np.nan
    year = int(np.argmax(left <= 0.5))
    return float(year - (0.5 - left[year]) / (left[year - 1] - left[year]))


def age_shares(age: ArrayLike) -> Floats:
    """Shares of enterprises aged under 5, 5 to 10 and over 10 years (State Administration for Industry 2013).

    age: (n,), completed years, 0 in the year of foundation. (3,), summing to 1; NaN without enterprises.
    """
    years = np.asarray(age, float)
    if years.size == 0:
        return np.full(3, np.nan)
    return np.array([np.mean(years < 5), np.mean((years >= 5) & (years <= 10)), np.mean(years > 10)])


def implied_age_shares(hazards: dict[str, float], growth: float) -> Floats:
    """Age shares of a stable population: those alive at age a are `prod(1 - hazard) (1 + growth)^-a` (Lotka 1939).

    hazards: by `AGE_CLASSES`, 1/y. growth: of the number of enterprises, 1/y. (3,), as in `age_shares`; NaN where a
    hazard is, or where the stock has no stable profile because it shrinks faster than its oldest members close.
    """
    hazard = np.array([hazards[_age_class(year)] for year in range(1, 17)])
    kept = (1 - hazard) / (1 + growth)
    if not kept[-1] < 1:
        return np.full(3, np.nan)
    alive = np.cumprod([1.0, *kept])
    beyond = alive[-1] * kept[-1] / (1 - kept[-1])
    number = np.array([alive[:5].sum(), alive[5:11].sum(), alive[11:].sum() + beyond])
    return number / number.sum()


# --- investment and links ---


def investment_spikes(investment: ArrayLike, capital: ArrayLike, threshold: float = 0.2) -> float:
    """Share of enterprise-years that invest more than `threshold` of their capital (Cooper and Haltiwanger 2006).

    investment: (n,), flow of the year; capital: (n,), stock at its start, same unit; rows without capital are left
    out. NaN without rows.
    """
    flow, stock = np.asarray(investment, float), np.asarray(capital, float)
    rows = stock > 0
    return float(np.mean(flow[rows] / stock[rows] > threshold)) if rows.any() else np.nan


def link_survival(before: ArrayLike, after: ArrayLike) -> float:
    """Share of last year's supply links that are still there (Mizuno, Souma and Watanabe 2014).

    before, after: (links, keys), one row for every link, its keys e.g. buyer, input and supplier; repeated rows count
    once. NaN without links in the first year.
    """
    earlier, later = np.asarray(before, np.int64), np.asarray(after, np.int64)
    if earlier.shape[0] == 0:
        return np.nan
    code = _row_code(np.concatenate([earlier, later]))
    first, second = np.unique(code[: earlier.shape[0]]), code[earlier.shape[0] :]
    return float(np.isin(first, second).mean())


# --- shared steps ---


def _finite(values: ArrayLike) -> Floats:
    numbers = np.asarray(values, float)
    return numbers[np.isfinite(numbers)]


def _positive(values: ArrayLike) -> Floats:
    numbers = _finite(values)
    return numbers[numbers > 0]


def _row_code(rows: Index) -> Index:
    """A number for every row, the same for equal rows, (n,)."""
    code = np.zeros(rows.shape[0], np.int64)
    for column in rows.T:
        _, place = np.unique(column, return_inverse=True)
        _, code = np.unique(code * (place.max() + 1) + place, return_inverse=True)
    return code


def _pairs(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats]:
    left, right = np.asarray(first, float), np.asarray(second, float)
    rows = np.isfinite(left) & np.isfinite(right)
    return left[rows], right[rows]


def _centred(values: Floats) -> Floats:
    return values - values.mean() if values.size else values


def _slope(x: Floats, y: Floats) -> float:
    deviation = _centred(x)
    spread = float(np.sum(deviation**2)) if x.size > 1 else 0.0
    return float(np.sum(deviation * y)) / spread if spread > 0 else np.nan


def _age_class(year: int) -> str:
    return next(label for label, (first, last) in AGE_CLASSES.items() if first <= year <= last)
