"""Values of a scenario file that know their place, before anything is known about what should stand there."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, NamedTuple, get_args

from pydantic import BaseModel

from chainsim.economy.parameters import ALWAYS
from chainsim.scenario.errors import Mark

Status = Literal["sourced", "derived", "estimated", "assumption"]
STATUSES: tuple[str, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Sourced:
    """What a scenario says about a number.

    `status` tells a fact as it stands (sourced), a stated formula on facts (derived), an estimate from them with an
    error (estimated) and a judgement (assumption) apart.
    """

    value: float
    low: float | None = None
    high: float | None = None
    source: str | None = None
    unit: str | None = None
    status: str | None = None
    note: str | None = None


class Citation(NamedTuple):
    """What a key stands for that sources may name instead of a text."""

    source: str
    url: str = ""


KEY = re.compile(r"[^\W\d_]\w*\d")
"""A source of one word with a digit at its end, such as A036 or Moretti2010, is a key of the table of citations."""


def cited(text: str, citations: Mapping[str, Citation]) -> list[str]:
    """The keys that a text names, in its order."""
    return [key for key in dict.fromkeys(KEY.findall(text)) if key in citations]


def keys_of(source: str) -> list[str]:
    """The parts of a source, between semicolons, that are keys."""
    return [part for part in map(str.strip, source.split(";")) if KEY.fullmatch(part)]


PROVENANCE = frozenset(field.name for field in fields(Sourced))
"""Keys of a number that is written as a mapping."""


YEAR = re.compile("[12][0-9]{3}")
"""A key of a path by year."""

Path = tuple[str, ...]
ROOT: Path = ()


TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that turn the direction of what follows: a text with them reads otherwise than it is."""


class Unreadable:
    """Stands where a value was refused while it was read."""


@dataclass(slots=True)
class Node:
    """A value with its place: a scalar, a mapping or a list of nodes.

    `key` is the place of the key that leads here; `cell` marks text of a table, whose kind its place decides; `sourced`
    is set once a mapping of value, low, high and source was read as the number it stands for, `ends` the places of low
    and high.
    """

    value: Any
    mark: Mark
    key: Mark | None = None
    cell: bool = False
    sourced: Sourced | None = None
    ends: Mapping[str, Mark] | None = None

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)

    @property
    def place(self) -> Mark:
        """Where the entry begins: its key, or the value in a list."""
        return self.key or self.mark


def states_provenance(node: Node) -> bool:
    """Whether a mapping looks like a number with low, high and source."""
    return node.is_mapping and "value" in node.value and PROVENANCE.issuperset(node.value)


def from_python(value: Any, mark: Mark, objects: bool = False) -> Node:
    """Nodes of plain Python data, all at one place. NumPy scalars count as numbers.

    `objects` says whether blocks may be instances of their classes.

    Raises
        TypeError: for data that a scenario file could not hold.
        ValueError: for numbers that are not finite and text that cannot be printed.
    """
    if isinstance(value, Mapping):
        return Node({str(key): from_python(item, mark, objects) for key, item in value.items()}, mark, mark)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return Node([from_python(item, mark, objects) for item in value], mark, mark)
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()
    problem = unprintable(value) if isinstance(value, str) else None
    if isinstance(value, float) and not math.isfinite(value):
        problem = f"expected a finite number, found {value}"
    if problem:
        raise ValueError(problem)
    if value is None or isinstance(value, bool | int | float | str) or (objects and isinstance(value, BaseModel)):
        return Node(value, mark, mark)
    raise TypeError(f"expected numbers, text, lists and mappings, found {type(value).__name__}")


def unprintable(text: str) -> str | None:
    """What is wrong with the letters of a text: control characters and broken Unicode, which no table can hold."""
    for letter in text:
        if (letter not in "\n\t\r" and unicodedata.category(letter) in ("Cc", "Cs")) or letter in TURNING:
            return f"the text holds a character that cannot be printed (U+{ord(letter):04X})"
    return None


def to_json(node: Node) -> str:
    """Plain data of nodes as JSON text, in which numbers keep every digit."""
    return json.dumps(to_python(node))


def holds_objects(node: Node) -> bool:
    """Whether an instance of a class of blocks stands anywhere in the nodes."""
    if node.is_mapping:
        return any(map(holds_objects, node.value.values()))
    return any(map(holds_objects, node.value)) if node.is_list else isinstance(node.value, BaseModel)


