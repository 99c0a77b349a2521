"""In which order levers act, so that no name decides.

Rules first, then services, taxes, credit and grants, because a grant is a share of what enterprises plan under all the
rest; types of one kind by the alphabet. Within a type the strongest of the year is first, so that it claims whom it is
meant for; of equal strength the smaller numbers of its own, then schedule, target and money. The name decides between
levers that are equal in all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import Enum
from typing import Any, ClassVar, Protocol, get_args

from pydantic import BaseModel

from chainsim.policy.lever import Kind

KINDS: tuple[Kind, ...] = get_args(Kind)
UNREAD = {"type", "title"}
"""Fields that say nothing of what a lever does beside its type."""


class Acting(Protocol):
    """What the order asks of a lever."""

    acts_as: ClassVar[Kind]

    @property
    def kind(self) -> str: ...
    @property
    def stacks_with(self) -> str: ...
    def strength(self, year: int) -> float: ...


def in_turn(levers: Mapping[str, Acting], year: int) -> list[str]:
    """Names of the levers in the order in which they act in a year."""
    places = {name: place(lever, year) for name, lever in levers.items()}
    shared = {at for at, number in Counter(places.values()).items() if number > 1}
    return sorted(
        levers, key=lambda name: (places[name], numbers_of(levers[name]) if places[name] in shared else (), name)
    )


def place(lever: Acting, year: int) -> tuple[int, str, str, float]:
    """Place of a lever among all of a year, low ones first: what it does, its type, its strength."""
    return KINDS.index(lever.acts_as), lever.kind, lever.stacks_with, -lever.strength(year)


def numbers_of(lever: Acting) -> tuple[Any, ...]:
    """What decides between levers of one place, before their names: the fields, its own first."""
    fields = type(lever).model_fields if isinstance(lever, BaseModel) else {}
    own_first = [name for name in reversed(fields) if name not in UNREAD]  # fields of all levers stand first
    return tuple(comparable(getattr(lever, name)) for name in own_first)


def comparable(value: Any) -> tuple[Any, ...]:
    """A value of a field as something that has an order among all others: nothing, numbers, texts, lists, mappings."""
    if value is None:
        return (0,)
    if isinstance(value, BaseModel):
        value = dict(value)
    if isinstance(value, Mapping):
        return (4, *sorted((comparable(key), comparable(item)) for key, item in value.items()))
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, int | float):
        return (1, float(value))
    if isinstance(value, list | tuple | set | frozenset):
        items = [comparable(item) for item in value]
        return (3, *(sorted(items) if isinstance(value, set | frozenset) else items))
    return (2, str(value))
