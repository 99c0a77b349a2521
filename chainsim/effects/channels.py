"""Why an effect is as it is: effects on what a policy is for, divided by what makes them.

The values of all pairs come from `channel_watch`; means over pairs add up to the mean effect, which medians would not.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from chainsim.economy.types import Array, Index
from chainsim.effects.channel_watch import (
    CHAIN,
    COMPLETENESS,
    COMPLETENESS_FIXED,
    EXTENSION,
    JOBS,
    OUTPUT,
    RD,
    STRENGTH,
)
from chainsim.effects.effect_tables import spread, values
from chainsim.effects.pairing import Pairing
from chainsim.indicators.table import INDICATORS

FIXED, RAW, BETWEEN = "localization_rate_fixed", "localization_rate", "localization_between"
JOB_YEARS = "job_years_chain"
BY_TIER = (OUTPUT, EXTENSION, RD, STRENGTH, COMPLETENESS_FIXED, COMPLETENESS)
"""Indicators whose effects on a tier can be divided as well as those on the chain."""
SOURCE = {FIXED: FIXED, "localization_within": FIXED, RAW: FIXED, JOBS: JOBS, JOB_YEARS: JOBS}
SOURCE |= {name: name for name in BY_TIER}
"""Indicators whose effects can be divided, and the one whose channels were watched."""
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
ALONE = {
    "entry": "enterprises founded in one world only",
    "spin_offs": "spin-offs of institutes, in one world only",
    "exit": "enterprises closed in one world only",
    "arrivals": "plants that come from elsewhere, in one world only",
    "first_plants": "first plants of missing links, in one world only",
}
"""Channels of enterprises that one world alone has."""
OF_OUTPUT = {
    "volume": "what enterprises of both worlds sell, at the mean of both worlds' prices",
    "price": "prices of these, at the mean of both worlds' volumes",
} | ALONE
"""Channels of output and what each holds."""
OF_EXTENSION = {
    "products": "kinds of products that enterprises of both worlds make",
    "mix": "sales that shift between these, to those that make more kinds or fewer",
    **{name: f"{said}: sales to those with more kinds than others of their segment" for name, said in ALONE.items()},
    "segments": "segments that somebody produces in one world only, at base-year output",
}
"""Channels of extension and what each holds."""
OF_RD = {
    "sales": "sales of the year before, from which budgets are made, at the mean of both worlds' own R&D over these",
    "effort": "own R&D over these sales of enterprises that both worlds have: taxes, programmes, pay and staff found",
    "grants": "R&D that grants add at these",
} | ALONE
"""Channels of R&D and what each holds."""
OF_STRENGTH = {
    "market_share": "sales of enterprises of both worlds in national and foreign markets, over the size of these markets",
    "quality": "quality of these",
    "research": "R&D over sales of these, at base-year output of segments",
    "mix": "sales that shift between these, to those of higher quality and more R&D or of less",
    **{name: f"{said}: sales outside, and quality and R&D above the mean or below" for name, said in ALONE.items()},
    "segments": "segments that somebody produces in one world only, at base-year output",
}
"""Channels of strength and what each holds."""
OF_COMPLETENESS = {
    "quality": "suppliers of both worlds whose quality buyers take in one world only",
    "delivery": "suppliers of both worlds that deliver four fifths of their orders in one world only",
    "size": "capacity and output of viable suppliers of both worlds",
    **{name: f"{said}, as viable suppliers" for name, said in ALONE.items()},
    "demand": "what buyers want of each input: its weight, and the capacity and output that it asks of suppliers",
}
"""Channels of completeness and what each holds."""
MEANINGS = {
    FIXED: LOCALIZATION,
    JOBS: OF_JOBS,
    JOB_YEARS: OF_JOBS,
    OUTPUT: OF_OUTPUT,
    EXTENSION: OF_EXTENSION,
    RD: OF_RD,
    STRENGTH: OF_STRENGTH,
    COMPLETENESS_FIXED: OF_COMPLETENESS,
    COMPLETENESS: OF_COMPLETENESS,
}
"""By indicator, in the order in which they are told, its channels and what each holds."""
EARLIER, EARLIEST = (FIXED, JOBS, JOB_YEARS, OUTPUT, EXTENSION), (FIXED, JOBS, JOB_YEARS)
"""What comparisons of earlier versions have watched: with channels of tiers, and before."""
ROUNDING = 1e-9


class Seen(NamedTuple):
    """What was seen of an indicator of the chain or a tier in every pair and year, a number for every row, (m,) each.

    `channel` is the place of the row's channel among those of the indicator, -1 of one that is no longer told.
    """

    year: Array
    replication: Index
    channel: Index
    value: Array


def channels(pairing: Pairing, indicator: str, year: int | None = None, tier: str | None = None) -> pd.DataFrame:
    """The effect on an indicator of the chain or a tier by channel; see `Effect.channels`."""
    at = pairing.base.years[1] if year is None else year
    return pd.DataFrame(over_pairs(added(pairing, indicator, at, tier)))


def over_pairs(found: dict[str, Array]) -> dict[str, Any]:
    """Means over the pairs of what each channel adds (R,), and the bounds that hold nine in ten, by column."""
    pairs = np.stack(list(found.values())).T
    bounds = spread(pairs)
    return {"channel": list(found), "effect": pairs.mean(axis=0), "low90": bounds["low90"], "high90": bounds["high90"]}


def by_pair(pairing: Pairing, indicator: str, year: int, tier: str | None = None) -> pd.DataFrame:
    """What each channel adds in a year, a column a channel and a row a pair, in the indicator's unit."""
    return pd.DataFrame(added(pairing, indicator, year, tier))


