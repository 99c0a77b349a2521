"""Parameters: a number with unit, default, plausible range and source, declared once where it is used.

Sources are written `S: ...` (published), `T` (found in a trial of the equations), `C: ...` (read in published model
code) or `J` (judgement, so sensitivity analysis sweeps its range).

Units of money are declared in CNY, the currency of the defaults, and are told in that of a scenario: they go through
`in_money` on their way to people, and `counted_in` says whose money is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from inspect import isfunction, isgenerator
from typing import Annotated, Any, Literal, ParamSpec, Self, TypeVar, cast

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
Arguments = ParamSpec("Arguments")
Class = TypeVar("Class")


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


DEFAULT_MONEY = "CNY million"
"""The money in which units are declared. Every number in money is in millions of one currency; no rule asks which."""

MONEY = re.compile(r"[A-Z]{3} million")
"""How a scenario states its money: the three letters of a currency and the one unit that the model counts in."""

IN_CHINESE = {
    "CNY": "元", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "JPY": "日元", "KRW": "韩元", "CAD": "加元", "AUD": "澳元",
    "CHF": "瑞士法郎", "HKD": "港元", "TWD": "新台币", "INR": "印度卢比", "RUB": "卢布", "BRL": "雷亚尔", "SGD": "新加坡元",
}  # fmt: skip
"""Currencies in Chinese; others go by their letters."""

_CURRENCY: ContextVar[str] = ContextVar("currency", default=DEFAULT_MONEY[:3])


def currency() -> str:
    """The letters of the currency that units are shown in."""
    return _CURRENCY.get()


def count_in(money: str) -> None:
    """Show units in this money from here on, such as `EUR million`."""
    _CURRENCY.set(money[:3])


@contextmanager
def counted_in(money: str) -> Iterator[None]:
    """Show units in this money within the block."""
    before = _CURRENCY.set(money[:3])
    try:
        yield
    finally:
        _CURRENCY.reset(before)


def in_money(declared: str) -> str:
    """A unit as declared, such as `thousand CNY/y` or 百万元, in the money that is shown."""
    letters = _CURRENCY.get()
    return declared.replace(DEFAULT_MONEY[:3], letters).replace("元", IN_CHINESE.get(letters, letters))


def in_money_of(money_of: Callable[[Any], str]) -> Callable[[Callable[Arguments, Value]], Callable[Arguments, Value]]:
    """A function that shows units in the money that `money_of` finds in its first argument; generators run at once."""

    def decorated(function: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
        @wraps(function)
        def in_its_money(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Value:
            with counted_in(money_of(next(iter((*args, *kwargs.values()))))):
                found = function(*args, **kwargs)
                return cast(Value, iter([*found])) if isgenerator(found) else found

        return in_its_money

    return decorated


def names_its_money(money_of: Callable[[Any], str]) -> Callable[[type[Class]], type[Class]]:
    """A class whose public methods and properties show units in the money of the object."""

    def decorated(kind: type[Class]) -> type[Class]:
        for name, member in list(vars(kind).items()):
            if name.startswith("_") and name != "_repr_html_":
                continue
            if isfunction(member):
                setattr(kind, name, in_money_of(money_of)(member))
            elif isinstance(member, property) and member.fget is not None:
                setattr(kind, name, property(in_money_of(money_of)(member.fget), doc=member.__doc__))
        return kind

    return decorated
