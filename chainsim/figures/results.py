"""Pictures of results: medians as lines, bands that hold 50 and 90 % of the runs, colours that survive greyscale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from chainsim.economy.arrays import leading_industries
from chainsim.economy.parameters import in_money
from chainsim.figures.display import check_indicator, display, is_share, title
from chainsim.indicators.table import INDICATORS
from chainsim.scenario.errors import suggestion
from chainsim.scenario.schema import Chain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from chainsim.scenario.scenario import Scenario

COLOURS = ("#12355b", "#b8432f", "#4fb3a5", "#e0b040", "#7a5195", "#5c6670")
DASHES = ("solid", (0, (5, 1.5)), (0, (6, 1.5, 1, 1.5)), (0, (1.5, 1.2)), (0, (9, 2)), (0, (3, 1, 1, 1, 1, 1)))
"""Colours differ in lightness and every line has its own dashes, so nobody needs colour to tell them apart."""
MOST_BANDS = 4
OBSERVED = ("year", "value", "low", "high")
"""Columns of what was observed of one thing."""
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Arial Unicode MS",
)


class Series(NamedTuple):
    """One line of a picture: values are (years, runs); `apart` marks an application tier, far larger than the chain.

    `observed` has what was observed of the same: columns year, value, low and high.
    """

    label: str
    values: pd.DataFrame
    apart: bool = False
    observed: pd.DataFrame | None = None


def plot(lines: list[Series], name: str, indicator: str, ax: Axes | None = None) -> Axes:
    """Draw an indicator of the scenario `name` over the years and return the axes, the unit on the vertical one.

    Application tiers, which would drown the chain, have axes of their own beside it (`ax.figure.axes[1]`) and are left
    out where the axes are given. Bands are left out where they would hide one another.
    """
    near, far = [line for line in lines if not line.apart], [line for line in lines if line.apart]
    axes = [ax] if ax is not None else new_axes(2 if near and far else 1, legend_beside=len(near) > len(COLOURS))
    heading = f"{title(indicator)}, {name}"
    with fonts(*axes):
        draw(axes[0], near or far, indicator)
        if len(axes) == 1:
            axes[0].set_title(heading, loc="left")
        else:
            draw(axes[1], far, indicator, first_colour=len(COLOURS) - 1)
            axes[0].set_title("Chain", loc="left", fontsize="medium")
            axes[1].set_title("Application tier", loc="left", fontsize="medium")
            axes[0].figure.suptitle(heading, x=0.01, horizontalalignment="left")
    return axes[0]


def series(
    table: pd.DataFrame, chain: Chain, indicator: str, by: str | None = None, observed: pd.DataFrame | None = None
) -> list[Series]:
    """The lines to draw of a table of runs, in the order of the scenario; one of the chain where `by` is None.

    `table` is the one that holds the indicator by 'scope' (chain and all), 'tier', 'industry', 'segment'
    or 'park' (`display.table_by`), `observed` what was observed (`observations`).

    *Raises* ValueError where the indicator or `by` is unknown.
    """
    check_indicator(indicator, by, table)
    if by is None:
        values = spread_runs(table[table["scope"] == "chain"], indicator)
        return [Series("chain", values, observed=observed_of(observed, indicator, "chain"))]
    found = [(key, spread_runs(table[table[by] == key.name], indicator)) for key in keys(chain, by, table[by])]
    return [
        Series(key.label, values, key.apart, observed_of(observed, indicator, key.name))
        for key, values in found
        if len(values)
    ]


def observations(scenario: Scenario) -> pd.DataFrame:
    """What a scenario says was observed: points of charts, and targets that are a level of one thing in a year.

    Columns indicator, of, year, value, low, high, in the units of the tables.
    """
    rows = [(each.indicator, each.of, each.year, each.value, each.low, each.high) for each in scenario.observed]
    for target in scenario.targets:
        if target.how == "level" and target.first is not None and len(target.of.split()) == 1:
            figures = [None if end is None else end / target.scale for end in (target.value, target.low, target.high)]
            rows.append((target.indicator or "", target.of, target.first, *figures))  # type: ignore[arg-type]
    frame = pd.DataFrame(rows, columns=["indicator", "of", *OBSERVED])
    return frame.astype(dict.fromkeys(OBSERVED[1:], np.float64)).drop_duplicates(["indicator", "of", "year"])


def checked_observations(frame: pd.DataFrame) -> pd.DataFrame:
    """Observations handed over, with the columns that may be left out. *Raises* ValueError for what is none."""
    missing = [name for name in ("indicator", "year", "value") if name not in frame]
    if missing:
        raise ValueError(
            f"observed lacks the column {missing[0]}; it has indicator, year, value and may have of, low, high"
        )
    unknown = next((name for name in frame["indicator"] if name not in INDICATORS), None)
    if unknown is not None:
        raise ValueError(f"no indicator '{unknown}'{suggestion(str(unknown), INDICATORS)}")
    rest: dict[str, Any] = {"of": "chain", "low": np.nan, "high": np.nan}
    return frame.assign(**{name: item for name, item in rest.items() if name not in frame})


def observed_of(observed: pd.DataFrame | None, indicator: str, name: str) -> pd.DataFrame | None:
    """What was observed of an indicator of one thing; None where nothing was."""
    if observed is None:
        return None
    rows = observed[(observed["indicator"] == indicator) & (observed["of"] == name)]
    return rows[list(OBSERVED)] if len(rows) else None


def points(ax: Axes, rows: pd.DataFrame | None, factor: float, label: str = "observed") -> None:
    """What was observed, as points with the range that agrees with it."""
    if rows is None:
        return
    value = rows["value"].to_numpy() * factor
    ends = [np.nan_to_num(np.abs(rows[end].to_numpy() * factor - value)) for end in ("low", "high")]
    style: dict[str, Any] = {"color": "black", "markerfacecolor": "white", "markersize": 4.5, "capsize": 2.0}
    ax.errorbar(rows["year"].to_numpy(), value, yerr=ends, fmt="o", elinewidth=1.0, zorder=5, label=label, **style)


class Key(NamedTuple):
    """What a line may stand for: a scope, tier, industry, segment or park, its title, if of an application tier."""

    name: str
    label: str
    apart: bool


def keys(chain: Chain, by: str, found: Iterable[str] = ()) -> list[Key]:
    """All scopes, tiers, industries or segments in the order of the scenario, or the parks `found` in a table."""
    if by == "park":
        return [Key(name, name.replace("_", " "), False) for name in dict.fromkeys(found)]
    if by == "segment":
        return [Key(name, label(chain, name), item.tier in chain.application) for name, item in chain.segments.items()]
    names = {"tier": chain.tiers, "industry": industries(chain)}.get(by, ("chain", "all"))
    return [Key(name, label(chain, name), name in chain.application) for name in names]


def industries(chain: Chain) -> tuple[str, ...]:
    """The leading industries of the chain."""
    stated = ((segment.industry, name in chain.own_segments) for name, segment in chain.segments.items())
    return leading_industries(stated)


def spread_runs(table: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Values of the indicator, one row a year, one column a run."""
    return table.pivot(index="year", columns="replication", values=indicator)


