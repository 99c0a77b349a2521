"""Links of the base year: first suppliers, local and foreign slots by rate, pulls that constants follow from.

pull = room^0.7 x fit of quality x park bonus       of a base-year supplier with room for the order
"""

from __future__ import annotations

import numpy as np

from chainsim.economy.kernels.philox import compiled, mix, unit_of
from chainsim.economy.kernels.suppliers import LINKS_AT_ONCE, crowding, fitness, sample_candidates
from chainsim.economy.links import ABROAD, NATIONAL, NOBODY


@compiled
def local_pulls(slots, sample, seen, rules, coefficient, out):
    """Mean pull of the local candidates of the links `slots` (3, m), without home constants, into `out` (L,)."""
    identity, segment, park, quality_factor, quality_power, expected, attraction, spare = seen
    tolerated, beyond, capacity_weight, least_room, park_factor = rules
    random_word, number, found, introduced = sample
    last, needed, power = -1, 1.0, 1.0
    for m in range(slots.shape[1]):
        e, i, incumbent, total = slots[0, m], slots[1, m], slots[2, m], 0.0
        if i != last:  # links of one buyer mostly follow each other
            last, needed = i, tolerated / quality_factor[i]
            power = needed**beyond
        order_size = coefficient[e] * expected[i]
        for q in range(number[m]):
            j = found[m, q]
            room = spare[j] + (order_size if j == incumbent else 0.0)
            pull = (
                attraction[j]
                * fitness(quality_factor[j] * needed, quality_power[j] * power)
                * crowding(order_size, room, capacity_weight, least_room)
            )
            total += pull * park_factor if park[j] == park[i] else pull
        out[e] = total / max(number[m], 1)


@compiled
def expected_changes(code, pulls, against, odds, lost_from, won_from, flows):
    """Add the orders that local suppliers can expect to lose and to win in a year to `flows` (2, S S).

    Links count to the input and buyer segment of their `code` (L,). The choice of local supply is the mean over the
    sets of `pulls` (draws, L), with the `odds` (S S,) of the constants `against` (L,) outside supply; `lost_from` and
    `won_from` (L,) are the orders under review at local and at outside suppliers.
    """
    sets, odds_of, chosen = pulls.shape[0], np.empty(LINKS_AT_ONCE), np.empty(LINKS_AT_ONCE)
    for begin in range(0, code.shape[0], LINKS_AT_ONCE):
        size = min(LINKS_AT_ONCE, code.shape[0] - begin)
        here = slice(begin, begin + size)
        for q in range(size):
            odds_of[q], chosen[q] = odds[code[begin + q]], 0.0
        for draw in range(sets):
            of_set, outside = pulls[draw, here], against[here]
            for q in range(size):  # all divisions of a block in a row, which the processor makes several at a time
                value = odds_of[q] * of_set[q]
                chosen[q] += value / (value + outside[q])
        for q in range(size):
            e, share = begin + q, chosen[q] / sets
            flows[0, code[e]] += lost_from[e] * (1.0 - share)
            flows[1, code[e]] += won_from[e] * share


@compiled
def assign(
    slots,
    key,
    wanted,
    link_input,
    orders,
    seen,
    rules,
    table,
    room,
    rates,
    shown,
    sample,
    ordered,
    supplier,
):
    """Choose the base-year suppliers of the links `slots` (4, m), large orders first, in place.

    A slot is local while the local share of its (input, buyer segment) lags its target by half the order; the supplier
    is drawn among those found with room left, larger room preferred; if none has room the slot goes outside. Only then
    are `wanted` suppliers drawn by `key`, into the `sample` of one link. Outside slots are split between abroad and
    national in the same way. `rates` (2, S, S) are the local share and the foreign share of the rest, `ordered`
    (4, S, S) the orders so far: all, local, outside, foreign.
    """
    identity, segment, park, quality_factor, quality_power, expected, attraction, spare = seen
    tolerated, beyond, capacity_weight, least_room, park_factor = rules
    random_word, number, found, introduced = sample
    pull_of_room, draw = room**0.7, np.int64(0)
    one = np.empty((slots.shape[0], 1), dtype=np.int64)  # of one kind with the slots of a review, so compiled once
    for m in range(slots.shape[1]):
        e, i = slots[0, m], slots[1, m]
        l, k, size = link_input[e], segment[i], orders[e]
        ordered[0, l, k] += size
        chosen, best_time = NOBODY, np.inf
        if rates[0, l, k] * ordered[0, l, k] - ordered[1, l, k] >= 0.5 * size:
            for row in range(one.shape[0]):
                one[row, 0] = slots[row, m]
            sample_candidates(one, key, draw, wanted, identity, link_input, table, shown, sample)
            needed = tolerated / quality_factor[i]
            power = needed**beyond
            for q in range(number[0]):
                j = found[0, q]
                if room[j] >= size:
                    pull = pull_of_room[j] * fitness(quality_factor[j] * needed, quality_power[j] * power)
                    if park[j] == park[i]:
                        pull *= park_factor
                    u = unit_of(mix(random_word[0], identity[j]))
                    if 1.0 - u >= best_time * pull:  # -ln u >= 1 - u: it cannot arrive first
                        continue
                    time = -np.log(u) / pull
                    if time < best_time:
                        chosen, best_time = j, time
            if chosen < 0:
                chosen = first_with_room(table.members, table.member_start[l], table.member_start[l + 1], i, size, room)
        if chosen >= 0:
            room[chosen] -= size
            pull_of_room[chosen] = room[chosen] ** 0.7
            ordered[1, l, k] += size
            supplier[e] = chosen
        else:
            ordered[2, l, k] += size
            abroad = rates[1, l, k] * ordered[2, l, k] - ordered[3, l, k] >= 0.5 * size
            ordered[3, l, k] += size * abroad
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
def mix_kinds(pairs, code, rates, most, buyer, orders, segment, limit, sold, supplier):
    """Change kinds of slots until tilting the weights of buyers that hold both kinds can reach the `rates` (2, S S).

    First the slots of each of the `pairs` of input and buyer segment, `code` (L,), are local or not, then those outside
    foreign or not. A tilt moves the part `most` of the smaller kind of a buyer; nobody sells more than its `limit`
    (n,), and `sold` (n,) is kept up to date.
    """
    size = int(np.sqrt(rates.shape[1]))
    by_pair, end = sorted_by_code(code, rates.shape[1])
    for pair in pairs:
        slots = by_pair[(end[pair - 1] if pair > 0 else 0) : end[pair]]
        for kind in range(2):
            if 0.0 < rates[kind, pair] < 1.0:
                among = slots if kind == 0 else slots[supplier[slots] < 0]
                change_kinds(
                    kind == 0,
                    pair // size,
                    among,
                    rates[kind, pair],
                    most,
                    buyer,
                    orders,
                    segment,
                    limit,
                    sold,
                    supplier,
                )


