"""Exit, entry and founding of enterprises in plain Python, from docs/model.md."""

import math
from collections.abc import Callable
from types import SimpleNamespace as State
from typing import Any

import numpy as np
from second_opinion.choosing import NOBODY, national_fill, worth
from second_opinion.paying import OWNER_KIND, by_owner
from second_opinion.reading import book, poisson_by_name, uniform, uniform_by_name
from second_opinion.researching import attainable_quality, median, next_on_circle
from second_opinion.selling import (
    appeal,
    capacity,
    cost_lag,
    growth,
    links_of,
    market_spending,
    relative_size,
    segment_sum,
)

from chainsim.economy import draws
from chainsim.economy.arrays import NO_GOODWILL, OWNERS
from chainsim.economy.arrivals import CHANNELS, MOST_TAKEN
from chainsim.economy.columns import COLUMNS
from chainsim.economy.ledger import ENTRY_EQUITY, LIQUIDATION, Row

AGES = (1, 2, 3, 4, 8, 16)
STATE, MOST, MOST_GRANTED = 0, 1.0 - 1e-6, 0.9


def rows_of(e: State, k: int) -> list[int]:
    """Active enterprises of a segment."""
    return [i for i in range(e.n) if e.active[i] and e.segment[i] == k]


def is_large(e: State, i: int, sold: list[float]) -> bool:
    """Too large for its segment to be closed by chance."""
    k = e.segment[i]
    share = e.sales[i] / sold[k] if sold[k] > 0 else 0.0
    return share > max(e.at_demography.large_share, 3.0 / len(rows_of(e, k)))


def hazards(e: State) -> list[float]:
    """Probability of closing by age, size and profit."""
    p, sold, by_class = e.at_demography, segment_sum(e, e.sales), {}
    out, size = [0.0] * e.n, [0.0] * e.n
    middle = [median([relative_size(e, i) for i in rows_of(e, k)] or [1.0]) for k in range(e.S)]
    for i in range(e.n):
        if e.active[i] and not e.named[i] and not e.anchor[i] and not is_large(e, i, sold):
            age = sum(e.year - e.founded[i] + 1 >= first for first in AGES) - 1
            size[i] = max(relative_size(e, i) / middle[e.segment[i]], 1e-3) ** p.hazard_size
            by_class.setdefault(max(age, 0), []).append(i)
    for age, rows in by_class.items():
        mean = sum(size[i] for i in rows) / len(rows)
        for i in rows:
            k = e.segment[i]
            margin = e.profit[i] / e.sales[i] if e.sales[i] > 0 else 0.0
            scale = p.hazard_scale * (p.hazard_anchor if e.arrays.anchors[k] else 1.0)
            scale *= e.arrays.exit_hazard[k] / e.cal.hazard_mean
            factor = math.exp(min(1.0, max(-1.0, -p.hazard_profit * margin))) / e.cal.usual_profit_factor
            out[i] = min(1.0, scale * p.hazard_by_age[age] * size[i] / mean * factor)
    return out


def institute_money(e: State, k: int) -> float:
    """Yearly budget of the institutes that serve a segment."""
    return e.at_innovation.knowledge_depreciation * e.arrays.institute_knowledge[k]


def spin_offs(e: State, money: list[float]) -> list[float]:
    """Expected spin-offs of institutes with so much money a year."""
    p, out, gaps = e.at_demography, [0.0] * e.S, [k for k in range(e.S) if e.cal.base_enterprises[k] == 0]
    for k in range(e.S):
        own = p.institute_spin_offs * money[k] / 1000.0
        near = {l: e.arrays.proximity[k][l] for l in gaps if l != k}
        total = sum(near.values())
        reach = p.spin_off_reach if total > 0 and k not in gaps else 0.0
        out[k] += (1.0 - reach) * own
        for l in near:
            out[l] += reach * own * near[l] / total if total > 0 else 0.0
    return out


