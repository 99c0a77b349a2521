"""Results, comparisons, patterns and evidence as tables for a terminal; headlines fit 80 columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from rich.table import Table

from chainsim.economy.parameters import in_money, in_money_of
from chainsim.effects.effect import Effect
from chainsim.effects.effect_tables import interval_of, is_certain
from chainsim.effects.ranking import Ranking
from chainsim.figures.display import display, display_at, signed
from chainsim.report.doubt import doubt_sheet
from chainsim.report.effect_text import RATIO_BOUNDS, RATIOS, TOTALS, Cells, cost_rows, effect_rows, effect_years
from chainsim.report.tables import headline_rows
from chainsim.runs.results import Result
from chainsim.validation.lever_evidence import NONE

Row = tuple[str, ...]
MOST_YEARS = 2
"""Years of effects beside one another on a terminal."""
WORDS = {True: "inside", False: "outside"}
NO_EVIDENCE, NOT_MEASURED = "no evidence", "not measured"
LOCAL = "localization_rate_fixed"


@in_money_of(lambda result: result.scenario.money)
def headline_sheet(result: Result) -> Table:
    """The headline as a table; without the band for a single run."""
    start, end = result.years
    runs = result.replications
    name = result.scenario.title.en if result.scenario.title else result.scenario.name
    sheet = titled(name)
    sheet.add_column("of the chain", overflow="fold")
    sheet.add_column("unit", style="dim", overflow="fold")
    for heading in (str(start), str(end), "change"):
        sheet.add_column(heading, justify="right", no_wrap=True)
    if runs > 1:
        sheet.add_column(interval_of(0), justify="right", no_wrap=True)
    for row in headline_rows(result):
        cells = [row.title, row.unit, row.first, row.last, row.change.replace("points", "pp"), row.band]
        sheet.add_row(*cells[: 6 if runs > 1 else 5])
    return sheet


def effect_sheets(effect: Effect) -> list[Table]:
    """Effects of one policy, what is not known of them, and costs as tables; no intervals for a single pair."""
    return [effects_sheet(effect), *([doubt_sheet(effect)] if effect.worlds else []), costs_sheet(effect)]


@in_money_of(lambda effect: effect.base.scenario.money)
def effects_sheet(effect: Effect) -> Table:
    """Effects on the chain's indicators in the last years; a tilde marks those whose sign is not certain."""
    years, pairs = effect_years(effect)[-MOST_YEARS:], effect.replications
    scenario = effect.policy.scenario
    name = scenario.title.en if scenario.title else scenario.name
    sheet = titled(name)
    sheet.add_column("effect on the chain", overflow="fold")
    sheet.add_column("unit", style="dim", overflow="fold")
    sheet.add_column(f"base {years[-1]}", justify="right", no_wrap=True)
    for year in years:
        sheet.add_column(str(year), justify="right", no_wrap=True)
    if pairs > 1:
        sheet.add_column(interval_of(effect.worlds).replace(" and", "\nand"), justify="right", no_wrap=True)
    if effect.worlds:
        sheet.add_column("90 % of luck", justify="right", no_wrap=True, style="dim")
    for row in effect_rows(effect, years):
        unit, base, *effects, bounds, _ = row.cells
        if row.weak:
            effects[-1] = f"~{effects[-1]}"
        unit = unit.replace("points", "pp")
        unit = unit.replace("thousand", "k") if unit.endswith("/person") else unit
        sheet.add_row(
            row.title, unit, base, *effects, *([bounds] if pairs > 1 else []), *([row.luck] if effect.worlds else [])
        )
    return sheet


@in_money_of(lambda effect: effect.base.scenario.money)
def costs_sheet(effect: Effect) -> Table:
    """Money and job-years with bounds that hold pairs, then what a unit costs, with bounds that hold the ratio."""
    sheet = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    several = effect.replications > 1
    sheet.add_column("cost over all years", no_wrap=True)
    sheet.add_column("mean", justify="right", no_wrap=True)
    sheet.add_column(interval_of(effect.worlds) if several else "", overflow="fold")
    costs = effect.costs()
    add_costs(sheet, cost_rows(costs, TOTALS))
    sheet.add_row("cost of a unit", "ratio of sums", RATIO_BOUNDS if several else "", style="bold")
    add_costs(sheet, cost_rows(costs, RATIOS))
    return sheet


def add_costs(sheet: Table, rows: Iterable[Cells]) -> None:
    """Add rows of costs; a note in place of bounds where there are none."""
    for row in rows:
        value, bounds, note = row.cells
        sheet.add_row(row.title, value, note if bounds == "–" else bounds)


@in_money_of(lambda effect: effect.base.scenario.money)
def softening_sheets(effect: Effect) -> list[Table]:
    """What shocks do to the chain in the last years without each policy and with it, a table a policy."""
    table, pairs = effect.softening(middle=np.mean), effect.replications
    return [
        softening_sheet(str(policy), str(shock), rows, pairs)
        for (policy, shock), rows in table.groupby(["policy", "shock"], sort=False)
    ]


