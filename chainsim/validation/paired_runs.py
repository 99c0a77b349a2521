"""Pairs of worlds with the same luck, one of them changed, and what becomes of the same enterprises in both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from chainsim.economy.economy import Economy
from chainsim.economy.types import Array, Index
from chainsim.effects.paired_worlds import PairedWorlds
from chainsim.policy.targeting import Target
from chainsim.runs.simulation import base_year
from chainsim.scenario.scenario import Scenario
from chainsim.stages import ACCOUNTS

Identities = NDArray[np.uint64]
T = TypeVar("T")
FOREVER = 2200
NOTHING = float("nan")


@dataclass(frozen=True)
class Pair:
    """Two worlds in the same year: one without the change, one under it."""

    without: Economy
    under: Economy

    @property
    def both(self) -> tuple[Economy, Economy]:
        """The two worlds."""
        return self.without, self.under


def alone(scenario: Scenario) -> Scenario:
    """The scenario without its levers and shocks."""
    return scenario.replace({"levers": {}, "shocks": {}, "groups": {}})


def with_levers(scenario: Scenario, **levers: dict[str, Any]) -> Scenario:
    """The scenario under levers, given by their fields, from the first simulated year on."""
    years = f"{scenario.years.start + 1}-{FOREVER}"
    return scenario.replace({"levers": {name: {"years": years, **fields} for name, fields in levers.items()}})


def pairs(base: Scenario, changed: Scenario, seed: int, years: int, at: str = ACCOUNTS) -> Iterator[Pair]:
    """The two worlds in every simulated year when the step `at` is done; they go on when the next year is asked for.

    Labour income of the first is what households of the second expect, so jobs that income induces count.
    """
    longer = {"years.end": base.years.start + years}
    worlds = PairedWorlds(base.replace(longer), [changed.replace(longer)], seed)
    pair = Pair(worlds.base.economy, worlds.others[0].economy)
    while worlds.running:
        for step in worlds.steps():
            if step == at:
                yield pair


def observed(
    base: Scenario, changed: Scenario, seed: int, years: int, look: Callable[[Pair], T], at: str = ACCOUNTS
) -> list[T]:
    """What is seen of the pair in every simulated year."""
    return [look(pair) for pair in pairs(base, changed, seed, years, at)]


def targeted(scenario: Scenario, seed: int, **target: Any) -> Identities:
    """Identities of the enterprises of the base year that a target means."""
    economy = base_year(scenario, seed)
    return economy.identity[Target(**target).holds(economy)].copy()


def chain_tiers(scenario: Scenario) -> tuple[str, ...]:
    """Tiers that count as the chain."""
    return tuple(tier for tier in scenario.chain.tiers if tier not in scenario.chain.application)


def chain_output(scenario: Scenario) -> float:
    """Base-year output of the chain, CNY million."""
    tiers = chain_tiers(scenario)
    return sum(segment.output for segment in scenario.chain.segments.values() if segment.tier in tiers)


def rows_of(economy: Economy, identities: Identities) -> Index:
    """Rows of those of the identities that operated in the year, by identity."""
    rows = np.flatnonzero(economy.operated & np.isin(economy.identity, identities))
    return rows[np.argsort(economy.identity[rows])]


def column(economy: Economy, name: str) -> Array:
    """A column of the economy or something computed from it, (n,)."""
    return np.asarray(getattr(economy, name), dtype=float)


def total_change(pair: Pair, identities: Identities, name: str) -> float:
    """Log change of the sum of a column over a group; what closed counts as nothing."""
    without, under = (float(column(world, name)[rows_of(world, identities)].sum()) for world in pair.both)
    return log_ratio(under, without)


def mean_change(pair: Pair, identities: Identities, name: str, logs: bool = True) -> float:
    """Mean change of a column at the enterprises of a group that operate in both worlds, of its logs where positive."""
    one, other = (world.identity[rows_of(world, identities)] for world in pair.both)
    common = np.intersect1d(one, other)
    without, under = (column(world, name)[rows_of(world, common)] for world in pair.both)
    if logs:
        known = (without > 0) & (under > 0)
        without, under = np.log(without[known]), np.log(under[known])
    return float((under - without).mean()) if without.size else NOTHING


def chain_change(pair: Pair, name: str) -> float:
    """Log change of the sum of a column over the chain's enterprises."""
    return log_ratio(chain_sum(pair.under, name), chain_sum(pair.without, name))


def chain_sum(economy: Economy, name: str) -> float:
    """Sum of a column over the chain's enterprises that operated in the year."""
    here = economy.operated & economy.arrays.chain[economy.segment]
    return float(column(economy, name)[here].sum())


def outlay(pair: Pair) -> float:
    """What the levers of the changed world paid in the year, co-financing included, CNY million."""
    return float(sum(lever_year.outlay + lever_year.cofinanced for lever_year in pair.under.lever_years.values()))


def log_ratio(top: float, bottom: float) -> float:
    """Log of a ratio; not a number unless both are positive."""
    return float(np.log(top / bottom)) if top > 0 and bottom > 0 else NOTHING


def over(top: float, bottom: float) -> float:
    """A ratio; not a number over nothing."""
    return top / bottom if bottom != 0 else NOTHING
