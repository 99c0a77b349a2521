"""Who a lever or shock is meant for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from chainsim.economy.arrays import OWNERS, Owner, ScenarioArrays
from chainsim.economy.parameters import Count, Frozen, Name, NonNegative, Share, parameter
from chainsim.economy.types import Flags

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy

THE_SCENARIO = "the scenario"


class Target(Frozen):
    """Enterprises by place, owner, size, age and research; everything stated must hold, lists leave a choice.

    Sizes are those of the end of last year; a new enterprise has no staff yet.
    """

    tiers: tuple[Name, ...] = Field((), description="Tiers; all where not stated.")
    segments: tuple[Name, ...] = Field((), description="Segments; all where not stated.")
    industries: tuple[Name, ...] = Field((), description="Leading industries; all where not stated.")
    parks: tuple[Name, ...] = Field((), description="Parks; all where not stated.")
    owners: tuple[Owner, ...] = Field((), description="Owners; all where not stated.")
    enterprises: tuple[Name, ...] = Field((), description="Named enterprises, by id; others are left out then.")
    min_employees: NonNegative | None = parameter(None, "persons", None, None, THE_SCENARIO, "smallest staff")
    max_employees: NonNegative | None = parameter(None, "persons", None, None, THE_SCENARIO, "largest staff")
    min_sales: NonNegative | None = parameter(None, "CNY million", None, None, THE_SCENARIO, "smallest sales")
    max_sales: NonNegative | None = parameter(None, "CNY million", None, None, THE_SCENARIO, "largest sales")
    min_age: Count | None = parameter(None, "y", None, None, THE_SCENARIO, "fewest completed years of operation")
    max_age: Count | None = parameter(None, "y", None, None, THE_SCENARIO, "most completed years of operation")
    min_rd_share: Share | None = parameter(None, "1", None, None, THE_SCENARIO, "smallest R&D over sales")
    high_tech: bool | None = Field(None, description="Only certified high-tech enterprises, or only others.")

    def segment_mask(self, arrays: ScenarioArrays) -> Flags:
        """Segments that tiers, segments and industries leave, (S,)."""
        tier = np.array(arrays.tiers)[arrays.tier]
        chosen = np.ones(arrays.size, dtype=bool)
        for wanted, present in (
            (self.tiers, tier),
            (self.segments, arrays.names),
            (self.industries, arrays.industries),
        ):
            if wanted:
                chosen &= np.isin(np.array(present), wanted)
        return chosen

    def park_mask(self, arrays: ScenarioArrays) -> Flags:
        """Parks of the target, (P,)."""
        names = np.array(arrays.park_names)
        return np.isin(names, self.parks) if self.parks else np.ones(names.size, dtype=bool)

    def holds(self, economy: Economy) -> Flags:
        """Active enterprises of the target, (n,)."""
        arrays = economy.arrays
        chosen = economy.active & self.segment_mask(arrays)[economy.segment]
        if self.parks:
            chosen &= self.park_mask(arrays)[economy.park]
        if self.owners:
            chosen &= np.isin(economy.owner, [OWNERS.index(owner) for owner in self.owners])
        if self.enterprises:
            named = [row for row, name in economy.names.items() if name in self.enterprises]
            chosen &= np.isin(np.arange(economy.n), named)
        if self.high_tech is not None:
            chosen &= economy.high_tech == self.high_tech
        return chosen & self._sized(economy)

    def _sized(self, economy: Economy) -> Flags:
        from chainsim.policy.quantities import QUANTITIES

        chosen = np.ones(economy.n, dtype=bool)
        for least, most, quantity in (
            (self.min_employees, self.max_employees, "employees"),
            (self.min_sales, self.max_sales, "sales"),
            (self.min_age, self.max_age, "age"),
            (self.min_rd_share, None, "rd_share"),
        ):
            if least is not None or most is not None:
                value = QUANTITIES[quantity][1](economy)
                chosen &= (value >= (least or 0.0)) & (value <= (np.inf if most is None else most))
        return chosen
