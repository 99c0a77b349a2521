"""Compiled inner loops: plain functions of arrays, one thread, fixed order of sums, no fast math.

Each has a slow plain-Python twin in the tests. Link arrays are grouped by buyer: the links of buyer `i` are
`start[i]:start[i + 1]`; `supplier` holds a row, NATIONAL, ABROAD or NOBODY; `coefficient` is the quantity bought over
that link per unit of the buyer's output.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

NATIONAL = -1
ABROAD = -2
NOBODY = -3
NOTHING = 1e-15
"""Units below which output counts as zero: without final sales it would only approach zero, never reach it."""
CLASSES = 32
"""Size classes of the candidate table: class c holds sampling weights in [2^(c-3), 2^(c-2))."""

compiled: Any = njit(cache=True, nogil=True, error_model="numpy")
inlined: Any = njit(cache=True, nogil=True, error_model="numpy", inline="always")

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
def cascade(order, start, supplier, coefficient, final, limit, covered, tolerance, sweeps, output, orders):
    """Orders and output (n,) such that output = min(orders, limit) x covered and orders = final + what buyers' output needs.

    Gauss-Seidel over `order` (rows from users to upstream), pushing only changes; ends when no output moves by more
    than `tolerance` relative to itself or by NOTHING, then recomputes orders exactly. Returns the sweeps used, 0 if not
    converged.
    """
    n = final.shape[0]
    for i in range(n):
        orders[i] = final[i]
    for i in order:
        for e in range(start[i], start[i + 1]):
            if supplier[e] >= 0:
                orders[supplier[e]] += coefficient[e] * output[i]
    used = 0
    for sweep in range(sweeps):
        moved = False
        for i in order:
            wanted = max(min(orders[i], limit[i]) * covered[i], 0.0)  # pushed changes can leave a rounding below 0
            change = wanted - output[i]
            if abs(change) > tolerance * wanted + NOTHING:
                moved = True
                output[i] = wanted
                for e in range(start[i], start[i + 1]):
                    if supplier[e] >= 0:
                        orders[supplier[e]] += coefficient[e] * change
        if not moved:
            used = sweep + 1
            break
    for i in range(n):
        orders[i] = final[i]
    for i in order:
        for e in range(start[i], start[i + 1]):
            if supplier[e] >= 0:
                orders[supplier[e]] += coefficient[e] * output[i]
    return used


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
    members,
    member_start,
    found,
):
    """Rows of up to `wanted` local suppliers of segment `l`, drawn by size without repeats; the incumbent comes first.

    Returns how many were written into `found`. A try draws a size class by its total, a cell in it, and accepts with
    the member's weight over the class's upper bound; an empty cell, a repeat or a refusal is another try, at most 64.
    """
    count = 0
    if incumbent >= 0:
        found[0] = incumbent
        count = 1
    n = member_start[l + 1] - member_start[l]
    if n <= wanted:
        for p in range(member_start[l], member_start[l + 1]):
            if members[p] != buyer and members[p] != incumbent:
                found[count] = members[p]
                count += 1
        return count
    base = l * CLASSES
    total = 0.0
    for c in range(CLASSES):
        total += class_weight[base + c]
    drawn = 0
    for tries in range(32):
        partner = mix(np.uint64(slot), np.uint64(tries))
        w0, w1, w2, w3 = philox(
            identity & MASK, identity >> S32, partner & MASK, partner >> S32, key & MASK, key >> S32
        )
        for half in range(2):
            first = w0 if half == 0 else w2
            second = w1 if half == 0 else w3
            x = (np.float64(first) + 0.5) * 2.3283064365386963e-10 * total
            c = CLASSES - 1
            while c > 0 and (class_weight[base + c] == 0.0 or x >= class_weight[base + c]):
                x -= class_weight[base + c]
                c -= 1
            g = base + c
            if class_weight[g] == 0.0:
                continue
            cell = np.int64((np.float64(second) + 0.5) * 2.3283064365386963e-10 * length[g])
            j = cells[offset[g] + cell]
            if j < 0 or j == buyer:
                continue
            if x / class_weight[g] * 2.0 ** (c - 2) >= weight[j]:
                continue
            known = False
            for q in range(count):
                if found[q] == j:
                    known = True
                    break
            if known:
                continue
            found[count] = j
            count += 1
            drawn += 1
            if drawn == wanted:
                return count
    return count


@compiled
def local_pull(
    j,
    order_size,
    own_order,
    required_quality,
    park,
    attraction,
    quality,
    spare,
    supplier_park,
    quality_weight,
    capacity_weight,
    park_weight,
):
    """Exponential of the attractiveness of local supplier `j` for one order, without the home constant."""
    v = 0.0
    gap = required_quality - quality[j]
    if gap > 0.0:
        v -= quality_weight * gap
    room = spare[j] + own_order
    if room <= 0.0:
        v -= capacity_weight * 5.0
    elif order_size > room:
        v -= capacity_weight * min(5.0, np.log(order_size / room))
    if supplier_park[j] == park:
        v += park_weight
    return attraction[j] * np.exp(v)


@compiled
def review(
    rows,
    keys,
    year_rates,
    identity,
    segment,
    park,
    quality,
    active,
    expected,
    fill,
    attraction,
    spare,
    start,
    supplier,
    link_input,
    coefficient,
    home,
    abroad,
    outside_fill,
    outside_pull,
    added_review,
    wanted,
    tolerance,
    quality_weight,
    capacity_weight,
    park_weight,
    weight,
    cells,
    offset,
    length,
    class_weight,
    members,
    member_start,
    found,
):
    """Review the links of `rows` and choose suppliers by multinomial logit (exponential race), in place.

    `keys` (3,) are the draw keys of review, candidates and choice; `year_rates` (3,) review rate, response to missing
    delivery, breaking rate; `home`, `abroad` (S, S) constants; `outside_fill`, `outside_pull` (S, 2) of national and
    abroad. Returns (links there were, links whose supplier stayed).
    """
    review_rate, fill_response, break_rate = year_rates
    total, kept = 0, 0
    for i in rows:
        k = segment[i]
        required = quality[i] - tolerance
        for e in range(start[i], start[i + 1]):
            j = supplier[e]
            l = link_input[e]
            slot = e - start[i]
            gone = j == NOBODY or (j >= 0 and not active[j])
            if j != NOBODY:
                total += 1
            if not gone:
                u = uniform_of(keys[0], identity[i], np.uint64(slot))
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
            incumbent = j if (j >= 0 and not gone) else -1
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
                members,
                member_start,
                found,
            )
            partner = mix(np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(slot))
            best, best_time = NATIONAL, -np.log(uniform_of(keys[2], identity[i], partner)) / outside_pull[l, 0]
            partner = mix(np.uint64(0xFFFFFFFFFFFFFFFE), np.uint64(slot))
            time = -np.log(uniform_of(keys[2], identity[i], partner)) / (outside_pull[l, 1] * abroad[l, k])
            if time < best_time:
                best, best_time = ABROAD, time
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
                if pull > 0.0:
                    partner = mix(identity[candidate], np.uint64(slot))
                    time = -np.log(uniform_of(keys[2], identity[i], partner)) / pull
                    if time < best_time:
                        best, best_time = candidate, time
            if not gone and best == j:
                kept += 1
            supplier[e] = best
    return total, kept


@compiled
def local_pulls(
    rows,
    key,
    draw,
    identity,
    segment,
    park,
    quality,
    expected,
    attraction,
    spare,
    start,
    supplier,
    link_input,
    coefficient,
    wanted,
    tolerance,
    quality_weight,
    capacity_weight,
    park_weight,
    weight,
    cells,
    offset,
    length,
    class_weight,
    members,
    member_start,
    found,
    out,
):
    """Mean pull of the local candidates of every link, (L,), without home constants: the expected logit's local term."""
    for i in rows:
        required = quality[i] - tolerance
        for e in range(start[i], start[i + 1]):
            j = supplier[e]
            l = link_input[e]
            order_size = coefficient[e] * expected[i]
            incumbent = j if j >= 0 else -1
            slot = (e - start[i]) + 4096 * (draw + 1)
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
    slots,
    key,
    buyer,
    link_input,
    orders,
    identity,
    segment,
    park,
    quality,
    room,
    local_rate,
    abroad_rate,
    tolerance,
    quality_weight,
    park_weight,
    weight,
    cells,
    offset,
    length,
    class_weight,
    members,
    member_start,
    found,
    slot_of,
    supplier,
):
    """Choose the base-year supplier of every slot, in the order of `slots` (large orders first), in place.

    A slot is local while the local share of its (input, buyer segment) lags its target by half the order; the supplier
    is drawn among those with room left, larger room preferred; if none has room the slot goes outside. Outside slots
    are split between abroad and national in the same way.
    """
    count = local_rate.shape[0]
    bought = np.zeros((count, count))
    at_home = np.zeros((count, count))
    outside = np.zeros((count, count))
    from_abroad = np.zeros((count, count))
    for e in slots:
        i, l, size = buyer[e], link_input[e], orders[e]
        k = segment[i]
        bought[l, k] += size
        chosen = NOBODY
        if local_rate[l, k] * bought[l, k] - at_home[l, k] >= 0.5 * size:
            n = sample(
                key,
                identity[i],
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
                members,
                member_start,
                found,
            )
            chosen = roomiest(
                n,
                found,
                i,
                size,
                slot_of[e],
                key,
                identity,
                park,
                quality,
                room,
                tolerance,
                quality_weight,
                park_weight,
            )
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
def roomiest(n, found, i, size, slot, key, identity, park, quality, room, tolerance, quality_weight, park_weight):
    """The candidate that wins the race on room, quality and park, NOBODY if none has room."""
    chosen, best_time = NOBODY, np.inf
    for q in range(n):
        j = found[q]
        if room[j] < size:
            continue
        v = 0.7 * np.log(room[j]) - quality_weight * max(0.0, quality[i] - tolerance - quality[j])
        if park[j] == park[i]:
            v += park_weight
        partner = mix(identity[j], np.uint64(slot))
        time = -np.log(uniform_of(key, identity[i], partner)) * np.exp(-v)
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
def largest_customer(order, start, supplier, coefficient, output, price, largest, count):
    """Per supplier: value of its largest single link and number of links, (n,)."""
    for i in order:
        for e in range(start[i], start[i + 1]):
            j = supplier[e]
            if j >= 0:
                count[j] += 1
                largest[j] = max(largest[j], coefficient[e] * output[i] * price[j])


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
