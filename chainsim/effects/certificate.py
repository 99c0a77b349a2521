"""The proof that comes with a comparison: when, where and how the worlds part, whom it reaches, what pairs are worth.

    variance ratio = Var(paired difference) / (Var(policy) + Var(baseline))

over the pairs, of the log of an outcome of the chain. Runs of independent seeds would have the ratio 1; a ratio of 1/20
says that twenty times as many unpaired runs would be needed for the same interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from chainsim.economy.entry_points import entry_points
from chainsim.economy.types import Array
from chainsim.effects.effect_tables import values
from chainsim.effects.pairing import NEVER, Pairing
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
                f"{self.first_year}, first in {int(wrong['year'].min())} "
                f"({wrong.iloc[0]['columns'] or wrong.iloc[0]['others']})"
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


def certificate(pairing: Pairing) -> Certificate:
    """The certificate of one policy."""
    return Certificate(
        policy=pairing.name,
        start=pairing.base.years[0],
        first_year=pairing.first_year,
        pairs=pairing.pairs,
        parting=pairing.seen["parting"].drop(columns="policy").reset_index(drop=True),
        reach=reach_by_year(pairing.seen["reach"]),
        variance=variance_ratios(pairing.base, pairing.policy, pairing.horizons),
    )


def reach_by_year(reach: pd.DataFrame) -> pd.DataFrame:
    """Means over the pairs of the numbers of enterprises and links that differ, a row a year."""
    kept = reach.drop(columns=["policy", "replication", "seed"])
    return kept.groupby("year", as_index=False).mean() if len(kept) else kept.reset_index(drop=True)


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
    """Variance over pairs (R,) of the difference of logs, and the sum of both variances; not a number for few."""
    if base.size < LEAST_PAIRS or (base <= 0).any() or (policy <= 0).any():
        return float("nan"), float("nan")
    ours, theirs = np.log(base), np.log(policy)
    return float(np.var(theirs - ours, ddof=1)), float(np.var(ours, ddof=1) + np.var(theirs, ddof=1))


@dataclass(frozen=True)
class Trace:
    """The way of a policy.

    `channels`: levers and shocks, the entry points they move, the stage that reads these, the first year, the share of
    pairs. `steps`: what differs after every step of the year in which the worlds of the first pair part.
    `reach`: by year, enterprises that differ, of them served by a lever (`treated`), suppliers or customers of those
    (`linked`), others of the same segments, all others; and links that differ. Medians of the pairs.
    """

    channels: pd.DataFrame
    steps: pd.DataFrame
    reach: pd.DataFrame

    def __str__(self) -> str:
        """The three tables as text."""
        parts = (("channels", self.channels), ("steps", self.steps), ("reach", self.reach))
        return "\n\n".join(f"{name}\n{table.to_string(index=False)}" for name, table in parts)


def trace(pairing: Pairing) -> Trace:
    """The trace of one policy."""
    return Trace(
        channels=channels(pairing),
        steps=pairing.seen["spread"].drop(columns=["policy", "replication", "seed"]).reset_index(drop=True),
        reach=reach_by_year(pairing.seen["reach"]),
    )


def channels(pairing: Pairing) -> pd.DataFrame:
    """Entry points that levers and shocks move, with the stage that reads them."""
    known, moved = entry_points(), pairing.seen["moved"]
    types = {
        name: str(item.type)
        for block in ("levers", "shocks")
        for name, item in getattr(pairing.policy.scenario, block).items()
    }
    rows = []
    for (source, point), found in moved.groupby(["source", "entry_point"], sort=False):
        about = known[str(point)].metadata
        pairs = found["replication"].nunique() / pairing.pairs
        row = (source, types.get(str(source), ""), point, about["stage"], int(found["year"].min()), pairs)
        rows.append((*row, about["meaning"]))
    return pd.DataFrame(rows, columns=["source", "type", "entry_point", "stage", "first_year", "pairs", "meaning"])
