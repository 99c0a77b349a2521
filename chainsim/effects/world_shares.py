"""What worlds say of an effect: how much of its spread is luck, and which uncertain numbers drive the rest."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd

from chainsim.economy import draws
from chainsim.economy.types import Array, Index

FEWEST_WORLDS = 64
"""Worlds below which single numbers are hardly told from chance."""
RESAMPLES, SHUFFLES = 2000, 400
NORMAL90 = 1.6448536269514722
"""Standard errors to either side that hold 90 %."""


def luck_within(effect: Array, worlds: int) -> Array:
    """Deviations of paired effects (W x R, m) from the mean of their world, scaled to the spread of luck, (W x R, m).

    Not a number with one seed a world.
    """
    each = effect.reshape(worlds, -1, effect.shape[1])
    seeds = each.shape[1]
    if seeds < 2:
        return np.full_like(effect, np.nan)
    return ((each - each.mean(axis=1, keepdims=True)) * np.sqrt(seeds / (seeds - 1))).reshape(effect.shape)


class Parts(NamedTuple):
    """Variance of a paired effect by origin: between worlds (what is not known), and within (luck)."""

    between: float
    within: float


def variance_parts(effect: Array) -> Parts:
    """Variance of the effect (W, R) between worlds, luck taken out, and within them; not a number with one seed."""
    seeds = effect.shape[1]
    total = float(effect.mean(axis=1).var(ddof=1))
    if seeds < 2:
        return Parts(total, np.nan)
    within = float(effect.var(axis=1, ddof=1).mean())
    return Parts(max(total - within / seeds, 0.0), within)


def drivers(effect: Array, table: pd.DataFrame) -> pd.DataFrame:
    """Which numbers drive an effect (W, R): first-order shares of its variance between worlds, largest first.

    A share is the squared correlation of a number's position (`table`, as of `worlds.table_of`) with the mean effect of
    a world, chance taken out, over the part of the variance of means that is not luck. Bounds hold 90 % of resampled
    worlds. `told` is whether it is more than the strongest of as many unrelated numbers reaches in 95 % of shuffles:
    what is not told may be chance. The last row, `luck`, is the part of luck in the variance of single pairs.

    Columns: path, group (economy, policy or luck), share, low, high, told.
    """
    means, (between, within) = effect.mean(axis=1), variance_parts(effect)
    if means.size < FEWEST_WORLDS:
        warnings.warn(
            f"{means.size} worlds tell few drivers from chance; {FEWEST_WORLDS} or more are better", stacklevel=3
        )
    wide = table[table["kept"]].pivot(index="world", columns="path", values="position").fillna(0.5)
    positions, total = wide.to_numpy(), float(means.var(ddof=1))
    known = between / total if total > 0 else 0.0
    found = shares(positions, means, known)
    low, high = np.quantile(
        [shares(positions[rows], means[rows], known) for rows in resamples(means.size)[:SHUFFLES]], (0.05, 0.95), axis=0
    )
    chance = np.quantile([shares(positions, means[order], known).max() for order in shuffles(means.size)], 0.95)
    groups = table.drop_duplicates("path").set_index("path")["group"]
    frame = pd.DataFrame(
        {
            "path": wide.columns,
            "group": groups[wide.columns].to_numpy(),
            "share": found,
            "low": np.minimum(low, found),
            "high": np.maximum(high, found),
            "told": found > chance,
        }
    ).sort_values("share", ascending=False, kind="stable", ignore_index=True)
    luck = within / (between + within) if between + within > 0 else np.nan
    last = {"path": "luck", "group": "luck", "share": luck, "low": np.nan, "high": np.nan, "told": True}
    return pd.concat([frame, pd.DataFrame([last])], ignore_index=True)


def group_shares(effect: Array, table: pd.DataFrame) -> pd.DataFrame:
    """How much of an effect (W, R) is not known for want of the economy, and of the policy's own numbers; and luck.

    The share of a group is the sum of the first-order shares of all its numbers, chance taken out of every one and none
    cut at 0, so that neither many numbers nor small ones bias it; what is left to 1 are interactions, bends and chance.
    Bounds are 90 % by the jackknife over worlds. The last row, `luck`, is its part in the variance of single pairs.

    Columns: group, numbers (how many were drawn), share, low, high; shares and bounds lie within 0 and 1.
    """
    means, (between, within) = effect.mean(axis=1), variance_parts(effect)
    wide = table[table["kept"]].pivot(index="world", columns="path", values="position").fillna(0.5)
    groups = table.drop_duplicates("path").set_index("path")["group"][wide.columns].to_numpy()
    total = float(means.var(ddof=1))
    known, rows = between / total if total > 0 else 0.0, []
    for name in ("economy", "policy"):
        positions = wide.to_numpy()[:, groups == name]
        if not positions.shape[1]:
            continue
        every = np.arange(means.size)
        each = np.array([joint_share(positions[every != out], means[every != out], known) for out in every])
        error = NORMAL90 * float(np.sqrt((means.size - 1) * each.var()))
        share = joint_share(positions, means, known)
        ends = np.clip([share, share - error, share + error], 0.0, 1.0) if known > 0 else (np.nan,) * 3
        rows.append((name, positions.shape[1], *map(float, ends)))
    luck = within / (between + within) if between + within > 0 else np.nan
    return pd.DataFrame(
        [*rows, ("luck", 0, luck, np.nan, np.nan)], columns=["group", "numbers", "share", "low", "high"]
    )


def joint_share(positions: Array, means: Array, known: float) -> float:
    """Sum of the first-order shares of columns (W, m), less chance, in the part `known` of the variance."""
    square = squares(positions, means)
    return float((square - (1.0 - square) / max(means.size - 2, 1)).sum()) / known if known > 0 else 0.0


def squares(positions: Array, means: Array) -> Array:
    """Squared correlation of every column of `positions` (W, m) with the means, (m,)."""
    x, y = positions - positions.mean(axis=0), means - means.mean()
    scale = (x**2).sum(axis=0) * (y**2).sum()
    return np.divide((y @ x) ** 2, scale, out=np.zeros(x.shape[1]), where=scale > 0)


def shares(positions: Array, means: Array, known: float) -> Array:
    """First-order shares of every column of `positions` (W, m) in the part `known` of the variance of means, (m,)."""
    square = squares(positions, means)
    square = np.maximum(square - (1.0 - square) / max(means.size - 2, 1), 0.0)
    return np.minimum(square / known, 1.0) if known > 0 else np.zeros_like(square)


def resamples(pairs: int) -> Index:
    """The same draws of pairs with replacement whenever there are as many, (RESAMPLES, pairs)."""
    u = draws.uniform_for(draws.draw_key(0, "effects.resamples", 0), np.arange(RESAMPLES * pairs, dtype=np.uint64))
    return np.minimum((u * pairs).astype(np.int64), pairs - 1).reshape(RESAMPLES, pairs)


def shuffles(size: int) -> Index:
    """The same orders of `size` worlds every time, (SHUFFLES, size)."""
    u = draws.uniform_for(draws.draw_key(0, "effects.shuffles", 0), np.arange(SHUFFLES * size, dtype=np.uint64))
    return np.argsort(u.reshape(SHUFFLES, size), axis=1)
