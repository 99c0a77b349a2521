"""Pictures of what adds up: the means of the runs by tier, industry, segment or park on top of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainsim.figures.display import title
from chainsim.figures.results import COLOURS, Series, axis_scale, finish_axes, fonts, new_axes
from chainsim.indicators.sums import ADDITIVE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HATCHES = ("", "///", "...", "\\\\\\", "xx", "--")
"""Fills of stacked areas: with colours of different lightness they survive greyscale."""


def stack(lines: list[Series], name: str, indicator: str, by: str | None, ax: Axes | None = None) -> Axes:
    """Draw an indicator of the scenario `name` as areas that add up to that of the chain, without application tiers.

    *Raises* ValueError where the parts do not add up: by nothing or by scope, or an indicator that is no sum.
    """
    check_stacked(indicator, by)
    near = [line for line in lines if not line.apart]
    means = np.stack([line.values.mean(axis=1).to_numpy() for line in near])
    factor, unit = axis_scale(indicator, float(means.sum(axis=0).max()))
    ax = ax if ax is not None else new_axes(1, legend_beside=True)[0]
    with fonts(ax):
        areas = ax.stackplot(
            near[0].values.index.to_numpy(),
            means * factor,
            labels=[line.label for line in near],
            colors=COLOURS,
            edgecolor="white",
            linewidth=0.4,
        )
        for number, area in enumerate(areas):
            area.set_hatch(HATCHES[(number + number // len(COLOURS)) % len(HATCHES)])
        finish_axes(ax, indicator, unit)
        runs = near[0].values.shape[1]
        ax.set_xlabel("one run" if runs == 1 else f"mean of {runs} runs", fontsize="small")
        ax.set_title(f"{title(indicator)}, {name}", loc="left")
        ax.legend(*(each[::-1] for each in ax.get_legend_handles_labels()), frameon=False, fontsize="small",
                  loc="center left", bbox_to_anchor=(1.0, 0.5))  # fmt: skip
    return ax


def check_stacked(indicator: str, by: str | None) -> None:
    """*Raises* ValueError where the parts of an indicator do not add up."""
    if by in (None, "scope"):
        raise ValueError("stacked needs parts that add up: by='tier', 'industry', 'segment' or 'park'")
    if indicator not in ADDITIVE:
        raise ValueError(f"'{indicator}' does not add up over parts; sums that do are {', '.join(ADDITIVE)}")
