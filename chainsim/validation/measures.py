"""Measures of stylised facts in one run: what the estimators are applied to, and how years are averaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from chainsim.runs.results import Result
from chainsim.validation import estimators

STATE = ["sales", "employment", "value_added", "capital"]
FEWEST_IN_SEGMENT = 10
"""Fewest enterprises of a segment whose dispersion counts."""


@dataclass(frozen=True)
class Panel:
    """One run. Frames with the year as a column.

    enterprises: those that operated in a year; `active` where they were still in business at its end. region: the
    indicators of all tiers. links: links with local suppliers at the end of a year, None where not recorded. chain:
    segments that belong to the chain.
    """

    enterprises: pd.DataFrame
    region: pd.DataFrame
    links: pd.DataFrame | None
    chain: frozenset[str]

    @cached_property
    def years(self) -> range:
        """Simulated years."""
        return range(int(self.enterprises["year"].min()) + 1, int(self.enterprises["year"].max()) + 1)

    @cached_property
    def stock(self) -> pd.Series:
        """Number of enterprises that operated, by year, base year included."""
        return self.enterprises.groupby("year").size()

    @cached_property
    def simulated(self) -> pd.DataFrame:
        """Enterprises in the simulated years, by the year of their life, 1 for the first."""
        rows = self.enterprises[self.enterprises["year"] >= self.years.start]
        return rows.assign(year_of_life=rows["year"] - rows["founded"] + 1)

    @cached_property
    def going(self) -> pd.DataFrame:
        """Enterprises in business at the end of a year, with their state a year before as `_before`, if any."""
        now = self.simulated[self.simulated["active"]]
        before = self.enterprises[["year", "identity", *STATE]]
        before = before.assign(year=before["year"] + 1).rename(columns={name: f"{name}_before" for name in STATE})
        return now.merge(before, how="left", on=["year", "identity"])

    @cached_property
    def hazards(self) -> dict[str, float]:
        """Exit hazard by class of age."""
        return estimators.hazard_by_age(self.simulated["year_of_life"], ~self.simulated["active"])

    @cached_property
    def survival(self) -> np.ndarray:
        """Share in business after each year of life, (years,)."""
        return estimators.survival(self.simulated["year_of_life"], ~self.simulated["active"])

    @property
    def growth_in_number(self) -> float:
        """Mean growth of the number of enterprises, 1/y."""
        return float((self.stock.iloc[-1] / self.stock.iloc[0]) ** (1 / len(self.years)) - 1)


def panel_of(result: Result, replication: int) -> Panel:
    """The panel of one replication."""
    region, enterprises = _run(result.region, replication), _run(result.enterprises, replication)
    links = _run(result.links, replication) if "links" in result.tables else None
    return Panel(
        enterprises=enterprises.assign(active=enterprises["active"].astype(bool)),
        region=region[region["scope"] == "all"],
        links=None if links is None else links[links["supplier"].isin(enterprises["identity"].unique())],
        chain=frozenset(result.scenario.chain.own_segments),
    )


def _run(table: pd.DataFrame, replication: int) -> pd.DataFrame:
    return table[table["replication"] == replication]


# --- sizes, growth, productivity ---


def size_tail(panel: Panel) -> float:
    """Pareto exponent of staff in the chain, mean over years; its users are other industries of other sizes."""
    chain = panel.going[panel.going["segment"].isin(panel.chain)]
    return mean([estimators.hill_tail(staff) for _, staff in chain.groupby("year")["employment"]])


def growth_rates(panel: Panel) -> pd.DataFrame:
    """Size before (CNY million) and log growth of sales less the mean of segment and year."""
    rows = panel.going[(panel.going["sales_before"] > 0) & (panel.going["sales"] > 0)]
    growth = _logs(rows["sales"] / rows["sales_before"])
    return pd.DataFrame({"size": rows["sales_before"], "growth": _less_common(growth, rows)})


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
    groups = [group for _, group in panel.going.groupby(["year", "segment"])["productivity"]]
    large = [group for group in groups if len(group) >= FEWEST_IN_SEGMENT]
    ratios = [estimators.percentile_ratio(group) for group in large]
    return float(np.average(ratios, weights=[len(group) for group in large])) if large else np.nan


def productivity_persistence(panel: Panel) -> float:
    """AR(1) of log value added per person less the mean of segment and year."""
    rows = panel.going
    now, before = rows["value_added"] / rows["employment"], rows["value_added_before"] / rows["employment_before"]
    rows = rows[(now > 0) & (before > 0) & np.isfinite(now) & np.isfinite(before)]
    previous, current = (_less_common(_logs(values[rows.index]), rows) for values in (before, now))
    return estimators.ar1(previous, current)


def hazard(label: str) -> Callable[[Panel], float]:
    """Exit hazard of one class of age."""
    return lambda panel: panel.hazards[label]


def age_share(group: int) -> Callable[[Panel], float]:
    """Share of one age group in the stock of the last year."""

    def measure(panel: Panel) -> float:
        last = panel.simulated[panel.simulated["year"] == panel.years[-1]]
        return float(estimators.age_shares(last["year_of_life"] - 1)[group])

    return measure


def implied_age_share(group: int) -> Callable[[Panel], float]:
    """The same share in a stable population with the run's hazards and its growth in numbers."""

    def measure(panel: Panel) -> float:
        return float(estimators.implied_age_shares(panel.hazards, panel.growth_in_number)[group])

    return measure


def entry(panel: Panel) -> float:
    """Enterprises in their first year over those that operated the year before, mean over years."""
    new = panel.simulated[panel.simulated["year_of_life"] == 1].groupby("year").size()
    return mean([estimators.entry_rate(new.get(year, 0), panel.stock.get(year - 1, 0)) for year in panel.years])


def exits(panel: Panel) -> float:
    """Enterprises that closed over those that operated in the year, mean over years."""
    closed = (~panel.simulated["active"]).groupby(panel.simulated["year"]).sum()
    return mean([estimators.exit_rate(closed.get(year, 0), panel.stock.get(year, 0)) for year in panel.years])


def exits_and_growth(panel: Panel) -> float:
    """The exit rate and the growth of the number of enterprises, which together are the entry rate."""
    return exits(panel) + panel.growth_in_number


def survival(years: int) -> Callable[[Panel], float]:
    """Share in business after so many years of life."""
    return lambda panel: float(panel.survival[years - 1]) if panel.survival.size >= years else np.nan


def median_life(panel: Panel) -> float:
    """Years after which half of the enterprises have closed."""
    return estimators.median_life(panel.survival)


def investment_spikes(panel: Panel) -> float:
    """Share of enterprise-years with investment above a fifth of last year's capital."""
    return estimators.investment_spikes(panel.going["investment"], panel.going["capital_before"].fillna(0.0))


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
    """Long-run response of log pay to log unemployment, mean of both skills, without the base year and its luck."""
    region = panel.region.sort_values("year").iloc[1:]
    slopes = [
        estimators.wage_curve(_logs(region[f"wage_{skill}"]), _logs(region[f"unemployment_{skill}"]))
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


def _less_common(values: pd.Series, rows: pd.DataFrame) -> pd.Series:
    return values - values.groupby([rows["year"], rows["segment"]]).transform("mean")


def _logs(values: pd.Series) -> pd.Series:
    return pd.Series(np.log(values.to_numpy()), index=values.index)
