"""Costs, orders and deliveries along the links, and sums and medians by segment."""

from __future__ import annotations

import numpy as np

from chainsim.economy.kernels.philox import compiled
from chainsim.economy.links import ABROAD

NOTHING = 1e-15
"""Units below which output counts as zero: without final sales it would only approach zero, never reach it."""


@compiled
def input_cost(start, active, supplier, link_input, coefficient, price, outside_price, out):
    """Cost of modelled inputs per unit of output, (n,), at suppliers' prices and, outside, at `outside_price` (S,
    2)."""
    for i in range(out.shape[0]):
        total = 0.0
        if active[i]:
            for e in range(np.uint64(start[i]), np.uint64(start[i + 1])):
                j = supplier[e]
                here, outside = (
                    price[np.uint64(max(j, 0))],
                    outside_price[np.uint64(link_input[e]), np.uint64(j == ABROAD)],
                )
                total += coefficient[e] * (here if j >= 0 else outside)
        out[i] = total


@compiled
def local_links(order, start, supplier, coefficient, local_start, local_supplier, local_coefficient):
    """Copy the links to local suppliers, buyers in the order of `order`; `local_start` (m + 1,) by position in it."""
    count = np.uint64(0)
    for p in range(order.shape[0]):
        local_start[p] = count
        for e in range(np.uint64(start[order[p]]), np.uint64(start[order[p] + 1])):
            local_supplier[count] = supplier[e]
            local_coefficient[count] = coefficient[e]
            count += np.uint64(supplier[e] >= 0)  # the next local link is written over what is not local
    local_start[order.shape[0]] = count
    return np.int64(count)


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
            i = np.uint64(order[p])
            wanted = max(min(orders[i], limit[i]) * covered[i], 0.0)  # pushed changes can leave a rounding below 0
            change = wanted - output[i]
            if abs(change) > tolerance * wanted + NOTHING:
                moved = True
                output[i] = wanted
                for e in range(np.uint64(local_start[p]), np.uint64(local_start[p + 1])):
                    orders[np.uint64(local_supplier[e])] += local_coefficient[e] * change
        if not moved:
            used = sweep + 1
            break
    add_orders(order, local_start, local_supplier, local_coefficient, final, output, orders)
    return used


@compiled
def add_orders(order, local_start, local_supplier, local_coefficient, final, output, orders):
    """Orders at given output, (n,): final orders and what buyers need."""
    for i in range(final.shape[0]):  # compiles in a tenth of the time of a slice
        orders[i] = final[i]
    for p in range(order.shape[0]):
        made = output[order[p]]
        for e in range(np.uint64(local_start[p]), np.uint64(local_start[p + 1])):
            orders[np.uint64(local_supplier[e])] += local_coefficient[e] * made


@compiled
def segment_totals(values, segment, counted, out):
    """Sums of the rows of `values` (m, n) over the enterprises `counted` (n,) of each segment into `out` (m, S).

    Rows of one segment stand together for the most part, so the sum goes to memory only where the segment changes.
    """
    r = 0
    while r + 4 <= values.shape[0]:  # four at once: a sum waits for its last addition, others need not
        present, first, second, third, fourth = np.int64(-1), 0.0, 0.0, 0.0, 0.0
        for i in range(segment.shape[0]):
            if counted[i]:
                if segment[i] != present:
                    if present >= 0:
                        out[r, present], out[r + 1, present] = first, second
                        out[r + 2, present], out[r + 3, present] = third, fourth
                    present = np.int64(segment[i])
                    first, second = out[r, present], out[r + 1, present]
                    third, fourth = out[r + 2, present], out[r + 3, present]
                first += values[r, i]
                second += values[r + 1, i]
                third += values[r + 2, i]
                fourth += values[r + 3, i]
        if present >= 0:
            out[r, present], out[r + 1, present] = first, second
            out[r + 2, present], out[r + 3, present] = third, fourth
        r += 4
    for s in range(r, values.shape[0]):
        present, first = np.int64(-1), 0.0
        for i in range(segment.shape[0]):
            if counted[i]:
                if segment[i] != present:
                    if present >= 0:
                        out[s, present] = first
                    present = np.int64(segment[i])
                    first = out[s, present]
                first += values[s, i]
        if present >= 0:
            out[s, present] = first


