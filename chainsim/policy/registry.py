"""The levers and shocks that a scenario file may state by their `type`: one for every file of their folders.

A new file in `chainsim/levers` or `chainsim/shocks` is a new type; nothing else lists them. What a scenario states is
read as the class of its type; an object of a class of one's own may stand in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, TypeVar, Union, get_args

from pydantic import Discriminator, InstanceOf, Tag
from pydantic.json_schema import SkipJsonSchema

from chainsim.policy.lever import Intervention

Base = TypeVar("Base", bound=Intervention)

OWN = "a class of your own"
"""Stands for the type of levers and shocks that are handed over as objects and not stated in a file."""


def by_type(package: str, base: type[Base]) -> dict[str, type[Base]]:
    """Classes by `type`, from every file of the package that defines one, in alphabetical order of the files."""
    folder = Path(str(import_module(package).__file__)).parent
    names = [path.stem for path in sorted(folder.glob("*.py")) if path.stem != "__init__"]
    return {
        name: found
        for module in (import_module(f"{package}.{name}") for name in names)
        for found in defined_in(module, base)
        for name in get_args(found.model_fields["type"].annotation)
    }


def defined_in(module: ModuleType, base: type[Base]) -> list[type[Base]]:
    """Subclasses of the base that a module defines itself."""
    items = [item for item in vars(module).values() if isinstance(item, type) and issubclass(item, base)]
    return [item for item in items if item.__module__ == module.__name__]


def block(classes: Mapping[str, type[Base]], base: type[Base]) -> Any:
    """The annotation of a block that says by `type` which of the classes it is, or of an object of the base class."""

    def type_of(value: Any) -> str | None:
        if isinstance(value, base):
            return next((name for name, known in classes.items() if type(value) is known), OWN)
        return value.get("type") if isinstance(value, Mapping) else None

    tagged = [Annotated[known, Tag(name)] for name, known in classes.items()]
    own = Annotated[SkipJsonSchema[InstanceOf[base]], Tag(OWN)]  # type: ignore[valid-type]
    return Annotated[Union[*tagged, own], Discriminator(type_of)]
