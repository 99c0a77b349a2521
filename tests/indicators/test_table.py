"""What an indicator owes beside the line that computes it; one message names all that is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import economies
import numpy as np
import pytest

from chainsim import simulate
from chainsim.figures.display import INDEXES, TITLES, display
from chainsim.indicators.table import INDICATORS, Indicator

PAGE = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")
KEYS = {"year", "scope", "tier", "segment", "industry"}
TABLES = ("region", "tiers", "segments")
UNITS = {"CNY million", "CNY million/person", "persons", "thousand CNY/y", "enterprises", "enterprises/y"}
UNITS |= {"segments", "products", "products/enterprise", "stages", "1", "log"}
"""Units that tables, pages and pictures know how to show."""
LARGEST_SHARE = 2.0
"""A number of unit 1 above this is no share, and not shown in per cent."""

Recorded = dict[str, dict[str, np.ndarray]]
RECORDED: Recorded = {name: simulate(economies.crowd(), 1).tables[name] for name in TABLES}


def owed(recorded: Recorded, declared: dict[str, Indicator]) -> list[str]:
    """What recorded and declared indicators still owe, in sentences; none where all is there."""
    names = dict.fromkeys([*declared, *(name for table in recorded.values() for name in table if name not in KEYS)])
    return [f"{name} owes {debt}" for name in names for debt in debts(name, recorded, declared)]


def debts(name: str, recorded: Recorded, declared: dict[str, Indicator]) -> Iterator[str]:
    """What one indicator still owes."""
    tables = [table for table in TABLES if name in recorded[table]]
    where = "all" if len(tables) == len(TABLES) else ", ".join(tables)
    if not tables:
        yield "a value: compute it in chainsim/indicators/group_tables.py or sums.py, or take its line out of INDICATORS"
    if where == "region, tiers":
        yield "a value by segment: what is known by tier is known by segment"
    if name not in declared:
        yield "unit and meaning: a line in INDICATORS of chainsim/indicators/table.py"
        yield f"a row in docs/tables.md, which will say `in {where}`: python docs/make_tables.py"
        return
    unit, meaning = declared[name]
    if unit not in UNITS:
        yield f"a unit that people are shown: '{unit}' needs its scale and decimals in chainsim/figures/display.py"
    if not meaning:
        yield "its meaning: the second part of its line in INDICATORS"
    values = [np.abs(recorded[table][name]).max() for table in tables]
    if unit == "1" and name not in INDEXES and max(values, default=0.0) > LARGEST_SHARE:
        yield "a place in INDEXES of chainsim/figures/display.py: it is no share, and would be shown in per cent"
    row = f"| `{name}` | {'' if unit == '1' else unit} | {meaning} | {where} |"
    if tables and row not in PAGE:
        yield f"the row `{row}` in docs/tables.md: python docs/make_tables.py"


def test_indicators_owe_nothing():
    missing = owed(RECORDED, INDICATORS)
    assert not missing, "\n".join(missing)


def test_names_and_scales_for_people_are_those_of_indicators():
    assert set(TITLES) | INDEXES <= set(INDICATORS)
    assert all(display(name).decimals >= 0 for name in INDICATORS)


@pytest.mark.parametrize(
    ("value", "declared", "words"),
    [
        (1.0, None, ["unit and meaning", "docs/tables.md"]),
        (1.0, Indicator("CNY", "money"), ["scale and decimals", "docs/tables.md"]),
        (30.0, Indicator("1", ""), ["its meaning", "INDEXES", "docs/tables.md"]),
        (None, Indicator("1", "share of nothing"), ["a value"]),
    ],
)
def test_all_that_a_new_indicator_owes_is_named_at_once(value, declared, words):
    toy = {} if value is None else {"toy": np.array([value])}
    known = INDICATORS | ({"toy": declared} if declared else {})
    found = [line for line in owed({name: RECORDED[name] | toy for name in TABLES}, known) if "toy owes" in line]
    assert len(found) == len(words)
    assert all(word in line for line, word in zip(found, words, strict=True))
