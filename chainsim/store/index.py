"""Which runs a store holds and where, rebuilt from its parts whenever it is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chainsim.runs.processes import Failure
from chainsim.runs.worker import Run
from chainsim.store.parts import Damaged, Part, part_folders, read_part

NOWHERE = -1


@dataclass
class Index:
    """`where` has the position in `parts` of every run, or NOWHERE, (points, replications)."""

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


Identify = Callable[[Run], str]


def read_index(folder: Path, points: int, replications: int, identify: Identify) -> tuple[Index, list[Damaged]]:
    """The index of all parts that can be used, and what is wrong with the others; tables are not looked at."""
    index, damages = Index(points, replications), []
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
