"""A design as files: its points as Parquet and a design file that states them, to be read by people and by programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from chainsim.experiments.axes import Axis
from chainsim.experiments.sampling import Columns, Listed
from chainsim.scenario.yaml_writer import yaml_lines

if TYPE_CHECKING:
    from chainsim.experiments.design import Design

POINTS_CSV = "points.csv"


def points_frame(columns: Columns, points: int) -> pd.DataFrame:
    """Number and values of every point, (points, 1 + axes); blocks and lists as JSON text."""
    shown = {path: plain(values) for path, values in columns.items()}
    return pd.DataFrame({"point": np.arange(points, dtype=np.int64), **shown})


def plain(values: np.ndarray) -> Any:
    """Numbers and switches as they are, words as text, everything else as JSON text."""
    if values.dtype != object or all(isinstance(value, bool) for value in values):
        return values if values.dtype != object else values.astype(bool)
    return [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]


def points_parquet(design: Design) -> bytes:
    """The points, with units of the axes and what the design keeps in the metadata of the schema."""
    table = pa.Table.from_pandas(design.table(), preserve_index=False)
    units = {axis.path: axis.unit for axis in design.axes}
    fields = [field.with_metadata({"unit": units.get(field.name, "")}) for field in table.schema]
    about = {"name": design.name, "replications": design.replications, "record": list(design.record)}
    about |= {"summary": list(design.summary), "kind": design.kind.model_dump()}
    metadata = {b"sweep": json.dumps(about, ensure_ascii=False).encode()}
    sink = pa.BufferOutputStream()
    pq.write_table(table.cast(pa.schema(fields, metadata=metadata)), sink, compression="zstd")
    return bytes(sink.getvalue())


def design_yaml(design: Design) -> str:
    """The design file of a store: the same points over the resolved scenario beside it, ranges written out."""
    kind = design.kind.model_dump()
    stated: dict[str, Any] = {"name": design.name, "scenario": "scenario.yaml"}
    if isinstance(design.kind, Listed):
        kind["file"] = POINTS_CSV
    else:
        stated["vary"] = {axis.path: values_of(axis) for axis in design.axes}
    stated |= {"design": kind, "replications": design.replications, "record": list(design.record)}
    if design.summary:
        stated["summary"] = list(design.summary)
    return "\n".join(["# Repeats this sweep: chainsim sweep design.yaml -o FOLDER", *yaml_lines(stated)]) + "\n"


def values_of(axis: Axis) -> list[Any] | Mapping[str, Any]:
    """The list or the range of an axis as a design file states it."""
    if axis.listed:
        return list(axis.values)
    return {"low": axis.low, "high": axis.high} | ({"scale": "log"} if axis.log else {})
