"""Measures the numbers of docs/validation.md anew: `python docs/make_validation.py`, about five minutes on one core."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

import chainsim as cs
from chainsim.report import terminal_tables
from chainsim.validation.elasticities import rd_elasticity, sourcing_elasticity
from chainsim.validation.growth_regime import growth_regime, yearly_spread
from chainsim.validation.lever_evidence import lever_evidence
from chainsim.validation.patterns import baseline_runs, patterns
from chainsim.validation.targets import targets

HERE = Path(__file__).parent
RUNS = 6
PAIRS = 8
PUBLISHED = {
    "chain": "no series without a break",
    "segments": "no series without a break",
    "named enterprises": ".05 to .29 (revenue of Faway, UP Optotech, Sino-Microelectronics, Jilin OLED, Qiming)",
}
"""Spread of yearly growth in published series of Jilin, for comparison only."""


def panel(base: cs.Scenario) -> str:
    """The patterns of the scenario without policy as a Markdown table, and what lies outside."""
    found = patterns(baseline_runs(base, RUNS))
    lines = [
        f"Means of {RUNS} runs of the Jilin scenario:\n",
        "| pattern | value | band | source |",
        "|---|---|---|---|",
    ]
    for row in found.itertuples():
        mark = "" if row.inside else " **outside**"
        lines += [
            f"| {row.pattern} | {row.value:.3f}{mark} | {terminal_tables.limits(row.low, row.high)} | {row.source} |"
        ]
    inside = int(found["inside"].sum())
    return "\n".join([*lines, "", f"{inside} of {len(found)} are inside."])


def growth(base: cs.Scenario) -> str:
    """Parts of the chain's growth as a Markdown table."""
    lines = [
        f"In the Jilin scenario (mean and standard error over {PAIRS} runs):\n",
        "| part of the chain's growth | % a year |",
        "|---|---|",
    ]
    parts = growth_regime(base, PAIRS)
    lines += [f"| {row.part} | {100 * row.growth:.2f} ± {100 * row.error:.2f} |" for row in parts.itertuples()]
    lines += ["", "| output of | sd of yearly growth, model | published |", "|---|---|---|"]
    spread = yearly_spread(cs.run(base, replications=PAIRS))
    lines += [f"| {row.level} | {row.sd:.3f} | {PUBLISHED[row.level]} |" for row in spread.itertuples()]
    return "\n".join(lines)


def observed(base: cs.Scenario) -> str:
    """Targets of the scenario beside its runs as a Markdown table, misses first, and how many are met."""
    table = targets(baseline_runs(base, RUNS))
    lines = [
        f"Means and 90 % of {RUNS} runs of the Jilin scenario without policy:\n",
        "| target | observed | agrees | model | 90 % of runs | | what, or why it is not read |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += marked(terminal_tables.target_cells(table))
    return "\n".join([*lines, "", f"{terminal_tables.count_inside(table)}."])


def experiments(base: cs.Scenario) -> str:
    """Elasticities by years since the push as a Markdown table, with their spread over seeds."""
    lines = [
        "In the Jilin scenario (mean and standard deviation over three seeds):\n",
        "| elasticity of | years since | value |",
    ]
    lines += ["|---|---|---|"]
    for name, table in (
        ("local over outside purchases to the outside price", sourcing_elasticity(base)),
        ("productivity and quality to R&D", rd_elasticity(base)),
    ):
        lines += [rows(name, table)]
    return "\n".join(lines)


def levers(base: cs.Scenario) -> str:
    """Every lever against the study it rests on as a Markdown table, and how many are inside."""
    table = lever_evidence(base, range(base.seed, base.seed + PAIRS))
    lines = [
        f"In the Jilin scenario (mean and standard error over {PAIRS} seeds):\n",
        "| lever | outcome | model | band | central | | source |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += marked(terminal_tables.evidence_cells(table))
    return "\n".join([*lines, "", f"{terminal_tables.count_inside(table)}."])


def marked(rows: list[terminal_tables.Row]) -> list[str]:
    """Rows of a Markdown table, the verdict bold where it is `outside`."""
    cells = (
        (cell.replace("outside", "**outside**") if place == 5 else cell for place, cell in enumerate(r)) for r in rows
    )
    return [f"| {' | '.join(row)} |" for row in cells]


def rows(name: str, table: pd.DataFrame) -> str:
    """Rows of one experiment."""
    return "\n".join(f"| {name} | {row.years} | {row.elasticity:.3f} ± {row.sd:.3f} |" for row in table.itertuples())


def fill(page: str, part: str, text: str) -> str:
    """The page with the text between the marks of a part."""
    return re.sub(
        f"(<!-- {part} -->\n).*?(<!-- end -->)", lambda found: found[1] + text + "\n" + found[2], page, flags=re.S
    )


if __name__ == "__main__":
    scenario = cs.load(HERE.parent / "scenarios" / "jilin.yaml")
    target = HERE / "validation.md"
    filled = fill(target.read_text(encoding="utf-8"), "panel", panel(scenario))
    filled = fill(filled, "growth", growth(scenario))
    filled = fill(filled, "targets", observed(scenario))
    filled = fill(filled, "levers", levers(scenario))
    target.write_text(fill(filled, "experiments", experiments(scenario)), encoding="utf-8")
