"""Pricing, sourcing and demand in plain Python, from docs/model.md."""

import math
from types import SimpleNamespace as State

from second_opinion.reading import normal, uniform


def segment_sum(e: State, values: list[float], counted: list[bool] | None = None) -> list[float]:
    """Sums over the active enterprises of each segment, or over those counted."""
    out = [0.0] * e.S
    for i in range(e.n):
        if (e.active if counted is None else counted)[i]:
            out[e.segment[i]] += values[i]
    return out


def links_of(e: State, i: int) -> range:
    """Links of a buyer."""
    return range(e.link.start[i], e.link.start[i + 1])


def growth(e: State, years: int) -> float:
    """The common trend of productivity in value so many years after the base year."""
    return (1.0 + e.arrays.productivity_growth) ** years


def cost_lag(e: State, k: int) -> float:
    """What a unit takes over what it would take with all progress of the outside."""
    return (1.0 - (1.0 - e.at_pricing.passthrough) * e.arrays.price_trend[k]) ** e.years


def efficiency(e: State, i: int) -> float:
    """Productivity of labour and capital after that lag."""
    return e.productivity[i] / cost_lag(e, e.segment[i])


def capacity(e: State, i: int) -> float:
    """Output that capital allows."""
    full_use = 1.0 / (e.at_investment.utilisation * e.arrays.capital_per_output[e.segment[i]])
    return full_use * efficiency(e, i) * e.capital[i]


def wage_weight(e: State, i: int) -> tuple[float, float, float]:
    """Base cost of production staff per unit, its ordinary share, and the CES wage index."""
    k = e.segment[i]
    ordinary = e.ordinary_coefficient[i] * e.arrays.wage[0][k]
    skilled = e.skilled_coefficient[i] * e.arrays.wage[1][k]
    total = ordinary + skilled
    share = ordinary / total if total > 0 else 0.0
    power = 1.0 - e.at_labour.substitution
    low, high = e.region.wage_index
    if abs(power) < 1e-12:
        index = low**share * high ** (1.0 - share)
    else:
        index = (share * low**power + (1.0 - share) * high**power) ** (1.0 / power)
    return total, share, index


def link_price(e: State, link: int, price: list[float]) -> float:
    """What a buyer pays for a unit over a link, relative to the trend of the outside price."""
    supplier, segment = e.link.supplier[link], e.link.input[link]
    if supplier >= 0:
        return price[supplier]
    return e.policy.outside_price[segment][1 if supplier == -2 else 0]


def adaptation(e: State, i: int, price: list[float]) -> float:
    """What a buyer forgoes for local suppliers that it was made to prefer."""
    if not e.link.wedge:
        return 0.0
    links = [j for j in links_of(e, i) if e.link.supplier[j] >= 0]
    return sum(e.link.wedge[j] * e.link.coefficient[j] * price[e.link.supplier[j]] for j in links)


def pricing(e: State) -> None:
    """Unit costs, markups and prices."""
    p = e.at_pricing
    before, last = list(e.price), growth(e, max(e.years - 1, 0))
    sold = segment_sum(e, e.sales)
    for i in range(e.n):
        if not e.active[i]:
            continue
        k = e.segment[i]
        cost, _, index = wage_weight(e, i)
        labour = e.priced_labour[i] * cost * index / last
        capital = e.cal.user_cost[k] * (1.0 - e.policy.capital_subsidy[i])
        inputs = sum(e.link.coefficient[j] * link_price(e, j, before) for j in links_of(e, i)) + adaptation(
            e, i, before
        )
        rest = cost_lag(e, k) * e.cal.other_inputs[k] + inputs + e.arrays.production_tax[k] * before[i]
        e.variable_cost[i] = labour / efficiency(e, i) + rest
        e.unit_cost[i] = (labour + capital) / efficiency(e, i) + rest
        if not p.enabled or p.fixed:
            continue
        share = e.sales[i] / sold[k] if sold[k] > 0 else 0.0
        if share > 0 and e.local_share[i] > 0:
            change = p.markup_response * max(e.cal.markup[k], p.markup_scale_floor) * math.log(share / e.local_share[i])
            e.markup[i] = min(e.markup[i] + change, max(p.markup_ceiling, e.cal.markup[k]))
        e.local_share[i] = share
        wanted = (1.0 - p.lag) * (1.0 + e.markup[i]) * e.unit_cost[i] + p.lag * before[i]
        outlay = sum(e.arrays.technical[l][k] for l in range(e.S)) + e.cal.other_inputs[k] + e.arrays.production_tax[k]
        floor = min(p.price_floor, 1.0 / outlay) if outlay > 0 else p.price_floor
        e.price[i] = max(wanted, floor * e.variable_cost[i])


def cycle(e: State) -> list[list[float]]:
    """Deviations of markets from their paths, of all markets and of each segment's."""
    p = e.at_demand
    rho = p.market_persistence
    news = math.sqrt(1.0 - rho**2)
    common = normal(e, "demand.markets", ["all markets"])[0]
    own = normal(e, "demand.segment", e.names)
    old = e.region.market_cycle
    return [
        [rho * old[0][k] + p.market_volatility * news * common for k in range(e.S)],
        [rho * old[1][k] + p.segment_volatility * news * own[k] for k in range(e.S)],
    ]


def market_spending(e: State, k: int) -> list[float]:
    """Expenditure of the markets of a segment, before policy."""
    p = e.at_demand
    variance = (p.market_volatility**2 + p.segment_volatility**2) * (1.0 - p.market_persistence ** (2 * e.years))
    factor = math.exp(sum(e.region.market_cycle[part][k] for part in (0, 1)) - 0.5 * variance)
    return [factor * path for path in e.arrays.expenditure[e.years][k]]


