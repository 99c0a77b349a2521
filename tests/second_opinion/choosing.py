"""Review of links and the choice of suppliers in plain Python, from docs/model.md."""

import math
from types import SimpleNamespace as State

from second_opinion.selling import capacity, links_of

from chainsim.economy import draws

LOW = 0xFFFFFFFF
NATIONAL, ABROAD, NOBODY = -1, -2, -3
OUTSIDE_IDENTITY = {NATIONAL: 2**64 - 1, ABROAD: 2**64 - 2}
NOTHING = 1e-300
CLASSES, SMALLEST, TRIES, AT_ONCE = 64, -6, 64, 8


def words(e: State, purpose: str, i: int, third: int, fourth: int) -> tuple[int, int, int, int]:
    """Four random words of a buyer."""
    key = int(draws.draw_key(e.seed, purpose, e.year))
    return draws.philox4x32((e.identity[i] & LOW, e.identity[i] >> 32, third, fourth), (key & LOW, key >> 32))


def slot_of(e: State, i: int, j: int) -> int:
    """Number of a link among those of its buyer for the same input, from 0."""
    return sum(e.link.input[other] == e.link.input[j] for other in range(e.link.start[i], j))


def visibility(e: State) -> list[float]:
    """Weight of each enterprise in the sample: size over the segment's mean, and equal chances."""
    out, p = [0.0] * e.n, e.at_sourcing
    for k in range(e.S):
        rows = [i for i in range(e.n) if e.active[i] and e.segment[i] == k]
        total = sum(e.expected_orders[i] for i in rows)
        for i in rows:
            size = e.expected_orders[i] * len(rows) / total if total > 0 else 1.0
            out[i] = p.visibility * size + 1.0 - p.visibility + 1e-9
    return out


def cells_of(e: State, k: int, weight: list[float]) -> list[tuple[float, float, list[int]]]:
    """Classes of a segment by sampling weight, larger first: upper bound, part of the total before it, cells."""
    rows = [i for i in sorted(range(e.n), key=lambda i: e.identity[i]) if e.active[i] and e.segment[i] == k]
    members: dict[int, list[int]] = {}
    for i in rows:
        number = min(max(math.floor(2.0 * math.log2(weight[i])) - SMALLEST, 0), CLASSES - 1)
        members.setdefault(number, []).append(i)
    out, before = [], 0.0
    for number in sorted(members, reverse=True):
        wanted = 1.1 * len(members[number]) if len(members[number]) > 1 else 1.0
        power = 2 ** math.ceil(math.log2(wanted))
        cells = [-1] * int(0.75 * power if 0.75 * power >= wanted else power)
        for i in members[number]:
            code, attempt = draws.mix(e.identity[i], 0x5EED), 0
            while cells[place := int((draws.mix(code, attempt) >> 32) * 2.0**-32 * len(cells))] >= 0:
                attempt += 1
            cells[place] = i
        upper = 2.0 ** ((number + SMALLEST + 1) / 2.0)
        out.append((upper, before, cells))
        before += upper * len(cells)
    return out


def sampled(e: State, k: int, stream: int, weight: list[float]) -> list[int]:
    """Rows that the draws of a slot hit, in order; all of a segment that has few enterprises."""
    rows = [i for i in sorted(range(e.n), key=lambda i: e.identity[i]) if e.active[i] and e.segment[i] == k]
    if len(rows) <= e.at_sourcing.sample:
        return rows
    classes, hit, tried = cells_of(e, k, weight), [], 0
    total = classes[-1][1] + classes[-1][0] * len(classes[-1][2])
    while len(hit) < e.at_sourcing.sample and tried < TRIES:
        for attempt in range(tried, tried + AT_ONCE):
            part = (draws.mix(stream, attempt & ~1) >> (32 if attempt & 1 else 0)) & LOW
            x = (part + 0.5) * 2.0**-32 * total
            upper, before, cells = [each for each in classes if each[1] <= x][-1]
            place = (x - before) / upper
            cell = min(int(place), len(cells) - 1)
            if cells[cell] >= 0 and (place - cell) * upper < weight[cells[cell]]:
                hit.append(cells[cell])
        tried += AT_ONCE
    return hit[: e.at_sourcing.sample]


