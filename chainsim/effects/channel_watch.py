"""By which channels a policy changes what it is for: watches a pair of worlds, and divides each year's effects.

Localization stands in `localization_channels`, jobs, output and extension in `enterprise_channels`, R&D and strength in
`strength_channels`, completeness in `completeness_channels`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainsim.economy.columns import FIRST_PLANTS, SPIN_OFFS
from chainsim.economy.economy import Economy
from chainsim.economy.links import ARRIVALS, ENTRY, EXIT, REST
from chainsim.economy.types import Array, Index
from chainsim.effects.completeness_channels import (
    OF_COMPLETENESS,
    demand_of,
    of_completeness,
    of_coverage,
    suppliers,
)
from chainsim.effects.differences import Alignment, by_identity, is_among
from chainsim.effects.enterprise_channels import (
    ALONE,
    OF_EXTENSION,
    OF_JOBS,
    OF_OUTPUT,
    Sellers,
    groups_of,
    of_extension,
    of_jobs,
    of_output,
    sellers,
)
from chainsim.effects.link_causes import Common, LinkCauses
from chainsim.effects.localization_channels import CHANNELS, base_weights, of_localization
from chainsim.effects.strength_channels import OF_RD, OF_STRENGTH, base_strength, of_rd, of_strength, strengths
from chainsim.stages import LEVERS
from chainsim.stages.production import Production
from chainsim.stages.sourcing import Sourcing

Row = dict[str, Any]
LOCALIZATION, JOBS, OUTPUT, EXTENSION = "localization_rate_fixed", "employment", "output", "extension"
RD, STRENGTH, COMPLETENESS, COMPLETENESS_FIXED = "rd", "strength", "completeness", "completeness_fixed"
CHAIN = ""
"""The chain among the tiers whose effects are divided."""
CODES = {"entry": ENTRY, "spin_offs": ENTRY, "exit": EXIT, "arrivals": ARRIVALS, "first_plants": ARRIVALS}
AS_LINKS = np.array([CODES[name] for name in ALONE])
"""Channel of localization for each place in `ALONE`: to it first plants are arrivals, and spin-offs are founded."""
KINDS = {SPIN_OFFS: "spin_offs", FIRST_PLANTS: "first_plants"}
"""Channels of those who entered by name; all others that have a name are arrivals."""


class Channels:
    """Divides the effects of a pair; `observe` is called after every step of both worlds, `count` at the year's end.

    `shared` are identities of enterprises that both worlds have had, `came` of plants that came from elsewhere, of
    first plants of missing links and of spin-offs of institutes, by channel.
    """

    def __init__(self, base: Economy, policy: Economy) -> None:
        self.worlds = (base, policy)
        self.causes = LinkCauses(base, policy)
        self.weights = base_weights(base), base_weights(policy)
        self.shared = np.intersect1d(base.identity[base.rows], policy.identity[policy.rows])
        self.came = {name: np.zeros(0, dtype=np.uint64) for name in ("arrivals", *KINDS.values())}
        self.groups, self.tiers = groups_of(base.arrays), (CHAIN, *base.arrays.tiers)
        self.base_output = [world.by_segment(world.sales) for world in self.worlds]
        self.base_strength = [base_strength(world, self.groups) for world in self.worlds]
        self.base_demand = np.stack([demand_of(world) for world in self.worlds])
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
        """Divide the effects on enterprises at the end of the year, and remember who came."""
        both = match.identity[match.common]
        self.shared = np.sort(np.concatenate([self.shared, both[~is_among(both, self.shared)]]))
        for world in self.worlds:
            for name, rows in world.flows.entered.items():
                channel = KINDS.get(name, "arrivals")
                self.came[channel] = np.union1d(self.came[channel], world.identity[rows])
        reason = self._reason(match.identity)
        self._add(JOBS, OF_JOBS, of_jobs(self.worlds, match, AS_LINKS[reason]))
        made = sellers(self.worlds, match, reason)
        strong = strengths(self.worlds, match)
        self._add_tiers(OUTPUT, OF_OUTPUT, of_output(made, self.groups))
        self._add_tiers(EXTENSION, OF_EXTENSION, of_extension(made, self.groups, self.base_output))
        self._add_tiers(RD, OF_RD, of_rd(made, strong, self.groups))
        found = of_strength(self.worlds, made, strong, self.groups, self.base_strength)
        self._add_tiers(STRENGTH, OF_STRENGTH, found)
        self._count_links(match, made)

    def _count_links(self, match: Alignment, made: Sellers) -> None:
        """Divide the effects on completeness, at the demand of the year and of the base year."""
        arrays, demand = self.worlds[1].arrays, np.stack([demand_of(world) for world in self.worlds])
        able = suppliers(self.worlds, match, made.segment, made.reason)
        coverage = of_coverage(able, demand, arrays.min_efficient_scale)
        for name, weights in ((COMPLETENESS, demand), (COMPLETENESS_FIXED, self.base_demand)):
            self._add_tiers(name, OF_COMPLETENESS, of_completeness(*coverage, weights, arrays))

    def _add_tiers(self, indicator: str, channels: Sequence[str], found: Array) -> None:
        """Keep what was `found` of the chain and of every tier, (1 + tiers, channels)."""
        for tier, of_tier in zip(self.tiers, found, strict=True):
            self._add(indicator, channels, of_tier, tier)

    def _add(self, indicator: str, channels: Sequence[str], found: Array, tier: str = CHAIN) -> None:
        key = {"year": self.worlds[1].year, "indicator": indicator, "tier": tier}
        self.rows += [
            {**key, "channel": channel, "value": value} for channel, value in zip(channels, found.tolist(), strict=True)
        ]

    def _reason(self, identity: NDArray[np.uint64]) -> Index:
        """Why enterprises are in one world only, (k,), by place in `ALONE`."""
        reason = np.full(identity.size, ALONE.index("entry"), dtype=np.int64)
        for channel, came in self.came.items():
            reason[is_among(identity, came)] = ALONE.index(channel)
        reason[is_among(identity, self.shared)] = ALONE.index("exit")
        return reason

    def _common(self) -> Common:
        """Who is in business in both worlds, and why others are not."""
        base, policy = self.worlds
        (ours, our_rows), (theirs, their_rows) = by_identity(base, base.rows), by_identity(policy, policy.rows)
        here = is_among(ours, theirs)
        found, both = ours[here], np.stack([our_rows[here], their_rows[is_among(theirs, ours)]])
        twin, absent = [], []
        for number, world in enumerate(self.worlds):
            other = np.full(world.n, -1, dtype=np.int64)
            other[both[number]] = both[1 - number]
            twin.append(other)
            why = np.full(world.n, REST, dtype=np.int64)
            why[other < 0] = AS_LINKS[self._reason(world.identity[other < 0])]
            absent.append(why)
        return Common(found, both, (twin[0], twin[1]), (absent[0], absent[1]))
