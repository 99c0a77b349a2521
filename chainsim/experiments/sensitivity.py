"""What drives a result: the influence of every parameter with its interval, luck kept apart, and how sure that is.

The kind of the design decides the measure. `morris` screens: mu* is the mean change of the result over the whole range
of a parameter. `saltelli` apportions variance: `first` alone, `total` with interactions. `oat` moves one parameter: the
swing of the result. Any other kind: the share of variance between groups of points, `first`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from chainsim.economy.types import Array, Index
from chainsim.experiments import indices
from chainsim.experiments.axes import codes
from chainsim.experiments.design import Design
from chainsim.experiments.design_file import design_of
from chainsim.experiments.indices import Measure, SeedNoise
from chainsim.experiments.run_outputs import check_kept, complete, outputs, whole_blocks
from chainsim.experiments.sampling import Morris, OneAtATime, Saltelli
from chainsim.experiments.sensitivity_report import LUCK, MEASURES, NOTHING, Sensitivity
from chainsim.experiments.sweep import sweep
from chainsim.runs.output_folder import OutputError
from chainsim.store.store import Store

INDICATORS = ("localization_rate", "employment", "output")
"""Results that are looked at where none are named."""
WIDE = 0.2
"""Width of the interval of a share of variance up to which it is never wide."""
WIDE_PART = 0.5
"""Width of the interval of a share, over the share, beyond which it is wide."""
WIDE_EFFECT = 1.0
"""Width of the interval of an effect, over the effect, beyond which it is wide."""
LEADING = 5
"""Parameters that are looked at, the strongest ones."""


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

    Indicators are those of the chain (`employment`) or of a tier or segment (`devices.employment`); the year is the
    last where not stated. For the rest see `sweep`.

    *Raises* what `sweep` does, and ValueError for an unknown indicator or year.
    """
    made = design_of(design)
    if not made.axes:
        raise ValueError("nothing is varied, so nothing can drive the results; state a path under vary")
    years = made.scenario.years
    chosen = years.end if year is None else year
    if not years.start <= chosen <= years.end:
        raise ValueError(f"the year is {chosen}; the scenario has {years.start} to {years.end}")
    for indicator in indicators:
        check_kept(made, indicator)
    filled = sweep(made, store, jobs=jobs, executor=executor, timeout=timeout, progress=progress)
    return analysed(made, filled, indicators, chosen)


def analysed(design: Design, store: Store, indicators: Sequence[str], year: int) -> Sensitivity:
    """What drives the indicators of a stored sweep."""
    found = {indicator: outputs(store, indicator, year) for indicator in indicators}
    noises = {indicator: indices.seed_noise(complete(values)) for indicator, values in found.items()}
    table = pd.concat([rows(design, name, found[name], noises[name]) for name in found], ignore_index=True)
    noise_table = pd.DataFrame(
        [(name, year, *noise, design.replications) for name, noise in noises.items()],
        columns=["indicator", "year", *SeedNoise._fields, "replications"],
    )
    table.insert(1, "year", year)
    measure = MEASURES.get(design.kind.kind, "first")
    still = [name for name in found if indices.unmoved(complete(found[name]))]
    warnings = warnings_of(design, table, noises, still, measure, len(store.index.failures))
    return Sensitivity(design, year, table, noise_table, tuple(warnings), found)


def rows(design: Design, indicator: str, values: Array, noise: SeedNoise) -> pd.DataFrame:
    """The part of the table on one indicator, its last row luck."""
    measures = measures_of(design, values)
    columns: dict[str, Any] = {"indicator": indicator, "parameter": [axis.path for axis in design.axes]}
    columns |= {"values": [axis.described for axis in design.axes]}
    for name, measure in measures.items():
        columns |= {name: measure.value, f"{name}_low": measure.low, f"{name}_high": measure.high}
    table = pd.DataFrame(columns).dropna(axis="columns", how="all")
    known = 1.0 if np.isnan(noise.share) else 1.0 - noise.share
    table["share"] = table["first"].clip(0.0, 1.0) * known if "first" in table else np.nan
    rest = dict.fromkeys(table.columns, np.nan) | {"indicator": indicator, "parameter": LUCK, "values": "seeds"}
    return pd.concat([table, pd.DataFrame([{**rest, "share": noise.share}])], ignore_index=True)


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


def swing(design: Design, values: Array) -> Measure:
    """Highest less lowest mean over the values of every axis; intervals by resampling seeds."""
    members = [design.alone(axis.path) for axis in design.axes]

    def swings(columns: Index, _: Index) -> Array:
        means = values[:, columns].mean(axis=1)
        return np.array([np.nanmax(means[points]) - np.nanmin(means[points]) for points in members])

    return indices.measured(swings, values.shape[1])


def warnings_of(
    design: Design,
    table: pd.DataFrame,
    noises: Mapping[str, SeedNoise],
    still: Container[str],
    measure: str,
    failures: int,
) -> Iterator[str]:
    """What not to trust, in sentences."""
    if failures:
        yield f"{failures} runs failed; the points they belong to are left out, which can bias every measure"
    if design.replications < 2:
        yield "with one replication luck cannot be told from parameters; state replications: 10 or more"
    for indicator, noise in noises.items():
        if indicator in still:
            yield f"{indicator}: {NOTHING}"
            continue
        if noise.enough >= indices.MOST:
            yield f"{indicator}: the parameters move it too little to be told from luck; do not rank them"
            continue
        if noise.enough > design.replications > 1:
            yield (
                f"{indicator}: {design.replications} replications leave more than {indices.LEFT:.0%} luck in the "
                f"mean of a point; {noise.enough:,} would be enough"
            )
        if noise.share > 0.5:
            yield (
                f"{indicator}: {noise.share:.0%} of the variance of all runs is luck, more than all parameters together"
            )
        named = wide(design, table[table["indicator"] == indicator], measure)
        if named:
            yield f"{indicator}: wide intervals of {', '.join(named)}; {remedy(design, noise)}"


def wide(design: Design, rows: pd.DataFrame, measure: str) -> list[str]:
    """Leading parameters whose intervals are too wide to rank by."""
    leading = rows.sort_values(measure, ascending=False, kind="stable").head(LEADING).dropna(subset=[measure])
    width, value = leading[f"{measure}_high"] - leading[f"{measure}_low"], leading[measure]
    effects = isinstance(design.kind, Morris | OneAtATime)
    limit = WIDE_EFFECT * value if effects else np.maximum(WIDE, WIDE_PART * value)
    return list(leading.loc[width > limit, "parameter"])


def remedy(design: Design, noise: SeedNoise) -> str:
    """What narrows the intervals: replications while luck blurs the points, then points. The store keeps what fits."""
    if isinstance(design.kind, OneAtATime) or noise.enough > design.replications > 1:
        return f"try replications: {2 * design.replications}; the same store keeps the runs there are"
    if isinstance(design.kind, Morris):
        return f"try trajectories: {2 * design.kind.trajectories}"
    if isinstance(design.kind, Saltelli):
        return f"try points: {2 * design.kind.points}; the same store keeps the runs there are"
    return "try twice the points"
