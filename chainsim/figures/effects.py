"""Pictures of comparisons: effects over the years, cost against achievement, money by lever and by recipient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from chainsim.economy.parameters import in_money
from chainsim.economy.types import Array
from chainsim.figures.display import is_share, title
from chainsim.figures.results import COLOURS, Series, axis_scale, draw_lines, fonts, keys, largest, new_axes, tick
from chainsim.figures.stacked import HATCHES
from chainsim.scenario.schema import Chain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot(lines: list[Series], policy: str, indicator: str, ax: Axes | None = None) -> Axes:
    """Draw the effect of a policy on an indicator over the years and return the axes, the unit on the vertical one.

    Application tiers have axes of their own (`ax.figure.axes[1]`), and are left out where the axes are given.
    """
    near, far = [line for line in lines if not line.apart], [line for line in lines if line.apart]
    axes = [ax] if ax is not None else new_axes(2 if near and far else 1, legend_beside=len(near) > len(COLOURS))
    heading = f"Effect of {policy}: {title(indicator)[0].lower()}{title(indicator)[1:]}"
    if title(indicator).startswith("R&D"):
        heading = f"Effect of {policy}: {title(indicator)}"
    with fonts(*axes):
        draw(axes[0], near or far, indicator)
        axes[0].set_title(heading if len(axes) == 1 else "Chain", loc="left", fontsize="medium")
        if len(axes) > 1:
            draw(axes[1], far, indicator, first_colour=len(COLOURS) - 1)
            axes[1].set_title("Application tier", loc="left", fontsize="medium")
            axes[0].figure.suptitle(heading, x=0.01, horizontalalignment="left")
    return axes[0]


def series(rows: pd.DataFrame, pairs: Array, chain: Chain, by: str | None = None) -> list[Series]:
    """The lines to draw: paired differences (R, rows) by year and pair, one line a key in the order of the scenario.

    `rows` has the year and, unless `by` is None, the scope, tier, industry, segment or park of every row.
    """
    if by is None:
        return [Series("chain", _frame(rows["year"], pairs))]
    found = [(key, (rows[by] == key.name).to_numpy()) for key in keys(chain, by, rows[by])]
    return [
        Series(key.label, _frame(rows["year"][chosen], pairs[:, chosen]), key.apart)
        for key, chosen in found
        if chosen.any()
    ]


def _frame(years: pd.Series, pairs: Array) -> pd.DataFrame:
    return pd.DataFrame(pairs.T, index=pd.Index(years, name="year"))


def draw(ax: Axes, lines: list[Series], indicator: str, first_colour: int = 0) -> None:
    """All lines with their bands around a line at zero."""
    factor, unit = effect_scale(indicator, largest(lines))
    bands = draw_lines(ax, lines, factor, first_colour, np.mean)
    finish(ax, f"Effect on {title(indicator)[0].lower()}{title(indicator)[1:]} ({unit})" if unit else "Effect")
    pairs = lines[0].values.shape[1]
    ax.set_xlabel("one pair of runs" if pairs == 1 else _note(pairs, bands), fontsize="small")


def _note(pairs: int, bands: bool) -> str:
    return f"mean of {pairs} pairs" + ("; bands hold 50 and 90 % of them" if bands else "")


def effect_scale(indicator: str, largest: float) -> tuple[float, str]:
    """Factor and unit of effects: percentage points for shares."""
    factor, unit = axis_scale(indicator, largest)
    return (factor, "percentage points") if is_share(indicator) else (factor, unit)


def finish(ax: Axes, ylabel: str = "") -> None:
    """Whole years below, a line at zero, no frame."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.axhline(0.0, color="#1c2733", linewidth=0.9, zorder=1.5)
    ax.set_ylabel(ylabel)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.yaxis.set_major_formatter(FuncFormatter(tick))
    low, high = ax.get_ylim()
    if ax.dataLim.intervaly[0] == ax.dataLim.intervaly[1] == 0.0:
        low, high = -1.0, 1.0
    ax.set_ylim(low, high)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", linewidth=0.5, alpha=0.4)