def appeal(e: State, i: int) -> float:
    """Log appeal in final markets without goodwill."""
    p = e.at_demand
    return p.quality_elasticity * e.quality[i] - (p.elasticity - 1.0) * math.log(e.price[i])


def relative_size(e: State, i: int) -> float:
    """Expected orders over the reference size grown with the trend."""
    return e.expected_orders[i] / (e.reference_size[i] * growth(e, e.years))


def certify_rivals(e: State) -> None:
    """Outside rivals that hold a certificate: of those who stay and, of the rest, as many as a standard brings."""
    for k in range(e.S):
        rows = [i for i in range(e.n) if e.active[i] and e.segment[i] == k]
        orders = sum(e.expected_orders[i] for i in rows)
        new = sum(e.expected_orders[i] for i in rows if e.founded[i] >= e.year)
        held = e.region.rivals_certified[k] * (1.0 - new / orders if orders > 0 else 1.0)
        e.region.rivals_certified[k] = held + (1.0 - held) * e.policy.rival_certificates[k]


def buy_publicly(e: State) -> None:
    """Public purchases beside the markets, among those who may deliver: by size, quality, price and certificate."""
    for purchase in e.policy.purchases:
        asked = e.flows.purchased[purchase.name] = [0.0] * e.n
        for k in range(e.S):
            worth = {
                i: e.expected_orders[i]
                * math.exp(purchase.quality_weight * e.quality[i] + purchase.certificate_weight * e.certificate[i])
                * e.price[i] ** (1.0 - e.at_demand.elasticity)
                for i in range(e.n)
                if e.active[i] and e.segment[i] == k and purchase.eligible[i]
            }
            for i, part in worth.items():
                asked[i] = purchase.local[k] * part / sum(worth.values()) if part > 0 else 0.0
                e.final_sales[i][1] += asked[i]
            e.flows.expenditure[k][1] += purchase.local[k]


def induced_demand(e: State) -> float:
    """Factor on what other local users buy: last year's labour income over that of the reference run."""
    if e.reference is None:
        return 1.0
    return 1.0 + e.at_demand.induced * (e.labour_income / e.reference[e.years - 1] - 1.0)


def demand_shock(e: State, i: int, u: float) -> float:
    """The Laplace shock of the year of an enterprise with this luck, whose factor is 1 in the mean."""
    p = e.at_demand
    if p.goodwill == "off" or p.volatility == 0:
        return 0.0
    size = relative_size(e, i) / p.volatility_size
    b = (min(max(p.volatility * size**p.volatility_slope, 0.03), 0.45) if size > 0 else 0.45) / math.sqrt(2.0)
    side = -1.0 if u < 0.5 else 1.0
    return -b * side * math.log1p(-2.0 * abs(u - 0.5)) + math.log(1.0 - b * b)


def demand(e: State) -> None:
    """Goodwill, market shares and final orders."""
    p, policy = e.at_demand, e.policy
    e.region.market_cycle = cycle(e)
    e.flows.expenditure, e.flows.purchased = [[0.0] * 4 for _ in range(e.S)], {}
    certify_rivals(e)
    e.region.adopters = [
        [old + more for old, more in zip(*rows, strict=True)]
        for rows in zip(e.region.adopters, policy.adopters, strict=True)
    ]
    luck = uniform(e, "demand.shock")
    pull = [[0.0] * 4 for _ in range(e.n)]
    for i in range(e.n):
        if not e.active[i]:
            continue
        shock = demand_shock(e, i, luck[i])
        e.certificate[i] = e.certificate[i] or policy.certificates[i] > 0
        e.reach[i] += policy.reach[i] if p.enabled else 0.0
        for m in range(4 if p.enabled else 0):
            if p.goodwill == "replicator":
                e.goodwill[i][m] = math.log(e.market_share[i][m]) if e.market_share[i][m] > 0 else 0.0
            e.goodwill[i][m] += shock + policy.reach[i]
            if e.market_share[i][m] > 0:
                lasting = p.adjustment * (e.goodwill[i][m] + appeal(e, i))
                pull[i][m] = math.exp((1.0 - p.adjustment) * (math.log(e.market_share[i][m]) + shock) + lasting)
    for k in range(e.S):
        price = policy.outside_price[k]
        for m in range(4):
            rival = 0.0
            if e.rival_share[k][m] > 0:
                kept = math.log(e.rival_share[k][m]) if p.goodwill == "replicator" else e.cal.rival_goodwill[k][m]
                worth = kept - (p.elasticity - 1.0) * math.log(price[1 if m == 3 else 0])
                rival = math.exp((1.0 - p.adjustment) * math.log(e.rival_share[k][m]) + p.adjustment * worth)
            mine = [i for i in range(e.n) if e.segment[i] == k and e.active[i]]
            total = rival + sum(pull[i][m] for i in mine)
            spent = market_spending(e, k)[m] * policy.market[k][m]
            spent *= (1.0 + e.region.adopters[1][k]) * induced_demand(e) if m == 0 else 1.0
            e.flows.expenditure[k][m] = spent
            if p.enabled and total > 0:
                e.rival_share[k][m] = rival / total
                for i in mine:
                    e.market_share[i][m] = pull[i][m] / total
            asked = policy.required[k][m]
            holders = e.rival_share[k][m] * e.region.rivals_certified[k]
            holders += sum(e.market_share[i][m] for i in mine if e.certificate[i])
            for i in mine:
                certified = 1.0 - asked * holders + asked * (1.0 if e.certificate[i] else 0.0)
                e.final_sales[i][m] = e.market_share[i][m] * spent * certified
    buy_publicly(e)
