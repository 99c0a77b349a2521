"""What a store is about: the sweep it holds, the code that makes it, and the files that say so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.runs.output_folder import RECORD, files_in
from chainsim.runs.provenance import provenance, source_hash, version_of
from chainsim.store.parts import Damaged, check_file, digest

if TYPE_CHECKING:
    from datetime import datetime

    from chainsim.experiments.design import Design

ABOUT, POINTS, DESIGN, PARTS = "sweep.json", "design.parquet", "design.yaml", "parts"


@dataclass(frozen=True)
class About:
    """The record in `sweep.json`. `made_with` are versions and hashes that all runs share; `files` has SHA-256 by name."""

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


def about(design: Design, files: Mapping[str, tuple[int, str]]) -> About:
    """The record of a design."""
    scenario = design.scenario
    return About(
        name=design.name,
        scenario=scenario.name,
        scenario_hash=scenario.hash,
        years=(scenario.years.start, scenario.years.end),
        seed=scenario.seed,
        points=design.points,
        replications=design.replications,
        record=design.record,
        summary=design.summary,
        kind=design.kind.model_dump(),
        axes={axis.path: {"values": axis.described, "unit": axis.unit} for axis in design.axes},
        made_with=made_with(),
        files=files,
    )


def read_about(folder: Path) -> About:
    """The record of a store. *Raises* Damaged where it or a file it names is not what was written."""
    path = folder / ABOUT
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        expected = state.pop("sha256")
        if seal(state) != expected:
            raise ValueError("the bytes are not those that were written")
        state |= {key: tuple(state[key]) for key in ("years", "record", "summary")}
        found = About(**state)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(path, str(error)) from error
    for name, (length, known) in found.files.items():
        check_file(folder / name, length, known)
    return found


def write_about(design: Design, folder: Path, started: datetime) -> About:
    """Write everything of a store but its parts into a folder."""
    from chainsim.experiments.axes import label
    from chainsim.experiments.design_file import POINTS_CSV, design_yaml, points_parquet
    from chainsim.experiments.sampling import Listed
    from chainsim.scenario.write import write_resolved

    write_resolved(design.scenario, folder)
    (folder / POINTS).write_bytes(points_parquet(design))
    (folder / DESIGN).write_text(design_yaml(design), encoding="utf-8")
    if isinstance(design.kind, Listed):
        table = design.table()
        text = {name: table[name].map(label) for name in table if table[name].dtype == object}
        table.assign(**{str(name): texts for name, texts in text.items()}).to_csv(
            folder / POINTS_CSV, index=False, lineterminator="\n"
        )
    names = sorted(files_in(folder) - {ABOUT, RECORD})
    files = {name: (len(content), digest(content)) for name in names for content in [(folder / name).read_bytes()]}
    made = about(design, files)
    (folder / ABOUT).write_text(made.to_json(), encoding="utf-8")
    seeds = [design.seed(replication) for replication in range(design.replications)]
    record = provenance(design.scenario, seeds, started).with_files([*names, ABOUT, RECORD])
    (folder / RECORD).write_text(record.to_json(), encoding="utf-8")
    return made
