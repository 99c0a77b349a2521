"""Files and folders that are whole or absent: filled beside their place, synced to disk, then renamed into it."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from itertools import islice
from pathlib import Path

from chainsim.runs.provenance import from_json, is_readable

RECORD = "provenance.json"
"""The file that marks a folder as written by chainsim and lists what belongs to it."""
PARTIAL = ".partial"
"""End of the names of what is not whole yet."""
HEX_PARTIAL = r"\.[0-9a-f]{8}\.partial"
LEFTOVER = re.compile(rf"\..*{HEX_PARTIAL}")
"""Names of what an ended process may have left."""
MOST_LETTERS = 50
"""Letters of a name that the hidden name of its unfinished content repeats: a long name stays a legal one."""
TRIES = 100
"""Times that a proof is done anew before it is taken for true that a folder cannot be made."""
NOTHING_CHANGED = "nothing was changed there"

PAGES = {"run": "chainsim.report.pages:report", "comparison": "chainsim.report.effects:effect_report"}
"""Who draws the page of an output, by its kind: results hold a page, but the rooms of pages lie above them."""


class OutputError(Exception):
    """An output folder could not be written or read; the message says why and what is left."""


def page_of(kind: str, output: object) -> str:
    """The page (HTML) of a run or a comparison, by the function that PAGES names: the one place that looks upward."""
    module, _, name = PAGES[kind].partition(":")
    return str(getattr(import_module(module), name)(output))


@contextmanager
def disk_errors(path: Path, outcome: str) -> Iterator[None]:
    """Turns the errors of the disk into an OutputError that says what could not be written, why, and the outcome."""
    try:
        yield
    except UnicodeEncodeError as error:
        why = f"the encoding of this system, {error.encoding}, lacks letters of this name"
        raise OutputError(f"cannot write {str(path)!a}: {why}; {outcome}") from error
    except OSError as error:
        place = path if is_readable(str(path)) else ascii(str(path))
        raise OutputError(f"cannot write {place}: {error.strerror or error}; {outcome}") from error


@contextmanager
def whole_folder(folder: Path, overwrite: bool = False) -> Iterator[Path]:
    """A new folder to fill; it takes the place of `folder` when the block ends and vanishes if the block fails.

    *Raises* OutputError where the place is taken (see `check_place`) or the disk refuses.
    """
    with disk_errors(folder, NOTHING_CHANGED):
        folder = Path(os.path.realpath(folder))
        check_letters(folder)
        check_place(folder, overwrite)
        folder.parent.mkdir(parents=True, exist_ok=True)
        sweep_up(folder)
        with new_folder(folder) as partial:
            yield partial


def prove_place(folder: Path, overwrite: bool = False, pictures: Path | None = None) -> None:
    """Write a folder with a file where a result shall stand later, and remove it: hours of runs do not end in vain.

    What a killed process left there is removed. A folder for `pictures` of the result is proven as well. *Raises*
    OutputError as `whole_folder` would.
    """
    if pictures is not None:
        prove_file(pictures / RECORD)
    with disk_errors(folder, "nothing was run"):
        place = Path(os.path.realpath(folder))
        check_letters(place)
        check_place(place, overwrite)
        several_times(lambda: written_in(place))


def written_in(folder: Path) -> None:
    """Write the content of a folder beside it, and remove it again. *Raises* OSError where the disk refuses."""
    with made_parents(folder):
        sweep_up(folder)
        if not folder.exists():
            folder.mkdir()
            folder.rmdir()
        with partial_name(folder) as filled:
            filled.mkdir()
            (filled / RECORD).write_bytes(b"proof")
            if folder.exists():
                prove_movable(folder, filled)


def several_times(proof: Callable[[], None]) -> None:
    """Do a proof, anew where another process that does the same has removed the folders that both have made."""
    for _ in range(TRIES - 1):
        with suppress(FileNotFoundError):
            return proof()
    return proof()


def prove_movable(folder: Path, filled: Path) -> None:
    """*Raises* OSError where a folder cannot make room for another, as one that a disk is mounted on cannot.

    It is asked to take the name of a `filled` one, which every system refuses, but refuses last of all.
    """
    full, elsewhere = (errno.ENOTEMPTY, errno.EEXIST), (errno.EXDEV,)
    try:
        os.rename(folder, filled)
    except OSError as error:
        if error.errno == errno.EBUSY:
            raise OSError(error.errno, "a disk is mounted there; name a folder in it") from error
        if error.errno not in (full if any(folder.iterdir()) else full + elsewhere):  # layers give way if empty
            raise
    else:
        os.rename(filled, folder)


def prove_file(path: Path) -> None:
    """The same for a single file, which may be there already. *Raises* OutputError."""
    with disk_errors(path, "nothing was run"):
        place = Path(os.path.realpath(path))
        check_letters(place)
        if place.is_dir():
            raise IsADirectoryError(0, "a folder has this name")
        several_times(lambda: written_as(place))


def written_as(path: Path) -> None:
    """Write a file, and remove it again; one that is there stays. *Raises* OSError where the disk refuses."""
    with made_parents(path), partial_name(path) as proof:
        proof.write_bytes(b"proof")
        if not path.exists():
            os.replace(proof, path)
            path.unlink()


def check_letters(path: Path) -> None:
    """Raise an error where a name cannot stand in a table or on a screen: bytes that are no letters, line ends, signs
    that steer a terminal or turn a text around."""
    str(path).encode("utf-8")
    if not is_readable(path.name):
        raise OSError(errno.EINVAL, "its name holds a character that cannot be printed")


@contextmanager
def made_parents(path: Path) -> Iterator[None]:
    """The folders above a path for the time of the block; those that were missing are removed again if still empty."""
    missing = [folder for folder in path.parents if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise NotADirectoryError(errno.ENOTDIR, "a file stands where a folder is needed") from None
    try:
        yield
    finally:
        for folder in missing:
            with suppress(OSError):  # another process may have begun to fill it
                folder.rmdir()


def saved(save: Callable[[Path], object], folder: Path) -> None:
    """Save finished results in a folder; where that fails, beside it or among temporary files.

    *Raises* OutputError that says where they are now.
    """
    try:
        save(folder)
    except OutputError as error:
        name = folder.name[:MOST_LETTERS].encode("utf-8", "ignore").decode("utf-8")
        for parent in (Path(os.path.realpath(folder)).parent, Path(tempfile.gettempdir())):
            place = parent / f"{name}-{secrets.token_hex(4)}"
            try:
                save(place)
            except OutputError:
                continue
            raise OutputError(f"{error}\nThe results were saved in {place}") from error
        raise OutputError(f"{error}\nThe results could not be saved elsewhere either") from error


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """The same in a parent that is there; errors of the disk stay what they are (OSError)."""
    with partial_name(folder) as partial:
        partial.mkdir()
        with held(partial):
            yield partial
            sync(partial)
            put_in_place(partial, folder)


@contextmanager
def replaced_files(folder: Path, last: str) -> Iterator[Path]:
    """A folder to fill with files that replace those of the same names in `folder`, `last` at the end.

    Where the block fails nothing is replaced; when the machine fails in between, `last`, which should certify the
    others, is still the old one. *Raises* OSError where the disk refuses.
    """
    with partial_name(folder / "files") as partial:
        partial.mkdir()
        yield partial
        sync(partial)
        for name in sorted(files_in(partial), key=lambda name: (name == last, name)):
            (folder / name).parent.mkdir(exist_ok=True)
            os.replace(partial / name, folder / name)
        sync_path(folder)


def replace_file(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8, so that readers see the old or the new one, never a part. *Raises* OutputError."""
    with disk_errors(path, NOTHING_CHANGED), whole_file(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name to write to, which replaces `path` when the block ends; an older file is left alone if the block fails.

    *Raises* OSError where the disk refuses.
    """
    with partial_name(path) as partial:
        yield partial
        sync_path(partial)
        os.replace(partial, path)
        sync_path(path.parent)


@contextmanager
def partial_name(path: Path) -> Iterator[Path]:
    """A hidden name in the same folder, for what is not complete yet; what has it when the block ends is removed."""
    partial = path.with_name(f".{path.name[:MOST_LETTERS]}.{secrets.token_hex(4)}{PARTIAL}")
    try:
        yield partial
    finally:
        remove(partial)


def remove_partial(folder: Path) -> None:
    """Remove what an ended process left half written in a folder. Only where no other process writes there."""
    for path in folder.iterdir():
        if path.name.endswith(PARTIAL):
            remove(path)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder for the time of the block, so that no other process takes it for a leftover."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network disks know no locks
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def sweep_up(folder: Path) -> None:
    """Remove what killed processes left beside a folder, half written, in its name."""
    own = re.compile(re.escape(f".{folder.name[:MOST_LETTERS]}") + HEX_PARTIAL)
    for path in folder.parent.iterdir():
        if own.fullmatch(path.name) and not is_held(path):
            remove(path)


def is_held(path: Path) -> bool:
    """Whether a living process holds an unfinished folder."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it, or nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def check_place(folder: Path, overwrite: bool = False) -> None:
    """*Raises* OutputError unless the folder is absent, empty, or an output of chainsim that may be overwritten."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not overwrite:
        raise OutputError(f"{folder} exists; choose another folder or allow it to be overwritten (--overwrite)")
    if not folder.is_dir():
        raise OutputError(f"{folder} is a file, not a folder; nothing was changed")
    own = own_files(folder)
    strangers = sorted(islice((name for name in walked(folder) if name not in own and not is_leftover(name)), 3))
    if strangers:
        raise OutputError(
            f"{folder} holds {', '.join(strangers)}, which chainsim did not write; it is left alone, "
            "choose another folder"
        )


def is_leftover(name: str) -> bool:
    """Whether a path in a folder is of something that a killed process left half written."""
    return any(LEFTOVER.fullmatch(part) for part in name.split("/"))


def files_in(folder: Path) -> set[str]:
    """Paths of all files below a folder, relative to it."""
    return set(walked(folder))


def walked(folder: Path) -> Iterator[str]:
    """The same one after the other, for whoever needs only some of them: a folder may be a whole disk."""
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            yield path.relative_to(folder).as_posix()


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
