"""Worlds: the same comparison under other numbers, drawn within the ranges that scenario and parameters state.

A world is a Latin hypercube draw of all numbers of the economy that have a range and can move alone (parameters of
stages and of the region; of segments those that no balance of the base year holds; growth of markets), and of all
numbers of the policy's levers that have one. Numbers that a calibration fitted come together from its posterior. Each
world has seeds of its own, so that an effect differs between worlds by what is not known and by luck, and within a
world by luck alone.

Crossed, the two groups are drawn apart and worlds stand in squares: two draws of the economy, each with the same two
draws of the levers' numbers, so that worlds of a square may differ by one group alone (pick and freeze: Saltelli
et al. 2010).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from chainsim.runs.certified import OTHER_BYTES, Damaged
from chainsim.runs.output_folder import OutputError
from chainsim.scenario.csv_tables import POSTERIOR, as_calibrated
from chainsim.scenario.errors import Mark, Problems, ScenarioError
from chainsim.scenario.explain import Explained, changed, explained
from chainsim.scenario.schema import MOST_WORLDS, Worlds

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

ECONOMY, POLICY, CROSSED = "economy", "policy", "crossed"
Vary = Literal["all", "economy", "policy", "crossed"]
SQUARE = 4
"""Worlds of a square, of two draws of the economy and two of the levers' numbers."""
Ranges = dict[str, tuple[float, float, bool]]
"""Low, high, and whether it is a whole number, by path."""

BLOCKS = ("stages", "region", "population", "chain.segments")
"""Where numbers of the economy stand. One in which a policy is not as its baseline is the policy's own: not drawn."""
SEGMENT_FIELDS = ("price_trend", "quality_gap", "min_efficient_scale", "exit_hazard", "process_share")
"""Numbers of a segment that move alone: the others balance each other in the base year."""
GROWTH = "markets.growth"
"""Growth of all markets: half of a market's position in its range is common to all, half that of its segment."""
CENTRAL = "a split, or a comparison under a shock, is made in the numbers as stated; take worlds out: --set worlds=null"
FEWEST_FITTED = 32
"""Worlds of a posterior where their number is not stated."""


class Uncertain(NamedTuple):
    """A number, or several that move together, with the range of each by path; `group` is economy or policy."""

    name: str
    group: str
    ranges: Ranges

    def at(self, position: float) -> dict[str, float]:
        """The values at a position from 0 (all at their low) to 1, by path; whole numbers stay whole."""
        found = {path: low + position * (high - low) for path, (low, high, _) in self.ranges.items()}
        return {path: round(value) if self.ranges[path][2] else value for path, value in found.items()}


@dataclass(frozen=True)
class World:
    """Values by path of one draw: `economy` of all scenarios, `policy` of those that have the path."""

    economy: Mapping[str, Any]
    policy: Mapping[str, Any]

    def of(self, scenario: Scenario) -> Scenario:
        """The scenario with the numbers of the world."""
        own = {path: value for path, value in self.policy.items() if path.split(".")[1] in scenario.levers}
        return scenario.replace({**self.economy, **own})


def uncertain(base: Scenario, policies: Sequence[Scenario]) -> list[Uncertain]:
    """All numbers with a range: those of the economy first, as all scenarios have them, then those of the levers."""
    own = changed(base, policies, BLOCKS)
    rows = [row for block in BLOCKS[:3] for row in explained(base, block) if ranged(row)]
    found = [single(row, ECONOMY) for row in rows if row.path not in own]
    for field in SEGMENT_FIELDS:
        fields = [row for name in base.chain.segments for row in explained(base, f"chain.segments.{name}.{field}")]
        ranges = spans(row for row in fields if row.path not in own)
        found += [Uncertain(f"chain.segments.*.{field}", ECONOMY, ranges)] if ranges else []
    levers: dict[str, Explained] = {}
    for scenario in (base, *policies):
        if scenario.levers:
            levers |= {row.path: row for row in explained(scenario, "levers") if ranged(row)}
    return found + [single(row, POLICY) for row in levers.values()]


def growths(base: Scenario, own: set[str]) -> dict[str, Ranges]:
    """Ranges of the growth of markets, by segment and path, but for those of a policy's own."""
    rows = {
        name: spans(
            row
            for market in segment.markets
            for row in explained(base, f"chain.segments.{name}.markets.{market}.growth")
            if row.path not in own
        )
        for name, segment in base.chain.segments.items()
    }
    return {name: ranges for name, ranges in rows.items() if ranges}


