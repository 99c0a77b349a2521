"""Tables of the terminal: whole numbers at eighty columns, at any scale."""

import io

import economies
import pytest
from rich.console import Console

import chainsim as cs
from chainsim.figures.display import display_at
from chainsim.report.terminal_tables import headline_sheet


def test_at_national_scale_numbers_are_whole_at_eighty_columns():
    base = economies.shipped("minimal").replace({"years.end": 2021})
    changes = {}
    for name, segment in base.chain.segments.items():
        place = f"chain.segments.{name}"
        changes[f"{place}.output"] = 2e6 * segment.output
        changes |= {f"{place}.markets.{key}.sales": 2e6 * market.sales for key, market in segment.markets.items()}
        changes |= {
            f"{place}.markets.{key}.volume": 2e6 * market.volume
            for key, market in segment.markets.items()
            if market.volume
        }
    result = cs.run(base.replace(changes | {"money": "JPY million"}), replications=2)
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(headline_sheet(result))
    shown = console.export_text()
    assert "…" not in shown
    assert "JPY trillion" in shown
    assert "CNY" not in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    ("column", "largest", "unit"),
    [
        ("output", 9e5, "CNY million"),
        ("output", 2e6, "CNY billion"),
        ("output", 3e9, "CNY trillion"),
        ("employment", 9e6, "persons"),
        ("employment", 2e7, "million persons"),
        ("localization_rate", 5e9, "%"),
    ],
)
def test_a_unit_keeps_numbers_short(column, largest, unit):
    assert display_at(column, largest).unit == unit
