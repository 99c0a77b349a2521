"""Watches a pair of worlds: when, at which step and in what they part, how many enterprises and links that reaches.

Before the first policy year the worlds are compared at the end of every year, in years with a policy in force after
every step, until they part. From then on it is counted whom the difference reached, and what recipients did.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chainsim.economy.economy import Economy
from chainsim.economy.types import Flags
from chainsim.effects.channel_watch import Channels
from chainsim.effects.differences import (
    Alignment,
    Difference,
    aligned,
    difference,
    differing,
    differing_links,
    partners,
)
from chainsim.effects.paired_worlds import BASE_YEAR
from chainsim.effects.recipients import Recipients
from chainsim.policy.lever import Intervention
from chainsim.stages import ACCOUNTS, LEVERS

Row = dict[str, Any]
NOTICEABLE = 0.01
"""Relative change of sales from which an enterprise counts as noticeably changed."""


class Parting(NamedTuple):
    """Where two worlds part: year, step of the year, and what differs then."""

    year: int
    step: str
    what: Difference


class Observer:
    """The observer of one pair; `look` is called after every step of both worlds, the base year first."""

    def __init__(
        self,
        base: Economy,
        policy: Economy,
        first_year: int,
        changed: Sequence[Intervention] = (),
        levers: Sequence[str] = (),
        closely: bool = True,
    ) -> None:
        """`closely` keeps what differs after every step of the year in which the worlds part."""
        self.base, self.policy, self.closely = base, policy, closely
        self.first_year, self.changed = first_year, tuple(changed)
        self.recipients = Recipients(levers)
        self.channels = Channels(base, policy)
        self.parting: Parting | None = None
        self.stage, self.stage_columns = "", tuple[str, ...]()
        self.spread: list[Row] = []
        self.reach: list[Row] = []
        self.moved: list[Row] = []
        self.observe(BASE_YEAR)

    def observe(self, step: str) -> None:
        """Compare the worlds after a step of the year, as far as needed."""
        if self.is_due(step):
            found = difference(self.base, self.policy)
            if found:
                self._note(step, found)
        if self.policy.year >= self.first_year:
            self.channels.observe(step, self.parting is not None)
        if step == LEVERS:
            self._note_moved()
        if step == ACCOUNTS and self.policy.year >= self.first_year:
            self._count()

    def is_due(self, step: str) -> bool:
        """Whether to compare everything now: until the worlds part, and until that reaches enterprises."""
        if self.parting is None:
            return step in (ACCOUNTS, BASE_YEAR) or self.in_force
        return not self.stage or (self.closely and self.parting.year == self.policy.year)

    def _note(self, step: str, found: Difference) -> None:
        if self.parting is None:
            self.parting = Parting(self.policy.year, step, found)
        known = set(self.parting.what.columns) if self.parting.step == LEVERS else set()
        changed = tuple(name for name in found.columns if name not in known)
        if not self.stage and step != LEVERS and (changed or found.links):
            self.stage, self.stage_columns = step, changed
        if self.closely and self.parting.year == self.policy.year:
            self.spread.append(self._spread(step, found))

    @property
    def in_force(self) -> bool:
        """Whether anything that differs between the worlds is in force this year."""
        year = self.policy.year
        if year < self.first_year:
            return False
        by_stages = self.first_year <= self.policy.arrays.start
        return by_stages or any(item.strength(year) != 0.0 for item in self.changed)

    def _spread(self, step: str, found: Difference) -> Row:
        match = aligned(self.base, self.policy)
        return {"year": self.policy.year, "step": step, **texts(found)} | {
            "enterprises_differ": int(differing(self.base, self.policy, match).sum()),
            "links_differ": differing_links(self.base, self.policy, match)[1],
        }

    def _note_moved(self) -> None:
        """Entry points that levers and shocks of the policy world moved in January, for the first time."""
        known = {(row["source"], row["entry_point"]) for row in self.moved}
        moved = self.policy.programme.moved if self.policy.programme is not None else {}
        for source, points in moved.items():
            for point in points:
                if (source, point) not in known:
                    self.moved.append({"year": self.policy.year, "source": source, "entry_point": point})

    def _count(self) -> None:
        """Whom the difference has reached by the end of the year, and what recipients did."""
        self._note_moved()
        base, policy, match = self.base, self.policy, aligned(self.base, self.policy)
        treated = self.recipients.count(base, policy, match)
        if self.parting is None:
            return
        self.channels.count(match)
        differs = differing(base, policy, match)
        partner, neighbour = self._near(treated, match)
        links, other_links = differing_links(base, policy, match)
        self.reach.append(
            {
                "year": policy.year,
                "enterprises": differs.size,
                "differ": int(differs.sum()),
                "treated": int((differs & treated).sum()),
                "linked": int((differs & partner).sum()),
                "same_segment": int((differs & neighbour).sum()),
                "others_differ": int((differs & ~(treated | partner | neighbour)).sum()),
                "noticeably": int(noticeable(base, policy, match).sum()),
                "links": links,
                "links_differ": other_links,
            }
        )

    def _near(self, treated: Flags, match: Alignment) -> tuple[Flags, Flags]:
        """Who trades with a treated enterprise in either world, and who else shares its segment, (u,) each."""
        partner = np.zeros(treated.size, dtype=bool)
        segment = np.zeros(treated.size, dtype=np.int64)
        for economy, rows in zip((self.base, self.policy), match.rows, strict=True):
            there = rows >= 0
            chosen = np.zeros(economy.n, dtype=bool)
            chosen[rows[there & treated]] = True
            partner[there] |= partners(economy, chosen)[rows[there]]
            segment[there] = economy.segment[rows[there]]
        partner &= ~treated
        shared = np.bincount(segment[treated], minlength=self.policy.arrays.size)[segment] > 0
        return partner, shared & ~treated & ~partner

    def tables(self) -> dict[str, list[Row]]:
        """What was seen, as rows of tables."""
        parting = []
        if self.parting is not None:
            year, step, what = self.parting
            first = {"stage": self.stage, "stage_columns": ", ".join(self.stage_columns)}
            parting = [{"year": year, "step": step, **texts(what), **first}]
        seen = {"parting": parting, "spread": self.spread, "reach": self.reach, "moved": self.moved}
        seen["decomposition"] = self.channels.rows
        return seen | self.recipients.tables()


def texts(found: Difference) -> Row:
    """A difference as cells of a table."""
    others = (*found.others, *(f"links.{name}" for name in found.links))
    return {
        "entry_points": ", ".join(found.entry_points),
        "columns": ", ".join(found.columns),
        "others": ", ".join(others),
    }


def noticeable(base: Economy, policy: Economy, match: Alignment) -> Flags:
    """Enterprises in one world only, or whose sales differ by `NOTICEABLE` of those in the baseline, (u,)."""
    changed = ~match.common
    rows = match.rows[0][match.common], match.rows[1][match.common]
    ours, theirs = base.sales[rows[0]], policy.sales[rows[1]]
    changed[match.common] = np.abs(theirs - ours) > NOTICEABLE * ours
    return changed
