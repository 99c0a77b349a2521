"""What is read of a run, a comparison or a store is what was written: one flipped bit anywhere is named."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from chainsim.effects import effect as effects
from chainsim.effects.comparison import compare
from chainsim.runs.certified import Damaged, is_safe_name
from chainsim.runs.ensemble import run
from chainsim.runs.output_folder import OutputError
from chainsim.runs.provenance import SEAL, from_json, seal
from chainsim.runs.results import read
from chainsim.scenario.load import load

MINIMAL = load(Path(__file__).parents[2] / "scenarios" / "minimal.yaml", {"years.end": 2021})
POLICY = MINIMAL.replace({"name": "grants", "levers.g": {"type": "rd_grant", "rate": 0.2, "years": "2021"}})
FLIPS = 50


@pytest.fixture(scope="module", params=["run", "comparison"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Callable]:
    """A folder of results, and the function that reads it."""
    folder = tmp_path_factory.mktemp(request.param) / "out"
    if request.param == "run":
        run(MINIMAL, seed=1).save(folder, csv=True)
        return folder, read
    compare(MINIMAL, POLICY, replications=1).save(folder)
    return folder, effects.read


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_every_flipped_bit_is_named(saved: tuple[Path, Callable], tmp_path: Path) -> None:
    folder, reader = saved
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    chosen, paths = random.Random(16), files_of(copy)
    for number in range(FLIPS):
        path = paths[number % len(paths)]
        before = path.read_bytes()
        flipped = bytearray(before)
        flipped[chosen.randrange(len(flipped))] ^= 1 << chosen.randrange(8)
        path.write_bytes(flipped)
        with pytest.raises(OutputError) as refused:
            reader(copy)
        assert path.name in str(refused.value)
        path.write_bytes(before)
    reader(copy)


def test_every_file_that_is_lost_or_cut_is_named_but_for_the_page(saved: tuple[Path, Callable], tmp_path: Path) -> None:
    folder, reader = saved
    for path in files_of(folder):
        copy = tmp_path / "copy"
        shutil.copytree(folder, copy)
        lost = copy / path.relative_to(folder)
        lost.write_bytes(lost.read_bytes()[:-1])
        with pytest.raises(OutputError, match=path.name):
            reader(copy)
        lost.unlink()
        if lost == copy / "report.html":
            reader(copy)
        else:
            with pytest.raises(OutputError, match=path.name):
                reader(copy)
        shutil.rmtree(copy)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on disk."""
    return run(MINIMAL, seed=1).save(tmp_path_factory.mktemp("written") / "out")


@pytest.fixture
def out(written: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoiled."""
    return Path(shutil.copytree(written, tmp_path / "out"))


def foreign(state: dict, **changes: object) -> str:
    """A record of somebody who knows how to certify it."""
    state = {key: value for key, value in state.items() if key != SEAL} | changes
    return json.dumps({**state, SEAL: seal(state)})


@pytest.mark.parametrize(
    "changes",
    [
        {"hashes": {"../outside": "0" * 64}},
        {"hashes": {"/etc/passwd": "0" * 64}},
        {"hashes": {"a\x1b[31m": "0" * 64}},
        {"hashes": [1, 2]},
        {"hashes": {"region.parquet": 5}},
        {"seeds": "abc"},
        {"files": None},
        {"version": {"a": 1}},
    ],
)
def test_a_record_of_a_foreign_shape_is_damaged(out: Path, changes: dict) -> None:
    record = out / "provenance.json"
    record.write_text(foreign(json.loads(record.read_text(encoding="utf-8")), **changes), encoding="utf-8")
    with pytest.raises(Damaged) as refused:
        read(out)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize("name", ["command", "python", "platform", "scenario"])
def test_a_record_that_would_steer_a_terminal_is_damaged(out: Path, name: str) -> None:
    record = out / "provenance.json"
    own = from_json(record.read_text(encoding="utf-8"))
    record.write_text(replace(own, **{name: "\x1b]0;evil\x07\u202e"}).to_json(), encoding="utf-8")
    with pytest.raises(Damaged, match="cannot be printed"):
        read(out)


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", "[" * 100_000, "{" * 10])
def test_a_record_that_is_none_is_damaged(tmp_path: Path, content: str) -> None:
    (tmp_path / "provenance.json").write_text(content, encoding="utf-8")
    with pytest.raises(Damaged):
        read(tmp_path)


@pytest.mark.parametrize("name", ["provenance.json", "region.parquet"])
def test_a_device_in_the_place_of_a_file_is_refused_at_once(out: Path, name: str) -> None:
    (out / name).unlink()
    for make in (lambda path: path.symlink_to("/dev/zero"), os.mkfifo):
        make(out / name)
        with pytest.raises(Damaged, match="no ordinary file"):
            read(out)
        (out / name).unlink()


@pytest.mark.parametrize("name", ["", ".", "..", "a/../b", "/a", "a\\b", "a//b", "a\x07", "a\u202eb", 5, None])
def test_names_that_lead_elsewhere_are_not_safe(name: object) -> None:
    assert not is_safe_name(name)
    assert is_safe_name("base/数据.parquet")
