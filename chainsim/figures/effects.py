"""Pictures of comparisons: effects over the years, cost against achievement, money by lever and by recipient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from chainsim.effects.costs import items
from chainsim.effects.table import values
from chainsim.figures.display import display, is_share, title
from chainsim.figures.results import COLOURS, MOST_BANDS, Series, axis_scale, fan, fonts, label, new_axes, style, tick

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from chainsim.effects.effect import Effect

HATCHES = ("", "///", "...", "\\\\\\", "xx", "--")
"""Fills of stacked areas: with colours of different lightness they survive greyscale."""


def plot(effect: Effect, indicator: str, by: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the effect on an indicator over the years and return the axes, the unit on the vertical one.

    Without `by` it is that of the chain; 'tier', 'segment' and 'scope' draw one line each, application tiers on axes of
    their own (`ax.figure.axes[1]`), left out where the axes are given.

    *Raises* ValueError where the indicator or `by` is unknown, or the effect is of several policies.
    """
    lines = series(effect, indicator, by)
    near, far = [line for line in lines if not line.apart], [line for line in lines if line.apart]
    axes = [ax] if ax is not None else new_axes(2 if near and far else 1, legend_beside=len(near) > len(COLOURS))
    heading = f"Effect of {effect.names[0]}: {title(indicator)[0].lower()}{title(indicator)[1:]}"
    if title(indicator).startswith("R&D"):
        heading = f"Effect of {effect.names[0]}: {title(indicator)}"
    with fonts():
        draw(axes[0], near or far, indicator)
        axes[0].set_title(heading if len(axes) == 1 else "Chain", loc="left", fontsize="medium")
        if len(axes) > 1:
            draw(axes[1], far, indicator, first_colour=len(COLOURS) - 1)
            axes[1].set_title("Application tier", loc="left", fontsize="medium")
            axes[0].figure.suptitle(heading, x=0.01, horizontalalignment="left")
    return axes[0]


def series(effect: Effect, indicator: str, by: str | None) -> list[Series]:
    """Paired differences by year and pair, one line a key, in the order of the scenario."""
    both = values(effect.base, effect.policy, indicator, by)
    if by is None:
        return [Series("chain", _frame(both.keys["year"], both.effect))]
    chain, lines = effect.base.scenario.chain, []
    for name in {"scope": ("chain", "all"), "tier": chain.tiers, "segment": tuple(chain.segments)}[by]:
        chosen = (both.keys[by] == name).to_numpy()
        if chosen.any():
            tier = chain.segments[name].tier if by == "segment" else name
            frame = _frame(both.keys["year"][chosen], both.effect[:, chosen])
            lines.append(Series(label(effect.base, name), frame, tier in chain.application))
    return lines


def _frame(years: Any, pairs: Any) -> pd.DataFrame:
    return pd.DataFrame(pairs.T, index=pd.Index(years, name="year"))


def draw(ax: Axes, lines: list[Series], indicator: str, first_colour: int = 0) -> None:
    """All lines with their bands around a line at zero."""
    factor, unit = effect_scale(indicator, max(float(line.values.abs().max().max()) for line in lines))
    bands = len(lines) <= MOST_BANDS
    for number, line in enumerate(lines):
        fan(ax, line.values * factor, line.label, bands, **style(number, len(lines), first_colour))
    finish(ax, f"Effect on {title(indicator)[0].lower()}{title(indicator)[1:]} ({unit})" if unit else "Effect")
    pairs = lines[0].values.shape[1]
    ax.set_xlabel("one pair of runs" if pairs == 1 else _note(pairs, bands), fontsize="small")
    if len(lines) > len(COLOURS):
        ax.legend(frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))
    elif len(lines) > 1:
        ax.legend(frameon=False, fontsize="small")


def _note(pairs: int, bands: bool) -> str:
    return f"median of {pairs} pairs" + ("; bands hold 50 and 90 % of them" if bands else "")


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


