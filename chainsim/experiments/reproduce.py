"""A result run again from its folder and compared with what is stored there, to the last bit.

Runs, comparisons, sweeps and sensitivity analyses carry their resolved scenario, their seeds and what made them. Where
the tables differ the earliest difference is named, and what of the code, its defaults and the machine is not as it was.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from chainsim.economy.types import Flags
from chainsim.effects import comparison, effect, ranking, saving
from chainsim.effects.worlds import Vary, is_hypercube, varied
from chainsim.experiments.design_file import design_of
from chainsim.experiments.sensitivity import analysed
from chainsim.experiments.sweep import sweep
from chainsim.runs import ensemble, results
from chainsim.runs.certified import Damaged, read_record, read_regular, sealed_record
from chainsim.runs.output_folder import OutputError
from chainsim.runs.provenance import Provenance
from chainsim.scenario.explain import unlike_defaults
from chainsim.scenario.load import load
from chainsim.store.manifest import SWEEP_JSON
from chainsim.store.store import Store

MADE_WITH = ("version", "source_hash", "python", "numpy", "numba", "platform")
"""What of a provenance decides the bits of a result."""
SOURCE = "source hash"
ANALYSIS, STORE = "sensitivity.csv", "store"
"""Table and store in the folder of a sensitivity analysis."""
CALIBRATION = "calibration.json"
"""File that a calibration leaves in its folder."""
MOST_DEFAULTS = 12
"""Changed defaults that are told one by one."""


class Difference(NamedTuple):
    """The first value of a table that is another one: its year (or 0), row by its keys, column, then and now."""

    year: int
    table: str
    row: str
    column: str
    stored: str
    found: str

    def __str__(self) -> str:
        when = f"in {self.year}, " if self.year else ""
        return f"{when}table {self.table}, {self.row}, {self.column}: {self.stored} is stored, {self.found} was found"


@dataclass
class Reproduction:
    """What came of running a folder again: tables and values compared, values that differ, the first in each table.

    `changed` is what made it another way, `defaults` which values are unlike those that this copy declares.
    """

    folder: Path
    record: Provenance
    changed: list[str] = field(default_factory=list)
    defaults: list[str] = field(default_factory=list)
    tables: int = 0
    values: int = 0
    different: int = 0
    largest: float = 0.0
    differences: list[Difference] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether every value is the one that is stored."""
        return not self.differences

    def compare(self, name: str, stored: pd.DataFrame, found: pd.DataFrame) -> None:
        """Compare a table."""
        self.tables += 1
        self.values += stored.size
        if list(stored.columns) != list(found.columns) or len(stored) != len(found):
            shapes = [f"{len(frame)} rows of {len(frame.columns)} columns" for frame in (stored, found)]
            self.differences.append(Difference(0, name, "all rows", "all columns", *shapes))
            return
        masks = {str(column): differing(stored[column], found[column]) for column in stored}
        count = sum(int(mask.sum()) for mask in masks.values())
        if count:
            self.different += count
            self.largest = max(self.largest, *(relative(stored[name], found[name]) for name in stored))
            self.differences.append(first(name, stored, found, masks))

    def lines(self) -> list[str]:
        """What came of it, in words; the earliest difference first."""
        seeds = self.record.seeds
        told = [f"{self.folder}: {self.record.scenario}, {len(seeds)} seeds from {seeds[0]}, of {self.record.started}"]
        told += [f"made with another {item}" for item in self.changed]
        told += [f"not the default of this copy: {item}" for item in self.defaults]
        told += ["  (chosen by the scenario's author, or the default has changed since)"] * bool(self.defaults)
        if self.same:
            return [*told, f"the same to the last bit: {self.values:,} values in {self.tables} tables"]
        told += [
            f"NOT the same: {self.different:,} of {self.values:,} values, in {len(self.differences)} of {self.tables} "
            f"tables; the largest by {self.largest:.2g} of itself"
        ]
        return [*told, f"first {min(self.differences)}"]


