"""Compiled inner loops: plain functions of arrays, one thread, fixed order of sums, no fast math.

Each has a slow plain-Python twin in the tests. Link arrays are grouped by buyer: the links of buyer `i` are
`start[i]:start[i + 1]`; `supplier` holds a row, NATIONAL, ABROAD, NOBODY (none chosen yet) or CLOSED (left the economy); `coefficient` is the quantity bought over
that link per unit of the buyer's output.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

NATIONAL = -1
ABROAD = -2
NOBODY = -3
CLOSED = -4
NOTHING = 1e-15
"""Units below which output counts as zero: without final sales it would only approach zero, never reach it."""
GUIDE_SHIFT = np.uint64(26)
GUIDES = 64
"""Parts of a segment's sampling weight for which the candidate table says where to begin to look, 2^(32 - shift)."""
NATIONAL_LUCK = np.uint64(0xFFFFFFFFFFFFFFFF)
ABROAD_LUCK = np.uint64(0xFFFFFFFFFFFFFFFE)
"""Identities of outside supply in the race of suppliers."""

compiled: Any = njit(cache=True, nogil=True, error_model="numpy")

TO_UNIT = 2.0**-32
MOST_CROWDED = np.exp(-5.0)
"""Smallest ratio of spare capacity to an order that counts against a supplier."""

MASK = np.uint64(0xFFFFFFFF)
S32 = np.uint64(32)


@compiled
def philox(c0, c1, c2, c3, k0, k1):
    """Philox4x32-10 (Salmon et al. 2011): four 32-bit words from a counter and a key, all as uint64."""
    for _ in range(10):
        product0 = np.uint64(0xD2511F53) * c0
        product1 = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (
            (product1 >> S32) ^ c1 ^ k0,
            product1 & MASK,
            (product0 >> S32) ^ c3 ^ k1,
            product0 & MASK,
        )
        k0 = (k0 + np.uint64(0x9E3779B9)) & MASK
        k1 = (k1 + np.uint64(0xBB67AE85)) & MASK
    return c0, c1, c2, c3


