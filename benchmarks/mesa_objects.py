"""The same rules as plain Mesa objects, the way its tutorial writes a model: one agent an enterprise, methods, loops.

Left out of both models: entry, exit and missing links (demography is switched off), levers and shocks. Left out of the
objects alone, to their advantage: the ledger, all but nine of the recorded totals, and draws that belong to identities
(they take numbers as they come). The objects begin with the base year of the package: same enterprises, links, numbers.
`mesa_equivalence.py` holds both against each other.
"""

from __future__ import annotations

import math
import sys
from itertools import accumulate
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mesa
from scipy.special import betainc

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from second_opinion.reading import read  # noqa: E402

NATIONAL, ABROAD = "national", "abroad"
OUTSIDE = {-1: NATIONAL, -2: ABROAD}
TOTALS = ("sales", "output", "purchases_local", "purchases_national", "rd", "profit", "capital", "debt", "labour_cost")
MARKETS = range(4)
TOLERANCE = 1e-12


class Link:
    """A slot of a buyer for an input."""

    __slots__ = ("coefficient", "input", "supplier")

    def __init__(self, supplier: Any, bought: int, coefficient: float) -> None:
        self.supplier, self.input, self.coefficient = supplier, bought, coefficient


class Enterprise(mesa.Agent):
    """An enterprise with its links, its staff and its books."""

    def __init__(self, model: Chain, values: dict[str, Any]) -> None:
        super().__init__(model)
        self.links: list[Link] = []
        self.__dict__.update(values)

    def capacity(self) -> float:
        """Output that capital allows."""
        return self.model.output_per_capital[self.segment] * self.efficiency * self.capital

    def wage_index(self) -> tuple[float, float, float]:
        """Base cost of staff a unit, its ordinary share, and the CES index of pay."""
        m, k = self.model, self.segment
        ordinary, skilled = self.ordinary_coefficient * m.wage[0][k], self.skilled_coefficient * m.wage[1][k]
        total = ordinary + skilled
        share = ordinary / total if total > 0 else 0.0
        power = 1.0 - m.labour.substitution
        low, high = m.wage_level
        return total, share, (share * low**power + (1.0 - share) * high**power) ** (1.0 / power)

    def set_price(self) -> None:
        """Unit cost, markup and price, from the prices that suppliers asked last year."""
        m, k, p = self.model, self.segment, self.model.pricing
        self.efficiency = self.productivity / m.lag[k]
        cost, _, index = self.wage_index()
        labour = self.priced_labour * cost * index / m.trend_before
        inputs = 0.0
        for link in self.links:
            supplier = link.supplier
            inputs += link.coefficient * (supplier.old_price if supplier.__class__ is Enterprise else 1.0)
        rest = m.lag[k] * m.other[k] + inputs + m.production_tax[k] * self.old_price
        self.variable_cost = labour / self.efficiency + rest
        unit_cost = (labour + m.user_cost[k]) / self.efficiency + rest
        share = self.sales / m.sold[k] if m.sold[k] > 0 else 0.0
        if share > 0 and self.local_share > 0:
            response = p.markup_response * max(m.markup[k], p.markup_scale_floor)
            grown = self.markup + response * math.log(share / self.local_share)
            self.markup = min(grown, max(p.markup_ceiling, m.markup[k]))
        self.local_share = share
        wanted = (1.0 - p.lag) * (1.0 + self.markup) * unit_cost + p.lag * self.old_price
        self.price = max(wanted, m.floor[k] * self.variable_cost)

    def review_links(self) -> None:
        """Review links by chance, and choose among those shown and outside supply."""
        random, p = self.random, self.model.sourcing
        for link in self.links:
            supplier = link.supplier
            local = supplier.__class__ is Enterprise
            review = p.review_rate + p.fill_response * (1.0 - (supplier.fill if local else 1.0))
            u = random.random()
            if u >= p.break_rate + (1.0 - p.break_rate) * min(review, 1.0):
                continue
            stays = supplier if local and u >= p.break_rate else None
            link.supplier = self.chosen(link, stays)

    def chosen(self, link: Link, stays: Enterprise | None) -> Any:
        """A supplier by multinomial logit."""
        m, random, p, k = self.model, self.random, self.model.sourcing, link.input
        shown = [stays] if stays is not None else []
        members = m.members[k]
        drawn = random.choices(members, cum_weights=m.visible[k], k=p.sample) if len(members) > p.sample else members
        for other in drawn:
            if other is not self and other not in shown:
                shown.append(other)
        order = link.coefficient * self.expected_orders
        outside = math.exp(m.worth(p.quality_tolerance - self.quality))
        options, weights = [NATIONAL, ABROAD], [outside, outside * m.abroad[k][self.segment]]
        for other in shown:
            room = (1.0 + p.growable) * other.capacity() - other.expected_orders + (order if other is stays else 0.0)
            tight = 0.0
            if order > room:
                tight = min(-p.least_room, math.log(order / room)) if room > 0 else -p.least_room
            value = -p.substitution * math.log(other.price) + other.fill - 1.0 - p.capacity_weight * tight
            value += m.worth(other.quality - self.quality + p.quality_tolerance)
            value += p.park_weight if other.park == self.park else 0.0
            options.append(other)
            weights.append(m.home[k][self.segment] / len(shown) * math.exp(value))
        return random.choices(options, weights)[0]

    def attract(self) -> None:
        """Goodwill moves by chance; pull on the final markets."""
        m, p = self.model, self.model.demand
        size = self.expected_orders / (self.reference_size * m.trend) / p.volatility_size
        spread = min(max(p.volatility * size**p.volatility_slope, 0.03), 0.45) if size > 0 else 0.45
        b, u = (0.0 if p.goodwill == "off" else spread / math.sqrt(2.0)), self.random.random() - 0.5
        shock = -b * math.copysign(1.0, u) * math.log(1.0 - 2.0 * abs(u)) + math.log(1.0 - b * b)
        appeal = p.quality_elasticity * self.quality - (p.elasticity - 1.0) * math.log(self.price)
        for market in MARKETS:
            self.goodwill[market] += shock
            if self.market_share[market] > 0:
                lasting = p.adjustment * (self.goodwill[market] + appeal)
                fading = (1.0 - p.adjustment) * (math.log(self.market_share[market]) + shock)
                self.pull[market] = math.exp(fading + lasting)
                m.pulls[self.segment][market] += self.pull[market]

    def take_orders(self) -> None:
        """Shares of final markets, and what they order."""
        m, k = self.model, self.segment
        for market in MARKETS:
            if self.market_share[market] > 0:
                self.market_share[market] = self.pull[market] / m.pulls[k][market]
            self.final_sales[market] = self.market_share[market] * m.spent[k][market]

    def norm(self, sales: float) -> float:
        """R&D at the norm of the sector."""
        m, k = self.model, self.segment
        return self.rd_share * sales * m.promised[k] * m.rd_answer[self.high_tech][k]

    def want_staff(self) -> None:
        """Staff for the expected orders, and scientists for the R&D budget."""
        m, k, p = self.model, self.segment, self.model.labour
        units = min(self.expected_orders, self.capacity()) / (self.efficiency * m.trend)
        index = self.wage_index()[2]
        self.budget = self.norm(self.sales)
        pay = m.wage[1][k] * m.wage_level[1] * m.pay_growth
        aims = (
            self.ordinary_coefficient * units * (index / m.wage_level[0]) ** p.substitution,
            self.skilled_coefficient * units * (index / m.wage_level[1]) ** p.substitution,
            self.budget * self.research_share / pay,
        )
        for place, aim in enumerate(aims):
            skill, staff = min(place, 1), self.staff[place]
            aim = aim if staff <= 0 else staff + p.staff_adjustment * (aim - staff)
            stay = max(min((1.0 - p.quit_rate) * staff, aim), (1.0 - p.quit_rate - p.layoff_limit) * staff)
            self.places[place], self.staying[place] = max(0.0, aim - stay), stay
            m.vacancies[skill] += self.places[place]
            m.stayers[skill] += (1.0 - p.quit_rate) * staff

    def hire(self) -> None:
        """Hire at the rate at which places are filled, and do R&D."""
        m = self.model
        for place in range(3):
            skill = min(place, 1)
            self.staff[place] = self.staying[place] + m.rate[skill] * self.places[place]
            m.employed[skill] += self.staff[place]
        m.staff_productivity += sum(self.staff) * math.log(self.productivity)

    def plan_output(self) -> None:
        """What staff and capital allow, and final orders."""
        m, k, p = self.model, self.segment, self.model.labour
        for skill in (0, 1):
            self.pay[skill] = m.wage[skill][k] * m.wage_level[skill]
        self.rd_services = (1.0 - self.research_share) * self.budget
        self.rd = self.rd_services + self.staff[2] * self.pay[1]
        share, power = self.wage_index()[1], 1.0 - 1.0 / p.substitution
        ordinary = self.staff[0] / self.ordinary_coefficient if self.ordinary_coefficient > 0 else 0.0
        skilled = self.staff[1] / self.skilled_coefficient if self.skilled_coefficient > 0 else 0.0
        made = (share * ordinary**power + (1.0 - share) * skilled**power) ** (1.0 / power)
        self.hours = made * self.efficiency * m.trend
        self.feasible = min(self.capacity(), (1.0 + p.overtime) * self.hours)
        self.orders = sum(self.final_sales) / self.price
        self.intermediate_sales = 0.0

    def order_inputs(self, change: float) -> None:
        """Pass a change of output on to suppliers."""
        for link in self.links:
            if link.supplier.__class__ is Enterprise:
                link.supplier.orders += link.coefficient * change

    def answer_orders(self) -> bool:
        """Produce what is ordered within limits; whether that has changed."""
        made = min(self.orders, self.feasible)
        change = made - self.output
        if abs(change) <= TOLERANCE * made:
            return False
        self.output = made
        self.order_inputs(change)
        return True

    def deliver(self) -> None:
        """Buy inputs along the links, local ones as far as they were made."""
        m, premium = self.model, 1.0 + self.model.production.premium
        local = national = abroad = 0.0
        for link in self.links:
            units, supplier = link.coefficient * self.output, link.supplier
            if supplier.__class__ is Enterprise:
                paid, missing = units * supplier.fill * supplier.price, units * (1.0 - supplier.fill) * premium
                supplier.intermediate_sales += paid
                local, national = local + paid, national + missing
                m.trade[link.input][self.segment][0] += paid
                m.trade[link.input][self.segment][1] += missing
            elif supplier is ABROAD:
                abroad += units
                m.trade[link.input][self.segment][2] += units
            else:
                national += units
                m.trade[link.input][self.segment][1] += units
        self.purchases_local, self.purchases_national, self.purchases_abroad = local, national, abroad

    def sell(self) -> None:
        """Sales, costs and pay of the year."""
        m, k, p = self.model, self.segment, self.model.labour
        self.last_sales = self.sales
        for market in MARKETS:
            self.final_sales[market] *= self.fill
        self.sales = sum(self.final_sales) + self.intermediate_sales
        self.other_inputs = m.lag[k] * m.other[k] * self.output
        self.tax = m.production_tax[k] * self.sales
        over = min(max(self.output / self.hours - 1.0, 0.0), p.overtime) if self.hours > 0 else 0.0
        premium = 1.0 + p.overtime_pay * over
        self.labour_cost = self.staff[0] * self.pay[0] * premium
        self.labour_cost += self.staff[1] * self.pay[1] * premium + self.staff[2] * self.pay[1]
        self.inputs = self.purchases_local + self.purchases_national + self.purchases_abroad + self.other_inputs
        self.cash += self.sales - self.inputs - self.tax - self.labour_cost
        m.received[k] += self.orders
        m.expected[k] += self.expected_orders

    def expect(self) -> None:
        """Orders expected for next year."""
        m, p = self.model, self.model.production
        level = self.expected_orders + p.expectation * (self.orders - self.expected_orders)
        self.expected_orders = level * m.next_growth[self.segment]

    def search(self) -> None:
        """Discover, imitate and forget; next year's productivity and quality."""
        m, k, p, random = self.model, self.segment, self.model.innovation, self.random
        self.cash -= self.rd_services
        middle = m.median[k]
        absorptive = self.knowledge / (self.knowledge + middle) if self.knowledge > 0 else 0.0
        base = m.pool_base[self.park][k] * m.trend
        pool = m.pool[self.park][k] / base if base > 0 else 1.0
        serving = 1.0 if m.institute_knowledge[k] > 0 else 0.0
        norm = self.norm(self.last_sales)
        size = (self.expected_orders / (self.reference_size * m.trend)) ** p.size_elasticity
        around = 2.0 * absorptive * (p.spillover * pool + p.institute_effort * serving)
        effort = (self.rd / norm if norm > 0 else 0.0) * size + around
        likely = m.chance(min(10.0, max(0.0, effort)))
        found, process, product = 0.0, 0.0, 0.0
        discovered = random.random() < likely
        if discovered:
            found = max(0.0, p.step_low + (p.step_high - p.step_low) * random.betavariate(3.0, 3.0))
        if random.random() < likely * absorptive:
            other = random.choice(m.members[k])
            process = p.catch_up * max(0.0, other.log_productivity - self.log_productivity)
            product = p.catch_up * max(0.0, other.quality - self.quality)
        share = m.process_share[k]
        usual_around = 2.0 * absorptive * (p.spillover + p.institute_effort * serving)
        usual = m.chance(size + usual_around) * (1.0 - m.useless)
        factor = 1.0 / (1.0 + (p.product_step - 1.0) * p.product_share * usual)
        if found > 0 and random.random() < p.product_share:
            factor *= p.product_step
        self.products *= factor
        for market in (2, 3):
            self.goodwill[market] += p.product_reach * math.log(factor)
        z, q = self.log_productivity, self.quality
        mean = m.productivity_mean[k]
        self.new_productivity = mean + p.productivity_persistence * (z - mean) + share * (found + process)
        self.new_productivity += random.gauss(0.0, p.productivity_sd) - m.productivity_gain[k]
        mean = m.attainable[k]
        self.new_quality = mean + p.quality_persistence * (q - mean) + (1.0 - share) * (found + product)
        self.new_quality += random.gauss(0.0, p.quality_sd) - m.quality_gain[k]

    def learn(self) -> None:
        """Take on what the year's research has brought."""
        m, k, p = self.model, self.segment, self.model.innovation
        self.log_productivity, self.quality = self.new_productivity, self.new_quality
        keep = 1.0 - p.knowledge_depreciation
        self.knowledge = keep * self.knowledge + self.rd
        self.sales_stock = keep * self.sales_stock + self.last_sales * m.promised[k]
        norm = self.rd_share * self.sales_stock
        known = math.log(max(self.knowledge / norm, 1e-6)) if norm > 0 else 0.0
        level = self.log_productivity + p.knowledge_elasticity * known + self.digital + m.park_term[self.park]
        self.productivity = math.exp(level)

    def invest(self) -> None:
        """Replace and expand capital as far as cash and credit allow."""
        m, p, f = self.model, self.model.investment, self.model.finance
        self.efficiency = self.productivity / m.lag[self.segment]
        planned = self.capital + self.capital_ordered
        gap = self.expected_orders / (p.utilisation * m.output_per_capital[self.segment] * self.efficiency) - planned
        relative = gap / planned if planned > 0 else 0.0
        replaced = 0.0 if relative < -p.trigger else p.depreciation * self.capital
        expanded = gap if relative > m.trigger else 0.0
        wanted = replaced + expanded
        if wanted > 0 and not self.owner_backed:
            due = f.interest_rate * self.debt + f.spread * max(self.debt - f.leverage * planned, 0.0) + self.profit_tax
            credit = max(p.loan_to_value * self.capital - self.debt, 0.0)
            part = min(1.0, (max(self.cash - due, 0.0) + credit) / wanted)
            replaced, expanded = part * replaced, part * expanded
        self.depreciation = p.depreciation * self.capital
        self.capital += replaced + (1.0 - p.delay) * expanded + self.capital_ordered - self.depreciation
        self.capital_ordered = p.delay * expanded
        self.cash -= replaced + expanded

    def settle(self) -> None:
        """Interest, taxes, loans and dividends."""
        m, k, f = self.model, self.segment, self.model.finance
        normal = f.leverage * (self.capital + self.capital_ordered)
        interest = f.interest_rate * self.debt + f.spread * max(self.debt - normal, 0.0)
        spent = self.inputs + self.labour_cost + self.rd_services + self.tax + interest + self.depreciation
        self.profit = self.sales - spent
        self.profit_tax = m.tax_rate[self.high_tech] * max(0.0, self.profit - m.rd_deduction[k] * self.rd)
        self.cash -= interest + self.profit_tax
        limit = max(0.0, m.investment.loan_to_value * self.capital - self.debt)
        drawn = min(max(0.0, normal - self.debt, -self.cash), limit)
        repaid = min(max(0.0, self.debt - normal), max(0.0, self.cash - f.cash_need * self.sales))
        self.debt += drawn - repaid
        self.cash += drawn - repaid
        dividends = f.payout * max(0.0, self.cash - f.cash_need * self.sales)
        self.cash -= dividends
        if self.owner_backed:
            self.cash += max(0.0, -self.profit)
        broke = self.cash + self.capital + self.capital_ordered - self.debt < 0 and self.cash < 0
        self.default_years = self.default_years + 1 if broke else 0


