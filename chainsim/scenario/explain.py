"""Every value of a resolved scenario with unit, range, origin, source and meaning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chainsim.economy.parameters import in_money, in_money_of
from chainsim.scenario.errors import Mark, Problem, ScenarioError, dotted, suggestion
from chainsim.scenario.field_types import declared
from chainsim.scenario.nodes import Citation, Path, Sourced, cited
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.yaml_writer import inline

FROM_SCENARIO = "the scenario"
"""What parameters say whose numbers only a scenario can know."""


@dataclass(frozen=True)
class Explained:
    """A value of a scenario and what is known about it; `origin` is `file:line:column` or `default`."""

    path: str
    value: Any
    unit: str
    low: float | None
    high: float | None
    origin: str
    source: str
    meaning: str
    cited: tuple[tuple[str, Citation], ...] = ()
    """What the keys in its source stand for."""

    @property
    def shown(self) -> str:
        """The value as a file states it."""
        return _text(self.value)

    @property
    def range(self) -> str:
        """Low and high, empty where neither is known."""
        if self.low is None and self.high is None:
            return ""
        ends = ["" if end is None else f"{end:.6g}" for end in (self.low, self.high)]
        return f"{ends[0]} to {ends[1]}".strip()


def _text(value: Any) -> str:
    """A value as a file states it; nothing where there is none."""
    return "" if value is None else inline(list(value) if isinstance(value, tuple) else value)


@in_money_of(lambda scenario: scenario.money)
def explained(scenario: Scenario, path: str = "") -> list[Explained]:
    """The value at a dotted path, or all values below it.

    Raises
        ScenarioError: if the path leads nowhere.
    """
    value, field, at = _found(scenario, tuple(path.split(".")) if path else ())
    leaves = [_explained(scenario, leaf, item, about) for leaf, item, about in _leaves(value, field, at)]
    return [leaf for leaf in leaves if leaf.value is not None or len(leaves) == 1]


def changed(first: Scenario, others: Iterable[Scenario], blocks: tuple[str, ...]) -> set[str]:
    """Paths below some blocks whose value in one of the others is not that of the first."""
    before, *after = (
        {row.path: row.value for at in blocks for row in explained(each, at)} for each in (first, *others)
    )
    return {path for values in after for path, value in values.items() if path not in before or value != before[path]}


def having(values: list[Explained], words: str) -> list[Explained]:
    """Those of the values that have every one of the words in path, meaning, unit or source, in any letters."""
    wanted = words.lower().split()
    texts = (
        " ".join((each.path, each.meaning, each.unit, each.source, *(item.source for _, item in each.cited))).lower()
        for each in values
    )
    return [each for each, text in zip(values, texts, strict=True) if all(word in text for word in wanted)]


@in_money_of(lambda scenario: scenario.money)
def sourced(scenario: Scenario, path: str) -> Sourced:
    """The number at a dotted path with range, unit and source, as the scenario says, else as its parameter declares.

    Raises
        ScenarioError: if the path leads nowhere or to no number.
    """
    (value, field, at), place = _found(scenario, tuple(path.split("."))), Mark(scenario.name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ScenarioError([Problem(*place, path, "expected the path of a number")])
    stated = scenario.sources.get(dotted(at))
    if stated is not None and None not in (stated.low, stated.high):
        return stated
    low, high, unit, source = (declared(field, name) for name in ("low", "high", "unit", "source"))
    if stated is not None:
        return replace(stated, value=value, unit=stated.unit or unit)
    return Sourced(value, low, high, source, unit)


def found(scenario: Scenario, path: str) -> Any:
    """What stands at a dotted path.

    Raises
        ScenarioError: if the path leads nowhere.
    """
    return _found(scenario, tuple(path.split(".")))[0]


def unlike_defaults(scenario: Scenario) -> dict[str, tuple[str, str]]:
    """Values that a scenario states without a source, unlike the default that is declared here: both, by dotted path.

    Of a resolved scenario these are what its author chose, and what was the default elsewhere and is another here.
    """
    found = {}
    for path, value, field in _leaves(scenario, None, ()):
        name = dotted(path)
        if field is None or field.is_required() or name in scenario.sources:
            continue
        if declared(field, "source") in (None, FROM_SCENARIO) and path[0] != "stages":
            continue
        default = field.get_default(call_default_factory=True)
        if isinstance(default, Mapping) and not isinstance(value, Mapping):
            default = {str(key): item for key, item in default.items()}.get(path[-1])
        if value != default:
            found[name] = (_text(value), _text(default))
    return found


def _found(scenario: Scenario, path: Path) -> tuple[Any, FieldInfo | None, Path]:
    """What stands at a path, the field it belongs to, and its path with enterprises by position."""
    value: Any = scenario
    field: FieldInfo | None = None
    at: Path = ()
    for part in path:
        entries = {key: (item, inner) for key, item, inner in _entries(value, field)}
        ids = {item.id: key for key, (item, _) in entries.items() if hasattr(item, "id")}
        key = ids.get(part, part)
        if key not in entries:
            message = f"unknown key '{part}'{suggestion(part, [*ids] or entries)}"
            raise ScenarioError([Problem(*Mark(scenario.name), dotted((*at, part)), message)])
        (value, field), at = entries[key], (*at, key)
    return value, field, at


def _entries(value: Any, field: FieldInfo | None) -> Iterator[tuple[str, Any, FieldInfo | None]]:
    """Key, value and field of everything directly below a value."""
    if isinstance(value, BaseModel):
        for name, inner in type(value).model_fields.items():
            yield name, getattr(value, name), inner
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key), item, field
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        for number, item in enumerate(value):
            yield str(number), item, field


def _leaves(value: Any, field: FieldInfo | None, path: Path) -> Iterator[tuple[Path, Any, FieldInfo | None]]:
    below = list(_entries(value, field))
    if not below:
        yield path, value, field
    for key, item, inner in below:
        yield from _leaves(item, inner, (*path, key))


def _explained(scenario: Scenario, path: Path, value: Any, field: FieldInfo | None) -> Explained:
    name = dotted(path)
    stated = scenario.sources.get(name)
    unit = (stated.unit if stated is not None else None) or declared(field, "unit") or ""
    low, high = (stated.low, stated.high) if stated is not None else (declared(field, "low"), declared(field, "high"))
    source = _source(stated, field, name not in scenario.origins)
    return Explained(
        path=_by_id(scenario, path),
        value=value,
        unit=unit,
        low=low,
        high=high,
        origin=scenario.origin(name),
        source=source,
        meaning=in_money(field.description or "") if field is not None else "",
        cited=tuple((key, scenario.citations[key]) for key in cited(source, scenario.citations)),
    )


def _source(stated: Sourced | None, field: FieldInfo | None, is_default: bool) -> str:
    """Where a number comes from: what the scenario says of its own, what the parameter says of its default."""
    if stated is not None:
        return "; ".join(part for part in (stated.source, stated.note, stated.status) if part)
    source = declared(field, "source") if is_default else None
    return source if source not in (None, FROM_SCENARIO) else ""


def _by_id(scenario: Scenario, path: Path) -> str:
    """The path with enterprises called by their id instead of their position."""
    if path[:1] == ("enterprises",) and len(path) > 1:
        path = ("enterprises", scenario.enterprises[int(path[1])].id, *path[2:])
    return dotted(path)
