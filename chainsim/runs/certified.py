"""Folders that certify themselves: the record names every file with its SHA-256, and says its own.

Whoever reads a run or a comparison hears which file is not what was written there, whether by a flipped bit or by a
stranger.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from stat import S_ISREG

from chainsim.runs.crate import CRATE, crate
from chainsim.runs.output_folder import NOTHING_CHANGED, RECORD, OutputError, disk_errors, files_in, replaced_files
from chainsim.runs.provenance import SEAL, Provenance, from_json, seal

PAGE = "report.html"
"""The page of a run or comparison, which can be drawn again from the rest."""


class Damaged(OutputError):
    """Something on disk is not what was written there."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path, self.why = path, why


OTHER_BYTES = "the bytes are not those that were written"
LARGEST_RECORD = 200_000_000
"""Most bytes of a record (JSON) that is read."""


def read_regular(path: Path, most: int = LARGEST_RECORD) -> bytes:
    """The bytes of an ordinary file. *Raises* Damaged for devices, pipes, folders, giants and where there is none."""
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise Damaged(path, "this is no ordinary file")
        if status.st_size > most:
            raise Damaged(path, f"the file has {status.st_size} bytes, more than any that is written here")
        return path.read_bytes()
    except OSError as error:
        raise Damaged(path, f"the file cannot be read: {error.strerror}") from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file. *Raises* OSError where it cannot be read."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_hash(path: Path, expected: str) -> None:
    """*Raises* Damaged unless a file is an ordinary one with this SHA-256."""
    try:
        if not S_ISREG(path.stat().st_mode):
            raise Damaged(path, "this is no ordinary file")
        actual = sha256_of(path)
    except OSError as error:
        raise Damaged(path, f"the file cannot be read: {error.strerror}") from error
    if actual != expected:
        raise Damaged(path, OTHER_BYTES)


EXPORTED = "exported.json"
"""Record of the files for other programs that are left in a store: their sizes and hashes, and its own seal."""


def exported(record: Path) -> dict[str, tuple[int, str]]:
    """Size and SHA-256 of the files that a record names, none without one. *Raises* Damaged where it was changed."""
    if not record.exists():
        return {}
    try:
        state = json.loads(read_regular(record).decode())
        sealed = state.pop(SEAL)
        files = {str(name): (int(size), str(known)) for name, (size, known) in state["files"].items()}
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise Damaged(record, f"it cannot be read as a record: {error}") from error
    if seal(state) != sealed:
        raise Damaged(record, OTHER_BYTES)
    return files


def is_safe_name(name: object) -> bool:
    """Whether a name found in a record is that of a file in its folder or below, and can be printed."""
    return (
        isinstance(name, str)
        and bool(name)
        and name.isprintable()
        and "\\" not in name
        and not name.startswith("/")
        and not {"", ".", ".."} & set(name.split("/"))
    )


def write_record(record: Provenance, folder: Path) -> None:
    """Write the provenance of a folder, which names all its files and certifies them: the last thing to be written."""
    names = {*files_in(folder), CRATE} - {RECORD}
    (folder / CRATE).write_text(crate(record, names), encoding="utf-8")
    hashes = {name: sha256_of(folder / name) for name in sorted(names)}
    made = replace(record, files=tuple(sorted({*names, RECORD})), hashes=hashes)
    (folder / RECORD).write_text(made.to_json(), encoding="utf-8")


def replace_page(folder: Path, page: str, record: Provenance) -> None:
    """Write the page of a run or comparison anew, and the record that certifies it. *Raises* OutputError."""
    with disk_errors(folder, NOTHING_CHANGED), replaced_files(folder, last=RECORD) as partial:
        (partial / PAGE).write_text(page, encoding="utf-8")
        hashes = dict(record.hashes) | {PAGE: sha256_of(partial / PAGE)}
        (partial / RECORD).write_text(replace(record, hashes=hashes).to_json(), encoding="utf-8")


def sealed_record(folder: Path) -> Provenance:
    """The provenance of a folder, whatever its files are. *Raises* Damaged where it is not what was written."""
    try:
        return from_json(read_regular(folder / RECORD).decode())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(folder / RECORD, str(error).partition("\n")[0] or type(error).__name__) from error


def read_record(folder: Path, optional: str = "") -> Provenance:
    """The provenance of a folder, all of whose files are what was written; `optional` alone may be missing.

    *Raises* OutputError where there is none, Damaged with the file that is not what was written.
    """
    if not (folder / RECORD).exists():
        raise OutputError(f"{folder} holds no result of chainsim (there is no {RECORD})")
    record = sealed_record(folder)
    for name, expected in record.hashes.items():
        if not is_safe_name(name):
            raise Damaged(folder / RECORD, "it names a file outside of its folder")
        if name != optional or (folder / name).exists():
            check_hash(folder / name, expected)
    return record
