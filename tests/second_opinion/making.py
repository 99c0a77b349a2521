"""Labour and production in plain Python, from docs/model.md."""

import math
from types import SimpleNamespace as State

from second_opinion.reading import book
from second_opinion.selling import (
    adaptation,
    capacity,
    cost_lag,
    efficiency,
    growth,
    links_of,
    segment_sum,
    wage_weight,
)

from chainsim.economy.ledger import FINAL_SALES, Row

ABROAD = -2
UNLIMITED = 1e300
"""Feasible output where neither capital nor staff limits it."""
SURPRISE = 0.2
"""Log of orders over those expected up to which a surprise counts."""


def person(e: State, skill: int, k: int) -> float:
    """Labour cost of a person this year."""
    return e.arrays.wage[skill][k] * e.region.wage_index[skill]


def promised_sales(e: State, i: int, sales: float) -> float:
    """Last year's sales grown as the markets promise for this year and as was learned by New Year."""
    k = e.segment[i]
    return sales * (1.0 + e.arrays.outlook[e.years][k]) * math.exp(e.region.promised_growth[k])


def norm_rd(e: State, i: int, sales: float) -> float:
    """R&D at the norm on the sales promised for the year, by its tax-adjusted cost under national law."""
    k = e.segment[i]
    rate = e.arrays.profit_tax[1 if e.high_tech[i] else 0]
    law = e.arrays.rd_deduction[e.years if e.at_finance.enabled else 0][k]
    cost = (1.0 - rate * (1.0 + law)) / (1.0 - rate * (1.0 + e.arrays.rd_deduction[0][k]))
    return e.rd_share[i] * promised_sales(e, i, sales) * cost**-e.at_innovation.user_cost_elasticity


def norm_rd_of_all(e: State) -> list[float]:
    """R&D at the norm on last year's sales grown as promised."""
    return [norm_rd(e, i, e.sales[i]) for i in range(e.n)]


def answer_to_taxes(e: State, i: int) -> float:
    """Factor by which R&D answers what levers do to taxes."""
    policy, rate = e.policy, e.arrays.profit_tax[1 if e.high_tech[i] else 0]
    law = e.arrays.rd_deduction[e.years if e.at_finance.enabled else 0][e.segment[i]]
    cut = rate - policy.rd_tax_cut[i]
    cost = (1.0 - cut * (1.0 + law + policy.rd_deduction[i])) / (1.0 - cut)
    return float((cost * (1.0 - rate) / (1.0 - rate * (1.0 + law))) ** -e.at_innovation.user_cost_elasticity)


def own_rd(e: State, i: int) -> float:
    """R&D that an enterprise pays itself: the norm, its real answer to what levers do to taxes, and their factor."""
    real = 1.0 + (answer_to_taxes(e, i) - 1.0) * (1.0 - e.policy.relabelling[i])
    return norm_rd(e, i, e.sales[i]) * real * e.policy.rd_effort[i]


def own_rd_of_all(e: State) -> list[float]:
    """That of all."""
    return [own_rd(e, i) for i in range(e.n)]


def relabelled(e: State) -> list[float]:
    """Other cost that is claimed as R&D once the year's sales are made: of an answer that is more R&D, what is not real."""
    norm = [norm_rd(e, i, e.last_sales[i]) for i in range(e.n)]
    return [norm[i] * e.policy.relabelling[i] * max(0.0, answer_to_taxes(e, i) - 1.0) for i in range(e.n)]


def wanted_staff(e: State, i: int, skill: int, units: float) -> float:
    """Production staff of a skill for so many units at this year's wages."""
    coefficient = (e.ordinary_coefficient, e.skilled_coefficient)[skill][i]
    index = wage_weight(e, i)[2]
    ratio = index / e.region.wage_index[skill]
    return coefficient * units / (efficiency(e, i) * growth(e, e.years)) * ratio**e.at_labour.substitution


