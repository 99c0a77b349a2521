"""Review of links, candidates, and the choice among them."""

from __future__ import annotations

import numpy as np

from chainsim.economy.kernels.philox import MASK, S32, TO_UNIT, compiled, mix, philox4x32, unit_of
from chainsim.economy.links import ABROAD, NATIONAL, NOBODY

GUIDE_SHIFT = np.uint64(25)
GUIDES = 128
"""Parts of a segment's sampling weight for which the candidate table says where to begin to look, 2^(32 - shift)."""
LINKS_AT_ONCE = 64
"""Links whose luck is drawn at once: enough for the compiler's widest words, few enough for the nearest cache."""
FIRST_DRAWS, MOST_DRAWS = 12, 64
"""Draws made for every link at once, and at most; of two draws in three comes a candidate."""
ONE, OUTSIDE = np.uint64(1), 2
"""One as a place, and how many kinds of outside supply there are."""
ALL_WORDS, ALMOST_ONE = 2.0**64, 1.0 - 2.0**-53
"""How many 64-bit words there are, and the largest number below 1."""
NATIONAL_IDENTITY = np.uint64(0xFFFFFFFFFFFFFFFF)
ABROAD_IDENTITY = np.uint64(0xFFFFFFFFFFFFFFFE)
"""Identities of outside supply in the race of suppliers."""


@compiled
def place_members(order, group, identity, salt, weight, length, groups, cells):
    """Lay rows into the cells of their groups: each takes the first free one of a sequence by identity and `salt`.

    Rows come in a canonical `order` (m,), so the layout depends on who is there only, and one member more moves few
    others. `weight` (n,) are sampling weights, `length` (G,) the cells of the groups, `groups` and `cells` fields of
    `candidates.CandidateTable`.
    """
    for i in order:
        own, code, attempt = groups[group[i]], mix(identity[i], salt), np.uint64(0)
        while True:
            place = TO_UNIT * np.float64(mix(code, attempt) >> S32)
            cell = own.first + np.int64(place * length[group[i]])
            if cells[cell].row < 0:
                break
            attempt += np.uint64(1)
        cells[cell].row, cells[cell].share = i, weight[i] * own.per_upper


@compiled
def guide(end, total, found):
    """Say where to begin to look in each of equal parts of a segment's `total` (S,): the last class that ends beyond.

    `end` (S, classes) falls from the whole total of the first class; fills `found` (S, parts).
    """
    classes, parts = end.shape[1], found.shape[1]
    for s in range(total.shape[0]):
        c = classes - 1
        for part in range(parts):
            while c > 0 and end[s, c] <= part / parts * total[s]:
                c -= 1
            found[s, part] = c


