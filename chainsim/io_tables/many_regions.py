"""Input-output tables of many regions -> one region's accounts, with the origin of everything that it buys.

Every row and column has a label of region and sector; all regions whose name begins alike are one nation.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chainsim.economy.types import Array, Flags
from chainsim.io_tables import Accounts, refused
from chainsim.io_tables.aggregates import check_output
from chainsim.io_tables.labels import COLUMN_ROLES, FINAL, NONE, ROW_ROLES, role_of
from chainsim.scenario.errors import Mark, Problems, shown, suggestion
from chainsim.scenario.files import Grid, number, read_grid


@dataclass(frozen=True)
class Cells:
    """A table as numbers with the labels of its rows and columns, region first; empty regions for totals."""

    rows: list[tuple[str, str]]
    columns: list[tuple[str, str]]
    values: Array


def oecd_cells(grid: Grid, lines: list[int], file: str) -> Cells:
    """A table of many regions: `REGION_SECTOR` at each row and column, or region and sector in two of them each."""
    if len(grid) > 1 and all(number(cell) is None for cell in grid[1][2:]):
        regions = _carried(grid[0][2:])
        columns = [*zip(regions, grid[1][2:], strict=False)]
        body = [(line, row) for line, row in zip(lines[2:], grid[2:], strict=True) if any(map(_is_number, row[2:]))]
        rows = [*zip(_carried([row[0] for _, row in body]), [row[1] for _, row in body], strict=True)]
        cells = [(line, row[2:]) for line, row in body]
    else:
        columns = [_parted(word) for word in grid[0][1:]]
        rows = [_parted(row[0]) for row in grid[1:]]
        cells = [(line, row[1:]) for line, row in zip(lines[1:], grid[1:], strict=True)]
    if not any(region for region, _ in rows):
        raise refused(file, "expected labels such as CHN_C26, or region and sector in two rows and two columns")
    return Cells(rows, columns, np.array(_amounts(cells, columns, file)))


def _is_number(cell: str) -> bool:
    return number(cell) is not None


def _amounts(rows: list[tuple[int, list[str]]], columns: list[tuple[str, str]], file: str) -> list[list[float]]:
    """The numbers of rows, each with its line; 0 where there is none.

    Raises
        ScenarioError: with every word among them that does not say that there is none.
    """
    problems, values = Problems(), []
    for line, row in rows:
        cells = [*row, *[""] * (len(columns) - len(row))][: len(columns)]
        for label, cell in zip(columns, cells, strict=True):
            if not _is_number(cell) and cell.lower() not in NONE:
                mark = Mark(file, line, "_".join(filter(None, label)))
                problems.add(mark, (), f"expected a number, found {shown(cell)}")
        values.append([number(cell) or 0.0 for cell in cells])
    problems.stop()
    return values


def _carried(words: list[str]) -> list[str]:
    """Words with empty ones filled from the left."""
    filled: list[str] = []
    for word in words:
        filled.append(word or (filled[-1] if filled else ""))
    return filled


def _parted(label: str) -> tuple[str, str]:
    """Region and sector of a label such as CHN_C26; totals have no region."""
    region, found, sector = label.partition("_")
    return (region, sector) if found else ("", label)


def pymrio_cells(folder: Path) -> Cells:
    """A system as pymrio saves it: Z.txt, Y.txt and x.txt, if computed. Value added is what purchases leave of sales.

    Factor inputs are satellite accounts in units of their own, which need not add up with the flows.
    """
    if not folder.is_dir() or not (folder / "Z.txt").exists():
        raise refused(str(folder), "expected a folder with Z.txt and Y.txt, as pymrio's save_all(..., 'txt') writes it")
    z, y = (read_grid(folder / name) for name in ("Z.txt", "Y.txt"))
    body = [(line, row) for line, row in enumerate(z[2:], 3) if any(map(_is_number, row[2:]))]
    rows = [(row[0], row[1]) for _, row in body]
    made, sold = ([*zip(head[0][2:], head[1][2:], strict=True)] for head in (z, y))
    final = [(line, row) for line, row in enumerate(y[2:], 3) if any(map(_is_number, row[2:]))]
    bought = dict(zip([(row[0], row[1]) for _, row in final], _below_labels(final, sold, "Y.txt"), strict=True))
    columns = [*made, *sold]
    values = [[*use, *bought[label]] for label, use in zip(rows, _below_labels(body, made, "Z.txt"), strict=True)]
    if (folder / "x.txt").exists():
        stated = {(row[0], row[1]): row[2] for row in read_grid(folder / "x.txt") if len(row) > 2}
        columns.append(("", "output"))
        values = [[*row, number(stated.get(label, "")) or 0.0] for label, row in zip(rows, values, strict=True)]
    return Cells(rows, columns, np.array(values))


def _below_labels(rows: list[tuple[int, list[str]]], columns: list[tuple[str, str]], file: str) -> list[list[float]]:
    """The numbers of rows behind two labels."""
    return _amounts([(line, row[2:]) for line, row in rows], columns, file)


def many_regions(cells: Cells, region: str, within: str | None, file: str, unit: str) -> Accounts:
    """The accounts of one region of many, with the origin of everything that it buys."""
    regions = list(dict.fromkeys(name for name, _ in cells.rows if name and role_of(name, ROW_ROLES) == ""))
    if region not in regions:
        raise refused("--region", f"unknown region '{region}'{suggestion(region, regions, most=12)}")
    start = within if within is not None else region.partition("_")[0] + "_" if "_" in region else None
    nation = {name for name in regions if start and name.startswith(start)} - {region}
    if within is not None and not nation:
        raise refused(
            "--within", f"no other region's name begins with '{within}'{suggestion(within, regions, most=12)}"
        )
    here = [sector for name, sector in cells.columns if name == region]
    sectors = [sector for name, sector in cells.rows if name == region and sector in here]
    sectors = [sector for sector in sectors if not role_of(sector, ROW_ROLES)]
    row_region, row_sector = (np.array(part) for part in zip(*cells.rows, strict=True))
    column_region, column_sector = (np.array(part) for part in zip(*cells.columns, strict=True))
    is_total = np.array([not name or name not in regions for name in column_region])
    kinds = np.array([role_of(word, COLUMN_ROLES) for word in column_sector])
    own = [int(np.flatnonzero((column_region == region) & (column_sector == sector))[0]) for sector in sectors]

    def product_rows(names: set[str]) -> Array:
        """Sales of each product by these regions to every column, (N, C)."""
        return np.stack(
            [cells.values[np.isin(row_region, list(names)) & (row_sector == sector)].sum(axis=0) for sector in sectors]
        )

    sold, everything = product_rows({region}), product_rows(set(regions))
    abroad = everything - sold - product_rows(nation)

    def to(names: set[str] | Flags, sales: Array = sold) -> Array:
        mask = np.isin(column_region, list(names)) if isinstance(names, set) else names
        return np.asarray(sales[:, mask & ~is_total].sum(axis=1))

    in_region = column_region == region
    is_sector = np.isin(column_sector, sectors)
    strange = sorted(
        {str(w) for w, k, s in zip(column_sector, kinds, is_sector, strict=True) if k in ("", "error") and not s} - {""}
    )
    final_of = {
        kind: in_region & ~is_sector & ((kinds == kind) if kind != "households" else ~np.isin(kinds, FINAL[1:]))
        for kind in FINAL
    }
    foreign = set(regions) - nation - {region}

    def factor(role: str) -> Array | None:
        wanted = [role_of(sector, ROW_ROLES) == role or role_of(name, ROW_ROLES) == role for name, sector in cells.rows]
        return cells.values[np.ix_(np.flatnonzero(wanted), np.array(own))].sum(axis=0) if any(wanted) else None

    use, taxed = everything[:, own], factor("product_tax")
    output, value_added = factor("output"), factor("value_added")
    taxes = np.zeros(len(sectors)) if taxed is None else taxed
    whole = to(np.ones(column_region.size, dtype=bool))
    for c, words in enumerate(cells.columns):
        if is_total[c] and "output" in [role_of(word, roles) for word in words for roles in (ROW_ROLES, COLUMN_ROLES)]:
            check_output(sold[:, c], whole, [f"{region} {sector}" for sector in sectors], words[0] or words[1], file)
    output = whole if output is None else output
    return Accounts(
        sectors=tuple(sectors),
        names=tuple(sectors),
        unit=unit,
        use=use,
        home=sold[:, own],
        imported=abroad[:, own],
        final={kind: to(mask, everything) for kind, mask in final_of.items()},
        final_home={kind: to(mask) for kind, mask in final_of.items()},
        outflow=to(nation),
        export=to(foreign),
        inflow=to(in_region, everything - sold - abroad),
        imports=to(in_region, abroad),
        output=output,
        value_added=output - use.sum(axis=0) - taxes if value_added is None else value_added,
        wages=factor("wages"),
        production_tax=factor("production_tax"),
        product_tax=taxes,
        imported_inputs=np.zeros(len(sectors)),
        nation_use=to(nation, everything) if nation else None,
        abroad_use=to(foreign, everything),
        unknown=tuple(strange),
    )
