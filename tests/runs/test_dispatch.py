"""How runs are cut into chunks: none lost, none doubled, the points of a summary whole."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from chainsim.runs.dispatch import LARGEST, TARGET, Supply, chunk_of, outcomes_of
from chainsim.runs.worker import Chunk, ChunkResult, Failure, SeedJob, no_report


class EveryThirdFails:
    """Work of one year that fails for every third seed."""

    years = 1

    def __call__(self, seed: int) -> Generator[int, None, int]:
        yield 2021
        if seed % 3 == 1:
            raise ValueError("no economy")
        return seed


def chunks(points: int, replications: int, pace: float, fixed: int | None = None, whole: int = 1) -> list[Chunk]:
    """All chunks of a supply whose runs take `pace` seconds."""
    runs = [(point, replication) for point in range(points) for replication in range(replications)]
    supply, made = Supply(iter(runs), len(runs), lambda point: {"x": point}, 2, fixed, whole), []
    while (chunk := supply.next()) is not None:
        made.append(chunk)
        supply.learn(ChunkResult(seconds=dict.fromkeys(chunk.runs, pace)))
    assert [run for chunk in made for run in chunk.runs] == runs
    assert supply.total == 0
    return made


@pytest.mark.parametrize("replications", [1, 3, 10, 50])
@pytest.mark.parametrize("pace", [0.0001, 0.3, 100.0])
def test_every_run_is_in_one_chunk_with_the_values_of_its_point(replications: int, pace: float) -> None:
    for chunk in chunks(37, replications, pace):
        assert chunk.changes == {run[0]: {"x": run[0]} for run in chunk.runs}


def test_the_first_chunk_is_one_run_and_the_next_take_their_seconds() -> None:
    sizes = [len(chunk.runs) for chunk in chunks(1000, 1, 0.5)]
    assert sizes[0] == 1
    assert sizes[1] == int(TARGET / 0.5)
    assert sizes[-1] == 1, "small ones at the end keep all workers busy to the end"


def test_no_chunk_is_larger_than_the_largest() -> None:
    assert max(len(chunk.runs) for chunk in chunks(20, 1000, 1e-6)) <= LARGEST


def test_a_chunk_of_runs_in_another_order_is_in_canonical_order() -> None:
    supply = Supply(iter([(0, 0), (1, 0), (0, 1)]), 3, lambda point: {"x": point}, 1, fixed=3)
    chunk = supply.next()
    assert chunk == Chunk(((0, 0), (0, 1), (1, 0)), {0: {"x": 0}, 1: {"x": 1}})


def test_a_fixed_size_is_kept() -> None:
    assert {len(chunk.runs) for chunk in chunks(10, 7, 1.0, fixed=5)} == {5}


def test_a_summary_has_whole_points_only() -> None:
    assert all(len(chunk.runs) % 6 == 0 for chunk in chunks(20, 6, 0.4, whole=6))


def test_past_failures_every_seed_has_an_outcome_however_runs_are_cut_into_chunks() -> None:
    seeds = range(64)
    found = outcomes_of(EveryThirdFails(), seeds, 1, no_report, past_failures=True)
    assert set(found) == set(seeds)
    assert [seed for seed, outcome in found.items() if isinstance(outcome, Failure)] == list(range(1, 64, 3))
    assert set(outcomes_of(EveryThirdFails(), seeds, 1, no_report)) == {0, 1}


def test_a_job_that_goes_past_failures_does_so_in_another_process() -> None:
    make, given = SeedJob(EveryThirdFails(), range(5), past_failures=True).__reduce__()
    result = make(*given)(chunk_of([(0, replication) for replication in range(5)], lambda point: {}))
    assert [*result.outcomes, *result.failures] == [(0, 0), (0, 2), (0, 3), (0, 1), (0, 4)]
