"""State of the economy beside the columns of enterprises: region, calibration, flows of the year."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from chainsim.economy.types import Array, Index

if TYPE_CHECKING:
    from chainsim.economy.arrays import ScenarioArrays


FIRST_PLANTS = "first plants"
"""Name of the first plants of missing links among those who entered in the year."""


@dataclass
class Region:
    """State of the region; two-entry arrays are ordinary, skilled."""

    labour_force: Array
    rest: Array
    rest_induced: Array
    wage_index: Array
    wage_reference: Array
    unemployment: Array
    match_scale: Array
    employed: Array
    mean_productivity: float
    park_staff: Array
    park_staff_base: Array
    park_places: Array
    knowledge_pool_base: Array
    institute_added: Array
    import_risk: Array
    demand: Array

    @classmethod
    def at_base(cls, arrays: ScenarioArrays) -> Region:
        """Base wages; pools, parks and institutes still empty."""
        parks, zero = len(arrays.park_names), np.zeros(2)
        return cls(
            labour_force=zero.copy(),
            rest=zero.copy(),
            rest_induced=zero.copy(),
            wage_index=np.ones(2),
            wage_reference=np.ones(2),
            unemployment=np.full(2, arrays.unemployment),
            match_scale=zero.copy(),
            employed=zero.copy(),
            mean_productivity=0.0,
            park_staff=np.zeros(parks),
            park_staff_base=np.zeros(parks),
            park_places=np.zeros(parks),
            knowledge_pool_base=np.zeros((parks, arrays.size)),
            institute_added=np.zeros(arrays.size),
            import_risk=np.zeros(arrays.size),
            demand=np.zeros(arrays.size),
        )


@dataclass
class Calibration:
    """What the base year fixes for the run: constants per segment (S,) or per (input, buyer segment) (S, S)."""

    home: Array
    abroad: Array
    rival_goodwill: Array
    user_cost: Array
    other_inputs: Array
    ordinary_norm: Array
    skilled_norm: Array
    research_norm: Array
    productivity_mean: Array
    productivity_gain: Array
    quality_gain: Array
    entry_rate: Array
    mean_size: Array
    markup: Array
    base_enterprises: Index
    base_demand: Array
    base_outside: Array
    hazard_mean: float


@dataclass(frozen=True)
class Reference:
    """What households expect: labour income of another run by year, (T + 1,) or the years known so far, CNY million.

    It is copied when given and cannot be changed.
    """

    income: Array

    def __post_init__(self) -> None:
        income = np.array(self.income, dtype=float)
        income.flags.writeable = False
        object.__setattr__(self, "income", income)


@dataclass
class Flows:
    """What the stages measured in the year beside the columns."""

    trade: Array
    wages: Array
    capacity: Array
    founded_capital: Array
    opening_debt: float
    opening_capital: float
    written_off: float = 0.0
    guarantees_paid: float = 0.0
    outlay: float = 0.0
    scrapped: float = 0.0
    links: int = 0
    links_kept: int = 0
    entries: Array = field(default_factory=lambda: np.zeros(0))
    exits: Array = field(default_factory=lambda: np.zeros(0))
    defaults: Array = field(default_factory=lambda: np.zeros(0))
    sweeps: int = 0
    expenditure: Array | None = None
    covered: Array | None = None
    taxable: Array = field(default_factory=lambda: np.zeros(0))
    drawn: Array = field(default_factory=lambda: np.zeros(0))
    purchased: dict[str, Array] = field(default_factory=dict)
    entered: dict[str, Index] = field(default_factory=dict)
