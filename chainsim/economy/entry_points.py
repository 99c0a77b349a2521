"""Entry points: all that levers and shocks can move, neutral again every January.

A lever changes nothing else. Each has the shape that it declares, moved or not: a scalar, a list, a mapping, or an
array, (n,) over enterprises, (S,) over segments, (P,) over parks. Neutral arrays cannot be written to: whoever moves
one puts a new array in its place. `entry_point` says which stage reads it, or that levers do, and how several levers
that meet there add up.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from functools import cache, lru_cache
from itertools import compress
from operator import is_not
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainsim.economy.types import Array, Flags

M = "CNY million"
ADD, LARGEST, MULTIPLY, LEFT = "adds", "largest counts", "multiplies", "share of what others leave"


class Arrival(NamedTuple):
    """Plants that come from outside: `name` keys their luck; either `mean` a year by Poisson or a whole `number`.

    `weight` (S,) says where they settle; `size` CNY million of output or 0 for the minimum efficient scale; `outside`
    the part sold outside the region from the start; `quality` log points above what the segment can start from.
    `anchor` plants stay and draw suppliers after them; buyers design in those `designed_in`; a `named` plant is listed
    under its name.
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


class Purchase(NamedTuple):
    """Public purchases of lever `name` from enterprises here, `local` (S,) CNY million.

    `quality_weight` is the weight of quality in the choice, `certificate_weight` that of a certificate (log);
    `eligible` (n,) says who may deliver, `displaced` (S,) what share of ordinary public demand gives way.
    """

    name: str
    local: Array
    quality_weight: float
    certificate_weight: float
    eligible: Flags
    displaced: Array


class Introduction(NamedTuple):
    """What lever `name` arranges: `suppliers` (n,) meet `buyers` (n,) who review a link.

    They are shown in at most `places` beside the usual sample, and have a `bonus` in the choice wherever both meet.
    """

    name: str
    suppliers: Flags
    buyers: Flags
    places: int
    bonus: float


class PlantGrant(NamedTuple):
    """What lever `name` of a `kind` pays of first plants: `share` (S,) of their capital in the mean of all of them.

    `meant` (S,) is the part of them that it is meant for; `money`, CNY million, is what it has for them in the year.
    """

    name: str
    kind: str
    share: Array
    meant: Array
    money: float


def entry_point(neutral: Any, shape: str, stage: str, unit: str, stacking: str, meaning: str, axes: str = "") -> Any:
    """An entry point with its neutral value, shape, the stage that reads it, unit, rule of stacking and meaning."""
    if shape.startswith("("):
        meaning = f"{meaning}, {shape}" + (f": {axes}" if axes else "")
    about = {"shape": shape, "stage": stage, "unit": unit, "stacking": stacking, "meaning": meaning, "neutral": neutral}
    return field(metadata=about)