def reproduce(folder: str | Path, jobs: int = 1, progress: bool = False) -> Reproduction:
    """Run what is in a folder again and compare.

    *Raises* OutputError where the folder holds no result, Damaged with the file that is not what was written.
    """
    folder = Path(folder)
    if (folder / SWEEP_JSON).exists():
        made, record = again_sweep(folder, jobs, progress), sealed_record(folder)
    elif (folder / ANALYSIS).exists() and (folder / STORE / SWEEP_JSON).exists():
        made, record = again_sensitivity(folder, jobs, progress), sealed_record(folder / STORE)
    elif (folder / ranking.RECORD).exists():
        raise OutputError(not_in_folder(folder))
    elif (folder / CALIBRATION).exists():
        words = "which keeps no file of what it was asked; make it anew into another folder and compare its tables"
        raise OutputError(f"{folder} is a calibration, {words}: chainsim calibrate FILE -o FOLDER")
    elif saving.is_comparison(folder):
        made, record = again_comparison(folder, jobs, progress), read_record(folder)
    else:
        made, record = again_run(folder, jobs, progress), read_record(folder)
    found = Reproduction(folder, record)
    for now, name, stored, new in made:
        found.changed = found.changed or changes(record, now)
        found.compare(name, stored, new)
    if any(item.startswith(SOURCE) for item in found.changed):
        found.defaults = changed_defaults(folder)
    return found


def changed_defaults(folder: Path) -> list[str]:
    """Values of the scenarios in a folder that are unlike the defaults of this copy of the code, in words.

    The folder states every value and is run with these; a new run of the scenario file would take the new defaults.
    """
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(folder.rglob("scenario.yaml")):
        found |= unlike_defaults(load(path))
    told = [
        f"{name} is {value or 'not stated'} in the folder, {default or 'not stated'} by default here"
        for name, (value, default) in found.items()
    ]
    return (
        told if len(told) <= MOST_DEFAULTS else [*told[:MOST_DEFAULTS], f"and {len(told) - MOST_DEFAULTS} more values"]
    )


Made = Iterator[tuple[Provenance, str, pd.DataFrame, pd.DataFrame]]
"""Provenance of the new tables, the name of a table, as stored and as found."""


def again_run(folder: Path, jobs: int, progress: bool) -> Made:
    """The tables of a run and of the same run made anew."""
    stored = results.read(folder)
    first_seed, count = consecutive(stored.seeds, folder)
    found = ensemble.run(stored.scenario, first_seed, count, jobs, progress)
    for name in stored.tables:
        yield found.provenance, name, stored.table(name), found.table(name)


def again_comparison(folder: Path, jobs: int, progress: bool) -> Made:
    """The tables of a comparison and of the same made anew: effects, what was seen of the pairs, runs of all worlds."""
    stored = effect.read(folder)
    worlds: int | None = None
    vary: Vary | None = None
    if "worlds" in stored.seen:
        drawn = stored.seen["worlds"]
        held = stored.policies[0].scenario.worlds
        if not is_hypercube(drawn) and not (held is not None and held.draws):
            raise OutputError(
                f"the worlds of {folder} have numbers of a calibration, which is not in it; run its command again"
            )
        worlds, vary = int(drawn["world"].max()) + 1, varied(drawn)
        count = stored.replications // stored.worlds
        first_seed = stored.base.seeds[0] - count * int(drawn.loc[drawn["kept"], "world"].min())
    else:
        first_seed, count = consecutive(stored.base.seeds, folder)
    scenarios = [policy.scenario for policy in stored.policies]
    split, rank = (
        int(stored.seen[name]["replication"].nunique()) if name in stored.seen else 0
        for name in ("coalitions", "ranking")
    )
    found = comparison.compare(
        stored.base.scenario,
        *scenarios,
        replications=count,
        jobs=jobs,
        seed=first_seed,
        progress=progress,
        split=split,
        worlds=worlds,
        vary=vary,
        rank=rank,
    )
    both = zip((stored.base, *stored.policies), (found.base, *found.policies), strict=True)
    for number, (before, after) in enumerate(both):
        place = saving.place_of(number - 1, len(scenarios)) if number else saving.BASE
        for name in before.tables:
            yield found.provenance, f"{place}/{name}", before.table(name), after.table(name)
    for name, table in stored.seen.items():
        yield found.provenance, f"{saving.OBSERVED}/{name}", table, found.seen[name]


def again_sweep(folder: Path, jobs: int, progress: bool) -> Made:
    """The tables of a sweep, and the same runs of the same design made anew."""
    stored = Store(folder)
    with tempfile.TemporaryDirectory() as place:
        found = sweep(folder / "design.yaml", Path(place) / "store", jobs=jobs, progress=progress)
        record = sealed_record(found.folder)
        for name in stored.tables:
            frame, keys = stored.table(name).to_pandas(), ["point", "replication"]
            there = [key for key in keys if key in frame]
            new = found.table(name).to_pandas()
            if not stored.complete:
                new = new.merge(frame[there].drop_duplicates(), on=there)
            yield record, name, frame, new


