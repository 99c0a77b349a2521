"""The runs that a surface is fitted to, and those that check it: portfolios beside a baseline of the same luck.

The baseline of every seed is run once, and told what its households earned; a portfolio is then run alone, its
households expecting that income. Each run is reduced where it is made to the outcomes that are looked at, and kept as
soon as it is known, so that the same call goes on where it was stopped.
"""

from __future__ import annotations

import warnings
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.economy.columns import Reference
from chainsim.economy.types import Array
from chainsim.indicators.table import Recording
from chainsim.runs.ensemble import RunFailed, resumable
from chainsim.runs.simulation import Simulation
from chainsim.runs.worker import Failure
from chainsim.search.outcomes import outcome, read
from chainsim.search.portfolios import Search
from chainsim.search.surface import Surface, fitted

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

SAMPLE = 20191
"""Seed of the Sobol sequence of portfolios that a surface is fitted to."""
OFF, SPARSE, EVERY = 0.2, 0.7, 3
"""Share of portfolios in which a lever is off, and the same of every third one, so that few levers are met too."""
MOST = 1_000_000
"""Portfolios of a seed at most: so far apart are the numbers of their runs."""
Base = tuple[list[float], list[float]]
"""Outcomes of a baseline, and what its households earned by year."""
Key = tuple[int, tuple[float, ...]]
"""Number of a pair, and the position of its portfolio."""


@dataclass(frozen=True)
class BaseRuns:
    """The work of the baselines: for every number of a pair the run of its seed in its world."""

    search: Search

    @property
    def years(self) -> int:
        """Simulated years of a run."""
        return self.search.base.years.end - self.search.base.years.start

    def __call__(self, seed: int) -> Generator[int, None, Base]:
        """Run it: yields every year when it begins, returns outcomes and incomes."""
        simulation = Simulation(in_world(self.search, self.search.base, seed), seed_of(self.search, seed))
        income = [simulation.economy.labour_income]
        while simulation.running:
            yield simulation.economy.year + 1
            simulation.step()
            income.append(simulation.economy.labour_income)
        return outcomes_of(self.search, simulation), income

    @property
    def asked(self) -> Sequence[str]:
        """What tells these runs from others; how many there are does not count."""
        return asked_of(self.search)

    def packed(self, outcome: Base) -> tuple[Sequence[Recording], Any]:
        """The outcomes and incomes as values that JSON has."""
        return [], list(outcome)

    def unpacked(self, recordings: Sequence[Recording], values: Any) -> Base:
        """What was packed."""
        shown, income = values
        return [float(value) for value in shown], [float(value) for value in income]


@dataclass(frozen=True)
class PortfolioRuns:
    """The work of portfolios: run `MOST * pair + point` is that of a point in the luck and the world of a pair."""

    search: Search
    positions: tuple[tuple[float, ...], ...]
    incomes: Mapping[int, Sequence[float]]

    @property
    def years(self) -> int:
        """Simulated years of a run."""
        return self.search.base.years.end - self.search.base.years.start

    def __call__(self, seed: int) -> Generator[int, None, list[float]]:
        """Run it: yields every year when it begins, returns the outcomes."""
        pair, point = divmod(seed, MOST)
        portfolio = self.search.portfolio(np.array(self.positions[point]), self.search.world_of(pair))
        simulation = Simulation(portfolio, seed_of(self.search, pair), Reference(np.array(self.incomes[pair])))
        while simulation.running:
            yield simulation.economy.year + 1
            simulation.step()
        return outcomes_of(self.search, simulation)

    @property
    def asked(self) -> Sequence[str]:
        """What tells these runs from others; a point is known by its number, so that all positions count."""
        return [*asked_of(self.search), repr(self.positions)]

    def packed(self, outcome: list[float]) -> tuple[Sequence[Recording], Any]:
        """The outcomes as values that JSON has."""
        return [], outcome

    def unpacked(self, recordings: Sequence[Recording], values: Any) -> list[float]:
        """What was packed."""
        return [float(value) for value in values]


def asked_of(search: Search) -> list[str]:
    """What tells the runs of a search from those of another."""
    worlds = "" if search.worlds is None else repr((search.worlds.worlds, search.worlds_listed))
    return [search.base.hash, search.policy.hash, repr(search.settings), worlds, *search.outcomes]


def seed_of(search: Search, pair: int) -> int:
    """Seed of a pair."""
    return search.base.seed + pair


def in_world(search: Search, scenario: Scenario, pair: int) -> Scenario:
    """A scenario with the numbers of the world of a pair."""
    world = search.world_of(pair)
    return scenario if world is None else world.of(scenario)


def outcomes_of(search: Search, simulation: Simulation) -> list[float]:
    """What a run shows of the outcomes of a search."""
    wanted = [outcome(search.base, name) for name in search.outcomes]
    return read(simulation.recording(), wanted, search.base.local_tax_share)


