"""What a scenario file may state of the region: parks, institutes, labour, taxes, trends, and what was observed of it.

A target is observed as `value`, or anything from `low` to `high`. It is read from the indicator of a group of segments,
at one year or between two; one that cannot be read says why under `unmeasured`. An observation is a point on a chart.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chainsim.economy.parameters import (
    Frozen,
    Money,
    Name,
    NonNegative,
    Number,
    OpenShare,
    Positive,
    Rate,
    Share,
    Title,
    Year,
    parameter,
)

RatePath = dict[Year, Rate]
"""A yearly rate by the first year it holds for; before the first year the first rate, after the last the last."""


class Park(Frozen):
    """A park of the region."""

    title: Title | None = Field(None, description="Name for people.")
    share: Share = parameter(..., "1", None, None, "the scenario", "share of the enterprises")
    room: Positive = parameter(1.3, "1", 1.1, 1.6, "J", "staff the park can hold over its base staff")


class Institute(Frozen):
    """A research institute or university whose knowledge serves segments of the chain."""

    title: Title | None = Field(None, description="Name for people.")
    # fmt: off
    budget: Money = parameter(..., "CNY million/y", None, None, "the scenario", "yearly research budget")
    segments: dict[Name, Share] = parameter({}, "1", None, None, "the scenario",
        "share of its knowledge that serves each segment")
    # fmt: on


class LabourMarket(Frozen):
    """The region's labour pools beyond the modelled enterprises."""

    # fmt: off
    rest_ordinary: NonNegative = parameter(9.0, "1", 4.0, 15.0, "T",
        "ordinary staff of the rest of the region over that of the modelled enterprises")
    rest_skilled: NonNegative = parameter(3.0, "1", 1.5, 6.0, "T",
        "skilled staff of the rest of the region over that of the modelled enterprises")
    unemployment: OpenShare = parameter(0.05, "1", 0.03, 0.08, "J", "base-year unemployment of both skills", gt=0)
    # fmt: on


class Taxes(Frozen):
    """National and regional tax rules of the baseline."""

    # fmt: off
    profit: NonNegative = parameter(0.25, "1", None, None, "S: facts B100-B102", "corporate income tax", le=0.9)
    high_tech_profit: NonNegative = parameter(0.15, "1", None, None, "S: facts B100-B102",
        "corporate income tax of certified high-tech enterprises", le=0.9)
    rd_deduction: dict[Year, NonNegative] = parameter({1900: 0.75}, "1", None, None, "S: facts B098-B101",
        "extra deduction of R&D from taxable profit by the first year it holds for")
    # fmt: on


class Households(Frozen):
    """Incomes and local spending behind the job multiplier."""

    # fmt: off
    income_tax: Share = parameter(0.15, "1", 0.10, 0.20, "J", "income tax and own contributions over income")
    consumption: Share = parameter(0.68, "1", 0.6, 0.75, "J", "consumption over disposable income")
    local_services: Share = parameter(0.57, "1", 0.3, 0.7, "J", "share of consumption spent on local services")
    services_labour: Share = parameter(0.65, "1", 0.45, 0.7, "J",
        "labour cost of local services and their local suppliers over sales")
    services_pay: Positive = parameter(50.3, "thousand CNY/y", 41.0, 59.0,
        "J: .85 of the pay of production staff (facts B077, B081, B085)", "base-year pay in local services")
    # fmt: on


class Region(Frozen):
    """The region: parks, institutes, labour, taxes, households, common trends."""

    title: Title | None = Field(None, description="Name for people.")
    # fmt: off
    productivity_growth: Number = parameter(0.04, "1/y", 0.02, 0.05, "J",
        "growth of labour productivity in value, common to region and outside, g_A", ge=-0.5, lt=10)
    wage_growth: Number | None = parameter(None, "1/y", 0.02, 0.05, "J",
        "growth of outside wages; productivity_growth where not stated", ge=-0.5, lt=10)
    # fmt: on
    parks: dict[Name, Park] = Field({}, description="Parks; one common park where not stated.")
    institutes: dict[Name, Institute] = Field({}, description="Research institutes.")
    labour: LabourMarket = Field(LabourMarket(), description="Labour pools.")
    taxes: Taxes = Field(Taxes(), description="Taxes.")
    households: Households = Field(Households(), description="Households.")


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
    shared: str = Field(
        "", description="What of the base year rests on the same source; held out, it then tests little."
    )
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


class Observation(Frozen):
    """A figure of a year that was observed, in the unit of the tables: a point on the charts of its indicator."""

    indicator: str = Field(description="Column of the tables that it is one of.", min_length=1)
    year: Year = Field(description="Year.")
    of: str = Field("chain", description="What it is of: `chain`, `all`, a tier, an industry or a segment.")
    # fmt: off
    value: Number = parameter(..., "that of the indicator", None, None, "the scenario", "observed value")
    low: Number | None = parameter(None, "that of the indicator", None, None, "the scenario",
        "lowest value that agrees with what was observed")
    high: Number | None = parameter(None, "that of the indicator", None, None, "the scenario",
        "highest value that agrees with what was observed")
    # fmt: on
    source: str = Field("", description="Where it was observed.")
