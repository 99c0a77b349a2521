"""Outputs of a stored sweep as arrays, one number a run, and what is left of them where runs are missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chainsim.economy.types import Array
from chainsim.experiments.design import Design
from chainsim.indicators.table import INDICATORS
from chainsim.runs.output_folder import OutputError
from chainsim.scenario.errors import suggestion
from chainsim.scenario.scenario import Scenario
from chainsim.store.store import Store

PLACES = (("tiers", "tier"), ("segments", "segment"))


def check_kept(design: Design, indicator: str) -> None:
    """Whether the runs of a design will hold an indicator, asked before any is made. *Raises* ValueError if not."""
    place, _, name = indicator.rpartition(".")
    table = located(design.scenario, place)[0] if place else "region"
    if name not in INDICATORS:
        raise ValueError(f"no indicator '{name}' in the table {table}{suggestion(name, INDICATORS)}")
    if table not in design.record or design.summary:
        kept = "quantiles only" if design.summary else ", ".join(design.record)
        raise ValueError(f"{indicator} needs the runs of the table {table}; the design records {kept}")


def check_own_luck(store: Store) -> None:
    """Whether every point of a store has seeds of its own, which whoever infers parameters from its runs must ask.

    Where all points share their seeds, the luck of these few seeds counts as what the numbers do: intervals come out
    several times too narrow.

    *Raises* OutputError where points share their seeds.
    """
    if store.manifest.luck == "common" and store.manifest.points > 1:
        raise OutputError(
            f"all points of {store.folder} share their seeds (luck: common), so nothing can be inferred from them: "
            "intervals would take the luck of these seeds for truth. State luck: own in the design, in a new store"
        )


def outputs(store: Store, indicator: str, year: int) -> Array:
    """An indicator of every run in one year, (points, replications); not a number where a run is missing.

    `indicator` is that of the chain, such as `employment`, or of a tier or segment, such as `devices.employment`.

    *Raises* ValueError where the store does not hold it.
    """
    place, _, column = indicator.rpartition(".")
    table, where = ("region", {"scope": "chain"}) if not place else located(store.scenario, place)
    if table not in store.tables or store.manifest.summary:
        kept = "quantiles only" if store.manifest.summary else ", ".join(store.tables)
        raise ValueError(f"{indicator} needs the runs of the table {table}; the store keeps {kept}")
    stored = store.table(table)
    if column not in stored.schema.names or column not in INDICATORS:
        there = ", ".join(name for name in stored.schema.names if name in INDICATORS)
        raise ValueError(f"no indicator '{column}' in the table {table}; there are {there}")
    rows = store.table(table, ["point", "replication", column], {"year": year, **where}).to_pandas()
    return spread(rows, column, store)


def located(scenario: Scenario, place: str) -> tuple[str, dict[str, str]]:
    """The table that has a tier or segment, and the condition of its rows. *Raises* ValueError for an unknown name."""
    chain = scenario.chain
    for (table, key), names in zip(PLACES, (chain.tiers, tuple(chain.segments)), strict=True):
        if place in names:
            return table, {key: place}
    raise ValueError(f"'{place}' is no tier or segment; there are {', '.join([*chain.tiers, *chain.segments])}")


def spread(rows: pd.DataFrame, column: str, store: Store) -> Array:
    """Rows of runs as an array by point and replication."""
    values = np.full((store.manifest.points, store.manifest.replications), np.nan)
    values[rows["point"].to_numpy(), rows["replication"].to_numpy()] = rows[column].to_numpy()
    return values


def complete(values: Array) -> Array:
    """The points of which every run is there. *Raises* OutputError where there are fewer than two."""
    kept = values[~np.isnan(values).any(axis=1)]
    if len(kept) < 2:
        raise OutputError("too many runs failed or are missing to say anything; see the failures of the store")
    return kept


def whole_blocks(blocks: Array) -> Array:
    """Base points all of whose runs are there. *Raises* OutputError where there are fewer than two."""
    kept = blocks[~np.isnan(blocks).any(axis=(1, 2))]
    if len(kept) < 2:
        raise OutputError("fewer than two base points are whole; see the failures of the store")
    return kept
