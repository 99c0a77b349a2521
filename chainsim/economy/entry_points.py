"""EntryPoint points: all that levers and shocks can move, neutral again every January.

A lever changes nothing else. Numbers are plain scalars while nobody touches them and arrays afterwards, (n,) over
enterprises, (S,) over segments, (P,) over parks. `entry_point` says which stage reads an entry point and how several levers
that meet there add up.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainsim.economy.types import Array, Flags

EntryPoint = NDArray[Any] | float
ADD, LARGEST, MULTIPLY, LEFT = "adds", "largest counts", "multiplies", "share of what others leave"


class Arrival(NamedTuple):
    """Plants that come from outside: `name` keys their luck; either `mean` a year by Poisson or a whole `number`.

    `weight` (S,) says where they settle; `size` CNY million of output or 0 for the minimum efficient scale; `outside`
    the part sold outside the region from the start; `quality` log points above the segment's gap. `anchor` plants stay
    and draw suppliers after them; buyers design in those `designed_in`; a `named` plant is listed under its name. Of
    plants that are `invited` more come where entry point `location` says so.
    """

    name: str
    weight: Array
    mean: float
    owner: int
    number: int | None = None
    size: float = 0.0
    outside: float = 0.5
    quality: float = 0.0
    anchor: bool = False
    named: bool = False
    designed_in: bool = False
    invited: bool = False


class Purchase(NamedTuple):
    """Public purchases of lever `name` from enterprises here, `local` (S,) CNY million.

    `quality_weight` is the weight of quality in the choice, `certificate_weight` that of a certificate (log); `eligible`
    (n,) says who may deliver.
    """

    name: str
    local: Array
    quality_weight: float
    certificate_weight: float
    eligible: Flags


def entry_point(neutral: Any, stage: str, unit: str, stacking: str, meaning: str) -> Any:
    """An entry point with its neutral value, the stage that reads it, unit, rule of stacking and meaning."""
    about = {"stage": stage, "unit": unit, "stacking": stacking, "meaning": meaning}
    if callable(neutral):
        return field(default_factory=neutral, metadata=about)
    return field(default=neutral, metadata=about)


@dataclass
class Policy:
    """EntryPoint points of one year."""

    outside_supply: Array = field(
        metadata={
            "stage": "sourcing",
            "unit": "1",
            "stacking": MULTIPLY,
            "meaning": "share of the wanted quantity that outside suppliers deliver, (S, 2): national, abroad",
        }
    )
    outside_price: Array = field(
        metadata={
            "stage": "pricing",
            "unit": "1",
            "stacking": MULTIPLY,
            "meaning": "price of outside supply relative to its trend, (S, 2)",
        }
    )
    shared_shortage: EntryPoint = entry_point(
        0.0, "sourcing", "1", LARGEST, "1 where national suppliers run short of an input like local ones, (S,)"
    )
    capital_subsidy: EntryPoint = entry_point(
        0.0, "pricing", "1", LEFT, "public share of the user cost of capital, (n,)"
    )
    local_bonus: EntryPoint = entry_point(
        0.0, "sourcing", "1", ADD, "bonus of local suppliers in the eyes of a buyer, (n,)"
    )
    matched: EntryPoint = entry_point(0.0, "sourcing", "1", LARGEST, "1 for suppliers introduced to buyers, (n,)")
    places: int = entry_point(
        0, "sourcing", "enterprises", LARGEST, "suppliers introduced at a review beside the usual sample"
    )
    introduced: float = entry_point(0.0, "sourcing", "1", LARGEST, "bonus of introduced suppliers in the choice")
    met: EntryPoint = entry_point(1.0, "sourcing", "1", LARGEST, "1 for buyers who meet introduced suppliers, (n,)")
    required_inputs: EntryPoint = entry_point(
        0.0, "sourcing", "1", LEFT, "share of an input that a buyer segment takes certified only, (S, S)"
    )
    purchases_raised: dict[str, Any] = entry_point(
        dict,
        "sourcing",
        "1",
        MULTIPLY,
        "input, buyers (n,) and factor (n,) on what they buy of it per unit from now on",
    )
    market: EntryPoint = entry_point(
        1.0, "demand", "1", MULTIPLY, "expenditure of a final market over its path, (S, 4)"
    )
    reach: EntryPoint = entry_point(0.0, "demand", "log", ADD, "goodwill won in final markets this year, (n,)")
    required: EntryPoint = entry_point(
        0.0, "demand", "1", LEFT, "share of a final market's expenditure that asks for a certificate, (S, 4)"
    )
    certificates: EntryPoint = entry_point(
        0.0, "demand", "1", LARGEST, "1 for enterprises that get a certificate, (n,)"
    )
    purchases: list[Purchase] = entry_point(list, "demand", "CNY million", ADD, "public purchases beside the markets")
    talent: EntryPoint = entry_point(
        0.0, "labour", "persons", ADD, "skilled people who join an enterprise from outside, (n,)"
    )
    skilled_inflow: float = entry_point(
        0.0, "labour", "persons", ADD, "skilled people who join the region's labour force"
    )
    outside_pay: float = entry_point(0.0, "labour", "log", ADD, "change of pay outside the region")
    rd_support: EntryPoint = entry_point(0.0, "innovation", "CNY million", ADD, "R&D that public support adds, (n,)")
    rd_effort: EntryPoint = entry_point(1.0, "innovation", "1", MULTIPLY, "factor on the own R&D budget, (n,)")
    rd_deduction: EntryPoint = entry_point(
        0.0, "innovation", "1", ADD, "extra deduction of R&D beyond the national rule, (n,)"
    )
    relabelling: EntryPoint = entry_point(
        0.0, "innovation", "1", LARGEST, "share of the answer to an extra deduction that is other cost relabelled, (n,)"
    )
    rd_tax_cut: EntryPoint = entry_point(
        0.0, "innovation", "1", ADD, "points of a tax cut that count in what a deduction of R&D is worth, (n,)"
    )
    discovery: EntryPoint = entry_point(0.0, "innovation", "1", ADD, "added probability of a discovery, (n,)")
    spillover: EntryPoint = entry_point(
        1.0, "innovation", "1", MULTIPLY, "factor on spillovers from the neighbourhood, (n,)"
    )
    adoption: EntryPoint = entry_point(
        0.0, "innovation", "log", ADD, "productivity won by adopters, half of it next year, (n,)"
    )
    institutes: EntryPoint = entry_point(
        0.0, "innovation", "CNY million", ADD, "grants to institutes by segment served, (S,)"
    )
    park_places: EntryPoint = entry_point(0.0, "innovation", "persons", ADD, "staff places built in a park, (P,)")
    delay_saved: EntryPoint = entry_point(
        0.0, "investment", "1", LEFT, "share of the delay of expansions that is saved, (n,)"
    )
    tax_cut: EntryPoint = entry_point(
        0.0, "finance", "1", ADD, "points off the profit tax rate, at most the rate, (n,)"
    )
    relieved: EntryPoint = entry_point(
        0.0, "finance", "CNY million", ADD, "taxable profit that levers have taken off already, (n,)"
    )
    income: EntryPoint = entry_point(
        0.0, "finance", "CNY million", ADD, "support of the year less the cost of taking part, (n,)"
    )
    costs: dict[str, Array] = entry_point(
        dict, "production", "CNY million", ADD, "what taking part costs enterprises by row of the ledger, (n,)"
    )
    guarantee: EntryPoint = entry_point(
        0.0, "finance", "1", LARGEST, "share of new loans that the public guarantees, (n,)"
    )
    park_pull: EntryPoint = entry_point(0.0, "demography", "log", ADD, "pull of a park on entrants, (P,)")
    entrants: EntryPoint = entry_point(1.0, "demography", "1", MULTIPLY, "factor on the number of entrants, (S,)")
    plant_grant: EntryPoint = entry_point(
        0.0, "demography", "1", LEFT, "public share of the capital of a first plant, (S,)"
    )
    location: EntryPoint = entry_point(1.0, "demography", "1", MULTIPLY, "factor on arrivals from outside, (S,)")
    arrivals: list[Arrival] = entry_point(list, "demography", "enterprises/y", ADD, "plants that come from outside")
    closing: EntryPoint = entry_point(
        0.0, "demography", "1", LARGEST, "1 for enterprises that leave at the end of the year, (n,)"
    )

    @classmethod
    def neutral(cls, segments: int) -> Policy:
        """All entry points at their neutral value."""
        return cls(outside_supply=np.ones((segments, 2)), outside_price=np.ones((segments, 2)))

    def charge(self, row: str, cost: Array) -> None:
        """Let enterprises pay `cost` (n,), CNY million, to the nation under a row of the ledger."""
        self.costs = {**self.costs, row: self.costs.get(row, 0.0) + cost}
        self.income = self.income - cost

    def state(self) -> dict[str, Any]:
        """What stands at every entry point, to be compared with a later state.

        Arrays that are there cannot be changed in place from now on: a lever puts a new one in their place, so that it
        can be said which levers moved what.
        """
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray) and name not in IN_PLACE:
                value.flags.writeable = False
        return {name: value.copy() if name in IN_PLACE else value for name, value in vars(self).items()}

    def moved(self, before: dict[str, Any]) -> tuple[str, ...]:
        """EntryPoint points that differ from an earlier state."""
        return tuple(
            name for name, value in vars(self).items() if value is not before[name] and not _same(value, before[name])
        )


IN_PLACE = ("outside_supply", "outside_price")
"""EntryPoint points that are arrays from the start, small and changed in place."""


def _same(now: Any, before: Any) -> bool:
    if isinstance(now, list | dict):
        return len(now) == len(before)
    return bool(np.all(now == before))


def entry_points() -> dict[str, Field[Any]]:
    """Every entry point by name; `metadata` holds stage, unit, stacking and meaning."""
    return {item.name: item for item in fields(Policy)}


def left(present: EntryPoint, share: EntryPoint) -> EntryPoint:
    """`share` of what `present` leaves: two shares together, never above 1."""
    return 1.0 - (1.0 - present) * (1.0 - share)
