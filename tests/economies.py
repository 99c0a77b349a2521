"""Tiny economies for tests: what local enterprises do not buy is sold on the markets, so every base year balances."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from chainsim.economy.economy import Economy
from chainsim.runs.simulation import base_year
from chainsim.scenario.checks import findings
from chainsim.scenario.field_types import declared
from chainsim.scenario.load import load
from chainsim.scenario.scenario import Scenario

ROOT = Path(__file__).parent.parent
START = 2020
Mapping = dict[str, Any]

CALM: Mapping = {"market_volatility": 0.0, "segment_volatility": 0.0}
"""Demand whose markets follow their paths. Economies of tests do, unless they state the stage's values themselves."""

FROZEN: dict[str, Mapping] = {
    "sourcing": {"enabled": False},
    "demand": {"volatility": 0.0} | CALM,
    "innovation": {"enabled": False},
    "demography": {"enabled": False},
    "finance": {"enabled": False},
}
"""Stages of an economy in which nothing changes but its markets."""


def shipped(name: str, **overrides: Any) -> Scenario:
    """A scenario of the package; overrides are values by dotted path, with `__` for the dots."""
    return load(ROOT / "scenarios" / f"{name}.yaml", {key.replace("__", "."): v for key, v in overrides.items()})


def segment(output: float, inputs: Mapping | None = None, number: int = 2, small: int = 0, **more: Any) -> Mapping:
    """A segment; `inputs` gives each input's coefficient and base localization."""
    inputs = inputs or {}
    return {
        "tier": "chain",
        "output": output,
        "inputs": {name: coefficient for name, (coefficient, _) in inputs.items()},
        "localization": {name: local for name, (_, local) in inputs.items()},
        "enterprises": {"number": number, "small": small},
    } | more


def chain(segments: dict[str, Mapping], growth: float = 0.03, end: int = START + 5, **more: Any) -> Scenario:
    """The scenario of these segments; final sales go to the nation unless a segment states `sells`, shares by market.

    Tiers are those of the segments, in their order; markets follow their paths. `more` are further blocks of the scenario.
    """
    used = dict.fromkeys(segments, 0.0)
    for buyer in segments.values():
        for name, coefficient in buyer["inputs"].items():
            used[name] += coefficient * buyer["localization"].get(name, 0.0) * buyer["output"]
    made = {}
    for name, stated in segments.items():
        final = stated["output"] - used[name]
        sells = stated.get("sells", {"national": 1.0})
        if final > 0:
            markets = {m: {"sales": part * final, "local_share": 0.2, "growth": growth} for m, part in sells.items()}
        else:
            markets = {"national": {"volume": stated.get("market", 1000.0), "growth": growth}}
        made[name] = {key: value for key, value in stated.items() if key not in ("sells", "market")}
        made[name]["markets"] = stated.get("markets", markets)
    tiers = list(dict.fromkeys(stated["tier"] for stated in segments.values()))
    stages = more.pop("stages", {})
    more["stages"] = stages | {"demand": CALM | stages.get("demand", {})}
    mapping = {
        "name": "tiny",
        "years": {"start": START, "end": end},
        "chain": {"tiers": tiers, "segments": made} | more.pop("chain", {}),
    } | more
    scenario = Scenario.model_validate_json(json.dumps(mapping))
    assert not list(findings(scenario)), list(findings(scenario))
    return scenario


def maker(name: str, segment: str, revenue: float, **more: Any) -> Mapping:
    """A named enterprise."""
    return {"id": name, "name": name, "segment": segment, "revenue": revenue} | more


def three_makers(**more: Any) -> Scenario:
    """Two makers of parts (60 and 40) and one of devices (100), which buys .4 of parts, half of them local."""
    return chain(
        {
            "parts": segment(100.0, number=2, tier="upstream", rd_share=0.02),
            "devices": segment(100.0, {"parts": (0.4, 0.5)}, number=1, tier="downstream", rd_share=0.04),
        },
        enterprises=[maker("a", "parts", 60.0), maker("b", "parts", 40.0), maker("c", "devices", 100.0)],
        **more,
    )


def cyclic(**more: Any) -> Scenario:
    """Two segments that buy from each other, and from themselves."""
    return chain(
        {
            "cells": segment(300.0, {"machines": (0.2, 0.6), "cells": (0.1, 0.5)}, number=3, small=3),
            "machines": segment(200.0, {"cells": (0.3, 0.7), "machines": (0.05, 1.0)}, number=3, small=3),
        },
        **more,
    )


def with_missing_link(demand: float = 0.3, **more: Any) -> Scenario:
    """Wafers are not made in the region; chips need them, boards need chips."""
    return chain(
        {
            "wafers": segment(0.0, number=0, tier="upstream", min_efficient_scale=30.0, quality_gap=-0.4),
            "chips": segment(400.0, {"wafers": (demand, 0.0)}, number=6, small=4, tier="midstream"),
            "boards": segment(500.0, {"chips": (0.25, 0.5)}, number=5, small=5, tier="downstream"),
        },
        **more,
    )


