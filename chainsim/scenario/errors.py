"""What is wrong with a scenario and where: a mark, a problem, and the one error that holds them all."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

LINES, COLUMNS = 24, 100
"""One screen: the most lines of problems that are shown, and their width in columns."""

MOST_PROBLEMS = 1000
"""Problems after which nobody looks for more."""

LONGEST_MESSAGE, LONGEST_PATH, LONGEST_WORD = 600, 300, 100
"""Most letters of a message and of a path that are kept, and of a word for which a near one is sought."""


class Mark(NamedTuple):
    """Where a value is written. `file` alone names a place without lines; `column` of a table is the column's name."""

    file: str
    line: int = 0
    column: int | str = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True)
class Problem:
    """One mistake: its place in a file, the dotted path of the value, and what is wrong in plain words."""

    file: str
    line: int
    column: int | str
    path: str
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", _cut(printable(self.path), LONGEST_PATH))
        object.__setattr__(self, "message", _cut("\n".join(map(printable, self.message.split("\n"))), LONGEST_MESSAGE))

    @property
    def mark(self) -> Mark:
        return Mark(self.file, self.line, self.column)

    def __str__(self) -> str:
        return f"{self.mark}  {self.path}: {self.message}" if self.path else f"{self.mark}  {self.message}"


class ScenarioError(ValueError):
    """A scenario that cannot be used, with every mistake found, sorted by place.

    `stopped` says that there were so many that the rest was not looked for.
    """

    def __init__(self, problems: Iterable[Problem], stopped: bool = False) -> None:
        self.problems = sorted(problems, key=_place)
        self.stopped = stopped
        super().__init__(self.problems, stopped)

    def __str__(self) -> str:
        lines = screen(self.problems)
        return "\n".join([*lines[:-1], f"{lines[-1]}; the rest was not looked at"] if self.stopped else lines)


class Problems:
    """Collects problems while a scenario is read. Only the first problem of a value is kept."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self._paths: set[tuple[str, ...]] = set()

    def add(self, mark: Mark, path: tuple[str, ...], message: str, lost: bool = True) -> None:
        """Note a problem of the value at `path`, unless the value or what holds it has one already.

        `lost` says that the value cannot be used, so that nothing else is said about it.

        Raises
            ScenarioError: where there are too many for anybody to read.
        """
        if len(self.found) >= MOST_PROBLEMS:
            raise ScenarioError(self.found, stopped=True)
        if not self.covers(path):
            self.found.append(Problem(mark.file, mark.line, mark.column, dotted(path), message))
            if lost:
                self._paths.add(path)

    def doubt(self, path: tuple[str, ...]) -> None:
        """Say nothing about a value that is probably stated under a misspelt name."""
        self._paths.add(path)

    def covers(self, path: tuple[str, ...]) -> bool:
        """Whether a problem of this value, or of a part of the file that holds it, is noted."""
        return any(path[:length] in self._paths for length in range(1, len(path) + 1))

    def touch(self, path: tuple[str, ...]) -> bool:
        """Whether a problem is noted of this value, of what holds it or of a part of it."""
        return self.covers(path) or any(found[: len(path)] == path for found in self._paths)

    def stop(self) -> None:
        """Raise what was found, if anything."""
        if self.found:
            raise ScenarioError(self.found)


@dataclass(frozen=True)
class Finding:
    """Something wrong at a path; `names` if the key is wrong and not the value."""

    path: tuple[str, ...]
    message: str
    names: bool = False


def dotted(path: Iterable[str]) -> str:
    """The path as it is written in messages: `chain.segments.ics.output`."""
    return ".".join(path)


def screen(problems: list[Problem], lines: int = LINES, columns: int = COLUMNS) -> list[str]:
    """Lines for one screen: as many whole problems as fit, then how many more there are."""
    shown: list[str] = []
    for rest, problem in zip(range(len(problems), 0, -1), problems, strict=True):
        wrapped, room = list(_wrapped(str(problem), columns)), lines - (rest > 1)
        if shown and len(shown) + len(wrapped) > room:
            return [*shown, f"and {rest} more"]
        shown += wrapped[:room]
    return shown


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    folded = {name.lower(): name for name in known}
    if len(word) > LONGEST_WORD or len(folded) > MOST_PROBLEMS:
        return None
    near = difflib.get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def suggestion(word: str, known: Iterable[str], most: int = 8) -> str:
    """The end of a message on an unknown word: the nearest known one, or all of them if they are few."""
    words = [name for name in known if name]
    near = nearest(word, words)
    if near is not None:
        return f", did you mean '{near}'?"
    return f", known: {', '.join(words)}" if 0 < len(words) <= most else ""


def unknown(
    path: tuple[str, ...], name: str, known: Iterable[str], what: str, names: bool = False
) -> Iterator[Finding]:
    """A finding if a name is not among those known; `names` if it stands as a key."""
    if name and name not in known and "" not in known:
        yield Finding(path, f"unknown {what} '{name}'{suggestion(name, known)}", names)


def shown(value: Any, longest: int = 40) -> str:
    """A value found in a file, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text '{_short(value, longest)}'"
    if isinstance(value, int | float):
        return _short(repr(value), longest)
    return "a list" if isinstance(value, list | tuple) else "a mapping"


def printable(text: str) -> str:
    """The text without letters that would steer a terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _cut(text: str, longest: int) -> str:
    """The beginning and the end of a long text."""
    return text if len(text) <= longest else f"{text[: 2 * longest // 3]}…{text[-longest // 4 :]}"


def _short(text: str, longest: int) -> str:
    text = printable(text[: longest + 1])
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _place(problem: Problem) -> tuple[str, int, bool, Any, str]:
    return (problem.file, problem.line, isinstance(problem.column, str), problem.column, problem.path)


def _width(text: str) -> int:
    """Columns a terminal needs; Chinese letters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _wrapped(text: str, columns: int, indent: str = "    ") -> Iterator[str]:
    line = ""
    for word in text.replace("\n", " ").split(" "):
        if line.strip() and _width(line) + 1 + _width(word) > columns:
            yield line
            line = indent + word
        else:
            line = f"{line} {word}" if line else word
        while _width(line) > columns:
            head = _head(line, columns)
            yield head
            line = indent + line[len(head) :]
    yield line


def _head(line: str, columns: int) -> str:
    while _width(line) > columns:
        line = line[: -max(1, (_width(line) - columns) // 2)]
    return line
