"""R&D, knowledge, discovery and imitation.

    R&D = nu x last year's sales x (B / B_0)^-eta,  B = (1 - tau (1 + d)) / (1 - tau)
    Pr(discover) = 1 - exp(-rate x^b),  x = R&D intensity over its norm x relative size^s + spillovers + institutes
    z' = z_mean + rho (z - z_mean) + gain - G + noise,  the same for quality
    ln A = z + gamma ln(knowledge intensity) + agglomeration + institutes
    n' = n (1 - r_i) x 1.3 after a discovery of a product,   (1 - r_i)(1 + .3 s Pr_norm) = 1
    q_mean = gap + theta ln(K / usual K)                 quality that a segment returns to, K the knowledge around it

The frontier moves by the expected base-year gain G plus drag, constant over the run, so standing still is falling
behind and policy can beat it. Source: two-step search of the K+S family (Dosi, Fagiolo and Roventini 2010), capital
of knowledge (Griliches 1979), absorptive capacity (Cohen and Levinthal 1990).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from chainsim.economy import draws, group_sums, kernels
from chainsim.economy.arrays import NATIONAL_MARKET
from chainsim.economy.candidates import peers
from chainsim.economy.derived import (
    BaseKnowledge,
    accumulated_pay,
    base_knowledge,
    institute_ratio,
    knowledge_pool,
)
from chainsim.economy.ledger import Row
from chainsim.economy.parameters import NonNegative, Number, OpenShare, Positive, Share, parameter
from chainsim.economy.types import Array, Index
from chainsim.stages.base import Stage

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


MOST_EFFORT = 10.0
"""Largest research effort over the norm."""
QUANTILES = np.linspace(0.0005, 0.9995, 1000)
"""Quantiles over which the size of discoveries is averaged."""


class Innovation(Stage):
    """R&D, knowledge, discovery and imitation.

    Reads: R&D, sales, talent, staff by park. Entry points: rd_support, rd_effort, rd_deduction, rd_tax_cut,
    relabelling, discovery, spillover, adoption, institutes, park_places. Writes: log_productivity,
    quality, knowledge, sales_stock, productivity, digital.

    Disabled: R&D is spent but productivity and quality stay.
    """

    key: ClassVar[str] = "innovation"
    reads_stages: ClassVar[frozenset[str]] = frozenset({"demand"})

    # fmt: off
    discovery_rate: NonNegative = parameter(0.15, "1/y", 0.08, 0.3, "C: K+S family, search .3 x success .5",
        "rate of discovery at norm effort, zeta xi")
    effort_elasticity: Share = parameter(0.5, "1", 0.3, 0.8, "J", "elasticity of the rate to effort, b")
    size_elasticity: Share = parameter(0.25, "1", 0.0, 0.5, "T", "elasticity of effort to relative size")
    step_low: Number = parameter(-0.15, "log", -0.2, -0.05, "T", "worst draw of an innovation")
    step_high: Positive = parameter(0.30, "log", 0.15, 0.4, "T", "best draw of an innovation", le=10)
    catch_up: Share = parameter(0.5, "1", 0.2, 0.8, "J",
        "share of the gap to a better enterprise that imitation closes")
    productivity_persistence: OpenShare = parameter(0.95, "1", 0.85, 0.98, "T",
        "yearly persistence of log productivity")
    productivity_sd: NonNegative = parameter(0.08, "log", 0.05, 0.15, "T",
        "standard deviation of the yearly productivity shock, s_z")
    quality_persistence: OpenShare = parameter(0.95, "1", 0.85, 0.98, "T", "yearly persistence of quality")
    quality_sd: NonNegative = parameter(0.06, "log", 0.03, 0.1, "T", "standard deviation of the yearly quality shock")
    knowledge_depreciation: Share = parameter(0.15, "1/y", 0.10, 0.40, "S: Hall 2007",
        "depreciation of knowledge", gt=0)
    knowledge_elasticity: NonNegative = parameter(0.03, "1", 0.01, 0.06,
        "T: R&D elasticity .08 (S: Ugur et al. 2016, .03-.13)", "elasticity of productivity to knowledge intensity", le=3)
    agglomeration: NonNegative = parameter(0.04, "1", 0.02, 0.10, "S: Melo et al. 2009; Combes and Gobillon 2015",
        "elasticity of productivity to staff density of the park", le=3)
    congestion: NonNegative = parameter(0.02, "1", 0.0, 0.05, "J",
        "loss of productivity per log of staff over the park's capacity")
    institute_elasticity: NonNegative = parameter(0.04, "1", 0.02, 0.06, "S: Valero and Van Reenen 2019",
        "elasticity of productivity to institute knowledge", le=3)
    user_cost_elasticity: NonNegative = parameter(1.0, "1", 0.15, 2.5, "S: Hall and Van Reenen 2000; Thomson 2017",
        "response of R&D to its user cost", le=20)
    spillover: NonNegative = parameter(0.2, "1", 0.0, 0.5, "J",
        "effort that the knowledge pool of the neighbourhood adds at norm absorptive capacity")
    institute_effort: NonNegative = parameter(0.1, "1", 0.0, 0.3, "J",
        "effort that institute knowledge adds at norm absorptive capacity")
    same_industry: Share = parameter(0.5, "1", 0.2, 1.0, "J",
        "weight of knowledge in other segments of the same leading industry")
    same_tier: Share = parameter(0.25, "1", 0.0, 0.5, "J", "weight of knowledge in other segments of the same tier")
    other_park: Share = parameter(0.3, "1", 0.0, 1.0, "J", "weight of knowledge in other parks against the own park")
    product_share: Share = parameter(0.3, "1", 0.1, 0.5,
        "J: half of firms do in five years (S: Bernard et al. 2010)", "share of discoveries that are new products")
    product_step: Positive = parameter(1.3, "1", 1.1, 1.5, "T", "factor of a new product on the number of products", ge=1)
    product_reach: NonNegative = parameter(0.1, "1", 0.0, 0.3, "T",
        "goodwill in national and foreign markets per log of products, won and lost")
    products_by_size: Share = parameter(0.5, "1", 0.2, 0.8, "T",
        "elasticity of the number of products of new and base-year enterprises to size over a small one's")
    knowledge_quality: NonNegative = parameter(0.3, "1", 0.1, 0.6, "J",
        "elasticity of the quality that a segment returns to, or a plant starts at, to the knowledge around it, theta")
    # fmt: on

    # fmt: off
    writes: ClassVar[frozenset[str]] = frozenset({
        "log_productivity", "quality", "knowledge", "sales_stock", "productivity", "digital", "digital_coming", "cash",
        "products", "goodwill",
    })
    # fmt: on

    def norm_rd(self, economy: Economy, sales: Array | None = None) -> Array:
        """R&D on last year's `sales`, as promised for this one, at the user cost of national law, (n,), CNY million."""
        sales = economy.promised_sales(economy.sales if sales is None else sales)
        usual, high_tech = (answer[economy.segment] for answer in self.answer_to_law(economy))
        answer = np.where(economy.high_tech, high_tech, usual)
        return np.where(economy.active, economy.rd_share * sales * answer, 0.0)

    def answer_to_law(self, economy: Economy) -> Array:
        """R&D at national law over that at the law of the base year, (2, S): of usual and of high-tech enterprises."""
        arrays, year = economy.arrays, economy.years if economy.stages.finance.enabled else 0
        answers: Array = economy.once(answers_to_law, arrays.profit_tax, arrays.rd_deduction, self.user_cost_elasticity)
        return answers[year]

    def tax_response(self, economy: Economy) -> Array | float:
        """R&D that enterprises report over that at national rules, (n,): their response to what levers do to taxes."""
        policy = economy.policy
        if policy.is_neutral("rd_deduction") and policy.is_neutral("rd_tax_cut"):
            return 1.0
        tax, extra = economy.profit_tax_rate(), economy.rd_deduction() + policy.rd_deduction
        cost = rd_user_cost(np.maximum(tax - policy.rd_tax_cut, 0.0), extra) / rd_user_cost(tax, economy.rd_deduction())
        return cost**-self.user_cost_elasticity

    def own_rd(self, economy: Economy) -> Array:
        """R&D that enterprises pay themselves, (n,), CNY million; of an answer to a deduction the real part only."""
        policy, response = economy.policy, self.tax_response(economy)
        own = self.norm_rd(economy)
        if isinstance(response, np.ndarray) or response != 1.0:
            own = own * (1.0 + (1.0 - policy.relabelling) * (response - 1.0))
        return own if policy.is_neutral("rd_effort") else own * policy.rd_effort

    def relabelled(self, economy: Economy) -> Array:
        """Other cost reported as R&D because of an extra deduction, (n,), CNY million; asked after production."""
        policy = economy.policy
        return (
            self.norm_rd(economy, economy.last_sales)
            * policy.relabelling
            * np.maximum(self.tax_response(economy) - 1.0, 0.0)
        )

    def rd_budget(self, economy: Economy) -> Array:
        """R&D budget of the year, (n,), CNY million: own money and what public support adds."""
        own = self.own_rd(economy)
        return np.maximum(own if economy.policy.is_neutral("rd_support") else own + economy.policy.rd_support, 0.0)

    def absorptive_capacity(self, economy: Economy) -> Array:
        """Knowledge over knowledge plus the segment's median, (n,)."""
        median = economy.median_by_segment(economy.knowledge)
        total = economy.knowledge + median[economy.segment]
        return np.divide(economy.knowledge, total, out=np.zeros_like(total), where=total > 0)

    def effort(self, economy: Economy, absorptive: Array) -> Array:
        """Research effort relative to the norm, (n,), between 0 and 10."""
        norm = economy.rd_share * economy.promised_sales(economy.last_sales)
        intensity = np.divide(economy.rd, norm, out=np.zeros_like(norm), where=norm > 0)
        own = intensity * self.own_effort(economy) * (1.0 + self.talent_share(economy))
        region = economy.region
        base = region.knowledge_pool_base * economy.trend
        pool = np.divide(knowledge_pool(economy, self.other_park), base, out=np.ones_like(base), where=base > 0)
        nearby = pool.take(economy.park * economy.arrays.size + economy.segment)
        institutes = (economy.arrays.institute_knowledge > 0) + (institute_ratio(economy) - 1.0)
        around = (
            self.spillover * economy.policy.spillover * nearby + self.institute_effort * institutes[economy.segment]
        )
        effort = np.where(economy.active, own + 2.0 * absorptive * around, 0.0)
        return np.minimum(np.maximum(effort, 0.0), MOST_EFFORT)

    def own_effort(self, economy: Economy) -> Array:
        """Effort of an enterprise's own research at the norm, (n,): it rises with size."""
        return np.maximum(economy.relative_size, 1e-9) ** self.size_elasticity

    def chance(self, effort: Array) -> Array:
        """Probability of a discovery in a year at an `effort` (n,), (n,)."""
        return -np.expm1(-self.discovery_rate * effort**self.effort_elasticity)

    def discoveries(self, economy: Economy, chance: Array, key: str = "innovation") -> Discoveries:
        """Who discovers something this year."""
        lucky = draws.uniform(economy, f"{key}.discovery") < chance + economy.policy.discovery
        rows = np.flatnonzero(lucky & economy.active)
        return Discoveries(rows, draws.uniform(economy, f"{key}.step", rows))

    def useless_share(self) -> float:
        """Share of discoveries that are of no use, the worst ones."""
        useless = min(max(-self.step_low / (self.step_high - self.step_low), 0.0), 1.0)
        return float(kernels.beta_below(useless))

    def gains(
        self, economy: Economy, chance: Array, absorptive: Array, found: Discoveries, key: str = "innovation"
    ) -> tuple[Array, Array]:
        """Log gains of productivity and quality from discoveries and from imitation, two of (n,)."""
        process = economy.arrays.process_share[economy.segment]
        productivity, quality = np.zeros(economy.n), np.zeros(economy.n)
        gain, part = self.innovation_step(found.luck), process[found.rows]
        productivity[found.rows] += part * gain
        quality[found.rows] += (1.0 - part) * gain
        copying = np.flatnonzero(draws.uniform(economy, f"{key}.imitation") < chance * absorptive)
        model = self.imitated(economy, copying, f"{key}.model")
        for state, out, part in (
            (economy.log_productivity, productivity, process),
            (economy.quality, quality, 1.0 - process),
        ):
            out[copying] += part[copying] * self.catch_up * np.maximum(state[model] - state[copying], 0.0)
        return productivity, quality

    def expected_gains(self, economy: Economy, chance: Array, absorptive: Array) -> tuple[Array, Array]:
        """Expected value of `gains`, two of (n,)."""
        process = economy.arrays.process_share[economy.segment]
        step = economy.once(self.mean_step)
        productivity, quality = (
            part
            * chance
            * (
                step
                + absorptive
                * self.catch_up
                * group_sums.mean_excess(state, economy.segment, economy.rows, economy.arrays.size)
            )
            for state, part in ((economy.log_productivity, process), (economy.quality, 1.0 - process))
        )
        return productivity, quality

    def mean_step(self) -> float:
        """Mean size of discoveries, log, over their quantiles."""
        return float(self.innovation_step(QUANTILES).mean())

    def innovation_step(self, u: Array) -> Array:
        """Size of discoveries, (m,), log: Beta(3, 3) between the worst and best draw, kept if positive."""
        return np.maximum(self.step_low + (self.step_high - self.step_low) * draws.beta(u), 0.0)

    def imitated(self, economy: Economy, rows: Index, key: str) -> Index:
        """The enterprise that each of `rows` looks at, (m,): another of its segment, all equally likely."""
        u, place = draws.uniform(economy, key, rows), draws.draw_key(economy.seed, f"{key}.place", economy.year)
        return peers(economy.identity, economy.segment, economy.rows, place, economy.segment[rows], u)

    def agglomeration_term(self, economy: Economy) -> Array:
        """Log productivity by density of the park, (n,), zero in the base year; congestion above the park's places."""
        region = economy.region
        ratio = region.park_staff / np.maximum(region.park_staff_base, 1e-300)
        density = np.where(region.park_staff_base > 0, np.log(np.maximum(ratio, 1e-6)), 0.0)
        crowded = np.log(np.maximum(region.park_staff / np.maximum(region.park_places, 1e-300), 1.0))
        crowded = np.where(region.park_places > 0, crowded, 0.0)
        return (self.agglomeration * density - self.congestion * crowded)[economy.park]

    def productivity(self, economy: Economy) -> Array:
        """Productivity of labour and capital, (n,), 1 at the segment norm."""
        norm = economy.rd_share * economy.sales_stock
        intensity = np.divide(economy.knowledge, norm, out=np.ones_like(norm), where=norm > 0)
        knowledge = self.knowledge_elasticity * np.log(np.maximum(intensity, 1e-6))
        institutes = self.institute_elasticity * np.log(institute_ratio(economy))[economy.segment]
        talent = self.knowledge_elasticity * np.log1p(self.talent_share(economy))
        own = economy.log_productivity + knowledge + talent + economy.digital
        return np.exp(own + self.agglomeration_term(economy) + institutes)

    def talent_share(self, economy: Economy) -> Array:
        """People who came by talent programmes over R&D staff, one person at least, (n,); at most 1."""
        if not economy.talent.any():
            return np.zeros(economy.n)
        return np.minimum(economy.talent / np.maximum(economy.research, 1.0), 1.0)

    def attainable_quality(self, economy: Economy) -> Array:
        """Quality at which plants start and to which enterprises return, (S,), log: the gap, moved by knowledge."""
        gap = economy.arrays.quality_gap
        usual, now = self.usual_knowledge(economy), self.knowledge_around(economy)
        ratio = np.divide(now, usual, out=np.ones_like(usual), where=(usual > 0) & (now > 0))
        return np.minimum(gap + self.knowledge_quality * np.log(ratio), np.maximum(gap, 0.0))

    def usual_knowledge(self, economy: Economy) -> Array:
        """Knowledge around each segment at which the gap stays, (S,), CNY million at base-year pay.

        Of a segment that had enterprises, what the same sales bring with R&D at its norm, and institutes as in the base
        year; of a missing link all knowledge of the base year.
        """
        arrays, base = economy.arrays, self.base_knowledge(economy)
        at_norm = np.zeros(arrays.size)
        kernels.product_totals(economy.rd_share, economy.sales_stock, economy.segment, economy.active, at_norm)
        at_norm /= accumulated_pay(economy, self.knowledge_depreciation)
        at_norm = np.where(base.missing, base.plants, at_norm)
        return np.where(base.missing, base.around, arrays.proximity @ (at_norm + arrays.institute_knowledge))

    def knowledge_around(self, economy: Economy) -> Array:
        """Knowledge that serves each segment, its own and that of those near it, (S,), CNY million at base-year pay.

        Of enterprises with the people who came to them, of institutes with what grants added, of people who came to
        laboratories of missing links, each worth the R&D that a researcher's pay stands for as at enterprises, and for
        a missing link what a plant of minimum scale brings.
        """
        arrays, region, base = economy.arrays, economy.region, self.base_knowledge(economy)
        enterprises, worth = np.zeros(arrays.size), 1.0 + self.talent_share(economy)
        kernels.product_totals(economy.knowledge, worth, economy.segment, economy.active, enterprises)
        pay = accumulated_pay(economy, self.knowledge_depreciation)
        own = (
            (enterprises + region.institute_added) / pay + arrays.institute_knowledge + region.link_talent * base.worth
        )
        return np.asarray(arrays.proximity @ (own + base.brought), dtype=np.float64)

    def base_knowledge(self, economy: Economy) -> BaseKnowledge:
        """What the base year fixes of the knowledge around segments."""
        fixed = economy.calibration
        return economy.once(
            base_knowledge, economy.arrays, fixed.base_enterprises, fixed.research_norm, self.knowledge_depreciation
        )

    def step(self, economy: Economy) -> None:
        """Spend on R&D, draw discoveries and imitations, update knowledge and productivity."""
        economy.ledger.book(Row.RD_SERVICES, economy.rd_services)
        self.build(economy)
        if self.enabled:
            absorptive = self.absorptive_capacity(economy)
            chance = self.chance(self.effort(economy, absorptive))
            found = self.discoveries(economy, chance)
            gains = self.gains(economy, chance, absorptive, found)
            self.renew_products(economy, self.new_products(economy, found), self.retirement(economy, absorptive))
            self.advance(economy, *gains)
        keep = 1.0 - self.knowledge_depreciation
        economy.knowledge[:] = keep * economy.knowledge + economy.rd
        economy.sales_stock[:] = keep * economy.sales_stock + economy.promised_sales(economy.last_sales)
        economy.region.park_staff[:] = economy.chain_staff_by_park()
        if self.enabled:
            economy.productivity[:] = self.productivity(economy)

    def new_products(self, economy: Economy, found: Discoveries) -> Index:
        """Rows of those whose discovery of the year is a new product, (m,)."""
        useful = found.luck > self.useless_share()
        return found.rows[useful & (draws.uniform(economy, "innovation.product", found.rows) < self.product_share)]

    def retirement(self, economy: Economy, absorptive: Array) -> Array:
        """Part of their products that enterprises lose, 1/y, (n,): as many as norm research adds."""
        around = self.spillover + self.institute_effort * (economy.arrays.institute_knowledge > 0)[economy.segment]
        norm = np.minimum(np.maximum(self.own_effort(economy) + 2.0 * absorptive * around, 0.0), MOST_EFFORT)
        added = (self.product_step - 1.0) * self.product_share * (1.0 - self.useless_share()) * self.chance(norm)
        return np.where(economy.active, added / (1.0 + added), 0.0)

    def renew_products(self, economy: Economy, new: Index, retired: Array) -> None:
        """Add the `new` (m,) products and take the `retired` part (n,); goodwill outside the region follows."""
        factor = 1.0 - retired
        factor[new] *= self.product_step
        economy.products[:] *= factor
        if economy.stages.demand.enabled:
            won = self.product_reach * np.log(factor)
            for of_market in economy.goodwill.T[NATIONAL_MARKET:]:
                of_market += won

    def build(self, economy: Economy) -> None:
        """Add to institute knowledge and park places what levers pay, and let adopters gain in two steps."""
        policy, region = economy.policy, economy.region
        region.institute_added *= 1.0 - self.knowledge_depreciation
        region.institute_added += policy.institutes
        region.park_places += policy.park_places
        economy.digital[:] += economy.digital_coming + 0.5 * policy.adoption
        economy.digital_coming[:] = 0.5 * policy.adoption

    def advance(self, economy: Economy, productivity_gain: Array, quality_gain: Array) -> None:
        """Move productivity and quality by gains, the frontier's pace and noise."""
        fixed, segment = economy.calibration, economy.segment
        mean = fixed.productivity_mean[segment]
        noise = self.productivity_sd * draws.normal(economy, "innovation.productivity")
        gain = productivity_gain - fixed.productivity_gain[segment] + noise
        economy.log_productivity[:] = mean + self.productivity_persistence * (economy.log_productivity - mean) + gain
        mean = self.attainable_quality(economy)[segment]
        noise = self.quality_sd * draws.normal(economy, "innovation.quality")
        pace = (fixed.quality_gain + economy.arrays.drag)[segment]
        economy.quality[:] = mean + self.quality_persistence * (economy.quality - mean) + quality_gain - pace + noise


class Discoveries(NamedTuple):
    """Rows of those who discover something this year, (m,), and the uniform numbers that say what it is worth, (m,)."""

    rows: Index
    luck: Array


def answers_to_law(profit_tax: tuple[float, float], deduction: Array, elasticity: float) -> Array:
    """R&D at the law of every year over that at the law of the base year, (T + 1, 2, S), by both profit tax rates."""
    tax, years = np.array(profit_tax)[:, None], deduction[:, None, :]
    relative = rd_user_cost(tax, years) / rd_user_cost(tax, deduction[0])
    return np.asarray(relative**-elasticity)


def rd_user_cost(tax: Array | float, deduction: Array | float) -> Array | float:
    """User cost of R&D, B = (1 - tau (1 + d)) / (1 - tau) (Warda 2001)."""
    return (1.0 - tax * (1.0 + deduction)) / (1.0 - tax)
