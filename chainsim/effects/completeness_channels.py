"""The effect on completeness divided by who opens and closes links: suppliers of both worlds, and those of one alone.

Completeness of a tier is a mean of the covered part c of its inputs, by their part w in demand, so with mean values
over the worlds

    C' - C = sum over inputs of  mean w (c' - c)  +  mean c (w' - w)

The second term goes to demand. The first is divided by going from the baseline to the policy group by group: what is
covered changes when the quality of suppliers of both worlds passes over, when their deliveries do, their size, then the
suppliers of one world alone by the reason for it, and last the demand that the rest is held against; the mean of this
order and its reverse. So a link that needs two changes gives half of it to each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chainsim.economy.arrays import ScenarioArrays
from chainsim.economy.economy import Economy
from chainsim.economy.types import Array, Flags, Index
from chainsim.effects.differences import Alignment
from chainsim.effects.enterprise_channels import ALONE
from chainsim.effects.localization_channels import over
from chainsim.indicators.structure import covered_part, delivers, is_taken

OF_COMPLETENESS = ("quality", "delivery", "size", *ALONE, "demand")
"""Channels of completeness, in the order in which they are told."""
QUALITY, DELIVERY, SIZE = range(3)
DEMAND = len(OF_COMPLETENESS) - 1
ONE_BY_ONE = np.tri(DEMAND + 2, DEMAND + 1, -1, dtype=np.int64)
PASSED = np.concatenate((ONE_BY_ONE, ONE_BY_ONE[:, ::-1]))
"""In which world each channel is, (steps, channels), while they pass over one by one, then in the opposite order."""


class Suppliers(NamedTuple):
    """The enterprises of both worlds, (u,), and (2, u) who is in business, `delivers`, is `taken` by buyers, with which
    `capacity` and `output`; `reason` (u,) says why one is in one world alone, by place in `ALONE`."""

    segment: Index
    reason: Index
    there: Flags
    delivers: Flags
    taken: Flags
    capacity: Array
    output: Array


def demand_of(world: Economy) -> Array:
    """Purchases of each segment's products by modelled enterprises in the year, (S,), CNY million."""
    return np.asarray(world.flows.trade.sum(axis=(1, 2)), dtype=float)


def suppliers(worlds: Sequence[Economy], match: Alignment, segment: Index, reason: Index) -> Suppliers:
    """What the enterprises of two worlds, of a `segment` each, could deliver in the year."""
    states = []
    for world, rows in zip(worlds, match.rows, strict=True):
        there = (rows >= 0) & world.active[rows]
        delivering = delivers(world)
        taken = is_taken(world, demand_of(world), delivering)
        flags = there, there & delivering[rows], there & taken[rows]
        states.append((*flags, *(np.where(there, values[rows], 0.0) for values in (world.capacity, world.output))))
    return Suppliers(segment, reason, *(np.stack(both) for both in zip(*states, strict=True)))


def of_coverage(made: Suppliers, demand: Array, scale: Array) -> tuple[Array, Array]:
    """What each channel adds to the covered part of each input, (S, channels), and these parts in both worlds, (2, S).

    `demand` (2, S) is that of both worlds, `scale` (S,) the minimum efficient scale.
    """
    both, size = made.there.all(axis=0), scale.size
    kept, others = np.flatnonzero(both), np.flatnonzero(~both)

    def sums(rows: Index, world: int) -> Array:
        """Sums of capacity and output of suppliers in both worlds by segment, (2, S)."""
        values = made.capacity[world, rows], made.output[world, rows]
        return np.stack([np.bincount(made.segment[rows], each, size) for each in values])

    def alone(world: int) -> Array:
        """The same of those that are in one world only, by reason, (reasons, 2, S)."""
        rows = others[made.taken[world, others] & made.delivers[world, others]]
        place = made.reason[rows] * size + made.segment[rows]
        values = made.capacity[world, rows], made.output[world, rows]
        found = [np.bincount(place, each, len(ALONE) * size).reshape(len(ALONE), size) for each in values]
        return np.stack(found, axis=1)

    of_both = {
        state: sums(kept[made.taken[state[QUALITY], kept] & made.delivers[state[DELIVERY], kept]], state[SIZE])
        for state in {tuple(world[: SIZE + 1].tolist()) for world in PASSED}
    }
    able = np.stack([of_both[tuple(world[: SIZE + 1].tolist())] for world in PASSED]).astype(float)  # also of nobody
    of_alone = np.stack((alone(0), alone(1)))
    for code in range(len(ALONE)):
        able += of_alone[PASSED[:, SIZE + 1 + code], code]
    parts = covered_part(able[:, 0], able[:, 1], demand[PASSED[:, DEMAND]], scale)
    steps = len(OF_COMPLETENESS) + 1
    forward, back = parts[:steps], parts[steps:]
    found = (np.diff(forward, axis=0) / 2 + np.diff(back, axis=0)[::-1] / 2).T
    return found, np.stack((back[0], back[-1]))


def of_completeness(coverage: Array, covered: Array, weights: Array, arrays: ScenarioArrays) -> Array:
    """The effect on completeness of the chain, then of every tier, by `OF_COMPLETENESS`, (1 + tiers, channels).

    `coverage` (S, channels) is what each adds to the `covered` parts (2, S); `weights` (2, S) is the demand by which
    they count. The chain is the mean of its tiers that somebody buys from.
    """
    groups = np.stack([arrays.tier == number for number in range(len(arrays.tiers))]).astype(float)
    bought = weights @ groups.T
    part = over(groups * weights[:, None, :], bought[:, :, None])
    of_tiers = part.mean(axis=0) @ coverage
    of_tiers[:, DEMAND] += ((part[1] - part[0]) * covered.mean(axis=0)).sum(axis=1)
    of_chain = np.array([bool(arrays.chain[group > 0].all()) for group in groups])
    counted = (of_chain if of_chain.any() else np.ones_like(of_chain)) & (bought > 0)
    mean = over(counted.astype(float), counted.sum(axis=1, keepdims=True))
    levels = (part * covered[:, None, :]).sum(axis=2)
    chain = mean.mean(axis=0) @ of_tiers
    chain[DEMAND] += ((mean[1] - mean[0]) * levels.mean(axis=0)).sum()
    return np.vstack([chain, of_tiers])