def outside_sales(e: State, l: int, quality: float) -> float:
    """Sales to the rest of the nation that a first plant can expect."""
    gaps = [gap for gap, number in zip(e.arrays.quality_gap, e.cal.base_enterprises, strict=True) if number > 0]
    mean = sum(gaps) / len(gaps) if gaps else 0.0
    better = math.exp(e.at_demand.quality_elasticity * (quality - mean))
    return e.at_demography.outside_share * market_spending(e, l)[2] * better


def usual_plant(e: State, k: int, channel: Any) -> float:
    """Output that a plant from outside is built for in the mean."""
    return channel.outside * e.arrays.min_efficient_scale[k] * math.exp(0.5 * e.at_demography.arrival_size_sd**2)


def usual_plants(e: State, k: int) -> float:
    """Plants that come from outside in a year without policy."""
    if not e.arrays.chain[k] or e.arrays.expenditure[0][k][2] <= 0:
        return 0.0
    built = sum(channel.share * usual_plant(e, k, channel) for channel in CHANNELS.values())
    most = MOST_TAKEN * e.arrays.market_sales[k][2] / built
    return min(e.at_demography.arrivals / 1000.0 * e.cal.base_enterprises[k], most)


def plant_means(e: State) -> list[list[float]]:
    """Mean number of plants from outside by segment and channel."""
    out = []
    for k in range(e.S):
        usual, policy, means = usual_plants(e, k), e.policy, []
        for place, channel in enumerate(CHANNELS.values()):
            for_incentives = min(policy.attraction[k][place], policy.attraction_most[k][place])
            invited = policy.location[k][OWNERS.index(channel.owner)]
            means.append(usual * invited * channel.share / (1.0 - for_incentives))
        out.append(means)
    return out


def plants_from_outside(e: State) -> list[list[int]]:
    """Number of plants by segment and channel."""
    names = [f"{name}.{channel}" for name in e.names for channel in CHANNELS]
    luck = iter(uniform_by_name(e, "demography.arrivals", names))
    return [[int(draws.poisson(next(luck), mean)) for mean in means] for means in plant_means(e)]


def viability(e: State) -> list[float]:
    """Demand that a first plant could win over the minimum efficient scale."""
    p, start, out = e.at_sourcing, attainable_quality(e), []
    for l in range(e.S):
        local = 0.0
        for k in range(e.S):
            rows, bought = rows_of(e, k), sum(e.flows.trade[l][k][1:])
            orders = sum(e.expected_orders[i] for i in rows)
            mean = sum(e.expected_orders[i] * e.quality[i] for i in rows) / orders if orders > 0 else 0.0
            home = math.exp(e.cal.home[l][k] + p.design_in + worth(e, start[l] - mean + p.quality_tolerance))
            pulls = [price**-p.substitution for price in e.policy.outside_price[l]]
            pulls[0] *= math.exp(e.policy.outside_supply[l][0] - 1.0 + national_fill(e, l) - 1.0)
            pulls[1] *= math.exp(e.policy.outside_supply[l][1] - 1.0 - e.region.import_risk[l])
            outside = math.exp(worth(e, p.quality_tolerance - mean)) * (
                pulls[0] + pulls[1] * math.exp(e.cal.abroad[l][k])
            )
            local += bought * home / (home + outside)
        out.append((local + outside_sales(e, l, start[l])) / private_scale(e, l))
    return out


def first_plants(e: State, rates: list[float]) -> list[int]:
    """Who comes: one after another by lot where several do, each as far as levers have money left for it."""
    luck, promised = uniform_by_name(e, "demography.first_plant"), list(e.policy.plant_grant)
    plants = [int(u < 1.0 - math.exp(-rate)) for u, rate in zip(luck, rates, strict=True)]

    def comes(l: int, less: float) -> bool:
        e.policy.plant_grant = [*promised[:l], promised[l] - less, *promised[l + 1 :]]
        plants[l] = int(luck[l] < 1.0 - math.exp(-first_plant_rate(e, l, viability(e)[l])))
        e.policy.plant_grant = promised
        return plants[l] > 0

    if sum(plants) > 1:
        plant_shares(e, plants, comes)
    return plants


