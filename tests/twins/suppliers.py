"""Candidates and the choice of suppliers."""

import math
from collections.abc import Sequence
from typing import Any

from chainsim.kernels import ABROAD, CLASSES, MOST_CROWDED, NATIONAL, NOBODY
from twins.luck import mix, uniform, words

OUTSIDE = {NATIONAL: 2**64 - 1, ABROAD: 2**64 - 2}
"""What stands for the identity of outside supply in a race."""
DRAWN_AT_FIRST = 24
"""Suppliers that a buyer looks at in the base year."""


def layout(homes: Sequence[int]) -> list[int]:
    """Cells of the members of a group, given in the order of their first choices: each pushed on by those before it."""
    return [max(homes[q] + place - q for q in range(place + 1)) for place in range(len(homes))]


def sample(key: int, identity: int, slot: int, buyer: int, incumbent: int, l: int, wanted: int, table: Any) -> list:
    """Suppliers that a buyer sees for one slot."""
    found = [incumbent] if incumbent >= 0 else []
    members = [int(j) for j in table.members[table.member_start[l] : table.member_start[l + 1]]]
    if len(members) <= wanted:
        return found + [j for j in members if j not in (buyer, incumbent)]
    classes = range(l * CLASSES + int(table.top[l]), l * CLASSES - 1, -1)
    drawn = 0
    for number in (word for block in range(16) for word in words(key, identity, slot, block)):
        x = (number + 0.5) * 2.0**-32 * table.total[l]
        for g in classes:
            if x < table.class_weight[g] or g == classes[-1]:
                break
            x -= table.class_weight[g]
        cell = min(int(x / table.upper[g]), int(table.length[g]) - 1)
        j = int(table.cells[table.offset[g] + cell])
        if j >= 0 and (x / table.upper[g] - cell) * table.upper[g] < table.weight[j]:
            drawn += 1
            if j != buyer and j not in found:
                found.append(j)
        if drawn == wanted:
            break
    return found


def local_pull(j: int, order: float, own: float, required: float, here: int, state: Any, rules: Any) -> float:
    """How strongly local supplier `j` attracts an order."""
    room = state.spare[j] + own
    crowding = MOST_CROWDED if room <= 0 else min(max(math.log(order / room), 0.0), MOST_CROWDED) if order > 0 else 0.0
    lacking = max(required - state.quality[j], 0.0)
    near = rules.park_weight if state.park[j] == here else 0.0
    return float(state.attraction[j]) * math.exp(
        near - rules.quality_weight * lacking - rules.capacity_weight * crowding
    )


def race(key: int, identity: int, slot: int, rates: dict[int, tuple[int, float]]) -> int:
    """Who comes first: `rates` gives each runner's identity and rate; a rate of 0 never arrives."""
    times = {
        runner: -math.log(uniform(key, identity, mix(who, slot))) / rate
        for runner, (who, rate) in rates.items()
        if rate > 0
    }
    return min(times, key=lambda runner: times[runner])


def stays(u: float, j: int, l: int, state: Any, rules: Any, outside: Any) -> str:
    """Whether a link is 'kept', 'reviewed' or 'broken' this year."""
    delivered = state.fill[j] if j >= 0 else outside.supply[l][int(j == ABROAD)]
    rate = rules.review_rate + rules.fill_response * (1.0 - delivered) + (outside.added_review[l] if j < 0 else 0.0)
    if u < rules.break_rate:
        return "broken"
    return "kept" if u >= rules.break_rate + (1.0 - rules.break_rate) * rate else "reviewed"


