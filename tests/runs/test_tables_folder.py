"""Folders of calibrations, searches and rankings: what is read there is what was written, and a stranger's is damaged."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from chainsim.runs.certified import Damaged
from chainsim.runs.output_folder import OutputError
from chainsim.runs.provenance import SEAL, seal
from chainsim.runs.tables_folder import certified_text, claimed, save_tables, sealed_text

RECORD, IDENTITY = "trial.json", "0f" * 32
TEXTS = {"runs.csv": "seed,jobs\n1,0.5\n2,0.25\n", "小结.txt": "两次\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_tables(tmp_path / "out", RECORD, {"name": "试", "identity": IDENTITY}, TEXTS)
    return tmp_path / "out"


def read(folder: Path) -> dict[str, str]:
    """Every text of a folder, as those who go on from there read it."""
    state = claimed(folder, RECORD, "trial", IDENTITY)
    assert state is not None
    return {name: certified_text(folder, name, state) for name in TEXTS}


def test_what_is_read_is_what_was_written(folder: Path) -> None:
    assert read(folder) == TEXTS
    assert claimed(folder / "nowhere", RECORD, "trial", IDENTITY) is None


def test_every_flipped_bit_is_named(folder: Path) -> None:
    chosen, paths = random.Random(16), sorted(folder.iterdir())
    for number in range(50):
        path = paths[number % len(paths)]
        before = path.read_bytes()
        flipped = bytearray(before)
        flipped[chosen.randrange(len(flipped))] ^= 1 << chosen.randrange(8)
        path.write_bytes(flipped)
        with pytest.raises(Damaged, match=path.name):
            read(folder)
        path.write_bytes(before)
    assert read(folder) == TEXTS


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_is_lost_cut_or_a_pipe_is_named(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Damaged, match=name):
        read(folder)
    path.unlink()
    with pytest.raises(Damaged, match=name):
        read(folder)
    os.mkfifo(path)
    with pytest.raises(Damaged, match="no ordinary file"):
        read(folder)


def certified(state: dict) -> str:
    """A record of a stranger who knows how to certify it."""
    return json.dumps({**state, SEAL: seal(state)})


STRANGE = ["", "null", "5", "[]", '"seal"', "{}", "{" * 10, "[" * 100_000, "\0", certified({"name": "x"})]


@pytest.mark.parametrize("text", STRANGE, ids=lambda text: text[:10])
def test_a_record_that_is_none_is_damaged(folder: Path, text: str) -> None:
    (folder / RECORD).write_text(text, encoding="utf-8")
    with pytest.raises(Damaged, match=RECORD):
        read(folder)


@pytest.mark.parametrize("files", [None, 5, [], {}, {"runs.csv": 1}])
def test_a_record_that_certifies_no_file_lets_none_be_read(folder: Path, files: object) -> None:
    (folder / RECORD).write_text(sealed_text({"identity": IDENTITY, "files": files}), encoding="utf-8")
    with pytest.raises(Damaged, match=r"runs\.csv"):
        read(folder)


def test_a_folder_of_another_trial_or_of_something_else_is_left_alone(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="another trial or another version"):
        claimed(folder, RECORD, "trial", "1e" * 32)
    (tmp_path / "mine.txt").write_text("words", encoding="utf-8")
    with pytest.raises(OutputError, match="holds no trial"):
        claimed(tmp_path, RECORD, "trial", IDENTITY)
