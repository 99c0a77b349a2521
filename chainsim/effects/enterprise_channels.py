"""The effects on jobs, output and extension divided enterprise by enterprise: what those do that both worlds have, and
whom one world alone has.

Jobs: production staff is output times staff per output, whose changes go to demand and productivity at the mean of the
other; R&D staff stands apart.

Output: sales are volume times price, each changed at the mean of the other.

Extension is exp(E) with E = sum over segments of z (L - ln z), z the base-year share of a segment and L = sum of w l
the mean log number of products l of its enterprises, by their part w in its sales. In a segment of both worlds, with
mean values over the worlds and R the mean of L,

    L' - L = sum over both  mean w (l' - l) + (mean l - R) (w' - w)  +  sum over one world alone  +-w (l - R)

so an enterprise that one world alone has counts by how many more products it makes than others of its segment (Foster,
Haltiwanger and Krizan 2001). What is left of E' - E are segments of one world. The logarithmic mean of both extensions
makes products of E' - E.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chainsim.economy.arrays import ScenarioArrays
from chainsim.economy.economy import Economy
from chainsim.economy.links import ARRIVALS, ENTRY, EXIT
from chainsim.economy.types import Array, Flags, Index
from chainsim.effects.differences import Alignment
from chainsim.effects.localization_channels import over
from chainsim.indicators.structure import extension
from chainsim.indicators.sums import log_products

OF_JOBS = ("demand", "productivity", "research", "entry", "exit", "arrivals")
"""Channels of jobs, in the order in which they are told."""
ALONE = ("entry", "spin_offs", "exit", "arrivals", "first_plants")
"""Why an enterprise is in one world alone, in the order of the codes of `reasons`."""
OF_OUTPUT = ("volume", "price", *ALONE)
"""Channels of output, in the order in which they are told."""
OF_EXTENSION = ("products", "mix", *ALONE, "segments")
"""Channels of extension, in the order in which they are told."""

ROUNDING = 1e-12
"""Part of an extension that is rounding."""


class Sellers(NamedTuple):
    """The enterprises of both worlds, (u,), and (2, u) who is `there`, `sales`, `volume` and log number of `products`;
    `reason` (u,) says why one that is not in both is in one alone, by place in `ALONE`. `both` (b,) are rows of those
    in both worlds, `others` (o,) of the rest."""

    segment: Index
    reason: Index
    both: Index
    others: Index
    there: Flags
    sales: Array
    volume: Array
    products: Array

    def by_segment(self, values: Sequence[Array], alone: Array, segments: int) -> Array:
        """Sums of `values` of enterprises of both worlds, and of what others add, `alone`, by reason, (S, channels)."""
        both, others = self.both, self.others
        found = [np.bincount(self.segment[both], each[both], segments) for each in values]
        place = self.reason[others] * segments + self.segment[others]
        of_others = np.bincount(place, alone[others], len(ALONE) * segments)
        return np.stack([*found, *of_others.reshape(len(ALONE), segments)], axis=1)


def sellers(worlds: Sequence[Economy], match: Alignment, reason: Index) -> Sellers:
    """What the enterprises of two worlds made and sold in the year."""
    states, segment = [], np.zeros(match.identity.size, dtype=np.int64)
    for world, rows in zip(worlds, match.rows, strict=True):
        there = (rows >= 0) & world.operated[rows]
        segment[rows >= 0] = world.segment[rows[rows >= 0]]
        made = world.sales[rows], world.output[rows], log_products(world)[rows]
        states.append((there, *(np.where(there, values, 0.0) for values in made)))
    both = states[0][0] & states[1][0]
    in_both, others = np.flatnonzero(both), np.flatnonzero(~both)
    return Sellers(segment, reason, in_both, others, *(np.stack(each) for each in zip(*states, strict=True)))


def groups_of(arrays: ScenarioArrays) -> Array:
    """Which segments belong to the chain and to each tier, (1 + tiers, S)."""
    tiers = [arrays.tier == number for number in range(len(arrays.tiers))]
    return np.stack([arrays.chain, *tiers]).astype(float)


def of_output(made: Sellers, groups: Array) -> Array:
    """The effect on output by `OF_OUTPUT`, (G, channels), CNY million."""
    price = over(made.sales, made.volume)
    price = np.where(made.volume > 0, price, price[::-1])  # who sells nothing has the price of the other world
    gain = made.sales[1] - made.sales[0]
    volume = (made.volume[1] - made.volume[0]) * price.mean(axis=0)
    return np.asarray(groups @ made.by_segment([volume, gain - volume], gain, groups.shape[1]), dtype=float)


def of_extension(made: Sellers, groups: Array, base_output: Sequence[Array]) -> Array:
    """The effect on extension by `OF_EXTENSION`, (G, channels), products; `base_output` (S,) of each world."""
    size = groups.shape[1]
    total = np.stack([np.bincount(made.segment, sales, size) for sales in made.sales]).astype(float)
    part, here = over(made.sales, total[:, made.segment]), (total > 0).astype(float)
    mean_log = np.stack([np.bincount(made.segment, each, size) for each in part * made.products])
    own, mix, alone = of_mean(part, made.products, mean_log.mean(axis=0)[made.segment])
    found = made.by_segment((own, mix), alone, size)
    share = mean_shares([groups * output for output in base_output])
    before, after = (
        extension(output, groups, logs, there) for output, logs, there in zip(base_output, mean_log, here, strict=True)
    )
    parts = logarithmic_mean(before, after)[:, None] * ((share * here.all(axis=0)) @ found)
    segments = after - before - parts.sum(axis=1)
    return np.column_stack([parts, np.where(np.abs(segments) > ROUNDING * np.maximum(before, after), segments, 0.0)])


def of_mean(part: Array, values: Array, reference: Array | float) -> tuple[Array, Array, Array]:
    """What each enterprise adds to a change of the mean of `values` by `part`, (2, u): three of (u,), its own change,
    the shift between those of both worlds, and what it adds if one world alone has it, above the `reference` (u,)."""
    apart = values - reference
    own, mix = part.mean(axis=0) * (values[1] - values[0]), apart.mean(axis=0) * (part[1] - part[0])
    return own, mix, part[1] * apart[1] - part[0] * apart[0]


def mean_shares(weights: Sequence[Array]) -> Array:
    """Parts in the sums of each group by `weights` (G, S) of both worlds, the mean of the worlds, (G, S)."""
    ours, theirs = (over(each, each.sum(axis=1, keepdims=True)) for each in weights)
    return (ours + theirs) / 2


def logarithmic_mean(one: Array, other: Array) -> Array:
    """Logarithmic means, (G,), by which a change of logs becomes one of levels; 0 where one of both is 0."""
    counted, gain = (one > 0) & (other > 0), other - one
    logs = np.log1p(over(gain, one), where=counted & (gain != 0.0), out=np.ones_like(gain))
    return np.where(counted, np.where(gain != 0.0, over(gain, logs), one), 0.0)


def of_jobs(worlds: Sequence[Economy], match: Alignment, why: Index) -> Array:
    """The effect on jobs of the chain by `OF_JOBS`, (6,), persons; `why` (u,) says why some are in one world alone."""
    states = [staffing(world, rows) for world, rows in zip(worlds, match.rows, strict=True)]
    there, production, research, output = (np.stack(both) for both in zip(*states, strict=True))
    both, produced = there.all(axis=0), (output > 0).all(axis=0)
    gain, grown = production[1] - production[0], output[1] - output[0]
    demand = np.where(produced, grown * over(production, output).mean(axis=0), gain)
    founded = (production + research)[1] - (production + research)[0]
    return np.array(
        [
            demand[both].sum(),
            (gain - demand)[both].sum(),
            (research[1] - research[0])[both].sum(),
            *(founded[~both & (why == reason)].sum() for reason in (ENTRY, EXIT, ARRIVALS)),
        ]
    )


def staffing(world: Economy, rows: Index) -> tuple[Flags, Array, Array, Array]:
    """Who of the chain's enterprises at `rows` (u,) operated, production staff, R&D staff and output, (u,) each."""
    counted = (rows >= 0) & world.operated[rows] & world.arrays.chain[world.segment[rows]]
    staff = (world.ordinary + world.skilled)[rows], world.research[rows], world.output[rows]
    production, research, output = (np.where(counted, values, 0.0) for values in staff)
    return counted, production, research, output
