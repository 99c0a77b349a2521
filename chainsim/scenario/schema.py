"""What a scenario file may state: region, chain, segments, markets, enterprises, stages. Frozen once loaded."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chainsim.economy.arrays import MarketName, Owner
from chainsim.economy.parameters import (
    DEFAULT_MONEY,
    Count,
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
from chainsim.levers import AnyLever
from chainsim.scenario.region import Observation, RatePath, Region, Target
from chainsim.scenario.resolved import Resolved
from chainsim.shocks import AnyShock
from chainsim.stages import Stages


class Years(Frozen):
    """The period simulated: `start` is the base year, recorded as built."""

    start: Year = Field(description="Base year.")
    end: Year = Field(description="Last simulated year.")


class Market(Frozen):
    """One final market of a segment. State `volume` or `local_share`, the other follows from the sales."""

    # fmt: off
    sales: Money = parameter(0.0, "CNY million", None, None, "the scenario", "base-year sales of local enterprises")
    volume: Positive | None = parameter(None, "CNY million", None, None, "the scenario",
        "base-year expenditure in the market, outside rivals included")
    local_share: OpenShare | None = parameter(None, "1", None, None, "the scenario",
        "base-year share of local enterprises in the expenditure")
    growth: Rate | RatePath = parameter(0.0, "1/y", None, None, "the scenario",
        "growth of the volume, one rate or a path by year")
    # fmt: on


class Enterprises(Frozen):
    """Synthetic enterprises of a segment in the base year, in two size classes."""

    # fmt: off
    number: Count = parameter(0, "enterprises", None, None, "the scenario",
        "number above reporting scale, named ones included; their sizes have a Pareto tail")
    small: Count = parameter(0, "enterprises", None, None, "the scenario", "number of small enterprises")
    small_output: Positive = parameter(7.0, "CNY million", None, None, "the scenario",
        "mean output of a small enterprise; entrants are measured by it")
    tail: Positive = parameter(1.1, "1", 1.0, 1.5, "S: facts B096, B097", "Pareto exponent of sizes")
    # fmt: on


class Segment(Frozen):
    """A product group at a tier of the chain. Coefficients are shares of the value of output."""

    tier: Name = Field(description="Tier, one of chain.tiers.")
    title: Title | None = Field(None, description="Name for people.")
    industry: str = Field("general", description="Leading industry; segments of one industry share knowledge.")
    # fmt: off
    output: Money = parameter(..., "CNY million", None, None, "the scenario",
        "base-year output of local enterprises; 0 marks a missing link")
    inputs: dict[Name, OpenShare] = parameter({}, "1", None, None, "the scenario",
        "value of each input segment per value of output, wherever bought")
    localization: dict[Name, Share] = parameter({}, "1", None, None, "the scenario",
        "base-year share of each input bought in the region; 0 where not stated")
    abroad: dict[Name, Share] = parameter({}, "1", None, None, "the scenario",
        "base-year share of each input bought abroad; 0.3 of what is bought outside where not stated")
    criticality: dict[Name, Share] = parameter({}, "1", None, None, "S: Pichler et al. 2022",
        "loss of output per missing share of each input; 1 where not stated")
    value_added_share: Share = parameter(0.25, "1", None, None, "the scenario",
        "value added over output; what inputs and value added leave is bought outside the modelled segments")
    labour_share: Share = parameter(0.10, "1", None, None, "the scenario",
        "labour cost over output, R&D staff included")
    production_tax_share: Number = parameter(0.02, "1", None, None, "the scenario",
        "net production tax over output; negative is a subsidy", ge=-0.95, le=0.9)
    skilled_share: Share = parameter(0.3, "1", None, None, "the scenario", "skilled share of staff")
    wage_ordinary: Positive = parameter(59.0, "thousand CNY/y", None, None, "S: facts B077, B081, B085",
        "yearly pay of ordinary staff")
    wage_skilled: Positive = parameter(82.0, "thousand CNY/y", None, None, "S: facts B076, B081, B085",
        "yearly pay of skilled staff")
    labour_cost_factor: Positive = parameter(1.25, "1", 1.15, 1.35, "J",
        "labour cost over pay, employer contributions included")
    rd_share: Share = parameter(0.03, "1", None, None, "the scenario", "R&D over output")
    capital_per_output: Positive = parameter(0.5, "y", None, None, "the scenario", "capital over base-year output")
    min_efficient_scale: Number = parameter(60.0, "CNY million", None, None, "the scenario",
        "output of the smallest viable plant", ge=0.01)
    price_trend: Number = parameter(0.0, "1/y", None, None, "the scenario", "trend of the outside price", ge=-0.5, lt=10)
    quality_gap: Number = parameter(-0.3, "log", -1.2, 0.0, "J",
        "mean quality of local enterprises relative to the frontier", le=0)
    drag: NonNegative = parameter(0.0, "log/y", 0.0, 0.01, "J",
        "speed at which the frontier moves beyond the gains of the base year")
    process_share: Share = parameter(0.5, "1", 0.2, 0.8, "J",
        "share of an innovation that raises productivity; the rest raises quality")
    owners: dict[Owner, Share] = parameter({"private": 1.0}, "1", None, None, "the scenario",
        "owners' shares of output, summing to 1")
    high_tech_share: Share = parameter(0.3, "1", None, None, "the scenario",
        "share of output by certified high-tech enterprises")
    exit_hazard: Share = parameter(0.06, "1/y", 0.04, 0.09, "S: facts B086-B091",
        "mean exit hazard, scaling the hazards by age")
    rd_deduction: dict[Year, NonNegative] = parameter({}, "1", None, None, "the scenario",
        "extra R&D deduction of this segment by year, in place of region.taxes.rd_deduction")
    # fmt: on
    enterprises: Enterprises = Field(Enterprises(), description="Numbers and sizes of synthetic enterprises.")
    markets: dict[MarketName, Market] = Field({}, description="Final markets.")


class Chain(Frozen):
    """The industry chain: its tiers in order from upstream to users, and its segments."""

    tiers: tuple[Name, ...] = Field(description="Tiers from upstream to users.")
    application: tuple[Name, ...] = Field(
        (), description="Tiers that use the chain without belonging to it; headlines leave them out."
    )
    anchors: tuple[Name, ...] = Field(
        (),
        description=(
            "Segments whose purchases define the local supporting rate; all application segments where not stated."
        ),
    )
    segments: dict[Name, Segment] = Field(description="Segments by name.")

    @property
    def own_segments(self) -> tuple[str, ...]:
        """Segments that belong to the chain; those of application tiers only use it."""
        return tuple(name for name, item in self.segments.items() if item.tier not in self.application)


class NamedEnterprise(Frozen):
    """A real enterprise, kept as stated; the rest of its segment takes what is left."""

    id: Name = Field(description="Name used in files.")
    name: str = Field(description="Name for people.")
    name_zh: str | None = Field(None, description="Chinese name.")
    segment: Name = Field(description="Segment it belongs to.")
    owner: Owner = Field("private", description="Owner.")
    park: Name | None = Field(None, description="Park; drawn by the parks' shares where not stated.")
    founded: Year | None = Field(None, description="Year of foundation; drawn where not stated.")
    # fmt: off
    revenue: Positive = parameter(..., "CNY million", None, None, "the scenario", "base-year output in the region")
    employees: Positive | None = parameter(None, "persons", None, None, "the scenario",
        "base-year staff in the region; the segment's norm where not stated")
    rd: Money | None = parameter(None, "CNY million", None, None, "the scenario",
        "base-year R&D in the region; the segment's norm where not stated")
    # fmt: on


class Population(Frozen):
    """How the base-year population is built."""

    seed: Count | None = Field(None, description="Seed of the population; the scenario's seed where not stated.")
    scale: Positive = parameter(1.0, "1", None, None, "the scenario", "factor on the numbers of synthetic enterprises")
    vary: bool = Field(False, description="Build another population in every replication.")
    # fmt: off
    largest: Share = parameter(0.25, "1", None, None, "T",
        "largest share of an unnamed enterprise in its segment, at least 1.2 times their mean", gt=0)
    slot_purchases: Positive = parameter(10.0, "CNY million", 5.0, 20.0, "T",
        "purchases of an input whose square root times 1.5 sets the suppliers of a large buyer")
    supply_limit: OpenShare = parameter(0.9, "1", 0.7, 0.95, "T",
        "largest part of base output that goes to modelled enterprises", gt=0)
    slots: int = parameter(40, "slots", None, None, "T",
        "most suppliers of one input that a buyer may have", ge=1, le=200)
    # fmt: on


class Record(Frozen):
    """What is kept beside the yearly tables."""

    enterprises: bool = Field(False, description="Keep the state of every enterprise in every year.")
    links: bool = Field(False, description="Keep every supply link in every year.")


MOST_WORLDS = 100_000


class Worlds(Frozen):
    """Draws of uncertain numbers in which `chainsim compare` makes its pairs: within ranges, or of a table."""

    points: Annotated[int, Field(ge=2, le=MOST_WORLDS)] = Field(description="Number of draws.")
    vary: Literal["all", "economy", "policy", "crossed"] = Field(
        "all",
        description="Numbers that are drawn; crossed, those of economy and policy apart, in squares of four worlds.",
    )
    # fmt: off
    draws: dict[str, tuple[Number, ...]] = parameter({}, "that of the number", None, None, "the scenario",
        "values by dotted path, one a draw; the other numbers are drawn within their ranges")
    # fmt: on


class ScenarioFields(Resolved):
    """Every field of a scenario; `Scenario` adds what can be made of it."""

    name: str = Field(description="Short name, used as key in every table.", min_length=1, max_length=100)
    title: Title | None = Field(None, description="Title for people.")
    description: str = Field("", description="What the scenario is about.")
    money: str = Field(
        DEFAULT_MONEY,
        description="Currency of all money, in millions, such as `EUR million`; changes nothing of a run.",
        min_length=1,
    )
    years: Years = Field(description="Base year and last year.")
    replications: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        1, description="Number of runs, with seeds seed, seed + 1, ..."
    )
    seed: Count = Field(1, description="Seed of the first replication.")
    chain: Chain = Field(description="The industry chain.")
    enterprises: tuple[NamedEnterprise, ...] = Field(
        (), description="Real enterprises, inline or the path of a CSV file."
    )
    targets: tuple[Target, ...] = Field(
        (), description="What was observed of the region, inline or the path of a CSV file; changes nothing of a run."
    )
    observed: tuple[Observation, ...] = Field(
        (), description="Points on charts, inline or the path of a CSV file; changes nothing of a run."
    )
    worlds: Worlds | None = Field(
        None, description="Draws of uncertain numbers in which a comparison is made; changes nothing of a run."
    )
    region: Region = Field(Region(), description="The region.")
    population: Population = Field(Population(), description="How the base year is built.")
    stages: Stages = Field(Stages(), description="Parameters of the yearly stages.")
    levers: dict[Name, AnyLever] = Field({}, description="Policy levers by name.")
    shocks: dict[Name, AnyShock] = Field({}, description="Shocks by name.")
    groups: dict[Name, tuple[Name, ...]] = Field(
        {}, description="Levers that a comparison splits the effect among together, by the name of the group."
    )
    # fmt: off
    discount: Rate = parameter(0.04, "1/y", None, None, "the scenario",
        "rate at which money of later years counts less where a cost is discounted; changes nothing of a run", ge=0)
    local_tax_share: Share = parameter(0.5, "1", 0.4, 0.6, "J: half of VAT, 40 % of income taxes (Guofa 2001/37, 2016/26)",
        "part of all taxes and contributions that stays with the region; changes nothing of a run")
    inflation: Rate = parameter(0.02, "1/y", None, None, "the scenario",
        "growth of the outside price level, for money at current prices; changes nothing of a run")
    # fmt: on
    record: Record = Field(Record(), description="What is kept.")
