"""The year on one screen: who acts when, when public money flows, and what the head of `year.py` says of it."""

import re

import economies
import policies
import pytest
from own_rules import losing

from chainsim.economy.ledger import GOVERNMENT, Ledger, Row
from chainsim.runs.simulation import Simulation, base_year
from chainsim.stages import CALENDAR, year

CROWD = economies.crowd(end=2023)
KEYS = [stage.key for stage in CALENDAR]
POINTS = {
    "levers": ["open"],
    "production": ["production"],
    "finance": ["taxes", "credit"],
    "demography": ["cover", "recover", "cover", "founding"],
}
"""Every point at which money of levers flows, in their order, by the step in or after which it lies."""
GOVERNMENT_ROWS = {
    "production": {Row.SALES_GOVERNMENT, Row.CONTRIBUTIONS, Row.PRODUCTION_TAX},
    "finance": {Row.PROFIT_TAX, Row.DIVIDENDS_STATE, Row.EQUITY_STATE},
    "demography": {Row.LIQUIDATION_STATE, Row.ENTRY_STATE},
    "accounts": {Row.CONTRIBUTIONS_SERVICES, Row.INCOME_TAX, Row.CENTRAL_TRANSFER},
}
"""Rows of the government itself, by the step that books them."""


class Notes:
    """A programme that notes what the year asks of it: what, and which rows of the ledger were booked by then."""

    def __init__(self):
        self.lever_years, self.moved, self.asked = {}, {}, []
        self.interventions = ()

    def open(self, economy):
        self.asked.append(("open", booked(economy)))

    def hold(self, economy):
        """Moves no money."""

    def pay_levers(self, economy, point):
        self.asked.append((point, booked(economy)))

    def recover(self, economy, closing):
        self.asked.append(("recover", booked(economy)))

    def cover(self, economy, failing, lost):
        self.asked.append(("cover", booked(economy)))


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


class Watch:
    """Notes every movement of money to or from the government: row, and the call of `year` in which it stood, if any."""

    CALLS = ("open_levers", "pay_levers", "recover", "cover")

    def __init__(self, monkeypatch):
        self.now, self.moved = "", []
        for name in self.CALLS:
            monkeypatch.setattr(year, name, self.named(name, getattr(year, name)))
        monkeypatch.setattr(Ledger, "_record", self.noting(Ledger._record))

    def named(self, name, call):
        def watched(economy, *arguments):
            self.now = " ".join([name, *(point for point in arguments if isinstance(point, str))])
            call(economy, *arguments)
            self.now = ""

        return watched

    def noting(self, record):
        def noted(ledger, row, payer, receiver, amount):
            if GOVERNMENT in (payer, receiver) and amount != 0.0:
                self.moved.append((row, self.now))
            return record(ledger, row, payer, receiver, amount)

        return noted


def under_every_lever(make, **stages):
    """An economy under every lever, a guarantee for most of every loan among them; who closes owes all support."""
    levers = {kind: policies.lever(kind, "2021-2027") for kind in policies.POLICIES}
    levers = {
        kind: lever | ({"clawback": 1.0} if kind in policies.TO_ENTERPRISES else {}) for kind, lever in levers.items()
    }
    levers["loan_guarantee"] |= {"share": 0.9, "budget": None}
    return Simulation(make(levers=levers, end=2027, stages=stages), 1).economy


@pytest.fixture
def flows(monkeypatch):
    """What the government pays and gets in usual and in ruinous years: (step, row, call of `year`)."""
    worlds = under_every_lever(economies.crowd), under_every_lever(losing, demography={"patience": 1})
    watch, found = Watch(monkeypatch), []
    for economy in worlds:
        for _ in range(6):
            for step in year.steps(economy):
                found += [(step, row, call) for row, call in watch.moved]
                watch.moved.clear()
    return found


def test_money_of_levers_flows_at_points_that_stand_in_the_year_and_nowhere_else(flows):
    of_levers = [(step, row, call) for step, row, call in flows if row not in {own.value for own in Row}]
    assert {(row, step) for step, row, call in of_levers if not call} == set()
    assert {call for _, _, call in of_levers} == {
        "open_levers",
        *(f"pay_levers {point}" for point in ("production", "taxes", "credit", "founding")),
        "recover",
        "cover",
    }
    assert {call for _, row, call in of_levers if row.startswith("claw-back")} == {"recover"}
    assert {call for _, row, call in of_levers if row.startswith("guarantee losses")} == {"cover"}


def test_rows_of_the_government_itself_are_booked_in_these_steps(flows):
    own = {row.value for row in Row}
    found = {(step, row) for step, row, call in flows if row in own and not call}
    assert found <= {(step, row.value) for step, rows in GOVERNMENT_ROWS.items() for row in rows}
    assert {row for _, row, call in flows if row in own and call} == set()


def test_the_levers_open_the_year_the_stages_act_in_order_and_the_accounts_close_it():
    economy = base_year(CROWD, 1)
    assert list(year.steps(economy)) == year.step_names(economy) == ["levers", *KEYS, "accounts"]
    assert economy.year == CROWD.years.start + 1


def test_public_money_flows_at_these_points_of_the_year_and_no_others():
    assert points(asked()) == POINTS


@pytest.mark.parametrize(
    ("point", "booked_before", "booked_after"),
    [
        ("open", set(), {Row.SALES_NATIONAL}),
        ("production", {Row.SALES_NATIONAL}, {Row.WAGES_ORDINARY, Row.PROFIT_TAX}),
        ("taxes", {Row.WAGES_ORDINARY, Row.PROFIT_TAX}, {Row.LOANS}),
        ("credit", {Row.LOANS}, {Row.DIVIDENDS_PRIVATE}),
        ("recover", {Row.DIVIDENDS_PRIVATE}, {Row.ENTRY_PRIVATE}),
        ("founding", {Row.DIVIDENDS_PRIVATE, Row.ENTRY_PRIVATE}, {Row.INCOME_TAX}),
    ],
)
def test_what_is_booked_when_levers_pay_and_what_is_not(point, booked_before, booked_after):
    rows = next(rows for items in asked().values() for name, rows in items if name == point)
    assert {row.value for row in booked_before} <= rows
    assert not {row.value for row in booked_after} & rows


def test_without_credit_no_lever_pays_what_goes_with_loans():
    assert points(asked(CROWD.replace({"stages.finance.enabled": False})))["finance"] == ["taxes"]


def test_the_head_of_the_file_names_the_steps_in_their_order():
    """That none is missing is what a stage owes, in `test_stages.py`."""
    table = re.findall(r"^    (\S.*?)(?:  .*)?$", year.__doc__, re.MULTILINE)
    named = [name for line in table for name in line.split(", ")]
    assert named == ["levers", *(key for key in KEYS if key in named), "accounts"]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("levers", ["levers paid in January pay"]),
        ("production", ["levers pay what they buy"]),
        ("finance", ["levers pay tax relief", "levers pay for them"]),
        ("demography", ["guarantees pay for loans lost", "pay support back", "levers pay those who came"]),
    ],
)
def test_the_head_of_the_file_says_where_levers_pay(step, said):
    line = next(line for line in year.__doc__.splitlines() if line.startswith(f"    {step} "))
    assert [words for words in said if words not in line] == []
    assert line.count("levers pay") == sum(words.startswith("levers pay") for words in said)
