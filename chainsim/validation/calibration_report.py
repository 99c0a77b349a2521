"""A calibration in lines of text: what the data tell of each number, what it shows of each target, and its coverage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from chainsim.validation.calibration import CHANCE, VERDICTS, Calibration

FAIR = (0.85, 0.95)
"""Coverage of 90 % intervals that the number of runs left out cannot tell from 90 %."""


NOWHERE = "no point of these ranges agrees with what was observed"
NEAREST = "Intervals say where runs come nearest, not what the data tell: the model or the ranges are wrong."
"""What is said where targets rule out the ranges whole, before and after their names."""


def lines(found: Calibration) -> Iterator[str]:
    """Numbers by how well they are told, targets with misses first, and whether intervals cover what they promise."""
    fitted, uses = len(found.moments.targets), [target.use for target in found.design.scenario.targets]
    yield (
        f"{found.design.name}: {len(found.paths)} numbers fitted to {fitted} of {uses.count('fit')} targets with "
        f"{found.rows.size:,} runs, each with a seed of its own"
    )
    if found.bank.failures:
        seed, reason = next(iter(found.bank.failures.items()))
        yield f"{len(found.bank.failures)} runs failed and are left out; the first, seed {seed}: {reason}"
    yield from ["", *numbers(found)]
    yield from ["", *figures(found.targets())]
    yield from ["", *kept(found)]


def numbers(found: Calibration) -> Iterator[str]:
    """A line a number, by verdict."""
    frame = found.identified().merge(found.intervals().drop(columns="left"), on="path", sort=False)
    width = max(map(len, found.paths))
    yield (
        f"{'number':<{width}}  {'stated':>9}  {'range':>18}  {'90 % interval':>20}  prior left  nearest runs  survives"
    )
    for row in frame.to_dict("records"):
        yield (
            f"{row['path']:<{width}}  {row['stated']:>9.4g}  {ends(row['from'], row['to']):>18}  "
            f"{ends(row['low90'], row['high90']):>20}  {row['left']:>10.2f}  {row['left_nearest']:>12.2f}  "
            f"{row['survives']:>8.2f}  {row['verdict']}"
        )
    counts = [f"{int((frame['verdict'] == verdict).sum())} {verdict}" for verdict in VERDICTS]
    yield f"of {len(frame)} numbers: {', '.join(counts)}"
    if found.out_of_reach:
        yield f"{NOWHERE}: {', '.join(found.out_of_reach)}. {NEAREST}"


def figures(frame: pd.DataFrame) -> Iterator[str]:
    """A line a target, misses first."""
    width = max(map(len, frame["id"]))
    yield f"{'target':<{width}}  {'use':<11}  {'observed':>20}  {'simulated, 90 %':>20}  luck  reached"
    for row in frame.to_dict("records"):
        start = f"{row['id']:<{width}}  {row['use']:<11}  {band(row):>20}  "
        if row["reached"] is pd.NA or not np.isfinite(row["simulated"]):
            yield f"{start}not read: {row['why']}"
            continue
        luck = "" if np.isnan(row["luck"]) else f"{row['luck']:.0%}"
        how = "yes" if row["reached"] else "NO"
        told = ", fitted" if row["fitted"] else f", {row['why']}" if row["why"] else ""
        yield f"{start}{ends(row['low90'], row['high90']):>20}  {luck:>4}  {how}{told}"


def kept(found: Calibration) -> Iterator[str]:
    """How often its own intervals hold the truth, by number."""
    frame = found.coverage()
    yield f"each of {int(frame['runs'].iloc[0])} runs as the region, left out of the fit: {CHANCE:.0%} intervals hold"
    for row in frame.to_dict("records"):
        warned = "" if fair(row, len(frame)) else "  do not trust it further than this"
        yield f"  {row['path']}: {row['coverage']:.1%}, ranks even with p {row['ks']:.2f}{warned}"


def fair(row: Mapping[Any, Any], numbers: int) -> bool:
    """Whether the intervals of a number hold the truth as often as they promise, among so many numbers."""
    return bool(FAIR[0] <= row["coverage"] <= FAIR[1] and row["ks"] > 0.05 / numbers)


def ends(low: Any, high: Any) -> str:
    """Two ends in words."""
    return f"{float(low):.4g} to {float(high):.4g}"


def band(row: dict[Any, Any]) -> str:
    """What was observed: a band, a bound, or a value."""
    low, high = row["low"], row["high"]
    if pd.isna(low) and pd.isna(high):
        return f"{row['value']:.4g}"
    if pd.isna(low) or pd.isna(high):
        return f"at most {high:.4g}" if pd.isna(low) else f"at least {low:.4g}"
    return ends(low, high)
