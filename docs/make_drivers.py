"""Measures the table of docs/sweeps.md of what drives the flagship and the package: `python docs/make_drivers.py`.

128 crossed worlds of two seeds each, some ten minutes on one core.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pandas as pd

import chainsim as cs
from chainsim.effects.effect_tables import values
from chainsim.effects.world_shares import drivers, group_shares

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "scenarios"
WORLDS, JOBS, NAMED, YEAR = 128, 2, 5, 2035
LEVELS = {"localization_rate_fixed": "localization rate, base-year weights", "output": "output", "employment": "jobs"}
EFFECTS = {
    "output": ("output", 1.0, 0, " CNY million"),
    "employment": ("jobs", 1.0, 0, ""),
    "localization_rate_fixed": ("localization", 100.0, 1, " points"),
    "strength": ("strength", 1.0, 3, ""),
}


def share(row: pd.Series) -> str:
    """A share in per cent with its bounds; the bounds alone where they leave everything open."""
    low, high = (round(100 * row[end]) for end in ("low", "high"))
    return f"{low} to {high} %" if (low, high) == (0, 100) else f"{100 * row['share']:.0f} % ({low} to {high})"


def row_of(heading: str, groups: pd.DataFrame, found: pd.DataFrame) -> str:
    """A row of the table: shares of economy, package and luck, and the strongest numbers, `?` where they may be chance."""
    parts = [share(groups.set_index("group").loc[name]) for name in ("economy", "policy", "luck")]
    strongest = found[found["group"] != "luck"].head(NAMED)
    names = [
        f"`{row['path'].removeprefix('stages.')}` {share(row)}{'' if row['told'] else ' ?'}"
        for _, row in strongest.iterrows()
    ]
    return f"| {heading} | {' | '.join(parts)} | {', '.join(names)} |"


def table(effect: cs.Effect) -> str:
    """The whole table."""
    lines = [
        f"| in {YEAR}, {effect.worlds} crossed worlds x 2 | economy | package's own numbers | luck | five numbers that seem to drive it most |",
        "|---|---|---|---|---|",
    ]
    for name, words in LEVELS.items():
        both = values(effect.base, effect.policy, name)
        last = int(both.keys.index[both.keys["year"] == YEAR][0])
        level = both.base[:, last].reshape(effect.worlds, -1)
        lines.append(row_of(words, group_shares(level, effect.seen["worlds"]), drivers(level, effect.seen["worlds"])))
    told = effect.table(YEAR).set_index("indicator")
    for name, (words, factor, digits, unit) in EFFECTS.items():
        row = told.loc[name]
        value, low, high = (f"{factor * row[end]:,.{digits}f}" for end in ("effect", "low90", "high90"))
        agree = f"{round(row['same_sign'] * effect.worlds)} of {effect.worlds} worlds"
        heading = f"*effect on* {words}, {value}{unit} ({low} to {high}; {agree})"
        lines.append(row_of(heading, effect.driver_groups(name, YEAR), effect.drivers(name, YEAR)))
    return "\n".join(lines)


if __name__ == "__main__":
    base, package = cs.load(SCENARIOS / "jilin.yaml"), cs.load(SCENARIOS / "jilin-package.yaml")
    page = HERE / "sweeps.md"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # worlds without an economy are left out, and counted in the table
        made = table(cs.compare(base, package, worlds=WORLDS, vary="crossed", replications=2, jobs=JOBS))
    print(made)
    filled = re.sub(
        r"(<!-- drivers -->\n).*?(<!-- end -->)",
        lambda found: found[1] + made + "\n" + found[2],
        page.read_text(encoding="utf-8"),
        flags=re.S,
    )
    page.write_text(filled, encoding="utf-8")
