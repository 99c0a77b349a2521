"""Plain data as YAML 1.2 that reads back as the same data, numbers with provenance on one line each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from chainsim.scenario.nodes import Sourced
from chainsim.scenario.yaml_reader import scalar

PLAIN = re.compile(r"[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff .;()/+*-]*")
"""Text that needs no quotes anywhere, in braces neither."""

YEAR = re.compile("[0-9]{4}")

LONGEST = 110
"""Columns that a block may take on one line."""


def yaml_lines(data: Mapping[str, Any], indent: int = 0) -> Iterator[str]:
    """The lines of a mapping; its leaves are numbers, text, switches, lists of them and numbers with provenance."""
    margin = " " * indent
    for key, item in data.items():
        name = f"{margin}{key_text(str(key))}:"
        flow = inline(item) if _is_short(item) else None
        if flow is not None and (len(name) + len(flow) < LONGEST or not isinstance(item, Mapping | list)):
            yield f"{name} {flow}"
        elif isinstance(item, Mapping):
            yield name
            yield from yaml_lines(item, indent + 2)
        else:
            yield name
            yield from _list_lines(item, indent + 2)


def _list_lines(items: list[Any], indent: int) -> Iterator[str]:
    margin = " " * indent
    for item in items:
        if isinstance(item, Mapping) and item:
            first, *rest = yaml_lines(item, indent + 2)
            yield f"{margin}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{margin}- {inline(item)}"


def _is_short(item: Any) -> bool:
    """Whether something may stand on one line: leaves, and blocks and lists of leaves without provenance."""
    if isinstance(item, Mapping):
        return all(not isinstance(part, Mapping | list | Sourced) for part in item.values())
    return not isinstance(item, list) or all(not isinstance(part, Mapping | list | Sourced) for part in item)


def inline(item: Any) -> str:
    """A value on one line."""
    if isinstance(item, Sourced):
        return inline({key: part for key, part in asdict(item).items() if part is not None})
    if isinstance(item, Mapping):
        return "{" + ", ".join(f"{key_text(str(key))}: {inline(part)}" for key, part in item.items()) + "}"
    if isinstance(item, list | tuple):
        return "[" + ", ".join(map(inline, item)) + "]"
    if isinstance(item, bool) or item is None:
        return {True: "true", False: "false", None: "null"}[item]
    return number(item) if isinstance(item, int | float) else text(item)


def number(value: float) -> str:
    """A number with every digit that it has, whole ones without a decimal point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 and str(value) != "-0.0":
        return str(int(value))
    return repr(value)


def key_text(words: str) -> str:
    """A key; keys are text whatever they look like, so years need no quotes."""
    return words if YEAR.fullmatch(words) else text(words)


def text(words: str) -> str:
    """Text, in quotes where it would read as something else."""
    if PLAIN.fullmatch(words) and words == words.strip() and isinstance(scalar(words), str):
        return words
    quoted = json.dumps(words, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in quoted)


def _escaped(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
