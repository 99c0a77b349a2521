"""Divide the effect of a mix of levers among them: what each adds on average over all orders of adding them.

    share_i = sum over coalitions C without i of |C|! (k - |C| - 1)! / k! (v(C + i) - v(C))
    synergy_ij = v(ij) - v(i) - v(j) + v(none)

v(C) is the effect on a measure with the levers of C alone, in the same luck as the baseline; all 2^k coalitions are
run. The shares add up to the effect of the whole mix (Shapley 1953). Levers that a scenario groups are one player.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from chainsim.economy.parameters import in_money
from chainsim.effects.paired_worlds import PairedWorlds
from chainsim.effects.pairing import changed
from chainsim.indicators.table import INDICATORS, Recording
from chainsim.runs.simulation import Simulation
from chainsim.scenario.errors import Mark, Problems
from chainsim.scenario.resolved import canonical
from chainsim.scenario.scenario import Scenario

Number = TypeVar("Number", float, Fraction)
Coalition = frozenset[str]
MOST_PLAYERS = 8
REST = "shocks and stages"
"""What the policy changes beside its levers; its effect alone is what the levers' shares leave."""
RUNS = 96
"""Runs of coalitions that set the number of replications of a split where it is not stated."""
LEAST = 3
JOINED = " + "
LAST = (
    "output",
    "value_added",
    "employment",
    "localization_rate_fixed",
    "completeness_fixed",
    "extension",
    "strength",
    "rd",
)
"""Indicators of the chain in the last year."""
SUMS = {
    "outlay": ("fiscal_outlay", "CNY million"),
    "tax_return": ("tax_revenue", "CNY million"),
    "job_years": ("employment", "person-years"),
    "value_added_sum": ("value_added", "CNY million"),
}
"""Measures that are sums over the years of an indicator of all tiers, with their units."""
UNITS = {name: INDICATORS[name].declared_unit for name in LAST} | {name: unit for name, (_, unit) in SUMS.items()}


class Player(NamedTuple):
    """A lever of its own, or a group of levers."""

    name: str
    levers: tuple[str, ...]


def players(base: Scenario, policy: Scenario) -> tuple[Player, ...]:
    """The groups of the policy's levers and the levers in no group, as far as the baseline has not the same.

    Raises:
        ScenarioError: there are none, or more than eight; says to group them.
    """
    new = changed(base.levers, policy.levers)
    found = [Player(name, tuple(lever for lever in members if lever in new)) for name, members in policy.groups.items()]
    grouped = {lever for player in found for lever in player.levers}
    found = [player for player in found if player.levers] + [
        Player(name, (name,)) for name in new if name not in grouped
    ]
    problems, mark = Problems(), policy.mark("groups") or policy.mark("levers") or Mark(policy.name)
    if not found:
        problems.add(mark, ("levers",), "there is no lever to split the effect among")
    if len(found) > MOST_PLAYERS:
        remedy = (
            f"a split takes at most {MOST_PLAYERS}; join levers under groups, "
            f"such as groups: {{research: [{new[0]}, ...]}}"
        )
        problems.add(mark, ("groups",), f"{len(found)} levers and groups; {remedy}")
    problems.stop()
    return tuple(found)


def with_players(base: Scenario, policy: Scenario, everybody: Sequence[Player], chosen: Coalition) -> Scenario:
    """The policy scenario with the levers of the chosen players; of the others what the baseline has."""
    out = {lever for player in everybody if player.name not in chosen for lever in player.levers}
    levers = {name: lever for name, lever in policy.levers.items() if name not in out}
    levers |= {name: base.levers[name] for name in base.levers if name in out}
    order = [name for name in dict.fromkeys([*policy.levers, *base.levers]) if name in levers]
    dropped = {
        name for player in everybody if player.name in chosen for name in player.levers if name not in policy.levers
    }
    return policy.model_copy(
        update={"levers": {name: levers[name] for name in order if name not in dropped}, "groups": {}}
    )


def coalitions(names: Sequence[str]) -> list[Coalition]:
    """All coalitions of players, none first, all last."""
    return [frozenset(name for place, name in enumerate(names) if mask >> place & 1) for mask in range(2 ** len(names))]


def shares(names: Sequence[str], value: Mapping[Coalition, Number]) -> dict[str, Number]:
    """The Shapley share of every player; `value` holds all coalitions. Exact where the values are fractions."""
    k = len(names)
    found = {}
    for name in names:
        parts = [
            factorial(len(some)) * factorial(k - len(some) - 1) * (value[some | {name}] - value[some])
            for some in coalitions([other for other in names if other != name])
        ]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        found[name] = total / factorial(k)
    return found


def synergies(names: Sequence[str], value: Mapping[Coalition, Number]) -> dict[tuple[str, str], Number]:
    """What two players do together beyond what each does alone, by pair."""
    none: Coalition = frozenset()
    return {
        (one, other): value[frozenset({one, other})] - value[none | {one}] - value[none | {other}] + value[none]
        for place, one in enumerate(names)
        for other in names[place + 1 :]
    }


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
        worlds = PairedWorlds(self.base, (), seed)
        base = measures((yield from run_to_end(worlds.base, worlds.step)))
        found = {}
        for some in coalitions([player.name for player in self.everybody]):
            scenario = with_players(self.base, self.policy, self.everybody, some)
            made = base
            if some or not alike(scenario, self.base):
                world = worlds.new_world(scenario)
                made = measures((yield from run_to_end(world, world.step)))
            found[some] = {name: made[name] - base[name] for name in made}
        return found

    @property
    def asked(self) -> Sequence[str]:
        """What tells this split from others; groups are no part of a scenario's hash."""
        return [self.base.hash, self.policy.hash, *map(str, self.everybody)]

    def packed(self, outcome: dict[Coalition, dict[str, float]]) -> tuple[Sequence[Recording], Any]:
        """The effects of coalitions as values that JSON has."""
        return [], [[sorted(some), effects] for some, effects in outcome.items()]

    def unpacked(self, recordings: Sequence[Recording], values: Any) -> dict[Coalition, dict[str, float]]:
        """The effects that were packed."""
        return {frozenset(some): effects for some, effects in values}


def price(base: Scenario, policy: Scenario, available: int) -> str:
    """What a split costs, in two lines, before it is run."""
    number = len(players(base, policy))
    used = replications_of(True, number, available)
    return (
        f"split of {policy.name}: {2**number} coalitions of {number} levers or groups and a baseline,\n"
        f"{used} replications: {used * (2**number + 1):,} runs beside the {2 * available:,} of the comparison"
    )


def alike(scenario: Scenario, base: Scenario) -> bool:
    """Whether two scenarios with the same levers ask for the same."""
    return all(canonical(getattr(scenario, block)) == canonical(getattr(base, block)) for block in ("shocks", "stages"))


def run_to_end(world: Simulation, step: Callable[[], None]) -> Generator[int, None, Recording]:
    """Run a world to the end, a year a step: yields every year when it begins, returns what was recorded."""
    while world.running:
        yield world.economy.year + 1
        step()
    return world.recording()


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
        unit = in_money(UNITS[str(measure)])
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
