"""Fit uncertain numbers to what was observed, in a folder that keeps what is done: the same call goes on from there.

`calibration.json` says what a folder is the calibration of and certifies its files; `runs.csv` has every run with its
values and what it shows of every target; the other tables are what follows from them.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from chainsim.experiments.design import Design
from chainsim.runs.certified import OTHER_BYTES, Damaged, read_regular
from chainsim.runs.output_folder import NOTHING_CHANGED, OutputError, disk_errors, remove_partial, replaced_files
from chainsim.runs.provenance import SEAL, seal
from chainsim.runs.unfinished import forget, identity
from chainsim.scenario.csv_tables import POSTERIOR
from chainsim.scenario.write import dump
from chainsim.store.manifest import SWEEP_JSON
from chainsim.store.store import Store
from chainsim.validation.calibration import Calibration
from chainsim.validation.calibration_file import calibration_of
from chainsim.validation.calibration_report import lines
from chainsim.validation.calibration_runs import Shown, bank_of_runs, bank_of_store, work_of

CALIBRATION_JSON, RUNS = "calibration.json", "runs.csv"
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
        OutputError: the folder holds something else, or a sweep whose runs share their seeds.
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
    known = {} if folder is None else known_runs(folder, design)
    found = Calibration(design, bank_of_runs(design, jobs, progress, folder, known))
    if folder is not None:
        write(found, folder)
        forget(folder)
    return found


def claim(folder: Path, design: Design) -> dict[str, Any] | None:
    """The record of a folder of this calibration, None where there is nothing yet.

    *Raises* OutputError where it holds another calibration or anything else, Damaged where it is not what was written.
    """
    path = folder / CALIBRATION_JSON
    if not path.exists():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(f"{folder} exists and holds no calibration; choose another folder")
        return None
    try:
        state = json.loads(read_regular(path))
        if state.pop(SEAL) != seal(state):
            raise Damaged(path, OTHER_BYTES)
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        raise Damaged(path, f"it cannot be read as a record: {error}") from error
    if state["identity"] != identity(work_of(design)):
        other = f"{folder} was made by another calibration or another version of chainsim"
        raise OutputError(f"{other}; choose another folder, or remove this one")
    return dict(state)


def known_runs(folder: Path, design: Design) -> dict[int, Shown]:
    """What the runs of a folder show, by seed. *Raises* OutputError as `claim`, Damaged where runs were changed."""
    state = claim(folder, design)
    if state is None:
        return {}
    text = read_regular(folder / RUNS)
    if hashlib.sha256(text).hexdigest() != state["files"][RUNS]:
        raise Damaged(folder / RUNS, OTHER_BYTES)
    rows = csv.DictReader(text.decode().splitlines())
    wanted = [target.id for target in design.scenario.targets if target.id not in state["why"]]
    return {
        int(row["seed"]): ({name: float(row[name] or "nan") for name in wanted}, dict(state["why"])) for row in rows
    }


def write(found: Calibration, folder: Path) -> None:
    """Write the tables of a calibration, its record last. *Raises* OutputError where the disk refuses."""
    texts = dict(files_of(found))
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    state: Mapping[str, Any] = {
        "name": found.design.name,
        "scenario": found.design.scenario.name,
        "scenario_hash": found.design.scenario.hash,
        "identity": identity(work_of(found.design)),
        "why": dict(found.bank.why),
        "failures": {str(seed): reason for seed, reason in found.bank.failures.items()},
        "files": hashes,
    }
    with disk_errors(folder, NOTHING_CHANGED):
        folder.mkdir(parents=True, exist_ok=True)
        remove_partial(folder)
        with replaced_files(folder, last=CALIBRATION_JSON) as partial:
            for name, text in texts.items():
                (partial / name).write_text(text, encoding="utf-8")
            record = json.dumps({**state, SEAL: seal(state)}, indent=1, ensure_ascii=False)
            (partial / CALIBRATION_JSON).write_text(record + "\n", encoding="utf-8")


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
