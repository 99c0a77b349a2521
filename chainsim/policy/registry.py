"""The kinds of levers and shocks that a scenario file may state: one for every file of their folders."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Union, get_args

from pydantic import Discriminator, InstanceOf, Tag
from pydantic.json_schema import SkipJsonSchema

OWN = "a class of your own"
"""Stands for the type of levers and shocks that are handed over as objects and not stated in a file."""


def kinds(package: str, base: type) -> dict[str, type]:
    """Classes by `type`, one for every module of the package that defines one, in alphabetical order."""
    found: dict[str, type] = {}
    for path in sorted(Path(str(import_module(package).__file__)).parent.glob("*.py")):
        if path.stem != "__init__":
            module = import_module(f"{package}.{path.stem}")
            for item in vars(module).values():
                if isinstance(item, type) and issubclass(item, base) and item.__module__ == module.__name__:
                    words = get_args(item.model_fields["type"].annotation)  # type: ignore[attr-defined]
                    found |= dict.fromkeys(words, item)
    return found


def any_of(classes: Mapping[str, type], base: type) -> Any:
    """The annotation of a block that says by `type` which of the classes it is, or of an object of the base class."""

    def type_of(value: Any) -> str | None:
        if isinstance(value, base):
            return next((name for name, kind in classes.items() if type(value) is kind), OWN)
        return value.get("type") if isinstance(value, Mapping) else None

    tagged = [Annotated[kind, Tag(name)] for name, kind in classes.items()]
    own = Annotated[SkipJsonSchema[InstanceOf[base]], Tag(OWN)]  # type: ignore[valid-type]
    return Annotated[Union[*tagged, own], Discriminator(type_of)]
