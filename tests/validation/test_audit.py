"""The auditor finds nothing in what the model writes, and every tampered table."""

import ast
from pathlib import Path

import economies
import pandas as pd
import pytest
from sweeps import small as small_sweep
from typer.testing import CliRunner

import chainsim as cs
from chainsim.cli.main import app
from chainsim.experiments.sweep import sweep
from chainsim.runs.certified import sealed_record, write_record
from chainsim.validation import audit as auditor
from chainsim.validation.audit import audit, audit_effect, audit_tables, lines

GRANT = {"type": "rd_grant", "rate": 0.2, "budget": 500.0, "years": "2021-2022"}
BASE = economies.shipped("minimal", years__end=2022)
POLICY = BASE.replace({"levers.research": GRANT, "record.enterprises": True})


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    result = cs.run(POLICY, seed=1)
    return {name: result.table(name) for name in result.tables}


def failing(tables: dict[str, pd.DataFrame]) -> list[str]:
    return [check.name for check in audit_tables(tables) if check.failed]


def test_what_a_run_writes_holds_every_identity(tables):
    checks = audit_tables(tables)
    assert [check for check in checks if check.failed] == []
    assert sum(not check.missing for check in checks) > 120


CELLS = {
    "region": "value_added",
    "tiers": "localization_rate_fixed",
    "segments": "purchases_local",
    "parks": "value_added",
    "levers": "outlay",
    "ledger": "amount",
    "trade": "value",
    "enterprises": "sales",
}
SWAPPED = {
    "region": ("output", "capital"),
    "tiers": ("rd", "profit"),
    "segments": ("purchases_national", "purchases_abroad"),
    "parks": ("output", "rd"),
    "levers": ("outlay", "recipients"),
    "ledger": ("payer", "receiver"),
    "trade": ("from_segment", "to_segment"),
    "enterprises": ("sales", "last_sales"),
}


@pytest.mark.parametrize("table", CELLS)
def test_a_cell_that_is_off_by_a_hundredth_is_found(tables, table):
    false, column = tables[table].copy(), CELLS[table]
    row = false.index[false[column] > 0][-1]
    false.loc[row, column] *= 1.01
    assert failing(tables | {table: false})


@pytest.mark.slow
@pytest.mark.parametrize("table", CELLS)
@pytest.mark.parametrize("place", [0, -1])
def test_a_row_that_is_gone_is_found(tables, table, place):
    false = tables[table]
    assert failing(tables | {table: false.drop(false.index[place])})


@pytest.mark.slow
@pytest.mark.parametrize("table", CELLS)
def test_a_year_that_is_doubled_is_found(tables, table):
    false = tables[table]
    assert failing(tables | {table: pd.concat([false, false[false["year"] == 2022]], ignore_index=True)})


@pytest.mark.slow
@pytest.mark.parametrize("table", CELLS)
def test_a_year_that_stands_for_the_next_is_found(tables, table):
    false, last = tables[table], tables[table]["year"] == 2022
    instead = false[false["year"] == 2021].assign(year=2022)
    assert failing(tables | {table: pd.concat([false[~last], instead], ignore_index=True)})


@pytest.mark.parametrize("table", SWAPPED)
def test_two_columns_that_are_swapped_are_found(tables, table):
    one, other = SWAPPED[table]
    assert failing(tables | {table: tables[table].rename(columns={one: other, other: one})})


@pytest.mark.slow
@pytest.mark.parametrize("table", ["region", "tiers", "segments"])
def test_only_the_columns_named_as_unread_may_be_wrong_unseen(tables, table):
    unseen = []
    for column in tables[table].columns.drop(["point", "replication", "seed", "year"]):
        false = tables[table].copy()
        if pd.api.types.is_float_dtype(false[column]) and abs(false[column].iloc[-1]) > 1e-6:
            false.loc[false.index[-1], column] *= 1.01
            unseen += [] if failing(tables | {table: false}) else [column]
    assert set(unseen) <= set(auditor.UNREAD.get(table, ()))


def test_what_is_missing_is_told(tables):
    some = audit_tables({name: tables[name] for name in ("region", "segments")})
    missing = {check.name: check.missing for check in some if check.missing}
    assert missing["trade"] == "no table trade"
    assert not any(check.failed for check in some)
    assert "not checked: no table trade" in "\n".join(lines(some))


@pytest.fixture(scope="module")
def effect() -> cs.Effect:
    return cs.compare(BASE, POLICY.replace({"record.enterprises": False}), replications=3)


def test_a_comparison_holds_every_identity(effect):
    checks = audit_effect(effect)
    assert [check for check in checks if check.failed] == []
    assert any(check.name.endswith("channels: parts add up to the effect of every pair") for check in checks)


@pytest.mark.parametrize(("table", "column"), [("effects", "mean"), ("costs", "value"), ("levers", "outlay")])
def test_an_effect_that_is_off_by_a_hundredth_is_found(effect, table, column):
    told = effect.tables()
    false = told[table].copy()
    row = false.index[false[column].abs() > 0][0]
    false.loc[row, column] *= 1.01
    assert any(check.failed for check in audit_effect(effect, told | {table: false}))


def test_a_folder_that_was_tampered_with_and_sealed_again_leaves_with_1(tmp_path):
    folder = cs.run(BASE, seed=1).save(tmp_path / "out")
    assert CliRunner().invoke(app, ["audit", str(folder)]).exit_code == 0
    path = folder / "segments.parquet"
    table = pd.read_parquet(path)
    table.loc[table.index[-1], "value_added"] *= 1.01
    table.to_parquet(path)
    damaged = CliRunner().invoke(app, ["audit", str(folder)])
    assert damaged.exit_code == 3
    write_record(sealed_record(folder), folder)
    told = CliRunner().invoke(app, ["audit", str(folder)])
    assert told.exit_code == 1
    assert told.output.startswith("FAILS")


def test_the_tables_that_a_sweep_keeps_are_audited(tmp_path):
    sweep(small_sweep(), tmp_path / "store")
    checks = audit(tmp_path / "store")
    assert [check for check in checks if check.failed] == []
    assert any(check.numbers for check in checks)


def test_the_auditor_asks_nothing_of_the_model():
    for file in Path(auditor.__file__).parent.glob("audit*.py"):
        imported = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        names = {node.module for node in imported if isinstance(node, ast.ImportFrom) and node.module}
        asked = {name for name in names if name.split(".")[:2][-1] in ("stages", "economy", "indicators", "policy")}
        assert asked == set(), file.name