@compiled
def product_totals(first, second, segment, counted, out):
    """Sums of `first` times `second` (n,) over the enterprises `counted` (n,) of each segment into `out` (S,)."""
    present, total = np.int64(0), out[0]  # goes to memory where the segment changes, as in `segment_totals`
    for i in range(segment.shape[0]):
        if counted[i]:
            if segment[i] != present:
                out[present] = total
                present = segment[i]
                total = out[present]
            total += first[i] * second[i]
    out[present] = total


@compiled
def column_totals(values, segment, counted, out):
    """Sums of the columns of `values` (n, m) over the enterprises `counted` (n,) of each segment into `out` (S, m)."""
    for i in range(segment.shape[0]):
        if counted[i]:
            for c in range(values.shape[1]):
                out[segment[i], c] += values[i, c]


@compiled
def totals(block, length, out):
    """Sums of the first `length` numbers of each row of `block` (m, room), into `out` (m,)."""
    for c in range(block.shape[0]):
        a0, a1, a2, a3, a4, a5, a6, a7 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(0, length - 7, 8):  # eight at once: a sum waits for its last addition, others need not
            a0 += block[c, i]
            a1 += block[c, i + 1]
            a2 += block[c, i + 2]
            a3 += block[c, i + 3]
            a4 += block[c, i + 4]
            a5 += block[c, i + 5]
            a6 += block[c, i + 6]
            a7 += block[c, i + 7]
        rest = 0.0
        for i in range(length - length % 8, length):
            rest += block[c, i]
        out[c] = ((a0 + a1) + (a2 + a3)) + ((a4 + a5) + (a6 + a7)) + rest


@compiled
def segment_largest(values, segment, counted, out):
    """Largest of `values` (n,) over the enterprises `counted` (n,) of each segment into `out` (S,), unless below it."""
    for i in range(segment.shape[0]):
        if counted[i] and values[i] > out[segment[i]]:
            out[segment[i]] = values[i]


@compiled
def segment_medians(values, segment, counted, out):
    """Medians of `values` (n,) over the enterprises `counted` (n,) of each segment, into `out` (S,); 0 without."""
    ends = np.zeros(out.shape[0] + 1, dtype=np.int64)
    for i in range(segment.shape[0]):
        if counted[i]:
            ends[segment[i] + 1] += 1
    for k in range(out.shape[0]):
        ends[k + 1] += ends[k]
    own = np.empty(ends[out.shape[0]])
    for i in range(segment.shape[0]):
        if counted[i]:
            own[ends[segment[i]]] = values[i]
            ends[segment[i]] += 1  # what was the first place of the segment ends as the first of the next
    for k in range(out.shape[0]):
        first, end = ends[k - 1] if k > 0 else 0, ends[k]
        if first < end:
            half = first + (end - first) // 2
            upper = select(own, first, end, half)
            lower = upper
            if (end - first) % 2 == 0:
                lower = own[first]
                for p in range(first + 1, half):
                    lower = max(lower, own[p])
            out[k] = 0.5 * (lower + upper)


