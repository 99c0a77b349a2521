"""Parameters: a number with unit, default, plausible range and source, declared once where it is used.

Sources are written `S: ...` (published), `T` (found in a trial of the equations), `C: ...` (read in published model
code) or `J` (judgement, so sensitivity analysis sweeps its range).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.types import Strict

Number = Annotated[float, Strict()]
Share = Annotated[float, Strict(), Field(ge=0, le=1)]
OpenShare = Annotated[float, Strict(), Field(ge=0, lt=1)]
Rate = Annotated[float, Strict(), Field(gt=-1, lt=10)]
Money = Annotated[float, Strict(), Field(ge=0)]
Positive = Annotated[float, Strict(), Field(gt=0)]
NonNegative = Annotated[float, Strict(), Field(ge=0)]
Count = Annotated[int, Strict(), Field(ge=0)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]*$", max_length=64)]
Year = Annotated[int, Field(ge=1900, le=2200)]
Key = TypeVar("Key")
Value = TypeVar("Value")


class FrozenDict(dict[Key, Value]):
    """A mapping that is read, compared, copied, pickled and dumped like any other, but never changed in place."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("what a scenario states cannot be changed in place; make another scenario with replace")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuilt from a plain mapping, since its entries cannot be set one by one."""
        return type(self), (dict(self),)


def frozen(value: Any) -> Any:
    """The value, with mappings in it that cannot be changed in place."""
    return FrozenDict({key: frozen(item) for key, item in value.items()}) if isinstance(value, dict) else value


class Frozen(BaseModel):
    """Base of everything a scenario file can state: immutable, no unknown keys, no NaN or infinity."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True, defer_build=True
    )

    def model_post_init(self, context: Any, /) -> None:
        """Freeze the mappings among the fields, which pydantic leaves open."""
        for name, value in vars(self).items():
            if isinstance(value, dict):
                vars(self)[name] = frozen(value)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other values, not validated, in which mappings are frozen as well."""
        return super().model_copy(update=frozen({**update}) if update else None, deep=deep)


class Title(Frozen):
    """A name for people, in English and Chinese."""

    en: str = Field(description="English title.")
    zh: str | None = Field(None, description="Chinese title.")


def parameter(
    default: Any = ...,
    unit: str = "1",
    low: float | None = None,
    high: float | None = None,
    source: str = "J",
    help: str = "",
    **constraints: Any,
) -> Any:
    """A model field that carries its unit, plausible range, source and meaning; without a default it must be stated.

    The order is fixed, so that a stage's parameters read as a table: numbers on the first line, words on the second.
    """
    extra: dict[str, Any] = {"unit": unit, "low": low, "high": high, "source": source}
    return Field(default, description=help, json_schema_extra=extra, **constraints)


ALWAYS = 1900
"""Year in a path of a value that holds from the beginning."""


def path_value(path: float | Mapping[int, float], year: int, before: Literal["zero", "first"]) -> float:
    """Value in a year of a number, or of a path by the first year that each value holds for.

    `before` says what holds earlier than the whole path: 0 where it is the strength of something that has not started
    yet, its first value where it is a rate that there always is.
    """
    if not isinstance(path, Mapping):
        return float(path)
    reached = [first for first in path if first <= year]
    if not reached and before == "zero":
        return 0.0
    return float(path[max(reached) if reached else min(path)])
