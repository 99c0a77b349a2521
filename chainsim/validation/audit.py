"""The auditor: adds up again what a run, a comparison or a sweep wrote, from its tables alone.

Nothing of the model is asked: no stage, no ledger, no recorder. What the tables must satisfy stands in the files beside
this one, by what they are about.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from chainsim.effects.effect import Effect
from chainsim.effects.effect import read as read_comparison
from chainsim.effects.saving import is_comparison
from chainsim.runs.results import Result
from chainsim.runs.results import read as read_run
from chainsim.runs.table_files import read_parquet
from chainsim.scenario.scenario import Scenario
from chainsim.store.manifest import SWEEP_JSON
from chainsim.store.store import Store
from chainsim.validation import audit_accounts as accounts
from chainsim.validation import audit_indicators as indicators
from chainsim.validation.audit_checks import Check, Checks, Tables
from chainsim.validation.audit_effects import Worlds, check_effects
from chainsim.validation.audit_enterprises import check_enterprises


class Step(NamedTuple):
    """Identities that need the same tables."""

    name: str
    check: Callable[[Checks, Tables, Collection[str]], None]
    needs: tuple[str, ...]


STEPS = (
    Step("ledger", accounts.check_ledger, ("ledger", "segments")),
    Step("trade", accounts.check_trade, ("trade", "segments")),
    Step("value added", accounts.check_value_added, ("ledger", "segments")),
    Step("support", accounts.check_support, ("ledger", "levers", "region", "segments")),
    Step("rates and turnover", indicators.check_rates, ("region",)),
    Step("groups", indicators.check_groups, ("region", "tiers", "segments")),
    Step("parks", indicators.check_parks, ("parks", "region")),
    Step("region", indicators.check_region, ("region", "tiers")),
    Step("network", indicators.check_network, ("region", "tiers", "segments", "trade")),
    Step("missing links", indicators.check_missing_links, ("missing_links", "segments")),
    Step("enterprises", check_enterprises, ("segments", "ledger", "levers")),
)
"""What is checked of the tables of runs, in this order."""
UNREAD = {"region": ("national_share",), "tiers": ("national_share",), "levers": ("recipients",)}
"""Columns that no identity reads, by table."""
RUNS_AT_A_TIME = 100
"""Runs of a sweep that are held in memory."""
COMPARED = ("effects", "costs", "levers", "decomposition")
"""Tables of a comparison that are derived again."""


def audit_tables(tables: Tables, application: Collection[str] = ()) -> list[Check]:
    """Every identity of the tables of runs; `application` are the tiers that headlines leave out."""
    checks = Checks()
    kept = {name: tables[name] for name in accounts.KEYS if name in tables}
    whole = accounts.check_rows(checks, kept)
    for step in STEPS:
        absent, torn = ([name for name in step.needs if name not in known] for known in (kept, whole))
        if torn:
            why = f"no table {', '.join(absent)}" if absent else f"rows of {', '.join(torn)} are not right"
            checks.lacking(step.name, why)
        else:
            step.check(checks, whole, application)
    for name, columns in UNREAD.items():
        if name in kept:
            checks.lacking(f"{name}: {', '.join(columns)}", "no table holds their parts")
    return checks.found


def audit_result(result: Result) -> list[Check]:
    """Every identity of a run's tables."""
    tables = {name: result.table(name) for name in result.tables}
    return audit_tables(tables, result.scenario.chain.application)


def audit_effect(effect: Effect, told: Mapping[str, pd.DataFrame] | None = None) -> list[Check]:
    """Every identity of a comparison, those of its worlds first; `told` are its tables, as written where given."""
    told = effect.tables() if told is None else told
    found = [labelled(check, "baseline") for check in audit_result(effect.base)]
    for result in effect.policies:
        name = result.scenario.name
        found += [labelled(check, name) for check in audit_result(result)]
        base, policy = (as_tables(each) for each in (effect.base, result))
        here, seen = (of_policy(each, name) for each in (told, effect.seen))
        stated = effect.base.scenario
        worlds = Worlds(base, policy, here, seen, stated.discount, stated.local_tax_share)
        checks = Checks()
        check_effects(checks, worlds)
        found += [labelled(check, name) for check in checks.found]
    return found


def as_tables(result: Result) -> dict[str, pd.DataFrame]:
    """All tables of a result."""
    return {name: result.table(name) for name in result.tables}


def of_policy(tables: Mapping[str, pd.DataFrame], name: str) -> dict[str, pd.DataFrame]:
    """The rows of one policy."""
    return {key: table[table["policy"] == name] if "policy" in table else table for key, table in tables.items()}


def labelled(check: Check, world: str) -> Check:
    """The check with the world that it is of."""
    return check._replace(name=f"{world}: {check.name}")


def audit_store(store: Store) -> list[Check]:
    """Every identity of the tables that a sweep keeps, a hundred runs at a time; the worst of each."""
    if store.manifest.summary:
        return [Check("all", missing="the sweep keeps quantiles over runs, not runs")]
    step = max(1, RUNS_AT_A_TIME // store.manifest.replications)
    chunks = (
        list(range(first, min(first + step, store.manifest.points))) for first in range(0, store.manifest.points, step)
    )
    scenario: Scenario = store.scenario
    return worst(part for points in chunks for part in [of_points(store, points, scenario)])


def of_points(store: Store, points: list[int], scenario: Scenario) -> list[Check]:
    """The audit of some points of a sweep."""
    tables = {name: store.table(name, where={"point": points}).to_pandas() for name in store.tables}
    if not any(len(table) for table in tables.values()):
        return []
    return audit_tables(tables, scenario.chain.application)


def worst(audits: Iterable[list[Check]]) -> list[Check]:
    """The largest residual of every identity over several audits, and how many numbers were held against each other."""
    found: dict[str, Check] = {}
    for check in (check for audit in audits for check in audit):
        before = found.get(check.name)
        if before is None or before.missing:
            found[check.name] = check
        elif not check.missing:
            larger = check if not check.residual <= before.residual else before
            found[check.name] = larger._replace(numbers=before.numbers + check.numbers)
    return list(found.values())


def audit(folder: str | Path) -> list[Check]:
    """Every identity of what is in a folder: of a run, a comparison, or a sweep.

    *Raises* OutputError where the folder holds none, Damaged where a file is not what was written.
    """
    folder = Path(folder)
    if (folder / SWEEP_JSON).exists():
        return audit_store(Store(folder))
    if not is_comparison(folder):
        return audit_result(read_run(folder))
    effect = read_comparison(folder)
    there = [name for name in COMPARED if (folder / f"{name}.parquet").exists()]
    return audit_effect(effect, {name: read_parquet(folder / f"{name}.parquet") for name in there})


def lines(checks: list[Check]) -> Iterator[str]:
    """The audit in words: an identity a line, those that fail first, then what could not be checked, and a sum."""
    failed = [check for check in checks if check.failed]
    for check in sorted(checks, key=lambda each: (not each.failed, bool(each.missing))):
        word = "FAILS" if check.failed else "-" if check.missing else "holds"
        told = f"not checked: {check.missing}" if check.missing else f"{check.residual:.1e} at {check.where}"
        yield f"{word:5}  {check.name}  {told}"
    held = [check for check in checks if not check.missing and not check.failed]
    numbers = sum(check.numbers for check in checks)
    yield f"{len(held)} identities hold, {len(failed)} fail, {len(checks) - len(held) - len(failed)} not checked; {numbers:,} numbers"
