"""What worlds say of an effect: how much of its spread is luck, and which uncertain numbers drive the rest."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import fdtri, stdtrit

from chainsim.economy import draws
from chainsim.economy.types import Array, Index
from chainsim.effects.worlds import ECONOMY, POLICY, SQUARE, is_crossed

FEWEST_WORLDS = 64
"""Worlds below which single numbers are hardly told from chance."""
RESAMPLES, SHUFFLES = 2000, 400
NORMAL90 = 1.6448536269514722
"""Standard errors to either side that hold 90 %."""


def luck_bounds(
    effect: Array, worlds: int, whole: tuple[Array, Array], middle: Callable[..., Array] = np.median
) -> tuple[Array, Array]:
    """Ends of what luck alone makes of one pair's effect in nine pairs in ten, of paired effects (W x R, m), (m,) each.

    Deviations of pairs from the mean of their world, widened to the spread of luck, less their own `middle`, about the
    `middle` of all pairs, which is the effect shown: what all worlds share then moves centre and ends alike, and a
    median is not set beside ends about a mean. Two seeds a world tell how wide luck is and not which way it leans:
    deviations are then even about 0. Luck is part of what all pairs show, so its ends are cut to those of the `whole`,
    yet always hold the effect shown, as a mean may lie beyond nine pairs in ten. Not a number with one seed a world.
    """
    each = effect.reshape(worlds, -1, effect.shape[1])
    seeds = each.shape[1]
    if seeds < 2:
        nothing = np.full(effect.shape[1], np.nan)
        return nothing, nothing
    apart = (each - each.mean(axis=1, keepdims=True)) * np.sqrt(seeds / (seeds - 1))
    luck, shown = apart.reshape(effect.shape), middle(effect, axis=0)
    low, high = shown + (np.quantile(luck, (0.05, 0.95), axis=0) - middle(luck, axis=0))
    return np.minimum(np.maximum(low, whole[0]), shown), np.maximum(np.minimum(high, whole[1]), shown)


class Parts(NamedTuple):
    """Variance of a paired effect by origin: between worlds (what is not known), and within (luck)."""

    between: float
    within: float


def variance_parts(effect: Array) -> Parts:
    """Variance of the effect (W, R) between worlds, luck taken out, and within them; not a number with one seed."""
    seeds = effect.shape[1]
    total = variance(effect.mean(axis=1))
    if seeds < 2:
        return Parts(total, np.nan)
    within = float(effect.var(axis=1, ddof=1).mean())
    return Parts(max(total - within / seeds, 0.0), within)


def variance(means: Array) -> float:
    """Variance between worlds, 0 of a single one."""
    return float(means.var(ddof=1)) if means.size > 1 else 0.0


class Known(NamedTuple):
    """Part of the variance of the worlds' mean effects that is not luck, with the ends of its 90 % interval."""

    part: float
    low: float
    high: float


def known_part(effect: Array) -> Known:
    """That part of the effect (W, R), by the ratio of variances (F).

    One seed a world tells no luck: the part is then anything from nothing to all, and shares are at least those of all.
    """
    worlds, seeds = effect.shape
    total, (between, within) = variance(effect.mean(axis=1)), variance_parts(effect)
    if total <= 0.0:
        return Known(0.0, 0.0, 1.0)
    if seeds < 2:
        return Known(1.0, 0.0, 1.0)
    low, high = 1.0 - fdtri(worlds - 1, worlds * (seeds - 1), np.array([0.95, 0.05])) * within / (seeds * total)
    part = between / total  # by means of worlds, and cut at 0, so that it may lie outside what the ratio leaves
    return Known(part, min(max(float(low), 0.0), part), max(float(high), part))


def luck_row(effect: Array) -> dict[str, float]:
    """Part of luck in the variance of single pairs of the effect (W, R), and the ends of its 90 % interval.

    They hold less in crossed worlds, whose means are not independent.
    """
    seeds, nothing = effect.shape[1], dict.fromkeys(("share", "low", "high"), np.nan)
    known = known_part(effect)
    if seeds < 2 or variance_parts(effect) == (0.0, 0.0):
        return nothing
    parts = [(1.0 - part) * seeds / ((1.0 - part) * seeds + part) for part in (known.part, known.high, known.low)]
    return dict(zip(nothing, parts, strict=True))


