"""Identities of recorded tables: what is held against what, the largest gap of each and where it is.

    residual = |left - right| / gross

Gross is the sum of the flows that an identity adds, so a small difference of large flows is judged by the flows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

TOLERANCE = 1e-9
"""Largest residual that is rounding."""
RUN = ["point", "replication", "year"]
"""What tells a run and a year."""

Tables = Mapping[str, pd.DataFrame]
Names = dict[str, tuple[Any, ...]]
"""Names, or combinations of names, that a table has a row for in every year, by table."""
GENERAL = "general"
"""Industry of segments that state none."""


class Stated(NamedTuple):
    """What the scenario and the record beside the tables state of the runs; None where it is not known or varies."""

    name: str | None = None
    application: tuple[str, ...] = ()
    """Tiers that headlines leave out."""
    years: tuple[int, int] | None = None
    seeds: tuple[int, ...] | None = None
    """Seeds by replication."""
    runs: pd.DataFrame | None = None
    """Point and replication of every run, where these are not the replications of one point."""
    keys: Mapping[str, tuple[Any, ...]] = {}
    """As `Names`."""
    tables: tuple[str, ...] = ()
    """Tables that there must be."""
    households: Mapping[str, float] | None = None
    """Rates of households and local services."""
    labour_cost: Mapping[str, float] | None = None
    """Labour cost over pay, by segment."""
    levers: Mapping[str, Mapping[str, Any]] | None = None
    """Type, budget, years and ramp of every lever, and what the digitised buy more."""
    working: frozenset[str] | None = None
    """Stages that are at work: neither switched off nor with prices fixed."""
    drawn: frozenset[str] = frozenset()
    """Paths of numbers that differ between runs, which are drawn in worlds: what is stated of them holds of none."""
    discount: float = 0.04
    """Rate a year at which money of later years counts less, where an item is discounted."""
    local_tax_share: float = 0.5
    """Part of the tax return that stays with the region."""


TAX_MEASURES = ("profit_tax_break", "rd_tax_deduction")
"""Types of levers whose outlay is tax that is not levied."""

NOTHING = Stated()
"""What is stated of tables without a scenario beside them."""


ROW_UNSEEN = "an error in one of these rows may go unseen"


class Check(NamedTuple):
    """An identity: largest residual, where it is, how many numbers were held against each other; or why it was not."""

    name: str
    residual: float = 0.0
    where: str = ""
    numbers: int = 0
    missing: str = ""

    @property
    def failed(self) -> bool:
        """Whether it does not hold."""
        return not self.missing and not self.residual <= TOLERANCE


class Checks:
    """Collects identities."""

    def __init__(self) -> None:
        self.found: list[Check] = []

    def equal(self, name: str, left: pd.Series, right: pd.Series, gross: pd.Series | None = None) -> None:
        """Hold two series of the same index against each other; a row that only one has is an infinite residual."""
        one, other = left.align(right, join="outer")
        flows = one.abs() + other.abs() if gross is None else gross.reindex(one.index)
        self.gap(name, one - other, flows, one.isna() & other.isna())

    def at_most(self, name: str, small: pd.Series, large: pd.Series) -> None:
        """Hold that no number of the first exceeds that of the second; where the second is missing nothing limits."""
        most = large.reindex(small.index)
        over = (small - most).clip(lower=0.0).where(most.notna(), 0.0)
        self.gap(name, over, small.abs() + most.abs().fillna(0.0))

    def gap(self, name: str, gap: pd.Series, gross: pd.Series, both_missing: pd.Series | None = None) -> None:
        """Add an identity by its gaps, which should be 0."""
        residual = residuals(gap, gross, both_missing)
        if not residual.size:
            self.lacking(name, "there are no rows")
            return
        worst = int(np.argmax(residual))
        self.found.append(Check(name, float(residual[worst]), place(gap.index, worst), residual.size))

    def attempt(self, name: str, check: Callable[..., None], *tables: Any) -> None:
        """Add what a check finds; that it fails where the tables are such that nothing can be added up."""
        try:
            check(self, *tables)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            self.found.append(Check(f"{name}: tables that can be added up", np.inf, f"{type(error).__name__}: {error}"))

    def partly(self, what: str, rows: pd.Index, held: pd.Index) -> None:
        """Say in how many of the rows no identity holds something."""
        if left := int((~rows.isin(held)).sum()):
            self.lacking(f"{what}, in {left:,} of {len(rows):,} rows", ROW_UNSEEN)

    def lacking(self, name: str, why: str) -> None:
        """Say that an identity could not be checked."""
        self.found.append(Check(name, missing=why))


def residuals(gap: pd.Series, gross: pd.Series, both_missing: pd.Series | None = None) -> np.ndarray:
    """Gaps over flows; infinite where there is no flow or no number, 0 where both sides have none."""
    amount, flows = np.abs(gap.to_numpy(dtype=float)), gross.to_numpy(dtype=float)
    found = np.divide(amount, flows, out=np.where(amount > 0, np.inf, 0.0), where=flows > 0)
    found[np.isnan(amount) | np.isnan(flows)] = np.inf
    if both_missing is not None:
        found[both_missing.to_numpy()] = 0.0
    return found


def place(index: pd.Index, row: int) -> str:
    """A row of a table in words."""
    keys = index[row] if isinstance(index, pd.MultiIndex) else (index[row],)
    return ", ".join(
        f"{name} {key}" for name, key in zip(index.names, keys, strict=True) if not (name == "point" and key == 0)
    )


def leading(industries: Iterable[str]) -> tuple[str, ...]:
    """Industries that have a row of their own, of those of the segments of the chain."""
    return tuple(dict.fromkeys(name for name in industries if name != GENERAL))


def over(top: pd.Series, bottom: pd.Series) -> pd.Series:
    """top / bottom, 0 where the bottom is 0."""
    return (top / bottom.where(bottom != 0)).where(bottom.ne(0) | bottom.isna(), 0.0)


def a_year_later(values: pd.DataFrame) -> pd.DataFrame:
    """The rows of every year in the year after."""
    keys = list(values.index.names)
    rows = values.reset_index()
    return rows.assign(year=rows["year"] + 1).set_index(keys)


def with_year_before(index: pd.Index) -> pd.MultiIndex:
    """The rows, and those of the same keys in the year before."""
    keys = index.to_frame(index=False)
    return pd.MultiIndex.from_frame(pd.concat([keys, keys.assign(year=keys["year"] - 1)]))


def in_first_year(index: pd.Index) -> np.ndarray:
    """Whether a row is of the first year of its point."""
    year, point = (pd.Series(index.get_level_values(key)) for key in ("year", "point"))
    return year.eq(year.groupby(point).transform("min")).to_numpy()


def dropped(index: pd.Index, *levels: str) -> pd.MultiIndex:
    """The index without some of its levels."""
    return pd.MultiIndex.from_frame(index.to_frame(index=False).drop(columns=list(levels)))
