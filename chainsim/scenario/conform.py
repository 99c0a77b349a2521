"""Nodes meet the schema: unknown keys, numbers with provenance, cells of tables, blocks without content."""

from __future__ import annotations

import re
from typing import Any

from chainsim.scenario.errors import Problems, nearest, shown, suggestion
from chainsim.scenario.field_types import ANYTHING, NUMBERS, FieldType
from chainsim.scenario.messages import expected, hint
from chainsim.scenario.nodes import PROVENANCE, STATUSES, Node, Path, Sourced, Unreadable, states_provenance
from chainsim.scenario.yaml_reader import scalar

BLOCKS = frozenset({"model", "mapping"})


def conformed(node: Node, field_type: FieldType, path: Path, problems: Problems) -> Node:
    """The node as its field asks for it; what cannot be used becomes unreadable, with the reason among the problems."""
    if node.cell:
        return _of_cell(node, field_type, path, problems)
    if node.is_list and field_type.kinds & {"list", "anything"}:
        inner = field_type.child("0") or ANYTHING
        items = [conformed(item, inner, (*path, str(number)), problems) for number, item in enumerate(node.value)]
        return Node(items, node.mark, node.key)
    if not node.is_mapping:
        return node
    if _is_number_with_provenance(node, field_type):
        return number(node, field_type, path, problems)
    refusal = _refusal(node, field_type)
    if refusal:
        return _refused(node, path, refusal, problems)
    if states_provenance(node) and node.value["value"].cell:
        return conformed(node.value["value"], field_type, path, problems)
    return block(node, field_type, path, problems)


def block(node: Node, field_type: FieldType, path: Path, problems: Problems) -> Node:
    """The entries of a block, each as its field asks for it; unknown keys are problems."""
    if not field_type.kinds & (BLOCKS | {"anything"}):
        return node
    entries: dict[str, Node] = {}
    for key, item in node.value.items():
        child = field_type.child(key, node.value)
        refusal = _refused_key(key, field_type, node, child)
        if refusal or child is None:
            problems.add(item.place, (*path, key), refusal or f"unknown key '{key}'")
            meant = nearest(key, field_type.keys(node.value)) if child is None else None
            if meant is not None and meant not in node.value:
                problems.doubt((*path, meant))
        elif not _is_empty_block(item, child):
            entries[key] = conformed(item, child, (*path, key), problems)
    return Node(entries, node.mark, node.key)


def number(node: Node, field_type: FieldType, path: Path, problems: Problems) -> Node:
    """The number that a mapping of value, low, high and source stands for."""
    for key in sorted(set(node.value) - PROVENANCE):
        message = f"unknown key '{key}' beside 'value'{suggestion(key, sorted(PROVENANCE))}"
        problems.add(node.value[key].place, (*path, key), message)
    stated = {
        key: _part(key, item, field_type, (*path, key), problems)
        for key, item in node.value.items()
        if key in PROVENANCE
    }
    value = stated.pop("value").value
    if value is Unreadable or not _is_number(value):
        if value is Unreadable:
            problems.doubt(path)
        else:
            problems.add(
                node.value["value"].mark,
                path,
                f"expected {expected(field_type)}, found {shown(value)}{hint(value, field_type)}",
            )
        return Node(Unreadable, node.mark, node.key)
    provenance = {key: item.value for key, item in stated.items() if item.value not in (None, Unreadable)}
    _check_range(node, value, provenance, path, problems)
    ends = {key: node.value[key].mark for key in ("low", "high") if key in provenance}
    return Node(
        value,
        node.value["value"].mark,
        node.key,
        sourced=Sourced(value, **provenance) if provenance else None,
        ends=ends,
    )


def cell(text: str, field_type: FieldType) -> Any:
    """The value of a cell of a table: a number, a switch or text, as its field asks for it."""
    text = text.strip()
    if field_type.kinds & NUMBERS:
        try:
            value = scalar(text)
        except ValueError:
            return text
        if not _is_number(value):
            return text
        is_whole = "number" not in field_type.kinds and isinstance(value, float) and value.is_integer()
        return int(value) if is_whole else value
    if "switch" in field_type.kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text


