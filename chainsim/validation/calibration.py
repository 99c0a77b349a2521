"""A calibration: numbers fitted to what was observed, which of them the data tell, and whether it keeps its word.

A bank of runs over the ranges of the numbers is reduced to the targets; the response of those with the use `fit` gives
the likelihood of what was observed (`response`), the nearest runs a second opinion (`rejection`). Targets of any other
use are predicted and never fitted to. What the calibration promises is tried on its own bank: every run in turn plays
the region, fitted by the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from chainsim.economy.types import Array, Flags, Index
from chainsim.effects.worlds import World
from chainsim.experiments.design import Design
from chainsim.scenario.region import Target
from chainsim.scenario.scenario import Scenario
from chainsim.validation.calibration_runs import Bank
from chainsim.validation.rejection import errors, nearest_runs
from chainsim.validation.response import (
    Observed,
    Response,
    Sample,
    chance_of_none,
    fitted,
    implausibility,
    log_likelihood,
    posterior,
    terms,
)

LEVELS = np.array([0.05, 0.5, 0.95])
CHANCE = 0.9
TOLD, WEAKLY = 0.5, 0.9
"""Shares of the prior that are left at most where the data tell a number, and where they tell it weakly."""
UNMOVED = 0.01
"""Chance of seeming to move a target from which on the runs do not show that a number moves any."""
VERDICTS = ("told", "weakly told", "the data cannot tell")
FURTHEST = 6.0
"""Robust standard deviations beyond which a moment counts as that far off."""
PLAUSIBLE = 3.0
"""Implausibility up to which a point survives (three-sigma rule, Pukelsheim 1994)."""
MOST_MISSING = 0.05
MOST_PLAYED = 200
"""Runs that play the region in turn."""
NORMAL90 = 1.6448536269514722


@dataclass(frozen=True)
class Moments:
    """Targets as they enter a response: figures of the runs (n, k) and what was observed, in the spread of the runs."""

    targets: tuple[Target, ...]
    values: Array
    observed: Observed
    centre: Array
    unit: Array

    def stated(self, values: Array) -> Array:
        """Figures in the units of the targets."""
        return np.asarray(self.centre + values * self.unit)


class Calibration:
    """Numbers fitted to what was observed: intervals, what the data tell, whether the calibration keeps its word."""

    def __init__(self, design: Design, bank: Bank) -> None:
        """*Raises* ValueError where too few runs are left, or no number moves a target."""
        self.design, self.bank = design, bank
        self.paths = tuple(axis.path for axis in design.axes)
        self.left_out: dict[str, str] = {}
        every = [target for target in design.scenario.targets if self._usable(target)]
        fit = [target for target in every if target.use == "fit"]
        if not fit:
            raise ValueError("no target to fit to is moved by the numbers: " + "; ".join(self._reasons()))
        self.rows: Index = np.flatnonzero(bank.shown[[target.id for target in fit]].notna().all(axis=1).to_numpy())
        least = 2 * terms(len(self.paths))
        if self.rows.size < least:
            raise ValueError(f"{self.rows.size} runs are left and {least} are needed; raise runs")
        self.moments, self._all = self._moments(fit), self._moments(every)

    def _usable(self, target: Target) -> bool:
        """Whether runs show a target and the numbers move it; notes why not."""
        shown = self.bank.shown[target.id]
        if shown.isna().mean() > MOST_MISSING:
            missing = f"{int(shown.isna().sum())} of {len(shown)} runs do not show it"
            self.left_out[target.id] = self.bank.why.get(target.id, missing)
        elif shown.std() <= 1e-9 * max(abs(shown.mean()), 1e-12):
            self.left_out[target.id] = "no number that is fitted moves it"
        return target.id not in self.left_out

    def _reasons(self) -> list[str]:
        uses = {target.id: target.use for target in self.design.scenario.targets}
        return [f"{name}: {why}" for name, why in self.left_out.items() if uses[name] == "fit"]

    def _moments(self, targets: list[Target]) -> Moments:
        shown = self.bank.shown[[target.id for target in targets]].iloc[self.rows]
        values = shown.fillna(shown.median()).to_numpy()
        centre = np.median(values, axis=0)
        robust = 1.4826 * np.median(np.abs(values - centre), axis=0)
        unit = np.where(robust > 0, robust, values.std(axis=0))
        bounds = [bound_of(target) for target in targets]
        observed = Observed(
            np.clip((np.array([target.value for target in targets]) - centre) / unit, -10 * FURTHEST, 10 * FURTHEST),
            (np.array([error_of(target) for target in targets]) / unit) ** 2,
            np.array(bounds, dtype=np.float64),
        )
        scaled = np.clip((values - centre) / unit, -FURTHEST, FURTHEST)
        return Moments(tuple(targets), scaled, observed, centre, unit)

    @cached_property
    def positions(self) -> Array:
        """Positions of the runs that are fitted with, (n, d)."""
        return self.bank.positions[self.rows]

    @cached_property
    def response(self) -> Response:
        """The response of the targets that are fitted to."""
        return fitted(self.positions, self.moments.values)

    @cached_property
    def sample(self) -> Sample:
        """The posterior."""
        return posterior(log_likelihood(self.response, self.moments.observed), len(self.paths))

    @cached_property
    def nearest(self) -> Sample:
        """The second opinion: the posterior by the nearest runs."""
        return nearest_runs(self.positions, self.moments.values, self.moments.observed)

    def values_at(self, positions: Array) -> dict[str, Array]:
        """Values by path of positions (m, d), whole numbers whole."""
        return {axis.path: axis.at(positions[:, number]) for number, axis in enumerate(self.design.axes)}

    def intervals(self) -> pd.DataFrame:
        """A row a number: path, low, median and high of its 90 % interval, those of the nearest runs, and its range.

        `left` is the share of the prior that the interval keeps, `left_nearest` by the nearest runs.
        """
        bounds, second = self.sample.quantiles(LEVELS), self.nearest.quantiles(LEVELS)
        rows = []
        for number, axis in enumerate(self.design.axes):
            low, median, high = (float(value) for value in axis.at(bounds[number]))
            below, _, above = (float(value) for value in axis.at(second[number]))
            left, left_nearest = (float(item[number, 2] - item[number, 0]) / CHANCE for item in (bounds, second))
            own = float(axis.own)
            rows.append((axis.path, own, axis.low, axis.high, low, median, high, left, below, above, left_nearest))
        names = ["path", "stated", "from", "to", "low90", "median", "high90", "left"]
        return pd.DataFrame(rows, columns=[*names, "nearest_low90", "nearest_high90", "left_nearest"])

    def identified(self) -> pd.DataFrame:
        """A row a number, best told first: path, left, and whether it is told, weakly told, or the data cannot tell.

        `unmoved` is the chance that a number which moves no target would seem to in these runs; from .01 on the data
        cannot tell it, however narrow its interval is. `survives_low`, `survives_high`, `survives` are the ends and the
        share of its range in which some point is not ruled out by a single target (history matching); `expected` is the
        share of the prior that the information of the data would leave at the median, whatever was observed.
        """
        bounds = self.sample.quantiles(LEVELS)
        left = (bounds[:, 2] - bounds[:, 0]) / CHANCE
        unmoved = chance_of_none(self.positions, self.moments.values)
        verdicts = [
            VERDICTS[2 if chance >= UNMOVED else int(share > TOLD) + int(share > WEAKLY)]
            for share, chance in zip(left, unmoved, strict=True)
        ]
        alive = self.surviving
        ends = np.array([[column.min(), column.max()] if column.size else [np.nan] * 2 for column in alive.T])
        frame = pd.DataFrame({"path": self.paths, "left": left, "verdict": verdicts})
        for name, column in (("survives_low", 0), ("survives_high", 1)):
            frame[name] = [float(axis.at(ends[number, column])) if np.isfinite(ends[number, column]) else np.nan
                           for number, axis in enumerate(self.design.axes)]  # fmt: skip
        frame["survives"] = ends[:, 1] - ends[:, 0]
        frame["unmoved"] = unmoved
        frame["expected"] = expected_left(self.response, self.moments.observed, bounds[:, 1])
        return frame.sort_values("left", kind="stable", ignore_index=True)

    @cached_property
    def ruled_out(self) -> Flags:
        """Whether a target rules out a position of the bank by itself (history matching), (m, k)."""
        return implausibility(self.response, self.moments.observed, self.positions) > PLAUSIBLE

    @property
    def surviving(self) -> Array:
        """Positions of the bank that no target rules out, (m, d)."""
        return self.positions[~self.ruled_out.any(axis=1)]

    @property
    def out_of_reach(self) -> list[str]:
        """Targets that rule out most of the ranges, where together they rule out all of it; else none."""
        if len(self.surviving):
            return []
        parts = self.ruled_out.mean(axis=0)
        return [target.id for target, part in zip(self.moments.targets, parts, strict=True) if part == parts.max()]

    def targets(self) -> pd.DataFrame:
        """Every target beside what calibrated runs show of it: misses first, then what is reached, then what is unread.

        Columns: id, use, target, unit, value, low, high (observed); before (mean of the bank), simulated, low90, high90
        (mean and 90 % of runs, numbers and luck drawn); luck (share of luck in their variance); reached (whether that
        interval meets the observed band); fitted (whether it was fitted to); why (not).
        """
        rows = {**self._predicted(), **self._unmoved()}
        frame = pd.DataFrame([rows[target.id] for target in self.design.scenario.targets])
        frame["reached"] = frame["reached"].astype("boolean")
        order = frame["reached"].map({False: 0, True: 1}).fillna(2)
        return frame.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)

    def _predicted(self) -> dict[str, dict[str, Any]]:
        response, drawn = fitted(self.positions, self._all.values), self.sample.even(2000)
        mean = response.mean(drawn)
        spread = np.sqrt(np.diag(response.covariance)) * response.scale(drawn)
        runs = mean + errors(np.ones(mean.shape[1]), len(mean), seed=1) * spread
        low, high = (self._all.stated(row) for row in np.quantile(runs, (0.05, 0.95), axis=0))
        simulated, before = self._all.stated(mean.mean(axis=0)), self._all.stated(self._all.values.mean(axis=0))
        luck = (spread**2).mean(axis=0) / np.maximum((spread**2).mean(axis=0) + mean.var(axis=0), 1e-300)
        fit = {target.id for target in self.moments.targets}
        return {
            target.id: row_of(target, before[n], simulated[n], low[n], high[n], luck[n], target.id in fit, "")
            for n, target in enumerate(self._all.targets)
        }

    def _unmoved(self) -> dict[str, dict[str, Any]]:
        """What stands beside the targets that no number moves, or that cannot be read."""
        mean, every = self.bank.shown.mean(), {target.id: target for target in self.design.scenario.targets}
        return {
            name: row_of(every[name], mean[name], mean[name], mean[name], mean[name], np.nan, False, why)
            for name, why in self.left_out.items()
        }

    def coverage(self) -> pd.DataFrame:
        """Whether 90 % intervals hold the truth in 90 % of cases: every run (200 at most) plays the region.

        It is left out of the fit and observed with the errors of the targets. Columns: path, coverage, width (mean, as
        a share of the prior), ks (chance that ranks of the truth are as uneven if all is right; Kolmogorov and
        Smirnov), runs.
        """
        return self._coverage.copy()

    @cached_property
    def _coverage(self) -> pd.DataFrame:
        from scipy.stats import kstest

        size = len(self.positions)
        chosen = np.arange(min(MOST_PLAYED, size))  # every second point of a Sobol sequence lies in one half of a range
        observed = self.moments.observed
        exact = np.where(observed.bound == 0, observed.variance, 1e12)  # a bound is no figure that a run could play
        noise = errors(observed.variance, size, seed=2)
        bounds, ranks = [], []
        for run in chosen:
            played = Observed(self.moments.values[run] + noise[run], exact, np.zeros(exact.size))
            sample = posterior(log_likelihood(self.response.without(int(run)), played), len(self.paths))
            bounds.append(sample.quantiles(LEVELS))
            ranks.append(sample.below(self.positions[run]))
        truth, low, high = self.positions[chosen], np.array(bounds)[:, :, 0], np.array(bounds)[:, :, 2]
        ks = [float(kstest(column, "uniform").pvalue) for column in np.array(ranks).T]
        covered, width = ((low <= truth) & (truth <= high)).mean(axis=0), (high - low).mean(axis=0) / CHANCE
        return pd.DataFrame({"path": self.paths, "coverage": covered, "width": width, "ks": ks, "runs": chosen.size})

    def scenario(self) -> Scenario:
        """The scenario at the draw of the posterior that is nearest to its medians, so that numbers fit together."""
        drawn = self.sample.even(2000)
        spread = np.maximum(drawn.std(axis=0), 1e-9)
        apart = (((drawn - np.median(drawn, axis=0)) / spread) ** 2).sum(axis=1)
        plain = self.design.scenario.replace({"record.enterprises": False, "record.links": False})
        return self.worlds_at(drawn[[int(apart.argmin())]])[0].of(plain)

    def worlds(self, number: int) -> tuple[World, ...]:
        """So many draws of the posterior as worlds of a comparison."""
        return self.worlds_at(self.sample.even(number))

    def worlds_at(self, positions: Array) -> tuple[World, ...]:
        """The worlds at positions (m, d)."""
        columns = {path: values.tolist() for path, values in self.values_at(positions).items()}
        return tuple(World(dict(zip(columns, row, strict=True)), {}) for row in zip(*columns.values(), strict=True))


def bound_of(target: Target) -> int:
    """-1 where only a lowest value was observed, 1 where only a highest, 0 where a figure was."""
    if (target.low is None) == (target.high is None):
        return 0
    return 1 if target.low is None else -1


def error_of(target: Target) -> float:
    """Standard deviation of the error of an observed figure, whose band holds 90 %."""
    if target.low is None or target.high is None:
        return 0.0
    return (target.high - target.low) / (2.0 * NORMAL90)


def expected_left(response: Response, observed: Observed, median: Array) -> Array:
    """Share of the prior that the information of the data leaves of every number, (d,), at positions (d,)."""
    step = 1e-4
    moved = np.clip(median + np.vstack([step * np.eye(median.size), -step * np.eye(median.size)]), 0.0, 1.0)
    mean = response.mean(moved)
    slopes = (mean[: median.size] - mean[median.size :]) / np.diag(moved[: median.size] - moved[median.size :])[:, None]
    exact = observed.bound == 0
    total = response.covariance[np.ix_(exact, exact)] + np.diag(observed.variance[exact])
    information = slopes[:, exact] @ np.linalg.inv(total) @ slopes[:, exact].T
    spread = np.sqrt(np.diag(np.linalg.inv(information + 12.0 * np.eye(median.size))))
    return np.asarray(np.minimum(spread * np.sqrt(12.0), 1.0))


def row_of(
    target: Target, before: float, simulated: float, low: float, high: float, luck: float, fit: bool, why: str
) -> dict[str, Any]:
    """A target beside what runs show of it."""
    least, most = target.low, target.high
    if least is None and most is None:
        least = most = target.value
    known = np.isfinite(simulated)
    stated = {"id": target.id, "use": target.use, "target": target.target, "unit": target.unit, "value": target.value}
    band = {"low": target.low, "high": target.high}
    shown = {"before": before, "simulated": simulated, "low90": low, "high90": high, "luck": luck}
    reached = bool((most is None or low <= most) and (least is None or high >= least)) if known else pd.NA
    return {**stated, **band, **shown, "reached": reached, "fitted": fit, "why": why}
