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
def offers(side, m, who, count, terms):
    """Fill the `terms` (o, 5) of the options of a world's review `m`, log: price, quality, room, terms, others.

    National and foreign supply come first, then the enterprises at rows `who` (o,); -1 is nobody, and left out.
    """
    e, i, incumbent = side.slots[0, m], side.slots[1, m], side.slots[2, m]
    l, k = side.link_input[e], side.segment[i]
    required, tolerated = side.required[l, k], side.tolerated - side.log_quality[i]
    size, least_room, bonus, home = (
        side.coefficient[e] * side.expected[i],
        side.least_room,
        side.bonus[i],
        side.home[l, k],
    )
    for o in range(count):
        j = who[o]
        if o < OUTSIDE_OPTIONS:
            certified, beyond = side.rivals_certified[l], tolerated
            terms[o, PRICE], terms[o, ROOM], terms[o, OTHERS] = 0.0, 0.0, 0.0
            terms[o, TERMS] = side.outside[l, k, o]
        elif j >= 0:
            certified, beyond = side.certified[j], tolerated + side.log_quality[j]
            room = side.spare[j] + (size if incumbent == j else 0.0)
            terms[o, PRICE], terms[o, ROOM] = side.price[j], side.delivery[j]
            if size > room:
                terms[o, ROOM] += side.capacity_weight * np.log(max(room / size, least_room))
            terms[o, TERMS] = bonus + (side.met_bonus[side.matched[j]] if side.meets[side.matched[j], i] else 0.0)
            terms[o, OTHERS] = home + (side.park_bonus if side.park[i] == side.park[j] else 0.0)
        else:
            continue
        terms[o, QUALITY] = beyond if beyond <= 0.0 else side.beyond * beyond
        if required > 0.0:
            terms[o, TERMS] += np.log(1.0 - required * (1.0 - certified))


@compiled
def list_options(ours, theirs, m_ours, m_theirs, who, present, brought, why):
    """List the options of a review of both worlds; returns how many, national and foreign supply first.

    Fills, by world and option, the row `who` (2, o) has there, -1 if none, whether it is `present` (2, o) and was
    `brought` (2, o) by a matchmaker, and by option the channel `why` (o,) one world alone shows it.
    """
    for origin in range(OUTSIDE_OPTIONS):
        for world in range(2):
            who[world, origin], present[world, origin], brought[world, origin] = -1, True, False
        why[origin] = REST
    count = OUTSIDE_OPTIONS
    for q in range(ours.number[m_ours] + ours.introduced[m_ours]):
        j = ours.found[m_ours, q]
        other, new = ours.twin[j], q >= ours.number[m_ours]
        who[0, count], present[0, count], brought[0, count] = j, True, new
        who[1, count], present[1, count], brought[1, count] = other, False, new
        why[count] = ours.absent[j] if other < 0 else (TERMS if new else REST)
        count += 1
    seen = count
    for q in range(theirs.number[m_theirs] + theirs.introduced[m_theirs]):
        j = theirs.found[m_theirs, q]
        other, new, known = theirs.twin[j], q >= theirs.number[m_theirs], -1
        for o in range(OUTSIDE_OPTIONS, seen):
            if who[1, o] == j:
                known = o
        if known >= 0:
            present[1, known], brought[1, known], why[known] = True, new, REST
            continue
        who[0, count], present[0, count], brought[0, count] = other, False, new
        who[1, count], present[1, count], brought[1, count] = j, True, new
        why[count] = theirs.absent[j] if other < 0 else (TERMS if new else REST)
        count += 1
    displaced(count, present, why)
    return count


@compiled
def complete(count, word, who, our_identity, their_identity, terms, race):
    """Fill the luck `race` (o,) of the options of a review with its random `word`, ln(-ln u), and the `terms` (2, o, 5)
    of those that one world does not know: they are the other's in both."""
    for o in range(count):
        if o < OUTSIDE_OPTIONS:
            identity = ABROAD_IDENTITY if o else NATIONAL_IDENTITY
        else:
            identity = our_identity[who[0, o]] if who[0, o] >= 0 else their_identity[who[1, o]]
            for world in range(2):
                if who[world, o] < 0:
                    for term in range(OTHERS + 1):
                        terms[world, o, term] = terms[1 - world, o, term]
        race[o] = np.log(-np.log(unit_of(mix(word, identity))))


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
def mark_moving(count, terms, present, brought, why, moves):
    """Mark in `moves` (8,) the channels by which the worlds differ: passing another over changes no choice."""
    moves[:] = False
    for o in range(count):
        for channel in range(OTHERS):
            moves[channel] |= terms[0, o, channel] != terms[1, o, channel]
        moves[REST] |= terms[0, o, OTHERS] != terms[1, o, OTHERS]
        moves[TERMS] |= brought[0, o] != brought[1, o]
        moves[why[o]] |= present[0, o] != present[1, o]


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
    terms, race = np.empty((2, room, OTHERS + 1)), np.empty(room)
    who, why = np.empty((2, room), dtype=np.int64), np.empty(room, dtype=np.int64)
    present, brought = np.empty((2, room), dtype=np.bool_), np.empty((2, room), dtype=np.bool_)
    world, moves = np.empty(CHANNELS, dtype=np.int64), np.empty(CHANNELS, dtype=np.bool_)
    for n in range(at_ours.shape[0]):
        m_ours, m_theirs = at_ours[n], at_theirs[n]
        count = list_options(ours, theirs, m_ours, m_theirs, who, present, brought, why)
        offers(ours, m_ours, who[0], count, terms[0])
        offers(theirs, m_theirs, who[1], count, terms[1])
        complete(count, ours.random_word[m_ours], who, ours.identity, theirs.identity, terms, race)
        if is_settled(count, terms, present, brought, race):
            continue
        mark_moving(count, terms, present, brought, why, moves)
        for start in range(2):
            for channel in range(CHANNELS):
                world[channel] = start
            before = chooses_local(world, count, terms, present, brought, why, race)
            for channel in range(CHANNELS):
                world[channel] = 1 - start
                if not moves[channel]:
                    continue
                after = chooses_local(world, count, terms, present, brought, why, race)
                if after != before:
                    shares[n, channel] += 0.5 if after == (start == 0) else -0.5
                before = after
