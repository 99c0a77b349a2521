"""A place is proven before the first run; what cannot be placed after it is saved elsewhere; leftovers are swept up."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from chainsim.runs.ensemble import run
from chainsim.runs.output_folder import (
    OutputError,
    held,
    new_folder,
    prove_file,
    prove_place,
    replace_file,
    saved,
    whole_folder,
)
from chainsim.runs.results import read
from chainsim.scenario.load import load

MINIMAL = Path(__file__).parents[2] / "scenarios" / "minimal.yaml"


def refused_places(folder: Path) -> list[Path]:
    """Places that nothing can be written to."""
    (folder / "file").write_text("mine", encoding="utf-8")
    (folder / "loop").symlink_to(folder / "loop")
    return [
        folder / "file" / "below",
        folder / ("x" * 256),
        folder / "loop" / "out",
        Path("/proc/out"),
        folder / "file",
        folder / os.fsdecode(b"\xbd\xe1"),
        folder / "turned\u202eround",
        folder / "two\nlines",
        folder / "red\x1b[31m",
    ]


@pytest.mark.parametrize("number", range(9))
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_run(tmp_path: Path, number: int) -> None:
    with pytest.raises(OutputError) as refused:
        prove_place(refused_places(tmp_path)[number], overwrite=True)
    assert str(refused.value).isprintable()
    assert {path.name for path in tmp_path.iterdir()} == {"file", "loop"}


def test_a_file_by_a_name_that_is_no_text_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="lacks letters of this name; nothing was run"):
        prove_file(tmp_path / os.fsdecode(b"\xbd\xe1.csv"))
    assert list(tmp_path.iterdir()) == []


def test_a_proof_leaves_nothing_behind(tmp_path: Path) -> None:
    for name in ("new", "a/b/c", "x" * 255, "结果"):
        prove_place(tmp_path / name)
        prove_file(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def refusing(number: int, real: object, folder: Path, source: Path, target: Path) -> None:
    """The system's `rename`, which refuses to move one folder for a reason of its own."""
    if Path(source) == folder:
        raise OSError(number, os.strerror(number))
    real(source, target)  # type: ignore[operator]


@pytest.mark.parametrize("content", [[], [".page.0123abcd.partial"]])
@pytest.mark.parametrize("number", [errno.EBUSY, errno.EPERM, errno.EACCES])
def test_a_folder_that_cannot_make_room_is_refused_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, content: list[str]
) -> None:
    """One that a disk is mounted on, such as the volume of a container, or that belongs to somebody else."""
    out = tmp_path / "out"
    out.mkdir()
    for name in content:
        (out / name).touch()
    prove_place(out, overwrite=True)
    monkeypatch.setattr(os, "rename", partial(refusing, number, os.rename, out))
    told = "a disk is mounted there; name a folder in it" if number == errno.EBUSY else os.strerror(number)
    with pytest.raises(OutputError, match=f"{told}; nothing was run"):
        prove_place(out, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in out.iterdir()] == content


def test_a_folder_for_pictures_is_proven_with_the_place_of_the_result(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="a file stands where a folder is needed; nothing was run"):
        prove_place(tmp_path / "out", pictures=tmp_path / "file" / "pictures")
    prove_place(tmp_path / "out", pictures=tmp_path / "out" / "pictures")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_strangers_in_a_folder_as_large_as_a_disk_are_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abcd":
        (tmp_path / name).touch()

    def endless(self: Path, pattern: str) -> object:
        yield from (tmp_path / name for name in "abcd")
        raise AssertionError("the whole disk is looked at")

    monkeypatch.setattr(Path, "rglob", endless)
    with pytest.raises(OutputError, match="holds a, b, c, which chainsim did not write"):
        prove_place(tmp_path, overwrite=True)


def test_proofs_at_the_same_time_in_a_folder_that_is_not_there_yet_do_not_hinder_each_other(tmp_path: Path) -> None:
    for number in range(20):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(prove_place, [tmp_path / f"new{number}" / "deep" / f"out{place}" for place in range(8)]))
    assert {path.name for path in tmp_path.rglob("*") if not path.name.startswith("new")} <= {"deep"}


def test_a_scenario_by_a_name_that_is_no_text_is_run_saved_and_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As its name is read where the encoding of the system is another one than that of the disk."""
    monkeypatch.chdir(tmp_path)
    Path(os.fsdecode(b"\xe6\x96.yaml")).write_text(f"extends: {MINIMAL.name}\n", encoding="utf-8")
    (tmp_path / MINIMAL.name).write_text(MINIMAL.read_text(encoding="utf-8"), encoding="utf-8")
    result = run(load(os.fsdecode(b"\xe6\x96.yaml"), {"years.end": 2021}), seed=1)
    assert read(result.save("out")).region.equals(result.region)


def test_a_file_that_is_there_survives_its_proof(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("old", encoding="utf-8")
    prove_file(tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text(encoding="utf-8") == "old"
    with pytest.raises(OutputError, match="a folder has this name"):
        prove_file(tmp_path)


def test_results_that_cannot_be_placed_are_saved_beside_and_the_message_says_where(tmp_path: Path) -> None:
    def save(folder: Path) -> None:
        with whole_folder(folder) as partial:
            (partial / "table").write_text("numbers", encoding="utf-8")

    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "taken meanwhile").touch()
    with pytest.raises(OutputError) as failed:
        saved(save, tmp_path / "out")
    place = Path(str(failed.value).rpartition("saved in ")[2])
    assert place.parent == tmp_path
    assert (place / "table").read_text(encoding="utf-8") == "numbers"


def test_where_no_place_beside_can_be_written_results_go_to_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(folder: Path) -> None:
        if tmp_path / "spare" not in folder.parents:
            raise OutputError("no space")
        folder.mkdir()

    (tmp_path / "spare").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "spare"))
    with pytest.raises(OutputError, match=r"no space\n.*saved in .*spare"):
        saved(save, tmp_path / "out")


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_holds_is_not(tmp_path: Path) -> None:
    for name in (".out.0123abcd.partial", ".out.89abcdef.partial", ".other.0123abcd.partial", ".out.partial"):
        (tmp_path / name).mkdir()
    with held(tmp_path / ".out.89abcdef.partial"), whole_folder(tmp_path / "out") as partial:
        (partial / "table").touch()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"out", ".out.89abcdef.partial", ".other.0123abcd.partial", ".out.partial"}


def test_a_half_written_page_in_a_folder_does_not_stand_in_the_way(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / ".report.html.0123abcd.partial").touch()
    prove_place(out, overwrite=True)


def test_an_older_file_is_left_alone_where_the_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OutputError, match=r"No space left on device; nothing was changed"):
        replace_file(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_name_of_255_letters_can_be_filled(tmp_path: Path) -> None:
    with new_folder(tmp_path / ("x" * 255)) as partial:
        (partial / "table").touch()
    assert (tmp_path / ("x" * 255) / "table").exists()
