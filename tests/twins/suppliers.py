"""Candidates and the choice of suppliers."""

import math
from itertools import takewhile
from typing import Any

from twins.luck import mix, uniform, unit, words

from chainsim.economy.links import ABROAD, CLOSED, NATIONAL, NOBODY

OUTSIDE = {NATIONAL: 2**64 - 1, ABROAD: 2**64 - 2}
"""What stands for the identity of outside supply in a race."""


def place_members(order, group, identity, salt, length, groups) -> dict[int, int]:
    """Row in each cell taken: everybody takes the first free cell of its own sequence."""
    taken: dict[int, int] = {}
    for i in order:
        own, code, attempt = groups[group[i]], mix(int(identity[i]), salt), 0
        while (cell := int(own["first"]) + (mix(code, attempt) >> 32) * int(length[group[i]]) // 2**32) in taken:
            attempt += 1
        taken[cell] = int(i)
    return taken


def guide(end, total, parts: int) -> list[list[int]]:
    """The last class of each segment that ends beyond the beginning of every part of its total."""
    return [
        [max((c for c in range(len(ends)) if ends[c] > part / parts * total[s]), default=0) for part in range(parts)]
        for s, ends in enumerate(end)
    ]


def crowding(order: float, room: float, weight: float, least: float) -> float:
    """What is left of the pull of a supplier with `room`: an order of room / `least` counts like any larger one."""
    if order <= room:
        return 1.0
    lacking = math.log(order / room) if room > 0.0 else math.inf
    return math.exp(-weight * min(lacking, -math.log(least)))


def slot_of(e, buyer, start, link_input) -> int:
    """Number of a link among those of its buyer and input, from 0."""
    return len(list(takewhile(lambda one: link_input[one] == link_input[e], range(e - 1, start[buyer] - 1, -1))))


def reviewed(rows, key, identity, name, active, turnover, outside_turnover, rate, start, supplier, link_input) -> Any:
    """Links that end or are reviewed with their buyers and suppliers still in the running, links there were, kept."""
    found, there, kept = [], 0, 0
    for i in rows:
        low, high, *_ = words(key, int(identity[i]), 0, 0)
        for e in range(start[i], start[i + 1]):
            j, l = int(supplier[e]), int(link_input[e])
            there += j != NOBODY
            u = unit(mix((high << 32 | low) ^ int(name[l]), slot_of(e, i, start, link_input)))
            if u >= (turnover[j] if j >= 0 else outside_turnover[l][-1 - j]):
                kept += 1
            else:
                closed = j <= NOBODY or (j >= 0 and not active[j])
                found.append((e, int(i), NOBODY if closed or u < rate else j, slot_of(e, i, start, link_input)))
    return found, there, kept


def sample_candidates(
    e, buyer, incumbent, key, draw, wanted, identity, start, link_input, table
) -> tuple[int, list[int]]:
    """Random word of a link, and the suppliers that its buyer sees."""
    l, found = int(link_input[e]), [int(incumbent)] if incumbent >= 0 else []
    slot = slot_of(e, buyer, start, link_input)
    w0, w1, w2, w3 = words(key, int(identity[buyer]), slot, mix(int(table.name[l]), draw) >> 32)
    random_word, stream = w1 << 32 | w0, w3 << 32 | w2
    members = [int(j) for j in table.members[table.member_start[l] : table.member_start[l + 1]]]
    if len(members) <= wanted:
        return random_word, found + [j for j in members if j not in (buyer, incumbent)]
    drawn = 0
    for attempt in range(64):
        word = mix(stream, attempt - attempt % 2)
        part = word % 2**32 if attempt % 2 == 0 else word >> 32
        x = (part + 0.5) * 2.0**-32 * table.total[l]
        group = next(group for group in table.groups[l][::-1] if x < group["end"])
        place = (x - group["begin"]) * group["per_upper"]
        row, share = (table.cells[int(group["first"]) + int(place)][name] for name in ("row", "share"))
        if place - int(place) < share:
            drawn += 1
            if row != buyer and row not in found:
                found.append(int(row))
        if drawn == wanted:
            break
    return random_word, found


def fitness(ratio: float, beyond: float) -> float:
    """Worth of a quality that is `ratio` of what the buyer requires."""
    return ratio if ratio < 1.0 else ratio**beyond


def pull(j, i, order, incumbent, seen, rules) -> float:
    """How strongly local supplier `j` attracts an order of `i`."""
    fits = fitness(seen.quality_factor[j] * rules.tolerated / seen.quality_factor[i], rules.beyond)
    near = rules.park_factor if seen.park[j] == seen.park[i] else 1.0
    room = seen.spare[j] + (order if j == incumbent else 0.0)
    return float(seen.attraction[j]) * fits * near * crowding(order, room, rules.capacity_weight, rules.least_room)


def race(random_word: int, rates: dict[int, tuple[int, float]]) -> int:
    """Who comes first: `rates` gives each runner's identity and rate; a rate of 0 never arrives."""
    times = {runner: -math.log(unit(mix(random_word, who))) / rate for runner, (who, rate) in rates.items() if rate > 0}
    return min(times, key=lambda runner: times[runner])


def introduce(slots, link_input, introductions, identity, sample) -> list[list[int]]:
    """Matched suppliers shown in addition to the sample: the next ones on the circle of identities."""
    places, pool, pool_start, met = introductions
    out = []
    for m, (e, buyer) in enumerate(slots[:2].T):
        seen, added = [int(j) for j in sample.found[m, : sample.number[m]]], []
        for programme, start in enumerate(pool_start):
            members = [int(j) for j in pool[start[link_input[e]] : start[link_input[e] + 1]]]
            for place in range(int(places[programme]) if met[programme, buyer] and members else 0):
                point = mix(int(sample.random_word[m]), place)
                after = [j for j in members if int(identity[j]) >= point]
                candidate = after[0] if after else members[0]
                if candidate != buyer and candidate not in seen + added:
                    added.append(candidate)
        out.append(added)
    return out


def rates_of(m, e, i, incumbent, sample, seen, rules, outside, bias, link_input, coefficient) -> tuple[Any, Any]:
    """Identity and rate of everybody in the race for one link, with and without the bonus on local suppliers."""
    l, k, n = link_input[e], seen.segment[i], int(sample.number[m])
    order, shown = coefficient[e] * seen.expected[i], sample.found[m, : n + int(sample.introduced[m])]
    asked, certified = bias.required[l, k], bias.certified
    admitted = 1.0 - asked * (1.0 - bias.rivals_certified[l])
    admitted *= fitness(rules.tolerated / seen.quality_factor[i], rules.beyond)  # outside quality is the frontier's
    rates = {j: (OUTSIDE[j], outside.pull[l, k, -1 - j] * admitted) for j in (NATIONAL, ABROAD)}
    plain = dict(rates)
    for j in shown:
        rate = outside.home[l, k] / max(n, 1) * pull(j, i, order, incumbent, seen, rules)
        met = bias.matched[j] and bias.meets[bias.matched[j], i]
        rate *= (bias.met_factor[bias.matched[j]] if met else 1.0) * (1.0 - asked * (1.0 - certified[j]))
        rates[int(j)] = int(seen.identity[j]), rate * bias.bonus[i]
        plain[int(j)] = int(seen.identity[j]), rate
    return rates, plain


def choose(slots, sample, seen, rules, outside, bias, link_input, coefficient) -> tuple[list[int], int, list[float]]:
    """Suppliers of the links, how many are the ones from before, and what the buyers forgo in log price."""
    chosen, kept, wedges = [], 0, []
    for m, (e, i, incumbent) in enumerate(slots[:3].T):
        given = sample, seen, rules, outside, bias, link_input, coefficient
        rates, plain = rates_of(m, e, i, incumbent, *given)
        chosen.append(race(int(sample.random_word[m]), rates))
        kept += chosen[-1] == incumbent
        times = {
            j: -math.log(unit(mix(int(sample.random_word[m]), who))) / rate
            for j, (who, rate) in plain.items()
            if rate > 0
        }
        forgone = math.log(times[chosen[-1]] / min(times.values())) / bias.elasticity
        wedges.append(forgone if chosen[-1] >= 0 else 0.0)
    return chosen, kept, wedges


def lay_slots(parent, segment, number, technical, start, link_input, supplier) -> list[tuple[int, int, float]]:
    """Input, supplier and coefficient of every slot: a spin-off takes its parent's suppliers of the input in turn."""
    slots = []
    for row, k, by_input in zip(parent, segment, number, strict=True):
        of_parent = range(start[row], start[row + 1]) if row >= 0 else ()
        for b, many in enumerate(by_input):
            partners = [int(supplier[e]) for e in of_parent if link_input[e] == b] or [NOBODY]
            slots += [(b, partners[s % len(partners)], technical[b, k] / many) for s in range(many)]
    return slots


def count_slots(identity, segment, output, key, names, technical, chance, slot_purchases, most) -> list[list[int]]:
    """Slots of every buyer for each input: one more than a Poisson draw, or by the root of purchases; none unbought."""

    def slots(i: int, name: int) -> int:
        share = technical[name, segment[i]]
        u = uniform(int(key), mix(int(identity[i]), int(names[name])), 0)
        drawn, wanted = 1 + sum(chance < u), round(1.5 * math.sqrt(share * output[i] / slot_purchases))
        return int(min(max(drawn, wanted), most)) if share > 0.0 else 0

    return [[slots(i, name) for name in range(len(names))] for i in range(len(identity))]


def merge_rows(rows, segment, identity) -> list[int]:
    """Rows by segment and identity."""
    return sorted(rows, key=lambda i: (segment[i], identity[i]))


def keep_rows(rows, width: int, block) -> list[list[int]]:
    """The words of the rows that stay, by column."""
    return [[int(word) for i in rows for word in column[i * width : (i + 1) * width]] for column in block]


def keep_links(rows, place, start, supplier, link_input, coefficient) -> list[list[tuple[int, int, float]]]:
    """Links of the buyers that stay, by buyer: supplier's new row or what stands for one, input, coefficient."""
    moved = [int(place[j]) if j >= 0 else int(j) for j in supplier]
    return [
        [(moved[e], int(link_input[e]), float(coefficient[e])) for e in range(start[i], start[i + 1])] for i in rows
    ]


def close_links(closing, supplier) -> list[int]:
    """Suppliers of the links, those that close marked."""
    return [CLOSED if j >= 0 and closing[j] else int(j) for j in supplier]


def unlike_links(rows, place, start, supplier, other_start, other_supplier) -> int:
    """Links of the buyers `rows` without the same supplier in the other world, supplier by supplier."""
    count = 0
    for i in rows:
        ours = [int(place[j]) if j >= 0 else int(j) for j in supplier[start[i] : start[i + 1]]]
        nowhere = [j >= 0 and place[j] < 0 for j in supplier[start[i] : start[i + 1]]]
        p = int(place[i])
        theirs = other_supplier[other_start[p] : other_start[p + 1]].tolist() if p >= 0 else []
        if len(theirs) != len(ours):
            count += len(ours)
        else:
            count += sum(gone or one != other for gone, one, other in zip(nowhere, ours, theirs, strict=True))
    return count


def mark_partners(start, supplier, chosen, linked) -> list[bool]:
    """Who trades with somebody chosen."""
    pairs = [(i, int(j)) for i in range(len(start) - 1) for j in supplier[start[i] : start[i + 1]] if j >= 0]
    return [
        bool(linked[k]) or any((i == k and chosen[j]) or (j == k and chosen[i]) for i, j in pairs)
        for k in range(len(start) - 1)
    ]
