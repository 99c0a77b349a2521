"""Keeps the yearly tables of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainsim.economy import group_sums
from chainsim.economy.arrays import MARKETS, OWNERS
from chainsim.economy.columns import COLUMNS
from chainsim.indicators.group_tables import GroupTables, Observed, Row, observe
from chainsim.indicators.table import Recording
from chainsim.stages import missing_links

if TYPE_CHECKING:
    from chainsim.economy.economy import Economy
    from chainsim.economy.protocols import LeverAccount

LEDGER = ("row", "payer", "receiver", "amount")
YEARS_AT_ONCE = 16
"""Years whose missing links are explained together; more would leave the cache."""
LEVER_MONEY = ("requested", "granted", "outlay", "cofinanced", "recovered", "recipients")


class Recorder:
    """Collects the tables of a run, the base year first.

    Rows of ledger, levers and single enterprises are kept as they come; years of segments are observed, and the tables
    of their groups made for all of them when somebody asks.
    """

    def __init__(self, economy: Economy, enterprises: bool = False, links: bool = False) -> None:
        self.keep_enterprises, self.keep_links = enterprises, links
        self.kept: dict[str, list[Row]] = {}
        self.made: list[tuple[list[int], dict[str, Row]]] = []
        self.waiting: list[Observed] = []
        self.missing = missing_links.missing(economy).rows
        self.record(economy)
        self.groups = GroupTables(economy, self.waiting[0])

    def record(self, economy: Economy) -> None:
        """Add the present year."""
        self.stages = economy.stages
        self.waiting.append(observe(economy))
        self.keep("ledger", economy.year, ledger_rows(economy))
        self.keep("levers", economy.year, lever_rows(economy))
        self.keep("named", economy.year, named_rows(economy))
        self.kept.setdefault("missing_links", [])
        self.keep("parks", economy.year, park_rows(economy))
        if self.keep_enterprises:
            self.keep("enterprises", economy.year, enterprise_rows(economy))
            self.keep("support", economy.year, support_rows(economy))
        if self.keep_links:
            self.keep("links", economy.year, link_rows(economy))

    def keep(self, table: str, year: int, row: Row) -> None:
        """Append the rows of a year to a table."""
        length = len(next(iter(row.values())))
        self.kept.setdefault(table, []).append({"year": np.full(length, year, dtype=np.int32), **row})

    def make(self) -> None:
        """Make the tables of the years that wait for it.

        Raises:
            ArithmeticError, ValueError: a number that no region could have; names the year.
        """
        if self.waiting:
            self.explain_missing_links()
            self.made.append(([year.year for year in self.waiting], self.groups.tables(self.waiting)))
            self.waiting = []

    def explain_missing_links(self) -> None:
        """Find why links stayed missing in the years that wait, and how viable they were."""
        names, number = self.groups.keys["segments"]["segment"][self.missing], self.missing.size
        for first in range(0, len(self.waiting), YEARS_AT_ONCE):
            years = self.waiting[first : first + YEARS_AT_ONCE]
            met = missing_links.of_years([year.links for year in years])
            rows = missing_links.prospects(self.stages.demography, self.stages, met)
            for t, year in enumerate(years):
                own = {name: values[t * number : (t + 1) * number] for name, values in rows.items()}
                year.sums["viability"][self.missing] = own["viability"]
                self.keep("missing_links", year.year, {"segment": names, **own})

    @property
    def years(self) -> dict[str, list[Row]]:
        """The rows of every year so far, by table."""
        self.make()
        years = [(block, t) for block in range(len(self.made)) for t in range(len(self.made[block][0]))]
        return {table: [self.rows(table, *at) for at in years] for table in self.groups.keys} | self.kept

    def latest(self, table: str) -> Row:
        """The last year's rows of a table of segments or their groups."""
        self.make()
        return self.rows(table, -1, -1)

    def rows(self, table: str, block: int, t: int) -> Row:
        """One year's rows of a table: the `t`-th year of those made together."""
        (years, made), keys = self.made[block], self.groups.keys[table]
        stamp = np.full(len(next(iter(keys.values()))), years[t], dtype=np.int32)
        return {"year": stamp, **keys, **{name: values[t] for name, values in made[table].items()}}

    def recording(self, seed: int) -> Recording:
        """The tables of the run so far."""
        self.make()
        years = np.array([year for block, _ in self.made for year in block], dtype=np.int32)
        tables = {}
        for table, keys in self.groups.keys.items():
            length = len(next(iter(keys.values())))
            tables[table] = {"year": np.repeat(years, length)}
            tables[table] |= {name: np.tile(values, years.size) for name, values in keys.items()}
            for name in self.made[0][1][table]:
                tables[table][name] = np.concatenate([made[table][name].ravel() for _, made in self.made])
        kept = {
            name: {column: np.concatenate([year[column] for year in rows]) for column in rows[0]}
            for name, rows in self.kept.items()
        }
        return Recording(seed, tables | kept)


def ledger_rows(economy: Economy) -> Row:
    """Rows of the year's ledger."""
    rows = [
        (row, payer, receiver, amount) if amount >= 0 else (row, receiver, payer, -amount)
        for (row, payer, receiver), amount in economy.ledger.entries.items()
    ]
    columns = zip(*rows, strict=True) if rows else ((),) * len(LEDGER)
    return {name: np.array(values) for name, values in zip(LEDGER, columns, strict=True)}


