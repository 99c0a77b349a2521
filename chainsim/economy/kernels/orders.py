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
    for i in range(final.shape[0]):  # compiles in a tenth of the time of a slice
        orders[i] = final[i]
    for p in range(order.shape[0]):
        made = output[order[p]]
        for e in range(local_start[p], local_start[p + 1]):
            orders[local_supplier[e]] += local_coefficient[e] * made


@compiled
def segment_totals(values, segment, counted, out):
    """Sums of the rows of `values` (m, n) over the enterprises `counted` (n,) of each segment into `out` (m, S).

    Rows of one segment stand together for the most part, so the sum goes to memory only where the segment changes.
    """
    for r in range(values.shape[0]):
        present, total = np.int64(-1), 0.0
        for i in range(segment.shape[0]):
            if counted[i]:
                if segment[i] != present:
                    if present >= 0:
                        out[r, present] = total
                    present = np.int64(segment[i])
                    total = out[r, present]
                total += values[r, i]
        if present >= 0:
            out[r, present] = total


@compiled
def segment_largest(values, segment, counted, out):
    """Largest of `values` (n,) over the enterprises `counted` (n,) of each segment into `out` (S,), unless below it."""
    for i in range(segment.shape[0]):
        if counted[i] and values[i] > out[segment[i]]:
            out[segment[i]] = values[i]


@compiled
def segment_medians(values, rows, start, out):
    """Medians of `values` (n,) over the `rows` of each segment, `start[k]:start[k + 1]`, into `out` (S,); 0 without."""
    for k in range(out.shape[0]):
        number = start[k + 1] - start[k]
        if number > 0:
            half = number // 2
            own = np.partition(values[rows[start[k] : start[k + 1]]], half)
            lower = own[half] if number % 2 else own[:half].max()
            out[k] = 0.5 * (lower + own[half])


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
                missing = quantity * (1.0 - fill[j]) * unmet[l] * outside_price[l, 0] * (1.0 + premium)
                outside[i, 0] += missing
                trade[l, k, 1] += missing
            else:
                origin = 1 if j == ABROAD else 0
                if supply[l, origin] < 1.0:
                    need = quantity / covered[i] if covered[i] > 0.0 else 0.0
                    wanted, quantity = quantity, min(quantity, supply[l, origin] * need)
                    other = min(wanted - quantity, replaced[l, origin] * need)
                    value = other * outside_price[l, 1 - origin] * (1.0 + premium)
                    outside[i, 1 - origin] += value
                    trade[l, k, 2 - origin] += value
                value = quantity * outside_price[l, origin]
                outside[i, origin] += value
                trade[l, k, 1 + origin] += value


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
