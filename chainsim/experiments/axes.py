"""An axis of a design: the values that one number or word of the scenario takes.

A *list* takes its values as they stand. A *range* runs from low to high, evenly or, with `scale: log`, by equal
factors. Positions on an axis run from 0 to 1. On a list of n values each owns the n-th part; on a range of whole
numbers each whole number from low to high owns an equal part; on any other range the position is the distance from low.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainsim.economy.types import Array
from chainsim.scenario.errors import Mark

Positions = Array


@dataclass(frozen=True)
class Axis:
    """The values at a dotted path; `own` is the scenario's value, `mark` the place in the design file."""

    path: str
    mark: Mark
    own: Any
    unit: str = ""
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 1.0
    whole: bool = False
    log: bool = False

    @property
    def listed(self) -> bool:
        """Whether the axis is a list."""
        return bool(self.values)

    def at(self, positions: Positions) -> NDArray[Any]:
        """The values at positions from 0 to 1, (n,)."""
        if self.listed:
            index = np.minimum(np.asarray(positions) * len(self.values), len(self.values) - 1).astype(int)
            return column(self.values)[index]
        if self.whole:
            count = self.high - self.low + 1
            return (self.low + np.minimum(np.floor(np.asarray(positions) * count), count - 1)).astype(np.int64)
        if self.log:
            return np.exp(np.log(self.low) + np.asarray(positions) * (np.log(self.high) - np.log(self.low)))
        return self.low + np.asarray(positions) * (self.high - self.low)

    def levels(self, count: int) -> list[Any]:
        """The values of a list, or `count` values of a range from low to high, each once."""
        if self.listed:
            return list(self.values)
        positions = np.linspace(0.0, 1.0, count)
        if self.whole:
            found = np.unique(np.round(self.low + positions * (self.high - self.low)))
            return [int(value) for value in found]
        return [float(value) for value in self.at(positions)]

    def ends(self) -> list[Any]:
        """The values of a list, or low and high."""
        return list(self.values) if self.listed else self.levels(2)

    @property
    def described(self) -> str:
        """The values in words."""
        if self.listed:
            return ", ".join(map(label, self.values))
        return f"{self.low:.6g} to {self.high:.6g}" + (", by equal factors" if self.log else "")


def column(values: Sequence[Any]) -> NDArray[Any]:
    """Values of one axis as an array: whole numbers and numbers as such, everything else as objects."""
    kinds = {type(value) for value in values}
    if kinds == {int}:
        return np.array(values, dtype=np.int64)
    if kinds <= {int, float} and kinds:
        return np.array(values, dtype=np.float64)
    made = np.empty(len(values), dtype=object)
    made[:] = list(values)
    return made


def label(value: Any) -> str:
    """A value as text: numbers short, blocks and lists as JSON."""
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def codes(values: NDArray[Any]) -> NDArray[np.float64]:
    """Values of one axis as numbers: words and blocks are numbered in the order of their first occurrence."""
    if values.dtype != object:
        return values.astype(float)
    known: dict[str, int] = {}
    return np.array([known.setdefault(repr(value), len(known)) for value in values.tolist()], dtype=float)


def distinct(values: NDArray[Any]) -> tuple[Any, ...]:
    """The values that occur, in the order of their first occurrence."""
    return tuple({label(value): value for value in values.tolist()}.values())
