"""Measures the tables of single levers in docs/lever-responses.md: `python docs/make_responses.py [PAIRS]`.

Between `<!-- table -->` and `<!-- why -->`; twenty pairs take some six minutes on one core.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from signs import sign_table

import chainsim as cs
from chainsim.effects.channel_watch import COMPLETENESS_FIXED, EXTENSION, OUTPUT, RD, STRENGTH
from chainsim.effects.channels import FIXED, JOB_YEARS
from chainsim.levers import Budget, Lever

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "scenarios"
PAIRS = 20
AIMS = {
    OUTPUT: "output",
    JOB_YEARS: "job-years",
    FIXED: "localization",
    COMPLETENESS_FIXED: "completeness",
    EXTENSION: "extension",
    STRENGTH: "strength",
    RD: "R&D",
}
HEAD = "| lever, as in its file | outlay, m | sales of the chain, % after 1, 5, 10, 15 years | jobs after 10 years | job-years | outlay per job-year, thousand | variance ratio, 5, 10, 15 years |"


def size(lever: Lever) -> str:
    """Strength and budget of a lever in a few words."""
    strength = lever.full_strength
    shown = " to ".join(f"{value:g}" for value in strength.values()) if isinstance(strength, dict) else f"{strength:g}"
    field = "floor" if getattr(lever, "floor", None) else lever.strength_field
    budget = lever.budget.yearly if isinstance(lever.budget, Budget) else lever.budget
    money = f", {budget:g} m a year" if isinstance(budget, int | float) and field != "budget" else ""
    return f"{field} {shown}{money}"


def spread(values: np.ndarray, digits: int) -> str:
    """Mean and standard error over the pairs."""
    error = values.std(ddof=1) / np.sqrt(len(values))
    return f"{values.mean():.{digits}f} ({error:.{digits}f})"


def paths(result: cs.Result, indicator: str) -> np.ndarray:
    """An indicator of the chain, (pairs, years)."""
    chain = result.region[result.region["scope"] == "chain"]
    return chain.pivot(index="replication", columns="year", values=indicator).to_numpy()


def row(effect: cs.Effect, path: Path) -> str:
    """The line of one lever."""
    lever = next(iter(cs.load(path).levers.values()))
    sales, jobs = ([paths(result, key) for result in (effect.base, effect.policy)] for key in ("output", "employment"))
    last = effect.base.years[1] - effect.base.years[0]
    first = effect.first_year - effect.base.years[0]
    reached = [min(first - 1 + number, last) for number in (1, 5, 10, 15)]
    growth = 100 * (np.log(sales[1]) - np.log(sales[0]))
    added = (jobs[1] - jobs[0]).sum(axis=1)
    outlay = effect.policy.levers.groupby("replication")["outlay"].sum().to_numpy()
    paired = effect.certificate.variance
    ratios = paired[(paired["indicator"] == "output") & (paired["years"] > 1)]["ratio"]
    certain = added.mean() > 2 * added.std(ddof=1) / np.sqrt(len(added))
    price = f"{1000 * outlay.mean() / added.mean():,.0f}" if certain and outlay.mean() > 0 else "–"
    cells = [
        f"[{lever.type}](../scenarios/{path.name}): {size(lever)}",
        f"{outlay.mean():,.0f}",
        ", ".join(spread(growth[:, year], 2) for year in reached),
        spread((jobs[1] - jobs[0])[:, reached[2]], 0),
        spread(added, 0),
        price,
        ", ".join("–" if pd.isna(ratio) else f"{ratio:.2g}" for ratio in ratios),
    ]
    return f"| {' | '.join(cells)} |"


def tables(files: list[Path], pairs: int) -> dict[str, str]:
    """All levers, and why what is zero or negative is so, as Markdown tables by mark."""
    base = cs.load(SCENARIOS / "jilin.yaml")
    effect = cs.compare(base, *map(cs.load, files), replications=pairs, progress=True)
    lines = [row(part, path) for part, path in zip(effect.parts, files, strict=True)]
    return {"table": "\n".join([HEAD, "|" + "---|" * 7, *lines]), "why": sign_table(effect, AIMS)}


def written(text: str, mark: str, table: str) -> str:
    """The page with one of its tables made anew."""
    return re.sub(
        rf"(<!-- {mark} -->\n).*?(<!-- end -->)", lambda found: found[1] + table + "\n" + found[2], text, flags=re.S
    )


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    page = HERE / "lever-responses.md"
    text = re.sub(r"(baseline, in )\d+( pairs)", rf"\g<1>{number}\2", page.read_text(encoding="utf-8"))
    for mark, table in tables(sorted(SCENARIOS.glob("lever-*.yaml")), number).items():
        text = written(text, mark, table)
    page.write_text(text, encoding="utf-8")
