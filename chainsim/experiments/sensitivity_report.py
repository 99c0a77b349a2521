"""A sensitivity analysis: what was found, in tables, pictures, text and files."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from chainsim.economy.parameters import in_money_of, names_its_money
from chainsim.economy.types import Array, Index
from chainsim.experiments.axes import codes, distinct, label
from chainsim.experiments.design import Design
from chainsim.experiments.design_file import values_of
from chainsim.experiments.indices import FEWEST_HALVED, MOST, unmoved
from chainsim.experiments.sampling import Morris, OneAtATime
from chainsim.figures import sensitivity as figures
from chainsim.runs.output_folder import NOTHING_CHANGED, disk_errors, replaced_files
from chainsim.runs.sweep_job import Luck
from chainsim.scenario.yaml_writer import yaml_lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LUCK = "(luck)"
"""Row of the table that holds the share of luck."""
MEASURES = {"morris": "mu_star", "saltelli": "total", "oat": "swing"}
"""Measure that ranks the parameters, by kind of design; `first` for all others."""
MOST_VALUES = 40
"""Values of a parameter up to which a curve or a heat map is drawn."""
NEXT = "next.yaml"
"""The Saltelli design that a screening proposes."""
NEXT_POINTS = 256
MOST_LINES = 10
NOTHING = "no parameter moves this result, so there is nothing to apportion"
LUCKS: dict[Luck, str] = {
    "common": "all points have the same seeds: points are compared without luck, but what is inferred of parameters "
    "from such runs would hold for these seeds only",
    "own": "every point has seeds of its own: differences between points hold luck too, as observations do",
}
BESIDE = {"total": ("first",), "mu_star": ("mu", "sigma")}
"""What stands beside the measure that ranks, by that measure."""


@names_its_money(lambda found: found.design.scenario.money)
@dataclass(frozen=True)
class Sensitivity:
    """Influence of every parameter on every indicator in one year.

    `table` has a row a parameter and one for luck; `noise` says how much of the spread is luck and how many
    replications are enough; `warnings` what not to trust. `outputs` are (points, replications) by indicator.
    """

    design: Design
    year: int
    table: pd.DataFrame
    noise: pd.DataFrame
    warnings: tuple[str, ...]
    outputs: Mapping[str, Array] = field(repr=False)

    @property
    def measure(self) -> str:
        """The measure that ranks the parameters."""
        return MEASURES.get(self.design.kind.kind, "first")

    @property
    def indicators(self) -> tuple[str, ...]:
        """The results that were looked at."""
        return tuple(self.outputs)

    def ranking(self, indicator: str) -> pd.DataFrame:
        """The parameters by influence on one indicator, the strongest first."""
        rows = self.table[(self.table["indicator"] == indicator) & (self.table["parameter"] != LUCK)]
        return rows.sort_values(self.measure, ascending=False, kind="stable").reset_index(drop=True)

    def unmoved(self, indicator: str) -> bool:
        """Whether no parameter moves an indicator at all."""
        values = self.outputs[indicator]
        return unmoved(values[~np.isnan(values).any(axis=1)])

    def plot(self, indicator: str, ax: Axes | None = None) -> Axes:
        """The parameters by influence, with intervals; luck as a line."""
        share = self.noise.loc[self.noise["indicator"] == indicator, "share"].iloc[0]
        return figures.ranking(self.output(indicator), self.ranking(indicator), self.measure, share, ax)

    def curve(self, parameter: str, indicator: str, ax: Axes | None = None) -> Axes:
        """The indicator over the values of one parameter; for designs that set it to few values.

        In a one-at-a-time design the other parameters are the scenario's; in others they take all their values.

        *Raises* ValueError where the parameter is not one of the design or takes too many values.
        """
        one_at_a_time = isinstance(self.design.kind, OneAtATime) and parameter in self.design.columns
        points = self.design.alone(parameter) if one_at_a_time else np.arange(self.design.points)
        return figures.curve(self.output(indicator), self.varied(parameter, points), points, ax)

    def heatmap(self, across: str, up: str, indicator: str, ax: Axes | None = None) -> Axes:
        """The indicator over the values of two parameters; for designs that set both to few values.

        *Raises* ValueError where a parameter is none of the design's, takes too many values, or a combination is
        missing.
        """
        points = np.arange(self.design.points)
        return figures.heatmap(self.output(indicator), self.varied(across, points), self.varied(up, points), ax)

    def output(self, indicator: str) -> figures.Output:
        """An indicator in all runs, to be drawn."""
        return figures.Output(indicator, self.year, self.outputs[indicator])

    def varied(self, parameter: str, points: Index) -> figures.Varied:
        """A parameter with its values at some points, to be drawn. *Raises* ValueError where it takes too many."""
        columns = self.design.columns
        if parameter not in columns:
            raise ValueError(f"'{parameter}' is not varied; there are {', '.join(columns)}")
        if len(distinct(columns[parameter])) > MOST_VALUES:
            raise ValueError(
                f"{parameter} takes more than {MOST_VALUES} values; use kind: oat or kind: grid for this picture"
            )
        values = columns[parameter][points]
        unit = next(axis.unit for axis in self.design.axes if axis.path == parameter)
        names = [label(value) for value in distinct(values)] if values.dtype == object else []
        return figures.Varied(parameter, unit, codes(values), names)

    def save(self, folder: str | Path) -> Path:
        """Write tables, warnings and pictures into a folder; after a screening also the design to go on with.

        The files are sensitivity.csv, noise.csv, summary.txt, a picture for every indicator and, after a screening,
        next.yaml; they replace those of an earlier analysis together.

        *Raises* OutputError where the disk refuses.
        """
        folder = Path(folder)
        with disk_errors(folder, NOTHING_CHANGED):
            folder.mkdir(parents=True, exist_ok=True)
            with replaced_files(folder, last="summary.txt") as partial:
                for name, text in files_of(self):
                    (partial / name).write_text(text, encoding="utf-8")
        return folder


def files_of(found: Sensitivity) -> Iterator[tuple[str, str]]:
    """Names and texts of the files of an analysis."""
    yield "sensitivity.csv", found.table.to_csv(index=False, lineterminator="\n")
    yield "noise.csv", found.noise.to_csv(index=False, lineterminator="\n")
    yield "summary.txt", "\n".join(lines(found)) + "\n"
    for indicator in found.indicators:
        with matplotlib.rc_context({"svg.hashsalt": indicator, "svg.fonttype": "none"}):
            figure = Figure(figsize=(7.0, height(found, indicator)), layout="constrained")
            found.plot(indicator, figure.add_subplot())
            yield f"{indicator}.svg", svg(figure)
    if isinstance(found.design.kind, Morris):
        yield NEXT, following(found)


def height(found: Sensitivity, indicator: str) -> float:
    """Inches that the ranking of an indicator needs."""
    return 1.5 + 0.28 * min(len(found.ranking(indicator)), figures.MOST_SHOWN)


def svg(figure: Figure) -> str:
    """The figure as SVG without a date."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


