"""Pictures of a sensitivity analysis: parameters by influence, one-at-a-time curves, two parameters as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chainsim.experiments.axes import label
from chainsim.experiments.sampling import OneAtATime
from chainsim.figures.display import display, is_share, title
from chainsim.figures.results import COLOURS, axis_scale, fonts, new_axes
from chainsim.indicators import INDICATORS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from chainsim.experiments.sensitivity import Sensitivity

MOST_SHOWN = 15
"""Parameters in a ranking, the strongest ones."""
MOST_VALUES = 40
"""Values of a parameter up to which a curve or a heat map is drawn."""

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


def ranking(found: Sensitivity, indicator: str, ax: Axes | None = None) -> Axes:
    """Parameters by influence, the strongest on top, with 95 % intervals; luck as a dashed line where it compares."""
    rows = found.ranking(indicator).head(MOST_SHOWN).iloc[::-1]
    measure = found.measure
    factor, unit = scale_of(found, indicator) if measure in ("mu_star", "swing") else (100.0, "%")
    unit = "percentage points" if unit == "%" and measure in ("mu_star", "swing") else unit
    ax = ax if ax is not None else new_axes(1)[0]
    with fonts():
        marks(ax, rows, measure, factor)
        ax.set_yticks(range(len(rows)), [short(path) for path in rows["parameter"]], fontsize="small")
        share = found.noise.loc[found.noise["indicator"] == indicator, "share"].iloc[0]
        luck = f"\nluck is {share:.0%} of the variance of all runs" if np.isfinite(share) else ""
        ax.set_xlabel(f"{MEANINGS[measure]}{f', {unit}' if unit else ''}; lines hold 95 %{luck}", fontsize="small")
        ax.set_title(finding(found, indicator), loc="left", fontsize="medium")
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
        for said, colour, chosen in (("raises it", COLOURS[0], ~falls), ("lowers it", COLOURS[1], falls)):
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


def finding(found: Sensitivity, indicator: str) -> str:
    """What the ranking shows, for a title: the strongest parameter, unless luck alone could have put it there."""
    first, name = found.ranking(indicator).iloc[0], named(indicator)[1]
    floor = first.get("luck", 0.0)
    if not first[f"{found.measure}_low"] > (0.0 if np.isnan(floor) else floor):
        return f"{name}, {found.year}: nothing is seen to move it beyond luck"
    return f"{name}, {found.year}: {short(first['parameter']).replace(':', '')} matters most"


def short(path: str) -> str:
    """A path without the part of the scenario that it is in: `sourcing: home offset`."""
    parts = path.split(".")
    return ": ".join(part.replace("_", " ") for part in parts[parts[0] in SECTIONS and len(parts) > 2 :])


def scale_of(found: Sensitivity, indicator: str) -> tuple[float, str]:
    """Factor and unit that keep the numbers of an indicator short."""
    column, _ = named(indicator)
    return axis_scale(column, float(np.nanmax(np.abs(found.outputs[indicator]))))


def curve(found: Sensitivity, parameter: str, indicator: str, ax: Axes | None = None) -> Axes:
    """The indicator over the values of a parameter: median of the runs and bands that hold 50 and 90 % of them.

    In a one-at-a-time design the other parameters are the scenario's; in others they take all their values.

    *Raises* ValueError where the parameter is not one of the design or takes too many values.
    """
    from chainsim.experiments.sensitivity import alone

    values = varied(found, parameter)
    points = alone(found.design, parameter) if isinstance(found.design.kind, OneAtATime) else np.arange(len(values))
    levels, group = np.unique(sortable(values[points]), return_inverse=True)
    runs = found.outputs[indicator][points]
    factor, unit = scale_of(found, indicator)
    places, texts = positions(values[points], levels)
    ax = ax if ax is not None else new_axes(1)[0]
    with fonts():
        bands = [
            np.nanquantile(runs[group == level] * factor, (0.05, 0.25, 0.5, 0.75, 0.95)) for level in range(len(levels))
        ]
        low, lower, middle, upper, high = np.array(bands).T
        ax.fill_between(places, low, high, color=COLOURS[0], alpha=0.18, linewidth=0)
        ax.fill_between(places, lower, upper, color=COLOURS[0], alpha=0.30, linewidth=0)
        ax.plot(places, middle, color=COLOURS[0], marker="o", markersize=4, linewidth=1.8)
        _, name = named(indicator)
        if texts:
            ax.set_xticks(places, texts)
        ax.set_xlabel(axis_name(found, parameter))
        ax.set_ylabel(f"{name} ({unit})" if unit else name)
        ax.set_title(
            f"{name} over {short(parameter)}, {found.year}: median, 50 and 90 % of runs",
            loc="left",
            fontsize="medium",
        )
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", linewidth=0.5, alpha=0.4)
    return ax


def heatmap(found: Sensitivity, across: str, up: str, indicator: str, ax: Axes | None = None) -> Axes:
    """The mean of the indicator over the values of two parameters, averaged over all others.

    *Raises* ValueError where a parameter is not one of the design, takes too many values, or a combination is missing.
    """
    first, second = varied(found, across), varied(found, up)
    (columns, column), (rows, row) = (np.unique(sortable(values), return_inverse=True) for values in (first, second))
    factor, unit = scale_of(found, indicator)
    means = np.nanmean(found.outputs[indicator], axis=1) * factor
    cells = np.bincount(row * len(columns) + column, minlength=len(rows) * len(columns))
    if not cells.all():
        raise ValueError(f"some combinations of {across} and {up} were not run; use kind: grid for a heat map")
    sums = np.bincount(row * len(columns) + column, weights=means)
    image = (sums / cells).reshape(len(rows), len(columns))
    ax = ax if ax is not None else new_axes(1)[0]
    with fonts():
        drawn = ax.imshow(image, origin="lower", aspect="auto", cmap="cividis")
        ax.set_xticks(range(len(columns)), positions(first, columns)[1] or [label(float(value)) for value in columns])
        ax.set_yticks(range(len(rows)), positions(second, rows)[1] or [label(float(value)) for value in rows])
        ax.set_xlabel(axis_name(found, across))
        ax.set_ylabel(axis_name(found, up))
        _, name = named(indicator)
        ax.figure.colorbar(drawn, ax=ax, label=f"{name} ({unit})" if unit else name)
        ax.set_title(f"{name} over two parameters, {found.year}: mean of runs", loc="left", fontsize="medium")
    return ax


def varied(found: Sensitivity, parameter: str) -> NDArray[Any]:
    """The values of a parameter by point."""
    columns = found.design.columns
    if parameter not in columns:
        raise ValueError(f"'{parameter}' is not varied; there are {', '.join(columns)}")
    if len({label(value) for value in columns[parameter].tolist()}) > MOST_VALUES:
        raise ValueError(
            f"{parameter} takes more than {MOST_VALUES} values; use kind: oat or kind: grid for this picture"
        )
    return columns[parameter]


def sortable(values: NDArray[Any]) -> NDArray[Any]:
    """Numbers as they are; words and blocks by the order of their first occurrence."""
    from chainsim.experiments.sensitivity import codes

    return codes(values)


def positions(values: NDArray[Any], levels: NDArray[Any]) -> tuple[NDArray[Any], list[str]]:
    """Where the levels stand on an axis, and their names where they are no numbers."""
    if values.dtype != object:
        return levels, []
    return np.arange(len(levels)), list(dict.fromkeys(label(value) for value in values.tolist()))


def axis_name(found: Sensitivity, parameter: str) -> str:
    """Path and unit of a parameter."""
    unit = next(axis.unit for axis in found.design.axes if axis.path == parameter)
    return f"{parameter} ({unit})" if unit not in ("", "1") else parameter


def effect_text(indicator: str, value: float) -> str:
    """A change of an indicator as text."""
    column, _ = named(indicator)
    if column not in INDICATORS or not np.isfinite(value):
        return "–"
    shown, points = display(column), is_share(column)
    decimals = max(shown.decimals, 2) if points else shown.decimals
    return f"{value * shown.factor:,.{decimals}f} {'points' if points else shown.unit}".strip()
