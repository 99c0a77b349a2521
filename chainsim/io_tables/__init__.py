"""From an input-output table to a scenario: one region's accounts, read from several layouts, mapped to segments.

layouts (a file) -> Accounts -> segments (a map, local shares) -> scenario_file (YAML), with a gap report
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from chainsim.economy.types import Array
from chainsim.scenario.errors import Problem, ScenarioError

ROUNDING = 5e-3
"""Largest gap of a total, relative to the output of its sector, that passes as rounding of a published table."""


@dataclass(frozen=True)
class Accounts:
    """One region's input-output table. N sectors; money in the unit named, over the year of the table.

    Flows are by product (row) and buyer (column). `home` and `imported` are None where the table does not tell origins.
    """

    sectors: tuple[str, ...]
    names: tuple[str, ...]
    unit: str
    use: Array
    """Purchases of each product by each sector, from anywhere, (N, N)."""
    home: Array | None
    """Of them from the region itself, (N, N)."""
    imported: Array | None
    """Of them from abroad, (N, N)."""
    final: dict[str, Array]
    """Final use in the region by kind (households, government, investment, stocks), from anywhere, (N,) each."""
    final_home: dict[str, Array] | None
    """Of it from the region itself, (N,) each."""
    outflow: Array
    """Sales to the rest of the nation, (N,)."""
    export: Array
    """Sales abroad, (N,)."""
    inflow: Array
    """Purchases from the rest of the nation by all users, (N,); 0 where not stated."""
    imports: Array
    """Purchases from abroad by all users, (N,); 0 where not stated."""
    output: Array
    value_added: Array
    wages: Array | None
    production_tax: Array | None
    product_tax: Array
    """Taxes less subsidies on the products that each sector buys, (N,)."""
    imported_inputs: Array
    """Inputs from outside that the table does not divide by product, (N,)."""
    nation_use: Array | None = None
    """Use in the rest of the nation, from anywhere, (N,)."""
    abroad_use: Array | None = None
    """Use abroad, from anywhere, (N,)."""
    totals: dict[str, Array] = field(default_factory=dict)
    """Totals that the table states beside its cells: intermediate use, final use, intermediate inputs, (N,) each."""
    unknown: tuple[str, ...] = ()
    """Rows and columns that were left aside."""
    errors: Array | None = None
    """The table's own statistical errors, a final use of its own: use less supply before them, by row, (N,)."""

    def tells_origins(self) -> bool:
        """Whether purchases are divided by origin, or inflow is stated by row."""
        return self.home is not None or bool(np.any(self.inflow) or np.any(self.imports))

    def column_gap(self) -> Array:
        """Inputs, taxes on products and value added less output, (N,)."""
        costs = self.use.sum(axis=0) + self.imported_inputs + self.product_tax + self.value_added
        return np.asarray(costs - self.output)

    def row_gap(self) -> Array:
        """Use less supply of each product, (N,).

        With origins, sales of the region's own products; without, all use less what comes from outside.
        """
        errors = np.zeros(self.output.size) if self.errors is None else self.errors
        if self.home is not None and self.final_home is not None:
            sold = self.home.sum(axis=1) + sum(self.final_home.values(), np.zeros(self.output.size))
            return np.asarray(sold + self.outflow + self.export + errors - self.output)
        used = self.use.sum(axis=1) + sum(self.final.values(), np.zeros(self.output.size))
        return np.asarray(used + self.outflow + self.export - self.inflow - self.imports + errors - self.output)


def refused(place: str, message: str, path: str = "") -> ScenarioError:
    """One mistake in a table, a map or an option as the error that commands show."""
    return ScenarioError([Problem(place, 0, 0, path, message)])
