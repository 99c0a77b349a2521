"""Runs the program year by year and holds its state after every step against the second opinion's."""

import math
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from second_opinion import choosing, coming, making, paying, reading, researching, selling

from chainsim import stages
from chainsim.economy import arrivals
from chainsim.economy.arrays import M
from chainsim.economy.columns import COLUMNS, Reference
from chainsim.runs.simulation import Simulation
from chainsim.scenario.scenario import Scenario
from chainsim.stages import missing_links, spin_offs

TOLERANCE = 1e-10
CHAINED = 5
"""Years of steps that begin with what those before them left."""
ROUNDING = 1e-12
"""Of a number: what is due to rounding, and does not decide whether cash of nothing is less than nothing."""
RULES: dict[tuple[type, str], Callable[..., None]] = {
    (stages.Pricing, "step"): selling.pricing,
    (stages.Sourcing, "step"): choosing.sourcing,
    (stages.Demand, "step"): selling.demand,
    (stages.Labour, "step"): making.labour,
    (stages.Production, "produce"): making.produce,
    (stages.Production, "pay"): making.pay,
    (stages.Innovation, "step"): researching.innovate,
    (stages.Investment, "step"): paying.invest,
    (stages.Finance, "tax"): paying.tax,
    (stages.Finance, "lend"): paying.lend,
    (stages.Finance, "pay_out"): paying.pay_out,
    (stages.Demography, "count_losses"): coming.count_losses,
    (stages.Demography, "turnover"): coming.turnover,
    (stages.Demography, "restructure"): coming.restructure,
    (stages.Demography, "repay"): coming.repay,
    (stages.Demography, "close"): coming.close,
    (stages.Demography, "found"): coming.found,
}
"""What answers each step of the program."""
ASKED: dict[tuple[type, str], Callable[..., Any]] = {
    (stages.Innovation, "norm_rd"): making.norm_rd_of_all,
    (stages.Innovation, "own_rd"): making.own_rd_of_all,
    (stages.Innovation, "relabelled"): making.relabelled,
    (stages.Investment, "wanted"): paying.wanted,
    (stages.Investment, "planned"): paying.planned,
    (stages.Finance, "loans_called_for"): paying.loans_called_for,
    (stages.Finance, "loans_asked"): paying.loans_asked,
    (stages.Finance, "taxable"): paying.taxable,
}
"""What answers the rules that levers ask between the steps."""
FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "first_plant_rate": missing_links.first_plant_rate,
    "spin_off_mean": spin_offs.expected,
    "plant_means": lambda _, economy: arrivals.means(economy),
}
"""Rules of the program that are no methods of the stage whose step they are part of."""
SILENT = {"sweeps"}
"""What counts the work of the program and is no part of the model."""
REST = {
    "flows": None,
    "booked": None,
    "region": 1e-2,
    "rival_share": 1e-9,
    "reference_profit": 1e-2,
    "first_plant": 1.0,
}
"""What is compared beside the columns, with the least that differences are held against; None a part of all sales."""


def differences(mine: Any, theirs: Any, place: str, least: float) -> Iterator[tuple[float, str]]:
    """Relative differences of two plain values, with their places; 1e9 where they are of different shape.

    A number is held against itself, or against `least` if that is more.
    """
    if mine == theirs:
        return
    if isinstance(mine, SimpleNamespace):
        mine, theirs = vars(mine), vars(theirs)
    if isinstance(mine, dict):
        for key in (mine.keys() | theirs.keys()) - SILENT:
            yield from differences(mine.get(key), theirs.get(key), f"{place}.{key}", least)
    elif isinstance(mine, list) and isinstance(theirs, list):
        if len(mine) != len(theirs):
            yield 1e9, f"{place} has {len(mine)}, not {len(theirs)}"
        for number, (own, other) in enumerate(zip(mine, theirs, strict=False)):
            yield from differences(own, other, f"{place}[{number}]", least)
    elif isinstance(mine, float) and isinstance(theirs, float):
        gap = abs(mine - theirs) / max(abs(mine), abs(theirs), least)
        yield (1e9 if math.isnan(gap) else gap), f"{place} {mine!r} {theirs!r}"
    else:
        yield 1e9, f"{place} {mine!r} {theirs!r}"