@compiled
def mix(a, b):
    """A 64-bit hash of two 64-bit words (splitmix64 finalizer)."""
    x = a ^ (b * np.uint64(0x9E3779B97F4A7C15))
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@compiled
def unit_of(word):
    """One uniform number in (0, 1) from 53 bits of a word."""
    return (np.float64(word >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16


@compiled
def uniform_of(key, identity, partner):
    """One uniform number in (0, 1) with 53 bits."""
    w0, w1, _, _ = philox(identity & MASK, identity >> S32, partner & MASK, partner >> S32, key & MASK, key >> S32)
    return unit_of((w1 << S32) | w0)


@compiled
def fill_uniform(key, identity, partner, out):
    """Uniform numbers of all identities, (n,)."""
    for i in range(identity.shape[0]):
        out[i] = uniform_of(key, identity[i], partner)


@compiled
def input_cost(start, active, supplier, link_input, coefficient, price, outside_price, out):
    """Cost of modelled inputs per unit of output at suppliers' prices, (n,); outside suppliers at `outside_price` (S, 2)."""
    for i in range(out.shape[0]):
        total = 0.0
        if active[i]:
            for e in range(start[i], start[i + 1]):
                j = supplier[e]
                if j >= 0:
                    total += coefficient[e] * price[j]
                else:
                    total += coefficient[e] * outside_price[link_input[e], 1 if j == ABROAD else 0]
        out[i] = total


@compiled
def local_links(order, start, supplier, coefficient, local_start, local_supplier, local_coefficient):
    """Copy the links to local suppliers, buyers in the order of `order`; `local_start` (m + 1,) by position in it."""
    count = 0
    for p in range(order.shape[0]):
        local_start[p] = count
        for e in range(start[order[p]], start[order[p] + 1]):
            if supplier[e] >= 0:
                local_supplier[count] = supplier[e]
                local_coefficient[count] = coefficient[e]
                count += 1
    local_start[order.shape[0]] = count
    return count


@compiled
def cascade(
    order, local_start, local_supplier, local_coefficient, final, limit, covered, tolerance, sweeps, output, orders
):
    """Orders and output (n,) such that output = min(orders, limit) x covered and orders = final + buyers' orders.

    Gauss-Seidel over `order` (rows from users to upstream) and their `local_links`, pushing only changes; ends when no
    output moves by more than `tolerance` relative to itself or by NOTHING, then recomputes orders exactly. Returns the
    sweeps used, 0 if not converged.
    """
    add_orders(order, local_start, local_supplier, local_coefficient, final, output, orders)
    used = 0
    for sweep in range(sweeps):
        moved = False
        for p in range(order.shape[0]):
            i = order[p]
            wanted = max(min(orders[i], limit[i]) * covered[i], 0.0)  # pushed changes can leave a rounding below 0
            change = wanted - output[i]
            if abs(change) > tolerance * wanted + NOTHING:
                moved = True
                output[i] = wanted
                for e in range(local_start[p], local_start[p + 1]):
                    orders[local_supplier[e]] += local_coefficient[e] * change
        if not moved:
            used = sweep + 1
            break
    add_orders(order, local_start, local_supplier, local_coefficient, final, output, orders)
    return used


@compiled
def add_orders(order, local_start, local_supplier, local_coefficient, final, output, orders):
    """Orders at given output, (n,): final orders and what buyers need."""
    orders[:] = final
    for p in range(order.shape[0]):
        made = output[order[p]]
        for e in range(local_start[p], local_start[p + 1]):
            orders[local_supplier[e]] += local_coefficient[e] * made


@compiled
def segment_totals(values, segment, counted, out):
    """Sums of the rows of `values` (m, n) over the enterprises `counted` (n,) of each segment into `out` (m, S)."""
    for r in range(values.shape[0]):
        for i in range(segment.shape[0]):
            if counted[i]:
                out[r, segment[i]] += values[r, i]


@compiled
def deliver(
    order,
    segment,
    start,
    supplier,
    link_input,
    coefficient,
    output,
    price,
    fill,
    outside_price,
    premium,
    local,
    outside,
    intermediate,
    trade,
):
    """Book deliveries along the links.

    Fills, per buyer, purchases from local suppliers `local` (n,) and `outside` (n, 2: national, abroad), per supplier
    intermediate sales (n,), and `trade` (S, S, 3: input, buyer segment, local / national / abroad), all values. What a
    local supplier cannot deliver is bought nationally at the premium.
    """
    for i in order:
        k = segment[i]
        for e in range(start[i], start[i + 1]):
            quantity = coefficient[e] * output[i]
            j, l = supplier[e], link_input[e]
            if j >= 0:
                value = quantity * fill[j] * price[j]
                local[i] += value
                intermediate[j] += value
                trade[l, k, 0] += value
                missing = quantity * (1.0 - fill[j]) * outside_price[l, 0] * (1.0 + premium)
                outside[i, 0] += missing
                trade[l, k, 1] += missing
            else:
                origin = 1 if j == ABROAD else 0
                value = quantity * outside_price[l, origin]
                outside[i, origin] += value
                trade[l, k, 1 + origin] += value


@compiled
def coverage(start, segment, active, supplier, link_input, coefficient, technical, criticality, missing, out):
    """Share of output that the inputs allow, (n,), when shares `missing` (S, 2) of outside supply cannot be had."""
    for i in range(out.shape[0]):
        covered = 1.0
        if active[i]:
            k = segment[i]
            e = start[i]
            while e < start[i + 1]:
                l = link_input[e]
                short = 0.0
                while e < start[i + 1] and link_input[e] == l:
                    if supplier[e] < 0:
                        short += coefficient[e] * missing[l, 1 if supplier[e] == ABROAD else 0]
                    e += 1
                if technical[l, k] > 0.0:
                    covered = min(covered, 1.0 - criticality[l, k] * short / technical[l, k])
        out[i] = max(covered, 0.0)


@compiled
def place_members(order, group, code, weight, groups, cells):
    """Lay rows into the cells of their groups: each takes the first free one of a sequence its hash `code` gives.

    Rows come in a canonical `order` (m,), so the layout depends on who is there only, and one member more moves few
    others. `weight` (n,) are sampling weights, `groups` and `cells` fields of `network.CandidateTable`.
    """
    for i in order:
        own, attempt = groups[group[i]], np.uint64(0)
        while True:
            place = TO_UNIT * np.float64(mix(code[i], attempt) >> S32)
            cell = own.first + np.int64(place * own.length)
            if cells[cell].row < 0:
                break
            attempt += np.uint64(1)
        cells[cell].row, cells[cell].weight = i, weight[i]


@compiled
def reviewed(rows, key, identity, active, turnover, outside_turnover, break_rate, start, supplier, link_input, slots):
    """Find the links of `rows` that end or are reviewed.

    A link ends when its supplier is gone or with `break_rate`; with `turnover` (n,) by local supplier or
    `outside_turnover` (S, 4) by input and kind it ends or is reviewed. Fills, per link found, its number, its buyer and
    the supplier that stays in the running or NOBODY into `slots` (3, L). Returns (found, links there were, untouched).
    """
    count, total, kept = 0, 0, 0
    words = (MASK, MASK, MASK, MASK)
    for i in rows:
        low, high = identity[i] & MASK, identity[i] >> S32
        for e in range(start[i], start[i + 1]):
            j, slot = supplier[e], e - start[i]
            if slot & 3 == 0:
                words = philox(low, high, np.uint64(slot >> 2), np.uint64(0), key & MASK, key >> S32)
            u = (np.float64(words[slot & 3]) + 0.5) * TO_UNIT
            total += j != NOBODY
            if u >= (turnover[j] if j >= 0 else outside_turnover[link_input[e], -1 - j]):
                kept += 1
                continue
            gone = u < break_rate or j <= NOBODY or (j >= 0 and not active[j])
            slots[0, count], slots[1, count], slots[2, count] = e, i, NOBODY if gone else j
            count += 1
    return count, total, kept


@compiled
def show(slots, key, draw, wanted, identity, start, link_input, table, shown, batch, luck, number, found):
    """Sample local suppliers for the links `slots` (3, m): `wanted` draws by size, and the incumbent first.

    `table` is a `network.CandidateTable`; a segment with at most `wanted` enterprises shows them all. A block of random
    words belongs to each (buyer, slot, `draw`): half of it is left in `luck` (m,), half settles the draws. One number
    picks a size class by its total, a cell in it, and accepts with the member's weight over the class's upper bound; an
    empty cell or a refusal is drawn again, at most 64 times in all. Draws come in batches, whose memory accesses
    overlap. `shown` (n,) marks the rows of the present sample by the link. Fills `number` (m,) and rows `found` (m, wanted + 1).
    """
    cells, groups, guide, total, members, member_start = table
    for m in range(slots.shape[1]):
        e, buyer, incumbent = slots[0, m], slots[1, m], slots[2, m]
        l, who, count = link_input[e], identity[buyer], 0
        slot = np.uint64(e - start[buyer])
        w0, w1, w2, w3 = philox(who & MASK, who >> S32, slot, np.uint64(draw), key & MASK, key >> S32)
        luck[m], stream = (w1 << S32) | w0, (w3 << S32) | w2
        shown[buyer] = e
        if incumbent >= 0:
            found[m, 0], shown[incumbent], count = incumbent, e, 1
        if member_start[l + 1] - member_start[l] <= wanted:
            for p in range(member_start[l], member_start[l + 1]):
                if shown[members[p]] != e:
                    found[m, count] = members[p]
                    count += 1
            number[m] = count
            continue
        scale, drawn, tried = TO_UNIT * total[l], 0, 0
        word = np.uint64(0)
        while drawn < wanted and tried < 64:
            accepted = 0
            for attempt in range(tried, tried + batch.shape[0]):
                word = word >> S32 if attempt & 1 else mix(stream, np.uint64(attempt))
                part = word & MASK
                x = (np.float64(part) + 0.5) * scale
                g = guide[l, np.int64(part >> GUIDE_SHIFT)]
                while x >= groups[g].end:
                    g -= 1
                place = (x - groups[g].begin) * groups[g].per_upper
                cell = min(np.int64(place), groups[g].length - 1)
                spot = groups[g].first + cell
                batch[accepted] = cells[spot].row
                accepted += (place - cell) * groups[g].upper < cells[spot].weight
            for q in range(min(accepted, wanted - drawn)):
                j = batch[q]
                if shown[j] != e:
                    found[m, count], shown[j] = j, e
                    count += 1
            tried += batch.shape[0]
            drawn += accepted
        number[m] = count


@compiled
def crowding(order_size, room, weight):
    """Factor on the pull of a supplier whose spare capacity is below an order: (room / order)^weight."""
    if order_size <= room:
        return 1.0
    return max(room / order_size, MOST_CROWDED) ** weight


@compiled
def choose(slots, sample, seen, rules, outside, link_input, coefficient, supplier):
    """Choose the suppliers of the links `slots` (3, m) by multinomial logit among those shown, in place.

    `sample`, `seen`, `rules`, `outside` are named tuples of `network`. The choice is the first arrival of an exponential race with
    rates exp(V); the uniform number of an option is a hash of the slot's `luck` and the option's identity. As
    -ln u >= 1 - u, most who cannot arrive first are passed over without a logarithm. Returns links whose supplier
    stayed.
    """
    identity, segment, park, level, expected, attraction, spare = seen
    tolerated, capacity_weight, park_factor = rules
    home, outside_pull = outside
    luck, number, found = sample
    kept = 0
    for m in range(slots.shape[1]):
        e, i, incumbent = slots[0, m], slots[1, m], slots[2, m]
        l, k, n = link_input[e], segment[i], number[m]
        order_size, needed = coefficient[e] * expected[i], tolerated / level[i]
        best, best_time = NATIONAL, -np.log(unit_of(mix(luck[m], NATIONAL_LUCK))) / outside_pull[l, k, 0]
        u = unit_of(mix(luck[m], ABROAD_LUCK))
        if 1.0 - u < best_time * outside_pull[l, k, 1]:
            time = -np.log(u) / outside_pull[l, k, 1]
            if time < best_time:
                best, best_time = ABROAD, time
        scale = home[l, k] / max(n, 1)
        for q in range(n):
            candidate = found[m, q]
            u = unit_of(mix(luck[m], identity[candidate]))
            pull = scale * attraction[candidate]
            if 1.0 - u >= best_time * pull * park_factor:
                continue
            room = spare[candidate] + (order_size if candidate == incumbent else 0.0)
            pull *= min(1.0, level[candidate] * needed) * crowding(order_size, room, capacity_weight)
            if park[candidate] == park[i]:
                pull *= park_factor
            time = -np.log(u) / pull
            if time < best_time:
                best, best_time = candidate, time
        kept += best == incumbent
        supplier[e] = best
    return kept


@compiled
def local_pulls(slots, sample, seen, rules, coefficient, out):
    """Mean pull of the local candidates of the links `slots` (3, m), without home constants, into `out` (L,)."""
    identity, segment, park, level, expected, attraction, spare = seen
    tolerated, capacity_weight, park_factor = rules
    luck, number, found = sample
    for m in range(slots.shape[1]):
        e, i, incumbent, total = slots[0, m], slots[1, m], slots[2, m], 0.0
        order_size, needed = coefficient[e] * expected[i], tolerated / level[i]
        for q in range(number[m]):
            j = found[m, q]
            room = spare[j] + (order_size if j == incumbent else 0.0)
            pull = attraction[j] * min(1.0, level[j] * needed) * crowding(order_size, room, capacity_weight)
            total += pull * park_factor if park[j] == park[i] else pull
        out[e] = total / max(number[m], 1)


@compiled
def assign(slots, sample, link_input, orders, seen, rules, members, member_start, room, rates, booked, supplier):
    """Choose the base-year suppliers of the links `slots` (3, m), large orders first, in place.

    A slot is local while the local share of its (input, buyer segment) lags its target by half the order; the supplier
    is drawn among those found with room left, larger room preferred; if none has room the slot goes outside. Outside
    slots are split between abroad and national in the same way. `rates` (2, S, S) are the local share and the foreign
    share of the rest, `booked` (4, S, S) the orders so far: all, local, outside, foreign.
    """
    identity, segment, park, level, expected, attraction, spare = seen
    tolerated, capacity_weight, park_factor = rules
    luck, number, found = sample
    for m in range(slots.shape[1]):
        e, i = slots[0, m], slots[1, m]
        l, k, size, needed = link_input[e], segment[i], orders[e], tolerated / level[i]
        booked[0, l, k] += size
        chosen, best_time = NOBODY, np.inf
        if rates[0, l, k] * booked[0, l, k] - booked[1, l, k] >= 0.5 * size:
            for q in range(number[m]):
                j = found[m, q]
                if room[j] >= size:
                    pull = room[j] ** 0.7 * min(1.0, level[j] * needed)
                    if park[j] == park[i]:
                        pull *= park_factor
                    time = -np.log(unit_of(mix(luck[m], identity[j]))) / pull
                    if time < best_time:
                        chosen, best_time = j, time
            if chosen < 0:
                chosen = first_with_room(members, member_start[l], member_start[l + 1], i, size, room)
        if chosen >= 0:
            room[chosen] -= size
            booked[1, l, k] += size
            supplier[e] = chosen
        else:
            booked[2, l, k] += size
            abroad = rates[1, l, k] * booked[2, l, k] - booked[3, l, k] >= 0.5 * size
            booked[3, l, k] += size * abroad
            supplier[e] = ABROAD if abroad else NATIONAL


@compiled
def first_with_room(members, low, high, i, size, room):
    """The first member of a segment with room for an order, NOBODY if there is none."""
    for p in range(low, high):
        j = members[p]
        if j != i and room[j] >= size:
            return j
    return NOBODY


@compiled
def close_links(closing, supplier):
    """Mark the links to local suppliers that are `closing` (n,), in place."""
    for e in range(supplier.shape[0]):
        if supplier[e] >= 0 and closing[supplier[e]]:
            supplier[e] = CLOSED


@compiled
def keep_links(rows, place, start, supplier, link_input, coefficient):
    """Move the links of the buyers `rows` (m,), ascending, to the front, in place; returns how many there are.

    `place` (n,) is the new row of every enterprise.
    """
    count = 0
    for q in range(rows.shape[0]):
        low, high = start[rows[q]], start[rows[q] + 1]
        start[q] = count
        for e in range(low, high):
            supplier[count] = place[supplier[e]] if supplier[e] >= 0 else supplier[e]
            link_input[count], coefficient[count] = link_input[e], coefficient[e]
            count += 1
    start[rows.shape[0]] = count
    return count


@compiled
def copy_suppliers(parent, buyer, bought, number, first, start, link_input, supplier, out):
    """Suppliers of spin-offs, in place: each (buyer, input) pair cycles through the parent's suppliers of that input.

    `parent` (m,) is a row or -1; pairs are `buyer`, `bought`, `number` of slots and `first` slot in `out`.
    """
    for p in range(buyer.shape[0]):
        row = parent[buyer[p]]
        if row < 0:
            continue
        low = start[row]
        while low < start[row + 1] and link_input[low] != bought[p]:
            low += 1
        high = low
        while high < start[row + 1] and link_input[high] == bought[p]:
            high += 1
        if high == low:
            continue
        for s in range(number[p]):
            out[first[p] + s] = supplier[low + s % (high - low)]
