"""Commands on many runs: `sweep` with `merge, status, export`, `sensitivity`, `calibrate`, `optimise`, `rank`."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from chainsim.store.store import Store

MOST_FAILURES = 5
"""Failed runs that are shown; `Store.failures` has all."""

DesignFile = Annotated[Path, typer.Argument(metavar="DESIGN", help="Design file (YAML).", show_default=False)]
StoreFolder = Annotated[Path, typer.Argument(metavar="STORE", help="Folder of a sweep.", show_default=False)]
Jobs = Annotated[int | None, typer.Option(min=1, help="Processes to run in; one for every processor where not given.")]
Address = Annotated[
    str | None,
    typer.Option("--executor", metavar="dask://HOST:PORT", help="Workers of a Dask cluster, in place of --jobs."),
]
Retry = Annotated[bool, typer.Option("--retry-failed", help="Run the failed runs again.")]
Timeout = Annotated[float | None, typer.Option(metavar="S", min=0.001, help="Seconds that a run may take.")]

BaseFile = Annotated[Path, typer.Argument(metavar="BASE", help="Baseline scenario (YAML).", show_default=False)]
PolicyFile = Annotated[Path, typer.Argument(metavar="POLICY", help="Policy scenario (YAML).", show_default=False)]
RankFolder = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder; out/POLICY-rank where not given.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Another value in both scenarios. May be repeated."),
]


class DesignFirst(TyperGroup):
    """`sweep DESIGN` stands for `sweep run DESIGN`: what is not the name of a command is a design."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in where it is left out."""
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=DesignFirst,
    no_args_is_help=True,
    help="Run a design: chainsim sweep DESIGN. The same command again resumes what was stopped.",
    epilog="Example: chainsim sweep scenarios/sweeps/minimal.yaml -o out/demo --jobs 2",
)


@app.command(epilog="Example: chainsim sweep scenarios/sweeps/minimal.yaml -o out/demo --jobs 2")
def run(
    file: DesignFile,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="STORE", help="Folder; out/DESIGN where not given.")
    ] = None,
    jobs: Jobs = None,
    executor: Address = None,
    retry_failed: Retry = False,
    timeout: Timeout = None,
    chunk: Annotated[
        int | None, typer.Option(min=1, help="Runs that go out at a time; some seconds of work where not given.")
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(metavar="K/N", help="Run the K-th of N equal parts into a store of its own; see sweep merge."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would cost, and run nothing but one trial.")
    ] = False,
) -> None:
    """Run a design into a store, or what of it is missing there (the word `run` may be left out)."""
    from chainsim.experiments.design_file import design_of

    part = part_of(shard)
    made, folder = design_of(file), output or Path("out") / "-".join([file.stem, *(map(str, part or ()))])
    if dry_run:
        typer.echo(expected(made, folder, jobs))
        return
    from chainsim.experiments.sweep import sweep

    try:
        store = sweep(
            made,
            folder,
            jobs=jobs or os.cpu_count(),
            executor=executor,
            retry_failed=retry_failed,
            timeout=timeout,
            chunk=chunk,
            shard=part,
            progress=True,
        )
    except ValueError as error:
        raise usage(error) from None
    conclude(store)


def part_of(shard: str | None) -> tuple[int, int] | None:
    """The numbers of K/N. *Raises* BadParameter where they are none."""
    if shard is None:
        return None
    number, stroke, shards = shard.partition("/")
    if not (stroke and number.isdecimal() and shards.isdecimal() and 1 <= int(number) <= int(shards)):
        raise typer.BadParameter(
            f"expected K/N with K from 1 to N, such as 3/10, found '{shard}'", param_hint="--shard"
        )
    return int(number), int(shards)


def usage(error: Exception) -> Exception:
    """A wrong argument as a message of usage; mistakes of a file keep their places."""
    from chainsim.scenario.errors import ScenarioError

    return error if isinstance(error, ScenarioError) else typer.BadParameter(str(error.args[0]))


@contextmanager
def failed_runs_told(what: str, kept: str) -> Iterator[None]:
    """End with 1 where a run of something fails, and say where what others have shown is kept."""
    from chainsim.runs.ensemble import RunFailed

    try:
        yield
    except RunFailed as failure:
        typer.echo(
            f"a run of {what} with seed {failure.seed} failed in {failure.year}: {failure.failure.reason}\n"
            f"what others have shown is kept {kept}; the same command again goes on",
            err=True,
        )
        raise typer.Exit(1) from None


