"""The table of named enterprises: what the scenario gives, what the base year keeps, what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainsim.figures.display import number

if TYPE_CHECKING:
    from chainsim.runs.results import Result
    from chainsim.scenario.schema import NamedEnterprise

MEASURES = {"output": "revenue", "employment": "employees", "rd": "rd"}
"""Columns of the table `named` and the fields of the scenario they keep."""


@dataclass(frozen=True)
class NamedRow:
    """A named enterprise as text: for output, staff and R&D what is given, the base year and the last year."""

    title: str
    title_zh: str
    segment: str
    cells: tuple[tuple[str, str, str], ...]
    margin: str
    left: str


def named_rows(result: Result) -> list[NamedRow]:
    """Every named enterprise of the scenario; base year and medians over the runs in which it is still there."""
    if "named" not in result.tables or result.named.empty:
        return []
    return [named_row(result, enterprise) for enterprise in result.scenario.enterprises]


def named_row(result: Result, enterprise: NamedEnterprise) -> NamedRow:
    """One named enterprise."""
    rows = result.named[result.named["name"] == enterprise.id]
    first, last = (rows[rows["year"] == year] for year in result.years)
    cells = []
    for column, field in MEASURES.items():
        given = getattr(enterprise, field)
        kept, then = float(first[column].median()), last[column].median()
        cells.append(
            (
                number(given, 0) if given is not None else "–",
                number(kept, 0),
                number(float(then), 0) if len(last) else "–",
            )
        )
    gone = result.replications - len(last)
    about = result.scenario.chain.segments[enterprise.segment].title
    return NamedRow(
        title=enterprise.name,
        title_zh=enterprise.name_zh or "",
        segment=about.en if about else enterprise.segment.replace("_", " "),
        cells=tuple(cells),
        margin=number(100.0 * float(first["profit"].median()) / float(first["output"].median()), 1),
        left=f"closed in {gone} of {result.replications} runs" if gone else "",
    )
