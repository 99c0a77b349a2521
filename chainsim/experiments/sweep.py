"""Run a design into a store, or what of it is missing there: the same call resumes whatever stopped the last one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np

from chainsim.economy.types import Flags
from chainsim.experiments.design import Design
from chainsim.experiments.design_file import design_of, stored_design
from chainsim.runs.certified import Damaged, sealed_record
from chainsim.runs.dispatch import Dispatch, Supply
from chainsim.runs.executors import Workers, check_workers, workers_for
from chainsim.runs.output_folder import (
    RECORD,
    OutputError,
    disk_errors,
    remove_partial,
    replace_file,
    replaced_files,
    whole_folder,
)
from chainsim.runs.processes import interruptible
from chainsim.runs.progress import Progress, shown_progress
from chainsim.runs.provenance import now, timestamp
from chainsim.runs.sweep_job import SweepJob, code
from chainsim.runs.worker import ChunkResult, Job
from chainsim.store.lock import locked
from chainsim.store.manifest import (
    PARTS,
    SWEEP_JSON,
    StoredDesign,
    write_manifest,
    write_store_record,
)
from chainsim.store.parts import write_part
from chainsim.store.resume import check_resume
from chainsim.store.store import Store

ROUND = 5
"""Replications of a point in a row: they share a base year, which costs a quarter of a run and is not kept for long."""
QUARANTINE = "damaged"
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
    shard: tuple[int, int] | None = None,
    progress: bool = False,
) -> Store:
    """Run a design into a store and return the store; what is there already is not run again.

    `design` is a design file, a mapping with the same keys (whose `scenario` may be a Scenario) or a Design. Runs go to
    `executor`: any `concurrent.futures.Executor`, or the address `dask://host:port`; without one, to
    `jobs` processes, or to this one where nothing is stated.
    More than one process needs a script to keep its calls under `if __name__ == "__main__":`. A run may take `timeout`
    seconds. `shard` (k, n) runs only the k-th of n equal parts of the design, into a store that `merge` joins with the
    others. `chunk` runs go out at a time, as many as take some seconds where not stated. The results depend on none of
    these. Runs that failed are in `Store.failures`; `retry_failed` runs them again.

    *Raises* ScenarioError where the design is wrong, ValueError where the store holds runs that are not of the shard,
    OutputError where it is another sweep's, held by another process, damaged, or the disk refuses.
    """
    for name, value in (("timeout", timeout), ("chunk", chunk)):
        if value is not None and value <= 0:
            raise ValueError(f"{name} is {value}; it must be above 0")
    check_workers(executor, jobs)
    made, folder = design_of(design), Path(store)
    part = shard_of(made, shard)
    stored = stored_design(made)
    create(stored, folder)
    with locked(folder):
        opened = ready(stored, folder, part)
        missing = opened.index.missing(retry_failed) & part
        if made.summary:
            missing = whole_points(missing, opened, retry_failed)
        left = int(missing.sum())
        if left:
            payload = cloudpickle.dumps(made.scenario)
            job = SweepJob(payload, made.scenario.seed, made.luck, made.record, made.summary, timeout, code())
            workers = workers_for(executor, jobs if executor is not None or jobs is None else min(jobs, left))
            supply = supply_of(made, missing, workers, chunk)
            runs = int(part.sum())
            with shown_progress(made.name, runs, progress, runs - left, lines=True) as shown:
                carry_out(opened, workers, job, supply, shown)
            stamp_finished(folder)
    return Store(folder)


def shard_of(design: Design, shard: tuple[int, int] | None) -> Flags:
    """The runs of a shard, (points, replications): every n-th in the order of work, or of the points of a summary.

    *Raises* ValueError where there is no such shard.
    """
    number, shards = shard or (1, 1)
    if not 1 <= number <= shards:
        raise ValueError(f"there is no shard {number} of {shards}; they are numbered from 1 to {max(shards, 1)}")
    point, replication = np.arange(design.points)[:, None], np.arange(design.replications)
    order = point + 0 * replication if design.summary else replication * design.points + point
    return np.asarray(order % shards == number - 1)


def supply_of(design: Design, missing: Flags, workers: Workers, chunk: int | None) -> Supply:
    """The missing runs in rounds, `ROUND` replications of every point before the next, so that a stopped sweep is even.

    Where only quantiles of points are kept, whole points one after the other.
    """
    whole = design.replications if design.summary else 1
    point, replication = np.nonzero(missing)
    order = np.lexsort((replication, point, replication // (whole if whole > 1 else ROUND)))
    runs = zip(point[order].tolist(), replication[order].tolist(), strict=True)
    return Supply(runs, point.size, design.changes, workers.size, chunk, whole)


def carry_out(store: Store, workers: Workers, job: Job, supply: Supply, shown: Progress) -> None:
    """Run what the supply holds and write what comes back. *Raises* KeyboardInterrupt once an interrupt has drained."""
    finished = False
    try:
        with interruptible(lambda: shown.note("finishing the runs in hand; Ctrl-C again stops at once")) as stop:
            for result in Dispatch(workers, job, supply, stop).results():
                store_result(store, result)
                shown.advance(len(result.seconds), len(result.failures))
            finished = True
    finally:
        workers.close(now=not finished)
    if stop():
        shown.note(f"{store.index.done} of {store.total} runs are in {store.folder}; {AGAIN}")
        raise KeyboardInterrupt


def store_result(store: Store, result: ChunkResult) -> None:
    """Write what a chunk brought. *Raises* OutputError where the disk refuses; the store stays as it was."""
    index = store.index
    identities = {run: store.identify(run) for run in result.seconds}
    left = f"{index.done} of {store.total} runs are stored. Once the disk takes more, {AGAIN}"
    with disk_errors(store.folder, left):
        index.add(write_part(store.folder / PARTS, index.last + 1, result, identities))


def stamp_finished(folder: Path) -> None:
    """Note in the provenance of a store when it was last worked on."""
    record = sealed_record(folder)
    replace_file(folder / RECORD, replace(record, finished=timestamp(now())).to_json())


def whole_points(missing: Flags, store: Store, retry_failed: bool) -> Flags:
    """Missing runs of a summary: all runs of a point, or none where one of them failed and is not tried again."""
    failed = [] if retry_failed else [run[0] for run in store.index.failures]
    points = np.asarray(missing.any(axis=1))
    points[failed] = False
    missing[:] = points[:, None]
    return missing


def create(design: StoredDesign, folder: Path) -> None:
    """Make a store where there is none. *Raises* OutputError where the folder holds something else."""
    if (folder / SWEEP_JSON).exists() or (folder / PARTS).is_dir():
        return
    with whole_folder(folder) as partial:
        write_manifest(design, partial, now())
        (partial / PARTS).mkdir()


def ready(design: StoredDesign, folder: Path, part: Flags) -> Store:
    """The store, fit to go on: of this design, grown to it, without damage and without what was left half written.

    *Raises* ValueError where it holds runs beyond the `part` (points, replications) of a shard.
    """
    (folder / PARTS).mkdir(exist_ok=True)
    for place in (folder, folder / PARTS):
        remove_partial(place)
    try:
        store = Store(folder)
    except Damaged as damage:
        rewrite(design, folder)
        raise OutputError(f"{damage}. The file was written anew from the design; {AGAIN}") from damage
    grows = check_resume(store, design)
    with suppress(Damaged):  # put aside below, so that the next sweep asks again
        refuse_foreign_runs(store, part)
    if grows:
        rewrite(design, folder)
        store = Store(folder)
    if store.record_damages():
        with disk_errors(folder, AGAIN), replaced_files(folder, last=RECORD) as partial:
            write_store_record(design, store.manifest, partial, now())
    damages = store.damages()
    if damages:
        raise OutputError(quarantine(store, damages))
    return store


def refuse_foreign_runs(store: Store, part: Flags) -> None:
    """*Raises* ValueError where a store holds runs, failed ones too, beyond the `part` (points, replications)."""
    held = store.index.where >= 0
    for run in store.index.failures:
        held[run] = True
    foreign = np.argwhere(held & ~part[: held.shape[0], : held.shape[1]])
    if len(foreign):
        raise ValueError(
            f"{store.folder} holds {len(foreign)} runs that are not of this shard, such as point {foreign[0][0]}, "
            f"replication {foreign[0][1]}; give each shard a store of its own with -o, and join them with sweep merge"
        )


def rewrite(design: StoredDesign, folder: Path) -> None:
    """Write the records of a store anew, the one that certifies the others last; its parts stay."""
    with disk_errors(folder, AGAIN), replaced_files(folder, last=SWEEP_JSON) as partial:
        write_manifest(design, partial, now())


def quarantine(store: Store, damages: list[Damaged]) -> str:
    """Move damaged parts out of the store, under their names, and say so."""
    parts = {(store.folder / PARTS) / damage.path.relative_to(store.folder / PARTS).parts[0] for damage in damages}
    aside = store.folder / QUARANTINE
    aside.mkdir(exist_ok=True)
    for part in sorted(parts):
        place = next(
            path for number in range(1000) if not (path := aside / f"{part.name}{f'.{number}' * (number > 0)}").exists()
        )
        os.replace(part, place)
    store.refresh()
    found = "\n".join(map(str, damages))
    left = store.total - store.index.done - len(store.index.failures)
    return f"{found}\nput aside in {aside}; {left} runs are missing now. {AGAIN.capitalize()}"
