"""A folder of small tables of text that a record certifies: what it belongs to, and the hash of every file.

The record is written last and sealed, so that a folder is whole or is not there; a folder of something else is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chainsim.runs.certified import OTHER_BYTES, Damaged, read_regular
from chainsim.runs.output_folder import NOTHING_CHANGED, OutputError, disk_errors, remove_partial, replaced_files
from chainsim.runs.provenance import SEAL, seal


def claimed(folder: Path, record: str, kind: str, identity: str) -> dict[str, Any] | None:
    """The record of a folder of this identity, None where there is nothing yet; `kind` is what it is called.

    *Raises* OutputError where it holds another one of its kind or anything else, Damaged where it is not what was
    written.
    """
    path = folder / record
    if not path.exists():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(f"{folder} exists and holds no {kind}; choose another folder")
        return None
    try:
        state = json.loads(read_regular(path))
        if state.pop(SEAL) != seal(state):
            raise Damaged(path, OTHER_BYTES)
        stated = state["identity"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(path, "it cannot be read as a record") from error
    if stated != identity:
        other = f"{folder} was made by another {kind} or another version of chainsim"
        raise OutputError(f"{other}; choose another folder, or remove this one")
    return dict(state)


def certified_text(folder: Path, name: str, state: Mapping[str, Any]) -> str:
    """The text of a file. *Raises* Damaged where it is not what was written."""
    text, files = read_regular(folder / name), state.get("files")
    if not isinstance(files, dict) or hashlib.sha256(text).hexdigest() != files.get(name):
        raise Damaged(folder / name, OTHER_BYTES)
    return text.decode()


def save_tables(folder: Path, record: str, state: Mapping[str, Any], texts: Mapping[str, str]) -> None:
    """Write files, and the record with their hashes last. *Raises* OutputError where the disk refuses."""
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    whole = {**state, "files": hashes}
    with disk_errors(folder, NOTHING_CHANGED):
        folder.mkdir(parents=True, exist_ok=True)
        remove_partial(folder)
        with replaced_files(folder, last=record) as partial:
            for name, text in texts.items():
                (partial / name).write_text(text, encoding="utf-8")
            (partial / record).write_text(sealed_text(whole), encoding="utf-8")


def sealed_text(state: Mapping[str, Any]) -> str:
    """A record as text, with the seal by which `claimed` knows it."""
    return json.dumps({**state, SEAL: seal(state)}, indent=1, ensure_ascii=False) + "\n"
