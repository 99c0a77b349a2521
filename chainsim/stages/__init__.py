"""The stages of the year and their order; `year` says when each acts and when public money flows."""

from __future__ import annotations

from typing import Any, cast

from pydantic import Field, create_model

from chainsim.economy.parameters import Frozen
from chainsim.stages.base import Stage
from chainsim.stages.demand import Demand
from chainsim.stages.demography import Demography
from chainsim.stages.finance import Finance
from chainsim.stages.innovation import Innovation
from chainsim.stages.investment import Investment
from chainsim.stages.labour import Labour
from chainsim.stages.pricing import Pricing
from chainsim.stages.production import Production
from chainsim.stages.sourcing import Sourcing

CALENDAR: tuple[type[Stage], ...] = (
    Pricing,
    Sourcing,
    Demand,
    Labour,
    Production,
    Innovation,
    Investment,
    Finance,
    Demography,
)
"""Order of the year; the levers set the entry points before it, the indicators are recorded after it."""

LEVERS, ACCOUNTS = "levers", "accounts"
"""Names of the steps before and after the stages."""


class Stages(Frozen):
    """Parameters of the yearly stages.

    A stage that a user adds is one more field, of a class made for these stages; files know only the fields below.
    """

    pricing: Pricing = Field(Pricing(), description="Unit cost, markup, price.")
    sourcing: Sourcing = Field(Sourcing(), description="Choice of suppliers.")
    demand: Demand = Field(Demand(), description="Final demand.")
    labour: Labour = Field(Labour(), description="Hiring, wages, migration.")
    production: Production = Field(Production(), description="Orders, output, deliveries.")
    innovation: Innovation = Field(Innovation(), description="R&D, productivity, quality.")
    investment: Investment = Field(Investment(), description="Capital.")
    finance: Finance = Field(Finance(), description="Taxes, credit, dividends, default.")
    demography: Demography = Field(Demography(), description="Exit and entry.")

    def calendar(self) -> list[Stage]:
        """The stages in the order in which they act; those added stand after the one that they name, if enabled."""
        order: list[Stage] = [getattr(self, kind.key) for kind in CALENDAR]
        added = [getattr(self, key) for key in type(self).model_fields if key not in Stages.model_fields]
        for stage in added:
            place = [LEVERS, *(item.key for item in order)].index(stage.after)
            while place < len(order) and order[place].after == stage.after:
                place += 1
            order.insert(place, stage)
        return [stage for stage in order if not stage.after or stage.enabled]

    def with_added(self, stage: Stage) -> Stages:
        """These stages and one of a new key.

        Raises:
            ValueError: the stage has no place in the year, no step, or a key that cannot be a name.
        """
        known = [LEVERS, *type(self).model_fields]
        kind, key = type(stage), stage.key
        if not key.isidentifier() or key.startswith("_") or hasattr(self, key) or key in (LEVERS, ACCOUNTS):
            raise ValueError(f"'{key}' cannot be the key of a stage")
        if stage.after not in known:
            raise ValueError(
                f"stage '{key}' is none of the calendar's; to add it, let {kind.__name__} say after which it acts: "
                f"after = one of {', '.join(known)}; found '{stage.after}'"
            )
        if kind.step is Stage.step:
            raise ValueError(f"stage '{key}' cannot act, because {kind.__name__} defines no step")
        fields: dict[str, Any] = {key: (kind, Field(stage, description=(kind.__doc__ or key).split("\n")[0]))}
        wider: Any = create_model("Stages", __base__=type(self), __module__=kind.__module__, **fields)
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        return cast(Stages, wider.model_validate({**kept, key: stage}))

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as the stages themselves: a class made for those added exists in this process only."""
        return _together, ({name: getattr(self, name) for name in self.model_fields_set},)


def _together(stages: dict[str, Stage]) -> Stages:
    """Stages by key, those of the calendar and those added."""
    made = Stages.model_validate({key: stage for key, stage in stages.items() if key in Stages.model_fields})
    for key, stage in stages.items():
        if key not in Stages.model_fields:
            made = made.with_added(stage)
    return made


__all__ = [
    "ACCOUNTS",
    "CALENDAR",
    "LEVERS",
    "Demand",
    "Demography",
    "Finance",
    "Innovation",
    "Investment",
    "Labour",
    "Pricing",
    "Production",
    "Sourcing",
    "Stage",
    "Stages",
]
