"""What was observed of the region: figures that a simulation can be held against, and how each is read from tables.

A target is observed as `value`, or anything from `low` to `high`. It is read from the indicator of a group of segments,
at one year or between two; one that cannot be read says why under `unmeasured`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chainsim.economy.parameters import Frozen, Name, Number, Year, parameter

Use = Literal["fit", "held_out", "reported", "replication"]
How = Literal["level", "share", "ratio", "yearly_growth", "yearly_change", "mean", "named_growth", "pattern"]


class Target(Frozen):
    """A figure that was observed, and how a simulation shows the same."""

    id: Name = Field(description="Name of the target.")
    use: Use = Field("reported", description="What it may be used for: fit parameters, held out from them, or shown.")
    region: str = Field("", description="Region that the figure is of.")
    target: str = Field("", description="What was observed, in words.")
    period: str = Field("", description="When it was observed, in words.")
    unit: str = Field("1", description="Unit of the figure.")
    # fmt: off
    value: Number = parameter(..., "that of the figure", None, None, "the scenario", "observed value")
    low: Number | None = parameter(None, "that of the figure", None, None, "the scenario",
        "lowest value that agrees with what was observed")
    high: Number | None = parameter(None, "that of the figure", None, None, "the scenario",
        "highest value that agrees with what was observed")
    scale: Number = parameter(1.0, "1", None, None, "the scenario",
        "factor from the unit of the tables to that of the figure")
    # fmt: on
    source: str = Field("", description="Where it was observed.")
    note: str = Field("", description="What to know of it.")
    how: How | None = Field(
        None,
        description="How it is read: the indicator in the year `first` (level), the same over that of the chain (share), "
        "`last` over `first` (ratio), growth or change a year, mean over the years; median growth of named enterprises; "
        "the pattern of `chainsim validate` that `of` names.",
    )
    indicator: str | None = Field(None, description="Column of the tables that it is read from.")
    of: str = Field("chain", description="Tiers, industries and segments it is of, `chain` or `all`; -NAME leaves out.")
    first: Year | None = Field(None, description="Year, or first year.")
    last: Year | None = Field(None, description="Last year.")
    unmeasured: str | None = Field(None, description="Why it cannot be read, where it cannot.")
