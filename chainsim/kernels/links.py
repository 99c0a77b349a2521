"""Upkeep of the links when enterprises come and go."""

from __future__ import annotations

from chainsim.kernels.compiler import CLOSED, compiled


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
