"""What was done before a stop is kept beside the output, certified, and used by the same call."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chainsim.effects.comparison import compare
from chainsim.indicators.table import Recording
from chainsim.runs.ensemble import run
from chainsim.runs.unfinished import decoded, encoded, forget, place
from chainsim.runs.worker import ScenarioRun
from chainsim.scenario.load import load
from chainsim.scenario.scenario import Scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
GRANT = {"levers.grant": {"type": "rd_grant", "rate": 0.2, "years": "2021-2022"}}


def minimal(end: int) -> Scenario:
    return load(SCENARIOS / "minimal.yaml", {"years.end": end})


def forbidden(self: object, seed: int) -> None:
    raise AssertionError(f"seed {seed} is run again")


def test_recordings_come_back_to_the_last_bit() -> None:
    columns = {
        "year": np.array([2020, 2021]),
        "name": np.array(["a", "钢"], dtype=object),
        "x": np.array([0.1, np.nan]),
    }
    content = encoded([Recording(7, {"region": columns})], {"rows": [{"n": np.int64(3), "v": np.float64(0.1)}]})
    (found,), values = decoded(content)
    assert found.seed == 7
    for name, array in columns.items():
        assert found.tables["region"][name].dtype == array.dtype
        np.testing.assert_array_equal(found.tables["region"][name], array)
    assert values == {"rows": [{"n": 3, "v": 0.1}]}


def test_a_flipped_bit_is_noticed() -> None:
    content = bytearray(encoded([Recording(1, {"region": {"year": np.array([2020])}})], None))
    content[-40] ^= 1
    with pytest.raises(ValueError, match="not those"):
        decoded(bytes(content))


def test_a_run_takes_what_is_kept_and_gives_the_same_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario, out = minimal(end=2022), tmp_path / "out"
    whole = run(scenario, replications=3)
    run(scenario, replications=2, unfinished=out)
    assert len(list(place(out).iterdir())) == 2
    again = run(scenario, replications=3, unfinished=out)
    for name in whole.tables:
        pd.testing.assert_frame_equal(again.table(name), whole.table(name))
    monkeypatch.setattr(ScenarioRun, "__call__", forbidden)
    run(scenario, replications=3, unfinished=out)
    forget(out)
    assert not place(out).exists()


def test_a_damaged_file_and_another_scenario_are_run_again(tmp_path: Path) -> None:
    scenario, out = minimal(end=2021), tmp_path / "out"
    first = run(scenario, replications=1, unfinished=out)
    (kept,) = place(out).iterdir()
    kept.write_bytes(kept.read_bytes()[:-5])
    pd.testing.assert_frame_equal(run(scenario, replications=1, unfinished=out).region, first.region)
    other = run(scenario.replace({"chain.segments.devices.rd_share": 0.08}), replications=1, unfinished=out)
    assert not other.region.equals(first.region)


def test_a_comparison_with_a_split_takes_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base, out = minimal(end=2022), tmp_path / "out"
    policy = base.replace(GRANT)
    whole = compare(base, policy, replications=2, split=True, unfinished=out)
    monkeypatch.setattr("chainsim.effects.comparison.Pairs.__call__", forbidden)
    monkeypatch.setattr("chainsim.effects.shapley_split.Coalitions.__call__", forbidden)
    again = compare(base, policy, replications=2, split=True, unfinished=out)
    tables = again.tables()
    for name, table in whole.tables().items():
        pd.testing.assert_frame_equal(tables[name], table)
    for name, table in whole.seen.items():
        pd.testing.assert_frame_equal(again.seen[name], table)


def test_a_killed_comparison_goes_on_by_the_same_command(tmp_path: Path) -> None:
    lever = "{type: rd_grant, rate: .2, years: 2022-2024}"
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"extends: minimal.yaml\nname: policy\nlevers:\n  grant: {lever}\n", "utf-8")
    base = shutil.copy(SCENARIOS / "minimal.yaml", tmp_path)
    out = tmp_path / "out"
    words = ["compare", str(base), str(policy), "-o", str(out), "--set", "years.end=2024", "--replications", "60"]
    command = [sys.executable, "-m", "chainsim.cli", *words]
    assert command[6] == "-o"
    going = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 300
    while time.monotonic() < until and len(list(place(out).glob("*.npz"))) < 2:
        time.sleep(0.05)
    os.kill(going.pid, signal.SIGKILL)
    going.wait()
    done = len(list(place(out).glob("*.npz")))
    assert 2 <= done < 60
    words[-1] = str(done + 1)
    again = subprocess.run([*command[:-1], words[-1]], capture_output=True, text=True, check=True)
    assert f"seeds done before are kept, {done} of {done + 1}" in again.stderr
    assert "years" in again.stderr
    assert (out / "report.html").exists()
    assert not place(out).exists()
    whole = tmp_path / "whole"
    subprocess.run(
        [*command[:7], str(whole), *command[8:10], "--replications", words[-1]], capture_output=True, check=True
    )
    tables = sorted(path.relative_to(whole) for path in whole.rglob("*.parquet"))
    assert len(tables) > 20
    assert [name for name in tables if (out / name).read_bytes() != (whole / name).read_bytes()] == []