class Chain(mesa.Model):
    """The chain of a scenario without entry and exit, from the base year of an economy of the package."""

    def __init__(self, economy: Any, seed: int = 1) -> None:
        super().__init__(seed=seed)
        e = read(economy)
        self.years, self.e = 0, e
        for name in ("pricing", "sourcing", "demand", "labour", "production", "innovation", "investment", "finance"):
            setattr(self, name, getattr(e, f"at_{name}"))
        self.read_segments(e)
        self.read_region(e)
        made = [Enterprise(self, self.values(e, i)) for i in range(e.n)]
        for i, enterprise in enumerate(made):
            for j in range(e.link.start[i], e.link.start[i + 1]):
                place = e.link.supplier[j]
                supplier = made[place] if place >= 0 else OUTSIDE[place]
                enterprise.links.append(Link(supplier, e.link.input[j], e.link.coefficient[j]))
        self.members_by_row = made
        self.members: list[list[Enterprise]] = [[] for _ in range(e.S)]
        for enterprise in made:
            self.members[enterprise.segment].append(enterprise)
        self.users_first = [one for k in e.arrays.order for one in self.members[k]]
        reporters = {name: lambda m, name=name: sum(getattr(one, name) for one in m.agents) for name in TOTALS}
        self.datacollector = mesa.DataCollector(model_reporters=reporters)

    @staticmethod
    def values(e: SimpleNamespace, i: int) -> dict[str, Any]:
        """What an enterprise begins with."""
        names = [name for name, column in vars(e).items() if isinstance(column, list) and len(column) == e.n]
        found = {name: getattr(e, name)[i] for name in names if not hasattr(mesa.Agent, name)}
        staff = [e.ordinary[i], e.skilled[i], e.research[i]]
        return found | {"staff": staff, "places": [0.0] * 3, "staying": [0.0] * 3, "pull": [0.0] * 4, "pay": [0.0] * 2}

    def read_segments(self, e: SimpleNamespace) -> None:
        """Constants of segments."""
        a, c, S = e.arrays, e.cal, range(e.S)
        self.wage, self.other, self.production_tax, self.markup = a.wage, c.other_inputs, a.production_tax, c.markup
        self.user_cost, self.process_share, self.quality_gain = c.user_cost, a.process_share, c.quality_gain
        self.productivity_mean, self.productivity_gain = c.productivity_mean, c.productivity_gain
        self.quality_gain = [gain + drag for gain, drag in zip(c.quality_gain, a.drag, strict=True)]
        self.home = [[math.exp(h) if h > -30.0 else 0.0 for h in row] for row in c.home]
        self.abroad = [[math.exp(h) for h in row] for row in c.abroad]
        full_use = e.at_investment.utilisation
        self.output_per_capital = [1.0 / (full_use * a.capital_per_output[k]) for k in S]
        outlay = [sum(row[k] for row in a.technical) + c.other_inputs[k] + a.production_tax[k] for k in S]
        least = e.at_pricing.price_floor
        self.floor = [min(least, 1.0 / spent) if spent > 0 else least for spent in outlay]
        p = e.at_innovation
        self.useless = float(betainc(3.0, 3.0, -p.step_low / (p.step_high - p.step_low)))
        self.trigger = min(e.at_investment.trigger, 1.0 / full_use - 1.04)
        self.institute_knowledge, self.tax_rate = a.institute_knowledge, a.profit_tax
        self.rival = [list(row) for row in e.rival_share]

    def read_region(self, e: SimpleNamespace) -> None:
        """The labour market, parks and memory of the region."""
        r = e.region
        self.force, self.rest, self.scale = list(r.labour_force), list(r.rest), r.match_scale
        self.unemployment, self.wage_reference = list(r.unemployment), list(r.wage_reference)
        self.wage_level, self.mean_productivity = list(r.wage_index), r.mean_productivity
        self.learned, self.cycle = list(r.learned_growth), [list(part) for part in r.market_cycle]
        self.pool_base, self.park_base, self.park_places = r.knowledge_pool_base, r.park_staff_base, r.park_places

    def worth(self, excess: float) -> float:
        """Attractiveness of quality beyond what is required."""
        p = self.sourcing
        return p.quality_weight * (min(excess, 0.0) + p.quality_beyond * max(excess, 0.0))

    def chance(self, effort: float) -> float:
        """Probability of a discovery."""
        return 1.0 - math.exp(-self.innovation.discovery_rate * effort**self.innovation.effort_elasticity)

    def new_year(self) -> None:
        """What changes with the calendar."""
        a, S = self.e.arrays, range(self.e.S)
        self.years += 1
        self.trend_before, self.trend = self.trend_of(self.years - 1), self.trend_of(self.years)
        slow = 1.0 - self.pricing.passthrough
        self.lag = [(1.0 - slow * a.price_trend[k]) ** self.years for k in S]
        self.promised = [(1.0 + a.outlook[self.years][k]) * math.exp(self.learned[k]) for k in S]
        self.rd_deduction = a.rd_deduction[self.years]
        self.rd_answer = [[self.tax_answer(rate, k) for k in S] for rate in a.profit_tax]
        self.pay_growth = 1.0 + a.wage_growth

    def trend_of(self, years: int) -> float:
        """The common trend of productivity in value."""
        return (1.0 + self.e.arrays.productivity_growth) ** years

    def tax_answer(self, rate: float, k: int) -> float:
        """Answer of R&D to national tax law of the year."""
        first, law = self.e.arrays.rd_deduction[0][k], self.rd_deduction[k]
        cost = (1.0 - rate * (1.0 + law)) / (1.0 - rate * (1.0 + first))
        return cost**-self.innovation.user_cost_elasticity

    def price(self) -> None:
        """All enterprises set prices at once."""
        self.sold = [sum(one.sales for one in members) for members in self.members]
        for one in self.agents:
            one.old_price = one.price
        self.agents.shuffle_do("set_price")

    def source(self) -> None:
        """All buyers review their links."""
        p = self.sourcing
        self.visible = []
        for members in self.members:
            total = sum(one.expected_orders for one in members)
            size = len(members) / total if total > 0 else 0.0
            weights = (p.visibility * one.expected_orders * size + 1.0 - p.visibility for one in members)
            self.visible.append(list(accumulate(weights)))
        self.agents.shuffle_do("review_links")

    def sell_to_markets(self) -> None:
        """Final markets choose."""
        p, a, S = self.demand, self.e.arrays, range(self.e.S)
        rho, news = p.market_persistence, math.sqrt(1.0 - p.market_persistence**2)
        common = self.random.gauss(0.0, 1.0)
        variance = (p.market_volatility**2 + p.segment_volatility**2) * (1.0 - rho ** (2 * self.years))
        self.spent = []
        for k in S:
            self.cycle[0][k] = rho * self.cycle[0][k] + p.market_volatility * news * common
            self.cycle[1][k] = rho * self.cycle[1][k] + p.segment_volatility * news * self.random.gauss(0.0, 1.0)
            factor = math.exp(self.cycle[0][k] + self.cycle[1][k] - 0.5 * variance)
            self.spent.append([factor * path for path in a.expenditure[self.years][k]])
        self.pulls = [[0.0] * 4 for _ in S]
        for k in S:
            for market in MARKETS:
                if self.rival[k][market] > 0:
                    fading = (1.0 - p.adjustment) * math.log(self.rival[k][market])
                    worth = p.adjustment * self.e.cal.rival_goodwill[k][market]
                    self.rival[k][market] = self.pulls[k][market] = math.exp(fading + worth)
        self.agents.shuffle_do("attract")
        self.agents.do("take_orders")
        for k in S:
            for market in MARKETS:
                if self.pulls[k][market] > 0:
                    self.rival[k][market] /= self.pulls[k][market]

    def promised_jobs(self) -> list[float]:
        """Growth of employment that market paths promise, by skill."""
        a, total = self.e.arrays, [0.0, 0.0]
        for one in self.agents:
            grown = (1.0 + a.outlook[self.years][one.segment]) / (1.0 + a.productivity_growth) - 1.0
            total[0] += one.staff[0] * grown
            total[1] += (one.staff[1] + one.staff[2]) * grown
        return [jobs / force for jobs, force in zip(total, self.force, strict=True)]

    def staff_up(self) -> None:
        """Migration, hiring and wages."""
        p, a, pay_growth = self.labour, self.e.arrays, math.log(1.0 + self.e.arrays.wage_growth)
        jobs, self.vacancies, self.stayers = self.promised_jobs(), [0.0, 0.0], [0.0, 0.0]
        self.agents.shuffle_do("want_staff")
        self.rate, wanted_rest = [0.0, 0.0], [0.0, 0.0]
        for s in (0, 1):
            slack = self.unemployment[s] - a.unemployment
            gap = math.log(self.wage_level[s]) - (self.years - 1) * pay_growth
            self.force[s] *= 1.0 + p.migration_outlook * jobs[s] + p.migration * gap - p.migration_unemployment * slack
            wanted_rest[s] = self.rest[s] * (1.0 + p.rest_response * slack)
            stay = (1.0 - p.quit_rate) * self.rest[s]
            vacancies = self.vacancies[s] + max(0.0, wanted_rest[s] - stay)
            free = max(0.0, self.force[s] - self.stayers[s] - stay)
            if vacancies > 0:
                hires = self.scale[s] * vacancies ** (1.0 - p.matching_elasticity) * free**p.matching_elasticity
                least = min(p.unemployment_floor, a.unemployment) * self.force[s]
                self.rate[s] = min(vacancies, hires, max(0.0, free - least)) / vacancies
            kept = min(stay, wanted_rest[s])
            self.rest[s] = kept + self.rate[s] * max(0.0, wanted_rest[s] - kept)
        self.employed, self.staff_productivity = [0.0, 0.0], 0.0
        self.agents.shuffle_do("hire")
        everybody = sum(self.employed)
        mean = self.staff_productivity / everybody if everybody > 0 else 0.0
        gain, self.mean_productivity = mean - self.mean_productivity, mean
        for s in (0, 1):
            working = self.employed[s] + self.rest[s]
            self.unemployment[s] = 1.0 - working / self.force[s]
            share = self.employed[s] / working if working > 0 else 0.0
            self.wage_reference[s] *= math.exp(pay_growth + p.wage_productivity * share * gain)
            curve = math.log(self.wage_reference[s]) + p.wage_curve * math.log(self.unemployment[s] / a.unemployment)
            last = math.log(self.wage_level[s])
            self.wage_level[s] = math.exp(last + pay_growth + p.wage_adjustment * (curve - last - pay_growth))

    def produce(self) -> None:
        """Orders run upstream until output answers them; deliveries run downstream."""
        p, a, S = self.production, self.e.arrays, range(self.e.S)
        self.agents.do("plan_output")
        for one in self.users_first:
            one.order_inputs(one.output)
        changed = len(self.users_first)
        while changed:
            changed = sum(one.answer_orders() for one in self.users_first)
        for one in self.agents:
            one.fill = min(one.output / one.orders, 1.0) if one.orders > 0 else 1.0
        self.trade = [[[0.0] * 3 for _ in S] for _ in S]
        self.received, self.expected = [0.0] * len(S), [0.0] * len(S)
        self.agents.do("deliver")
        self.agents.do("sell")
        for k in S:
            if self.received[k] > 0 and self.expected[k] > 0:
                surprise = min(max(math.log(self.received[k] / self.expected[k]), -0.2), 0.2)
                self.learned[k] += p.learning * p.expectation * surprise
        self.next_growth = [(1.0 + a.outlook[self.years + 1][k]) * math.exp(self.learned[k]) for k in S]
        self.agents.do("expect")

    def innovate(self) -> None:
        """Knowledge spills over, enterprises search, parks grow dense."""
        p, a, S = self.innovation, self.e.arrays, range(self.e.S)
        self.median = [self.middle([one.knowledge for one in members]) for members in self.members]
        parks = range(len(self.park_base))
        stock, staff = [[0.0] * len(S) for _ in parks], [0.0] * len(parks)
        usual = [0.0] * len(S)
        for one in self.agents:
            stock[one.park][one.segment] += one.knowledge
            usual[one.segment] += one.rd_share * one.sales_stock
            if a.chain[one.segment]:
                staff[one.park] += sum(one.staff)
        own = [[sum(near[j][k] * row[j] for j in S) for k in S] for near in [a.proximity] for row in stock]
        total = [sum(row[k] for row in own) for k in S]
        self.pool = [[row[k] + p.other_park * (total[k] - row[k]) for k in S] for row in own]
        fade, pay = p.knowledge_depreciation, 1.0
        for year in range(1, self.years):
            pay = (1.0 - fade) * pay + fade * self.trend_of(year)
        self.attainable = []
        here = [sum(row[k] for row in stock) / pay + a.institute_knowledge[k] for k in S]
        there = [usual[k] / pay + a.institute_knowledge[k] for k in S]
        for k in S:
            known, norm = (sum(a.proximity[j][k] * stocks[j] for j in S) for stocks in (here, there))
            moved = p.knowledge_quality * math.log(known / norm) if known > 0 and norm > 0 else 0.0
            self.attainable.append(min(a.quality_gap[k] + moved, 0.0))
        self.park_term = []
        for now, base, places in zip(staff, self.park_base, self.park_places, strict=True):
            dense = math.log(max(now / base, 1e-6)) if base > 0 else 0.0
            crowd = max(0.0, math.log(now / places)) if places > 0 and now > 0 else 0.0
            self.park_term.append(p.agglomeration * dense - p.congestion * crowd)
        self.agents.shuffle_do("search")
        self.agents.do("learn")

    @staticmethod
    def middle(values: list[float]) -> float:
        """Median."""
        values, half = sorted(values), len(values) // 2
        if not values:
            return 0.0
        return values[half] if len(values) % 2 else 0.5 * (values[half - 1] + values[half])

    def step(self) -> None:
        """One year."""
        self.new_year()
        self.price()
        self.source()
        self.sell_to_markets()
        self.staff_up()
        self.produce()
        self.innovate()
        self.agents.do("invest")
        self.agents.do("settle")
        self.datacollector.collect(self)
