"""The pairs of runs that an emulator is fitted to and checked with: each with a seed of its own, by year.

A point is a portfolio; its pairs have seeds that no other point has, so that luck does not lead all points astray alike
(with common seeds 90 % intervals held 32 % of what they were for). With worlds a point stands in the numbers of one.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chainsim.economy.columns import Reference
from chainsim.economy.types import Array
from chainsim.indicators.table import INDICATORS, Recording
from chainsim.runs.simulation import Simulation
from chainsim.search.outcomes import TOTALS, located, totals
from chainsim.search.portfolios import Search
from chainsim.search.training import positions_of

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

CHAIN, EVERYTHING = "chain", "all"
"""Places: the chain, and all tiers with the users of the chain."""
OF_CHAIN = (
    "output", "value_added", "employment", "localization_rate_fixed", "supporting_rate", "completeness_fixed",
    "extension", "strength", "rd", "productivity", "enterprises",
)  # fmt: skip
OF_EVERYTHING = ("output", "value_added", "employment", "fiscal_outlay", "tax_revenue")
OF_TIER = ("output", "value_added", "employment", "localization_rate_fixed", "rd")
OF_SEGMENT = ("output", "employment", "rd")
MOST_PAIRS = 1_000
"""Pairs of a point at most: so far apart are the numbers of the pairs of two points."""


class Series(NamedTuple):
    """What is emulated: an indicator of a place (chain, all, a tier, a segment) by year, or a total over all years."""

    place: str
    column: str
    years: int

    @property
    def unit(self) -> str:
        """Unit."""
        return (TOTALS if self.is_total else INDICATORS)[self.column].unit

    @property
    def is_total(self) -> bool:
        """Whether it is a sum over all years, which has one value."""
        return self.place == ""

    @property
    def name(self) -> str:
        """Place and indicator."""
        return self.column if self.is_total else f"{self.place}.{self.column}"


def series_of(scenario: Scenario) -> tuple[Series, ...]:
    """What is emulated of a scenario: totals first, then the chain, all tiers together, each tier and each segment."""
    years = scenario.years.end - scenario.years.start
    places = {CHAIN: OF_CHAIN, EVERYTHING: OF_EVERYTHING}
    places |= dict.fromkeys(scenario.chain.tiers, OF_TIER) | dict.fromkeys(scenario.chain.segments, OF_SEGMENT)
    by_year = [Series(place, column, years) for place, columns in places.items() for column in columns]
    return (*(Series("", name, 1) for name in TOTALS), *by_year)


def shown(recording: Recording, scenario: Scenario, series: Sequence[Series]) -> list[float]:
    """What a run shows of all series, one after the other, year by year after the base year."""
    sums = totals(recording, scenario.local_tax_share)
    found: list[float] = []
    for each in series:
        if each.is_total:
            found.append(sums[each.column])
            continue
        inside = each.place in (CHAIN, EVERYTHING)
        table_name, key = ("region", "scope") if inside else located(scenario, each.place)
        table: dict[str, Any] = recording.tables[table_name]
        rows = (table[key] == each.place) & (table["year"] > scenario.years.start)
        found += np.asarray(table[each.column][rows], dtype=np.float64).tolist()
    return found


@dataclass(frozen=True)
class EffectPairs:
    """The work of an emulator: pair `MOST_PAIRS * point + number` is that of a portfolio beside the baseline.

    The first `fitted` points are fitted to, the others check; `first` is the number of the first point.
    """

    search: Search
    points: tuple[tuple[float, ...], ...]
    fitted: int
    first: int = 0

    @property
    def years(self) -> int:
        """Simulated years of a pair: two runs."""
        return 2 * (self.search.base.years.end - self.search.base.years.start)

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """What is read of the runs."""
        return series_of(self.search.base)

    def __call__(self, seed: int) -> Generator[int, None, tuple[list[float], list[float]]]:
        """Run a pair: yields every year when it begins, returns what the baseline shows, and the effects on it."""
        point, search = seed // MOST_PAIRS, self.search
        world = None if search.worlds is None else search.worlds.worlds[point % len(search.worlds.worlds)]
        base = search.base if world is None else world.of(search.base)
        own_seed = search.base.seed + seed
        without = Simulation(base, own_seed)
        income = [without.economy.labour_income]
        while without.running:
            yield without.economy.year + 1
            without.step()
            income.append(without.economy.labour_income)
        portfolio = search.portfolio(np.array(self.points[point - self.first]), world)
        beside = Simulation(portfolio, own_seed, Reference(np.array(income)))
        while beside.running:
            yield beside.economy.year + 1
            beside.step()
        levels, changed = (shown(run.recording(), base, self.series) for run in (without, beside))
        return levels, [new - old for old, new in zip(levels, changed, strict=True)]

    @property
    def asked(self) -> Sequence[str]:
        """What tells these pairs from others; a point is known by its number, so that all points count."""
        worlds = "" if self.search.worlds is None else repr(self.search.worlds.worlds)
        return [self.search.base.hash, self.search.policy.hash, repr(self.search.settings), worlds, repr(self.points)]

    def packed(self, outcome: tuple[list[float], list[float]]) -> tuple[Sequence[Recording], Any]:
        """Levels and effects as values that JSON has."""
        return [], list(outcome)

    def unpacked(self, recordings: Sequence[Recording], values: Any) -> tuple[list[float], list[float]]:
        """What was packed."""
        levels, effects = ([float(value) for value in each] for each in values)
        return levels, effects


def points_of(search: Search, fitted: int, fresh: int) -> Array:
    """Portfolios (fitted + fresh, d): of the one sequence, so that those that check are none of those fitted to."""
    return positions_of(replace(search, points=fitted + fresh))


def paths(outcomes: Mapping[int, Any], points: Sequence[int], pairs: int) -> tuple[Array, Array]:
    """Levels and effects (points, pairs, k) by number of the pair; not a number where a pair failed."""
    width = len(next(iter(outcomes.values()))[0])
    nothing = ([np.nan] * width, [np.nan] * width)
    found = [[outcomes.get(MOST_PAIRS * point + pair, nothing) for pair in range(pairs)] for point in points]
    whole = np.array(found, dtype=np.float64).reshape(len(points), pairs, 2, width)
    return whole[:, :, 0], whole[:, :, 1]
