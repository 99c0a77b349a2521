"""Small random economies in two parks with an institute, markets that move, shocks in every second, and on request every lever.

Every number that a stage, a segment, taxes or households declare with a range is drawn in it, at either end as often as
between, so what is declared tomorrow is drawn without anybody thinking of it.
"""

import zlib
from collections.abc import Iterator
from typing import Any

import economies
import numpy as np

from chainsim.economy.columns import Reference
from chainsim.runs.simulation import Simulation
from chainsim.scenario.region import Region
from chainsim.scenario.scenario import Scenario
from chainsim.scenario.schema import Segment

FEW, MANY = 5, 12
"""Years of most economies and of every third."""
APART = {"quality_gap", "enterprises.tail", "productivity_growth", "wage_growth"}
"""Numbers with a range that the economies draw otherwise, or whose ends make other economies than small ones."""
STAGES = economies.declared_ranges(Scenario.model_fields["stages"].annotation)
"""Ranges of the parameters of the stages."""
SEGMENT, REGION = economies.declared_ranges(Segment), economies.declared_ranges(Region)


def drawn(seed: int, place: str, ranges: dict[str, tuple[float, float]]) -> dict[str, float]:
    """A value in each range by path: low end, high end or between, luck by seed and path."""
    out = {}
    for name, (low, high) in ranges.items():
        if name in APART:
            continue
        path = f"{place}.{name}"
        luck = np.random.default_rng([seed, zlib.crc32(path.encode())])
        whole = isinstance(low, int) and isinstance(high, int)
        between = int(luck.integers(low, high + 1)) if whole else float(luck.uniform(low, high))
        out[path] = (low, high, between, between)[int(luck.integers(4))]
    return out


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


def levers_of(scenario: Scenario, seed: int) -> dict[str, dict[str, object]]:
    """One lever of every type, two of the digitisation of enterprises and of other industries, two of talent."""
    segments = scenario.chain.segments
    one, last = next(iter(segments)), list(segments)[-1]
    bought = [name for name, part in segments[last].inputs.items() if part > 0][:1]
    share = {"floor": 0.6} if seed % 3 else {"bonus": 0.8}
    more = {
        "local_content_rule": share,
        "application_scenario": {"budget": 30.0, "additional": 0.8, "target": {"segments": [last]}},
        "digitisation": {"rate": 0.3, "buys": dict.fromkeys(bought, 0.01), "target": {"segments": [last]}},
        "security_standard": {"share": 0.5, "buyers": [last], "budget": 1.0},
    }
    made = {kind: {"type": kind, "years": "2021-2024"} | fields for kind, fields in (LEVERS | more).items()}
    missing = [name for name, stated in segments.items() if stated.output == 0]
    if missing:
        made["laboratories"] = {
            "type": "talent_introduction",
            "heads": 20.0,
            "years": "2022-2023",
            "target": {"segments": missing},
        }
    made["other_industries"] = {"type": "digitisation", "years": "2021-2023", "rate": 0.2, "industries_buy": [one]}
    return made


def shocks_of(names: list[str], named: bool, luck: np.random.Generator) -> dict[str, dict[str, object]]:
    """Three shocks of all kinds; the exit is that of the enterprise that `named_in` names."""
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
    if named:
        kinds["anchor_exit"] = {"enterprise": "large"}
    chosen = [str(kind) for kind in luck.choice(sorted(kinds), 3, replace=False)]
    years = [f"{first}-{first + int(luck.integers(0, 3))}" for first in luck.integers(2021, 2024, 3)]
    return {
        f"event_{kind}": {"type": kind, "years": when} | kinds[kind] for kind, when in zip(chosen, years, strict=True)
    }


