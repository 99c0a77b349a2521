"""Tables as files: Parquet with units and meanings in its metadata, CSV that a spreadsheet may open."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from chainsim.indicators.table import Indicator
from chainsim.runs.certified import Damaged
from chainsim.runs.frames import meanings

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_parquet(table: pd.DataFrame, name: str, path: Path, known: Mapping[str, Indicator] | None = None) -> None:
    """One table as Parquet; units and meanings stand in the metadata of the schema and of its fields.

    `known` are units and meanings of its columns; those of the tables of runs where not given.
    """
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    with path.open("wb") as sink:  # the library itself takes UTF-8 names only, whatever the system has
        pq.write_table(with_meanings(arrow, name, known), sink, compression="zstd")


def read_parquet(path: Path) -> pd.DataFrame:
    """A table from a file. *Raises* Damaged where it holds none."""
    try:
        return pd.read_parquet(io.BytesIO(path.read_bytes()))
    except (OSError, pa.ArrowException) as error:
        raise Damaged(path, f"the table cannot be read: {error}") from error


def with_meanings(arrow: pa.Table, name: str, known: Mapping[str, Indicator] | None = None) -> pa.Table:
    """The table with units and meanings of its columns in the metadata of the schema and of its fields."""
    known = meanings(name, arrow.column_names) if known is None else known
    fields = [
        field.with_metadata({"unit": known[field.name].unit, "meaning": known[field.name].meaning})
        if field.name in known
        else field
        for field in arrow.schema
    ]
    metadata = dict(arrow.schema.metadata or {}) | {
        b"table": name.encode(),
        b"units": json.dumps({column: item.unit for column, item in known.items()}).encode(),
        b"meanings": json.dumps({column: item.meaning for column, item in known.items()}).encode(),
    }
    return arrow.cast(pa.schema(fields, metadata=metadata))


def encoded(table: pa.Table) -> bytes:
    """A table as the bytes of a Parquet file."""
    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    others = [field.name for field in table.schema if field.name not in floats]
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", use_dictionary=others, use_byte_stream_split=floats)
    return bytes(sink.getvalue())


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """One table as CSV that Excel opens: UTF-8 with a mark, no text that would run as a formula."""
    text = {column: table[column].map(harmless) for column in table.columns if table[column].dtype.kind not in "biuf"}
    table.assign(**text).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def harmless(value: object) -> object:
    """Text that a spreadsheet would read as a formula, quoted; anything else as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
