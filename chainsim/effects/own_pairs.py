"""What the recipients of one lever did in its own pair of worlds: the lever alone, or the policy with and without it.

    added = sum over years and recipients so far of (outcome in the world with the lever - outcome in the one without)
    untreated = the same sum over enterprises of the recipients' segments whom the lever has not served so far

Nothing but the lever differs between the two worlds, so what recipients do more is its doing and no other lever's. A
world is remembered year by year as far as that needs, so that worlds of one pair may be run one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainsim.economy.types import Array, Flags, Index
from chainsim.effects.differences import aligned
from chainsim.effects.recipients import OUTCOMES, outcomes, paid_by_lever
from chainsim.indicators.table import Recording
from chainsim.runs.simulation import Simulation

ADDED = (
    "recipients",
    "support",
    *(f"{outcome}_{world}" for outcome in OUTCOMES for world in ("with", "without", "untreated")),
)
"""What is told of a lever's own pair: enterprises served, money for them, outcomes over all years."""


class EnterpriseYear(NamedTuple):
    """What is remembered of the enterprises of a world at the end of a year, a value for each of the `n`."""

    n: int
    identity: NDArray[np.uint64]
    operated: Flags
    active: Flags
    segment: Index
    sales: Array
    employment: Array
    rd: Array
    investment: Array
    paid: dict[int, Array]
    """What every lever paid, by its number, CNY million."""


def remember_world(
    world: Simulation, step: Callable[[], None], levers: Sequence[str]
) -> Generator[int, None, tuple[Recording, list[EnterpriseYear]]]:
    """Run a world to the end: yields every year when it begins, returns what was recorded and remembered."""
    years = []
    while world.running:
        yield world.economy.year + 1
        step()
        economy = world.economy
        columns = {name: getattr(economy, name).copy() for name in EnterpriseYear._fields[1:-1]}
        years.append(EnterpriseYear(n=economy.n, paid=paid_by_lever(economy, levers), **columns))
    return world.recording(), years


def added_by(lever: int, without: Sequence[EnterpriseYear], with_lever: Sequence[EnterpriseYear]) -> dict[str, float]:
    """What `ADDED` names, of the lever of this number, from its two worlds."""
    found = dict.fromkeys(ADDED, 0.0)
    served = np.zeros(0, dtype=np.uint64)
    for base, policy in zip(without, with_lever, strict=True):
        paid = policy.paid.get(lever)
        if paid is not None:
            served = np.union1d(served, policy.identity[paid > 0.0])
            found["support"] += float(paid.sum())
        if not served.size:
            continue
        match = aligned(base, policy)
        treated, there = np.isin(match.identity, served), match.rows[1] >= 0
        segment = np.where(there, policy.segment[match.rows[1]], base.segment[match.rows[0]])
        others = ~treated & np.isin(segment, segment[treated])
        pairs = zip(OUTCOMES, outcomes(base, match.rows[0]), outcomes(policy, match.rows[1]), strict=True)
        for outcome, ours, theirs in pairs:
            found[f"{outcome}_with"] += float(theirs[treated].sum())
            found[f"{outcome}_without"] += float(ours[treated].sum())
            found[f"{outcome}_untreated"] += float((theirs - ours)[others].sum())
    found["recipients"] = float(served.size)
    return found
