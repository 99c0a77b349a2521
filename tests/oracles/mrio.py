"""The test table that pymrio ships (six regions, eight sectors), with one of its regions as the province.

Inputs of a sector are what it buys of a product from all regions; its localization is the share from its own region.
Value added is the residual of the column, because the factor inputs shipped with the table do not balance it.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

PROVINCE = "reg1"
NATION = ("reg2", "reg3")
"""Regions read as the rest of the nation; all others are abroad."""

LOCAL_SHARE = 0.8473
"""Local share of intermediate purchases of region 1, as found in the table."""

GOVERNMENT = "Final consumption expenditure by government"


@dataclass(frozen=True)
class Table:
    """One region's view of the table; S sectors, money in the unit of the table times the scale.

    purchases, local, national: (S, S), product by buying sector. final: (S, 4), sales of the region's sectors to local
    users, local government, other regions of the nation and abroad, the latter two with what firms there buy.
    """

    sectors: tuple[str, ...]
    purchases: np.ndarray
    local: np.ndarray
    national: np.ndarray
    final: np.ndarray

    @property
    def output(self) -> np.ndarray:
        """Output of the region's sectors, (S,)."""
        return self.local.sum(axis=1) + self.final.sum(axis=1)

    @property
    def coefficients(self) -> np.ndarray:
        """Input coefficients, wherever bought, (S, S)."""
        return self.purchases / self.output

    @property
    def local_coefficients(self) -> np.ndarray:
        """Input coefficients of what is bought in the region, (S, S)."""
        return self.local / self.output


def province_table(province: str = PROVINCE, nation: tuple[str, ...] = NATION, scale: float = 1e-3) -> Table:
    """Read the shipped table and collect what concerns the province."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pymrio

        system = pymrio.load_test()
    flows, final = system.Z * scale, system.Y * scale
    sectors = tuple(flows.loc[province].index)
    bought = flows[province]
    purchases = sum(bought.loc[region].to_numpy() for region in system.get_regions())
    others = [region for region in system.get_regions() if region != province]
    sold = {
        region: flows.loc[province, region].to_numpy().sum(axis=1) + final.loc[province, region].to_numpy().sum(axis=1)
        for region in others
    }
    at_home = final.loc[province, province]
    abroad = [region for region in others if region not in nation]
    return Table(
        sectors=sectors,
        purchases=purchases,
        local=bought.loc[province].to_numpy(),
        national=sum(bought.loc[region].to_numpy() for region in nation),
        final=np.stack(
            [
                at_home.drop(columns=GOVERNMENT).to_numpy().sum(axis=1),
                at_home[GOVERNMENT].to_numpy(),
                sum(sold[region] for region in nation),
                sum(sold[region] for region in abroad),
            ],
            axis=1,
        ),
    )


def scenario_mapping(table: Table, number: int = 30, growth: float = 0.0) -> dict[str, Any]:
    """A scenario of the table with `number` enterprises a sector, as a mapping in the shape of a scenario file.

    All that the table does not say is chosen neutral: no R&D, no production tax, labour four fifths of value added.
    """
    segments = {name: _segment(table, sector, number, growth) for sector, name in enumerate(table.sectors)}
    return {
        "name": "mrio",
        "years": {"start": 2020, "end": 2023},
        "chain": {"tiers": ["all"], "segments": segments},
    }


def _segment(table: Table, sector: int, number: int, growth: float) -> dict[str, Any]:
    bought, local, national = (part[:, sector] for part in (table.purchases, table.local, table.national))
    value_added = 1.0 - float(bought.sum() / table.output[sector])
    return {
        "tier": "all",
        "output": float(table.output[sector]),
        "inputs": _by_sector(table, bought / table.output[sector]),
        "localization": _by_sector(table, local / bought),
        "abroad": _by_sector(table, (bought - local - national) / bought),
        "value_added_share": value_added,
        "labour_share": 0.8 * value_added,
        "production_tax_share": 0.0,
        "rd_share": 0.0,
        "capital_per_output": 0.3,
        "enterprises": {"number": number},
        "markets": {
            market: {"sales": float(sales), "local_share": 0.5, "growth": growth}
            for market, sales in zip(
                ("local_other", "government", "national", "abroad"), table.final[sector], strict=True
            )
            if sales > 0
        },
    }


def _by_sector(table: Table, values: np.ndarray) -> dict[str, float]:
    return {name: float(value) for name, value in zip(table.sectors, values, strict=True)}
