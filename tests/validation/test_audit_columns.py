"""Every column of every table is held by an identity that sees an error in it, or told as unread."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import economies
import numpy as np
import pandas as pd
import policies
import pytest
from sizes import size

import chainsim as cs
from chainsim.validation.audit import audit_comparison, audit_tables, check_tables, written, written_effect
from chainsim.validation.audit_accounts import KEYS
from chainsim.validation.audit_checks import RUN, TOLERANCE, Check, Checks, Stated, residuals
from chainsim.validation.audit_columns import OF_COMPARISONS, OF_PAIRS, OF_RUNS, SCENARIO, WORKING, held_in, tell_unread
from chainsim.validation.audit_folders import WrittenComparison

EVERYWHERE = {"local_other": 0.2, "government": 0.1, "national": 0.5, "abroad": 0.2}
LEVERS = {
    "levers.research": {"type": "rd_grant", "rate": 0.2, "budget": 2.0, "years": "2021-2022"},
    "levers.plants": {"type": "investment_grant", "rate": 0.15, "cofinancing": 0.3, "years": "2022-2023"},
}
PAIRED = {"levers.research": {"type": "rd_grant", "rate": 0.2, "budget": 500.0, "years": "2021-2022"}}
Tables = Mapping[str, pd.DataFrame]
Error = tuple[str, str, int]
"""Table, column and row of an error."""
EVERY_ROW = bool(size("AUDIT"))
"""Whether errors are put in every row, which takes long; otherwise in one of each column."""


def of_everything() -> cs.Scenario:
    """Four segments of three tiers, with a missing link, industries, parks, a named enterprise, all recorded."""
    makers: dict[str, Any] = {"sells": EVERYWHERE, "tier": "midstream"}
    segments = {
        "wafers": economies.segment(0.0, number=0, tier="upstream", min_efficient_scale=30.0, quality_gap=-0.4),
        "chips": economies.segment(400.0, {"wafers": (0.3, 0.0)}, 6, 4, industry="optics", rd_share=0.05, **makers),
        "boards": economies.segment(500.0, {"chips": (0.25, 0.5)}, 5, 5, industry="boards", rd_share=0.03, **makers),
        "cars": economies.segment(600.0, {"boards": (0.2, 0.5)}, 4, tier="uses", rd_share=0.02),
    }
    region = {"parks": {"north": {"share": 0.7}, "south": {"share": 0.3}}}
    named = [economies.maker("Changguang", "chips", 120.0, park="north")]
    record = {"enterprises": True, "links": True}
    made = economies.chain(segments, end=2023, region=region, enterprises=named, record=record)
    return made.replace(LEVERS | {"chain.application": ["uses"]})


@pytest.fixture(scope="module")
def run() -> tuple[Tables, Stated]:
    return written(cs.run(of_everything(), seed=3))


@pytest.fixture(scope="module")
def comparison() -> WrittenComparison:
    base = economies.shipped("minimal", years__end=2022)
    effect = cs.compare(base, base.replace(PAIRED), replications=3)
    return written_effect(effect)


def test_what_the_digitised_buy_more_holds_and_an_error_in_it_is_found():
    tables, stated = written(
        cs.run(policies.under("digitisation", record={"links": True, "enterprises": True}), seed=1)
    )
    assert [check for check in audit_tables(tables, stated) if check.failed] == []
    links = tables["links"]
    sums = links.groupby(["year", "buyer", "input"])["weight"].transform("sum")
    raised = links.index[sums > 1.01]
    false = spoiled(links, "weight", raised[-1])
    assert any("weights" in check.name for check in audit_tables({**tables, "links": false}, stated) if check.failed)
    other = {name: {**lever, "buys": {"lenses": 0.0101}} for name, lever in stated.levers.items()}
    assert [c for c in audit_tables(tables, stated._replace(levers=other)) if c.failed and "weights" in c.name]


def unread(checks: list[Check], table: str) -> set[str]:
    """Columns of a table that the audit tells as unread."""
    told = [check.name for check in checks if check.missing == "an error in one of these columns may go unseen"]
    words = [name.rpartition(f"{table}: ")[2] for name in told if name.startswith(f"{table}: ")]
    return {column for each in words for column in each.split(", ")}


def test_what_is_recorded_of_everything_holds(run):
    checks = audit_tables(*run)
    assert [check for check in checks if check.failed] == []
    assert sum(not check.missing for check in checks) > 230


@pytest.mark.parametrize("without", [(), ("enterprises",), ("enterprises", "links")], ids=str)
def test_every_column_of_a_run_is_held_or_told_as_unread(run, without):
    kept = {name: table.assign(unheard_of=1.0) for name, table in run[0].items() if name not in without}
    checks = Checks()
    tell_unread(checks, kept, OF_RUNS)
    for name, table in kept.items():
        told, held = unread(checks.found, name), held_in(name, kept, OF_RUNS)
        assert told | held >= set(table.columns), name
        assert not told & held, name
        assert "unheard_of" in told, name


def test_every_column_of_a_comparison_is_held_or_told_as_unread(comparison):
    checks = audit_comparison(comparison)
    assert [check for check in checks if check.failed] == []
    for tables, known in ((comparison.told, OF_COMPARISONS), (comparison.seen, OF_PAIRS)):
        for name, table in tables.items():
            assert unread(checks, name) | held_in(name, tables, known) >= set(table.columns), name


FULL = {"ledger": "amount", "segments": "output", "tiers": "output", "levers": "budget"}
"""What a row holds at least, by table: where nothing is made, paid or to be spent some cells say nothing."""
LEAST = 1e-9


def rows_to_spoil(name: str, table: pd.DataFrame) -> list[int]:
    """Rows of which the tables tell most: of enterprises and links those that were there before and are after."""
    years = sorted(table["year"].unique()) if "year" in table else []
    if name == "enterprises":
        stayed = table.groupby("identity")["year"].transform("nunique") == len(years)
        told = table.index[stayed & (table["year"] == years[-2]) & (table["final_sales_abroad"] > 0)]
    elif name == "links":
        told = table.index[(table["supplier"] > 2) & (table["year"] == years[-2])]
    else:
        told = table.index[table[FULL[name]] > LEAST] if EVERY_ROW and name in FULL else table.index
    return list(told) if EVERY_ROW else [told[len(told) // 3], told[-1]]


def spoiled(table: pd.DataFrame, column: str, row: int) -> pd.DataFrame:
    """The table with one error in a column: a hundredth more, one more, the other flag, another word."""
    values = table[column]
    now = values[row]
    if not pd.api.types.is_numeric_dtype(values):
        false = table.astype({column: object})
        false.loc[row, column] = next((each for each in values if each != now), "another")
        return false
    false = table.copy()
    if pd.api.types.is_bool_dtype(values):
        false.loc[row, column] = not now
    elif pd.api.types.is_integer_dtype(values):
        false.loc[row, column] = now + 1
    else:
        false.loc[row, column] = 1.0 if np.isnan(now) or abs(now) < 1e-9 else now * 1.01
    return false


class ByPoint(Checks):
    """Remembers of which points some identity fails."""

    def __init__(self) -> None:
        super().__init__()
        self.points: set[int] = set()

    def gap(self, name: str, gap: pd.Series, gross: pd.Series, both_missing: pd.Series | None = None) -> None:
        wrong = residuals(gap, gross, both_missing) > TOLERANCE
        if wrong.any():
            self.points |= set(gap.index.get_level_values("point")[wrong])
        super().gap(name, gap, gross, both_missing)


def unseen(tables: Tables, stated: Stated, errors: list[Error]) -> list[Error]:
    """Errors that no identity sees, each in a point of its own; the first point has none, and none is seen there."""
    copies = {name: [table] for name, table in tables.items()}
    for number, (spoiled_table, column, row) in enumerate(errors, start=1):
        for name, table in tables.items():
            found = spoiled(table, column, row) if name == spoiled_table else table
            copies[name].append(found.assign(point=found["point"] + 2 * number))
    checks = ByPoint()
    check_tables(checks, {name: pd.concat(frames, ignore_index=True) for name, frames in copies.items()}, stated)
    assert [check.where for check in checks.found if "added up" in check.name] == [], checks.found
    seen = {point // 2 for point in checks.points}
    assert 0 not in seen
    return [error for number, error in enumerate(errors, start=1) if number not in seen]


def errors_in(tables: Tables, names: Iterable[str], *more: str) -> Iterator[Error]:
    """An error in every held column of some tables: in each of the rows to spoil, or in one, taking turns.

    `more` is there beside the tables.
    """
    for name in names:
        held, rows = held_in(name, {*tables, *more}, OF_RUNS), rows_to_spoil(name, tables[name])
        for number, column in enumerate(tables[name]):
            if column in held:
                yield from ((name, column, row) for row in (rows if EVERY_ROW else [rows[number % len(rows)]]))


def tells_rows(error: Error) -> bool:
    """Whether an error is in a column that tells rows and runs: with one, nothing else of the table is added up."""
    name, column, _ = error
    return column in (*RUN, "scenario", "seed", *KEYS[name])


@pytest.mark.slow
@pytest.mark.parametrize(
    "names", [("enterprises", "links", "support"), tuple(OF_RUNS)[:-3]], ids=["single firms", "sums"]
)
def test_an_error_in_any_held_column_is_found(run, names):
    assert not_found(*run, list(errors_in(run[0], names, SCENARIO, WORKING))) == []


def not_found(tables: Tables, stated: Stated, errors: list[Error]) -> list[Error]:
    """Errors that nothing sees: those that tell rows are seen by themselves, or else beside the others."""
    rows = [error for error in errors if tells_rows(error)]
    left = unseen(tables, stated, rows) if rows else []
    return unseen(tables, stated, left + [error for error in errors if error not in rows])


KEPT = [
    ("region",),
    ("segments",),
    ("region", "segments"),
    ("tiers", "segments"),
    ("industries", "segments"),
    ("region", "tiers"),
    ("region", "parks"),
    ("segments", "trade"),
    ("ledger", "segments"),
    ("region", "segments", "ledger", "levers"),
    ("region", "tiers", "industries", "segments", "trade", "missing_links"),
    ("segments", "ledger", "levers", "enterprises", "support"),
]
"""Tables of runs that a sweep may keep."""


@pytest.mark.parametrize(
    "kept", [pytest.param(kept, marks=[pytest.mark.slow] * (len(kept) > 1)) for kept in KEPT], ids="-".join
)
def test_what_is_called_held_is_held_with_the_tables_there_are(run, kept):
    tables = {name: run[0][name] for name in kept}
    stated = run[1]._replace(seeds=None, levers=None, households=None, labour_cost=None, working=None, tables=())
    assert not_found(tables, stated, list(errors_in(tables, kept))) == []
