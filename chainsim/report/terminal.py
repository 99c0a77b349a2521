"""The headline of a result for a terminal: a table that fits 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from chainsim.report.tables import headline_rows

if TYPE_CHECKING:
    from chainsim.results import Result


def headline_sheet(result: Result) -> Table:
    """The headline as a table; without the band for a single run."""
    start, end = result.years
    runs = result.replications
    name = result.scenario.title.en if result.scenario.title else result.scenario.name
    sheet = Table(title=name, title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0), pad_edge=False)
    sheet.add_column("of the chain", no_wrap=True)
    sheet.add_column("unit", style="dim", overflow="fold")
    for heading in (str(start), str(end), "change"):
        sheet.add_column(heading, justify="right", no_wrap=True)
    if runs > 1:
        sheet.add_column(f"90 % of {runs} runs", justify="right", no_wrap=True)
    for row in headline_rows(result):
        cells = [row.title, row.unit, row.first, row.last, row.change.replace("points", "pp"), row.band]
        sheet.add_row(*cells[: 6 if runs > 1 else 5])
    return sheet
