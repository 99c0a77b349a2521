"""Where a result comes from: versions, hashes, seeds, machine, time; enough to repeat it and to notice a difference."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import category

from pydantic import TypeAdapter

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

WRITTEN_BY = "chainsim"
SEAL = "sha256"
"""Key of a record that holds the SHA-256 of the rest of it."""


@dataclass(frozen=True)
class Provenance:
    """The identity of a result. Times are ISO 8601 in UTC; `command` is what was typed, empty for calls from Python.

    `files` are those of its folder, `hashes` their SHA-256 by name, but for this record itself, which has its own.
    """

    scenario: str
    scenario_hash: str
    seeds: tuple[int, ...]
    version: str
    source_hash: str
    python: str
    numpy: str
    numba: str
    platform: str
    started: str
    finished: str
    command: str = ""
    files: tuple[str, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    written_by: str = WRITTEN_BY

    def to_json(self) -> str:
        """The record as indented JSON, with its own SHA-256. Names that are no Unicode keep their bytes as escapes."""
        state = asdict(self)
        text = json.dumps({**state, SEAL: seal(state)}, indent=2, ensure_ascii=False) + "\n"
        return text.encode("utf-8", "backslashreplace").decode()


def seal(state: Mapping[str, Any]) -> str:
    """SHA-256 of a record."""
    plain = json.dumps(json.loads(json.dumps(state)), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode("utf-8", "backslashreplace")).hexdigest()


def provenance(scenario: Scenario, seeds: list[int], started: datetime, command: str = "") -> Provenance:
    """The record of runs of the scenario that began at `started` and end now."""
    return Provenance(
        scenario=scenario.name,
        scenario_hash=scenario.hash,
        seeds=tuple(seeds),
        version=version_of("chainsim"),
        source_hash=source_hash(),
        python=platform.python_version(),
        numpy=version_of("numpy"),
        numba=version_of("numba"),
        platform=f"{platform.system()} {platform.machine()}, {sys.byteorder} endian",
        started=timestamp(started),
        finished=timestamp(now()),
        command=command,
    )


def typed(words: Sequence[str]) -> str:
    """A command as typed, but the last name only of absolute paths, which mean nothing elsewhere.

    Bytes that are no letters of the system stand as escapes, so that the command can be written anywhere, and signs
    that would steer a terminal as a mark.
    """
    text = shlex.join(re.sub(r"(^|=)[/~](?:[^/]*/)*([^/]+)/?$", r"\1\2", word) for word in words)
    text = text.encode("utf-8", "backslashreplace").decode()
    return "".join(letter if is_readable(letter) else "�" for letter in text)


def is_readable(text: str) -> bool:
    """Whether a text is read as what it is, on one line: without signs that steer a terminal or turn a text around."""
    return all(letter.isprintable() or category(letter) == "Zs" for letter in text)


def from_json(text: str) -> Provenance:
    """The record read back. *Raises* ValueError where the text is not a record written by chainsim."""
    state = json.loads(text)
    if not isinstance(state, dict) or state.get("written_by") != WRITTEN_BY:
        raise ValueError("not a provenance record of chainsim")
    sealed = state.pop(SEAL, None)
    if "hashes" not in state or sealed != seal(state):
        raise ValueError("the bytes are not those that were written")
    record = TypeAdapter(Provenance).validate_python(state)
    if not all(map(is_readable, [*record.files, *(text for text in state.values() if isinstance(text, str))])):
        raise ValueError("a text of it holds characters that cannot be printed")
    if record.to_json() != text:
        raise ValueError("the bytes are not those that were written")
    return record


PACKAGE = Path(__file__).parents[1]


def source_files() -> list[Path]:
    """Every file of code of the package, in a fixed order."""
    return sorted(PACKAGE.rglob("*.py"))


@cache
def source_hash() -> str:
    """SHA-256 of the source of the package, names and contents; changes whenever a line of code does."""
    digest = hashlib.sha256()
    for path in source_files():
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def version_of(package: str) -> str:
    """Installed version of a package, without importing it; empty where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def timestamp(time: datetime) -> str:
    """ISO 8601 to the second."""
    return time.isoformat(timespec="seconds")
