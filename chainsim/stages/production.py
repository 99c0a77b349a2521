"""Orders cascade upstream, capacity rations, deliveries run downstream.

    D_j = final orders + sum_i w_ij a_lk Y_i,   Y = min(D, capital capacity, labour capacity) x input coverage

solved together: a buyer that cannot produce stops ordering. What a supplier cannot deliver is bought outside at a
premium. Source: Leontief (1936) with proportional rationing; input criticality Pichler et al. (2022).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from chainsim.economy import ces, kernels
from chainsim.economy.arrays import GOVERNMENT_MARKET
from chainsim.economy.ledger import ENTERPRISES, FINAL_SALES, NATIONAL, Row
from chainsim.economy.parameters import NonNegative, Share, parameter
from chainsim.economy.types import Array
from chainsim.stages.base import Stage, as_shipped

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


TOLERANCE = 1e-12
"""Largest relative change of output in a sweep at which the search for what inputs allow ends."""
MOST_SWEEPS = 1000
"""Most sweeps of that search."""
MOST_SURPRISE = 0.2
"""Largest surprise from which a segment learns, log: what is beyond it is an event, not a trend."""


class Production(Stage):
    """Orders cascade upstream, capacity rations, deliveries run downstream; staff is paid.

    Reads: market shares, links, capital, staff. Entry points: outside_supply, shared_shortage, costs. Writes: orders,
    feasible, output, fill, sales, purchases, labour_cost. In the year `produce` comes first, then levers pay what they
    buy, then `pay`.

    It always runs; with `capacity: false` output equals orders.
    """

    key: ClassVar[str] = "production"
    reads_stages: ClassVar[frozenset[str]] = frozenset({"investment", "labour", "pricing"})
    parts: ClassVar[tuple[str, ...]] = ("produce", "pay")

    capacity: bool = Field(True, description="Capital and staff limit output; false: output equals orders.")
    # fmt: off
    premium: NonNegative = parameter(0.10, "1", 0.05, 0.3, "J",
        "price premium of an order placed outside because the local supplier could not deliver")
    replaceable: Share = parameter(0.5, "1", 0.2, 0.8, "J",
        "share of a cut outside supply that the other origin replaces at the premium, where it is not cut itself")
    expectation: Share = parameter(0.75, "1/y", 0.3, 1.0, "J", "weight of this year's orders in expected orders")
    learning: Share = parameter(0.2, "1/y", 0.0, 0.4, "J: Holt 1957 for the form",
        "weight of a surprise about a segment's orders in the growth that it expects beyond its outlook; 0: none")
    # fmt: on

    # fmt: off
    writes: ClassVar[frozenset[str]] = frozenset({
        "orders", "feasible", "output", "fill", "sales", "last_sales", "final_sales", "intermediate_sales",
        "purchases_local", "purchases_national", "purchases_abroad", "other_inputs", "labour_cost", "production_tax",
        "expected_orders", "support", "cash",
    })
    # fmt: on

    def labour_capacity(self, economy: Economy) -> Array:
        """Output that the staff can make without overtime, (n,), units: the inverse of the CES staff demand."""
        ordinary, skilled = economy.base_pay()
        total = ordinary + skilled
        per_unit = economy.efficiency * economy.trend
        made = ces.output(
            ces.share_of_first(ordinary, skilled),
            np.divide(economy.ordinary, economy.ordinary_coefficient, out=np.zeros_like(total), where=ordinary > 0),
            np.divide(economy.skilled, economy.skilled_coefficient, out=np.zeros_like(total), where=skilled > 0),
            economy.stages.labour.substitution,
        )
        return np.where(total > 0, made * per_unit, np.inf)

    def feasible_output(self, economy: Economy, labour: Array) -> Array:
        """Output that capital and staff with overtime allow, (n,), units."""
        if not self.capacity:
            return np.full(economy.n, np.inf)
        return np.minimum(economy.capacity, (1.0 + economy.stages.labour.overtime) * labour)

    def replaced(self, economy: Economy) -> Array:
        """Share of what is wanted of one origin that the other delivers, (S, 2), as far as that is not cut itself."""
        supply = economy.policy.outside_supply
        return (1.0 - supply) * self.replaceable * supply[:, ::-1]

    def coverage(self, economy: Economy) -> Array:
        """Share of output that the supply of inputs allows, (n,); 1 unless outside supply is cut."""
        covered, supply = np.ones(economy.n), economy.policy.outside_supply
        if (supply == 1.0).all() and as_shipped(self, "replaced"):
            return covered
        missing = 1.0 - supply - self.replaced(economy)
        if np.any(missing > 0.0):
            links = economy.links
            kernels.coverage(
                start=links.start,
                segment=economy.segment,
                active=economy.active,
                supplier=links.supplier,
                link_input=links.input,
                coefficient=links.coefficient,
                criticality=economy.arrays.criticality,
                missing=missing,
                out=covered,
            )
        return covered

    def overtime_premium(self, economy: Economy) -> Array:
        """What overtime adds to pay, (n,), over normal pay: hours beyond those that the staff has, at their premium."""
        rules, labour = economy.stages.labour, economy.flows.staffed
        if labour is None:
            labour = self.labour_capacity(economy)
        return rules.overtime_pay * kernels.overtime(economy.output, labour, rules.overtime)

    def next_orders(self, economy: Economy) -> Array:
        """Orders expected for next year, (n,), units: adaptive, growing with the markets and as was learned."""
        level = economy.expected_orders + self.expectation * (economy.orders - economy.expected_orders)
        return level * economy.expected_growth()

    def learned_growth(self, economy: Economy) -> Array:
        """Growth beyond the outlook that a segment has learned to expect, (S,), log/y, from this year's surprise.

        A whole segment learns, not each enterprise, whose own luck says little of next year; without learning, orders
        that grow beyond the outlook for good would stay ahead of what is expected for ever.
        """
        expected, orders = economy.columns_by_segment(economy.expected_orders, economy.orders)
        seen = (expected > 0.0) & (orders > 0.0)
        surprise = np.log(np.where(seen, orders, 1.0) / np.where(seen, expected, 1.0))
        surprise = np.clip(surprise, -MOST_SURPRISE, MOST_SURPRISE)
        return economy.region.learned_growth + self.learning * self.expectation * surprise

    def produce(self, economy: Economy) -> None:
        """Solve orders and output, deliver, sell, and pay what taking part in levers costs."""
        economy.flows.staffed = self.labour_capacity(economy)
        self.solve(economy, economy.flows.staffed)
        self.deliver(economy)
        self.sell(economy)

    def pay(self, economy: Economy) -> None:
        """Pay suppliers, production tax and staff, and plan the orders of next year."""
        self.pay_suppliers(economy)
        self.pay_staff(economy)
        economy.region.learned_growth[:] = self.learned_growth(economy)
        economy.expected_orders[:] = np.where(economy.active, self.next_orders(economy), 0.0)

    def solve(self, economy: Economy, labour: Array) -> None:
        """Orders, output and fill such that output meets orders within its limits."""
        economy.feasible[:] = self.feasible_output(economy, labour)
        final = np.where(economy.active, np.einsum("im->i", economy.final_sales) / economy.price, 0.0)
        economy.output[~economy.active] = 0.0
        rows, covered = economy.cascade_rows(), self.coverage(economy)
        start, supplier, coefficient = economy.links.local(rows)
        economy.flows.covered = covered
        economy.flows.sweeps = kernels.cascade(
            order=rows,
            local_start=start,
            local_supplier=supplier,
            local_coefficient=coefficient,
            final=final,
            limit=economy.feasible,
            covered=covered,
            tolerance=TOLERANCE,
            sweeps=MOST_SWEEPS,
            output=economy.output,
            orders=economy.orders,
        )
        if economy.flows.sweeps == 0:
            raise ArithmeticError(f"year {economy.year}: orders did not converge in {MOST_SWEEPS} sweeps")
        economy.feasible[:] = np.minimum(economy.feasible, 1e300)
        ordered = economy.orders > 0
        economy.fill[:] = np.where(
            ordered, np.minimum(economy.output / np.where(ordered, economy.orders, 1.0), 1.0), 1.0
        )

    def deliver(self, economy: Economy) -> None:
        """Deliver along the links: purchases of buyers, sales of suppliers, trade between segments."""
        links, flows, policy = economy.links, economy.flows, economy.policy
        economy.purchases_local[:] = 0.0
        economy.intermediate_sales[:] = 0.0
        outside = np.zeros((economy.n, 2))
        kernels.deliver(
            order=economy.cascade_rows(),
            segment=economy.segment,
            start=links.start,
            supplier=links.supplier,
            link_input=links.input,
            coefficient=links.coefficient,
            output=economy.output,
            covered=np.ones(economy.n) if flows.covered is None else flows.covered,
            price=economy.price,
            fill=economy.fill,
            outside_price=policy.outside_price.copy(),
            supply=policy.outside_supply.copy(),
            replaced=self.replaced(economy),
            unmet=1.0 - policy.shared_shortage,
            premium=self.premium,
            local=economy.purchases_local,
            outside=outside,
            intermediate=economy.intermediate_sales,
            trade=flows.trade,
        )
        economy.purchases_national[:], economy.purchases_abroad[:] = outside[:, 0], outside[:, 1]
        economy.region.demand[:] = flows.trade.sum(axis=(1, 2))

    def sell(self, economy: Economy) -> None:
        """Sell what final markets ordered as far as it was made; book sales, other inputs, production tax and costs."""
        economy.final_sales[:] *= economy.fill[:, None]
        for name, orders in economy.flows.purchased.items():
            economy.flows.purchased[name] = orders * economy.fill
        economy.last_sales[:] = economy.sales
        economy.sales[:] = np.einsum("im->i", economy.final_sales) + economy.intermediate_sales
        adaptation = economy.adaptation_cost() * economy.output
        economy.other_inputs[:] = economy.other_inputs_per_unit() * economy.output + adaptation
        economy.production_tax[:] = economy.arrays.production_tax[economy.segment] * economy.sales
        for market, row in enumerate(FINAL_SALES):
            sold = economy.final_sales[:, market]
            if market == GOVERNMENT_MARKET:  # what levers buy they pay themselves
                sold = sold - sum(economy.flows.purchased.values(), 0.0)
            economy.ledger.book(row, sold)
        for paid_for, cost in economy.policy.costs.items():
            economy.ledger.post(paid_for, ENTERPRISES, NATIONAL, np.where(economy.active, cost, 0.0))

    def pay_suppliers(self, economy: Economy) -> None:
        """Pay for inputs, local and from outside, and production tax; CNY million."""
        book = economy.ledger.book
        economy.ledger.post_between(Row.INTERMEDIATES_LOCAL.value, economy.purchases_local, economy.intermediate_sales)
        book(Row.INTERMEDIATES_NATIONAL, economy.purchases_national)
        book(Row.INTERMEDIATES_ABROAD, economy.purchases_abroad)
        book(Row.OTHER_INPUTS, economy.other_inputs)
        book(Row.PRODUCTION_TAX, np.maximum(economy.production_tax, 0.0))
        book(Row.PRODUCTION_SUBSIDY, np.maximum(-economy.production_tax, 0.0))

    def pay_staff(self, economy: Economy) -> None:
        """Pay staff, overtime at its premium, and employer contributions; CNY million."""
        paid, contributions = np.empty((2, economy.n)), np.empty(economy.n)
        if as_shipped(self, "overtime_premium", "labour_capacity"):
            self.pay_by_pass(economy, paid, contributions)
        else:
            wages = economy.wage().take(economy.segment, axis=1)
            hours = 1.0 + self.overtime_premium(economy)
            ordinary = economy.ordinary * wages[0] * hours
            skilled = economy.skilled * wages[1] * hours + economy.research * wages[1]
            bill = [np.where(economy.active, part, 0.0) for part in (ordinary, skilled)]
            economy.labour_cost[:] = bill[0] + bill[1]
            net = (1.0 / economy.arrays.labour_cost_factor)[economy.segment]
            paid[:], contributions[:] = (bill[0] * net, bill[1] * net), economy.labour_cost * (1.0 - net)
        economy.ledger.book(Row.WAGES_ORDINARY, paid[0])
        economy.ledger.book(Row.WAGES_SKILLED, paid[1])
        economy.ledger.book(Row.CONTRIBUTIONS, contributions)
        economy.flows.wages[:] = paid[0].sum(), paid[1].sum()

    def pay_by_pass(self, economy: Economy, paid: Array, contributions: Array) -> None:
        """Labour cost, what of it is `paid` (2, n) by skill, and `contributions` (n,), in one pass over enterprises."""
        rules, labour = economy.stages.labour, economy.flows.staffed
        kernels.pay(
            active=economy.active,
            segment=economy.segment,
            ordinary=economy.ordinary,
            skilled=economy.skilled,
            research=economy.research,
            output=economy.output,
            labour=self.labour_capacity(economy) if labour is None else labour,
            wage=economy.wage(),
            part=1.0 / economy.arrays.labour_cost_factor,
            premium=rules.overtime_pay,
            most=rules.overtime,
            cost=economy.labour_cost,
            paid=paid,
            contributions=contributions,
        )
