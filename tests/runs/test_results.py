"""Tables, headline and output folders."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import synthetic

import chainsim
from chainsim.runs.frames import RUN_KEYS
from chainsim.runs.headline import STATISTICS
from chainsim.runs.output_folder import OutputError, exchange, whole_folder
from chainsim.runs.provenance import from_json, source_files
from chainsim.runs.results import Result, read

MADE = synthetic.scenario(replications=4)
RESULT = Result(MADE, synthetic.recordings(MADE))


pytestmark = pytest.mark.usefixtures("plain_pages")


@pytest.mark.parametrize("name", ["region", "tiers", "segments", "levers", "ledger", "trade"])
def test_every_table_starts_with_the_keys_of_run_and_year(name: str) -> None:
    assert tuple(RESULT.table(name).columns[:5]) == RUN_KEYS


def test_replication_r_has_the_seed_of_the_scenario_plus_r() -> None:
    runs = RESULT.region[["replication", "seed"]].drop_duplicates()
    assert list(runs["seed"]) == [MADE.seed + r for r in range(4)]
    assert list(runs["replication"]) == [0, 1, 2, 3]


def test_numbers_of_a_table_are_those_that_were_recorded() -> None:
    third = synthetic.recording(MADE, MADE.seed + 2).tables["segments"]["output"]
    np.testing.assert_array_equal(RESULT.segments.query("replication == 2")["output"], third)


def test_text_columns_are_plain_text_and_empty_tables_keep_their_columns() -> None:
    assert RESULT.trade["origin"].map(type).eq(str).all()
    assert list(RESULT.levers.columns[5:]) == ["lever", "budget", "requested", "outlay", "recipients"]
    assert RESULT.levers.empty


def test_a_table_that_was_not_recorded_is_named_with_those_that_were() -> None:
    with pytest.raises(KeyError, match=r"no table 'enterprises'.*region, tiers"):
        _ = RESULT.enterprises


def test_headline_shows_the_chain_and_leaves_the_application_tier_out() -> None:
    output = RESULT.headline().set_index("indicator").loc["output"]
    chain = sum(sum(segments.values()) for tier, segments in synthetic.TIERS.items() if tier != "application")
    assert output["first"] == pytest.approx(chain)


def test_headline_band_holds_the_mean_and_changes_are_those_of_the_runs() -> None:
    table = RESULT.headline().set_index("indicator")
    assert ((table["low90"] <= table["last"]) & (table["last"] <= table["high90"])).all()
    chain = RESULT.region.query("scope == 'chain'").set_index(["year", "replication"])
    growth = chain.loc[2035, "output"] / chain.loc[2020, "output"] - 1
    points = chain.loc[2035, "localization_rate"] - chain.loc[2020, "localization_rate"]
    assert table.loc["output", "change"] == pytest.approx(growth.mean())
    assert table.loc["localization_rate", "change"] == pytest.approx(points.mean())


def test_a_single_run_has_no_band() -> None:
    one = synthetic.scenario(replications=1)
    table = Result(one, synthetic.recordings(one)).headline()
    assert table[["low90", "high90"]].isna().all(axis=None)


def test_a_saved_result_reads_back_equal(tmp_path: Path) -> None:
    again = read(RESULT.save(tmp_path / "out"))
    assert again.tables == RESULT.tables
    for name in RESULT.tables:
        pd.testing.assert_frame_equal(again.table(name), RESULT.table(name))
    assert again.seeds == RESULT.seeds
    assert again.scenario.chain == MADE.chain


def test_parquet_files_carry_unit_and_meaning_of_their_columns(tmp_path: Path) -> None:
    folder = RESULT.save(tmp_path / "out")
    schema = pq.read_schema(folder / "region.parquet")
    assert schema.field("output").metadata[b"unit"] == b"CNY million"
    assert json.loads(schema.metadata[b"units"])["employment"] == "persons"
    assert "local share" in json.loads(schema.metadata[b"meanings"])["localization_rate"]


def test_provenance_names_versions_seeds_and_files(tmp_path: Path) -> None:
    folder = RESULT.save(tmp_path / "out")
    record = from_json((folder / "provenance.json").read_text(encoding="utf-8"))
    assert record.seeds == (1, 2, 3, 4)
    assert record.numpy == np.__version__
    assert set(record.files) == {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_csv_opens_in_excel_and_runs_no_formula(tmp_path: Path) -> None:
    evil = synthetic.scenario(name="=1+1", replications=1)
    folder = Result(evil, synthetic.recordings(evil)).save(tmp_path / "out", csv=True)
    text = (folder / "region.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbfscenario,")
    assert b"\n=" not in text
    assert b"\n'=1+1," in text


def test_an_existing_folder_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    folder = RESULT.save(tmp_path / "out")
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    with pytest.raises(OutputError, match="exists"):
        RESULT.save(folder)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_overwriting_leaves_only_the_new_result(tmp_path: Path) -> None:
    RESULT.save(tmp_path / "out", csv=True)
    RESULT.save(tmp_path / "out", overwrite=True)
    assert not list((tmp_path / "out").glob("*.csv"))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("own", [False, True])
def test_what_chainsim_did_not_write_is_never_deleted(tmp_path: Path, own: bool) -> None:
    folder = tmp_path / "out"
    if own:
        RESULT.save(folder)
    folder.mkdir(exist_ok=True)
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "thesis.docx").write_text("years of work")
    with pytest.raises(OutputError, match=r"data/thesis\.docx"):
        RESULT.save(folder, overwrite=True)
    assert (folder / "data" / "thesis.docx").read_text() == "years of work"


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert (RESULT.save(tmp_path / "out") / "region.parquet").exists()


def test_a_full_disk_leaves_the_old_result_and_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RESULT.save(tmp_path / "out")
    before = (folder / "provenance.json").read_bytes()

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("chainsim.runs.results.write_csv", full)
    with pytest.raises(OutputError, match="No space left on device"):
        RESULT.save(folder, csv=True, overwrite=True)
    assert (folder / "provenance.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_interrupted_write_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with whole_folder(tmp_path / "out") as partial:
            (partial / "region.parquet").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("can_exchange", [True, False])
def test_folders_are_swapped_with_and_without_help_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    if not can_exchange:
        monkeypatch.setattr("chainsim.runs.output_folder.exchange", lambda first, second: False)
    for _ in range(2):
        RESULT.save(tmp_path / "out", overwrite=True)
    assert read(tmp_path / "out").replications == 4
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_exchange_of_names_tells_when_it_cannot(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    assert not exchange(tmp_path / "first", tmp_path / "absent")


def test_a_folder_without_a_result_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="holds no result"):
        read(tmp_path)


def test_the_hash_of_the_source_covers_every_room() -> None:
    files = source_files()
    assert {"stages/pricing.py", "runs/results.py", "__init__.py"} < {
        path.relative_to(Path(chainsim.__file__).parent).as_posix() for path in files
    }


def test_statistics_are_at_current_prices_and_grow_over_the_year_before() -> None:
    table, chain = RESULT.statistics(), RESULT.region[RESULT.region["scope"] == "chain"]
    assert set(table.columns) == set(STATISTICS)
    second = table.iloc[1]
    runs = chain.pivot(index="year", columns="replication", values="output")
    assert second["output_growth"] == pytest.approx((runs.iloc[1] / runs.iloc[0] - 1.0).mean())
    assert second["output_nominal"] == pytest.approx(1.02 * runs.iloc[1].mean())
    assert second["output_growth_nominal"] > second["output_growth"]
    assert np.isnan(table.iloc[0]["output_growth"])
