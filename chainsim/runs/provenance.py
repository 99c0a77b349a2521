"""Where a result comes from: versions, hashes, seeds, machine, time; enough to repeat it and to notice a difference."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

WRITTEN_BY = "chainsim"


@dataclass(frozen=True)
class Provenance:
    """The identity of a result. Times are ISO 8601 in UTC; `command` is what was typed, empty for calls from Python."""

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
    written_by: str = WRITTEN_BY

    def to_json(self) -> str:
        """The record as indented JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    def with_files(self, names: list[str]) -> Provenance:
        """The same record naming the files of its folder."""
        return replace(self, files=tuple(sorted(names)))


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


def from_json(text: str) -> Provenance:
    """The record read back. *Raises* ValueError where the text is not a record written by chainsim."""
    state = json.loads(text)
    if not isinstance(state, Mapping) or state.get("written_by") != WRITTEN_BY:
        raise ValueError("not a provenance record of chainsim")
    fields: dict[str, Any] = {key: value for key, value in state.items() if key in Provenance.__dataclass_fields__}
    return Provenance(**fields | {"seeds": tuple(state["seeds"]), "files": tuple(state["files"])})


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
