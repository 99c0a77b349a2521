"""Every number of the scenario with unit, range, basis and source, grouped as the report lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from chainsim.scenario.schema import Scenario

BASES = {"S": "sourced", "T": "trial of the model", "C": "published model", "J": "assumption"}
"""What the first letter of a parameter's source stands for."""


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
    """The groups of the report."""
    rows = [
        stage_row(f"stages.{key}.{name}", getattr(stage, name), field)
        for key, stage in scenario.stages
        for name, field in type(stage).model_fields.items()
        if isinstance(field.json_schema_extra, dict)
    ]
    return [SourceGroup("Behaviour: parameters of the stages", tuple(rows))]


def stage_row(path: str, value: Any, field: FieldInfo) -> SourceRow:
    """A parameter with what its declaration says."""
    about: dict[str, Any] = dict(field.json_schema_extra) if isinstance(field.json_schema_extra, dict) else {}
    letter, _, source = str(about.get("source", "J")).partition(":")
    low, high = about.get("low"), about.get("high")
    return SourceRow(
        path=path,
        value=plain(value),
        range=f"{plain(low)} to {plain(high)}" if low is not None and high is not None else "",
        unit=str(about.get("unit", "")),
        basis=BASES.get(letter, letter),
        meaning=field.description or "",
        source=source.strip(),
    )


def plain(value: Any) -> str:
    """A value as it stands in a file, without needless digits."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {plain(item)}" for key, item in value.items())
    return str(value)
