"""Figures of the page of a comparison: small SVG with the same bytes on every build."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes

from chainsim.effects.additionality import outlay_by_lever
from chainsim.effects.costs import items
from chainsim.effects.effect import Effect
from chainsim.effects.effect_tables import values
from chainsim.figures import effects
from chainsim.figures.display import title
from chainsim.figures.results import Series, fan
from chainsim.report.effect_text import OWN_WORDS
from chainsim.report.figures import BOX, SIZE, Chart, Panel, Sheet, colour_of, figure_svg, label_unit

PLANE = (0.19, 0.15, 0.79, 0.82)
"""Place of the axes of a cost-effectiveness plane in its figure."""
CHARTS = ("output", "employment", "value_added", "localization_rate_fixed", "rd")


class Aim(NamedTuple):
    """A tier, what the policy wants of it, and the effect on the indicator of that."""

    tier: str
    verb: str
    indicator: str
    panel: Panel


def charts(effect: Effect) -> list[Chart]:
    """Fan charts of the effect on the main indicators, of the chain and by tier."""
    sheet = Sheet()
    return [chart(effect, indicator, sheet) for indicator in CHARTS if indicator in effect.base.tiers]


def chart(effect: Effect, indicator: str, sheet: Sheet | None = None) -> Chart:
    """All panels of an indicator."""
    panels = [panel(effect, "The chain", "chain", series_of(effect, indicator)[0].values, indicator, sheet)]
    for line, tier in zip(series_of(effect, indicator, "tier"), effect.base.scenario.chain.tiers, strict=True):
        kind = "application" if line.apart else "tier"
        panels.append(panel(effect, tier.replace("_", " ").capitalize(), kind, line.values, indicator, sheet))
    return Chart.of(indicator, panels)


def series_of(effect: Effect, indicator: str, by: str | None = None) -> list[Series]:
    """Paired differences of an indicator as lines, of the chain or by tier."""
    both = values(effect.base, effect.policy, indicator, by)
    return effects.series(both.keys, both.effect, effect.base.scenario.chain, by)


def panel(
    effect: Effect, name: str, kind: str, values: pd.DataFrame, indicator: str, sheet: Sheet | None = None
) -> Panel:
    """A fan chart of the effect with a line at zero."""
    if not values.to_numpy().any():
        return Panel(name, kind, Markup())
    factor, unit = effects.effect_scale(indicator, float(values.abs().max().max()))

    def draw(ax: Axes) -> None:
        fan(ax, values * factor, middle=np.mean, color=colour_of(kind))
        effects.finish(ax)
        label_unit(ax, unit)

    label = f"Effect on {title(indicator)}, {name.lower()}, {unit}"
    return Panel(name, kind, figure_svg(f"{effect.names[0]}-{indicator}-{name}", SIZE, BOX, draw, label, sheet))


def aims(effect: Effect) -> list[Aim]:
    """Tiers in the words of the policy; none unless the chain has tiers of these names."""
    tiers = [tier for tier in effect.base.scenario.chain.tiers if tier in OWN_WORDS]
    if len(tiers) < len(OWN_WORDS):
        return []
    found = []
    for tier in tiers:
        verb, indicator = OWN_WORDS[tier]
        both = dict(zip(effect.base.scenario.chain.tiers, series_of(effect, indicator, "tier"), strict=True))
        drawn = panel(effect, f"{tier.capitalize()}: {indicator}", "tier", both[tier].values, indicator)
        found.append(Aim(tier, verb, indicator, drawn))
    return found


def money_figure(effect: Effect) -> Markup:
    """Outlay stacked by lever; empty where nothing is paid."""
    table = outlay_by_lever(effect.policy)
    if table.to_numpy().sum() == 0.0:
        return Markup()

    def draw(ax: Axes) -> None:
        effects.outlays(table, ax)

    return figure_svg(
        f"{effect.names[0]}-outlay", (5.6, 3.2), (0.13, 0.08, 0.86, 0.76), draw, "Outlay by lever and year"
    )


def plane_figure(effect: Effect) -> Markup:
    """The cost-effectiveness plane, a dot for every pair."""
    found = items(effect.base, effect.policy)

    def draw(ax: Axes) -> None:
        effects.plane(found["net_cost"].pairs, found["job_years"].pairs, ax=ax)

    return figure_svg(f"{effect.names[0]}-plane", (4.6, 3.2), PLANE, draw, "Net cost against job-years, by pair")


def lever_plane_figure(effect: Effect) -> Markup:
    """The cost-effectiveness plane, a dot for every lever or group of a split, at its mean Shapley shares."""
    shares = effect.split.shares.pivot_table(index="player", columns="measure", values="share", sort=False)
    rows = shares.drop(index="total")
    cost, gain = (rows["outlay"] - rows["tax_return"]).to_numpy(), rows["job_years"].to_numpy()

    def draw(ax: Axes) -> None:
        effects.plane(cost, gain, [str(name) for name in rows.index], ax)

    return figure_svg(f"{effect.names[0]}-levers", (4.6, 3.2), PLANE, draw, "Net cost against job-years, by lever")


def ranking_figure(effect: Effect) -> Markup:
    """Outlay against job-years by lever: what the policy loses without it, and what it does alone, with intervals."""
    table = effect.ranking.table()

    def draw(ax: Axes) -> None:
        effects.ranked(table, ax)

    return figure_svg(
        f"{effect.names[0]}-ranking", (6.4, 4.4), (0.15, 0.11, 0.83, 0.83), draw, "Outlay against job-years"
    )