def ranged(row: Explained) -> bool:
    """Whether a value is a number with a range to move in."""
    number = isinstance(row.value, int | float) and not isinstance(row.value, bool)
    return number and row.low is not None and row.high is not None and row.low < row.high


def single(row: Explained, group: str) -> Uncertain:
    """The number of one path."""
    return Uncertain(row.path, group, spans([row]))


def spans(rows: Iterable[Explained]) -> Ranges:
    """Low, high, and whether it is a whole number, by path, of the rows that have a range."""
    return {row.path: (row.low, row.high, isinstance(row.value, int)) for row in rows if ranged(row)}  # type: ignore[misc]


class Draw(NamedTuple):
    """The worlds of a comparison, and the position of every number in each of them, (W, names)."""

    worlds: tuple[World, ...]
    positions: pd.DataFrame
    groups: dict[str, str]


class AskedWorlds(NamedTuple):
    """Number of worlds, draws of numbers that were fitted, by path, if any, and the group that is drawn."""

    number: int
    fitted: pd.DataFrame | None
    vary: Vary = "all"

    @property
    def stated(self) -> Worlds:
        """The same as a scenario states it: the draws that are taken."""
        taken = None if self.fitted is None else even_rows(self.fitted, self.number)
        draws = {} if taken is None else {str(path): tuple(column.tolist()) for path, column in taken.items()}
        return Worlds(points=self.number, vary=self.vary, draws=draws)


def stated_worlds(base: Scenario, policies: Sequence[Scenario]) -> AskedWorlds | None:
    """The worlds that the policies or else the baseline state; None where none does.

    Raises:
        ScenarioError: two policies state different ones.
    """
    found: list[Worlds | None] = [policy.worlds for policy in policies if policy.worlds is not None] or [base.worlds]
    if any(worlds != found[0] for worlds in found):
        raise refused(policies[0], "the policies state different worlds; state them once, in the baseline")
    first = found[0]
    if first is None:
        return None
    return AskedWorlds(first.points, pd.DataFrame(first.draws) if first.draws else None, first.vary)


def refused(holder: Scenario, message: str) -> ScenarioError:
    """That a scenario cannot have its worlds, or those asked for, and why."""
    problems = Problems()
    problems.add(holder.mark("worlds") or Mark(holder.name), ("worlds",), message)
    return ScenarioError(problems.found)


def worlds_of(
    base: Scenario,
    policies: Sequence[Scenario],
    worlds: int | Mapping[str, Any] | None,
    vary: Vary | None,
    as_stated: bool = False,
) -> AskedWorlds | None:
    """The worlds of a comparison, as asked for or else as a scenario states them.

    A number asked for takes so many of the draws that a scenario states. `as_stated` says that the comparison has a
    part that is made in the numbers as they stand.

    Raises:
        ScenarioError: a scenario states worlds, and `as_stated`; it holds fewer draws; or nothing is drawn of which
            `vary` could say what; or as `stated_worlds`.
        ValueError: as `asked_worlds`.
        OutputError: as `asked_worlds`.
    """
    stated, asked = stated_worlds(base, policies), asked_worlds(worlds)
    found = stated if asked is None else asked
    if found is None:
        if vary is not None:
            raise refused(
                base, f"nothing is drawn, so that vary: {vary} says nothing; state a number of worlds as well"
            )
        return None
    holder = next((policy for policy in policies if policy.worlds is not None), base)
    if as_stated and asked is None:
        raise refused(holder, CENTRAL)
    if stated is not None and asked is not None and asked.fitted is None:
        if stated.fitted is not None and asked.number > stated.number:
            raise refused(holder, f"the scenario states {stated.number} draws, {asked.number} are asked for")
        found = stated._replace(number=asked.number)
    return found._replace(vary=vary or found.vary)