def drivers(effect: Array, table: pd.DataFrame) -> pd.DataFrame:
    """Which numbers drive an effect (W, R): first-order shares of its variance between worlds, largest first.

    A share is the squared correlation of a number's position (`table`, as of `worlds.table_of`) with the mean effect of
    a world, chance taken out, over the part of the variance of means that is not luck. Bounds hold the share in 90 %
    of draws or more: those of the correlation (Fisher's z) over those of that part; 0 to 1 with three worlds or fewer.
    `told` is whether the share is more than the strongest of as many unrelated numbers reaches in 95 % of shuffles:
    what is not told may be chance, so that its lower bound is 0. The last row, `luck`, is the part of luck in the
    variance of single pairs.

    Crossed worlds share a group's draw by twos: their mean stands for both, so that no draw counts twice.

    Columns: path, group (economy, policy or luck), share, low, high, told.
    """
    warn_of_few(len(effect))
    parts = [drivers_among(*part) for part in apart(effect, table)]
    chance = np.quantile(np.max([part.by_chance for part in parts], axis=0), 0.95)
    groups = table.drop_duplicates("path").set_index("path")["group"]
    frame = pd.concat([part.found for part in parts], ignore_index=True)
    frame = frame.assign(group=groups[frame["path"]].to_numpy(), told=frame["share"] > chance)
    frame["low"] = frame["low"].where(frame["told"], 0.0)
    frame = frame[["path", "group", "share", "low", "high", "told"]]
    frame = frame.sort_values("share", ascending=False, kind="stable", ignore_index=True)
    last = {"path": "luck", "group": "luck", **luck_row(effect), "told": True}
    return pd.concat([frame, pd.DataFrame([last])], ignore_index=True)


class Among(NamedTuple):
    """First-order shares of some numbers: path, share, low, high; and the largest in each shuffle, (SHUFFLES,)."""

    found: pd.DataFrame
    by_chance: Array


def apart(effect: Array, table: pd.DataFrame) -> list[tuple[pd.DataFrame, Array, Known]]:
    """Positions of numbers (draws, m), mean effects of these draws, and the part of their variance that is worlds'.

    All numbers together, or, in crossed worlds, those of each group, whose draws are half as many as worlds: the
    variance of means over two worlds is less than that of worlds, of which shares are told.
    """
    wide = table[table["kept"]].pivot(index="world", columns="path", values="position")
    means, known = effect.mean(axis=1), known_part(effect)
    if not is_crossed(table):
        return [(wide.fillna(0.5), means, known)]
    found = []
    for group, of_draw in draws_of(wide.index.to_numpy()).items():
        paths = table.loc[table["group"] == group, "path"].unique()
        draws_alone = wide[paths].groupby(of_draw).mean().fillna(0.5)
        alone = pd.Series(means).groupby(of_draw).mean().to_numpy()
        scale = variance(means) / variance(alone) if variance(alone) > 0.0 else 1.0
        found.append((draws_alone, alone, Known(*(scale * value for value in known))))
    return found