def worst_of(mine: list[Any], theirs: list[Any], place: str, least: list[float]) -> tuple[float, str]:
    """Largest relative difference of two columns, as `differences` has them; `least` by row."""
    own, other = np.array(mine, dtype=float), np.array(theirs, dtype=float)
    held = np.array(least).reshape(-1, *(1,) * (other.ndim - 1))
    gap = np.abs(own - other) / np.maximum(np.maximum(np.abs(own), np.abs(other)), held)
    gap = np.where(own == other, 0.0, np.where(np.isnan(gap), 1e9, gap))
    at = np.unravel_index(gap.argmax(), gap.shape)
    return float(gap[at]), f"{place}{[int(part) for part in at]} {float(own[at])!r} {float(other[at])!r}"


def apart(mine: SimpleNamespace, theirs: SimpleNamespace) -> Iterator[tuple[float, str]]:
    """Differences of two states over the enterprises that operate; money is held against a tenth of their sales."""
    if mine.n != theirs.n:
        yield 1e9, f"{mine.n} enterprises, not {theirs.n}"
        return
    rows = [i for i in range(theirs.n) if theirs.active[i] or theirs.operated[i]]
    for column in COLUMNS:
        own, other = ([getattr(side, column.name)[i] for i in rows] for side in (mine, theirs))
        if own != other and column.dtype is np.float64:
            sales = [0.1 * theirs.sales[i] if column.unit == M else 0.0 for i in rows]
            yield worst_of(own, other, column.name, [max(least, 1e-9) for least in sales])
        else:
            yield from differences(own, other, column.name, 1e-9)
    links = [j for i in rows for j in range(*theirs.link.start[i : i + 2])]
    for name, values in vars(theirs.link).items():
        own = getattr(mine.link, name)
        if len(own) != len(values) or not values or name == "start":
            yield from differences(own, values, f"link.{name}", 1e-12)
        else:
            own, other = ([side[j] for j in links] for side in (own, values))
            yield from differences(own, other, f"link.{name}", 1e-12)
    for side, other in ((mine, theirs), (theirs, mine)):
        side.booked = dict.fromkeys(other.booked, 0.0) | side.booked
    whole = 1e-2 * sum(theirs.sales)
    for name, least in REST.items():
        yield from differences(getattr(mine, name), getattr(theirs, name), name, whole if least is None else least)


def answer_of(result: Any, asked: dict[str, Any]) -> Any:
    """What a step returned and what its rules say before it, as a plain dict; None where there is nothing."""
    return reading.plain(asked) | vars(reading.table(result)) if asked else None


def carried(own: Any, then: Any, now: Any) -> Any:
    """One's own state, moved as the program's was from `then` to `now` between two steps; rounding is not carried on."""
    if now == then:
        return now if isinstance(own, float) and abs(own - then) <= ROUNDING * max(1.0, abs(then)) else own
    if isinstance(now, SimpleNamespace):
        return SimpleNamespace(**carried(vars(own), vars(then), vars(now)))
    if isinstance(now, dict):
        both = own.keys() & then.keys()
        return {key: carried(own[key], then[key], value) if key in both else value for key, value in now.items()}
    if isinstance(now, list) and isinstance(own, list) and len(now) == len(own) == len(then):
        return [carried(*parts) for parts in zip(own, then, now, strict=True)]
    if isinstance(now, float) and isinstance(own, float) and now not in (then, 0.0):
        return own + (now - then)
    return now


def without_closed(state: SimpleNamespace, rows: list[int]) -> SimpleNamespace:
    """The state with some of its rows only, as New Year leaves it."""
    columns = {column.name: [getattr(state, column.name)[i] for i in rows] for column in COLUMNS}
    place, link = {row: number for number, row in enumerate(rows)}, state.link
    kept = [j for i in rows for j in range(link.start[i], link.start[i + 1])]
    start = [0]
    for i in rows:
        start.append(start[-1] + link.start[i + 1] - link.start[i])
    links = {name: [values[j] for j in kept] for name, values in vars(link).items() if name != "start" and values}
    links["supplier"] = [place.get(supplier, supplier) for supplier in links.get("supplier", [])]
    own_link = SimpleNamespace(**(vars(link) | links | {"start": start}))
    return SimpleNamespace(**(vars(state) | columns | {"n": len(rows), "link": own_link}))


