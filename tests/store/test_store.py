"""Stores: the same tables however they were made, resumed at any time, and no damage that goes unnoticed."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest
from sweeps import MINIMAL, Fails, Hangs, Kills, cut, flip, same_tables, small

import chainsim as cs
from chainsim.experiments import sweep as sweeping
from chainsim.runs.output_folder import PARTIAL, OutputError
from chainsim.stages import Pricing
from chainsim.store.export import export
from chainsim.store.lock import Held, holder, locked
from chainsim.store.resume import Mismatch
from chainsim.store.store import Store


def part_files(folder: Path) -> list[Path]:
    """All files of all parts."""
    return sorted(path for path in (folder / "parts").rglob("*") if path.is_file())


def parts(folder: Path) -> list[Path]:
    """All parts, oldest first."""
    return sorted((folder / "parts").iterdir())


def test_a_run_of_a_sweep_is_the_run_of_its_scenario_to_the_last_bit(whole: Path) -> None:
    store, design = cs.open_store(whole), small()
    alone = cs.run(design.at(3), seed=2).region.assign(point=3, replication=1)
    swept = store.table("region", where={"point": 3, "replication": 1}).to_pandas()
    pd.testing.assert_frame_equal(swept, alone, check_exact=True, check_dtype=False)


@pytest.mark.parametrize("chunk", [1, 2, 7, None])
def test_tables_and_exports_do_not_depend_on_the_size_of_chunks(whole: Path, tmp_path: Path, chunk: int | None) -> None:
    store = cs.sweep(small(), tmp_path / "store", chunk=chunk)
    assert same_tables(store, Store(whole))
    files = [export(Store(folder), "csv", tmp_path / f"{folder.name}.csv")[0] for folder in (whole, store.folder)]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_any_executor_gives_the_same_tables(whole: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as executor:
        store = cs.sweep(small(), tmp_path / "store", executor=executor)
    assert same_tables(store, Store(whole))


def test_rows_are_in_the_order_of_points_replications_and_years(whole: Path) -> None:
    table = Store(whole).table("segments").to_pandas()
    keys = table[["point", "replication", "year"]]
    pd.testing.assert_frame_equal(keys, keys.sort_values([*keys], kind="stable").reset_index(drop=True))
    assert len(keys.drop_duplicates()) == 4 * 3 * 3


def test_columns_and_conditions_decide_what_is_read(whole: Path) -> None:
    store = Store(whole)
    table = store.table("region", ["year", "output"], {"year": [2021, 2022], "scope": "chain", "point": 1}).to_pandas()
    assert list(table.columns) == ["year", "output"]
    assert table["year"].tolist() == [2021, 2022] * 3
    later = store.table("region", where=ds.field("year") > 2021)
    assert later.count() == later.to_arrow().num_rows == 4 * 3 * 2


def test_unknown_tables_and_columns_are_answered_with_those_there_are(whole: Path) -> None:
    store = Store(whole)
    with pytest.raises(KeyError, match="there are region, segments"):
        store.table("regoin")
    with pytest.raises(KeyError, match=r"no column 'ouput'.*output"):
        store.table("region", ["ouput"])
    with pytest.raises(KeyError, match="no column 'yaer'"):
        store.table("region", where={"yaer": 2022})


def test_units_travel_with_the_columns(whole: Path) -> None:
    assert Store(whole).table("region").schema.field("output").metadata[b"unit"] == b"CNY million"


def test_the_same_call_again_runs_nothing(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chainsim.experiments.sweep.Dispatch", None)
    before = part_files(whole)
    assert cs.sweep(small(), whole).complete
    assert part_files(whole) == before


class Interrupted(Exception):
    """Stands for whatever ends a sweep."""


def test_the_same_call_again_runs_what_is_missing(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, written = sweeping.store_result, []

    def keep_three(store: Any, result: Any) -> None:
        if len(written) == 3:
            raise Interrupted
        written.append(result)
        kept(store, result)

    monkeypatch.setattr(sweeping, "store_result", keep_three)
    with pytest.raises(Interrupted):
        cs.sweep(small(), tmp_path / "store", chunk=2)
    monkeypatch.undo()
    assert Store(tmp_path / "store").index.done == 6
    store = cs.sweep(small(), tmp_path / "store", chunk=4)
    assert len(store.runs) == len(store.runs.drop_duplicates(["point", "replication"])) == 12
    assert same_tables(store, Store(whole))


def test_more_replications_add_to_the_runs_there_are(copy: Path, tmp_path: Path) -> None:
    before = set(part_files(copy))
    grown = cs.sweep(small(replications=4), copy)
    assert before < set(part_files(copy))
    assert same_tables(grown, cs.sweep(small(replications=4), tmp_path / "fresh"))


def test_the_design_in_a_store_repeats_it(copy: Path, tmp_path: Path) -> None:
    assert same_tables(cs.sweep(copy / "design.yaml", tmp_path / "again"), Store(copy))


def test_what_a_killed_sweep_left_half_written_is_removed(copy: Path) -> None:
    half = copy / "parts" / f".0000009-abc.def{PARTIAL}"
    half.mkdir()
    (half / "region.parquet").write_bytes(b"half")
    assert Store(copy).index.done == 12
    cs.sweep(small(), copy)
    assert not half.exists()


@pytest.mark.parametrize("number", range(9))
@pytest.mark.parametrize("harm", [flip, cut])
def test_damage_is_noticed_named_put_aside_and_run_again(copy: Path, whole: Path, number: int, harm: Any) -> None:
    files = part_files(copy)
    assert len(files) == 9
    harm(files[number])
    with pytest.raises(OutputError, match=files[number].name):
        export(Store(copy), "csv", copy.parent / "out")
    with pytest.raises(OutputError, match=r"put aside.*runs are missing now") as caught:
        cs.sweep(small(), copy)
    assert str(files[number]) in str(caught.value)
    assert [path.name for path in (copy / "damaged").iterdir()] == [files[number].parent.name]
    assert same_tables(cs.sweep(small(), copy), Store(whole))


@pytest.mark.parametrize("name", ["sweep.json", "design.parquet", "design.yaml", "scenario.yaml", "data/segments.csv"])
@pytest.mark.parametrize("harm", [flip, cut])
def test_damaged_records_are_noticed_and_written_anew(copy: Path, whole: Path, name: str, harm: Any) -> None:
    harm(copy / name)
    with pytest.raises(OutputError, match=name):
        cs.open_store(copy)
    with pytest.raises(OutputError, match="written anew"):
        cs.sweep(small(), copy)
    assert same_tables(cs.sweep(small(), copy), Store(whole))


def test_a_part_of_another_sweep_does_not_get_into_the_tables(copy: Path, tmp_path: Path) -> None:
    other = cs.sweep(small(vary={"region.productivity_growth": [0.021, 0.05, 0.03, 0.04]}), tmp_path / "other", chunk=5)
    shutil.rmtree(parts(copy)[0])
    shutil.copytree(parts(other.folder)[0], copy / "parts" / parts(other.folder)[0].name)
    with pytest.raises(OutputError, match="made from other values or other code"):
        Store(copy).table("region")


def test_a_part_that_is_there_twice_does_not_double_its_runs(copy: Path) -> None:
    first = parts(copy)[0]
    shutil.copytree(first, first.with_name(f"0000099-{first.name.partition('-')[2]}"))
    with pytest.raises(OutputError, match="in an older part already"):
        Store(copy).table("region")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"scenario": MINIMAL.replace({"years.end": 2023})}, r"years.end was 2022, is 2023"),
        ({"vary": {"region.productivity_growth": [0.02, 0.05]}}, r"vary was"),
        ({"replications": 2}, r"replications was 3, is 2"),
        ({"record": ["region"]}, r"record was region, segments, is region"),
        ({"scenario": MINIMAL.replace(stages=[Kills()])}, r"code of its stages"),
        (
            {"vary": {"stages.sourcing.review_rate": [0.1, 0.3], "region.productivity_growth": [0.02, 0.04]}},
            r"points differ, first in region.productivity_growth",
        ),
    ],
)
def test_a_store_of_another_sweep_is_refused_with_the_reason(whole: Path, change: Any, reason: str) -> None:
    with pytest.raises(Mismatch, match=reason):
        cs.sweep(small(**change), whole)


def test_other_code_is_refused_with_the_reason_where_something_is_left_to_run(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = small(replications=4)
    monkeypatch.setattr("chainsim.store.manifest.source_hash", lambda: "other")
    assert cs.sweep(small(), copy).complete  # what is done can be looked at
    with pytest.raises(Mismatch, match="the code of chainsim has changed"):
        cs.sweep(more, copy)
    monkeypatch.setattr("chainsim.store.manifest.version_of", lambda name: "9.9")
    with pytest.raises(Mismatch, match=r"chainsim was .*, is 9\.9"):
        cs.sweep(more, copy)
    shutil.rmtree(parts(copy)[0])
    with pytest.raises(Mismatch, match=r"chainsim was .*, is 9\.9"):
        cs.sweep(small(), copy)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="exists"):
        cs.sweep(small(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_second_sweep_is_refused_and_told_who_holds_the_store(copy: Path) -> None:
    with locked(copy):
        assert "process" in holder(copy)
        with pytest.raises(Held, match=r"process \d+ on .*, since 20"):
            cs.sweep(small(), copy)
    assert holder(copy) == ""
    assert cs.sweep(small(), copy).complete


def test_a_failed_run_is_a_row_and_not_the_end(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.touch()
    design = small(scenario=MINIMAL.replace(stages=[Fails(while_there=str(there))]))
    store = cs.sweep(design, tmp_path / "store")
    assert store.index.done == 8
    told = store.failures
    assert told[["point", "replication", "seed", "year"]].values.tolist() == [[point, 1, 2, 2022] for point in range(4)]
    assert told["reason"].str.contains("no price").all()
    assert set(store.table("region").to_pandas()["replication"]) == {0, 2}
    there.unlink()
    assert len(cs.sweep(design, tmp_path / "store").failures) == 4
    again = cs.sweep(design, tmp_path / "store", retry_failed=True)
    assert again.complete
    assert len(again.failures) == 0


def test_a_run_may_not_take_longer_than_its_time(tmp_path: Path) -> None:
    cs.run(MINIMAL, seed=1)  # loads what the first run loads, which is not to count
    store = cs.sweep(small(scenario=MINIMAL.replace(stages=[Hangs()])), tmp_path / "store", timeout=2)
    assert store.index.done == 8
    assert store.failures["reason"].str.contains("longer than 2 s").all()


def test_a_point_that_the_scenario_refuses_is_a_failure_with_the_reason(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("chainsim.experiments.design_file.check_points", lambda *arguments: None)
    store = cs.sweep(small(vary={"stages.sourcing.review_rate": [0.1, 1.5]}), tmp_path / "store")
    assert store.failures["point"].tolist() == [1, 1, 1]
    assert "from 0 to 1" in store.failures["reason"][0]


def test_a_disk_that_takes_no_more_is_told_and_the_sweep_goes_on_later(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    written = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if "0000003-" in str(path) and path.name == "segments.parquet":
            written(path, content[:100])
            raise OSError(28, os.strerror(28))
        return written(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left on device; 6 of 12 runs"):
        cs.sweep(small(), tmp_path / "store", chunk=3)
    monkeypatch.undo()
    assert all(not path.name.startswith(".") for path in parts(tmp_path / "store"))
    assert same_tables(cs.sweep(small(), tmp_path / "store"), Store(whole))


def test_a_summary_has_the_quantiles_of_the_full_tables(whole: Path, tmp_path: Path) -> None:
    quantiles = [0.0, 0.25, 0.5, 0.9]
    summary = cs.sweep(small(summary=quantiles), tmp_path / "store", chunk=4).table("segments").to_pandas()
    runs = Store(whole).table("segments").to_pandas()
    keys = ["point", "year", "segment"]
    for quantile in quantiles:
        expected = runs.groupby(keys)[["output", "employment", "hhi"]].quantile(quantile)
        found = summary[summary["quantile"] == quantile].set_index(keys)[["output", "employment", "hhi"]]
        pd.testing.assert_frame_equal(found.sort_index(), expected.sort_index(), rtol=1e-13)  # another order of sums
    assert set(summary["runs"]) == {3}


def test_a_point_with_a_failed_run_has_no_summary(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.touch()
    design = small(scenario=MINIMAL.replace(stages=[Fails(while_there=str(there))]), summary=[0.5])
    store = cs.sweep(design, tmp_path / "store")
    assert store.status()["failed"] == 12
    there.unlink()
    assert cs.sweep(design, tmp_path / "store", retry_failed=True).complete


def test_own_stages_travel_into_sweeps(tmp_path: Path) -> None:
    class Dear(Pricing):
        def markup(self, economy: Any) -> Any:
            return super().markup(economy) * 1.5

    dear = cs.sweep(small(scenario=MINIMAL.replace(stages=[Dear()])), tmp_path / "dear")
    plain = cs.sweep(small(), tmp_path / "plain")
    prices = [store.table("segments", ["price"]).to_pandas()["price"] for store in (dear, plain)]
    assert not np.array_equal(*prices)


def test_exports_hold_every_row_and_the_values_of_the_points(whole: Path, tmp_path: Path) -> None:
    store = Store(whole)
    csv = pd.read_csv(export(store, "csv", tmp_path / "a.csv", "segments")[0], encoding="utf-8-sig")
    stata = pd.read_stata(export(store, "stata", tmp_path / "a.dta", "segments")[0])
    book = pd.read_excel(export(store, "excel", tmp_path / "a.xlsx")[0], sheet_name=None)
    table = store.table("segments").to_pandas().merge(store.design, on="point")
    assert set(book) == {"region", "segments", "design"}
    for read in (csv, stata, book["segments"]):
        assert read["output"].to_numpy() == pytest.approx(table["output"].to_numpy(), rel=1e-12)
        assert read["segment"].tolist() == table["segment"].tolist()
        rate = next(column for column in read if "review_rate" in column)
        assert read[rate].tolist() == table["stages.sourcing.review_rate"].tolist()


@pytest.mark.parametrize("to", ["csv", "stata", "excel"])
def test_the_same_runs_are_the_same_bytes_in_every_format(whole: Path, tmp_path: Path, to: str) -> None:
    first, second = (export(Store(whole), to, tmp_path / name) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_text_of_an_export_never_runs_as_a_formula(tmp_path: Path) -> None:
    scenario = MINIMAL.replace({"name": "=1+1"})
    store = cs.sweep(
        small(scenario=scenario, vary={"region.productivity_growth": [0.02]}, replications=1), tmp_path / "s"
    )
    lines = export(store, "csv", tmp_path / "a.csv")[0].read_text(encoding="utf-8-sig").splitlines()
    assert lines[1].startswith('"\'=1+1"') or lines[1].startswith("'=1+1")
    book = pd.read_excel(export(store, "excel", tmp_path / "a.xlsx")[0], sheet_name="region")
    assert book["scenario"][0] == "=1+1"


def test_status_says_how_far_a_sweep_is(copy: Path) -> None:
    shutil.rmtree(parts(copy)[0])
    told = Store(copy).status()
    assert (told["runs"], told["done"], told["failed"], told["missing"]) == (12, 7, 0, 5)
    assert told["damaged"] == []
    assert told["holder"] == ""


def test_a_store_is_read_at_a_place_whose_name_is_no_text(whole: Path, tmp_path: Path) -> None:
    """As names in Chinese are where the encoding of the system is GBK; the library for tables takes UTF-8 only."""
    place = Path(shutil.copytree(whole, tmp_path / os.fsdecode(b"\xbd\xe1\xb9\xfb")))
    one, other = Store(place).table("region"), Store(whole).table("region")
    assert one.to_pandas().equals(other.to_pandas())
    assert one.count() == other.count()