def label(chain: Chain, name: str) -> str:
    """English title of a segment, or the name itself."""
    segment = chain.segments.get(name)
    return segment.title.en if segment is not None and segment.title is not None else name.replace("_", " ")


def draw(ax: Axes, lines: list[Series], indicator: str, first_colour: int = 0) -> None:
    """All lines with their bands, axes with unit, a legend, a note that says what the bands are."""
    factor, unit = axis_scale(indicator, largest(lines))
    bands = draw_lines(ax, lines, factor, first_colour)
    finish_axes(ax, indicator, unit)
    ax.set_xlabel(note(lines[0].values.shape[1], bands), fontsize="small")


def draw_lines(
    ax: Axes, lines: list[Series], factor: float, first_colour: int = 0, middle: Callable[..., Any] = np.median
) -> bool:
    """All lines, scaled by the factor, with a legend where there are several; whether they have bands."""
    bands = len(lines) <= MOST_BANDS
    for number, line in enumerate(lines):
        fan(ax, line.values * factor, line.label, bands, middle, **style(number, len(lines), first_colour))
    seen = [line for line in lines if line.observed is not None]
    for line in seen:
        points(ax, line.observed, factor, "observed" if len(lines) == 1 else f"{line.label}, observed")
    if len(lines) > len(COLOURS):
        ax.legend(frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))
    elif len(lines) > 1 or seen:
        ax.legend(frameon=False, fontsize="small")
    return bands


