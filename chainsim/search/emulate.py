"""Fit an emulator of a policy's levers to paired runs, and hold it against pairs that it was not fitted to.

Every point has two pairs of runs with seeds of their own: their difference is luck, and what is left of the error at
points left out of the fit is what the polynomial cannot follow (with worlds: that, and the numbers of the world).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from chainsim.economy.types import Array, Index
from chainsim.runs.ensemble import RunFailed, resumable
from chainsim.runs.progress import duration
from chainsim.runs.unfinished import forget
from chainsim.runs.worker import Failure
from chainsim.search.emulator import Emulator, doubts, rounded
from chainsim.search.emulator_about import about
from chainsim.search.emulator_runs import MOST_PAIRS, EffectPairs, Series, paths, points_of, series_of
from chainsim.search.portfolios import Search
from chainsim.search.search_file import search_of
from chainsim.search.surface import PENALTIES, Surface, features, held_back, left_out, terms_of

PAIRS = 2
"""Pairs of a point."""
NEGLIGIBLE = 1e-3
"""Part of the variance of an effect over the box that need not be explained any better."""
ADD_UP = {
    **dict.fromkeys(("outlay", "tax_return", "net_cost", "net_cost_region", "fiscal_outlay", "tax_revenue"), "money"),
    **dict.fromkeys(("employment", "job_years", "job_years_chain", "jobs"), "jobs"),
}
"""Indicators that are sums of one another: with one penalty for all of them, effects add up as accounts do."""
POINTS_PER_TERM = 2.0
"""Points for every term where their number is not stated."""
VERIFY = 50
"""Fresh points where their number is not stated."""


def emulate(
    source: Search | Mapping[str, Any] | str | Path,
    file: str | Path | None = None,
    points: int | None = None,
    verify: int = VERIFY,
    jobs: int = 1,
    progress: bool = False,
) -> Emulator:
    """An emulator of the levers of a search file, or of a mapping with the same keys.

    Of the file it takes baseline, policy, ranges of levers, and worlds; aims, budget and numbers of runs are those of a
    search. `points` portfolios are fitted to, two a term where not stated, and `verify` others check it, two pairs
    each. Given the `file` to write, pairs are kept beside it while they are made, and the same call goes on. More than
    one job needs a script to keep its calls under `if __name__ == "__main__":`.

    Raises:
        ScenarioError: the search file is wrong.
        OutputError: the file cannot be written.
        RunFailed: a run failed.
        ValueError: there are too few points, or too few worlds have an economy.
    """
    search = search_of(source)
    fitted = default_points(search) if points is None else points
    check(search, fitted, verify, jobs)
    made = EffectPairs(search, tuple(map(tuple, points_of(search, fitted, verify).tolist())), fitted)
    numbers = [MOST_PAIRS * point + pair for point in range(fitted + verify) for pair in range(PAIRS)]
    place = None if file is None else Path(file)
    has_worlds = search.worlds is not None
    found = resumable(made, numbers, jobs, f"emulator of {search.name}", progress, place, past_failures=has_worlds)
    failed = [outcome for outcome in found.values() if isinstance(outcome, Failure)]
    if failed and not has_worlds:
        raise RunFailed(search.policy.name, failed[0])
    whole = {number: outcome for number, outcome in found.items() if not isinstance(outcome, Failure)}
    emulator = fit(made, whole)
    if place is not None:
        emulator.save(place)
        forget(place)
    return emulator


def default_points(search: Search) -> int:
    """Points that are fitted to where their number is not stated."""
    return int(np.ceil(POINTS_PER_TERM * len(terms_of(search.settings)))) + 2


def cost_lines(search: Search, points: int | None, verify: int, jobs: int) -> list[str]:
    """What an emulator costs, by the second of two pairs of one portfolio, in lines; `jobs` pairs at once."""
    fitted = default_points(search) if points is None else points
    check(search, fitted, verify, jobs)
    middle = search.stated if search.stated is not None else np.full(len(search.settings), 0.5)
    work, took = EffectPairs(search, (tuple(middle.tolist()),), 1), 0.0
    for pair in range(2):
        began = time.perf_counter()
        deque(work(pair), maxlen=0)
        took = time.perf_counter() - began
    pairs = PAIRS * (fitted + verify)
    return [
        f"pairs   {pairs:,} = {PAIRS} of {fitted} portfolios that are fitted to, and of {verify} that check",
        f"terms   {len(terms_of(search.settings))} of {len(search.settings)} settings",
        f"time    {duration(pairs * took / jobs)} at {jobs} pairs at once, {took:.3g} s a pair",
    ]


def check(search: Search, points: int, verify: int, jobs: int) -> None:
    """*Raises* ValueError for numbers of runs that make no emulator."""
    least = len(terms_of(search.settings)) + 2
    if points < least:
        raise ValueError(f"points is {points}; {len(search.settings)} settings need {least} or more")
    if verify < 2:
        raise ValueError(f"verify is {verify}; it must be 2 or more")
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}; it must be 1 or more")


def fit(made: EffectPairs, outcomes: Mapping[int, Any]) -> Emulator:
    """The emulator of pairs, checked. *Raises* ValueError where too few points have an economy."""
    search, series = made.search, made.series
    rows = range(len(made.points))
    levels, effects = paths(outcomes, rows, PAIRS)
    kept = np.asarray(~np.isnan(effects).any(axis=(1, 2)))
    training = np.flatnonzero(kept[: made.fitted])
    if len(training) <= len(terms_of(search.settings)) + 1:
        raise ValueError(f"{len(training)} of {made.fitted} points have an economy; too few for a surface")
    positions = np.array(made.points)
    parts = fitted_parts(search, positions[training], effects[training])
    surface = Surface(
        search.settings,
        tuple(f"{each.name}@{year}" for each in series for year in range(each.years)),
        rounded(parts.coefficients)[None],
        np.zeros(1, dtype=np.int64),
        rounded(parts.grams),
        parts.level,
        rounded(parts.noise),
        rounded(parts.misfit),
        rounded([explained(*each) for each in np.column_stack([parts.left_out, parts.by_luck, parts.spread])]),
    )
    emulator = Emulator(
        surface=surface,
        series=series,
        base=rounded(levels[training].mean(axis=(0, 1))),
        luck=rounded(parts.luck),
        whole=None if parts.whole is None else rounded(parts.whole),
        checks=(),
        about=about(search, len(training), PAIRS, len(made.points)),
    )
    fresh = made.fitted + np.flatnonzero(kept[made.fitted :])
    inside = coverage(emulator, positions[fresh], effects[fresh])
    checks = [
        row(each, slice(first, first + each.years), parts, inside)
        for each, first in zip(series, emulator.first, strict=False)
    ]
    return replace(emulator, checks=tuple(checks))


class Parts(NamedTuple):
    """What a fit gives: coefficients (q, k); grams (L, q, q) by penalty; luck and whole (p, k); others (k,).

    level, which of the penalties; noise of a point about the fit, and misfit; mean squares at points left out, of luck
    in them, and of the effects over the box, that of luck taken out.
    """

    coefficients: Array
    grams: Array
    level: Index
    noise: Array
    misfit: Array
    left_out: Array
    by_luck: Array
    spread: Array
    luck: Array
    whole: Array | None


def fitted_parts(search: Search, positions: Array, effects: Array) -> Parts:
    """Fit the means of points (n, 2, k) at positions (n, d); tell luck, misfit and worlds apart in what is left."""
    design = features(search.settings, terms_of(search.settings), positions)
    mean, luck = effects.mean(axis=1), effects.var(axis=1, ddof=1)
    grams = np.stack([held_back(design, terms_of(search.settings), penalty) for penalty in PENALTIES])
    errors = np.stack([left_out(design, gram, mean) for gram in grams])
    used, level = np.unique(
        best_penalties((errors**2).mean(axis=1), mean.var(axis=0), series_of(search.base)), return_inverse=True
    )
    grams, errors = grams[used], errors[used]
    outcomes = np.arange(len(level))
    coefficients = (grams @ design.T @ mean)[level, :, outcomes].T
    off = errors[level, :, outcomes].T
    kept = (1.0 - np.einsum("nq,lqr,nr->ln", design, grams, design))[level].T
    noise = (off**2 * kept).mean(axis=0)
    by_luck = luck.mean(axis=0) / PAIRS
    beyond = np.maximum(noise - by_luck, 0.0)
    spread = np.maximum(mean.var(axis=0) - by_luck, 0.0)
    basis = doubts(positions[:, search.strengths])
    whole = None if search.worlds is None else variances(basis, off**2 * kept + luck / PAIRS)
    misfit = np.sqrt(beyond) if whole is None else np.zeros_like(beyond)
    squares = (off**2).mean(axis=0), by_luck, spread
    return Parts(coefficients, grams, level, noise, misfit, *squares, variances(basis, luck), whole)


def best_penalties(squares: Array, spread: Array, series: Sequence[Series]) -> Index:
    """The penalty of every outcome (k,), by mean squares at points left out (penalties, k): one for what adds up.

    Over the outcomes that add up, the logarithm of the square over the best one is least on average; what is explained
    but for a thousandth of the `spread` (k,) is as good as all.
    """
    floor = NEGLIGIBLE * spread + np.finfo(float).tiny
    loss = np.log((squares + floor) / (squares.min(axis=0) + floor))
    names = np.repeat([ADD_UP.get(each.column, each.column) for each in series], [each.years for each in series])
    found = np.zeros(len(names), dtype=np.int64)
    for name in np.unique(names):
        found[names == name] = loss[:, names == name].mean(axis=1).argmin()
    return found


def explained(left_out: Array, by_luck: Array, spread: Array) -> float:
    """Part of the variance over the box that the fit explains at points left out, that of luck taken out; 0 of none."""
    square = np.maximum(left_out - by_luck, 0.0).sum()
    return float(1.0 - square / spread.sum()) if spread.sum() > 0 else 0.0


def variances(basis: Array, squares: Array) -> Array:
    """Coefficients >= 0 (p, k) of variances over a basis (n, p), from squares (n, k) that have them for a mean."""
    from scipy.optimize import nnls

    return np.column_stack([nnls(basis, column)[0] for column in squares.T])


def coverage(emulator: Emulator, positions: Array, effects: Array) -> tuple[Array, Array]:
    """Share of fresh pairs (v, 2, k), and of the means of points, inside their 90 % intervals, (k,) each.

    The pairs of a point stand in one world, so that their mean has as much of its numbers as each of them.
    """
    found = emulator.answer(positions)
    pairs = np.abs(effects - found.mean[:, None]) <= found.whole[:, None]
    luck, error, whole = found.luck**2, found.error**2, found.whole**2
    reach = np.sqrt(np.maximum(error + (luck - error) / effects.shape[1] + (whole - luck), 0.0))
    means = np.abs(effects.mean(axis=1) - found.mean) <= reach
    return pairs.mean(axis=(0, 1)), means.mean(axis=0)


def row(series: Series, where: slice, parts: Parts, inside: tuple[Array, Array]) -> dict[str, Any]:
    """How a series stood up, over its years."""
    plain = {
        "error": float(np.sqrt(parts.left_out[where].mean())),
        "luck": float(np.sqrt(parts.by_luck[where].mean())),
        "r2": explained(parts.left_out[where], parts.by_luck[where], parts.spread[where]),
        "pairs_inside": float(inside[0][where].mean()),
        "means_inside": float(inside[1][where].mean()),
    }
    return {"place": series.place, "indicator": series.column, **{name: float(f"{v:.6g}") for name, v in plain.items()}}
