"""Luck apart from parameters: how much of the spread of all runs lies within points, and how many runs a point needs."""

from __future__ import annotations

import math
from typing import NamedTuple

from chainsim.economy.types import Array

LEFT = 0.05
"""Luck that may be left in the mean of a point, as a share of the variance between points."""
MOST = 10_000
"""Replications from which on no number is enough: parameters move the result too little to be told from luck."""


class Noise(NamedTuple):
    """Standard deviations within and between points, share of luck in all variance, replications that are enough.

    `within` counts all differences between runs of a point; `moving` only those that differ from point to point, which
    are what is left when points are compared by the same seeds.
    """

    within: float
    between: float
    moving: float
    share: float
    enough: int


def noise(outputs: Array) -> Noise:
    """Luck in outputs, (points, replications); nothing is known from one replication, so its share is not a number.

    An analysis of variance of points by seeds: what is left after the means of points and of seeds is the luck that moves.
    """
    points, replications = outputs.shape
    if replications < 2 or points < 2:
        return Noise(math.nan, float(outputs.mean(axis=1).std()), math.nan, math.nan, 2)
    means = outputs.mean(axis=1)
    within = float(outputs.var(axis=1, ddof=1).mean())
    rest = outputs - means[:, None] - outputs.mean(axis=0)[None, :] + outputs.mean()
    moving = float((rest**2).sum() / ((points - 1) * (replications - 1)))
    between = max(float(means.var(ddof=1)) - moving / replications, 0.0)
    share = within / (within + between) if within + between > 0 else 0.0
    enough = math.ceil(moving / (LEFT * between)) if moving < MOST * LEFT * between else MOST if moving > 0 else 2
    return Noise(within**0.5, between**0.5, moving**0.5, share, max(2, min(enough, MOST)))
