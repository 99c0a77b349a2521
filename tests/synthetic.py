"""A chain of the flagship's shape with made-up trajectories, to test what happens to recordings after a run."""

from __future__ import annotations

import numpy as np

from chainsim.indicators.table import INDICATORS, Recording
from chainsim.scenario.scenario import Scenario

TIERS = {
    "upstream": {"photoresist": 0.0, "wafers": 0.0, "substrates": 0.0, "opto_materials": 1600.0},
    "midstream": {"auto_chips": 0.0, "power_ics": 2180.0, "sensors": 1000.0, "displays": 3000.0, "boards": 1400.0},
    "downstream": {
        "auto_electronics": 10600.0,
        "instruments": 3200.0,
        "satellites": 700.0,
        "hardware": 1400.0,
        "software": 18000.0,
        "industrial_internet": 2500.0,
        "info_services": 22500.0,
    },
    "application": {"auto_parts": 130000.0, "vehicles": 400000.0},
}
TIER_OF = {segment: tier for tier, segments in TIERS.items() for segment in segments}
BASE_OUTPUT = {segment: output for segments in TIERS.values() for segment, output in segments.items()}
MISSING = tuple(segment for segment, output in BASE_OUTPUT.items() if output == 0)
TITLES_ZH = {"auto_chips": "车规级控制芯片", "software": "软件和信息技术服务", "displays": "显示与照明器件"}
ORIGINS = ("local", "national", "abroad")


def scenario(name: str = "made_up", replications: int = 5, start: int = 2020, end: int = 2035) -> Scenario:
    """18 segments in 4 tiers, 4 of them missing links; inputs come from the tiers before and the own tier."""
    order = list(TIERS)
    segments = {}
    for position, (segment, output) in enumerate(BASE_OUTPUT.items()):
        suppliers = [l for l in BASE_OUTPUT if order.index(TIER_OF[l]) <= order.index(TIER_OF[segment])][-6:]
        segments[segment] = {
            "tier": TIER_OF[segment],
            "title": {"en": segment.replace("_", " ").title(), "zh": TITLES_ZH.get(segment)},
            "industry": f"industry_{position % 5}",
            "output": output,
            "inputs": {supplier: 0.3 / len(suppliers) for supplier in suppliers},
            "enterprises": {"number": 10 if output else 0},
            "markets": {"national": {"sales": output, "volume": 1e6}},
        }
    return Scenario.model_validate(
        {
            "name": name,
            "title": {"en": "A made-up chain", "zh": "虚构产业链"},
            "years": {"start": start, "end": end},
            "replications": replications,
            "chain": {"tiers": tuple(TIERS), "application": ("application",), "segments": segments},
        }
    )


def recordings(made: Scenario) -> list[Recording]:
    """One recording for each replication of the scenario."""
    return [recording(made, made.seed + replication) for replication in range(made.replications)]


def recording(made: Scenario, seed: int) -> Recording:
    """Trajectories that start alike in all runs and drift apart; automotive chips appear in runs of even seed."""
    random = np.random.default_rng(seed)
    years = np.arange(made.years.start, made.years.end + 1)
    luck = np.exp(np.concatenate([[0.0], np.cumsum(random.normal(0.02, 0.03, len(years) - 1))]))
    output = {segment: base * luck for segment, base in BASE_OUTPUT.items()}
    if seed % 2 == 0:
        output["auto_chips"] = np.where(years > made.years.start + 6, 300.0, 0.0)
    tables = {
        "region": stack([scope(name, years, output, luck) for name in ("chain", "all")]),
        "tiers": stack([tier_rows(tier, years, output, luck) for tier in TIERS]),
        "segments": stack([segment_rows(made, segment, years, output, luck) for segment in BASE_OUTPUT]),
        "missing_links": stack(
            [
                {"year": years, "segment": words(name, years), "filled": (output[name] > 0).astype(float)}
                | {"demand_local": 30.0 * luck, "demand_national": 20.0 * luck, "scale": np.full(years.size, 150.0)}
                | {"viability": luck / 3.0, "rate": 0.01 * luck, "opens_demand": 3.0 / luck}
                | {"opens_grant": 1.0 - luck / 3.0, "opens_quality": np.full(years.size, np.nan)}
                for name in MISSING
            ]
        ),
        "levers": {"year": years[:0], "lever": np.array([], dtype=object)}
        | {column: np.array([]) for column in ("budget", "requested", "outlay", "recipients")},
        "ledger": {
            "year": years,
            "row": words("wages", years),
            "payer": words("enterprises", years),
            "receiver": words("households", years),
            "amount": 5000.0 * luck,
        },
        "trade": stack([flow(made, years, output, luck, buyer, l) for buyer, l in pairs(made)]),
    }
    return Recording(seed, tables)


