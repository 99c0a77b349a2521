"""Run a baseline and policies with the same luck, seed by seed, and see what the policies did."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pandas as pd

from chainsim.effects.effect import Effect
from chainsim.effects.effect import read as read_effect
from chainsim.effects.effect_tables import seen_frames
from chainsim.effects.observer import Observer
from chainsim.effects.paired_worlds import PairedWorlds, PairFailed
from chainsim.effects.pairing import first_policy_year, interventions, labels, new_levers, paired
from chainsim.effects.ranking import Arms, pairs_of, ranking_rows
from chainsim.effects.saving import is_comparison
from chainsim.effects.shapley_split import Coalitions, coalition_rows, players, replications_of
from chainsim.effects.under import UNDER, worlds_under
from chainsim.effects.worlds import Vary, World, drawn, table_of, worlds_of
from chainsim.indicators.table import Recording
from chainsim.policy.lever import Intervention
from chainsim.runs.ensemble import in_order, resumable, seeds_of
from chainsim.runs.provenance import now, provenance
from chainsim.runs.results import Result
from chainsim.runs.results import read as read_result
from chainsim.runs.worker import Failure, Outcome
from chainsim.scenario.resolved import Resolved
from chainsim.scenario.scenario import Scenario

CLOSELY = 1
"""Pairs that are compared after every step of the year in which they part."""


def compare(
    base: Scenario,
    *policies: Scenario | Iterable[Scenario],
    replications: int | None = None,
    jobs: int = 1,
    seed: int | None = None,
    progress: bool = False,
    split: bool | int = False,
    worlds: int | Mapping[str, Any] | None = None,
    vary: Vary | None = None,
    rank: bool | int = False,
    unfinished: str | Path | None = None,
    under: Scenario | None = None,
) -> Effect:
    """Run the baseline and every policy with the same luck and return what the policies did.

    Replication r has seed `seed + r` (the baseline's seed and number of replications where not stated). `split` divides
    the effect of each policy among its levers or groups of levers, running all their coalitions with fewer
    replications, or as many as the number says. With `worlds` the pairs are made in that many draws of all numbers that
    have a range (`chainsim.effects.worlds`), with `replications` seeds of its own in each, 2 where not stated; effects
    then hold what is not known as well as luck. `vary` says whether numbers of the economy, of the policy or all are
    drawn. `worlds={"from": "out/calibration", "points": 32}` takes the numbers that a calibration fitted from its
    posterior; `worlds:` of a policy or of the baseline says the same where nothing is asked for here.

    `rank` tells what each lever does alone and what the policy loses without it, at central numbers, with as
    many pairs as it says or, where True, as 180 runs allow. `under` is a scenario whose shocks strike both sides as
    well, in worlds of their own: `Effect.softening` says what the policies take off them. Given the folder in which the
    effect shall be saved, `unfinished`, what is done is kept beside it, and the same call goes on. More than one job
    needs a script to keep its calls under `if __name__ == "__main__":`.

    Raises:
        ScenarioError: a policy differs from the baseline in more than levers, shocks, groups and stages, or has too
            many levers for a split.
        RunFailed: a run failed.
    """
    given = [item for entry in policies for item in ((entry,) if isinstance(entry, Resolved) else entry)]
    if not given:
        raise ValueError("no policy to compare with the baseline")
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}; it must be 1 or more")
    started = now()
    asked = worlds_of(base, given, worlds, vary, as_stated=bool(split) or under is not None)
    check_extras(bool(split), asked is not None, under is not None)
    if asked is not None and asked.fitted is not None:  # results keep the draws that they were made in
        given = [policy.model_copy(update={"worlds": asked.stated}) for policy in given]
    if under is not None:
        given = struck(base, given, under)
    if split:
        for policy in given:
            players(base, policy)
    names = labels(base, given)
    ready = [paired(base, policy).model_copy(update={"name": name}) for name, policy in zip(names, given, strict=True)]
    each = (2 if asked else base.replications) if replications is None else replications
    seeds = seeds_of(base, seed, each * (asked.number if asked else 1))
    terms = tuple(terms_of(base, policy) for policy in ready)
    draw = drawn(base, ready, asked.number, seeds[0], asked.vary, asked.fitted) if asked else None
    many = () if draw is None else draw.worlds
    work = Pairs(base, tuple(ready), terms, frozenset(seeds[:CLOSELY]), many, seeds[0], each)
    title = f"{base.name} and {', '.join(names)}" + (f" in {asked.number} worlds" if asked else "")
    outcomes = resumable(work, seeds, jobs, title, progress, unfinished, past_failures=draw is not None)
    if draw is None:
        done = in_order(outcomes, seeds, partial(PairFailed, base.name))
    else:
        seeds, done, kept = outcomes_of_worlds(work, seeds, outcomes, base.name)
    origin = Result(base, [item.base for item in done], provenance(base, seeds, started))
    results = [
        Result(policy, [item.policies[number] for item in done], provenance(policy, seeds, started))
        for number, policy in enumerate(ready)
    ]
    seen = [[pair.seen[number] for pair in done] for number in range(len(ready))]
    frames = seen_frames(names, seeds, seen)
    if draw is not None:
        frames["worlds"] = table_of(draw, kept)
    if split:
        frames["coalitions"] = divided(base, ready, seeds, split, jobs, progress, unfinished)
    ranked = ranked_levers(base, ready, seeds, rank, jobs, progress, unfinished) if rank else []
    if ranked:
        frames["ranking"] = pd.concat(ranked, ignore_index=True)
    return Effect(origin, results, frames)


def check_extras(split: bool, worlds: bool, under: bool) -> None:
    """*Raises* ValueError where what is asked for beside the effects cannot be had together."""
    if worlds and split:
        raise ValueError("a split is made in the numbers as stated; leave out split or worlds")
    if under and (split or worlds):
        raise ValueError("a comparison under a shock has no split and no worlds; leave them out")


def struck(base: Scenario, policies: Sequence[Scenario], under: Scenario) -> list[Scenario]:
    """The policies, the shocks of `under` alone, and every policy under them, each by a name of its own."""
    everybody = [*policies, under]
    *ready, shocked = (
        paired(base, each).model_copy(update={"name": name})
        for each, name in zip(everybody, labels(base, everybody), strict=True)
    )
    return worlds_under(base, ready, shocked)


def divided(
    base: Scenario,
    policies: Sequence[Scenario],
    seeds: Sequence[int],
    split: bool | int,
    jobs: int,
    progress: bool,
    unfinished: str | Path | None = None,
) -> pd.DataFrame:
    """The effects of all coalitions of every policy's levers, with the first seeds."""
    frames = []
    for policy in policies:
        work = Coalitions(base, policy, players(base, policy))
        used = seeds[: replications_of(split, len(work.everybody), len(seeds))]
        found = resumable(work, used, jobs, f"split of {policy.name}", progress, unfinished)
        frames.append(coalition_rows(policy.name, used, in_order(found, used, partial(PairFailed, base.name))))
    return pd.concat(frames, ignore_index=True)


def ranked_levers(
    base: Scenario,
    policies: Sequence[Scenario],
    seeds: Sequence[int],
    rank: bool | int,
    jobs: int,
    progress: bool,
    unfinished: str | Path | None = None,
) -> list[pd.DataFrame]:
    """What the levers of every policy that has new ones do, alone and left out, with the first seeds."""
    frames = []
    for policy in policies:
        levers = new_levers(base, policy)
        if levers and UNDER not in policy.name:
            work = Arms(base, policy, levers)
            used = seeds[: pairs_of(rank, work, len(seeds))]
            found = resumable(work, used, jobs, f"levers of {policy.name}", progress, unfinished)
            frames.append(ranking_rows(policy.name, used, in_order(found, used, partial(PairFailed, base.name))))
    return frames


def outcomes_of_worlds(
    work: Pairs, seeds: Sequence[int], outcomes: Mapping[int, Outcome], name: str
) -> tuple[list[int], list[Pair], list[int]]:
    """Seeds and outcomes of the worlds in which all seeds ran, and the numbers of these worlds.

    Ranges of single numbers do not promise that an economy exists where several are at their ends, so a world may fail;
    a warning says how many did and why the first. *Raises* RunFailed where fewer than two are left.
    """
    failed = {work.world_of(seed): out for seed, out in outcomes.items() if isinstance(out, Failure)}
    kept = [number for number in range(len(work.worlds)) if number not in failed]
    if failed:
        first = failed[min(failed)]
        if len(kept) < 2:
            raise PairFailed(name, first)
        told = f"{len(failed)} of {len(work.worlds)} worlds have no economy and are left out; world {min(failed)}"
        warnings.warn(f"{told}: {first.reason}", stacklevel=3)
    chosen = [seed for seed in seeds if work.world_of(seed) in kept]
    return chosen, [outcomes[seed] for seed in chosen], kept


@dataclass(frozen=True)
class Pair:
    """One replication: the tables of the baseline, of every policy, and what was seen of every pair."""

    base: Recording
    policies: tuple[Recording, ...]
    seen: tuple[dict[str, list[dict[str, Any]]], ...]


@dataclass(frozen=True)
class Terms:
    """In what a policy differs: the first year, levers and shocks of either side, levers of the policy to follow."""

    first_year: int
    differ: tuple[Intervention, ...]
    levers: tuple[str, ...]


def terms_of(base: Scenario, policy: Scenario) -> Terms:
    """In what a policy differs from the baseline."""
    return Terms(first_policy_year(base, policy), tuple(interventions(base, policy)), new_levers(base, policy))


@dataclass(frozen=True)
class Pairs:
    """The work of a comparison: for every seed the baseline and all policies side by side."""

    base: Scenario
    policies: tuple[Scenario, ...]
    terms: tuple[Terms, ...]
    closely: frozenset[int] = frozenset()
    """Seeds whose pairs are compared after every step of the year in which they part."""
    worlds: tuple[World, ...] = ()
    """Numbers that the pairs are made in, `each` seeds after one another in one world, from `first` on."""
    first: int = 0
    each: int = 1

    def world_of(self, seed: int) -> int:
        """Number of the world that a seed belongs to."""
        return (seed - self.first) // self.each

    def scenarios(self, seed: int) -> tuple[Scenario, ...]:
        """Baseline and policies with the numbers of the seed's world."""
        stated = (self.base, *self.policies)
        if not self.worlds:
            return stated
        world = self.world_of(seed)
        if world not in self.last:
            self.last.clear()
            self.last[world] = tuple(self.worlds[world].of(scenario) for scenario in stated)
        return self.last[world]

    @cached_property
    def last(self) -> dict[int, tuple[Scenario, ...]]:
        """The world made last and its scenarios, for its other seeds, whose base years then are the same as well."""
        return {}

    @property
    def years(self) -> int:
        """Simulated years of a replication, counted once for all its worlds."""
        return self.base.years.end - self.base.years.start

    def __call__(self, seed: int) -> Generator[int, None, Pair]:
        """Run them: yields every year when it begins, returns the tables."""
        stated, *policies = self.scenarios(seed)
        worlds = PairedWorlds(stated, policies, seed)
        base, others = worlds.base.economy, [world.economy for world in worlds.others]
        observers = [
            Observer(base, other, terms.first_year, terms.differ, terms.levers, seed in self.closely)
            for terms, other in zip(self.terms, others, strict=True)
        ]
        while worlds.running:
            yield worlds.next_year
            for step in worlds.steps():
                for observer in observers:
                    observer.observe(step)
        return Pair(
            worlds.base.recording(),
            tuple(world.recording() for world in worlds.others),
            tuple(observer.tables() for observer in observers),
        )

    @property
    def asked(self) -> Sequence[str]:
        """What tells this comparison from others."""
        drawn = [repr(self.worlds), str(self.first), str(self.each)] if self.worlds else []
        return [self.base.hash, *(policy.hash for policy in self.policies), *map(str, sorted(self.closely)), *drawn]

    def packed(self, outcome: Pair) -> tuple[Sequence[Recording], Any]:
        """A pair as recordings and values that JSON has."""
        return [outcome.base, *outcome.policies], outcome.seen

    def unpacked(self, recordings: Sequence[Recording], values: Any) -> Pair:
        """The pair that was packed."""
        return Pair(recordings[0], tuple(recordings[1:]), tuple(values))


def read(folder: str | Path) -> Result | Effect:
    """What a run or a comparison saved in a folder; tables are read when first asked for.

    *Raises* OutputError where the folder holds neither, or a file of it is not what was written.
    """
    return read_effect(folder) if is_comparison(Path(folder)) else read_result(folder)
