"""Upkeep of the links when enterprises come and go, and what two worlds have of them in common."""

from __future__ import annotations

import numpy as np

from chainsim.economy.kernels.philox import compiled, fill_uniform, mix
from chainsim.economy.links import CLOSED, NOBODY


@compiled
def close_links(closing, supplier):
    """Mark the links to local suppliers that are `closing` (n,), in place."""
    for e in range(supplier.shape[0]):  # without a branch: which links are local is not to be guessed
        known = supplier[e]
        supplier[e] = CLOSED if (known >= 0) & closing[max(known, 0)] else known


@compiled
def merge_rows(known, new, segment, identity, out):
    """Two lists of rows by segment and identity, `known` (m,) and `new` (q,), as one, `out` (m + q,)."""
    a, b = 0, 0
    for place in range(out.shape[0]):
        take = b == new.shape[0]
        if not take and a < known.shape[0]:
            i, j = known[a], new[b]
            take = segment[i] < segment[j] or (segment[i] == segment[j] and identity[i] < identity[j])
        if take:
            out[place] = known[a]
            a += 1
        else:
            out[place] = new[b]
            b += 1


@compiled
def keep_rows(rows, width, block):
    """Move the `rows` (m,), ascending, of every column of `block` (k, room x width) to its front, in place.

    A row has `width` words, which are moved and never read.
    """
    for c in range(block.shape[0]):
        if width == 1:
            for q in range(rows.shape[0]):
                block[c, np.uint64(q)] = block[c, np.uint64(rows[q])]
        else:
            for q in range(rows.shape[0]):
                for w in range(width):
                    block[c, np.uint64(q * width + w)] = block[c, np.uint64(rows[q] * width + w)]


@compiled
def keep_links(rows, place, start, supplier, link_input, coefficient):
    """Move the links of the buyers `rows` (m,), ascending, to the front, in place; returns how many there are.

    `place` (n,) is the new row of every enterprise.
    """
    count = np.uint64(0)
    for q in range(rows.shape[0]):
        low, high = start[rows[q]], start[rows[q] + 1]
        start[q] = count
        for e in range(np.uint64(low), np.uint64(high)):
            known = supplier[e]
            moved = place[np.uint64(max(known, 0))]
            supplier[count] = moved if known >= 0 else known
            link_input[count], coefficient[count] = link_input[e], coefficient[e]
            count += np.uint64(1)
    start[rows.shape[0]] = count
    return np.int64(count)


@compiled
def count_slots(identity, segment, output, key, names, technical, chance, slot_purchases, most, number):
    """Suppliers that buyers of an `output` (m,) have for each input, into `number` (m, S); 0 where they buy none.

    `chance` is the distribution function of the number beyond the first; purchases above `slot_purchases` ask for more.
    All inputs of a buyer are drawn together, bought or not: several numbers at once cost less than those left out.
    """
    who, u = np.empty(names.shape[0], dtype=np.uint64), np.empty(names.shape[0])
    for i in range(identity.shape[0]):
        k = segment[i]
        for b in range(names.shape[0]):
            who[b] = mix(identity[i], names[b])
        fill_uniform(key, who, np.uint64(0), u)
        for b in range(names.shape[0]):
            number[i, b] = 0
            if technical[b, k] > 0.0:
                slots = 0
                while slots < chance.shape[0] and chance[slots] < u[b]:
                    slots += 1
                wanted = np.int64(np.rint(1.5 * np.sqrt(technical[b, k] * output[i] / slot_purchases)))
                number[i, b] = min(max(1 + slots, wanted), most)


@compiled
def lay_slots(parent, segment, number, technical, start, link_input, supplier, bought, chosen, coefficient):
    """Input, supplier and coefficient of the slots of entrants, `number` (m, S) by input, in place.

    An entrant splits what it buys of an input evenly. A spin-off cycles through the suppliers that its `parent` (m,),
    a row or -1, has for the input; who has no parent, or one without suppliers of it, has nobody yet.
    """
    count = 0
    for i in range(parent.shape[0]):
        row, k = parent[i], segment[i]
        high, end = (start[row], start[row + 1]) if row >= 0 else (0, 0)
        for b in range(number.shape[1]):
            if number[i, b] == 0:
                continue
            low, each = high, technical[b, k] / number[i, b]
            while low < end and link_input[low] < b:
                low += 1
            high = low
            while high < end and link_input[high] == b:
                high += 1
            for s in range(number[i, b]):
                bought[count], coefficient[count] = b, each
                chosen[count] = NOBODY if high == low else supplier[low + s % (high - low)]
                count += 1


@compiled
def unlike_links(rows, place, start, supplier, other_start, other_supplier):
    """Links of the buyers `rows` (m,) whose supplier is not the one of the same link in another world.

    `place` (n,) is the row of every enterprise there, -1 where it does not exist: its links are all unlike.
    """
    count = 0
    for q in range(rows.shape[0]):
        low, high, there = start[rows[q]], start[rows[q] + 1], place[rows[q]]
        if there < 0 or other_start[there + 1] - other_start[there] != high - low:
            count += high - low
            continue
        for k in range(high - low):
            here, known = supplier[low + k], other_supplier[other_start[there] + k]
            if here >= 0:
                count += known < 0 or place[here] != known
            else:
                count += known != here
    return count


@compiled
def mark_partners(start, supplier, chosen, linked):
    """Mark in `linked` (n,), in place, who buys from or sells to an enterprise that is `chosen` (n,)."""
    for i in range(start.shape[0] - 1):
        for e in range(start[i], start[i + 1]):
            j = supplier[e]
            if j >= 0:
                if chosen[j]:
                    linked[i] = True
                if chosen[i]:
                    linked[j] = True