@compiled
def sorted_by_code(code, codes):
    """Places in `code` (L,) by its value, in their order, (L,), and where each of the `codes` values ends, (codes,)."""
    end, place = np.zeros(codes, dtype=np.int64), np.empty(code.shape[0], dtype=np.int64)
    for e in range(code.shape[0]):
        end[code[e]] += 1
    for c in range(1, codes):
        end[c] += end[c - 1]
    for e in range(code.shape[0] - 1, -1, -1):
        end[code[e]] -= 1
        place[end[code[e]]] = e
    for c in range(codes - 1):
        end[c] = end[c + 1]
    end[codes - 1] = code.shape[0]
    return place, end


@compiled
def change_kinds(local, product, slots, rate, most, buyer, orders, segment, limit, sold, supplier):
    """Change the kind of single `slots` (m,) of one pair, local or else foreign, until a tilt can reach `rate`.

    The smallest slot of a buyer with several of one kind goes first, then the largest that brings the rate closer, then
    a slot that leads away from the rate but gives a buyer both kinds.
    """
    if slots.shape[0] == 0:
        return
    group = np.zeros(slots.shape[0], dtype=np.int64)
    for s in range(1, slots.shape[0]):
        group[s] = group[s - 1] + (buyer[slots[s]] != buyer[slots[s - 1]])
    inside, total, number = np.zeros((3, group[-1] + 1))
    for s in range(slots.shape[0]):
        total[group[s]] += orders[slots[s]]
        number[group[s]] += 1
    for _ in range(slots.shape[0]):
        inside[:] = 0.0
        for s in range(slots.shape[0]):
            if is_kind(local, supplier[slots[s]]):
                inside[group[s]] += orders[slots[s]]
        bought, at_home, mixed = 0.0, 0.0, 0.0
        for g in range(total.shape[0]):
            bought += total[g]
            at_home += inside[g]
            mixed += min(inside[g], total[g] - inside[g])
        missing = rate * bought - at_home
        if abs(missing) <= most * mixed:
            return
        chosen = slot_to_change(local, slots, group, missing, inside, total, number, orders, supplier)
        if chosen < 0 or not flip(local, product, slots[chosen], buyer, orders, segment, limit, sold, supplier):
            return


@compiled
def is_kind(local, supplier):
    """Whether a slot is local, or else whether it is foreign."""
    return supplier >= 0 if local else supplier == ABROAD


@compiled
def slot_to_change(local, slots, group, missing, inside, total, number, orders, supplier):
    """The place among `slots` (m,) of the next to change its kind, -1 where none would help."""
    pure, closer, other = -1, -1, -1
    for s in range(slots.shape[0]):
        g, order, held = group[s], orders[slots[s]], is_kind(local, supplier[slots[s]])
        wrong = held == (missing < 0.0)
        alone = number[g] > 1 and (inside[g] == total[g] if held else inside[g] == 0.0)
        if wrong and alone and (pure < 0 or order < orders[slots[pure]]):
            pure = s
        if wrong and order < 2.0 * abs(missing) and (closer < 0 or order > orders[slots[closer]]):
            closer = s
        if not wrong and alone and order > abs(missing) and (other < 0 or order < orders[slots[other]]):
            other = s
    return pure if pure >= 0 else closer if closer >= 0 else other


@compiled
def flip(local, product, slot, buyer, orders, segment, limit, sold, supplier):
    """Change the kind of a slot; a new local supplier is the one with most room. Whether it could be done."""
    present = supplier[slot]
    if not local:
        supplier[slot] = NATIONAL if present == ABROAD else ABROAD
        return True
    if present >= 0:
        sold[present] -= orders[slot]
        supplier[slot] = NATIONAL
        return True
    chosen, room = NOBODY, orders[slot]
    for i in range(segment.shape[0]):
        if segment[i] == product and i != buyer[slot]:
            own = limit[i] - sold[i]
            if own > room or (chosen < 0 and own == room):
                chosen, room = i, own
    if chosen < 0:
        return False
    supplier[slot] = chosen
    sold[chosen] += orders[slot]
    return True
