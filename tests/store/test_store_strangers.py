"""Stores that are damaged, or made by a stranger: what is wrong is named, in seconds, and nothing is lost."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sweeps import same_tables, small

import chainsim as cs
from chainsim.runs.certified import Damaged
from chainsim.runs.exported import FORMATS
from chainsim.runs.output_folder import RECORD, OutputError
from chainsim.runs.provenance import SEAL, seal
from chainsim.store.export import export, missing_as_null
from chainsim.store.store import Store
from chainsim.store.table import StoredTable
from chainsim.validation.audit import audit


@pytest.mark.parametrize("name", ["provenance.json", "sweep.json", "design.parquet", "scenario.yaml", "parts"])
def test_every_record_of_a_store_that_is_lost_is_named_and_made_anew(copy: Path, whole: Path, name: str) -> None:
    (shutil.rmtree if name == "parts" else Path.unlink)(copy / name)
    try:
        damaged = Store(copy).status()["damaged"]
    except OutputError as error:
        damaged = [str(error)]
    assert any(name in line for line in damaged)
    for _ in range(2):  # where a record that certifies others was lost, the first call writes it and says so
        with suppress(OutputError):
            cs.sweep(small(), copy)
    assert Store(copy).status()["damaged"] == []
    assert same_tables(Store(copy), Store(whole))


def test_every_flipped_bit_of_a_store_is_named(copy: Path, tmp_path: Path) -> None:
    chosen, paths = (
        random.Random(16),
        sorted(path for path in copy.rglob("*") if path.is_file() and path.stat().st_size),
    )
    for number in range(50):
        path = paths[number % len(paths)]
        before = path.read_bytes()
        flipped = bytearray(before)
        flipped[chosen.randrange(len(flipped))] ^= 1 << chosen.randrange(8)
        path.write_bytes(flipped)
        try:
            damaged = "\n".join(Store(copy).status()["damaged"])
        except OutputError as error:
            damaged = str(error)
        assert path.name in damaged
        if path.name == RECORD:
            for reader in (lambda: export(Store(copy), "csv", tmp_path), lambda: audit(copy)):
                with pytest.raises(Damaged, match=RECORD):
                    reader()
        path.write_bytes(before)
    assert Store(copy).status()["damaged"] == []


STRANGE: list[dict[str, Any]] = [
    {"name": "../../x"},
    {"name": "a\x1b[31mb"},
    {"scenario": "a\u202eb"},
    {"record": ["../../../etc/passwd"]},
    {"points": 10**12},
    {"points": -1},
    {"points": 5},
    {"replications": "many"},
    {"files": {"../../x": [1, "0"]}},
    {"files": {"scenario.yaml": "short"}},
    {"files": []},
    {"axes": {"other": {}}},
    {"kind": None},
    {"years": []},
    {"more": 1},
]


@pytest.mark.parametrize("change", STRANGE)
def test_a_manifest_of_a_stranger_who_can_certify_it_is_damaged(copy: Path, change: dict[str, Any]) -> None:
    state = json.loads((copy / "sweep.json").read_text(encoding="utf-8"))
    state = {key: value for key, value in state.items() if key != SEAL} | change
    (copy / "sweep.json").write_text(json.dumps({**state, SEAL: seal(state)}, indent=1, ensure_ascii=False) + "\n")
    with pytest.raises(Damaged) as refused:
        _ = Store(copy).index
    assert "\x1b" not in str(refused.value)
    assert "\u202e" not in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"{}",
        b"nothing",
        b'{"runs": [[0]], "failures": [], "files": {}}',
        b'{"runs": [[-1, 0, 1.0, "x"]], "failures": [], "files": {}}',
        b'{"runs": [[99, 0, 1.0, "x"]], "failures": [], "files": {}}',
        b'{"runs": [], "failures": [[0, 0]], "files": {}}',
        b'{"runs": [], "failures": [], "files": {"../../region.parquet": [1, "0"]}}',
        b'{"runs": [], "failures": [], "files": {"region.parquet": 1}}',
    ],
)
def test_a_part_of_a_stranger_is_damaged(copy: Path, content: bytes) -> None:
    part = copy / "parts" / f"0000099-{hashlib.sha256(content).hexdigest()[:16]}"
    part.mkdir()
    (part / "part.json").write_bytes(content)
    assert [damage for damage in Store(copy).status()["damaged"] if part.name in damage]


@pytest.mark.parametrize("name", ["sweep.json", "provenance.json", "design.parquet"])
def test_a_device_or_a_pipe_in_a_store_is_damaged_and_holds_nobody_up(copy: Path, name: str) -> None:
    (copy / name).unlink()
    os.mkfifo(copy / name)
    try:
        damaged = Store(copy).status()["damaged"]
    except OutputError as error:
        damaged = [str(error)]
    assert any(name in line for line in damaged)


def test_missing_numbers_are_empty_cells_in_every_export() -> None:
    column = missing_as_null(pa.chunked_array([pa.array([1.0, float("nan"), None])]))
    assert column.to_pylist() == [1.0, None, None]


@pytest.mark.parametrize("to", ["csv", "stata", "excel"])
def test_an_export_that_fails_leaves_the_older_file_alone(
    whole: Path, tmp_path: Path, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"table{FORMATS[to]}"
    path.write_text("last week's", encoding="utf-8")
    monkeypatch.setattr(StoredTable, "iter_batches", broken_disk)
    with pytest.raises(OutputError, match="No space left"):
        export(Store(whole), to, path, "region")
    assert path.read_text(encoding="utf-8") == "last week's"
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def broken_disk(table: StoredTable) -> Iterator[Any]:
    """Some rows, then an error of the disk."""
    yield pa.RecordBatch.from_pylist([], table.shown)
    raise OSError(28, "No space left on device")
