"""The command on the levers of a policy: `rank BASE POLICY`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer

BaseFile = Annotated[Path, typer.Argument(metavar="BASE", help="Baseline scenario (YAML).", show_default=False)]
PolicyFile = Annotated[Path, typer.Argument(metavar="POLICY", help="Policy scenario (YAML).", show_default=False)]
Folder = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder; out/POLICY-rank where not given.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Another value in both scenarios. May be repeated."),
]


def rank(
    file: BaseFile,
    policy: PolicyFile,
    output: Folder = None,
    replications: Annotated[int, typer.Option(min=1, help="Number of pairs; localization needs 100.")] = 24,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes to run in; one for every processor where not given.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the first pair.")] = None,
    settings: Settings = None,
) -> None:
    """Rank the levers of a policy: what each does alone, and what the policy loses without it.

    Pairs are kept as they are done; the same command again goes on where it was stopped.
    """
    from rich.console import Console

    from chainsim.effects import ranking
    from chainsim.report.terminal_tables import ranking_sheet
    from chainsim.runs.ensemble import RunFailed
    from chainsim.scenario.load import load, parse_overrides

    given = parse_overrides(settings or [])
    base, other = load(file, given), load(policy, given)
    folder, began = output or Path("out") / f"{policy.stem}-rank", time.monotonic()
    processes = jobs or os.cpu_count() or 1
    try:
        found = ranking.rank(base, other, replications, processes, seed, progress=True, store=folder)
    except RunFailed as failure:
        typer.echo(
            f"a run of the ranking with seed {failure.seed} failed in {failure.year}: {failure.failure.reason}\n"
            f"what other seeds have shown is in {folder}; the same command again goes on",
            err=True,
        )
        raise typer.Exit(1) from None
    found.save(folder)
    Console(width=None if os.isatty(1) else 120).print(ranking_sheet(found))
    typer.echo(f"{replications} pairs, {time.monotonic() - began:.1f} s")
    typer.echo(f"The whole table is in {folder / ranking.TABLE}")
