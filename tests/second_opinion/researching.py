"""Innovation in plain Python, from docs/model.md."""

import math
from types import SimpleNamespace as State

from scipy.special import betainc, betaincinv
from second_opinion.making import norm_rd, promised_sales
from second_opinion.reading import book, normal, uniform
from second_opinion.selling import growth, relative_size

from chainsim.economy import draws
from chainsim.economy.ledger import Row


def median(values: list[float]) -> float:
    """Middle of the values; the mean of the two in the middle of an even number."""
    values, half = sorted(values), len(values) // 2
    return values[half] if len(values) % 2 else 0.5 * (values[half - 1] + values[half])


def absorptive_capacity(e: State) -> list[float]:
    """Knowledge over knowledge plus the segment's median."""
    middle = {
        k: median([e.knowledge[i] for i in range(e.n) if e.active[i] and e.segment[i] == k])
        for k in {e.segment[i] for i in range(e.n) if e.active[i]}
    }
    out = [0.0] * e.n
    for i in range(e.n):
        if e.active[i] and e.knowledge[i] > 0:
            out[i] = e.knowledge[i] / (e.knowledge[i] + middle[e.segment[i]])
    return out


def talent_share(e: State, i: int) -> float:
    """People who came by talent programmes over R&D staff, at most 1."""
    return min(1.0, e.talent[i] / max(e.research[i], 1.0))


def neighbourhood(e: State, absorptive: float, k: int, pool: float, institute: float) -> float:
    """Effort that knowledge nearby and institutes add, twice the parameters times absorptive capacity at the norm."""
    p = e.at_innovation
    serving = institute if e.arrays.institute_knowledge[k] > 0 else institute - 1.0
    return 2.0 * absorptive * (p.spillover * pool + p.institute_effort * serving)


def institute_ratio(e: State, k: int) -> float:
    """Knowledge of institutes over that of the base year, or over the R&D stock of enterprises where there was none."""
    made = e.arrays.output[k] if e.arrays.output[k] > 0 else e.arrays.min_efficient_scale[k]
    base = e.arrays.institute_knowledge[k]
    base = base if base > 0 else e.arrays.rd_share[k] * made / e.at_innovation.knowledge_depreciation
    return 1.0 + e.region.institute_added[k] / base if base > 0 else 1.0


def own_effort(e: State, i: int) -> float:
    """Effort at the norm of R&D: it rises with size."""
    return relative_size(e, i) ** e.at_innovation.size_elasticity


def effort(e: State, i: int, absorptive: float) -> float:
    """Research effort relative to the norm."""
    p, k, park = e.at_innovation, e.segment[i], e.park[i]
    pool = 0.0
    for j in range(e.n):
        if e.active[j]:
            near = 1.0 if e.park[j] == park else p.other_park
            pool += near * e.arrays.proximity[e.segment[j]][k] * e.knowledge[j]
    base = e.region.knowledge_pool_base[park][k] * growth(e, e.years)
    pool = e.policy.spillover[i] * (pool / base if base > 0 else 1.0)
    norm = norm_rd(e, i, e.last_sales[i])
    intensity = e.rd[i] / norm if norm > 0 else 0.0
    own = intensity * own_effort(e, i) * (1.0 + talent_share(e, i))
    return bounded(own + neighbourhood(e, absorptive, k, pool, institute_ratio(e, k)))


def bounded(x: float) -> float:
    """Effort of which more does not count."""
    return min(10.0, max(0.0, x))


def chance(e: State, x: float) -> float:
    """Probability of a discovery."""
    return 1.0 - math.exp(-e.at_innovation.discovery_rate * x**e.at_innovation.effort_elasticity)


def next_on_circle(e: State, rows: list[int], purpose: str, u: float) -> int:
    """The first of the rows at or after a point of the circle on which they stand."""
    key = int(draws.draw_key(e.seed, purpose, e.year))
    circle = sorted((draws.mix(e.identity[j], key) >> 11, j) for j in rows)
    return next((j for place, j in circle if place * 2.0**-53 >= u), circle[0][1])


def pay_in_stocks(e: State) -> float:
    """The trend of pay averaged as stocks of R&D are, until last year."""
    fade, level = e.at_innovation.knowledge_depreciation, 1.0
    for year in range(1, e.years):
        level = (1.0 - fade) * level + fade * growth(e, year)
    return level


def knowledge_around(e: State, usual: bool) -> list[float]:
    """Knowledge that serves each segment at base-year pay, or that at which the gap stays."""
    p, near, pay = e.at_innovation, e.arrays.proximity, pay_in_stocks(e)
    start, missing = list(e.arrays.institute_knowledge), [number == 0 for number in e.cal.base_enterprises]
    for k in range(e.S):
        if missing[k]:
            start[k] += e.cal.rd_norm[k] * e.arrays.min_efficient_scale[k] / p.knowledge_depreciation
    here = [stock + (0.0 if usual else e.region.institute_added[k] / pay) for k, stock in enumerate(start)]
    for i in range(e.n):
        if e.active[i] and not (usual and missing[e.segment[i]]):
            own = e.rd_share[i] * e.sales_stock[i] if usual else e.knowledge[i] * (1.0 + talent_share(e, i))
            here[e.segment[i]] += own / pay
    if not usual:
        for k, people in enumerate(e.region.link_talent):  # each worth the R&D that a researcher's pay stands for
            share = max(e.cal.research_norm[k], 1e-9)
            here[k] += people * e.arrays.wage[1][k] / share / p.knowledge_depreciation
    known, parks = [sum(near[j][k] * here[j] for j in range(e.S)) for k in range(e.S)], len(e.region.park_staff)
    for k in range(e.S):
        if usual and missing[k]:
            enterprises = sum(park[k] for park in e.region.knowledge_pool_base) / (1.0 + p.other_park * (parks - 1))
            known[k] = enterprises + sum(near[j][k] * start[j] for j in range(e.S))
    return known