def _of_cell(node: Node, field_type: FieldType, path: Path, problems: Problems) -> Node:
    value = cell(node.value, field_type)
    if field_type.kinds <= NUMBERS | {"nothing"} and not _is_number(value):
        message = f"expected {expected(field_type)}, found {shown(value)}{hint(value, field_type)}"
        return _refused(node, path, message, problems)
    return Node(value, node.mark, node.key)


def _part(key: str, node: Node, field_type: FieldType, path: Path, problems: Problems) -> Node:
    """Value, low, high as numbers; source, unit, status, note as text."""
    if node.cell and key in ("value", "low", "high"):
        node = Node(cell(node.value, field_type), node.mark, node.key)
    if key == "value" or node.value is None or node.value is Unreadable:
        return node
    if key in ("low", "high"):
        message = None if _is_number(node.value) else f"expected a number, found {shown(node.value)}"
    elif not isinstance(node.value, str):
        message = f"expected text, found {shown(node.value)}; put it into quotes"
    elif key == "status" and node.value not in STATUSES:
        message = f"unknown status '{node.value}'{suggestion(node.value, STATUSES)}"
    elif key == "unit" and field_type.unit is not None and _words(node.value) != _words(field_type.unit):
        message = f"the unit of this number is {field_type.unit}, found '{node.value}'"
    else:
        message = None
    return _refused(node, path, message, problems) if message else node


def _check_range(node: Node, value: float, provenance: dict[str, Any], path: Path, problems: Problems) -> None:
    low, high = provenance.get("low"), provenance.get("high")
    if low is not None and high is not None and low > high:
        problems.add(node.value["low"].mark, (*path, "low"), f"low {low:g} is above high {high:g}")
    elif low is not None and value < low:
        problems.add(node.value["value"].mark, path, f"the value {value:g} is below low {low:g}", lost=False)
    elif high is not None and value > high:
        problems.add(node.value["value"].mark, path, f"the value {value:g} is above high {high:g}", lost=False)


def _is_number_with_provenance(node: Node, field_type: FieldType) -> bool:
    if "value" not in node.value or "value" in field_type.keys(node.value):
        return False
    return bool(field_type.kinds & NUMBERS) or (
        "anything" in field_type.kinds and states_provenance(node) and len(node.value) > 1
    )


def _refusal(node: Node, field_type: FieldType) -> str | None:
    """What is wrong with a mapping of value, low or high that stands where it cannot."""
    keys = node.value.keys()
    if field_type.kinds & NUMBERS and keys & {"low", "high", "source", "status", "note", "unit"}:
        return f"expected {expected(field_type)} under 'value' beside {', '.join(keys)}"
    from_file = states_provenance(node) and not node.value["value"].cell
    if from_file and "anything" not in field_type.kinds and (len(keys) > 1 or not field_type.kinds & BLOCKS):
        return f"expected {expected(field_type)}; only a number is written as a mapping with 'value'"
    return None


def _refused_key(key: str, field_type: FieldType, node: Node, child: FieldType | None) -> str | None:
    if child is None:
        return f"unknown key '{key}'{suggestion(key, field_type.keys(node.value))}"
    if (
        field_type.key_type is not None
        and field_type.key_type.kinds & NUMBERS
        and not re.fullmatch(r"0|-?[1-9][0-9]*", key)
    ):
        return f"expected a year before ':', found '{key}'"
    return None


def _refused(node: Node, path: Path, message: str, problems: Problems) -> Node:
    problems.add(node.mark, path, message)
    return Node(Unreadable, node.mark, node.key)


def _is_empty_block(item: Node, field_type: FieldType) -> bool:
    """A key with nothing after it, where a block or a list stands: nothing is stated."""
    return (
        item.value is None
        and not field_type.kinds & {"nothing", "anything"}
        and bool(field_type.kinds & (BLOCKS | {"list"}))
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _words(unit: str) -> list[str]:
    """The words of a unit in any order; a share and a ratio have the unit 1."""
    return ["1"] if unit.lower() in ("share", "ratio", "fraction") else sorted(unit.lower().split())