def plant_shares(e: State, plants: list[int], comes: Callable[[int, float], bool]) -> dict[str, list[float]]:
    """What each lever pays of the capital of first plants; one `comes`, or not, where it counts on so much less."""
    grants, turn = e.policy.plant_grants, uniform_by_name(e, "first_plant.turn")
    left, paid = [grant.money for grant in grants], {grant.name: [0.0] * e.S for grant in grants if any(plants)}
    for l in sorted((l for l in range(e.S) if plants[l]), key=turn.__getitem__):
        size = 2.0 * e.at_demography.plant_size * e.arrays.min_efficient_scale[l]
        most = e.arrays.capital_per_output[l] * size * cost_lag(e, l) / math.exp(e.cal.productivity_mean[l])
        parts = [
            min(g.share[l], money / most * g.meant[l] if g.meant[l] else 0.0)
            for g, money in zip(grants, left, strict=True)
        ]
        less = sum(g.share[l] for g in grants) - sum(parts)
        if less > 0.0 and not comes(l, less):
            continue
        for number, (grant, part) in enumerate(zip(grants, parts, strict=True)):
            paid[grant.name][l] = part / grant.meant[l] if grant.meant[l] > 0.0 else 0.0
            left[number] = max(0.0, left[number] - paid[grant.name][l] * most)
    return paid


def first_plant_rate(e: State, l: int, viable: float) -> float:
    """Rate of first plants of a missing link."""
    p = e.at_demography
    if e.cal.base_enterprises[l] > 0:
        return 0.0
    demand = p.link_rate * max(0.0, viable - 1.0)
    if any(capacity(e, i) >= 0.5 * e.arrays.min_efficient_scale[l] for i in rows_of(e, l)):
        return p.followers * demand
    new = e.arrays.expenditure[e.years][l][2] - e.arrays.expenditure[e.years - 1][l][2]
    plants = max(0.0, new) / private_scale(e, l)
    founded = [share if owner != "institute" else 0.0 for owner, share in zip(OWNERS, e.arrays.owners[l], strict=True)]
    founded[OWNERS.index("private")] += sum(founded) == 0.0
    taxed = sum(share * factor for share, factor in zip(founded, e.policy.location[l], strict=True)) / sum(founded)
    invited = math.exp(p.location_response * e.policy.plant_grant[l]) * taxed
    return demand + p.outside_rate * p.outside_share * plants * invited


def private_scale(e: State, l: int) -> float:
    """Smallest plant that private money must carry."""
    return e.arrays.min_efficient_scale[l] * (1.0 - min(MOST_GRANTED, e.policy.plant_grant[l]))


def count_losses(e: State) -> None:
    """Years of losses in a row."""
    for i in range(e.n):
        if e.active[i]:
            e.loss_years[i] = e.loss_years[i] + 1 if e.profit[i] < 0 else 0


