"""What a sensitivity table does not say by itself: where it is not to be trusted, and what would help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from chainsim.experiments.kinds import Morris, OneAtATime, Saltelli
from chainsim.experiments.noise import LEFT, MOST, Noise

if TYPE_CHECKING:
    from chainsim.experiments.design import Design

WIDE = 0.2
"""Width of the interval of a share of variance that counts as wide."""
WIDE_EFFECT = 1.0
"""Width of the interval of an effect, over the effect, that counts as wide."""
LEADING = 5
"""Parameters that are looked at, the strongest ones."""


def warnings_of(
    design: Design, table: pd.DataFrame, lucks: Mapping[str, Noise], measure: str, failures: int
) -> Iterator[str]:
    """What not to trust, in sentences."""
    if failures:
        yield f"{failures} runs failed; the points they belong to are left out, which can bias every measure"
    if design.replications < 2:
        yield "with one replication luck cannot be told from parameters; state replications: 10 or more"
    for indicator, luck in lucks.items():
        if luck.enough >= MOST:
            yield f"{indicator}: the parameters move it too little to be told from luck; do not rank them"
        elif luck.enough > design.replications > 1:
            yield (
                f"{indicator}: {design.replications} replications leave more than {LEFT:.0%} luck in the mean of a point; "
                f"{luck.enough:,} would be enough"
            )
        if luck.share > 0.5:
            yield f"{indicator}: {luck.share:.0%} of the variance of all runs is luck, more than all parameters together"
        yield from wide(design, table[table["indicator"] == indicator], indicator, measure)


def wide(design: Design, rows: pd.DataFrame, indicator: str, measure: str) -> Iterator[str]:
    """Intervals that are too wide to rank by."""
    leading = rows.sort_values(measure, ascending=False, kind="stable").head(LEADING).dropna(subset=[measure])
    widths = (leading[f"{measure}_high"] - leading[f"{measure}_low"]).to_numpy()
    if isinstance(design.kind, Morris | OneAtATime):
        values = leading[measure].to_numpy()
        widths, limit = np.divide(widths, values, out=np.zeros_like(widths), where=values > 0), WIDE_EFFECT
    else:
        limit = WIDE
    named = [name for name, width in zip(leading["parameter"], widths, strict=True) if width > limit]
    if named:
        yield f"{indicator}: wide intervals of {', '.join(named)}; {remedy(design)}"


def remedy(design: Design) -> str:
    """What narrows the intervals; the store keeps what was run where points are added to the same ones."""
    if isinstance(design.kind, Morris):
        return f"try trajectories: {2 * design.kind.trajectories}"
    if isinstance(design.kind, OneAtATime):
        return f"try replications: {2 * design.replications}"
    if isinstance(design.kind, Saltelli):
        return f"try points: {2 * design.kind.points}; the same store keeps the runs there are"
    return "try twice the points"
