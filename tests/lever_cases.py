"""One case of every lever, in a place where each does something: what tests of all levers share."""

from functools import cache

import economies
import policies

from chainsim.economy.columns import COLUMNS
from chainsim.levers import LEVERS, Lever

FIRST, LAST = 2021, 2023
YEARS = f"{FIRST}-{LAST}"
LEVER = {kind: {"type": kind} | policies.POLICIES[kind] | {"target": {}} for kind in sorted(policies.POLICIES)} | {
    "investment_attraction": {"type": "investment_attraction", "rate": 0.1, "but_for": 0.25},
    "other_industries": {"type": "digitisation", "rate": 0.3, "industries_buy": ["lenses"]},
    "floor": {"type": "local_content_rule", "floor": 0.9},
    "security_standard": {"type": "security_standard", "share": 0.5, "buyers": ["cameras"], "cost": 0.02, "grant": 0.5},
}
CASES = sorted(LEVER)
SPENDS = {case: LEVERS[LEVER[case]["type"]].strength_field == "budget" for case in CASES}
"""Whether the budget is the strength."""


@cache
def place():
    """Two segments with many enterprises and every market, and a link that is missing; plants come often."""
    everywhere = {"local_other": 0.2, "government": 0.2, "national": 0.4, "abroad": 0.2}
    often = {"link_rate": 5.0, "arrivals": 400.0}
    full = {"north": {"share": 0.7, "room": 0.8}, "south": {"share": 0.3}}
    made = {
        "wafers": economies.segment(0.0, number=0, tier="upstream", min_efficient_scale=8.0, market=4000.0),
        "lenses": economies.segment(600.0, number=12, small=20, tier="upstream", sells=everywhere),
        "cameras": economies.segment(
            900.0, {"lenses": (0.3, 0.6), "wafers": (0.1, 0.0)}, 12, 20, tier="downstream", sells=everywhere
        ),
    }
    institute = {"optics": {"budget": 30.0, "segments": {"lenses": 0.5}}}
    return economies.chain(made, region={"parks": full, "institutes": institute}, stages={"demography": often})


def stated(case, **more):
    """A lever as a file states it."""
    return {"years": YEARS, **LEVER[case], **more}


def refused(case, **more):
    """Whether a field is refused because the lever never reads it."""
    fields = {name: value for name, value in stated(case, **more).items() if name != "type"}
    return bool(LEVERS[LEVER[case]["type"]](**fields).unread())


def own_numbers():
    """Every number that a lever states for itself beside its strength, with another value."""
    for case in CASES:
        kind = LEVERS[LEVER[case]["type"]]
        for name, field in kind.model_fields.items():
            stated_value = LEVER[case].get(name, field.default)
            own = name not in Lever.model_fields and name not in {kind.strength_field, "floor"}
            if own and isinstance(stated_value, int | float):
                less = stated_value / 2 or 0.5
                yield case, name, 1 if name == "places" else 0.4 if name == "scale" else less


def bits(simulation):
    """All that decides the future of an economy."""
    economy = simulation.economy
    state = {column.name: getattr(economy, column.name) for column in COLUMNS}
    state |= {name: getattr(economy.links, name) for name in ("start", "input", "supplier", "coefficient")}
    state |= {f"region.{name}": value for name, value in vars(economy.region).items()}
    paid = [(row.row, row.payer, row.receiver, row.amount) for row in economy.ledger.rows() if row.amount]
    return state | {"rivals": economy.rival_share, "paid": sorted(paid)}
