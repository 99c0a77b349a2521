"""The bank of runs that numbers are fitted with: what every run shows of every target.

Each run is made at one point of the ranges with a seed of its own, and reduced where it is made to one figure a target,
so that thousands fit in a table. The bank may also be the store of a sweep whose points have luck of their own and that
kept the tables which the targets are read from.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from chainsim.economy.types import Array
from chainsim.experiments.design import Design
from chainsim.experiments.design_file import values_of
from chainsim.indicators.table import Recording
from chainsim.runs.ensemble import resumable, seeds_of
from chainsim.runs.output_folder import OutputError
from chainsim.runs.provenance import now, provenance
from chainsim.runs.results import Result
from chainsim.runs.simulation import Simulation
from chainsim.runs.worker import Failure
from chainsim.scenario.scenario import Scenario
from chainsim.store.store import Store
from chainsim.validation.calibration_file import OWN_LUCK, positions_of
from chainsim.validation.paired_runs import alone
from chainsim.validation.targets import panels_of, read

OUTSIDE = 1e-9
"""Distance beyond a range, in ranges, that rounding explains."""
Shown = tuple[dict[str, float], dict[str, str]]
"""What a run shows of targets by their id, and why it does not show the others."""


@dataclass(frozen=True)
class Bank:
    """Runs by row. `positions` (n, d); `shown` has a column a target, not a number where a run does not show it.

    `seeds` (n,); `why` says of targets that cannot be read why not; `failures` has the reasons of runs that failed, by
    seed.
    """

    seeds: tuple[int, ...]
    positions: Array
    shown: pd.DataFrame
    why: Mapping[str, str]
    failures: Mapping[int, str]


@dataclass(frozen=True)
class TargetRuns:
    """The work of a calibration: for every seed the run of its point, reduced to the targets."""

    scenario: Scenario
    ranges: str
    first: int
    columns: Mapping[str, Sequence[Any]]

    @property
    def years(self) -> int:
        """Simulated years of a run."""
        return self.scenario.years.end - self.scenario.years.start

    def __call__(self, seed: int) -> Generator[int, None, Shown]:
        """Run it: yields every year when it begins, returns what the run shows of the targets."""
        here = {path: values[seed - self.first] for path, values in self.columns.items()}
        simulation = Simulation(self.scenario.replace(here), seed)
        while simulation.running:
            yield simulation.economy.year + 1
            simulation.step()
        return shown_by(Result(self.scenario, [simulation.recording()]))

    @property
    def asked(self) -> Sequence[str]:
        """What tells these runs from others; the number of runs does not count."""
        targets = [target.model_dump() for target in self.scenario.targets]
        return [self.scenario.hash, self.ranges, str(self.first), json.dumps(targets)]

    def packed(self, outcome: Shown) -> tuple[Sequence[Recording], Any]:
        """What a run shows as values that JSON has."""
        return [], list(outcome)

    def unpacked(self, recordings: Sequence[Recording], values: Any) -> Shown:
        """What was packed."""
        figures, why = values
        return dict(figures), dict(why)


def shown_by(result: Result) -> Shown:
    """What a single run shows of the targets of its scenario."""
    figures, why = figures_of(result)
    return {name: float(values[0]) for name, values in figures.items()}, why


def figures_of(result: Result) -> tuple[dict[str, Array], dict[str, str]]:
    """What the runs of a result show of targets, (runs,) by their id, and why they do not show the others."""
    panels = panels_of(result) if any(target.how == "pattern" for target in result.scenario.targets) else []
    figures: dict[str, Array] = {}
    why: dict[str, str] = {}
    for target in result.scenario.targets:
        if target.how is None:
            why[target.id] = target.unmeasured or "it does not say how it is read"
            continue
        try:
            figures[target.id] = read(result, target, panels)
        except LookupError as error:
            why[target.id] = str(error)
    return figures, why


def work_of(design: Design) -> TargetRuns:
    """The runs of a calibration as work."""
    ranges = json.dumps({axis.path: values_of(axis) for axis in design.axes})
    columns = {path: values.tolist() for path, values in design.columns.items()}
    return TargetRuns(design.scenario, ranges, design.scenario.seed, columns)


def bank_of_runs(
    design: Design, jobs: int, progress: bool, unfinished: Path | None, known: Mapping[int, Shown]
) -> Bank:
    """Make the runs that are not known yet; those done are kept beside the folder `unfinished` until it is whole."""
    work, seeds = work_of(design), seeds_of(design.scenario, None, design.points)
    missing = [seed for seed in seeds if seed not in known]
    made: dict[int, Any] = {}
    if missing:
        made = resumable(work, missing, jobs, f"runs of {design.name}", progress, unfinished, past_failures=True)
    outcomes = {**known, **made}
    failures = {seed: out.reason for seed, out in outcomes.items() if isinstance(out, Failure)}
    whole = [seed for seed in seeds if seed not in failures]
    why: dict[str, str] = {}
    for seed in whole:
        why = {**outcomes[seed][1], **why}
    names = [target.id for target in design.scenario.targets]
    frame = pd.DataFrame([outcomes[seed][0] for seed in whole], columns=names, dtype=np.float64)
    positions = positions_of(design)[np.array(whole, dtype=int) - seeds[0]] if whole else np.empty((0, 0))
    return Bank(tuple(whole), positions, frame, why, failures)


class Swept:
    """Tables of a sweep as those of one result: every run of every point is a replication."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def names(self) -> list[str]:
        """Names of the tables kept."""
        return list(self.store.tables)

    def frame(self, name: str) -> pd.DataFrame:
        """A table of all runs."""
        table = self.store.table(name).to_pandas()
        table["replication"] = table["point"] * self.store.manifest.replications + table["replication"]
        return table


def bank_of_store(store: Store, design: Design) -> Bank:
    """The runs of a sweep as a bank.

    *Raises* OutputError where runs share seeds, or the sweep is of another scenario, other numbers or other ranges.
    """
    runs = store.runs
    refuse_other_sweeps(store, design)
    columns = {axis.path: store.design[axis.path].to_numpy()[runs["point"]] for axis in design.axes}
    positions = positions_of(replace(design, columns=columns))
    if (positions < -OUTSIDE).any() or (positions > 1.0 + OUTSIDE).any():
        raise OutputError(f"{store.folder} has values beyond the ranges of the calibration; state the same ranges")
    figures, why = figures_of(Result(design.scenario, Swept(store), provenance(design.scenario, [], now())))
    names = [target.id for target in design.scenario.targets]
    frame = pd.DataFrame(figures, columns=names, index=range(len(runs)), dtype=np.float64)
    return Bank(tuple(runs["seed"].tolist()), positions, frame, why, {})


def refuse_other_sweeps(store: Store, design: Design) -> None:
    """*Raises* OutputError where the runs of a sweep cannot be the bank of a calibration."""
    if store.manifest.luck != "own":
        raise OutputError(f"{store.folder}: {OWN_LUCK}. Sweep the design with luck: own into another folder")
    fitted = [axis.path for axis in design.axes]
    if sorted(store.manifest.axes) != sorted(fitted):
        varied = ", ".join(store.manifest.axes)
        raise OutputError(f"{store.folder} varies {varied}; the calibration fits {', '.join(fitted)}")
    aside = {"targets": [], "record.enterprises": False, "record.links": False}
    if alone(store.scenario).replace(aside).hash != design.scenario.replace(aside).hash:
        raise OutputError(f"{store.folder} holds runs of another scenario than that of the calibration")
