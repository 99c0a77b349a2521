"""What an emulator says of itself: where it comes from, what each lever is and who says so; and where it is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from chainsim.effects.worlds import Draw, World
from chainsim.runs.sweep_job import code
from chainsim.scenario.explain import explained
from chainsim.scenario.write import dump
from chainsim.search.emulator import Emulator
from chainsim.search.emulator_runs import CHAIN
from chainsim.search.portfolios import Search
from chainsim.search.search_report import plain
from chainsim.search.surface import Setting, levers_of

if TYPE_CHECKING:
    from chainsim.scenario.scenario import Scenario

WORST = 5
"""Series of tiers and segments that are named."""
LOW, HIGH = 0.80, 0.97
"""Share of fresh pairs inside 90 % intervals that passes for 90 % where pairs are few."""


def about(search: Search, points: int, pairs: int, next_point: int) -> dict[str, Any]:
    """Name, scenarios as text, years, levers, settings, as plain data; pairs from `next_point` on have fresh seeds."""
    stated = search.stated
    version, source = code()
    return {
        "name": search.name,
        "version": version,
        "source_hash": source,
        "start": search.base.years.start,
        "end": search.base.years.end,
        "points": points,
        "pairs": pairs,
        "next_point": next_point,
        "seed": search.base.seed,
        "money": search.base.money,
        "tiers": list(search.base.chain.tiers),
        "segments": {name: both(segment) for name, segment in search.base.chain.segments.items()},
        "scenarios": {
            role: described(scenario) for role, scenario in (("base", search.base), ("policy", search.policy))
        },
        "worlds": worlds_of(search),
        "stated": None if stated is None else stated.tolist(),
        "levers": {name: lever(search, name) for name in search.policy.levers if name not in search.base.levers},
        "settings": {setting.name: setting_of(search.policy, setting) for setting in search.settings},
    }


def both(block: Any) -> dict[str, str]:
    """The title of a block by language, empty where it has none."""
    title = block.title
    return {} if title is None else {"en": title.en, **({"zh": title.zh} if title.zh else {})}


def described(scenario: Scenario) -> dict[str, Any]:
    """Name, title, hash, and the whole scenario as text, from which it can be run again."""
    return {"name": scenario.name, "title": both(scenario), "hash": scenario.hash, "text": dump(scenario)}


def worlds_of(search: Search) -> list[dict[str, Any]] | None:
    """The values of worlds, if any."""
    if search.worlds is None:
        return None
    return [{"economy": dict(world.economy), "policy": dict(world.policy)} for world in search.worlds.worlds]


def drawn(worlds: list[dict[str, Any]] | None) -> Draw | None:
    """The worlds of such values."""
    if worlds is None:
        return None
    return Draw(tuple(World(each["economy"], each["policy"]) for each in worlds), pd.DataFrame(), {})


def lever(search: Search, name: str) -> dict[str, Any]:
    """Type, title and years of a lever, and the sources of its numbers by path."""
    own = search.policy.levers[name]
    first, last = own.span
    rows = [row for row in explained(search.policy, f"levers.{name}") if is_sourced(search.policy, row.path)]
    numbers = [
        {"path": row.path, "value": row.value, "range": row.range, "unit": row.unit, "source": row.source}
        for row in rows
    ]
    return {"type": own.type, "title": both(own), "years": [first, last], "numbers": numbers}


def is_sourced(policy: Scenario, path: str) -> bool:
    """Whether the scenario says a range or a source of a number."""
    return path in policy.sources


def setting_of(policy: Scenario, setting: Setting) -> dict[str, str]:
    """Unit and meaning of a setting."""
    if setting.role in ("start", "stop"):
        return {"unit": "", "meaning": f"{'first' if setting.role == 'start' else 'last'} year in force"}
    own = explained(policy, setting.path)[0]
    return {"unit": own.unit, "meaning": own.meaning}


def lines(emulator: Emulator) -> Iterator[str]:
    """What it is, how it stood up to fresh pairs, then its errors by indicator."""
    about, table = emulator.about, emulator.errors()
    worlds = "" if about["worlds"] is None else f" in {len(about['worlds'])} worlds"
    yield (
        f"{about['name']}: {len(emulator.series)} series of {len(levers_of(emulator.surface))} levers, fitted to "
        f"{about['points']} portfolios of {about['pairs']} pairs each{worlds}, every pair with a seed of its own"
    )
    yield (
        f"fresh pairs inside their 90 % intervals: {table['pairs_inside'].mean():.1%}; "
        f"means of fresh portfolios: {table['means_inside'].mean():.1%}"
    )
    off = table[(table["means_inside"] < LOW) | (table["pairs_inside"] < LOW)]
    if len(off):
        named = ", ".join(name(row) for row in off.sort_values("means_inside").head(WORST).to_dict("records"))
        yield f"Do not trust the intervals of {len(off)} series that held less than {LOW:.0%} of them: {named}"
    yield ""
    yield from rows(table[table["place"] == ""], "totals")
    yield ""
    yield from rows(table[table["place"] == CHAIN], "of the chain")


def rows(table: pd.DataFrame, title: str) -> Iterator[str]:
    """A line a series."""
    width = max(map(len, [*table["indicator"], title]))
    yield f"{title:<{width}}  error at points left out  of it luck  explained  pairs inside  means inside"
    for row in table.to_dict("records"):
        yield (
            f"{row['indicator']:<{width}}  {plain(row['error']):>24}  {plain(row['luck']):>10}  {max(row['r2'], 0.0):>9.3f}  "
            f"{row['pairs_inside']:>12.0%}  {row['means_inside']:>12.0%}"
        )


def name(row: dict[Any, Any]) -> str:
    """Place and indicator of a series."""
    return f"{row['place']}.{row['indicator']}" if row["place"] else str(row["indicator"])
