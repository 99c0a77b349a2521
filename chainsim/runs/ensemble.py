"""Run a scenario once or many times; replication r has seed `seed + r`, and the results do not depend on `jobs`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.runs.dispatch import outcomes_of
from chainsim.runs.progress import shown_progress
from chainsim.runs.provenance import now, provenance
from chainsim.runs.results import Result
from chainsim.runs.unfinished import Keepable, Kept, resumed
from chainsim.runs.worker import Failure, Outcome, ScenarioRun
from chainsim.scenario.checks import LARGEST_SEED
from chainsim.scenario.errors import Mark, Problem, ScenarioError

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario


class RunFailed(Exception):
    """A run raised: which seed, in which year, why, and the command that repeats it."""

    def __init__(self, scenario: str, failure: Failure) -> None:
        super().__init__(scenario, failure)
        self.scenario, self.failure = scenario, failure
        self.seed, self.year, self.trace = failure.seed, failure.year, failure.trace

    def __str__(self) -> str:
        """What happened and how to repeat it."""
        return self.message(f"{self.scenario}.yaml")

    def message(self, file: str, settings: tuple[str, ...] = ()) -> str:
        """The message for a scenario file and the settings (path=value) that were given with it."""
        when = f" in {self.year}" if self.year is not None else ""
        command = ["chainsim", "run", file, "--seed", str(self.seed)]
        for setting in settings:
            command += ["--set", setting]
        return (
            f"the run of {self.scenario} with seed {self.seed} failed{when}: {self.failure.reason}\n"
            f"repeat it with: {shlex.join(command)}"
        )


def run(
    scenario: Scenario,
    seed: int | None = None,
    replications: int | None = None,
    jobs: int = 1,
    progress: bool = False,
    unfinished: str | Path | None = None,
) -> Result:
    """Run the scenario and return the tables of all its runs.

    A seed alone gives one trajectory, whatever the scenario says; otherwise there are `replications` runs (the
    scenario's number where not stated) with seeds from `seed` (the scenario's where not stated) upwards. `jobs` is the
    number of processes; more than one needs a script to keep its calls under `if __name__ == "__main__":`. Given the
    folder in which the result shall be saved, `unfinished`, what is done is kept beside it, and the same call goes on.

    *Raises* RunFailed where a run fails.
    """
    started = now()
    seeds = seeds_of(scenario, seed, replications)
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}; it must be 1 or more")
    outcomes = resumable(ScenarioRun(scenario), seeds, jobs, scenario.name, progress, unfinished)
    recordings = in_order(outcomes, seeds, partial(RunFailed, scenario.name))
    return Result(scenario, recordings, provenance(scenario, seeds, started))


MOST_RUNS = 1_000_000


def seeds_of(scenario: Scenario, seed: int | None, replications: int | None) -> list[int]:
    """Seeds of the runs, by replication."""
    if replications is None:
        replications = 1 if seed is not None else scenario.replications
    if replications < 1:
        raise ValueError(f"replications is {replications}; it must be 1 or more")
    if replications > MOST_RUNS:
        message = f"{replications:,} runs are too many; expected at most {MOST_RUNS:,}"
        raise ScenarioError([Problem(*Mark("--replications"), "", message)])
    first = scenario.seed if seed is None else seed
    if first < 0:
        raise ValueError(f"seed is {first}; it must be 0 or more")
    if first > LARGEST_SEED - replications:
        message = f"the seed {first} is too large; expected a seed of at most {LARGEST_SEED - replications}"
        raise ScenarioError([Problem(*Mark("--seed"), "", message)])
    return list(range(first, first + replications))


def resumable(
    work: Keepable,
    seeds: Sequence[int],
    jobs: int,
    title: str,
    progress: bool,
    unfinished: str | Path | None,
    past_failures: bool = False,
) -> dict[int, Outcome]:
    """Outcomes by seed, up to the first failure unless `past_failures`; those kept for `unfinished` are not redone."""
    keeping, found = resumed(work, seeds, None if unfinished is None else Path(unfinished))
    missing = [seed for seed in seeds if seed not in found]
    total, before = work.years * len(seeds), work.years * len(found)
    with shown_progress(title, total, progress, before, unit="years", lines=True) as shown:
        if found and missing and progress:
            shown.note(f"{title}: seeds done before are kept, {len(found)} of {len(seeds)}; going on with the others")
        try:
            made = (
                outcomes_of(keeping, missing, min(jobs, len(missing)), shown.advance, past_failures) if missing else {}
            )
        except (KeyboardInterrupt, SystemExit):
            if isinstance(keeping, Kept) and (count := keeping.count(seeds)):
                kept = f"{count} of {len(seeds)} seeds are kept in {keeping.folder}"
                shown.note(f"{title}: stopped; {kept}, and the same command goes on from there")
            raise
    return found | made


def in_order(
    outcomes: Mapping[int, Outcome], seeds: Sequence[int], failed: Callable[[Failure], RunFailed]
) -> list[Any]:
    """The outcomes of all seeds, in their order. *Raises* the error that `failed` makes of a failure."""
    for outcome in outcomes.values():
        if isinstance(outcome, Failure):
            raise failed(outcome)
    return [outcomes[seed] for seed in seeds]
