"""Several policies beside one another, and what they take off a shock: the page's section above the single policies."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes

from chainsim.effects.costs import items
from chainsim.effects.effect import Effect
from chainsim.effects.effect_tables import is_certain, values
from chainsim.effects.under import under_names
from chainsim.figures import effects
from chainsim.figures.display import NOTHING, band, show_effect, title, unit_of
from chainsim.figures.results import Series, largest
from chainsim.report.effect_text import RATIOS, TOTALS, cost_row, means, name_of
from chainsim.report.figures import figure_svg
from chainsim.report.language import Both, indicator, unit
from chainsim.report.summary import PATHS
from chainsim.scenario.scenario import Scenario

COMPARED = (
    *("output", "value_added", "employment", "localization_rate_fixed", "completeness_fixed", "extension", "strength"),
    "rd",
)
"""Indicators of the table beside one another."""
COSTS = ("outlay", "net_cost", "job_years", "net_cost_per_job_year")
OVERLAY = ((5.6, 3.4), (0.13, 0.1, 0.85, 0.82))
"""Size of a picture of all policies, and the place of its axes."""


class Beside(NamedTuple):
    """A row of the table of all policies: title, unit, and for each the value, its bounds, whether its sign is open."""

    title: str
    unit: str
    cells: tuple[tuple[str, str, bool], ...]


class Overlay(NamedTuple):
    """The effects of all policies on an indicator over the years."""

    title: Both
    unit: Both
    svg: Markup


def titles(effect: Effect) -> dict[str, Both]:
    """What every policy is called on the page: its title, or its name where it has none of its own."""
    named = [policy.scenario for policy in effect.policies]
    used = [effect.base.scenario.title, *(scenario.title for scenario in named)]
    return {scenario.name: own_title(scenario, used) for scenario in named}


def own_title(scenario: Scenario, used: list[Any]) -> Both:
    """The title of a scenario unless another has it too."""
    if scenario.title is None or used.count(scenario.title) > 1:
        return Both(name_of(scenario.name), name_of(scenario.name))
    return Both(scenario.title.en, scenario.title.zh or scenario.title.en)


def alone(effect: Effect) -> list[Effect]:
    """The policies of a comparison, without the worlds under a shock."""
    struck = {name for _, shock, both in under_names(effect.names) for name in (shock, both)}
    return [part for part in effect.parts if part.names[0] not in struck]


def several(effect: Effect) -> dict[str, Any] | None:
    """What the page says of all policies together; nothing of a single one."""
    parts = alone(effect)
    if len(parts) < 2:
        return None
    return {
        "names": [titles(effect)[part.names[0]] for part in parts],
        "rows": [*beside(parts), *costs_beside(parts)],
        "overlays": [overlay(parts, name) for name in PATHS],
        "plane": plane(parts),
    }


def beside(parts: list[Effect]) -> list[Beside]:
    """Effects in the last year, a column a policy."""
    end, base = parts[0].base.years[1], parts[0].base.region
    names = [name for name in COMPARED if name in base]
    tables = [means(part, [end], names).to_dict("records") for part in parts]
    rows = []
    for found in zip(*tables, strict=True):
        name = str(found[0]["indicator"])
        most = max(abs(float(value)) for row in found for value in (row["base"], row["effect"]))
        rows.append(Beside(title(name), unit_of(name, most), tuple(beside_cell(name, row, most) for row in found)))
    return rows


def beside_cell(name: str, row: dict[Any, Any], largest: float) -> tuple[str, str, bool]:
    """The effect of one policy, its bounds, whether its sign is open."""
    bounds = band(name, row["low90"], row["high90"], largest=largest)
    words = "" if bounds == NOTHING else bounds
    return show_effect(name, row["effect"], largest), words, not row["certain"]


def costs_beside(parts: list[Effect]) -> list[Beside]:
    """Money, job-years of all tiers and the price of one, over all years, a column a policy."""
    tables = [part.costs().query("scope == 'all'").set_index("item") for part in parts]
    rows = []
    for item in COSTS:
        heading = (TOTALS | RATIOS)[item]
        cells = [cost_row(heading, item, table.loc[item].to_dict()).cells for table in tables]
        words = tuple((value, "" if bounds == NOTHING else bounds, False) for value, bounds, _ in cells)
        rows.append(Beside(heading, "", words))
    return rows


def overlay(parts: list[Effect], name: str) -> Overlay:
    """The effects of all policies on an indicator, in one picture."""
    lines = [line_of(part, name) for part in parts]
    shown = effects.effect_scale(name, largest(lines))[1]

    def draw(ax: Axes) -> None:
        effects.draw(ax, lines, name)
        ax.set_ylabel("")
        ax.set_xlabel("")

    words = f"Effect of {len(parts)} policies on {indicator(name).en}, {shown}"
    return Overlay(indicator(name), unit(shown), figure_svg(f"policies-{name}", *OVERLAY, draw, words))


def line_of(effect: Effect, name: str) -> Series:
    """The effect of a policy on an indicator of the chain over the years."""
    both = values(effect.base, effect.policy, name)
    return Series(name_of(effect.names[0]), pd.DataFrame(both.effect.T, index=pd.Index(both.keys["year"], name="year")))


def plane(parts: list[Effect]) -> Markup:
    """Net cost against job-years of all tiers, a point for every policy with the bounds of nine pairs in ten."""
    found = [items(part.base, part.policy) for part in parts]
    cost, gain = (np.array([item[name].pairs for item in found]) for name in ("net_cost", "job_years"))

    def draw(ax: Axes) -> None:
        effects.policies(cost, gain, [part.names[0] for part in parts], ax)

    return figure_svg(
        "policies-plane", (5.6, 3.6), (0.16, 0.14, 0.82, 0.82), draw, "Net cost against job-years by policy"
    )


class Softening(NamedTuple):
    """What shocks do without a policy and with it: title, unit, without, with, softened, bounds, weak."""

    policy: Both
    shock: str
    rows: list[tuple[str, str, str, str, str, str, bool]]


def softened(effect: Effect) -> list[Softening]:
    """What each policy takes off the shocks in the last year; nothing where none was compared under them."""
    if not under_names(effect.names):
        return []
    table = effect.softening(years=effect.base.years[1], middle=np.mean)
    return [
        Softening(
            titles(effect)[str(policy)],
            name_of(str(shock)),
            [softening_row(row) for row in rows.to_dict("records") if row["indicator"] in COMPARED],
        )
        for (policy, shock), rows in table.groupby(["policy", "shock"], sort=False)
    ]


def softening_row(row: dict[Any, Any]) -> tuple[str, str, str, str, str, str, bool]:
    """One indicator."""
    name, most = str(row["indicator"]), abs(float(row["base"]))
    without, with_it, rest = (
        show_effect(name, row[key], most) for key in ("shock_alone", "shock_with_policy", "softened")
    )
    bounds = band(name, row["low90"], row["high90"], largest=most)
    open_sign = not is_certain(row["low90"], row["high90"], row["pairs"])
    return title(name), unit_of(name, most), without, with_it, rest, bounds, open_sign
