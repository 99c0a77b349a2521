"""Files and folders are whole or absent, and outputs find their page."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import pytest

from chainsim.runs.output_folder import PAGES, PARTIAL, new_folder, remove_partial, replaced_files


@pytest.mark.parametrize("kind", PAGES)
def test_every_output_finds_the_function_that_draws_its_page(kind: str) -> None:
    module, _, name = PAGES[kind].partition(":")
    assert callable(getattr(import_module(module), name))


def test_files_are_replaced_together_and_the_one_that_certifies_them_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved, replace = [], os.replace

    def noted(source: Path, target: Path) -> None:
        moved.append(target.relative_to(tmp_path).as_posix())
        replace(source, target)

    monkeypatch.setattr(os, "replace", noted)
    with replaced_files(tmp_path, last="a.json") as partial:
        (partial / "data").mkdir()
        for name in ("a.json", "b.yaml", "data/c.csv"):
            (partial / name).write_text("new", encoding="utf-8")
    assert moved == ["b.yaml", "data/c.csv", "a.json"]
    assert {path.name for path in tmp_path.iterdir()} == {"a.json", "b.yaml", "data"}


@pytest.mark.parametrize("fill", [replaced_files, lambda folder, last: new_folder(folder / last)])
def test_a_block_that_fails_changes_nothing(tmp_path: Path, fill: object) -> None:
    (tmp_path / "b.yaml").write_text("old", encoding="utf-8")

    def fails() -> None:
        with fill(tmp_path, "a.json") as partial:  # type: ignore[operator]
            (partial / "b.yaml").write_text("new", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fails()
    assert (tmp_path / "b.yaml").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["b.yaml"]


def test_what_an_ended_process_left_half_written_is_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / f".folder{PARTIAL}").mkdir()
    for name in (f".file{PARTIAL}", "kept"):
        (tmp_path / name).write_text("half", encoding="utf-8")
    remove_partial(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
