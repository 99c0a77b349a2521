"""What those served by levers do in the policy world, and the same enterprises in the baseline; what the others lose.

    added = sum over recipients so far of (outcome with the policy - outcome without)
    untreated = the same sum over enterprises of the recipients' segments whom no lever has served so far

A recipient is an enterprise, known by its identity, for whom a lever has paid so far, to itself or to others on its
behalf. An enterprise that is not in one of the worlds counts there with 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chainsim.tables import OWNERS

if TYPE_CHECKING:
    from chainsim.economy import Economy
    from chainsim.effects.differences import Alignment

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Row = dict[str, Any]

OUTCOMES = ("sales", "employment", "rd", "investment")
"""What is followed: flows of the year in CNY million, staff in persons."""
SIZES = ("micro, below 20 staff", "small, 20 to 299", "medium, 300 to 999", "large, 1,000 and more")
"""Size classes of industry in Chinese statistics, by staff."""
SIZE_BOUNDS = (20.0, 300.0, 1000.0)


class Recipients:
    """Who has been served by which lever so far, and what they did, year by year."""

    def __init__(self, levers: Sequence[str]) -> None:
        self.levers = tuple(levers)
        self.identity = np.zeros(0, dtype=np.uint64)
        self.served = np.zeros((0, len(self.levers)), dtype=bool)
        self.rows: list[Row] = []
        self.support: list[Row] = []

    def count(self, base: Economy, policy: Economy, match: Alignment) -> Flags:
        """Add the present year. Who has been served by any of the levers so far, (u,)."""
        paid = paid_by_lever(policy, self.levers)
        self._remember(policy, paid)
        flags = self._flags(match.identity)
        if flags.any():
            self._add(base, policy, match, flags, paid)
        return np.asarray(flags.any(axis=1))

    def _remember(self, policy: Economy, paid: Array) -> None:
        """Put who is paid this year, paid (n, L), among those served."""
        rows = np.flatnonzero((paid > 0.0).any(axis=1))
        union = np.unique(np.concatenate([self.identity, policy.identity[rows]]))
        served = np.zeros((union.size, len(self.levers)), dtype=bool)
        served[np.searchsorted(union, self.identity)] = self.served
        served[np.searchsorted(union, policy.identity[rows])] |= paid[rows] > 0.0
        self.identity, self.served = union, served

    def _flags(self, identity: NDArray[np.uint64]) -> Flags:
        """Who of the identities has been served by which lever, (u, L)."""
        if not self.identity.size:
            return np.zeros((identity.size, len(self.levers)), dtype=bool)
        place = np.minimum(np.searchsorted(self.identity, identity), self.identity.size - 1)
        return self.served[place] & (self.identity[place] == identity)[:, None]

    def _add(self, base: Economy, policy: Economy, match: Alignment, flags: Flags, paid: Array) -> None:
        """Sums of the year over recipients and over the untreated of their segments, a row a lever."""
        without, with_policy = outcomes(base, match.rows[0]), outcomes(policy, match.rows[1])
        segment = np.where(match.rows[1] >= 0, policy.segment[match.rows[1]], base.segment[match.rows[0]])
        weight = flags.astype(float)
        ours, theirs = weight.T @ without, weight.T @ with_policy
        untreated = np.zeros((policy.tables.size, len(OUTCOMES)))
        rest = ~flags.any(axis=1)
        np.add.at(untreated, segment[rest], (with_policy - without)[rest])
        for number, lever in enumerate(self.levers):
            here = np.bincount(segment[flags[:, number]], minlength=policy.tables.size) > 0
            if not here.any():
                continue
            lost = untreated[here].sum(axis=0)
            row: Row = {"year": policy.year, "lever": lever, "recipients": int(self.served[:, number].sum())}
            row["support"] = float(paid[:, number].sum())
            for k, outcome in enumerate(OUTCOMES):
                row |= {f"{outcome}_with": float(theirs[number, k]), f"{outcome}_without": float(ours[number, k])}
                row[f"{outcome}_untreated"] = float(lost[k])
            self.rows.append(row)
            self.support += support_rows(policy, lever, paid[:, number])

    def tables(self) -> dict[str, list[Row]]:
        """What was counted, as rows of tables."""
        return {"recipients": self.rows, "support": self.support}


def paid_by_lever(economy: Economy, levers: Sequence[str]) -> Array:
    """What was paid this year for every enterprise by every lever, (n, L), CNY million, co-financing included."""
    paid = np.zeros((economy.n, len(levers)))
    for number, lever in enumerate(levers):
        book = economy.programme.books.get(lever)
        if book is not None and book.paid.size:
            paid[: book.paid.size, number] = book.paid
    return paid


def outcomes(economy: Economy, rows: NDArray[np.int64]) -> Array:
    """Outcomes of enterprises by row, (u, 4); 0 for those who are not there."""
    values = np.stack([getattr(economy, name) for name in OUTCOMES], axis=1)
    return np.where((rows >= 0)[:, None], values[rows], 0.0)


def support_rows(economy: Economy, lever: str, paid: Array) -> list[Row]:
    """Who got it: support of the year by segment, owner and size class, CNY million."""
    tables = economy.tables
    size = np.searchsorted(SIZE_BOUNDS, economy.employment, side="right")
    rows = []
    for by, names, code in (
        ("segment", tables.names, economy.segment),
        ("owner", OWNERS, economy.owner),
        ("size", SIZES, size),
    ):
        sums = np.bincount(code, weights=paid, minlength=len(names))
        rows += [
            {"year": economy.year, "lever": lever, "by": by, "group": names[k], "paid": float(sums[k])}
            for k in np.flatnonzero(sums)
        ]
    return rows
