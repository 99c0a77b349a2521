"""Fan charts of the report: one small SVG for each indicator and tier, with the same bytes on every build."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from chainsim.figures.display import title
from chainsim.figures.results import (
    COLOURS,
    axis_scale,
    fan,
    finish_axes,
    fonts,
    observations,
    observed_of,
    points,
    spread_runs,
)
from chainsim.indicators.table import INDICATORS
from chainsim.runs.results import Result

CHARTS = ("output", "localization_rate_fixed", "employment", "employment_skilled", "rd", "productivity")
SIZE = (3.1, 2.05)
"""Width and height of a panel, inches."""
BOX = (0.135, 0.125, 0.845, 0.755)
"""Place of the axes in a panel: left, bottom, width, height, shares of the figure."""
SETTINGS: Any = {
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 8,
    "axes.linewidth": 0.6,
    "path.simplify": False,
}


@dataclass(frozen=True)
class Panel:
    """One fan chart with its heading; `kind` is chain, tier or application; empty where all values are zero."""

    name: str
    kind: str
    svg: Markup
    observed: bool = False


@dataclass(frozen=True)
class Chart:
    """An indicator: its panels, the chain first, application tiers apart."""

    title: str
    meaning: str
    near: tuple[Panel, ...]
    apart: tuple[Panel, ...]

    @classmethod
    def of(cls, indicator: str, panels: Sequence[Panel]) -> Chart:
        """The chart of an indicator."""
        near = tuple(item for item in panels if item.kind != "application")
        apart = tuple(item for item in panels if item.kind == "application")
        return cls(title(indicator), INDICATORS[indicator].meaning, near, apart)


class Sheet:
    """Axes on which panels of one kind are drawn one after the other: new ones take half of the time of a panel.

    Nothing of the panel before is left: the bytes are those of a panel drawn on axes of its own.
    """

    def __init__(self) -> None:
        self.figure = Figure(figsize=SIZE)
        with matplotlib.rc_context(SETTINGS):
            self.axes = self.figure.add_axes(BOX)

    def clean(self) -> Axes:
        """The axes, empty."""
        for container in [*self.axes.containers]:
            container.remove()  # error bars, and their lines with them
        for item in (*self.axes.lines, *self.axes.collections):
            item.remove()
        self.axes.relim()
        self.axes.autoscale()
        return self.axes


def charts(result: Result) -> list[Chart]:
    """The fan charts of the report."""
    sheet = Sheet()
    return [chart(result, indicator, sheet) for indicator in CHARTS if indicator in result.region]


def chart(result: Result, indicator: str, sheet: Sheet | None = None) -> Chart:
    """All panels of an indicator."""
    chain, seen = result.scenario.chain, observations(result.scenario)
    region = result.region[["scope", "year", "replication", indicator]]
    of_chain = observed_of(seen, indicator, "chain")
    panels = [panel("The chain", "chain", region[region["scope"] == "chain"], indicator, of_chain, sheet)]
    if indicator in result.tiers:
        by_tier = dict(iter(result.tiers[["tier", "year", "replication", indicator]].groupby("tier", observed=True)))
        for tier in chain.tiers:
            kind = "application" if tier in chain.application else "tier"
            seen_there = observed_of(seen, indicator, tier)
            heading = tier.replace("_", " ").capitalize()
            panels.append(panel(heading, kind, by_tier[tier], indicator, seen_there, sheet))
    return Chart.of(indicator, panels)


def panel(
    name: str,
    kind: str,
    rows: pd.DataFrame,
    indicator: str,
    observed: pd.DataFrame | None = None,
    sheet: Sheet | None = None,
) -> Panel:
    """A fan chart of the rows of one tier or of the chain, with what was observed as points."""
    values = spread_runs(rows, indicator)
    if not values.to_numpy().any():
        return Panel(name, kind, Markup())
    factor, unit = axis_scale(indicator, float(values.abs().max().max()))

    def draw(ax: Axes) -> None:
        fan(ax, values * factor, middle=np.mean, color=colour_of(kind))
        points(ax, observed, factor)
        finish_axes(ax, indicator, unit)
        label_unit(ax, unit)

    label = f"{title(indicator)}, {name.lower()}, {unit}"
    label += "" if observed is None else ", with what was observed as points"
    return Panel(name, kind, figure_svg(f"{indicator}-{name}", SIZE, BOX, draw, label, sheet), observed is not None)


def colour_of(kind: str) -> str:
    """Colour of the line of a panel of the chain, of a tier, or of an application tier."""
    return COLOURS[0 if kind == "chain" else 5 if kind == "application" else 2]


def label_unit(ax: Axes, unit: str) -> None:
    """The unit above the vertical axis, in place of a label beside it."""
    ax.set_ylabel("")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_label_coords(0.0, 0.0)  # else room is sought for labels that are empty, an eighth of the drawing
    ax.set_title(unit, loc="left", fontsize=8, x=-0.14, y=1.03)


def figure_svg(
    name: str,
    size: tuple[float, float],
    box: tuple[float, float, float, float],
    draw: Callable[[Axes], Any],
    label: str,
    sheet: Sheet | None = None,
) -> Markup:
    """One figure as SVG of a size (inches): `draw` fills axes in the box (left, bottom, width, height; shares).

    A panel that shares a `sheet` with others is drawn on that, unless it is to be kept as a file as well.
    """
    key = re.sub(r"\W", "_", name)
    with matplotlib.rc_context(SETTINGS | {"svg.hashsalt": key}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # text of the page is drawn by the browser, in its fonts
        folder = PLACE.get()
        if sheet is not None and folder is None:
            axes = sheet.clean()
            figure = sheet.figure
        else:
            figure = Figure(figsize=size)
            axes = figure.add_axes(box)
        draw(axes)
        svg = to_svg(figure, key, label)
    if folder is not None:
        save_picture(figure, folder / key.lower(), label)
    return svg


PLACE: ContextVar[Path | None] = ContextVar("folder of pictures", default=None)
"""Where the pictures of pages that are drawn now are written as files as well."""


@contextmanager
def pictures_into(folder: Path) -> Iterator[None]:
    """Write every picture of the pages drawn in the block into a folder too, as SVG and PNG."""
    token = PLACE.set(folder)
    try:
        yield
    finally:
        PLACE.reset(token)


def save_picture(figure: Figure, path: Path, label: str) -> None:
    """A picture that stands by itself: its label above it, a legend where lines have names, 300 dots an inch."""
    (axes,) = figure.axes
    with (
        matplotlib.rc_context(SETTINGS | {"svg.hashsalt": path.name, "svg.fonttype": "path"}),
        fonts(axes),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", "Glyph .* missing")
        if axes.get_legend() is None and len(axes.get_legend_handles_labels()[1]) > 1:
            axes.legend(frameon=False, fontsize="small")
        figure.text(0.0, 1.03, label, fontsize=9, va="bottom")
        for end, more in ((".svg", {"metadata": {"Date": None}}), (".png", {"dpi": 300})):
            figure.savefig(path.with_suffix(end), bbox_inches="tight", **more)


def to_svg(figure: Figure, key: str, label: str) -> Markup:
    """The figure as an inline SVG element: no date, part names unique on the page, size left to the page."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    text = buffer.getvalue()
    box = re.search(r'viewBox="[^"]*"', text)
    body = text[text.index(">", text.index("<svg")) + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{key}-", body)
    head = Markup('<svg {} role="img" aria-label="{}">').format(Markup(box[0] if box else ""), label)  # noqa: S704
    return head + Markup(re.sub(r"\s*\n\s*", "\n", body))  # noqa: S704 - drawn here, all free text is in the label
