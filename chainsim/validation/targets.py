"""What was observed beside what is simulated: the targets of a scenario against runs without policy.

A target is met where the mean over runs lies between its low and its high. Targets that were held out are shown like
all others and nothing is fitted to them. Money is at the prices of the base year and the price trends of segments: a
nominal figure holds inflation that the model does not have.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from chainsim.economy.types import Array
from chainsim.indicators.sums import ADDITIVE
from chainsim.indicators.table import INDICATORS
from chainsim.runs.results import Result
from chainsim.scenario.checks import members
from chainsim.scenario.errors import suggestion
from chainsim.scenario.region import Target
from chainsim.validation.measures import Panel, panel_of
from chainsim.validation.patterns import PATTERNS

COLUMNS = (
    "id", "use", "region", "target", "period", "unit", "value", "low", "high", "simulated", "luck_low90", "luck_high90",
    "inside", "unmeasured", "source", "note", "shared",
)  # fmt: skip


def targets(result: Result) -> pd.DataFrame:
    """The targets of the result's scenario beside its runs: misses first, then what is met, then what cannot be read.

    Columns: id, use, region, target, period, unit as stated; value, low, high as observed; simulated (mean over runs),
    luck_low90 and luck_high90 (90 % of the runs); inside (NA where it cannot be read); unmeasured (why not); source,
    note; shared (what of the base year rests on the same source).

    Raises:
        ValueError: the scenario has no targets.
    """
    if not result.scenario.targets:
        raise ValueError("the scenario has no targets; state them under targets: a CSV file")
    panels = panels_of(result) if any(target.how == "pattern" for target in result.scenario.targets) else []
    table = pd.DataFrame([_row(result, target, panels) for target in result.scenario.targets], columns=list(COLUMNS))
    table = table.astype({"inside": "boolean"})
    order = [2 if inside is pd.NA else int(inside) for inside in table["inside"]]
    return table.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def _row(result: Result, target: Target, panels: list[Panel]) -> list[object]:
    runs, why = np.zeros(0), target.unmeasured or ""
    if target.how is not None:
        try:
            runs = read(result, target, panels)
        except LookupError as error:
            why = str(error)
    mean, (low, high) = np.nan, (np.nan, np.nan)
    if runs.size:
        mean, (low, high) = float(runs.mean()), np.quantile(runs, [0.05, 0.95])
    least = -np.inf if target.low is None else target.low
    most = np.inf if target.high is None else target.high
    inside = bool(least <= mean <= most) if np.isfinite(mean) else pd.NA
    about = target.id, target.use, target.region, target.target, target.period, target.unit
    band = [np.nan if end is None else end for end in (target.low, target.high)]
    return [*about, target.value, *band, mean, low, high, inside, why, target.source, target.note, target.shared]


def panels_of(result: Result) -> list[Panel]:
    """The runs as patterns are measured in; none where they did not record enterprises."""
    if "enterprises" not in result.tables:
        return []
    return [panel_of(result, replication) for replication in sorted(result.region["replication"].unique())]


def read(result: Result, target: Target, panels: list[Panel]) -> Array:
    """What every run of a result shows of a target, (runs,), in its unit; patterns are read from `panels`.

    Raises:
        LookupError: the runs do not hold it; says why.
    """
    if target.how == "pattern":
        return of_pattern(target, panels)
    if target.how == "named_growth":
        return growth_of_named(result, target) * target.scale
    series = series_of(result, target.indicator or "", target.of)
    first, last = (year for year in (target.first, target.last or target.first))
    missing = [year for year in (first, last) if year not in series.index]
    if missing:
        raise LookupError(f"the runs do not reach {missing[0]}")
    before, after, years = series.loc[first].to_numpy(), series.loc[last].to_numpy(), (last or 0) - (first or 0)
    if target.how == "level":
        found = before
    elif target.how == "share":
        found = before / series_of(result, target.indicator or "", "chain").loc[first].to_numpy()
    elif target.how == "mean":
        found = series.loc[first:last].mean().to_numpy()
    elif target.how == "ratio":
        found = after / before
    elif target.how == "yearly_growth":
        found = (after / before) ** (1.0 / max(years, 1)) - 1.0
    else:
        found = (after - before) / max(years, 1)
    return np.asarray(found * target.scale, dtype=np.float64)


def series_of(result: Result, indicator: str, of: str) -> pd.DataFrame:
    """An indicator of a group of segments: years down, runs across.

    Raises:
        LookupError: no such indicator, or the group is several segments and the indicator is not a sum.
    """
    for table, column, words in (
        ("region", "scope", ("chain", "all")),
        ("tiers", "tier", result.scenario.chain.tiers),
        ("industries", "industry", None),
        ("segments", "segment", tuple(result.scenario.chain.segments)),
    ):
        frame = result.table(table) if table in result.tables else None
        if frame is not None and indicator in frame and of in (frame[column].unique() if words is None else words):
            return frame[frame[column] == of].pivot(index="year", columns="replication", values=indicator)
    segments = result.segments
    if indicator not in INDICATORS:
        raise LookupError(f"unknown indicator '{indicator}'{suggestion(indicator, INDICATORS)}")
    if indicator not in ADDITIVE or indicator not in segments:
        raise LookupError(f"{indicator} is no sum, so it is recorded of one group alone, not of '{of}'")
    chosen = segments[segments["segment"].isin(members(result.scenario, of))]
    return chosen.pivot_table(index="year", columns="replication", values=indicator, aggfunc="sum")


def of_pattern(target: Target, panels: list[Panel]) -> Array:
    """A pattern in every run, (runs,).

    Raises:
        LookupError: no pattern is called so, or the runs did not record enterprises.
    """
    measures = {pattern.name: pattern.measure for pattern in PATTERNS}
    if target.of not in measures:
        raise LookupError(f"no pattern is called '{target.of}'")
    if not panels:
        raise LookupError("needs the state of enterprises: record: {enterprises: true}")
    return np.array([measures[target.of](panel) for panel in panels]) * target.scale


def growth_of_named(result: Result, target: Target) -> Array:
    """Median over named enterprises of the growth of their sales a year, (runs,).

    Raises:
        LookupError: no named enterprise operated in both years.
    """
    named = result.table("named")
    sales = named.pivot_table(index=["replication", "name"], columns="year", values="output")
    if not {target.first, target.last} <= set(sales.columns):
        raise LookupError("no named enterprise operated in both years")
    years = max((target.last or 0) - (target.first or 0), 1)
    growth = (sales[target.last] / sales[target.first]) ** (1.0 / years) - 1.0
    return np.asarray(growth.groupby("replication").median().to_numpy(), dtype=np.float64)