def turnover(e: State) -> dict[str, object]:
    """Who closes, is restructured and comes this year, and by which hazard and mean number."""
    p, policy, sold = e.at_demography, e.policy, segment_sum(e, e.sales)
    chance, luck = hazards(e), uniform(e, "demography.exit")
    profit = segment_sum(e, e.profit)
    margin = [profit[k] / sold[k] if sold[k] > 0 else 0.0 for k in range(e.S)]
    closing, cut = [False] * e.n, [False] * e.n
    freed = [[0.0] * 4 for _ in range(e.S)]
    for i in range(e.n):
        if not e.active[i]:
            continue
        k = e.segment[i]
        small = e.arrays.small_output[k] / e.arrays.size_scale * growth(e, e.years)
        tiny = e.output[i] < p.negligible * small and not e.named[i] and e.year - e.founded[i] > 1
        broke = e.default_years[i] >= e.at_finance.default_years
        closing[i] = luck[i] < chance[i] or tiny or broke or policy.closing[i] > 0
        patience = p.patience_state if e.owner[i] == STATE else p.patience
        patient = e.loss_years[i] < patience or e.owner_backed[i]
        cut[i] = is_large(e, i, sold) and not patient and not closing[i]
        part = (0.0 if e.named[i] else 1.0) if closing[i] else p.cut if cut[i] else 0.0
        for m in range(4):
            freed[k][m] += part * e.market_share[i][m]
    means = []
    for k in range(e.S):
        number = len(rows_of(e, k))
        possible = sold[k] / (e.cal.mean_size[k] * growth(e, e.years))
        lure = min(p.entry_most, max(0.0, 1.0 + p.entry_profit * (margin[k] - e.reference_profit[k])))
        mean = e.cal.entry_rate[k] * math.sqrt(number * possible) * lure
        bought = sum(sum(buyer) for buyer in e.flows.trade[k])
        outside = sum(sum(buyer[1:]) for buyer in e.flows.trade[k])
        usual = e.cal.base_outside[k] * bought / e.cal.base_demand[k] if e.cal.base_demand[k] > 0 else 0.0
        mean += min(p.unmet_rate * max(0.0, outside - usual) / e.arrays.min_efficient_scale[k], number)
        means.append(mean * policy.entrants[k] if number > 0 else 0.0)
    money = [institute_money(e, k) + policy.institutes[k] for k in range(e.S)]
    rates = [first_plant_rate(e, k, v) for k, v in enumerate(viability(e))]
    plants = first_plants(e, rates)
    return {
        "closing": closing,
        "restructured": cut,
        "entrants": poisson_by_name(e, "demography.entry", means),
        "first_plants": plants,
        "first_plant_rate": rates,
        "spin_offs": poisson_by_name(e, "demography.spin_off", spin_offs(e, money)),
        "plants": plants_from_outside(e),
        "arrivals": [*policy.arrivals, *followers(e)],
        "freed": freed,
        "margin": margin,
        "hazard": chance,
        "entry_mean": means,
        "spin_off_mean": spin_offs(e, money),
        "plant_means": plant_means(e),
    }


def restructure(e: State, rows: list[bool]) -> None:
    """Cut capital, debt, orders and market shares of large enterprises that lose money, and change their owners."""
    p, luck = e.at_demography, uniform(e, "demography.new_owner")
    for i in range(e.n):
        if not rows[i]:
            continue
        k, left = e.segment[i], 1.0 - p.cut
        e.flows.scrapped += p.cut * e.capital[i]
        e.flows.written_off += p.cut * e.debt[i]
        for column in (e.capital, e.debt, e.expected_orders):
            column[i] *= left
        e.market_share[i] = [left * share for share in e.market_share[i]]
        e.goodwill[i] = [value + math.log(left) for value in e.goodwill[i]]
        e.loss_years[i] = 0
        e.owner[i] = drawn_owner(e, k, luck[i])


def drawn_owner(e: State, k: int, u: float) -> int:
    """Owner of a new enterprise by the shares of owners in the segment, institutes apart."""
    shares = e.arrays.owners[k][:3]
    total, before = sum(shares), 0.0
    for owner, share in enumerate(shares):
        before += share
        if total > 0 and u * total < before:
            return owner
    return 1


def repay(e: State, closing: list[bool]) -> None:
    """Those who close repay what cash allows."""
    paid = [min(e.debt[i], max(0.0, e.cash[i])) if closing[i] else 0.0 for i in range(e.n)]
    for i in range(e.n):
        e.debt[i] -= paid[i]
    book(e, Row.LOAN_REPAYMENTS, paid)