def pairs(made: Scenario) -> list[tuple[str, str]]:
    """Buyers and the segments they buy from."""
    return [(buyer, supplier) for buyer, segment in made.chain.segments.items() for supplier in segment.inputs]


def stack(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Rows of all parts."""
    return {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}


def words(text: str, years: np.ndarray) -> np.ndarray:
    """The text once for each year."""
    return np.full(len(years), text, dtype=object)


def indicators(output: np.ndarray, luck: np.ndarray) -> dict[str, np.ndarray]:
    """Every indicator, on a scale that fits its unit."""
    values = {}
    for name, indicator in INDICATORS.items():
        if indicator.unit == "1":
            values[name] = np.where(output > 0, np.minimum(0.99, 0.3 * luck), 0.0)
        elif indicator.unit == "CNY million":
            values[name] = 0.1 * output
        elif indicator.unit == "log":
            values[name] = np.where(output > 0, -0.3 / luck, 0.0)
        elif indicator.unit == "CNY million/person":
            values[name] = np.where(output > 0, 0.09 * luck, 0.0)
        else:
            values[name] = np.ceil(output / 100.0)
    return values | {"output": output, "value_added": 0.25 * output, "strength": luck, "employment": 1.2 * output}


def scope(name: str, years: np.ndarray, output: dict[str, np.ndarray], luck: np.ndarray) -> dict[str, np.ndarray]:
    """Rows of a scope of the region."""
    total = sum(output[segment] for segment, tier in TIER_OF.items() if name == "all" or tier != "application")
    return {"year": years, "scope": words(name, years)} | indicators(np.asarray(total), luck)


def tier_rows(tier: str, years: np.ndarray, output: dict[str, np.ndarray], luck: np.ndarray) -> dict[str, np.ndarray]:
    """Rows of a tier."""
    total = sum(output[segment] for segment in TIERS[tier])
    return {"year": years, "tier": words(tier, years)} | indicators(np.asarray(total), luck)


def segment_rows(
    made: Scenario, segment: str, years: np.ndarray, output: dict[str, np.ndarray], luck: np.ndarray
) -> dict[str, np.ndarray]:
    """Rows of a segment."""
    keys = {"segment": segment, "tier": TIER_OF[segment], "industry": made.chain.segments[segment].industry}
    named = {key: words(text, years) for key, text in keys.items()}
    return {"year": years} | named | indicators(output[segment], luck)


def flow(
    made: Scenario, years: np.ndarray, output: dict[str, np.ndarray], luck: np.ndarray, buyer: str, supplier: str
) -> dict[str, np.ndarray]:
    """Purchases of the supplier's products by the buyer, by origin: local only where the supplier exists."""
    value = made.chain.segments[buyer].inputs[supplier] * output[buyer]
    local = np.where(output[supplier] > 0, np.minimum(0.8, 0.3 * luck), 0.0)
    shares = {"local": local, "national": (1 - local) * 0.6, "abroad": (1 - local) * 0.4}
    return stack(
        [
            {
                "year": years,
                "from_segment": words(supplier, years),
                "to_segment": words(buyer, years),
                "origin": words(origin, years),
                "value": value * shares[origin],
            }
            for origin in ORIGINS
        ]
    )
