"""What a design file may state."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from chainsim.economy.parameters import Frozen, Number
from chainsim.experiments.sampling import Grid, Kind

TableName = Literal["region", "tiers", "segments", "levers", "ledger", "trade", "named", "enterprises", "links"]
Quantile = Annotated[Number, Field(ge=0, le=1)]


class Range(Frozen):
    """A range; `{}` stands for the scenario's own range of the number, or else the declared one of its parameter."""

    low: Number | None = Field(None, description="Lowest value.")
    high: Number | None = Field(None, description="Highest value.")
    scale: Literal["linear", "log"] = Field("linear", description="Even steps, or equal factors.")


class Plan(Frozen):
    """A design file as stated, before the scenario is known."""

    name: str | None = Field(None, description="Name of the sweep; that of the file where not stated.", min_length=1)
    scenario: str = Field(description="Scenario file, relative to the design.", min_length=1)
    vary: dict[str, Annotated[tuple[Any, ...], Field(min_length=1)] | Range] = Field(
        {}, description="Values by dotted path: a list, or a range such as {low: 1.5, high: 5}."
    )
    design: Annotated[Kind, Field(discriminator="kind")] = Field(Grid(), description="Which points are run.")
    replications: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="Runs of every point; the scenario's where not stated."
    )
    record: Annotated[tuple[TableName, ...], Field(min_length=1)] = Field(
        ("region", "segments", "levers"), description="Tables that are kept."
    )
    summary: tuple[Quantile, ...] = Field(
        (), description="Quantiles over the runs of a point that are kept in place of the runs; all runs where empty."
    )


FIXED = ("name", "title", "description", "extends", "seed", "replications", "record")
"""Parts of a scenario that a design cannot vary: seeds belong to replications, the rest changes no result."""

SAME_ROWS = ("region", "tiers", "segments", "levers", "trade")
"""Tables that have the same rows in every run of a point, so that quantiles over runs can be taken."""
