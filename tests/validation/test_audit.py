"""The auditor finds nothing in what the model writes, and every tampered table."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import economies
import pandas as pd
import pytest
from sweeps import small as small_sweep
from typer.testing import CliRunner

import chainsim as cs
from chainsim.cli.main import app
from chainsim.experiments.sweep import sweep
from chainsim.runs.certified import Damaged, sealed_record, write_record
from chainsim.runs.provenance import SEAL, seal
from chainsim.validation.audit import (
    audit,
    audit_comparison,
    audit_effect,
    audit_tables,
    differences,
    lines,
    stated_in,
    written_effect,
)
from chainsim.validation.audit_accounts import check_rows
from chainsim.validation.audit_budgets import check_levers
from chainsim.validation.audit_checks import NOTHING, ROW_UNSEEN, Checks, Stated
from chainsim.validation.audit_comparison import check_softening, check_there, check_variance
from chainsim.validation.audit_effects import Worlds
from chainsim.validation.audit_folders import WrittenComparison
from chainsim.validation.audit_items import check_items

GRANT = {"type": "rd_grant", "rate": 0.2, "budget": 500.0, "years": "2021-2022"}
BASE = economies.shipped("minimal", years__end=2022)
POLICY = BASE.replace({"levers.research": GRANT, "record.enterprises": True})


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    result = cs.run(POLICY, seed=1)
    return {name: result.table(name) for name in result.tables}


def failing(tables: dict[str, pd.DataFrame], stated: Stated = NOTHING) -> list[str]:
    return [check.name for check in audit_tables(tables, stated) if check.failed]


STATED = stated_in(POLICY)._replace(seeds=(1,))


@pytest.mark.parametrize("stated", [NOTHING, STATED], ids=["alone", "beside its scenario"])
def test_what_a_run_writes_holds_every_identity(tables, stated):
    checks = audit_tables(tables, stated)
    assert [check for check in checks if check.failed] == []
    assert sum(not check.missing for check in checks) > 180


def torn(tables: dict[str, pd.DataFrame], stated: Stated) -> list[str]:
    checks = Checks()
    check_rows(checks, tables, stated)
    return [check.name for check in checks.found if check.failed]


@pytest.mark.parametrize("year", [2020, 2022])
def test_a_year_that_is_gone_from_all_tables_is_found(tables, year):
    false = {name: table[table["year"] != year] for name, table in tables.items()}
    assert "region: the same rows in every year" in torn(false, STATED)


def test_a_run_that_is_gone_from_all_tables_is_found(tables):
    assert "region: the same rows in every year" in torn(tables, STATED._replace(seeds=(1, 2)))


@pytest.mark.parametrize("column", ["point", "replication", "year"])
@pytest.mark.parametrize("name", ["support", "named"])
def test_a_row_of_a_run_or_year_that_is_none_is_found_in_tables_that_have_rows_in_some_years(tables, name, column):
    table = tables[name]
    rows = table if len(table) else tables["support"].rename(columns={"lever": "type"})
    false = rows.assign(**{column: rows[column] + 9 * (rows.index == rows.index[-1])})
    stated = STATED._replace(tables=(), seeds=None, runs=pd.DataFrame({"point": [0], "replication": [0]}))
    assert f"{name}: of runs and years that there are" in torn({name: false}, stated)
    assert f"{name}: of runs and years that there are" not in torn({name: rows}, stated)


def test_another_seed_or_name_is_found(tables):
    assert "trade: scenario and seed of the run" in torn(tables, STATED._replace(seeds=(2,)))
    assert "ledger: scenario and seed of the run" in torn(tables, STATED._replace(name="another"))


def test_a_budget_other_than_stated_is_found(tables):
    checks, levers = Checks(), tables["levers"].assign(budget=tables["levers"]["budget"] * 1.01)
    check_levers(checks, tables | {"levers": levers}, STATED)
    assert [check.name for check in checks.found if check.failed] == ["levers: budget of the year as stated"]


def test_a_total_that_is_spent_to_the_last_cent_is_a_budget_of_nothing():
    """1,200 less what was spent of it is rounding, as the sum of eight years has more digits than its parts."""
    stated = {"type": "rd_grant", "budget": {"yearly": 0.7, "total": 0.8}, "years": "2021-2023", "ramp": 0}
    levers = pd.DataFrame(
        {"point": 0, "replication": 0, "lever": "research", "type": "rd_grant", "year": range(2021, 2024)}
    )
    levers = levers.assign(budget=[0.7, 0.1, 0.0], requested=1.0, granted=[0.7, 0.1, 0.0], outlay=[0.7, 0.1, 0.0])
    for wrong, failing_names in ((0.0, []), (0.01, ["levers: budget of the year as stated"])):
        checks = Checks()
        check_levers(
            checks, {"levers": levers.assign(budget=levers["budget"] + wrong)}, Stated(levers={"research": stated})
        )
        assert [check.name for check in checks.found if check.failed] == failing_names


CANCELLING = [
    ("wages, ordinary staff", "wages, skilled staff"),
    ("local services", "other consumption"),
    ("wages, local services", "employer contributions, local services"),
    ("dividends, private owners", "liquidation, private owners"),
]


@pytest.mark.parametrize(("one", "other"), CANCELLING)
def test_errors_of_two_rows_that_cancel_are_found(tables, one, other):
    false = tables["ledger"].copy()
    last = false["year"] == 2022
    error = 0.01 * false.loc[last & (false["row"] == one), "amount"].iloc[0]
    false.loc[last & (false["row"] == one), "amount"] += error
    false.loc[last & (false["row"] == other), "amount"] -= error
    checks = Checks()
    check_items(checks, tables | {"ledger": false}, STATED)
    assert any(check.failed for check in checks.found)


PAID_OTHERWISE = {
    "a hundredth more": lambda paid: paid.assign(paid=paid["paid"] * (1.0 + 0.01 * (paid.index == paid.index[-1]))),
    "nobody": lambda paid: paid.iloc[:-1],
    "one lever less": lambda paid: paid.iloc[:0],
    "another lever": lambda paid: paid.assign(lever=["another", *paid["lever"].iloc[1:]]),
}


@pytest.mark.parametrize("case", PAID_OTHERWISE)
def test_support_of_single_enterprises_is_what_the_ledger_and_they_themselves_tell(tables, case):
    false = PAID_OTHERWISE[case](tables["support"])
    found = [name for name in failing(tables | {"support": false}, STATED) if name.startswith("support by enterprise")]
    by_lever, by_enterprise = (any(what in name for name in found) for what in ("every lever", "that pay enterprises"))
    assert by_lever
    assert by_enterprise


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


def is_found(tables: dict[str, pd.DataFrame]) -> bool:
    """Whether an identity fails: those of rows, which the audit asks first and which say it sooner, or any."""
    return bool(torn(tables, NOTHING) or failing(tables))


@pytest.mark.slow
@pytest.mark.parametrize("table", SWAPPED)
@pytest.mark.parametrize("place", [0, -1])
def test_a_row_that_is_gone_is_found(tables, table, place):
    false = tables[table]
    assert is_found(tables | {table: false.drop(false.index[place])})


@pytest.mark.slow
@pytest.mark.parametrize("table", SWAPPED)
def test_a_year_that_is_doubled_is_found(tables, table):
    false = tables[table]
    assert is_found(tables | {table: pd.concat([false, false[false["year"] == 2022]], ignore_index=True)})


@pytest.mark.slow
@pytest.mark.parametrize("table", SWAPPED)
def test_a_year_that_stands_for_the_next_is_found(tables, table):
    false, last = tables[table], tables[table]["year"] == 2022
    instead = false[false["year"] == 2021].assign(year=2022)
    assert is_found(tables | {table: pd.concat([false[~last], instead], ignore_index=True)})


@pytest.mark.parametrize("table", SWAPPED)
def test_two_columns_that_are_swapped_are_found(tables, table):
    one, other = SWAPPED[table]
    assert failing(tables | {table: tables[table].rename(columns={one: other, other: one})})


def test_a_column_that_is_gone_is_found(tables):
    assert "parks: tables that can be added up" in failing(
        {"parks": tables["parks"].drop(columns="rd"), "region": tables["region"]}
    )


def test_a_table_that_the_scenario_records_and_that_is_gone_is_found(tables):
    for name in tables.keys() - {"industries"}:
        some = {other: table for other, table in tables.items() if other != name}
        assert f"{name}: the table is there" in torn(some, STATED)


def test_rows_of_which_nothing_is_held_are_told(tables):
    """The cash of an enterprise that is there in one year only follows from nothing: it is told in how many rows."""
    told = [check.name for check in audit_tables(tables, STATED) if check.missing == ROW_UNSEEN]
    firms = tables["enterprises"]
    years = firms.groupby("identity")["year"].transform("size")
    assert f"enterprises: what they keep, in {(years == 1).sum()} of {len(firms)} rows" in told
    assert any(name.startswith("enterprises: cash, in ") for name in told)


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


@pytest.fixture(scope="module")
def compared(effect) -> WrittenComparison:
    return written_effect(effect)


def failing_effects(compared: WrittenComparison, table: str, false: pd.DataFrame) -> list[str]:
    found = compared._replace(told=dict(compared.told) | {table: false})
    return [check.name for check in differences(found, found.policies[0]) if check.failed]


WRONG = [
    *[("effects", "mean"), ("costs", "value"), ("costs", "high90"), ("levers", "outlay"), ("payments", "unspent")],
    *[("recipients", "added"), ("decomposition", "low90"), ("channels", "first_year")],
]


@pytest.mark.parametrize(("table", "column"), WRONG)
def test_an_effect_that_is_off_by_a_hundredth_is_found(compared, table, column):
    false = compared.told[table].copy()
    row = false.index[false[column].abs() > 0][0]
    false[column] = false[column].astype(float)
    false.loc[row, column] *= 1.01
    assert failing_effects(compared, table, false)


@pytest.mark.parametrize("table", ["effects", "decomposition"])
def test_a_last_year_that_is_gone_from_a_table_of_effects_is_found(compared, table):
    told = compared.told[table]
    assert failing_effects(compared, table, told[told["year"] != 2022])


@pytest.mark.parametrize("part", ["told", "seen"])
def test_a_table_that_is_gone_from_a_comparison_is_found(compared, part):
    for name, table in getattr(compared, part).items():
        checks, both = Checks(), {"told": compared.told, "seen": compared.seen}
        both[part] = {other: kept for other, kept in both[part].items() if other != name}
        check_there(checks, both["told"], both["seen"], ["policy"])
        assert checks.found[0].failed or not len(table), name


@pytest.mark.parametrize("item", ["net_cost_per_job", "outlay"])
def test_an_item_that_is_gone_from_the_costs_is_found(compared, item):
    told = compared.told["costs"]
    assert "costs: every item in both scopes" in failing_effects(compared, "costs", told[told["item"] != item])


@pytest.mark.parametrize("table", ["effects", "costs", "decomposition", "payments", "recipients"])
def test_a_row_that_is_gone_from_a_table_of_effects_is_found(compared, table):
    told = compared.told[table]
    assert failing_effects(compared, table, told.drop(told.index[-1]))


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


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("audited") / "store"
    sweep(small_sweep(), folder)
    return folder


def test_the_tables_that_a_sweep_keeps_are_audited(stored):
    checks = audit(stored)
    assert [check for check in checks if check.failed] == []
    assert any(check.numbers for check in checks)


def test_a_sweep_over_years_is_audited_point_by_point(tmp_path):
    vary = {"years.start": [2019, 2020], "years.end": [2021, 2022]}
    sweep(small_sweep(vary=vary, replications=1, record=["region", "segments", "tiers", "trade"]), tmp_path / "store")
    checks = audit(tmp_path / "store")
    assert [check for check in checks if check.failed] == []
    assert "localization: at the purchases of the base year" in {check.name for check in checks if check.numbers}


def certified(**state: object) -> str:
    """A record of a stranger who knows how to certify it."""
    return json.dumps({**state, SEAL: seal(state)})


STRANGE = [
    certified(),
    certified(files=5),
    certified(files={"a": 1}),
    certified(files={}, summary=[], axes=5, years=[]),
]


@pytest.mark.parametrize("text", STRANGE)
def test_a_sweep_of_a_stranger_who_can_certify_it_is_damaged(tmp_path, text):
    (tmp_path / "sweep.json").write_text(text, encoding="utf-8")
    with pytest.raises(Damaged, match=r"sweep\.json"):
        audit(tmp_path)


@pytest.mark.parametrize("text", ["[]", "{}", '{"runs": [[0]], "files": {}}', '{"runs": [], "files": {"a": 1}}'])
def test_a_part_of_a_stranger_is_damaged(stored, tmp_path, text):
    copy = Path(shutil.copytree(stored, tmp_path / "copy"))
    part = copy / "parts" / f"0000000-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    part.mkdir()
    (part / "part.json").write_text(text, encoding="utf-8")
    with pytest.raises(Damaged, match=r"part\.json"):
        audit(copy)


ENDLESS = BASE.replace({"levers.research": {**GRANT, "budget": None}})
RANGED = BASE.replace({"levers.research": {**GRANT, "budget": {"value": 500.0, "low": 100.0, "high": 900.0}}})
SEVERAL = (POLICY, POLICY.replace({"levers.research.rate": 0.1}))
COMPARED: dict[str, tuple[tuple[cs.Scenario, ...], dict[str, int]]] = {
    "worlds": ((POLICY,), {"replications": 1, "worlds": 3, "rank": 2}),
    "no budget": ((ENDLESS,), {"replications": 1}),
    "a budget with a range": ((RANGED,), {"replications": 1}),
    "twins": ((BASE,), {"replications": 2}),
    "policies of one name": (SEVERAL, {"replications": 1}),
}


@pytest.mark.parametrize("case", COMPARED)
def test_a_comparison_of_any_kind_is_audited_and_an_error_in_it_found(tmp_path, case):
    policies, how = COMPARED[case]
    folder = cs.compare(BASE, *policies, **how).save(tmp_path / "out")
    assert [check for check in audit(folder) if check.failed] == []
    path = next(iter(sorted(folder.glob("policy*")))) / "ledger.parquet"
    ledger = pd.read_parquet(path)
    false = ledger.index[ledger["row"] == "income tax"][-1]
    ledger.loc[false, "amount"] *= 1.01
    ledger.to_parquet(path)
    for sealed in (path.parent, folder):
        write_record(sealed_record(sealed), sealed)
    failed = {check.name for check in audit(folder) if check.failed}
    assert any("households: income tax" in name for name in failed)


def test_a_run_whose_rates_have_ranges_is_audited_by_their_values(tmp_path):
    paths = {"discount": 0.04, "local_tax_share": 0.5, "region.households.income_tax": 0.06}
    ranged = {path: {"value": value, "low": 0.02, "high": 0.6} for path, value in paths.items()}
    folder = cs.run(BASE.replace(ranged), seed=1).save(tmp_path / "out")
    assert [check for check in audit(folder) if check.failed] == []


@pytest.fixture(scope="module")
def softened() -> WrittenComparison:
    closure = {"type": "plant_closure", "share": 0.5, "years": 2021, "target": {"segments": ["components"]}}
    effect = cs.compare(
        BASE, BASE.replace({"levers.research": GRANT}), replications=2, under=BASE.replace({"shocks.closure": closure})
    )
    return written_effect(effect)


def test_a_comparison_under_a_shock_is_audited_and_an_error_in_any_column_found(softened):
    assert [check for check in audit_comparison(softened) if check.failed] == []
    told = softened.told["softening"].reset_index(drop=True)
    worlds = {str(policy.stated.name): policy.tables for policy in softened.policies}
    unseen = []
    for column in told:
        false, row = told.astype({column: object}), told.index[told["softened"] != 0][-1]
        now = told.at[row, column]
        false.at[row, column] = (
            "another" if isinstance(now, str) else now + 1 if column in ("year", "pairs") or now == 0 else now * 1.01
        )
        if not isinstance(now, str):
            false = false.astype({column: told[column].dtype})
        checks = Checks()
        checks.attempt(
            "softening", check_softening, {**softened.told, "softening": false}, worlds, softened.base.tables
        )
        unseen += [column] if not any(check.failed for check in checks.found) else []
    assert unseen == []


@pytest.mark.parametrize(("years", "rows", "fails"), [(1, 2, False), (2, 2, True), (1, 1, True)])
def test_variance_is_told_by_years_of_its_own_policy_which_may_begin_later_than_others(years, rows, fails):
    """Of output and jobs, a year after the policy of 2022 begins: neither of the next year, nor of output alone."""
    region = {"scope": "chain", "replication": 0, "year": [2022, 2023], "output": 1.0, "employment": 1.0}
    told = pd.DataFrame({"indicator": ["output", "employment"], "years": years, "year": 2021 + years}).iloc[:rows]
    told = told.assign(ratio=float("nan"), paired=float("nan"), unpaired=float("nan"))
    tables = {"variance": told, "effects": pd.DataFrame({"year": [2021, 2024]})}
    checks, stated, world = Checks(), NOTHING._replace(years=(2020, 2024)), {"region": pd.DataFrame(region)}
    check_variance(checks, Worlds(world, world, tables, {}, stated, stated))
    assert any(check.failed for check in checks.found) == fails


MODEL = (
    "stages",
    "economy",
    "indicators",
    "policy",
    "levers",
    "shocks",
    "population",
    "base_year",
    "scenario",
    "effects",
    "store",
)
ASKED = """
import sys
from chainsim.validation.audit import audit
for folder in sys.argv[1:]:
    assert not any(check.failed for check in audit(folder)), folder
print(*sorted(name for name in sys.modules if name.startswith("chainsim.")))
"""


def test_the_auditor_loads_nothing_of_the_model(tmp_path, effect, stored):
    cs.run(BASE, seed=1).save(tmp_path / "run")
    effect.save(tmp_path / "comparison")
    folders = [str(tmp_path / "run"), str(tmp_path / "comparison"), str(stored)]
    told = subprocess.run([sys.executable, "-c", ASKED, *folders], capture_output=True, text=True, check=True)
    loaded = told.stdout.split()
    assert "chainsim.validation.audit" in loaded
    assert [name for name in loaded if name.split(".")[1] in MODEL] == []
