"""What all stages share: typed parameters, a switch, and `step`, which commits the rules and books the money."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from chainsim.economy.parameters import Frozen

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy


class Stage(Frozen):
    """One step of the year. Subclass a stage and override a rule to replace one behaviour.

    `key` is the name under `stages:` in a scenario file; `writes` lists the columns of the economy that `step` changes.
    """

    key: ClassVar[str]
    writes: ClassVar[frozenset[str]] = frozenset()

    enabled: bool = Field(
        True, description="Whether the stage acts; what a disabled stage leaves unchanged is in its docstring."
    )

    def step(self, economy: Economy) -> None:
        """Apply the rules of the stage to the economy and book the money."""
        raise TypeError(f"{type(self).__name__} defines no step")
