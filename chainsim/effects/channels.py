"""Why an effect is as it is: the effect on localization and on jobs divided by the channels that make it.

The values of all pairs come from `channel_watch`; means over pairs add up to the mean effect, which medians would not.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from chainsim.economy.types import Array
from chainsim.effects.effect_tables import spread, values
from chainsim.effects.pairing import Pairing

FIXED, RAW, BETWEEN, JOBS = "localization_rate_fixed", "localization_rate", "localization_between", "employment"
SOURCE = {FIXED: FIXED, "localization_within": FIXED, RAW: FIXED, JOBS: JOBS}
"""Indicators of the chain whose effects can be divided, and the one whose channels were watched."""
REST, WEIGHTS = "rest", "weights"
LOCALIZATION = {
    "price": "what local suppliers ask against outside supply, in the choice and in the money paid",
    "quality": "what suppliers offer and buyers require",
    "room": "capacity that is free for an order, and delivery of what was ordered",
    "terms": "what levers and shocks change in the choice itself: preference, introductions, certificates, cuts and "
    "prices of outside supply",
    "entry": "enterprises founded in one world only, as suppliers and as buyers; spin-offs of institutes among them",
    "exit": "enterprises closed in one world only, likewise",
    "arrivals": "plants that come from elsewhere and first plants of missing links, in one world only, likewise",
    WEIGHTS: "what buyers take over which link, and at raw weights the mix of inputs and buyers",
    REST: "suppliers that one world alone has seen because sizes or earlier choices differ: luck in the mean",
}
"""Channels of localization and what each holds."""
OF_JOBS = {
    "demand": "output of enterprises that both worlds have, at the mean of both worlds' staff per output",
    "productivity": "production staff per output of these, staff that has not yet followed output included",
    "research": "R&D staff of these",
    "entry": "enterprises founded in one world only, spin-offs of institutes among them",
    "exit": "enterprises closed in one world only",
    "arrivals": "plants that come from elsewhere and first plants of missing links, in one world only",
}
"""Channels of jobs and what each holds."""
MEANINGS = {FIXED: LOCALIZATION, JOBS: OF_JOBS}
ROUNDING = 1e-9


def channels(pairing: Pairing, indicator: str, year: int | None = None) -> pd.DataFrame:
    """The effect on an indicator of the chain by channel; see `Effect.channels`."""
    found = by_pair(pairing, indicator, pairing.base.years[1] if year is None else year)
    pairs = found.to_numpy(dtype=float)
    bounds = spread(pairs)
    return pd.DataFrame(
        {"channel": list(found), "effect": pairs.mean(axis=0), "low90": bounds["low90"], "high90": bounds["high90"]}
    )


def by_pair(pairing: Pairing, indicator: str, year: int) -> pd.DataFrame:
    """What each channel adds in a year, a column a channel and a row a pair, in the indicator's unit."""
    if indicator not in SOURCE:
        raise ValueError(f"no decomposition of '{indicator}' by channels; there is one of {', '.join(SOURCE)}")
    if "decomposition" not in pairing.seen:
        raise ValueError("these runs were compared before channels were kept; compare them again")
    source, effect = SOURCE[indicator], effect_of(pairing, indicator, year)
    seen = pairing.seen["decomposition"]
    chosen = seen[(seen["indicator"] == source) & (seen["year"] == year)]
    table = chosen.pivot_table(index="replication", columns="channel", values="value", aggfunc="sum", observed=True)
    found = table.reindex(index=range(effect.size), columns=list(MEANINGS[source]), fill_value=0.0).fillna(0.0)
    if indicator == RAW:
        found[WEIGHTS] += effect_of(pairing, BETWEEN, year)
    left = effect - found.sum(axis=1).to_numpy()
    if np.abs(left).max() > ROUNDING * max(1.0, float(np.abs(effect).max())):  # the base years differ
        found[REST] = found.get(REST, 0.0) + left
    return found.rename_axis(index=None, columns=None)


def effect_of(pairing: Pairing, indicator: str, year: int) -> Array:
    """Paired differences of an indicator of the chain in a year, (R,)."""
    start, end = pairing.base.years
    if not start <= year <= end:
        raise ValueError(f"year {year} is not simulated; years are {start} to {end}")
    both = values(pairing.base, pairing.policy, indicator)
    return np.asarray(both.effect[:, both.keys["year"].to_numpy() == year][:, 0], dtype=float)


def decomposition(pairing: Pairing, years: list[int]) -> pd.DataFrame:
    """The channels of localization at fixed weights and of jobs in the years, with unit and meaning of each row."""
    units = {FIXED: "1", JOBS: "persons"}
    frames = []
    for indicator, meaning in MEANINGS.items():
        for year in years:
            rows = channels(pairing, indicator, year)
            said = rows["channel"].map(meaning)
            frames.append(rows.assign(indicator=indicator, year=year, unit=units[indicator], meaning=said))
    order = ["indicator", "year", "unit", "channel", "effect", "low90", "high90", "meaning"]
    return pd.concat(frames, ignore_index=True)[order]
