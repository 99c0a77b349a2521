"""What the scenario says, as arrays: the fixed tables that the economy and its stages read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from chainsim.economy.types import Array, Flags, Index

MarketName = Literal["local_other", "government", "national", "abroad"]
Owner = Literal["state", "private", "foreign", "institute"]

OWNERS: tuple[Owner, ...] = ("state", "private", "foreign", "institute")
MARKETS: tuple[MarketName, ...] = ("local_other", "government", "national", "abroad")
"""Final markets, by who pays: households and other local industries, government, the rest of the nation, abroad."""
GOVERNMENT_MARKET, NATIONAL_MARKET, ABROAD_MARKET = 1, 2, 3
ORDINARY, SKILLED = 0, 1
AGE_CLASSES = np.array([1, 2, 3, 4, 8, 16])
"""First completed year of operation of each class of the hazard table."""
NO_GOODWILL = -700.0
"""Goodwill in a market that is not served, log."""


class Households(Protocol):
    """Incomes and local spending behind the job multiplier, as the scenario states them."""

    @property
    def income_tax(self) -> float: ...
    @property
    def consumption(self) -> float: ...
    @property
    def local_services(self) -> float: ...
    @property
    def services_labour(self) -> float: ...
    @property
    def services_pay(self) -> float: ...


@dataclass(frozen=True)
class ScenarioArrays:
    """What the scenario says of segments, markets, parks and region, as arrays; S segments, T + 1 years, 4 markets.

    Matrices over (input, buyer) are (S, S). Wages are CNY million a person-year, employer contributions included.
    """

    start: int
    end: int
    names: tuple[str, ...]
    tiers: tuple[str, ...]
    tier: Index
    industries: tuple[str, ...]
    chain: Flags
    anchors: Flags
    order: Index
    technical: Array
    local_rate: Array
    abroad_rate: Array
    criticality: Array
    proximity: Array
    output: Array
    other_inputs: Array
    labour_share: Array
    production_tax: Array
    skilled_share: Array
    wage: Array
    labour_cost_factor: Array
    rd_share: Array
    capital_per_output: Array
    min_efficient_scale: Array
    price_trend: Array
    quality_gap: Array
    drag: Array
    process_share: Array
    owners: Array
    high_tech_share: Array
    exit_hazard: Array
    large: Index
    small: Index
    small_output: Array
    tail: Array
    size_scale: float
    market_sales: Array
    market_volume: Array
    expenditure: Array
    outlook: Array
    deflator: Array
    rd_deduction: Array
    park_names: tuple[str, ...]
    park_share: Array
    park_room: Array
    institute_knowledge: Array
    productivity_growth: float
    wage_growth: float
    rest_ratio: Array
    unemployment: float
    profit_tax: tuple[float, float]
    households: Households
    largest: float
    slots: int
    slot_purchases: float
    supply_limit: float

    @property
    def size(self) -> int:
        """Number of segments."""
        return len(self.names)
