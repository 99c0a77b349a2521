"""Plain twins of the kernels that link the base year."""

from typing import Any

import numpy as np
from twins.suppliers import fitness, pull, race

from chainsim.economy.links import ABROAD, NATIONAL, NOBODY


def local_pulls(slots, sample, seen, rules, coefficient) -> list[float]:
    """Mean pull of the local suppliers seen over every link."""
    out = []
    for m, (e, i, incumbent) in enumerate(slots[:3].T):
        n, order = int(sample.number[m]), coefficient[e] * seen.expected[i]
        out.append(sum(pull(j, i, order, incumbent, seen, rules) for j in sample.found[m, :n]) / max(n, 1))
    return out


def expected_changes(code, pulls, against, odds, lost_from, won_from, flows) -> list[list[float]]:
    """Orders lost and won by pair, with the choice of local supply as a mean over the sets of candidates."""
    flows = [list(row) for row in flows]
    for e, pair in enumerate(code):
        values = [odds[pair] * pull for pull in pulls[:, e]]
        chosen = sum(value / (value + against[e]) for value in values) / len(values)
        flows[0][pair] += lost_from[e] * (1.0 - chosen)
        flows[1][pair] += won_from[e] * chosen
    return flows


def roomiest(shown, i, size, random_word, seen, rules, room) -> int:
    """The supplier with room for an order that wins the race on room, quality and park."""
    rates = {}
    for j in shown:
        if room[j] >= size:
            fits = fitness(seen.quality_factor[j] * rules.tolerated / seen.quality_factor[i], rules.beyond)
            near = rules.park_factor if seen.park[j] == seen.park[i] else 1.0
            rates[int(j)] = int(seen.identity[j]), room[j] ** 0.7 * fits * near
    return race(random_word, rates) if rates else NOBODY


def first_with_room(members, i, size, room) -> int:
    """The first member but the buyer that has room for the order."""
    return next((int(j) for j in members if j != i and room[j] >= size), NOBODY)


def assign(slots, sample, link_input, orders, seen, rules, table, room, rates) -> list[int]:
    """Base-year supplier of every slot: local while the local rate lags by half the order, the same for abroad."""
    chosen, room = [], [float(value) for value in room]
    total: dict[Any, float] = {}
    for m, (e, i) in enumerate(slots[:2].T):
        l, size = int(link_input[e]), float(orders[e])
        pair = l, int(seen.segment[i])
        bought = total[pair, "all"] = total.get((pair, "all"), 0.0) + size
        supplier = NOBODY
        if rates[0][pair] * bought - total.get((pair, "local"), 0.0) >= 0.5 * size:
            shown = sample.found[m, : sample.number[m]]
            supplier = roomiest(shown, i, size, int(sample.random_word[m]), seen, rules, room)
            of_input = table.members[table.member_start[l] : table.member_start[l + 1]]
            supplier = first_with_room(of_input, i, size, room) if supplier == NOBODY else supplier
        if supplier >= 0:
            room[supplier] -= size
            total[pair, "local"] = total.get((pair, "local"), 0.0) + size
        else:
            outside = total[pair, "outside"] = total.get((pair, "outside"), 0.0) + size
            abroad = total.get((pair, "abroad"), 0.0)
            supplier = ABROAD if rates[1][pair] * outside - abroad >= 0.5 * size else NATIONAL
            total[pair, "abroad"] = abroad + size * (supplier == ABROAD)
        chosen.append(supplier)
    return chosen


def sorted_by_code(code, codes) -> tuple[list[int], list[int]]:
    """Places sorted by code, and where each code ends."""
    return np.argsort(code, kind="stable").tolist(), np.cumsum(np.bincount(code, minlength=codes)).tolist()


def mix_kinds(pairs, code, rates, most, buyer, orders, segment, limit, sold, supplier) -> list[int]:
    """Suppliers after kinds of slots are changed, pair by pair: local ones first, then foreign ones outside."""
    supplier, sold, size = supplier.copy(), sold.copy(), round(rates.shape[1] ** 0.5)
    for pair in pairs:
        for local in (True, False):
            slots = [e for e in np.flatnonzero(code == pair) if local or supplier[e] < 0]
            if slots and 0.0 < rates[0 if local else 1][pair] < 1.0:
                given = buyer, orders, segment, limit, sold, supplier
                change_kinds(local, pair // size, np.array(slots), rates[0 if local else 1][pair], most, *given)
    return supplier.tolist()


def is_kind(local, supplier):
    """Whether suppliers are local, or else foreign."""
    return supplier >= 0 if local else supplier == ABROAD


def change_kinds(local, product, slots, rate, most, buyer, orders, segment, limit, sold, supplier) -> None:
    """Change the kind of slots of a pair until a tilt can reach the rate, in place."""
    for _ in slots:
        held, own = is_kind(local, supplier[slots]), orders[slots]
        inside = np.bincount(buyer[slots], weights=own * held)
        total = np.bincount(buyer[slots], weights=own)
        missing = rate * total.sum() - inside.sum()
        if abs(missing) <= most * np.minimum(inside, total - inside).sum():
            return
        chosen = slot_to_change(held, own, buyer[slots], missing, inside, total)
        if chosen is None or not flip(local, product, slots[chosen], buyer, orders, segment, limit, sold, supplier):
            return


def slot_to_change(held, own, buyer, missing, inside, total) -> int | None:
    """Place of the slot that changes: smallest of a pure buyer, largest that helps, one that gives both kinds."""
    several = np.bincount(buyer)[buyer] > 1
    wrong = held == (missing < 0.0)
    alone = several & np.where(held, inside[buyer] == total[buyer], inside[buyer] == 0.0)
    for able, sign in (
        (wrong & alone, 1.0),
        (wrong & (own < 2.0 * abs(missing)), -1.0),
        (~wrong & alone & (own > abs(missing)), 1.0),
    ):
        if able.any():
            return int(np.argmin(np.where(able, sign * own, np.inf)))
    return None


def flip(local, product, slot, buyer, orders, segment, limit, sold, supplier) -> bool:
    """Change the kind of a slot in place; whether anybody could take it."""
    present = supplier[slot]
    if not local:
        supplier[slot] = NATIONAL if present == ABROAD else ABROAD
    elif present >= 0:
        sold[present] -= orders[slot]
        supplier[slot] = NATIONAL
    else:
        room = {j: limit[j] - sold[j] for j in np.flatnonzero(segment == product) if j != buyer[slot]}
        roomiest = max(room, key=lambda j: room[j], default=NOBODY)
        if roomiest == NOBODY or room[roomiest] < orders[slot]:
            return False
        supplier[slot] = roomiest
        sold[roomiest] += orders[slot]
    return True
