"""The auditor: adds up again what a run, a comparison or a sweep wrote, from its tables alone.

Nothing of the model is asked: no stage, no ledger, no recorder, no scenario but as it is written. What the tables must
satisfy stands in the files beside this one, by what they are about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from chainsim.validation import audit_accounts as accounts
from chainsim.validation import audit_columns as columns
from chainsim.validation import audit_folders as folders
from chainsim.validation import audit_indicators as indicators
from chainsim.validation.audit_budgets import check_levers
from chainsim.validation.audit_channels import check_channels
from chainsim.validation.audit_checks import NOTHING, Check, Checks, Names, Stated, Tables, leading
from chainsim.validation.audit_comparison import check_comparison, check_softening, check_there
from chainsim.validation.audit_effects import Worlds, check_effects
from chainsim.validation.audit_enterprises import check_enterprises
from chainsim.validation.audit_items import check_items
from chainsim.validation.audit_links import check_links
from chainsim.validation.audit_missing_links import check_missing_links
from chainsim.validation.audit_split import check_split

if TYPE_CHECKING:
    from chainsim.effects.effect import Effect
    from chainsim.runs.results import Result
    from chainsim.scenario.scenario import Scenario


class Step(NamedTuple):
    """Identities that need the same tables."""

    name: str
    check: Callable[[Checks, Tables, Stated], None]
    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()


STEPS = (
    Step("ledger", accounts.check_ledger, ("ledger", "segments")),
    Step("ledger by item", check_items, ("ledger", "segments")),
    Step("trade", accounts.check_trade, ("trade", "segments")),
    Step("value added", accounts.check_value_added, ("ledger", "segments")),
    Step("support", accounts.check_support, ("ledger", "levers", "region", "segments")),
    Step("levers", check_levers, ("levers",)),
    Step("rates and turnover", indicators.check_rates, one_of=tuple(indicators.KINDS)),
    Step("groups", indicators.check_groups, ("segments",)),
    Step("parks", indicators.check_parks, ("parks", "region")),
    Step("region", indicators.check_region, ("region", "tiers")),
    Step("network", indicators.check_network, ("segments", "trade")),
    Step("missing links", check_missing_links, ("missing_links", "segments")),
    Step("enterprises", check_enterprises, ("segments", "ledger", "levers")),
    Step("links", check_links, ("segments",)),
)
"""What is checked of the tables of runs, in this order."""
RUNS_AT_A_TIME = 100
"""Runs of a sweep that are held in memory."""


def audit_tables(tables: Tables, stated: Stated = NOTHING) -> list[Check]:
    """Every identity of the tables of runs, by what is stated of them."""
    checks = Checks()
    check_tables(checks, tables, stated)
    return checks.found


def check_tables(checks: Checks, tables: Tables, stated: Stated) -> None:
    """Add every identity of the tables of runs, and which columns none of them reads."""
    kept = {name: tables[name] for name in accounts.KEYS if name in tables}
    whole = accounts.check_rows(checks, kept, stated)
    for step in STEPS:
        absent, torn = ([name for name in step.needs if name not in known] for known in (kept, whole))
        if step.one_of and not any(name in whole for name in step.one_of):
            absent, torn = ([name for name in step.one_of if name not in known] for known in (kept, whole))
        if torn:
            why = f"no table {', '.join(absent)}" if absent else f"rows of {', '.join(torn)} are not right"
            checks.lacking(step.name, why)
        else:
            checks.attempt(step.name, step.check, whole, stated)
    told = [] if stated.levers is None else [columns.SCENARIO]
    told += [] if stated.working is None else [columns.WORKING]
    columns.tell_unread(checks, tables, columns.OF_RUNS, *told)


def audit_written(found: folders.Written) -> list[Check]:
    """Every identity of the tables of runs as written."""
    return audit_tables(found.tables, found.stated)


def audit_comparison(found: folders.WrittenComparison) -> list[Check]:
    """Every identity of a comparison, those of its worlds first."""
    found = with_drawn(found)
    checks = [labelled(check, "baseline") for check in audit_written(found.base)]
    for policy in found.policies:
        name = str(policy.stated.name)
        checks += [labelled(check, name) for check in [*audit_written(policy), *differences(found, policy)]]
    unread, worlds = Checks(), {str(policy.stated.name): policy.tables for policy in found.policies}
    check_there(unread, found.told, found.seen, worlds)
    if "softening" in found.told:
        unread.attempt("softening", check_softening, found.told, worlds, found.base.tables)
    columns.tell_unread(unread, found.told, columns.OF_COMPARISONS)
    columns.tell_unread(unread, found.seen, columns.OF_PAIRS)
    return checks + unread.found


def with_drawn(found: folders.WrittenComparison) -> folders.WrittenComparison:
    """The comparison with the numbers that differ between its worlds, if these were drawn."""
    if "worlds" not in found.seen:
        return found
    paths = frozenset(str(path) for path in found.seen["worlds"]["path"].unique())
    base, *policies = (
        each._replace(stated=each.stated._replace(drawn=paths)) for each in (found.base, *found.policies)
    )
    return found._replace(base=base, policies=tuple(policies))


def differences(found: folders.WrittenComparison, policy: folders.Written) -> list[Check]:
    """Every identity of what is told of one policy."""
    told, seen = (of_policy(each, str(policy.stated.name)) for each in (found.told, found.seen))
    worlds = Worlds(found.base.tables, policy.tables, told, seen, found.base.stated, policy.stated)
    checks = Checks()
    checks.attempt("effects", check_effects, worlds)
    checks.attempt("channels", check_channels, worlds)
    checks.attempt("comparison", check_comparison, worlds)
    checks.attempt("levers alone and together", check_split, worlds)
    return checks.found


def audit_result(result: Result) -> list[Check]:
    """Every identity of a run's tables."""
    return audit_written(written(result))


