"""Shards: each has its part of the runs, and merged they are the sweep that was never cut, to the last byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from sweeps import MINIMAL, Fails, flip, same_tables, small

import chainsim as cs
from chainsim.experiments import sweep as sweeping
from chainsim.runs.output_folder import OutputError
from chainsim.scenario.errors import Problem, ScenarioError
from chainsim.store.export import export
from chainsim.store.merge import merge
from chainsim.store.parts import Damaged
from chainsim.store.store import Store


def shards_of(folder: Path, count: int, **changes: object) -> list[Path]:
    """The stores of all shards of the small design."""
    design = small(**changes)
    return [cs.sweep(design, folder / f"s{k}", shard=(k, count)).folder for k in range(1, count + 1)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the small design, run in one go."""
    return cs.sweep(small(), tmp_path_factory.mktemp("whole") / "store").folder


@pytest.fixture(scope="module")
def thirds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Its three shards."""
    return shards_of(tmp_path_factory.mktemp("thirds"), 3)


@pytest.mark.parametrize("count", [1, 3, 7])
def test_merged_shards_are_one_sweep_to_the_last_byte(whole: Path, tmp_path: Path, count: int) -> None:
    shards = shards_of(tmp_path, count)
    assert max(sizes := [Store(shard).index.done for shard in shards]) - min(sizes) <= 1
    merged = merge(shards[::-1], tmp_path / "merged")
    assert merged.complete
    assert same_tables(merged, Store(whole))
    files = [export(Store(folder), "csv", tmp_path / f"{folder.name}.csv")[0] for folder in (whole, merged.folder)]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_shards_of_a_summary_have_whole_points(tmp_path: Path) -> None:
    merged = merge(shards_of(tmp_path, 3, summary=[0.5]), tmp_path / "merged")
    assert same_tables(merged, cs.sweep(small(summary=[0.5]), tmp_path / "whole"))


def test_a_merge_goes_on_where_it_was_left(whole: Path, thirds: list[Path], tmp_path: Path) -> None:
    assert merge(thirds[:2], tmp_path / "merged").index.done == 8
    assert same_tables(merge(thirds, tmp_path / "merged"), Store(whole))
    assert merge(thirds, tmp_path / "merged").index.done == 12


def test_a_merged_store_is_swept_on_by_the_design(whole: Path, thirds: list[Path], tmp_path: Path) -> None:
    merge(thirds[1:], tmp_path / "merged")
    assert same_tables(cs.sweep(small(), tmp_path / "merged"), Store(whole))


def test_failed_runs_come_along(tmp_path: Path) -> None:
    merged = merge(shards_of(tmp_path, 2, scenario=MINIMAL.replace(stages=[Fails()])), tmp_path / "merged")
    assert merged.index.done == 8
    assert merged.failures["reason"].str.endswith("no price").all()


def test_shards_of_another_design_are_refused_with_what_differs(thirds: list[Path], tmp_path: Path) -> None:
    other = cs.sweep(small(replications=4), tmp_path / "other", shard=(3, 3)).folder
    with pytest.raises(OutputError, match="replications is 4, not 3"):
        merge([*thirds[:2], other], tmp_path / "merged")


def test_shards_that_overlap_are_refused_with_the_run(thirds: list[Path], tmp_path: Path) -> None:
    half = cs.sweep(small(), tmp_path / "half", shard=(1, 2)).folder
    with pytest.raises(OutputError, match=r"point 0, replication 0, which is in .*same n"):
        merge([*thirds, half], tmp_path / "merged")


def test_a_damaged_shard_is_refused(thirds: list[Path], tmp_path: Path) -> None:
    harmed = Path(shutil.copytree(thirds[0], tmp_path / "harmed"))
    flip(next((harmed / "parts").rglob("region.parquet")))
    with pytest.raises(Damaged):
        merge([harmed, *thirds[1:]], tmp_path / "merged")


@pytest.mark.parametrize("shard", [(0, 3), (4, 3), (1, 0)])
def test_there_are_shards_1_to_n(tmp_path: Path, shard: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="numbered from 1"):
        cs.sweep(small(), tmp_path / "store", shard=shard)
    assert not (tmp_path / "store").exists()


class Stopped(Exception):
    """Stands for whatever ends a sweep."""


def test_a_stopped_sweep_has_the_first_round_of_every_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "ROUND", 1)
    kept, left = sweeping.store_result, iter(range(6))

    def keep_six(store: Store, result: object) -> None:
        if next(left, None) is None:
            raise Stopped
        kept(store, result)

    monkeypatch.setattr(sweeping, "store_result", keep_six)
    with pytest.raises(Stopped):
        cs.sweep(small(), tmp_path / "store", chunk=1)
    done = np.count_nonzero(Store(tmp_path / "store").index.where >= 0, axis=1)
    assert done.tolist() == [2, 2, 1, 1]


def test_a_table_is_read_the_same_a_few_rows_at_a_time(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = Store(whole).table("segments").to_arrow()
    monkeypatch.setattr("chainsim.store.table.MOST_ROWS", 20)
    table = Store(whole).table("segments")
    assert {batch.num_rows for batch in table.iter_batches()} == {18}
    assert table.to_arrow().equals(expected)


def test_a_design_without_vary_repeats_its_scenario_and_may_grow(tmp_path: Path) -> None:
    plan = {"scenario": MINIMAL, "replications": 3, "record": ["region"]}
    store = cs.sweep(plan, tmp_path / "store")
    assert (store.manifest.points, store.index.done) == (1, 3)
    grown = cs.sweep({**plan, "replications": 5}, tmp_path / "store")
    alone = cs.run(MINIMAL, replications=5).region
    assert grown.table("region").to_pandas()["output"].tolist() == alone["output"].tolist()
    assert same_tables(cs.sweep(tmp_path / "store" / "design.yaml", tmp_path / "again"), grown)


def test_nothing_varied_drives_nothing_and_cannot_be_sampled(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing is varied"):
        cs.sensitivity({"scenario": MINIMAL, "replications": 3}, tmp_path / "store")
    with pytest.raises(cs.ScenarioError, match="latin needs a path"):
        cs.sweep({"scenario": MINIMAL, "design": {"kind": "latin", "points": 4}}, tmp_path / "store")


def test_a_store_whose_scenario_this_version_cannot_read_is_refused_in_words(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))

    def unreadable(path: Path) -> None:
        raise ScenarioError(
            [Problem("scenario.yaml", 98, 5, "stages.sourcing.home_offset", "unknown key 'home_offset'")]
        )

    monkeypatch.setattr("chainsim.store.store.load", unreadable)
    with pytest.raises(OutputError, match=r"made by another sweep: .*cannot read .*home_offset"):
        cs.sweep(small(scenario=MINIMAL.replace({"region.productivity_growth": 0.03})), copy)
