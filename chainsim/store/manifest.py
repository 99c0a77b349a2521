"""The manifest of a store: the sweep it holds, the code that makes it, and the files that say so."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from chainsim.runs.certified import OTHER_BYTES, Damaged, is_safe_name, read_regular
from chainsim.runs.crate import CRATE, crate
from chainsim.runs.frames import TABLES
from chainsim.runs.output_folder import RECORD, files_in
from chainsim.runs.provenance import SEAL, provenance, seal, source_hash, version_of
from chainsim.runs.sweep_job import Luck, seed_of
from chainsim.runs.worker import Run
from chainsim.scenario.write import write_resolved
from chainsim.store.parts import check_file, digest

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

MOST_RUNS = 200_000_000
SWEEP_JSON, POINTS, PARTS = "sweep.json", "design.parquet", "parts"
ADDED = frozenset({"luck"})
"""Fields of the manifest that stores of earlier versions lack; their defaults say what such a store is."""


@dataclass(frozen=True)
class StoredDesign:
    """A design as a store keeps it.

    `points` have a row a point: number and value of every axis, blocks and lists as JSON text. `kind` and `axes` (by
    path: values in words, unit) describe it; `luck` says whether points share seeds; `texts` are files that state it,
    by name.
    """

    name: str
    scenario: Scenario
    points: pd.DataFrame
    replications: int
    luck: Luck
    record: tuple[str, ...]
    summary: tuple[float, ...]
    kind: Mapping[str, Any]
    axes: Mapping[str, Mapping[str, str]]
    texts: Mapping[str, str]

    def parquet(self) -> bytes:
        """The points, with units of the axes and what the design keeps in the metadata of the schema."""
        table = pa.Table.from_pandas(self.points, preserve_index=False)
        units = {path: axis["unit"] for path, axis in self.axes.items()}
        fields = [field.with_metadata({"unit": units.get(field.name, "")}) for field in table.schema]
        about = {"name": self.name, "replications": self.replications, "luck": self.luck}
        about |= {"record": list(self.record), "summary": list(self.summary), "kind": dict(self.kind)}
        metadata = {b"sweep": json.dumps(about, ensure_ascii=False).encode()}
        sink = pa.BufferOutputStream()
        pq.write_table(table.cast(pa.schema(fields, metadata=metadata)), sink, compression="zstd")
        return bytes(sink.getvalue())


@dataclass(frozen=True)
class Manifest:
    """The record in `sweep.json`. `made_with` are versions and hashes of all runs; `files` has SHA-256 by name."""

    name: str
    scenario: str
    scenario_hash: str
    years: tuple[int, int]
    seed: int
    points: int
    replications: int
    record: tuple[str, ...]
    summary: tuple[float, ...]
    kind: Mapping[str, Any]
    axes: Mapping[str, Mapping[str, Any]]
    made_with: Mapping[str, str]
    files: Mapping[str, tuple[int, str]]
    luck: Luck = "common"

    @cached_property
    def experiment(self) -> str:
        """What the identities of all runs share; the number of points and replications does not count."""
        parts = [self.scenario_hash, dict(self.made_with), list(self.record), list(self.summary)]
        parts += [self.luck] if self.luck != "common" else []
        return digest(json.dumps(parts, sort_keys=True).encode())

    def seed_of(self, run: Run) -> int:
        """Seed of a point and replication."""
        return seed_of(self.seed, self.luck, run)

    def to_json(self, without: Collection[str] = ()) -> str:
        """The record as JSON, with its own SHA-256, some fields left out."""
        state = {name: value for name, value in asdict(self).items() if name not in without}
        return json.dumps({**state, SEAL: seal(state)}, indent=1, ensure_ascii=False) + "\n"


def made_with() -> dict[str, str]:
    """Versions of what decides the bits of a run."""
    versions = {name: version_of(name) for name in ("chainsim", "numpy", "numba")}
    return {**versions, "source": source_hash()}


def manifest_of(design: StoredDesign, files: Mapping[str, tuple[int, str]]) -> Manifest:
    """The manifest of a design, which names these files."""
    scenario = design.scenario
    return Manifest(
        name=design.name,
        scenario=scenario.name,
        scenario_hash=scenario.hash,
        years=(scenario.years.start, scenario.years.end),
        seed=scenario.seed,
        points=len(design.points),
        replications=design.replications,
        luck=design.luck,
        record=design.record,
        summary=design.summary,
        kind=design.kind,
        axes=design.axes,
        made_with=made_with(),
        files=files,
    )


def read_manifest(folder: Path) -> Manifest:
    """The record of a store. *Raises* Damaged where it or a file it names is not what was written."""
    path = folder / SWEEP_JSON
    try:
        text = read_regular(path).decode()
        state = json.loads(text)
        expected = state.pop(SEAL)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(path, f"it cannot be read as a record: {error}") from error
    if seal(state) != expected:
        raise Damaged(path, OTHER_BYTES)
    try:
        found = TypeAdapter(Manifest).validate_python(state)
    except ValueError as error:
        raise Damaged(path, "it has not the shape of the record of a sweep") from error
    if found.to_json(ADDED - state.keys()) != text:
        raise Damaged(path, OTHER_BYTES)
    refuse_strange(found, path)
    for name, (length, known) in found.files.items():
        check_file(folder / name, length, known)
    return found


def refuse_strange(found: Manifest, path: Path) -> None:
    """*Raises* Damaged where a record that certifies itself says what no sweep writes: names that lead elsewhere or
    write to the terminal, tables that do not exist, more runs than memory holds."""
    names = [found.name, found.scenario, *found.axes, *found.made_with.values()]
    if not all(name.isprintable() for name in names):
        raise Damaged(path, "it holds a name that cannot be printed")
    if not all(map(is_safe_name, found.files)) or "/" in found.name or "\\" in found.name:
        raise Damaged(path, "it names a file outside of its folder")
    if not set(found.record) <= set(TABLES):
        raise Damaged(path, "it names a table that does not exist")
    if not (found.points > 0 and found.replications > 0 and found.points * found.replications <= MOST_RUNS):
        raise Damaged(path, f"it names {found.points} points and {found.replications} replications")


def write_manifest(design: StoredDesign, folder: Path, started: datetime) -> Manifest:
    """Write everything of a store but its parts into a folder."""
    write_resolved(design.scenario, folder)
    (folder / POINTS).write_bytes(design.parquet())
    for name, text in design.texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    named = {*files_in(folder), CRATE} - {SWEEP_JSON, RECORD}
    record = provenance(design.scenario, seeds_of(design), started)
    (folder / CRATE).write_text(crate(record, {*named, SWEEP_JSON}, [PARTS]), encoding="utf-8")
    names = sorted(named)
    files = {name: (len(content), digest(content)) for name in names for content in [(folder / name).read_bytes()]}
    made = manifest_of(design, files)
    (folder / SWEEP_JSON).write_text(made.to_json(), encoding="utf-8")
    write_store_record(design, made, folder, started)
    return made


def write_store_record(design: StoredDesign, made: Manifest, folder: Path, started: datetime) -> None:
    """Write the provenance of a store, which changes whenever it is worked on and is not certified by the manifest."""
    files = tuple(sorted([*made.files, SWEEP_JSON, RECORD]))
    record = replace(provenance(design.scenario, seeds_of(design), started), files=files)
    (folder / RECORD).write_text(record.to_json(), encoding="utf-8")


def seeds_of(design: StoredDesign) -> list[int]:
    """Seeds of all runs in the order of points, each once: those of the replications where points share them."""
    points = len(design.points) if design.luck == "own" else 1
    runs = ((point, replication) for point in range(points) for replication in range(design.replications))
    return [seed_of(design.scenario.seed, design.luck, run) for run in runs]
