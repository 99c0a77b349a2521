"""The effect on every indicator: paired differences, their median and the intervals that hold 50 and 90 % of the pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from chainsim.economy.types import Array
from chainsim.indicators import INDICATORS
from chainsim.runs.headline import HEADLINE
from chainsim.runs.results import Result

BY = {None: "region", "scope": "region", "tier": "tiers", "segment": "segments"}
"""Table and key by what the effect is shown by."""
EFFECTS = (*HEADLINE, "fiscal_outlay")
"""Indicators whose effects are shown where none are asked for."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Values(NamedTuple):
    """An indicator in both worlds: `keys` a row for every key and year, `base` and `policy` (R, rows)."""

    keys: pd.DataFrame
    base: Array
    policy: Array

    @property
    def effect(self) -> Array:
        """Paired differences, (R, rows)."""
        return self.policy - self.base


def values(base: Result, policy: Result, indicator: str, by: str | None = None) -> Values:
    """The indicator in both worlds by year, and by scope, tier or segment; of the chain where `by` is None.

    *Raises* ValueError where the indicator or `by` is unknown.
    """
    if by not in BY:
        raise ValueError(f"by is '{by}'; it can be {', '.join(repr(name) for name in BY)}")
    ours, theirs = base.table(BY[by]), policy.table(BY[by])
    if indicator not in ours or indicator not in INDICATORS:
        there = ", ".join(name for name in INDICATORS if name in ours)
        raise ValueError(f"no indicator '{indicator}' in the table {BY[by]}; there are {there}")
    if by is None:
        ours, theirs = ours[ours["scope"] == "chain"], theirs[theirs["scope"] == "chain"]
    key = [by, "year"] if by else ["year"]
    first = ours[ours["replication"] == 0]
    both = [table[indicator].to_numpy(dtype=float).reshape(-1, len(first)) for table in (ours, theirs)]
    return Values(first[key].reset_index(drop=True), *both)


def effects(
    base: Result,
    policy: Result,
    years: Sequence[int],
    by: str | None = None,
    indicators: Sequence[str] | None = None,
) -> pd.DataFrame:
    """One row for every key, indicator and year; see `Effect.table`."""
    table = base.table(BY[by]) if by in BY else base.region
    wanted = [name for name in EFFECTS if name in table] if indicators is None else indicators
    frames = [_of_indicator(values(base, policy, name, by), name, years) for name in wanted]
    return pd.concat(frames, ignore_index=True)


def _of_indicator(both: Values, indicator: str, years: Sequence[int]) -> pd.DataFrame:
    chosen = np.flatnonzero(both.keys["year"].isin(list(years)))
    frame = both.keys.iloc[chosen].reset_index(drop=True)
    ours, effect = both.base[:, chosen], both.effect[:, chosen]
    relative = np.divide(effect, ours, out=np.full_like(effect, np.nan), where=ours != 0)
    frame.insert(frame.columns.size - 1, "indicator", indicator)
    frame["unit"] = INDICATORS[indicator].unit
    frame["base"] = np.median(ours, axis=0)
    frame["effect"] = np.median(effect, axis=0)
    frame["mean"] = effect.mean(axis=0)
    frame = frame.assign(**spread(effect), relative=np.median(relative, axis=0))
    bounds = spread(relative)
    frame["relative_low90"], frame["relative_high90"] = bounds["low90"], bounds["high90"]
    frame["same_sign"] = (np.sign(effect) == np.sign(frame["effect"].to_numpy())).mean(axis=0)
    frame["pairs"] = effect.shape[0]
    return frame


def spread(pairs: Array) -> dict[str, Array]:
    """Bounds that hold 50 and 90 % of the pairs, values (R, m); not a number for a single pair."""
    if pairs.shape[0] < 2:
        nothing = np.full(pairs.shape[1], np.nan)
        return dict.fromkeys(("low50", "high50", "low90", "high90"), nothing)
    low90, low50, _, high50, high90 = np.quantile(pairs, QUANTILES, axis=0)
    return {"low50": low50, "high50": high50, "low90": low90, "high90": high90}