@dataclass
class Policy:
    """Entry points of one year; `neutral` makes them."""

    # fmt: off
    outside_supply: Array = entry_point(1.0, "(S, 2)", "sourcing", "1", MULTIPLY,
        "share of the wanted quantity that outside suppliers deliver", axes="national, abroad")
    outside_price: Array = entry_point(1.0, "(S, 2)", "pricing", "1", MULTIPLY,
        "price of outside supply relative to its trend")
    shared_shortage: Array = entry_point(0.0, "(S,)", "sourcing", "1", LARGEST,
        "1 where national suppliers run short of an input like local ones")
    capital_subsidy: Array = entry_point(0.0, "(n,)", "pricing", "1", ADD,
        "public share of the user cost of capital")
    local_bonus: Array = entry_point(0.0, "(n,)", "sourcing", "1", ADD,
        "bonus of local suppliers in the eyes of a buyer")
    introductions: list[Introduction] = entry_point(list, "list", "sourcing", "1", ADD,
        "suppliers introduced to buyers, with places at a review and a bonus in the choice; a supplier by the first only")
    required_inputs: Array = entry_point(0.0, "(S, S)", "sourcing", "1", LEFT,
        "share of an input that a buyer segment takes certified only")
    purchases_raised: dict[str, tuple[int, Flags, Array]] = entry_point(dict, "by name", "sourcing", "1", MULTIPLY,
        "input, buyers (n,) and factor (n,) on what they buy of it per unit from now on")
    market: Array = entry_point(1.0, "(S, 4)", "demand", "1", MULTIPLY,
        "expenditure of a final market over its path")
    adopters: Array = entry_point(0.0, "(2, S)", "demand", "1", ADD,
        "share of industries outside the chain that adopts, and what it adds to their purchases from now on")
    reach: Array = entry_point(0.0, "(n,)", "demand", "log", ADD,
        "goodwill won in final markets this year")
    required: Array = entry_point(0.0, "(S, 4)", "demand", "1", LEFT,
        "share of a final market's expenditure that asks for a certificate")
    certificates: Array = entry_point(0.0, "(n,)", "demand", "1", LARGEST,
        "1 for enterprises that get a certificate")
    rival_certificates: Array = entry_point(0.0, "(S,)", "demand", "1", LARGEST,
        "share of outside rivals without a certificate that get one")
    purchases: list[Purchase] = entry_point(list, "list", "demand", M, ADD,
        "public purchases beside the markets")
    talent: Array = entry_point(0.0, "(n,)", "labour", "persons", ADD,
        "skilled people who join an enterprise from outside")
    link_talent: Array = entry_point(0.0, "(S,)", "labour", "persons", ADD,
        "skilled people who join laboratories of a missing link")
    skilled_inflow: float = entry_point(0.0, "scalar", "labour", "persons", ADD,
        "skilled people who join the region's labour force")
    outside_pay: float = entry_point(0.0, "scalar", "labour", "log", ADD,
        "change of pay outside the region")
    rd_support: Array = entry_point(0.0, "(n,)", "innovation", M, ADD,
        "R&D that public support adds")
    rd_effort: Array = entry_point(1.0, "(n,)", "innovation", "1", MULTIPLY,
        "factor on the own R&D budget")
    rd_deduction: Array = entry_point(0.0, "(n,)", "innovation", "1", ADD,
        "extra deduction of R&D beyond the national rule")
    relabelling: Array = entry_point(0.0, "(n,)", "innovation", "1", LARGEST,
        "share of the answer to an extra deduction that is other cost relabelled")
    rd_tax_cut: Array = entry_point(0.0, "(n,)", "innovation", "1", ADD,
        "points of a tax cut that count in what a deduction of R&D is worth")
    discovery: Array = entry_point(0.0, "(n,)", "innovation", "1", ADD,
        "added probability of a discovery")
    spillover: Array = entry_point(1.0, "(n,)", "innovation", "1", MULTIPLY,
        "factor on spillovers from the neighbourhood")
    adoption: Array = entry_point(0.0, "(n,)", "innovation", "log", ADD,
        "productivity won by adopters, half of it next year")
    institutes: Array = entry_point(0.0, "(S,)", "innovation", M, ADD,
        "grants to institutes by segment served")
    park_places: Array = entry_point(0.0, "(P,)", "innovation", "persons", ADD,
        "staff places built in a park")
    delay_saved: Array = entry_point(0.0, "(n,)", "investment", "1", ADD,
        "share of the delay of expansions that is saved")
    tax_cut: Array = entry_point(0.0, "(n,)", "levers", "1", ADD,
        "points off the profit tax rate, at most the rate")
    relieved: Array = entry_point(0.0, "(n,)", "levers", M, ADD,
        "taxable profit that deductions beyond the law have taken off already")
    income: Array = entry_point(0.0, "(n,)", "finance", M, ADD,
        "support of the year less the cost of taking part")
    costs: dict[str, Array] = entry_point(dict, "by name", "production", M, ADD,
        "what taking part costs enterprises by row of the ledger, (n,)")
    guarantee: Array = entry_point(0.0, "(n,)", "finance", "1", ADD,
        "share of new loans that the public guarantees")
    park_pull: Array = entry_point(0.0, "(S, P)", "demography", "log", ADD,
        "pull of a park on entrants of a segment")
    entrants: Array = entry_point(1.0, "(S,)", "demography", "1", MULTIPLY,
        "factor on the number of entrants")
    plant_grant: Array = entry_point(0.0, "(S,)", "demography", "1", LEFT,
        "public share of the capital of a first plant, at most .9")
    plant_grants: list[PlantGrant] = entry_point(list, "list", "demography", "1", ADD,
        "who pays this share, and the money there is for it")
    location: Array = entry_point(1.0, "(S, 4)", "demography", "1", MULTIPLY,
        "factor on arrivals from outside", axes="state, private, foreign, institute owners")
    attraction: Array = entry_point(0.0, "(S, 5)", "demography", "1", ADD,
        "share of arrivals from outside that come for incentives", axes="sister provinces, state groups, private, institutes, foreign")
    attraction_most: Array = entry_point(0.0, "(S, 5)", "demography", "1", LARGEST,
        "most that this share can be", axes="sister provinces, state groups, private, institutes, foreign")
    arrivals: list[Arrival] = entry_point(list, "list", "demography", "enterprises/y", ADD,
        "plants that come from outside for a reason of their own")
    closing: Array = entry_point(0.0, "(n,)", "demography", "1", LARGEST,
        "1 for enterprises that leave at the end of the year")
    # fmt: on

    def __post_init__(self) -> None:
        """Remember what nobody has moved yet."""
        self.untouched = vars(self).copy()

    @classmethod
    def neutral(cls, enterprises: int, segments: int, parks: int) -> Policy:
        """All entry points at their neutral value."""
        counts = {"n": enterprises, "S": segments, "P": parks, "2": 2, "4": 4, "5": 5}
        arrays, others = neutral_values()
        values = {name: value() if callable(value) else value for name, value in others.items()}
        for (neutral, shape), names in arrays.items():
            values |= dict.fromkeys(names, untouched(neutral, *(counts[axis] for axis in SHAPES[shape])))
        return cls(**values)

    def is_neutral(self, name: str) -> bool:
        """Whether nobody has put anything in the place of an entry point."""
        return getattr(self, name) is self.untouched[name]

    def charge(self, row: str, cost: Array) -> None:
        """Let enterprises pay `cost` (n,), CNY million, to the nation under a row of the ledger."""
        self.costs = {**self.costs, row: self.costs.get(row, 0.0) + cost}
        self.income = self.income - cost

    def support(self, amount: Array) -> None:
        """Count `amount` (n,), CNY million, among the income of the year; enterprises founded in it had none before."""
        before = np.zeros(amount.size)
        before[: self.income.size] = self.income
        self.income = before + amount

    def state(self) -> dict[str, Any]:
        """What stands at every entry point, to be compared with a later state.

        Arrays that are there cannot be changed in place from now on: a lever puts a new one in their place, so that it
        can be said which levers moved what.
        """
        values = vars(self).copy()
        for value in compress(values.values(), map(is_not, values.values(), self.untouched.values())):
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
        return values

    def moved(self, before: dict[str, Any]) -> tuple[str, ...]:
        """Entry points that differ from an earlier state."""
        now = vars(self)
        put = compress(self.untouched, map(is_not, now.values(), before.values()))
        return tuple(name for name in put if not _same(now[name], before[name]))