def softening_sheet(policy: str, shock: str, rows: pd.DataFrame, pairs: int) -> Table:
    """The same for one policy, in its last year; a tilde marks a difference whose sign is not certain."""
    rows = rows[rows["year"].isin(sorted(set(rows["year"]))[-MOST_YEARS:])]
    sheet = titled(f"{shock}, without and with {policy}: above zero the policy softens a loss")
    for heading, side in (("effect of the shock on", "left"), ("year", "right"), ("unit", "left")):
        sheet.add_column(heading, justify="right" if side == "right" else "left", no_wrap=True)
    for heading in ("without", "with", "softened", *([interval_of(0)] if pairs > 1 else [])):
        sheet.add_column(heading, justify="right", no_wrap=True)
    for row in rows[rows["indicator"].isin(SOFTENED)].to_dict("records"):
        shown = display(str(row["indicator"]))
        without, with_it, softened, low, high = (
            signed(row[name] * shown.factor, max(shown.decimals, 2 if shown.unit == "%" else 0))
            for name in ("shock_alone", "shock_with_policy", "softened", "low90", "high90")
        )
        weak = "" if is_certain(row["low90"], row["high90"], pairs) else "~"
        cells = [without, with_it, f"{weak}{softened}", *([f"{low} {high}"] if pairs > 1 else [])]
        unit = "pp" if shown.unit == "%" else shown.unit.replace(" million", " m")
        sheet.add_row(SOFTENED[str(row["indicator"])], str(row["year"]), unit, *cells)
    return sheet


SOFTENED = {
    "output": "output",
    "value_added": "value added",
    "employment": "employment",
    "localization_rate_fixed": "localization",
    "completeness_fixed": "completeness",
    "rd": "R&D",
}
"""Indicators that are shown of a comparison under shocks, in a word or two; the table has all."""


def titled(title: str) -> Table:
    """An empty table under its title, without lines."""
    return Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0), pad_edge=False)


def split_sheet(effect: Effect) -> Table:
    """Shapley shares of levers or groups, a row each, of the measures that matter most."""
    split = effect.split
    shares = split.shares.pivot_table(index="player", columns="measure", values="share", sort=False)
    sheet = titled(f"split over {2 ** len(split.players)} coalitions, {split.replications} replications")
    sheet.add_column("lever or group", no_wrap=True)
    for heading in ("outlay", "job-years", "value added", "localization"):
        sheet.add_column(heading, justify="right", no_wrap=True)
    for player, row in shares.iterrows():
        cells = [signed(float(row[name]), 0) for name in ("outlay", "job_years", "value_added_sum")]
        sheet.add_row(
            str(player).replace("_", " "), *cells, f"{signed(100 * float(row['localization_rate_fixed']), 2)} pp"
        )
    return sheet


SCALED = (
    ("output", ("outlay", "output", "output_low", "output_high")),
    ("employment", ("job_years", "job_years_low", "job_years_high")),
)
"""By which columns of a ranking money and people are told in larger units, as the column named first is shown."""


def ranking_sheet(ranking: Ranking) -> Table:
    """Levers, alone and left out, by what they do to output, jobs and localization, with the error of the mean."""
    title = f"levers of {ranking.policy}, {len(ranking.seeds)} pairs: mean and the bounds that hold it in 90 %"
    sheet = titled(f"{title}; of ten that do nothing one leaves out 0 by chance")
    rows = ranking.table().to_dict("records")
    money, people = (
        display_at(column, float(np.nanmax(np.abs(ranking.table()[list(names)].to_numpy(float)))))
        for column, names in SCALED
    )
    for heading in ("lever", ""):
        sheet.add_column(heading, no_wrap=True)
    for heading in (
        *(f"{name}, {money.unit}" for name in ("outlay", "output")),
        "job-years" if people.factor == 1 else f"job-years, {people.unit.split()[0]}",
        "local rate, pp",
        in_money("CNY m/job-year"),
    ):
        sheet.add_column(heading, justify="right", overflow="fold")
    for cells in rows:
        row = {str(name): value for name, value in cells.items()}
        alone = row["how"] == "alone"
        sheet.add_row(
            str(row["lever"]).replace("_", " ") if alone else "",
            "alone" if alone else "left out",
            f"{row['outlay'] * money.factor:,.{money.decimals}f}",
            with_bounds(row, "output", money.decimals, money.factor),
            with_bounds(row, "job_years", people.decimals, people.factor),
            with_bounds(row, LOCAL, 2, 100.0),
            digits(row["cost_per_job_year"]),
        )
    return sheet


def with_bounds(row: dict[str, Any], name: str, places: int, factor: float) -> str:
    """A value times `factor` with its bounds in brackets; the value alone where there are none."""
    value, low, high = (row[f"{name}{end}"] * factor for end in ("", "_low", "_high"))
    shown = signed(value, places)
    return shown if np.isnan(low) else f"{shown} ({signed(low, places)} {signed(high, places)})"


# --- patterns and evidence ---


def digits(value: float) -> str:
    """A value to three significant digits; empty where there is none."""
    return f"{value:.3g}" if np.isfinite(value) else ""


