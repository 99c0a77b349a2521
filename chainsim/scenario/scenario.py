"""The scenario itself: everything stated, validated and frozen, from which other scenarios are made.

The fields stand in `schema`, the places and sources of their values in `resolved`; here the two meet the checks that
every changed scenario passes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from chainsim.scenario.change import replaced, steady
from chainsim.scenario.schema import ScenarioFields
from chainsim.stages import Stage


class Scenario(ScenarioFields):
    """A complete, validated description of an economy and its experiment."""

    def replace(self, changes: Mapping[str, Any] | None = None, *, stages: Iterable[Stage] = ()) -> Self:
        """The scenario with other values at dotted paths, and with other stages in place of those of the same key.

        A value may be a number, a number with range and source, or a whole block. Subclasses of stages are kept. A stage
        of a new key is added to the year, after the stage that it names.

        Raises
            ScenarioError: with every change that cannot be made.
        """
        return replaced(self, changes or {}, stages)

    def steady(self) -> Self:
        """The same economy frozen: no growth, trends, shocks, levers, supplier review, innovation, entry or exit."""
        return steady(self)