def to_python(node: Node, keep_lost: bool = False) -> Any:
    """Plain data of nodes; what could not be read is left out, or None if its keys shall be kept."""
    if node.is_mapping:
        items = ((key, item) for key, item in node.value.items() if keep_lost or item.value is not Unreadable)
        return {key: to_python(item, keep_lost) for key, item in items}
    if node.is_list:
        return [to_python(item, keep_lost) for item in node.value if keep_lost or item.value is not Unreadable]
    return None if node.value is Unreadable else node.value


def overlaid(base: Node, top: Node) -> Node:
    """`top` over `base`: mappings merge, everything else replaces; a number with provenance replaces whole.

    A path by year says what holds from its first year on; until then what is beneath it goes on.
    """
    if is_path(top):
        return replace(top, value=before_path(base, min(map(int, top.value))) | top.value)
    if not (base.is_mapping and top.is_mapping) or states_provenance(top):
        return top
    merged = dict(base.value)
    for key, item in top.value.items():
        merged[key] = overlaid(merged[key], item) if key in merged else item
    return replace(top, value=merged)


def is_path(node: Node) -> bool:
    """Whether a mapping is a path: values by the first year that each holds for."""
    return node.is_mapping and bool(node.value) and all(map(YEAR.fullmatch, node.value))


def before_path(base: Node, first: int) -> dict[str, Node]:
    """What of a number or a path goes on until a path that begins in `first` is laid over it."""
    if is_path(base):
        return {year: item for year, item in base.value.items() if int(year) < first}
    number = isinstance(base.value, int | float) and not isinstance(base.value, bool)
    return {str(ALWAYS): base} if first > ALWAYS and (number or base.cell or states_provenance(base)) else {}


def found(node: Node, path: Path) -> Node:
    """The node at a path, or the nearest one that holds it."""
    for part in path:
        child = entry(node, part)
        if child is None:
            return node
        node = child
    return node


def entry(node: Node, part: str) -> Node | None:
    """The entry of a mapping, or of a list by its number or by the id it states."""
    if node.is_mapping:
        return node.value.get(part)
    position = _position(node, part)
    return node.value[position] if position is not None else None


def _position(node: Node, part: str) -> int | None:
    if not node.is_list:
        return None
    if part.isdecimal() and int(part) < len(node.value):
        return int(part)
    ids = [item.value["id"].value if item.is_mapping and "id" in item.value else None for item in node.value]
    return ids.index(part) if part in ids else None


def with_entry(node: Node | None, path: Path, item: Node) -> Node:
    """A copy in which `item` is laid over what stands at `path`; mappings on the way are made where missing."""
    if not path:
        return item if node is None else overlaid(node, item)
    head, rest = path[0], path[1:]
    position = _position(node, head) if node is not None else None
    if node is not None and position is not None:
        items = list(node.value)
        items[position] = with_entry(items[position], rest, item)
        return replace(node, value=items)
    entries = dict(node.value) if node is not None and node.is_mapping else {}
    if node is not None and not rest and YEAR.fullmatch(head) and (not node.is_mapping or states_provenance(node)):
        entries = before_path(node, int(head))
    entries[head] = with_entry(entries.get(head), rest, item)
    return Node(entries, item.mark, item.mark) if node is None or not node.is_mapping else replace(node, value=entries)


def with_ends(node: Node, end: str) -> Node:
    """The nodes with one end of each stated range in place of the value."""
    if node.is_mapping:
        return Node({key: with_ends(item, end) for key, item in node.value.items()}, node.mark, node.key)
    if node.is_list:
        return Node([with_ends(item, end) for item in node.value], node.mark, node.key)
    if node.sourced is None or node.ends is None or end not in node.ends:
        return node
    return Node(getattr(node.sourced, end), node.ends[end], node.key)


def stated_ends(node: Node) -> set[str]:
    """Which ends of ranges are stated anywhere in the nodes."""
    ends: set[str] = set()
    waiting = [node]
    while waiting:
        value, stated = waiting[-1].value, waiting.pop().ends
        ends.update(stated or ())
        waiting += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return ends


def children(node: Node) -> Iterator[tuple[str, Node]]:
    """Key and node of everything directly below a node."""
    entries: Any = node.value.items() if node.is_mapping else enumerate(node.value) if node.is_list else ()
    for key, item in entries:
        yield str(key), item


def origins(node: Node, path: Path) -> Iterator[tuple[str, Mark]]:
    """Where every value below a path is stated."""
    for key, item in children(node):
        here = (*path, key)
        yield ".".join(here), item.mark
        yield from origins(item, here)


def sources(node: Node, path: Path) -> Iterator[tuple[str, Sourced]]:
    """What is said about the numbers below a path."""
    for key, item in children(node):
        here = (*path, key)
        if item.sourced is not None:
            yield ".".join(here), item.sourced
        yield from sources(item, here)