def close(e: State, closing: list[bool]) -> None:
    """Pay out what is left, write off loans, scrap capital."""
    by_owner(e, LIQUIDATION, [max(0.0, e.cash[i]) if closing[i] else 0.0 for i in range(e.n)])
    for i in range(e.n):
        if not closing[i]:
            continue
        k = e.segment[i]
        e.flows.exits[k] += 1
        e.flows.defaults[k] += e.default_years[i] >= e.at_finance.default_years
        e.flows.written_off += e.debt[i]
        e.flows.scrapped += e.capital[i] + e.capital_ordered[i]
        e.cash[i] = 0.0
        e.active[i] = False
        for column in (e.debt, e.capital, e.capital_ordered, e.guaranteed, e.knowledge, e.expected_orders):
            column[i] = 0.0
        e.market_share[i] = [0.0] * 4
    for link, supplier in enumerate(e.link.supplier):
        if supplier >= 0 and closing[supplier]:
            e.link.supplier[link] = -4


def draw(e: State, purpose: str, identity: int, kind: Callable[..., Any] = draws.uniform_for) -> float:
    """A public draw of an identity."""
    return float(kind(draws.draw_key(e.seed, purpose, e.year), np.array([identity], dtype=np.uint64))[0])


def parent_of(e: State, k: int, identity: int) -> int:
    """The incumbent that an entrant spins off from, or -1."""
    if draw(e, "entry.spin_off", identity) >= e.at_demography.spin_off or not rows_of(e, k):
        return -1
    return next_on_circle(e, rows_of(e, k), "entry.parent.place", draw(e, "entry.parent", identity))


def drawn_park(e: State, k: int, identity: int) -> int:
    """Park of an entrant: by the shares of parks, and by how the chain's staff in them has grown."""
    chosen, first = 0, math.inf
    for park, share in enumerate(e.arrays.park_share):
        grown = max(e.region.park_staff[park], 1.0) / max(e.region.park_staff_base[park], 1.0)
        chance = share * grown * math.exp(e.policy.park_pull[k][park])
        luck = draw(e, "entry.park", draws.mix(identity, draws.name_hash(e.arrays.park_names[park])))
        if chance > 0.0 and (time := -math.log(luck) / chance) < first:
            chosen, first = park, time
    return chosen


def append(e: State, identity: int, k: int, size: float, parent: int, **given: Any) -> int:
    """A new enterprise with its coefficients, links, capital and money; returns its row."""
    finance, i = e.at_finance, e.n
    blank = {int: 0, float: 0.0, bool: False, list: [0.0] * 4}
    for column in COLUMNS:
        kind = bool if column.dtype is np.bool_ else float if column.dtype is np.float64 else int
        getattr(e, column.name).append([0.0] * 4 if column.wide else blank[kind])
    e.n += 1
    rd_share = e.cal.rd_norm[k] * given.pop("rd", 1.0)
    z = e.cal.productivity_mean[k]
    if not given.pop("usual", False):
        z += e.at_demography.entrant_productivity
        z += e.at_demography.entrant_productivity_sd * draw(e, "entry.productivity", identity, draws.normal_for)
    small = e.arrays.small_output[k] / e.arrays.size_scale * growth(e, e.years)
    keep = e.at_innovation.knowledge_depreciation
    capital = size * e.arrays.capital_per_output[k] / math.exp(z) * cost_lag(e, k)
    values = {
        "identity": identity,
        "segment": k,
        "park": e.park[parent] if parent >= 0 else drawn_park(e, k, identity),
        "owner": given.pop("owner") if "owner" in given else drawn_owner(e, k, draw(e, "entry.owner", identity)),
        "founded": e.year + 1,
        "active": True,
        "pioneer": e.cal.base_enterprises[k] == 0,
        "high_tech": draw(e, "entry.high_tech", identity) < e.arrays.high_tech_share[k],
        "ordinary_coefficient": e.cal.ordinary_norm[k],
        "skilled_coefficient": e.cal.skilled_norm[k],
        "priced_labour": 1.0,
        "rd_share": rd_share,
        "research_share": e.cal.research_norm[k],
        "reference_size": e.cal.mean_size[k],
        "products": max(1.0, (size / small) ** e.at_innovation.products_by_size),
        "log_productivity": z,
        "productivity": math.exp(z),
        "knowledge": rd_share * size / keep,
        "sales_stock": size / keep,
        "price": 1.0,
        "markup": e.cal.markup[k],
        "fill": 1.0,
        "capital": capital,
        "investment": capital,
        "cash": e.at_demography.entry_cash * size,
        "debt": finance.leverage * capital,
    }
    for name, value in (values | given).items():
        getattr(e, name)[i] = value
    own = ENTRY_EQUITY[OWNER_KIND[e.owner[i]]]
    for row, amount in (
        (Row.LOANS, values["debt"]),
        (Row.INVESTMENT_GOODS, capital),
        (own, capital - values["debt"] + values["cash"]),
    ):
        e.booked[str(row)] = e.booked.get(str(row), 0.0) + amount
    e.flows.founded_capital[k] += capital
    e.flows.entries[k] += 1
    connect(e, i, size, parent)
    return i


