"""A security certificate is asked for in public and other markets and by buyers.

    certified with .3 a year where (share of sales that asks for it) x markup > cost - support granted

The standard is national: outside rivals certify by the same rule without support, until as large a part of them holds a
certificate as it pays for here, by orders. So suppliers without a certificate lose demand to those with one, here and
outside, and the region as a whole wins only what it certifies sooner than others; small ones bear the cost. National
and foreign suppliers certify alike, so a standard does not turn buyers away from imports. Where a part of a segment is
meant only, by its orders, that part of its demand asks.
Cost: a grant for every first certificate, to whoever has got one by the end of the year; enterprises pay the rest, and
the upkeep, once however many standards there are. A budget limits the grants only, paid whole or not at all: without
money the standard is asked for all the same, and those certify for whom it pays without.
Source: Levine and Toffel (2010), sales of adopters rise; Chinese service firms: productivity falls. Rates are
judgement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from chainsim.economy import draws
from chainsim.economy.arrays import MARKETS, MarketName
from chainsim.economy.entry_points import left
from chainsim.economy.parameters import Name, Positive, Share, parameter
from chainsim.economy.protocols import Point
from chainsim.economy.types import Array, Flags
from chainsim.policy.lever import Kind, Lever, SharePath
from chainsim.policy.targeting import THE_SCENARIO

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.policy.lever_year import LeverYear

ROW = "security certificates"
"""Row of the ledger for what certificates cost enterprises."""


class SecurityStandard(Lever):
    """A requirement in markets and for buyers, with support for the first certificate."""

    strength_field: ClassVar[str] = "share"
    needs_money: ClassVar[bool] = False
    whole: ClassVar[bool] = True
    paid_at: ClassVar[Point] = "production"
    acts_as: ClassVar[Kind] = "rule"

    type: Literal["security_standard"] = Field("security_standard", description="Kind of lever.")
    share: SharePath = parameter(..., "1", None, None, THE_SCENARIO, "share of demand that asks for a certificate")
    markets: tuple[MarketName, ...] = Field(("government",), description="Final markets that ask for it.")
    buyers: tuple[Name, ...] = Field((), description="Segments whose enterprises ask their suppliers for it.")
    # fmt: off
    hazard: Share = parameter(0.3, "1/y", 0.1, 0.6, "J", "share of those for whom it pays that certify in a year")
    cost: Share = parameter(0.005, "1", 0.002, 0.01, "J", "cost of the certificate over sales, once")
    upkeep: Share = parameter(0.001, "1/y", 0.0, 0.003, "J", "cost of keeping it over sales")
    grant: Positive = parameter(0.05, "CNY million", 0.02, 0.1, "J",
        "support for a first certificate, at most its cost")
    # fmt: on

    def asked(self, economy: Economy) -> Array:
        """Share of the sales of an enterprise that asks for a certificate, by all standards of the year, (n,)."""
        standards = [
            (each, np.where(each.eligible(economy), each.strength(economy.year), 0.0))
            for each in self.in_force(economy)
        ]
        sold = np.zeros(economy.n)
        for market in MARKETS:
            if any(market in each.markets for each, _ in standards):
                share = np.zeros(economy.n)
                for each, own in standards:
                    share = each.both(share, own if market in each.markets else np.zeros(economy.n))
                sold += economy.final_sales[:, MARKETS.index(market)] * share
        if any(each.buyers for each, _ in standards):
            sold += self.sold_over_links(economy, standards)
        return np.divide(sold, economy.sales, out=np.zeros(economy.n), where=economy.sales > 0.0)

    def sold_over_links(self, economy: Economy, standards: Sequence[tuple[SecurityStandard, Array]]) -> Array:
        """Sales to buyers who ask for a certificate, of each standard in a share (n,), (n,), CNY million."""
        links, asking = economy.links, [self.among(economy.arrays.names, each.buyers) for each, _ in standards]
        buyer, link = links.of_buyers(np.flatnonzero(np.any(asking, axis=0)[economy.segment]))
        here = links.supplier[link] >= 0
        buyer, link = buyer[here], link[here]
        supplier, share = links.supplier[link], np.zeros(link.size)
        for (each, own), asks in zip(standards, asking, strict=True):
            if asks.any():
                share = each.both(share, own[supplier] * asks[economy.segment[buyer]])
        value = links.coefficient[link] * economy.output[buyer] * share
        return np.bincount(supplier, weights=value, minlength=economy.n).astype(np.float64)

    @staticmethod
    def among(names: Sequence[str], chosen: Sequence[str]) -> Flags:
        """Which of the `names` are chosen, (names,)."""
        return np.array([name in chosen for name in names])

    def in_force(self, economy: Economy) -> list[SecurityStandard]:
        """Standards of the year, in the order in which they act; itself alone where it stands outside of a run."""
        programme = economy.programme
        others = [] if programme is None else programme.interventions
        found = [each for each in others if isinstance(each, SecurityStandard) and each.strength(economy.year)]
        return found if self in found else [self]

    def both(self, before: Array, share: Array) -> Array:
        """Shares of demand that ask by standards `before` and this one, arrays of one shape."""
        return np.maximum(before, share) if self.stacking == "highest" else left(before, share)

    def certifying(self, economy: Economy, asked: Array, granted: Array | float) -> Flags:
        """Whether one of whose sales a share is `asked` (n,) certifies with a share `granted` of the grant, (n,)."""
        own = 1.0 - granted * self.supported(economy)
        pays = asked * np.maximum(economy.markup, 0.0) > self.cost * own
        without = (economy.certificate == 0.0) & (economy.policy.certificates == 0.0)
        wants = pays & without & economy.active
        return wants & (draws.uniform(economy, "lever.security_standard") < self.hazard)

    def rivals_certifying(self, economy: Economy, asked: Array) -> Array:
        """Share of outside rivals without a certificate that get one, (S,): in the end as many as it pays for here.

        It pays by the share that is `asked` (n,) of the sales of those meant.
        """
        pays, held = asked * np.maximum(economy.markup, 0.0) > self.cost, economy.region.rivals_certified
        orders, part = economy.columns_by_segment(economy.expected_orders, economy.expected_orders * pays)
        would = np.divide(part, orders, out=np.zeros_like(orders), where=orders > 0)
        return np.divide(
            self.hazard * np.maximum(would - held, 0.0), 1.0 - held, out=np.zeros_like(held), where=held < 1
        )

    def supported(self, economy: Economy) -> Array:
        """Share of the cost that the grant covers, (n,)."""
        cost = self.cost * economy.sales
        return np.divide(np.minimum(self.grant, cost), cost, out=np.zeros(economy.n), where=cost > 0)

    def full_grant(self, economy: Economy) -> Array:
        """Support for a first certificate, (n,), CNY million."""
        return np.minimum(self.grant, self.cost * economy.sales)

    def request(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """Grants for those who would certify with the whole of it, (n,), CNY million."""
        asked = np.where(offer > 0.0, lever_year.once(self.asked, economy), 0.0)
        return np.where(self.certifying(economy, asked, 1.0), self.full_grant(economy), 0.0)

    def granted(self, lever_year: LeverYear) -> Array:
        """Share of its grant that an enterprise is granted, (n,)."""
        asked = lever_year.asked
        return np.divide(lever_year.given, asked, out=np.zeros_like(asked), where=asked > 0.0)

    def announce(self, economy: Economy, lever_year: LeverYear, offer: Array) -> None:
        """Markets and buyers ask for certificates; enterprises get them and pay."""
        policy, strength = economy.policy, self.strength(economy.year)
        eligible = lever_year.once(self.eligible, economy)
        asked = np.where(eligible, lever_year.once(self.asked, economy), 0.0)
        orders, part = economy.columns_by_segment(economy.expected_orders, economy.expected_orders * eligible)
        meant = np.divide(part, orders, out=np.zeros_like(orders), where=orders > 0)
        policy.rival_certificates = np.maximum(policy.rival_certificates, self.rivals_certifying(economy, asked))
        new = self.certifying(economy, asked, self.granted(lever_year))
        policy.certificates = np.maximum(policy.certificates, new)
        markets, buyers = self.among(MARKETS, self.markets), self.among(economy.arrays.names, self.buyers)
        policy.required = self.both(policy.required, strength * meant[:, None] * markets)
        policy.required_inputs = self.both(policy.required_inputs, strength * meant[:, None] * buyers)
        kept = (meant[economy.segment] > 0.0) & (policy.costs.get(ROW, 0.0) == 0.0)
        upkeep = np.where(kept, self.upkeep * economy.sales * economy.certificate, 0.0)
        policy.charge(ROW, self.cost * economy.sales * new + upkeep)

    def claim(self, economy: Economy, lever_year: LeverYear, offer: Array) -> Array:
        """What was granted in January to those who get their certificate, (n,), CNY million."""
        return np.where(economy.policy.certificates > 0.0, lever_year.given, 0.0)
