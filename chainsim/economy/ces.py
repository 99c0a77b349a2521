"""Two kinds of staff that replace each other at a constant elasticity (CES), measured against the base year.

With `share` of the first in base cost, prices w and quantities x over the base year's, and elasticity s:

    cost index  c = [share w1^(1-s) + (1 - share) w2^(1-s)]^(1/(1-s))
    demand      x_i = (c / w_i)^s    for a unit of output
    output      y = [share x1^((s-1)/s) + (1 - share) x2^((s-1)/s)]^(s/(s-1))

At s = 1 both are products of powers. Source: Arrow, Chenery, Minhas and Solow (1961).
"""

from __future__ import annotations

import numpy as np

from chainsim.economy.types import Array

NEAR_ONE = 1e-9
"""Distance of an elasticity from 1 below which the limit, Cobb and Douglas, counts."""


def share_of_first(first: Array, second: Array) -> Array:
    """Share of the first in the sum of two amounts, (n,); 1 where there is nothing."""
    total = first + second
    return np.divide(first, total, out=np.ones_like(total), where=total > 0)


def cost_index(share: Array, first: float, second: float, elasticity: float) -> Array:
    """Cost of a unit of output at relative prices `first`, `second`, over that of the base year, (n,)."""
    if abs(elasticity - 1.0) < NEAR_ONE:
        return first**share * second ** (1.0 - share)
    power = 1.0 - elasticity
    return (share * first**power + (1.0 - share) * second**power) ** (1.0 / power)


def demand(share: Array, first: float, second: float, elasticity: float) -> tuple[Array, Array]:
    """What a unit of output takes of both at relative prices `first`, `second`, over the base year, two of (n,)."""
    index = cost_index(share, first, second, elasticity)
    return (index / first) ** elasticity, (index / second) ** elasticity


def output(share: Array, first: Array, second: Array, elasticity: float) -> Array:
    """Output of `first` and `second` (n,), each in units of output that it serves at base, (n,)."""
    if abs(elasticity - 1.0) < NEAR_ONE:
        return first**share * second ** (1.0 - share)
    power = (elasticity - 1.0) / elasticity
    if power < 0.0:
        first, second = np.maximum(first, 1e-300), np.maximum(second, 1e-300)
    return (share * first**power + (1.0 - share) * second**power) ** (1.0 / power)
