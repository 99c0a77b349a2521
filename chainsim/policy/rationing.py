"""Who gets how much where requests exceed the budget."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from chainsim.economy.types import Array

Rationing = Literal["pro_rata", "merit", "first_come", "small_first", "lottery"]
RULES: tuple[str, ...] = get_args(Rationing)


def ration(requested: Array, budget: float, order: Array | None) -> Array:
    """What is granted of `requested` (n,) within a budget, (n,), CNY million.

    Without an `order` everybody gets the same share; with one, requests are served in full from the lowest number up,
    and the last one gets what is left.
    """
    total = float(requested.sum())
    if total <= budget:
        return requested
    if budget <= 0.0:
        return np.zeros_like(requested)
    if order is None:
        return requested * (budget / total)
    rows = np.argsort(order, kind="stable")
    before = np.cumsum(requested[rows]) - requested[rows]
    granted = np.zeros_like(requested)
    granted[rows] = np.clip(budget - before, 0.0, requested[rows])
    return granted
