"""Parts of a store: folders that hold whole runs, written once, and certify themselves.

A part is `NUMBER-HASH/` with one Parquet file a table and `part.json`, which lists the runs, the failures, and length and
SHA-256 of every file. HASH is that of `part.json`, so a flipped byte or a cut file anywhere in the part is noticed.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainsim.runs.output_folder import OutputError, sync_path
from chainsim.runs.processes import Failure
from chainsim.runs.worker import Harvest, Run

MANIFEST = "part.json"
PARTIAL = ".partial"


class Damaged(OutputError):
    """Something in a store is not what was written there."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path, self.why = path, why


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
        if found != length:
            raise Damaged(path, f"the file has {found} bytes of the {length} that were written")
        with path.open("rb") as stream:
            actual = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise Damaged(path, f"the file cannot be read: {error.strerror}") from error
    if actual != expected:
        raise Damaged(path, "the bytes are not those that were written")


def write_part(folder: Path, number: int, harvest: Harvest, identities: Mapping[Run, str]) -> Part:
    """Write a part: whole under its name, or not at all. *Raises* OSError where the disk refuses."""
    files = {f"{name}.parquet": content for name, content in harvest.tables.items()}
    manifest = {
        "runs": [[*run, round(seconds, 6), identities[run]] for run, seconds in harvest.seconds.items()],
        "failures": [
            [*run, failure.seed, failure.year, failure.reason, failure.trace]
            for run, failure in harvest.failures.items()
        ],
        "files": {name: [len(content), digest(content)] for name, content in files.items()},
    }
    text = json.dumps(manifest, ensure_ascii=False).encode()
    name = f"{number:07d}-{digest(text)[:16]}"
    partial = folder / f".{name}.{secrets.token_hex(4)}{PARTIAL}"
    try:
        partial.mkdir()
        for file, content in {**files, MANIFEST: text}.items():
            (partial / file).write_bytes(content)
            sync_path(partial / file)
        sync_path(partial)
        os.replace(partial, folder / name)
        sync_path(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return read_part(folder / name)


def read_part(folder: Path) -> Part:
    """The part in a folder, its tables not yet looked at. *Raises* Damaged where the manifest is not what was written."""
    path = folder / MANIFEST
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Damaged(path, f"the file cannot be read: {error.strerror}") from error
    number, _, expected = folder.name.partition("-")
    if not number.isdecimal() or digest(text)[:16] != expected:
        raise Damaged(path, "the bytes are not those that were written")
    told = json.loads(text)
    failures = {(line[0], line[1]): Failure(*line[2:]) for line in told["failures"]}
    return Part(
        folder,
        int(number),
        {(line[0], line[1]): line[2] for line in told["runs"]},
        {(line[0], line[1]): line[3] for line in told["runs"]},
        failures,
        {name: (length, known) for name, (length, known) in told["files"].items()},
    )


def part_folders(folder: Path) -> list[Path]:
    """The folders of all parts, oldest first; unfinished ones are left out."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def sweep_up(folder: Path) -> None:
    """Remove what an ended process left half written. Only for who holds the lock."""
    for path in folder.iterdir():
        if path.name.endswith(PARTIAL):
            shutil.rmtree(path, ignore_errors=True)