def audit_effect(effect: Effect, told: Tables | None = None) -> list[Check]:
    """Every identity of a comparison; `told` are its tables, as written where given."""
    return audit_comparison(written_effect(effect, told))


def written_effect(effect: Effect, told: Tables | None = None) -> folders.WrittenComparison:
    """A comparison as if it was written."""
    policies = tuple(written(result) for result in effect.policies)
    told = effect.tables() if told is None else told
    return folders.WrittenComparison(written(effect.base), policies, told, effect.seen)


def written(result: Result) -> folders.Written:
    """A result as if it was written."""
    return folders.Written(
        {name: result.table(name) for name in result.tables},
        stated_in(result.scenario)._replace(seeds=tuple(result.seeds)),
    )


STATED_OF_LEVERS = {"type", "budget", "years", "ramp", "buys"}
"""Fields of a lever that the audit asks for."""


def stated_in(scenario: Scenario) -> Stated:
    """What a scenario states."""
    chain, levers = scenario.chain, scenario.levers
    inside = [segment for segment in chain.segments.values() if segment.tier not in chain.application]
    segments = chain.segments.items()
    bought = [(name, buyer) for buyer, stated in segments for name, share in stated.inputs.items() if share > 0]
    names: Names = {"region": ("chain", "all"), "tiers": tuple(chain.tiers), "levers": tuple(levers)}
    names |= {"segments": tuple(chain.segments), "parks": tuple(scenario.region.parks) or ("region",)}
    names["industries"] = leading(segment.industry for segment in inside)
    names["trade"] = tuple((*pair, origin) for pair in bought for origin in accounts.ORIGINS)
    return Stated(
        name=scenario.name,
        application=tuple(chain.application),
        years=(scenario.years.start, scenario.years.end),
        keys=names,
        tables=accounts.tables_due(names, scenario.record.model_dump()),
        households=scenario.region.households.model_dump(),
        labour_cost={name: segment.labour_cost_factor for name, segment in chain.segments.items()},
        levers={name: lever.model_dump(include=STATED_OF_LEVERS) for name, lever in levers.items()},
        working=frozenset(name for name in ("pricing", "finance", "demography") if works(scenario.stages, name)),
        discount=scenario.discount,
        local_tax_share=scenario.local_tax_share,
    )


def works(stages: object, name: str) -> bool:
    """Whether a stage is neither switched off nor keeps its prices."""
    stage = getattr(stages, name)
    return bool(stage.enabled) and not getattr(stage, "fixed", False)


def of_policy(tables: Tables, name: str) -> dict[str, pd.DataFrame]:
    """The rows of one policy."""
    return {key: table[table["policy"] == name] if "policy" in table else table for key, table in tables.items()}


def labelled(check: Check, world: str) -> Check:
    """The check with the world that it is of."""
    return check._replace(name=f"{world}: {check.name}")


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
    if folders.is_sweep(folder):
        if folders.keeps_quantiles(folder):
            return [Check("all", missing="the sweep keeps quantiles over runs, not runs")]
        return [*worst(map(audit_written, folders.written_sweep(folder, RUNS_AT_A_TIME))), *every_run(folder)]
    if folders.is_comparison(folder):
        return audit_comparison(folders.written_comparison(folder))
    return audit_written(folders.written_run(folder))


def every_run(folder: Path) -> list[Check]:
    """Every run of the design once, of those that did not fail; those that are not there are told."""
    due, there = folders.runs_due(folder), folders.runs_there(folder)
    checks = Checks()
    found = pd.Series(1.0, index=pd.MultiIndex.from_tuples(there, names=["point", "replication"]))
    wrong = found.index.duplicated() | ~found.index.isin(due)
    checks.gap("runs: of the design, and once", found * wrong, found)
    if lost := len(set(due) - set(there)):
        checks.lacking("runs: all of the design", f"{lost} of {len(due)} are not there; not finished, or gone")
    if strangers := folders.check_exported(folder):
        checks.lacking(f"files for other programs: {', '.join(strangers)}", "no record certifies them")
    return checks.found


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
