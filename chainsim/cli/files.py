"""Commands that make or check files: `new, schema, odd, reproduce, audit, import-io, validate, emulate, dashboard`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Another value, such as years.end=2030. May be repeated."),
]


def scenario_of(file: Path, settings: list[str] | None) -> Scenario:
    """The scenario of a file with the values of `--set` laid over it."""
    with garbage_kept():
        from chainsim.economy.parameters import count_in
        from chainsim.scenario.load import load, parse_overrides

        scenario = load(file, parse_overrides(settings or []))
    count_in(scenario.money)
    return scenario


def warn(*scenarios: Scenario) -> None:
    """Tell on stderr what scenarios state that is hardly meant."""
    from chainsim.report.terminal import few, warning_lines

    for line in few([line for scenario in scenarios for line in warning_lines(scenario)]):
        typer.echo(line, err=True)


own_process = [False]
"""Whether the process is the command's own, not that of somebody who calls commands from Python, as tests do."""


@contextmanager
def garbage_kept() -> Iterator[None]:
    """Let the garbage collector rest: what is made meanwhile is many small objects of which nearly all stay.

    In a process of its own later searches for garbage leave them out.
    """
    gc.disable()
    try:
        yield
    finally:
        if own_process[0]:
            gc.freeze()
        gc.enable()


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the scenario and its file.", show_default=False)],
    template: Annotated[
        str, typer.Option("--from", metavar="TEMPLATE", help="Shipped scenario to start from.")
    ] = "minimal",
) -> None:
    """Copy a commented scenario to start from. Nothing is overwritten."""
    from chainsim.scenario.templates import start

    written = start(name, template)
    for path in written:
        typer.echo(f"wrote {path}")
    typer.echo(f"Change it, then: chainsim check {written[0]}")


def schema() -> None:
    """Print the JSON Schema of scenario files, for completion in editors."""
    from chainsim.scenario.json_schema import schema_text

    typer.echo(schema_text(), nl=False)


def odd(
    file: Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (YAML).", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="File to write; SCENARIO-odd.md if not given.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Another value, such as years.end=2030. May be repeated."),
    ] = None,
) -> None:
    """Describe the model and a scenario after the ODD protocol, for reviewers and for whoever builds it again."""
    from chainsim.report.odd import odd as document
    from chainsim.runs.output_folder import replace_file
    from chainsim.scenario.load import load, parse_overrides

    place = output or Path(f"{file.stem}-odd.md")
    replace_file(place, document(load(file, parse_overrides(settings or []))))
    typer.echo(f"wrote {place}")


def reproduce(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="Folder of a run, comparison, sweep or sensitivity analysis.", show_default=False
        ),
    ],
    jobs: Annotated[int, typer.Option(min=1, help="Processes to run in.")] = 1,
) -> None:
    """Run a result again from its folder and compare it, bit for bit; the first difference is named, exit code 1."""
    from chainsim.experiments.reproduce import reproduce as again

    found = again(folder, jobs, progress=True)
    typer.echo("\n".join(found.lines()))
    if not found.same:
        raise typer.Exit(1)


