"""What all stages share: typed parameters, a switch, rules, and `step`, which commits the rules and books the money."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from chainsim.economy.parameters import Frozen

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class Stage(Frozen):
    """One step of the year. Subclass a stage and override a rule to replace one behaviour.

    A rule is a method that returns an answer and changes nothing; what changes the economy returns nothing.

    `key` is the name under `stages:` in a scenario file. A stage of a new key is added to the year, `after` the stage
    that it names or, at the beginning, after "levers". `writes` lists the columns of the economy that it changes,
    `reads_stages` the other stages that it asks, itself or by what is derived from the state. Where the year pauses for
    levers to pay, `parts` are called in place of `step`.
    """

    key: ClassVar[str]
    after: ClassVar[str] = ""
    writes: ClassVar[frozenset[str]] = frozenset()
    reads_stages: ClassVar[frozenset[str]] = frozenset()
    parts: ClassVar[tuple[str, ...]] = ()

    enabled: bool = Field(
        True, description="Whether the stage acts; what a disabled stage leaves unchanged is in its docstring."
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a `step` that the year would never call."""
        super().__pydantic_init_subclass__(**kwargs)
        if cls.parts and "step" in vars(cls):
            raise TypeError(f"{cls.__name__} defines step; the year calls {' and '.join(cls.parts)} of {cls.key}")

    def step(self, economy: Economy) -> None:
        """Apply the rules of the stage to the economy and book the money."""
        raise TypeError(f"{type(self).__name__} defines no step")


def as_shipped(stage: object, *rules: str) -> bool:
    """Whether these rules of a stage are the package's own, none overridden: then one compiled pass makes them all.

    The class that has a rule says so, as a function may be decorated to look like another; one that was put into a
    class of the package later says itself where it is from.
    """
    kind: Any = type(stage)
    return all(_is_shipped(kind, rule, getattr(kind, rule)) for rule in rules)


@cache
def _is_shipped(kind: Any, rule: str, function: Any) -> bool:
    owner = next(each for each in kind.__mro__ if rule in vars(each))
    return all(str(part.__module__).startswith("chainsim.") for part in (owner, function))
