"""The command line: parses, calls, prints. Nothing else in the package prints.

Commands import what they need when they run, so `--help` and `check` answer at once.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterable
from contextvars import copy_context
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from chainsim.cli import files, sweeps
from chainsim.cli.files import Settings, garbage_kept, scenario_of, warn

if TYPE_CHECKING:
    from chainsim.effects.effect import Effect

EXIT_CODES = {
    "chainsim.runs.ensemble.RunFailed": 1,
    "chainsim.stages.year.RunError": 1,
    "chainsim.scenario.errors.ScenarioError": 2,
    "chainsim.runs.output_folder.OutputError": 3,
    "chainsim.runs.worker.OtherCode": 3,
    "builtins.OSError": 3,
}
"""Exit codes by the class of an error: 1 a run failed, 2 bad input, 3 disk or worker trouble. 130 is interrupted."""


class Commands(TyperGroup):
    """Turns expected errors into a message and an exit code; anything else is a bug and shows its traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return copy_context().run(super().invoke, ctx)  # the money that a command shows is forgotten with it
        except BrokenPipeError:
            from chainsim.cli import streams

            for stream in (sys.stdout, sys.stderr):
                streams.abandon(stream)
            raise typer.Exit(0) from None
        except KeyboardInterrupt:
            typer.echo("interrupted", err=True)
            raise typer.Exit(130) from None
        except Exception as error:
            from chainsim.cli.streams import termination, told

            termination.end_if_wanted()
            if (code := exit_code(error)) is None:
                raise
            typer.echo(told(error), err=True)
            raise typer.Exit(code) from None


def exit_code(error: BaseException) -> int | None:
    """The exit code of an expected error, None for others. Classes go by name, so that none has to be imported."""
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    return next((EXIT_CODES[name] for name in names if name in EXIT_CODES), None)


