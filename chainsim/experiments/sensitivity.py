"""What drives a result: the influence of every parameter with its interval, luck kept apart, and how sure that is.

The kind of the design decides the measure. `morris` screens: mu* is the mean change of the result over the whole range
of a parameter. `saltelli` apportions variance: `first` alone, `total` with interactions. `oat` moves one parameter: the
swing of the result. Any other kind: the share of variance between groups of points, `first`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chainsim.economy.types import Array, Index
from chainsim.experiments import indices
from chainsim.experiments.design import Design, design_of
from chainsim.experiments.indices import Measure
from chainsim.experiments.run_outputs import outputs
from chainsim.experiments.sampling import Morris, OneAtATime, Saltelli
from chainsim.experiments.seed_noise import Noise, noise
from chainsim.experiments.sweep import sweep
from chainsim.experiments.warnings import warnings_of
from chainsim.runs.output_folder import OutputError
from chainsim.store.store import Store

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INDICATORS = ("localization_rate", "employment", "output")
"""Results that are looked at where none are named."""
LUCK = "(luck)"
"""Row of the table that holds the share of luck."""
MEASURES = {"morris": "mu_star", "saltelli": "total", "oat": "swing"}
"""Measure that ranks the parameters, by kind of design; `first` for all others."""


@dataclass(frozen=True)
class Sensitivity:
    """Influence of every parameter on every indicator in one year.

    `table` has a row a parameter and one for luck; `noise` says how much of the spread is luck and how many
    replications are enough; `warnings` what not to trust. `outputs` are (points, replications) by indicator.
    """

    design: Design
    year: int
    table: pd.DataFrame
    noise: pd.DataFrame
    warnings: tuple[str, ...]
    outputs: Mapping[str, Array] = field(repr=False)

    @property
    def measure(self) -> str:
        """The measure that ranks the parameters."""
        return MEASURES.get(self.design.kind.kind, "first")

    @property
    def indicators(self) -> tuple[str, ...]:
        """The results that were looked at."""
        return tuple(self.outputs)

    def ranking(self, indicator: str) -> pd.DataFrame:
        """The parameters by influence on one indicator, the strongest first."""
        rows = self.table[(self.table["indicator"] == indicator) & (self.table["parameter"] != LUCK)]
        return rows.sort_values(self.measure, ascending=False, kind="stable").reset_index(drop=True)

    def plot(self, indicator: str, ax: Axes | None = None) -> Axes:
        """The parameters by influence, with intervals; luck as a line."""
        from chainsim.figures.sensitivity import ranking

        return ranking(self, indicator, ax)

    def curve(self, parameter: str, indicator: str, ax: Axes | None = None) -> Axes:
        """The indicator over the values of one parameter; for designs that set it to few values."""
        from chainsim.figures.sensitivity import curve

        return curve(self, parameter, indicator, ax)

    def heatmap(self, across: str, up: str, indicator: str, ax: Axes | None = None) -> Axes:
        """The indicator over the values of two parameters; for designs that set both to few values."""
        from chainsim.figures.sensitivity import heatmap

        return heatmap(self, across, up, indicator, ax)

    def save(self, folder: str | Path) -> Path:
        """Write tables, warnings and pictures into a folder; after a screening also the design to go on with."""
        from chainsim.experiments.sensitivity_report import save

        return save(self, Path(folder))


def sensitivity(
    design: Design | Mapping[str, Any] | str | Path,
    store: str | Path,
    *,
    indicators: Sequence[str] = INDICATORS,
    year: int | None = None,
    jobs: int | None = None,
    executor: Executor | str | None = None,
    timeout: float | None = None,
    progress: bool = False,
) -> Sensitivity:
    """Run a design into a store, or what of it is missing there, and say what drives the indicators in one year.

    Indicators are those of the chain (`employment`) or of a tier or segment (`devices.employment`); the year is the last
    where not stated. For the rest see `sweep`.

    *Raises* what `sweep` does, and ValueError for an unknown indicator or year.
    """
    made = design_of(design)
    years = made.scenario.years
    chosen = years.end if year is None else year
    if not years.start <= chosen <= years.end:
        raise ValueError(f"the year is {chosen}; the scenario has {years.start} to {years.end}")
    filled = sweep(made, store, jobs=jobs, executor=executor, timeout=timeout, progress=progress)
    return analysed(made, filled, indicators, chosen)


def analysed(design: Design, store: Store, indicators: Sequence[str], year: int) -> Sensitivity:
    """What drives the indicators of a stored sweep."""
    found = {indicator: outputs(store, indicator, year) for indicator in indicators}
    lucks = {indicator: noise(complete(values)) for indicator, values in found.items()}
    table = pd.concat([rows(design, name, found[name], lucks[name]) for name in found], ignore_index=True)
    noises = pd.DataFrame(
        [(name, year, *luck, design.replications) for name, luck in lucks.items()],
        columns=["indicator", "year", *Noise._fields, "replications"],
    )
    table.insert(1, "year", year)
    measure = MEASURES.get(design.kind.kind, "first")
    told = warnings_of(design, table, lucks, measure, len(store.index.failures))
    return Sensitivity(design, year, table, noises, tuple(told), found)


def complete(values: Array) -> Array:
    """The points of which every run is there. *Raises* OutputError where there are fewer than two."""
    kept = values[~np.isnan(values).any(axis=1)]
    if len(kept) < 2:
        raise OutputError("too many runs failed or are missing to say anything; see the failures of the store")
    return kept


def rows(design: Design, indicator: str, values: Array, luck: Noise) -> pd.DataFrame:
    """The part of the table on one indicator, its last row luck."""
    measures = measures_of(design, values)
    columns: dict[str, Any] = {"indicator": indicator, "parameter": [axis.path for axis in design.axes]}
    columns |= {"values": [axis.described for axis in design.axes]}
    for name, measure in measures.items():
        columns |= {name: measure.value, f"{name}_low": measure.low, f"{name}_high": measure.high}
    table = pd.DataFrame(columns).dropna(axis="columns", how="all")
    known = 1.0 if np.isnan(luck.share) else 1.0 - luck.share
    table["share"] = table["first"].clip(0.0, 1.0) * known if "first" in table else np.nan
    rest = dict.fromkeys(table.columns, np.nan) | {"indicator": indicator, "parameter": LUCK, "values": "seeds"}
    return pd.concat([table, pd.DataFrame([{**rest, "share": luck.share}])], ignore_index=True)


def measures_of(design: Design, values: Array) -> dict[str, Measure]:
    """The measures that the kind of the design allows."""
    kind, size = design.kind, len(design.axes)
    if isinstance(kind, Saltelli):
        blocks = whole_blocks(values.reshape(-1, size + 2, values.shape[1]))
        found = indices.sobol(blocks[:, 0], blocks[:, 1:-1], blocks[:, -1])
        return {"total": found.total, "first": found.first}
    if isinstance(kind, Morris):
        return morris_measures(kind, size, values)
    if isinstance(kind, OneAtATime):
        return {"swing": swing(design, values)}
    kept = ~np.isnan(values).any(axis=1)
    groups = [indices.groups_of(codes(column)[kept]) for column in design.columns.values()]
    return {"first": indices.given_data(groups, values[kept].mean(axis=1))}


def morris_measures(kind: Morris, size: int, values: Array) -> dict[str, Measure]:
    """Measures of trajectories; `luck` is the mean absolute effect that luck alone would give."""
    shaped = values.reshape(-1, size + 1, values.shape[1])
    positions = kind.positions(size)
    whole = ~np.isnan(shaped).any(axis=(1, 2))
    if whole.sum() < 2:
        raise OutputError("fewer than two trajectories are whole; see the failures of the store")
    each = np.stack(
        [indices.elementary_effects(shaped[whole, :, r], positions[whole]) for r in range(values.shape[1])], axis=2
    )
    effects = indices.morris(each.mean(axis=2))
    nothing = np.full(size, np.nan)
    replications = each.shape[2]
    floor = np.sqrt(2 / np.pi * each.var(axis=2, ddof=1).mean(axis=0) / replications) if replications > 1 else nothing
    alone = {"mu": effects.mu, "sigma": effects.sigma, "luck": floor}
    return {"mu_star": effects.mu_star, **{name: Measure(value, nothing, nothing) for name, value in alone.items()}}


def whole_blocks(blocks: Array) -> Array:
    """Base points all of whose runs are there. *Raises* OutputError where there are fewer than two."""
    kept = blocks[~np.isnan(blocks).any(axis=(1, 2))]
    if len(kept) < 2:
        raise OutputError("fewer than two base points are whole; see the failures of the store")
    return kept


def swing(design: Design, values: Array) -> Measure:
    """Highest less lowest mean over the values of every axis; intervals by resampling seeds."""
    members = [alone(design, axis.path) for axis in design.axes]

    def swings(columns: Index, _: Index) -> Array:
        means = values[:, columns].mean(axis=1)
        return np.array([np.nanmax(means[points]) - np.nanmin(means[points]) for points in members])

    return indices.measured(swings, values.shape[1])


def alone(design: Design, path: str) -> Index:
    """Points of a one-at-a-time design at which only one axis moves, and the point of the scenario itself."""
    moved = np.stack([codes(column) != codes(column)[0] for column in design.columns.values()])
    number = list(design.columns).index(path)
    others = np.delete(moved, number, axis=0).any(axis=0)
    return np.flatnonzero(~others)


def codes(column: NDArray[Any]) -> Array:
    """Values as numbers: words and blocks are numbered in the order of their first occurrence."""
    if column.dtype != object:
        return column.astype(float)
    known: dict[str, int] = {}
    return np.array([known.setdefault(repr(value), len(known)) for value in column.tolist()], dtype=float)
