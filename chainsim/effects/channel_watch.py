"""By which channels a policy changes localization and jobs: watches a pair of worlds, and divides each year's effect.

Localization stands in `localization_channels`. Jobs are divided by enterprise: production staff is output times staff
per output, whose changes go to demand and productivity at the mean of the other; R&D staff stands apart; the staff of
an enterprise that is in one world only goes to the reason for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainsim.economy.columns import SPIN_OFFS
from chainsim.economy.economy import Economy
from chainsim.economy.links import ARRIVALS, ENTRY, EXIT, REST
from chainsim.economy.types import Array, Flags, Index
from chainsim.effects.differences import Alignment
from chainsim.effects.link_causes import Common, LinkCauses
from chainsim.effects.localization_channels import CHANNELS, base_weights, of_localization, over
from chainsim.stages import LEVERS
from chainsim.stages.production import Production
from chainsim.stages.sourcing import Sourcing

Row = dict[str, Any]
LOCALIZATION, JOBS = "localization_rate_fixed", "employment"
OF_JOBS = ("demand", "productivity", "research", "entry", "exit", "arrivals")
"""Channels of jobs, in the order in which they are told."""


class Channels:
    """Divides the effects of a pair; `observe` is called after every step of both worlds, `count` at the year's end.

    `shared` are identities of enterprises that both worlds have had, `arrived` of plants that came from elsewhere and
    first plants of missing links.
    """

    def __init__(self, base: Economy, policy: Economy) -> None:
        self.worlds = (base, policy)
        self.causes = LinkCauses(base, policy)
        self.weights = base_weights(base), base_weights(policy)
        self.shared = np.intersect1d(base.identity[base.rows], policy.identity[policy.rows])
        self.arrived = np.zeros(0, dtype=np.uint64)
        self.common = self._common()
        self.rows: list[Row] = []

    def observe(self, step: str, parted: bool) -> None:
        """Follow the review of links, and divide localization once goods are delivered, if the worlds have parted."""
        if step == LEVERS:
            self.causes.before()
        elif step == Sourcing.key:
            self.common = self._common()
            if parted:
                self.causes.after(self.common)
            else:
                self.causes.pass_on(self.common)
        elif step == Production.key and parted:
            self._add(LOCALIZATION, CHANNELS, of_localization(self.worlds, self.causes, self.common, self.weights))

    def count(self, match: Alignment) -> None:
        """Divide jobs at the end of the year, and remember who came."""
        both = match.identity[match.common]
        self.shared = np.sort(np.concatenate([self.shared, both[~is_among(both, self.shared)]]))
        came = [
            world.identity[rows]
            for world in self.worlds
            for name, rows in world.flows.entered.items()
            if name != SPIN_OFFS
        ]
        if came:
            self.arrived = np.unique(np.concatenate([self.arrived, *came]))
        self._add(JOBS, OF_JOBS, self._of_jobs(match))

    def _add(self, indicator: str, channels: Sequence[str], found: Array) -> None:
        year = self.worlds[1].year
        for channel, value in zip(channels, found, strict=True):
            self.rows.append({"year": year, "indicator": indicator, "channel": channel, "value": float(value)})

    def _absent(self, identity: NDArray[np.uint64]) -> Index:
        """Why enterprises are in one world only, (k,): closed in the other, come as arrivals, or founded."""
        arrived = np.where(is_among(identity, self.arrived), ARRIVALS, ENTRY)
        return np.where(is_among(identity, self.shared), EXIT, arrived)

    def _common(self) -> Common:
        """Who is in business in both worlds, and why others are not."""
        base, policy = self.worlds
        rows = base.rows, policy.rows
        found, here, there = np.intersect1d(
            base.identity[rows[0]], policy.identity[rows[1]], assume_unique=True, return_indices=True
        )
        both = np.stack([rows[0][here], rows[1][there]])
        twin, absent = [], []
        for number, world in enumerate(self.worlds):
            other = np.full(world.n, -1, dtype=np.int64)
            other[both[number]] = both[1 - number]
            twin.append(other)
            why = np.full(world.n, REST, dtype=np.int64)
            why[other < 0] = self._absent(world.identity[other < 0])
            absent.append(why)
        return Common(found, both, (twin[0], twin[1]), (absent[0], absent[1]))

    def _of_jobs(self, match: Alignment) -> Array:
        """The effect on jobs of the chain by channel, (6,), persons."""
        states = [staffing(world, rows) for world, rows in zip(self.worlds, match.rows, strict=True)]
        there, production, research, output = (np.stack(both) for both in zip(*states, strict=True))
        both, produced = there.all(axis=0), (output > 0).all(axis=0)
        gain, grown = production[1] - production[0], output[1] - output[0]
        demand = np.where(produced, grown * over(production, output).mean(axis=0), gain)
        founded = (production + research)[1] - (production + research)[0]
        why = self._absent(match.identity)
        return np.array(
            [
                demand[both].sum(),
                (gain - demand)[both].sum(),
                (research[1] - research[0])[both].sum(),
                *(founded[~both & (why == reason)].sum() for reason in (ENTRY, EXIT, ARRIVALS)),
            ]
        )


def is_among(identity: NDArray[np.uint64], known: NDArray[np.uint64]) -> Flags:
    """Which identities (k,) are among the `known` ones (m,), which are sorted."""
    if not known.size:
        return np.zeros(identity.size, dtype=bool)
    return known[np.minimum(np.searchsorted(known, identity), known.size - 1)] == identity


def staffing(world: Economy, rows: Index) -> tuple[Flags, Array, Array, Array]:
    """Who of the chain's enterprises at `rows` (u,) operated, production staff, R&D staff and output, (u,) each."""
    counted = (rows >= 0) & world.operated[rows] & world.arrays.chain[world.segment[rows]]
    staff = (world.ordinary + world.skilled)[rows], world.research[rows], world.output[rows]
    production, research, output = (np.where(counted, values, 0.0) for values in staff)
    return counted, production, research, output
