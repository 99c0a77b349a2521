"""Tables of the ODD document from which the base year can be built again: the chain, its markets, named enterprises.

Every number stands with all its digits, as a scenario file states it; an empty cell is what is not stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from chainsim.scenario.field_types import declared
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.schema import Chain, Market, NamedEnterprise, Segment
from chainsim.scenario.yaml_writer import inline

BY_INPUT = ("inputs", "localization", "abroad", "criticality")
"""Numbers of a segment that it has for each of its inputs."""
MOST_COLUMNS = 7
"""Values of a segment that stand beside each other in one table."""


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; strokes in cells are escaped and lines joined."""
    lines = [" | ".join(" ".join(str(cell).split()).replace("|", "\\|") for cell in row) for row in [head, *rows]]
    rule = "|".join(["---"] * len(head))
    return "\n".join([f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:])])


def shown(value: Any) -> str:
    """A value as a scenario file states it."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", exclude_defaults=True)
    return "" if value is None else inline(list(value) if isinstance(value, tuple) else value)


def chain(scenario: Scenario) -> list[str]:
    """The industry chain of the base year: segments and their values, inputs, markets, named enterprises."""
    rows = [
        (f"`{name}`", getattr(scenario.chain, name), Chain.model_fields[name].description)
        for name in ("tiers", "application", "anchors")
    ]
    return [
        table(("value of the chain", "value", "meaning"), [(name, shown(value), words) for name, value, words in rows]),
        *segments(scenario.chain.segments),
        *inputs(scenario.chain.segments),
        *markets(scenario.chain.segments),
        *named(scenario.enterprises),
    ]


def of_segment(segment: Segment) -> dict[str, tuple[Any, str, str]]:
    """Values of a segment with unit and meaning, by name: all but those by input and by market."""
    found = {}
    for part, name in ((segment, ""), (segment.enterprises, "enterprises.")):
        for key, field in type(part).model_fields.items():
            if key not in (*BY_INPUT, "enterprises", "markets", "title"):
                words = field.description or ""
                found[name + key] = (getattr(part, key), declared(field, "unit") or "", words)
    return found


def segments(known: Mapping[str, Segment]) -> list[str]:
    """What every value of a segment means, with the value where it is the same in all, and the others by segment."""
    values = {name: of_segment(segment) for name, segment in known.items()}
    first = next(iter(values.values()))
    different = [key for key, (value, _, _) in first.items() if any(item[key][0] != value for item in values.values())]
    common = [
        (f"`{key}`", "by segment, below" if key in different else shown(value), unit, words)
        for key, (value, unit, words) in first.items()
    ]
    titles = {name: segment.title.en if segment.title is not None else "" for name, segment in known.items()}
    parts = [
        "### Segments of the chain",
        table(("value of a segment", "value", "unit", "meaning"), common),
        table(("segment", "title"), [(f"`{name}`", title) for name, title in titles.items()]),
    ]
    for start in range(0, len(different), MOST_COLUMNS):
        keys = different[start : start + MOST_COLUMNS]
        rows = [(f"`{name}`", *(shown(item[key][0]) for key in keys)) for name, item in values.items()]
        parts.append(table(("segment", *(f"`{key}`" for key in keys)), rows))
    return parts


def inputs(known: Mapping[str, Segment]) -> list[str]:
    """Input coefficients and shares of every buyer and input."""
    rows = [
        (f"`{buyer}`", f"`{bought}`", *(shown(getattr(segment, key).get(bought)) for key in BY_INPUT))
        for buyer, segment in known.items()
        for bought in segment.inputs
    ]
    words = "; ".join(f"`{key}`: {Segment.model_fields[key].description}" for key in BY_INPUT)
    return ["### Inputs of the segments", f"{words}.", table(("buyer", "input", *(f"`{k}`" for k in BY_INPUT)), rows)]


def markets(known: Mapping[str, Segment]) -> list[str]:
    """Final markets of the segments."""
    keys = tuple(Market.model_fields)
    rows = [
        (f"`{name}`", market, *(shown(getattr(item, key)) for key in keys))
        for name, segment in known.items()
        for market, item in segment.markets.items()
    ]
    fields = Market.model_fields.items()
    words = "; ".join(f"`{key}`: {field.description}, {declared(field, 'unit')}" for key, field in fields)
    return ["### Final markets", f"{words}.", table(("segment", "market", *(f"`{key}`" for key in keys)), rows)]


def named(enterprises: Sequence[NamedEnterprise]) -> list[str]:
    """Named enterprises; nothing where there are none."""
    if not enterprises:
        return []
    keys = tuple(NamedEnterprise.model_fields)
    fields = NamedEnterprise.model_fields.items()
    words = "; ".join(
        f"`{key}`: {field.description}{', ' + unit if (unit := declared(field, 'unit')) else ''}"
        for key, field in fields
    )
    rows = [[shown(getattr(item, key)) for key in keys] for item in enterprises]
    return ["### Named enterprises", f"{words}.", table([f"`{key}`" for key in keys], rows)]