def expected(design: Any, folder: Path, jobs: int | None) -> str:
    """What a sweep costs, in lines."""
    from chainsim.experiments.cost_estimate import estimate
    from chainsim.store.manifest import SWEEP_JSON
    from chainsim.store.store import Store

    missing = design.runs
    if (folder / SWEEP_JSON).exists():
        missing -= Store(folder).index.done
    return str(estimate(design, max(missing, 0), jobs or os.cpu_count() or 1))


def conclude(store: Store) -> None:
    """Say what is there; failed runs with the commands that repeat them, and exit code 1."""
    typer.echo(f"{store.index.done:,} of {store.total:,} runs are in {store.folder}")
    failures = store.index.failures
    for run, failure in sorted(failures.items())[:MOST_FAILURES]:
        when = f" in {failure.year}" if failure.year is not None else ""
        typer.echo(f"point {run[0]}, seed {failure.seed} failed{when}: {failure.reason}", err=True)
        typer.echo(f"  repeat it with: {repeating(store, run[0], failure.seed)}", err=True)
    if len(failures) > MOST_FAILURES:
        typer.echo(f"and {len(failures) - MOST_FAILURES} more", err=True)
    if failures:
        raise typer.Exit(1)


def repeating(store: Store, point: int, seed: int) -> str:
    """The command that repeats one run of a store."""
    import json

    command = ["chainsim", "run", str(store.folder / "scenario.yaml"), "--seed", str(seed)]
    for path, value in store.values(point).items():
        text = value if isinstance(value, str) else json.dumps(value)
        command += ["--set", f"{path}={text}"]
    return shlex.join(command)


@app.command(epilog="Example: chainsim sweep merge out/demo-1-2 out/demo-2-2 -o out/demo")
def merge(
    shards: Annotated[
        list[Path], typer.Argument(metavar="SHARD...", help="Folders of the shards.", show_default=False)
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="STORE", help="Folder to write, or to go on with.")],
) -> None:
    """Join the stores of shards into one; tables and exports are those of one sweep, to the last byte."""
    from chainsim.store.merge import merge as join

    store = join(shards, output)
    conclude(store)
    missing = store.total - store.index.done
    if missing:
        typer.echo(
            f"{missing:,} runs are missing: merge their shards into {output} as well, or sweep into it", err=True
        )
        raise typer.Exit(1)


@app.command(epilog="Example: chainsim sweep status out/demo")
def status(folder: StoreFolder) -> None:
    """Say how far a sweep is, and whether its store is whole."""
    from chainsim.experiments.cost_estimate import size
    from chainsim.runs.progress import duration
    from chainsim.store.store import Store

    state = Store(folder).status()
    typer.echo(
        f"{state['name']}: {state['points']:,} points x {state['replications']:,} replications, luck: {state['luck']}"
    )
    typer.echo(
        f"runs     {state['done']:,} of {state['runs']:,} done, {state['failed']:,} failed, "
        f"{state['missing']:,} missing"
    )
    typer.echo(
        f"work     {duration(state['seconds'])} of one process, {size(state['bytes'])} in {state['parts']:,} parts"
    )
    typer.echo(f"held by  {state['holder'] or 'nobody'}")
    for line in state["damaged"]:
        typer.echo(f"damaged  {line}", err=True)
    if state["damaged"]:
        typer.echo("The sweep's command puts damaged parts aside; once more, it runs what is missing", err=True)
        raise typer.Exit(3)


@app.command(epilog="Example: chainsim sweep export out/demo --to csv --table region -o region.csv")
def export(
    folder: StoreFolder,
    to: Annotated[str, typer.Option("--to", metavar="csv|stata|excel", help="Format.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="File of one table, or folder; STORE/export where not given."
        ),
    ] = None,
    table: Annotated[
        str | None, typer.Option(help="One table; all of them where not given, and region into a single file.")
    ] = None,
) -> None:
    """Write tables for other programs, in the order of points, replications and years."""
    from chainsim.store.export import export as write
    from chainsim.store.store import Store

    try:
        files = write(Store(folder), to, output, table)
    except (ValueError, KeyError) as error:
        raise usage(error) from None
    for file in files:
        typer.echo(f"wrote {file}")


