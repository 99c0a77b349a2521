"""How a policy works its way: from levers to entry points, the stages that read them, enterprises and links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from chainsim.economy.entry_points import entry_points
from chainsim.effects.certificate import reach_by_year

if TYPE_CHECKING:
    from chainsim.effects.effect import Effect


@dataclass(frozen=True)
class Trace:
    """The way of a policy.

    `channels`: levers and shocks, the entry points they move, the stage that reads these, the first year, the share of
    pairs. `steps`: what differs after every step of the year in which the worlds of the first pair part.
    `reach`: by year, enterprises that differ, of them served by a lever (`treated`), suppliers or customers of those
    (`linked`), others of the same segments, all others; and links that differ. Medians of the pairs.
    """

    channels: pd.DataFrame
    steps: pd.DataFrame
    reach: pd.DataFrame

    def __str__(self) -> str:
        """The three tables as text."""
        parts = (("channels", self.channels), ("steps", self.steps), ("reach", self.reach))
        return "\n\n".join(f"{name}\n{table.to_string(index=False)}" for name, table in parts)


def trace(effect: Effect) -> Trace:
    """The trace of the effect of one policy."""
    return Trace(
        channels=channels(effect),
        steps=effect.seen["spread"].drop(columns=["policy", "replication", "seed"]).reset_index(drop=True),
        reach=reach_by_year(effect.seen["reach"]),
    )


def channels(effect: Effect) -> pd.DataFrame:
    """Entry points that levers and shocks move, with the stage that reads them."""
    known, moved = entry_points(), effect.seen["moved"]
    types = {
        name: str(item.type)
        for block in ("levers", "shocks")
        for name, item in getattr(effect.policy.scenario, block).items()
    }
    rows = []
    for (source, point), found in moved.groupby(["source", "entry_point"], sort=False):
        about = known[str(point)].metadata
        pairs = found["replication"].nunique() / effect.replications
        row = (source, types.get(str(source), ""), point, about["stage"], int(found["year"].min()), pairs)
        rows.append((*row, about["meaning"]))
    return pd.DataFrame(rows, columns=["source", "type", "entry_point", "stage", "first_year", "pairs", "meaning"])
