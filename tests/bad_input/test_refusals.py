"""Malformed scenarios, designs, tables, maps and command lines: each is refused before the first step, on one screen
with file, line, field and word, exit code 2, in 500 MB and at most four times the work of checking a sound file, which are
two seconds where that takes .5, as on an idle machine."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from bad_input import (
    Case,
    commands,
    designs,
    encodings,
    hungry,
    points,
    registers,
    scenarios,
    searches,
    sectors,
    sound,
    tables,
)
from typer.testing import CliRunner

from chainsim.cli.main import app
from chainsim.runs.simulation import Simulation
from chainsim.search.search_file import search_of
from chainsim.validation.calibration_file import calibration_of

SOUND = {
    "case.yaml": sound.SCENARIO,
    "tabled.yaml": sound.TABLED,
    "segments.csv": sound.SEGMENTS,
    "inputs.csv": sound.INPUTS,
    "markets.csv": sound.MARKETS,
    "enterprises.csv": sound.ENTERPRISES,
    "design.yaml": sound.DESIGN,
    "search.yaml": sound.SEARCH,
    "bare.yaml": sound.BARE,
    "policy.yaml": sound.POLICY,
    "calibration.yaml": sound.CALIBRATION,
    "targets.csv": sound.TARGETS,
    "listed.yaml": sound.LISTED,
    "points.csv": sound.POINTS,
    "registered.yaml": sound.REGISTERED,
    "register.csv": sound.REGISTER,
    "columns.yaml": sound.COLUMNS,
    "accounts.csv": sound.ACCOUNTS,
    "sectors.csv": sound.SECTORS,
}

BY_COMMAND: dict[str, Mapping[str, list[Case]]] = {
    "check case.yaml": scenarios.CASES,
    "check tabled.yaml": tables.CASES,
    "check registered.yaml": registers.CASES,
    "sweep design.yaml -o out": designs.CASES,
    "sweep listed.yaml -o out": points.CASES,
    "optimise search.yaml --dry-run": searches.SEARCHES,
    "calibrate calibration.yaml --dry-run": searches.CALIBRATIONS,
    "import-io accounts.csv --map sectors.csv -o new.yaml": sectors.CASES,
}
KINDS = [(command, kind, cases) for command, kinds in BY_COMMAND.items() for kind, cases in kinds.items()]

LINES, MEGABYTES = 24, 500
SHARE, TRIALS = 4.0, 6
"""The most work of a refusal, in that of checking the sound scenario in a process of its own, the least of some trials:
the seconds of a processor lent to others are longer than its own."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sound files, in which no run makes a step."""

    def steps(self: Simulation) -> Iterator[str]:
        raise AssertionError("a run began")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Simulation, "steps", steps)
    for name, text in SOUND.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def refusal(command: str) -> tuple[list[str], list[str]]:
    """The lines that a command says on stderr, each mistake on one, and what is wrong with the refusal itself."""
    outcome = None

    def work() -> float:
        nonlocal outcome
        began = time.process_time()
        outcome = CliRunner().invoke(app, shlex.split(command))
        return time.process_time() - began

    share = least_share(work)
    assert outcome is not None
    lines = outcome.stderr.splitlines()
    faults = [f"exit {outcome.exit_code}: {outcome.exception!r}"] * (outcome.exit_code != 2)
    faults += [f"{len(lines)} lines"] * (len(lines) > LINES) + too_much(share)
    return re.sub("\n    ", " ", outcome.stderr).splitlines(), faults


def least_share(work: Callable[[], float]) -> float:
    """The work in that of a sound check; taken again, with the sound check beside it, where it seems too much."""
    share = work() / sound_work()
    for _ in range(1, TRIALS):
        if share <= SHARE:
            break
        sound_work.cache_clear()
        share = min(share, work() / sound_work())
    return share


@cache
def sound_work() -> float:
    """The seconds of work of checking the sound scenario in a process of its own."""
    with TemporaryDirectory() as place:
        (Path(place) / "case.yaml").write_text(sound.SCENARIO, encoding="utf-8")
        return ended(["check", "case.yaml"], Path(place))[1]


def ended(arguments: list[str], folder: Path) -> tuple[int, float]:
    """The exit code of a command in a process of its own and its seconds of work; what it says is in stderr.txt."""
    with (folder / "stderr.txt").open("wb") as stderr:
        command = [sys.executable, "-c", MEASURED, *arguments]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=stderr)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used.ru_utime + used.ru_stime


def too_much(share: float) -> list[str]:
    """The fault of a refusal that takes more work than it may."""
    return [f"{share:.1f} times the work of a sound check"] * (share > SHARE)


def missing(lines: list[str], place: str, field: str, word: str) -> list[str]:
    """The fault if no line names the place, the field and the word."""
    start = f"{place}  {field}: " if field else f"{place}  "
    found = any(line.startswith(start) and word in line for line in lines)
    return [] if found else [f"nothing says {start!r} ... {word!r}, but {lines[:5]}"]


