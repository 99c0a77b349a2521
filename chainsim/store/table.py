"""A table of a store, read as far as it is asked for, in canonical order: point, replication, year, keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
from numpy.typing import NDArray

from chainsim.runs.certified import Damaged
from chainsim.runs.output_folder import OutputError
from chainsim.store.parts import NOWHERE, Index

if TYPE_CHECKING:
    from pyarrow.dataset import Expression

FORMAT = ds.ParquetFileFormat()
MOST_ROWS = 250_000
"""Rows that are held at a time while a table is read in canonical order."""


class StoredTable:
    """One table of a store. Keys follow the order of the scenario within a year."""

    def __init__(
        self, name: str, index: Index, columns: list[str] | None, where: Mapping[str, Any] | Expression | None
    ) -> None:
        self.name, self.index = name, index
        self.files = [part.folder / f"{name}.parquet" for part in index.parts if f"{name}.parquet" in part.files]
        if not self.files:
            raise OutputError("no run is stored yet, so there is no table; status says how far the sweep is")
        for part in index.parts:
            part.check([name])
        self.schema = schema_of(self.files[0])
        self.columns = list(self.schema.names) if columns is None else columns
        unknown = [column for column in self.columns if column not in self.schema.names]
        if unknown:
            raise KeyError(f"no column '{unknown[0]}' in {name}; there are {', '.join(self.schema.names)}")
        self.where = condition(where, self.schema)

    @property
    def by_run(self) -> bool:
        """Whether rows belong to runs; in a summary they belong to points."""
        return "replication" in self.schema.names

    def to_arrow(self) -> pa.Table:
        """All rows asked for."""
        batches = list(self.iter_batches())
        return pa.Table.from_batches(batches, self.shown) if batches else self.shown.empty_table()

    def to_pandas(self) -> pd.DataFrame:
        """All rows asked for, keys as ordinary columns."""
        return self.to_arrow().to_pandas()

    def count(self) -> int:
        """Number of rows asked for."""
        return sum(self.count_in(file) for file in self.files)

    def count_in(self, file: Path) -> int:
        """Number of rows asked for in a file."""
        with opened(file) as part:
            return int(part.scanner(schema=self.schema, filter=self.where).count_rows())

    @property
    def shown(self) -> pa.Schema:
        """The schema of the columns asked for."""
        return pa.schema([self.schema.field(name) for name in self.columns], metadata=self.schema.metadata)

    def iter_batches(self) -> Iterator[pa.RecordBatch]:
        """The rows asked for, a stretch of runs at a time: memory does not grow with the size of the store."""
        for first in range(0, self.index.where.size, self.stretch):
            table = self.between(first, first + self.stretch)
            yield from (batch for batch in table.select(self.columns).to_batches() if batch.num_rows)

    @property
    def stretch(self) -> int:
        """Runs whose rows are held at a time, by the rows that a run has in the first part."""
        with opened(self.files[0]) as part:
            there = int(part.count_rows())
        first = next(place for place, part in enumerate(self.index.parts) if f"{self.name}.parquet" in part.files)
        runs = int(np.count_nonzero(self.index.where == first))
        return max(1, MOST_ROWS * runs // max(there, 1))

    def between(self, first: int, last: int) -> pa.Table:
        """The rows of runs `first` to before `last` in canonical numbering, from all parts that have any of them."""
        positions = np.unique(self.index.where.ravel()[first:last])
        tables = [self.of_part(int(position), first, last) for position in positions if position != NOWHERE]
        if not tables:
            return self.shown.empty_table()
        table = pa.concat_tables(tables)
        return table.take(np.argsort(self.numbers(table), kind="stable")) if len(tables) > 1 else table

    def of_part(self, position: int, first: int, last: int) -> pa.Table:
        """The rows of these runs in a part, which is in canonical order itself, with the columns that order them."""
        keys = ["point", "replication"] if self.by_run else ["point"]
        wanted = [*self.columns, *(key for key in keys if key not in self.columns)]
        file = self.index.parts[position].folder / f"{self.name}.parquet"
        with opened(file) as part:
            table = part.to_table(columns=wanted, filter=self.where, schema=self.schema).combine_chunks()
        start, end = np.searchsorted(self.numbers(table), [first, last])
        return table.slice(int(start), int(end - start))

    def numbers(self, table: pa.Table) -> NDArray[np.int64]:
        """Canonical number of the run of every row, (rows,); in a summary that of the first run of the point."""
        number = table["point"].to_numpy() * self.index.replications
        return number + table["replication"].to_numpy() if self.by_run else number


@contextmanager
def foreign_shapes(file: Path) -> Iterator[None]:
    """Turns what the library says of a file that holds something else than was written into Damaged."""
    try:
        yield
    except (OSError, pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise Damaged(file, f"the table cannot be read: {error}") from error


@contextmanager
def opened(file: Path) -> Iterator[ds.Fragment]:
    """A file to read rows from. The library itself takes names in UTF-8 only, whatever the system has.

    *Raises* Damaged where it is no table.
    """
    with foreign_shapes(file), file.open("rb") as stream:
        yield FORMAT.make_fragment(stream)


def schema_of(file: Path) -> pa.Schema:
    """The columns of a stored table. *Raises* Damaged where it is no table of a sweep."""
    with opened(file) as part:
        schema = part.physical_schema
    if "point" not in schema.names:
        raise Damaged(file, "it is no table of a sweep: the column point is missing")
    return schema


def condition(where: Mapping[str, Any] | Expression | None, schema: pa.Schema) -> Expression | None:
    """The rows asked for as a condition of pyarrow."""
    if where is None or isinstance(where, ds.Expression):
        return where
    unknown = [name for name in where if name not in schema.names]
    if unknown:
        raise KeyError(f"no column '{unknown[0]}'; there are {', '.join(schema.names)}")
    parts = [
        ds.field(name).isin(list(value)) if isinstance(value, list | tuple | set | range) else ds.field(name) == value
        for name, value in where.items()
    ]
    joined = None
    for part in parts:
        joined = part if joined is None else joined & part
    return joined
