"""Choices of two worlds, replayed with the terms of either, one option and one channel at a time."""

import itertools
import math
from types import SimpleNamespace
from typing import Any

from twins.luck import mix, unit
from twins.suppliers import OUTSIDE, crowding

from chainsim.economy.links import ABROAD, ARRIVALS, ENTRY, EXIT, NATIONAL, PRICE, QUALITY, REST, ROOM, TERMS

CHANNELS = range(8)


def log(value: float) -> float:
    """The logarithm, minus infinity of 0."""
    return math.log(value) if value > 0.0 else -math.inf


def offer(side: Any, m: int, j: int) -> dict[int, float]:
    """Attractiveness of a local enterprise by channel, log; what has no channel of its own goes to the rest."""
    e, i, incumbent = (int(value) for value in side.slots[:3, m])
    l, k = side.link_input[e], side.segment[i]
    excess = side.log_quality[j] + side.tolerated - side.log_quality[i]
    order = side.coefficient[e] * side.expected[i]
    room = side.spare[j] + order * (incumbent == j)
    certified = 1.0 - side.required[l, k] * (1.0 - side.certified[j])
    return {
        PRICE: side.price[j],
        QUALITY: min(excess, 0.0) + side.beyond * max(excess, 0.0),
        ROOM: side.delivery[j] + log(crowding(order, room, side.capacity_weight, side.least_room)),
        TERMS: side.bonus[i] + side.met_bonus[side.matched[j]] * side.meets[side.matched[j], i] + log(certified),
        REST: side.home[l, k] + side.park_bonus * (side.park[i] == side.park[j]),
    }


def outside_offer(side: Any, m: int, origin: int) -> dict[int, float]:
    """The same of national (0) or foreign (1) supply."""
    e, i, _ = (int(value) for value in side.slots[:3, m])
    l, k = side.link_input[e], side.segment[i]
    excess = side.tolerated - side.log_quality[i]
    certified = 1.0 - side.required[l, k] * (1.0 - side.rivals_certified[l])
    return {
        QUALITY: min(excess, 0.0) + side.beyond * max(excess, 0.0),
        TERMS: side.outside[l, k, origin] + log(certified),
    }


def lay_out(ours: Any, theirs: Any, m_ours: int, m_theirs: int) -> list[Any]:
    """Options of a review: `shown` and `new` by world, terms by world, channel and luck."""
    word = int(ours.random_word[m_ours])
    options = []
    for origin, code in enumerate((NATIONAL, ABROAD)):
        terms = outside_offer(ours, m_ours, origin), outside_offer(theirs, m_theirs, origin)
        options.append(option(False, (True, True), (False, False), terms, REST, unit(mix(word, OUTSIDE[code]))))
    names = [shown(side, m) for side, m in ((ours, m_ours), (theirs, m_theirs))]
    for identity in dict.fromkeys([*names[0], *names[1]]):
        there = tuple(identity in seen for seen in names)
        rows = [row_of(side, identity) for side in (ours, theirs)]
        new = [seen.get(identity) for seen in names]
        new = [new[1 - world] if value is None else value for world, value in enumerate(new)]
        known = [None if row is None else offer(side, m, row) for side, m, row in zip((ours, theirs), (m_ours, m_theirs), rows, strict=True)]  # fmt: skip
        terms = tuple(known[1 - world] if value is None else value for world, value in enumerate(known))
        why = REST
        if not all(there):
            side, row = (ours, rows[0]) if there[0] else (theirs, rows[1])
            why = int(side.absent[row]) if side.twin[row] < 0 else TERMS if new[0] else REST
        options.append(option(True, there, tuple(new), terms, why, unit(mix(word, identity))))
    displaced(options)
    return options


def option(local: bool, there: Any, new: Any, terms: Any, why: int, u: float) -> Any:
    """One option of a review."""
    return SimpleNamespace(local=local, there=there, new=new, terms=terms, why=why, luck=log(-log(u)))


def shown(side: Any, m: int) -> dict[int, bool]:
    """Identities of those a buyer sees, and whether a matchmaker brought them."""
    number = int(side.number[m])
    found = side.found[m, : number + int(side.introduced[m])]
    return {int(side.identity[j]): place >= number for place, j in enumerate(found)}


def row_of(side: Any, identity: int) -> int | None:
    """Row of an enterprise in business in a world, None where there is none."""
    rows = [int(j) for j in range(side.identity.size) if int(side.identity[j]) == identity and side.here[j]]
    return rows[0] if rows else None


def displaced(options: list[Any]) -> None:
    """Who is seen or not because of those who are in one world only shares their channel."""
    reasons = [item.why for item in options if item.local]
    most = max(
        (ARRIVALS, EXIT, ENTRY), key=lambda reason: (reasons.count(reason), -(ARRIVALS, EXIT, ENTRY).index(reason))
    )
    for item in options:
        if item.local and item.why == REST and item.there[0] != item.there[1] and reasons.count(most):
            item.why = most


def chooses_local(world: Any, options: list[Any]) -> bool:
    """Whether the mixture `world`, 0 or 1 by channel, chooses a local supplier."""
    seen = [item for item in options if item.there[world[item.why]]]
    number = sum(item.local and not item.new[world[TERMS]] for item in seen)
    times = {True: [math.inf], False: [math.inf]}
    for item in seen:
        worth = sum(item.terms[world[channel]].get(channel, 0.0) for channel in (PRICE, QUALITY, ROOM, TERMS, REST))
        times[item.local].append(item.luck - worth + (log(max(number, 1)) if item.local else 0.0))
    return bool(min(times[True]) < min(times[False]))


def is_settled(options: list[Any]) -> bool:
    """Whether every mixture of both worlds chooses the same."""
    return len({chooses_local(world, options) for world in itertools.product((0, 1), repeat=len(CHANNELS))}) == 1


def replay(ours: Any, theirs: Any, m_ours: int, m_theirs: int) -> list[float]:
    """What each channel adds to the choice of a local supplier: mean over an order of the channels and its reverse."""
    options = lay_out(ours, theirs, m_ours, m_theirs)
    shares = []
    for channel in CHANNELS:
        behind = [int(c < channel) for c in CHANNELS], [int(c > channel) for c in CHANNELS]
        steps = [
            chooses_local([*w[:channel], 1, *w[channel + 1 :]], options) - chooses_local(w, options) for w in behind
        ]
        shares.append(sum(steps) / 2)
    return shares