def import_io(
    table: Annotated[
        Path, typer.Argument(metavar="TABLE", help="Table: .csv, .xlsx, or a folder of pymrio.", show_default=False)
    ],
    mapping: Annotated[
        Path,
        typer.Option("--map", metavar="FILE", help="Sectors of each segment: code, segment, tier, title, title_zh."),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Scenario to write.")],
    layout: Annotated[str, typer.Option("--layout", help="wide, oecd, cn42 or pymrio.")] = "wide",
    region: Annotated[str, typer.Option("--region", help="The region, in tables of many.")] = "",
    within: Annotated[
        str | None,
        typer.Option("--within", metavar="PREFIX", help="How the names of its nation's regions begin, such as CAN_."),
    ] = None,
    nation: Annotated[
        Path | None,
        typer.Option(
            "--nation", metavar="FILE", help="The nation's table, or its outputs (code, output, employees): quotients."
        ),
    ] = None,
    lq: Annotated[
        str | None,
        typer.Option(
            "--lq",
            help="Quotient in place of what the table says of origins, with --nation: slq, cilq, flq (usual), aflq.",
        ),
    ] = None,
    delta: Annotated[
        float | None,
        typer.Option("--delta", min=0, max=1, help="Exponent of FLQ and AFLQ; 0.1 with the nation's table, else 0.3."),
    ] = None,
    unit: Annotated[str, typer.Option("--unit", help="Unit of the table, such as 'CAD million' or 万元.")] = "",
    wage: Annotated[
        float | None, typer.Option("--wage", min=0.001, help="Yearly pay of ordinary staff, thousands; 59 in CNY.")
    ] = None,
    year: Annotated[int, typer.Option("--year", min=1900, max=2190, help="Year of the table.")] = 2020,
    growth: Annotated[float, typer.Option("--growth", min=-0.5, max=1, help="Growth of all markets.")] = 0.03,
    tolerance: Annotated[
        float, typer.Option("--tolerance", min=0, max=0.5, help="Largest gap of a total over output.")
    ] = 0.005,
    register: Annotated[
        Path | None, typer.Option("--register", metavar="FILE", help="Register of enterprises beside the scenario.")
    ] = None,
    columns: Annotated[
        Path | None, typer.Option("--columns", metavar="FILE", help="YAML file with the columns of the register.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the files.")] = False,
) -> None:
    """Make a scenario of an input-output table, and a report of its gaps beside it."""
    from chainsim.io_tables.imported import Request, imported
    from chainsim.report.terminal import note_lines, warning_lines
    from chainsim.runs.output_folder import OutputError, replace_file

    if nation is None and (lq is not None or delta is not None):
        raise typer.BadParameter(f"{'--delta' if lq is None else '--lq'} is of quotients, which need --nation FILE")
    gaps = output.with_suffix(".gaps.txt")
    taken = [str(path) for path in (output, gaps) if path.exists() and not overwrite]
    if taken:
        raise OutputError(f"{', '.join(taken)} exists already; choose another name, or state --overwrite")
    made = imported(
        Request(
            *(table, mapping, layout, region, within, nation, lq or "", delta, unit, wage, year, growth, tolerance),
            register=register,
            columns=columns,
            folder=output.parent,
        ),
        output.stem,
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    replace_file(output, made.text)
    replace_file(gaps, made.report)
    typer.echo(made.report, nl=False)
    for line in [] if made.scenario is None else [*warning_lines(made.scenario), *note_lines(made.scenario)]:
        typer.echo(line)
    typer.echo(f"wrote {output} and {gaps}; next: chainsim check {output}")
    if made.misfit is not None:
        raise made.misfit


def validate(
    file: Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (YAML).", show_default=False)],
    levers: Annotated[
        bool, typer.Option("--levers", help="Run every lever as the experiment of the study it rests on.")
    ] = False,
    observed: Annotated[
        bool, typer.Option("--targets", help="Hold it against what was observed of the region, by its key targets.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="Number of runs, or of pairs of runs.")] = 5,
    jobs: Annotated[int, typer.Option(min=1, help="Processes to run in.")] = 1,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="CSV file to write.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Another value, such as years.end=2030. May be repeated."),
    ] = None,
) -> None:
    """Hold a scenario without policy against patterns of real enterprises, its targets, or levers against studies."""
    from chainsim.cli.streams import show
    from chainsim.report import terminal_tables as tables
    from chainsim.runs.output_folder import prove_file, replace_file

    scenario = scenario_of(file, settings)
    if observed and not scenario.targets:
        raise typer.BadParameter(f"{file} states no targets; name a CSV file of them under the key targets")
    if output is not None:
        prove_file(output)
    told: list[str] = []
    if levers:
        from chainsim.runs.ensemble import seeds_of
        from chainsim.validation.lever_evidence import lever_evidence

        table = lever_evidence(scenario, seeds_of(scenario, None, seeds), jobs, progress=True)
        heads, rows = tables.EVIDENCE_HEADS, tables.evidence_cells(table)
    else:
        from chainsim.validation.growth_regime import regime
        from chainsim.validation.patterns import baseline_runs, patterns

        result = baseline_runs(scenario, seeds, jobs, progress=True, shocks=observed)
        if observed:
            from chainsim.validation.targets import targets

            table, heads = targets(result), tables.TARGET_HEADS
            rows, told = tables.target_cells(table), tables.count_held_out(table)
        else:
            table, told = patterns(result), [str(regime(result))]
            heads, rows = tables.PATTERN_HEADS, tables.pattern_cells(table)
    if sys.stdout.isatty():
        show(tables.validation_sheet(heads, rows))
    else:
        typer.echo(tables.validation_lines(heads, rows))
    typer.echo("\n".join([tables.count_inside(table), *told]))
    if output is not None:
        replace_file(output, table.to_csv(index=False))
        typer.echo(f"wrote {output}")


def audit(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Output folder of a run, comparison or sweep.", show_default=False)
    ],
) -> None:
    """Add up again what a run, comparison or sweep wrote: ledger, trade, support, value added, rates, effects.

    Leaves with 1 where an identity fails. Reads the tables alone.
    """
    from chainsim.validation.audit import audit as audited
    from chainsim.validation.audit import lines

    checks = audited(folder)
    typer.echo("\n".join(lines(checks)))
    if any(check.failed for check in checks):
        raise typer.Exit(1)


def emulate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Search file (YAML).", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="File, .html for its page too; out/FILE-emulator.json."),
    ] = None,
    points: Annotated[
        int | None, typer.Option(min=2, help="Portfolios that are fitted to, two pairs each; two a term if not given.")
    ] = None,
    verify: Annotated[int, typer.Option(min=2, help="Other portfolios that check it, two pairs each.")] = 50,
    jobs: Annotated[int, typer.Option(min=1, help="Processes to run in.")] = 1,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would cost, and run nothing but one trial.")
    ] = False,
) -> None:
    """Fit an emulator of a policy's levers: effects on every indicator and year at once, with their doubt.

    Of the search file it takes baseline, policy, ranges and worlds. Pairs are kept as they are done; the same command
    again goes on where it was stopped.
    """
    from chainsim.cli.sweeps import failed_runs_told, usage
    from chainsim.runs.output_folder import prove_file
    from chainsim.search import emulate as fitting
    from chainsim.search.emulator_about import lines
    from chainsim.search.search_file import search_of

    search, place = search_of(file), output or Path("out") / f"{file.stem}-emulator.json"
    sliders, place = (place, place.with_suffix(".json")) if place.suffix == ".html" else (None, place)
    try:
        if dry_run:
            typer.echo("\n".join(fitting.cost_lines(search, points, verify, jobs)))
            return
        prove_file(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        with failed_runs_told("the emulator", f"beside {place}"):
            found = fitting.emulate(search, place, points, verify, jobs, progress=True)
    except ValueError as error:
        raise usage(error) from None
    typer.echo("\n".join(lines(found)))
    typer.echo(f"\nwrote {place}")
    if sliders is not None:
        from chainsim.report.dashboard import page
        from chainsim.runs.output_folder import replace_file

        replace_file(sliders, page(found, {}))
        typer.echo(f"wrote {sliders}")


def dashboard(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="File of `emulate`; with --policy, a scenario.", show_default=False)
    ],
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="POLICY", help="Fit out/POLICY-emulator.json to FILE and this, if not done."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Page; that of the emulator with .html if not given."),
    ] = None,
    sources: Annotated[
        Path | None,
        typer.Option("--sources", metavar="CSV", help="Table with columns id, source, url, to which sources lead."),
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve it on this machine alone, with a check by true pairs, until Ctrl-C.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of --serve; a free one if 0.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Processes to run pairs in.")] = 1,
) -> None:
    """Write one offline page with the emulator inside: a slider for every setting, effects with their doubt at once.

    With --policy every lever of the policy has a slider, from nothing to its high case.
    """
    from functools import partial

    from chainsim.report.dashboard import page, source_table
    from chainsim.runs.output_folder import replace_file
    from chainsim.search.emulator import read_emulator

    try:
        known = {} if sources is None else source_table(sources)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="--sources") from None
    if policy is not None:
        file = emulated(file, policy, jobs)
    emulator = read_emulator(file)
    if not serve:
        place = output or file.with_suffix(".html")
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_file(place, page(emulator, known))
        typer.echo(f"wrote {place}")
        return
    from chainsim.report.dashboard_server import serving

    with serving(emulator, partial(page, emulator, known), port, jobs) as server:
        typer.echo(f"{server.address}  (Ctrl-C ends it)")
        sys.stdout.flush()
        server.serve_forever()


def emulated(base: Path, policy: Path, jobs: int) -> Path:
    """The file of an emulator of a policy beside a baseline, fitted where it is not there yet."""
    from chainsim.cli.sweeps import failed_runs_told, usage
    from chainsim.runs.output_folder import prove_file
    from chainsim.search import emulate as fitting
    from chainsim.search.policy_search import known, search_of_policy

    place = Path("out") / f"{policy.stem}-emulator.json"
    try:
        with failed_runs_told("the policy", f"beside {place}"):
            search = search_of_policy(base, policy)
    except ValueError as error:
        raise usage(error) from None
    if known(place, search) is None:
        typer.echo("\n".join(fitting.cost_lines(search, None, fitting.VERIFY, jobs)))
        prove_file(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        with failed_runs_told("the emulator", f"beside {place}"):
            fitting.emulate(search, place, jobs=jobs, progress=True)
    return place
