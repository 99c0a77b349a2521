"""Choices of two worlds replayed with the terms of one put in place of the other's, a channel at a time.

A review of the same link in both worlds has the same luck: the choice is the first arrival of a race in which an option
of attractiveness V arrives at ln(-ln u) - V. V is a sum over channels, so any mixture of both worlds can be asked
whether it would have chosen a local supplier. An option that one world alone shows belongs to the channel that says
why: its enterprise has come, arrived or closed in one world only, a matchmaker brought it, or it was not seen.
"""

from __future__ import annotations

import numpy as np

from chainsim.economy.kernels.philox import compiled, mix, unit_of
from chainsim.economy.kernels.suppliers import ABROAD_IDENTITY, NATIONAL_IDENTITY
from chainsim.economy.links import ARRIVALS, ENTRY, EXIT, PRICE, QUALITY, REST, ROOM, TERMS

CHANNELS = 8
OTHERS = 4
"""Place of what belongs to no channel of its own among the terms of an option, behind price, quality, room, terms."""
OUTSIDE_OPTIONS = 2


@compiled
def offer(side, m, j, terms):
    """Terms (5,) of the local enterprise `j` in a world's review `m`, log: price, quality, room, terms, others."""
    e, i = side.slots[0, m], side.slots[1, m]
    l, k = side.link_input[e], side.segment[i]
    terms[PRICE] = side.price[j]
    beyond = side.tolerated - side.log_quality[i] + side.log_quality[j]
    terms[QUALITY] = beyond if beyond <= 0.0 else side.beyond * beyond
    size = side.coefficient[e] * side.expected[i]
    room = side.spare[j] + (size if side.slots[2, m] == j else 0.0)
    terms[ROOM] = side.delivery[j]
    if size > room:
        terms[ROOM] += side.capacity_weight * np.log(max(room / size, side.least_room))
    terms[TERMS] = side.bonus[i] + (side.met_bonus[side.matched[j]] if side.meets[side.matched[j], i] else 0.0)
    if side.required[l, k] > 0.0:
        terms[TERMS] += np.log(1.0 - side.required[l, k] * (1.0 - side.certified[j]))
    terms[OTHERS] = side.home[l, k] + (side.park_bonus if side.park[i] == side.park[j] else 0.0)


@compiled
def outside_offer(side, m, origin, terms):
    """Terms (5,) of national (0) or foreign (1) supply in a world's review `m`, log."""
    e, i = side.slots[0, m], side.slots[1, m]
    l, k = side.link_input[e], side.segment[i]
    beyond = side.tolerated - side.log_quality[i]
    terms[PRICE], terms[ROOM], terms[OTHERS] = 0.0, 0.0, 0.0
    terms[QUALITY] = beyond if beyond <= 0.0 else side.beyond * beyond
    terms[TERMS] = side.outside[l, k, origin]
    if side.required[l, k] > 0.0:
        terms[TERMS] += np.log(1.0 - side.required[l, k] * (1.0 - side.rivals_certified[l]))


@compiled
def lay_out(ours, theirs, m_ours, m_theirs, terms, present, brought, why, race):
    """Lay out the options of a review of both worlds; returns how many, national and foreign supply first.

    Fills, by world and option, `terms` (2, o, 5), whether it is `present` (2, o) and was `brought` (2, o) by a
    matchmaker, and by option the channel `why` (o,) one world alone shows it and its luck `race` (o,), ln(-ln u).
    An option that one world does not know has the terms of the other in both.
    """
    word = ours.random_word[m_ours]
    for origin in range(OUTSIDE_OPTIONS):
        outside_offer(ours, m_ours, origin, terms[0, origin])
        outside_offer(theirs, m_theirs, origin, terms[1, origin])
        race[origin] = np.log(-np.log(unit_of(mix(word, ABROAD_IDENTITY if origin else NATIONAL_IDENTITY))))
        for world in range(2):
            present[world, origin], brought[world, origin] = True, False
        why[origin] = REST
    count = OUTSIDE_OPTIONS
    seen = ours.number[m_ours] + ours.introduced[m_ours]
    for q in range(seen):
        j = ours.found[m_ours, q]
        other, new = ours.twin[j], q >= ours.number[m_ours]
        present[0, count], brought[0, count] = True, new
        present[1, count], brought[1, count] = False, new
        why[count] = ours.absent[j] if other < 0 else (TERMS if new else REST)
        offer(ours, m_ours, j, terms[0, count])
        race[count] = np.log(-np.log(unit_of(mix(word, ours.identity[j]))))
        if other < 0:
            terms[1, count] = terms[0, count]
        else:
            offer(theirs, m_theirs, other, terms[1, count])
        count += 1
    for q in range(theirs.number[m_theirs] + theirs.introduced[m_theirs]):
        j = theirs.found[m_theirs, q]
        other, new, known = theirs.twin[j], q >= theirs.number[m_theirs], -1
        if other >= 0:
            for p in range(seen):
                if ours.found[m_ours, p] == other:
                    known = OUTSIDE_OPTIONS + p
        if known >= 0:
            present[1, known], brought[1, known], why[known] = True, new, REST
            offer(theirs, m_theirs, j, terms[1, known])
            continue
        present[0, count], brought[0, count] = False, new
        present[1, count], brought[1, count] = True, new
        why[count] = theirs.absent[j] if other < 0 else (TERMS if new else REST)
        offer(theirs, m_theirs, j, terms[1, count])
        race[count] = np.log(-np.log(unit_of(mix(word, theirs.identity[j]))))
        if other < 0:
            terms[0, count] = terms[1, count]
        else:
            offer(ours, m_ours, other, terms[0, count])
        count += 1
    displaced(count, present, why)
    return count


