"""Whatever a file may state of a lever or shock moves something, or is refused with the field and what is read instead."""

from functools import cache

import economies
import numpy as np
import policies
import pytest

from chainsim.economy.entry_points import entry_points
from chainsim.levers import LEVERS
from chainsim.policy.programme import Programme
from chainsim.scenario.errors import ScenarioError
from chainsim.shocks import SHOCKS

YEAR = economies.START + 1
TARGETS = {
    "tiers": ["upstream"],
    "segments": ["lenses"],
    "industries": ["optics"],
    "parks": ["north"],
    "owners": ["private"],
    "enterprises": ["a"],
    "min_employees": 60,
    "max_employees": 60,
    "min_sales": 20,
    "max_sales": 20,
    "min_age": 6,
    "max_age": 6,
    "min_rd_share": 0.02,
    "high_tech": True,
}
OPTIONS = [
    *(("target", name, value) for name, value in TARGETS.items()),
    ("where", "", "employees < 60"),
    *(("rationing", "", value) for value in ("merit", "first_come", "small_first", "lottery")),
    ("ramp", "", 3),
]
WHOLE = {
    "digitisation": {"rate": 1.0, "budget": 0.5, "target": {}},
    "matchmaking": {"rate": 1.0},
    "plant_closure": {"share": 1.0},
}
"""Fields in the place of those of `policies` so that luck does not choose."""
OTHER_INDUSTRIES = {"type": "digitisation", "rate": 0.3, "industries_buy": ["lenses"], "budget": 0.5}
STATED = {
    **{kind: {"type": kind, **fields, "target": {}} for kind, fields in policies.POLICIES.items()},
    **{kind: {"type": kind, **fields} for kind, fields in policies.SHOCK_FIELDS.items()},
    "other_industries": OTHER_INDUSTRIES,
}


@cache
def stage():
    """An economy in January, with real and high-tech enterprises of two industries."""
    named = [economies.maker("a", "cameras", 100.0), economies.maker("b", "lenses", 60.0)]
    made = economies.crowd(enterprises=named).replace({"chain.segments.lenses.industry": "optics"})
    economy = economies.built(made)
    economy.high_tech[:] = np.arange(economy.n) % 2 == 0
    economy.debt[:], economy.cash[:] = 0.5 * economy.capital, 0.0
    economy.owner[:] = np.arange(economy.n) % 3 == 0
    economy.rd[:] = 0.01 * (np.arange(economy.n) % 5) * economy.sales
    economy.founded[:] = YEAR - 1 - np.arange(economy.n) % 12
    economy.begin_year(YEAR)
    return economy


def opened(stated):
    """An economy in January under one lever or shock, and the lever or shock."""
    economy = stage().copy(1)
    kind = stated["type"]
    item = {**LEVERS, **SHOCKS}[kind](years=f"{YEAR}-{YEAR + 4}", **stated)
    economy.programme = Programme({"it": item} if kind in LEVERS else {}, {"it": item} if kind in SHOCKS else {})
    economy.programme.open(economy)
    return economy, item


def asked(stated):
    """What enterprises ask for of a lever without a budget."""
    economy, _ = opened({field: value for field, value in stated.items() if field != "budget"})
    return economy.programme.lever_years["it"].requested


def moved(stated):
    """What a lever or shock does in January, its accounts, in words, and which of its fields it refuses."""
    economy, item = opened(stated)
    values = [getattr(economy.policy, name) for name in entry_points()]
    return repr(values), repr(list(economy.programme.lever_years.values())), set(item.unread())


def with_option(stated, field, name, value):
    """The same with one more field."""
    return stated | {field: {name: value} if name else value}


@pytest.mark.parametrize("kind", sorted(STATED))
def test_every_option_moves_something_or_is_refused(kind):
    stated = STATED[kind] | WHOLE.get(kind, {})
    if kind in LEVERS and LEVERS[kind].strength_field != "budget" and LEVERS[kind].pays:
        stated["budget"] = 0.3 * asked(stated)
        assert stated["budget"] > 0.0
    with np.printoptions(threshold=10**6, floatmode="unique"):
        *usual, refused = moved(stated)
        assert refused == set()
        for field, name, value in OPTIONS:
            if field == "rationing" and kind in SHOCKS:
                continue
            *changed, refused = moved(with_option(stated, field, name, value))
            if refused:
                assert refused == {(field, name) if name else (field,)}
                assert changed[0] == usual[0], (field, name)
            else:
                assert changed != usual, (field, name)


@pytest.mark.parametrize(
    ("kind", "option", "message"),
    [
        ("investment_attraction", {"target": {"parks": ["north"]}}, "levers.it.target.parks: never read"),
        ("investment_attraction", {"target": {"owners": ["state"]}}, "target.industries, channel"),
        ("investment_attraction", {"rationing": "merit"}, "levers.it.rationing: never read"),
        ("investment_attraction", {"stacking": "highest"}, "expected stacking: add"),
        ("institute_platform", {"where": "age > 3"}, "levers.it.where: never read"),
        ("matchmaking", {"clawback": 0.5}, "levers.it.clawback: never read: matchmaking pays no enterprise"),
        ("rd_grant", {"clawback_years": 3}, "state clawback"),
        ("local_content_rule", {"budget": 5.0}, "levers.it.budget: never read: local_content_rule pays nothing"),
        ("local_content_rule", {"cofinancing": 0.5}, "levers.it.cofinancing: never read"),
        ("local_content_rule", {"pressure": 3.0}, "levers.it.pressure: never read: only a floor presses"),
        ("digitisation", {"raised": 0.3}, "levers.it.raised: never read: what enterprises add is stated by buys"),
        ("digitisation", {"industries_buy": ["lenses"], "buys": {}, "gain": 0.1}, "levers.it.gain: never read"),
        ("digitisation", {"buys": {"cameras": 0.1}}, "buys.cameras: never read: no segment that is meant buys cameras"),
    ],
)
def test_what_is_never_read_is_refused_with_its_field(kind, option, message):
    with pytest.raises(ScenarioError) as refused:
        economies.crowd().replace({"levers": {"it": policies.lever(kind) | option}})
    assert message in " ".join(str(refused.value).split())


def test_a_shock_says_what_it_reads():
    cut = {"type": "import_cut", "years": 2022, **policies.SHOCK_FIELDS["import_cut"]}
    with pytest.raises(ScenarioError, match="read from segment, origin, scope"):
        economies.crowd().replace({"shocks": {"it": cut | {"target": {"tiers": ["upstream"]}}}})


def test_who_may_have_to_pay_back_are_those_who_can():
    kinds = policies.TO_ENTERPRISES
    levers = {kind: policies.lever(kind, clawback=1.0) for kind in kinds}
    world = policies.lived(economies.crowd(levers=levers, stages={"demography": {"arrivals": 100.0}}))
    assert set(world.economy.programme.recoverable) == set(kinds)
