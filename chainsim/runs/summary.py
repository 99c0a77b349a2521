"""Quantiles over the runs of a point in place of the runs, for sweeps too large to keep."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from chainsim.indicators import INDICATORS, Recording

VALUES = frozenset(INDICATORS) | {"budget", "requested", "outlay", "recipients", "value"}
"""Columns whose quantiles are taken; all others are keys."""


def summarised(
    name: str,
    scenario: str,
    recordings: Sequence[Recording],
    runs: Sequence[tuple[int, int]],
    quantiles: Sequence[float],
) -> dict[str, np.ndarray]:
    """One table of whole points: a row per point, year, key and quantile; `runs` says over how many runs.

    *Raises* ValueError where the runs of a point do not have the same rows.
    """
    parts = []
    for point, members in groupby(zip(runs, recordings, strict=True), key=lambda pair: pair[0][0]):
        parts.append(of_point(name, scenario, point, [recording for _, recording in members], quantiles))
    return {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}


def of_point(
    name: str, scenario: str, point: int, recordings: Sequence[Recording], quantiles: Sequence[float]
) -> dict[str, np.ndarray]:
    """The rows of one point."""
    tables = [recording.tables[name] for recording in recordings]
    first, count = tables[0], len(quantiles)
    keys = {column: values for column, values in first.items() if column not in VALUES}
    for table in tables[1:]:
        if any(not np.array_equal(table[column], values) for column, values in keys.items()):
            raise ValueError(f"the rows of {name} differ between the runs of point {point}, so it has no summary")
    rows = len(first["year"])
    made = {
        "scenario": np.full(rows * count, scenario, dtype=object),
        "point": np.full(rows * count, point, dtype=np.int64),
        "runs": np.full(rows * count, len(tables), dtype=np.int64),
        "year": np.repeat(first["year"].astype(np.int64), count),
        **{column: np.repeat(values, count) for column, values in keys.items() if column != "year"},
        "quantile": np.tile(np.array(quantiles, dtype=np.float64), rows),
    }
    for column in first:
        if column in VALUES:
            stacked = np.stack([table[column] for table in tables])
            made[column] = np.quantile(stacked, quantiles, axis=0).T.ravel()
    return made