class Point(NamedTuple):
    """A point of the cost-effectiveness plane."""

    label: str
    cost: float
    achieved: float


def points(effect: Effect, achieved: str = "job_years") -> list[Point]:
    """Net cost and achievement of every pair, CNY million and person-years (or CNY million of value added)."""
    found = items(effect.base, effect.policy)
    pairs = zip(found["net_cost"].pairs, found[achieved].pairs, strict=True)
    return [Point("", float(cost), float(gain)) for cost, gain in pairs]


def lever_points(effect: Effect) -> list[Point]:
    """Net cost (outlay less tax return) and job-years of every lever or group by its mean Shapley share."""
    shares = effect.split.shares.pivot_table(index="player", columns="measure", values="share", sort=False)
    rows = shares.drop(index="total")
    return [
        Point(str(name), float(row["outlay"] - row["tax_return"]), float(row["job_years"]))
        for name, row in rows.iterrows()
    ]


def plane(effect: Effect, ax: Axes | None = None, by_lever: bool = False) -> Axes:
    """Net cost against job-years, a dot for every pair, or with `by_lever` for every lever of a split."""
    ax = ax or new_axes(1)[0]
    shown = lever_points(effect) if by_lever else points(effect)
    cost, gain = np.array([point.cost for point in shown]), np.array([point.achieved for point in shown])
    ax.scatter(cost, gain, s=26, color=COLOURS[0], alpha=0.65, linewidth=0)
    for point in shown:
        ax.annotate(
            point.label.replace("_", " "),
            (point.cost, point.achieved),
            xytext=(4, 4),
            textcoords="offset points",
            fontsize="small",
        )
    if not by_lever and len(shown) > 1:
        ax.scatter([cost.mean()], [gain.mean()], marker="D", s=42, color=COLOURS[1], zorder=3, label="mean")
        ax.legend(frameon=False, fontsize="small")
    finish(ax, "Net job-years (person-years)")
    ax.margins(0.12)
    ax.axvline(0.0, color="#1c2733", linewidth=0.9, zorder=1.5)
    ax.set_xlabel("Net cost (CNY million): outlay less tax return", fontsize="small")
    from matplotlib.ticker import FuncFormatter

    ax.xaxis.set_major_formatter(FuncFormatter(tick))
    return ax


def outlay_by_lever(effect: Effect) -> pd.DataFrame:
    """Mean outlay of every lever by year, (years, levers), CNY million; the policy's levers, largest first."""
    table = effect.policy.levers
    if table.empty:
        return pd.DataFrame(index=pd.Index([], name="year"))
    means = table.groupby(["year", "lever"])["outlay"].sum().unstack(fill_value=0) / effect.replications
    start, end = effect.base.years
    means = means.reindex(range(start + 1, end + 1), fill_value=0.0)
    return means[means.sum().sort_values(ascending=False, kind="stable").index]


def outlays(effect: Effect, ax: Axes | None = None, most: int = 5) -> Axes:
    """Outlay stacked by lever over the years, the smaller ones together."""
    ax = ax or new_axes(1)[0]
    table = outlay_by_lever(effect)
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
    finish(ax, "Outlay (CNY million a year)")
    if table.shape[1]:
        ax.legend(frameon=False, fontsize="small", loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    return ax


def who_got_it(effect: Effect, by: str) -> pd.Series:
    """Support over all years, all levers together, by 'segment', 'tier', 'owner' or 'size'; means of pairs, CNY million."""
    support = effect.seen["support"]
    chosen = support[support["by"] == ("segment" if by == "tier" else by)]
    group = chosen["group"]
    if by == "tier":
        group = group.map({name: item.tier for name, item in effect.base.scenario.chain.segments.items()})
    return chosen.groupby(group, sort=False)["paid"].sum() / effect.replications


def unit_of_effect(indicator: str) -> str:
    """Unit of an effect in tables."""
    return "points" if is_share(indicator) else display(indicator).unit