def introduced(e: State, buyer: int, k: int, word: int) -> list[int]:
    """Suppliers whom matchmakers show a buyer: the next on the circle of identities."""
    shown = []
    for each in e.policy.introductions:
        here = [i for i in range(e.n) if e.active[i] and e.segment[i] == k and each.suppliers[i]]
        pool = sorted((e.identity[i], i) for i in here)
        if each.buyers[buyer] and pool:
            points = [draws.mix(word, place) for place in range(each.places)]
            shown += [next((i for identity, i in pool if identity >= point), pool[0][1]) for point in points]
    return shown


def met(e: State, i: int, j: int) -> float:
    """The bonus of a supplier whom the buyer has met."""
    introductions = [each for each in e.policy.introductions if each.suppliers[j]]
    return introductions[0].bonus if introductions and introductions[0].buyers[i] else 0.0


def national_fill(e: State, k: int) -> float:
    """Delivered share of national suppliers: in full, or last year's of local ones in a shortage of the nation."""
    rows = [i for i in range(e.n) if e.active[i] and e.segment[i] == k]
    ordered, made = sum(e.orders[i] for i in rows), sum(e.output[i] for i in rows)
    return made / ordered if e.policy.shared_shortage[k] > 0 and ordered > 0 else 1.0


def worth(e: State, excess: float) -> float:
    """Attractiveness of quality beyond what is required."""
    p = e.at_sourcing
    return p.quality_weight * (min(excess, 0.0) + p.quality_beyond * max(excess, 0.0))


def local_pull(e: State, i: int, j: int, order: float, room: float) -> float:
    """V of a local supplier without what depends on the sample."""
    p = e.at_sourcing
    tight = -p.least_room if room <= 0 else min(-p.least_room, max(0.0, math.log(order / room))) if order > 0 else 0.0
    value = -p.substitution * math.log(e.price[j]) + e.fill[j] - 1.0 - p.capacity_weight * tight
    value += worth(e, e.quality[j] - e.quality[i] + p.quality_tolerance)
    value += p.park_weight if e.park[j] == e.park[i] else 0.0
    if e.pioneer[j]:
        value += p.design_in * max(0.0, 1.0 - (e.year - e.founded[j]) / p.design_in_years)
    return value + e.policy.local_bonus[i]


def choose(e: State, i: int, j: int, stays: int, weight: list[float]) -> tuple[int, float]:
    """The supplier of a link under review, and what it costs the buyer to have had to prefer it, log price.

    `stays` is the present supplier if it is in the running.
    """
    p, k, policy = e.at_sourcing, e.link.input[j], e.policy
    named = draws.mix(draws.name_hash(e.names[k]), 0) >> 32
    low, high, third, fourth = words(e, "sourcing.choice", i, slot_of(e, i, j), named)
    word, shown = high << 32 | low, [stays] if stays >= 0 else []
    for other in sampled(e, k, fourth << 32 | third, weight):
        if other not in shown and other != i:
            shown.append(other)
    number, order = len(shown), e.link.coefficient[j] * e.expected_orders[i]
    for other in introduced(e, i, k, word):
        if other not in shown and other != i:
            shown.append(other)
    offers, asked = {}, policy.required_inputs[k][e.segment[i]]
    for other in shown:
        room = (1.0 + p.growable) * capacity(e, other) - e.expected_orders[other] + (order if other == stays else 0.0)
        offers[other] = local_pull(e, i, other, order, room) - math.log(max(number, 1))
        offers[other] += e.cal.home[k][e.segment[i]]
        offers[other] += met(e, i, other)
        offers[other] += math.log(max(1.0 - asked * (1.0 - e.certificate[other]), NOTHING))
    outside = worth(e, -e.quality[i] + p.quality_tolerance)
    for origin, constant in ((NATIONAL, 0.0), (ABROAD, e.cal.abroad[k][e.segment[i]])):
        price, delivered = policy.outside_price[k][-1 - origin], policy.outside_supply[k][-1 - origin]
        offers[origin] = constant + outside - p.substitution * math.log(price) + delivered - 1.0
        offers[origin] += math.log(max(1.0 - asked * (1.0 - e.region.rivals_certified[k]), NOTHING))
    offers[NATIONAL] += national_fill(e, k) - 1.0
    offers[ABROAD] -= e.region.import_risk[k]
    race = {}
    for other, value in offers.items():
        identity = e.identity[other] if other >= 0 else OUTSIDE_IDENTITY[other]
        u = ((draws.mix(word, identity) >> 11) + 0.5) * 2.0**-53
        race[other] = value - math.log(-math.log(u))
    best = max(race, key=lambda other: race[other])
    outside = max(race[NATIONAL], race[ABROAD])
    forgone = outside - (race[best] - policy.local_bonus[i]) if best >= 0 else 0.0
    return best, max(forgone, 0.0) / p.substitution