def connect(e: State, i: int, size: float, parent: int) -> None:
    """Slots of a new enterprise, with the suppliers of its parent."""
    k = e.segment[i]
    for l in range(e.S):
        share = e.arrays.technical[l][k]
        if share <= 0:
            continue
        u = draw(e, "entry.slots", draws.mix(e.identity[i], draws.name_hash(e.names[l])))
        wanted = round(1.5 * math.sqrt(share * size / e.arrays.slot_purchases))
        number = min(e.arrays.slots, max(1 + int(draws.poisson(u, 1.0)), wanted))
        known = [e.link.supplier[j] for j in links_of(e, parent) if e.link.input[j] == l] if parent >= 0 else []
        for place in range(number):
            e.link.input.append(l)
            e.link.supplier.append(known[place % len(known)] if known else NOBODY)
            e.link.coefficient.append(share / number)
            if e.link.wedge:
                e.link.wedge.append(0.0)
    e.link.start.append(len(e.link.input))


def win_markets(e: State, i: int, served: list[float]) -> list[float]:
    """Sales in final markets that a new enterprise wins, and the orders and goodwill that go with them."""
    k, won = e.segment[i], [0.0] * 4
    spent = market_spending(e, k)
    for m in range(4):
        e.goodwill[i][m] = NO_GOODWILL
        if served[m] > 0 and spent[m] > 0:
            won[m] = served[m] / spent[m]
            e.expected_orders[i] += served[m] / e.price[i]
            e.goodwill[i][m] = math.log(won[m]) - appeal(e, i)
    e.market_share[i] = list(won)
    return won


def identity_of(e: State, k: int, kind: str, place: int) -> int:
    """Identity of an enterprise founded this year."""
    return draws.mix(draws.mix(draws.name_hash(f"{e.names[k]}{kind}"), e.year), place)


