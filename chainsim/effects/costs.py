"""What a policy costs, what comes back as tax, and the net cost of what it achieves.

    net cost = outlay - recovered support - tax return
    net cost of the region = the same with s of tax forgone and of tax return, the `local_tax_share` of the scenario

Outlay is what the region pays and the tax that levers forgo, which all levels share as they share taxes; the tax
return is the change of all taxes and contributions of the modelled enterprises and their staff, whoever levies them.
All are sums over the years simulated, in CNY million at the outside price level, without discounting, but for the net
cost that says so: year t counts 1 / (1 + d)^(t - base year), with the discount d of the scenario. Ratios are of sums
over the pairs, because ratios of single pairs have no mean; their intervals are bootstrapped over pairs, or over worlds
and pairs in them, of which fewer than ten tell none. A ratio is undefined where the mean effect below the line cannot
be told from 0, or is negative for certain, as signs of effects are: then no cost per unit exists.
All is given twice: `all` counts every tier, `chain` leaves out jobs, value added and taxes of application tiers,
whose size may drown those of the chain in luck.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtrit

from chainsim.economy.parameters import in_money
from chainsim.economy.types import Array
from chainsim.effects.effect_tables import FEWEST_FOR_A_SIGN, has_certain_sign, values
from chainsim.effects.world_shares import resamples
from chainsim.runs.results import Result

M = "CNY million"
TAX_MEASURES = ("profit_tax_break", "rd_tax_deduction")
"""Types of levers whose outlay is tax that is not levied."""
UNDEFINED = "undefined: the effect cannot be told from 0"
NEGATIVE = "undefined: the effect is negative"
ONE_PAIR = "one pair: no interval"
TOO_FEW = "fewer than ten pairs or worlds: no interval"
PAYS_BACK = "returns more than it costs"
IMPOSED = "by the imposed multiplier"


class Item(NamedTuple):
    """A quantity of every pair, (R,), with unit and meaning."""

    unit: str
    meaning: str
    pairs: Array


class Ratio(NamedTuple):
    """A row of the costs: the quantities above and below the line, unit and meaning."""

    name: str
    above: str
    below: str
    unit: str
    meaning: str


RATIOS = (
    Ratio("net_cost_per_job", "net_cost", "jobs", "CNY million/person", "net cost per job in the last year"),
    Ratio("net_cost_per_job_year", "net_cost", "job_years", "CNY million/person-year", "net cost per job-year"),
    Ratio("outlay_per_job_year", "outlay", "job_years", "CNY million/person-year", "outlay per job-year"),
    Ratio(
        "net_cost_per_job_year_with_induced",
        "net_cost",
        "job_years_with_induced",
        "CNY million/person-year",
        f"net cost per job-year, induced jobs in the rest of the region counted {IMPOSED}",
    ),
    Ratio(
        "net_cost_per_point",
        "net_cost",
        "localization",
        "CNY million/point",
        "net cost per point of the chain's localization rate at base-year weights in the last year",
    ),
    Ratio(
        "net_cost_per_value_added", "net_cost", "value_added", "1", "net cost per unit of value added over all years"
    ),
)


class Estimate(NamedTuple):
    """A value, the bounds of its 90 % interval, and a note where it is undefined or needs a word."""

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    note: str = ""


class Row(NamedTuple):
    """A row of the table of costs."""

    scope: str
    item: str
    unit: str
    value: float
    low90: float
    high90: float
    note: str
    meaning: str


SCOPES = ("all", "chain")


def items(base: Result, policy: Result, scope: str = "all") -> dict[str, Item]:
    """Money and effects of every pair over all years; of all tiers or the chain, the localization rate of the chain."""

    def total(name: str) -> Array:
        return np.asarray(effect_in(base, policy, name, scope).sum(axis=1))

    def last(name: str) -> Array:
        return effect_in(base, policy, name, scope)[:, -1]

    outlay, tax = total("fiscal_outlay"), total("tax_revenue")
    recovered, cofinanced = (
        lever_total(policy, name) - lever_total(base, name) for name in ("recovered", "cofinanced")
    )
    forgone = tax_forgone(policy) - tax_forgone(base)
    yearly = [effect_in(base, policy, name, scope) for name in ("fiscal_outlay", "tax_revenue")]
    back = lever_years(policy, "recovered") - lever_years(base, "recovered")
    discount, kept = base.scenario.discount, base.scenario.local_tax_share
    present = (1.0 + discount) ** -np.arange(float(back.shape[1]))
    jobs, induced = total("employment"), total("jobs_induced")
    return {
        "outlay": Item(M, "what the region pays or forgoes for the policy", outlay),
        "tax_forgone": Item(M, "part of the outlay that is tax not levied, less what is paid back", forgone),
        "cofinanced": Item(M, "what another level of government pays beside it, not in the net cost", cofinanced),
        "recovered": Item(M, "support that closing enterprises pay back to the region", recovered),
        "tax_return": Item(M, "taxes and contributions that the policy adds, of all levels of government", tax),
        "net_cost": Item(M, "outlay less recovered support and tax return", outlay - recovered - tax),
        "net_cost_region": Item(
            M,
            f"the same for the region alone, which bears {100.0 * kept:g} % of tax forgone and keeps as much of the return",
            outlay - recovered - (1.0 - kept) * forgone - kept * tax,
        ),
        "net_cost_discounted": Item(
            M,
            f"net cost discounted at {100.0 * discount:g} % a year to the base year",
            (yearly[0] - back - yearly[1]) @ present,
        ),
        "jobs": Item("persons", "jobs of modelled enterprises in the last year", last("employment")),
        "job_years": Item("person-years", "jobs of modelled enterprises over all years", jobs),
        "jobs_induced": Item(
            "persons", f"jobs in the rest of the region in the last year, {IMPOSED}", last("jobs_induced")
        ),
        "job_years_induced": Item("person-years", f"jobs in the rest of the region, {IMPOSED}", induced),
        "job_years_with_induced": Item("person-years", f"both together, the second {IMPOSED}", jobs + induced),
        "value_added": Item(M, "value added of modelled enterprises over all years", total("value_added")),
        "localization": Item(
            "points",
            "points of the chain's localization rate at base-year weights in the last year",
            100.0 * rate_in(base, policy)[:, -1],
        ),
    }


def effect_in(base: Result, policy: Result, indicator: str, scope: str) -> Array:
    """Paired differences of an indicator of all tiers or of the chain by year, (R, T + 1)."""
    both = values(base, policy, indicator, "scope")
    return both.effect[:, (both.keys["scope"] == scope).to_numpy()]


def rate_in(base: Result, policy: Result) -> Array:
    """Paired differences of the chain's localization rate at base-year weights by year, (R, T + 1)."""
    return values(base, policy, "localization_rate_fixed").effect