def sourcing(e: State) -> None:
    """Review of all links."""
    p, weight, usual = e.at_sourcing, visibility(e), [national_fill(e, k) for k in range(e.S)]
    for product, buyers, factor in e.policy.purchases_raised.values():
        for i in range(e.n):
            for j in links_of(e, i) if buyers[i] else ():
                e.link.coefficient[j] *= factor[i] if e.link.input[j] == product else 1.0
    chosen, e.flows.links, e.flows.links_kept = {}, 0, 0
    if not p.enabled:
        there = [now < 0 or e.active[now] for now in e.link.supplier]
        e.link.supplier = [
            now if kept and now > NOBODY else NATIONAL for now, kept in zip(e.link.supplier, there, strict=True)
        ]
        return
    e.region.import_risk = [
        p.risk_memory * risk + p.risk_weight * (1.0 - supply[1])
        for risk, supply in zip(e.region.import_risk, e.policy.outside_supply, strict=True)
    ]
    for i in range(e.n):
        low, high, _, _ = words(e, "sourcing.review", i, 0, 0)
        for j in links_of(e, i) if e.active[i] else ():
            now, name = e.link.supplier[j], draws.name_hash(e.names[e.link.input[j]])
            e.flows.links += now != NOBODY
            gone = now <= NOBODY or (now >= 0 and not e.active[now])
            added, age = 0.0, e.year - e.first_plant[e.link.input[j]]
            if now in (NATIONAL, ABROAD) and 0 < age <= p.design_in_attention:
                added = p.design_in_review
            k = e.link.input[j]
            fill = e.policy.outside_supply[k][-1 - now] if now in (NATIONAL, ABROAD) else 1.0
            if now >= 0:
                shared = e.policy.shared_shortage[k] > 0
                fill = 1.0 - max(0.0, usual[k] - e.fill[now]) if shared else e.fill[now]
            review = p.break_rate + (1.0 - p.break_rate) * (p.review_rate + p.fill_response * (1.0 - fill) + added)
            u = ((draws.mix((high << 32 | low) ^ name, slot_of(e, i, j)) >> 11) + 0.5) * 2.0**-53
            if u >= (1.0 if gone else review):
                e.flows.links_kept += 1
                continue
            stays = NOBODY if gone or u < p.break_rate else now
            chosen[j] = choose(e, i, j, stays, weight)
            e.flows.links_kept += chosen[j][0] == stays
    if any(e.policy.local_bonus) and not e.link.wedge:
        e.link.wedge = [0.0] * len(e.link.supplier)
    for j, (supplier, forgone) in chosen.items():
        e.link.supplier[j] = supplier
        if e.link.wedge:
            e.link.wedge[j] = forgone
    e.link.wedge = e.link.wedge if any(e.link.wedge) else []