def plane(cost: Array, gain: Array, names: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Net cost (CNY million) against job-years, a dot for every pair with their mean, or for every name."""
    ax = ax or new_axes(1)[0]
    ax.scatter(cost, gain, s=26, color=COLOURS[0], alpha=0.65, linewidth=0)
    with fonts():
        for name, *place in zip(names, cost, gain, strict=bool(names)):
            ax.annotate(
                name.replace("_", " "),
                (place[0], place[1]),
                xytext=(4, 4),
                textcoords="offset points",
                fontsize="small",
            )
    if not names and len(cost) > 1:
        ax.scatter([cost.mean()], [gain.mean()], marker="D", s=42, color=COLOURS[1], zorder=3, label="mean")
        ax.legend(frameon=False, fontsize="small")
    finish(ax, "Net job-years (person-years)")
    ax.margins(0.12)
    ax.axvline(0.0, color="#1c2733", linewidth=0.9, zorder=1.5)
    ax.set_xlabel(in_money("Net cost (CNY million): outlay less tax return"), fontsize="small")
    from matplotlib.ticker import FuncFormatter

    ax.xaxis.set_major_formatter(FuncFormatter(tick))
    return ax


def policies(cost: Array, gain: Array, names: Sequence[str], ax: Axes | None = None) -> Axes:
    """Net cost (CNY million) against job-years by policy, (policies, pairs): means, bounds of nine pairs in ten."""
    ax = ax or new_axes(1)[0]
    middle = [values.mean(axis=1) for values in (cost, gain)]
    bounds = [np.abs(np.quantile(values, (0.05, 0.95), axis=1) - values.mean(axis=1)) for values in (cost, gain)]
    for number in range(len(names)):
        ax.errorbar(
            middle[0][number],
            middle[1][number],
            xerr=bounds[0][:, [number]],
            yerr=bounds[1][:, [number]],
            fmt="osD^vP"[number % 6],
            color=COLOURS[number % len(COLOURS)],
            linewidth=1,
            markersize=6,
        )
    finish(ax, "Net job-years (person-years)")
    ax.margins(0.15)
    apart(ax, names, *middle)
    ax.axvline(0.0, color="#1c2733", linewidth=0.9, zorder=1.5)
    ax.set_xlabel(in_money("Net cost (CNY million): outlay less tax return"), fontsize="small")
    from matplotlib.ticker import FuncFormatter

    ax.xaxis.set_major_formatter(FuncFormatter(tick))
    return ax


def outlays(table: pd.DataFrame, ax: Axes | None = None, most: int = 5) -> Axes:
    """Outlay stacked by lever over the years, small ones together; (years, levers), CNY million, largest first."""
    ax = ax or new_axes(1)[0]
    table = table.loc[:, table.sum() > 0]
    if table.shape[1] > most + 1:
        rest = table.iloc[:, most:].sum(axis=1).rename(f"{table.shape[1] - most} others")
        table = pd.concat([table.iloc[:, :most], rest], axis=1)
    bottom = np.zeros(len(table))
    for number, name in enumerate(table):
        height = table[name].to_numpy()
        ax.bar(
            table.index,
            height,
            bottom=bottom,
            width=0.86,
            color=COLOURS[number % len(COLOURS)],
            hatch=HATCHES[number % len(HATCHES)],
            edgecolor="white",
            linewidth=0.4,
            label=str(name).replace("_", " "),
        )
        bottom += height
    finish(ax, in_money("Outlay (CNY million a year)"))
    if table.shape[1]:
        with fonts():
            ax.legend(frameon=False, fontsize="small", loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    return ax


def ranked(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Outlay (CNY million) against job-years by lever of a ranking's table: alone, and left out, with their bounds."""
    ax = ax or new_axes(1)[0]
    for number, (how, marker, words) in enumerate(
        (("left_out", "o", "what the policy loses without it"), ("alone", "D", "what it does alone"))
    ):
        rows = table[table["how"] == how]
        cost, gain = rows["outlay"].to_numpy(), rows["job_years"].to_numpy()
        bounds = np.nan_to_num(np.abs(rows[["job_years_low", "job_years_high"]].to_numpy().T - gain))
        ax.errorbar(
            cost, gain, bounds, fmt=marker, color=COLOURS[number], markersize=5, linewidth=1, alpha=0.8, label=words
        )
    finish(ax, "Job-years over all years")
    ax.margins(0.12)
    rows = table[table["how"] == "left_out"]
    apart(ax, [str(name) for name in rows["lever"]], rows["outlay"].to_numpy(), rows["job_years"].to_numpy())
    ax.set_xlabel(in_money("Outlay over all years (CNY million)"), fontsize="small")
    ax.legend(frameon=False, fontsize="small")
    from matplotlib.ticker import FuncFormatter

    ax.xaxis.set_major_formatter(FuncFormatter(tick))
    return ax


NEAR, LINE = 0.24, 0.042
"""Width of a name and height of a line of text, shares of the axes."""


def apart(ax: Axes, names: Sequence[str], across: Array, up: Array) -> None:
    """Names beside their points, moved up or down until none lies on another, with a hair to the point."""
    ax.autoscale_view()
    low, high = ax.get_ylim()
    ax.set_xlim(*ax.get_xlim())
    ax.set_ylim(low, high)
    places = ax.transAxes.inverted().transform(ax.transData.transform(np.column_stack([across, up])))
    taken: list[tuple[float, float]] = []
    with fonts():
        for number in np.argsort(places[:, 1], kind="stable"):
            x, y = places[number] + (0.0, 0.8 * LINE)
            while any(abs(x - other) < NEAR and abs(y - line) < LINE for other, line in taken):
                y += LINE / 4
            taken.append((x, y))
            ax.annotate(
                names[number].replace("_", " "),
                (across[number], up[number]),
                xytext=(x + 0.015, y),
                textcoords="axes fraction",
                va="center",
                fontsize="small",
                arrowprops={"arrowstyle": "-", "linewidth": 0.4, "color": COLOURS[5]},
            )