def lever_total(result: Result, column: str, types: Collection[str] = ()) -> Array:
    """A column of the levers over all years and levers, or those of some types, (R,)."""
    levers = result.levers
    sums = (levers[levers["type"].isin(types)] if types else levers).groupby("replication")[column].sum()
    return sums.reindex(range(result.replications), fill_value=0.0).to_numpy(dtype=float)


def tax_forgone(result: Result) -> Array:
    """Tax that levers forgo over all years, less what is paid back of it, (R,)."""
    return lever_total(result, "outlay", TAX_MEASURES) - lever_total(result, "recovered", TAX_MEASURES)


def lever_years(result: Result, column: str) -> Array:
    """A column of the levers by year over all levers, (R, T + 1)."""
    start, end = result.years
    sums = result.levers.groupby(["replication", "year"])[column].sum().unstack(fill_value=0)
    return (
        sums.reindex(range(result.replications), fill_value=0)
        .reindex(columns=range(start, end + 1), fill_value=0)
        .to_numpy(dtype=float)
    )


def costs(base: Result, policy: Result, worlds: int = 0) -> pd.DataFrame:
    """Money, effects and ratios of one policy, of all tiers and of the chain, in worlds if any; see `Effect.costs`."""
    rows = []
    for scope in SCOPES:
        found = items(base, policy, scope)
        rows += [Row(scope, name, in_money(item.unit), *mean(item.pairs), item.meaning) for name, item in found.items()]
        for line in RATIOS:
            estimate = ratio(found[line.above].pairs, found[line.below].pairs, worlds)
            rows.append(Row(scope, line.name, in_money(line.unit), *estimate, line.meaning))
    return pd.DataFrame(rows, columns=list(Row._fields))


def mean(pairs: Array) -> Estimate:
    """Mean over the pairs (R,), and the bounds that hold 90 % of them."""
    low, high = np.quantile(pairs, (0.05, 0.95)) if pairs.size > 1 else (np.nan, np.nan)
    return Estimate(float(pairs.mean()), float(low), float(high))


def ratio(above: Array, below: Array, worlds: int = 0) -> Estimate:
    """Ratio of sums over pairs (R,), its 90 % interval, and a note where it is undefined or needs a word.

    The interval is that of the ratios of resampled pairs, or of resampled worlds and pairs in them, and holds the ratio
    in 90 % of draws (`outer_level`); it is missing with fewer than ten of them. It is open (infinite) at no end: where
    the sum below the line is not positive beyond that level of the resamples, the ratio is undefined.
    """
    if below.sum() <= 0:
        return Estimate(note=NEGATIVE if has_certain_sign(below[:, None], worlds)[0] else UNDEFINED)
    value = float(above.sum() / below.sum())
    if below.size == 1:
        return Estimate(value, note=ONE_PAIR)
    chosen = resamples(below.size, worlds)
    tops, bottoms = above[chosen].sum(axis=1), below[chosen].sum(axis=1)
    units = worlds or below.size
    few = units < FEWEST_FOR_A_SIGN
    outer = 0.05 if few else outer_level(units)
    if np.quantile(bottoms, outer) <= 0:
        return Estimate(note=UNDEFINED)
    if few:
        return Estimate(value, note=TOO_FEW)
    ratios = tops[bottoms > 0] / bottoms[bottoms > 0]
    low, high = np.quantile(ratios, (outer, 1.0 - outer))
    return Estimate(value, float(low), float(high), PAYS_BACK if high < 0 else "")


def outer_level(units: int) -> float:
    """Part of the resamples of so many pairs or worlds beyond either end of an interval of 90 %.

    Resamples spread less than estimates do, by (n - 1) / n in variance, and their quantiles are those of a normal
    where Student's t is due: of ten pairs .05 would leave out 17 % (Hesterberg 2015, expanded percentile interval).
    """
    return float(ndtr(-np.sqrt(units / (units - 1)) * stdtrit(units - 1, 0.95)))
