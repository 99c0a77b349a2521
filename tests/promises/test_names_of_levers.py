"""No name of a lever changes a result: pairs of levers with their names, and their places in the file, exchanged.

All pairs of types, and pairs of one type that differ in one number, add or give the highest, with money that is short.
"""

import itertools

import economies
import numpy as np
import pytest
from lever_cases import CASES, LEVER, SPENDS, bits, own_numbers, place, refused, stated
from sizes import size

from chainsim.levers import LEVERS
from chainsim.runs.simulation import Simulation

UNTIL = 2022
NAMES = "amber", "zinc"
SCARCE = {
    "rd_grant": 0.5,
    "rd_tax_deduction": 0.3,
    "profit_tax_break": 1.0,
    "investment_grant": 2.0,
    "loan_guarantee": 0.05,
    "talent_introduction": 3.0,
    "cluster_incentive": 1.0,
    "investment_attraction": 3.0,
    "matchmaking": 0.2,
    "digitisation": 0.4,
    "other_industries": 0.5,
    "security_standard": 0.4,
    "planning_service": 0.1,
}
"""Money that does not reach for all who ask, CNY million a year."""


def short(case, **more):
    """A lever with less money than it is asked for."""
    return stated(case, **({"budget": SCARCE[case]} if case in SCARCE else {}) | more)


def strength(case):
    """The field that says how strong a lever is."""
    return "floor" if case == "floor" else LEVERS[LEVER[case]["type"]].strength_field


def kinds():
    """Levers of two types."""
    for one, other in itertools.combinations(CASES, 2):
        if LEVER[one]["type"] != LEVER[other]["type"]:
            yield f"{one}, {other}", short(one), short(other)
            yield f"{one}, {other}, first come", *(by_queue(short(case), case) for case in (one, other))


def by_queue(lever, case):
    """The lever, first come first served where anybody asks."""
    return lever if refused(case, rationing="first_come") else lever | {"rationing": "first_come"}


def numbers():
    """Levers of one type that differ in one number."""
    differing = [(case, name, value) for case, name, value in own_numbers() if not refused(case, **{name: value})]
    differing += [(case, strength(case), 0.5 * LEVER[case][strength(case)]) for case in CASES if not SPENDS[case]]
    differing += [(case, "budget", 3.0 * SCARCE[case]) for case in SCARCE]
    differing += [(case, "cofinancing", 0.4) for case in SCARCE]
    for (case, name, value), stacking in itertools.product(differing, ("add", "highest")):
        if not (stacking == "highest" and LEVER[case]["type"] == "investment_attraction"):
            one = short(case, stacking=stacking)
            yield f"{case}, {name}, {stacking}", one, one | {name: value}


def told(levers, labels):
    """All that decides the future under levers, and their accounts by what they are and not by their names."""
    simulation = Simulation(place().replace({"levers": levers, "years.end": UNTIL}), 3)
    found = {}
    while simulation.running:
        simulation.step()
        economy = simulation.economy
        for name, label in labels.items():
            account = economy.programme.lever_years[name]
            money = account.budget, account.requested, account.granted, account.outlay, account.recipients
            found |= {f"{economy.year} {label}": np.array(money), f"{economy.year} {label} paid": account.paid}
    state = bits(simulation)
    rows = state.pop("paid")
    for name, label in labels.items():
        rows = [(row.replace(name, label), *rest) for row, *rest in rows]
    return state | found | {"rows": sorted(rows)}


def exchanged(one, other, turned):
    """What differs where two levers exchange their names, and their places in the file as well if that is `turned`."""
    first, last = NAMES
    here = told({first: one, last: other}, {first: "one", last: "other"})
    file = {first: other, last: one} if turned else {last: one, first: other}
    return economies.same_bits(here, told(file, {first: "other", last: "one"}))


PAIRS = [*kinds(), *numbers()]
STEP = 1 if size("NAMES") else 2
"""Every second pair by default, all of them in the long job."""


@pytest.mark.parametrize("part", range(8))
def test_no_bit_changes_where_two_levers_exchange_names(part):
    wrong = {}
    for place_of_pair, (name, one, other) in enumerate(PAIRS[part :: 8 * STEP]):
        wrong[name] = exchanged(one, other, turned=place_of_pair % 2 == 0)
    assert {name: found for name, found in wrong.items() if found} == {}
