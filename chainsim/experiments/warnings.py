"""What a sensitivity table does not say by itself: where it is not to be trusted, and what would help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from chainsim.experiments.sampling import Morris, OneAtATime, Saltelli
from chainsim.experiments.seed_noise import LEFT, MOST, Noise

if TYPE_CHECKING:
    from chainsim.experiments.design import Design

WIDE = 0.2
"""Width of the interval of a share of variance up to which it is never wide."""
WIDE_PART = 0.5
"""Width of the interval of a share, over the share, beyond which it is wide."""
WIDE_EFFECT = 1.0
"""Width of the interval of an effect, over the effect, beyond which it is wide."""
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
            continue
        if luck.enough > design.replications > 1:
            yield (
                f"{indicator}: {design.replications} replications leave more than {LEFT:.0%} luck in the mean of a point; "
                f"{luck.enough:,} would be enough"
            )
        if luck.share > 0.5:
            yield f"{indicator}: {luck.share:.0%} of the variance of all runs is luck, more than all parameters together"
        named = wide(design, table[table["indicator"] == indicator], measure)
        if named:
            yield f"{indicator}: wide intervals of {', '.join(named)}; {remedy(design, luck)}"


def wide(design: Design, rows: pd.DataFrame, measure: str) -> list[str]:
    """Leading parameters whose intervals are too wide to rank by."""
    leading = rows.sort_values(measure, ascending=False, kind="stable").head(LEADING).dropna(subset=[measure])
    width, value = leading[f"{measure}_high"] - leading[f"{measure}_low"], leading[measure]
    effects = isinstance(design.kind, Morris | OneAtATime)
    limit = WIDE_EFFECT * value if effects else np.maximum(WIDE, WIDE_PART * value)
    return list(leading.loc[width > limit, "parameter"])


def remedy(design: Design, luck: Noise) -> str:
    """What narrows the intervals: replications while luck blurs the points, then points. The store keeps what fits."""
    if isinstance(design.kind, OneAtATime) or luck.enough > design.replications > 1:
        return f"try replications: {2 * design.replications}; the same store keeps the runs there are"
    if isinstance(design.kind, Morris):
        return f"try trajectories: {2 * design.kind.trajectories}"
    if isinstance(design.kind, Saltelli):
        return f"try points: {2 * design.kind.points}; the same store keeps the runs there are"
    return "try twice the points"
