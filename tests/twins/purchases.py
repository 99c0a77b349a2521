"""Plain twins of the kernels of purchases: all links at once, and their sums."""

import numpy as np

from chainsim.economy.links import ABROAD, PRICE, ROOM


def pay_over_links(rows, start, link_input, supplier, coefficient, segment, output, fill, price, unmet, outside):
    """Quantity, paid, local, pair and buyer of the links of `rows`, a tuple a link, and the place of every link."""
    made, place = [], [-1] * len(supplier)
    for i in rows:
        for e in range(start[i], start[i + 1]):
            j, l, quantity = supplier[e], int(link_input[e]), float(coefficient[e] * output[i])
            local = quantity * fill[j] * price[j] if j >= 0 else 0.0
            missing = quantity * (1.0 - fill[j]) * unmet[l] * outside[2, l] if j >= 0 else 0.0
            paid = local + missing if j >= 0 else quantity * outside[int(j == ABROAD), l]
            place[e] = len(made)
            made.append((quantity, float(paid), float(local), l * len(unmet) + int(segment[i]), int(i)))
    return made, place


def over(top, bottom):
    """top / bottom, 0 where the bottom is 0."""
    return np.divide(top, bottom, out=np.zeros(np.shape(top)), where=np.asarray(bottom) != 0)


def at_price_of(own_quantity, own_paid, other_quantity, other_paid):
    """What a world would pay at the other's prices, at its own where the other buys nothing."""
    other, own = over(other_paid, other_quantity), over(own_paid, own_quantity)
    return own_quantity * np.where(np.asarray(other_quantity) > 0, other, own)


def divide_links(at, causes, cause_of, ours, theirs, supplier, total, weight, reference):
    """What links of both worlds add to localization, (9,), from arrays over these links."""
    places = ours[5][at[0]], theirs[5][at[1]]
    (q, paid, local), (q2, paid2, local2) = (
        [values[place] for values in each[:3]] for each, place in zip((ours, theirs), places, strict=True)
    )
    pair = ours[3][places[0]]

    def sums(values):
        return np.bincount(pair, values, weight.size)[pair]

    part, part2 = over(paid, total[0][pair]), over(paid2, total[1][pair])
    value, value2 = at_price_of(q, paid, q2, paid2), at_price_of(q2, paid2, q, paid)
    mixed, mixed2 = over(value, sums(value)) * sums(part), over(value2, sums(value2)) * sums(part2)
    by_price = (mixed - part + part2 - mixed2) / 2
    share, share2 = over(local, paid), over(local2, paid2)
    moved = weight[pair] * ((share + share2) / 2 - reference[pair])
    chosen, chosen2 = (rows[here] >= 0 for rows, here in zip(supplier, at, strict=True))
    counted, apart = chosen.astype(int) + chosen2, chosen2.astype(int) - chosen
    delivered = np.where(counted > 0, (share + share2) / np.maximum(counted, 1), 1.0)
    of_links = weight[pair] * (part + part2) / 2
    parts = np.append((of_links * delivered) @ causes[cause_of], (moved * (part2 - part - by_price)).sum())
    parts[ROOM] += (of_links * (share2 - share - apart * delivered)).sum()
    parts[PRICE] += (moved * by_price).sum()
    return parts
