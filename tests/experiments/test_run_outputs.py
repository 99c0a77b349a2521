"""Seeds of designs: shared by all points or each point its own; the same runs whatever stops them; and the trap."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sweeps import MINIMAL, Fails, same_tables, small

import chainsim as cs
from chainsim.economy.draws import draw_key, normal_for
from chainsim.economy.types import Array
from chainsim.experiments.design import Design
from chainsim.experiments.design_file import design_of
from chainsim.experiments.run_outputs import check_own_luck
from chainsim.experiments.sensitivity_report import lines
from chainsim.runs.output_folder import OutputError
from chainsim.runs.provenance import SEAL, seal
from chainsim.store.merge import merge
from chainsim.store.resume import Mismatch
from chainsim.store.store import Store

FAR = 1_000_000
"""Between the seeds of one point and those of the next."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The small sweep of four points and three replications, each point with seeds of its own."""
    return cs.sweep(small(luck="own"), tmp_path_factory.mktemp("own") / "store")


def test_every_point_has_seeds_of_its_own(own: Store) -> None:
    expected = [1 + FAR * point + replication for point in range(4) for replication in range(3)]
    assert own.runs["seed"].tolist() == expected
    assert own.table("region").to_pandas()["seed"].drop_duplicates().tolist() == expected


def test_a_run_of_a_point_is_the_run_of_its_scenario_with_that_seed(own: Store) -> None:
    alone = cs.run(small().at(3), seed=1 + 3 * FAR + 2).region.assign(point=3, replication=2)
    swept = own.table("region", where={"point": 3, "replication": 2}).to_pandas()
    pd.testing.assert_frame_equal(swept, alone, check_exact=True, check_dtype=False)


def test_manifest_provenance_and_design_hold_it(own: Store) -> None:
    read = {name: (own.folder / name).read_text("utf-8") for name in ("sweep.json", "provenance.json", "design.yaml")}
    assert json.loads(read["sweep.json"])["luck"] == own.status()["luck"] == "own"
    assert json.loads(read["provenance.json"])["seeds"] == own.runs["seed"].tolist()
    assert design_of(own.folder / "design.yaml").luck == "own"


def test_processes_chunks_shards_and_stops_change_no_bit(own: Store, tmp_path: Path) -> None:
    design = small(luck="own")
    with ThreadPoolExecutor(2) as executor:
        assert same_tables(cs.sweep(design, tmp_path / "threads", executor=executor, chunk=1), own)
    shards = [cs.sweep(design, tmp_path / f"s{k}", shard=(k, 3)).folder for k in (1, 2, 3)]
    assert same_tables(merge(shards, tmp_path / "merged"), own)
    assert same_tables(cs.sweep(design, shards[0]), own)


def test_points_and_replications_are_added_without_a_change_to_the_runs_there_are(tmp_path: Path) -> None:
    def sampled(points: int, replications: int) -> Design:
        vary = {"region.productivity_growth": {"low": 0.02, "high": 0.05}}
        return small(vary=vary, design={"kind": "sobol", "points": points}, replications=replications, luck="own")

    cs.sweep(sampled(2, 2), tmp_path / "grown")
    assert same_tables(cs.sweep(sampled(4, 3), tmp_path / "grown"), cs.sweep(sampled(4, 3), tmp_path / "at_once"))


def test_a_failure_names_the_seed_of_its_own_point(tmp_path: Path) -> None:
    store = cs.sweep(small(scenario=MINIMAL.replace(stages=[Fails()]), luck="own"), tmp_path / "store")
    assert store.failures[["point", "replication", "seed"]].to_numpy().tolist() == [[0, 1, 2]]


def test_runs_of_other_luck_are_refused_beside_them(own: Store, tmp_path: Path) -> None:
    with pytest.raises(Mismatch, match="luck was own, is common"):
        cs.sweep(small(), own.folder)
    shard = cs.sweep(small(luck="own"), tmp_path / "own", shard=(1, 2)).folder
    other = cs.sweep(small(), tmp_path / "common", shard=(2, 2)).folder
    with pytest.raises(OutputError, match="luck is common, not own"):
        merge([shard, other], tmp_path / "merged")


def test_a_store_that_does_not_say_has_seeds_that_its_points_share(tmp_path: Path) -> None:
    folder = cs.sweep(small(), tmp_path / "store").folder
    state = json.loads((folder / "sweep.json").read_text("utf-8"))
    state = {name: value for name, value in state.items() if name not in ("luck", SEAL)}
    (folder / "sweep.json").write_text(json.dumps({**state, SEAL: seal(state)}, indent=1, ensure_ascii=False) + "\n")
    store = Store(folder)
    assert (store.manifest.luck, store.index.done, store.damages()) == ("common", 12, [])
    assert same_tables(cs.sweep(small(), folder), store)


def test_what_infers_parameters_refuses_seeds_that_points_share(own: Store, tmp_path: Path) -> None:
    check_own_luck(own)
    shared = cs.sweep(small(replications=1), tmp_path / "store")
    with pytest.raises(OutputError, match="State luck: own in the design, in a new store"):
        check_own_luck(shared)


@pytest.mark.parametrize(("luck", "told"), [("common", "hold for these seeds only"), ("own", "seeds of its own")])
def test_an_analysis_says_what_its_seeds_mean(luck: str, told: str, tmp_path: Path) -> None:
    found = cs.sensitivity(small(luck=luck), tmp_path / "store", indicators=["employment"])
    assert told in list(lines(found))[1]


def share_covered(luck: str, bank: int = 1000, worlds: int = 1000) -> float:
    """Share of worlds whose parameter lies in the 90 % interval that a bank of runs of a toy gives it.

    The toy shows its parameter, uniform in 0 to 1, plus luck of its seed; the interval is that of a regression of the
    parameter on what is shown, read from the quantiles of its residuals.
    """

    def shown(parameters: Array, seeds: Array) -> Array:
        luck_of = [normal_for(draw_key(int(seed), "toy", 0), np.zeros(1, dtype=np.uint64))[0] for seed in seeds]
        return parameters + 0.3 * np.array(luck_of)

    drawn = np.random.default_rng(1)
    parameters, truth = drawn.random(bank), drawn.random(worlds)
    design = small(luck=luck)
    moments = shown(parameters, np.array([design.seed((point, 0)) for point in range(bank)]))
    observed = shown(truth, -1 - np.arange(worlds))
    slope, level = np.polyfit(moments, parameters, 1)
    low, high = np.quantile(parameters - level - slope * moments, (0.05, 0.95))
    error = truth - level - slope * observed
    return float(((low <= error) & (error <= high)).mean())


def test_intervals_inferred_from_shared_seeds_are_far_too_narrow_and_from_own_seeds_right() -> None:
    assert share_covered("common") < 0.1
    assert share_covered("own") == pytest.approx(0.9, abs=0.03)
