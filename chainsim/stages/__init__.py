"""The stages of the year and their order; `year` says when each acts and when public money flows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Self, cast

from pydantic import Field, create_model, model_validator

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

    @model_validator(mode="after")
    def _place_all(self) -> Self:
        """Refuse added stages that would never act."""
        if reason := without_turn(self.added()):
            raise ValueError(reason)
        return self

    def added(self) -> list[Stage]:
        """The stages that are none of the calendar's, in the order in which they act."""
        return [getattr(self, key) for key in type(self).model_fields if key not in Stages.model_fields]

    def calendar(self) -> list[Stage]:
        """The stages in the order in which they act; those added stand after the one that they name, if enabled."""
        added = self.added()
        order = [*following(LEVERS, added)]
        for kind in CALENDAR:
            order += [getattr(self, kind.key), *following(kind.key, added)]
        return [stage for stage in order if not stage.after or stage.enabled]

    def refusals(self, stages: Sequence[Stage]) -> dict[str, str]:
        """Why stages of new keys cannot be added together, by key; nothing where they can."""
        known = [LEVERS, *type(self).model_fields, *(stage.key for stage in stages)]
        found = {stage.key: reason for stage in stages if (reason := self._refusal(stage, known))}
        waiting = without_turn([*self.added(), *stages])
        return {stages[0].key: waiting} if waiting and not found else found

    def _refusal(self, stage: Stage, known: Sequence[str]) -> str:
        """Why a stage has no place in the year, no step, or a key that is no name; empty where it can be added."""
        kind, key = type(stage), stage.key
        if not key.isidentifier() or key.startswith("_") or hasattr(self, key) or key in (LEVERS, ACCOUNTS):
            return f"'{key}' cannot be the key of a stage"
        if stage.after not in known:
            places = ", ".join(name for name in known if name != key)
            return (
                f"stage '{key}' is none of the calendar's; to add it, let {kind.__name__} say after which it acts: "
                f"after = one of {places}; found '{stage.after}'"
            )
        return f"stage '{key}' cannot act, because {kind.__name__} defines no step" if kind.step is Stage.step else ""

    def with_added(self, stages: Sequence[Stage]) -> Stages:
        """These stages and others of new keys, in whatever order; those after the same stage act in the order given.

        Raises:
            ValueError: a stage has no place in the year, no step, or a key that cannot be a name.
        """
        if refusals := self.refusals(stages):
            raise ValueError("; ".join(refusals.values()))
        if not stages:
            return self
        fields: dict[str, Any] = {
            key: (field.annotation, field)
            for key, field in type(self).model_fields.items()
            if key not in Stages.model_fields
        }
        for stage in stages:
            about = (type(stage).__doc__ or stage.key).split("\n")[0]
            fields[stage.key] = (type(stage), Field(stage, description=about))
        everybody = [*self.added(), *stages]
        steps = (LEVERS, *(kind.key for kind in CALENDAR))
        in_order = {stage.key: fields[stage.key] for step in steps for stage in following(step, everybody)}
        wider: Any = create_model("Stages", __base__=Stages, __module__=type(stages[-1]).__module__, **in_order)
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        return cast(Stages, wider.model_validate({**kept, **{stage.key: stage for stage in stages}}))

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as the stages themselves: a class made for those added exists in this process only."""
        return _together, (
            {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set},
        )


def _together(stages: dict[str, Stage]) -> Stages:
    """Stages by key, those of the calendar and those added."""
    made = Stages.model_validate({key: stage for key, stage in stages.items() if key in Stages.model_fields})
    return made.with_added([stage for key, stage in stages.items() if key not in Stages.model_fields])


def following(key: str, added: Sequence[Stage]) -> Iterator[Stage]:
    """The added stages between a step of the calendar and the next: those after it, each with those after it."""
    for stage in added:
        if stage.after == key:
            yield stage
            yield from following(stage.key, added)


def without_turn(added: Sequence[Stage]) -> str:
    """What is wrong where added stages wait for each other, or for one that there is not; empty where all can act."""
    placed = {stage.key for step in (LEVERS, *Stages.model_fields) for stage in following(step, added)}
    waiting = ", ".join(f"'{stage.key}' after '{stage.after}'" for stage in added if stage.key not in placed)
    remedy = f"let one of them act after {LEVERS} or a stage of the calendar"
    return f"stages that would never have their turn: {waiting}; {remedy}" if waiting else ""


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