def attainable_quality(e: State) -> list[float]:
    """Quality to which the enterprises of a segment return."""
    out = []
    for gap, known, usual in zip(
        e.arrays.quality_gap, knowledge_around(e, False), knowledge_around(e, True), strict=True
    ):
        moved = e.at_innovation.knowledge_quality * math.log(known / usual) if known > 0 and usual > 0 else 0.0
        out.append(min(gap + moved, 0.0))
    return out


def productivity(e: State, i: int, park_term: list[float]) -> float:
    """Productivity of labour and capital."""
    p, k = e.at_innovation, e.segment[i]
    norm = e.rd_share[i] * e.sales_stock[i]
    intensity = math.log(max(e.knowledge[i] / norm, 1e-6)) if norm > 0 else 0.0
    known = p.knowledge_elasticity * (intensity + math.log1p(talent_share(e, i)))
    place = park_term[e.park[i]] + p.institute_elasticity * math.log(institute_ratio(e, k))
    return math.exp(e.log_productivity[i] + known + e.digital[i] + place)


def park_terms(e: State) -> list[float]:
    """Log productivity by density and congestion of each park."""
    p, region, out = e.at_innovation, e.region, []
    for staff, base, places in zip(region.park_staff, region.park_staff_base, region.park_places, strict=True):
        density = math.log(max(staff / base, 1e-6)) if base > 0 else 0.0
        crowd = max(0.0, math.log(staff / places)) if places > 0 and staff > 0 else 0.0
        out.append(p.agglomeration * density - p.congestion * crowd)
    return out


def search(e: State, absorptive: list[float], rows: list[int]) -> list[list[float]]:
    """Gains of productivity and quality by discovery and imitation, and products won and retired."""
    p, gains = e.at_innovation, [[0.0] * e.n, [0.0] * e.n]
    luck = {name: uniform(e, f"innovation.{name}") for name in ("discovery", "step", "imitation", "model", "product")}
    useless = betainc(3.0, 3.0, -p.step_low / (p.step_high - p.step_low))
    for i in rows:
        k, found, other = e.segment[i], 0.0, i
        likely = chance(e, effort(e, i, absorptive[i]))
        if luck["discovery"][i] < likely + e.policy.discovery[i]:
            found = max(0.0, p.step_low + (p.step_high - p.step_low) * betaincinv(3.0, 3.0, luck["step"][i]))
        if luck["imitation"][i] < likely * absorptive[i]:
            peers = [j for j in rows if e.segment[j] == k]
            other = next_on_circle(e, peers, "innovation.model.place", luck["model"][i])
        share = e.arrays.process_share[k]
        gains[0][i] = share * (found + p.catch_up * max(0.0, e.log_productivity[other] - e.log_productivity[i]))
        gains[1][i] = (1.0 - share) * (found + p.catch_up * max(0.0, e.quality[other] - e.quality[i]))
        norm = chance(e, bounded(own_effort(e, i) + neighbourhood(e, absorptive[i], k, 1.0, 1.0))) * (1.0 - useless)
        factor = 1.0 / (1.0 + (p.product_step - 1.0) * p.product_share * norm)
        if found > 0 and luck["product"][i] < p.product_share:
            factor *= p.product_step
        e.products[i] *= factor
        for market in (2, 3) if e.at_demand.enabled else ():
            e.goodwill[i][market] += p.product_reach * math.log(factor)
    return gains


def innovate(e: State) -> None:
    """R&D services, discoveries, imitation, products, knowledge, productivity and quality."""
    p, region, rows = e.at_innovation, e.region, [i for i in range(e.n) if e.active[i]]
    keep = 1.0 - p.knowledge_depreciation
    book(e, Row.RD_SERVICES, [e.rd_services[i] if e.active[i] else 0.0 for i in range(e.n)])
    for k in range(e.S):
        region.institute_added[k] = keep * region.institute_added[k] + e.policy.institutes[k]
    region.park_places = [old + new for old, new in zip(region.park_places, e.policy.park_places, strict=True)]
    absorptive, means = absorptive_capacity(e), attainable_quality(e)
    gains = search(e, absorptive, rows) if p.enabled else []
    region.park_staff = [0.0] * len(region.park_staff)
    for i in rows:
        if e.arrays.chain[e.segment[i]]:
            region.park_staff[e.park[i]] += e.ordinary[i] + e.skilled[i] + e.research[i]
        e.knowledge[i] = keep * e.knowledge[i] + e.rd[i]
        e.sales_stock[i] = keep * e.sales_stock[i] + promised_sales(e, i, e.last_sales[i])
        e.digital[i] += e.digital_coming[i] + 0.5 * e.policy.adoption[i]
        e.digital_coming[i] = 0.5 * e.policy.adoption[i]
    terms, z, q = park_terms(e), e.log_productivity, e.quality
    noise = {name: normal(e, f"innovation.{name}") for name in ("productivity", "quality")}
    for i in rows if p.enabled else ():
        k, mean = e.segment[i], e.cal.productivity_mean[e.segment[i]]
        z[i] = mean + p.productivity_persistence * (z[i] - mean) + gains[0][i] - e.cal.productivity_gain[k]
        z[i] += p.productivity_sd * noise["productivity"][i]
        q[i] = means[k] + p.quality_persistence * (q[i] - means[k]) + gains[1][i] - e.cal.quality_gain[k]
        q[i] += p.quality_sd * noise["quality"][i] - e.arrays.drag[k]
        e.productivity[i] = productivity(e, i, terms)
