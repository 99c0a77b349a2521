"""One lever of every type for the economy `economies.crowd`, and random policies for any chain."""

from collections.abc import Iterable
from typing import Any

import economies
import numpy as np

from chainsim.economy.arrays import MARKETS
from chainsim.economy.entry_points import Policy
from chainsim.economy.ledger import ENTERPRISES
from chainsim.levers import LEVERS
from chainsim.policy.targeting import QUANTITIES
from chainsim.runs.simulation import Simulation
from chainsim.scenario.scenario import Scenario

Mapping = dict[str, Any]
FIRST, LAST = 2022, 2024
YEARS = f"{FIRST}-{LAST}"
POLICIES: dict[str, Mapping] = {
    "rd_grant": {"rate": 0.3, "budget": 3},
    "rd_tax_deduction": {"extra": 0.5},
    "profit_tax_break": {"points": 0.1},
    "investment_grant": {"rate": 0.2, "budget": 4},
    "loan_guarantee": {"share": 0.6, "budget": 5},
    "talent_introduction": {"heads": 40},
    "cluster_incentive": {"rate": 0.05, "target": {"parks": ["north"]}},
    "investment_attraction": {"rate": 0.3, "but_for": 0.25},
    "matchmaking": {"rate": 0.5},
    "local_content_rule": {"bonus": 0.8, "target": {"segments": ["cameras"]}},
    "application_scenario": {"budget": 30, "target": {"segments": ["cameras"]}},
    "institute_platform": {"budget": 20},
    "digitisation": {"rate": 0.3, "buys": {"lenses": 0.01}, "target": {"segments": ["cameras"]}},
    "security_standard": {"share": 0.5, "buyers": ["cameras"], "budget": 1},
    "planning_service": {"saved": 0.5, "budget": 2},
}
"""Fields of a lever by type, schedule apart."""

TO_ENTERPRISES = {kind for kind, lever in LEVERS.items() if kind != "local_content_rule" and lever.payee == ENTERPRISES}
"""Types that pay enterprises, who may have to pay back."""

SHOCK_FIELDS: dict[str, Mapping] = {
    "import_cut": {"segment": "lenses", "share": 0.5, "scope": "province"},
    "demand_shift": {"change": -0.2},
    "outside_price": {"segment": "lenses", "change": 0.2},
    "anchor_exit": {"enterprise": "a"},
    "anchor_arrival": {"segment": "cameras", "output": 300},
    "wage_gap": {"change": 0.1},
    "plant_closure": {"share": 0.3},
}


def moved_by(policy: Policy, before: Mapping, names: Iterable[str]) -> dict[str, float]:
    """How far numbers at entry points are from `before`, in sum; of introductions the suppliers."""
    numbers = [name for name in names if isinstance(before[name], float | np.ndarray)]
    found = {name: float(np.abs(getattr(policy, name) - before[name]).sum()) for name in numbers}
    introduced = sum(int(each.suppliers.sum()) for each in policy.introductions)
    return found | ({"introductions": float(introduced)} if "introductions" in names else {})


def lever(kind: str, years: str = YEARS, **more: Any) -> Mapping:
    """A lever as a scenario file states it."""
    return {"type": kind, "years": years, **POLICIES[kind], **more}


def neutral(kind: str) -> Mapping:
    """The same lever at strength 0."""
    return lever(kind) | {LEVERS[kind].strength_field: 0.0}


def under(*kinds: str, **more: Any) -> Scenario:
    """The crowd under levers of these types, all of them where none is named."""
    return economies.crowd(levers={kind: lever(kind) for kind in kinds or POLICIES}, **more)


def random_policy(scenario: Scenario, seed: int) -> Scenario:
    """The scenario under one to six random levers and up to two shocks, valid by construction."""
    luck = np.random.default_rng(seed)
    names, start = list(scenario.chain.segments), scenario.years.start
    bought = sorted({name for segment in scenario.chain.segments.values() for name, c in segment.inputs.items() if c})
    levers = {
        f"l{number}": _random_lever(luck, str(kind), names, start, bought)
        for number, kind in enumerate(luck.choice(sorted(POLICIES), int(luck.integers(1, 7))))
    }
    kinds = [kind for kind in sorted(SHOCK_FIELDS) if kind != "anchor_exit"]
    shocks = {
        f"s{number}": _random_shock(luck, str(kind), names, start)
        for number, kind in enumerate(luck.choice(kinds, int(luck.integers(0, 3))))
    }
    return scenario.replace({"levers": levers, "shocks": shocks})


