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
CLASSES = 32
"""Size classes of the candidate table: class c holds sampling weights in [2^(c-3), 2^(c-2))."""

compiled: Any = njit(cache=True, nogil=True, error_model="numpy")

TO_UNIT = 2.0**-32
MOST_CROWDED = 5.0
"""Largest log of an order over spare capacity that counts against a supplier."""

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
def uniform_of(key, identity, partner):
    """One uniform number in (0, 1) with 53 bits."""
    w0, w1, _, _ = philox(identity & MASK, identity >> S32, partner & MASK, partner >> S32, key & MASK, key >> S32)
    return (np.float64(((w1 << S32) | w0) >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16


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
def place_members(order, group, homes, cells, offset, length):
    """Lay the members of each group into its cells by hash, linear probing in hash order, so the layout is canonical.

    `order` sorts rows by (group, hash); `homes` is the first choice of each row inside its group; `offset` and
    `length` (G + 1,), (G,) describe the cells of each group. Cells hold a row or -1.
    """
    previous_group, position = -1, 0
    for i in order:
        g = group[i]
        if g != previous_group:
            previous_group, position = g, 0
        position = max(position, homes[i])
        cells[offset[g] + position] = i
        position += 1


@compiled
def probe_end(order, group, homes, last):
    """Last occupied cell of each group + 1 under linear probing, (G,)."""
    previous_group, position = -1, 0
    for i in order:
        g = group[i]
        if g != previous_group:
            previous_group, position = g, 0
        position = max(position, homes[i]) + 1
        last[g] = position


@compiled
def sample(
    key,
    identity,
    slot,
    buyer,
    incumbent,
    l,
    wanted,
    weight,
    cells,
    offset,
    length,
    class_weight,
    upper,
    total,
    top,
    members,
    member_start,
    found,
):
    """Distinct local suppliers of segment `l` in `wanted` draws by size; the incumbent comes first.

    The arrays from `weight` to `member_start` are the fields of `network.CandidateTable`. Returns how many were written
    into `found`. A segment with at most `wanted` enterprises shows them all. One number picks a size class by its
    total, a cell in it, and accepts with the member's weight over the class's upper bound; an empty cell or a refusal
    is drawn again, at most 64 times in all.
    """
    count = 0
    if incumbent >= 0:
        found[0] = incumbent
        count = 1
    if member_start[l + 1] - member_start[l] <= wanted:
        for p in range(member_start[l], member_start[l + 1]):
            if members[p] != buyer and members[p] != incumbent:
                found[count] = members[p]
                count += 1
        return count
    lowest, highest, scale = l * CLASSES, l * CLASSES + top[l], TO_UNIT * total[l]
    low, high = identity & MASK, identity >> S32
    drawn = 0
    for block in range(16):
        words = philox(low, high, np.uint64(slot), np.uint64(block), key & MASK, key >> S32)
        for word in words:
            x = (np.float64(word) + 0.5) * scale
            g = highest
            while g > lowest and x >= class_weight[g]:
                x -= class_weight[g]
                g -= 1
            place = x / upper[g]
            cell = min(np.int64(place), length[g] - 1)
            j = cells[offset[g] + cell]
            if j < 0 or (place - cell) * upper[g] >= weight[j]:
                continue
            drawn += 1
            known = j == buyer
            for q in range(count):
                known = known or found[q] == j
            if not known:
                found[count] = j
                count += 1
            if drawn == wanted:
                return count
    return count


@compiled
def local_pull(
    j,
    order_size,
    own_order,
    required,
    here,
    attraction,
    quality,
    spare,
    park,
    quality_weight,
    capacity_weight,
    park_weight,
):
    """Exponential of the attractiveness of local supplier `j` for one order, without the home constant."""
    v = 0.0
    gap = required - quality[j]
    if gap > 0.0:
        v -= quality_weight * gap
    room = spare[j] + own_order
    if room <= 0.0:
        v -= capacity_weight * MOST_CROWDED
    elif order_size > room:
        v -= capacity_weight * min(MOST_CROWDED, np.log(order_size / room))
    if park[j] == here:
        v += park_weight
    return attraction[j] * np.exp(v)


@compiled
def review(rows, keys, state, table, rules, start, supplier, link_input, coefficient, outside, found):
    """Review the links of `rows` and choose suppliers by multinomial logit, in place.

    `keys` (3,) are the draw keys of review, candidates and choice; `state`, `table`, `rules`, `outside` are the named
    tuples of `network`. The choice is the first arrival of an exponential race with rates exp(V). Returns (links there
    were, links whose supplier stayed).
    """
    identity, segment, park, quality, active, expected, fill, attraction, spare = state
    weight, cells, offset, length, class_weight, upper, table_total, top, members, member_start = table
    review_rate, fill_response, break_rate, wanted, tolerance, quality_weight, capacity_weight, park_weight = rules
    home, abroad, outside_fill, outside_pull, added_review = outside
    total, kept = 0, 0
    words = (MASK, MASK, MASK, MASK)
    for i in rows:
        k, required = segment[i], quality[i] - tolerance
        low, high = identity[i] & MASK, identity[i] >> S32
        for e in range(start[i], start[i + 1]):
            j, l, slot = supplier[e], link_input[e], e - start[i]
            if slot & 3 == 0:
                words = philox(low, high, np.uint64(slot >> 2), np.uint64(0), keys[0] & MASK, keys[0] >> S32)
            gone = j <= NOBODY or (j >= 0 and not active[j])
            if j != NOBODY:
                total += 1
            if not gone:
                u = (np.float64(words[slot & 3]) + 0.5) * TO_UNIT
                delivered = fill[j] if j >= 0 else outside_fill[l, 1 if j == ABROAD else 0]
                rate = review_rate + fill_response * (1.0 - delivered)
                if j < 0:
                    rate += added_review[l]
                if u < break_rate:
                    gone = True
                elif u >= break_rate + (1.0 - break_rate) * rate:
                    kept += 1
                    continue
            order_size = coefficient[e] * expected[i]
            here = np.uint64(slot)
            u = uniform_of(keys[2], identity[i], mix(np.uint64(0xFFFFFFFFFFFFFFFF), here))
            best, best_time = NATIONAL, -np.log(u) / outside_pull[l, 0]
            u = uniform_of(keys[2], identity[i], mix(np.uint64(0xFFFFFFFFFFFFFFFE), here))
            time = -np.log(u) / (outside_pull[l, 1] * abroad[l, k])
            if time < best_time:
                best, best_time = ABROAD, time
            n = 0
            incumbent = j if (j >= 0 and not gone) else -1
            if home[l, k] > 0.0:
                n = sample(
                    keys[1],
                    identity[i],
                    slot,
                    i,
                    incumbent,
                    l,
                    wanted,
                    weight,
                    cells,
                    offset,
                    length,
                    class_weight,
                    upper,
                    table_total,
                    top,
                    members,
                    member_start,
                    found,
                )
            for q in range(n):
                candidate = found[q]
                own = order_size if candidate == incumbent else 0.0
                pull = (
                    home[l, k]
                    / n
                    * local_pull(
                        candidate,
                        order_size,
                        own,
                        required,
                        park[i],
                        attraction,
                        quality,
                        spare,
                        park,
                        quality_weight,
                        capacity_weight,
                        park_weight,
                    )
                )
                time = -np.log(uniform_of(keys[2], identity[i], mix(identity[candidate], here))) / pull
                if time < best_time:
                    best, best_time = candidate, time
            if not gone and best == j:
                kept += 1
            supplier[e] = best
    return total, kept


@compiled
def local_pulls(rows, key, draw, state, table, rules, start, supplier, link_input, coefficient, found, out):
    """Mean pull of the local candidates of every link, (L,), without home constants: the expected logit's local term."""
    identity, segment, park, quality, active, expected, fill, attraction, spare = state
    weight, cells, offset, length, class_weight, upper, table_total, top, members, member_start = table
    review_rate, fill_response, break_rate, wanted, tolerance, quality_weight, capacity_weight, park_weight = rules
    for i in rows:
        required = quality[i] - tolerance
        for e in range(start[i], start[i + 1]):
            l, slot = link_input[e], (e - start[i]) + 4096 * (draw + 1)
            order_size = coefficient[e] * expected[i]
            incumbent = supplier[e] if supplier[e] >= 0 else -1
            n = sample(
                key,
                identity[i],
                slot,
                i,
                incumbent,
                l,
                wanted,
                weight,
                cells,
                offset,
                length,
                class_weight,
                upper,
                table_total,
                top,
                members,
                member_start,
                found,
            )
            total = 0.0
            for q in range(n):
                own = order_size if found[q] == incumbent else 0.0
                total += local_pull(
                    found[q],
                    order_size,
                    own,
                    required,
                    park[i],
                    attraction,
                    quality,
                    spare,
                    park,
                    quality_weight,
                    capacity_weight,
                    park_weight,
                )
            out[e] = total / n if n > 0 else 0.0


@compiled
def assign(
    slots, key, buyer, slot_of, link_input, orders, state, table, rules, room, local_rate, abroad_rate, found, supplier
):
    """Choose the base-year supplier of every slot, in the order of `slots` (large orders first), in place.

    A slot is local while the local share of its (input, buyer segment) lags its target by half the order; the supplier
    is drawn among those with room left, larger room preferred; if none has room the slot goes outside. Outside slots
    are split between abroad and national in the same way.
    """
    weight, cells, offset, length, class_weight, upper, table_total, top, members, member_start = table
    count = local_rate.shape[0]
    bought = np.zeros((count, count))
    at_home = np.zeros((count, count))
    outside = np.zeros((count, count))
    from_abroad = np.zeros((count, count))
    for e in slots:
        i, l, size = buyer[e], link_input[e], orders[e]
        k = state.segment[i]
        bought[l, k] += size
        chosen = NOBODY
        if local_rate[l, k] * bought[l, k] - at_home[l, k] >= 0.5 * size:
            n = sample(
                key,
                state.identity[i],
                slot_of[e],
                i,
                -1,
                l,
                24,
                weight,
                cells,
                offset,
                length,
                class_weight,
                upper,
                table_total,
                top,
                members,
                member_start,
                found,
            )
            chosen = roomiest(n, found, i, size, slot_of[e], key, state, rules, room)
            if chosen < 0:
                chosen = first_with_room(members, member_start[l], member_start[l + 1], i, size, room)
        if chosen >= 0:
            room[chosen] -= size
            at_home[l, k] += size
            supplier[e] = chosen
        else:
            outside[l, k] += size
            if abroad_rate[l, k] * outside[l, k] - from_abroad[l, k] >= 0.5 * size:
                from_abroad[l, k] += size
                supplier[e] = ABROAD
            else:
                supplier[e] = NATIONAL


@compiled
def roomiest(n, found, i, size, slot, key, state, rules, room):
    """The candidate that wins the race on room, quality and park, NOBODY if none has room."""
    chosen, best_time = NOBODY, np.inf
    required = state.quality[i] - rules.quality_tolerance
    for q in range(n):
        j = found[q]
        if room[j] < size:
            continue
        v = 0.7 * np.log(room[j]) - rules.quality_weight * max(0.0, required - state.quality[j])
        if state.park[j] == state.park[i]:
            v += rules.park_weight
        u = uniform_of(key, state.identity[i], mix(state.identity[j], np.uint64(slot)))
        time = -np.log(u) * np.exp(-v)
        if time < best_time:
            chosen, best_time = j, time
    return chosen


@compiled
def first_with_room(members, low, high, i, size, room):
    """The first member of a segment with room for an order, NOBODY if there is none."""
    for p in range(low, high):
        j = members[p]
        if j != i and room[j] >= size:
            return j
    return NOBODY


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
