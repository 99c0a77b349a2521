"""What a scenario file may state of the region: parks, institutes, labour, taxes, households, common trends."""

from __future__ import annotations

from pydantic import Field

from chainsim.economy.parameters import (
    Frozen,
    Money,
    Name,
    NonNegative,
    OpenShare,
    Positive,
    Rate,
    Share,
    Year,
    parameter,
)

RatePath = dict[Year, Rate]
"""A yearly rate by the first year it holds for; before the first year the first rate, after the last the last."""


class Title(Frozen):
    """A name for people, in English and Chinese."""

    en: str = Field(description="English title.")
    zh: str | None = Field(None, description="Chinese title.")


class Park(Frozen):
    """A park of the region."""

    title: Title | None = Field(None, description="Name for people.")
    share: Share = parameter(unit="1", source="the scenario", help="share of the enterprises")
    room: Positive = parameter(
        1.3, unit="1", low=1.1, high=1.6, source="J", help="staff the park can hold over its base staff"
    )


class Institute(Frozen):
    """A research institute or university whose knowledge serves segments of the chain."""

    title: Title | None = Field(None, description="Name for people.")
    budget: Money = parameter(unit="CNY million/y", source="the scenario", help="yearly research budget")
    segments: dict[Name, Share] = parameter(
        {}, unit="1", source="the scenario", help="share of its knowledge that serves each segment"
    )


class LabourMarket(Frozen):
    """The region's labour pools beyond the modelled enterprises."""

    rest_ordinary: NonNegative = parameter(
        9.0,
        unit="1",
        low=4.0,
        high=15.0,
        source="T",
        help="ordinary staff of the rest of the region over that of the modelled enterprises",
    )
    rest_skilled: NonNegative = parameter(
        3.0,
        unit="1",
        low=1.5,
        high=6.0,
        source="T",
        help="skilled staff of the rest of the region over that of the modelled enterprises",
    )
    unemployment: OpenShare = parameter(
        0.05, unit="1", low=0.03, high=0.08, source="J", help="base-year unemployment of both skills", gt=0
    )


class Taxes(Frozen):
    """National and regional tax rules of the baseline."""

    profit: Share = parameter(0.25, unit="1", source="S: facts B100-B102", help="corporate income tax")
    high_tech_profit: Share = parameter(
        0.15, unit="1", source="S: facts B100-B102", help="corporate income tax of certified high-tech enterprises"
    )
    rd_deduction: dict[Year, NonNegative] = parameter(
        {1900: 0.75},
        unit="1",
        source="S: facts B098-B101",
        help="extra deduction of R&D from taxable profit by the first year it holds for",
    )


class Households(Frozen):
    """Incomes and local spending behind the job multiplier."""

    income_tax: Share = parameter(
        0.15, unit="1", low=0.10, high=0.20, source="J", help="income tax and own contributions over income"
    )
    consumption: Share = parameter(
        0.68, unit="1", low=0.6, high=0.75, source="J", help="consumption over disposable income"
    )
    local_services: Share = parameter(
        0.57, unit="1", low=0.3, high=0.7, source="J", help="share of consumption spent on local services"
    )
    services_labour: Share = parameter(
        0.65,
        unit="1",
        low=0.45,
        high=0.7,
        source="J",
        help="labour cost of local services and their local suppliers over sales",
    )
    services_pay: Positive = parameter(
        50.3,
        unit="thousand CNY/y",
        low=41.0,
        high=59.0,
        source="J: .85 of the pay of production staff (facts B077, B081, B085)",
        help="base-year pay in local services",
    )


class Region(Frozen):
    """The region: parks, institutes, labour, taxes, households, common trends."""

    title: Title | None = Field(None, description="Name for people.")
    productivity_growth: Rate = parameter(
        0.04,
        unit="1/y",
        low=0.02,
        high=0.05,
        source="J",
        help="growth of labour productivity in value, common to region and outside, g_A",
    )
    wage_growth: Rate | None = parameter(
        None,
        unit="1/y",
        low=0.02,
        high=0.05,
        source="J",
        help="growth of outside wages; productivity_growth where not stated",
    )
    parks: dict[Name, Park] = Field({}, description="Parks; one common park where not stated.")
    institutes: dict[Name, Institute] = Field({}, description="Research institutes.")
    labour: LabourMarket = Field(LabourMarket(), description="Labour pools.")
    taxes: Taxes = Field(Taxes(), description="Taxes.")
    households: Households = Field(Households(), description="Households.")
