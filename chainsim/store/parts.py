"""Parts of a store: folders that hold whole runs, written once, and certify themselves; and which run is in which.

A part is `NUMBER-HASH/` with one Parquet file a table and `part.json`, which lists the runs, the failures, and length
and SHA-256 of every file. HASH is that of `part.json`, so a flipped byte or a cut file anywhere in the part is noticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import NonNegativeInt, TypeAdapter

from chainsim.runs.certified import OTHER_BYTES, Damaged, check_hash, is_safe_name, read_regular
from chainsim.runs.output_folder import new_folder
from chainsim.runs.worker import ChunkResult, Failure, Run
from chainsim.scenario.errors import printable

PART_JSON = "part.json"
NOWHERE = -1
"""Position of a run that is not stored."""

Identify = Callable[[Run], str]
"""The identity that a run of this sweep has."""


@dataclass(frozen=True)
class PartManifest:
    """The content of `part.json`."""

    runs: list[tuple[NonNegativeInt, NonNegativeInt, float, str]]
    failures: list[tuple[NonNegativeInt, NonNegativeInt, int, int | None, str, str]]
    files: dict[str, tuple[int, str]]


PART_MANIFEST = TypeAdapter(PartManifest)


@dataclass(frozen=True)
class Part:
    """A part as its manifest describes it: seconds and identities by run, failures by run, files by name."""

    folder: Path
    number: int
    seconds: Mapping[Run, float]
    identities: Mapping[Run, str]
    failures: Mapping[Run, Failure]
    files: Mapping[str, tuple[int, str]]

    def check(self, names: Iterable[str] | None = None) -> None:
        """*Raises* Damaged unless the files of these tables, or all, are what was written."""
        for name in self.files if names is None else [f"{name}.parquet" for name in names]:
            if name in self.files:
                check_file(self.folder / name, *self.files[name])

    @property
    def size(self) -> int:
        """Bytes of its tables."""
        return sum(length for length, _ in self.files.values())


def identity(experiment: str, values: Mapping[str, Any], replication: int) -> str:
    """Identity of a run: the experiment (scenario, code, what is kept), the values of its point, its replication."""
    text = json.dumps([experiment, dict(values), replication], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest(content: bytes) -> str:
    """SHA-256 of some bytes, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def check_file(path: Path, length: int, expected: str) -> None:
    """*Raises* Damaged unless a file has this length and this SHA-256."""
    try:
        found = path.stat().st_size
    except OSError as error:
        raise Damaged(path, f"the file cannot be read: {error.strerror}") from error
    if found != length:
        raise Damaged(path, f"the file has {found} bytes of the {length} that were written")
    check_hash(path, expected)


def write_part(folder: Path, number: int, result: ChunkResult, identities: Mapping[Run, str]) -> Part:
    """Write a part: whole under its name, or not at all. *Raises* OSError where the disk refuses."""
    files = {f"{name}.parquet": content for name, content in result.tables.items()}
    manifest = {
        "runs": [[*run, round(seconds, 6), identities[run]] for run, seconds in result.seconds.items()],
        "failures": [
            [*run, failure.seed, failure.year, failure.reason, failure.trace]
            for run, failure in result.failures.items()
        ],
        "files": {name: [len(content), digest(content)] for name, content in files.items()},
    }
    text = json.dumps(manifest, ensure_ascii=False).encode()
    name = f"{number:07d}-{digest(text)[:16]}"
    with new_folder(folder / name) as partial:
        for file, content in {**files, PART_JSON: text}.items():
            (partial / file).write_bytes(content)
    return read_part(folder / name)


def read_part(folder: Path) -> Part:
    """The part in a folder, its tables not yet read. *Raises* Damaged where the manifest is not what was written."""
    path = folder / PART_JSON
    text = read_regular(path)
    number, _, expected = folder.name.partition("-")
    if not number.isdecimal() or digest(text)[:16] != expected:
        raise Damaged(path, OTHER_BYTES)
    try:
        return part_of(folder, int(number), PART_MANIFEST.validate_json(text))
    except ValueError as error:
        raise Damaged(path, "it has not the shape of a part of a store") from error