@compiled
def reviewed(rows, key, identity, name, active, turnover, outside_turnover, rate, start, supplier, link_input, slots):
    """Find the links of `rows` that end or are reviewed.

    A link ends when its supplier is gone or with the break `rate`; with `turnover` (n,) by local supplier or
    `outside_turnover` (S, 4) by input and kind it ends or is reviewed. Its random word is a hash of the buyer's, of its
    input's `name` (S,) and of its slot. Fills, per link found, its number, its buyer and the supplier that stays in the
    running or NOBODY, and its number in the input, into `slots` (4, L). Returns (found, links there were, untouched).
    """
    origins, local = outside_turnover.shape[1], outside_turnover.size
    below = np.empty(local + turnover.shape[0], dtype=np.uint64)  # of outside supply by input and kind, then of local
    for place in range(local):
        below[place] = words_below(outside_turnover[place // origins, place % origins])
    for place in range(turnover.shape[0]):
        below[local + place] = words_below(turnover[place])
    link, buyer, running, number = slots
    count, seen, ends = np.uint64(0), 0, np.int64(words_below(rate) >> ONE)
    for i in rows:
        who, slot, last = identity[i], np.uint64(0), np.int64(-1)
        low, high, _, _ = philox4x32(who & MASK, who >> S32, np.uint64(0), np.uint64(0), key & MASK, key >> S32)
        own = (high << S32) | low
        for e in range(np.uint64(start[i]), np.uint64(start[i + 1])):
            j, l = np.int64(supplier[e]), np.int64(link_input[e])
            slot, last = slot + np.uint64(1) if l == last else np.uint64(0), l
            word = mix(own ^ name[np.uint64(l)], slot)
            here, outside = local + j, l * origins - 1 - j
            link[count], buyer[count], running[count], number[count] = e, i, np.int64(word >> ONE), slot
            count += np.uint64(word < below[np.uint64(here if j >= 0 else outside)])  # others are written over
        seen += start[i + 1] - start[i]
    total = seen
    for m in range(count):
        j = supplier[link[m]]
        total -= j == NOBODY
        gone = running[m] < ends or j <= NOBODY or (j >= 0 and not active[j])
        running[m] = NOBODY if gone else j
    return np.int64(count), total, seen - np.int64(count)


@compiled
def words_below(chance):
    """How many of all 64-bit words stand for a number below `chance`: all but a few where it is 1."""
    return np.uint64(min(chance, ALMOST_ONE) * ALL_WORDS)


@compiled
def sample_candidates(slots, key, draw, wanted, identity, link_input, table, shown, sample):
    """Sample local suppliers for the links `slots` (4, m): `wanted` draws by size, and the incumbent first.

    `table` is a `candidates.CandidateTable`. A block of random words belongs to each (buyer, name of the input, slot in
    it, `draw`): half of it is left in the sample, half decides the draws. One number picks a size class by its total, a
    cell in it, and accepts with the member's share of the class's upper bound; an empty cell or a refusal is drawn
    again, at most 64 times in all. A segment with at most `wanted` enterprises shows them all. `shown` (n,) marks the
    rows shown for the present link by its number. Fills `random_word`, `number` and `found` of the `candidates.Sample`.

    Luck is drawn for a block of links at once, where the compiler takes several together; then comes link by link.
    """
    cells, groups, guide, total, members, member_start, name = table
    random_word, number, found, _ = sample
    stream, scale = np.empty(LINKS_AT_ONCE, dtype=np.uint64), np.empty(LINKS_AT_ONCE)
    aims, parts = np.empty((FIRST_DRAWS, LINKS_AT_ONCE)), np.empty((FIRST_DRAWS, LINKS_AT_ONCE), dtype=np.uint8)
    enough, drawn = np.uint64(wanted), np.empty(max(FIRST_DRAWS, wanted) + 2, dtype=np.int64)
    for begin in range(0, slots.shape[1], LINKS_AT_ONCE):
        size = min(LINKS_AT_ONCE, slots.shape[1] - begin)
        word = random_word[begin : begin + size]
        for q in range(size):
            l = link_input[slots[0, begin + q]]
            word[q], stream[q], scale[q] = identity[slots[1, begin + q]], name[l], TO_UNIT * total[l]
        for q in range(size):  # Philox as `philox4x32` has it, written out
            c0, c1 = word[q] & MASK, word[q] >> S32
            c2, c3 = np.uint64(slots[3, begin + q]), mix(stream[q], np.uint64(draw)) >> S32
            k0, k1 = key & MASK, key >> S32
            for _ in range(10):
                product0 = np.uint64(0xD2511F53) * c0
                product1 = np.uint64(0xCD9E8D57) * c2
                c0, c2 = (product1 >> S32) ^ c1 ^ k0, (product0 >> S32) ^ c3 ^ k1
                c1, c3 = product1 & MASK, product0 & MASK
                k0 = (k0 + np.uint64(0x9E3779B9)) & MASK
                k1 = (k1 + np.uint64(0xBB67AE85)) & MASK
            word[q], stream[q] = (c1 << S32) | c0, (c3 << S32) | c2
        for a in range(0, FIRST_DRAWS, 2):
            for q in range(size):
                two = mix(stream[q], np.uint64(a))
                aims[a, q], aims[a + 1, q] = aim_of(two & MASK, scale[q]), aim_of(two >> S32, scale[q])
                parts[a, q], parts[a + 1, q] = (two & MASK) >> GUIDE_SHIFT, two >> (S32 + GUIDE_SHIFT)
        for q in range(np.uint64(size)):
            m = np.uint64(begin) + q
            e, incumbent = slots[0, m], slots[2, m]
            l, count, accepted, tried = link_input[e], np.uint64(0), np.uint64(0), FIRST_DRAWS
            shown[slots[1, m]] = e
            if incumbent >= 0:
                found[m, 0], shown[incumbent], count = incumbent, e, np.uint64(1)
            if member_start[l + 1] - member_start[l] <= wanted:
                for p in range(member_start[l], member_start[l + 1]):
                    if shown[members[p]] != e:
                        found[m, count] = members[p]
                        count += np.uint64(1)
                number[m] = count
                continue
            of_segment, class_of = groups[l], guide[l]
            for a in range(np.uint64(FIRST_DRAWS)):
                spot, luck = cell_at(aims[a, q], class_of[parts[a, q]], of_segment)
                drawn[accepted] = cells[spot].row  # what is refused is written over by the next
                accepted += np.uint64(luck < cells[spot].share)
            while accepted < enough and tried < MOST_DRAWS:
                two = mix(stream[q], np.uint64(tried))
                for _ in range(2):
                    part = two & MASK
                    spot, luck = cell_at(aim_of(part, scale[q]), class_of[part >> GUIDE_SHIFT], of_segment)
                    drawn[accepted] = cells[spot].row
                    accepted += np.uint64(luck < cells[spot].share)
                    two >>= S32
                tried += 2
            for p in range(min(accepted, enough)):
                row = np.uint64(drawn[p])
                found[m, count] = row  # written over by the next where it was shown before
                count += np.uint64(shown[row] != e)
                shown[row] = e
            number[m] = count


@compiled
def aim_of(word, scale):
    """Where a 32-bit word falls in a segment's total."""
    return (np.float64(np.int64(word)) + 0.5) * scale  # from a signed number, which processors convert at once


@compiled
def cell_at(aim, size_class, groups):
    """The cell at a number of a segment's total, and how far into it the number lies, of a length of 1."""
    g = np.uint64(size_class)
    while aim >= groups[g].end:
        g -= np.uint64(1)
    place = (aim - groups[g].begin) * groups[g].per_upper
    cell = np.int64(place)
    return np.uint64(groups[g].first + cell), place - cell


@compiled
def crowding(order_size, room, weight, least):
    """Factor on the pull of a supplier with less spare capacity than an order: (room / order, `least` or
    more)^weight."""
    if order_size <= room:
        return 1.0
    return max(room / order_size, least) ** weight


@compiled
def fitness(ratio, power):
    """Factor on the pull of an offer whose quality is `ratio` of what the buyer requires: less below 1, above it the
    `power` of the ratio that quality beyond the requirement is worth."""
    return ratio if ratio <= 1.0 else power


@compiled
def introduce(slots, link_input, introductions, identity, sample):
    """Show suppliers of a pool in addition to the sample, by `candidates.Introductions`, to the buyers meant.

    The pool of a programme is ordered by segment and identity. Each place is a point on the circle of identities,
    hashed from the link's random word, and takes the next of the pool: one supplier more changes few introductions,
    and another programme none. Adds rows to `found` behind the `number` of the `candidates.Sample` and fills its
    `introduced`.
    """
    places, pool, pool_start, met = introductions
    random_word, number, found, introduced = sample
    for m in range(slots.shape[1]):
        e, buyer = slots[0, m], slots[1, m]
        l, n, added = link_input[e], number[m], 0
        for programme in range(places.shape[0]):
            low, high = pool_start[programme, l], pool_start[programme, l + 1]
            if met[programme, buyer] and high > low:
                for place in range(places[programme]):
                    point = mix(random_word[m], np.uint64(place))
                    first, end = low, high
                    while first < end:
                        middle = (first + end) // 2
                        if identity[pool[middle]] < point:
                            first = middle + 1
                        else:
                            end = middle
                    candidate = pool[first if first < high else low]
                    fresh = candidate != buyer
                    for q in range(n + added):
                        fresh = fresh and found[m, q] != candidate
                    if fresh:
                        found[m, n + added] = candidate
                        added += 1
        introduced[m] = added


@compiled
def weigh(begin, end, slots, sample, seen, rules, outside, bias, link_input, words, strength, near):
    """List the options of the links `begin` to `end`, one link behind the other: national supply, foreign, those shown.

    Fills, per option, the link's random word and the option's identity in `words` (2, room), the rate at which it
    arrives on a supplier with room enough, `strength`, and the factor of a common park, `near`. Returns how many.
    """
    identity, segment, park, quality_factor, quality_power, _, attraction, _ = seen
    tolerated, beyond, _, _, park_factor = rules
    home, outside_pull = outside
    random_word, number, found, introduced = sample
    bonus, required, certified, rivals_certified, matched, meets, met_factor, _ = bias
    option, last, needed, power, introduces = np.uint64(0), -1, 1.0, 1.0, met_factor.shape[0] > 1
    for m in range(begin, end):
        e, i = slots[0, m], slots[1, m]
        l, k, n, luck = link_input[e], segment[i], number[m], random_word[m]
        if i != last:  # links of one buyer follow each other
            last, needed = i, tolerated / quality_factor[i]
            power = needed**beyond
        asked = required[l, k]
        admitted = (1.0 - asked * (1.0 - rivals_certified[l])) * fitness(needed, power)
        for origin in range(OUTSIDE):
            words[0, option], words[1, option] = luck, NATIONAL_IDENTITY if origin == 0 else ABROAD_IDENTITY
            strength[option], near[option] = outside_pull[l, k, origin] * admitted, 1.0
            option += ONE
        scale = home[l, k] * bonus[i] / max(n, 1)
        for q in range(n + introduced[m]):
            row = np.uint64(found[m, q])
            pull = scale * attraction[row]
            if introduces:
                pull *= met_factor[matched[row]] if meets[matched[row], i] else 1.0
            if asked > 0.0:
                pull *= 1.0 - asked * (1.0 - certified[row])
            words[0, option], words[1, option] = luck, identity[row]
            strength[option] = pull * fitness(quality_factor[row] * needed, quality_power[row] * power)
            near[option] = park_factor if park[row] == park[i] else 1.0
            option += ONE
    return option


@compiled
def choose(slots, sample, seen, rules, outside, bias, link_input, coefficient, supplier, wedge):
    """Choose the suppliers of the links `slots` (3, m) by multinomial logit among those shown, in place.

    `sample`, `seen`, `rules`, `outside`, `bias` are named tuples of `candidates`. What a buyer forgoes by a `bonus` on
    local suppliers, in log price, goes to `wedge` (L,) where that is kept. The choice is the first arrival of an
    exponential race with rates exp(V); the uniform number of an option is a hash of the slot's random word and the
    option's identity. As -ln u >= 2 (1 - u) / (1 + u), and want of room only delays, few who are not the first need a
    logarithm: whoever could be the first by that bound is asked first. Returns links whose supplier stayed.
    """
    _, _, _, _, _, expected, _, spare = seen
    _, _, capacity_weight, least_room, _ = rules
    _, number, found, introduced = sample
    bonus, elasticity = bias[0], bias[7]
    kept, room = 0, LINKS_AT_ONCE * (OUTSIDE + found.shape[1])
    words, u = np.empty((2, room), dtype=np.uint64), np.empty(room)
    strength, near, earliest = np.empty(room), np.empty(room), np.empty(room)
    for begin in range(0, slots.shape[1], LINKS_AT_ONCE):
        end = min(begin + LINKS_AT_ONCE, slots.shape[1])
        options = weigh(begin, end, slots, sample, seen, rules, outside, bias, link_input, words, strength, near)
        for p in range(options):
            u[p] = unit_of(mix(words[0, p], words[1, p]))
            earliest[p] = 2.0 * (1.0 - u[p]) / ((1.0 + u[p]) * strength[p] * near[p])
        first = np.uint64(0)
        for m in range(begin, end):
            e, i, incumbent = slots[0, m], slots[1, m], slots[2, m]
            order_size = coefficient[e] * expected[i]
            behind = first + np.uint64(OUTSIDE + number[m] + introduced[m])
            o, least, next_least = first, earliest[first], np.inf
            for later in range(first + ONE, behind):
                here = earliest[later]
                next_least = min(next_least, max(here, least))
                o, least = np.uint64(later) if here < least else o, min(here, least)
            best, best_time, favourite, other = NATIONAL, np.inf, o, first
            while o < behind:
                candidate, rate = NATIONAL if o == first else ABROAD, strength[o]
                if o - first >= np.uint64(OUTSIDE):
                    candidate = found[m, o - first - np.uint64(OUTSIDE)]
                    space = spare[np.uint64(candidate)] + (order_size if candidate == incumbent else 0.0)
                    rate *= crowding(order_size, space, capacity_weight, least_room)
                    rate *= near[o]
                time = -np.log(u[o]) / rate
                if time < best_time:
                    best, best_time = candidate, time
                if next_least >= best_time:  # as a rule: nobody else can be earlier
                    break
                while other < behind and (other == favourite or earliest[other] >= best_time):
                    other += ONE
                o, other = other, other + ONE
            kept += best == incumbent
            supplier[e] = best
            if wedge.shape[0] > 0:
                outside_time = min(-np.log(u[first]) / strength[first], -np.log(u[first + ONE]) / strength[first + ONE])
                wedge[e] = max(np.log(best_time * bonus[i] / outside_time), 0.0) / elasticity if best >= 0 else 0.0
            first = behind
    return kept