@compiled
def displaced(count, present, why):
    """Count enterprises that one world alone shows with those that took their place or left it: `why` (o,) in place.

    Where a review shows enterprises that are in one world only, others are seen or not seen because of these.
    """
    reason, most = REST, 0
    for channel in (ARRIVALS, EXIT, ENTRY):
        number = 0
        for o in range(OUTSIDE_OPTIONS, count):
            number += why[o] == channel
        if number > most:
            reason, most = channel, number
    for o in range(OUTSIDE_OPTIONS, count):
        if why[o] == REST and present[0, o] != present[1, o]:
            why[o] = reason


@compiled
def chooses_local(world, count, terms, present, brought, why, race):
    """Whether a mixture of worlds, `world` (8,) by channel, chooses a local supplier among `count` options."""
    local, outside, shown = np.inf, np.inf, 0
    for o in range(count):
        if not present[world[why[o]], o]:
            continue
        time = race[o] - terms[world[REST], o, OTHERS]
        for channel in range(OTHERS):
            time -= terms[world[channel], o, channel]
        if o < OUTSIDE_OPTIONS:
            outside = min(outside, time)
        else:
            local = min(local, time)
            shown += not brought[world[TERMS], o]
    return local + np.log(max(shown, 1)) < outside


@compiled
def is_settled(count, terms, present, brought, race):
    """Whether every mixture of both worlds chooses the same: the slowest of one kind beats the fastest of the other."""
    surely, perhaps = np.full(2, np.inf), np.full(2, np.inf)
    most, least = 0, 0
    for o in range(count):
        local = int(o >= OUTSIDE_OPTIONS)
        late, early = race[o], race[o]
        for term in range(OTHERS + 1):
            late -= min(terms[0, o, term], terms[1, o, term])
            early -= max(terms[0, o, term], terms[1, o, term])
        perhaps[local] = min(perhaps[local], early)
        if present[0, o] and present[1, o]:
            surely[local] = min(surely[local], late)
            least += local == 1 and not brought[0, o] and not brought[1, o]
        most += local == 1 and not (brought[0, o] and brought[1, o])
    surely[1] += np.log(max(most, 1))
    perhaps[1] += np.log(max(least, 1))
    return surely[1] < perhaps[0] or surely[0] < perhaps[1]


@compiled
def replay(ours, theirs, at_ours, at_theirs, shares):
    """What each channel adds to the choice of a local supplier, theirs less ours, (m, 8) into `shares`.

    `at_ours`, `at_theirs` (m,) are places of the same link in the reviews of both worlds. A channel's share is what
    changes when it passes from our world to theirs, the mean over an order of the channels and its reverse: the shares
    of a link add up to the difference of the two choices, and change sign when the worlds are exchanged.
    """
    room = OUTSIDE_OPTIONS + ours.found.shape[1] + theirs.found.shape[1]
    terms, race, why = np.empty((2, room, OTHERS + 1)), np.empty(room), np.empty(room, dtype=np.int64)
    present, brought = np.empty((2, room), dtype=np.bool_), np.empty((2, room), dtype=np.bool_)
    world = np.empty(CHANNELS, dtype=np.int64)
    for n in range(at_ours.shape[0]):
        count = lay_out(ours, theirs, at_ours[n], at_theirs[n], terms, present, brought, why, race)
        if is_settled(count, terms, present, brought, race):
            continue
        for start in range(2):
            for channel in range(CHANNELS):
                world[channel] = start
            before = chooses_local(world, count, terms, present, brought, why, race)
            for channel in range(CHANNELS):
                world[channel] = 1 - start
                after = chooses_local(world, count, terms, present, brought, why, race)
                if after != before:
                    shares[n, channel] += 0.5 if after == (start == 0) else -0.5
                before = after
