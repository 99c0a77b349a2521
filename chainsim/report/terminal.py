"""The headline of a result, and of a comparison, for a terminal: tables that fit 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from chainsim.report.effect_text import RATIOS, TOTALS, cost_rows, effect_rows, effect_years, signed
from chainsim.report.tables import headline_rows

if TYPE_CHECKING:
    from chainsim.effects.effect import Effect
    from chainsim.runs.results import Result


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


MOST_YEARS = 2
"""Years of effects beside one another on a terminal."""


def effect_sheets(effect: Effect) -> list[Table]:
    """Effects and costs of one policy as tables; without intervals for a single pair."""
    return [effects_sheet(effect), costs_sheet(effect)]


def effects_sheet(effect: Effect) -> Table:
    """Effects on the chain's indicators in the last years; a tilde marks those whose sign is not certain."""
    years, pairs = effect_years(effect)[-MOST_YEARS:], effect.replications
    scenario = effect.policy.scenario
    name = scenario.title.en if scenario.title else scenario.name
    sheet = Table(title=name, title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0), pad_edge=False)
    sheet.add_column("effect on the chain", no_wrap=True)
    sheet.add_column("unit", style="dim", overflow="fold")
    sheet.add_column(f"base {years[-1]}", justify="right", no_wrap=True)
    for year in years:
        sheet.add_column(str(year), justify="right", no_wrap=True)
    if pairs > 1:
        sheet.add_column(f"90 % of {pairs}", justify="right", no_wrap=True)
    for row in effect_rows(effect, years):
        unit, base, *effects, bounds, _ = row.cells
        if row.weak:
            effects[-1] = f"~{effects[-1]}"
        unit = unit.replace("points", "pp").replace("thousand CNY/person", "k CNY/person")
        sheet.add_row(row.title, unit, base, *effects, *([bounds] if pairs > 1 else []))
    return sheet


def costs_sheet(effect: Effect) -> Table:
    """Money, job-years and what a unit costs."""
    sheet = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    sheet.add_column("cost over all years", no_wrap=True)
    sheet.add_column("mean or ratio", justify="right", no_wrap=True)
    sheet.add_column("90 %" if effect.replications > 1 else "", overflow="fold")
    for row in [*cost_rows(effect, TOTALS), *cost_rows(effect, RATIOS)]:
        value, bounds, note = row.cells
        sheet.add_row(row.title, value, note if bounds == "–" else bounds)
    return sheet


def split_sheet(effect: Effect) -> Table:
    """Shapley shares of levers or groups, a row each, of the measures that matter most."""
    split = effect.split
    shares = split.shares.pivot_table(index="player", columns="measure", values="share", sort=False)
    sheet = Table(
        title=f"split over {2 ** len(split.players)} coalitions, {split.replications} replications",
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    sheet.add_column("lever or group", no_wrap=True)
    for heading in ("outlay", "job-years", "value added", "localization"):
        sheet.add_column(heading, justify="right", no_wrap=True)
    for player, row in shares.iterrows():
        cells = [signed(float(row[name]), 0) for name in ("outlay", "job_years", "value_added_sum")]
        sheet.add_row(str(player).replace("_", " "), *cells, f"{signed(100 * float(row['localization_rate']), 2)} pp")
    return sheet
