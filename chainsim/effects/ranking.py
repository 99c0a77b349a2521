"""Which levers of a policy carry its result: each alone, and the policy without it, in pairs of the same luck.

    alone    = v(lever) - v(none)          what the lever does where nothing else of the policy is done
    left out = v(all) - v(all but it)      what the policy would lose without it

v is a run of the baseline's luck with those levers; shocks and stages that the policy changes are in all worlds of both
lines. The two differ where levers crowd each other out, or need each other. What one seed has shown is kept in the
folder of a ranking as soon as it is known, so a ranking that was stopped goes on by the same call.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from chainsim.economy.types import Array
from chainsim.effects.costs import ratio
from chainsim.effects.effect_tables import LAST, MEASURES, RATIO
from chainsim.effects.own_pairs import EnterpriseYear, added_by, remember_world
from chainsim.effects.paired_worlds import PairedWorlds, outcomes_in_order
from chainsim.effects.pairing import labels, new_levers, paired
from chainsim.effects.shapley_split import Coalition, Player, alike, with_players
from chainsim.indicators.table import Recording
from chainsim.runs.certified import Damaged, read_regular
from chainsim.runs.ensemble import seeds_of
from chainsim.runs.output_folder import NOTHING_CHANGED, disk_errors, replace_file
from chainsim.runs.progress import shown_progress
from chainsim.runs.provenance import SEAL, seal
from chainsim.runs.sweep_job import code
from chainsim.runs.tables_folder import claimed, sealed_text
from chainsim.scenario.errors import Mark, Problems
from chainsim.scenario.scenario import Scenario

ALONE, LEFT_OUT = "alone", "left_out"
NONE, ALL = "none", "all"
CHANCE = 0.90
"""Chance with which an interval of a ranking holds the mean over luck."""
RECORD, PAIRS, TABLE = "ranking.json", "pairs", "ranking.csv"
"""File that says what a folder ranks, folder of what each seed has shown, and the table."""
Values = dict[str, float]
Remembered = tuple[Values, list[EnterpriseYear]]


RUNS = 180
"""Runs of worlds that set the number of pairs of a ranking that comes with a comparison, where it is not stated."""
LEAST = 6
"""Pairs below which a ranking does not tell which levers carry a result: Student's t over five doubles its reach."""


def rank(
    base: Scenario,
    policy: Scenario,
    replications: int = 24,
    jobs: int = 1,
    seed: int | None = None,
    progress: bool = False,
    store: str | Path | None = None,
) -> Ranking:
    """Rank the levers of a policy by what each does alone and what the policy loses without it.

    Replication r has seed `seed + r` (the baseline's seed where not stated). `store` is a folder in which the seeds
    done are kept and from which they are taken: the same call again goes on where it was stopped. Localization moves
    little beside luck, so its sign often needs 100 replications where output needs 24. More than one job needs a script
    to keep its calls under `if __name__ == "__main__":`.

    Raises:
        ScenarioError: the policy has no lever, or differs from the baseline in more than levers, shocks and stages.
        RunFailed: a run failed.
        OutputError: the folder ranks something else, or the disk refuses.
    """
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}; it must be 1 or more")
    levers = levers_of(base, policy)
    ready = paired(base, policy).model_copy(update={"name": labels(base, [policy])[0]})
    seeds = seeds_of(base, seed, replications)
    folder = None if store is None else Path(store)
    kept: dict[int, dict[str, Values]] = {}
    if folder is not None:
        claim(folder, base, ready)
        kept = {number: pair for number in seeds if (pair := read_pair(folder, number))}
    work = Arms(base, ready, levers, None if folder is None else str(folder))
    missing = [number for number in seeds if number not in kept]
    with shown_progress(
        f"ranking of {ready.name}", work.years * len(missing), progress, unit="years", lines=True
    ) as shown:
        done = outcomes_in_order(work, missing, jobs, shown.advance, base.name) if missing else []
    found = kept | dict(zip(missing, done, strict=True))
    return Ranking(base.name, ready.name, levers, tuple(seeds), tuple(found[number] for number in seeds))


