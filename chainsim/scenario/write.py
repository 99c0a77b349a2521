"""A resolved scenario as files that can be run again and need nothing else: everything stated, with its provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from chainsim.scenario.table_files import write_tables
from chainsim.scenario.values import Sourced
from chainsim.scenario.writing import yaml_lines

if TYPE_CHECKING:
    from chainsim.scenario.schema import Scenario

HEADER = (
    "# Resolved scenario: every value is stated, defaults included. Run it again with `chainsim run` and this file."
)

DATA = "data"
"""Folder of the tables beside a resolved scenario."""


def dump(scenario: Scenario) -> str:
    """The scenario as one YAML text without tables; loading it gives an equal scenario."""
    return _document(scenario, stated(scenario, scenario.sources))


def write_resolved(scenario: Scenario, folder: str | Path) -> Path:
    """Write `scenario.yaml` and its tables in `data/` into a folder, and return the path of the YAML file.

    Segments, inputs, markets and enterprises go into tables, because YAML with all their sources is slow to read.
    """
    folder = Path(folder)
    data = stated(scenario, scenario.sources)
    (folder / DATA).mkdir(parents=True, exist_ok=True)
    path = folder / "scenario.yaml"
    path.write_text(_document(scenario, write_tables(data, folder, DATA)), encoding="utf-8")
    return path


def stated(block: BaseModel, sources: Mapping[str, Sourced], path: str = "") -> dict[str, Any]:
    """The fields of a block as plain data, defaults included and absent values left out; numbers with what is known."""
    kind = _declared_class(type(block))
    fields = {name: getattr(block, name) for name in kind.model_fields}
    return {name: _plain(value, sources, f"{path}{name}") for name, value in fields.items() if value is not None}


def _plain(value: Any, sources: Mapping[str, Sourced], path: str) -> Any:
    if isinstance(value, BaseModel):
        return stated(value, sources, f"{path}.")
    if isinstance(value, Mapping):
        return {str(key): _plain(item, sources, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item, sources, f"{path}.{number}") for number, item in enumerate(value)]
    known = sources.get(path)
    return known if known is not None and known.value == value else value


def _document(scenario: Scenario, data: Mapping[str, Any]) -> str:
    notes = [
        f"# {path} ran as {kind.__module__}.{kind.__qualname__}, which a file cannot hold."
        for path, kind in _foreign(scenario, "")
    ]
    return "\n".join([HEADER, *notes, *yaml_lines(data)]) + "\n"


def _foreign(value: Any, path: str) -> Iterator[tuple[str, type]]:
    """Blocks of classes from outside the package, such as a user's stages."""
    if isinstance(value, BaseModel):
        if _declared_class(type(value)) is not type(value):
            yield path, type(value)
        entries: Any = ((name, getattr(value, name)) for name in type(value).model_fields)
    else:
        entries = value.items() if isinstance(value, Mapping) else ()
    for name, item in entries:
        yield from _foreign(item, f"{path}.{name}" if path else name)


def _declared_class(kind: type[BaseModel]) -> type[BaseModel]:
    """The class itself, or for a user's class the one of the package that it refines: a file knows only its fields."""
    return next(base for base in kind.__mro__ if base.__module__.partition(".")[0] == "chainsim" or base is BaseModel)