def asked_worlds(worlds: int | Mapping[str, Any] | None) -> AskedWorlds | None:
    """The worlds of `worlds=32`, or of `worlds={"from": "out/calibration", "points": 32}`, a calibration's folder.

    Raises:
        ValueError: there are fewer than two or too many, or the mapping says something else.
        OutputError: the folder holds no calibration, or draws that are not what was written.
    """
    if worlds is None:
        return None
    stated: Mapping[str, Any] = worlds if isinstance(worlds, Mapping) else {"points": worlds}
    number = stated.get("points", FEWEST_FITTED)
    if set(stated) - {"from", "points"} or not isinstance(number, int):
        raise ValueError(f"worlds is {worlds}; it must be a number or like {{'from': 'out/calibration', 'points': 32}}")
    if not 2 <= number <= MOST_WORLDS:
        raise ValueError(f"worlds is {number}; it must be from 2 to {MOST_WORLDS:,}")
    if "from" not in stated:
        return AskedWorlds(number, None)
    path = Path(stated["from"]) / POSTERIOR
    if not path.is_file():
        raise OutputError(
            f"{stated['from']} holds no calibration; chainsim calibrate FILE -o {stated['from']} makes one"
        )
    if not as_calibrated(path.parent):
        raise Damaged(path, OTHER_BYTES)
    return AskedWorlds(number, read_draws(path))


def read_draws(path: Path) -> pd.DataFrame:
    """Draws by path of the number that they are of. *Raises* Damaged where they are no table of numbers."""
    try:
        draws = pd.read_csv(path, dtype=float)
    except (OSError, ValueError) as error:
        raise Damaged(path, "it cannot be read as a table of numbers") from error
    if draws.empty or not np.isfinite(draws.to_numpy()).all():
        raise Damaged(path, "a number is missing or not finite")
    return draws


def even_rows(draws: pd.DataFrame, number: int) -> pd.DataFrame:
    """So many evenly spaced rows."""
    return draws.iloc[((np.arange(number) + 0.5) * len(draws) / number).astype(int)]


def fitted_together(fitted: pd.DataFrame, number: int) -> tuple[list[Uncertain], pd.DataFrame]:
    """Numbers that were fitted, in the range of the draws taken, and their positions in these, (number, m)."""
    rows = even_rows(fitted, number)
    ends = {path: (float(values.min()), float(values.max())) for path, values in rows.items()}
    whole = {path: bool((values == values.round()).all()) for path, values in rows.items()}
    found = [Uncertain(str(path), ECONOMY, {str(path): (*ends[path], whole[path])}) for path in fitted]
    places = {path: (rows[path] - low) / max(high - low, 1e-300) for path, (low, high) in ends.items()}
    return found, pd.DataFrame(places).reset_index(drop=True)


def drawn(
    base: Scenario,
    policies: Sequence[Scenario],
    number: int,
    seed: int,
    vary: Vary = "all",
    fitted: pd.DataFrame | None = None,
) -> Draw:
    """Draw `number` worlds for a baseline and policies, of all numbers, of those of one group, or of both crossed.

    Numbers that were `fitted` (draws by path) are taken together from there instead. A value that a scenario refuses
    beside the others keeps its own value in that world, at no position.

    Raises:
        ScenarioError: no number to vary has a range, or as `check_crossed`.
        ValueError: a world is refused whatever is left out.
    """
    from scipy.stats import qmc

    apart, own = number // 2 if vary == CROSSED else number, changed(base, policies, BLOCKS)
    kept = None if fitted is None else fitted.drop(columns=own.intersection(fitted))
    kept = kept if kept is None or vary != CROSSED else even_rows(kept, number)  # those that a scenario keeps
    together, given = ([], None) if kept is None or vary == POLICY else fitted_together(kept, apart)
    known = {item.name for item in together}
    groups_drawn = (vary,) if vary in (ECONOMY, POLICY) else (ECONOMY, POLICY)
    numbers = [item for item in uncertain(base, policies) if item.group in groups_drawn and item.name not in known]
    numbers += together
    markets = growths(base, own) if vary != POLICY else {}
    names = [item.name for item in numbers] + ([GROWTH, *(f"{GROWTH}.{name}" for name in markets)] if markets else [])
    if not names:
        raise refused(base, "no number to vary has a range, so that all worlds would be the same")
    groups = dict.fromkeys(names, ECONOMY) | {item.name: item.group for item in numbers}
    if vary == CROSSED:
        check_crossed(base, number, groups)
    sample = qmc.LatinHypercube(len(names), rng=seed).random(apart)
    table = pd.DataFrame(sample, columns=names)
    if given is not None:
        table[given.columns] = given
    if vary == CROSSED:
        table = in_squares(table, groups)
    places: list[dict[str, float]] = [dict(zip(names, row, strict=True)) for row in table.to_numpy().tolist()]
    worlds = tuple(world_at(base, policies, numbers, markets, row) for row in places)
    return Draw(worlds, pd.DataFrame(places, columns=names), groups)