def review(rows, keys, state, table, rules, start, supplier, link_input, coefficient, outside) -> tuple[list, int, int]:
    """Suppliers after the year's reviews, links there were, links that stayed."""
    chosen, there, kept = [int(j) for j in supplier], 0, 0
    for i in rows:
        identity, k = int(state.identity[i]), state.segment[i]
        for slot, e in enumerate(range(start[i], start[i + 1])):
            j, l = int(supplier[e]), int(link_input[e])
            there += j != NOBODY
            closed = j <= NOBODY or (j >= 0 and not state.active[j])
            u = (words(keys[0], identity, slot // 4, 0)[slot % 4] + 0.5) * 2.0**-32
            fate = "broken" if closed else stays(u, j, l, state, rules, outside)
            if fate != "kept":
                incumbent = j if j >= 0 and fate == "reviewed" else -1
                order = coefficient[e] * state.expected[i]
                pulls = local_choices(i, l, slot, incumbent, order, keys[1], state, table, rules)
                rates = {j: (int(state.identity[j]), outside.home[l][k] / len(pulls) * p) for j, p in pulls.items()}
                rates[NATIONAL] = OUTSIDE[NATIONAL], outside.pull[l][0]
                rates[ABROAD] = OUTSIDE[ABROAD], outside.pull[l][1] * outside.abroad[l][k]
                chosen[e] = race(keys[2], identity, slot, rates)
            kept += fate == "kept" or (fate == "reviewed" and chosen[e] == j)
    return chosen, there, kept


def local_choices(i, l, slot, incumbent, order, key, state, table, rules, draw: int = -1) -> dict[int, float]:
    """Pulls of the local suppliers that a buyer sees for one slot."""
    required = state.quality[i] - rules.quality_tolerance
    seen = sample(key, int(state.identity[i]), slot + 4096 * (draw + 1), i, incumbent, l, rules.sample, table)
    return {
        j: local_pull(j, order, order if j == incumbent else 0.0, required, state.park[i], state, rules) for j in seen
    }


def local_pulls(rows, key, draw, state, table, rules, start, supplier, link_input, coefficient) -> dict[int, float]:
    """Mean pull of the local suppliers seen over every link of `rows`."""
    out = {}
    for i in rows:
        for slot, e in enumerate(range(start[i], start[i + 1])):
            incumbent, order = max(int(supplier[e]), -1), coefficient[e] * state.expected[i]
            pulls = local_choices(i, int(link_input[e]), slot, incumbent, order, key, state, table, rules, draw)
            total = 0.0
            for pull in pulls.values():
                total += pull
            out[e] = total / len(pulls) if pulls else 0.0
    return out


def roomiest(seen, i, size, slot, key, state, rules, room) -> int:
    """The supplier with room for an order that wins the race on room, quality and park."""
    rates = {}
    for j in seen:
        if room[j] >= size:
            lacking = max(0.0, state.quality[i] - rules.quality_tolerance - state.quality[j])
            near = rules.park_weight if state.park[j] == state.park[i] else 0.0
            rate = math.exp(0.7 * math.log(room[j]) - rules.quality_weight * lacking + near)
            rates[int(j)] = int(state.identity[j]), rate
    return race(key, int(state.identity[i]), slot, rates) if rates else NOBODY


def first_with_room(members, i, size, room) -> int:
    """The first member but the buyer that has room for the order."""
    return next((int(j) for j in members if j != i and room[j] >= size), NOBODY)


def assign(slots, key, buyer, slot_of, link_input, orders, state, table, rules, room, local_rate, abroad_rate) -> list:
    """Base-year supplier of every slot: local while the local rate lags by half the order, the same for abroad."""
    chosen, room = {}, [float(value) for value in room]
    total: dict[Any, float] = {}
    for e in slots:
        i, l, size = int(buyer[e]), int(link_input[e]), float(orders[e])
        pair = l, int(state.segment[i])
        bought = total[pair, "all"] = total.get((pair, "all"), 0.0) + size
        supplier = NOBODY
        if local_rate[pair] * bought - total.get((pair, "local"), 0.0) >= 0.5 * size:
            seen = sample(key, int(state.identity[i]), int(slot_of[e]), i, -1, l, DRAWN_AT_FIRST, table)
            supplier = roomiest(seen, i, size, int(slot_of[e]), key, state, rules, room)
            members = table.members[table.member_start[l] : table.member_start[l + 1]]
            supplier = first_with_room(members, i, size, room) if supplier == NOBODY else supplier
        if supplier >= 0:
            room[supplier] -= size
            total[pair, "local"] = total.get((pair, "local"), 0.0) + size
        else:
            outside = total[pair, "outside"] = total.get((pair, "outside"), 0.0) + size
            abroad = total.get((pair, "abroad"), 0.0)
            supplier = ABROAD if abroad_rate[pair] * outside - abroad >= 0.5 * size else NATIONAL
            total[pair, "abroad"] = abroad + size * (supplier == ABROAD)
        chosen[int(e)] = supplier
    return [chosen[e] for e in range(len(orders))]


def copy_suppliers(parent, buyer, bought, number, start, link_input, supplier, before) -> list[int]:
    """Suppliers of spin-offs: every pair takes its parent's suppliers of the input in turn, if there are any."""
    out = []
    for p in range(len(buyer)):
        row = parent[buyer[p]]
        of_parent = range(start[row], start[row + 1]) if row >= 0 else ()
        partners = [int(supplier[e]) for e in of_parent if link_input[e] == bought[p]]
        for s in range(number[p]):
            out.append(partners[s % len(partners)] if partners else int(before[len(out)]))
    return out
