"""What those served by levers do in the policy world, and the same enterprises in the baseline; what the others lose.

    added = sum over recipients so far of (outcome with the policy - outcome without)
    untreated = the same sum over enterprises of the recipients' segments whom no lever has served so far

A recipient is an enterprise, known by its identity, for whom a lever has paid so far, to itself or to others on its
behalf. An enterprise that is not in one of the worlds counts there with 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainsim.economy.arrays import OWNERS
from chainsim.economy.economy import Economy
from chainsim.economy.types import Array, Flags, Index
from chainsim.effects.differences import Alignment, is_among

Row = dict[str, Any]

OUTCOMES = ("sales", "employment", "rd", "investment")
"""What is followed: flows of the year in CNY million, staff in persons."""
SIZES = ("micro, below 20 staff", "small, 20 to 299", "medium, 300 to 999", "large, 1,000 and more")
"""Size classes of industry in Chinese statistics, by staff."""
SIZE_BOUNDS = (20.0, 300.0, 1000.0)


class Recipients:
    """Who has been served by which lever so far, and what they did, year by year.

    `identity` (k,) are those served by any, in ascending order, `served` (L, k) by which of the levers.
    """

    def __init__(self, levers: Sequence[str]) -> None:
        self.levers = tuple(levers)
        self.identity = np.zeros(0, dtype=np.uint64)
        self.served = np.zeros((len(self.levers), 0), dtype=bool)
        self.rows: list[Row] = []
        self.support: dict[tuple[int, str], Array] = {}
        self.policy: Economy | None = None

    def count(self, base: Economy, policy: Economy, match: Alignment) -> Flags:
        """Add the present year. Who has been served by any of the levers so far, (u,)."""
        paid = paid_by_lever(policy, self.levers)
        self._remember(policy, paid)
        self._divide(policy, paid)
        flags = self._flags(match.identity)
        if flags.any():
            self._add(base, policy, match, flags, paid)
        return np.asarray(flags.any(axis=0))

    def _remember(self, policy: Economy, paid: Mapping[int, Array]) -> None:
        """Put who is paid this year among those served."""
        if not paid:
            return
        rows = np.flatnonzero(reduce(np.logical_or, [amount > 0.0 for amount in paid.values()]))
        identity = policy.identity[rows]
        new = np.sort(identity[~is_among(identity, self.identity)])
        if new.size:
            place = np.searchsorted(self.identity, new)
            self.identity = np.insert(self.identity, place, new)
            self.served = np.insert(self.served, place, False, axis=1)
        place = np.searchsorted(self.identity, identity)
        for number, amount in paid.items():
            self.served[number, place] |= amount[rows] > 0.0

    def _divide(self, policy: Economy, paid: Mapping[int, Array]) -> None:
        """Add the support of the year to the segments, owners and size classes that got it."""
        self.policy = policy
        if not paid:
            return
        size = np.searchsorted(SIZE_BOUNDS, policy.employment, side="right")
        groups = (
            ("segment", policy.segment, policy.arrays.size),
            ("owner", policy.owner, len(OWNERS)),
            ("size", size, len(SIZES)),
        )
        for number, amount in paid.items():
            rows = np.flatnonzero(amount)
            for by, code, length in groups:
                sums = np.bincount(code[rows], weights=amount[rows], minlength=length)
                self.support[number, by] = np.asarray(self.support.get((number, by), 0.0) + sums, dtype=float)

    def _flags(self, identity: NDArray[np.uint64]) -> Flags:
        """Who of the identities has been served by which lever, (L, u)."""
        if not self.identity.size:
            return np.zeros((len(self.levers), identity.size), dtype=bool)
        place = np.minimum(np.searchsorted(self.identity, identity), self.identity.size - 1)
        return self.served[:, place] & (self.identity[place] == identity)

    def _add(self, base: Economy, policy: Economy, match: Alignment, flags: Flags, paid: Mapping[int, Array]) -> None:
        """Sums of the year over recipients and over the untreated of their segments, a row a lever."""
        without, with_policy = outcomes(base, match.rows[0]), outcomes(policy, match.rows[1])
        there = match.rows[1] >= 0
        segment = np.where(there, policy.segment[match.rows[1]], base.segment[match.rows[0]])
        weight = flags.astype(float)
        ours, theirs = weight @ without.T, weight @ with_policy.T
        rest, size = np.flatnonzero(~flags.any(axis=0)), policy.arrays.size
        of_rest, gaps = segment[rest], np.take(with_policy - without, rest, axis=1)
        lost = np.stack([np.bincount(of_rest, weights=gap, minlength=size) for gap in gaps])
        by, who = np.nonzero(flags)
        here = np.bincount(by * size + segment[who], minlength=len(self.levers) * size).reshape(-1, size) > 0
        served, ours, theirs = self.served.sum(axis=1).tolist(), ours.tolist(), theirs.tolist()
        for number in np.flatnonzero(here.any(axis=1)).tolist():
            row: Row = {"year": policy.year, "lever": self.levers[number], "recipients": served[number]}
            row["support"] = float(paid[number].sum()) if number in paid else 0.0
            untreated = np.compress(here[number], lost, axis=1).sum(axis=1).tolist()
            for outcome, *values in zip(OUTCOMES, theirs[number], ours[number], untreated, strict=True):
                row |= zip((f"{outcome}_with", f"{outcome}_without", f"{outcome}_untreated"), values, strict=True)
            self.rows.append(row)

    def tables(self) -> dict[str, list[Row]]:
        """What was counted, as rows of tables."""
        support = [] if self.policy is None else support_rows(self.policy, self.support, self.levers)
        return {"recipients": self.rows, "support": support}


def paid_by_lever(economy: Economy, levers: Sequence[str]) -> dict[int, Array]:
    """What levers paid every enterprise this year, (n,) by number of the lever, CNY million, co-financing included."""
    found = {}
    for number, lever in enumerate(levers):
        lever_year = economy.lever_years.get(lever)
        if lever_year is not None and lever_year.paid.any():
            found[number] = np.zeros(economy.n)
            found[number][: lever_year.paid.size] = lever_year.paid
    return found


def outcomes(economy: object, rows: Index) -> Array:
    """Outcomes of enterprises by row, (4, u); 0 for those who are not there."""
    there = rows >= 0
    return np.stack([np.where(there, getattr(economy, name)[rows], 0.0) for name in OUTCOMES])


def support_rows(policy: Economy, support: Mapping[tuple[int, str], Array], levers: Sequence[str]) -> list[Row]:
    """Who got it: support over all years by lever and segment, owner and size class, CNY million."""
    names = {"segment": policy.arrays.names, "owner": OWNERS, "size": SIZES}
    return [
        {"year": policy.year, "lever": levers[number], "by": by, "group": names[by][int(k)], "paid": float(sums[k])}
        for (number, by), sums in support.items()
        for k in np.flatnonzero(sums)
    ]
