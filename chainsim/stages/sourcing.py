"""Buyers review their links and choose suppliers.

A link breaks by chance or exit, or is reviewed with `review_rate` + `fill_response` (1 - fill). At a review the buyer
compares national and foreign supply with a sample of local enterprises, drawn by size, by multinomial logit on

    V = -sigma ln p + bq [min(x, 0) + beyond max(x, 0)] + (fill - 1) - bcap max(0, ln(order / room))
        + park bonus + design-in bonus + home constant - ln(number of local candidates),
    x = q - required quality,   room = (1 + growable) capacity - expected orders

Outside supply has the quality of the frontier, q = 0, and counts in the same way. Slots are equal in quantity, so
sigma is the elasticity of quantity and sigma - 1 that of spending. Source: discrete choice (McFadden 1974) with rare
review; elasticity Bajzik et al. (2020).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from chainsim.economy import candidates, draws, kernels
from chainsim.economy.candidates import (
    BuyerState,
    CandidateTable,
    ChoiceRules,
    Introductions,
    OutsideSupply,
    PolicyBias,
    Sample,
    candidate_table,
)
from chainsim.economy.links import NATIONAL, NOBODY
from chainsim.economy.parameters import NonNegative, Number, Positive, Share, parameter
from chainsim.economy.types import Array, Index
from chainsim.stages.base import Stage

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy

NEVER = -30.0
"""Home constant of an input that is never bought in the region."""


class Sourcing(Stage):
    """Buyers review their links and choose suppliers.

    Reads: price, quality, fill, capacity, expected_orders. Entry points: outside_supply, outside_price,
    shared_shortage, local_bonus, introductions, required_inputs, purchases_raised. Writes: the suppliers of the links.

    Disabled: links stay, but those of closed suppliers pass to national supply.
    """

    key: ClassVar[str] = "sourcing"
    reads_stages: ClassVar[frozenset[str]] = frozenset({"investment", "pricing"})

    # fmt: off
    review_rate: Share = parameter(0.10, "1/y", 0.05, 0.5, "T: link survival .92 (S: Mizuno et al. 2014; Reisch et al. 2025)",
        "probability that a slot is reviewed when its supplier delivers in full")
    fill_response: NonNegative = parameter(0.5, "1/y", 0.2, 0.9, "T",
        "added review probability per unit of missing delivery")
    break_rate: Share = parameter(0.02, "1/y", 0.0, 0.1, "T", "probability that a link breaks without reason")
    sample: int = parameter(8, "enterprises", 3, 16, "J", "local suppliers sampled at a review", ge=1, le=32)
    visibility: Share = parameter(0.8, "1", 0.0, 1.0, "T: customer-degree tail",
        "weight of size, against equal chances, in being sampled")
    substitution: Positive = parameter(3.0, "1", 1.5, 5.0, "S: Bajzik et al. 2020",
        "elasticity of substitution between suppliers, sigma_A")
    quality_weight: NonNegative = parameter(1.5, "1", 0.5, 3.0, "J",
        "loss of attractiveness per log point of missing quality")
    quality_beyond: Share = parameter(0.7, "1", 0.3, 1.0, "J",
        "weight of quality beyond what a buyer requires, against that of missing quality")
    quality_tolerance: NonNegative = parameter(0.3, "log", 0.1, 0.6, "J",
        "quality below the buyer's own that is accepted without loss")
    capacity_weight: NonNegative = parameter(2.0, "1", 0.5, 3.0, "T",
        "loss of attractiveness per log of the order over spare capacity")
    growable: NonNegative = parameter(0.3, "1", 0.1, 0.6, "J",
        "capacity beyond that in place that buyers trust a supplier to build for them")
    least_room: Number = parameter(-5.0, "log", -7.0, -2.0, "J",
        "spare capacity over the order below which a supplier counts as no fuller", le=0)
    park_weight: NonNegative = parameter(0.3, "1", 0.0, 0.6, "J", "bonus of a supplier in the buyer's park")
    usual_fill: Share = parameter(0.99, "1", 0.98, 1.0, "T: delivered share of orders in the baseline",
        "delivered share at which the base year expects local links to be reviewed")
    design_in: NonNegative = parameter(1.5, "1", 0.5, 2.5, "J",
        "bonus of the first suppliers of a missing link, fading with age")
    design_in_years: Positive = parameter(5.0, "y", 3.0, 8.0, "J", "years over which the bonus fades")
    design_in_attention: Positive = parameter(3.0, "y", 2.0, 5.0, "J",
        "years after a missing link is filled in which buyers look at it more often")
    design_in_review: Share = parameter(0.2, "1/y", 0.0, 0.4, "J",
        "added review rate of outside slots while a filled link has attention")
    risk_weight: NonNegative = parameter(3.0, "1", 0.0, 5.0, "J",
        "loss of attractiveness of foreign supply that remains of a full cut of imports")
    risk_memory: Share = parameter(0.9, "1/y", 0.7, 1.0, "J", "part of that loss which is left a year later")
    # fmt: on

    def attraction(self, economy: Economy) -> Array:
        """Pull of each enterprise on any buyer, (n,): exponential of the price, delivery and design-in terms."""
        age = np.maximum(economy.year - economy.founded, 0)
        fading = np.maximum(0.0, 1.0 - age / self.design_in_years)
        bonus = np.where(economy.pioneer, self.design_in * fading, 0.0)
        return np.exp(self.price_term(economy) + (economy.fill - 1.0) + bonus)

    def price_term(self, economy: Economy) -> Array:
        """Attractiveness of each enterprise's price, log, (n,)."""
        return -self.substitution * np.log(economy.price)

    def spare_capacity(self, economy: Economy) -> Array:
        """Capacity in place or trusted to be built, beyond expected orders, (n,), units."""
        return (1.0 + self.growable) * economy.capacity - economy.expected_orders

    def visibility_weight(self, economy: Economy) -> Array:
        """Weight of each enterprise in the sample, (n,): size over the segment's mean, and equal chances."""
        mean = economy.mean_by_segment(economy.expected_orders)[economy.segment]
        relative = np.divide(economy.expected_orders, mean, out=np.ones_like(mean), where=mean > 0)
        return self.visibility * relative + (1.0 - self.visibility) + 1e-9

    def national_fill(self, economy: Economy) -> Array:
        """Delivered share of national suppliers, (S,): 1, or last year's of local ones where a shortage is shared."""
        if economy.policy.is_neutral("shared_shortage"):
            return np.ones(economy.arrays.size)
        ordered, made = economy.columns_by_segment(economy.orders, economy.output)
        made = np.minimum(made, ordered)
        fill = np.divide(made, ordered, out=np.ones_like(ordered), where=ordered > 0)
        return 1.0 - economy.policy.shared_shortage * (1.0 - fill)

    def judged_fill(self, economy: Economy) -> Array:
        """Delivered share that buyers judge a supplier by, (n,): in a shared shortage only what others do better."""
        if economy.policy.is_neutral("shared_shortage"):
            return economy.fill
        behind = np.maximum(self.national_fill(economy)[economy.segment] - economy.fill, 0.0)
        shared = economy.policy.shared_shortage[economy.segment] > 0
        return np.where(shared, 1.0 - behind, economy.fill)

    def outside_pull(self, economy: Economy) -> Array:
        """Pull of national and foreign supply without constants, (S, 2); buyers remember earlier cuts of imports."""
        policy = economy.policy
        missing = policy.outside_supply - 1.0
        missing[:, 0] += self.national_fill(economy) - 1.0
        missing[:, 1] -= economy.region.import_risk
        return np.exp(-self.substitution * np.log(policy.outside_price) + missing)

    def candidates(self, economy: Economy) -> CandidateTable:
        """The table that candidates are drawn from."""
        weight = self.visibility_weight(economy)
        return candidate_table(
            economy.segment, economy.identity, economy.rows_by_identity(), weight, economy.arrays.names
        )

    def added_review(self, economy: Economy) -> Array:
        """Added review rate of outside slots by input, (S,): buyers look at a link filled in the last three years."""
        return np.where(economy.year - economy.first_plant <= self.design_in_attention, self.design_in_review, 0.0)

    def turnover(self, fill: Array, added: Array | float = 0.0) -> Array:
        """Probability that a link ends by chance or is reviewed, at the delivered share `fill` and an added rate."""
        review = self.review_rate + self.fill_response * (1.0 - fill) + added
        return self.break_rate + (1.0 - self.break_rate) * np.minimum(review, 1.0)

    def state(self, economy: Economy) -> BuyerState:
        """What buyers see of enterprises."""
        return BuyerState(
            identity=economy.identity,
            segment=economy.segment,
            park=economy.park,
            quality_factor=np.exp(self.quality_weight * economy.quality),
            quality_power=np.exp(self.quality_beyond * self.quality_weight * economy.quality),
            expected=economy.expected_orders,
            attraction=self.attraction(economy),
            spare=self.spare_capacity(economy),
        )

    def quality_worth(self, excess: Array) -> Array:
        """Attractiveness of quality that exceeds what is required by `excess`, log, of any shape."""
        return self.quality_weight * (np.minimum(excess, 0.0) + self.quality_beyond * np.maximum(excess, 0.0))

    def rules(self) -> ChoiceRules:
        """Parameters of the choice."""
        tolerated = float(np.exp(self.quality_weight * self.quality_tolerance))
        least_room, park_factor = float(np.exp(self.least_room)), float(np.exp(self.park_weight))
        return ChoiceRules(tolerated, self.quality_beyond, self.capacity_weight, least_room, park_factor)

    def outside(self, economy: Economy) -> OutsideSupply:
        """National and foreign supply as buyers see them."""
        fixed, pull = economy.calibration, self.outside_pull(economy)
        home = np.where(fixed.home > NEVER, np.exp(fixed.home), 0.0)
        supply = np.empty((*home.shape, 2))
        supply[:, :, 0] = pull[:, [0]]
        supply[:, :, 1] = pull[:, [1]] * np.exp(fixed.abroad)
        return OutsideSupply(home, supply)

    def policy_bias(self, economy: Economy) -> PolicyBias:
        """What levers change in the choice."""
        policy, matched = economy.policy, np.zeros(economy.n, dtype=np.int16)
        meets = np.zeros((1 + len(policy.introductions), economy.n), dtype=np.bool_)
        for number, each in enumerate(policy.introductions, 1):
            matched[each.suppliers & (matched == 0)] = number
            meets[number] = each.buyers
        return PolicyBias(
            bonus=np.exp(policy.local_bonus),
            required=np.array(policy.required_inputs),
            certified=economy.certificate,
            rivals_certified=economy.region.rivals_certified,
            matched=matched,
            meets=meets,
            met_factor=np.exp([0.0, *(each.bonus for each in policy.introductions)]),
            elasticity=self.substitution,
        )

    def introductions(self, economy: Economy) -> Introductions | None:
        """Suppliers whom matchmakers introduce this year; None without one."""
        made = economy.policy.introductions
        if not made:
            return None
        matched, rows, segments = self.policy_bias(economy).matched, economy.rows_by_identity(), economy.arrays.size
        pools = [rows[matched[rows] == number] for number in range(1, len(made) + 1)]
        start = np.stack([np.searchsorted(economy.segment[pool], np.arange(segments + 1)) for pool in pools])
        start += (np.cumsum([0, *(pool.size for pool in pools)])[:-1])[:, None]
        places, met = np.array([each.places for each in made]), np.stack([each.buyers for each in made])
        return Introductions(places, np.concatenate(pools), start, met)

    def reviewed(self, economy: Economy, buyers: Index | None = None) -> Iterator[Reviewed]:
        """The links that end or are reviewed this year, in parts; of all buyers, or of the rows `buyers` (b,)."""
        links, names = economy.links, draws.hashed(economy.arrays.names)
        key = draws.draw_key(economy.seed, "sourcing.review", economy.year)
        turnover = np.where(economy.active, self.turnover(self.judged_fill(economy)), 1.0)
        outside = self.turnover(economy.policy.outside_supply, self.added_review(economy)[:, None])
        outside = np.concatenate((outside, np.ones_like(outside)), axis=1)
        for rows, size in candidates.batches(economy.rows if buyers is None else buyers, links):
            slots = np.empty((4, size), dtype=np.int64)
            found, total, untouched = kernels.reviewed(
                rows=rows,
                key=key,
                identity=economy.identity,
                name=names,
                active=economy.active,
                turnover=turnover,
                outside_turnover=outside,
                rate=self.break_rate,
                start=links.start,
                supplier=links.supplier,
                link_input=links.input,
                slots=slots,
            )
            yield Reviewed(slots[:, :found].copy(), total, untouched)

    def step(self, economy: Economy) -> None:
        """Raise purchases that levers raised, and review the links."""
        for product, buyers, factor in economy.policy.purchases_raised.values():
            economy.links.raise_purchases(product, buyers, factor)
        if not self.enabled:
            self.leave_closed_suppliers(economy)
            return
        self.remember_cuts(economy)
        if not economy.policy.is_neutral("local_bonus"):
            economy.links.keep_wedges()
        self.choose(economy)

    def leave_closed_suppliers(self, economy: Economy) -> None:
        """Pass the links of closed suppliers, and those without one, to national supply."""
        links = economy.links
        closed = (links.supplier >= 0) & ~economy.active[np.maximum(links.supplier, 0)]
        links.supplier[closed | (links.supplier <= NOBODY)] = NATIONAL

    def judged(self, economy: Economy) -> Judged:
        """What the choice of this year knows of enterprises, of outside supply, and of what levers change."""
        return Judged(self.state(economy), self.rules(), self.outside(economy), self.policy_bias(economy))

    def shown(self, economy: Economy, buyers: Index | None = None) -> Iterator[tuple[Reviewed, Sample]]:
        """The links that `reviewed` finds, and the local suppliers that their buyers see, in parts."""
        key = draws.draw_key(economy.seed, "sourcing.choice", economy.year)
        introductions, table = self.introductions(economy), self.candidates(economy)
        scratch = np.full(economy.n, -1)
        for part in self.reviewed(economy, buyers):
            yield (
                part,
                candidates.sample(
                    table,
                    economy.links,
                    part.slots,
                    economy.identity,
                    key,
                    wanted=self.sample,
                    shown=scratch,
                    introductions=introductions,
                ),
            )

    def choose(self, economy: Economy) -> None:
        """Let buyers choose the suppliers of the links under review, in place; counts the links that stay."""
        links, flows, judged = economy.links, economy.flows, self.judged(economy)
        for part, sample in self.shown(economy):
            kept = kernels.choose(
                slots=part.slots,
                sample=sample,
                seen=judged.seen,
                rules=judged.rules,
                outside=judged.outside,
                bias=judged.bias,
                link_input=links.input,
                coefficient=links.coefficient,
                supplier=links.supplier,
                wedge=links.wedge,
            )
            if economy.reviews is not None:
                economy.reviews.append((part, sample, judged))
            flows.links += part.links
            flows.links_kept += part.untouched + kept

    def remember_cuts(self, economy: Economy) -> None:
        """Move the risk that buyers see in imports: cuts add to it and it fades."""
        risk = economy.region.import_risk
        risk *= self.risk_memory
        risk += self.risk_weight * (1.0 - economy.policy.outside_supply[:, 1])


class Reviewed(NamedTuple):
    """Part of the links that end or are reviewed.

    `slots` (4, m) are the link, its buyer, the supplier in the running or NOBODY, and its number in the buyer's input.
    `links` were looked at in all, `untouched` of them stay without review.
    """

    slots: Index
    links: int
    untouched: int


class Judged(NamedTuple):
    """What the choice of a year knows: enterprises as `seen`, its `rules`, supply from `outside`, `bias` of levers."""

    seen: BuyerState
    rules: ChoiceRules
    outside: OutsideSupply
    bias: PolicyBias