def limits(low: float, high: float) -> str:
    """The bounds of a band in words; empty without one."""
    if np.isnan(low) or np.isnan(high):
        return ""
    if np.isinf(high):
        return f"above {low:.3g}"
    return f"below {high:.3g}" if np.isinf(low) else f"{low:.3g} to {high:.3g}"


def verdict(inside: Any, value: float, low: float) -> str:
    """Inside, outside, not measured in this scenario, or no evidence to compare with."""
    if pd.isna(inside):
        return NO_EVIDENCE if np.isnan(low) and np.isfinite(value) else NOT_MEASURED
    return WORDS[bool(inside)]


def count_inside(table: pd.DataFrame) -> str:
    """How many of those that could be compared are inside, and how many of them a parameter imposes."""
    known = table[table["inside"].notna()]
    met = known[known["inside"].astype(bool)]
    imposed = int((met["imposed"] != "").sum()) if "imposed" in met else 0
    note = f"; {imposed} of them are imposed by a parameter and test little" if imposed else ""
    return f"{len(met)} of {len(known)} are inside their band{note}"


def evidence_cells(table: pd.DataFrame) -> list[Row]:
    """Cells of the evidence table, a row a finding; the lever is named once, an imposed value says by what."""
    rows: list[Row] = []
    before = ""
    for item in table.to_dict("records"):
        error = f" ± {digits(item['se'])}" if np.isfinite(item["se"]) else ""
        met = verdict(item["inside"], item["value"], item["low"])
        imposed = f", imposed by {item['imposed']}" if item["imposed"] else ""
        about = "" if item["source"] == NONE else f"{item['source']} ({item['status']})"
        lever, before = "" if item["lever"] == before else item["lever"], item["lever"]
        central = digits(item["central"])
        rows.append(
            (
                lever,
                item["outcome"],
                digits(item["value"]) + error,
                limits(item["low"], item["high"]),
                central,
                met + imposed,
                about,
            )
        )
    return rows


def pattern_cells(table: pd.DataFrame) -> list[Row]:
    """Cells of the pattern panel, a row a pattern."""
    return [
        (
            item["pattern"],
            digits(item["value"]),
            limits(item["low"], item["high"]),
            verdict(item["inside"], item["value"], item["low"]),
            item["source"],
        )
        for item in table.to_dict("records")
    ]


def target_cells(table: pd.DataFrame) -> list[Row]:
    """Cells of the table of targets, a row a target; what cannot be read says why in place of what it is."""
    return [
        (
            f"{item['id']} ({USES[item['use']]}{', not independent' if item['shared'] else ''})",
            plain(item["value"]),
            agreeing(item["low"], item["high"]),
            plain(item["simulated"]),
            agreeing(item["luck_low90"], item["luck_high90"]),
            NOT_MEASURED if pd.isna(item["inside"]) else WORDS[bool(item["inside"])],
            item["unmeasured"] or item["target"],
        )
        for item in table.to_dict("records")
    ]


def count_held_out(table: pd.DataFrame) -> list[str]:
    """How many held-out targets are met, and how many of those whose sources no number of the base year rests on."""
    held = table[(table["use"] == "held_out") & table["inside"].notna()]
    if held.empty:
        return []
    alone = held[held["shared"] == ""]
    met, of_alone = (int(rows["inside"].sum()) for rows in (held, alone))
    return [f"held out: {met} of {len(held)}; held out and independent of the base year: {of_alone} of {len(alone)}"]


def plain(value: float) -> str:
    """A value to four significant digits without powers of ten; empty where there is none."""
    if not np.isfinite(value):
        return ""
    return (
        f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}" if abs(value) >= 1e-3 or not value else f"{value:.5f}"
    )


def agreeing(low: float, high: float) -> str:
    """The bounds in words, either of which may be open."""
    if np.isnan(low):
        return "" if np.isnan(high) else f"at most {plain(high)}"
    return f"at least {plain(low)}" if np.isnan(high) else f"{plain(low)} to {plain(high)}"


USES = {"fit": "may be fitted", "held_out": "held out", "reported": "reported", "replication": "a study"}
TARGET_HEADS: Row = ("target", "observed", "agrees", "model", interval_of(0), "", "what, or why not")
EVIDENCE_HEADS: Row = ("lever", "outcome", "model", "band", "central", "", "source")
PATTERN_HEADS: Row = ("pattern", "model", "band", "", "source")


def validation_sheet(heads: Row, rows: Iterable[Row]) -> Table:
    """Patterns or evidence as a table; what is outside is marked, the source is dim."""
    page = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for head in heads:
        page.add_column(
            head, style="dim" if head == "source" else "", justify="right" if head in ("model", "central") else "left"
        )
    for cells in rows:
        page.add_row(*cells, style="bold" if any(cell.startswith("outside") for cell in cells) else "")
    return page


def validation_lines(heads: Row, rows: Iterable[Row]) -> str:
    """Patterns or evidence as lines of cells between tabs, for a pipe."""
    return "\n".join("\t".join(cells) for cells in [tuple(head or "verdict" for head in heads), *rows])
