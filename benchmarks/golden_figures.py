"""Main figures of five scenarios, kept beside the tests: they move only with a line under 'Results change'.

    python benchmarks/golden_figures.py            # says what has moved; some five seconds
    python benchmarks/golden_figures.py --renew    # keeps the figures of today

Where an equation, a parameter, a default or the data moved them, write a line under 'Results change' of CHANGELOG.md that
says so and why, and renew; where nothing of the kind was meant, the change has a mistake. Figures are held to eight digits
where exp, log and powers have the bits they had when the figures were kept. Other processors and libraries differ in the
last digit of sixteen, which fifteen years made one in 10^8; there figures are held to a thousandth, for a choice may fall
otherwise. `table_hashes.py` holds every bit of every table on one machine.
"""

import argparse
import hashlib
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numba import njit

import chainsim as cs

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "tests" / "golden_figures.csv"
CHANGELOG = ROOT / "CHANGELOG.md"
SCENARIOS = ("minimal", "two-regions-io", "jilin", "jilin-package", "chip-embargo")
INDICATORS = (
    *("output", "value_added", "employment", "exports", "rd", "tax_revenue", "fiscal_outlay", "enterprises", "quality"),
    *("productivity", "price", "localization_rate", "completeness", "extension", "strength", "unemployment_skilled"),
)
AFTER = (1, 3, 5, 10, 15)
"""Years after the base year."""
DIGITS = 9
SAME, SAME_ELSEWHERE = 1e-8, 1e-3
"""Relative difference of figures that are the same, with the same mathematics and with another one."""
KEYS = ["scenario", "year", "scope"]

ADVICE = (
    "{moved} figures of the golden scenarios moved. If results were meant to change: write why under 'Results change' of "
    "CHANGELOG.md, then `python benchmarks/golden_figures.py --renew`. If not: the change has a mistake; "
    "`python benchmarks/table_hashes.py` finds where."
)


def figures() -> pd.DataFrame:
    """The main figures of one run of every scenario, a row a year and scope, rounded to the digits kept."""
    parts = []
    for name in SCENARIOS:
        scenario = cs.load(ROOT / "scenarios" / f"{name}.yaml")
        region = cs.run(scenario, seed=1).region
        years = [scenario.years.start + after for after in AFTER]
        parts.append(region[region["year"].isin(years)].assign(scenario=name)[[*KEYS, *INDICATORS]])
    table = pd.concat(parts, ignore_index=True)
    return table.assign(**{name: [float(f"{value:.{DIGITS}g}") for value in table[name]] for name in INDICATORS})


@njit
def compiled(values: np.ndarray) -> np.ndarray:
    """Exp, log and powers of compiled code, element by element."""
    out = np.empty((3, values.size))
    for i, value in enumerate(values):
        out[0, i], out[1, i], out[2, i] = np.exp(value), np.log(value), value**0.7
    return out


def mathematics() -> str:
    """Digest of the bits of exp, log and powers, by NumPy and compiled."""
    values = np.linspace(0.01, 5.0, 4001)
    bits = np.stack([np.exp(values), np.log(values), values**0.7, np.log1p(values), np.expm1(values)])
    return hashlib.sha256(bits.tobytes() + compiled(values).tobytes()).hexdigest()[:16]


def moved(now: pd.DataFrame, kept: pd.DataFrame, same: float = SAME) -> list[str]:
    """What differs, one line a figure; a row that only one of both has differs as a whole."""
    one, other = (table.set_index(KEYS).astype(float) for table in (now, kept))
    told = [
        f"{', '.join(map(str, row))}: only now or only before" for row in one.index.symmetric_difference(other.index)
    ]
    told += [f"{name}: not kept before" for name in one.columns.symmetric_difference(other.columns)]
    rows, columns = one.index.intersection(other.index), one.columns.intersection(other.columns)
    after, before = (table.loc[rows, columns].to_numpy() for table in (one, other))
    for row, column in np.argwhere(~np.isclose(after, before, rtol=same, atol=0.0, equal_nan=True)):
        place = ", ".join(map(str, rows[row]))
        told.append(f"{place}: {columns[column]} {before[row, column]:.{DIGITS}g} -> {after[row, column]:.{DIGITS}g}")
    return told


def results_change(changelog: str) -> str:
    """Digest of what the changelog says under the first 'Results change'."""
    told = changelog.partition("\n### Results change\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    return hashlib.sha256(told.strip().encode()).hexdigest()[:16]


class Kept(NamedTuple):
    """The figures kept last, and digests of 'Results change' and of the mathematics they were made with."""

    told: str
    mathematics: str
    figures: pd.DataFrame

    @property
    def same(self) -> float:
        """Relative difference at which a figure of this machine is the same."""
        return SAME if self.mathematics == mathematics() else SAME_ELSEWHERE


def kept_figures(file: Path = KEPT) -> Kept:
    """The figures kept last."""
    if not file.exists():
        return Kept("", "", pd.DataFrame(columns=[*KEYS, *INDICATORS]))
    digests = [line.split()[-1] for line in file.read_text(encoding="utf-8").split("\n", 2)[:2]]
    return Kept(digests[0], digests[1], pd.read_csv(file, comment="#"))


def renew(now: pd.DataFrame, changelog: str, file: Path = KEPT) -> str:
    """Keep the figures of today; returns why not where the changelog says nothing new."""
    kept = kept_figures(file)
    if not moved(now, kept.figures):
        return ""
    if kept.told == results_change(changelog):
        return "figures moved, but 'Results change' of CHANGELOG.md says nothing new: write there what changed and why"
    head = (
        f"# by `python benchmarks/golden_figures.py --renew`; digest of 'Results change': {results_change(changelog)}\n"
    )
    head += f"# digest of the bits of exp, log and powers: {mathematics()}\n"
    file.write_text(head + now.to_csv(index=False, float_format=f"%.{DIGITS}g"), encoding="utf-8")
    return ""


def main() -> int:
    """Compare or renew; exit 1 where figures moved and were not renewed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renew", action="store_true", help="keep the figures of today")
    asked, now = parser.parse_args(), figures()
    kept = kept_figures()
    changed = moved(now, kept.figures, kept.same)
    print("\n".join(changed))
    refused = renew(now, CHANGELOG.read_text(encoding="utf-8")) if asked.renew else ""
    if refused or (changed and not asked.renew):
        print(refused or ADVICE.format(moved=len(changed)))
        return 1
    print(f"{len(changed)} figures moved of {now[list(INDICATORS)].size}" + (", renewed" if changed else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