def promised_jobs(e: State, skill: int) -> float:
    """Growth of employment that market paths promise, at the staff that a unit takes a year later."""
    total = 0.0
    for i in range(e.n):
        if e.active[i]:
            staff = e.ordinary[i] if skill == 0 else e.skilled[i] + e.research[i]
            k = e.segment[i]
            missed = cost_lag(e, k) ** (1.0 / e.years)
            promised = (1.0 + e.arrays.outlook[e.years][k]) * missed / (1.0 + e.arrays.productivity_growth)
            total += staff * (promised - 1.0)
    return total / e.region.labour_force[skill]


def jobs_of_incomes(e: State) -> list[float]:
    """Jobs elsewhere in the region by last year's labour income beyond that of the reference run, split like the staff."""
    beyond = 0.0 if e.reference is None else e.labour_income - e.reference[e.years - 1]
    rules, factors = e.arrays.households, e.arrays.labour_cost_factor
    factor = sum(factors) / len(factors)
    a = rules.consumption * rules.local_services * rules.services_labour * (1.0 - rules.income_tax)
    pay = rules.services_pay / 1000.0 * factor * e.region.wage_index[0]
    staff = e.region.employed
    return [beyond * a / pay / (1.0 - a / factor) * part / sum(staff) if sum(staff) > 0 else 0.0 for part in staff]


def match(e: State, skill: int, groups: list[tuple[list[float], list[float]]], rest: float) -> None:
    """Quits, layoffs and hires of a skill: groups are staff and wanted staff."""
    p, region = e.at_labour, e.region
    staying = (1.0 - p.quit_rate) * region.rest[skill]
    vacancies = max(0.0, rest - staying)
    plans = []
    for staff, wanted in groups:
        for i in range(e.n):
            if not e.active[i]:
                continue
            aim = wanted[i] if staff[i] <= 0 else staff[i] + p.staff_adjustment * (wanted[i] - staff[i])
            stay = max(min((1.0 - p.quit_rate) * staff[i], aim), (1.0 - p.quit_rate - p.layoff_limit) * staff[i])
            plans.append((staff, i, stay, max(0.0, aim - stay)))
            staying += (1.0 - p.quit_rate) * staff[i]
            vacancies += max(0.0, aim - stay)
    free = max(0.0, region.labour_force[skill] - staying)
    rate = 0.0
    if vacancies > 0:
        hires = region.match_scale[skill] * vacancies ** (1.0 - p.matching_elasticity) * free**p.matching_elasticity
        least = min(p.unemployment_floor, e.arrays.unemployment)
        most = max(0.0, free - least * region.labour_force[skill])
        rate = min(vacancies, hires, most) / vacancies
    for staff, i, stay, open_places in plans:
        staff[i] = stay + rate * open_places
    kept = min((1.0 - p.quit_rate) * region.rest[skill], rest)
    region.rest[skill] = kept + rate * max(0.0, rest - kept)
    region.employed[skill] = sum(sum(s[i] for i in range(e.n) if e.active[i]) for s, _ in groups)


def set_wages(e: State) -> None:
    """Unemployment, and the wage on its way to the wage curve, whose reference follows the outside and own progress."""
    p, region, pay_growth = e.at_labour, e.region, math.log(1.0 + e.arrays.wage_growth)
    staff = [e.ordinary[i] + e.skilled[i] + e.research[i] if e.active[i] else 0.0 for i in range(e.n)]
    everybody = sum(staff)
    mean = sum(staff[i] * math.log(e.productivity[i]) for i in range(e.n) if e.active[i])
    mean = mean / everybody if everybody > 0 else 0.0
    gain, region.mean_productivity = mean - region.mean_productivity, mean
    for skill in (0, 1):
        working = region.employed[skill] + region.rest[skill]
        region.unemployment[skill] = 1.0 - working / region.labour_force[skill]
        share = region.employed[skill] / working if working > 0 else 0.0
        region.wage_reference[skill] *= math.exp(pay_growth + p.wage_productivity * share * gain)
        tight = region.unemployment[skill] / e.arrays.unemployment
        curve = math.log(region.wage_reference[skill]) + p.wage_curve * math.log(tight)
        last = math.log(region.wage_index[skill])
        region.wage_index[skill] = math.exp(last + pay_growth + p.wage_adjustment * (curve - last - pay_growth))


