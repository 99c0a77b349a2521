"""Compiled inner loops: plain functions of arrays, one thread, fixed order of sums, no fast math.

Each has a slow plain-Python twin in the tests. Link arrays are grouped by buyer: the links of buyer `i` are
`start[i]:start[i + 1]`; `supplier` holds a row, NATIONAL, ABROAD, NOBODY (none chosen yet) or CLOSED (left the
economy); `coefficient` is the quantity bought over that link per unit of the buyer's output. Arrays go into a function
once a call, never once a link: handing over costs more than a link's work.

In the long walks places are unsigned numbers, because a signed one is looked at for being negative, and no branch asks
what cannot be guessed, such as which supplier is local: both cases are reckoned, and one is taken.

The compiler is loaded when the first kernel is asked for: reading a scenario or the help needs none.
"""

from __future__ import annotations

import importlib
from typing import Any

FILES = (
    "base_links",
    "formulas",
    "link_upkeep",
    "markets",
    "money",
    "orders",
    "philox",
    "purchases",
    "replays",
    "suppliers",
    "turnover",
)


def __getattr__(name: str) -> Any:
    if not name.startswith("__"):
        for file in FILES:
            module = importlib.import_module(f"{__name__}.{file}")
            if name in vars(module):
                globals()[name] = vars(module)[name]
                return globals()[name]
    raise AttributeError(f"no kernel is called '{name}'")
