"""The proof that comes with a comparison: when, where and how the worlds part, and what the pairing is worth.

    variance ratio = Var(paired difference) / (Var(policy) + Var(baseline))

over the pairs, of the log of an outcome of the chain. Runs of independent seeds would have the ratio 1; a ratio of 1/20
says that twenty times as many unpaired runs would be needed for the same interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from chainsim.economy.types import Array
from chainsim.effects.pairing import NEVER
from chainsim.effects.table import values

if TYPE_CHECKING:
    from chainsim.effects.effect import Effect
    from chainsim.runs.results import Result

LOGGED = ("output", "employment")
ROUNDING = 1e-24
"""A variance of logs below this is rounding."""
LEAST_PAIRS = 3
"""A variance of fewer pairs is not shown."""


@dataclass(frozen=True)
class Certificate:
    """What was checked of every pair. `parting` has a row for each pair that parts, `reach` one for each year.

    `variance` holds the ratio by indicator and years of policy, missing where a variance is 0 or there are few pairs.
    """

    policy: str
    start: int
    first_year: int
    pairs: int
    parting: pd.DataFrame
    reach: pd.DataFrame
    variance: pd.DataFrame

    @property
    def holds(self) -> bool:
        """Whether all pairs are the same in every bit before the first policy year."""
        return bool((self.parting["year"] >= self.first_year).all())

    @property
    def parted(self) -> int:
        """Number of pairs that part at all."""
        return len(self.parting)

    def lines(self) -> list[str]:
        """The certificate in two lines."""
        return [self._identity(), self._variance()]

    def _identity(self) -> str:
        if not self.parted:
            when = "" if self.first_year < NEVER else "; the scenarios ask for the same"
            return (
                f"{self.policy}: the worlds never part, {self.of(self.pairs)} identical in every bit to the end{when}"
            )
        first = self.parting.iloc[0]
        if not self.holds:
            wrong = self.parting[self.parting["year"] < self.first_year]
            return (
                f"{self.policy}: NOT VALID, {self.of(len(wrong))} part before the first policy year "
                f"{self.first_year}, first in {int(wrong['year'].min())} ({wrong.iloc[0]['columns'] or wrong.iloc[0]['others']})"
            )
        same = f"{self.of(self.pairs)} identical in every bit through {self.first_year - 1}; "
        if first["year"] <= self.start:
            same = ""
        where = f"part in {years_of(self.parting['year'])} at {first['step']}"
        if first["entry_points"]:
            where += f" ({few(first['entry_points'])})"
        reached = f", reach enterprises in {first['stage']}" if first["stage"] not in ("", first["step"]) else ""
        never = f"; {self.pairs - self.parted} never part" if self.parted < self.pairs else ""
        return f"{self.policy}: {same}{where}{reached}{never}"

    def _variance(self) -> str:
        known = self.variance.dropna(subset=["ratio"])
        if known.empty:
            return f"pairing: the variance ratio needs {LEAST_PAIRS} pairs that differ"
        parts = [
            f"{'sales' if name == 'output' else 'jobs'} "
            + ", ".join(f"{row.ratio:.2g} (year {row.years})" for row in rows.itertuples())
            for name, rows in known.groupby("indicator", sort=False)
        ]
        return f"variance of the effect over that of unpaired seeds: {'; '.join(parts)}"

    def of(self, number: int) -> str:
        """`3 of 10 pairs`, `all 10 pairs`, `the pair`."""
        if self.pairs == 1:
            return "the pair"
        return f"all {self.pairs} pairs" if number == self.pairs else f"{number} of {self.pairs} pairs"


def few(names: str, most: int = 5) -> str:
    """The first names of a list, and how many more there are."""
    found = names.split(", ")
    return names if len(found) <= most + 1 else f"{', '.join(found[:most])} and {len(found) - most} more"


def years_of(years: pd.Series) -> str:
    """One year, or the first and the last."""
    first, last = int(years.min()), int(years.max())
    return str(first) if first == last else f"{first} to {last}"


def certificate(effect: Effect) -> Certificate:
    """The certificate of the effect of one policy."""
    policy = effect.policy
    return Certificate(
        policy=effect.names[0],
        start=effect.base.years[0],
        first_year=effect.first_year,
        pairs=effect.replications,
        parting=effect.seen["parting"].drop(columns="policy").reset_index(drop=True),
        reach=reach_by_year(effect.seen["reach"]),
        variance=variance_ratios(effect.base, policy, effect.horizons),
    )


def reach_by_year(reach: pd.DataFrame) -> pd.DataFrame:
    """Medians over the pairs of the numbers of enterprises and links that differ, a row a year."""
    kept = reach.drop(columns=["policy", "replication", "seed"])
    return kept.groupby("year", as_index=False).median() if len(kept) else kept.reset_index(drop=True)


def variance_ratios(base: Result, policy: Result, horizons: dict[int, int]) -> pd.DataFrame:
    """Ratio by indicator and number of years of policy, with the year they end and both variances."""
    rows = []
    for indicator in LOGGED:
        both = values(base, policy, indicator)
        place = {int(year): number for number, year in enumerate(both.keys["year"])}
        for number, year in horizons.items():
            paired, unpaired = variances(both.base[:, place[year]], both.policy[:, place[year]])
            rows.append(
                (indicator, number, year, paired / unpaired if unpaired > ROUNDING else np.nan, paired, unpaired)
            )
    return pd.DataFrame(rows, columns=["indicator", "years", "year", "ratio", "paired", "unpaired"])


def variances(base: Array, policy: Array) -> tuple[float, float]:
    """Variance over pairs (R,) of the difference of logs, and the sum of the variances of both; not a number for few."""
    if base.size < LEAST_PAIRS or (base <= 0).any() or (policy <= 0).any():
        return float("nan"), float("nan")
    ours, theirs = np.log(base), np.log(policy)
    return float(np.var(theirs - ours, ddof=1)), float(np.var(ours, ddof=1) + np.var(theirs, ddof=1))
