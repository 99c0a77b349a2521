"""Shards into one store: every part of theirs is checked and copied whole, so the runs are the same to the last bit.

A store that was begun goes on: parts that are there already are not copied again.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chainsim.runs.certified import sealed_record
from chainsim.runs.output_folder import (
    RECORD,
    OutputError,
    disk_errors,
    new_folder,
    remove_partial,
    replace_file,
    whole_folder,
)
from chainsim.store.lock import locked
from chainsim.store.manifest import PARTS, POINTS, SWEEP_JSON, Manifest
from chainsim.store.parts import PART_JSON, Part, fits, part_folders, read_part
from chainsim.store.store import Store

AGAIN = "the same command again goes on"


def merge(shards: Sequence[str | Path], store: str | Path) -> Store:
    """Join stores of one design, each with other runs, into a store that is new or was begun; they stay as they are.

    *Raises* OutputError where they are not of one design, hold the same run, or the disk refuses, Damaged where one is
    not what was written.
    """
    opened, folder = [Store(shard) for shard in shards], Path(store)
    if not opened:
        raise OutputError("there is nothing to merge; name the stores of the shards")
    if not (folder / SWEEP_JSON).exists():
        copy_records(opened[0], folder)
    with locked(folder):
        for place in (folder, folder / PARTS):
            remove_partial(place)
        joined = Store(folder)
        for shard in opened:
            check_same_sweep(joined, shard)
        for shard in opened:
            add_parts(joined, shard)
        stamp_times(folder, opened)
    return Store(folder)


def copy_records(shard: Store, folder: Path) -> None:
    """Make a store without runs, of the design of a shard. *Raises* OutputError where the place is taken."""
    with whole_folder(folder) as partial:
        for name in (*shard.manifest.files, SWEEP_JSON, RECORD):
            (partial / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(shard.folder / name, partial / name)
        (partial / PARTS).mkdir()


def check_same_sweep(joined: Store, shard: Store) -> None:
    """*Raises* OutputError with what differs unless two stores are of one design, scenario and code."""
    ours, theirs = facts(joined.manifest), facts(shard.manifest)
    different = [f"{name} is {theirs[name]}, not {ours[name]}" for name in ours if theirs.get(name) != ours[name]]
    if different:
        raise OutputError(f"{shard.folder} is of another sweep than {joined.folder}: {'; '.join(different)}")


def facts(manifest: Manifest) -> dict[str, str]:
    """What shards must have in common, in words."""
    found = {f"the version of {name}": value for name, value in manifest.made_with.items() if name != "source"}
    found |= {"the code": manifest.made_with["source"][:12], "the scenario": manifest.scenario_hash[:12]}
    found |= {name: ", ".join(map(str, getattr(manifest, name))) or "none" for name in ("record", "summary")}
    found |= {name: f"{getattr(manifest, name)}" for name in ("points", "replications", "luck")}
    return {**found, "the hash of the points": manifest.files[POINTS][1][:12]}


def add_parts(joined: Store, shard: Store) -> None:
    """Copy the parts of a shard that are not there yet. *Raises* OutputError where a run is there from elsewhere."""
    there = {certificate(path) for path in part_folders(joined.folder / PARTS)}
    damages = shard.damages()
    if damages:
        raise damages[0]
    for path in part_folders(shard.folder / PARTS):
        if certificate(path) in there:
            continue
        part = read_part(path)
        check_new(part, joined, shard)
        target = joined.folder / PARTS / f"{joined.index.last + 1:07d}-{certificate(path)}"
        with disk_errors(target, AGAIN), new_folder(target) as partial:
            for name in (PART_JSON, *part.files):
                shutil.copyfile(path / name, partial / name)
        joined.index.add(read_part(target))


def certificate(part: Path) -> str:
    """The hash in the name of a part, whatever its number."""
    return part.name.partition("-")[2]


def check_new(part: Part, joined: Store, shard: Store) -> None:
    """*Raises* OutputError where the store has a run of the part from another shard, Damaged where it is foreign."""
    twice = next((run for run in part.seconds if joined.index.holds(run)), None)
    if twice is not None:
        raise OutputError(
            f"{shard.folder} holds point {twice[0]}, replication {twice[1]}, which is in {joined.folder} already; "
            "merge shards of one cut (k/n with the same n) into a new store"
        )
    fits(part, joined.index, joined.identify)


def stamp_times(folder: Path, shards: Sequence[Store]) -> None:
    """Note in the provenance of a store when the first of its shards began and the last was worked on."""
    places = [folder, *(shard.folder for shard in shards)]
    records = [sealed_record(place) for place in places]
    started, finished = min(record.started for record in records), max(record.finished for record in records)
    replace_file(folder / RECORD, replace(records[0], started=started, finished=finished).to_json())