@in_money_of(lambda found: found.design.scenario.money)
def lines(found: Sensitivity) -> Iterator[str]:
    """The analysis as text: a table for every indicator, luck, advice, warnings."""
    design = found.design
    yield (
        f"{design.name}: {design.kind.kind}, {design.points:,} points x {design.replications} replications, "
        f"year {found.year}"
    )
    yield f"luck: {design.luck}, {LUCKS[design.luck]}"
    for indicator in found.indicators:
        yield ""
        if found.unmoved(indicator):
            yield from (indicator, f"  {NOTHING}")
            continue
        yield from ranked(found, indicator)
        noise = found.noise[found.noise["indicator"] == indicator].iloc[0]
        if np.isfinite(noise["share"]):
            many = int(noise["enough"])
            enough = f"{many:,} replications are enough" if many < MOST else "no number of replications is enough"
            yield (
                f"  luck is {noise['share']:.0%} of the variance of all runs; {enough}, {design.replications} were run"
            )
    if found.warnings:
        yield ""
        yield from (f"Warning: {text}" for text in found.warnings)


def ranked(found: Sensitivity, indicator: str) -> Iterator[str]:
    """The strongest parameters of one indicator, a line each."""
    measure, rows = found.measure, found.ranking(indicator).head(MOST_LINES)
    width, others = max(map(len, rows["parameter"])), BESIDE.get(measure, ())
    yield indicator
    yield f"  {'parameter':<{width}}  {measure:>12}  {'95 % interval':>25}" + "".join(
        f"  {name:>12}" for name in others
    )
    for row in rows.to_dict("records"):
        ends = f"{text(found, indicator, row[f'{measure}_low'])} to {text(found, indicator, row[f'{measure}_high'])}"
        more = "".join(f"  {text(found, indicator, row[name]):>12}" for name in others)
        raises = toward(found, row) if measure == "mu_star" else ""
        yield f"  {row['parameter']:<{width}}  {text(found, indicator, row[measure]):>12}  {ends:>25}{more}{raises}"


def toward(found: Sensitivity, row: Mapping[Any, Any]) -> str:
    """Which of the listed values raises the result: their order is that of the file, not one that `mu` could mean."""
    axis = next(axis for axis in found.design.axes if axis.path == row["parameter"])
    if not axis.listed or not row["mu"]:
        return ""
    return f"  {label(axis.values[-1 if row['mu'] > 0 else 0])} raises it"


def text(found: Sensitivity, indicator: str, value: Any) -> str:
    """A measure as text: a change in the unit of the indicator, or a share."""
    if found.measure in ("mu_star", "swing"):
        return figures.effect_text(indicator, float(value))
    return f"{100 * float(value):.1f} %"


def following(found: Sensitivity) -> str:
    """A Saltelli design over the parameters that the screening could tell from luck, for any of the indicators."""
    rows = found.table.dropna(subset=["mu_star"])
    floor = rows["luck"].fillna(0.0) if "luck" in rows else 0.0
    strong = set(rows.loc[rows["mu_star_low"] > floor, "parameter"])
    axes = [axis for axis in found.design.axes if axis.path in strong] or list(found.design.axes)
    stated = {
        "scenario": "store/scenario.yaml",
        "vary": {axis.path: values_of(axis) for axis in axes},
        "design": {"kind": "saltelli", "points": NEXT_POINTS},
        "replications": max(found.design.replications, FEWEST_HALVED),
        "record": list(found.design.record),
    }
    heading = "# Sobol indices of the parameters whose effect the screening could tell from luck."
    return "\n".join([heading, *yaml_lines(stated)]) + "\n"
