"""Arrays by what they hold, and how a field of the state says what it is."""

from __future__ import annotations

from typing import NamedTuple, get_type_hints

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""Numbers: money, quantities, shares, logarithms."""
Index = NDArray[np.int64]
"""Rows of enterprises, places in other arrays, or counts."""
Flags = NDArray[np.bool_]
"""Who or what is meant."""

Records = NDArray[np.void]
"""Rows of several named fields."""


class Meaning(NamedTuple):
    """What a field holds, declared beside its type: `field: Annotated[Array, Meaning("(S,)", "1/y", "...", "...")]`.

    Shapes count n enterprises, S segments, P parks and T + 1 years from the base year on; numbers pure of any unit have
    unit 1, and labels have none.
    """

    shape: str
    unit: str
    time: str
    meaning: str


def meanings(kind: type) -> dict[str, Meaning]:
    """What every field of a part of the state says of itself, by its name.

    Raises:
        TypeError: a field says nothing.
    """
    found = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        said = [extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, Meaning)]
        if not said:
            raise TypeError(f"{kind.__name__}.{name} does not say its shape, unit, time and meaning")
        found[name] = said[0]
    return found
