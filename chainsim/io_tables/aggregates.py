"""Totals that a table prints, held against their parts in every row and column that prints both.

A total may be taken in more than one way (final use with or without exports, imports taken off or not); it is held
against the way in which most of its cells add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from chainsim.economy.types import Array, Flags
from chainsim.io_tables import ROUNDING
from chainsim.scenario.errors import Problem, ScenarioError

Signs = Mapping[int, float]
"""Parts of a total by their position, with 1 where they are added and -1 where they are taken off."""


class Lines(NamedTuple):
    """A table: numbers and which are printed, (R, C), and roles, sectors and labels of its columns."""

    values: Array
    printed: Flags
    roles: Sequence[str]
    sectors: Sequence[int]
    names: Sequence[str]

    def of(self, *roles: str) -> dict[int, float]:
        """The columns of these roles, to be added."""
        return {c: 1.0 for c, role in enumerate(self.roles) if role in roles}

    def first(self, *groups: tuple[str, ...]) -> dict[int, float]:
        """The columns of the first group of roles all of which are there; none if no group is."""
        for group in groups:
            if all(role in self.roles for role in group):
                return self.of(*group)
        return {}


def wrong_totals(across: Lines, down: Lines, tolerance: float = ROUNDING) -> list[tuple[int, int, str]]:
    """Row, column and what is wrong of every printed total that is not the sum of its parts.

    `down` is the table with its rows as columns.
    """
    found = [(r, c, gap) for c, ways in column_totals(across) for r, gap in _wrong(across, c, ways, tolerance)]
    found += [(r, c, gap) for r, ways in row_totals(down) for c, gap in _wrong(down, r, ways, tolerance)]
    return sorted((r, c, gap) for r, c, gap in set(found) if "ignore" not in (down.roles[r], across.roles[c]))


def column_totals(table: Lines) -> Iterator[tuple[int, list[Signs]]]:
    """Columns that are totals, each with the ways in which it may be one."""
    sectors = dict.fromkeys(table.sectors, 1.0)
    final = final_uses(table)
    whole = [{**sectors, **way} for way in final]
    ways: dict[str, list[Signs]] = {
        "intermediate use": [sectors],
        "household total": [table.of("households")],
        "consumption": [table.first(("households", "government"), ("household total", "government"))],
        "capital formation": [table.first(("investment", "stocks"))],
        "final use": list(final),
        "total": [sectors, *final, *whole],
    }
    for c, role in enumerate(table.roles):
        yield from [(c, found)] if (found := [way for way in ways.get(role, []) if way]) else []


def final_uses(table: Lines) -> list[dict[int, float]]:
    """The ways of adding up final use: with exports or not, what comes from outside taken off or not."""
    people = table.first(("households", "government"), ("household total", "government"), ("consumption",))
    people = people or table.of("households", "government")
    capital = table.first(("investment",), ("capital formation",))
    inside = {**people, **capital, **(table.of("stocks") if "investment" in table.roles else {})}
    outside = dict.fromkeys(table.of("import", "inflow"), -1.0)
    sold = [{}, table.of("export"), table.of("export", "outflow")]
    return [{**inside, **part, **less} for part in sold for less in ({}, outside)] if inside else []


def row_totals(table: Lines) -> Iterator[tuple[int, list[Signs]]]:
    """Rows that are totals; the table is given with its rows as columns."""
    sectors, bought, taxes = dict.fromkeys(table.sectors, 1.0), table.of("imported_inputs"), table.of("product_tax")
    parts = ("wages", "production_tax", "depreciation", "surplus")
    added = table.of(*parts) if all(role in table.roles for role in ("wages", "production_tax", "surplus")) else {}
    ways: dict[str, list[Signs]] = {
        "intermediate inputs": [sectors, {**sectors, **bought}, {**sectors, **bought, **taxes}],
        "value_added": [added, {**added, **taxes}] if added else [],
    }
    for r, role in enumerate(table.roles):
        yield from [(r, ways[role])] if ways.get(role) else []


def _wrong(table: Lines, total: int, ways: Sequence[Signs], tolerance: float) -> Iterator[tuple[int, str]]:
    """Rows in which a total is not the sum of its parts, each with what is wrong; none if no way is meant."""
    unit = smallest_unit(table.values[table.printed])
    tried = []
    for way in ways:
        parts, signs = list(way), np.array(list(way.values()))
        values = np.where(signs < 0, np.abs(table.values[:, parts]), table.values[:, parts])
        there = table.printed[:, total] & table.printed[:, parts].any(axis=1)
        gap = table.values[:, total] - values @ signs
        size = np.maximum(np.abs(table.values[:, total]), np.abs(values).sum(axis=1))
        slack = tolerance * size + 0.5 * unit * (1 + table.printed[:, parts].sum(axis=1))
        tried.append((there & (np.abs(gap) > slack), gap, parts, int(there.sum())))
    wrong, gap, parts, count = min(tried, key=lambda one: (int(one[0].sum()), float(np.abs(one[1]).sum())))
    if table.roles[total] == "total" and 2 * wrong.sum() > count:
        return  # a column that adds up something else
    named = f"{table.names[parts[0]]} to {table.names[parts[-1]]}" if len(parts) > 3 else None
    summed = named or " + ".join(table.names[part] for part in parts)
    for row in np.flatnonzero(wrong):
        value = table.values[row, total]
        yield int(row), f"{table.names[total]} is {value:,.8g}, but {summed} add up to {value - gap[row]:,.8g}"


def smallest_unit(values: Array) -> float:
    """The unit in which numbers are rounded; 0 where they have more than three decimals."""
    for decimals in range(4):
        if np.allclose(values, np.round(values, decimals), rtol=0.0, atol=1e-9):
            return float(10.0**-decimals)
    return 0.0


def check_output(stated: Array, sold: Array, rows: Sequence[str], column: str, file: str) -> None:
    """Refuse a table of many regions whose printed output is not what its rows sell; both (N,).

    Raises
        ScenarioError: with row and column of every such cell.
    """
    wrong = np.flatnonzero(np.abs(stated - sold) > ROUNDING * np.maximum(np.abs(stated), np.abs(sold)))
    if wrong.size:
        said = [f"{column} is {stated[i]:,.8g}, but the row adds up to {sold[i]:,.8g}" for i in wrong]
        raise ScenarioError(
            [Problem(file, 0, 0, f"{rows[i]}, {column}", words) for i, words in zip(map(int, wrong), said, strict=True)]
        )
