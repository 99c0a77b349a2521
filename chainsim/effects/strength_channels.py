"""The effects on R&D and on strength divided enterprise by enterprise.

R&D is sales of the year before, from which budgets are made, times R&D over these, and what grants add. Each is
changed at the mean of the other.

Strength is the geometric mean of three ratios to the base year, so with logarithmic means L

    S' - S = L(S, S') / 3 x sum over parts of (P' - P) / L(P, P')

where P are the share in national and foreign markets, the mean level of quality by sales, and R&D over sales at
base-year output of segments. A part that is a mean of enterprises is divided as extension is (`of_mean`): what those
of both worlds do, how sales shift between them, and by how much those that one world alone has differ from the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chainsim.economy.arrays import NATIONAL_MARKET
from chainsim.economy.economy import Economy
from chainsim.economy.types import Array
from chainsim.effects.differences import Alignment
from chainsim.effects.enterprise_channels import ALONE, ROUNDING, Sellers, logarithmic_mean, mean_shares, of_mean
from chainsim.effects.localization_channels import over
from chainsim.indicators import structure
from chainsim.indicators.sums import Sums, by_segment, market_spending

OF_RD = ("sales", "effort", "grants", *ALONE)
"""Channels of R&D, in the order in which they are told."""
OF_STRENGTH = ("market_share", "quality", "research", "mix", *ALONE, "segments")
"""Channels of strength, in the order in which they are told."""


class Strengths(NamedTuple):
    """What makes enterprises of both worlds strong, (2, u): R&D, what grants added to it, sales of the year `before`,
    sales in `outside` markets, and `quality` as a level."""

    rd: Array
    granted: Array
    before: Array
    outside: Array
    quality: Array


class BaseStrength(NamedTuple):
    """What the strength of a world is held against: its `parts` in the base year (3, G) and `output` then (S,)."""

    parts: Array
    output: Array


def base_strength(world: Economy, groups: Array) -> BaseStrength:
    """The base year of a world."""
    sums = by_segment(world)
    return BaseStrength(structure.strength_parts(sums, groups), sums["output"])


def strengths(worlds: Sequence[Economy], match: Alignment) -> Strengths:
    """What the enterprises of two worlds did in the year."""
    states = []
    for world, rows in zip(worlds, match.rows, strict=True):
        there = (rows >= 0) & world.operated[rows]
        granted = np.zeros(world.n)  # enterprises founded in the year had no grant
        granted[: world.policy.rd_support.size] = world.policy.rd_support
        outside = world.final_sales[:, NATIONAL_MARKET:].sum(axis=1)
        made = world.rd, granted, world.last_sales, outside, np.exp(world.quality)
        states.append([np.where(there, values[rows], 0.0) for values in made])
    return Strengths(*(np.stack(both) for both in zip(*states, strict=True)))


def of_rd(made: Sellers, strong: Strengths, groups: Array) -> Array:
    """The effect on R&D by `OF_RD`, (G, channels), CNY million."""
    own = strong.rd - strong.granted
    effort = over(own, strong.before)
    effort = np.where(strong.before > 0, effort, effort[::-1])  # who sold nothing has the effort of the other world
    sales = (strong.before[1] - strong.before[0]) * effort.mean(axis=0)
    values = [sales, own[1] - own[0] - sales, strong.granted[1] - strong.granted[0]]
    return np.asarray(groups @ made.by_segment(values, strong.rd[1] - strong.rd[0], groups.shape[1]), dtype=float)


def of_strength(
    worlds: Sequence[Economy], made: Sellers, strong: Strengths, groups: Array, base: Sequence[BaseStrength]
) -> Array:
    """The effect on strength by `OF_STRENGTH`, (G, channels); what no enterprise makes goes to segments."""
    sums = [sums_of(world, made, strong, number, groups.shape[1]) for number, world in enumerate(worlds)]
    parts = []
    for each, held in zip(sums, base, strict=True):
        now = structure.strength_parts(each, groups)
        now[-1] = structure.fixed_rd_intensity(each, groups, held.output)
        parts.append(now)
    outputs = [held.output for held in base]
    gains = (
        of_share(made, strong, groups, sums),
        of_quality(made, strong, groups),
        of_research(made, strong, groups, outputs),
    )
    level = [structure.strength(now, held.parts) for now, held in zip(parts, base, strict=True)]
    told = np.zeros((groups.shape[0], len(OF_STRENGTH)))
    for number, (columns, gain) in enumerate(gains):
        of_logs = over(gain, logarithmic_mean(parts[0][number], parts[1][number])[:, None])
        told[:, columns] += logarithmic_mean(*level)[:, None] * of_logs / 3.0
    left = level[1] - level[0] - told.sum(axis=1)
    told[:, -1] = np.where(np.abs(left) > ROUNDING * np.maximum(*level), left, 0.0)
    return told


def sums_of(world: Economy, made: Sellers, strong: Strengths, number: int, size: int) -> Sums:
    """Sums by segment (S,) of what makes the strength of a world, 0 for the baseline, 1 for the policy."""
    measured = {
        "output": made.sales,
        "national_sales": strong.outside,
        "quality_level": strong.quality * made.sales,
        "rd": strong.rd,
    }
    sums = {name: np.bincount(made.segment, values[number], size) for name, values in measured.items()}
    return sums | {"national_markets": market_spending(world)[:, NATIONAL_MARKET:].sum(axis=1)}


def columns_of(*names: str) -> list[int]:
    """Places of channels of strength."""
    return [OF_STRENGTH.index(name) for name in (*names, *ALONE)]


def of_share(made: Sellers, strong: Strengths, groups: Array, sums: Sequence[Sums]) -> tuple[list[int], Array]:
    """What enterprises add to the share in outside markets, (G, channels), and which channels; the growth of these
    markets, which no enterprise makes, counts with those of both worlds."""
    sold, markets = (
        np.stack([groups @ each[name] for each in sums]) for name in ("national_sales", "national_markets")
    )
    gain = strong.outside[1] - strong.outside[0]
    share = over(sold, markets)
    scale = over(logarithmic_mean(*share), logarithmic_mean(*sold))[:, None]
    found = scale * (groups @ made.by_segment([gain], gain, groups.shape[1]))
    found[:, 0] += share[1] - share[0] - scale[:, 0] * (sold[1] - sold[0])
    return columns_of("market_share"), found


def of_quality(made: Sellers, strong: Strengths, groups: Array) -> tuple[list[int], Array]:
    """What enterprises add to the mean level of quality, (G, channels), and which channels."""
    found = []
    for group in groups:
        sales = made.sales * group[made.segment]
        part = over(sales, sales.sum(axis=1, keepdims=True))
        mean = (part * strong.quality).sum(axis=1).mean()
        own, mix, alone = of_mean(part, strong.quality, mean)
        found.append(made.by_segment((own, mix), alone, groups.shape[1]).sum(axis=0))
    return columns_of("quality", "mix"), np.stack(found)


def of_research(
    made: Sellers, strong: Strengths, groups: Array, base_output: Sequence[Array]
) -> tuple[list[int], Array]:
    """What enterprises add to R&D over sales at base-year output of segments, (G, channels), and which channels."""
    size = groups.shape[1]
    total = np.stack([np.bincount(made.segment, sales, size) for sales in made.sales]).astype(float)
    at, here = total[:, made.segment], total > 0
    part, intensity = over(made.sales, at), over(strong.rd, made.sales)
    mean = np.stack([np.bincount(made.segment, each, size) for each in over(strong.rd, at)]).mean(axis=0)
    own, mix, alone = of_mean(part, intensity, mean[made.segment])
    unsold = over(strong.rd, at) - part * intensity  # R&D of those who sold nothing
    more = unsold[1] - unsold[0]
    share = mean_shares([groups * output * there for output, there in zip(base_output, here, strict=True)])
    found = (share * here.all(axis=0)) @ made.by_segment((own + more, mix), alone + more, size)
    return columns_of("research", "mix"), found