def _years(luck: np.random.Generator, start: int) -> str:
    first = start + int(luck.integers(0, 4))
    return f"{first}-{first + int(luck.integers(0, 6))}"


def _target(luck: np.random.Generator, names: list[str]) -> Mapping:
    target: Mapping = {}
    if luck.random() < 0.5:
        target["segments"] = sorted({str(name) for name in luck.choice(names, int(luck.integers(1, 3)))})
    if luck.random() < 0.3:
        target["max_employees"] = float(luck.choice([0.0, 5.0, 50.0, 1e6]))
    if luck.random() < 0.2:
        target["owners"] = [str(luck.choice(["state", "private", "foreign"]))]
    return target


def _random_lever(luck: np.random.Generator, kind: str, names: list[str], start: int, bought: list[str]) -> Mapping:
    made: Mapping = {"type": kind, "years": _years(luck, start), "target": _target(luck, names), "stacking": "add"}
    made["ramp"] = int(luck.integers(0, 4))
    made["rationing"] = str(luck.choice(["pro_rata", "merit", "first_come", "small_first", "lottery"]))
    made["cofinancing"] = float(luck.choice([0.0, 0.3, 0.9]))
    made["clawback"] = float(luck.choice([0.0, 1.0]))
    made["stacking"] = str(luck.choice(["add", "highest"]))
    if luck.random() < 0.3:
        made["where"] = f"{luck.choice(list(QUANTITIES))} / (1 + employees) <= {luck.normal():.4f} or not age > 3"
    money = float(10.0 ** luck.uniform(-3, 4)) * (luck.random() < 0.9)
    strength = LEVERS[kind].strength_field
    if strength == "budget":
        return _read(LEVERS[kind], made | {"budget": money})
    made[strength] = (
        float(10.0 ** luck.uniform(0, 5)) if strength == "heads" else float(luck.choice([0.0, 0.05, 0.5, 1.0]))
    )
    if kind == "local_content_rule":
        made |= {"bonus": float(luck.choice([0.0, 3.0]))}
        if luck.random() < 0.5:
            made["floor"] = 0.3 * made.pop("bonus")
    if kind == "digitisation" and not made["target"].get("segments"):
        made["buys"] = {str(name): 0.02 for name in bought[:1]}
    if kind == "security_standard":
        made |= {"buyers": [str(luck.choice(names))], "markets": [str(luck.choice(MARKETS))]}
    if luck.random() < 0.6:
        made["budget"] = money if luck.random() < 0.7 else {"yearly": money, "total": 3.0 * money}
    return _read(LEVERS[kind], made)


def _read(kind: Any, made: Mapping) -> Mapping:
    """What was drawn, without what such a lever or shock never reads."""
    if kind.model_fields["type"].default == "investment_attraction":
        made["stacking"] = "add"
    for path in kind(**made).unread():
        if len(path) == 1:
            del made[path[0]]
        else:
            made[path[0]] = {name: value for name, value in made[path[0]].items() if name != path[1]}
    return made


def _random_shock(luck: np.random.Generator, kind: str, names: list[str], start: int) -> Mapping:
    made = {"type": kind, "years": _years(luck, start)} | SHOCK_FIELDS[kind]
    if "segment" in made:
        made["segment"] = str(luck.choice(names))
    if "change" in made:
        made["change"] = float(luck.choice([-0.9, -0.2, 0.3, 2.0]))
    if "share" in made:
        made["share"] = float(luck.choice([0.0, 0.1, 0.6, 1.0]))
    if kind == "import_cut":
        made |= {
            "scope": str(luck.choice(["province", "china"])),
            "origin": str(luck.choice(["national", "abroad", "both"])),
        }
    return made


def lived(scenario, until=2025, seed=1):
    """The simulation up to a year."""
    simulation = Simulation(scenario, seed)
    while simulation.economy.year < until:
        simulation.step()
    return simulation