def added(
    pairing: Pairing, indicator: str, year: int, tier: str | None = None, seen: Seen | None = None
) -> dict[str, Array]:
    """What each channel adds in a year in every pair, (R,), in the indicator's unit.

    Who asks for many years may give what was `seen` of the indicator and tier.
    """
    if indicator not in SOURCE:
        raise ValueError(f"no decomposition of '{indicator}' by channels; there is one of {', '.join(SOURCE)}")
    if tier is not None and indicator not in BY_TIER:
        raise ValueError(f"'{indicator}' is divided for the chain alone; by tier are {', '.join(BY_TIER)}")
    source, effect = SOURCE[indicator], effect_of(pairing, indicator, year, tier)
    seen = seen_of(pairing, source, tier) if seen is None else seen
    now = seen.year <= year if indicator == JOB_YEARS else seen.year == year
    rows = np.flatnonzero(now & (seen.channel >= 0))
    names = list(MEANINGS[source])
    place = seen.channel[rows] * effect.size + seen.replication[rows]
    sums = np.zeros((len(names), effect.size))
    sums += np.bincount(place, seen.value[rows], sums.size).reshape(sums.shape)
    if indicator == RAW:
        sums[names.index(WEIGHTS)] += effect_of(pairing, BETWEEN, year)
    found: dict[str, Array] = dict(zip(names, sums, strict=True))
    if np.abs(effect - sums.sum(axis=0)).max() > ROUNDING * max(1.0, float(np.abs(effect).max())):
        told = [*sorted({names[place] for place in seen.channel[rows]}), *([WEIGHTS] if indicator == RAW else [])]
        found[REST] = found.get(REST, 0.0) + (effect - total(found, told))  # the base years differ
    return found


def total(found: dict[str, Array], told: list[str]) -> Array:
    """The sum of all channels, (R,), with those `told` added as columns of their own, on which its last digit hangs."""
    frame = pd.DataFrame(0.0, index=range(next(iter(found.values())).size), columns=list(found))
    for name in told:
        frame[name] = found[name]
    return frame.sum(axis=1).to_numpy()


def seen_of(pairing: Pairing, source: str, tier: str | None) -> Seen:
    """What was seen of an indicator of the chain or a tier in every pair and year."""
    seen = kept(pairing)
    if source not in divided(pairing):
        raise ValueError(f"these runs were compared before channels of {source} were kept; compare them again")
    rows = seen[((seen["indicator"] == source) & (seen["tier"] == (tier or CHAIN))).to_numpy()]
    channel = pd.Index(list(MEANINGS[source])).get_indexer(pd.Index(rows["channel"]))
    year, replication = (rows[name].to_numpy(np.int64) for name in ("year", "replication"))  # also where none was seen
    return Seen(year, replication, channel, rows["value"].to_numpy(np.float64))


def kept(pairing: Pairing) -> pd.DataFrame:
    """What each channel adds in every pair and year; comparisons of earlier versions have the chain alone."""
    if "decomposition" not in pairing.seen:
        raise ValueError("these runs were compared before channels were kept; compare them again")
    seen = pairing.seen["decomposition"]
    return seen if "tier" in seen else seen.assign(tier=CHAIN)


def divided(pairing: Pairing) -> list[str]:
    """The indicators whose channels were watched."""
    seen = pairing.seen["decomposition"]
    if "tier" not in seen:
        return list(EARLIEST)
    return list(EARLIER if len(seen) and not (seen["indicator"] == RD).any() else MEANINGS)


def effect_of(pairing: Pairing, indicator: str, year: int, tier: str | None = None) -> Array:
    """Paired differences of an indicator of the chain or a tier in a year, (R,)."""
    start, end = pairing.base.years
    if not start <= year <= end:
        raise ValueError(f"year {year} is not simulated; years are {start} to {end}")
    watched = JOBS if indicator == JOB_YEARS else indicator
    both = values(pairing.base, pairing.policy, watched, None if tier is None else "tier")
    meant = both.keys["year"] <= year if indicator == JOB_YEARS else both.keys["year"] == year
    if tier is not None:
        known = list(pairing.base.scenario.chain.tiers)
        if tier not in known:
            raise ValueError(f"no tier '{tier}'; there are {', '.join(known)}")
        meant &= both.keys["tier"] == tier
    return np.asarray(both.effect[:, meant.to_numpy()].sum(axis=1), dtype=float)


def unit_of(indicator: str) -> str:
    """Unit of an indicator whose effects can be divided."""
    return "person-years" if indicator == JOB_YEARS else INDICATORS[indicator].unit


def decomposition(pairing: Pairing, years: list[int]) -> pd.DataFrame:
    """The channels of every indicator that has some in the years, with units; the chain's `tier` is empty."""
    tiers = pairing.base.scenario.chain.tiers
    order = ("indicator", "tier", "year", "unit", "channel", "effect", "low90", "high90", "meaning")
    columns: dict[str, list[Any]] = {name: [] for name in order}
    for indicator in divided(pairing):
        meaning, unit = MEANINGS[indicator], unit_of(indicator)
        for tier in (None, *tiers) if indicator in BY_TIER else (None,):
            seen = seen_of(pairing, SOURCE[indicator], tier)
            for year in years:
                rows = over_pairs(added(pairing, indicator, year, tier, seen))
                for name, value in (("indicator", indicator), ("tier", tier or CHAIN), ("year", year), ("unit", unit)):
                    columns[name] += [value] * len(rows["channel"])
                for name, found in rows.items():
                    columns[name] += list(found)
                columns["meaning"] += [meaning.get(channel) for channel in rows["channel"]]
    return pd.DataFrame(columns)