class SearchRuns:
    """Runs of a search, made where they are not known yet; `folder` is where the search will be written, if anywhere.

    `known` holds the outcomes of runs by pair and position, of a baseline by an empty position; runs that failed in a
    world are not a number there.
    """

    def __init__(self, search: Search, jobs: int = 1, progress: bool = False, folder: Path | None = None) -> None:
        self.search, self.jobs, self.progress, self.folder = search, jobs, progress, folder
        self.known: dict[Key, list[float]] = {}
        self.incomes: dict[int, list[float]] = {}

    def effects(self, positions: Array, pairs: Sequence[int], title: str) -> Array:
        """Paired effects of portfolios at positions (n, d) in the luck of pairs, (pairs, n, k).

        *Raises* RunFailed where a run fails; with worlds, effects of a world that has no economy are not a number.
        """
        rows = [tuple(row) for row in np.asarray(positions, dtype=np.float64).tolist()]
        self.make([(pair, row) for pair in pairs for row in rows], title)
        base = np.array([self.known[pair, ()] for pair in pairs])
        return np.array([[self.known[pair, row] for row in rows] for pair in pairs]) - base[:, None, :]

    def make(self, wanted: Sequence[Key], title: str) -> None:
        """Make the runs that are not known yet, and their baselines. *Raises* RunFailed."""
        missing = [key for key in dict.fromkeys(wanted) if key not in self.known]
        bases = [pair for pair in dict.fromkeys(pair for pair, _ in missing) if pair not in self.incomes]
        if bases:
            found = self.run(BaseRuns(self.search), bases, f"{title}: baselines")
            for pair in bases:
                shown, income = found.get(pair) or ([np.nan] * len(self.search.outcomes), [])
                self.known[pair, ()], self.incomes[pair] = shown, income
        nothing = [np.nan] * len(self.search.outcomes)
        self.known |= {key: nothing for key in missing if not self.incomes[key[0]]}
        going = [key for key in missing if key not in self.known]
        rows = tuple(dict.fromkeys(row for _, row in going))
        number = {row: place for place, row in enumerate(rows)}
        work = PortfolioRuns(self.search, rows, {pair: self.incomes[pair] for pair, _ in going})
        numbers = {MOST * pair + number[row]: (pair, row) for pair, row in going}
        made = self.run(work, list(numbers), title) if numbers else {}
        self.known |= {key: made.get(item, nothing) for item, key in numbers.items()}

    def run(self, work: BaseRuns | PortfolioRuns, numbers: list[int], title: str) -> dict[int, Any]:
        """Outcomes by number, without those that failed in a world. *Raises* RunFailed where numbers are as stated."""
        pairs = {number: number if isinstance(work, BaseRuns) else number // MOST for number in numbers}
        in_worlds = all(self.search.world_of(pair) is not None for pair in pairs.values())
        found = resumable(work, numbers, self.jobs, title, self.progress, self.folder, past_failures=in_worlds)
        failed = {number: out for number, out in found.items() if isinstance(out, Failure)}
        if failed and not in_worlds:
            number, failure = next(iter(failed.items()))
            own = Failure(seed_of(self.search, pairs[number]), failure.year, failure.reason, failure.trace)
            raise RunFailed(self.search.base.name if isinstance(work, BaseRuns) else self.search.policy.name, own)
        if failed:
            failure = next(iter(failed.values()))
            warnings.warn(f"{len(failed)} runs have no economy in their world: {failure.reason}", stacklevel=4)
        return {number: out for number, out in found.items() if number not in failed}


def positions_of(search: Search) -> Array:
    """Portfolios that a surface is fitted to, (points, d): a Sobol sequence, the policy as it stands first.

    A fifth of them has a given lever off; every third has most levers off, for a surface bends where levers stop.
    """
    from scipy.stats import qmc

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # any number of points may be taken here
        found = np.asarray(qmc.Sobol(len(search.settings), rng=SAMPLE).random(search.points))
    sparse = np.arange(len(found)) % EVERY == EVERY - 1
    off = np.where(sparse, SPARSE, OFF)[:, None]
    found = search.whole(np.where(search.strengths, np.maximum(found - off, 0.0) / (1.0 - off), found))
    if search.stated is not None:
        found[0] = search.stated
    return found


def trained(search: Search, runs: SearchRuns, positions: Array) -> Surface:
    """The surface of a search from portfolios at positions (n, d).

    *Raises* RunFailed where a run fails, ValueError where too few surfaces are left.
    """
    pairs = range(search.surfaces)
    effects = runs.effects(positions, pairs, f"surface of {search.name}")
    kept = np.asarray(~np.isnan(effects).any(axis=(1, 2)))
    if kept.sum() < 2:
        raise ValueError(f"{int(kept.sum())} of {len(kept)} surfaces have an economy at every portfolio; 2 are needed")
    worlds = [number for pair in pairs if kept[pair] and (number := search.world_number(pair)) is not None]
    return fitted(search.settings, search.outcomes, positions, effects[kept], worlds or None)
