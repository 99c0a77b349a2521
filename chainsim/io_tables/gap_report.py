"""What a table and a scenario made of it do not agree about, or leave open: the page beside the scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from chainsim.economy.types import Array
from chainsim.io_tables import ROUNDING, Accounts
from chainsim.io_tables.segments import Origins, SegmentData
from chainsim.scenario.check_base_year import staff
from chainsim.scenario.errors import Problem, ScenarioError
from chainsim.scenario.scenario import Scenario

UNLIKE = 3.0
"""How many times the nation's output a person, or part of it, is told as hardly true."""


class Nation(NamedTuple):
    """The nation's sectors in the order of the region's, money in millions.

    Output (N,); what sectors buy of each other in the nation over it, (N, N); staff, persons, and wages, (N,). All but
    output are None where they are not known.
    """

    output: Array
    coefficients: Array | None
    people: Array | None
    wages: Array | None


def check_totals(accounts: Accounts, file: str, tolerance: float = ROUNDING) -> None:
    """Refuse a table whose columns, rows or stated totals do not add up.

    Raises
        ScenarioError: with every sector whose gap is beyond rounding.
    """
    problems = []
    for what, gap in gaps(accounts).items():
        for i in np.flatnonzero(np.abs(gap) > tolerance * np.maximum(np.abs(accounts.output), 1e-12)):
            message = (
                f"{what}: off by {gap[i]:,.6g}, {_percent(gap[i], accounts.output[i])} of output "
                f"{accounts.output[i]:,.6g}{_reason(gap[i], accounts.output[i])}"
            )
            problems.append(Problem(file, 0, 0, accounts.sectors[i], message))
    for i in np.flatnonzero(accounts.output < 0):
        problems.append(Problem(file, 0, 0, accounts.sectors[i], f"output {accounts.output[i]:,.6g} is negative"))
    if problems:
        raise ScenarioError(problems)


def gaps(accounts: Accounts) -> dict[str, Array]:
    """Gaps of the table's totals by what they compare, (N,) each."""
    found = {
        "inputs and value added against output": accounts.column_gap(),
        "use against supply": accounts.row_gap(),
    }
    stated = {
        "intermediate use": accounts.use.sum(axis=1),
        "intermediate inputs": accounts.use.sum(axis=0),
        "output by column": accounts.output,
    }
    found |= {f"{name} as stated": accounts.totals[name] - stated[name] for name in accounts.totals}
    return found


def _reason(gap: float, output: float) -> str:
    if output and abs(gap / output - 1) < 0.05:
        return "; is a total counted as a buyer?"
    return ""


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:+.2g} %" if whole else "all"


def gap_report(
    accounts: Accounts, members: dict[str, list[int]], segments: dict[str, SegmentData], origin: Origins, file: str
) -> str:
    """The report as plain text."""
    return "\n".join(_lines(accounts, members, segments, origin, file)) + "\n"


def _lines(
    accounts: Accounts, members: dict[str, list[int]], segments: dict[str, SegmentData], origin: Origins, file: str
) -> Iterator[str]:
    inside = sorted({i for positions in members.values() for i in positions})
    left = [i for i in range(len(accounts.sectors)) if i not in inside]
    yield f"Gap report of {file}: {len(accounts.sectors)} sectors, {len(inside)} of them in {len(segments)} segments"
    yield f"Unit of the table: {accounts.unit or 'not stated, taken for CNY million; state --unit'}"
    yield ""
    yield "Totals, largest gap over output (rounding of a published table is below .5 %):"
    for what, gap in gaps(accounts).items():
        relative = np.abs(gap) / np.maximum(np.abs(accounts.output), 1e-12)
        at = int(np.argmax(relative)) if relative.size else 0
        yield f"  {what}: {100 * relative[at]:.2g} % at {accounts.sectors[at]}"
    negative = [accounts.sectors[i] for i in np.flatnonzero((accounts.use < 0).any(axis=0))]
    yield f"Negative inputs set to 0 (the rest of the column takes them): {', '.join(negative) or 'none'}"
    subsidised = [name for name, segment in segments.items() if segment.product_tax < 0]
    yield f"Subsidies on products, stated as production tax: {', '.join(subsidised) or 'none'}"
    yield f"Local shares: {origin.source}{'; estimated, +-.10' if origin.is_estimated else ''}"
    share = float(accounts.output[left].sum() / accounts.output.sum()) if left else 0.0
    yield f"Sectors left out ({100 * share:.3g} % of output): {', '.join(accounts.sectors[i] for i in left) or 'none'}"
    if accounts.unknown:
        yield f"Columns counted as households: {', '.join(accounts.unknown)}"
    yield from _errors(accounts)
    yield ""
    yield f"{'segment':<24}{'output':>14}{'inputs':>8}{'value added':>13}{'local inputs':>14}{'final sales':>14}"
    for name, segment in segments.items():
        inputs = sum(segment.inputs.values())
        local = sum(part * segment.local[key] for key, part in segment.inputs.items())
        yield (
            f"{name:<24}{segment.output:>14,.1f}{inputs:>8.3f}{segment.value_added:>13.3f}"
            f"{local / inputs if inputs else 0:>14.3f}{sum(segment.sales.values()):>14,.1f}"
        )
    for name, segment in segments.items():
        for note in segment.notes:
            yield f"  {name}: {note}"


def _errors(accounts: Accounts) -> Iterator[str]:
    """The table's own errors by sector, in millions and over output."""
    if accounts.errors is None or not np.any(accounts.errors):
        yield "The table's own errors (ERR): none"
        return
    yield "The table's own errors (ERR), a final use in the region like the others, million and of output:"
    for i in np.flatnonzero(accounts.errors):
        share = _percent(accounts.errors[i], accounts.output[i])
        yield f"  {accounts.sectors[i]:<22}{accounts.errors[i]:>14,.6g}{share:>12}"


def output_a_person(
    scenario: Scenario, members: Mapping[str, list[int]], nation: Nation | None, currency: str
) -> Iterator[str]:
    """Output per person of every segment, and the nation's beside it where that is known, as lines of the report."""
    known = nation is not None and (nation.people is not None or nation.wages is not None)
    of_nation = ""
    if nation is not None and known:
        of_nation = "; the nation's from its " + ("staff" if nation.people is not None else "wages at the same pay")
    yield ""
    yield f"Output a person, thousand {currency} a year, staff being labour cost over pay{of_nation}:"
    for name, segment in scenario.chain.segments.items():
        people = staff(segment)
        if people <= 0:
            continue
        own = 1000 * segment.output / people
        if nation is None or not (theirs := national_output(nation, members[name], own * segment.labour_share)):
            yield f"  {name:<24}{own:>12,.0f}"
            continue
        warning = ""
        if not 1 / UNLIKE <= own / theirs <= UNLIKE:
            warning = f"  {own / theirs:.3g} times the nation's: are --wage and the units of both files right?"
        yield f"  {name:<24}{own:>12,.0f}{theirs:>12,.0f}{warning}"


def national_output(nation: Nation, rows: list[int], cost: float) -> float:
    """Output per person of the nation, thousands, 0 where not known; `cost` is the labour cost of a person."""
    output = float(nation.output[rows].sum())
    if nation.people is not None:
        people = float(nation.people[rows].sum())
        return 1000 * output / people if people > 0 else 0.0
    if nation.wages is not None:
        wages = float(nation.wages[rows].sum())
        return cost * output / wages if wages > 0 else 0.0
    return 0.0