def largest(lines: list[Series]) -> float:
    """The largest absolute value of all lines."""
    return max(float(line.values.abs().max().max()) for line in lines)


def style(number: int, lines: int, first_colour: int = 0) -> dict[str, Any]:
    """Colour and dashes of a line, no two alike: dashes change with the colour, then with every round of colours."""
    dashes = number if lines <= len(DASHES) else number // len(COLOURS)
    return {"color": COLOURS[(number + first_colour) % len(COLOURS)], "linestyle": DASHES[dashes % len(DASHES)]}


def note(runs: int, bands: bool = True) -> str:
    """What line and bands are."""
    if runs == 1:
        return "one run"
    return f"median of {runs} runs" + ("; bands hold 50 and 90 % of them" if bands else "")


def fan(
    ax: Axes,
    values: pd.DataFrame,
    name: str = "",
    bands: bool = True,
    middle: Callable[..., Any] = np.median,
    **style: Any,
) -> None:
    """The median (or mean) of the runs as a line; behind it bands that hold 50 and 90 % of them; (years, runs)."""
    years, runs = values.index.to_numpy(), values.to_numpy()
    if bands and runs.shape[1] > 1:
        for low, high, opacity in ((0.05, 0.95, 0.18), (0.25, 0.75, 0.30)):
            lower, upper = np.quantile(runs, (low, high), axis=1)
            ax.fill_between(years, lower, upper, color=style.get("color"), alpha=opacity, linewidth=0)
    ax.plot(years, middle(runs, axis=1), label=name, linewidth=1.8, **style)


def finish_axes(ax: Axes, indicator: str, unit: str) -> None:
    """Whole years below, the unit on the left, amounts from zero, thousands apart, no frame."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.set_ylabel(f"{title(indicator)} ({unit})" if unit else title(indicator))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.yaxis.set_major_formatter(FuncFormatter(tick))
    if not is_share(indicator) and INDICATORS[indicator].unit not in ("1", "log"):
        bottom, top = ax.dataLim.intervaly
        ax.set_ylim(min(bottom, 0.0), 1.05 * top if top > 0 else 1.0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", linewidth=0.5, alpha=0.4)


def tick(value: float, position: int | None = None) -> str:
    """A tick with separators of thousands and no needless decimals."""
    text = f"{value:,.4f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")


def axis_scale(indicator: str, largest: float) -> tuple[float, str]:
    """Factor and unit that keep the numbers on the axis short."""
    shown = display(indicator)
    if shown.unit == in_money("CNY million") and largest >= 10_000:
        return 1e-3, in_money("CNY billion")
    if shown.unit in ("persons", "enterprises") and largest >= 10_000:
        return 1e-3, f"thousand {shown.unit}"
    return shown.factor, shown.unit


def new_axes(count: int, legend_beside: bool = False) -> list[Axes]:
    """Fresh axes side by side, which notebooks show by themselves.

    Made outside `fonts`: a notebook's first figure switches interactive mode on, and the end of a context of settings
    would switch it off again, so that no later figure is shown.
    """
    import matplotlib.pyplot as plt

    width = 6.4 + 3.2 * (count - 1) + 3.0 * legend_beside
    _figure, axes = plt.subplots(1, count, figsize=(width, 4.0), squeeze=False, layout="constrained")
    return list(axes[0])


@contextmanager
def fonts(*axes: Axes) -> Iterator[None]:
    """Text drawn meanwhile falls back to a font with Chinese characters, where one is installed.

    Titles and labels of axes were made with them, before: they are given the fonts when the block ends.
    """
    import matplotlib
    from matplotlib.text import Text

    family = ["DejaVu Sans", *chinese_fonts()]
    with matplotlib.rc_context({"font.family": family}):
        yield
        for ax in axes:
            for text in ax.findobj(Text):
                text.set_fontfamily(family)
                if "$" in text.get_text():  # names are no formulas; ticks of other scales are written later
                    text.set_parse_math(False)


@cache
def chinese_fonts() -> tuple[str, ...]:
    """Installed fonts that have Chinese characters, the first of the list that is found."""
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return tuple(name for name in CHINESE_FONTS if name in installed)[:1]