def _same(now: Any, before: Any) -> bool:
    if isinstance(now, list | dict):
        return len(now) == len(before)
    return np.shape(now) == np.shape(before) and bool((np.asarray(now) == before).all())


@lru_cache(maxsize=1024)
def untouched(neutral: float, *shape: int) -> Array:
    """An array of one value that cannot be written to."""
    return np.broadcast_to(neutral, shape)


@cache
def entry_points() -> dict[str, Field[Any]]:
    """Every entry point by name; `metadata` holds shape, stage, unit, stacking, meaning and neutral value."""
    return {item.name: item for item in fields(Policy)}


@cache
def neutral_values() -> tuple[dict[tuple[float, str], list[str]], dict[str, Any]]:
    """Names of the entry points that are arrays, by neutral value and shape; and what others are, or how it is made."""
    arrays: dict[tuple[float, str], list[str]] = {}
    others: dict[str, Any] = {}
    for name, item in entry_points().items():
        neutral, shape = item.metadata["neutral"], item.metadata["shape"]
        if callable(neutral) or shape == "scalar":
            others[name] = neutral
        else:
            arrays.setdefault((neutral, shape), []).append(name)
    return arrays, others


SHAPES = {
    item.metadata["shape"]: item.metadata["shape"].strip("()").replace(" ", "").strip(",").split(",")
    for item in entry_points().values()
}
"""Axes of every shape."""


def left(present: Array, share: NDArray[np.floating] | float) -> Array:
    """`share` of what `present` leaves: two shares together, never above 1."""
    return 1.0 - (1.0 - present) * (1.0 - share)