def found(e: State, coming: State) -> None:
    """New enterprises, and the final sales that those who closed set free."""
    p, old = e.at_demography, e.n
    taken, cohort = [[0.0] * 4 for _ in range(e.S)], []
    means = [[e.quality[i] for i in rows_of(e, k)] for k in range(e.S)]
    for kind, counts in (("", coming.entrants), (" spin-off", coming.spin_offs)):
        for k in range(e.S):
            cohort += [(k, kind, identity_of(e, k, kind, place)) for place in range(counts[k])]
    parents = [-1 if kind else parent_of(e, k, identity) for k, kind, identity in cohort]
    for (k, kind, identity), parent in zip(cohort, parents, strict=True):
        size, quality = usual_size(e, k), sum(means[k]) / len(means[k]) if means[k] else e.arrays.quality_gap[k]
        if kind:
            append(e, identity, k, size, -1, owner=3, rd=p.spin_off_rd)
        else:
            size *= math.exp(p.entrant_size_sd * draw(e, "entry.size", identity, draws.normal_for))
            noise = e.at_innovation.quality_sd * draw(e, "entry.quality", identity, draws.normal_for)
            append(e, identity, k, size, parent, quality=quality + noise)
    known = attainable_quality(e)
    for i, (k, kind, _) in enumerate(cohort, old):
        size = e.cash[i] / p.entry_cash
        if kind:
            e.quality[i] = known[k] + p.spin_off_quality
            win_markets(e, i, [0.0, 0.0, p.plant_outside * size, 0.0])
            e.flows.entered.setdefault("spin-offs of institutes", []).append(i)
        else:
            part = size / e.arrays.output[k] if e.arrays.output[k] > 0 else 0.0
            served = [part * sales for sales in e.arrays.market_sales[k]]
            win_markets(e, i, served if part > 0 else [0.0, 0.0, p.plant_outside * size, 0.0])
            taken[k] = [total + share for total, share in zip(taken[k], e.market_share[i], strict=True)]
    viable = viability(e)
    e.flows.plant_shares = plant_shares(e, coming.first_plants, lambda l, less: True)
    for k in range(e.S):
        if coming.first_plants[k]:
            size = p.plant_size * e.arrays.min_efficient_scale[k] * min(2.0, max(1.0, viable[k]))
            identity = draws.mix(draws.name_hash(f"{e.names[k]} first plant"), e.year)
            filled = any(capacity(e, j) >= 0.5 * e.arrays.min_efficient_scale[k] for j in rows_of(e, k))
            i = append(e, identity, k, size, -1, usual=True)
            e.quality[i] = attainable_quality(e)[k]
            win_markets(e, i, [0.0, 0.0, p.plant_outside * size, 0.0])
            e.first_plant[k] = e.first_plant[k] if filled else e.year
            e.flows.entered.setdefault("first plants", []).append(i)
    found_plants(e, coming.plants)
    for arrival in sorted(coming.arrivals, key=lambda arrival: arrival.name):
        found_arrival(e, arrival)
    pass_on(e, old, coming.freed, taken)
    leave_rest(e)
    for k in range(e.S):
        e.reference_profit[k] += p.profit_memory * (coming.margin[k] - e.reference_profit[k])


def found_plants(e: State, counts: list[list[int]]) -> None:
    """Plants from outside: built for what they sell outside at once."""
    p, first, come = e.at_demography, e.n, []
    for k in range(e.S):
        for (name, channel), count in zip(CHANNELS.items(), counts[k], strict=True):
            for place in range(count):
                identity = identity_of(e, k, f".{name}", place)
                spread = math.exp(p.arrival_size_sd * draw(e, "arrival.size", identity, draws.normal_for))
                size = channel.outside * e.arrays.min_efficient_scale[k] * spread
                come.append((name, size))
                append(e, identity, k, size, -1, owner=OWNERS.index(channel.owner))
    known = attainable_quality(e)
    for i, (name, size) in enumerate(come, first):
        e.quality[i] = min(known[e.segment[i]] + CHANNELS[name].quality, p.arrival_quality_most)
        win_markets(e, i, [0.0, 0.0, size, 0.0])
    for name in CHANNELS if come else ():
        e.flows.entered[f"arrivals.{name}"] = [i for i, (own, _) in enumerate(come, first) if own == name]


def followers(e: State) -> list[State]:
    """Plants that come after anchors: by what these buy in the nation beyond what they buy in the region."""
    p, out = e.at_demography, []
    for l in range(e.S):
        bought = {True: 0.0, False: 0.0}
        for i in range(e.n):
            for j in links_of(e, i) if e.anchor[i] and e.active[i] else ():
                units = e.link.coefficient[j] * e.output[i] if e.link.input[j] == l else 0.0
                bought[e.link.supplier[j] >= 0] += units
        paid = [sum(e.flows.trade[l][k][origin] for k in range(e.S)) for origin in range(3)]
        abroad = paid[2] / sum(paid) if sum(paid) > 0 else 0.0
        lacking = p.colocation_share * (1.0 - abroad) * sum(bought.values()) - bought[True]
        if lacking <= 0:
            continue
        sales = [e.sales[i] for i in rows_of(e, l)]
        size = max(e.arrays.min_efficient_scale[l], p.follower_size * sum(sales) / len(sales) if sales else 0.0)
        plant = {"name": f"colocation.{e.names[l]}", "weight": [float(k == l) for k in range(e.S)]}
        plant |= {"mean": p.colocation * lacking / size, "owner": OWNERS.index("private"), "number": None, "size": size}
        plant |= {"outside": p.plant_outside, "quality": 0.0, "anchor": False, "named": False, "designed_in": True}
        out.append(State(**plant))
    return out


