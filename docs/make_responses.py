"""Measures the table of docs/lever-responses.md: `python docs/make_responses.py`, some five minutes on one core."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

import chainsim as cs
from chainsim.levers import Budget, Lever

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "scenarios"
PAIRS = 20
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


def table() -> str:
    """All levers as a Markdown table."""
    base = cs.load(SCENARIOS / "jilin.yaml")
    paths = sorted(SCENARIOS.glob("lever-*.yaml"))
    effect = cs.compare(base, *map(cs.load, paths), replications=PAIRS, progress=True)
    lines = [row(part, path) for part, path in zip(effect.parts, paths, strict=True)]
    return "\n".join([HEAD, "|" + "---|" * 7, *lines])


if __name__ == "__main__":
    page = HERE / "lever-responses.md"
    text = page.read_text(encoding="utf-8")
    made = re.sub(
        r"(<!-- table -->\n).*?(<!-- end -->)", lambda found: found[1] + table() + "\n" + found[2], text, flags=re.S
    )
    page.write_text(made, encoding="utf-8")