def again_sensitivity(folder: Path, jobs: int, progress: bool) -> Made:
    """The tables of the sweep of an analysis made anew, and what the analysis says of the stored ones."""
    yield from again_sweep(folder / STORE, jobs, progress)
    store, stored = Store(folder / STORE), pd.read_csv(folder / ANALYSIS)
    names, year = tuple(dict.fromkeys(stored["indicator"])), int(stored["year"].iloc[0])
    text = analysed(design_of(folder / STORE / "design.yaml"), store, names, year).table.to_csv(index=False)
    found = pd.read_csv(StringIO(text))
    yield sealed_record(folder / STORE), ANALYSIS.partition(".")[0], stored, found


def not_in_folder(folder: Path) -> str:
    """What is told of a ranking, which knows its scenarios by name only."""
    try:
        names = json.loads(read_regular(folder / ranking.RECORD))
        seeds = sorted(int(path.stem) for path in (folder / ranking.PAIRS).glob("*.json"))
        of = f"of the levers of {names['policy']} on {names['base']}"
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damaged(folder / ranking.RECORD, str(error)) from None
    asked = f" --replications {len(seeds)} --seed {seeds[0]}" if seeds else ""
    return (
        f"{folder} is a ranking {of}, which keeps no scenarios to run again; make it anew into another folder and compare "
        f"{ranking.TABLE}: chainsim rank BASE.yaml POLICY.yaml{asked} -o FOLDER"
    )


def consecutive(seeds: tuple[int, ...], folder: Path) -> tuple[int, int]:
    """First seed and number of seeds. *Raises* OutputError where they do not follow each other."""
    if not seeds or list(seeds) != list(range(seeds[0], seeds[0] + len(seeds))):
        raise OutputError(f"{folder} has seeds that do not follow each other; run it again with the code that made it")
    return seeds[0], len(seeds)


def changes(before: Provenance, now: Provenance) -> list[str]:
    """What decides the bits of a result and is another than it was, in words."""
    names = {"scenario_hash": "scenario, such as one with stages of your own, which are code and not in the folder"}
    words = {item.name: names.get(item.name, item.name.replace("_", " ")) for item in fields(Provenance)}
    return [
        f"{words[name]} ({str(getattr(before, name))[:40]} then, {str(getattr(now, name))[:40]} now)"
        for name in (*MADE_WITH, "scenario_hash")
        if getattr(before, name) != getattr(now, name)
    ]


def differing(stored: pd.Series, found: pd.Series) -> Flags:
    """Rows in which two columns differ, (rows,); what is missing in both is the same."""
    before, after = stored.to_numpy(), found.to_numpy()
    if before.dtype.kind in "biuf" and after.dtype.kind in "biuf":
        return np.asarray((before != after) & ~(np.isnan(before) & np.isnan(after)))
    return np.asarray((stored.astype(object) != found.astype(object)) & ~(stored.isna() & found.isna()))


def relative(stored: pd.Series, found: pd.Series) -> float:
    """Largest difference of two columns over the larger value; 0 for words."""
    if stored.dtype.kind not in "iuf" or found.dtype.kind not in "iuf":
        return 0.0
    before, after = stored.to_numpy(dtype=float), found.to_numpy(dtype=float)
    size = np.maximum(np.abs(before), np.abs(after))
    return float(np.nanmax(np.divide(np.abs(before - after), size, out=np.zeros_like(size), where=size > 0), initial=0))


def first(name: str, stored: pd.DataFrame, found: pd.DataFrame, masks: dict[str, Flags]) -> Difference:
    """The first difference of a table: of the earliest year, then of the first row, then of the first column."""
    rows = np.flatnonzero(np.any(list(masks.values()), axis=0))
    years = stored["year"].to_numpy()[rows] if "year" in stored else np.zeros(len(rows), dtype=int)
    row = int(rows[np.argmin(years)])
    column = next(column for column in masks if masks[column][row])
    keys = [key for key in stored.columns[:8] if key not in ("scenario", "seed", "year", column)]
    words = [f"{key} {stored[key].iloc[row]}" for key in keys if stored[key].dtype.kind not in "f"]
    before, after = (str(frame[column].iloc[row]) for frame in (stored, found))
    return Difference(int(years.min()), name, " ".join(words), column, before, after)
