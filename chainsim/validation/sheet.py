"""The pattern panel and the evidence table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

Cells = tuple[str, ...]
WORDS = {True: "inside", False: "outside"}
NONE = "none found"
NO_EVIDENCE, NOT_MEASURED = "no evidence", "not measured"


def number(value: float) -> str:
    """A value to three significant digits; empty where there is none."""
    return f"{value:.3g}" if np.isfinite(value) else ""


def band(low: float, high: float) -> str:
    """The bounds of a band in words; empty without one."""
    if np.isnan(low) or np.isnan(high):
        return ""
    if np.isinf(high):
        return f"above {low:.3g}"
    return f"below {high:.3g}" if np.isinf(low) else f"{low:.3g} to {high:.3g}"


def verdict(inside: Any, value: float, low: float) -> str:
    """Inside, outside, not measured in this scenario, or no evidence to compare with."""
    if pd.isna(inside):
        return NO_EVIDENCE if np.isnan(low) and np.isfinite(value) else NOT_MEASURED
    return WORDS[bool(inside)]


def count(table: pd.DataFrame) -> str:
    """How many of those that could be compared are inside, and how many of them a parameter imposes."""
    known = table[table["inside"].notna()]
    met = known[known["inside"].astype(bool)]
    imposed = int((met["imposed"] != "").sum()) if "imposed" in met else 0
    told = f"; {imposed} of them are imposed by a parameter and test little" if imposed else ""
    return f"{len(met)} of {len(known)} are inside their band{told}"


def evidence_cells(table: pd.DataFrame) -> list[Cells]:
    """Cells of the evidence table, a row a finding; the lever is named once, an imposed value says by what."""
    rows: list[Cells] = []
    before = ""
    for item in lines(table):
        error = f" ± {number(item['se'])}" if np.isfinite(item["se"]) else ""
        met = verdict(item["inside"], item["value"], item["low"])
        imposed = f", imposed by {item['imposed']}" if item["imposed"] else ""
        about = "" if item["source"] == NONE else f"{item['source']} ({item['status']})"
        lever, before = "" if item["lever"] == before else item["lever"], item["lever"]
        limits = band(item["low"], item["high"])
        central = number(item["central"])
        rows.append((lever, item["outcome"], number(item["value"]) + error, limits, central, met + imposed, about))
    return rows


def pattern_cells(table: pd.DataFrame) -> list[Cells]:
    """Cells of the pattern panel, a row a pattern."""
    return [
        (
            item["pattern"],
            number(item["value"]),
            band(item["low"], item["high"]),
            verdict(item["inside"], item["value"], item["low"]),
            item["source"],
        )
        for item in lines(table)
    ]


def lines(table: pd.DataFrame) -> list[dict[Any, Any]]:
    """Rows of a table by the name of the column."""
    return table.to_dict("records")


EVIDENCE_HEADS: Cells = ("lever", "outcome", "model", "band", "central", "", "source")
PATTERN_HEADS: Cells = ("pattern", "model", "band", "", "source")


def sheet(heads: Cells, rows: Iterable[Cells]) -> Table:
    """A plain table; what is outside is marked, the source is dim."""
    page = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for head in heads:
        page.add_column(
            head, style="dim" if head == "source" else "", justify="right" if head in ("model", "central") else "left"
        )
    for cells in rows:
        page.add_row(*cells, style="bold" if any(cell.startswith("outside") for cell in cells) else "")
    return page


def as_text(heads: Cells, rows: Iterable[Cells]) -> str:
    """The table as lines of cells between tabs, for a pipe."""
    return "\n".join("\t".join(cells) for cells in [tuple(head or "verdict" for head in heads), *rows])
