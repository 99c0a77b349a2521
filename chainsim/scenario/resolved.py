"""What a validated scenario can do: say where its values come from, and make other scenarios of itself."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from types import CodeType, FunctionType, MappingProxyType
from typing import Any, Self

from pydantic import BaseModel, PrivateAttr

from chainsim.economy.parameters import Frozen
from chainsim.scenario.errors import Finding, Mark
from chainsim.scenario.nodes import Citation, Sourced


class Resolved(Frozen):
    """A scenario with every value in place. Two are equal if their content is, wherever it was stated."""

    _origins: dict[str, Mark] = PrivateAttr(default_factory=dict)
    _sources: dict[str, Sourced] = PrivateAttr(default_factory=dict)
    _reading: tuple[tuple[str, Finding], ...] = PrivateAttr(default=())
    _citations: dict[str, Citation] = PrivateAttr(default_factory=dict)

    @property
    def sources(self) -> Mapping[str, Sourced]:
        """Range and source of every number stated with them, by dotted path."""
        return MappingProxyType(self._sources)

    @property
    def origins(self) -> Mapping[str, Mark]:
        """Where every value that is not a default is stated, by dotted path."""
        return MappingProxyType(self._origins)

    @property
    def reading(self) -> tuple[tuple[str, Finding], ...]:
        """What of its files was read otherwise than it stands there, with its voice: warning or note."""
        return self._reading

    def with_reading(self, told: Iterable[tuple[str, Finding]]) -> Self:
        """The same scenario knowing what of its files was read otherwise than it stands there."""
        scenario = self.model_copy()
        scenario._reading = tuple(told)
        return scenario

    @property
    def citations(self) -> Mapping[str, Citation]:
        """What the keys stand for that sources name, by key."""
        return MappingProxyType(self._citations)

    def with_citations(self, citations: Mapping[str, Citation]) -> Self:
        """The same scenario knowing what keys in its sources stand for."""
        scenario = self.model_copy()
        scenario._citations = dict(citations)
        return scenario

    def origin(self, path: str) -> str:
        """Where the value at a dotted path is stated: `jilin.yaml:41:13`, or `default`."""
        mark = self._origins.get(path)
        return str(mark) if mark is not None else "default"

    def mark(self, path: str) -> Mark | None:
        """The place of the value at a dotted path, or of the nearest block that holds it and is stated."""
        while path:
            if path in self._origins:
                return self._origins[path]
            path = path.rpartition(".")[0]
        return None

    def with_origins(self, origins: dict[str, Mark], sources: dict[str, Sourced]) -> Self:
        """The same scenario knowing where its values come from."""
        scenario = self.model_copy()
        scenario._origins, scenario._sources = origins, sources
        return scenario

    @property
    def hash(self) -> str:
        """SHA-256 of the resolved content, the same in every process; sources and places in files do not count."""
        return content_hash(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Resolved) and self.hash == other.hash

    def __hash__(self) -> int:
        return int(self.hash[:15], 16)


def content_hash(model: BaseModel) -> str:
    """SHA-256 of the resolved content, 64 hexadecimal digits. Sources and places in files do not count."""
    head = [_json(word) for word in _head(type(model))]
    fields = [f"[{_json(name)},{content(getattr(model, name))}]" for name in type(model).model_fields]
    return hashlib.sha256(f"[{','.join(head + fields)}]".encode()).hexdigest()


def content(part: Any) -> str:
    """The canonical content of a part of a scenario, as JSON.

    Kept by who it is: parts are frozen, and are kept too, so that no other takes their place in memory. Scenarios made
    from one another, as the points of a sweep are, share the parts that do not differ.
    """
    if not isinstance(part, BaseModel | Mapping | tuple):
        return _json(canonical(part))
    found = CONTENTS.pop(id(part), None)  # taken out and put back, so that threads never look for what another dropped
    if found is None:
        found = part, _json(canonical(part))
    CONTENTS[id(part)] = found
    while len(CONTENTS) > MOST_CONTENTS:
        CONTENTS.popitem(last=False)
    return found[1]


CONTENTS: OrderedDict[int, tuple[Any, str]] = OrderedDict()
MOST_CONTENTS = 64
"""Parts whose content is kept, some 200 kB where it is a whole chain, those asked for last."""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def canonical(value: Any) -> Any:
    """Plain data that is equal for equal content. The order of named blocks counts, because it orders the state."""
    if isinstance(value, BaseModel):
        fields = [[name, canonical(getattr(value, name))] for name in type(value).model_fields]
        return [*_head(type(value)), *fields]
    if isinstance(value, Mapping):
        pairs = [[str(key), canonical(item)] for key, item in value.items()]
        return (
            pairs
            if any(isinstance(item, BaseModel) for item in value.values())
            else sorted(pairs, key=lambda pair: pair[0])
        )
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return value + 0.0 if isinstance(value, float) else value


def _head(kind: type) -> list[str]:
    """What stands before the fields of a class: its name, and the fingerprints of rules of its own."""
    return [kind.__qualname__.rpartition(".")[2], *fingerprints(kind)]


def fingerprints(kind: type) -> list[str]:
    """Fingerprints of the rules of classes from outside the package, whose version says nothing about them."""
    ours = [
        base
        for base in kind.__mro__
        if base.__module__.partition(".")[0] not in ("chainsim", "pydantic", "builtins", "typing", "abc")
    ]
    functions = [
        (name, item) for base in ours for name, item in sorted(vars(base).items()) if isinstance(item, FunctionType)
    ]
    return [f"{name}={_fingerprint(item.__code__)}{item.__defaults__!r}" for name, item in functions]


def _fingerprint(code: CodeType) -> str:
    constants = [_fingerprint(item) if isinstance(item, CodeType) else _constant(item) for item in code.co_consts]
    parts = [code.co_code.hex(), *code.co_names, *code.co_varnames, *constants]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _constant(value: Any) -> str:
    return f"{{{sorted(map(repr, value))}}}" if isinstance(value, frozenset) else repr(value)