def pairs_of(rank: bool | int, work: Arms, available: int) -> int:
    """Pairs of a ranking that comes with a comparison: as stated, or as many as `RUNS` runs allow, at least `LEAST`."""
    wanted = max(LEAST, RUNS * (work.base.years.end - work.base.years.start) // work.years) if rank is True else rank
    return min(int(wanted), available)


def ranking_rows(policy: str, seeds: Sequence[int], found: Sequence[dict[str, Values]]) -> pd.DataFrame:
    """What every world of every seed has shown as a table."""
    rows = [
        (policy, replication, seeds[replication], world, measure, value)
        for replication, worlds in enumerate(found)
        for world, values in worlds.items()
        for measure, value in values.items()
    ]
    return pd.DataFrame(rows, columns=["policy", "replication", "seed", "arm", "measure", "value"])


def ranking_of(rows: pd.DataFrame, base: str) -> Ranking:
    """The ranking of one policy from the table of its worlds."""
    pairs: dict[int, dict[str, Values]] = {}
    for row in rows.to_dict("records"):
        pairs.setdefault(int(row["seed"]), {}).setdefault(str(row["arm"]), {})[str(row["measure"])] = row["value"]
    levers = [world.removeprefix(f"{ALONE} ") for world in next(iter(pairs.values())) if world.startswith(f"{ALONE} ")]
    return Ranking(base, str(rows["policy"].iloc[0]), tuple(levers), tuple(pairs), tuple(pairs.values()))


def levers_of(base: Scenario, policy: Scenario) -> tuple[str, ...]:
    """Levers that the policy has and the baseline has not or has otherwise. *Raises* ScenarioError without any."""
    problems = Problems()
    found = new_levers(base, policy)
    if not found:
        problems.add(policy.mark("levers") or Mark(policy.name), ("levers",), "there is no lever to rank")
    problems.stop()
    return found


@dataclass(frozen=True)
class Arms:
    """The work of a ranking: for every seed the worlds of each lever alone and left out."""

    base: Scenario
    policy: Scenario
    levers: tuple[str, ...]
    folder: str | None = None
    """Where what a seed shows is kept at once, if anywhere."""

    @property
    def years(self) -> int:
        """Simulated years of a seed."""
        worlds = 2 + self.has_rest + (2 * len(self.levers) if len(self.levers) > 1 else 0)
        return (self.base.years.end - self.base.years.start) * worlds

    @property
    def has_rest(self) -> bool:
        """Whether the policy changes more than levers, so that the world of none is not the baseline."""
        return not alike(self.policy, self.base)

    def __call__(self, seed: int) -> Generator[int, None, dict[str, Values]]:
        """Run them: yields every year when it begins, returns the measures by world."""
        worlds = PairedWorlds(self.base, (), seed)
        recording, years = yield from remember_world(worlds.base, worlds.step, self.levers)
        none, everything = frozenset[str](), frozenset(self.levers)
        kept: dict[Coalition, Remembered] = {} if self.has_rest else {none: (measures(recording), years)}
        found: dict[str, Values] = {}
        for name, chosen in worlds_of(self.levers).items():
            world = kept[chosen] if chosen in kept else (yield from self.run(worlds, chosen))
            if name in (NONE, ALL):
                kept[chosen] = world
            found[name] = dict(world[0])
            how, _, lever = name.partition(" ")
            if lever:
                without, with_lever = (kept[none], world) if how == ALONE else (world, kept[everything])
                found[name] |= added_by(self.levers.index(lever), without[1], with_lever[1])
        if self.folder is not None:
            replace_file(pair_file(Path(self.folder), seed), json.dumps({**found, SEAL: seal(found)}))
        return found

    @property
    def asked(self) -> Sequence[str]:
        """What tells this ranking from others."""
        return [self.base.hash, self.policy.hash, *self.levers]

    def packed(self, outcome: dict[str, Values]) -> tuple[Sequence[Recording], Any]:
        """The measures as values that JSON has."""
        return [], outcome

    def unpacked(self, recordings: Sequence[Recording], values: Any) -> dict[str, Values]:
        """The measures that were packed."""
        return dict(values)

    def run(self, worlds: PairedWorlds, chosen: Coalition) -> Generator[int, None, Remembered]:
        """Run the world of the chosen levers."""
        everybody = [Player(lever, (lever,)) for lever in self.levers]
        world = worlds.new_world(with_players(self.base, self.policy, everybody, chosen))
        recording, years = yield from remember_world(world, world.step, self.levers)
        return measures(recording), years


def worlds_of(levers: Sequence[str]) -> dict[str, frozenset[str]]:
    """The levers of every world by its name: none, all, each alone, all but one."""
    everything = frozenset(levers)
    alone = {f"{ALONE} {lever}": frozenset({lever}) for lever in levers}
    without = {f"{LEFT_OUT} {lever}": everything - {lever} for lever in levers}
    return {NONE: frozenset(), ALL: everything, **alone, **without}


def measures(recording: Recording) -> Values:
    """What is told of one world."""
    region: dict[str, Any] = recording.tables["region"]
    chain, everything = region["scope"] == "chain", region["scope"] == "all"
    found = {name: float(region[name][chain][-1]) for name in LAST}
    outlay, tax = (float(region[name][everything].sum()) for name in ("fiscal_outlay", "tax_revenue"))
    recovered = float(np.sum(recording.tables["levers"]["recovered"]))
    return found | {
        "outlay": outlay,
        "net_cost": outlay - recovered - tax,
        "jobs": float(region["employment"][chain][-1]),
        "job_years": float(region["employment"][everything].sum()),
        "job_years_chain": float(region["employment"][chain].sum()),
    }


@dataclass(frozen=True)
class Ranking:
    """The levers of a policy, alone and left out; `pairs` holds the measures of every world of every seed."""

    base: str
    policy: str
    levers: tuple[str, ...]
    seeds: tuple[int, ...]
    pairs: tuple[dict[str, Values], ...]

    def effect(self, lever: str, how: str, measure: str) -> Array:
        """What a lever does alone, or what the policy loses without it, (R,), by seed, in the measure's unit."""
        upper, lower = (f"{ALONE} {lever}", "none") if how == ALONE else ("all", f"{LEFT_OUT} {lever}")
        return np.array([pair[upper][measure] - pair[lower][measure] for pair in self.pairs])

    def together(self, measure: str) -> Array:
        """What all levers do together, (R,), by seed."""
        return np.array([pair["all"][measure] - pair["none"][measure] for pair in self.pairs])

    def surely(self, how: str, measure: str) -> tuple[str, ...]:
        """Levers whose mean effect is not 0, said of all at once: by luck one is named in one ranking of ten at most.

        Holm's (1979) steps over Student's t: of m levers the surest must stand a chance of 1 / m, the next of
        1 / (m - 1), where bounds of single levers that do nothing leave out 0 in one row of ten.
        """
        chances = {lever: chance_of_none(self.effect(lever, how, measure)) for lever in self.levers}
        surest = sorted(self.levers, key=lambda lever: chances[lever])
        held = [chances[lever] * (len(surest) - step) > 1.0 - CHANCE for step, lever in enumerate(surest)]
        return tuple(surest[: held.index(True) if True in held else None])

    def table(self) -> pd.DataFrame:
        """Two rows a lever, `how` alone and left_out; means over seeds, with `_low` and `_high` around each.

        The bounds hold the mean over luck with a chance of 90 % (Student's t over the seeds; for the cost of a
        job-year, net cost over job-years of all tiers, by resampling); missing with a single seed, or where the
        job-years won cannot be told from none; that of the cost from ten pairs on. Units are in `MEASURES`;
        rates and indices are fractions.
        """
        rows = [self._row(lever, how) for lever in self.levers for how in (ALONE, LEFT_OUT)]
        return pd.DataFrame(rows)

    def _row(self, lever: str, how: str) -> dict[str, Any]:
        row: dict[str, Any] = {"lever": lever, "how": how}
        effects = {measure: self.effect(lever, how, measure) for measure in MEASURES}
        for measure, effect in effects.items():
            row |= bounded(measure, *interval(effect))
        price = ratio(effects["net_cost"], effects["job_years"])
        return row | bounded(RATIO, price.value, price.low, price.high)

    def save(self, folder: str | Path) -> Path:
        """Write the table as ranking.csv into a folder. *Raises* OutputError where the disk refuses."""
        with disk_errors(Path(folder), NOTHING_CHANGED):
            Path(folder).mkdir(parents=True, exist_ok=True)
        replace_file(Path(folder) / TABLE, self.table().to_csv(index=False))
        return Path(folder)

    def __repr__(self) -> str:
        """Policy, baseline, numbers of levers and seeds."""
        return f"<Ranking of {len(self.levers)} levers of {self.policy} on {self.base}: {len(self.seeds)} pairs>"


def bounded(name: str, value: float, low: float, high: float) -> Values:
    """A value and its bounds as columns."""
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def interval(effect: Array) -> tuple[float, float, float]:
    """Mean over pairs (R,), and the bounds that hold the mean over luck with the chance `CHANCE` (Student 1908)."""
    mean, number = float(effect.mean()), effect.size
    if number < 2:
        return mean, np.nan, np.nan
    from scipy.special import stdtrit

    reach = float(stdtrit(number - 1, 0.5 + CHANCE / 2) * effect.std(ddof=1) / np.sqrt(number))
    return mean, mean - reach, mean + reach


def chance_of_none(effect: Array) -> float:
    """Chance of a mean over pairs (R,) so far from 0 where that over luck is 0 (Student 1908); 1 of a single pair."""
    if effect.size < 2 or not effect.any():
        return 1.0
    from scipy.special import stdtr

    error = float(effect.std(ddof=1)) / np.sqrt(effect.size)
    return float(2.0 * stdtr(effect.size - 1, -abs(float(effect.mean())) / error)) if error else 0.0


def claim(folder: Path, base: Scenario, policy: Scenario) -> None:
    """Make a folder that of this ranking. *Raises* OutputError and Damaged as `claimed`."""
    content = "\n".join([base.hash, policy.hash, *code()])
    identity = hashlib.sha256(content.encode()).hexdigest()
    if claimed(folder, RECORD, "ranking", identity) is not None:
        return
    with disk_errors(folder, NOTHING_CHANGED):
        (folder / PAIRS).mkdir(parents=True, exist_ok=True)
    replace_file(folder / RECORD, sealed_text({"base": base.name, "policy": policy.name, "identity": identity}))


def pair_file(folder: Path, seed: int) -> Path:
    """Where what a seed has shown is kept."""
    return folder / PAIRS / f"{seed}.json"


def read_pair(folder: Path, seed: int) -> dict[str, Values] | None:
    """What a seed has shown, None where it is not known, or is not what was written."""
    try:
        found = json.loads(read_regular(pair_file(folder, seed)))
        return found if found.pop(SEAL) == seal(found) else None
    except (Damaged, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
