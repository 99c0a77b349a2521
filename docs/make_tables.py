"""Writes docs/tables.md from what the package declares and records: `python docs/make_tables.py`."""

from __future__ import annotations

from pathlib import Path

import chainsim as cs
from chainsim.economy.arrays import ScenarioArrays
from chainsim.economy.columns import COLUMNS as STATE
from chainsim.economy.columns import Calibration, Column, Flows, Reference, Region
from chainsim.economy.economy import Economy
from chainsim.economy.types import meanings as fields_of
from chainsim.effects.effect_tables import SEEN, meanings_of
from chainsim.indicators.table import INDICATORS
from chainsim.runs.frames import COLUMNS, RUN_KEYS, meanings
from chainsim.runs.headline import STATISTICS

HERE = Path(__file__).parent
INDICATOR_TABLES = ("region", "tiers", "segments")

OPENING = """\
# Tables and their columns

*Written by `docs/make_tables.py` from what the code declares; a test holds this page to it.*

`result.region`, `result.table("region")` and `region.parquet` in an output folder are the same table; Parquet files carry
units and meanings in their schema. Every table is tidy: keys are ordinary columns, one row per run, year and key, and the
first year is the base year as built. Money is CNY million at the outside price level, shares and rates are fractions. A
rate with an empty denominator is 0. `scope` *chain* is the headline; *all* adds the application tier.

"""

PURPOSES = {
    "parks": "The chain by park, where `region.parks` states some; else one row, the region.",
    "trade": "Who buys what from whom, and where it comes from.",
    "ledger": "Every movement of money of the year: who pays whom for what. "
    "Receipts of every column equal its payments.",
    "named": "The enterprises that the scenario names, every year; nothing where there are none.",
    "missing_links": "Why each segment that began without enterprises stays missing, and what alone would open it: the factor on "
    "demand, the grant, the quality. Empty where there are none.",
    "levers": "What policy levers ask for and pay. Empty where there are none.",
    "enterprises": "The state of every enterprise that operated in the year, with `record: {enterprises: true}` or "
    "`--enterprises`. Columns with one entry per final market end in its name.",
    "support": "What every lever paid for every enterprise in the year, those that got something, with `record: {enterprises: true}` or "
    "`--enterprises`.",
    "links": "Every supply link of enterprises in business, with `record: {links: true}`.",
}

COMPARED = {
    "effects": "Effects on every indicator by scope, tier, industry, segment and park, "
    "after 1, 5, 10 and 15 years of policy and at the end.",
    "costs": "Money, what it achieves, and what a unit of that costs, "
    "over all years; see [policy-effects.md](policy-effects.md).",
    "levers": "Money of the levers of a policy over all years, means of the pairs.",
    "payments": "To whom the outlay of every lever goes, to the yuan, and what is left of its budget; means of the pairs.",
    "recipients": "What recipients of each lever did under the whole policy against the same enterprises in the "
    "baseline: not the doing of that lever alone.",
    "ranking": "What each lever does alone and what the policy loses without it: means of the pairs, and bounds that "
    "hold the mean over luck in 90 %.",
    "additionality": "What each lever made its recipients add in its own pairs, alone and left out, and what others lost; "
    "bounds as in the ranking.",
    "variance": "What the pairing is worth: variance of the effect against unpaired runs, "
    "of log sales and jobs of the chain.",
    "channels": "Entry points that levers and shocks move, and the stage that reads them.",
    "decomposition": "Why: the effects on localization, completeness, jobs, output, extension, R&D and strength by channel (`effect.channels`), after 1, 5, 10 "
    "and 15 years of policy and at the end; the channels of an indicator, tier and year add up to its mean effect. "
    "`tier` is empty for the chain.",
    "softening": "What a shock does to the chain without a policy and with it, in pairs of the same luck (`--under`).",
    "shares": "Shapley shares of levers or groups in the effect (`--split`), means of the pairs of runs.",
    "synergies": "What two levers or groups do together beyond what each does alone (`--split`).",
}
"""Tables of a comparison and what they hold."""

PLACES = {
    "arrays": ScenarioArrays,
    "region": Region,
    "calibration": Calibration,
    "flows": Flows,
    "reference": Reference,
    "": Economy,
}
"""Where an economy holds the parts of its state beside the columns; it holds a few things itself."""


STATE_OPENING = """
# State of the model

What rules and notebooks find in an `Economy`: n enterprises, S segments, P parks, T + 1 years from the base year on;
skills are ordinary, skilled; markets local_other, government, national, abroad. A copy of an economy shares only what no
run changes: the arrays of the scenario, its stages and the reference.

"""


def columns_of_comparisons() -> dict[str, list[str]]:
    """Columns of every table of a comparison."""
    smallest = cs.load(HERE.parent / "scenarios" / "two-regions-io.yaml", {"years.end": 2021})
    grants = {kind: {"type": kind, "rate": 0.1, "years": "2021"} for kind in ("rd_grant", "investment_grant")}
    policy = smallest.replace({"name": "grants", "levers": grants})
    effect = cs.compare(smallest, policy, replications=1, split=True, rank=True)
    slump = smallest.replace(
        {"name": "slump", "shocks.slump": {"type": "demand_shift", "change": -0.1, "years": "2021"}}
    )
    softening = cs.compare(smallest, policy, replications=1, under=slump).softening()
    return {name: list(table) for name, table in effect.tables().items()} | {"softening": list(softening)}