def part_of(folder: Path, number: int, content: PartManifest) -> Part:
    """The part that a manifest describes. *Raises* ValueError where it names files outside of its folder."""
    if not all(map(is_safe_name, content.files)):
        raise ValueError("a name of a file that leads elsewhere")
    return Part(
        folder,
        number,
        {(line[0], line[1]): line[2] for line in content.runs},
        {(line[0], line[1]): line[3] for line in content.runs},
        {(line[0], line[1]): Failure(line[2], line[3], printable(line[4]), line[5]) for line in content.failures},
        content.files,
    )


def part_folders(folder: Path) -> list[Path]:
    """The folders of all parts, oldest first; unfinished ones are left out."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


@dataclass
class Index:
    """Which runs a store holds, rebuilt from its parts whenever it is opened.

    `where` has the position in `parts` of every run, or NOWHERE, (points, replications).
    """

    points: int
    replications: int
    where: NDArray[np.int32] = field(init=False)
    parts: list[Part] = field(default_factory=list)
    failures: dict[Run, Failure] = field(default_factory=dict)
    seconds: float = 0.0
    size: int = 0
    last: int = 0

    def __post_init__(self) -> None:
        self.where = np.full((self.points, self.replications), NOWHERE, dtype=np.int32)

    def add(self, part: Part) -> None:
        """Take a part in. Only its place and its files are remembered, so memory does not grow with its runs."""
        position = len(self.parts)
        for run in part.seconds:
            self.where[run] = position
            self.failures.pop(run, None)
        self.failures |= {run: failure for run, failure in part.failures.items() if self.where[run] == NOWHERE}
        self.seconds += sum(part.seconds.values())
        self.size += part.size
        self.last = max(self.last, part.number)
        self.parts.append(Part(part.folder, part.number, {}, {}, {}, part.files))

    def holds(self, run: Run) -> bool:
        """Whether a run is stored; False where it is not of this sweep."""
        within = run[0] < self.points and run[1] < self.replications
        return within and bool(self.where[run] != NOWHERE)

    @property
    def done(self) -> int:
        """Number of runs stored."""
        return int(np.count_nonzero(self.where != NOWHERE))

    def missing(self, retry_failed: bool = False) -> NDArray[np.bool_]:
        """Which runs are to be done, (points, replications): failed ones only where they shall be tried again."""
        wanted = self.where == NOWHERE
        if not retry_failed:
            for run in self.failures:
                wanted[run] = False
        return wanted


def read_index(folder: Path, points: int, replications: int, identify: Identify) -> tuple[Index, list[Damaged]]:
    """The index of all parts that can be used, and what is wrong with the others; tables are not looked at."""
    index, damages = Index(points, replications), []
    if not folder.is_dir():
        return index, [Damaged(folder, "the folder is missing")]
    for path in part_folders(folder):
        try:
            part = read_part(path)
            fits(part, index, identify)
            index.add(part)
        except Damaged as damage:
            damages.append(damage)
    return index, damages


def fits(part: Part, index: Index, identify: Identify) -> None:
    """*Raises* Damaged where a run is not of this sweep or is there already."""
    for run in [*part.seconds, *part.failures]:
        if run[0] >= index.points or run[1] >= index.replications:
            raise Damaged(part.folder, f"point {run[0]}, replication {run[1]} is not of this sweep")
    for run, known in part.identities.items():
        if identify(run) != known:
            raise Damaged(part.folder, f"point {run[0]}, replication {run[1]} was made from other values or other code")
        if index.where[run] != NOWHERE:
            raise Damaged(part.folder, f"point {run[0]}, replication {run[1]} is in an older part already")