@compiled
def select(own, first, end, place):
    """The number that stands at `place` once `own[first:end]` is sorted; what is smaller comes to stand before it.

    Numbers below a pivot are moved to the front without a branch, as which they are is not to be guessed.
    """
    while True:
        low, middle, high = own[first], own[(first + end) // 2], own[end - 1]
        pivot = max(min(low, middle), min(max(low, middle), high))
        below = first
        for p in range(first, end):
            here = own[p]
            own[p] = own[below]
            own[below] = here
            below += here < pivot
        same = below
        for p in range(below, end):
            here = own[p]
            own[p] = own[same]
            own[same] = here
            same += here == pivot
        if place < below:
            end = below
        elif place >= same > first:
            first = same
        else:
            return pivot  # also where it is no number, which nothing is below or equal to


@compiled
def deliver(
    order,
    segment,
    start,
    supplier,
    link_input,
    coefficient,
    output,
    covered,
    price,
    fill,
    outside_price,
    supply,
    replaced,
    unmet,
    premium,
    local,
    outside,
    intermediate,
    trade,
):
    """Book deliveries along the links.

    Fills, per buyer, purchases from local suppliers `local` (n,) and `outside` (n, 2: national, abroad), per supplier
    intermediate sales (n,), and `trade` (S, S, 3: input, buyer segment, local / national / abroad), all values. Of what
    a local supplier cannot deliver the share `unmet` (S,) is bought nationally at the premium. Where outside `supply`
    (S, 2) is cut, a share `replaced` (S, 2) of the need, output over `covered`, comes from the other origin at the
    premium, and the rest is not bought.
    """
    sold = np.zeros(output.shape[0] + trade.shape[0])  # behind the suppliers a place for what is bought outside
    behind, one = np.uint64(output.shape[0]), np.uint64(1)
    for i in order:
        k, made = np.uint64(segment[i]), output[i]
        by_local, by_nation, by_abroad = local[i], outside[i, 0], outside[i, 1]
        for e in range(np.uint64(start[i]), np.uint64(start[i + 1])):
            j, l, quantity = supplier[e], np.uint64(link_input[e]), coefficient[e] * made
            is_local, origin, row = j >= 0, np.uint64(j == ABROAD), np.uint64(max(j, 0))
            filled, paid, short, dear = fill[row], price[row], unmet[l], outside_price[l, 0]
            value = quantity * filled * paid
            missing = quantity * (1.0 - filled) * short * dear * (1.0 + premium)
            if supply[l, origin] < 1.0 and not is_local:
                need = quantity / covered[i] if covered[i] > 0.0 else 0.0
                wanted, quantity = quantity, min(quantity, supply[l, origin] * need)
                other = min(wanted - quantity, replaced[l, origin] * need)
                other = other * outside_price[l, one - origin] * (1.0 + premium)
                trade[l, k, one + one - origin] += other
                by_nation += other if origin == one else 0.0
                by_abroad += other if origin != one else 0.0
            bought = quantity * outside_price[l, origin]
            value, bought = value if is_local else 0.0, missing if is_local else bought
            sold[row if is_local else behind + l] += value
            trade[l, k, 0] += value
            trade[l, k, one + origin] += bought
            by_local += value
            by_nation += bought if origin != one else 0.0
            by_abroad += bought if origin == one else 0.0
        local[i], outside[i, 0], outside[i, 1] = by_local, by_nation, by_abroad
    for i in range(output.shape[0]):
        intermediate[i] += sold[i]


@compiled
def coverage(start, segment, active, supplier, link_input, coefficient, criticality, missing, out):
    """Share of output that the inputs allow, (n,), when shares `missing` (S, 2) of outside supply cannot be had.

    What is missing of an input is held against all that the buyer takes of it, which levers may have raised.
    """
    for i in range(out.shape[0]):
        covered = 1.0
        if active[i]:
            k = segment[i]
            e = start[i]
            while e < start[i + 1]:
                l = link_input[e]
                short, taken = 0.0, 0.0
                while e < start[i + 1] and link_input[e] == l:
                    taken += coefficient[e]
                    if supplier[e] < 0:
                        short += coefficient[e] * missing[l, 1 if supplier[e] == ABROAD else 0]
                    e += 1
                if taken > 0.0:
                    covered = min(covered, 1.0 - criticality[l, k] * short / taken)
        out[i] = max(covered, 0.0)