def sensitivity(
    file: DesignFile,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder; out/DESIGN where not given.")
    ] = None,
    indicators: Annotated[
        list[str] | None,
        typer.Option(
            "--indicator", metavar="NAME", help="Result to explain: employment, devices.output. May be repeated."
        ),
    ] = None,
    year: Annotated[int | None, typer.Option(help="Year of the results; the last where not given.")] = None,
    jobs: Jobs = None,
    executor: Address = None,
    timeout: Timeout = None,
) -> None:
    """Run a design and say which parameters drive its results, luck kept apart. The same command again resumes."""
    from chainsim.experiments import sensitivity as analysis
    from chainsim.experiments.sensitivity_report import lines
    from chainsim.runs.output_folder import RECORD, prove_file, saved

    folder = output or Path("out") / file.stem
    prove_file(folder / RECORD)
    try:
        found = analysis.sensitivity(
            file,
            folder / "store",
            indicators=tuple(indicators or analysis.INDICATORS),
            year=year,
            jobs=jobs or os.cpu_count(),
            executor=executor,
            timeout=timeout,
            progress=True,
        )
    except ValueError as error:
        raise usage(error) from None
    saved(found.save, folder)
    typer.echo("\n".join(lines(found)))
    typer.echo(f"\nTables and pictures are in {folder}, the runs in {folder / 'store'}")


def calibrate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Calibration file (YAML).", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Folder, or store of a sweep; out/FILE where not given."),
    ] = None,
    jobs: Jobs = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would cost, and run nothing but one trial.")
    ] = False,
) -> None:
    """Fit numbers to what was observed, and say which of them the data tell. The same command again resumes.

    Only targets with the use `fit` are fitted to; all others are shown beside what calibrated runs give.
    """
    from chainsim.validation.calibration_file import calibration_of

    folder, design, processes = output or Path("out") / file.stem, calibration_of(file), jobs or os.cpu_count() or 1
    if dry_run:
        from chainsim.experiments.cost_estimate import estimate

        typer.echo(str(estimate(design, design.runs, processes)))
        return
    from chainsim.report.calibration import save_page
    from chainsim.validation import calibrate as fitting
    from chainsim.validation.calibration_report import lines

    try:
        found = fitting.calibrate(design, folder, processes, progress=True)
    except ValueError as error:
        raise usage(error) from None
    typer.echo("\n".join(lines(found)))
    typer.echo(
        f"\nTables, draws and the calibrated scenario are in {folder}, a page of it in {save_page(found, folder)}"
    )


def optimise(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Search file (YAML).", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder; out/FILE where not given.")
    ] = None,
    jobs: Jobs = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would cost, and run nothing but one trial.")
    ] = False,
) -> None:
    """Find the best portfolios of levers under a budget, verified with fresh seeds. The same command again resumes.

    A response surface of paired effects is searched; what it finds is run with seeds that it was not fitted to.
    """
    from chainsim.search.search_file import search_of

    search, folder, processes = search_of(file), output or Path("out") / file.stem, jobs or os.cpu_count() or 1
    if dry_run:
        from chainsim.search.optimise import cost_lines

        typer.echo("\n".join(cost_lines(search, processes)))
        return
    from chainsim.report.search import save_page
    from chainsim.search import optimise as searching
    from chainsim.search.search_report import lines

    try:
        with failed_runs_told("the search", f"beside {folder}"):
            found = searching.optimise(search, folder, processes, progress=True)
    except ValueError as error:
        raise usage(error) from None
    typer.echo("\n".join(lines(found)))
    typer.echo(f"\nTables, runs and the surface are in {folder}, a page of it in {save_page(found, folder)}")


def rank(
    file: BaseFile,
    policy: PolicyFile,
    output: RankFolder = None,
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
    from chainsim.cli.streams import show
    from chainsim.economy.parameters import count_in
    from chainsim.effects import ranking
    from chainsim.report.terminal_tables import ranking_sheet
    from chainsim.runs.output_folder import saved
    from chainsim.scenario.load import load, parse_overrides

    given = parse_overrides(settings or [])
    base, other = load(file, given), load(policy, given)
    count_in(base.money)
    folder, began = output or Path("out") / f"{policy.stem}-rank", time.monotonic()
    processes = jobs or os.cpu_count() or 1
    with failed_runs_told("the ranking", f"in {folder}"):
        found = ranking.rank(base, other, replications, processes, seed, progress=True, store=folder)
    saved(found.save, folder)
    show(ranking_sheet(found), None if os.isatty(1) else 120)
    typer.echo(f"{replications} pairs, {time.monotonic() - began:.1f} s")
    typer.echo(f"The whole table is in {folder / ranking.TABLE}")
