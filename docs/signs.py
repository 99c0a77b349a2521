"""Effects that are negative or cannot be told from zero, divided by channel, as a table for a page of measurements."""

from __future__ import annotations

import re
from typing import NamedTuple

from chainsim.effects.channel_watch import COMPLETENESS_FIXED, EXTENSION, JOBS, OUTPUT, RD, STRENGTH
from chainsim.effects.channels import FIXED, JOB_YEARS, by_pair
from chainsim.effects.effect import Effect
from chainsim.effects.ranking import interval

SHOWN = {
    FIXED: (100.0, 2),
    JOBS: (1.0, 0),
    JOB_YEARS: (1.0, 0),
    OUTPUT: (1.0, 0),
    EXTENSION: (1.0, 2),
    RD: (1.0, 1),
    STRENGTH: (1.0, 4),
    COMPLETENESS_FIXED: (100.0, 2),
}
"""Factor and decimals by which an indicator is shown."""


class Share(NamedTuple):
    """What a channel adds to an effect: mean over pairs, and the bounds that hold it with a chance of 90 %."""

    channel: str
    mean: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether the sign of the mean is known."""
        return self.low > 0.0 or self.high < 0.0


def shares(effect: Effect, indicator: str, year: int) -> list[Share]:
    """The effect on an indicator, then its channels."""
    found = by_pair(effect.pairing, indicator, year)
    columns = {"effect": found.sum(axis=1), **{name: found[name] for name in found}}
    return [Share(name, *interval(values.to_numpy(dtype=float))) for name, values in columns.items()]


def sign_table(effect: Effect, names: dict[str, str]) -> str:
    """Every effect of the last year that is negative or cannot be told from zero, with its channels.

    Levers that leave an indicator as it is in every pair stand in one row of it at the end.
    """
    end = effect.base.years[1]
    lines = [f"| lever | effect {end} | channels whose sign is certain | others |", "|---|---|---|---|"]
    none: dict[str, list[str]] = {}
    for part in effect.parts:
        name = part.names[0].removeprefix("lever-").replace("-", "_")
        for indicator, called in names.items():
            whole, *channels = shares(part, indicator, end)
            if not any(share.mean or share.low or share.high for share in (whole, *channels)):
                none.setdefault(called, []).append(name)
            elif whole.low <= 0.0:
                cells = [
                    ", ".join(
                        told(share, indicator)
                        for share in channels
                        if share.certain == certain and shows(share, indicator)
                    )
                    for certain in (True, False)
                ]
                lines.append(f"| {name} | {called} {told(whole, indicator)} | {cells[0] or '–'} | {cells[1] or '–'} |")
    lines += [f"| {', '.join(levers)} | {called} 0 in every pair | – | – |" for called, levers in none.items()]
    return "\n".join(lines)


def shows(share: Share, indicator: str) -> bool:
    """Whether more than zeros of it are shown."""
    return bool(re.search("[1-9]", told(share, indicator)))


def told(share: Share, indicator: str) -> str:
    """A channel with its value; the whole with its bounds."""
    factor, digits = SHOWN[indicator]
    value = f"{factor * share.mean:+,.{digits}f}"
    if share.channel != "effect":
        return f"{share.channel} {value}"
    return f"{value} ({factor * share.low:+,.{digits}f} to {factor * share.high:+,.{digits}f})"
