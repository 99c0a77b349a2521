"""What the scenario says, as arrays: the fixed tables that the economy and its stages read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal, Protocol

import numpy as np

from chainsim.economy.types import Array, Flags, Index, Meaning

MarketName = Literal["local_other", "government", "national", "abroad"]
Owner = Literal["state", "private", "foreign", "institute"]

OWNERS: tuple[Owner, ...] = ("state", "private", "foreign", "institute")
MARKETS: tuple[MarketName, ...] = ("local_other", "government", "national", "abroad")
"""Final markets, by who pays: households and other local industries, government, the rest of the nation, abroad."""
GOVERNMENT_MARKET, NATIONAL_MARKET, ABROAD_MARKET = 1, 2, 3
"""Places of markets among all four."""
ORDINARY, SKILLED = 0, 1
"""Places of the two skills."""
AGE_CLASSES = np.array([1, 2, 3, 4, 8, 16])
"""First completed year of operation of each class of the hazard table."""
GENERAL = "general"
"""Industry of segments that belong to no leading one."""
NO_GOODWILL = -700.0
"""Goodwill in a market that is not served, log."""


M = "CNY million"
BASE, RUN = "base year", "the whole run"


def leading_industries(industries: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
    """Leading industries in the order of the segments, from each segment's industry and whether the chain has it."""
    return tuple(dict.fromkeys(name for name, in_chain in industries if in_chain and name != GENERAL))


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
    """What the scenario says of segments, markets, parks and region, as arrays.

    S segments, P parks, T + 1 years from the base year on, 4 MARKETS; matrices over (input, buyer) are (S, S).
    """

    # fmt: off
    start: Annotated[int, Meaning("scalar", "year", BASE, "base year")]
    end: Annotated[int, Meaning("scalar", "year", RUN, "last simulated year")]
    names: Annotated[tuple[str, ...], Meaning("(S,)", "", RUN, "names of segments")]
    tiers: Annotated[tuple[str, ...], Meaning("by tier", "", RUN, "tiers from upstream to users")]
    tier: Annotated[Index, Meaning("(S,)", "", RUN, "place of the segment's tier among `tiers`")]
    industries: Annotated[tuple[str, ...], Meaning("(S,)", "", RUN, "leading industry of every segment")]
    chain: Annotated[Flags, Meaning("(S,)", "1", RUN, "belongs to the chain; the others only use it")]
    anchors: Annotated[Flags, Meaning("(S,)", "1", RUN, "segments whose purchases define the supporting rate")]
    order: Annotated[Index, Meaning("(S,)", "", RUN, "segments from users to upstream")]
    technical: Annotated[Array, Meaning("(S, S)", "1", BASE, "value of an input over the value of the buyer's output, wherever bought")]
    local_rate: Annotated[Array, Meaning("(S, S)", "1", BASE, "share of an input bought in the region")]
    abroad_rate: Annotated[Array, Meaning("(S, S)", "1", BASE, "foreign share of what is bought outside the region")]
    criticality: Annotated[Array, Meaning("(S, S)", "1", RUN, "loss of output per missing share of an input")]
    proximity: Annotated[Array, Meaning("(S, S)", "1", RUN, "how much knowledge of one segment serves another")]
    output: Annotated[Array, Meaning("(S,)", M, BASE, "output of local enterprises; 0 marks a missing link")]
    other_inputs: Annotated[Array, Meaning("(S,)", "1", BASE, "inputs from outside the modelled segments over output, R&D services included")]
    labour_share: Annotated[Array, Meaning("(S,)", "1", BASE, "labour cost over output, R&D staff included")]
    production_tax: Annotated[Array, Meaning("(S,)", "1", RUN, "net production tax over output")]
    skilled_share: Annotated[Array, Meaning("(S,)", "1", BASE, "skilled share of staff")]
    wage: Annotated[Array, Meaning("(2, S)", "CNY million a person-year", BASE, "labour cost of a person by skill, employer contributions included")]
    labour_cost_factor: Annotated[Array, Meaning("(S,)", "1", RUN, "labour cost over pay")]
    rd_share: Annotated[Array, Meaning("(S,)", "1", BASE, "R&D over output")]
    capital_per_output: Annotated[Array, Meaning("(S,)", "y", BASE, "capital over output")]
    min_efficient_scale: Annotated[Array, Meaning("(S,)", M, RUN, "output of the smallest viable plant")]
    price_trend: Annotated[Array, Meaning("(S,)", "1/y", RUN, "trend of the outside price")]
    quality_gap: Annotated[Array, Meaning("(S,)", "log", RUN, "mean quality of local enterprises relative to the frontier")]
    drag: Annotated[Array, Meaning("(S,)", "log/y", RUN, "speed of the frontier beyond the gains of the base year")]
    process_share: Annotated[Array, Meaning("(S,)", "1", RUN, "share of an innovation that raises productivity; the rest raises quality")]
    owners: Annotated[Array, Meaning("(S, 4)", "1", RUN, "shares of OWNERS in output")]
    high_tech_share: Annotated[Array, Meaning("(S,)", "1", RUN, "share of output by certified high-tech enterprises")]
    exit_hazard: Annotated[Array, Meaning("(S,)", "1/y", RUN, "mean exit hazard")]
    large: Annotated[Index, Meaning("(S,)", "enterprises", BASE, "synthetic enterprises above reporting scale")]
    small: Annotated[Index, Meaning("(S,)", "enterprises", BASE, "small synthetic enterprises")]
    small_output: Annotated[Array, Meaning("(S,)", M, BASE, "mean output of a small enterprise at `size_scale` 1")]
    tail: Annotated[Array, Meaning("(S,)", "1", BASE, "Pareto exponent of sizes above reporting scale")]
    size_scale: Annotated[float, Meaning("scalar", "1", BASE, "factor on the numbers of synthetic enterprises")]
    market_sales: Annotated[Array, Meaning("(S, 4)", M, BASE, "sales of local enterprises in final markets")]
    market_volume: Annotated[Array, Meaning("(S, 4)", M, BASE, "expenditure of final markets, outside rivals included")]
    expenditure: Annotated[Array, Meaning("(T + 1, S, 4)", M, "every year", "path of the expenditure of final markets")]
    outlook: Annotated[Array, Meaning("(T + 2, S)", "1/y", "every year", "growth of output that the markets promise at fixed shares; 0 in the base year")]
    deflator: Annotated[Array, Meaning("(T + 1, S)", "1", "every year", "outside price over that of the base year")]
    rd_deduction: Annotated[Array, Meaning("(T + 1, S)", "1", "every year", "extra deduction of R&D from taxable profit")]
    park_names: Annotated[tuple[str, ...], Meaning("(P,)", "", RUN, "names of parks")]
    park_share: Annotated[Array, Meaning("(P,)", "1", BASE, "share of enterprises in a park")]
    park_room: Annotated[Array, Meaning("(P,)", "1", BASE, "staff a park holds without congestion over its staff")]
    institute_knowledge: Annotated[Array, Meaning("(S,)", M, BASE, "knowledge of institutes that serves a segment")]
    productivity_growth: Annotated[float, Meaning("scalar", "1/y", RUN, "growth of labour productivity in value, common to region and outside")]
    wage_growth: Annotated[float, Meaning("scalar", "1/y", RUN, "growth of pay outside the region")]
    rest_ratio: Annotated[Array, Meaning("(2,)", "1", BASE, "employed in the rest of the region over staff of modelled enterprises by skill")]
    unemployment: Annotated[float, Meaning("scalar", "1", BASE, "unemployed share of the labour force")]
    profit_tax: Annotated[tuple[float, float], Meaning("(2,)", "1", RUN, "profit tax rate: usual, high-tech enterprises")]
    households: Annotated[Households, Meaning("scalar", "1", RUN, "incomes and local spending")]
    largest: Annotated[float, Meaning("scalar", "1", BASE, "largest share of an unnamed enterprise in its segment")]
    slots: Annotated[int, Meaning("scalar", "suppliers", RUN, "most suppliers of one input that a buyer may have")]
    slot_purchases: Annotated[float, Meaning("scalar", M, RUN, "purchases whose square root times 1.5 sets the suppliers of a large buyer")]
    supply_limit: Annotated[float, Meaning("scalar", "1", BASE, "largest part of output that goes to modelled enterprises")]
    # fmt: on

    @cached_property
    def size(self) -> int:
        """Number of segments."""
        return len(self.names)

    @cached_property
    def places(self) -> tuple[tuple[str, ...], ...]:
        """Tier, name and leading industry of every segment, three of (S,)."""
        return tuple(self.tiers[number] for number in self.tier.tolist()), self.names, self.industries

    @cached_property
    def owner_steps(self) -> Array:
        """Cumulated shares of owners of ordinary entrants, (S, 4): no institutes, private where nobody is stated."""
        others = self.owners.copy()
        others[:, OWNERS.index("institute")] = 0.0
        others[others.sum(axis=1) == 0, OWNERS.index("private")] = 1.0
        return np.cumsum(others / others.sum(axis=1, keepdims=True), axis=1)
