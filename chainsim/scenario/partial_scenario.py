"""What can be read of a scenario with mistakes, so that the remaining mistakes are found in the same pass.

A number that is missing or wrong becomes NaN, a text empty, a block or list one entry without a name. Every comparison
with NaN is false, so a check that reports when something *is* wrong stays silent about what it cannot know.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from chainsim.scenario.field_types import NUMBERS, Place, place_of
from chainsim.scenario.nodes import Path

IsWrong = Callable[[Path], bool]


def lenient(model: type[BaseModel], data: Any, path: Path, is_wrong: IsWrong) -> Any:
    """An unvalidated block of the data, with blanks where `is_wrong` says that the value at a path cannot be used."""
    stated = data if isinstance(data, dict) else {}
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        here = (*path, name)
        if is_wrong(here) or (field.is_required() and name not in stated):
            values[name] = _blank(place_of(field))
        elif name in stated:
            values[name] = _value(place_of(field), stated[name], here, is_wrong)
        else:
            values[name] = field.get_default(call_default_factory=True)
    return model.model_construct(**values)


def _value(place: Place, data: Any, path: Path, is_wrong: IsWrong) -> Any:
    if is_wrong(path):
        return _blank(place)
    if isinstance(data, dict):
        return _block(place, data, path, is_wrong)
    if isinstance(data, list):
        item = place.first("list")
        inner = item.child("0") if item is not None else None
        return (
            tuple(_value(inner, entry, (*path, str(number)), is_wrong) for number, entry in enumerate(data))
            if inner
            else ()
        )
    if place.kinds & NUMBERS and isinstance(data, int | float) and not isinstance(data, bool):
        return float(data) if "number" in place.kinds else data
    return data if isinstance(data, str | bool) or data is None else _blank(place)


def _block(place: Place, data: dict[str, Any], path: Path, is_wrong: IsWrong) -> Any:
    model = place.model_of(data)
    if model is not None:
        return lenient(model, data, path, is_wrong)
    key_place, inner = place.key_place, place.item
    if key_place is None or inner is None:
        return _blank(place)
    has_years = bool(key_place.kinds & NUMBERS)
    return {
        int(key) if has_years else key: _value(inner, item, (*path, key), is_wrong)
        for key, item in data.items()
        if not is_wrong((*path, key)) or not has_years
    }


def _blank(place: Place) -> Any:
    """A value about which no check says anything."""
    kinds = place.kinds
    if kinds & NUMBERS:
        return math.nan
    if kinds & {"text", "choice"}:
        return ""
    model = place.model_of({})
    if model is not None:
        return lenient(model, {}, (), lambda path: True)
    if place.item is None:
        return None
    return {"": _blank(place.item)} if "mapping" in kinds else (_blank(place.item),)
