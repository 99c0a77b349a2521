"""The whole way from a table to a scenario that passes every check: read, check totals, map, estimate, write."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from chainsim.economy.types import Array
from chainsim.io_tables import Accounts, refused
from chainsim.io_tables.gap_report import Nation, check_totals, gap_report, output_a_person
from chainsim.io_tables.layouts import check_aggregates, labelled, one_region, read_accounts
from chainsim.io_tables.quotients import DELTA, DELTA_OF_OWN_USE, QUOTIENTS, local_shares, quotient_name
from chainsim.io_tables.scenario_file import DEFAULT_PAY, Assumed, scenario_text
from chainsim.io_tables.sector_map import read_map
from chainsim.io_tables.segments import origins, over, segment_data
from chainsim.scenario.build import built
from chainsim.scenario.errors import Mark, Problem, Problems, ScenarioError, suggestion
from chainsim.scenario.files import Files, GridError, money_factor, number, read_grid
from chainsim.scenario.nodes import Node, from_python
from chainsim.scenario.registers import register
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.yaml_reader import read

USUAL_QUOTIENT = "flq"
"""Quotient for local shares of tables that do not tell origins."""


@dataclass(frozen=True)
class Request:
    """A table, what it is, and what no table says."""

    table: Path
    mapping: Path
    layout: str = "wide"
    region: str = ""
    within: str | None = None
    nation: Path | None = None
    lq: str = ""
    delta: float | None = None
    unit: str = ""
    wage: float | None = None
    year: int = 2020
    growth: float = 0.03
    tolerance: float = 5e-3
    register: Path | None = None
    columns: Path | None = None
    folder: Path = Path()


class Imported(NamedTuple):
    """A scenario file, the scenario it states, and the gap report."""

    text: str
    scenario: Scenario | None
    report: str
    misfit: ScenarioError | None
    """What a register and the table contradict each other about; the file is worth having all the same."""


def imported(request: Request, name: str) -> Imported:
    """The scenario of a table.

    Raises
        ScenarioError: for tables and maps that cannot be read, totals that do not add up, and units that are not known.
    """
    _refuse_idle_options(request)
    sectors = read_map(request.mapping)
    accounts = read_accounts(
        request.table,
        request.layout,
        request.region,
        request.within,
        sectors.roles,
        request.unit,
        request.tolerance,
    )
    members = sectors.members(accounts)
    check_totals(accounts, request.table.name, request.tolerance)
    found = money_factor(accounts.unit)
    if found is None:
        message = f"unknown unit of money '{accounts.unit}'; write it as 'CNY million', 'CAD million' or 万元"
        raise refused("--unit", message)
    currency, factor = found[0] or "CNY", found[1]
    accounts = in_millions(accounts, factor)
    nation = None if request.nation is None else nation_of(request.nation, accounts.sectors, factor)
    quotients, source = _quotients(request, accounts, nation)
    origin = origins(accounts, quotients, source)
    segments = segment_data(accounts, members, origin)
    if request.wage is None and currency != "CNY":
        raise refused("--wage", f"state the yearly pay of ordinary staff in thousand {currency}")
    named, block, files = _register(request, currency)
    counts = Counter(node.value["segment"].value for node in named.value)
    pay = request.wage or DEFAULT_PAY
    assumed = Assumed(
        name,
        request.year,
        pay,
        request.growth,
        source=request.table.name,
        currency=currency,
        register=block,
        named=counts,
    )
    text = scenario_text(segments, sectors, origin, assumed)
    report = gap_report(accounts, members, segments, origin, request.table.name)
    problems = Problems()
    tree = read(text, f"{name}.yaml", problems)
    problems.stop()
    assert tree is not None
    if block:
        tree.value["enterprises"] = named
    try:
        scenario = built(tree, problems).with_reading(files.notes)
        report += "".join(f"{line}\n" for line in output_a_person(scenario, members, nation, currency))
        return Imported(text, scenario, report, None)
    except ScenarioError as error:
        if not block:
            raise
        return Imported(text, None, report, error)


def _refuse_idle_options(request: Request) -> None:
    """Refuse options that would change nothing beside the others.

    Raises
        ScenarioError: with what the option goes with.
    """
    one_region, sized = request.layout in ("wide", "cn42"), (request.lq or USUAL_QUOTIENT).lower() in ("flq", "aflq")
    idle = {
        "--region": (one_region and request.region, "goes with tables of many regions, --layout oecd or pymrio"),
        "--within": (
            one_region and request.within is not None,
            "goes with tables of many regions, --layout oecd or pymrio",
        ),
        "--delta": (request.delta is not None and not sized, "is the exponent of FLQ and AFLQ"),
        "--columns": (request.columns is not None and request.register is None, "goes with --register"),
    }
    problems = [Problem(option, 0, 0, "", message) for option, (is_idle, message) in idle.items() if is_idle]
    if problems:
        raise ScenarioError(problems)


def _register(request: Request, currency: str) -> tuple[Node, dict[str, Any], Files]:
    """The named enterprises of a register, the block that names it, and what was read."""
    problems = Problems()
    files = Files(request.folder / "scenario.yaml", problems)
    if request.register is None:
        return Node([], Mark("")), {}, files
    block: dict[str, Any] = {"file": _below(request.register, request.folder, "--register")}
    if request.columns is None:
        raise refused("--columns", "state the YAML file with the columns of the register")
    block["columns"] = _below(request.columns, request.folder, "--columns")
    named = register(from_python(block, Mark("--register")), request.folder / "scenario.yaml", files)
    files.agree_on(f"{currency} million")
    problems.stop()
    return named, block, files


def _below(path: Path, folder: Path, option: str) -> str:
    """The path of a file from the folder of the scenario, which must hold it."""
    if not path.is_file():
        raise refused(option, f"there is no file '{path}'")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise refused(option, f"'{path}' lies outside the folder of the scenario, {folder}; copy it into it")
    return path.resolve().relative_to(folder.resolve()).as_posix()


def in_millions(accounts: Accounts, factor: float) -> Accounts:
    """The accounts in millions of their currency."""
    flows: dict[str, Any] = {name: value for name, value in vars(accounts).items() if isinstance(value, np.ndarray)}
    groups: dict[str, Any] = {name: value for name, value in vars(accounts).items() if isinstance(value, dict)}
    scaled = {name: factor * value for name, value in flows.items()}
    scaled |= {name: {key: factor * item for key, item in group.items()} for name, group in groups.items()}
    return replace(accounts, **scaled)


def _quotients(request: Request, accounts: Accounts, nation: Nation | None) -> tuple[Array | None, str]:
    """Local shares by a location quotient, None where the table knows better or none is asked for, and their name."""
    asked = bool(request.lq) or request.delta is not None
    if request.nation is None or nation is None or (accounts.tells_origins() and not asked):
        return None, ""
    kind = next((known for known in QUOTIENTS if known == (request.lq or USUAL_QUOTIENT).lower()), None)
    if kind is None:
        raise refused("--lq", f"unknown quotient '{request.lq}'{suggestion(request.lq, QUOTIENTS)}")
    small = [accounts.sectors[i] for i in np.flatnonzero(nation.output < accounts.output * (1 - 1e-9))]
    if small:
        message = f"the nation makes less of {', '.join(small[:5])} than the region; are both in the same unit?"
        raise refused(request.nation.name, message)
    usual = DELTA if nation.coefficients is not None else DELTA_OF_OWN_USE
    delta = usual if request.delta is None else request.delta
    shares = local_shares(kind, accounts.output, nation.output, delta)
    source = quotient_name(kind, delta, nation.coefficients is not None)
    if nation.coefficients is None:
        return shares, source
    return over(shares * nation.coefficients * accounts.output[None, :], accounts.use), source


def nation_of(path: Path, sectors: tuple[str, ...], factor: float = 1.0) -> Nation:
    """The nation's sectors in the order of the region's: columns code, output and employees, or the nation's own table.

    `factor` makes its money millions.

    Raises
        ScenarioError: for files that cannot be read, and sectors that are not there.
    """
    try:
        numbered = [(line, row) for line, row in enumerate(read_grid(path), 1) if any(row)]
    except (GridError, OSError) as error:
        raise refused(str(path), str(error)) from None
    grid = [row for _, row in numbered]
    head = [cell.lower() for cell in grid[0]] if grid else []
    if "code" in head and "output" in head:
        output = _column(grid, head, "output")
        _all_there(path.name, sectors, list(output))
        people = _column(grid, head, "employees") if "employees" in head else {}
        counts = np.array([people[code] for code in sectors]) if set(sectors) <= set(people) else None
        return Nation(factor * np.array([output[code] for code in sectors]), None, counts, None)
    read = labelled(grid, {}, path.name)
    check_aggregates(read, grid, [line for line, _ in numbered], path.name)
    table = one_region(read, path.name, "")
    _all_there(path.name, sectors, list(table.sectors))
    order = [table.sectors.index(code) for code in sectors]
    domestic = table.use * origins(table, None).local
    coefficients = over(domestic, np.broadcast_to(table.output, domestic.shape))
    wages = None if table.wages is None else factor * table.wages[order]
    return Nation(factor * table.output[order], coefficients[order][:, order], None, wages)


def _column(grid: list[list[str]], head: list[str], name: str) -> dict[str, float]:
    """The numbers of a column by code."""
    code, at = head.index("code"), head.index(name)
    found = {row[code]: number(row[at]) for row in grid[1:] if len(row) > max(code, at)}
    return {key: value for key, value in found.items() if value is not None}


def _all_there(file: str, sectors: tuple[str, ...], known: list[str]) -> None:
    missing = [code for code in sectors if code not in known]
    if missing:
        raise refused(file, f"no output of {', '.join(missing[:8])}{suggestion(missing[0], known, most=0)}")
