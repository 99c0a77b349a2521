"""The page of a search: does it beat the policy, the frontier, settings, what levers add, and how sure all is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from chainsim.economy.parameters import in_money_of
from chainsim.figures.display import is_share, show_effect, signed, title
from chainsim.report.dashboard import TOTALS
from chainsim.report.figures import figure_svg
from chainsim.report.language import lever_title
from chainsim.report.pages import HERE, environment
from chainsim.report.translation import in_both_languages, names_of
from chainsim.runs.output_folder import replace_file
from chainsim.search.optimisation import STATED, Optimisation
from chainsim.search.outcomes import outcome
from chainsim.search.portfolios import Search
from chainsim.search.search_report import caps_of, plain, robust, verdict
from chainsim.search.surface import levers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAGE = "report.html"
WIDTH, HEIGHT = 6.4, 3.4
"""Size of the picture, inches."""
PREDICTED, SEEN, OWN = "#aab7b8", "#1b4f72", "#c0392b"
"""Colours of predictions, of what fresh seeds show, and of the policy as it stands."""


def save_page(found: Optimisation, folder: Path) -> Path:
    """Write the page of a search into its folder. *Raises* OutputError where the disk refuses."""
    replace_file(folder / PAGE, page(found))
    return folder / PAGE


@in_money_of(lambda found: found.search.base.money)
def page(found: Optimisation) -> str:
    """The page as HTML that needs no other file. The same search gives the same bytes."""
    search = found.search
    text = (
        environment()
        .get_template("search.html.j2")
        .render(
            search=search,
            levers=len(levers_of(found.surface)),
            surfaces=len(found.surface.coefficients),
            caps=[
                cap.replace(name, heading(search, name), 1)
                for name, cap in zip(search.budget, caps_of(search), strict=True)
            ],
            verdict=list(verdict(found)),
            picture=picture(found),
            outcomes=[(heading(search, name), unit_of(search, name)) for name in search.outcomes],
            effects=effect_rows(found),
            settings=setting_rows(found),
            names=found.portfolios()["portfolio"].tolist(),
            whom=found.compromise() or STATED,
            aims=[(heading(search, name), unit_of(search, name)) for name in search.aims],
            added=added_rows(found),
            robust=list(robust(found)),
            errors=error_rows(found),
            style=Markup((HERE / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        )
    )
    return in_both_languages(text, own_names(found))


def own_names(found: Optimisation) -> dict[str, str]:
    """What a search and its scenarios call things, with the Chinese that they give."""
    search, paths = found.search, found.boxes()["path"].unique()
    return names_of(search.base, search.policy) | {search.name: search.name} | {path: path for path in paths}


def heading(search: Search, name: str) -> str:
    """An outcome in words: what it is, of which tier or segment, and in which year where that is not the last one."""
    if name in TOTALS:
        return TOTALS[name]
    found = outcome(search.base, name)
    where = "" if found.value == "chain" else f"{found.value.replace('_', ' ')}: "
    when = f" in {found.year}" if "@" in name else ""
    return f"{where}{title(found.column)}{when}"


def unit_of(search: Search, name: str) -> str:
    """The unit in which an outcome is shown, nothing of a plain number."""
    found = outcome(search.base, name)
    unit = "points" if is_share(found.column) else found.unit
    return "" if unit == "1" else unit


def factor_of(search: Search, name: str) -> float:
    """What an outcome is multiplied with to be shown: shares in percentage points."""
    return 100.0 if is_share(outcome(search.base, name).column) else 1.0


def shown(search: Search, name: str, value: float, low: float, high: float) -> str:
    """An effect on an outcome with its interval, in the unit of its heading."""
    column = outcome(search.base, name).column

    def text(number: float) -> str:
        return show_total(number) if name in TOTALS else show_effect(column, number)

    return f"{text(value)} ({text(low)} to {text(high)})" if np.isfinite(low) else text(value)


def show_total(value: float) -> str:
    """Money or persons with a sign, small ones to a decimal."""
    return signed(value, 0 if abs(value) >= 10 else 1)


def axes_of(found: Optimisation) -> tuple[str, str]:
    """What stands across and upwards in the picture: what the budget is of, or the last aim; and the first aim."""
    aims = list(found.search.aims)
    return next(iter(found.search.budget), aims[-1]), aims[0]


def picture(found: Optimisation) -> Markup:
    """Portfolios as predicted and in fresh luck, with their 90 % intervals, and the policy as it stands."""
    across, upwards = axes_of(found)
    table = found.frontier().pivot(index="portfolio", columns="outcome")
    names = list(found.portfolios()["portfolio"])
    table = table.loc[names]

    def of(how: str, name: str, rows: list[str]) -> np.ndarray[Any, Any]:
        return table.loc[rows, (how, name)].to_numpy(dtype=float) * factor_of(found.search, name)

    def bars(ax: Axes, how: str, colour: str, rows: list[str]) -> None:
        x, y = (of(how, name, rows) for name in (across, upwards))
        reach = [
            np.nan_to_num(of(f"{how}_high90", name, rows) - middle) for name, middle in ((across, x), (upwards, y))
        ]
        ax.errorbar(x, y, reach[1], reach[0], "o", color=colour, markersize=4, linewidth=0.9)

    def draw(ax: Axes) -> None:
        listed = [name for name in names if name != STATED]
        bars(ax, "predicted", PREDICTED, listed)
        bars(ax, "verified", SEEN, listed)
        bars(ax, "verified", OWN, [name for name in names if name == STATED])
        for name in names:
            place = of("verified", across, [name])[0], of("verified", upwards, [name])[0]
            ax.annotate(name, place, xytext=(4, 4), textcoords="offset points", fontsize=8)
        most = found.search.budget.get(across)
        if most is not None:
            ax.axvline(most * factor_of(found.search, across), color="#555555", linewidth=0.8, linestyle=":")
        ax.set_xlabel(labelled(found, across))
        ax.set_ylabel(labelled(found, upwards))
        for side in ("top", "right"):
            ax.spines[side].set_visible(False)

    label = f"Effects of portfolios on {across} and {upwards}: predicted pale, with fresh seeds dark, the policy red"
    return figure_svg("frontier", (WIDTH, HEIGHT), (0.14, 0.16, 0.83, 0.8), draw, label)


def labelled(found: Optimisation, name: str) -> str:
    """An outcome with its unit."""
    unit = unit_of(found.search, name)
    return f"{heading(found.search, name)}, {unit}" if unit else heading(found.search, name)


def effect_rows(found: Optimisation) -> list[dict[str, Any]]:
    """A row a portfolio: predicted and verified effects by outcome."""
    rows: list[dict[str, Any]] = []
    for name, own in found.frontier().groupby("portfolio", sort=False):
        cells = [
            {
                **{
                    how: shown(found.search, row["outcome"], *(row[how + end] for end in ("", "_low90", "_high90")))
                    for how in ("predicted", "verified")
                },
                "inside": row["inside"],
            }
            for row in own.to_dict("records")
        ]
        rows.append({"portfolio": name, "pairs": int(own["pairs"].iloc[0]), "cells": cells})
    return rows


def setting_rows(found: Optimisation) -> list[dict[str, Any]]:
    """A row a setting: its value in every portfolio."""
    table = found.portfolios()
    return [
        {
            "name": setting.name.removeprefix("levers."),
            "unit": "" if setting.unit == "1" else setting.unit,
            "cells": ["off" if value == 0.0 else plain_year(value, setting.whole) for value in table[setting.name]],
        }
        for setting in found.search.settings
    ]


def plain_year(value: float, whole: bool) -> str:
    """A value; whole numbers, such as years, without separators."""
    return f"{value:.0f}" if whole else plain(value)


def added_rows(found: Optimisation) -> list[dict[str, Any]]:
    """A row a lever: what it adds to the best compromise by aim, the largest for the first aim on top."""
    table = found.added()
    table = table[table["portfolio"] == (found.compromise() or STATED)]
    aims = list(found.search.aims)
    order = table[table["outcome"] == aims[0]].sort_values("added", ascending=False, kind="stable")["lever"]
    rows = []
    for lever in order:
        own = table[table["lever"] == lever].set_index("outcome")
        cells = [shown(found.search, aim, *own.loc[aim, ["added", "added_low90", "added_high90"]]) for aim in aims]
        rows.append({"lever": lever_title(found.search.policy, lever), "cells": cells})
    return rows


def error_rows(found: Optimisation) -> list[dict[str, str]]:
    """A row an outcome: how far the surface is off, and how often fresh seeds fell where it said."""
    return [
        {
            "outcome": heading(found.search, row["outcome"]),
            "error": shown(found.search, row["outcome"], row["error"], np.nan, np.nan).removeprefix("+"),
            "explained": f"{row['r2']:.3f}",
            "inside": f"{row['inside']:.0%}",
        }
        for row in found.errors().to_dict("records")
    ]
