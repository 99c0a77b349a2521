"""The year on one screen: who acts when, when public money flows, and what the head of `year.py` says of it."""

import re

import economies
import pytest

from chainsim.economy.ledger import Row
from chainsim.runs.simulation import base_year
from chainsim.stages import CALENDAR, year

CROWD = economies.crowd(end=2023)
KEYS = [stage.key for stage in CALENDAR]
POINTS = {"production": ["production"], "finance": ["taxes", "credit"], "demography": ["founding"]}
"""Points of the year at which levers pay, by the stage in or after which they lie; those paid in January aside."""


class Notes:
    """A programme that notes what the year asks of it: what, and which rows of the ledger were booked by then."""

    def __init__(self):
        self.lever_years, self.moved, self.asked = {}, {}, []

    def open(self, economy):
        self.asked.append(("open", booked(economy)))

    def pay_levers(self, economy, point):
        self.asked.append((point, booked(economy)))

    def recover(self, economy, closing):
        pass

    def cover(self, economy, closing, lost):
        pass


def booked(economy):
    """Names of the rows of the ledger so far."""
    return {row for row, _, _ in economy.ledger.entries}


def asked(scenario=CROWD):
    """What the first year asks of the programme, by the step in which it asks."""
    economy = base_year(scenario, 1)
    economy.programme = notes = Notes()
    found, before = {}, 0
    for step in year.steps(economy):
        found[step], before = notes.asked[before:], len(notes.asked)
    return found


def points(found):
    """Points at which levers are paid, by step; steps without any left out."""
    return {step: [point for point, _ in items] for step, items in found.items() if items}


def test_the_levers_open_the_year_the_stages_act_in_order_and_the_accounts_close_it():
    economy = base_year(CROWD, 1)
    assert list(year.steps(economy)) == year.step_names(economy) == ["levers", *KEYS, "accounts"]
    assert economy.year == CROWD.years.start + 1


def test_public_money_flows_at_these_points_of_the_year_and_no_others():
    assert points(asked()) == {"levers": ["open"], **POINTS}


@pytest.mark.parametrize(
    ("point", "booked_before", "booked_after"),
    [
        ("open", set(), {Row.SALES_NATIONAL}),
        ("production", {Row.SALES_NATIONAL}, {Row.WAGES_ORDINARY, Row.PROFIT_TAX}),
        ("taxes", {Row.WAGES_ORDINARY, Row.PROFIT_TAX}, {Row.LOANS}),
        ("credit", {Row.LOANS}, {Row.DIVIDENDS_PRIVATE}),
        ("founding", {Row.DIVIDENDS_PRIVATE, Row.ENTRY_PRIVATE}, {Row.INCOME_TAX}),
    ],
)
def test_what_is_booked_when_levers_pay_and_what_is_not(point, booked_before, booked_after):
    rows = next(rows for items in asked().values() for name, rows in items if name == point)
    assert {row.value for row in booked_before} <= rows
    assert not {row.value for row in booked_after} & rows


def test_without_credit_no_lever_pays_what_goes_with_loans():
    assert points(asked(CROWD.replace({"stages.finance.enabled": False})))["finance"] == ["taxes"]


def test_the_head_of_the_file_names_every_step_in_its_order():
    table = re.findall(r"^    (\S.*?)(?:  .*)?$", year.__doc__, re.MULTILINE)
    assert [name for line in table for name in line.split(", ")] == ["levers", *KEYS, "accounts"]


@pytest.mark.parametrize("stage", POINTS)
def test_the_head_of_the_file_says_where_levers_pay(stage):
    line = next(line for line in year.__doc__.splitlines() if line.startswith(f"    {stage} "))
    assert line.count("levers pay") == len(POINTS[stage])
