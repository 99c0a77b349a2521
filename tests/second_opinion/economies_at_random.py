"""Small random economies in two parks with an institute, markets that move, shocks in every second, and on request every lever."""

from collections.abc import Iterator

import economies
import numpy as np

from chainsim.scenario.scenario import Scenario

LEVERS = {
    "rd_grant": {"rate": 0.3, "budget": 3.0},
    "investment_grant": {"rate": 0.2, "budget": 4.0},
    "loan_guarantee": {"share": 0.6, "budget": 5.0},
    "talent_introduction": {"heads": 40.0},
    "cluster_incentive": {"rate": 0.05, "target": {"parks": ["north"]}},
    "matchmaking": {"rate": 0.5},
    "institute_platform": {"budget": 20.0},
    "rd_tax_deduction": {"extra": 0.5},
    "profit_tax_break": {"points": 0.1, "rd_response": 0.5},
    "investment_attraction": {"rate": 0.3},
    "planning_service": {"saved": 0.5, "budget": 2.0},
}
"""Levers that are stated alike in every economy."""


def levers_of(names: list[str], seed: int) -> dict[str, dict[str, object]]:
    """One lever of every type, two of the digitisation of enterprises and of other industries."""
    one, last = names[0], names[-1]
    share = {"floor": 0.6} if seed % 3 else {"bonus": 0.8}
    more = {
        "local_content_rule": share,
        "application_scenario": {"budget": 30.0, "additional": 0.8, "target": {"segments": [last]}},
        "digitisation": {"rate": 0.3, "buys": {one: 0.01}, "target": {"segments": [last]}},
        "security_standard": {"share": 0.5, "buyers": [last], "budget": 1.0},
    }
    made = {kind: {"type": kind, "years": "2021-2024"} | fields for kind, fields in (LEVERS | more).items()}
    made["other_industries"] = {"type": "digitisation", "years": "2021-2023", "rate": 0.2, "industries_buy": [one]}
    return made


def shocks_of(names: list[str], luck: np.random.Generator) -> dict[str, dict[str, object]]:
    """Three shocks of all kinds but the exit of named enterprises, which are nowhere in these economies."""
    share, change = float(luck.choice([0.3, 0.8, 1.0])), float(luck.choice([-0.3, 0.2, 0.6]))
    one, scope = str(luck.choice(names)), str(luck.choice(["province", "china"]))
    kinds: dict[str, dict[str, object]] = {
        "import_cut": {
            "segment": one,
            "share": share,
            "scope": scope,
            "origin": str(luck.choice(["national", "abroad", "both"])),
        },
        "outside_price": {"segment": one, "change": change, "origin": str(luck.choice(["national", "abroad", "both"]))},
        "demand_shift": {"change": change, "target": {"segments": [one]}, "markets": ["government", "national"]},
        "anchor_arrival": {"segment": one, "output": 200.0, "owner": str(luck.choice(["state", "foreign"]))},
        "wage_gap": {"change": 0.1},
        "plant_closure": {"share": 0.3},
    }
    chosen = [str(kind) for kind in luck.choice(sorted(kinds), 3, replace=False)]
    years = [f"{first}-{first + int(luck.integers(0, 3))}" for first in luck.integers(2021, 2024, 3)]
    return {
        f"event_{kind}": {"type": kind, "years": when} | kinds[kind] for kind, when in zip(chosen, years, strict=True)
    }


def economy_at_random(seed: int, levers: bool = False) -> Scenario | None:
    """A scenario of two or three segments and some tens of enterprises, or None where the draw makes none."""
    luck = np.random.default_rng([seed, 20])
    try:
        made = economies.random_chain(2 + seed % 2, seed, used=0.4)
    except AssertionError:
        return None
    names = list(made.chain.segments)
    change: dict[str, object] = {
        "stages.demand.market_volatility": 0.08,
        "stages.demand.segment_volatility": 0.08,
        "stages.demography.patience": int(luck.integers(3, 5)),
        "stages.demography.arrivals": 24.0,
        "region.parks": {"north": {"share": 0.7}, "south": {"share": 0.3}},
        "region.productivity_growth": float(luck.uniform(0.02, 0.05)),
        "region.wage_growth": float(luck.uniform(0.02, 0.05)),
        "region.institutes": {"optics": {"budget": float(luck.uniform(20, 1500)), "segments": {names[0]: 0.5}}},
    }
    for name in names:
        owners = luck.dirichlet(np.ones(3))
        for kind, share in zip(("state", "private", "foreign"), owners, strict=True):
            change[f"chain.segments.{name}.owners.{kind}"] = float(share)
        change[f"chain.segments.{name}.industry"] = "light" if luck.random() < 0.7 else "general"
        if made.chain.segments[name].output > 0:
            change[f"chain.segments.{name}.enterprises.number"] = int(luck.integers(3, 14))
            change[f"chain.segments.{name}.quality_gap"] = float(luck.uniform(-0.5, 0.0))
    paths = np.random.default_rng([seed, 21])  # what markets promise differs by year
    for name, stated in made.chain.segments.items():
        for market in stated.markets:
            moving = {economies.START + year: float(paths.uniform(-0.1, 0.2)) for year in range(1, 7)}
            change[f"chain.segments.{name}.markets.{market}.growth"] = moving
    if levers:
        change["levers"] = levers_of(names, seed)
    if seed % 2:
        change["shocks"] = shocks_of(names, np.random.default_rng([seed, 22]))
    return made.replace(change)


def economies_at_random(number: int, levers: bool) -> Iterator[tuple[int, Scenario]]:
    """So many scenarios with their seeds, of those that can be built."""
    seed = 0
    while number:
        seed += 1
        scenario = economy_at_random(seed, levers)
        if scenario is None:
            continue
        try:
            economies.built(scenario, seed)
        except ValueError:  # a draw that books a supplier beyond its output
            continue
        number -= 1
        yield seed, scenario
