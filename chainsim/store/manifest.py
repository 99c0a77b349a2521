"""The manifest of a store: the sweep it holds, the code that makes it, and the files that say so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from chainsim.runs.output_folder import RECORD, files_in
from chainsim.runs.provenance import provenance, source_hash, version_of
from chainsim.scenario.write import write_resolved
from chainsim.store.parts import Damaged, check_file, digest

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

SWEEP_JSON, POINTS, PARTS = "sweep.json", "design.parquet", "parts"


@dataclass(frozen=True)
class StoredDesign:
    """A design as a store keeps it.

    `points` have a row a point: number and value of every axis, blocks and lists as JSON text. `kind` and `axes` (by
    path: values in words, unit) describe it; `texts` are files that state it, by name.
    """

    name: str
    scenario: Scenario
    points: pd.DataFrame
    replications: int
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
        about = {"name": self.name, "replications": self.replications, "record": list(self.record)}
        about |= {"summary": list(self.summary), "kind": dict(self.kind)}
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

    @cached_property
    def experiment(self) -> str:
        """What the identities of all runs share; the number of points and replications does not count."""
        parts = [self.scenario_hash, dict(self.made_with), list(self.record), list(self.summary)]
        return digest(json.dumps(parts, sort_keys=True).encode())

    def to_json(self) -> str:
        """The record as JSON, with its own SHA-256."""
        state = asdict(self)
        return json.dumps({**state, "sha256": seal(state)}, indent=1, ensure_ascii=False) + "\n"


def seal(state: Mapping[str, Any]) -> str:
    """SHA-256 of a record."""
    plain = json.loads(json.dumps(state))
    return digest(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode())


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
        state = json.loads(path.read_text(encoding="utf-8"))
        expected = state.pop("sha256")
        if seal(state) != expected:
            raise ValueError("the bytes are not those that were written")
        state |= {key: tuple(state[key]) for key in ("years", "record", "summary")}
        found = Manifest(**state)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(path, str(error)) from error
    for name, (length, known) in found.files.items():
        check_file(folder / name, length, known)
    return found


def write_manifest(design: StoredDesign, folder: Path, started: datetime) -> Manifest:
    """Write everything of a store but its parts into a folder."""
    write_resolved(design.scenario, folder)
    (folder / POINTS).write_bytes(design.parquet())
    for name, text in design.texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    names = sorted(files_in(folder) - {SWEEP_JSON, RECORD})
    files = {name: (len(content), digest(content)) for name in names for content in [(folder / name).read_bytes()]}
    made = manifest_of(design, files)
    (folder / SWEEP_JSON).write_text(made.to_json(), encoding="utf-8")
    seeds = [design.scenario.seed + replication for replication in range(design.replications)]
    record = provenance(design.scenario, seeds, started).with_files([*names, SWEEP_JSON, RECORD])
    (folder / RECORD).write_text(record.to_json(), encoding="utf-8")
    return made
