"""What is paid over links, and what links of two worlds add to a difference in localization."""

from __future__ import annotations

import numpy as np

from chainsim.economy.kernels.philox import compiled
from chainsim.economy.links import ABROAD, PRICE, ROOM


@compiled
def pay_over_links(
    rows, start, link_input, supplier, coefficient, segment, output, fill, price, unmet, outside, bought
):
    """What the buyers `rows` pay over each of their links, as `orders.deliver` books it where no supply is cut.

    `outside` (3, S) are prices of national and foreign supply and of what is bought in the nation at a premium, `unmet`
    (S,) the share so bought of what local suppliers do not deliver. Fills `bought`: quantity, paid, local, pair of
    input and buyer segment, and buyer of each of these links (m,), then the place of every link among them (L,).
    """
    quantity, paid, local, pair, buyer, place = bought
    m, segments = 0, unmet.shape[0]
    for i in rows:
        for e in range(start[i], start[i + 1]):
            j, l = supplier[e], link_input[e]
            quantity[m], pair[m], buyer[m], place[e] = coefficient[e] * output[i], l * segments + segment[i], i, m
            if j >= 0:
                local[m] = quantity[m] * fill[j] * price[j]
                paid[m] = local[m] + quantity[m] * (1.0 - fill[j]) * unmet[l] * outside[2, l]
            else:
                local[m], paid[m] = 0.0, quantity[m] * outside[1 if j == ABROAD else 0, l]
            m += 1


@compiled
def over(top, bottom):
    """top / bottom, 0 where the bottom is 0."""
    return top / bottom if bottom != 0.0 else 0.0


@compiled
def at_price_of(own_quantity, own_paid, other_quantity, other_paid):
    """What a world would pay over a link at the price of the other, its own where the other buys nothing over it."""
    if other_quantity > 0.0:
        return own_quantity * over(other_paid, other_quantity)
    return own_quantity * over(own_paid, own_quantity)


@compiled
def divide_links(at, causes, cause_of, ours, theirs, supplier, total, weight, reference, parts):
    """Add to `parts` (9,), by cause and then by quantities, what links of both worlds add to localization.

    The links are `at` (2, L) in each world, with the causes of row `cause_of` (L,) of `causes` (k, 8), whose row 0 is
    of links without any. `ours` and `theirs` are what `pay_over_links` fills,
    `supplier` those of every link in both; by pair, (S S,), `total` (2, S S) purchases, the `weight` of the pair and
    the local share that purchases are held against, `reference`.
    """
    quantity, paid, local, pair, _, place = ours
    other_quantity, other_paid, other_local, _, _, other_place = theirs
    pairs = weight.shape[0]
    of_links, value = np.zeros((2, pairs)), np.zeros((2, pairs))
    for e in range(at.shape[1]):
        a, b = place[at[0, e]], other_place[at[1, e]]
        p = pair[a]
        of_links[0, p] += over(paid[a], total[0, p])
        of_links[1, p] += over(other_paid[b], total[1, p])
        value[0, p] += at_price_of(quantity[a], paid[a], other_quantity[b], other_paid[b])
        value[1, p] += at_price_of(other_quantity[b], other_paid[b], quantity[a], paid[a])
    for e in range(at.shape[1]):
        a, b = place[at[0, e]], other_place[at[1, e]]
        p = pair[a]
        part, other_part = over(paid[a], total[0, p]), over(other_paid[b], total[1, p])
        mixed = at_price_of(quantity[a], paid[a], other_quantity[b], other_paid[b])
        other_mixed = at_price_of(other_quantity[b], other_paid[b], quantity[a], paid[a])
        mixed, other_mixed = over(mixed, value[0, p]) * of_links[0, p], over(other_mixed, value[1, p]) * of_links[1, p]
        by_price = (mixed - part + other_part - other_mixed) / 2
        share, other_share = over(local[a], paid[a]), over(other_local[b], other_paid[b])
        moved = weight[p] * ((share + other_share) / 2 - reference[p])
        parts[PRICE] += moved * by_price
        parts[causes.shape[1]] += moved * (other_part - part - by_price)
        chosen = 1.0 if supplier[0][at[0, e]] >= 0 else 0.0
        other_chosen = 1.0 if supplier[1][at[1, e]] >= 0 else 0.0
        delivered = (share + other_share) / (chosen + other_chosen) if chosen + other_chosen > 0.0 else 1.0
        counted = weight[p] * (part + other_part) / 2
        if cause_of[e] > 0:
            for channel in range(causes.shape[1]):
                parts[channel] += counted * delivered * causes[cause_of[e], channel]
        apart = (other_chosen - chosen) * delivered
        parts[ROOM] += counted * (other_share - share - apart)
