"""Input-output tables in their layouts -> one region's accounts.

`wide` and `cn42` hold one region, whose blocks are found by codes and words, not by position; `oecd` and `pymrio` hold
many regions (`many_regions`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chainsim.economy.types import Array
from chainsim.io_tables import ROUNDING, Accounts, refused
from chainsim.io_tables.aggregates import Lines, wrong_totals
from chainsim.io_tables.labels import COLUMN_ROLES, FINAL, NONE, ROW_ROLES, TOTALS, role_of
from chainsim.io_tables.many_regions import many_regions, oecd_cells, pymrio_cells
from chainsim.scenario.errors import Mark, Problem, Problems, ScenarioError, shown, suggestion
from chainsim.scenario.files import Grid, GridError, number, read_grid

LAYOUTS = ("wide", "oecd", "cn42", "pymrio")


def read_accounts(
    path: Path,
    layout: str,
    region: str,
    within: str | None,
    roles: dict[str, str],
    unit: str,
    tolerance: float = ROUNDING,
) -> Accounts:
    """The accounts of a region. `roles` are those that a map states for rows and columns, by their label.

    `within` is how the names of the other regions of its nation begin; the region's own up to the first `_`, if not
    said.

    Raises
        ScenarioError: for files that cannot be read, and for tables in which something is missing.
    """
    if layout not in LAYOUTS:
        raise refused("--layout", f"unknown layout '{layout}'{suggestion(layout, LAYOUTS)}")
    if not path.exists():
        raise refused(str(path), "there is no such file or folder")
    try:
        if layout == "pymrio":
            return many_regions(pymrio_cells(path), region, within, path.name, unit)
        if path.is_dir():
            raise refused(str(path), f"expected a file; a folder is read with --layout pymrio, not {layout}")
        numbered = [(line, row) for line, row in enumerate(read_grid(path), 1) if any(row)]
        grid, lines = [row for _, row in numbered], [line for line, _ in numbered]
    except GridError as error:
        raise refused(str(path), str(error)) from None
    except OSError as error:
        raise refused(str(path), f"the file cannot be read: {error.strerror}") from None
    if layout == "oecd":
        return many_regions(oecd_cells(grid, lines, path.name), region, within, path.name, unit)
    table = labelled(grid, roles, path.name)
    _check_numbers(table, grid, lines, path.name)
    check_aggregates(table, grid, lines, path.name, tolerance)
    return one_region(table, path.name, unit or _stated_unit(grid))


@dataclass(frozen=True)
class Labelled:
    """A table of one region as numbers, (R, C), with labels and roles of its rows and columns.

    `sectors` are the positions of each sector: of its row and of its column; `cells` are rows and columns in the file.
    """

    rows: list[list[str]]
    columns: list[list[str]]
    row_roles: list[str]
    column_roles: list[str]
    sectors: list[tuple[int, int]]
    values: Array
    cells: tuple[list[int], list[int]]

    def has(self, role: str) -> bool:
        """Whether a row or column has the role."""
        return role in self.row_roles or role in self.column_roles

    def by_column(self, role: str) -> Array:
        """Sum of the columns of a role, (N,)."""
        wanted = [c for c, found in enumerate(self.column_roles) if found == role]
        return np.asarray(self.values[[r for r, _ in self.sectors]][:, wanted].sum(axis=1))

    def by_row(self, role: str) -> Array:
        """Sum of the rows of a role, (N,)."""
        wanted = [r for r, found in enumerate(self.row_roles) if found == role]
        return np.asarray(self.values[wanted][:, [c for _, c in self.sectors]].sum(axis=0))

    def unknown(self) -> list[str]:
        """Rows and columns with numbers that are no sector and have no role."""
        known_rows, known_columns = {r for r, _ in self.sectors}, {c for _, c in self.sectors}
        rows = [r for r, role in enumerate(self.row_roles) if not role and r not in known_rows]
        columns = [c for c, role in enumerate(self.column_roles) if not role and c not in known_columns]
        left = [self.rows[r][0] for r in rows if np.any(self.values[r])]
        return left + [self.columns[c][0] for c in columns if np.any(self.values[:, c])]


def labelled(grid: Grid, roles: dict[str, str], file: str) -> Labelled:
    """The blocks of a table: sectors are labels of both a row and a column, all else goes by its role."""
    head, side = _frame(grid, roles, file)
    width = max(map(len, grid))
    padded = [row + [""] * (width - len(row)) for row in grid]
    labels = _label_columns(padded, head, side)
    columns = {c: [padded[r][c] for r in range(head, -1, -1) if padded[r][c]] for c in range(max(labels) + 1, width)}
    rows = {r: [padded[r][c] for c in (side, *labels) if padded[r][c]] for r in range(head + 1, len(padded))}
    columns, rows = (
        {c: words for c, words in columns.items() if words},
        {r: words for r, words in rows.items() if words},
    )
    shared = {word for words in rows.values() for word in words} & {
        word for words in columns.values() for word in words
    }
    row_roles = [_role(words, ROW_ROLES, roles, shared) for words in rows.values()]
    column_roles = [_role(words, COLUMN_ROLES, roles, shared) for words in columns.values()]
    return Labelled(
        list(rows.values()),
        list(columns.values()),
        row_roles,
        column_roles,
        _sectors(list(rows.values()), list(columns.values()), row_roles, column_roles),
        np.array([[number(padded[r][c]) or 0.0 for c in columns] for r in rows]),
        (list(rows), list(columns)),
    )


def _check_numbers(table: Labelled, grid: Grid, lines: list[int], file: str) -> None:
    """Words among the numbers of a sector, in its row or column, are mistakes, unless they say that there is none.

    Raises
        ScenarioError: with every such cell.
    """
    row_of, column_of = {r for r, _ in table.sectors}, {c for _, c in table.sectors}
    rows = [r for r, role in enumerate(table.row_roles) if r in row_of or role not in ("", "ignore")]
    columns = [c for c, role in enumerate(table.column_roles) if c in column_of or role not in ("", "ignore")]
    problems = Problems()
    for r in rows:
        row = grid[table.cells[0][r]]
        for c in columns if r in row_of else sorted(column_of):
            cell = row[table.cells[1][c]] if table.cells[1][c] < len(row) else ""
            if number(cell) is None and cell.lower() not in NONE:
                mark = Mark(file, lines[table.cells[0][r]], table.columns[c][0])
                problems.add(mark, (table.rows[r][0],), f"expected a number, found {shown(cell)}")
    problems.stop()


def check_aggregates(table: Labelled, grid: Grid, lines: list[int], file: str, tolerance: float = ROUNDING) -> None:
    """Refuse a table of one region in which a printed total is not the sum of its parts.

    Raises
        ScenarioError: with file, line, column and row of every such cell.
    """
    rows, columns = table.cells
    printed = np.array([[c < len(grid[r]) and number(grid[r][c]) is not None for c in columns] for r in rows])
    heads, labels = [words[0] for words in table.columns], [words[0] for words in table.rows]
    across = Lines(table.values, printed, table.column_roles, [c for _, c in table.sectors], heads)
    down = Lines(table.values.T, printed.T, table.row_roles, [r for r, _ in table.sectors], labels)
    problems = [
        Problem(file, lines[rows[r]], heads[c], labels[r], words)
        for r, c, words in wrong_totals(across, down, tolerance)
    ]
    if problems:
        raise ScenarioError(problems)


def _sectors(
    rows: list[list[str]], columns: list[list[str]], row_roles: list[str], column_roles: list[str]
) -> list[tuple[int, int]]:
    """Rows and columns that share a label and have no role; each column goes with one row."""
    heads = {word: c for c, words in enumerate(columns) if not column_roles[c] for word in reversed(words)}
    pairs: dict[int, int] = {}
    for r, words in enumerate(rows):
        column = next((heads[word] for word in words if word in heads), None)
        if not row_roles[r] and column is not None and column not in pairs:
            pairs[column] = r
    return [(r, c) for c, r in pairs.items()]


def one_region(table: Labelled, file: str, unit: str) -> Accounts:
    """The accounts of a table of one region."""
    if not table.sectors:
        raise refused(file, "no label stands at a row and at a column, so that no sector is found")
    unknown = table.unknown()
    if unknown:
        message = (
            f"'{unknown[0]}' is no sector and no total that is known; say in the map what it is, such as *households"
        )
        rest = f"; so for {len(unknown)} in all" if len(unknown) > 1 else ""
        raise refused(file, f"{message} or *ignore (known: {', '.join(KNOWN)}){rest}")
    use = table.values[[r for r, _ in table.sectors]][:, [c for _, c in table.sectors]]
    imported, taxed = table.by_row("imported_inputs"), table.by_row("product_tax")
    output, value_added = _output_and_value_added(table, use.sum(axis=0) + imported + taxed)
    final = {kind: table.by_column(kind) for kind in FINAL}
    totals = {name: table.by_column(name) for name in TOTALS if table.has(name)}
    labels = [table.rows[r] for r, _ in table.sectors]
    return Accounts(
        sectors=tuple(min(words, key=len) for words in labels),
        names=tuple(max(words, key=len) for words in labels),
        unit=unit,
        use=use,
        home=None,
        imported=None,
        final=_without_double(final, totals),
        final_home=None,
        outflow=table.by_column("outflow"),
        export=table.by_column("export"),
        inflow=np.abs(table.by_column("inflow")),
        imports=np.abs(table.by_column("import")),
        output=output,
        value_added=value_added,
        wages=table.by_row("wages") if table.has("wages") else None,
        production_tax=table.by_row("production_tax") if table.has("production_tax") else None,
        product_tax=taxed,
        imported_inputs=imported,
        totals=_stated_totals(table),
        errors=table.by_column("error"),
    )


KNOWN = (*FINAL, "outflow", "export", "inflow", "import", "wages", "value_added", "output")
"""Roles that a message names."""


def _output_and_value_added(table: Labelled, inputs: Array) -> tuple[Array, Array]:
    """Output and value added, (N,) each; what is not stated follows from `inputs`, taxes on products included."""
    parts = ("wages", "production_tax", "depreciation", "surplus")
    added = table.by_row("value_added") if table.has("value_added") else sum(map(table.by_row, parts), 0 * inputs)
    output = table.by_row("output") if "output" in table.row_roles else table.by_column("output")
    if not np.any(output):
        output = inputs + added
    return output, added if np.any(added) else output - inputs


def _stated_totals(table: Labelled) -> dict[str, Array]:
    """Totals that the table states beside what they add up."""
    totals = {name: table.by_column(name) for name in ("intermediate use",) if name in table.column_roles}
    totals |= {name: table.by_row(name) for name in ("intermediate inputs",) if name in table.row_roles}
    totals |= {"output by column": table.by_column("output")} if "output" in table.column_roles else {}
    return {name: values for name, values in totals.items() if np.any(values)}


def _frame(grid: Grid, roles: dict[str, str], file: str) -> tuple[int, int]:
    """The row of heads and the column of labels: those that hold most codes and words that are known."""
    width = max(map(len, grid), default=0)
    in_row = [sum(bool(_role([cell], COLUMN_ROLES, roles)) for cell in row) for row in grid]
    best = max(in_row, default=0)
    head = max((r for r, count in enumerate(in_row) if count >= 0.6 * best), default=0) if best else 0
    in_column = [
        sum(bool(_role([row[c]], ROW_ROLES, roles)) for row in grid[head + 1 :] if c < len(row)) for c in range(width)
    ]
    most = max(in_column, default=0)
    if not best and not most:
        message = (
            "no head of a known column (households, export, output, TIU, GO ...) and no label of a known row is found"
        )
        raise refused(file, message)
    return head, max((c for c, count in enumerate(in_column) if count >= 0.6 * most), default=0) if most else 0


def _label_columns(rows: Grid, head: int, side: int) -> list[int]:
    """Columns of labels: up to the one of the labels known, and those beside it that hold text."""
    last = side
    for c in range(side + 1, min(side + 3, len(rows[0]))):
        cells = [row[c] for row in rows[head + 1 :] if row[c]]
        if cells and sum(number(cell) is None for cell in cells) > 0.5 * len(cells):
            last = c
        else:
            break
    return list(range(last + 1))


def _role(words: list[str], known: dict[str, str], roles: dict[str, str], shared: Collection[str] = ()) -> str:
    """The role of a row or column by its labels, nearest to the numbers first; that of the map goes before all.

    A label that is `shared` by rows and columns is a sector's, whatever the group of sectors is called beyond it, such
    as 中间使用 over the first of them.
    """
    for word in words:
        if word in roles:
            return roles[word]
    for word in words:
        if (found := role_of(word, known)) or word in shared:
            return "" if found == "error" and word in shared else found  # a sector 其他: errors have a column alone
    return ""


def _without_double(final: dict[str, Array], totals: dict[str, Array]) -> dict[str, Array]:
    """Final use by kind, filled from totals where the table does not divide them."""
    empty = {kind: not np.any(values) for kind, values in final.items()}
    result = dict(final)
    if empty["households"] and "household total" in totals:
        result["households"] = totals["household total"]
    elif empty["households"] and "consumption" in totals:
        result["households"] = totals["consumption"] - final["government"]
    if empty["investment"] and "capital formation" in totals:
        result["investment"] = totals["capital formation"] - final["stocks"]
    return result


def _stated_unit(grid: Grid) -> str:
    """The unit that a Chinese table states above its heads."""
    for row in grid[:8]:
        for cell in row:
            _, found, rest = cell.replace(":", "：").partition("单位：")
            if found:
                return rest.strip(" （）()")
    return ""
