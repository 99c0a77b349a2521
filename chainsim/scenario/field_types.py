"""What may stand at a place of a scenario file: types of fields, read from the annotations of the schema."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chainsim.economy.parameters import in_money

NUMBERS = frozenset({"number", "whole number"})
"""Kinds whose values may carry range and source."""


@dataclass(frozen=True, eq=False)
class FieldType:
    """A type with its constraints, and the field of the schema it belongs to."""

    annotation: Any
    constraints: tuple[Any, ...] = ()
    field: FieldInfo | None = None

    @cached_property
    def alternatives(self) -> tuple[FieldType, ...]:
        """The plain types that may stand here, unions and annotations taken apart."""
        return tuple(self._flattened())

    def _flattened(self) -> Iterator[FieldType]:
        origin = get_origin(self.annotation)
        if origin is Annotated:
            inner, *extra = get_args(self.annotation)
            constraints = [
                part for item in extra for part in (item.metadata if isinstance(item, FieldInfo) else [item])
            ]
            yield from FieldType(inner, (*constraints, *self.constraints), self.field).alternatives
        elif origin in (Union, types.UnionType):
            for inner in get_args(self.annotation):
                yield from FieldType(inner, self.constraints, self.field).alternatives
        else:
            yield self

    @property
    def kind(self) -> str:
        """The kind of a plain type."""
        kinds = {bool: "switch", int: "whole number", float: "number", str: "text", type(None): "nothing"}
        if self.annotation in kinds:
            return kinds[self.annotation]
        origin = get_origin(self.annotation)
        if origin is Literal:
            return "choice"
        if self.model is not None:
            return "model"
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return "mapping"
        if isinstance(origin, type) and issubclass(origin, Sequence | frozenset | set):
            return "list"
        return "anything"

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds that may stand here."""
        return frozenset(alternative.kind for alternative in self.alternatives)

    @property
    def model(self) -> type[BaseModel] | None:
        """The class of a plain type that is a block of named fields."""
        return self.annotation if isinstance(self.annotation, type) and issubclass(self.annotation, BaseModel) else None

    def first(self, *kinds: str) -> FieldType | None:
        """The first alternative of one of the kinds."""
        return next((alternative for alternative in self.alternatives if alternative.kind in kinds), None)

    def keys(self, entries: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """The keys that a block may state here, as far as they are fixed; `entries` are those it states."""
        if entries is None or len(self._models) < 2:
            return self._all_keys
        return tuple(dict.fromkeys(key for model in self._meant(entries) for key in model.model_fields))

    @cached_property
    def _all_keys(self) -> tuple[str, ...]:
        fixed = [key for model in self._models for key in model.model_fields]
        return tuple(dict.fromkeys([*fixed, *(self.key_type.choices if self.key_type is not None else ())]))

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """The words that may stand here, where they are fixed."""
        choice = self.first("choice")
        return tuple(map(str, get_args(choice.annotation))) if choice is not None else ()

    def child(self, key: str, entries: Mapping[str, Any] | None = None) -> FieldType | None:
        """What may stand under a key of a mapping or at a position of a list; None if the key is unknown."""
        for model in self._meant(entries):
            if key in model.model_fields:
                return _type_of_key(model, key)
        if "mapping" in self.kinds and (key in self._all_keys or not self._all_keys):
            return self.item
        if "list" in self.kinds and key.isdecimal():
            return self.item
        return ANYTHING if "anything" in self.kinds else None

    @cached_property
    def key_type(self) -> FieldType | None:
        """What the keys of a mapping must be."""
        mapping = self.first("mapping")
        return FieldType((*get_args(mapping.annotation), Any)[0]) if mapping else None

    @cached_property
    def item(self) -> FieldType | None:
        """What stands under the keys of a mapping, or at the positions of a list."""
        holder = self.first("mapping", "list")
        if holder is None:
            return None
        kinds = (*get_args(holder.annotation), Any, Any)
        return FieldType(kinds[1] if holder.kind == "mapping" else kinds[0], field=self.field)

    @cached_property
    def _models(self) -> tuple[type[BaseModel], ...]:
        return tuple(alternative.model for alternative in self.alternatives if alternative.model is not None)

    def _meant(self, entries: Mapping[str, Any] | None) -> Sequence[type[BaseModel]]:
        """The classes that a block may be of, by what it states: nodes or plain data."""
        if entries is None or len(self._models) < 2:
            return self._models
        return [model for model in self._models if _is_meant(model, entries)] or self._models

    def model_of(self, entries: Mapping[str, Any]) -> type[BaseModel] | None:
        """The class of a block by what it states, None where no block may stand."""
        return next(iter(self._meant(entries)), None)

    @property
    def unit(self) -> str | None:
        return declared(self.field, "unit")


ANYTHING, TEXT = FieldType(Any), FieldType(str)


@lru_cache(maxsize=1024)
def _type_of_key(model: type[BaseModel], name: str) -> FieldType:
    return field_type_of(model.model_fields[name])


@lru_cache(maxsize=16)
def root_type(model: type[BaseModel]) -> FieldType:
    """The type of a whole file, made once, because what hangs below it is found slowly."""
    return FieldType(model)


def field_type_of(field: FieldInfo) -> FieldType:
    """What may stand in a field of the schema."""
    return FieldType(field.annotation, tuple(field.metadata), field)


def declared(field: FieldInfo | None, name: str) -> Any:
    """What a field declares beside its type: unit, low, high or source."""
    extra = field.json_schema_extra if field is not None else None
    found = extra.get(name) if isinstance(extra, dict) else None
    return in_money(found) if name == "unit" and isinstance(found, str) else found


def _is_meant(model: type[BaseModel], entries: Mapping[str, Any]) -> bool:
    """Whether a block that names its class, `type: rd_grant`, names this one."""
    fixed = _fixed(model)
    stated = {name: getattr(entries.get(name), "value", entries.get(name)) for name in fixed}
    return bool(fixed) and all(stated[name] in words for name, words in fixed.items())


@lru_cache(maxsize=1024)
def _fixed(model: type[BaseModel]) -> dict[str, tuple[Any, ...]]:
    """The fields of a class that can only have one value, by name: found once, for thousands of blocks may be asked."""
    found = {name: get_args(field.annotation) for name, field in model.model_fields.items()}
    return {
        name: words
        for name, words in found.items()
        if get_origin(model.model_fields[name].annotation) is Literal and len(words) == 1
    }
