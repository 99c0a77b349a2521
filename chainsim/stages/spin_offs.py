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

from chainsim.economy.arrays import ScenarioArrays
from chainsim.economy.protocols import DemographyRules
from chainsim.economy.types import Array, Flags, Index

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


def budgets(economy: Economy) -> Array:
    """Yearly budget of institutes that serves each segment in the base year, (S,), CNY million."""
    return economy.arrays.institute_knowledge * economy.stages.innovation.knowledge_depreciation


def reach(proximity: Array, base_enterprises: Index) -> tuple[Flags, Array]:
    """From which segments spin-offs go to missing links, (S,), and their parts by missing link and origin, (S, S)."""
    missing = base_enterprises == 0
    near = proximity * missing[:, None]
    total = near.sum(axis=0)
    return (total > 0) & ~missing, np.divide(near, total, out=np.zeros_like(near), where=total > 0)


def number(stage: DemographyRules, money: Array, goes: Flags, part: Array) -> Array:
    """Expected spin-offs by segment, (S,), 1/y, of institutes with `money` (S,), CNY million a year, and a `reach`."""
    made = stage.institute_spin_offs / 1000.0 * money
    going = np.where(goes, stage.spin_off_reach, 0.0) * made
    return np.asarray(made - going + part @ going)


def usual(stage: DemographyRules, economy: Economy) -> Array:
    """Expected spin-offs a year of the budgets of the base year by segment, (S,); not to be written to."""
    fixed, depreciation = economy.calibration, economy.stages.innovation.knowledge_depreciation
    return economy.once(usual_of, stage, economy.arrays, fixed.base_enterprises, depreciation)


def usual_of(stage: DemographyRules, arrays: ScenarioArrays, base_enterprises: Index, depreciation: float) -> Array:
    """The same, which no year changes."""
    money = arrays.institute_knowledge * depreciation
    found = number(stage, money, *reach(arrays.proximity, base_enterprises))
    found.flags.writeable = False
    return found


def expected(stage: DemographyRules, economy: Economy) -> Array:
    """Expected spin-offs of the year by segment, (S,), of the budgets of the base year and of the grants of levers."""
    if economy.policy.is_neutral("institutes"):
        return usual(stage, economy)
    near = economy.once(reach, economy.arrays.proximity, economy.calibration.base_enterprises)
    return number(stage, budgets(economy) + economy.policy.institutes, *near)


def expected_sales(stage: DemographyRules, economy: Economy) -> Array:
    """What spin-offs of the base-year budgets are expected to sell in the nation this year, (S,), CNY million."""
    return usual(stage, economy) * stage.plant_outside * stage.entrant_size * economy.small_output()