app = typer.Typer(
    cls=Commands,
    name="chainsim",
    help="Simulate a regional industry chain and what policies do to it.",
    epilog="Start with: chainsim new my-region",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (YAML).", show_default=False)]
Form = StrEnum("Form", ["stata", "excel", "csv"])
"""Formats of other programs."""
To = Annotated[
    list[Form] | None,
    typer.Option("--to", help="Also write tables as stata, excel or csv, into DIR/export."),
]
Figures = Annotated[
    Path | None,
    typer.Option(
        "--figures", metavar="DIR", help="Write pictures of the page as SVG and PNG, its tables as xlsx and tex."
    ),
]
ScenarioFiles = Annotated[
    list[Path], typer.Argument(metavar="SCENARIO...", help="Scenario files (YAML).", show_default=False)
]


def version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        import chainsim

        typer.echo(chainsim.__version__)
        raise typer.Exit


@app.callback()
def chainsim_command(
    show_version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Simulate a regional industry chain and what policies do to it."""


@app.command(epilog="Example: chainsim run scenarios/jilin.yaml -o out/jilin --replications 20 --jobs 2")
def run(
    file: ScenarioFile,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Folder to write; out/SCENARIO where not given."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="One run with this seed, or the first of --replications.")
    ] = None,
    replications: Annotated[
        int | None, typer.Option(min=1, help="Number of runs; the scenario's where not given.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes to run in.")] = 1,
    settings: Settings = None,
    enterprises: Annotated[bool, typer.Option("--enterprises", help="Keep every enterprise in every year.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write tables as CSV as well.")] = False,
    to: To = None,
    figures: Figures = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an output folder of chainsim.")] = False,
) -> None:
    """Run a scenario; write tables and report.html, print the headline with 90 % bands.

    Runs are kept as they are done; the same command again goes on where it was stopped.
    """
    from chainsim.runs.output_folder import prove_place, saved

    folder, formats = output or Path("out") / file.stem, tuple(form.value for form in to or ())
    scenario = scenario_of(file, [*(settings or []), *(["record.enterprises=true"] if enterprises else [])])
    prove_place(folder, overwrite, figures)
    warn(scenario)

    with garbage_kept():
        from chainsim.cli.streams import show
        from chainsim.report.page_files import page_files
        from chainsim.report.terminal_tables import headline_sheet
        from chainsim.runs import ensemble, unfinished
        from chainsim.runs.provenance import typed

    began = time.monotonic()
    try:
        result = ensemble.run(scenario, seed, replications, jobs, progress=True, unfinished=folder)
    except ensemble.RunFailed as failure:
        typer.echo(failure.message(str(file), tuple(settings or ())), err=True)
        raise typer.Exit(1) from None
    result.provenance = replace(result.provenance, command=typed(["chainsim", *sys.argv[1:]]))
    with page_files(figures, folder):
        saved(partial(result.save, csv=csv, overwrite=overwrite, to=formats), folder)
    unfinished.forget(folder)
    show(headline_sheet(result))
    typer.echo(f"{result.replications} run{'s' * (result.replications > 1)}, {time.monotonic() - began:.1f} s")
    typer.echo(f"Tables and report.html are in {folder}")


@app.command(
    epilog="Example: chainsim compare scenarios/jilin.yaml scenarios/jilin-package.yaml --replications 50 --jobs 2"
)
def compare(
    file: Annotated[Path, typer.Argument(metavar="BASE", help="Baseline scenario (YAML).", show_default=False)],
    policies: Annotated[
        list[Path], typer.Argument(metavar="POLICY...", help="Policy scenarios (YAML).", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Folder to write; out/POLICY where not given."),
    ] = None,
    replications: Annotated[
        int | None, typer.Option(min=1, help="Number of pairs; the baseline's replications where not given.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes to run in.")] = 1,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the first pair.")] = None,
    settings: Settings = None,
    split: Annotated[
        bool, typer.Option("--split", help="Divide the effect among levers or groups, at most eight (Shapley).")
    ] = False,
    worlds: Annotated[
        int | None,
        typer.Option(min=2, max=100_000, help="Draws of numbers with a range; --replications are pairs of each (2)."),
    ] = None,
    fitted: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Calibration from which worlds (32) take the numbers it fitted."),
    ] = None,
    vary: Annotated[Literal["all", "economy", "policy", "crossed"] | None, typer.Option(help="What is drawn.")] = None,
    rank: Annotated[
        int | None,
        typer.Option(
            min=0, help="Pairs that tell levers apart; 0 for none, as many as 180 runs allow where not given."
        ),
    ] = None,
    under: Annotated[
        Path | None,
        typer.Option("--under", metavar="SHOCKS", help="Scenario whose shocks strike both sides: are they softened?"),
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Write tables as CSV as well.")] = False,
    to: To = None,
    figures: Figures = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an output folder of chainsim.")] = False,
) -> None:
    """Compare policies with a baseline in the same luck; write tables and report.html, print effects and costs.

    Values of --set hold in all scenarios. Pairs are kept as they are done; the same command again goes on where it was
    stopped.
    """
    from chainsim.runs.output_folder import prove_place, saved

    folder, formats = output or Path("out") / policies[0].stem, tuple(form.value for form in to or ())
    drawn = worlds if fitted is None else {"from": fitted, **({} if worlds is None else {"points": worlds})}
    if (under is not None) + split + bool(drawn) > 1:
        raise typer.BadParameter("a comparison has one of --split, --worlds and --under", param_hint="compare")
    base, *others = (scenario_of(path, settings) for path in (file, *policies))
    shocked = None if under is None else scenario_of(under, settings)
    prove_place(folder, overwrite, figures)
    warn(base, *others, *([] if shocked is None else [shocked]))

    with garbage_kept():
        from chainsim.effects import comparison
        from chainsim.effects.paired_worlds import PairFailed
        from chainsim.effects.shapley_split import price
        from chainsim.report.page_files import page_files
        from chainsim.runs import unfinished
        from chainsim.runs.provenance import typed

    for policy in others if split else ():
        typer.echo(price(base, policy, replications or base.replications), err=True)
    began = time.monotonic()
    try:
        effect = comparison.compare(
            base,
            *others,
            replications=replications,
            jobs=jobs,
            seed=seed,
            progress=True,
            split=split,
            worlds=drawn,
            vary=vary,
            rank=True if rank is None else rank,
            unfinished=folder,
            under=shocked,
        )
    except PairFailed as failure:
        typer.echo(failure.message(str(file), tuple(settings or ()), *map(str, policies)), err=True)
        raise typer.Exit(1) from None
    effect.provenance = replace(effect.provenance, command=typed(["chainsim", *sys.argv[1:]]))
    with page_files(figures, folder):
        saved(partial(effect.save, csv=csv, overwrite=overwrite, to=formats), folder)
    unfinished.forget(folder)
    tell(
        effect, effect.parts if shocked is None else effect.parts[: len(others)], split, under_shock=shocked is not None
    )
    typer.echo(f"{effect.replications} pair{'s' * (effect.replications > 1)}, {time.monotonic() - began:.1f} s")
    typer.echo(f"Tables and report.html are in {folder}")


def tell(effect: Effect, parts: Iterable[Effect], split: bool, under_shock: bool) -> None:
    """Print the effects of the policies in `parts`, and their certificates."""
    from chainsim.cli.streams import show
    from chainsim.report.terminal_tables import effect_sheets, softening_sheets, split_sheet

    for sheet in softening_sheets(effect) if under_shock else ():
        show(sheet)
    for part in parts:
        for sheet in [*effect_sheets(part), *([split_sheet(part)] if split else [])]:
            show(sheet)
        for line in part.certificate.lines():
            typer.echo(line)


@app.command(epilog="Example: chainsim report out/jilin")
def report(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Output folder of a run or comparison.", show_default=False)
    ],
) -> None:
    """Rebuild report.html of an output folder."""
    from chainsim.effects.effect import read as read_comparison
    from chainsim.effects.saving import is_comparison
    from chainsim.report.effects import effect_report
    from chainsim.report.pages import report as page
    from chainsim.runs.certified import PAGE, replace_page
    from chainsim.runs.results import read

    if is_comparison(folder):
        effect = read_comparison(folder)
        replace_page(folder, effect_report(effect), effect.provenance)
    else:
        result = read(folder)
        replace_page(folder, page(result), result.provenance)
    typer.echo(f"wrote {folder / PAGE}")


@app.command(epilog="Example: chainsim check scenarios/*.yaml")
def check(
    files: ScenarioFiles,
    settings: Settings = None,
    strict: Annotated[bool, typer.Option("--strict", help="Leave with 2 after a warning as well.")] = False,
) -> None:
    """List what is wrong with scenario files (exit 2), hardly meant (warning) or may surprise (note); run nothing."""
    from chainsim.report.terminal import note_lines, summary, warning_lines
    from chainsim.scenario.errors import ScenarioError

    failed = False
    for file in files:
        try:
            scenario = scenario_of(file, settings)
            typer.echo(f"{file}: OK, {summary(scenario)}")
            warned = warning_lines(scenario)
            for line in [*warned, *note_lines(scenario)]:
                typer.echo(f"  {line}")
            failed |= strict and bool(warned)
        except ScenarioError as error:
            failed = True
            typer.echo(f"{file}:\n{error}" if len(files) > 1 else str(error), err=True)
    if failed:
        raise typer.Exit(2)


@app.command(epilog="Example: chainsim explain scenarios/jilin.yaml stages.sourcing")
def explain(
    file: ScenarioFile,
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="Dotted path of a value or block.")] = "",
    settings: Settings = None,
    search: Annotated[
        str, typer.Option("--search", metavar="WORDS", help="Values that have these words in path, meaning or source.")
    ] = "",
) -> None:
    """Show the values of a scenario with unit, range, origin and source."""
    from chainsim.cli.streams import show
    from chainsim.report.terminal import plain, sheet
    from chainsim.scenario.explain import explained, having

    values = explained(scenario_of(file, settings), path)
    if search and not (values := having(values, search)):
        typer.echo(f"no value has '{search}' in its path, meaning, unit or source", err=True)
        raise typer.Exit(2)
    if not sys.stdout.isatty():
        typer.echo(plain(values))
        return
    from rich.console import Console

    show(sheet(values, Console().width))


app.command(epilog="Example: chainsim validate scenarios/jilin.yaml --levers --seeds 5 --jobs 2 -o evidence.csv")(
    files.validate
)
app.command(epilog="Example: chainsim new my-region --from jilin")(files.new)
app.command(epilog="Example: chainsim schema > scenario.schema.json")(files.schema)
app.command(epilog="Example: chainsim rank scenarios/jilin.yaml scenarios/jilin-package.yaml -o out/levers")(
    sweeps.rank
)
app.command(epilog="Example: chainsim odd scenarios/jilin.yaml -o odd.md")(files.odd)
app.command(epilog="Example: chainsim reproduce out/jilin")(files.reproduce)
app.command(epilog="Example: chainsim audit out/jilin")(files.audit)
app.command(epilog="Example: chainsim emulate scenarios/search/jilin.yaml -o out/emulator.json")(files.emulate)
app.command(epilog="Example: chainsim dashboard out/emulator.json --serve")(files.dashboard)
app.command("import-io", epilog="Example: chainsim import-io table.csv --map sectors.csv -o mine.yaml")(files.import_io)
app.add_typer(sweeps.app, name="sweep")
app.command(epilog="Example: chainsim sensitivity scenarios/sweeps/minimal-morris.yaml -o out/drivers")(
    sweeps.sensitivity
)
app.command(epilog="Example: chainsim calibrate scenarios/calibration/jilin.yaml -o out/calibration --jobs 2")(
    sweeps.calibrate
)
app.command(epilog="Example: chainsim optimise scenarios/search/jilin.yaml -o out/search --jobs 2")(sweeps.optimise)


def main() -> None:
    """Entry point of the `chainsim` command.

    A search for garbage at the end of the process only costs.
    """
    from chainsim.cli import streams

    streams.prepare_streams()
    streams.prepare_environment()
    files.own_process[0] = True
    try:
        app()
    finally:
        streams.termination.over = True
        gc.freeze()
