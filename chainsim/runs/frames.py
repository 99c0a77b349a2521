"""Tidy tables from the recordings of runs: one row per run, year and key, or quantiles over the runs of a point."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pandas as pd

from chainsim.economy.arrays import MARKETS
from chainsim.economy.columns import COLUMNS as STATE
from chainsim.indicators.table import INDICATORS, Indicator, Recording

RUN_KEYS = ("scenario", "point", "replication", "seed", "year")
"""Columns that say which run and year a row belongs to; the first columns of every table."""

TABLES = (
    *("region", "tiers", "industries", "segments", "parks", "levers", "ledger", "trade", "named", "missing_links"),
    *("enterprises", "support", "links"),
)
"""Names of all tables; `industries` is there where segments of the chain state one, `enterprises` (and `support` with
them) and `links` where the scenario records them."""

SAME_ROWS = ("region", "tiers", "industries", "segments", "parks", "levers", "trade", "missing_links")
"""Tables that have the same rows in every run of a point, so that quantiles over runs can be taken."""

LINKS: dict[str, Indicator] = {
    "entry_quality": Indicator("log", "quality, relative to the frontier, at which a first plant starts"),
    "demand_local": Indicator("CNY million", "purchases now made outside that a first plant could win"),
    "demand_national": Indicator("CNY million", "sales to the rest of the nation that a first plant could expect"),
    "scale": Indicator("CNY million", "minimum efficient scale: output of the smallest viable plant"),
    "grant": Indicator("1", "public share of the capital of a first plant"),
    "rate": Indicator("1/y", "first plants to be expected in a year; once the link is filled, further ones"),
    "filled": Indicator("1", "1 with a local plant of at least half the minimum efficient scale"),
    "opens_demand": Indicator("1", "factor on demand that alone would make a first plant viable (viability 1)"),
    "opens_grant": Indicator("1", "public share of capital that alone would do; missing where .9 is too little"),
    "opens_quality": Indicator(
        "log", "quality beyond today's that alone would do; missing where the frontier's is too little"
    ),
    "viability_even_odds": Indicator(
        "1", "viability at which a first plant comes within ten years in every second run, all else as this year"
    ),
}
"""Columns of the table of missing links that no other table has."""

VALUES = frozenset(INDICATORS) | frozenset(LINKS) | {"budget", "requested", "outlay", "recipients", "value"}
"""Columns whose quantiles are taken; all others are keys."""

COLUMNS: dict[str, Indicator] = {
    "scenario": Indicator("", "name of the scenario"),
    "point": Indicator("", "point of a sweep; 0 for a single scenario"),
    "replication": Indicator("", "number of the run, from 0"),
    "seed": Indicator("", "seed of the run's luck"),
    "year": Indicator("", "calendar year; the first is the base year as built"),
    "scope": Indicator("", "chain: the tiers of the chain; all: the application tiers as well"),
    "tier": Indicator("", "tier of the chain"),
    "segment": Indicator("", "segment of the chain"),
    "name": Indicator("", "id of a named enterprise in the scenario"),
    "industry": Indicator("", "leading industry"),
    "park": Indicator("", "park of the region; the region itself where it states none"),
    "lever": Indicator("", "policy lever"),
    "type": Indicator("", "kind of lever"),
    "budget": Indicator("CNY million", "what the region may spend on the lever in the year; missing without a limit"),
    "requested": Indicator("CNY million", "what those eligible ask for"),
    "granted": Indicator("CNY million", "what they are granted, co-financing included"),
    "outlay": Indicator("CNY million", "what the region pays; of tax levers the tax it forgoes"),
    "cofinanced": Indicator("CNY million", "what another level of government pays beside it"),
    "recovered": Indicator(
        "CNY million", "what closing enterprises pay back to the region; what others paid goes back to them"
    ),
    "recipients": Indicator("1", "who receives support: enterprises, institutes, projects or people"),
    "row": Indicator("", "kind of payment"),
    "payer": Indicator("", "column of the ledger that pays"),
    "receiver": Indicator("", "column of the ledger that receives"),
    "amount": Indicator("CNY million", "payments of the year"),
    "from_segment": Indicator("", "segment whose products are bought"),
    "to_segment": Indicator("", "segment that buys"),
    "origin": Indicator("", "where the products come from: local, national or abroad"),
    "value": Indicator("CNY million", "purchases of the year"),
    "buyer": Indicator("", "identity of the buying enterprise"),
    "supplier": Indicator("", "identity of the supplying enterprise; 0 national, 1 abroad, 2 nobody yet"),
    "input": Indicator("", "segment of the input"),
    "slot": Indicator("", "number of the link among those of its buyer for the same input, from 0"),
    "weight": Indicator("1", "share of the buyer's purchases of the input"),
    "paid": Indicator("CNY million", "what the lever paid for the enterprise in the year, co-financing included"),
    **INDICATORS,
    **LINKS,
}
"""Unit and meaning of the columns of every table but `enterprises`, which has those of the state table."""


def frame(name: str, scenario: str, recordings: Sequence[Recording], point: int = 0) -> pd.DataFrame:
    """One table of all runs; replication r is the r-th recording."""
    runs = [(point, replication) for replication in range(len(recordings))]
    return pd.DataFrame(joined(name, scenario, recordings, runs), copy=False)


def joined(
    name: str, scenario: str, recordings: Sequence[Recording], runs: Sequence[tuple[int, int]]
) -> dict[str, np.ndarray]:
    """One table of several runs as columns; `runs` are the point and the replication of every recording."""
    tables = [recording.tables[name] for recording in recordings]
    lengths = [len(table["year"]) for table in tables]
    columns = {column: np.concatenate([table[column] for table in tables]) for column in tables[0]}
    points, replications = np.array(runs, dtype=np.int64).T
    keys = {
        "scenario": np.full(sum(lengths), scenario, dtype=object),
        "point": np.repeat(points, lengths),
        "replication": np.repeat(replications, lengths),
        "seed": np.repeat(np.array([recording.seed for recording in recordings], dtype=np.int64), lengths),
        "year": columns.pop("year").astype(np.int64),
    }
    return keys | columns


def summarised(
    name: str,
    scenario: str,
    recordings: Sequence[Recording],
    runs: Sequence[tuple[int, int]],
    quantiles: Sequence[float],
) -> dict[str, np.ndarray]:
    """One table of whole points: a row per point, year, key and quantile; `runs` says over how many runs.

    *Raises* ValueError where the runs of a point do not have the same rows.
    """
    parts = []
    for point, members in groupby(zip(runs, recordings, strict=True), key=lambda pair: pair[0][0]):
        parts.append(quantiles_of_point(name, scenario, point, [recording for _, recording in members], quantiles))
    return {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}


def quantiles_of_point(
    name: str, scenario: str, point: int, recordings: Sequence[Recording], quantiles: Sequence[float]
) -> dict[str, np.ndarray]:
    """The rows of one point."""
    tables = [recording.tables[name] for recording in recordings]
    first, count = tables[0], len(quantiles)
    keys = {column: values for column, values in first.items() if column not in VALUES}
    for table in tables[1:]:
        if any(not np.array_equal(table[column], values) for column, values in keys.items()):
            raise ValueError(f"the rows of {name} differ between the runs of point {point}, so it has no summary")
    rows = len(first["year"])
    made = {
        "scenario": np.full(rows * count, scenario, dtype=object),
        "point": np.full(rows * count, point, dtype=np.int64),
        "runs": np.full(rows * count, len(tables), dtype=np.int64),
        "year": np.repeat(first["year"].astype(np.int64), count),
        **{column: np.repeat(values, count) for column, values in keys.items() if column != "year"},
        "quantile": np.tile(np.array(quantiles, dtype=np.float64), rows),
    }
    for column in first:
        if column in VALUES:
            stacked = np.stack([table[column] for table in tables])
            made[column] = np.quantile(stacked, quantiles, axis=0).T.ravel()
    return made


def meanings(table: str, columns: Sequence[str]) -> dict[str, Indicator]:
    """Unit and meaning of the declared columns of a table, in the money shown now; of enterprises, of their state."""
    declared = dict(COLUMNS)
    if table in ("enterprises", "support"):
        declared |= state_columns()
    return {name: Indicator(declared[name].unit, declared[name].meaning) for name in columns if name in declared}


def state_columns() -> dict[str, Indicator]:
    """Unit and meaning of the state of enterprises; columns with one entry per market carry the market's name."""
    known = {}
    for column in STATE:
        for name in [f"{column.name}_{market}" for market in MARKETS] if column.wide else [column.name]:
            known[name] = Indicator(column.unit, column.meaning)
    return known
