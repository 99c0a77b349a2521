"""Run every coalition of a policy's levers with the luck of the baseline, and divide the effect by it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from chainsim.economy.state import Reference
from chainsim.effects.shapley import REST, Coalition, Player, coalitions, players, shares, synergies, with_players
from chainsim.indicators import INDICATORS, Recording
from chainsim.runs.simulation import Simulation
from chainsim.scenario.identity import canonical

if TYPE_CHECKING:
    from chainsim.scenario.schema import Scenario

RUNS = 96
"""Runs of coalitions that set the number of replications of a split where it is not stated."""
LEAST = 3
JOINED = " + "
LAST = ("output", "value_added", "employment", "localization_rate", "completeness", "extension", "strength", "rd")
"""Indicators of the chain in the last year."""
SUMS = {
    "outlay": ("fiscal_outlay", "CNY million"),
    "tax_return": ("tax_revenue", "CNY million"),
    "job_years": ("employment", "person-years"),
    "value_added_sum": ("value_added", "CNY million"),
}
"""Measures that are sums over the years of an indicator of all tiers, with their units."""
UNITS = {name: INDICATORS[name].unit for name in LAST} | {name: unit for name, (_, unit) in SUMS.items()}


def replications_of(split: bool | int, number: int, available: int) -> int:
    """Replications of a split among a number of players: as stated, or as many as `RUNS` runs allow, at least three."""
    wanted = max(LEAST, RUNS // 2**number) if split is True else int(split)
    return min(wanted, available)


def measures(recording: Recording) -> dict[str, float]:
    """What is divided, of one run."""
    region: dict[str, Any] = recording.tables["region"]
    chain, everything = region["scope"] == "chain", region["scope"] == "all"
    found = {name: float(region[name][chain][-1]) for name in LAST}
    return found | {name: float(region[column][everything].sum()) for name, (column, _) in SUMS.items()}


@dataclass(frozen=True)
class Coalitions:
    """The work of a split: for every seed the baseline and all coalitions of a policy's players."""

    base: Scenario
    policy: Scenario
    everybody: tuple[Player, ...]

    @property
    def years(self) -> int:
        """Simulated years of a seed."""
        return (self.base.years.end - self.base.years.start) * (1 + 2 ** len(self.everybody))

    def __call__(self, seed: int) -> Generator[int, None, dict[Coalition, dict[str, float]]]:
        """Run them: yields every year when it begins, returns the effects by coalition and measure."""
        income: list[float] = []
        base = yield from run(Simulation(self.base, seed), income.append)
        reference = Reference(np.array(income))
        found = {}
        for some in coalitions([player.name for player in self.everybody]):
            scenario = with_players(self.base, self.policy, self.everybody, some)
            made = base
            if some or not alike(scenario, self.base):
                made = yield from run(Simulation(scenario, seed, reference), lambda income: None)
            found[some] = {name: made[name] - base[name] for name in made}
        return found


def alike(scenario: Scenario, base: Scenario) -> bool:
    """Whether two scenarios with the same levers ask for the same."""
    return all(canonical(getattr(scenario, block)) == canonical(getattr(base, block)) for block in ("shocks", "stages"))


def run(world: Simulation, tell: Callable[[float], None]) -> Generator[int, None, dict[str, float]]:
    """Run a world: yields every year when it begins, tells labour income by year, returns its measures."""
    tell(world.economy.labour_income)
    while world.running:
        yield world.economy.year + 1
        world.step()
        tell(world.economy.labour_income)
    return measures(world.recording())


def coalition_rows(
    policy: str, seeds: Sequence[int], found: Sequence[dict[Coalition, dict[str, float]]]
) -> pd.DataFrame:
    """The effects of all coalitions as a table."""
    rows = [
        (policy, replication, seeds[replication], JOINED.join(sorted(some)), measure, value)
        for replication, values in enumerate(found)
        for some, effects in values.items()
        for measure, value in effects.items()
    ]
    return pd.DataFrame(rows, columns=["policy", "replication", "seed", "coalition", "measure", "value"])


@dataclass(frozen=True)
class Split:
    """Shares of players in the effect of a policy, and synergies of pairs; means and 90 % of the pairs of runs.

    `shares` has a row for every measure and player, one for what is not levers where there is such, and the `total`.
    """

    players: tuple[Player, ...]
    replications: int
    shares: pd.DataFrame
    synergies: pd.DataFrame


def split_of(rows: pd.DataFrame, everybody: tuple[Player, ...]) -> Split:
    """The split from the effects of all coalitions of one policy."""
    names = [player.name for player in everybody]
    replications = int(rows["replication"].nunique())
    divided: list[dict[str, Any]] = []
    together: list[dict[str, Any]] = []
    for measure, of_measure in rows.groupby("measure", sort=False):
        pairs = [
            {
                frozenset(filter(None, str(row.coalition).split(JOINED))): float(str(row.value))
                for row in group.itertuples()
            }
            for _, group in of_measure.groupby("replication")
        ]
        unit = UNITS[str(measure)]
        by_player = [shares(names, value) for value in pairs]
        for name in names:
            divided.append(_row(measure, unit, {"player": name}, [found[name] for found in by_player]))
        none, everyone = frozenset[str](), frozenset(names)
        if any(value[none] != 0.0 for value in pairs):
            divided.append(_row(measure, unit, {"player": REST}, [value[none] for value in pairs]))
        divided.append(_row(measure, unit, {"player": "total"}, [value[everyone] for value in pairs]))
        by_pair = [synergies(names, value) for value in pairs]
        for one, other in by_pair[0]:
            found = [pair[one, other] for pair in by_pair]
            together.append(_row(measure, unit, {"first": one, "second": other}, found))
    pairs_of = ["measure", "unit", "first", "second", "share", "low90", "high90"]
    return Split(everybody, replications, pd.DataFrame(divided), pd.DataFrame(together, columns=pairs_of))


def _row(measure: Any, unit: str, keys: dict[str, str], pairs: Sequence[float]) -> dict[str, Any]:
    low, high = np.quantile(pairs, (0.05, 0.95)) if len(pairs) > 1 else (np.nan, np.nan)
    return {
        "measure": measure,
        "unit": unit,
        **keys,
        "share": float(np.mean(pairs)),
        "low90": float(low),
        "high90": float(high),
    }


__all__ = ["Coalitions", "Split", "coalition_rows", "players", "replications_of", "split_of"]
