"""The levers and shocks that a scenario file may state by their `type`: one or several for every file of their folders.

A new class in `chainsim/levers` or `chainsim/shocks` is a new type; nothing else lists them. What a scenario states is
read as the class of its type; an object of a class of one's own may stand in its place. A class that does not say its
type is refused when the package is loaded, with the line to write.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Annotated, Any, TypeVar, Union, get_args

from pydantic import Discriminator, InstanceOf, PydanticUserError, Tag
from pydantic.json_schema import SkipJsonSchema

from chainsim.policy.lever import Intervention

Base = TypeVar("Base", bound=Intervention)

OWN = "a class of your own"
"""Stands for the type of levers and shocks that are handed over as objects and not stated in a file."""


def by_type(package: str, base: type[Base]) -> dict[str, type[Base]]:
    """Classes by `type`, from every file of the package that defines one, in alphabetical order of the files.

    Raises:
        TypeError: a class does not say its type, or says one that another class has; names file, class and remedy.
    """
    folder = Path(str(import_module(package).__file__)).parent
    files = [file for file in sorted(folder.glob("*.py")) if file.stem != "__init__"]
    known: dict[str, type[Base]] = {}
    for file in files:
        for kind in defined_in(loaded(f"{package}.{file.stem}"), base):
            for name in types_of(kind, file):
                if name in known:
                    taken = f"class {known[name].__name__} of {known[name].__module__} has it already"
                    raise TypeError(f"{file}: class {kind.__name__} says type '{name}', but {taken}: give it another")
                known[name] = kind
    return known


def loaded(name: str) -> ModuleType:
    """The module of a lever or shock.

    Raises:
        TypeError: a class of it declares its fields as pydantic does not read them; names file, class and remedy.
    """
    try:
        return import_module(name)
    except PydanticUserError as error:
        file = str(getattr(find_spec(name), "origin", name))
        lines = [frame for frame in extract_tb(error.__traceback__) if frame.filename == file]
        where = f"line {lines[-1].lineno}, {lines[-1].line}" if lines else name
        hint = remedy(Path(file)) if "'type'" in str(error.message) else ""
        raise TypeError(f"{file}: {where} {error.message} {hint}".rstrip()) from error


def types_of(kind: type[Base], file: Path) -> tuple[str, ...]:
    """What a class says its `type` may be.

    Raises:
        TypeError: it says nothing, or not as a Literal whose default is one of its names.
    """
    field = kind.model_fields.get("type")
    names = get_args(field.annotation) if field else ()
    if field is None or field.default not in names:
        raise TypeError(f"{file}: class {kind.__name__} does not say its type. {remedy(file)}")
    return names


def remedy(file: Path) -> str:
    """The line that says a type, for a file."""
    return f'Write in the class: type: Literal["{file.stem}"] = Field("{file.stem}", description="...")'


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