def draws_of(worlds: Index) -> dict[str, Index]:
    """Number of the draw of the economy, and of the levers' numbers, of crossed worlds, (W,) each."""
    return {ECONOMY: worlds // 2, POLICY: worlds // SQUARE * 2 + worlds % 2}


def drivers_among(wide: pd.DataFrame, means: Array, known: Known) -> Among:
    """Shares of numbers in what differs between draws (W, m) whose effects are `means`."""
    positions = wide.to_numpy()
    found, (low, high) = shares(positions, means, known.part), ends(positions, means, known)
    by_chance = [shares(positions, means[order], known.part).max() for order in shuffles(means.size)]
    bounds = {"share": found, "low": np.minimum(low, found), "high": np.maximum(high, found)}
    return Among(pd.DataFrame({"path": wide.columns, **bounds}), np.array(by_chance))


def warn_of_few(worlds: int) -> None:
    """Say that so few worlds tell little of what drives an effect, to the caller's caller."""
    if worlds < FEWEST_WORLDS:
        warnings.warn(f"{worlds} worlds tell few drivers from chance; {FEWEST_WORLDS} or more are better", stacklevel=4)


def ends(positions: Array, means: Array, known: Known) -> tuple[Array, Array]:
    """Ends of the 90 % intervals of the first-order shares of columns (W, m), (m,) each."""
    size, columns = positions.shape
    if size < 4:
        return np.zeros(columns), np.ones(columns)
    z, error = np.arctanh(np.minimum(np.sqrt(squares(positions, means)), 1.0 - 1e-12)), NORMAL90 / np.sqrt(size - 3)
    low, high = np.tanh(np.maximum(z - error, 0.0)) ** 2, np.tanh(z + error) ** 2
    most = np.minimum(high / known.low, 1.0) if known.low > 0 else np.ones(columns)
    return np.minimum(low / known.high, 1.0) if known.high > 0 else np.zeros(columns), most


def group_shares(effect: Array, table: pd.DataFrame) -> pd.DataFrame:
    """How much of an effect (W, R) is not known for want of the economy, and of the policy's own numbers; and luck.

    The share of a group is the sum of the first-order shares of all its numbers, chance taken out of every one and none
    cut at 0, so that neither many numbers nor small ones bias it; what is left to 1 are interactions, bends and chance.
    Bounds hold the share in 90 % of draws or more: the jackknife over worlds, or what chance alone spreads where that
    is more, by Student's t, over the bounds of the part that is not luck. Few worlds leave all from 0 to 1 open.
    Crossed worlds tell far more: `shares_of_squares`. The last row, `luck`, is its part in the variance of pairs.

    Columns: group, numbers (how many were drawn), share, low, high; shares and bounds lie within 0 and 1.
    """
    warn_of_few(len(effect))
    if is_crossed(table):
        return shares_of_squares(effect, table)
    means, known, rows = effect.mean(axis=1), known_part(effect), []
    wide = table[table["kept"]].pivot(index="world", columns="path", values="position").fillna(0.5)
    groups = table.drop_duplicates("path").set_index("path")["group"][wide.columns].to_numpy()
    for name in ("economy", "policy"):
        positions = wide.to_numpy()[:, groups == name]
        if positions.shape[1]:
            rows.append((name, positions.shape[1], *joint_share(positions, means, known)))
    return pd.DataFrame(
        [*rows, ("luck", 0, *luck_row(effect).values())], columns=["group", "numbers", "share", "low", "high"]
    )


def shares_of_squares(effect: Array, table: pd.DataFrame) -> pd.DataFrame:
    """The same of crossed worlds (W, R), from what differs within squares, where one group moves and the other not.

    Half the mean squared difference of two worlds of the same levers' numbers, luck taken out, is the variance that the
    economy makes, alone and with the levers (its total effect: Jansen 1999); and the other way round. Shares are those
    of the sum of both, so that what the groups make only together counts for both alike. Bounds are Fieller's over
    squares, which are independent: shares that Student's t does not refuse, by half as many degrees of freedom as
    squares have, since squares of differences are skewed. Squares with a world left out are not counted; one seed a
    world, which tells no luck, leaves all open.
    """
    worlds = table.loc[table["kept"], "world"].drop_duplicates().sort_values().to_numpy()
    square, size = worlds // SQUARE, np.bincount(worlds // SQUARE)
    each = effect[size[square] == SQUARE].reshape(-1, SQUARE, effect.shape[1])
    told = len(each) and each.shape[2] > 1
    share, low, high = share_of_first(*totals(each)) if told else (np.nan, 0.0, 1.0)
    numbers = table.drop_duplicates("path")["group"].value_counts()
    return pd.DataFrame(
        [
            (ECONOMY, numbers[ECONOMY], share, low, high),
            (POLICY, numbers[POLICY], 1.0 - share, 1.0 - high, 1.0 - low),
            ("luck", 0, *luck_row(effect).values()),
        ],
        columns=["group", "numbers", "share", "low", "high"],
    )


def totals(squares: Array) -> tuple[Array, Array]:
    """Variance that the economy makes, and that the levers' numbers make, by square (S, 4, R), (S,) each; see above."""
    luck = squares.var(axis=2, ddof=1).mean() / squares.shape[2]
    means = squares.mean(axis=2).reshape(-1, 2, 2)  # (S, economy, levers)
    economy, policy = (0.5 * (np.diff(means, axis=axis) ** 2).mean(axis=(1, 2)) - luck for axis in (1, 2))
    return economy, policy


def share_of_first(first: Array, second: Array) -> tuple[float, float, float]:
    """The first mean (S,) over the sum of both, and its ends, within 0 and 1; not a number where both are nothing."""
    parts = [max(float(values.mean()), 0.0) for values in (first, second)]
    found = parts[0] / sum(parts) if any(parts) else np.nan
    if first.size < 2 or not any(parts):
        return found, 0.0, 1.0
    tried = np.linspace(0.0, 1.0, 1001)
    more = (1.0 - tried) * first[:, None] - tried * second[:, None]  # on average above 0 where the share is more
    reach = stdtrit(0.5 * (first.size - 1), 0.95) * more.std(axis=0, ddof=1) / np.sqrt(first.size)
    low = tried[more.mean(axis=0) <= reach].min(initial=found)
    high = tried[more.mean(axis=0) >= -reach].max(initial=found)
    return found, float(low), float(high)


def joint_share(positions: Array, means: Array, known: Known) -> tuple[float, float, float]:
    """Share of columns (W, m) together, and its ends; not a number where all may be luck."""
    size, columns = positions.shape
    if size < 4 or known.part <= 0.0:
        found = joint_squares(positions, means) / known.part if known.part > 0.0 else np.nan
        return float(np.clip(found, 0.0, 1.0)), 0.0, 1.0
    found, every = joint_squares(positions, means), np.arange(size)
    each = np.array([joint_squares(positions[every != out], means[every != out]) for out in every])
    by_chance = np.sqrt(2.0 * columns / ((size - 2) * (size + 1)))
    error = float(stdtrit(size - 2, 0.95) * max(np.sqrt((size - 1) * each.var()), by_chance))
    low, high = max(found - error, 0.0) / known.high, max(found + error, 0.0)
    most = min(high / known.low, 1.0) if known.low > 0.0 else 1.0
    return float(np.clip(found / known.part, 0.0, 1.0)), min(low, 1.0), most


def joint_squares(positions: Array, means: Array) -> float:
    """Sum of the squared correlations of columns (W, m), less chance."""
    square = squares(positions, means)
    return float((square - (1.0 - square) / max(means.size - 2, 1)).sum())


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


def resamples(pairs: int, worlds: int = 0) -> Index:
    """The same draws of pairs with replacement whenever there are as many, (RESAMPLES, pairs).

    Pairs of one world share its numbers, so that worlds are drawn first, where there are any, and then pairs in them
    (Davison and Hinkley 1997, 3.8): single pairs would pass for as many worlds, and the intervals be too narrow.
    """
    if not worlds:
        return with_replacement(pairs, pairs, 0)
    seeds = pairs // worlds
    return np.repeat(with_replacement(worlds, worlds, 1), seeds, axis=1) * seeds + with_replacement(seeds, pairs, 2)


def with_replacement(number: int, size: int, stream: int) -> Index:
    """Numbers below `number`, (RESAMPLES, size), the same of every stream every time."""
    key = draws.draw_key(0, "effects.resamples", stream)
    u = draws.uniform_for(key, np.arange(RESAMPLES * size, dtype=np.uint64))
    return np.minimum((u * number).astype(np.int64), number - 1).reshape(RESAMPLES, size)


def shuffles(size: int) -> Index:
    """The same orders of `size` worlds every time, (SHUFFLES, size)."""
    u = draws.uniform_for(draws.draw_key(0, "effects.shuffles", 0), np.arange(SHUFFLES * size, dtype=np.uint64))
    return np.argsort(u.reshape(SHUFFLES, size), axis=1)
