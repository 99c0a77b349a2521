"""Scores the hindcast into docs/hindcast.md: `python docs/make_hindcast_scores.py`, two minutes on one core.

Beside the model stand three others: the model without the anchor, the growth of the nation, and the province's own
growth from 2010 to 2016 gone on with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import exp, log
from typing import Any

import pandas as pd
from make_hindcast import FIRMS, FOLDER, HERE, PROVINCES, REVENUE, RUNS, Facts, Province, nation, read

import chainsim as cs
from chainsim.validation.patterns import baseline_runs
from chainsim.validation.targets import targets

RIVALS = {"simulated": "model", "without": "model without anchors", "nation": "nation", "last_block": "own, 2010-16"}


def scores(known: Facts, jobs: int = 1) -> pd.DataFrame:
    """Targets of all provinces, and what three others say: the model without the anchor, the nation, the last block."""
    parts = []
    for province in PROVINCES:
        stated = cs.load(FOLDER / f"{province.file}.yaml")
        table = targets(baseline_runs(stated, RUNS, jobs, shocks=True)).set_index("id")
        table["without"] = float("nan")
        if province.anchor:
            table["without"] = targets(baseline_runs(stated, RUNS, jobs)).set_index("id")["simulated"]
        rivals = [naive(known, province, str(name)) for name in table.index]
        table["nation"], table["last_block"] = (list(column) for column in zip(*rivals, strict=True))
        parts.append(table.reset_index())
    whole = pd.concat(parts, ignore_index=True)
    whole["error"] = [abs(log(one / other)) for one, other in zip(whole["simulated"], whole["value"], strict=True)]
    return whole.sort_values(["inside", "error"], ascending=[True, False], ignore_index=True)


def naive(known: Facts, province: Province, target: str) -> tuple[float, float]:
    """A growth as that of the nation, and as the province's own from 2010 to 2016; NaN where there is none."""
    name, first, last = target.split("_")
    if name == "firms":
        both = [known.get(("China", FIRMS, int(year))) for year in (first, last)]
        ratio = both[1][0] / both[0][0] if both[0] is not None and both[1] is not None else float("nan")
        return ratio, float("nan")
    span = int(last) - int(first)
    earlier = int(first) == 2016
    ends = [known.get((province.name, REVENUE, year)) for year in (2010, 2016)]
    own = (ends[1][0] / ends[0][0]) ** (span / 6) if earlier and ends[0] and ends[1] else float("nan")
    return nation(known, int(last)) / nation(known, int(first)), own


def table(found: pd.DataFrame) -> str:
    """The scores as Markdown: misses first, then how often each forecast is inside and how far off it is."""
    lines = [
        "| province | growth of | observed | agrees | model | 90 % of runs | | without the anchor | the nation's | own, 2010-16 |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in found.to_dict("records"):
        verdict = "inside" if row["inside"] else "**outside**"
        numbers = " | ".join(judged(row, name) for name in ("without", "nation", "last_block"))
        lines.append(
            f"| {row['region']} | {row['target']} | {row['value']:.2f} | {row['low']:.2f} to {row['high']:.2f} | "
            f"{row['simulated']:.2f} | {row['luck_low90']:.2f} to {row['luck_high90']:.2f} | {verdict} | {numbers} |"
        )
    lines += [
        "",
        "| forecast | growth of | inside | mean distance | the model on the same rows |",
        "|---|---|---|---|---|",
    ]
    for kind, words in (("output", "revenue"), ("firms", "enterprises")):
        rows = found[found["id"].str.startswith(kind)]
        lines += [rival(rows, name, f"{RIVALS[name]} | {words}") for name in RIVALS if rows[name].notna().any()]
    return "\n".join(lines)


def judged(row: Mapping[Any, Any], name: str) -> str:
    """A rival's figure, marked where it lies outside."""
    value = row[name]
    if pd.isna(value):
        return ""
    return f"{value:.2f}" if row["low"] <= value <= row["high"] else f"{value:.2f} (outside)"


def rival(found: pd.DataFrame, name: str, words: str) -> str:
    """How often one forecast is inside and its mean distance as a factor, on rows where it says anything."""
    rows = found[found[name].notna()]
    told = [f"{hits(rows, each)} of {len(rows)} | {distance(rows, each)}" for each in (name, "simulated")]
    return f"| {words} | {told[0]} | {told[1].replace(' | ', ', ')} |"


def hits(rows: pd.DataFrame, name: str) -> int:
    """Rows in which a forecast is inside."""
    return int(rows[name].between(rows["low"], rows["high"]).sum())


def distance(rows: pd.DataFrame, name: str) -> str:
    """The geometric mean factor between a forecast and what was observed."""
    mean = sum(abs(log(one / other)) for one, other in zip(rows[name], rows["value"], strict=True)) / len(rows)
    return f"factor {exp(mean):.2f}"


def main() -> None:
    """Score the scenarios as they stand."""
    page = HERE / "hindcast.md"
    text = re.sub(
        r"(?<=<!-- scores -->\n).*?(?=<!-- end -->)",
        lambda _: table(scores(read())) + "\n",
        page.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
