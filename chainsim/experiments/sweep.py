"""Run a design into a store, or what of it is missing there: the same call resumes whatever stopped the last one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np

from chainsim.economy.types import Flags
from chainsim.experiments.design import Design, design_of
from chainsim.runs.dispatch import Execution, Supply
from chainsim.runs.executors import Crew, crew_of
from chainsim.runs.interrupts import interruptible
from chainsim.runs.output_folder import RECORD, OutputError, files_in, replace_file, sync, sync_path, whole_folder
from chainsim.runs.progress import Teller, telling
from chainsim.runs.provenance import from_json, now, timestamp
from chainsim.runs.worker import Harvest, Job, code
from chainsim.store.lock import locked
from chainsim.store.manifest import ABOUT, PARTS, write_about
from chainsim.store.parts import PARTIAL, Damaged, sweep_up, write_part
from chainsim.store.resume import check_match
from chainsim.store.store import Store

ASIDE = "damaged"
AGAIN = "the same command again goes on"


def sweep(
    design: Design | Mapping[str, Any] | str | Path,
    store: str | Path,
    *,
    jobs: int | None = None,
    executor: Executor | str | None = None,
    retry_failed: bool = False,
    timeout: float | None = None,
    chunk: int | None = None,
    progress: bool = False,
) -> Store:
    """Run a design into a store and return the store; what is there already is not run again.

    `design` is a design file, a mapping with the same keys (whose `scenario` may be a Scenario) or a Design. Runs go to
    `executor`: any `concurrent.futures.Executor`, or the address `dask://host:port`; without one, to
    `jobs` processes, or to this one where nothing is stated.
    More than one process needs a script to keep its calls under `if __name__ == "__main__":`. A run may take `timeout`
    seconds. `chunk` runs go out at a time, as many as take some seconds where not stated. The results depend on none of
    these. Runs that failed are in `Store.failures`; `retry_failed` runs them again.

    *Raises* ScenarioError where the design is wrong, OutputError where the store is another sweep's, held by another
    process, damaged, or the disk refuses.
    """
    for name, value in (("timeout", timeout), ("chunk", chunk)):
        if value is not None and value <= 0:
            raise ValueError(f"{name} is {value}; it must be above 0")
    made, folder = design_of(design), Path(store)
    create(made, folder)
    with locked(folder):
        opened = ready(made, folder)
        missing = opened.index.missing(retry_failed)
        if made.summary:
            missing = whole_points(missing, opened, retry_failed)
        left = int(missing.sum())
        if left:
            job = Job(cloudpickle.dumps(made.scenario), made.scenario.seed, made.record, made.summary, timeout, code())
            crew = crew_of(executor, jobs if executor is not None or jobs is None else min(jobs, left))
            with telling(made.name, made.runs, made.runs - left, progress) as teller:
                carry_out(opened, crew, job, supply_of(made, missing, crew, chunk), teller)
            sign(folder)
    return Store(folder)


def supply_of(design: Design, missing: Flags, crew: Crew, chunk: int | None) -> Supply:
    """The missing runs in canonical order; whole points where only their quantiles are kept."""
    runs = (divmod(int(run), design.replications) for run in np.flatnonzero(missing))
    whole = design.replications if design.summary else 1
    return Supply(runs, int(missing.sum()), design.changes, crew.size, chunk, whole)


def carry_out(store: Store, crew: Crew, job: Job, supply: Supply, teller: Teller) -> None:
    """Run what the supply holds and write what comes back. *Raises* KeyboardInterrupt once an interrupt has drained."""
    finished = False
    try:
        with interruptible(lambda: teller.note("finishing the runs in hand; Ctrl-C again stops at once")) as stop:
            for harvest in Execution(crew, job, supply, stop).harvests():
                keep(store, harvest)
                teller.advance(len(harvest.seconds), len(harvest.failures))
            finished = True
    finally:
        crew.close(now=not finished)
    if stop():
        teller.note(f"{store.index.done} of {store.total} runs are in {store.folder}; {AGAIN}")
        raise KeyboardInterrupt


def keep(store: Store, harvest: Harvest) -> None:
    """Write what a chunk brought. *Raises* OutputError where the disk refuses; the store stays as it was."""
    index = store.index
    identities = {run: store.identify(run) for run in harvest.seconds}
    try:
        index.add(write_part(store.folder / PARTS, index.last + 1, harvest, identities))
    except OSError as error:
        told = f"cannot write {store.folder}: {error.strerror or error}; {index.done} of {store.total} runs are stored"
        raise OutputError(f"{told}. Once the disk takes more, {AGAIN}") from error


def sign(folder: Path) -> None:
    """Note in the provenance of a store when it was last worked on."""
    record = from_json((folder / RECORD).read_text(encoding="utf-8"))
    replace_file(folder / RECORD, replace(record, finished=timestamp(now())).to_json())


def whole_points(missing: Flags, store: Store, retry_failed: bool) -> Flags:
    """Missing runs of a summary: all runs of a point, or none where one of them failed and is not tried again."""
    failed = [] if retry_failed else [run[0] for run in store.index.failures]
    points = np.asarray(missing.any(axis=1))
    points[failed] = False
    missing[:] = points[:, None]
    return missing


def create(design: Design, folder: Path) -> None:
    """Make a store where there is none. *Raises* OutputError where the folder holds something else."""
    if (folder / ABOUT).exists() or (folder / PARTS).is_dir():
        return
    with whole_folder(folder) as partial:
        write_about(design, partial, now())
        (partial / PARTS).mkdir()


def ready(design: Design, folder: Path) -> Store:
    """The store, fit to go on: of this design, grown to it, without damage and without what was left half written."""
    sweep_up(folder / PARTS)
    try:
        store = Store(folder)
    except Damaged as damage:
        rewrite(design, folder)
        raise OutputError(f"{damage}. The file was written anew from the design; {AGAIN}") from damage
    if check_match(store, design):
        rewrite(design, folder)
        store = Store(folder)
    damages = store.damages()
    if damages:
        raise OutputError(put_aside(store, damages))
    return store


def rewrite(design: Design, folder: Path) -> None:
    """Write the records of a store anew, the one that certifies the others last; its parts stay."""
    partial = folder / f".records{PARTIAL}"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir()
        write_about(design, partial, now())
        sync(partial)
        for name in sorted(files_in(partial), key=lambda name: name == ABOUT):
            (folder / name).parent.mkdir(exist_ok=True)
            os.replace(partial / name, folder / name)
        sync_path(folder)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}; {AGAIN}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def put_aside(store: Store, damages: list[Damaged]) -> str:
    """Move damaged parts out of the store, under their names, and say so."""
    parts = {(store.folder / PARTS) / damage.path.relative_to(store.folder / PARTS).parts[0] for damage in damages}
    aside = store.folder / ASIDE
    aside.mkdir(exist_ok=True)
    for part in sorted(parts):
        place = next(
            path for number in range(1000) if not (path := aside / f"{part.name}{f'.{number}' * (number > 0)}").exists()
        )
        os.replace(part, place)
    store.refresh()
    told = "\n".join(map(str, damages))
    left = store.total - store.index.done - len(store.index.failures)
    return f"{told}\nput aside in {aside}; {left} runs are missing now. {AGAIN.capitalize()}"
