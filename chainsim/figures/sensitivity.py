"""Pictures of a sensitivity analysis: parameters by influence, one-at-a-time curves, two parameters as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainsim.figures.display import display, is_share, title
from chainsim.figures.results import COLOURS, axis_scale, fonts, new_axes
from chainsim.indicators.table import INDICATORS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_SHOWN = 15
"""Parameters in a ranking, the strongest ones."""

SECTIONS = ("stages", "levers")
"""Parts of a scenario whose names say nothing beside those of what is in them."""

MEANINGS = {
    "mu_star": "mean change over the whole range (mu*)",
    "total": "share of variance without luck, interactions included (total order)",
    "first": "share of variance (first order)",
    "swing": "swing over the values, the others as in the scenario",
}
"""What the length of a bar says."""


def named(indicator: str) -> tuple[str, str]:
    """Column and title of an indicator of the chain, a tier or a segment."""
    place, _, column = indicator.rpartition(".")
    return column, title(column) + (f" of {place.replace('_', ' ')}" if place else "")


class Output(NamedTuple):
    """What a picture is about: an indicator of one year and its values in all runs, (points, replications)."""

    indicator: str
    year: int
    values: NDArray[np.float64]

    @property
    def scale(self) -> tuple[float, str]:
        """Factor and unit that keep the numbers of the indicator short."""
        return axis_scale(named(self.indicator)[0], float(np.nanmax(np.abs(self.values))))


class Varied(NamedTuple):
    """A parameter with its values at some points, (points,); `names` of its levels, where they are no numbers."""

    path: str
    unit: str
    values: NDArray[np.float64]
    names: list[str]

    @property
    def title(self) -> str:
        """Path and unit."""
        return f"{self.path} ({self.unit})" if self.unit not in ("", "1") else self.path


def ranking(output: Output, table: pd.DataFrame, measure: str, share: float, ax: Axes | None = None) -> Axes:
    """Parameters by influence, the strongest on top, with 95 % intervals; luck as a dashed line where it compares.

    `table` has a row a parameter, the strongest first; `share` is that of luck in the variance of all runs.
    """
    rows = table.head(MOST_SHOWN).iloc[::-1]
    factor, unit = output.scale if measure in ("mu_star", "swing") else (100.0, "%")
    unit = "percentage points" if unit == "%" and measure in ("mu_star", "swing") else unit
    ax = ax if ax is not None else new_axes(1)[0]
    with fonts(ax):
        marks(ax, rows, measure, factor)
        ax.set_yticks(range(len(rows)), [short(path) for path in rows["parameter"]], fontsize="small")
        luck = f"\nluck is {share:.0%} of the variance of all runs" if np.isfinite(share) else ""
        ax.set_xlabel(f"{MEANINGS[measure]}{f', {unit}' if unit else ''}; lines hold 95 %{luck}", fontsize="small")
        ax.set_title(finding(output, table.iloc[0], measure), loc="left", fontsize="medium")
        ax.set_xlim(left=min(0.0, 1.05 * float(np.nanmin(rows[[measure, f"{measure}_low"]])) * factor))
        ax.set_ylim(-0.7, len(rows) - 0.3)
        ax.spines[["top", "right", "left"]].set_visible(False)
        ax.grid(axis="x", linewidth=0.5, alpha=0.4)
    return ax


def marks(ax: Axes, rows: pd.DataFrame, measure: str, factor: float) -> None:
    """The measure of every row with its interval, and what is known beside it: direction, share alone, luck."""
    place, middle = np.arange(len(rows)), rows[measure].to_numpy() * factor
    low, high = (rows[f"{measure}_{end}"].fillna(rows[measure]).to_numpy() * factor for end in ("low", "high"))
    ax.hlines(place, low, high, color=COLOURS[5], linewidth=2.0, alpha=0.7)
    if "mu" in rows:
        falls = rows["mu"].to_numpy() < 0
        for said, colour, chosen in (
            ("its higher or last value raises it", COLOURS[0], ~falls),
            ("lowers it", COLOURS[1], falls),
        ):
            ax.plot(middle[chosen], place[chosen], "o", color=colour, markersize=5, label=said)
    else:
        ax.plot(middle, place, "o", color=COLOURS[0], markersize=5)
    if measure == "total":
        alone = rows["first"].to_numpy() * factor
        ax.plot(alone, place, "|", color=COLOURS[1], markersize=10, markeredgewidth=1.8, label="alone")
    if ax.get_legend_handles_labels()[1]:
        ax.legend(fontsize="small", loc="lower right", edgecolor="none")
    if "luck" in rows and rows["luck"].notna().any():
        floor = float(rows["luck"].mean()) * factor
        ax.axvline(floor, color=COLOURS[1], linestyle=(0, (4, 2)), linewidth=1.0)
        ax.annotate(" luck alone", (floor, len(rows) - 0.35), color=COLOURS[1], fontsize="small", va="top")


def finding(output: Output, first: pd.Series, measure: str) -> str:
    """What the ranking shows, for a title: the strongest parameter, unless luck alone could have put it there."""
    name, floor = named(output.indicator)[1], first.get("luck", 0.0)
    if not first[f"{measure}_low"] > (0.0 if np.isnan(floor) else floor):
        return f"{name}, {output.year}: nothing is seen to move it beyond luck"
    return f"{name}, {output.year}: {short(first['parameter']).replace(':', '')} matters most"


def short(path: str) -> str:
    """A path without the part of the scenario that it is in: `sourcing: home offset`."""
    parts = path.split(".")
    return ": ".join(part.replace("_", " ") for part in parts[parts[0] in SECTIONS and len(parts) > 2 :])


def curve(output: Output, parameter: Varied, points: NDArray[np.int64], ax: Axes | None = None) -> Axes:
    """The indicator over the values of a parameter: median of the runs and bands that hold 50 and 90 % of them.

    `points` are those that are drawn, (n,), and the parameter has its values at them.
    """
    levels, group = np.unique(parameter.values, return_inverse=True)
    runs = output.values[points]
    factor, unit = output.scale
    places = np.arange(len(levels)) if parameter.names else levels
    ax = ax if ax is not None else new_axes(1)[0]
    with fonts(ax):
        bands = [
            np.nanquantile(runs[group == level] * factor, (0.05, 0.25, 0.5, 0.75, 0.95)) for level in range(len(levels))
        ]
        low, lower, middle, upper, high = np.array(bands).T
        ax.fill_between(places, low, high, color=COLOURS[0], alpha=0.18, linewidth=0)
        ax.fill_between(places, lower, upper, color=COLOURS[0], alpha=0.30, linewidth=0)
        ax.plot(places, middle, color=COLOURS[0], marker="o", markersize=4, linewidth=1.8)
        _, name = named(output.indicator)
        if parameter.names:
            ax.set_xticks(places, parameter.names)
        ax.set_xlabel(parameter.title)
        ax.set_ylabel(f"{name} ({unit})" if unit else name)
        ax.set_title(
            f"{name} over {short(parameter.path)}, {output.year}: median, 50 and 90 % of runs",
            loc="left",
            fontsize="medium",
        )
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", linewidth=0.5, alpha=0.4)
    return ax


def heatmap(output: Output, across: Varied, up: Varied, ax: Axes | None = None) -> Axes:
    """The mean of the indicator over the values of two parameters, averaged over all others.

    *Raises* ValueError where a combination is missing.
    """
    (columns, column), (rows, row) = (np.unique(varied.values, return_inverse=True) for varied in (across, up))
    factor, unit = output.scale
    means = np.nanmean(output.values, axis=1) * factor
    cells = np.bincount(row * len(columns) + column, minlength=len(rows) * len(columns))
    if not cells.all():
        raise ValueError(
            f"some combinations of {across.path} and {up.path} were not run; use kind: grid for a heat map"
        )
    sums = np.bincount(row * len(columns) + column, weights=means)
    image = (sums / cells).reshape(len(rows), len(columns))
    ax = ax if ax is not None else new_axes(1)[0]
    with fonts(ax):
        drawn = ax.imshow(image, origin="lower", aspect="auto", cmap="cividis")
        ax.set_xticks(range(len(columns)), across.names or [f"{value:.6g}" for value in columns])
        ax.set_yticks(range(len(rows)), up.names or [f"{value:.6g}" for value in rows])
        ax.set_xlabel(across.title)
        ax.set_ylabel(up.title)
        _, name = named(output.indicator)
        ax.figure.colorbar(drawn, ax=ax, label=f"{name} ({unit})" if unit else name)
        ax.set_title(f"{name} over two parameters, {output.year}: mean of runs", loc="left", fontsize="medium")
    return ax


def effect_text(indicator: str, value: float) -> str:
    """A change of an indicator as text."""
    column, _ = named(indicator)
    if column not in INDICATORS or not np.isfinite(value):
        return "–"
    shown, points = display(column), is_share(column)
    decimals = max(shown.decimals, 2) if points else shown.decimals
    return f"{value * shown.factor:,.{decimals}f} {'points' if points else shown.unit}".strip()
