"""A comparison on disk: tables of effects, the runs of every world, resolved scenarios, provenance, one page."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from chainsim.effects.effect_tables import SEEN, meanings_of
from chainsim.runs.certified import PAGE, Damaged, read_record, write_record
from chainsim.runs.exported import EXPORTS, check_format, export_tables
from chainsim.runs.output_folder import OutputError, whole_folder
from chainsim.runs.provenance import Provenance
from chainsim.runs.results import Result, write_result
from chainsim.runs.results import read as read_result
from chainsim.runs.table_files import read_parquet, write_csv, write_parquet

BASE, POLICIES, OBSERVED = "base", "policy", "observed"
"""Folders of the runs of the baseline, of those of every policy, and of what was seen of the pairs."""
OPTIONAL = ("coalitions", "worlds", "decomposition", "ranking")
"""What was seen of the pairs in some comparisons only: a split, worlds, levers told apart, channels where kept."""
MARK = "effects.parquet"
"""The file that tells a comparison from a run."""


def write(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    seen: Mapping[str, pd.DataFrame],
    results: Sequence[Result],
    page: str,
    record: Provenance,
    csv: bool = False,
    overwrite: bool = False,
    to: Sequence[str] = (),
) -> Path:
    """Write a comparison; the folder is whole or absent. `results` are those of the baseline and of every policy.

    *Raises* OutputError where the place is taken or the disk refuses.
    """
    base, *policies = results
    for each in to:
        check_format(each)
    with whole_folder(folder, overwrite) as partial:
        for name, table in tables.items():
            write_parquet(table, name, partial / f"{name}.parquet", meanings_of(list(table.columns)))
            if csv:
                write_csv(table, partial / f"{name}.csv")
        for each in to:
            known = {name: (table, meanings_of(list(table.columns))) for name, table in tables.items()}
            export_tables(known, each, partial / EXPORTS, "comparison")
        (partial / OBSERVED).mkdir()
        for name, table in seen.items():
            write_parquet(table, name, partial / OBSERVED / f"{name}.parquet", meanings_of(list(table.columns)))
        write_result(base, partial / BASE, csv)
        for number, policy in enumerate(policies):
            write_result(policy, partial / place_of(number, len(policies)), csv)
        (partial / PAGE).write_text(page, encoding="utf-8")
        write_record(record, partial)
    return folder


def place_of(number: int, policies: int) -> str:
    """Folder of a policy's runs: `policy`, or `policy-1` and so on where there are several."""
    return POLICIES if policies == 1 else f"{POLICIES}-{number + 1}"


def is_comparison(folder: Path) -> bool:
    """Whether the folder holds a comparison and not a run."""
    return (folder / MARK).exists() or (folder / OBSERVED).is_dir()


class Saved(NamedTuple):
    """A comparison as read from a folder: runs of the baseline and every policy, what was seen of the pairs,
    identity."""

    base: Result
    policies: list[Result]
    seen: dict[str, pd.DataFrame]
    record: Provenance


def read_saved(folder: Path) -> Saved:
    """What is in a folder that `write` filled. *Raises* OutputError where it holds no comparison."""
    if not is_comparison(folder):
        raise OutputError(f"{folder} holds no comparison of chainsim")
    places = [place for place in (POLICIES, *(f"{POLICIES}-{n}" for n in range(1, 1000))) if (folder / place).is_dir()]
    record = read_record(folder, optional=PAGE)
    if not places:
        raise Damaged(folder, "the runs of the policy are missing")
    here = {name for name in OPTIONAL if (folder / OBSERVED / f"{name}.parquet").exists()}
    names = [name for name in [*SEEN, "coalitions", "worlds", "ranking"] if name not in OPTIONAL or name in here]
    seen = {name: read_parquet(folder / OBSERVED / f"{name}.parquet") for name in names}
    return Saved(read_result(folder / BASE), [read_result(folder / place) for place in places], seen, record)


def record_of(base: Result, policies: Sequence[Result]) -> Provenance:
    """The identity of a comparison: that of its baseline's runs, named and hashed with the policies."""
    scenarios = [base.scenario, *(policy.scenario for policy in policies)]
    digest = hashlib.sha256("\n".join(scenario.hash for scenario in scenarios).encode()).hexdigest()
    name = f"{', '.join(policy.scenario.name for policy in policies)} against {base.scenario.name}"
    return replace(base.provenance, scenario=name, scenario_hash=digest)
