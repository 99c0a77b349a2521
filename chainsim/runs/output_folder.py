"""Output folders that are whole or absent: filled beside their place, synced to disk, then renamed into it."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chainsim.runs.provenance import from_json

RECORD = "provenance.json"
"""The file that marks a folder as written by chainsim and lists what belongs to it."""


class OutputError(Exception):
    """An output folder could not be written or read; the message says why and what is left."""


@contextmanager
def whole_folder(folder: Path, overwrite: bool = False) -> Iterator[Path]:
    """A new folder to fill; it takes the place of `folder` when the block ends and vanishes if the block fails.

    *Raises* OutputError where the place is taken (see `check_place`) or the disk refuses.
    """
    folder = folder.resolve()
    check_place(folder, overwrite)
    partial = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.mkdir(parents=True)
        yield partial
        sync(partial)
        put_in_place(partial, folder)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}; nothing was changed there") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_place(folder: Path, overwrite: bool = False) -> None:
    """*Raises* OutputError unless the folder is absent, empty, or an output of chainsim that may be overwritten."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not overwrite:
        raise OutputError(f"{folder} exists; choose another folder or allow it to be overwritten (--overwrite)")
    if not folder.is_dir():
        raise OutputError(f"{folder} is a file, not a folder; nothing was changed")
    strangers = sorted(files_in(folder) - own_files(folder))
    if strangers:
        raise OutputError(
            f"{folder} holds {', '.join(strangers[:3])}, which chainsim did not write; it is left alone, choose another folder"
        )


def files_in(folder: Path) -> set[str]:
    """Paths of all files below a folder, relative to it."""
    paths = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return {path.relative_to(folder).as_posix() for path in paths}


def own_files(folder: Path) -> set[str]:
    """Paths of the files that chainsim wrote into the folder; none where it is not an output of chainsim."""
    try:
        return {RECORD, *from_json((folder / RECORD).read_text(encoding="utf-8")).files}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def put_in_place(partial: Path, folder: Path) -> None:
    """Rename `partial` to `folder`; what was there takes the name of `partial`."""
    if not folder.exists() or not any(folder.iterdir()):
        os.replace(partial, folder)
    elif not exchange(partial, folder):
        old = partial.with_suffix(".old")
        os.replace(folder, old)
        try:
            os.replace(partial, folder)
        except OSError:
            os.replace(old, folder)
            raise
        os.replace(old, partial)
    sync_path(folder.parent)


def exchange(first: Path, second: Path) -> bool:
    """Swap two names in one step where the system can (Linux); False where it cannot, and nothing is changed."""
    if sys.platform != "linux":
        return False
    here, swap = -100, 2
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    return rename is not None and rename(here, os.fsencode(first), here, os.fsencode(second), swap) == 0


def replace_file(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8, so that readers see the old or the new one, never a part. *Raises* OutputError."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
        sync_path(partial)
        os.replace(partial, path)
        sync_path(path.parent)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}; nothing was changed there") from error
    finally:
        partial.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Flush the files of a folder, and the folder, to the disk."""
    for path in sorted(folder.rglob("*")):
        sync_path(path)
    sync_path(folder)


def sync_path(path: Path) -> None:
    """Flush one file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
