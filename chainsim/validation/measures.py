"""Measures of stylised facts in one run: what the estimators are applied to, and how years are averaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from chainsim.validation import estimators

if TYPE_CHECKING:
    from chainsim.results import Result

STATE = ["segment", "founded", "employment", "sales", "value_added", "productivity", "investment", "capital"]
FEWEST_IN_SEGMENT = 10
"""Fewest enterprises of a segment whose dispersion counts."""


@dataclass(frozen=True)
class Panel:
    """One run. Frames with the year as a column.

    enterprises: those in business at the end of each year. moves: what became in `year` of those in business at the end
    of the year before, whose state has the ending `_before`; `closed` where they are no longer there. region: the
    indicators of all tiers. links: links with local suppliers, None where not recorded.
    """

    enterprises: pd.DataFrame
    moves: pd.DataFrame
    region: pd.DataFrame
    links: pd.DataFrame | None

    @property
    def years(self) -> range:
        """Simulated years."""
        return range(int(self.enterprises["year"].min()) + 1, int(self.enterprises["year"].max()) + 1)

    @property
    def stock(self) -> pd.Series:
        """Number of enterprises by year, base year included."""
        return self.enterprises.groupby("year").size()


def panel_of(result: Result, replication: int) -> Panel:
    """The panel of one replication."""
    region, enterprises = _run(result.region, replication), _run(result.enterprises, replication)
    active = enterprises[enterprises["active"].astype(bool)]
    links = _run(result.links, replication) if "links" in result.tables else None
    return Panel(
        enterprises=active,
        moves=_moves(active),
        region=region[region["scope"] == "all"],
        links=None if links is None else links[links["supplier"].isin(set(enterprises["identity"]))],
    )


def _moves(active: pd.DataFrame) -> pd.DataFrame:
    keys = ["year", "identity"]
    state = active[keys + STATE]
    before = state[state["year"] < state["year"].max()].assign(year=lambda rows: rows["year"] + 1)
    moves = before.merge(state, how="left", on=keys, suffixes=("_before", ""), indicator="fate")
    return moves.assign(closed=moves["fate"] == "left_only")


def _run(table: pd.DataFrame, replication: int) -> pd.DataFrame:
    return table[table["replication"] == replication]


# --- sizes, growth, productivity ---


def size_tail(panel: Panel) -> float:
    """Pareto exponent of staff, mean over years."""
    return _mean_by_year(panel, lambda rows: estimators.hill_tail(rows["employment"]))


def growth_rates(panel: Panel) -> pd.DataFrame:
    """Size before (CNY million) and log growth of sales less the mean of segment and year."""
    moves = panel.moves
    rows = moves[~moves["closed"] & (moves["sales_before"] > 0) & (moves["sales"] > 0)]
    growth = _logs(rows["sales"] / rows["sales_before"])
    common = growth.groupby([rows["year"], rows["segment_before"]]).transform("mean")
    return pd.DataFrame({"size": rows["sales_before"], "growth": growth - common})


def growth_shape(panel: Panel) -> float:
    """Subbotin shape of growth."""
    return estimators.subbotin_shape(growth_rates(panel)["growth"])


def growth_kurtosis(panel: Panel) -> float:
    """Excess kurtosis of growth."""
    return estimators.excess_kurtosis(growth_rates(panel)["growth"])


def volatility_slope(panel: Panel) -> float:
    """Elasticity of the spread of growth to size."""
    rates = growth_rates(panel)
    return estimators.volatility_size_slope(rates["size"], rates["growth"])


def productivity_dispersion(panel: Panel) -> float:
    """P90/P10 of productivity within segments, mean over segments and years by number of enterprises."""
    rows = panel.enterprises[panel.enterprises["year"].isin(panel.years)]
    groups = [group for _, group in rows.groupby(["year", "segment"]) if len(group) >= FEWEST_IN_SEGMENT]
    ratios = [estimators.percentile_ratio(group["productivity"]) for group in groups]
    return float(np.average(ratios, weights=[len(group) for group in groups])) if groups else np.nan


def productivity_persistence(panel: Panel) -> float:
    """AR(1) of log value added per person less the mean of segment and year."""
    moves = panel.moves[~panel.moves["closed"]]
    now, before = moves["value_added"] / moves["employment"], moves["value_added_before"] / moves["employment_before"]
    rows = (now > 0) & (before > 0) & np.isfinite(now) & np.isfinite(before)
    keys = [moves.loc[rows, "year"], moves.loc[rows, "segment_before"]]
    current, previous = (
        values - values.groupby(keys).transform("mean") for values in (_logs(now[rows]), _logs(before[rows]))
    )
    return estimators.ar1(previous, current)


def hazards(panel: Panel) -> dict[str, float]:
    """Exit hazard by class of age."""
    year_of_life = panel.moves["year"] - panel.moves["founded_before"] + 1
    return estimators.hazard_by_age(year_of_life, panel.moves["closed"])


def hazard(label: str) -> Callable[[Panel], float]:
    """Exit hazard of one class of age."""
    return lambda panel: hazards(panel)[label]


def age_share(group: int) -> Callable[[Panel], float]:
    """Share of one age group in the stock of the last year."""

    def measure(panel: Panel) -> float:
        last = panel.enterprises[panel.enterprises["year"] == panel.enterprises["year"].max()]
        return float(estimators.age_shares(last["year"] - last["founded"] + 1)[group])

    return measure


def implied_age_share(group: int) -> Callable[[Panel], float]:
    """The same share in a stable population with the run's hazards and its growth in numbers."""

    def measure(panel: Panel) -> float:
        stock = panel.stock
        growth = (stock.iloc[-1] / stock.iloc[0]) ** (1 / max(len(stock) - 1, 1)) - 1
        return float(estimators.implied_age_shares(hazards(panel), growth)[group])

    return measure