def as_stated(economy: Economy) -> list[LeverAccount]:
    """The years of all levers in the order of the scenario, whatever that in which they act."""
    names = () if economy.programme is None else economy.programme.levers
    return [economy.lever_years[name] for name in names if name in economy.lever_years]


def lever_rows(economy: Economy) -> Row:
    """Budget, requests, grants, outlay and recipients of every lever; budget is not a number where there is none."""
    lever_years = as_stated(economy)
    return {
        "lever": np.array([each.name for each in lever_years], dtype=str),
        "type": np.array([each.type for each in lever_years], dtype=str),
        "budget": np.array([each.budget if np.isfinite(each.budget) else np.nan for each in lever_years]),
        **{column: np.array([getattr(each, column) for each in lever_years], dtype=float) for column in LEVER_MONEY},
    }


def park_rows(economy: Economy) -> Row:
    """Sums over the enterprises of the chain that operated in each park; support to those that closed as well."""
    parks, chain = economy.arrays.park_names, economy.arrays.chain[economy.segment]
    purchases = economy.purchases_local + economy.purchases_national + economy.purchases_abroad
    measures = {
        "output": economy.sales,
        "value_added": economy.sales - purchases - economy.other_inputs,
        "employment": economy.ordinary + economy.skilled + economy.research,
        "rd": economy.rd,
        "enterprises": np.ones(economy.n),
    }
    sums = group_sums.row_sums(np.array(list(measures.values())), economy.park, economy.operated & chain, len(parks))
    paid = group_sums.sums(economy.support, economy.park, chain, len(parks))
    return {"park": np.array(parks), **dict(zip(measures, sums, strict=True)), "support": paid}


def named_rows(economy: Economy) -> Row:
    """Outcome of every named enterprise that operated in the year."""
    rows = np.array([row for row in economy.names if economy.operated[row]], dtype=np.int64)
    return {
        "name": np.array([economy.names[int(row)] for row in rows], dtype=str),
        "segment": np.array(economy.arrays.names)[economy.segment[rows]],
        "output": economy.sales[rows],
        "employment": economy.employment[rows],
        "rd": economy.rd[rows],
        "profit": economy.profit[rows],
    }


def enterprise_rows(economy: Economy) -> Row:
    """The state of every enterprise that operated in the year."""
    arrays, rows = economy.arrays, np.flatnonzero(economy.operated)
    frame: Row = {
        "name": np.array([economy.names.get(int(row), "") for row in rows]),
        "tier": np.array(arrays.tiers)[arrays.tier[economy.segment[rows]]],
        "employment": economy.employment[rows],
        "value_added": (
            economy.sales
            - economy.purchases_local
            - economy.purchases_national
            - economy.purchases_abroad
            - economy.other_inputs
        )[rows],
    }
    labels = {"segment": arrays.names, "park": arrays.park_names, "owner": OWNERS}
    for column in COLUMNS:
        values = getattr(economy, column.name)[rows]
        if column.name in labels:
            frame[column.name] = np.array(labels[column.name])[values]
        elif column.wide:
            frame |= {f"{column.name}_{market}": values[:, m].copy() for m, market in enumerate(MARKETS)}
        else:
            frame[column.name] = values.copy()
    return frame


def support_rows(economy: Economy) -> Row:
    """What every lever paid for every enterprise in the year, co-financing included; those that got something."""
    paid = {lever.name: lever.paid for lever in as_stated(economy) if lever.paid.any()}
    rows = np.concatenate([np.zeros(0, dtype=np.int64), *(np.flatnonzero(amount) for amount in paid.values())])
    return {
        "lever": np.repeat(np.array([*paid], dtype=str), [np.count_nonzero(amount) for amount in paid.values()]),
        "identity": economy.identity[rows],
        "name": np.array([economy.names.get(int(row), "") for row in rows], dtype=str),
        "segment": np.array(economy.arrays.names)[economy.segment[rows]],
        "park": np.array(economy.arrays.park_names)[economy.park[rows]],
        "owner": np.array(OWNERS)[economy.owner[rows]],
        "paid": np.concatenate([np.zeros(0), *(amount[amount != 0.0] for amount in paid.values())]),
    }


def link_rows(economy: Economy) -> Row:
    """Every supply link in business: identities of buyer and supplier (0 national, 1 abroad, 2 nobody)."""
    links = economy.links
    buyer = links.buyer
    kept = np.flatnonzero(economy.active[buyer])
    supplier = links.supplier[kept]
    outside = np.array([2, 1, 0], dtype=np.uint64)[np.clip(supplier + 3, 0, 2)]
    bought, size = links.input[kept], economy.segment[buyer[kept]]
    technical = economy.arrays.technical[bought, size]
    return {
        "buyer": economy.identity[buyer[kept]],
        "supplier": np.where(supplier >= 0, economy.identity[np.maximum(supplier, 0)], outside),
        "input": np.array(economy.arrays.names)[bought],
        "slot": links.slot[kept].astype(np.int32),
        "weight": links.coefficient[kept] / technical,
        "value": links.coefficient[kept] * economy.output[buyer[kept]],
    }
