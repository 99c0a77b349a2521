"""Tables of the terminal: whole numbers at eighty columns, at any scale."""

import io

import economies
import pytest
from rich.console import Console

import chainsim as cs
from chainsim.figures.display import display_at
from chainsim.report.terminal_tables import headline_sheet, ranking_sheet


def national(end):
    """The smallest scenario, two million times as large and in another money."""
    base = economies.shipped("minimal").replace({"years.end": end})
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
    return base.replace(changes | {"money": "JPY million"})


def printed(sheet):
    """A table at eighty columns, whole."""
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(sheet)
    shown = console.export_text()
    assert "…" not in shown
    return shown


def test_at_national_scale_numbers_are_whole_at_eighty_columns():
    shown = printed(headline_sheet(cs.run(national(2021), replications=2)))
    assert "JPY trillion" in shown
    assert "CNY" not in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_at_national_scale_a_ranking_is_whole_at_eighty_columns():
    base = national(2022)
    grant = {"type": "rd_grant", "rate": 0.2, "years": "2021-2022"}
    found = cs.rank(base, base.replace({"name": "policy", "levers.midstream_guarantee": grant}), replications=2)
    shown = printed(ranking_sheet(found))
    outlay = found.table()["outlay"].iloc[0]
    assert f" {outlay / 1000:,.1f} " in shown
    assert "billion" in shown


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
