"""Nodes meet the schema: unknown keys, numbers with provenance, cells of tables, blocks without content."""

from __future__ import annotations

import re
from typing import Any

from chainsim.scenario.errors import Problems, nearest, shown, suggestion
from chainsim.scenario.expected import expected
from chainsim.scenario.field_types import ANYTHING, NUMBERS, TEXT, Place
from chainsim.scenario.messages import advice
from chainsim.scenario.nodes import Node, Path, Unreadable, states_provenance
from chainsim.scenario.values import PROVENANCE, STATUSES, Sourced
from chainsim.scenario.yaml_reader import scalar

BLOCKS = frozenset({"model", "mapping"})


def settled(node: Node, place: Place, path: Path, problems: Problems) -> Node:
    """The node as its place asks for it; what cannot be used becomes unreadable, with the reason among the problems."""
    if node.cell:
        return Node(cell(node.value, place), node.mark, node.key)
    if node.is_list and place.kinds & {"list", "anything"}:
        inner = place.child("0") or ANYTHING
        items = [settled(item, inner, (*path, str(number)), problems) for number, item in enumerate(node.value)]
        return Node(items, node.mark, node.key)
    if not node.is_mapping:
        return node
    if _is_number_with_provenance(node, place):
        return number(node, place, path, problems)
    refusal = _refusal(node, place)
    if refusal:
        return _refused(node, path, refusal, problems)
    if states_provenance(node) and node.value["value"].cell:
        return settled(node.value["value"], place, path, problems)
    return block(node, place, path, problems)


def block(node: Node, place: Place, path: Path, problems: Problems) -> Node:
    """The entries of a block, each as its place asks for it; unknown keys are problems."""
    if not place.kinds & (BLOCKS | {"anything"}):
        return node
    entries: dict[str, Node] = {}
    for key, item in node.value.items():
        child = place.child(key, node.value)
        refusal = _refused_key(key, place, node, child)
        if refusal or child is None:
            problems.add(item.place, (*path, key), refusal or f"unknown key '{key}'")
            meant = nearest(key, place.keys(node.value)) if child is None else None
            if meant is not None and meant not in node.value:
                problems.doubt((*path, meant))
        elif not _is_empty_block(item, child):
            entries[key] = settled(item, child, (*path, key), problems)
    return Node(entries, node.mark, node.key)


def number(node: Node, place: Place, path: Path, problems: Problems) -> Node:
    """The number that a mapping of value, low, high and source stands for."""
    for key in sorted(set(node.value) - PROVENANCE):
        message = f"unknown key '{key}' beside 'value'{suggestion(key, sorted(PROVENANCE))}"
        problems.add(node.value[key].place, (*path, key), message)
    stated = {
        key: _part(key, item, place, (*path, key), problems) for key, item in node.value.items() if key in PROVENANCE
    }
    value = stated.pop("value").value
    if value is Unreadable or not _is_number(value):
        if value is not Unreadable:
            problems.add(
                node.value["value"].mark,
                path,
                f"expected {expected(place)}, found {shown(value)}{advice(value, place)}",
            )
        return Node(Unreadable, node.mark, node.key)
    told = {key: item.value for key, item in stated.items() if item.value not in (None, Unreadable)}
    _check_range(node, value, told, path, problems)
    ends = {key: node.value[key].mark for key in ("low", "high") if key in told}
    return Node(value, node.value["value"].mark, node.key, sourced=Sourced(value, **told) if told else None, ends=ends)


def cell(text: str, place: Place) -> Any:
    """The value of a cell of a table: a number, a switch or text, as its place asks for it."""
    text = text.strip()
    if place.kinds & NUMBERS:
        try:
            value = scalar(text)
        except ValueError:
            return text
        if not _is_number(value):
            return text
        is_whole = "number" not in place.kinds and isinstance(value, float) and value.is_integer()
        return int(value) if is_whole else value
    if "switch" in place.kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text


def _part(key: str, node: Node, place: Place, path: Path, problems: Problems) -> Node:
    """Value, low, high as numbers; source, unit, status, note as text."""
    if node.cell:
        node = Node(cell(node.value, place if key in ("value", "low", "high") else TEXT), node.mark, node.key)
    if key == "value" or node.value is None or node.value is Unreadable:
        return node
    if key in ("low", "high"):
        message = None if _is_number(node.value) else f"expected a number, found {shown(node.value)}"
    elif not isinstance(node.value, str):
        message = f"expected text, found {shown(node.value)}; put it into quotes"
    elif key == "status" and node.value not in STATUSES:
        message = f"unknown status '{node.value}'{suggestion(node.value, STATUSES)}"
    elif key == "unit" and place.unit is not None and _words(node.value) != _words(place.unit):
        message = f"the unit of this number is {place.unit}, found '{node.value}'"
    else:
        message = None
    return _refused(node, path, message, problems) if message else node


def _check_range(node: Node, value: float, told: dict[str, Any], path: Path, problems: Problems) -> None:
    low, high = told.get("low"), told.get("high")
    if low is not None and high is not None and low > high:
        problems.add(node.value["low"].mark, (*path, "low"), f"low {low:g} is above high {high:g}")
    elif low is not None and value < low:
        problems.add(node.value["value"].mark, path, f"the value {value:g} is below low {low:g}", lost=False)
    elif high is not None and value > high:
        problems.add(node.value["value"].mark, path, f"the value {value:g} is above high {high:g}", lost=False)


def _is_number_with_provenance(node: Node, place: Place) -> bool:
    if "value" not in node.value or "value" in place.keys(node.value):
        return False
    return bool(place.kinds & NUMBERS) or (
        "anything" in place.kinds and states_provenance(node) and len(node.value) > 1
    )


def _refusal(node: Node, place: Place) -> str | None:
    """What is wrong with a mapping of value, low or high that stands where it cannot."""
    keys = node.value.keys()
    if place.kinds & NUMBERS and keys & {"low", "high", "source", "status", "note", "unit"}:
        return f"expected {expected(place)} under 'value' beside {', '.join(keys)}"
    from_file = states_provenance(node) and not node.value["value"].cell
    if from_file and "anything" not in place.kinds and (len(keys) > 1 or not place.kinds & BLOCKS):
        return f"expected {expected(place)}; only a number is written as a mapping with 'value'"
    return None


def _refused_key(key: str, place: Place, node: Node, child: Place | None) -> str | None:
    if child is None:
        return f"unknown key '{key}'{suggestion(key, place.keys(node.value))}"
    if place.key_place is not None and place.key_place.kinds & NUMBERS and not re.fullmatch(r"0|-?[1-9][0-9]*", key):
        return f"expected a year before ':', found '{key}'"
    return None


def _refused(node: Node, path: Path, message: str, problems: Problems) -> Node:
    problems.add(node.mark, path, message)
    return Node(Unreadable, node.mark, node.key)


def _is_empty_block(item: Node, place: Place) -> bool:
    """A key with nothing after it, where a block or a list stands: nothing is stated."""
    return item.value is None and not place.kinds & {"nothing", "anything"} and bool(place.kinds & (BLOCKS | {"list"}))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _words(unit: str) -> list[str]:
    """The words of a unit in any order; a share and a ratio have the unit 1."""
    return ["1"] if unit.lower() in ("share", "ratio", "fraction") else sorted(unit.lower().split())
