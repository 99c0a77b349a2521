"""The growth regime of a scenario: how much of its growth the market paths are, which are data or assumption, and how
much is the model's own.

    growth = market paths at base-year shares and technology + the model's own

The market paths alone are the Leontief solution of final sales that grow with their markets (`outlook`). What single
stages add is the growth without them, in runs of the same luck; stages act on each other, so their parts do not add up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from chainsim.economy.types import Array
from chainsim.runs.ensemble import run
from chainsim.runs.results import Result
from chainsim.runs.simulation import base_year
from chainsim.scenario.scenario import Scenario
from chainsim.validation.paired_runs import alone

STAGES = ("innovation", "sourcing", "demography", "labour", "finance")
"""Stages whose part in growth is told: they change technology, partners, numbers, staff and credit."""


class Regime(NamedTuple):
    """Mean growth of the chain's output over the run, log/y: all of it, and that of the market paths alone."""

    growth: float
    error: float
    paths: float

    def __str__(self) -> str:
        own = self.growth - self.paths
        return (
            f"growth of the chain: {self.growth:.2%} a year, {self.paths:.2%} by market paths at base-year shares, "
            f"{own:+.2%} ({self.error:.2%}) the model's own"
        )


def regime(result: Result) -> Regime:
    """The growth regime that the runs of a scenario without policy show; the error is that of the mean over runs."""
    growth = chain_growth(result)
    error = growth.std(ddof=1) / np.sqrt(growth.size) if growth.size > 1 else np.nan
    return Regime(float(growth.mean()), float(error), path_growth(result.scenario))


def growth_regime(scenario: Scenario, replications: int, jobs: int = 1) -> pd.DataFrame:
    """Growth of the chain by its parts.

    Returns:
        Columns part, growth (log/y) and error (standard error over runs; that of the difference for a stage).

    Raises:
        RunFailed: a run cannot go on.
    """
    base = alone(scenario)
    whole = run(base, replications=replications, jobs=jobs)
    found, growth = regime(whole), chain_growth(whole)
    rows: list[tuple[str, float, float]] = [
        ("all", found.growth, found.error),
        ("market paths", found.paths, 0.0),
        ("the model's own", found.growth - found.paths, found.error),
    ]
    for stage in STAGES:
        without = run(base.replace({f"stages.{stage}.enabled": False}), replications=replications, jobs=jobs)
        added = growth - chain_growth(without)
        rows.append((stage, float(added.mean()), float(added.std(ddof=1) / np.sqrt(added.size))))
    return pd.DataFrame(rows, columns=["part", "growth", "error"])


def chain_growth(result: Result) -> Array:
    """Mean growth of the chain's output in each run, (R,), log/y, by replication."""
    chain = result.region[result.region["scope"] == "chain"].sort_values(["replication", "year"])
    output = chain.groupby("replication")["output"]
    years = result.years[1] - result.years[0]
    return np.log(output.last().to_numpy() / output.first().to_numpy()) / years


def yearly_spread(result: Result) -> pd.DataFrame:
    """How much output varies from year to year: standard deviation of yearly log growth within a run, by level.

    Levels are the chain, its segments (mean over them) and named enterprises (mean over those there throughout). The
    first year is left out, because the base year has no luck.

    Returns:
        Columns level, sd, mean (growth, log/y), error (standard error of that mean over runs).
    """
    chain = result.scenario.chain.own_segments
    tables = {
        "chain": (result.region[result.region["scope"] == "chain"], "scope"),
        "segments": (result.segments[result.segments["segment"].isin(chain)], "segment"),
        "named enterprises": (result.named, "name"),
    }
    rows = []
    for level, (table, key) in tables.items():
        output = table.pivot(index=["replication", key], columns="year", values="output").to_numpy()
        runs = table.groupby(["replication", key], sort=True).size().index.get_level_values("replication").to_numpy()
        whole = (output > 0).all(axis=1)
        growth = np.diff(np.log(output[whole]), axis=1)[:, 1:]
        means = pd.Series(growth.mean(axis=1)).groupby(runs[whole]).mean()
        error = means.std(ddof=1) / np.sqrt(means.size)
        rows.append((level, float(growth.std(axis=1, ddof=1).mean()), float(means.mean()), float(error)))
    return pd.DataFrame(rows, columns=["level", "sd", "mean", "error"])


def path_growth(scenario: Scenario) -> float:
    """Growth of the chain's output that the market paths promise, log/y."""
    arrays = base_year(scenario, scenario.seed).arrays
    years = arrays.outlook.shape[0] - 2
    grown = np.prod(1.0 + arrays.outlook[: years + 1], axis=0)
    start = arrays.output[arrays.chain]
    return float(np.log((start * grown[arrays.chain]).sum() / start.sum()) / years)