def check_crossed(base: Scenario, number: int, groups: Mapping[str, str]) -> None:
    """*Raises* ScenarioError where so many worlds are no squares, or a group has no number to draw."""
    if number % SQUARE:
        more = SQUARE * (number // SQUARE + 1)
        raise refused(base, f"crossed, worlds stand in squares of four: take {more} in place of {number}")
    for group in (ECONOMY, POLICY):
        if group not in groups.values():
            raise refused(base, f"no number of the {group} has a range, so that there is nothing to cross")


def in_squares(table: pd.DataFrame, groups: Mapping[str, str]) -> pd.DataFrame:
    """Draws (W / 2, names) set in squares (W, names): two rows for the economy, each with both for the levers."""
    world = np.arange(2 * len(table))
    rows = {ECONOMY: world // 2, POLICY: world // SQUARE * 2 + world % 2}
    return pd.DataFrame({name: table[name].to_numpy()[rows[group]] for name, group in groups.items()})


def world_at(
    base: Scenario,
    policies: Sequence[Scenario],
    numbers: Sequence[Uncertain],
    markets: Mapping[str, Ranges],
    places: dict[str, float],
) -> World:
    """The world at some `places` by name; those of values that a scenario refuses are taken out.

    Raises:
        ValueError: a scenario refuses it whatever is taken out.
    """
    items = {item.name: item for item in numbers}
    items |= {f"{GROWTH}.{name}": Uncertain(f"{GROWTH}.{name}", ECONOMY, ranges) for name, ranges in markets.items()}
    while True:
        values: dict[str, dict[str, float]] = {ECONOMY: {}, POLICY: {}}
        for name, item in items.items():
            if name in places:
                common = places.get(GROWTH, 0.5) if name.startswith(f"{GROWTH}.") else places[name]
                values[item.group] |= item.at(0.5 * (common + places[name]))
        world = World(values[ECONOMY], values[POLICY])
        refused = refusals(world, (base, *policies))
        if not refused:
            return world
        out = [name for name, item in items.items() if name in places and any(map(refused.holds, item.ranges))]
        if not out:
            raise ValueError(f"a draw of uncertain numbers is refused: {refused}")
        for name in out:
            del places[name]


class Refused(list[str]):
    """Paths that a scenario refuses."""

    def holds(self, path: str) -> bool:
        """Whether a path is refused, or a part or a whole of it."""
        return any(path == own or path.startswith(f"{own}.") or own.startswith(f"{path}.") for own in self)


def refusals(world: World, scenarios: Iterable[Scenario]) -> Refused:
    """What the first scenario that refuses the world refuses of it."""
    for scenario in scenarios:
        try:
            world.of(scenario)
        except ScenarioError as error:
            return Refused(problem.path for problem in error.problems)
    return Refused()


def table_of(draw: Draw, kept: Sequence[int]) -> pd.DataFrame:
    """Positions of every number in every world: columns world, kept (whether it has an economy), path, group,
    position."""
    rows = draw.positions.rename_axis("world").reset_index()
    long = rows.melt("world", var_name="path", value_name="position")
    long["group"], long["kept"] = long["path"].map(draw.groups), long["world"].isin(kept)
    return long[["world", "kept", "path", "group", "position"]].sort_values(["world", "path"], ignore_index=True)


def varied(table: pd.DataFrame) -> Vary:
    """What a table of worlds was drawn of."""
    if is_crossed(table):
        return "crossed"
    groups = set(table["group"])
    return "all" if len(groups) > 1 else "policy" if POLICY in groups else "economy"


def is_crossed(table: pd.DataFrame) -> bool:
    """Whether the worlds of a table stand in squares: the first two have one economy, and not the levers' numbers."""
    first, second = (table[table["world"] == world].set_index("path") for world in (0, 1))
    same = (first["position"] == second["position"]) | first["position"].isna() | second["position"].isna()
    economy = first["group"] == ECONOMY
    return bool(economy.any() and same[economy].all() and not same.all())


def is_hypercube(table: pd.DataFrame) -> bool:
    """Whether the positions of a table of worlds are those of a Latin hypercube: no two of a number in one slice."""
    drawn, number = table[["path", "position"]].dropna(), int(table["world"].max()) + 1
    if is_crossed(table):
        drawn, number = drawn.drop_duplicates(), number // 2
    slices = np.floor(drawn["position"] * number)
    return not pd.DataFrame({"path": drawn["path"], "slice": slices}).duplicated().any()
