"""Nodes -> a validated Scenario, or one error with everything that is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from chainsim.economy.parameters import DEFAULT_MONEY, MONEY, counted_in
from chainsim.scenario import nodes
from chainsim.scenario.checks import findings
from chainsim.scenario.conform import conformed
from chainsim.scenario.errors import MOST_PROBLEMS, Problems, ScenarioError
from chainsim.scenario.field_types import NUMBERS, FieldType, field_type_of, root_type
from chainsim.scenario.messages import note_all, note_ends, schema_message
from chainsim.scenario.nodes import Node, Path, origins, sources, stated_ends, with_ends
from chainsim.scenario.scenario import Scenario

LONG_TABLE = 5_000
"""Named enterprises above which the first are looked at before all."""


def built(tree: Node, problems: Problems, complete: bool = True) -> Scenario:
    """The scenario that the nodes state.

    `complete` is False if a file could not be read: then nothing is said about absent values.

    Raises
        ScenarioError: with all problems, those found before included.
    """
    with counted_in(money_stated(tree)):
        return _built(tree, problems, complete)


def money_stated(tree: Node) -> str:
    """The money that nodes state, as far as that can be read; else that of the defaults."""
    stated = tree.value.get("money")
    return stated.value if stated and isinstance(stated.value, str) and MONEY.fullmatch(stated.value) else DEFAULT_MONEY


def _built(tree: Node, problems: Problems, complete: bool) -> Scenario:
    listed = tree.value.get("enterprises")
    if listed is not None and listed.is_list and len(listed.value) > LONG_TABLE:
        _look_at_first_rows(tree, listed, problems, complete)
    tree = conformed(tree, root_type(Scenario), (), problems)
    scenario = _validated(tree, problems, complete)
    _check_ranges(tree, problems)
    if complete:
        readable = scenario
        if readable is None or problems.found:
            readable = partial_block(Scenario, nodes.to_python(tree, keep_lost=True), (), problems.covers)
        for finding in findings(readable):
            at = nodes.found(tree, finding.path)
            if not problems.touch(finding.path):
                problems.add(at.place if finding.names else at.mark, finding.path, finding.message)
    problems.stop()
    assert scenario is not None
    return scenario.with_origins(dict(origins(tree, ())), dict(sources(tree, ())))


def _look_at_first_rows(tree: Node, listed: Node, problems: Problems, complete: bool) -> None:
    """Stop at once where already the first rows of a long table have more problems than anybody reads."""
    first = replace(tree, value=tree.value | {"enterprises": replace(listed, value=listed.value[: 2 * MOST_PROBLEMS])})
    probe = Problems()
    probe.found = list(problems.found)
    try:
        built(first, probe, complete)
    except ScenarioError as error:
        if error.stopped:
            raise


def _validated(tree: Node, problems: Problems, complete: bool) -> Scenario | None:
    """The scenario if the schema accepts it. As JSON text, so that numbers as text and text as numbers are refused."""
    try:
        return Scenario.model_validate_json(nodes.to_json(tree), strict=True)
    except ValidationError as error:
        note_all(error, tree, root_type(Scenario), problems, missing=complete)
        if not problems.found:  # an error whose place could not be followed must not pass for none
            first = error.errors(include_url=False)[0]
            problems.add(tree.mark, (), schema_message(first["type"], first["msg"], first.get("ctx", {})))
        return None


def _check_ranges(tree: Node, problems: Problems) -> None:
    """Low and high must be possible values themselves."""
    for end in sorted(stated_ends(tree)):
        ends = with_ends(tree, end)
        try:
            Scenario.model_validate_json(nodes.to_json(ends), strict=True)
        except ValidationError as error:
            note_ends(error, tree, ends, end, root_type(Scenario), problems)


IsWrong = Callable[[Path], bool]


def partial_block(model: type[BaseModel], data: Any, path: Path, is_wrong: IsWrong) -> Any:
    """An unvalidated block of the data, with blanks where `is_wrong` says that the value at a path cannot be used."""
    stated = data if isinstance(data, dict) else {}
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        here = (*path, name)
        if is_wrong(here) or (field.is_required() and name not in stated):
            values[name] = _blank(field_type_of(field))
        elif name in stated:
            values[name] = _value(field_type_of(field), stated[name], here, is_wrong)
        else:
            values[name] = field.get_default(call_default_factory=True)
    return model.model_construct(**values)


def _value(field_type: FieldType, data: Any, path: Path, is_wrong: IsWrong) -> Any:
    if is_wrong(path):
        return _blank(field_type)
    if isinstance(data, dict):
        return _block(field_type, data, path, is_wrong)
    if isinstance(data, list):
        item = field_type.first("list")
        inner = item.child("0") if item is not None else None
        return (
            tuple(_value(inner, entry, (*path, str(number)), is_wrong) for number, entry in enumerate(data))
            if inner
            else ()
        )
    if field_type.kinds & NUMBERS and isinstance(data, int | float) and not isinstance(data, bool):
        return float(data) if "number" in field_type.kinds else data
    return data if isinstance(data, str | bool) or data is None else _blank(field_type)


def _block(field_type: FieldType, data: dict[str, Any], path: Path, is_wrong: IsWrong) -> Any:
    model = field_type.model_of(data)
    if model is not None:
        return partial_block(model, data, path, is_wrong)
    key_type, inner = field_type.key_type, field_type.item
    if key_type is None or inner is None:
        return _blank(field_type)
    has_years = bool(key_type.kinds & NUMBERS)
    return {
        int(key) if has_years else key: _value(inner, item, (*path, key), is_wrong)
        for key, item in data.items()
        if not is_wrong((*path, key)) or not has_years
    }


def _blank(field_type: FieldType) -> Any:
    """A value about which no check says anything."""
    kinds = field_type.kinds
    if kinds & NUMBERS:
        return math.nan
    if kinds & {"text", "choice"}:
        return ""
    model = field_type.model_of({})
    if model is not None:
        return partial_block(model, {}, (), lambda path: True)
    if field_type.item is None:
        return None
    return {"": _blank(field_type.item)} if "mapping" in kinds else (_blank(field_type.item),)
