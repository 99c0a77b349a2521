"""Find the best portfolios under a budget, in a folder that keeps what is done: the same call goes on from there.

`search.json` says what a folder is the search of and certifies its files; `runs.csv` has every run, baselines with
empty positions; the other tables are what follows from them, and `surface.json` is the surface to the last bit.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from chainsim.runs.output_folder import prove_file, saved
from chainsim.runs.progress import duration
from chainsim.runs.simulation import Simulation
from chainsim.runs.tables_folder import certified_text, claimed, save_tables
from chainsim.runs.unfinished import forget, identity
from chainsim.search.optimisation import LOOKS, Optimisation, found_by, looked_at
from chainsim.search.portfolios import Search
from chainsim.search.search_file import search_of
from chainsim.search.search_report import lines
from chainsim.search.surface import terms_of
from chainsim.search.training import BaseRuns, SearchRuns, seed_of

SEARCH_JSON, RUNS = "search.json", "runs.csv"


def optimise(
    source: Search | Mapping[str, Any] | str | Path,
    store: str | Path | None = None,
    jobs: int = 1,
    progress: bool = False,
) -> Optimisation:
    """Search portfolios of a search file, or of a mapping with the same keys, and verify them with fresh seeds.

    `store` is a folder in which what is done is kept: the same call goes on where it was stopped, and takes what it can
    use where more points, seeds or portfolios are asked for. More than one job needs a script to keep its calls under
    `if __name__ == "__main__":`.

    Raises:
        ScenarioError: the file is wrong.
        OutputError: the folder cannot be written, or holds something else.
        RunFailed: a run failed.
        ValueError: no portfolio is within the budget, or too few worlds have an economy.
    """
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}; it must be 1 or more")
    search = search_of(source)
    folder = None if store is None else Path(store)
    runs = SearchRuns(search, jobs, progress, folder)
    if folder is not None:
        runs.known = known_runs(folder, search)
        prove_file(folder / SEARCH_JSON)
    found = found_by(search, runs)
    if folder is not None:
        saved(partial(write, found, runs), folder)
        forget(folder)
    return found


def known_runs(folder: Path, search: Search) -> dict[Any, list[float]]:
    """Outcomes of the runs of a folder, by pair and position. *Raises* OutputError, Damaged as `claimed`."""
    state = claimed(folder, SEARCH_JSON, "search", identity(BaseRuns(search)))
    if state is None:
        return {}
    names = [setting.name for setting in search.settings]
    known = {}
    for row in csv.DictReader(certified_text(folder, RUNS, state).splitlines()):
        place = tuple(float(row[name]) for name in names if row[name])
        known[int(row["pair"]), place] = [float(row[f"outcome {name}"] or "nan") for name in search.outcomes]
    return known


def write(found: Optimisation, runs: SearchRuns, folder: Path) -> None:
    """Write the tables of a search, its record last. *Raises* OutputError where the disk refuses."""
    search = found.search
    state = {
        "name": search.name,
        "base": search.base.name,
        "policy": search.policy.name,
        "identity": identity(BaseRuns(search)),
    }
    tables = {
        RUNS: runs_table(runs),
        "frontier.csv": found.frontier(),
        "above.csv": found.above(),
        "portfolios.csv": found.portfolios(),
        "added.csv": found.added(),
        "regret.csv": found.regret(),
        "satisficing.csv": found.satisficing(),
        "boxes.csv": found.boxes(runs.progress),
        "apart.csv": found.apart(),
        "errors.csv": found.errors(),
    }
    texts = {name: table.to_csv(index=False, lineterminator="\n") for name, table in tables.items()}
    texts["surface.json"] = json.dumps(found.surface.to_dict(), ensure_ascii=False) + "\n"
    texts["summary.txt"] = "\n".join(lines(found)) + "\n"
    save_tables(folder, SEARCH_JSON, state, texts)


def runs_table(runs: SearchRuns) -> pd.DataFrame:
    """Every run: pair, seed, position of every setting by its name, and outcomes."""
    search = runs.search
    names = [setting.name for setting in search.settings]
    rows = []
    for (pair, place), shown in sorted(runs.known.items()):
        positions = dict(zip(names, place or [float("nan")] * len(names), strict=True))
        outcomes = {f"outcome {name}": value for name, value in zip(search.outcomes, shown, strict=True)}
        rows.append({"pair": pair, "seed": seed_of(search, pair), **positions, **outcomes})
    return pd.DataFrame(rows)


def cost_lines(search: Search, jobs: int) -> list[str]:
    """What a search costs, by the second of two runs of one portfolio, in lines; `jobs` runs at once."""
    place = search.stated if search.stated is not None else np.full(len(search.settings), 0.5)
    took = 0.0
    for pair in range(2):
        began = time.perf_counter()
        simulation = Simulation(search.portfolio(place, search.world_of(pair)), seed_of(search, pair))
        while simulation.running:
            simulation.step()
        took = time.perf_counter() - began
    chosen = LOOKS * looked_at(search)
    surfaces = search.surfaces * (search.points + chosen + 1)
    each, worlds = search.portfolios + (search.stated is not None) + 1, len(search.pairs_in_worlds)
    fresh, there = search.verify * each, worlds * each
    return [
        f"runs    {surfaces + fresh + there:,} = {search.surfaces} surfaces of {search.points} portfolios, {chosen} chosen ones "
        f"and a baseline, and {fresh:,} with fresh seeds{f', {there:,} more in {worlds} worlds' if there else ''}",
        f"terms   {len(terms_of(search.settings))} of {len(search.settings)} settings",
        f"time    {duration((surfaces + fresh + there) * took / jobs)} at {jobs} runs at once, {took:.3g} s a run",
    ]
