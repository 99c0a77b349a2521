"""What is written of a sweep is audited with the tables that it keeps: an error fails, or its column is told as unread."""

import hashlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import sweeps

from chainsim.experiments.sweep import sweep
from chainsim.runs.certified import Damaged
from chainsim.store.export import export
from chainsim.store.store import Store
from chainsim.validation.audit import audit

RECORDS = [("region", "segments"), ("segments",), ("region",), ("region", "segments", "tiers", "trade")]
CASES = [*RECORDS[:2], *(pytest.param(record, marks=pytest.mark.slow) for record in RECORDS[2:])]
MORE = ("region", "segments", "ledger", "levers", "parks")
FIRMS = ("segments", "ledger", "levers", "enterprises")
UNREAD = "an error in one of these columns may go unseen"


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], Path]:
    folder = tmp_path_factory.mktemp("sweeps")
    made = {}
    for record in (*RECORDS, MORE, FIRMS):
        made[record] = folder / "-".join(record)
        sweep(sweeps.small(record=list(record), replications=1), made[record])
    return made


def tampered(store: Path, folder: Path, table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Path:
    """A copy of a sweep with other rows in every part that has the table, certified again."""
    copy = Path(shutil.copytree(store, folder / "copy"))
    for part in sorted((copy / "parts").iterdir()):
        content = json.loads((part / "part.json").read_text(encoding="utf-8"))
        path = part / f"{table}.parquet"
        change(pd.read_parquet(io.BytesIO(path.read_bytes()))).to_parquet(path, index=False)
        written = path.read_bytes()
        content["files"][path.name] = [len(written), hashlib.sha256(written).hexdigest()]
        certified(part, content)
    return copy


def certified(part: Path, content: dict[str, object]) -> None:
    """Write the record of a part, and name its folder by it."""
    text = json.dumps(content)
    (part / "part.json").write_text(text, encoding="utf-8")
    part.rename(part.with_name(f"{part.name.partition('-')[0]}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"))


def off_by_a_hundredth(table: pd.DataFrame) -> pd.DataFrame:
    column = next(name for name in ("output", "value", "amount", "granted") if name in table)
    false = table.astype({column: float})
    false.loc[false[column].abs().idxmax(), column] *= 1.01
    return false


def run_gone(table: pd.DataFrame) -> pd.DataFrame:
    last = table["point"].max()
    return table[table["point"] != last]


def member_gone(table: pd.DataFrame) -> pd.DataFrame:
    """Without one segment (tier, park, origin of trade, row) in all runs and years."""
    key = next(name for name in ("segment", "tier", "park", "scope", "lever", "from_segment", "row") if name in table)
    return table[table[key] != table[key].iloc[-1]]


ERRORS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "a cell": off_by_a_hundredth,
    "a row gone": lambda table: table.drop(table.index[-1]),
    "a year doubled": lambda table: pd.concat([table, table[table["year"] == 2022]]),
    "a member gone": member_gone,
    "a run gone": run_gone,
}


@pytest.mark.parametrize("record", [*RECORDS, MORE, FIRMS], ids="-".join)
def test_what_a_sweep_keeps_holds(stores, record):
    checks = audit(stores[record])
    assert [check for check in checks if check.failed] == []
    assert any(check.name == "runs: of the design, and once" and check.numbers == 4 for check in checks)


def test_enterprises_that_a_sweep_keeps_are_followed_from_year_to_year(stores):
    checks = {check.name: check for check in audit(stores[FIRMS])}
    assert checks["enterprises: sales = price x output"].numbers
    assert "enterprises: from year to year, by park and market" not in checks


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("record", CASES)
def test_an_error_in_a_table_that_a_sweep_keeps_is_found(stores, tmp_path, record, error):
    for table in record:
        checks = audit(tampered(stores[record], tmp_path / table, table, ERRORS[error]))
        assert [check.name for check in checks if check.failed], f"{error} of {table} is not seen"


@pytest.mark.slow
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("table", ["ledger", "parks"])
def test_an_error_in_ledger_or_parks_of_a_sweep_is_found(stores, tmp_path, table, error):
    assert any(check.failed for check in audit(tampered(stores[MORE], tmp_path, table, ERRORS[error])))


@pytest.mark.parametrize("pair", [("capital", "debt"), ("output", "rd"), ("exports", "investment")])
@pytest.mark.parametrize("record", RECORDS[:3], ids="-".join)
def test_two_swapped_columns_of_a_sweep_are_found_or_told_as_unread(stores, tmp_path, record, pair):
    one, other = pair
    table = record[-1]
    copy = tampered(stores[record], tmp_path, table, lambda found: found.rename(columns={one: other, other: one}))
    checks = audit(copy)
    unread = [name for check in checks if check.missing == UNREAD for name in check.name.partition(": ")[2].split(", ")]
    assert any(check.failed for check in checks) or {*pair} <= {*unread}


def test_a_run_that_is_gone_with_its_line_in_the_record_is_told(stores, tmp_path):
    copy = Path(shutil.copytree(stores["region",], tmp_path / "copy"))
    part = sorted((copy / "parts").iterdir())[-1]
    lost = len(json.loads((part / "part.json").read_text(encoding="utf-8"))["runs"])
    shutil.rmtree(part)
    told = {check.name: check.missing for check in audit(copy)}
    assert told["runs: all of the design"] == f"{lost} of 4 are not there; not finished, or gone"


def test_files_for_other_programs_in_a_store_are_certified(stores, tmp_path):
    copy = Path(shutil.copytree(stores["region",], tmp_path / "copy"))
    csv, stata = (export(Store(copy), to)[0] for to in ("csv", "stata"))
    assert "files for other programs" not in "".join(check.name for check in audit(copy))
    (copy / "export" / "notes.txt").write_text("mine", encoding="utf-8")
    assert "files for other programs: notes.txt" in [check.name for check in audit(copy) if check.missing]
    for file in (csv, stata, copy / "export" / "exported.json"):
        before = file.read_bytes()
        file.write_bytes(before.replace(b"2", b"3"))
        with pytest.raises(Damaged, match=file.name):
            audit(copy)
        file.write_bytes(before)


def test_a_table_that_is_gone_from_all_parts_is_found(stores, tmp_path):
    copy = Path(shutil.copytree(stores["region", "segments"], tmp_path / "copy"))
    for part in sorted((copy / "parts").iterdir()):
        content = json.loads((part / "part.json").read_text(encoding="utf-8"))
        del content["files"]["segments.parquet"]
        certified(part, content)
    assert "segments: the table is there" in [check.name for check in audit(copy) if check.failed]
