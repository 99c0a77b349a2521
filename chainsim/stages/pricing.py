"""Prices from unit cost and markup.

    c = T [(l w + kc) / A + o] + sum_l a_l P_l + t p_-1        unit cost; v is c without capital
    p = (1 - lag) (1 + mu) c + lag p_-1, at least `price_floor` v
    mu += v max(mu_0, floor) dlog(share in local sales)

All prices are relative to the outside price, and 1 in the base year; productivity A works on labour and capital. Where
inputs and taxes of a segment alone cost more than the floor allows, the floor is what the base year leaves.
Source: markup rule of the K+S family (Dosi, Fagiolo and Roventini 2010).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from chainsim.economy import ces
from chainsim.economy.parameters import NonNegative, Positive, Share, parameter
from chainsim.economy.types import Array
from chainsim.stages.base import Stage, as_shipped

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class Pricing(Stage):
    """Prices from unit cost and markup.

    Reads: productivity, wages, suppliers' prices of last year, sales. Entry points: capital_subsidy, outside_price.
    Writes: unit_cost, variable_cost, markup, local_share, price.

    Disabled or `fixed`: prices stay.
    """

    key: ClassVar[str] = "pricing"
    reads_stages: ClassVar[frozenset[str]] = frozenset({"labour"})

    # fmt: off
    lag: Share = parameter(0.2, "1", 0.0, 0.5, "J", "weight of last year's price")
    markup_response: NonNegative = parameter(0.04, "1", 0.0, 0.1, "C: K+S family (Dosi, Fagiolo and Roventini 2010)",
        "response of the markup to the log change of the share in local sales, v")
    markup_scale_floor: NonNegative = parameter(0.05, "1", 0.02, 0.1, "J",
        "smallest base markup that scales the response")
    markup_ceiling: Positive = parameter(0.6, "1", 0.4, 1.0, "J", "highest markup on unit cost")
    price_floor: Positive = parameter(1.02, "1", 1.0, 1.05, "T", "lowest price over unit cost without capital")
    passthrough: Share = parameter(1.0, "1", 0.8, 1.0, "J",
        "share of the progress in outside prices made here; the rest raises what a unit takes in staff, capital, inputs")
    # fmt: on
    fixed: bool = Field(False, description="Keep every price at its base value.")

    writes: ClassVar[frozenset[str]] = frozenset({"unit_cost", "variable_cost", "markup", "local_share", "price"})

    def labour_cost(self, economy: Economy) -> Array:
        """Priced labour cost per unit of output at productivity 1, wages relative to their trend, (n,)."""
        ordinary, skilled = economy.base_pay()
        index = wage_bill_index(economy, ordinary, skilled)
        return economy.priced_labour * (ordinary + skilled) * index

    def unit_cost(self, economy: Economy) -> tuple[Array, Array]:
        """Cost per unit of output with and without capital, two of (n,), relative to the outside price."""
        arrays, segment = economy.arrays, economy.segment
        efficiency, borne = economy.efficiency, 1.0 - economy.policy.capital_subsidy
        labour = self.labour_cost(economy) / efficiency
        capital = borne * economy.calibration.user_cost[segment] / efficiency
        variable = (
            labour
            + economy.other_inputs_per_unit()
            + economy.input_cost()
            + economy.adaptation_cost()
            + arrays.production_tax[segment] * economy.price
        )
        return variable + capital, variable

    def markup(self, economy: Economy) -> Array:
        """Markup on unit cost, (n,), after the change of the own share in local sales.

        Its ceiling is that of the stage, or the base-year markup of the segment where that is higher.
        """
        return self.markup_at(economy, sales_share(economy))

    def markup_at(self, economy: Economy, share: Array) -> Array:
        """The same at a `share` (n,) in local sales, (n,)."""
        known = (share > 0) & (economy.local_share > 0)
        change = np.log(np.where(known, share, 1.0) / np.where(known, economy.local_share, 1.0))
        base = economy.calibration.markup
        scale = np.maximum(base, self.markup_scale_floor)[economy.segment]
        ceiling = np.maximum(base, self.markup_ceiling)[economy.segment]
        return np.minimum(economy.markup + self.markup_response * scale * change, ceiling)

    def price(self, economy: Economy) -> Array:
        """Price relative to the outside price, (n,), from unit cost and markup of this year."""
        target = (1.0 - self.lag) * (1.0 + economy.markup) * economy.unit_cost + self.lag * economy.price
        return np.maximum(target, self.lowest(economy) * economy.variable_cost)

    def lowest(self, economy: Economy) -> Array:
        """Lowest price over variable cost, (n,): the floor, or what the prices of the base year leave if that is less.

        There inputs and taxes alone cost the segment more than the floor allows, whatever its labour.
        """
        arrays = economy.arrays
        left = economy.once(left_by_inputs, arrays.technical, economy.calibration.other_inputs, arrays.production_tax)
        return np.minimum(self.price_floor, left)[economy.segment]

    def step(self, economy: Economy) -> None:
        """Set costs, markups and prices."""
        economy.unit_cost[:], economy.variable_cost[:] = self.unit_cost(economy)
        if self.enabled and not self.fixed:
            share, shipped = sales_share(economy), as_shipped(self, "markup")
            economy.markup[:] = self.markup_at(economy, share) if shipped else self.markup(economy)
            economy.local_share[:] = share
            economy.price[:] = np.where(economy.active, self.price(economy), economy.price)


def left_by_inputs(technical: Array, other_inputs: Array, production_tax: Array) -> Array:
    """Price over the cost of inputs and taxes in the base year, (S,); no limit where there are none."""
    fixed = technical.sum(axis=0) + other_inputs + production_tax
    return np.divide(1.0, fixed, out=np.full_like(fixed, np.inf), where=fixed > 0)


def sales_share(economy: Economy) -> Array:
    """Share of each enterprise in last year's sales of its segment's local enterprises, (n,); 0 without sales."""
    total = economy.by_segment(economy.sales)[economy.segment]
    return np.where(economy.active & (total > 0), economy.sales / np.where(total > 0, total, 1.0), 0.0)


def wage_bill_index(economy: Economy, ordinary: Array, skilled: Array) -> Array:
    """CES cost index of labour relative to base and trend, (n,), for base cost shares `ordinary`, `skilled`."""
    relative = economy.region.wage_index / economy.last_trend
    share = ces.share_of_first(ordinary, skilled)
    return ces.cost_index(share, relative[0], relative[1], economy.stages.labour.substitution)