def crowd(**more: Any) -> Scenario:
    """Two segments with many enterprises, in two parks, with an institute and every market."""
    everywhere = {"local_other": 0.2, "government": 0.1, "national": 0.5, "abroad": 0.2}
    two_parks = {"north": {"share": 0.7}, "south": {"share": 0.3}}
    region = {"parks": two_parks, "institutes": {"optics": {"budget": 30.0, "segments": {"lenses": 0.5}}}}
    return chain(
        {
            "lenses": segment(600.0, number=12, small=20, tier="upstream", sells=everywhere),
            "cameras": segment(900.0, {"lenses": (0.3, 0.6)}, 12, 20, tier="downstream", sells=everywhere),
        },
        region=region,
        **more,
    )


def two_separate_chains(**stages: Any) -> Scenario:
    """Two chains of two segments each that neither trade nor compete with one another."""
    same = {"enterprises": {"number": 12, "small": 20}}
    market = {"local_share": 0.1, "growth": 0.05}
    segments: Mapping = {}
    for up, down in (("a", "b"), ("c", "d")):
        bought = {"inputs": {up: 0.2}, "localization": {up: 0.5}}
        upstream = {"tier": "up", "output": 1000.0, "markets": {"national": market | {"sales": 800.0}}}
        downstream = {"tier": "down", "output": 2000.0, "markets": {"national": market | {"sales": 2000.0}}}
        segments |= {up: same | upstream, down: same | bought | downstream}
    mapping: Mapping = {"name": "separate", "years": {"start": 2020, "end": 2035}, "stages": {"demand": CALM} | stages}
    mapping["chain"] = {"tiers": ["up", "down"], "segments": segments}
    return Scenario.model_validate_json(json.dumps(mapping))


def random_chain(number: int, luck_seed: int, used: float = 0.5) -> Scenario:
    """A chain of `number` segments with cycles, missing links, loss makers, subsidies and every size of enterprise.

    Local enterprises buy at most the share `used` of what a segment makes.
    """
    luck = np.random.default_rng(luck_seed)
    outputs = np.where(luck.random(number) < 0.2, 0.0, 10.0 ** luck.uniform(1, 4, number)).round(3)
    outputs[0] = max(outputs[0], 50.0)
    technical = luck.random((number, number)) * (luck.random((number, number)) < 0.6)
    technical = (technical * 0.6 / np.maximum(technical.sum(axis=0), 0.6)).round(6)
    local = (luck.random((number, number)) * (outputs > 0)[:, None]).round(6)
    for made in np.flatnonzero(outputs):
        bought = float((technical[made] * local[made]) @ outputs)
        local[made] *= min(1.0, used * outputs[made] / max(bought, 1e-9))
    segments = {f"s{k}": _random_segment(luck, k, outputs, technical[:, k], local[:, k]) for k in range(number)}
    return chain(segments, growth=float(luck.uniform(-0.2, 0.4)), seed=int(luck.integers(1000)))


def _random_segment(luck: Any, k: int, outputs: Any, technical: Any, local: Any) -> Mapping:
    inputs = {f"s{l}": (float(technical[l]), float(local[l])) for l in np.flatnonzero(technical)}
    value_added = float(luck.uniform(0.15, 1.0 - technical.sum() - 0.05))
    labour = float(luck.uniform(0.02, 1.0)) * value_added
    markets = luck.dirichlet(np.ones(4))
    small = min(int(luck.integers(0, 6)), int(0.5 * outputs[k] / 7.0))  # small enterprises make 7 on average
    return segment(
        float(outputs[k]),
        inputs,
        number=int(luck.integers(1, 6)) if outputs[k] > 0 else 0,
        small=small,
        tier=f"tier{k % 3}",
        value_added_share=value_added,
        labour_share=labour,
        production_tax_share=float(luck.uniform(-0.05, 1.0)) * max(value_added - labour, 0.0),
        rd_share=float(luck.uniform(0, 0.04)),
        capital_per_output=float(10.0 ** luck.uniform(-2, 0.7)),
        sells=dict(zip(("local_other", "government", "national", "abroad"), map(float, markets), strict=True)),
    )


def built(scenario: Scenario, seed: int = 1) -> Economy:
    """The base year of a scenario."""
    return base_year(scenario, seed)


def declared_ranges(model: type[BaseModel], place: str = "") -> dict[str, tuple[float, float]]:
    """The declared ranges of the numbers of a model and of the models in it, by dotted path; both ends whole of whole numbers."""
    found: dict[str, tuple[float, float]] = {}
    for name, field in model.model_fields.items():
        kind, low, high = field.annotation, declared(field, "low"), declared(field, "high")
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= declared_ranges(kind, f"{place}{name}.")
        elif low is not None:
            found[f"{place}{name}"] = (low, high) if kind is int else (float(low), float(high))
    return found


def same_bits(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """Columns of two tables (or dictionaries of columns) that differ in any bit."""
    assert first.keys() == second.keys()
    return [name for name in first if not np.array_equal(np.asarray(first[name]), np.asarray(second[name]))]
