"""Parameters of the model and sourced numbers of the scenario, with unit, range, basis and source, as text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape
from pydantic.fields import FieldInfo

from chainsim.scenario.explain import Explained, explained
from chainsim.scenario.field_types import FieldType
from chainsim.scenario.nodes import KEY, STATUSES, Citation
from chainsim.scenario.scenario import Scenario

BASES = {"S": "sourced", "T": "trial of the model", "C": "published model", "J": "assumption"}
"""What the first letter of a declared source stands for."""
PARAMETERS = ("stages.", "region.", "population.")


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
    cited: tuple[tuple[str, Citation], ...] = ()

    @property
    def linked(self) -> Markup:
        """The source, its keys linked to what they stand for at the end of the page."""
        known = dict(self.cited)
        parts = (
            Markup('<a href="#cited-{0}" title="{1}">{0}</a>').format(part, known[part].source)
            if part in known
            else escape(part)
            for part in re.split(f"({KEY.pattern})", self.source)
        )
        return Markup("").join(parts)


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
    """Behaviour, region, levers and the like, enterprises, then every segment; empty groups are left out."""
    values = [value for value in explained(scenario.with_origins({}, dict(scenario.sources))) if is_listed(value)]
    prefixes = {
        "stages.": "Behaviour: parameters of the yearly stages",
        "region.": "Region",
        "population.": "Population",
    }
    prefixes |= {"levers.": "Levers", "shocks.": "Shocks", "enterprises.": "Data: real enterprises"}
    for name, segment in scenario.chain.segments.items():
        prefixes[f"chain.segments.{name}."] = f"Data: {segment.title.en if segment.title else name}"
    groups = [
        SourceGroup(title, tuple(row(value, prefix) for value in values if value.path.startswith(prefix)))
        for prefix, title in prefixes.items()
    ]
    return [group for group in groups if group.rows]


def cited_in(groups: Iterable[SourceGroup]) -> list[tuple[str, Citation]]:
    """What the keys in the sources of groups stand for, once each, by key."""
    return sorted({key: item for group in groups for row in group.rows for key, item in row.cited}.items())


def is_listed(value: Explained) -> bool:
    """Whether a value is a number of the model, or one of the scenario that says where it comes from."""
    number = isinstance(value.value, int | float) and not isinstance(value.value, bool)
    return number and (bool(value.range or value.source) or (bool(value.unit) and value.path.startswith(PARAMETERS)))


def row(value: Explained, prefix: str) -> SourceRow:
    """A number with what is known about it; the path of data is shown without the name of the segment."""
    basis, source = basis_of(value)
    return SourceRow(
        path=value.path.removeprefix(prefix) if prefix.startswith("chain.") else value.path,
        value=f"{value.value:.6g}".replace("-", "−"),
        range=value.range.replace("-", "−"),
        unit=value.unit,
        basis=basis,
        meaning=value.meaning,
        source=source,
        cited=tuple((key, item) for key, item in value.cited if key in source),
    )


def basis_of(value: Explained) -> tuple[str, str]:
    """What kind of knowledge a number rests on, and its source; the same for a scenario file and its resolved copy.

    What a parameter declares counts only for its default.
    """
    source, _, status = value.source.rpartition("; ")
    if status in STATUSES:
        return status, source
    letter, _, rest = value.source.partition(":")
    if letter not in BASES:
        return "", value.source
    field = declaration(value.path)
    return (
        (BASES[letter], rest.strip())
        if field is not None and field.default == value.value
        else ("stated in the scenario", "")
    )


def declaration(path: str) -> FieldInfo | None:
    """The field of the schema that a dotted path leads to."""
    place: FieldType | None = FieldType(Scenario)
    for part in path.split("."):
        place = place.child(part) if place is not None else None
    return place.field if place is not None else None
