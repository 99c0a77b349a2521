"""Enterprises that institutes found: small, rich in research, of good quality, some of them in missing links.

    spin-offs of a segment ~ Poisson(rate x (budget of the institutes that serve it + grants of the year))

A share `reach` of them founds a missing link nearby, where there is one. They win customers from outside rivals; of
those that the budgets of the base year are expected to found, older enterprises yield the sales, so that growth of
markets does not count twice. Rate: more than 30 companies by one institute (fact A128), whose budget grew to CNY 1.5
billion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainsim.economy.arrays import NATIONAL_MARKET, OWNERS
from chainsim.economy.entry_points import Arrival
from chainsim.economy.protocols import DemographyRules
from chainsim.economy.types import Array

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


def budgets(economy: Economy) -> Array:
    """Yearly budget of institutes that serves each segment in the base year, (S,), CNY million."""
    return economy.arrays.institute_knowledge * economy.stages.innovation.knowledge_depreciation


def number(stage: DemographyRules, economy: Economy, money: Array) -> Array:
    """Expected spin-offs by segment, (S,), 1/y, of institutes with `money` (S,), CNY million a year."""
    made = stage.institute_spin_offs / 1000.0 * money
    missing = economy.calibration.base_enterprises == 0
    near = economy.arrays.proximity * missing[:, None]
    total = near.sum(axis=0)
    going = np.where((total > 0) & ~missing, stage.spin_off_reach, 0.0) * made
    reached = np.divide(near, total, out=np.zeros_like(near), where=total > 0) @ going
    return made - going + reached


def size(stage: DemographyRules, economy: Economy) -> Array:
    """Output that a spin-off is built for, (S,), CNY million: that of an ordinary entrant."""
    return stage.entrant_size * economy.small_output()


def spin_offs(stage: DemographyRules, economy: Economy) -> list[Arrival]:
    """Spin-offs of the year by segment: of the budgets of the base year and of the grants of levers."""
    arrays = economy.arrays
    mean, built = number(stage, economy, budgets(economy) + economy.policy.institutes), size(stage, economy)
    return [
        Arrival(
            f"spin-offs.{arrays.names[k]}",
            np.eye(arrays.size)[k],
            float(mean[k]),
            OWNERS.index("institute"),
            size=float(built[k]),
            outside=stage.plant_outside,
            quality=stage.spin_off_quality,
            rd=stage.spin_off_rd,
        )
        for k in np.flatnonzero(mean > 0)
    ]


def expected_shares(stage: DemographyRules, economy: Economy) -> Array:
    """National market shares that spin-offs of the base-year budgets are expected to take this year, (S, 4)."""
    sales = number(stage, economy, budgets(economy)) * stage.plant_outside * size(stage, economy)
    spent = economy.market_expenditure()[:, NATIONAL_MARKET]
    shares = np.zeros((economy.arrays.size, 4))
    shares[:, NATIONAL_MARKET] = np.divide(sales, spent, out=np.zeros_like(sales), where=spent > 0)
    return shares
