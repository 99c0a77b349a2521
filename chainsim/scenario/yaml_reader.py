"""Safe YAML 1.2 with places: text -> nodes. Tags, anchors, aliases, duplicate keys and several documents are refused.

Scalars follow the core schema of YAML 1.2, not the surprises of YAML 1.1: `NO` is a word, `012` is 12, `1e-3` a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sized
from typing import Any, NamedTuple

from chainsim.scenario.errors import Mark, Problems, ScenarioError, shown
from chainsim.scenario.nodes import Node, Path, Unreadable, unprintable

DEEPEST = 50
"""Most levels of nesting."""

MOST_ENTRIES, MOST_LINES = 20_000, 200_000
"""Most entries of one list or mapping, and most lines of a file: what is larger belongs into CSV files."""

LONG_LINE, MOST_LETTERS = 10_000, 1_200_000
"""Letters of a line that nobody wrote by hand, and how many of them such lines may hold together."""

WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
DIGITS, THOUSANDS = re.compile(r"[0-9]+(\.[0-9]*)?%?"), re.compile("0[0-9]{2}")
"""What follows the comma of a number, and what can follow nothing else."""
DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

SYNTAX = (
    (
        "mapping values are not allowed",
        "a ':' where none can stand: check the indentation, or put text with ': ' into quotes",
    ),
    (
        "cannot start any token",
        "a character that cannot start a value (tab, @, ` or %): indent with spaces, quote the text",
    ),
    ("could not find expected ':'", "expected 'key: value': the ':' after the key is missing"),
    ("expected <block end>", "the indentation does not match the lines above"),
    ("expected ',' or '}'", "expected ',' or '}': a mapping in braces is not closed"),
    ("expected ',' or ']'", "expected ',' or ']': a list in brackets is not closed"),
    ("unexpected end of stream", "a quotation mark is never closed"),
    ("found '<stream end>'", "the file ends inside a bracket that is never closed"),
    ("alphabetic or numeric character", "aliases and anchors (* and &) are not allowed; quote text that begins so"),
    ("undefined tag handle", "tags (!) are not allowed; quote text that begins with '!'"),
)
"""What the parser says, and how it reads for somebody who does not know YAML."""


class Stop(Exception):
    """The rest of the file cannot be read."""


def read(text: str, file: str, problems: Problems) -> Node | None:
    """The nodes of a YAML text; None if it cannot be read, with the reason among the problems."""
    refusal = _refusal(text, file)
    if refusal is not None:
        problems.add(*refusal)
        return None
    reader = _Reader(file, problems)
    try:
        return reader.document(_events(text))
    except Stop:
        return None
    except ScenarioError:
        raise
    except Exception as error:  # the parser also raises bare ValueError, OverflowError and the like on odd input
        problems.add(_mark_of(error, text, file), (), _syntax_message(error))
        return None


def scalar(text: str) -> Any:
    """The value of an unquoted word, as YAML 1.2 reads it.

    Raises
        ValueError: for numbers that are not finite or too large for a computer.
    """
    if text in WORDS:
        return WORDS[text]
    if NOT_FINITE.fullmatch(text):
        raise ValueError(f"expected a finite number, found {text}")
    if INTEGER.fullmatch(text) and len(text) < 300:
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if INTEGER.fullmatch(text) or DECIMAL.fullmatch(text):
        number = float(text)
        if math.isinf(number):
            raise ValueError(f"the number {shown(text)} is too large")
        return number
    return text


def _refusal(text: str, file: str) -> tuple[Mark, Path, str] | None:
    """Why a text is too large for its parser, found in no time."""
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        return Mark(file, MOST_LINES, 1), (), f"more than {MOST_LINES:,} lines; put tables into CSV files"
    letters = 0
    for number, line in enumerate(lines, 1) if len(text) > MOST_LETTERS else ():
        letters += len(line) if len(line) > LONG_LINE else 0
        if letters > MOST_LETTERS:
            return Mark(file, number, 1), (), f"a line of {len(line):,} letters; put tables into CSV files"
    return None


def _events(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML

    return iter(YAML(typ="safe", pure=True).parse(text))


class Digits(NamedTuple):
    """A number inside braces or brackets: YAML cuts 1,000 in two there, the beginning and what follows the comma."""

    node: Node
    text: str
    end: int

    def goes_on(self, event: Any, pattern: re.Pattern[str]) -> bool:
        """Whether what comes next follows after a comma and no space."""
        plain = type(event).__name__ == "ScalarEvent" and event.style is None
        return plain and event.start_mark.index == self.end + 1 and pattern.fullmatch(event.value) is not None

    def with_more(self, event: Any) -> Digits:
        """The number as it was written, which is now text and no number."""
        self.node.value = f"{self.text},{event.value}"
        return Digits(self.node, self.node.value, event.end_mark.index)


def digits(node: Node, event: Any) -> Digits | None:
    """What a comma might go on with; None where no number stands."""
    is_number = type(node.value) in (int, float)
    return Digits(node, event.value, event.end_mark.index) if is_number else None


def _is_nothing(event: Any) -> bool:
    return type(event).__name__ == "ScalarEvent" and event.style is None and event.value == ""


class _Reader:
    """Builds nodes from parser events, noting what is refused."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.file = file
        self.problems = problems

    def document(self, events: Iterator[Any]) -> Node | None:
        """The first document of the stream; a second one is a problem."""
        self.events = events
        root, seen = None, False
        for event in events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent" and seen:
                self.refuse(event, (), "a scenario file holds one document; remove the line '---' and what follows")
            if kind == "DocumentStartEvent":
                node = self.node(next(events), ())
                root, seen = (root, True) if seen else (node, True)
        return root

    def node(self, event: Any, path: Path, key: Mark | None = None) -> Node:
        kind = type(event).__name__
        if len(path) > DEEPEST:
            self.refuse(event, path, f"nested more than {DEEPEST} levels deep")
            raise Stop
        if kind == "AliasEvent":
            return self.refuse(event, path, f"aliases are not allowed (*{event.anchor}): write the value out", key)
        if event.anchor is not None:
            self.refuse(event, path, f"anchors are not allowed (&{event.anchor}): write the value out where it is used")
        elif event.tag is not None:
            self.refuse(event, path, f"tags are not allowed ({shown(event.tag)[10:-1]}): write the plain value")
        if kind == "MappingStartEvent":
            return self.mapping(event, path, key)
        if kind == "SequenceStartEvent":
            return self.sequence(event, path, key)
        return self.scalar(event, path, key)

    def mapping(self, start: Any, path: Path, key: Mark | None) -> Node:
        entries: dict[str, Node] = {}
        before: Digits | None = None
        for event in self.events:
            if type(event).__name__ == "MappingEndEvent":
                break
            name, value = self.name(event, path), next(self.events)
            if before is not None and _is_nothing(value) and before.goes_on(event, DIGITS):
                before = before.with_more(event)
                continue
            item = self.node(value, (*path, name or "?"), self.mark(event))
            before = digits(item, value)
            self.count(entries, event, path)
            if name in entries:
                message = f"'{name}' is stated twice, first in line {entries[name].place.line}"
                self.problems.add(self.mark(event), (*path, name), message, lost=False)
            elif name is not None:
                entries[name] = item
        return Node(entries, self.mark(start), key)

    def name(self, event: Any, path: Path) -> str | None:
        """The key of an entry, as written."""
        if type(event).__name__ != "ScalarEvent":
            self.refuse(event, (*path, "?"), "expected a name before ':', found a list, mapping or alias")
            if type(event).__name__ != "AliasEvent":
                self.node(event, (*path, "?"))
            return None
        if event.anchor is not None or event.tag is not None:
            self.refuse(event, (*path, event.value), "anchors and tags are not allowed")
        problem = "expected a name before ':', found nothing" if not event.value else unprintable(event.value)
        if problem:
            self.refuse(event, (*path, "?"), problem)
            return None
        return str(event.value)

    def sequence(self, start: Any, path: Path, key: Mark | None) -> Node:
        items: list[Node] = []
        before: Digits | None = None
        for event in self.events:
            if type(event).__name__ == "SequenceEndEvent":
                break
            if before is not None and before.goes_on(event, THOUSANDS):
                before = before.with_more(event)
                continue
            items.append(self.node(event, (*path, str(len(items)))))
            before = digits(items[-1], event)
            self.count(items, event, path)
        return Node(items, self.mark(start), key)

    def count(self, entries: Sized, event: Any, path: Path) -> None:
        if len(entries) > MOST_ENTRIES:
            self.refuse(event, path, f"more than {MOST_ENTRIES:,} entries; put tables into CSV files")
            raise Stop

    def scalar(self, event: Any, path: Path, key: Mark | None) -> Node:
        problem = unprintable(event.value)
        if problem:
            return self.refuse(event, path, problem, key)
        if event.style is not None:
            return Node(event.value, self.mark(event), key)
        if event.value == "" and key is not None:  # the parser places an absent value where the next one begins
            return Node(None, key, key)
        try:
            return Node(scalar(event.value), self.mark(event), key)
        except ValueError as error:
            return self.refuse(event, path, str(error), key)

    def refuse(self, event: Any, path: Path, message: str, key: Mark | None = None) -> Node:
        self.problems.add(self.mark(event), path, message)
        return Node(Unreadable, self.mark(event), key)

    def mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)


def _syntax_message(error: Exception) -> str:
    said = str(getattr(error, "problem", None) or error).splitlines()[0]
    for known, words in SYNTAX:
        if known in said:
            return words
    return f"this is not valid YAML: {said}"


def _mark_of(error: Exception, text: str, file: str) -> Mark:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        return Mark(file, mark.line + 1, mark.column + 1)
    before = text[: getattr(error, "position", 0) or 0]
    return Mark(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
