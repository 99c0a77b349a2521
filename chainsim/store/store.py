"""A store of a sweep: a folder that is read lazily, knows what it holds, and notices what is damaged."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from chainsim.runs.certified import Damaged, sealed_record
from chainsim.runs.output_folder import OutputError
from chainsim.runs.table_files import read_parquet
from chainsim.runs.worker import Run
from chainsim.scenario.load import load
from chainsim.store.lock import holder
from chainsim.store.manifest import PARTS, POINTS, SWEEP_JSON, Manifest, read_manifest
from chainsim.store.parts import Index, identity, read_index, read_part
from chainsim.store.table import StoredTable

if TYPE_CHECKING:
    from pyarrow.dataset import Expression

    from chainsim.scenario.scenario import Scenario

Where = Mapping[str, Any]


class Store:
    """The results of a sweep in a folder. Tables are read when asked for, as far as asked for."""

    def __init__(self, folder: str | Path) -> None:
        """*Raises* OutputError where the folder holds no sweep, Damaged where its records are not what was written."""
        self.folder = Path(folder)
        if not (self.folder / SWEEP_JSON).exists():
            if (self.folder / PARTS).is_dir() and (self.folder / POINTS).exists():
                raise Damaged(self.folder / SWEEP_JSON, "the file is missing")
            raise OutputError(f"{self.folder} holds no sweep of chainsim")
        self.manifest: Manifest = read_manifest(self.folder)

    @cached_property
    def design(self) -> pd.DataFrame:
        """The points: number and value of every axis. *Raises* Damaged where these are not the sweep's."""
        found = read_parquet(self.folder / POINTS)
        if list(found.columns) != ["point", *self.manifest.axes] or len(found) != self.manifest.points:
            raise Damaged(self.folder / POINTS, "these are not the points of this sweep")
        return found

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that is varied. Stages from outside the package are not in it, only their numbers."""
        return load(self.folder / "scenario.yaml")

    @cached_property
    def scan(self) -> tuple[Index, list[Damaged]]:
        """Index of the parts that can be used, and what is wrong with the others."""
        return read_index(self.folder / PARTS, self.manifest.points, self.manifest.replications, self.identify)

    @property
    def index(self) -> Index:
        """Which runs are where. *Raises* Damaged where a part is not what was written."""
        index, damages = self.scan
        if damages:
            raise damages[0]
        return index

    def identify(self, run: Run) -> str:
        """Identity of a run of this store."""
        return identity(self.manifest.experiment, self.values(run[0]), run[1])

    def values(self, point: int) -> dict[str, Any]:
        """The values of a point, as the design's table has them."""
        return {name: column[point] for name, column in self._columns.items()}

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        return {name: self.design[name].tolist() for name in self.design.columns if name != "point"}

    def refresh(self) -> None:
        """Look at the parts again."""
        self.__dict__.pop("scan", None)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables kept."""
        return self.manifest.record

    def table(
        self, name: str, columns: list[str] | None = None, where: Where | Expression | None = None
    ) -> StoredTable:
        """A table, read lazily: `columns` and `where` decide what is read from disk.

        `where` holds the values that rows must have, such as {"year": 2035, "scope": "chain", "point": [0, 1]}, or is a
        condition of pyarrow, such as pyarrow.dataset.field("year") > 2030.

        *Raises* KeyError with what there is where the table was not kept, Damaged where a part is not what was written.
        """
        if name not in self.tables:
            raise KeyError(f"no table '{name}' in this store; there are {', '.join(self.tables)}")
        return StoredTable(name, self.index, columns, where)

    @property
    def runs(self) -> pd.DataFrame:
        """The runs stored, in canonical order: point, replication, seed, seconds, identity."""
        rows = []
        for part in self.index.parts:
            full = read_part(part.folder)
            rows += [
                (*run, self.manifest.seed_of(run), took, full.identities[run]) for run, took in full.seconds.items()
            ]
        return pd.DataFrame(sorted(rows), columns=["point", "replication", "seed", "seconds", "identity"])

    @property
    def failures(self) -> pd.DataFrame:
        """The runs that failed and were not done since: point, replication, seed, year, reason, traceback."""
        rows = [
            (*run, failure.seed, failure.year, failure.reason, failure.trace)
            for run, failure in sorted(self.index.failures.items())
        ]
        return pd.DataFrame(rows, columns=["point", "replication", "seed", "year", "reason", "trace"])

    @property
    def complete(self) -> bool:
        """Whether every run is stored."""
        return self.index.done == self.total

    @property
    def total(self) -> int:
        """Number of runs of the design."""
        return self.manifest.points * self.manifest.replications

    def damages(self) -> list[Damaged]:
        """Everything in the parts that is not what was written; reads the whole store."""
        index, found = self.scan
        found = list(found)
        for part in index.parts:
            try:
                part.check()
            except Damaged as damage:
                found.append(damage)
        return found

    def record_damages(self) -> list[Damaged]:
        """What is wrong with the provenance."""
        try:
            sealed_record(self.folder)
        except Damaged as damage:
            return [damage]
        return []

    def status(self) -> dict[str, Any]:
        """Numbers of runs done, failed and missing, seconds they took, size, damage, and who works on the store."""
        self.refresh()
        index, damages = self.scan[0], [*self.record_damages(), *self.damages()]
        failed = len(index.failures)
        return {
            "name": self.manifest.name,
            "points": self.manifest.points,
            "replications": self.manifest.replications,
            "luck": self.manifest.luck,
            "runs": self.total,
            "done": index.done,
            "failed": failed,
            "missing": self.total - index.done - failed,
            "seconds": index.seconds,
            "bytes": index.size,
            "parts": len(index.parts),
            "damaged": [str(damage) for damage in damages],
            "holder": holder(self.folder),
        }

    def __repr__(self) -> str:
        """Name, runs and tables."""
        return f"<Store {self.manifest.name}: {self.index.done} of {self.total} runs, tables {', '.join(self.tables)}>"


def open_store(folder: str | Path) -> Store:
    """The store of a sweep in a folder. *Raises* OutputError where there is none, or where it is damaged."""
    return Store(folder)
