"""Small economies whose numbers are in textbooks, as scenarios."""

import json
from typing import Any

import numpy as np
from oracles.leontief import MILLER_BLAIR

from chainsim.economy.economy import Economy
from chainsim.runs.simulation import base_year
from chainsim.scenario.scenario import Scenario

STILL: dict[str, dict[str, Any]] = {
    "pricing": {"fixed": True},
    "sourcing": {"enabled": False},
    "demand": {"volatility": 0.0, "induced": 0.0},
    "labour": {"enabled": False, "regional": False},
    "production": {"capacity": False},
    "innovation": {"enabled": False},
    "investment": {"enabled": False},
    "finance": {"enabled": False},
    "demography": {"enabled": False},
}
"""Everything switched off but final demand and orders."""


def scenario(mapping: dict[str, Any], **stages: dict[str, Any]) -> Scenario:
    """The scenario of a mapping with everything still but what `stages` states."""
    calm = {"market_volatility": 0.0, "segment_volatility": 0.0}
    settings = {key: stages.get(key, still) for key, still in STILL.items()}
    settings["demand"] = calm | settings["demand"]
    return Scenario.model_validate_json(json.dumps(mapping | {"stages": settings}))


def miller_blair(**segment: Any) -> dict[str, Any]:
    """The two-sector example of Miller and Blair: all inputs local, output (1000, 2000), final sales (350, 1700).

    segment: fields that hold for both segments.
    """
    segments = {}
    for k, (output, final) in enumerate([(1000.0, 350.0), (2000.0, 1700.0)]):
        inputs = {f"sector_{l + 1}": MILLER_BLAIR[l][k] for l in range(2)}
        segments[f"sector_{k + 1}"] = {
            "tier": "all",
            "output": output,
            "inputs": inputs,
            "localization": dict.fromkeys(inputs, 1.0),
            "value_added_share": 1.0 - sum(inputs.values()),
            "labour_share": 0.3,
            "production_tax_share": 0.0,
            "rd_share": 0.0,
            "enterprises": {"number": 6, "small": 6},
            "markets": {"national": {"sales": final, "local_share": 0.5}},
        } | segment
    return {
        "name": "miller_blair",
        "years": {"start": 2020, "end": 2050},
        "chain": {"tiers": ["all"], "segments": segments},
    }


def built(mapping: dict[str, Any], **stages: dict[str, Any]) -> Economy:
    """The base year of the mapping, its second year opened."""
    economy = base_year(scenario(mapping, **stages), seed=1)
    economy.begin_year(economy.year + 1)
    return economy


def local_coefficients(economy: Economy) -> np.ndarray:
    """Quantity that every enterprise sells to every enterprise per unit of the buyer's output, (n, n)."""
    links, matrix = economy.links, np.zeros((economy.n, economy.n))
    local = links.supplier >= 0
    np.add.at(matrix, (links.supplier[local], links.buyer[local]), links.coefficient[local])
    return matrix
