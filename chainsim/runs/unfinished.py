"""What runs have brought before all of them are done, kept beside the output: the same command goes on from there.

Beside `out/jilin` stands `out/jilin.unfinished` with a file for every seed done, written by the process that did it and
removed once the output is whole. A file belongs to what was asked for by its name, which has a hash of the scenarios
and of the package, and certifies itself by its first line; one that is not what was written is run again.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from chainsim.indicators.table import Recording
from chainsim.runs.certified import Damaged, read_regular
from chainsim.runs.output_folder import OutputError, remove, remove_partial, replace_file
from chainsim.runs.sweep_job import code
from chainsim.runs.worker import Outcome, Work

ENDING = ".unfinished"
MOST_BYTES = 20_000_000_000
"""Most bytes of a kept outcome that is read: a run with every enterprise in every year has hundreds of millions."""
HEADER = "header"


class Keepable(Work, Protocol):
    """Work whose outcomes can be kept as recordings and values that JSON has."""

    @property
    def asked(self) -> Sequence[str]:
        """Texts (hashes of scenarios, settings) that tell this work from other work."""
        ...

    def packed(self, outcome: Any) -> tuple[Sequence[Recording], Any]:
        """An outcome as recordings and values that JSON has."""
        ...

    def unpacked(self, recordings: Sequence[Recording], values: Any) -> Outcome:
        """The outcome that was packed."""
        ...


@dataclass(frozen=True)
class Kept:
    """Work that keeps its outcomes in a folder as soon as they are known."""

    work: Keepable
    folder: str
    identity: str

    @property
    def years(self) -> int:
        """Simulated years of a seed."""
        return self.work.years

    def __call__(self, seed: int) -> Generator[int, None, Outcome]:
        """Do it, and keep the outcome. A disk that refuses is no reason to stop: the outcome is not lost yet."""
        outcome = yield from self.work(seed)
        with suppress(OutputError, OSError):
            Path(self.folder).mkdir(parents=True, exist_ok=True)
            replace_file(self.file(seed), encoded(*self.work.packed(outcome)))
        return outcome

    def file(self, seed: int) -> Path:
        """Where the outcome of a seed is kept."""
        return Path(self.folder) / f"{self.identity}-{seed}.npz"

    def count(self, seeds: Sequence[int]) -> int:
        """How many of these seeds have a file."""
        there = {path.name for path in Path(self.folder).glob("*.npz")}
        return sum(self.file(seed).name in there for seed in seeds)

    def known(self, seed: int) -> Outcome | None:
        """The outcome of a seed, None where it is not kept, or is not what was written."""
        try:
            return self.work.unpacked(*decoded(read_regular(self.file(seed), MOST_BYTES)))
        except (Damaged, ValueError, KeyError, TypeError, AttributeError, OSError, EOFError, RecursionError):
            return None


def resumed(work: Keepable, seeds: Sequence[int], folder: Path | None) -> tuple[Work, dict[int, Outcome]]:
    """The work, which keeps its outcomes beside a future output folder, and what is known of the seeds already."""
    if folder is None:
        return work, {}
    kept = Kept(work, str(place(folder)), identity(work))
    found = {seed: kept.known(seed) for seed in seeds} if Path(kept.folder).is_dir() else {}
    return kept, {seed: outcome for seed, outcome in found.items() if outcome is not None}


def place(folder: Path) -> Path:
    """The folder of what is kept for a future output folder."""
    return folder.with_name(folder.name + ENDING)


def forget(folder: Path) -> None:
    """Remove what was kept for an output folder that is whole now; other files there stay."""
    kept = place(folder)
    if kept.is_dir() and not kept.is_symlink():
        for path in kept.glob("*.npz"):
            remove(path)
        remove_partial(kept)
        with suppress(OSError):
            kept.rmdir()


def identity(work: Keepable) -> str:
    """A short hash of what was asked for and of the package that does it."""
    text = json.dumps([type(work).__name__, *work.asked, *code()])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def encoded(recordings: Sequence[Recording], values: Any) -> bytes:
    """Recordings and values as bytes that hold no code: arrays as numpy writes them, the rest as JSON."""
    arrays: dict[str, np.ndarray] = {}
    columns: list[tuple[int, str, str, bool]] = []
    for number, recording in enumerate(recordings):
        for table, content in recording.tables.items():
            for column, array in content.items():
                text = array.dtype == object
                arrays[f"a{len(columns)}"] = np.array(json.dumps(array.tolist())) if text else array
                columns.append((number, table, column, text))
    header = {"seeds": [recording.seed for recording in recordings], "columns": columns, "values": values}
    arrays[HEADER] = np.array(json.dumps(header, default=_plain))
    sink = io.BytesIO()
    np.savez(sink, allow_pickle=False, **arrays)
    body = sink.getvalue()
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def decoded(content: bytes) -> tuple[list[Recording], Any]:
    """What `encoded` wrote. *Raises* ValueError where it did not."""
    said, _, body = content.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != said:
        raise ValueError("the bytes are not those that were written")
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        header = json.loads(str(arrays[HEADER]))
        recordings = [Recording(seed) for seed in header["seeds"]]
        for place, (number, table, column, text) in enumerate(header["columns"]):
            array = arrays[f"a{place}"]
            made = np.array([None, *json.loads(str(array))], dtype=object)[1:] if text else array
            recordings[number].tables.setdefault(table, {})[column] = made
    return recordings, header["values"]


def _plain(value: Any) -> Any:
    """A number of numpy as one of Python."""
    return value.item()