@pytest.mark.parametrize(("command", "kind", "cases"), KINDS, ids=[kind for _, kind, _ in KINDS])
def test_a_spoilt_file_is_refused_with_place_field_and_word(
    folder: Path, command: str, kind: str, cases: list[Case]
) -> None:
    faults = []
    for file, old, new, *expected in cases:
        assert SOUND[file].count(old), f"{old!r} is no part of {file}"
        (folder / file).write_text(SOUND[file].replace(old, new, 1), encoding="utf-8")
        lines, wrong = refusal(command)
        (folder / file).write_text(SOUND[file], encoding="utf-8")
        faults += [f"{new!r}: {fault}" for fault in [*wrong, *missing(lines, *expected)]]
    assert not (folder / "out").exists()
    assert faults == []


@pytest.mark.parametrize(("kind", "cases"), encodings.CASES.items())
def test_bytes_that_are_no_text_are_refused(
    folder: Path, kind: str, cases: list[tuple[str, str, bytes, str, str]]
) -> None:
    faults = []
    for file, old, new, place, word in cases:
        (folder / file).write_bytes(SOUND[file].encode().replace(old.encode(), new, 1))
        lines, wrong = refusal(f"{'sweep' if file == 'design.yaml' else 'check'} {command_file(file)}")
        (folder / file).write_text(SOUND[file], encoding="utf-8")
        faults += [f"{new!r}: {fault}" for fault in [*wrong, *missing(lines, place, "", word)]]
    assert faults == []


def command_file(file: str) -> str:
    """The file that a command is given, which names the tables."""
    return "tabled.yaml" if file.endswith(".csv") else file


@pytest.mark.parametrize(("kind", "cases"), commands.CASES.items())
def test_a_command_line_that_cannot_be_meant_is_refused(folder: Path, kind: str, cases: list[tuple[str, str]]) -> None:
    faults = []
    for command, word in cases:
        lines, wrong = refusal(command)
        said = any(word in line for line in lines)
        faults += [f"{command}: {fault}" for fault in [*wrong, *([] if said else [f"no {word!r} in {lines[:5]}"])]]
    assert not (folder / "out").exists()
    assert faults == []


MEASURED = """
import atexit, re
from pathlib import Path
peak = re.compile("VmHWM:\\s+(\\d+)")
atexit.register(lambda: Path("peak.txt").write_text(peak.search(Path("/proc/self/status").read_text())[1]))
from chainsim.cli.main import main
main()
"""
"""The command, which leaves the peak of its memory in kB. What the system counts for a child starts at its parent's."""


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "cases"), hungry.CASES.items())
def test_a_hungry_file_is_refused_in_time_and_memory(folder: Path, kind: str, cases: list[hungry.Hungry]) -> None:
    faults = []
    for number, case in enumerate(cases):
        made = case.files()
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8")
        lines, wrong = refused_apart(case.command, folder)
        for name in made:
            (folder / name).write_text(SOUND[name], encoding="utf-8")
        faults += [f"{number}: {fault}" for fault in [*wrong, *missing(lines, case.place, case.field, case.word)]]
    assert faults == []


def refused_apart(command: str, folder: Path) -> tuple[list[str], list[str]]:
    """As `refusal`, in a process of its own, whose seconds of work and peak of memory are taken."""
    code = 0

    def work() -> float:
        nonlocal code
        code, seconds = ended(shlex.split(command), folder)
        return seconds

    share = least_share(work)
    text = (folder / "stderr.txt").read_text(encoding="utf-8")
    peak = int((folder / "peak.txt").read_text(encoding="utf-8")) / 1024
    lines = text.splitlines()
    faults = [f"exit {code}"] * (code != 2) + [f"{len(lines)} lines"] * (len(lines) > LINES)
    faults += too_much(share) + [f"{peak:.0f} MB"] * (peak > MEGABYTES)
    return re.sub("\n    ", " ", text).splitlines(), faults


@pytest.mark.parametrize("command", [command for command in BY_COMMAND if command.startswith(("check", "import"))])
def test_the_sound_files_are_sound(folder: Path, command: str) -> None:
    outcome = CliRunner().invoke(app, shlex.split(command))
    assert (outcome.exit_code, outcome.stderr) == (0, "")


def test_the_sound_files_of_searches_and_calibrations_are_sound(folder: Path) -> None:
    assert len(search_of(folder / "search.yaml").settings) == 2
    assert len(calibration_of(folder / "calibration.yaml").axes) == 2


def test_the_cases_are_many_and_of_many_kinds() -> None:
    kinds = [cases for _, _, cases in KINDS]
    kinds += [*encodings.CASES.values(), *commands.CASES.values(), *hungry.CASES.values()]  # type: ignore[list-item]
    assert len(kinds) >= 40
    assert sum(map(len, kinds)) >= 300
    assert max(map(len, kinds)) <= 15