def labour(e: State) -> None:
    """Talent, migration, hiring, wages and R&D."""
    p, region, policy = e.at_labour, e.region, e.policy
    budget = e.flows.rd_budget = [own_rd(e, i) + policy.rd_support[i] if e.active[i] else 0.0 for i in range(e.n)]
    scientists = [0.0] * e.n
    for i in range(e.n):
        e.talent[i] = (1.0 - p.talent_fading) * e.talent[i] + policy.talent[i]
        if e.active[i]:
            units = min(e.expected_orders[i], capacity(e, i) if e.at_production.capacity else math.inf)
            e.wanted_ordinary[i], e.wanted_skilled[i] = (wanted_staff(e, i, skill, units) for skill in (0, 1))
            scientists[i] = (
                budget[i] * e.research_share[i] / (person(e, 1, e.segment[i]) * (1.0 + e.arrays.wage_growth))
            )
    region.link_talent = [
        (1.0 - p.talent_fading) * t + new for t, new in zip(region.link_talent, policy.link_talent, strict=True)
    ]
    groups = [[(e.ordinary, e.wanted_ordinary)], [(e.skilled, e.wanted_skilled), (e.research, scientists)]]
    if p.enabled and p.regional:
        hire(e, groups)
    else:
        least = 1.0 - p.quit_rate - p.layoff_limit if p.enabled else 0.0
        for staff, wanted in groups[0] + groups[1]:
            staff[:] = [max(aim, least * now) for now, aim in zip(staff, wanted, strict=True)]
        region.wage_index = [growth(e, e.years)] * 2
    for i in range(e.n):
        if e.active[i]:
            own = e.research[i] * person(e, 1, e.segment[i])
            e.rd_services[i] = (1.0 - e.research_share[i]) * budget[i]
            e.rd[i] = own + e.rd_services[i]


def hire(e: State, groups: list[list[tuple[list[float], list[float]]]]) -> None:
    """People come and go, the rest of the region moves, staff is hired by skill, and wages follow."""
    p, region, policy = e.at_labour, e.region, e.policy
    pay_growth, induced = math.log(1.0 + e.arrays.wage_growth), jobs_of_incomes(e)
    for skill in (0, 1):
        slack = region.unemployment[skill] - e.arrays.unemployment
        outside = (e.years - 1) * pay_growth + policy.outside_pay
        gap = math.log(region.wage_index[skill]) - outside
        rate = p.migration_outlook * promised_jobs(e, skill) + p.migration * gap - p.migration_unemployment * slack
        rest = (region.rest[skill] - region.rest_induced[skill]) * (1.0 + p.rest_response * slack) + induced[skill]
        region.labour_force[skill] *= 1.0 + rate
        region.labour_force[skill] += policy.skilled_inflow if skill == 1 else 0.0
        match(e, skill, groups[skill], rest)
    region.rest_induced = induced
    set_wages(e)


def labour_capacity(e: State, i: int) -> float:
    """Output that the staff makes without overtime: the inverse of the CES staff demand."""
    _, share, _ = wage_weight(e, i)
    power = 1.0 - 1.0 / e.at_labour.substitution
    parts = ((share, e.ordinary[i], e.ordinary_coefficient[i]), (1.0 - share, e.skilled[i], e.skilled_coefficient[i]))
    if all(coefficient <= 0 for _, _, coefficient in parts):
        return math.inf
    if power < 0 and any(staff <= 0 for weight, staff, _ in parts if weight > 0):
        return 0.0
    total = sum(weight * (staff / coefficient) ** power for weight, staff, coefficient in parts if weight > 0)
    return efficiency(e, i) * growth(e, e.years) * total ** (1.0 / power)


def replaced(e: State, k: int, origin: int) -> float:
    """Share of a need for outside supply that the other origin delivers at the premium."""
    supply = e.policy.outside_supply[k]
    return (1.0 - supply[origin]) * e.at_production.replaceable * supply[1 - origin]


