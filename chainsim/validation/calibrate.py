"""Fit uncertain numbers to what was observed, in a folder that keeps what is done: the same call goes on from there.

`calibration.json` says what a folder is the calibration of and certifies its files; `runs.csv` has every run with its
values and what it shows of every target; the other tables are what follows from them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from chainsim.experiments.design import Design
from chainsim.runs.output_folder import prove_file, saved
from chainsim.runs.tables_folder import certified_text, claimed, save_tables
from chainsim.runs.unfinished import forget, identity
from chainsim.scenario.csv_tables import CALIBRATION, POSTERIOR
from chainsim.scenario.write import dump
from chainsim.store.manifest import SWEEP_JSON
from chainsim.store.store import Store
from chainsim.validation.calibration import Calibration
from chainsim.validation.calibration_file import calibration_of
from chainsim.validation.calibration_report import lines
from chainsim.validation.calibration_runs import Shown, bank_of_runs, bank_of_store, work_of

RUNS = "runs.csv"
DRAWS = 2000
"""Draws of the posterior that are written."""


def calibrate(
    source: Design | Mapping[str, Any] | str | Path,
    store: str | Path | None = None,
    jobs: int = 1,
    progress: bool = False,
) -> Calibration:
    """Fit the numbers of a calibration file, or of a mapping with the same keys, to its targets of the use `fit`.

    `store` is a folder in which what is done is kept: the same call goes on where it was stopped, with more runs it
    adds to those there. It may also be the store of a sweep that varied the same numbers with `luck: own`; nothing is
    run then. More than one job needs a script to keep its calls under `if __name__ == "__main__":`.

    Raises:
        ScenarioError: the file is wrong.
        OutputError: the folder cannot be written, holds something else, or a sweep whose runs share their seeds.
        ValueError: too few runs are left, or no number moves a target.
    """
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}; it must be 1 or more")
    design = calibration_of(source)
    folder = None if store is None else Path(store)
    if folder is not None and (folder / SWEEP_JSON).exists():
        return Calibration(design, bank_of_store(Store(folder), design))
    if folder is not None:
        claim(folder, design)
        prove_file(folder / CALIBRATION)
    known = {} if folder is None else known_runs(folder, design)
    found = Calibration(design, bank_of_runs(design, jobs, progress, folder, known))
    if folder is not None:
        saved(partial(write, found), folder)
        forget(folder)
    return found


def claim(folder: Path, design: Design) -> dict[str, Any] | None:
    """The record of a folder of this calibration, None where there is nothing yet. *Raises* as `claimed`."""
    return claimed(folder, CALIBRATION, "calibration", identity(work_of(design)))


def known_runs(folder: Path, design: Design) -> dict[int, Shown]:
    """What the runs of a folder show, by seed. *Raises* OutputError as `claim`, Damaged where runs were changed."""
    state = claim(folder, design)
    if state is None:
        return {}
    rows = csv.DictReader(certified_text(folder, RUNS, state).splitlines())
    wanted = [target.id for target in design.scenario.targets if target.id not in state["why"]]
    return {
        int(row["seed"]): ({name: float(row[name] or "nan") for name in wanted}, dict(state["why"])) for row in rows
    }


def write(found: Calibration, folder: Path) -> None:
    """Write the tables of a calibration, its record last. *Raises* OutputError where the disk refuses."""
    state: Mapping[str, Any] = {
        "name": found.design.name,
        "scenario": found.design.scenario.name,
        "scenario_hash": found.design.scenario.hash,
        "identity": identity(work_of(found.design)),
        "why": dict(found.bank.why),
        "failures": {str(seed): reason for seed, reason in found.bank.failures.items()},
    }
    save_tables(folder, CALIBRATION, state, files_of(found))


def files_of(found: Calibration) -> dict[str, str]:
    """Names and texts of the files of a calibration."""
    values = found.values_at(found.bank.positions)
    seeds = pd.DataFrame({"seed": found.bank.seeds, **values})
    tables = {
        RUNS: seeds.join(found.bank.shown),
        "intervals.csv": found.intervals(),
        "identified.csv": found.identified(),
        "targets.csv": found.targets(),
        "coverage.csv": found.coverage(),
        POSTERIOR: pd.DataFrame(found.values_at(found.sample.even(DRAWS))),
    }
    texts = {name: table.to_csv(index=False, lineterminator="\n") for name, table in tables.items()}
    return {**texts, "scenario.yaml": dump(found.scenario()), "summary.txt": "\n".join(lines(found)) + "\n"}
