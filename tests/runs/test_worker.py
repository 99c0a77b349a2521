"""Memory of sweeps: neither the process that writes the store nor a worker grows with the number of runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from sweeps import MINIMAL, small

import chainsim as cs
from chainsim.runs.sweep_job import SweepJob, code
from chainsim.runs.worker import Chunk

ALLOWED = 20_000_000
"""Bytes that may come and go with the allocator; the recordings of 500 runs would be more."""


def resident() -> int:
    """Bytes of memory of this process."""
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * 4096


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads memory in /proc"),
]


def test_a_worker_does_not_grow_with_its_runs() -> None:
    import cloudpickle

    scenario = MINIMAL.replace({"years.end": 2021})
    job = SweepJob(cloudpickle.dumps(scenario), 1, "common", ("region", "segments"), (), None, code())

    def fifty_at_each(points: range) -> None:
        for point in points:
            runs = tuple((point, replication) for replication in range(50))
            changes = {point: {"region.productivity_growth": 0.02 + point * 1e-4}}
            assert len(job(Chunk(runs, changes)).seconds) == 50

    fifty_at_each(range(2))
    before = resident()
    fifty_at_each(range(2, 12))
    assert resident() - before < ALLOWED


def test_the_process_that_writes_the_store_does_not_grow_with_the_runs(tmp_path: Path) -> None:
    design = small(
        scenario=MINIMAL.replace({"years.end": 2021}),
        vary={"region.productivity_growth": [0.02, 0.04]},
        replications=20,
    )
    cs.sweep(design, tmp_path / "first", jobs=2, chunk=10)
    before = resident()
    cs.sweep(
        small(scenario=design.scenario, vary={"region.productivity_growth": [0.02, 0.04]}, replications=250),
        tmp_path / "second",
        jobs=2,
        chunk=10,
    )
    assert resident() - before < ALLOWED