def entry(panel: Panel) -> float:
    """Enterprises founded over the stock a year earlier, mean over years."""
    kept = panel.moves[~panel.moves["closed"]].groupby("year").size()
    stock = panel.stock
    rates = [estimators.entry_rate(stock.get(y, 0) - kept.get(y, 0), stock.get(y - 1, 0)) for y in panel.years]
    return mean(rates)


def exits(panel: Panel) -> float:
    """Enterprises closed over the stock a year earlier, mean over years."""
    closed = panel.moves.groupby("year")["closed"].sum()
    return mean([estimators.exit_rate(closed.get(y, 0), panel.stock.get(y - 1, 0)) for y in panel.years])


def investment_spikes(panel: Panel) -> float:
    """Share of enterprise-years with investment above a fifth of last year's capital."""
    moves = panel.moves[~panel.moves["closed"]]
    return estimators.investment_spikes(moves["investment"], moves["capital_before"])


def customer_tail(panel: Panel) -> float:
    """Tail of local customers per supplier, mean over years; a customer with several slots counts once."""
    if panel.links is None:
        return np.nan
    customers = panel.links.drop_duplicates(["year", "buyer", "supplier"])
    return mean([estimators.customer_degree_tail(rows["supplier"]) for _, rows in customers.groupby("year")])


def link_survival(panel: Panel) -> float:
    """Share of links with local suppliers that last a year, exits included, mean over years."""
    if panel.links is None:
        return np.nan
    keys = pd.DataFrame({name: pd.factorize(panel.links[name])[0] for name in ("buyer", "input", "supplier")})
    years = panel.links["year"].to_numpy()
    links = {year: keys[years == year].to_numpy() for year in np.unique(years)}
    none = np.empty((0, 3), dtype=np.int64)
    return mean([estimators.link_survival(links.get(y - 1, none), links.get(y, none)) for y in panel.years])


def wage_curve(panel: Panel) -> float:
    """Response of the change of log pay to that of log unemployment, mean of both skills."""
    region = panel.region.sort_values("year")
    slopes = [
        estimators.wage_curve(_log_change(region[f"wage_{skill}"]), _log_change(region[f"unemployment_{skill}"]))
        for skill in ("ordinary", "skilled")
    ]
    return mean(slopes)


def supporting_rate_noise(panel: Panel) -> float:
    """Standard deviation of the yearly change of the anchors' local supporting rate."""
    rates = panel.region.sort_values("year")["supporting_rate"].to_numpy()
    return float(np.std(np.diff(rates), ddof=1)) if rates.size > 2 else np.nan


# --- shared steps ---


def mean(values: list[float]) -> float:
    """Mean of the values that are known; NaN where none is."""
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else np.nan


def _logs(values: pd.Series) -> pd.Series:
    return pd.Series(np.log(values.to_numpy()), index=values.index)


def _log_change(values: pd.Series) -> np.ndarray:
    return np.diff(np.log(values.where(values > 0).to_numpy()))


def _mean_by_year(panel: Panel, measure: Callable[[pd.DataFrame], float]) -> float:
    rows = panel.enterprises
    return mean([measure(rows[rows["year"] == year]) for year in panel.years])
