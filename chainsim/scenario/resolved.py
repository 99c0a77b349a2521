"""What a validated scenario can do: say where its values come from, and make other scenarios of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, cast

from pydantic import PrivateAttr

from chainsim.economy.parameters import Frozen
from chainsim.scenario.errors import Mark
from chainsim.scenario.values import Sourced

if TYPE_CHECKING:
    from chainsim.scenario.schema import Scenario
    from chainsim.stages import Stage


class Resolved(Frozen):
    """A scenario with every value in place. Two are equal if their content is, wherever it was stated."""

    _origins: dict[str, Mark] = PrivateAttr(default_factory=dict)
    _sources: dict[str, Sourced] = PrivateAttr(default_factory=dict)

    def replace(self, changes: Mapping[str, Any] | None = None, *, stages: Iterable[Stage] = ()) -> Self:
        """The scenario with other values at dotted paths, and with other stages in place of those of the same key.

        A value may be a number, a number with range and source, or a whole block. Subclasses of stages are kept. A stage
        of a new key is added to the year, after the stage that it names.

        Raises
            ScenarioError: with every change that cannot be made.
        """
        from chainsim.scenario.change import replaced

        return cast("Self", replaced(cast("Scenario", self), changes or {}, stages))

    def steady(self) -> Self:
        """The same economy frozen: no growth, trends, shocks, levers, supplier review, innovation, entry or exit."""
        from chainsim.scenario.change import steady

        return cast("Self", steady(cast("Scenario", self)))

    @property
    def sources(self) -> Mapping[str, Sourced]:
        """Range and source of every number stated with them, by dotted path."""
        return MappingProxyType(self._sources)

    @property
    def origins(self) -> Mapping[str, Mark]:
        """Where every value that is not a default is stated, by dotted path."""
        return MappingProxyType(self._origins)

    def origin(self, path: str) -> str:
        """Where the value at a dotted path is stated: `jilin.yaml:41:13`, or `default`."""
        mark = self._origins.get(path)
        return str(mark) if mark is not None else "default"

    def mark(self, path: str) -> Mark | None:
        """The place of the value at a dotted path, or of the nearest block that holds it and is stated."""
        while path:
            if path in self._origins:
                return self._origins[path]
            path = path.rpartition(".")[0]
        return None

    def with_origins(self, origins: dict[str, Mark], sources: dict[str, Sourced]) -> Self:
        """The same scenario knowing where its values come from."""
        scenario = self.model_copy()
        scenario._origins, scenario._sources = origins, sources
        return scenario

    @property
    def hash(self) -> str:
        """SHA-256 of the resolved content, the same in every process; sources and places in files do not count."""
        from chainsim.scenario.identity import content_hash

        return content_hash(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Resolved) and self.hash == other.hash

    def __hash__(self) -> int:
        return int(self.hash[:15], 16)