def comparison_pages() -> list[str]:
    """The part on comparisons."""
    parts = [
        "\n# Tables of a comparison\n\n`chainsim compare` writes them beside the tables of the runs of both worlds. "
    ]
    parts += ["A *unit of the row* stands in its column `unit`.\n"]
    made = columns_of_comparisons()
    for name, purpose in COMPARED.items():
        lines = comparison_rows([column for column in made[name] if column != "policy"])
        parts += [f"\n## {name} (comparison)\n\n{purpose}\n\n", table("| column | unit | meaning |", lines)]
    parts += ["\n## observed\n\nWhat was seen of every pair, by policy, replication, seed and year.\n\n"]
    seen = [(name, column) for name, columns in SEEN.items() for column in columns]
    lines = [f"| `{name}` {row}" for name, column in seen for row in comparison_rows([column])]
    return [*parts, table("| table | column | unit | meaning |", lines)]


def comparison_rows(columns: list[str]) -> list[str]:
    """Rows of a Markdown table of columns of a comparison."""
    said = meanings_of(columns)
    return [f"| `{name}` | {unit(said[name].unit)} | {said[name].meaning} |" for name in columns]


def state_pages() -> list[str]:
    """The part on the state: columns of enterprises, and fields of everything else."""
    lines = [state_row(column) for column in STATE]
    head = "| column | shape | unit | time | meaning | closing | New Year |"
    parts = [STATE_OPENING, "## Columns of enterprises (`economy.output`)\n\n", table(head, lines)]
    for place, kind in PLACES.items():
        lines = [
            f"| `{name}` | {said.shape} | {unit(said.unit)} | {said.time} | {said.meaning} |"
            for name, said in fields_of(kind).items()
        ]
        parts += [
            f"\n## {kind.__name__} (`{'.'.join(filter(None, ('economy', place)))}`)\n\n"
            f"{str(kind.__doc__).strip().splitlines()[0]}\n\n"
        ]
        parts += [table("| field | shape | unit | time | meaning |", lines)]
    return parts


def state_row(column: Column) -> str:
    """The row of a column: what it is, and what a closing and a New Year do to it."""
    ends = "0" if column.ends else "kept"
    said = (column.shape, unit(column.unit), column.time, column.meaning, ends, column.new_year)
    return f"| `{column.name}` | {' | '.join(said)} |"


def columns_of_tables() -> dict[str, list[str]]:
    """Columns that a run records in every table, without the keys of the run."""
    smallest = cs.load(HERE.parent / "scenarios" / "two-regions-io.yaml")
    run = cs.run(smallest.replace({"record.enterprises": True, "record.links": True, "years.end": 2021}), seed=1)
    return {name: [column for column in run.table(name) if column not in RUN_KEYS] for name in run.tables}


def rows(table: str, columns: list[str]) -> list[str]:
    """Rows of a Markdown table of columns with unit and meaning."""
    said = meanings(table, columns)
    return [f"| `{name}` | {unit(said[name].unit)} | {said[name].meaning} |" for name in columns]


def unit(text: str) -> str:
    """A unit as it stands in a table; pure numbers have none."""
    return "" if text == "1" else text


def table(head: str, lines: list[str]) -> str:
    """A Markdown table."""
    return "\n".join([head, "|---" * head.count(" | ") + "|---|", *lines]) + "\n"


def page() -> str:
    """The whole page."""
    recorded = columns_of_tables()
    keys = [f"| `{name}` | | {COLUMNS[name].meaning} |" for name in RUN_KEYS]
    parts = [OPENING, "## Keys of every table\n\n", table("| column | unit | meaning |", keys)]
    parts += [
        "\n## region, tiers, industries, segments\n\nAfter the keys: `scope` in `region`; `tier` in `tiers`; `segment`, `tier` and "
    ]
    parts += [
        "`industry` in `segments`. The last column says where an indicator is found. `industries` has the indicators of "
        "`tiers` by leading `industry`, the chain's segments only; it is there where segments state one.\n\n"
    ]
    lines = []
    for name in INDICATORS:
        there = [kind for kind in INDICATOR_TABLES if name in recorded[kind]]
        if there:
            where = "all" if len(there) == len(INDICATOR_TABLES) else ", ".join(there)
            lines += [f"| `{name}` | {unit(INDICATORS[name].unit)} | {INDICATORS[name].meaning} | {where} |"]
    parts += [table("| indicator | unit | meaning | in |", lines)]
    for name in recorded:
        if name not in INDICATOR_TABLES:
            lines = rows(name, recorded[name])
            parts += [f"\n## {name}\n\n{PURPOSES[name]}\n\n", table("| column | unit | meaning |", lines)]
    return "".join([*parts, statistics_part(), *comparison_pages(), *state_pages()])


def statistics_part() -> str:
    """What `Result.statistics` gives."""
    lines = [f"| `{name}` | {unit(item.unit)} | {item.meaning} |" for name, item in STATISTICS.items()]
    about = (
        "`result.statistics()`: the chain as yearbooks count it, a row a year, means of the runs; no file holds it.\n\n"
    )
    return "\n## statistics\n\n" + about + table("| column | unit | meaning |", lines)


if __name__ == "__main__":
    (HERE / "tables.md").write_text(page(), encoding="utf-8")