def covered(e: State, i: int) -> float:
    """Share of output that the inputs from outside allow: the input that lacks most, by its criticality."""
    total: dict[int, float] = {}
    lost: dict[int, float] = {}
    for j in links_of(e, i):
        supplier, k, units = e.link.supplier[j], e.link.input[j], e.link.coefficient[j]
        origin = 1 if supplier == ABROAD else 0
        gone = 1.0 - e.policy.outside_supply[k][origin] - replaced(e, k, origin) if supplier < 0 else 0.0
        total[k], lost[k] = total.get(k, 0.0) + units, lost.get(k, 0.0) + units * gone
    shares = [1.0 - e.arrays.criticality[k][e.segment[i]] * lost[k] / total[k] for k in lost if total[k] > 0]
    return min(shares, default=1.0)


def bought_outside(e: State, i: int, j: int) -> list[float]:
    """What a buyer pays the nation and abroad over a link to outside supply; a cut counts against its whole need."""
    k, origin = e.link.input[j], 1 if e.link.supplier[j] == ABROAD else 0
    units, part, prices, paid = (
        e.link.coefficient[j] * e.output[i],
        e.flows.covered[i],
        e.policy.outside_price[k],
        [0.0] * 2,
    )
    need = units / part if part > 0 else 0.0
    own = min(units, e.policy.outside_supply[k][origin] * need)
    paid[origin] = own * prices[origin]
    other = min(units - own, replaced(e, k, origin) * need)
    paid[1 - origin] = other * prices[1 - origin] * (1.0 + e.at_production.premium)
    return paid


def produce(e: State) -> None:
    """Orders and output that agree, deliveries and sales."""
    p, rows = e.at_production, [i for i in range(e.n) if e.active[i]]
    final = [sum(e.final_sales[i]) / e.price[i] if e.active[i] else 0.0 for i in range(e.n)]
    e.flows.staffed = [labour_capacity(e, i) for i in range(e.n)]
    e.flows.covered = [covered(e, i) if e.active[i] else 1.0 for i in range(e.n)]
    for i in range(e.n):
        staff = (1.0 + e.at_labour.overtime) * e.flows.staffed[i] if e.active[i] else 0.0
        e.feasible[i] = (min(capacity(e, i), staff) if p.capacity else UNLIMITED) if e.active[i] else 0.0
    output, change = list(final), 1.0
    while change > 1e-14:
        orders = list(final)
        for i in rows:
            for j in links_of(e, i):
                if e.link.supplier[j] >= 0:
                    orders[e.link.supplier[j]] += e.link.coefficient[j] * output[i]
        made = [min(orders[i], e.feasible[i]) * e.flows.covered[i] for i in range(e.n)]
        change = max((abs(made[i] - output[i]) / max(made[i], 1e-300) for i in rows), default=0.0)
        output = made
    for i in rows:
        e.orders[i], e.output[i], e.last_sales[i] = orders[i], output[i], e.sales[i]
        e.fill[i] = output[i] / orders[i] if orders[i] > 0 else 1.0
        e.final_sales[i] = [e.fill[i] * value for value in e.final_sales[i]]
        e.purchases_local[i] = e.purchases_national[i] = e.purchases_abroad[i] = e.intermediate_sales[i] = 0.0
    e.flows.trade = [[[0.0] * 3 for _ in range(e.S)] for _ in range(e.S)]
    for i in rows:
        for j in links_of(e, i):
            units, supplier, k = e.link.coefficient[j] * output[i], e.link.supplier[j], e.link.input[j]
            got, outside = [0.0, 0.0, 0.0], e.policy.outside_price[k]
            if supplier >= 0:
                got[0] = units * e.fill[supplier] * e.price[supplier]
                unmet = units * (1.0 - e.fill[supplier]) * (1.0 - e.policy.shared_shortage[k])
                got[1] = unmet * outside[0] * (1.0 + p.premium)
                e.intermediate_sales[supplier] += got[0]
            else:
                got[1], got[2] = bought_outside(e, i, j)
            for column, paid in zip((e.purchases_local, e.purchases_national, e.purchases_abroad), got, strict=True):
                column[i] += paid
            for origin in range(3):
                e.flows.trade[k][e.segment[i]][origin] += got[origin]
    e.region.demand = [sum(sum(buyer) for buyer in bought) for bought in e.flows.trade]
    sell(e, rows)