def numbers_of(seed: int, name: str, made: Scenario) -> dict[str, object]:
    """What a segment states with a range, and what the chain leaves at its default: trends, taxes, subsidies, thin margins."""
    place, stated = f"chain.segments.{name}", made.chain.segments[name]
    luck, out = (
        np.random.default_rng([seed, 23, zlib.crc32(name.encode())]),
        dict[str, object](drawn(seed, place, SEGMENT)),
    )
    out[f"{place}.price_trend"] = float(luck.choice([0.0, luck.uniform(-0.06, 0.03)]))
    out[f"{place}.high_tech_share"] = float(luck.uniform(0.0, 1.0))
    out[f"{place}.min_efficient_scale"] = float(10.0 ** luck.uniform(0.5, 2.0))
    for bought in stated.inputs:
        out[f"{place}.criticality.{bought}"] = float(luck.uniform(0.0, 1.0))
        out[f"{place}.abroad.{bought}"] = float(luck.uniform(0.0, 1.0)) * (1.0 - stated.localization.get(bought, 0.0))
    added, kind = stated.value_added_share, luck.integers(3)
    if kind == 0:  # a subsidy
        out[f"{place}.production_tax_share"] = -float(luck.uniform(0.0, 0.3))
    elif kind == 1:  # hardly more than what is bought and taxed
        out[f"{place}.labour_share"] = 0.05 * added
        out[f"{place}.rd_share"] = 0.01 * added
        out[f"{place}.production_tax_share"] = 0.93 * added
    return out


def as_neighbours(made: Scenario) -> dict[str, Any]:
    """All segments anchors in one tier, many enterprises in the first, whose sales, and so usual profit, slump for two years."""
    first = next(name for name, stated in made.chain.segments.items() if stated.output > 0)
    change: dict[str, Any] = {f"chain.segments.{name}.tier": "tier0" for name in made.chain.segments}
    change |= {"chain.tiers": ["tier0"], "chain.anchors": list(made.chain.segments)}
    slump = {"type": "demand_shift", "change": -0.9, "years": "2021-2022", "target": {"segments": [first]}}
    return change | {f"chain.segments.{first}.enterprises.number": 45, "shocks": {"slump": slump}}


def named_in(seed: int, made: Scenario, change: dict[str, Any]) -> list[dict[str, object]]:
    """In two economies of three a named enterprise, with up to twice the research of its segment, so some make a loss."""
    luck = np.random.default_rng([seed, 24])
    segment, stated = next((name, stated) for name, stated in made.chain.segments.items() if stated.output > 0)
    share = change.get(f"chain.segments.{segment}.rd_share", stated.rd_share)
    revenue, owner = float(luck.uniform(0.1, 0.4)) * stated.output, str(luck.choice(["state", "private", "foreign"]))
    research = revenue * share * float(luck.choice([0.5, 2.2]))
    made_by = economies.maker("large", segment, revenue, owner=owner, rd=research, park="south", founded=2000)
    return [made_by] if luck.random() < 0.67 else []


def reference_of(scenario: Scenario, seed: int) -> Reference | None:
    """The incomes that every second economy expects: its own without policy and shocks, with other luck."""
    if seed % 4 < 2:
        return None
    expected = Simulation(scenario.replace({"levers": {}, "shocks": {}}), seed + 1)
    income = [expected.economy.labour_income]
    while expected.running:
        expected.step()
        income.append(expected.economy.labour_income)
    return Reference(np.array(income))


def economy_at_random(seed: int, levers: bool = False) -> Scenario | None:
    """A scenario of two or three segments and some tens of enterprises, or None where the draw makes none."""
    luck = np.random.default_rng([seed, 20])
    try:
        made = economies.random_chain(2 + seed % 2, seed, used=0.4)
    except AssertionError:
        return None
    names = list(made.chain.segments)
    change: dict[str, object] = {
        **drawn(seed, "stages", STAGES),
        **drawn(seed, "region", REGION),
        "years.end": economies.START + (MANY if seed % 3 == 0 else FEW),
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
        change |= numbers_of(seed, name, made)
    paths = np.random.default_rng([seed, 21])  # what markets promise differs by year
    for name, stated in made.chain.segments.items():
        for market in stated.markets:
            moving = {economies.START + year: float(paths.uniform(-0.1, 0.2)) for year in range(1, MANY + 2)}
            change[f"chain.segments.{name}.markets.{market}.growth"] = moving
    change["shocks"] = {}
    if seed % 5 == 0:
        change |= as_neighbours(made)
    change["enterprises"] = named_in(seed, made, change)
    if levers:
        change["levers"] = levers_of(made, seed)
    if seed % 2:
        change["shocks"] |= shocks_of(names, bool(change["enterprises"]), np.random.default_rng([seed, 22]))
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
