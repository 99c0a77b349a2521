"""What is searched: portfolios of a policy's levers, and the scenario that a portfolio is.

A portfolio is a position: where each setting stands in its range, from 0 to 1. A lever whose strength is 0 is left out
of its scenario, so that there is no effect where all are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.economy.types import Array, Flags
from chainsim.scenario.explain import found
from chainsim.search.surface import Setting

if TYPE_CHECKING:
    from chainsim.effects.worlds import Draw, World
    from chainsim.scenario.scenario import Scenario

LISTED = 10_000_000
"""Number of the first pair of listed portfolios alone, beyond those of all surfaces and fresh pairs."""
LEAST = 0.01
"""Position of a strength below which a lever is off in what is listed."""


@dataclass(frozen=True)
class Search:
    """What is searched: settings of the levers of `policy`, whose other levers are out; aims, caps, and how many runs.

    `budget_of_policy` are outcomes of which the policy itself has the most that a portfolio may have, known once it is
    run; `left_out` levers of the policy that are in no portfolio. `worlds` are the numbers in which pairs are made, if
    any: all pairs, or with `worlds_listed` those of listed portfolios alone. `outcomes` are the names of all that is
    read of runs.
    """

    name: str
    base: Scenario
    policy: Scenario
    settings: tuple[Setting, ...]
    aims: Mapping[str, str]
    budget: Mapping[str, float]
    budget_of_policy: tuple[str, ...]
    left_out: tuple[str, ...]
    thresholds: Mapping[str, float]
    worlds: Draw | None
    worlds_listed: bool
    seeds: int
    points: int
    verify: int
    portfolios: int
    outcomes: tuple[str, ...]

    @property
    def surfaces(self) -> int:
        """Number of surfaces: one a seed; worlds have equal numbers of seeds, at least one each."""
        if self.worlds is None or self.worlds_listed:
            return self.seeds
        return len(self.worlds.worlds) * -(-self.seeds // len(self.worlds.worlds))

    def world_of(self, number: int) -> World | None:
        """The world of a surface or a pair; None where numbers are as stated."""
        place = self.world_number(number)
        return None if self.worlds is None or place is None else self.worlds.worlds[place]

    def world_number(self, number: int) -> int | None:
        """Which world that is."""
        if self.worlds is None or (self.worlds_listed and number < LISTED):
            return None
        return (number - LISTED * self.worlds_listed) % len(self.worlds.worlds)

    @property
    def pairs_in_worlds(self) -> range:
        """Pairs of listed portfolios alone, one a world."""
        worlds = len(self.worlds.worlds) if self.worlds is not None and self.worlds_listed else 0
        return range(LISTED, LISTED + worlds)

    def capped(self, effects: Array) -> Search:
        """The search with what the policy has of outcomes (k,) as its budget, where the file says so."""
        own = {name: float(effects[self.outcomes.index(name)]) for name in self.budget_of_policy}
        return replace(self, budget={**own, **self.budget})

    def values(self, position: Array) -> dict[str, Any]:
        """What a scenario states at a position (d,), by path."""
        known = {setting.name: setting.at(place).item() for setting, place in zip(self.settings, position, strict=True)}
        found: dict[str, Any] = {}
        for setting in self.settings:
            value = known[setting.name]
            if setting.role in ("start", "stop"):
                first, last = self.policy.levers[setting.lever].span
                start, stop = (
                    known.get(f"{setting.path}.{end}", own) for end, own in (("start", first), ("stop", last))
                )
                found[setting.path] = f"{int(start)}-{int(stop)}"
            else:
                found[setting.path] = int(value) if setting.whole else value
        return found

    def portfolio(self, position: Array, world: World | None = None) -> Scenario:
        """The scenario of a position (d,), in the numbers of a world: the levers whose strength is not 0."""
        off = {
            setting.lever
            for setting, place in zip(self.settings, position, strict=True)
            if setting.role == "strength" and place <= 0.0
        }
        levers = {name: lever for name, lever in self.policy.levers.items() if name not in off}
        values = {path: value for path, value in self.values(position).items() if path.split(".")[1] not in off}
        left = self.policy.model_copy(update={"levers": levers, "groups": {}})
        return (left if world is None else world.of(left)).replace(values)

    @property
    def stated(self) -> Array | None:
        """The position of the policy as it stands; None where it lies outside the ranges."""
        values = []
        for setting in self.settings:
            first, last = self.policy.levers[setting.lever].span
            own = {"start": first, "stop": last}.get(setting.role, found(self.policy, setting.path))
            values.append(float(setting.position(np.array(own))))
        inside = all(0.0 <= value <= 1.0 for value in values)
        return np.array(values) if inside else None

    @property
    def strengths(self) -> Flags:
        """Whether a setting is the strength of its lever, (d,)."""
        return np.array([setting.role == "strength" for setting in self.settings])

    def whole(self, positions: Array) -> Array:
        """Positions (m, d) with whole numbers whole."""
        found = np.array(positions)
        for number, setting in enumerate(self.settings):
            if setting.whole:
                found[:, number] = setting.position(setting.at(found[:, number]))
        return found

    def tidy(self, positions: Array) -> Array:
        """Positions (m, d) in steps of a thousandth of a range, whole numbers whole; a strength below .01 is off."""
        stepped = np.round(positions, 3)
        return self.whole(np.where(self.strengths & (stepped < LEAST), 0.0, stepped))