def found_arrival(e: State, arrival: State) -> None:
    """Plants that come for a reason of their own, all of them to one segment."""
    k, count, rows = arrival.weight.index(1.0), arrival.number, []
    if count is None:
        u = draw(e, "arrival.number", draws.name_hash(arrival.name))
        count = int(draws.poisson(u, arrival.mean))
    missing = not any(capacity(e, j) >= 0.5 * e.arrays.min_efficient_scale[k] for j in rows_of(e, k))
    for place in range(count):
        identity = draws.mix(draws.mix(draws.name_hash(f"{arrival.name} arrival"), e.year), place)
        i = append(e, identity, k, arrival.size, -1, owner=arrival.owner)
        e.anchor[i], e.named[i] = arrival.anchor, arrival.named
        e.pioneer[i] = e.pioneer[i] or arrival.designed_in
        rows.append(i)
    known = attainable_quality(e)[k]
    for i in rows:
        e.quality[i] = min(known + arrival.quality, e.at_demography.arrival_quality_most)
        win_markets(e, i, [0.0, 0.0, arrival.outside * arrival.size, 0.0])
    if rows:
        e.flows.entered[arrival.name] = rows
    there = any(capacity(e, j) >= 0.5 * e.arrays.min_efficient_scale[k] for j in rows_of(e, k))
    if e.cal.base_enterprises[k] == 0 and missing and there:
        e.first_plant[k] = e.year


def usual_size(e: State, k: int) -> float:
    """Size of an entrant whose luck is 1."""
    return e.at_demography.entrant_size * e.arrays.small_output[k] / e.arrays.size_scale * growth(e, e.years)


def pass_on(e: State, old: int, freed: list[list[float]], taken: list[list[float]]) -> None:
    """Shares of the closed less those of entrants go to older enterprises, or come from them; orders follow sales."""
    p, usual = e.at_demography, spin_offs(e, [institute_money(e, k) for k in range(e.S)])
    for k in range(e.S):
        spent, rows = market_spending(e, k), [i for i in rows_of(e, k) if i < old]
        for m in range(4):
            yields = 0.0
            if m == 2 and spent[m] > 0:
                plants = sum(channel.share * usual_plant(e, k, channel) for channel in CHANNELS.values())
                yields = (usual[k] * p.plant_outside * usual_size(e, k) + usual_plants(e, k) * plants) / spent[m]
            there = sum(e.market_share[i][m] for i in rows)
            if there <= 0:
                continue
            factor = max(0.5, 1.0 + p.inherit * (freed[k][m] - taken[k][m] - yields) / there)
            for i in rows:
                grown = (factor - 1.0) * e.final_sales[i][m] * (1.0 + e.arrays.outlook[e.years + 1][k])
                e.expected_orders[i] += grown / e.price[i] * math.exp(e.region.learned_growth[k])
                e.market_share[i][m] *= factor
                e.goodwill[i][m] += math.log(factor) if factor > 0 else 0.0


def leave_rest(e: State) -> None:
    """Outside rivals have what local enterprises leave of a market, a millionth at least."""
    for k in range(e.S):
        rows = rows_of(e, k)
        for m in range(4):
            there = sum(e.market_share[i][m] for i in rows)
            for i in rows if there > MOST else ():
                e.market_share[i][m] *= MOST / there
            e.rival_share[k][m] = 1.0 - min(there, MOST)
