"""Parameters of the model and sourced numbers of the scenario, with unit, range, basis and source, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chainsim.scenario.places import Place
from chainsim.scenario.schema import Scenario

if TYPE_CHECKING:
    from chainsim.scenario.values import Sourced

BASES = {"S": "sourced", "T": "trial of the model", "C": "published model", "J": "assumption"}
"""What the first letter of a declared source stands for."""


@dataclass(frozen=True)
class SourceRow:
    """A number as text."""

    path: str
    value: str
    range: str
    unit: str
    basis: str
    meaning: str
    source: str


@dataclass(frozen=True)
class SourceGroup:
    """Numbers under a heading."""

    title: str
    rows: tuple[SourceRow, ...]

    @property
    def assumptions(self) -> int:
        """How many of them are judgement."""
        return sum(row.basis == "assumption" for row in self.rows)


def source_groups(scenario: Scenario) -> list[SourceGroup]:
    """Behaviour, region, then every segment; empty groups are left out."""
    behaviour = [row(scenario, path, value) for path, value in declared(scenario.stages, "stages")]
    places = [("region", scenario.region), ("population", scenario.population)]
    region = [row(scenario, path, value) for name, model in places for path, value in declared(model, name)]
    groups = [("Behaviour: parameters of the yearly stages", behaviour), ("Region and population", region)]
    listed = {item.path for _, rows in groups for item in rows}
    rest = {path: stated.value for path, stated in scenario.sources.items() if path not in listed}
    for name, segment in scenario.chain.segments.items():
        start = f"chain.segments.{name}."
        heading = f"Data: {segment.title.en if segment.title else name}"
        groups.append((heading, [row(scenario, p, v, start) for p, v in rest.items() if p.startswith(start)]))
    other = [row(scenario, path, v) for path, v in rest.items() if not path.startswith("chain.segments.")]
    groups.append(("Data: enterprises and other numbers", other))
    return [SourceGroup(title, tuple(rows)) for title, rows in groups if rows]


def declared(block: BaseModel, path: str) -> Iterator[tuple[str, Any]]:
    """Dotted path and value of every parameter of a block and of the blocks inside it."""
    for name, field in type(block).model_fields.items():
        value = getattr(block, name)
        here = f"{path}.{name}"
        if isinstance(value, BaseModel):
            yield from declared(value, here)
        elif isinstance(value, Mapping) and value and all(isinstance(item, BaseModel) for item in value.values()):
            for key, item in value.items():
                yield from declared(item, f"{here}.{key}")
        elif says(field) and value is not None:
            yield here, value


def row(scenario: Scenario, path: str, value: Any, start: str = "") -> SourceRow:
    """What the scenario and the declaration of the parameter say about a number; the path is shown without `start`."""
    field = declaration(path)
    about = says(field)
    stated = scenario.sources.get(path)
    letter, _, source = str(about.get("source", "")).partition(":")
    basis, low, high = BASES.get(letter, ""), about.get("low"), about.get("high")
    if stated is not None:
        basis, low, high, source = stated.status or "", stated.low, stated.high, in_words(stated)
    elif path in scenario.origins:
        basis, source = "stated in the scenario", ""
    return SourceRow(
        path=by_id(scenario, path).removeprefix(start),
        value=plain(value),
        range=f"{plain(low)} to {plain(high)}" if low is not None and high is not None else "",
        unit=str((stated.unit if stated else None) or about.get("unit", "")),
        basis=basis,
        meaning=(field.description or "") if field else "",
        source=source.strip(),
    )


def by_id(scenario: Scenario, path: str) -> str:
    """The path with enterprises called by their id instead of their position."""
    head, _, rest = path.partition(".")
    position, _, field = rest.partition(".")
    if head == "enterprises" and position.isdecimal():
        return f"enterprises.{scenario.enterprises[int(position)].id}.{field}"
    return path


def in_words(stated: Sourced) -> str:
    """Source and note of a number."""
    return "; ".join(part for part in (stated.source, stated.note) if part)


def declaration(path: str) -> FieldInfo | None:
    """The field of the schema that a dotted path leads to."""
    place: Place | None = Place(Scenario)
    for part in path.split("."):
        place = place.child(part) if place is not None else None
    return place.field if place is not None else None


def says(field: FieldInfo | None) -> dict[str, Any]:
    """Unit, range and source of a field; empty where it declares none."""
    extra = field.json_schema_extra if field is not None else None
    return extra if isinstance(extra, dict) else {}


def plain(value: Any) -> str:
    """A value as it stands in a file, without needless digits."""
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "−")
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {plain(item)}" for key, item in value.items())
    return str(value)