def sell(e: State, rows: list[int]) -> None:
    """Sales, other inputs, production tax, and what levers buy and cost."""
    for i in rows:
        k = e.segment[i]
        e.sales[i] = sum(e.final_sales[i]) + e.intermediate_sales[i]
        e.other_inputs[i] = (cost_lag(e, k) * e.cal.other_inputs[k] + adaptation(e, i, e.price)) * e.output[i]
        e.production_tax[i] = e.arrays.production_tax[k] * e.price[i] * e.output[i]
    for name, orders in e.flows.purchased.items():
        e.flows.purchased[name] = [e.fill[i] * asked for i, asked in enumerate(orders)]
    public = [sum(delivered[i] for delivered in e.flows.purchased.values()) for i in range(e.n)]
    for market, row in enumerate(FINAL_SALES):
        paid = [e.final_sales[i][market] - (public[i] if market == 1 else 0.0) for i in range(e.n)]
        book(e, row, [paid[i] if e.active[i] else 0.0 for i in range(e.n)])
    for row, costs in e.policy.costs.items():
        spent = [cost if e.active[i] else 0.0 for i, cost in enumerate(costs)]
        e.cash = [cash - cost for cash, cost in zip(e.cash, spent, strict=True)]
        e.booked[row] = e.booked.get(row, 0.0) + sum(spent)


def pay(e: State) -> None:
    """Suppliers, production tax, staff, and the orders expected for next year."""
    p, rows = e.at_production, [i for i in range(e.n) if e.active[i]]
    for i in rows:
        e.cash[i] += e.intermediate_sales[i] - e.purchases_local[i]
    e.booked[str(Row.INTERMEDIATES_LOCAL)] = sum(e.purchases_local[i] for i in rows)
    for row, column in (
        (Row.INTERMEDIATES_NATIONAL, e.purchases_national),
        (Row.INTERMEDIATES_ABROAD, e.purchases_abroad),
        (Row.OTHER_INPUTS, e.other_inputs),
        (Row.PRODUCTION_TAX, [max(0.0, due) for due in e.production_tax]),
        (Row.PRODUCTION_SUBSIDY, [max(0.0, -due) for due in e.production_tax]),
    ):
        book(e, row, [column[i] if e.active[i] else 0.0 for i in range(e.n)])
    paid = [[0.0] * e.n, [0.0] * e.n]
    for i in rows:
        k, hours = e.segment[i], labour_capacity(e, i)
        over = min(max(0.0, e.output[i] / hours - 1.0), e.at_labour.overtime) if hours > 0 else 0.0
        more = e.at_labour.overtime_pay * over
        ordinary = e.ordinary[i] * person(e, 0, k) * (1.0 + more)
        skilled = (e.skilled[i] * (1.0 + more) + e.research[i]) * person(e, 1, k)
        e.labour_cost[i] = ordinary + skilled
        paid[0][i], paid[1][i] = (cost / e.arrays.labour_cost_factor[k] for cost in (ordinary, skilled))
    book(e, Row.WAGES_ORDINARY, paid[0])
    book(e, Row.WAGES_SKILLED, paid[1])
    book(e, Row.CONTRIBUTIONS, [e.labour_cost[i] - paid[0][i] - paid[1][i] if e.active[i] else 0.0 for i in range(e.n)])
    e.flows.wages = [sum(paid[0]), sum(paid[1])]
    received, expected = segment_sum(e, e.orders), segment_sum(e, e.expected_orders)
    for k in range(e.S):
        if received[k] > 0 and expected[k] > 0:
            surprise = min(max(math.log(received[k] / expected[k]), -SURPRISE), SURPRISE)
            e.region.learned_growth[k] += p.learning * p.expectation * surprise
    for i in rows:
        seen = p.expectation * e.orders[i] + (1.0 - p.expectation) * e.expected_orders[i]
        k = e.segment[i]
        e.expected_orders[i] = seen * (1.0 + e.arrays.outlook[e.years + 1][k]) * math.exp(e.region.learned_growth[k])