class Follower:
    """Runs beside the program: the second opinion's own state, or at every step the program's."""

    def __init__(self, chained: bool) -> None:
        self.chained, self.worst = chained, dict[str, tuple[float, str]]()
        self.own: SimpleNamespace | None = None
        self.then: SimpleNamespace | None = None
        self.coming: Any = None
        self.inside = False

    def before(self, economy: Any) -> SimpleNamespace:
        """The state that the next step begins with; what levers and New Year did is taken from the program."""
        now = reading.read(economy)
        if not self.chained or self.own is None or self.then is None:
            return now
        if now.n < self.then.n:
            there = set(now.identity)
            rows = [i for i, identity in enumerate(self.then.identity) if identity in there]
            self.own, self.then = (without_closed(state, rows) for state in (self.own, self.then))
        return carried(self.own, self.then, now)  # type: ignore[no-any-return]

    def watched(self, step: str, own: Callable[..., Any], program: Callable[..., Any]) -> Callable[..., Any]:
        """The step of the program, followed by the second opinion's and by their differences."""

        def act(stage: Any, economy: Any, *more: Any) -> Any:
            mine, told = self.before(economy), [reading.plain(item) for item in more]
            if self.chained and step.endswith("found"):
                told = [self.coming]
            answer = own(mine, *told)
            if step.endswith("turnover"):
                self.coming = SimpleNamespace(**answer)
            rules = [rule for rule in answer or () if callable(getattr(stage, rule, None))]
            asked = {rule: getattr(stage, rule)(economy) for rule in rules}
            asked |= {name: rule(stage, economy) for name, rule in FUNCTIONS.items() if name in (answer or ())}
            self.inside = True
            result = program(stage, economy, *more)
            self.inside = False
            self.own, self.then = mine, reading.read(economy)
            theirs = answer_of(result, asked)
            gap = max([*apart(mine, self.then), *differences(answer, theirs, "answer", 1e-2)], default=(0.0, ""))
            self.keep(step, economy, gap)
            return result

        return act

    def asked(self, rule: str, own: Callable[..., Any], program: Callable[..., Any]) -> Callable[..., Any]:
        """The rule of the program, held against the second opinion's of those who operate when a lever asks for it."""

        def answer(stage: Any, economy: Any, *more: Any) -> Any:
            nested, self.inside = self.inside, True
            theirs = program(stage, economy, *more)
            self.inside = nested
            if not nested:
                state = reading.read(economy)
                mine = own(state, *(reading.plain(item) for item in more))
                rows = [i for i in range(state.n) if state.active[i]]
                pair = ([side[i] for i in rows] for side in (mine, reading.plain(theirs)))
                self.keep(rule, economy, max(differences(*pair, rule, 1e-2), default=(0.0, "")))
            return theirs

        return answer

    def keep(self, step: str, economy: Any, gap: tuple[float, str]) -> None:
        """Remember the largest difference of a step."""
        if gap[0] >= self.worst.get(step, (0.0, ""))[0]:
            self.worst[step] = (gap[0], f"{economy.year} {gap[1]}")


def compared(
    scenario: Scenario, seed: int, chained: bool = False, reference: Reference | None = None
) -> dict[str, tuple[float, str]]:
    """Largest difference at every step of all years, with its place, by step.

    Each step of the second opinion begins with the program's state or, `chained`, with what its own steps left. Then
    five years are compared, because the rounding of a chaotic economy grows from year to year.
    """
    follower, simulation = Follower(chained), Simulation(scenario, seed, reference)
    with pytest.MonkeyPatch.context() as patch:
        for rules, watch in ((RULES, follower.watched), (ASKED, follower.asked)):
            for (stage, name), own in rules.items():
                patch.setattr(stage, name, watch(f"{stage.__name__}.{name}", own, getattr(stage, name)))
        while simulation.running and not (chained and simulation.economy.years == CHAINED):
            simulation.step()
    return follower.worst
